"""
Indexing for search: behind everything else, in slices.
"""

from __future__ import annotations

import asyncio

from carrierpost.store.contract import Store

__all__ = ["index_all"]

_SLICE = 50  # items between two looks at what else is to be done: an arrival waits for no more than that


async def index_all(store: Store) -> None:
    """
    Index everything that waits for it.
    """
    while await store.index(_SLICE):
        await asyncio.sleep(0)
