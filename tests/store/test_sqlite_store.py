"""
What is SQLite's own: encryption, refusals, the plans of queries, and that nothing of it is known elsewhere.
"""

from __future__ import annotations

import re
import stat
from pathlib import Path

import apsw
import pytest

from carrierpost.model import IntentKind, NewOutboxEntry, Secret
from carrierpost.store import StoreDamaged, StoreError, WrongKey, open_store
from carrierpost.store.queries import load_queries
from tests.store.conftest import KEY, SteadyClock
from tests.store.values import Mailbox, mail

SOURCE = Path(__file__).parent.parent.parent / "src" / "carrierpost"
MARK = "Zwetschgenröster"


async def filled(path: Path, key: bytes | None, clock: SteadyClock) -> Mailbox:
    """Make a store that holds a word in every place that can hold one."""
    box = await Mailbox.begin(await open_store(path, key, clock=clock))
    await box.sync(adds=(mail(1, f"{MARK} " * 50, subject=MARK), mail(2, "other")), note=MARK)
    await box.store.put_secret(box.id, "password", Secret(MARK))
    await box.store.queue(NewOutboxEntry(account_id=box.id, kind=IntentKind.SEND, client_id="1", payload=MARK.encode()))
    await box.store.index()
    return box


def raw(path: Path) -> bytes:
    return b"".join(file.read_bytes() for file in sorted(path.parent.glob(f"{path.name}*")))


async def test_nothing_can_be_read_without_the_key(tmp_path: Path, clock: SteadyClock) -> None:
    """Neither the file nor what SQLite keeps beside it holds a word of the mail, while open and afterwards."""
    path = tmp_path / "store.db"
    box = await filled(path, KEY, clock)
    written = raw(path)
    await box.store.close()
    for data in (written, raw(path)):
        assert len(data) > 10_000
        for word in (
            MARK.encode(),
            MARK.lower().encode(),
            b"zwetschgenroster",
            b"SQLite format",
            b"CREATE TABLE",
            b"larch",
        ):
            assert word not in data
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


async def test_the_search_for_plain_text_finds_it(tmp_path: Path, clock: SteadyClock) -> None:
    """Without encryption the same words are there: the test above looks in the right place."""
    path = tmp_path / "store.db"
    box = await filled(path, None, clock)
    data = raw(path)
    await box.store.close()
    assert MARK.encode() in data
    assert b"zwetschgenroster" in data


@pytest.mark.parametrize("how", ["remove", "wipe"])
async def test_nothing_is_left_of_a_forgotten_account(tmp_path: Path, clock: SteadyClock, how: str) -> None:
    """No page of the file keeps a word of it, not even of the index; what another account holds stays."""
    path = tmp_path / "store.db"
    box = await filled(path, None, clock)
    other = await Mailbox.begin(box.store, "bea@elm.example")
    await other.sync(adds=(mail(7, "hornbeam"),))
    await box.store.index()
    if how == "remove":
        await box.store.remove_account(box.id)
    else:
        await box.store.wipe_account(box.id, "ordered")
    assert await box.store.check() == ()
    await box.store.close()
    data = raw(path)
    assert b"hornbeam" in data
    assert MARK.encode() not in data
    assert b"zwetschgenr" not in data.lower()
    assert (b'"login":"ada@larch.example"' in data) == (how == "wipe")


@pytest.mark.parametrize("key", [bytes(32), None])
async def test_a_wrong_key_is_refused_and_harms_nothing(tmp_path: Path, clock: SteadyClock, key: bytes | None) -> None:
    """The sentence names the file and what to do; with the right key all is there."""
    path = tmp_path / "store.db"
    await (await filled(path, KEY, clock)).store.close()
    before = raw(path)
    with pytest.raises(WrongKey, match=r"store\.db cannot be opened.*account rebuild"):
        await open_store(path, key, clock=clock)
    assert raw(path) == before
    async with await open_store(path, KEY, clock=clock) as store:
        assert len(await store.accounts()) == 1


async def test_a_store_without_key_is_not_opened_with_one(tmp_path: Path, clock: SteadyClock) -> None:
    """A plain file is not taken for an encrypted one."""
    path = tmp_path / "store.db"
    await (await filled(path, None, clock)).store.close()
    with pytest.raises(WrongKey):
        await open_store(path, KEY, clock=clock)


@pytest.mark.parametrize("content", [b"", b"x", b"no database at all\n" * 500])
async def test_what_is_no_store_is_refused(tmp_path: Path, clock: SteadyClock, content: bytes) -> None:
    """A file that is empty or something else is neither opened nor overwritten."""
    path = tmp_path / "store.db"
    path.write_bytes(content)
    with pytest.raises((WrongKey, StoreDamaged), match=r"store\.db"):
        await open_store(path, KEY, clock=clock)
    assert path.read_bytes() == content


async def test_a_place_that_cannot_be_written(tmp_path: Path, clock: SteadyClock) -> None:
    """A folder that is not there, or a folder in the file's place, is named in one sentence."""
    (tmp_path / "folder").mkdir()
    for path in (tmp_path / "missing" / "store.db", tmp_path / "folder"):
        with pytest.raises((StoreError, OSError), match=path.name):
            await open_store(path, KEY, clock=clock)


async def test_a_locked_store_says_so(tmp_path: Path, clock: SteadyClock, monkeypatch: pytest.MonkeyPatch) -> None:
    """Somebody else writes and does not end: one sentence instead of a traceback."""
    monkeypatch.setattr("carrierpost.store.sqlite._PATIENCE", 1)
    path = tmp_path / "store.db"
    box = await filled(path, None, clock)
    other = apsw.Connection(str(path))
    other.execute("BEGIN IMMEDIATE")
    with pytest.raises(StoreError, match="locked"):
        await box.sync()
    other.execute("ROLLBACK")
    other.close()
    await box.sync()
    await box.store.close()


SCANS_ON_PURPOSE = {
    "accounts",  # all of them are wanted
    "feed_positions",  # likewise, once for each commit of another process
    "old_changes",  # of all accounts; each one's changes are found by their numbers
    "waiting_for_index",  # its beginning is wanted, in the order of the table
    "all_data",  # the consistency check reads everything
    *load_queries("checks.sql"),
    "words_without_item",
    "items_without_words",
    "search",  # the index of words is a virtual table
    "add_words",
    "delete_words",
    "purge_words",
    "keep_counter",
    "newest_policy_version",  # the first row of the table backwards
    "policy_versions",  # its last ones are wanted
    "audit_end",  # one row
    "set_audit_end",
    "devices",  # likewise
    *(f"delete_{what}" for what in ("expired_sessions", "idle_sessions", "expired_tokens", "expired_tickets")),
    *("delete_old_answers", "delete_full_buckets"),  # the sweep, now and then
}


async def test_no_query_reads_a_whole_table(tmp_path: Path, clock: SteadyClock) -> None:
    """
    Whatever a synchronisation asks is found by an index, so that a sync with nothing new costs the same with any number
    of items held.
    """
    path = tmp_path / "store.db"
    await (await filled(path, None, clock)).store.close()
    connection = apsw.Connection(str(path))
    queries = load_queries(
        "queries.sql", "devices.sql", "cards.sql", "checks.sql", "sqlite/queries.sql", "sqlite/rebuild.sql"
    )
    scans = {}
    for name, text in queries.items():
        values = [None] * len(set(re.findall(r"\$\d+", text)))
        plan = [row[3] for row in connection.execute(f"EXPLAIN QUERY PLAN {text}", values)]
        if any(re.match(r"SCAN (?!json_each)", step) for step in plan):
            scans[name] = plan
    connection.close()
    assert set(scans) - SCANS_ON_PURPOSE == set(), scans
    assert set(queries) >= SCANS_ON_PURPOSE


LISTS = {
    "items_of_account", "items_of_class", "items_of_collection", "threads_of_account", "threads_of_collection",
    "items_of_thread",
}  # fmt: skip


async def test_no_list_is_sorted(tmp_path: Path, clock: SteadyClock) -> None:
    """Lists are read in the order of an index, so that their first page costs the same with any number of mails."""
    path = tmp_path / "store.db"
    await (await filled(path, None, clock)).store.close()
    connection = apsw.Connection(str(path))
    queries = load_queries("queries.sql")
    for name in LISTS:
        values = [None] * len(set(re.findall(r"\$\d+", queries[name])))
        plan = " | ".join(row[3] for row in connection.execute(f"EXPLAIN QUERY PLAN {queries[name]}", values))
        assert "TEMP B-TREE" not in plan, f"{name}: {plan}"
        assert "USING INDEX items_of_" in plan, f"{name}: {plan}"
    connection.close()


def test_nothing_but_its_own_files_knows_of_sqlite() -> None:
    """PostgreSQL is to join by files beside these: no other module, and no shared SQL, says what only SQLite knows."""
    own = re.compile(
        r"\b(?:apsw|sqlite3|rowid|json_each|PRAGMA|fts5|MATCH|AUTOINCREMENT|WITHOUT ROWID)\b", re.IGNORECASE
    )
    found = []
    for path in sorted([*SOURCE.rglob("*.py"), *SOURCE.glob("store/sql/*.sql")]):
        if path.parent.name == "store" and path.name.startswith("sqlite"):
            continue
        text = path.read_text(encoding="utf-8")
        if path.suffix == ".sql":
            text = re.sub(r"--.*", "", text)
            words = own.findall(text)
        else:
            words = re.findall(r"\b(?:import apsw|import sqlite3|apsw\.|json_each|rowid|PRAGMA)\b", text)
        found += [f"{path.relative_to(SOURCE)}: {word}" for word in words]
    assert found == []
