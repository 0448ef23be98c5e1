"""
A new store in the place of a damaged one.

What only this machine knows (accounts, their secrets, the outbox, settings) is taken over as far as it can be read;
everything else comes from the server again with the next synchronisation. The damaged file is moved aside and never
deleted: the reading is done on a copy, because even opening a database writes to it.
"""

from __future__ import annotations

import contextlib
import datetime as dt
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import apsw
import msgspec

from carrierpost.store.database import Conflict, Row, Transaction
from carrierpost.store.rows import account_json, account_of
from carrierpost.store.sqlite import SQLiteDatabase, unlock

__all__ = ["Rebuilt", "rebuild_sqlite"]

_PARTS = ("", "-wal", "-shm")
_TABLES = {
    "accounts": "id, address, data, feed_position",
    "secrets": "account_id, name, secret",
    "outbox": "account_id, kind, client_id, payload, state, reason, attempts, queued_at",
    "counters": "name, value",
    "hub_settings": "name, value",
    "policy_versions": "number, policies, at, by_whom, why",
    "audit": "number, at, who, what, subject, detail, chain",
}
_MORE_IDS = 1_000_000  # what is added to the highest id or number that can be read, in case the last ones cannot


class Rebuilt(msgspec.Struct, frozen=True, kw_only=True):
    """
    What became of a store that was rebuilt.

    Attributes:
        aside: where the damaged file is now.
        accounts: addresses of the accounts that were taken over.
        secrets: how many secrets were taken over; an account without its password has to be added again.
        outbox: how many entries of the outbox were taken over.
        unreadable: tables that could not be read to their end; what they held beyond is lost.
    """

    aside: Path
    accounts: tuple[str, ...] = ()
    secrets: int = 0
    outbox: int = 0
    unreadable: tuple[str, ...] = ()


def rebuild_sqlite(path: Path, old_key: bytes | None, new_key: bytes | None, now: dt.datetime) -> Rebuilt:
    """
    Move a store aside and make a new one of what can be read of it.

    Args:
        path: the file; nobody else may have it open.
        old_key: the key that it was made with, or `None` when that is lost; nothing can be read then.
        new_key: the key of the new one.
        now: the time, for the name of the file that is moved aside.

    Raises:
        StoreError: the new store cannot be made.
        OSError: the file cannot be moved.
    """
    aside = _free_name(path, now)
    for part in reversed(_PARTS):  # the file itself last: until then, all is as it was
        with contextlib.suppress(FileNotFoundError):
            Path(f"{path}{part}").rename(f"{aside}{part}")
    found, unreadable = _salvage(aside, old_key)
    database = SQLiteDatabase(path, new_key, inline=True)
    try:
        kept = database.write_now(lambda transaction: _keep(transaction, found))
    finally:
        database.end()
    return msgspec.structs.replace(kept, aside=aside, unreadable=unreadable)


def _free_name(path: Path, now: dt.datetime) -> Path:
    name = f"{path.name}.damaged-{now:%Y%m%d-%H%M%S}"
    number = 1
    while (aside := path.with_name(name if number == 1 else f"{name}-{number}")).exists():
        number += 1
    return aside


def _salvage(aside: Path, key: bytes | None) -> tuple[dict[str, list[Row]], tuple[str, ...]]:
    """
    Read what can be read, from a copy.

    Returns:
        Rows by table, and the names of the tables that could not be read to their end.
    """
    with tempfile.TemporaryDirectory(dir=aside.parent, prefix=f"{aside.name}.copy-") as folder:
        copy = Path(folder) / "copy.db"
        for part in _PARTS[:2]:
            with contextlib.suppress(FileNotFoundError):
                shutil.copyfile(f"{aside}{part}", f"{copy}{part}")
        _lengthen(copy, key)
        found: dict[str, list[Row]] = {}
        unreadable = []
        for table, columns in _TABLES.items():
            rows: dict[int, Row] = {}
            # From both ends, each until something cannot be read.
            complete = [_read(copy, key, table, columns, order, rows) for order in ("ASC", "DESC")]
            found[table] = [rows[number] for number in sorted(rows)]
            if not all(complete):
                unreadable.append(table)
        return found, tuple(unreadable)


def _lengthen(copy: Path, key: bytes | None) -> None:
    """
    Give a file that lost its end its old length again: SQLite reads nothing at all of one that is too short.
    """
    size = copy.stat().st_size
    for factor in (2**power for power in range(12)):  # what is added takes no room on the disk
        with copy.open("r+b") as stream:
            stream.truncate(size * factor)
        try:
            with _opened(copy, key) as connection:
                connection.execute("SELECT count(*) FROM sqlite_master").fetchall()
        except apsw.CorruptError:
            continue
        except apsw.Error:
            return
        return


def _read(copy: Path, key: bytes | None, table: str, columns: str, order: str, rows: dict[int, Row]) -> bool:
    query = f"SELECT rowid, {columns} FROM {table} ORDER BY rowid {order}"  # noqa: S608 - of the constants above
    try:
        with _opened(copy, key) as connection:
            for number, *row in connection.execute(query):
                rows[number] = tuple(row)
    except (apsw.Error, UnicodeDecodeError):
        return False
    return True


@contextlib.contextmanager
def _opened(path: Path, key: bytes | None) -> Iterator[apsw.Connection]:
    connection = apsw.Connection(str(path))
    try:
        unlock(connection, key)
        yield connection
    finally:
        with contextlib.suppress(apsw.Error):
            connection.close()


def _keep(transaction: Transaction, found: dict[str, list[Row]]) -> Rebuilt:
    addresses: dict[int, str] = {}
    for account_id, address, data, position in found["accounts"]:
        with contextlib.suppress(Conflict, msgspec.DecodeError):
            # Whoever followed the old feed must be told to begin anew, and not find other changes at the old numbers.
            horizon = position + _MORE_IDS
            account = msgspec.structs.replace(account_of((account_id, data, 0, 0)), hierarchy_key="0")
            transaction.rows("keep_account", account_id, address, account_json(account), horizon)
            addresses[account_id] = address
    secrets = [row for row in found["secrets"] if row[0] in addresses]
    entries = [row for row in found["outbox"] if row[0] in addresses]
    transaction.each("put_secret", secrets)
    transaction.each("keep_outbox_entry", entries)
    transaction.each("put_hub_setting", found["hub_settings"])
    transaction.each("add_policy_version", found["policy_versions"])
    if found["audit"]:
        # As it was written, gaps and all: what the damage took must show.
        transaction.each("add_audit_entry", found["audit"])
        transaction.rows("set_audit_end", found["audit"][-1][0], found["audit"][-1][-1])
    for _, value in found["counters"] or [("item", 0)]:
        transaction.rows("keep_counter", value + _MORE_IDS)
    return Rebuilt(aside=Path(), accounts=tuple(addresses.values()), secrets=len(secrets), outbox=len(entries))
