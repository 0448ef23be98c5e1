"""
What ends an account's wait: before it, during it, and never what else goes wrong.
"""

from __future__ import annotations

import asyncio

import pytest

from carrierpost.engine.bell import Bell
from tests.support.virtual import virtual


@virtual
async def test_work_is_given_up_when_it_rings() -> None:
    """However often it rings; what was given up is told so, and the next work is not touched once it is silent."""
    bell, seen = Bell(), []

    async def work() -> str:
        seen.append("begun")
        try:
            await asyncio.sleep(3600)
        except asyncio.CancelledError:
            seen.append("given up")
            raise
        return "done"

    loop = asyncio.get_running_loop()
    begun = loop.time()
    loop.call_later(5, bell.ring)
    loop.call_later(5, bell.ring)
    assert await bell.until(work()) is None
    assert loop.time() - begun == pytest.approx(5, abs=0.1)
    assert await bell.until(work()) is None  # it has rung, and still does: nothing is begun
    assert loop.time() - begun == pytest.approx(5, abs=0.1)
    bell.silence()
    assert await bell.until(work()) == "done"
    assert seen == ["begun", "given up", "begun"]


@virtual
async def test_only_the_bell_is_taken_for_the_bell() -> None:
    """A timeout of the work itself, or whoever cancels the whole, is not swallowed."""
    bell = Bell()

    async def slow() -> None:
        raise TimeoutError("the server")

    with pytest.raises(TimeoutError, match="the server"):
        await bell.until(slow())
    task = asyncio.ensure_future(bell.until(asyncio.sleep(3600)))
    await asyncio.sleep(1)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
