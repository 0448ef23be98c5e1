"""
A server's gate: how many of its accounts may ask it something at the same moment, and how soon they come back to it.

Thousands of accounts of one server would otherwise begin in the same second, and after an outage come back in the same
second, to a server that has just got up. Each server has a gate of its own, so one that is slow or dead keeps only its
own accounts waiting. What holds a connection does not stand in the gate, nor does what a person waits for.
"""

from __future__ import annotations

import asyncio
import collections
import contextlib
import random
from collections.abc import AsyncIterator

__all__ = ["Gate"]


class Gate:
    """
    The gate of one server. What asks the server something does so inside `passed`.

    What a held connection has just named goes before what is waiting already: when very many are told of news at the
    same moment, the news of the last come before what the first have to tidy up.

    Args:
        chance: spreads what comes back.
        at_once: how many may ask at the same time.
        a_second: how many may come back within a second, once the server has been away.

    Attributes:
        accounts: how many accounts use it.
        inside: how many ask at this moment.
    """

    def __init__(self, chance: random.Random, *, at_once: int = 20, a_second: float = 200.0) -> None:
        self._chance = chance
        self._at_once = at_once
        self._a_second = a_second
        self._news: collections.deque[asyncio.Future[None]] = collections.deque()
        self._others: collections.deque[asyncio.Future[None]] = collections.deque()
        self.accounts = 0
        self.inside = 0

    @property
    def waiting(self) -> int:
        """
        How many wait to ask.
        """
        return len(self._news) + len(self._others)

    @contextlib.asynccontextmanager
    async def passed(self, *, news: bool = False) -> AsyncIterator[None]:
        """
        Wait until there is room, and take it.

        Args:
            news: go before all that is not news.
        """
        await self._enter(self._news if news else self._others)
        try:
            yield
        finally:
            self._leave()

    async def _enter(self, queue: collections.deque[asyncio.Future[None]]) -> None:
        if self.inside < self._at_once:
            self.inside += 1
            return
        place = asyncio.get_running_loop().create_future()
        queue.append(place)
        try:
            await place
        except asyncio.CancelledError:
            if not place.cancelled():
                self._leave()  # room was made for it just now
            elif place in queue:
                queue.remove(place)
            raise

    def _leave(self) -> None:
        """
        Give the room to whoever is next; nobody can slip in between.
        """
        for queue in (self._news, self._others):
            while queue:
                place = queue.popleft()
                if not place.done():
                    place.set_result(None)
                    return
        self.inside -= 1

    def pause(self) -> float:
        """
        Give the seconds after which one of the accounts begins, or comes back after its connection has broken: so
        that all of them come spread evenly, in no particular order.
        """
        return self._chance.random() * self.accounts / self._a_second
