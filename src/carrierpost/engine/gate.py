"""
A server's gate: how many of its accounts may ask it something at the same moment, and how soon they come back to it.

Thousands of accounts of one server would otherwise begin in the same second, and after an outage come back in the same
second, to a server that has just got up. Each server has a gate of its own, so one that is slow or dead keeps only its
own accounts waiting. What holds a connection does not stand in the gate, nor does what a person waits for.
"""

from __future__ import annotations

import asyncio
import random

__all__ = ["Gate"]


class Gate:
    """
    The gate of one server. Use it as an asynchronous context manager around what asks the server something.

    Args:
        chance: spreads what comes back.
        at_once: how many may ask at the same time.
        a_second: how many may come back within a second, once the server has been away.

    Attributes:
        accounts: how many accounts use it.
        inside: how many ask at this moment.
        waiting: how many wait to ask.
    """

    def __init__(self, chance: random.Random, *, at_once: int = 20, a_second: float = 200.0) -> None:
        self._chance = chance
        self._room = asyncio.Semaphore(at_once)
        self._a_second = a_second
        self.accounts = 0
        self.inside = 0
        self.waiting = 0

    async def __aenter__(self) -> None:
        self.waiting += 1
        try:
            await self._room.acquire()
        finally:
            self.waiting -= 1
        self.inside += 1

    async def __aexit__(self, *exc_info: object) -> None:
        self.inside -= 1
        self._room.release()

    def pause(self) -> float:
        """
        Give the seconds after which one of the accounts begins, or comes back after its connection has broken: so
        that all of them come spread evenly, in no particular order.
        """
        return self._chance.random() * self.accounts / self._a_second
