"""
Bringing a schema up to date: each migration once, in order, recorded with the checksum of its text.
"""

from __future__ import annotations

import hashlib
from typing import Any

import apsw
import msgspec

from carrierpost.protocol.classes import Email
from carrierpost.store.errors import StoreError, StoreTooNew
from carrierpost.store.rows import item_data
from carrierpost.store.summary import thread_of

__all__ = ["migrate"]


def migrate(connection: apsw.Connection, migrations: list[tuple[int, str, str]], *, name: str) -> None:
    """
    Run the migrations that have not been run.

    Args:
        connection: to the database.
        migrations: number, name and text of each, in order.
        name: what to call the database in messages.

    Raises:
        StoreTooNew: the store was written by a newer program.
        StoreError: a migration that was run is not the one that is known.
    """
    connection.execute(
        "CREATE TABLE IF NOT EXISTS migrations (number INTEGER PRIMARY KEY, name TEXT NOT NULL, checksum TEXT NOT NULL)"
    )
    connection.create_scalar_function("thread_of", _thread_of, 2, deterministic=True)
    if set(_done(connection)) - {number for number, _, _ in migrations}:
        raise StoreTooNew(f"{name} was written by a newer Carrierpost; install that one")
    for number, file, text in migrations:
        checksum = hashlib.sha256(text.encode()).hexdigest()
        if number not in _done(connection):
            _run(connection, number, file, text, checksum)
        if _done(connection)[number] != checksum:
            raise StoreError(
                f"{name} was made by another edition of Carrierpost, whose {file} is not the one known here; use that "
                "edition, or fetch everything anew with: carrierpost account rebuild"
            )


def _thread_of(*values: Any) -> str | None:
    """
    Say which conversation an item of a class and with these properties belongs to, for the migration that begins to
    keep it.
    """
    kind, data = values
    try:
        item = item_data(kind, data)
    except msgspec.DecodeError:
        return None  # the check of the store will name it
    return thread_of(item) if isinstance(item, Email) else None


def _done(connection: apsw.Connection) -> dict[int, str]:
    rows: list[tuple[Any, ...]] = connection.execute("SELECT number, checksum FROM migrations").fetchall()
    return dict(rows)


def _run(connection: apsw.Connection, number: int, file: str, text: str, checksum: str) -> None:
    connection.execute("BEGIN IMMEDIATE")
    try:
        if number not in _done(connection):  # else another process was faster
            connection.execute(text)
            connection.execute("INSERT INTO migrations VALUES (?, ?, ?)", (number, file, checksum))
        connection.execute("COMMIT")
    except BaseException:
        connection.execute("ROLLBACK")
        raise
