"""
A SQLite database as this hub uses it: encrypted, in WAL mode, one connection that writes and some that read.

Whole units of work run on a thread, one hop each. `inline` runs them on the caller's own thread instead: for tests in
virtual time.
"""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TypeVar

import apsw

from carrierpost.store.errors import StoreDamaged, StoreError, StoreTooNew, WrongKey

__all__ = ["SQLiteFile"]

T = TypeVar("T")

_LEAST_VERSION = (3, 51, 3)
_READERS = 2


class SQLiteFile:
    """
    An open database.

    Args:
        path: the file, or `None` for a database in memory (only with `inline`).
        key: 32 bytes, or `None` for no encryption.
        inline: run the work on the caller's thread.

    Raises:
        WrongKey: the key does not open the file.
        StoreDamaged: the file is no database, or a damaged one.
        StoreError: this SQLite is too old to be trusted.
    """

    def __init__(self, path: Path | None, key: bytes | None, *, inline: bool = False) -> None:
        version = tuple(int(part) for part in apsw.sqlite_lib_version().split("."))
        if version < _LEAST_VERSION:
            raise StoreError(f"SQLite {apsw.sqlite_lib_version()} can lose data in WAL mode; 3.51.3 or newer is needed")
        self._path = path
        self._key = key
        self._inline = inline
        self._closed = False
        self._open_readers: list[apsw.Connection] = []
        self._local = threading.local()
        self._write_thread = ThreadPoolExecutor(1, thread_name_prefix="store-write")
        self._read_threads = ThreadPoolExecutor(_READERS, thread_name_prefix="store-read")
        self.writer = self._connect()

    def _connect(self) -> apsw.Connection:
        connection = apsw.Connection(str(self._path) if self._path is not None else ":memory:")
        try:
            if self._key is not None and self._path is not None:
                connection.pragma("cipher", "chacha20")
                connection.pragma("hexkey", self._key.hex())
            connection.set_busy_timeout(30_000)
            connection.pragma("journal_mode", "wal")
            connection.pragma("synchronous", "normal")
            connection.pragma("foreign_keys", True)
            connection.pragma("secure_delete", True)
            connection.execute("SELECT count(*) FROM sqlite_master").fetchall()
        except apsw.NotADBError:
            connection.close()
            raise WrongKey(
                f"{self._path} cannot be opened with this key; use the key that it was made with, or, if it is lost, "
                "move the file away and synchronize anew"
            ) from None
        except apsw.CorruptError as error:
            connection.close()
            raise StoreDamaged(damaged(self._path, str(error))) from error
        except apsw.Error:
            connection.close()
            raise
        return connection

    def _reader(self) -> apsw.Connection:
        if self._inline or self._path is None:
            return self.writer
        connection: apsw.Connection | None = getattr(self._local, "connection", None)
        if connection is None:
            connection = self._local.connection = self._connect()
            self._open_readers.append(connection)
        return connection

    async def read(self, work: Callable[[apsw.Connection], T]) -> T:
        """
        Run work that only reads; it sees one state throughout.
        """
        return await self._run(self._read_threads, self._reader, work, "BEGIN")

    async def write(self, work: Callable[[apsw.Connection], T]) -> T:
        """
        Run work in one transaction: all of it is written, or nothing.
        """
        return await self._run(self._write_thread, lambda: self.writer, work, "BEGIN IMMEDIATE")

    async def _run(
        self,
        pool: ThreadPoolExecutor,
        connection: Callable[[], apsw.Connection],
        work: Callable[[apsw.Connection], T],
        begin: str,
    ) -> T:
        if self._closed:
            raise StoreError("the store is closed")

        def unit() -> T:
            with self._transaction(connection(), begin) as open_connection:
                return work(open_connection)

        if self._inline:
            return unit()
        # A cancelled caller must not leave a transaction half told: the work finishes by itself on its thread.
        return await asyncio.shield(asyncio.get_running_loop().run_in_executor(pool, unit))

    @contextlib.contextmanager
    def _transaction(self, connection: apsw.Connection, begin: str) -> Iterator[apsw.Connection]:
        try:
            connection.execute(begin)
            try:
                yield connection
            except BaseException:
                connection.execute("ROLLBACK")
                raise
            connection.execute("COMMIT")
        except (apsw.CorruptError, apsw.NotADBError) as error:
            raise StoreDamaged(damaged(self._path, str(error))) from error
        except apsw.FullError as error:
            raise StoreError(f"the disk of {self._path} is full; make room and try again") from error

    def migrate(self, migrations: list[tuple[int, str, str]]) -> None:
        """
        Bring the schema up to date; each migration is recorded with the checksum of its text.

        Raises:
            StoreTooNew: the store was written by a newer program.
            StoreDamaged: a migration that was done is not the one that is known.
        """
        self.writer.execute(
            "CREATE TABLE IF NOT EXISTS migrations "
            "(number INTEGER PRIMARY KEY, name TEXT NOT NULL, checksum TEXT NOT NULL)"
        )
        done = {number: (name, checksum) for number, name, checksum in self.writer.execute("SELECT * FROM migrations")}
        known = {number for number, _, _ in migrations}
        if set(done) - known:
            raise StoreTooNew(f"{self._path} was written by a newer Carrierpost; install that one")
        for number, name, text in migrations:
            checksum = hashlib.sha256(text.encode()).hexdigest()
            if number in done:
                if done[number][1] != checksum:
                    raise StoreDamaged(damaged(self._path, f"migration {name} is not the one it was made with"))
                continue
            with self._transaction(self.writer, "BEGIN IMMEDIATE") as connection:
                if connection.execute("SELECT 1 FROM migrations WHERE number = ?", (number,)).fetchall():
                    continue  # another process was faster
                connection.execute(text)
                connection.execute("INSERT INTO migrations VALUES (?, ?, ?)", (number, name, checksum))

    def close(self) -> None:
        """
        Finish the work under way and close all connections.
        """
        if self._closed:
            return
        self._closed = True
        self._write_thread.shutdown(wait=True)
        self._read_threads.shutdown(wait=True)
        for connection in self._open_readers:
            connection.close()
        self.writer.close()


def damaged(path: Path | None, detail: str) -> str:
    """
    Say what to do about a damaged store.
    """
    return (
        f"{path} is damaged ({detail}); restore a backup, or run: carrierpost account rebuild, which keeps accounts "
        "and outbox where they can be read and fetches the rest from the server again"
    )
