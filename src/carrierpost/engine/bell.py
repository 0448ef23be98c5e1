"""
What ends an account's wait.

Thousands of accounts wait at the same time, each with one connection held. So a wait is no task of its own, nor is what
may end it: the work itself is given up when it rings.
"""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from typing import Any, TypeVar

__all__ = ["Bell"]

T = TypeVar("T")


class Bell:
    """
    A bell. Once it has rung it stays so until it is silenced; one task at a time listens to it.
    """

    __slots__ = ("_listening", "_rung")

    def __init__(self) -> None:
        self._rung = False
        self._listening: asyncio.Timeout | None = None

    def ring(self) -> None:
        """
        End the wait, or the next one.
        """
        if not self._rung and self._listening is not None:
            self._listening.reschedule(asyncio.get_running_loop().time())
        self._rung = True

    def silence(self) -> None:
        """
        Forget that it has rung.
        """
        self._rung = False

    async def until(self, work: Coroutine[Any, Any, T] | asyncio.Future[T]) -> T | None:
        """
        Do some work until it rings; gives `None` when the work was given up.

        When it has rung already nothing is begun: a request that leaves only to be given up is one that the server may
        have answered.
        """
        if self._rung:
            if isinstance(work, asyncio.Future):
                work.cancel()
            else:
                work.close()
            return None
        self._listening = listening = asyncio.timeout(None)
        try:
            async with listening:
                return await work
        except TimeoutError:
            if not listening.expired():
                raise
            return None
        finally:
            self._listening = None
