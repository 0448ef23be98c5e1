"""
What only SQLite's store has: its write-ahead log.
"""

from __future__ import annotations

import asyncio
import threading
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from carrierpost.store import Store, open_store, sqlite
from carrierpost.store.sql_store import SQLStore
from carrierpost.store.sqlite import SQLiteDatabase
from tests.store.conftest import SteadyClock
from tests.store.values import Mailbox, mail

KEY = bytes(range(32))
MEGABYTE = 1 << 20


@pytest.fixture
async def kept(tmp_path: Path, clock: SteadyClock) -> AsyncIterator[Store]:
    """Open a store in a file, which is looked through before it is closed."""
    async with await open_store(tmp_path / "store.db", KEY, clock=clock) as store:
        yield store
        assert await store.check() == ()


def _database(store: Store) -> SQLiteDatabase:
    assert isinstance(store, SQLStore)
    assert isinstance(store._database, SQLiteDatabase)
    return store._database


async def _grow(box: Mailbox, megabytes: int, first: int = 0) -> None:
    for number in range(first, first + megabytes):
        await box.sync(adds=(mail(number, "x" * MEGABYTE),))


async def test_a_commit_does_not_wait_for_the_log_to_be_copied(kept: Store, tmp_path: Path) -> None:
    """While the copying is held up commits go on, and what they brought is read; then the file gets it all."""
    file, go = tmp_path / "store.db", threading.Event()
    box = await Mailbox.begin(kept)
    database = _database(kept)
    held_up = database._copy_thread.submit(go.wait)
    try:
        await _grow(box, 8)
        assert file.stat().st_size < MEGABYTE
        assert len(await box.held()) == 8
    finally:
        go.set()
    assert database._copying is not None
    await asyncio.wrap_future(held_up)
    await asyncio.wrap_future(database._copying)
    assert file.stat().st_size > 8 * MEGABYTE


async def test_the_log_does_not_grow_without_end(kept: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """When the copying does not keep up, commits wait for it, and the log begins anew."""
    monkeypatch.setattr(sqlite, "_LONGEST_LOG", 1500)
    go = threading.Event()
    box = await Mailbox.begin(kept)
    _database(kept)._copy_thread.submit(go.wait)
    try:
        await _grow(box, 16)
        assert (tmp_path / "store.db-wal").stat().st_size < 8 * MEGABYTE
        assert (tmp_path / "store.db").stat().st_size > 8 * MEGABYTE
    finally:
        go.set()
