"""
A wipe order from end to end: what goes, what stays, what the server hears, and what a kill in the middle changes.
"""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from carrierpost.engine import AccountStopped
from carrierpost.model import AccountState, OutboxState, Secret
from carrierpost.protocol.commands.provision import WipeKind
from carrierpost.protocol.version import Version
from carrierpost.server import faults
from tests.support.hub import ADDRESS, Bench, bench, mail
from tests.support.virtual import virtual

KINDS = pytest.mark.parametrize(
    ("version", "kind"),
    [(Version.V12_1, WipeKind.DEVICE), (Version.V14_1, WipeKind.DEVICE), (Version.V16_1, WipeKind.DEVICE),
     (Version.V16_1, WipeKind.ACCOUNT)],
)  # fmt: skip


async def furnish(made: Bench) -> None:
    """Let the hub hold something of every kind."""
    mail(made.mailbox, 1)
    await made.store.put_secret(made.account_id, "login", Secret("token"))
    await made.new_runner().sync_once()
    await made.store.index()
    await made.editor.send(b"To: x@larch.example\r\nSubject: x\r\n\r\nx")


async def is_erased(made: Bench) -> bool:
    """Tell whether nothing of the account can be read any more."""
    store, which = made.store, made.account_id
    found = [await store.items(which), await store.collections(which), await store.outbox(which),
             await store.set_aside(which), await store.search(which, "text")]  # fmt: skip
    return not any(found)


@KINDS
@virtual
async def test_WI1_a_kill_between_the_wipe_and_its_acknowledgement_loses_neither(
    version: Version, kind: WipeKind
) -> None:
    """
    The data is gone, the hub dies before the server hears of it: the next start tells it, and then forgets the login.
    """
    async with bench(version=version) as made:
        await furnish(made)
        made.server.order_wipe(ADDRESS, kind)
        working = asyncio.ensure_future(made.runner.run())
        while (await made.account()).state is not AccountState.WIPED:
            await asyncio.sleep(0)
        working.cancel()
        await asyncio.gather(working, return_exceptions=True)
        await made.runner.close()
        assert await is_erased(made)
        assert made.server.device(ADDRESS).wipe.value == "ordered"
        assert await made.store.secret(made.account_id, "login") is not None  # or nobody could tell the server

        with pytest.raises(AccountStopped, match="erased here"):
            await made.new_runner().sync_once()
        assert made.server.device(ADDRESS).wipe.value == "done"
        assert await made.store.secret(made.account_id, "login") is None
        account = await made.account()
        assert (account.state, account.wipe_owed, account.policy) == (AccountState.WIPED, "", {})


@KINDS
@virtual
async def test_WI1_killed_at_any_moment_a_wipe_ends_the_same(version: Version, kind: WipeKind) -> None:
    """Whenever the hub is killed while it obeys, afterwards everything is gone and the server knows."""
    for turns in range(0, 60, 3):
        async with bench(version=version) as made:
            await furnish(made)
            made.server.order_wipe(ADDRESS, kind)
            working = asyncio.ensure_future(made.runner.run())
            for _ in range(turns):
                await asyncio.sleep(0)
            working.cancel()
            await asyncio.gather(working, return_exceptions=True)
            await made.runner.close()
            with pytest.raises(AccountStopped):
                await made.new_runner().sync_once()
            assert await is_erased(made), turns
            assert made.server.device(ADDRESS).wipe.value == "done", turns
            assert await made.store.secret(made.account_id, "login") is None, turns


@virtual
async def test_WI1_a_server_that_never_hears_of_it_does_not_keep_the_login_here() -> None:
    """It cannot be reached any more: after some attempts the login goes untold, and nothing more is sent."""
    async with bench() as made:
        await furnish(made)
        made.server.order_wipe(ADDRESS)
        made.server.faults.add(faults.mutate_between(lambda: None), command="Provision", times=1)  # the order comes
        made.server.faults.add(faults.drop_before_commit(), command="Provision", times=None)
        async with made.running(3600.0):
            assert made.requests("Provision") <= 2 + 1 + 5
        account = await made.account()
        assert (account.state, account.wipe_owed) == (AccountState.WIPED, "")
        assert await made.store.secret(made.account_id, "login") is None
        assert made.server.device(ADDRESS).wipe.value == "ordered"
        asked = len(made.server.log)
        async with made.running(86400.0):
            assert len(made.server.log) == asked


@virtual
async def test_WI1_a_wipe_that_12_1_announces_by_403_is_obeyed() -> None:
    """A device without a policy key hears of it as of any refusal; asked once more, the server says what it is."""
    async with bench(version=Version.V12_1, policy=None) as made:
        await furnish(made)
        assert (await made.account()).policy_key == "0"
        made.server.order_wipe(ADDRESS)
        with pytest.raises(AccountStopped, match="erased here"):
            await made.new_runner().sync_once()
        assert await is_erased(made)
        assert made.server.device(ADDRESS).wipe.value == "done"


@virtual
async def test_WI1_a_403_without_an_order_stays_a_refusal() -> None:
    """A user who is kept out is told so, and loses nothing."""
    async with bench(version=Version.V12_1, policy=None) as made:
        await furnish(made)
        made.server.refused[ADDRESS, None] = 126
        with pytest.raises(AccountStopped, match="403"):
            await made.new_runner().sync_once()
        assert len(await made.store.collections(made.account_id)) > 3
        assert await made.store.secret(made.account_id, "login") is not None


@KINDS
@virtual
async def test_WI1_nothing_outside_the_account_is_touched(version: Version, kind: WipeKind, tmp_path: Path) -> None:
    """
    A wipe of the whole device is obeyed as one of the account: the neighbour's mail, login and queue are untouched, so
    are files; feed and account say what was ordered and what was done.
    """
    file = tmp_path / "photo.jpg"
    file.write_bytes(b"mine")
    async with bench(version=version) as made:
        other = await made.second("bea@larch.example", device_id="DEVICE2")
        await furnish(made)
        mail(other.mailbox, 2)
        await made.store.put_secret(other.account_id, "login", Secret("hers"))
        await other.new_runner().sync_once()
        queued = await other.editor.send(b"To: x@larch.example\r\nSubject: y\r\n\r\ny")
        made.server.order_wipe(ADDRESS, kind)
        with pytest.raises(AccountStopped):
            await made.new_runner().sync_once()
        assert await is_erased(made)
        assert len(await other.held()) == 1
        assert [(one.id, one.state) for one in await made.store.outbox(other.account_id)] == [
            (queued.id, OutboxState.QUEUED)
        ]
        kept = await made.store.secret(other.account_id, "login")
        assert kept is not None
        assert kept.reveal() == "hers"
        assert file.read_bytes() == b"mine"
        said = [one.detail for one in await made.store.feed(made.account_id) if "wiped" in one.detail]
        assert said
        assert ("this device" in said[0]) is (kind is WipeKind.DEVICE)
        await other.runner.close()
