"""
SQLite as this hub uses it: encrypted, in WAL mode, one connection that writes and some that read.

Whole units of work run on a thread, one hop each. `inline` runs them on the caller's own thread instead: for tests in
virtual time. Whatever SQLite raises is translated here, so that nothing above has to know it.

What the write-ahead log holds is copied into the file by a thread of its own, while the next commit is still on its
way: SQLite by itself would do so inside a commit, and let it wait for the disk.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import re
import secrets
import threading
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from typing import Any, TypeVar

import apsw
import msgspec

from carrierpost.store.database import Conflict, Row, Transaction
from carrierpost.store.errors import StoreDamaged, StoreError, WrongKey
from carrierpost.store.queries import load_migrations, load_queries
from carrierpost.store.sqlite_migrations import migrate

__all__ = ["SQLiteDatabase", "match_expression", "unlock"]

T = TypeVar("T")

_LEAST_VERSION = (3, 51, 3)
_LEAST_SIZE = 4096  # bytes of one page
_READERS = 2
_LOG = 1000  # pages in the write-ahead log from which on it is copied into the file
_LONGEST_LOG = 16 * _LOG  # from here on a commit waits for that, so that the log cannot grow without end
_PATIENCE = 30_000  # milliseconds to wait for another process that writes

_SQL = load_queries(
    "queries.sql", "devices.sql", "cards.sql", "hub.sql", "notices.sql", "checks.sql", "sqlite/queries.sql",
    "sqlite/rebuild.sql",
)  # fmt: skip


class SQLiteTransaction:
    """
    An open transaction; see `carrierpost.store.database.Transaction`.
    """

    __slots__ = ("_connection",)

    def __init__(self, connection: apsw.Connection) -> None:
        self._connection = connection

    def rows(self, query: str, *values: Any) -> list[Row]:
        """
        Run a query by its name.
        """
        try:
            found: list[Row] = self._connection.execute(_SQL[query], values).fetchall()
        except apsw.ConstraintError as error:
            raise Conflict(str(error)) from None
        return found

    def each(self, query: str, rows: Iterable[Sequence[Any]]) -> None:
        """
        Run a query once for every row of values.
        """
        try:
            self._connection.executemany(_SQL[query], rows).fetchall()  # a query that gives rows waits to be asked
        except apsw.ConstraintError as error:
            raise Conflict(str(error)) from None

    def faults(self) -> tuple[str, ...]:
        """
        Look for damage below the level of rows.
        """
        lost = self._connection.execute("PRAGMA foreign_key_check").fetchall()
        answers = self._connection.execute("PRAGMA integrity_check").fetchall()
        return (
            *(f"a row of {row[0]} refers to a row of {row[2]} that is gone" for row in lost),
            *(f"the file is damaged: {answer}" for (answer,) in answers if answer != "ok"),
        )


class SQLiteDatabase:
    """
    An open file; see `carrierpost.store.database.Database`.

    Args:
        path: the file, made on first use; or `None` for a database in memory (only with `inline`).
        key: 32 bytes, or `None` for no encryption.
        inline: run the work on the caller's thread.

    Raises:
        WrongKey: the key does not open the file.
        StoreDamaged: the file is no database, or a damaged one.
        StoreTooNew: a newer program has written it.
        StoreError: it cannot be opened for another reason, which it says.
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
        self._copy_thread = ThreadPoolExecutor(1, thread_name_prefix="store-copy")
        self._copying: Future[None] | None = None
        self._version: int | None = None
        with self._translated():
            if path is not None and not path.exists():
                self._make(path)
            if path is not None and path.stat().st_size < _LEAST_SIZE:
                raise StoreDamaged(_damaged(path, "its content is missing"))  # SQLite would take it for a new one
            self._writer = self._connect(path)
            try:
                self._bring_up_to_date(self._writer)
            except BaseException:
                self._writer.close()
                raise
            if not inline:
                self._writer.set_wal_hook(self._committed)

    @property
    def closed(self) -> bool:
        """
        Whether it has been closed.
        """
        return self._closed

    @property
    def shared(self) -> bool:
        """
        Whether other processes may write to it.
        """
        return self._path is not None and not self._inline

    def _make(self, path: Path) -> None:
        """
        Make the file under another name first, so that it appears whole or not at all.
        """
        new = path.with_name(f"{path.name}.{secrets.token_hex(4)}.new")
        try:
            os.close(os.open(new, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))
            connection = self._connect(new)
            try:
                self._bring_up_to_date(connection)
            finally:
                connection.close()
            with contextlib.suppress(FileExistsError):  # another process was faster
                os.link(new, path)
        finally:
            new.unlink(missing_ok=True)

    def _connect(self, path: Path | None) -> apsw.Connection:
        connection = apsw.Connection(str(path) if path is not None else ":memory:")
        try:
            if path is not None:
                unlock(connection, self._key)
            connection.set_busy_timeout(_PATIENCE)
            connection.pragma("journal_mode", "wal")
            connection.pragma("synchronous", "normal")
            connection.pragma("foreign_keys", True)
            connection.pragma("secure_delete", True)
            connection.execute("SELECT count(*) FROM sqlite_master").fetchall()
        except apsw.NotADBError:
            connection.close()
            raise WrongKey(
                f"{path} cannot be opened: its key is another one, or its beginning is damaged; use the key that it "
                "was made with, restore a backup, or begin anew with: carrierpost account rebuild"
            ) from None
        except BaseException:
            connection.close()
            raise
        return connection

    def _bring_up_to_date(self, connection: apsw.Connection) -> None:
        migrate(connection, load_migrations("sqlite"), name=str(self._path))

    def _reader(self) -> apsw.Connection:
        if self._inline or self._path is None:
            return self._writer
        connection: apsw.Connection | None = getattr(self._local, "connection", None)
        if connection is None:
            connection = self._local.connection = self._connect(self._path)
            self._open_readers.append(connection)
        return connection

    def _committed(self, connection: apsw.Connection, name: str, pages: int) -> int:
        """
        Have the log copied into the file when it is long; called by SQLite after each commit.
        """
        if pages >= _LONGEST_LOG:
            _copy_log(connection)
        elif pages >= _LOG and (self._copying is None or self._copying.done()):
            self._copying = self._copy_thread.submit(lambda: _copy_log(self._reader()))
        return apsw.SQLITE_OK

    async def read(self, work: Callable[[Transaction], T]) -> T:
        """
        Run work that only reads; it sees one state throughout.
        """

        def unit() -> T:
            with self._translated(), _transaction(self._reader(), "BEGIN") as transaction:
                return work(transaction)

        return await self._run(self._read_threads, unit, None)

    async def write(
        self, work: Callable[[Transaction], T], *, durable: bool = False, then: Callable[[T], None] | None = None
    ) -> T:
        """
        Run work in one transaction: all of it is written, or nothing.
        """
        return await self._run(self._write_thread, lambda: self.write_now(work, durable=durable), then)

    def write_now(self, work: Callable[[Transaction], T], *, durable: bool = False) -> T:
        """
        Do the same on the caller's thread, which must be the only one that writes.
        """
        syncing = _syncing(self._writer, durable)
        with self._translated(), syncing, _transaction(self._writer, "BEGIN IMMEDIATE") as transaction:
            return work(transaction)

    async def changed_elsewhere(self) -> bool:
        """
        Tell whether another connection has committed something since this was asked last.
        """

        def look() -> bool:
            # What this connection committed itself does not count: it is the only one here that writes.
            before, self._version = self._version, self._writer.pragma("data_version")
            return before not in (None, self._version)

        return self._path is not None and await self._run(self._write_thread, look, None)

    async def _run(self, pool: ThreadPoolExecutor, unit: Callable[[], T], then: Callable[[T], None] | None) -> T:
        if self._closed:
            raise StoreError("the store is closed")
        if self._inline:
            result = unit()
            if then is not None:
                then(result)
            return result

        def done(future: Future[T] | asyncio.Future[T]) -> None:
            if not future.cancelled() and future.exception() is None and then is not None:
                then(future.result())

        future = asyncio.get_running_loop().run_in_executor(pool, unit)
        future.add_done_callback(done)
        # A cancelled caller must not leave a transaction half told: the work finishes by itself on its thread.
        return await asyncio.shield(future)

    @contextlib.contextmanager
    def _translated(self) -> Iterator[None]:
        try:
            yield
        except (apsw.CorruptError, apsw.NotADBError, msgspec.DecodeError) as error:
            raise StoreDamaged(_damaged(self._path, str(error))) from error
        except apsw.FullError as error:
            raise StoreError(f"the disk of {self._path} is full; make room and try again") from error
        except (apsw.BusyError, apsw.LockedError) as error:
            raise StoreError(f"another program keeps {self._path} locked; let it end and try again") from error
        except (apsw.ReadOnlyError, apsw.CantOpenError, apsw.PermissionsError) as error:
            raise StoreError(f"{self._path} cannot be opened for writing; see whose it and its folder are") from error
        except apsw.IOError as error:
            raise StoreError(f"{self._path} cannot be read or written ({error}); look after its disk") from error

    def among(self, values: Iterable[str]) -> str:
        """
        Give texts as one value, for the queries that look for any of them.
        """
        return json.dumps(list(values))

    def matching(self, text: str) -> tuple[str, list[str]]:
        """
        Turn what a person typed into a value for the query `search`.
        """
        return match_expression(text)

    async def close(self) -> None:
        """
        Finish what is being written and close all connections.
        """
        if self._closed:
            return
        self._closed = True
        if self._inline:
            self.end()
        else:
            await asyncio.shield(asyncio.get_running_loop().run_in_executor(None, self.end))

    def end(self) -> None:
        """
        Close from a thread that may wait.
        """
        self._closed = True
        self._write_thread.shutdown(wait=True)
        self._read_threads.shutdown(wait=True)
        self._copy_thread.shutdown(wait=True)
        for connection in (*self._open_readers, self._writer):
            connection.close()


def _copy_log(connection: apsw.Connection) -> None:
    """
    Copy into the file what the write-ahead log holds and nobody reads; neither readers nor writers wait for it.
    """
    # What was committed stays committed whether this works or not, and the next commit brings the next attempt.
    with contextlib.suppress(apsw.Error):
        connection.wal_checkpoint(mode=apsw.SQLITE_CHECKPOINT_PASSIVE)


def unlock(connection: apsw.Connection, key: bytes | None) -> None:
    """
    Give a new connection its key, if there is one.
    """
    if key is not None:
        connection.pragma("cipher", "chacha20")
        # Raw: the key is random already, and stretching it like a password would cost each connection 70 ms.
        connection.pragma("key", f"raw:{key.hex()}")


@contextlib.contextmanager
def _transaction(connection: apsw.Connection, begin: str) -> Iterator[Transaction]:
    connection.execute(begin)
    try:
        yield SQLiteTransaction(connection)
        connection.execute("COMMIT")
    except BaseException:
        if connection.in_transaction:
            connection.execute("ROLLBACK")
        raise


@contextlib.contextmanager
def _syncing(connection: apsw.Connection, durable: bool) -> Iterator[None]:
    """
    Wait for the disk at each commit, for as long as it matters; in WAL mode this costs nothing but that wait.
    """
    if durable:
        connection.pragma("synchronous", "full")
    try:
        yield
    finally:
        if durable:
            connection.pragma("synchronous", "normal")


_PIECE = re.compile(r'"([^"]*)"|([^\s"]+)')


def match_expression(text: str) -> tuple[str, list[str]]:
    """
    Turn what a person typed into an expression of FTS5, whatever it is: each piece becomes a string of its own, so that
    none is taken for an operator.

    Returns:
        The expression, and the words to look for in the text.
    """
    readable = text.encode("utf-8", "replace").decode().replace("\0", " ")  # a terminal may hand on half characters
    pieces = [(phrase or word).strip() for phrase, word in _PIECE.findall(readable)]
    words = [piece for piece in pieces if any(letter.isalnum() for letter in piece)]
    parts = [f'"{word}"' for word in words]
    if parts and words[-1] == pieces[-1] and not text.rstrip().endswith('"'):
        parts[-1] += "*"
    return " ".join(parts), words


def _damaged(path: Path | None, detail: str) -> str:
    """
    Say what to do about a damaged store.
    """
    return (
        f"{path} is damaged ({detail}); restore a backup, or run: carrierpost account rebuild, which keeps accounts "
        "and outbox where they can be read and fetches the rest from the server again"
    )
