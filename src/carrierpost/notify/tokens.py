"""
Signed tokens (JWT), made when they are needed and used again while they are young.
"""

from __future__ import annotations

import asyncio
import datetime as dt
from collections.abc import Awaitable, Callable

from carrierpost.protocol.clock import Clock
from carrierpost.protocol.secret import Secret

__all__ = ["Tokens"]


class Tokens:
    """
    Tokens by name, each made anew once it has reached an age; when several ask at once, it is made once.

    Args:
        make: makes the one of a name; raises what it likes.
        age: how old a token may become.
        clock: tells its age.
        most: names that are kept.
    """

    def __init__(
        self, make: Callable[[str], Awaitable[Secret]], *, age: dt.timedelta, clock: Clock, most: int = 256
    ) -> None:
        self._make = make
        self._age = age
        self._clock = clock
        self._most = most
        self._held: dict[str, tuple[dt.datetime, Secret]] = {}
        self._making: dict[str, asyncio.Lock] = {}

    async def get(self, name: str = "") -> Secret:
        """
        Give the token of a name.
        """
        held = self._young(name)
        if held is not None:
            return held
        lock = self._making.setdefault(name, asyncio.Lock())
        try:
            async with lock:
                held = self._young(name)
                if held is None:
                    held = await self._make(name)
                    self._held[name] = (self._clock.now(), held)
                    while len(self._held) > self._most:
                        del self._held[next(iter(self._held))]
                return held
        finally:
            if not lock.locked():
                self._making.pop(name, None)

    def forget(self, name: str = "", used: Secret | None = None) -> None:
        """
        Forget a token, because it was refused; only if it still is the one that was used, when that is given.
        """
        held = self._held.get(name)
        if held is not None and (used is None or held[1] == used):
            del self._held[name]

    def _young(self, name: str) -> Secret | None:
        held = self._held.get(name)
        if held is None or not dt.timedelta() <= self._clock.now() - held[0] < self._age:
            return None
        return held[1]
