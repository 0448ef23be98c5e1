"""
The contract: settings of the hub as a whole.
"""

from __future__ import annotations

from pathlib import Path

from carrierpost.protocol.secret import Secret
from carrierpost.store import Store, open_store, rebuild_store
from tests.store.conftest import Place, SteadyClock

KEY = bytes(range(32))


async def test_a_setting_is_kept_replaced_and_forgotten(store: Store, place: Place, clock: SteadyClock) -> None:
    """It is there after the store was opened again, and a second one of its name takes its place."""
    await store.put_hub_setting("notify.apns", Secret("one"))
    await store.put_hub_setting("notify.apns", Secret("two"))
    await store.put_hub_setting("other", Secret("three"))
    async with await place.open(clock) as again:
        assert await again.hub_setting("notify.apns") == Secret("two")
        assert await again.hub_settings("notify.") == {"notify.apns": Secret("two")}
    assert list(await store.hub_settings()) == ["notify.apns", "other"]
    assert await store.drop_hub_setting("other")
    assert not await store.drop_hub_setting("other")
    assert await store.hub_setting("other") is None


async def test_keys_of_channels_are_not_readable_in_the_file(tmp_path: Path, clock: SteadyClock) -> None:
    """A setting lies in the encrypted store and nowhere else."""
    async with await open_store(tmp_path / "store.db", KEY, clock=clock) as store:
        await store.put_hub_setting("notify.apns", Secret("-----BEGIN PRIVATE KEY-----"))
        written = b"".join(file.read_bytes() for file in tmp_path.iterdir())  # noqa: ASYNC240 - small files
    assert b"PRIVATE KEY" not in written
    assert len(written) > 10_000


async def test_settings_are_taken_over_when_a_store_is_rebuilt(tmp_path: Path, clock: SteadyClock) -> None:
    """Keys that browsers subscribed with cannot be had again from any server."""
    path = tmp_path / "store.db"
    async with await open_store(path, KEY, clock=clock) as store:
        await store.put_hub_setting("notify.web-push", Secret("key"))
    rebuild_store(path, KEY, KEY, clock=clock)
    async with await open_store(path, KEY, clock=clock) as store:
        assert await store.hub_setting("notify.web-push") == Secret("key")
