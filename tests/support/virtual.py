"""
An event loop whose time jumps: a test of a whole day takes milliseconds and never sleeps.

When nothing is ready to run, the loop moves its clock to the next timer instead of waiting for it. Real
input and output still works, but is waited for only when no timer is pending, so tests under this loop join
client and server in one process and open stores with `inline=True` (no thread).
"""

from __future__ import annotations

import asyncio
import datetime as dt
import functools
import selectors
from collections.abc import Callable, Coroutine
from typing import Any, ParamSpec, TypeVar

__all__ = ["EPOCH", "VirtualClock", "VirtualLoop", "run", "virtual"]

P = ParamSpec("P")
T = TypeVar("T")

EPOCH = dt.datetime(2026, 3, 2, 9, 0, tzinfo=dt.UTC)
"""The wall clock's reading when a virtual loop starts: a Monday morning."""

_STUCK_AFTER = 10.0  # real seconds without timer or input: the test waits for something that never comes


class _JumpingSelector(selectors.DefaultSelector):
    def __init__(self) -> None:
        super().__init__()
        self.elapsed = 0.0

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        if timeout is None:
            events = super().select(_STUCK_AFTER)
            if not events:
                raise RuntimeError("virtual loop is stuck: nothing is ready and no timer is pending")
            return events
        events = super().select(0)
        if not events and timeout > 0:
            self.elapsed += timeout
        return events


class VirtualLoop(asyncio.SelectorEventLoop):
    """
    A selector loop that jumps over waiting.
    """

    def __init__(self) -> None:
        self._jumping = _JumpingSelector()
        super().__init__(self._jumping)

    def time(self) -> float:
        """
        Tell the virtual seconds since the loop was made.
        """
        return self._jumping.elapsed


class VirtualClock:
    """
    A `Clock` that follows the running virtual loop.
    """

    def __init__(self, epoch: dt.datetime = EPOCH) -> None:
        self._epoch = epoch

    def now(self) -> dt.datetime:
        """
        Tell the virtual date and time.
        """
        return self._epoch + dt.timedelta(seconds=self.monotonic())

    def monotonic(self) -> float:
        """
        Tell the virtual seconds.
        """
        return asyncio.get_running_loop().time()

    async def sleep(self, seconds: float) -> None:
        """
        Let virtual time pass.
        """
        await asyncio.sleep(seconds)


def run(main: Coroutine[Any, Any, T]) -> T:
    """
    Run a coroutine to its end in virtual time.
    """
    with asyncio.Runner(loop_factory=VirtualLoop) as runner:
        return runner.run(main)


def virtual(test: Callable[P, Coroutine[Any, Any, None]]) -> Callable[P, None]:
    """
    Turn an asynchronous test into one that runs in virtual time.
    """

    @functools.wraps(test)
    def wrapper(*args: P.args, **kwargs: P.kwargs) -> None:
        run(test(*args, **kwargs))

    return wrapper
