"""
What the hub keeps: one contract, and what carries it out.
"""

from __future__ import annotations

import asyncio
from pathlib import Path

from carrierpost.protocol.clock import Clock
from carrierpost.store.contract import Store
from carrierpost.store.errors import (
    AlreadyHeld,
    NotHeld,
    StaleCommit,
    StoreDamaged,
    StoreError,
    StoreTooNew,
    WrongKey,
)
from carrierpost.store.keys import find_key

__all__ = [
    "AlreadyHeld",
    "NotHeld",
    "StaleCommit",
    "Store",
    "StoreDamaged",
    "StoreError",
    "StoreTooNew",
    "WrongKey",
    "find_key",
    "open_store",
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
