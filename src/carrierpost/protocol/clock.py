"""
Time as something that is handed in.

Nothing above this room reads the machine's clock or sleeps by itself: it is given a `Clock`. The tests give one
whose day passes in milliseconds.
"""

from __future__ import annotations

import asyncio
import datetime as dt
import time
from typing import Protocol

__all__ = ["Clock", "SystemClock"]


class Clock(Protocol):
    """
    What the product knows of time.
    """

    def now(self) -> dt.datetime:
        """
        Tell the date and time, with zone UTC.
        """

    def monotonic(self) -> float:
        """
        Tell seconds that only grow, from an arbitrary start; for durations and deadlines.
        """

    async def sleep(self, seconds: float) -> None:
        """
        Wait; cancelling the wait is safe.
        """


class SystemClock:
    """
    The machine's clock and the running event loop's timers.
    """

    def now(self) -> dt.datetime:
        """
        Tell the machine's date and time, with zone UTC.
        """
        return dt.datetime.now(dt.UTC)

    def monotonic(self) -> float:
        """
        Tell the machine's monotonic seconds.
        """
        return time.monotonic()

    async def sleep(self, seconds: float) -> None:
        """
        Wait on the event loop.
        """
        await asyncio.sleep(seconds)
