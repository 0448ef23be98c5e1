"""
What the hub keeps: one contract, and what carries it out.
"""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import TYPE_CHECKING

from carrierpost.protocol.clock import Clock
from carrierpost.store.contract import Store
from carrierpost.store.errors import (
    AlreadyHeld,
    BeingTold,
    FeedForgotten,
    NotHeld,
    StaleCommit,
    StoreDamaged,
    StoreError,
    StoreTooNew,
    WrongKey,
)
from carrierpost.store.keys import find_key

if TYPE_CHECKING:
    from carrierpost.store.sqlite_rebuild import Rebuilt

__all__ = [
    "AlreadyHeld",
    "BeingTold",
    "FeedForgotten",
    "NotHeld",
    "StaleCommit",
    "Store",
    "StoreDamaged",
    "StoreError",
    "StoreTooNew",
    "WrongKey",
    "find_key",
    "open_store",
    "rebuild_store",
]


async def open_store(path: Path | None, key: bytes | None, *, clock: Clock, inline: bool = False) -> Store:
    """
    Open a store, and make it on first use.

    Args:
        path: the file, or `None` for one in memory (only with `inline`).
        key: 32 bytes, or `None` for no encryption.
        clock: the time that changes are stamped with.
        inline: run SQL on the caller's thread; for tests in virtual time.

    Raises:
        StoreError: it cannot be opened; says why and what to do.
    """
    from carrierpost.store.sql_store import SQLStore
    from carrierpost.store.sqlite import SQLiteDatabase

    if inline:
        return SQLStore(SQLiteDatabase(path, key, inline=True), clock=clock)
    return SQLStore(await asyncio.to_thread(SQLiteDatabase, path, key), clock=clock)


def rebuild_store(path: Path, old_key: bytes | None, new_key: bytes | None, *, clock: Clock) -> Rebuilt:
    """
    Move a damaged store aside, and make a new one of what only it knew; see `carrierpost.store.sqlite_rebuild`.

    Args:
        path: the file; nobody else may have it open.
        old_key: the key that it was made with, or `None` when that is lost; nothing can be read then.
        new_key: the key of the new one.
        clock: the time, for the name of what is moved aside.

    Raises:
        StoreError: the new store cannot be made.
        OSError: the file cannot be moved.
    """
    from carrierpost.store.sqlite_rebuild import rebuild_sqlite

    return rebuild_sqlite(path, old_key, new_key, clock.now())
