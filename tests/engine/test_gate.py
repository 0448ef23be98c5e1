"""
A server's gate: how many are inside, who goes first, and that nobody who gives up leaves a gap.
"""

from __future__ import annotations

import asyncio
import random

from carrierpost.engine import Gate
from tests.support.virtual import virtual


def opened(at_once: int) -> Gate:
    return Gate(random.Random(1), at_once=at_once)


async def settle() -> None:
    for _ in range(10):
        await asyncio.sleep(0)


@virtual
async def test_news_go_before_what_waits_already() -> None:
    """With the gate full, what was told to be new is asked first, in its order; the rest keeps its own order."""
    gate, asked = opened(1), []

    async def ask(name: str, *, news: bool = False) -> None:
        async with gate.passed(news=news):
            asked.append(name)
            await asyncio.sleep(1)

    tasks = []
    for name in ("first", "second", "third", "mail 1", "mail 2"):
        tasks.append(asyncio.ensure_future(ask(name, news=name.startswith("mail"))))
        await settle()
    assert (gate.inside, gate.waiting) == (1, 4)
    await asyncio.gather(*tasks)
    assert asked == ["first", "mail 1", "mail 2", "second", "third"]
    assert (gate.inside, gate.waiting) == (0, 0)


@virtual
async def test_who_gives_up_leaves_no_gap() -> None:
    """Whether it still waits, or has just been let in: the next one goes, and no room is lost."""
    gate = opened(1)

    async def ask() -> None:
        async with gate.passed():
            await asyncio.sleep(1)

    inside, waits, let_in, last = (asyncio.ensure_future(ask()) for _ in range(4))
    await settle()
    waits.cancel()
    await settle()
    assert gate.waiting == 2
    inside.cancel()
    await asyncio.sleep(0)
    let_in.cancel()  # its turn has come in this very moment
    await last
    assert (gate.inside, gate.waiting) == (0, 0)
    await ask()
