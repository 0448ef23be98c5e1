"""
The stores that the contract's suite runs against: another implementation joins by one more line in `PLACES`.
"""

from __future__ import annotations

import abc
import asyncio
import datetime as dt
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from carrierpost.protocol.clock import Clock
from carrierpost.store import Store, open_store
from tests.store.values import NOW, Mailbox

KEY = bytes(range(32))


class SteadyClock:
    """
    A clock that moves only when it is told to, and may be read from any thread.
    """

    def __init__(self) -> None:
        self.time = NOW

    def now(self) -> dt.datetime:
        """Tell the date and time that was set."""
        return self.time

    def monotonic(self) -> float:
        """Tell the same as seconds."""
        return (self.time - NOW).total_seconds()

    async def sleep(self, seconds: float) -> None:
        """Wait as long as the machine's clock says; this one stands still."""
        await asyncio.sleep(seconds)


class Place(abc.ABC):
    """
    Where a test keeps a store; it can be opened again, and several times at once.
    """

    @abc.abstractmethod
    async def open(self, clock: Clock, *, inline: bool = False) -> Store:
        """Open the store, made on first use; `inline` as in `open_store`."""


class SQLitePlace(Place):
    """
    An encrypted file.
    """

    def __init__(self, folder: Path) -> None:
        self.path = folder / "store.db"

    async def open(self, clock: Clock, *, inline: bool = False) -> Store:
        """Open the file."""
        return await open_store(self.path, KEY, clock=clock, inline=inline)


PLACES = {"sqlite": SQLitePlace}


@pytest.fixture
def clock() -> SteadyClock:
    """Let time stand still."""
    return SteadyClock()


@pytest.fixture(params=list(PLACES))
def place(request: pytest.FixtureRequest, tmp_path: Path) -> Place:
    """Give a place for a store, of every implementation in turn."""
    return PLACES[request.param](tmp_path)


@pytest.fixture
async def store(place: Place, clock: SteadyClock) -> AsyncIterator[Store]:
    """Open a store, which is looked through for contradictions before it is closed."""
    async with await place.open(clock) as opened:
        yield opened
        assert await opened.check() == ()


@pytest.fixture
async def box(store: Store) -> Mailbox:
    """Begin an account with its folders, nothing in them."""
    return await Mailbox.begin(store)
