"""
The schema and its history.
"""

from __future__ import annotations

import hashlib
import re
from pathlib import Path

import apsw
import pytest

from carrierpost.model import Channel, TokenPurpose
from carrierpost.protocol.classes import ContentClass
from carrierpost.store import StoreError, StoreTooNew, open_store
from carrierpost.store.queries import load_migrations
from carrierpost.store.sqlite_migrations import migrate
from tests.store.conftest import SteadyClock

OLD = Path(__file__).parent / "old"
MIGRATIONS = load_migrations("sqlite")


def schema(connection: apsw.Connection) -> set[tuple[str, str]]:
    """Give all that is defined, whatever the white space."""
    rows = connection.execute("SELECT name, sql FROM sqlite_master WHERE sql IS NOT NULL").fetchall()
    return {(str(name), " ".join(str(text).split())) for name, text in rows}


def memory(migrations: list[tuple[int, str, str]]) -> apsw.Connection:
    connection = apsw.Connection(":memory:")
    migrate(connection, migrations, name="store.db")
    return connection


def test_migrations_are_numbered_without_gaps() -> None:
    """They run in the order of their numbers, from 1, and each says what it is for."""
    assert [number for number, _, _ in MIGRATIONS] == list(range(1, len(MIGRATIONS) + 1))
    for number, name, text in MIGRATIONS:
        assert re.fullmatch(rf"{number:04}-[a-z0-9-]+\.sql", name)
        assert text.startswith("-- ")


def test_each_is_recorded_and_run_once() -> None:
    """Name and checksum of what was run stand in the store; a second time nothing happens."""
    connection = memory(MIGRATIONS)
    recorded = connection.execute("SELECT * FROM migrations").fetchall()
    assert recorded == [(number, name, hashlib.sha256(text.encode()).hexdigest()) for number, name, text in MIGRATIONS]
    before = schema(connection)
    migrate(connection, MIGRATIONS, name="store.db")
    assert schema(connection) == before


def test_one_that_was_changed_is_refused() -> None:
    """A store that was made by another text of a migration is not what this program knows."""
    connection = memory(MIGRATIONS)
    number, name, text = MIGRATIONS[0]
    with pytest.raises(StoreError, match=rf"store\.db.*{name}.*account rebuild"):
        migrate(connection, [(number, name, text + " "), *MIGRATIONS[1:]], name="store.db")


def test_one_that_fails_leaves_nothing_behind() -> None:
    """It is run whole or not at all, and the ones before it stay."""
    connection = memory(MIGRATIONS)
    before = schema(connection)
    wrong = (len(MIGRATIONS) + 1, "9999-wrong.sql", "-- x\nCREATE TABLE half (a); INSERT INTO nowhere VALUES (1);")
    with pytest.raises(apsw.SQLError):
        migrate(connection, [*MIGRATIONS, wrong], name="store.db")
    assert schema(connection) == before
    migrate(connection, MIGRATIONS, name="store.db")


async def test_a_store_of_a_newer_program_is_refused(tmp_path: Path, clock: SteadyClock) -> None:
    """One sentence says so, and the store stays as it is."""
    path = tmp_path / "store.db"
    await (await open_store(path, None, clock=clock)).close()
    connection = apsw.Connection(str(path))
    connection.execute("INSERT INTO migrations VALUES (999, '0999-future.sql', 'x')")
    connection.close()
    before = path.read_bytes()
    with pytest.raises(StoreTooNew, match=r"store\.db was written by a newer Carrierpost"):
        await open_store(path, None, clock=clock)
    assert path.read_bytes() == before


@pytest.mark.parametrize("number", [number for number, _, _ in MIGRATIONS])
async def test_every_older_store_becomes_a_current_one(tmp_path: Path, clock: SteadyClock, number: int) -> None:
    """
    A store as each version made it, with a sample of everything in it, is brought up to date: its schema is that of a
    new one, and all that was in it is there.
    """
    sample = OLD / f"{number:04}.sql"
    assert sample.exists(), f"there is no sample of version {number}; see tests/store/old/make.py"
    path = tmp_path / "store.db"
    connection = apsw.Connection(str(path))
    migrate(connection, MIGRATIONS[:number], name="store.db")
    connection.execute(sample.read_text(encoding="utf-8"))
    connection.close()

    async with await open_store(path, None, clock=clock) as store:
        assert (await store.hub_setting("notify.trial") is not None) is (number >= 8)
        assert await store.check() == ()
        [account] = await store.accounts()
        assert await store.count(account.id) == {
            ContentClass.EMAIL: 2,
            ContentClass.CONTACTS: 1,
            ContentClass.CALENDAR: 1,
            ContentClass.NOTES: 1,
        }
        assert [hit.item.server_id for hit in await store.search(account.id, "birch")] == ["m2"]
        password = await store.secret(account.id, "password")
        assert password is not None
        assert password.reveal() == "secret"
        assert [(one.client_id, one.payload) for one in await store.outbox(account.id)] == [("a", b"\0x")]
        assert [one.server_id for one in await store.set_aside(account.id)] == ["x"]
        versions = await store.policy_versions()
        assert [one.why for one in versions] == ([] if number < 2 else ["trial"])
        assert [one.detail for one in await store.audit_log()] == [one.why for one in versions]
        changes = await store.feed(account.id)
        assert [one.number for one in changes] == list(range(1, account.feed_position + 1))
        assert [(one.newest.server_id, one.count) for one in await store.threads(account.id)] == [("m3", 1), ("m2", 1)]
        assert [one.server_id for one in await store.thread((await store.threads(account.id))[0].newest.id)] == ["m3"]
        [raw] = [one for one in await store.items(account.id) if one.server_id == "m3"]
        body = await store.body(raw.id)
        assert body is not None
        assert body.data == b"\xff raw"
        if number >= 6:
            [device] = await store.devices(account.id)
            assert (device.name, (await store.device_life(device.id)).channel) == ("Ada's phone", Channel.WEB_PUSH)
            assert await store.device_token("hash of a token") is not None
            session = await store.session("hash of a session")
            assert session is not None
            assert [one.device_id for one in session.accounts] == [device.id]
            assert await store.take_ticket("hash of a ticket", "sign-in") is not None
        if number >= 9:
            assert [one.reason for one in await store.notices(account.id)] == ["it is new in Inbox"]
            assert [one.told for one in await store.trace(account.id)] == [True]
            assert (await store.notice_settings(device.id)).vips == {"bea@elm.example"}
        if number >= 10:
            assert await store.device_token("hash of a password") is None
            assert await store.device_token("hash of a password", TokenPurpose.CONTACTS) is not None
            assert [one.name for one in await store.card_names(account.id)] == ["zoe.vcf"]
            assert await store.cards_put_back(device.id) == {"kept.vcf": 1}
        # What came before anybody could be told is no news.
        assert (await store.notify_positions())[account.id] == (1 if number >= 9 else account.feed_position)
        assert await store.check() == ()
    connection = apsw.Connection(str(path))
    assert schema(connection) == schema(memory(MIGRATIONS))
    connection.close()
