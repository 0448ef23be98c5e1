"""
The hub is opened, or its store made anew in the place of one that cannot be opened.
"""

from __future__ import annotations

import contextlib
import os
import platform
import random
from collections.abc import AsyncIterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from carrierpost.bootstrap.errors import SetupError
from carrierpost.bootstrap.home import find_home
from carrierpost.bootstrap.hub import Hub
from carrierpost.bootstrap.locks import Locks
from carrierpost.client.trace import Trace
from carrierpost.protocol.clock import Clock, SystemClock
from carrierpost.store import WrongKey, find_key, open_store, rebuild_store

if TYPE_CHECKING:
    from carrierpost.store.sqlite_rebuild import Rebuilt  # loads SQLite, which may wait until it is needed

__all__ = ["open_hub", "open_hub_in_memory", "rebuild"]


@contextlib.asynccontextmanager
async def open_hub(
    *,
    home: Path | None = None,
    trace: Path | None = None,
    veil: bool = False,
    environment: Mapping[str, str] | None = None,
    clock: Clock | None = None,
    chance: random.Random | None = None,
) -> AsyncIterator[Hub]:
    """
    Open the hub, and make it on first use.

    Args:
        home: its directory; found in the environment unless given.
        trace: a directory in which every exchange with a server is written, secrets removed.
        veil: make texts that people wrote unreadable in it.
        environment: the process's own unless given.
        clock: the machine's unless given.
        chance: spreads pauses.

    Raises:
        StoreError: the store cannot be opened; says why and what to do.
        OSError: the directory cannot be made.
    """
    around = os.environ if environment is None else environment
    place = home or find_home(around)
    place.mkdir(mode=0o700, parents=True, exist_ok=True)
    time = clock or SystemClock()
    key = find_key(place / "store.key", around, store=place / "store.db")
    async with await open_store(place / "store.db", key, clock=time) as store:
        yield Hub(
            place,
            store,
            clock=time,
            chance=chance or random.SystemRandom(),
            trace=Trace(trace, veil=veil) if trace is not None else None,
        )


@contextlib.asynccontextmanager
async def open_hub_in_memory(
    *,
    trace: Path | None = None,
    veil: bool = False,
    device: str = "",
    clock: Clock | None = None,
    chance: random.Random | None = None,
) -> AsyncIterator[Hub]:
    """
    Open a hub that keeps nothing: when it closes, all is forgotten.

    To a server it is the same device each time on this machine, so that it uses up none of a user's partnerships.

    Args:
        trace: a directory in which every exchange with a server is written, secrets removed.
        veil: make texts that people wrote unreadable in it.
        device: tells several hubs apart that work on one account at the same time.
        clock: the machine's unless given.
        chance: spreads pauses.
    """
    time = clock or SystemClock()
    async with await open_store(None, None, clock=time, inline=True) as store:
        yield Hub(
            None,
            store,
            clock=time,
            chance=chance or random.SystemRandom(),
            trace=Trace(trace, veil=veil) if trace is not None else None,
            seed=f"{platform.node()}\n{device}",
        )


def rebuild(*, environment: Mapping[str, str] | None = None, clock: Clock | None = None) -> Rebuilt:
    """
    Make a new store in the place of one that cannot be opened; what was there is moved aside.

    Args:
        environment: the process's own unless given.
        clock: the machine's unless given.

    Raises:
        HubBusy: another process works with it.
        SetupError: there is no store.
        StoreError: the new one cannot be made, or the key that was named is none.
        OSError: the old one cannot be moved.
    """
    around = os.environ if environment is None else environment
    place = find_home(around)
    file, key_file = place / "store.db", place / "store.key"
    if not file.exists():
        raise SetupError(f"there is no store in {place}; it is made with the first: carrierpost account add ADDRESS")
    with Locks(place).all_alone():
        old_key: bytes | None = None
        try:
            old_key = find_key(key_file, around, store=file)
        except WrongKey:
            if key_file.exists():
                raise
        return rebuild_store(file, old_key, old_key or find_key(key_file, around), clock=clock or SystemClock())
