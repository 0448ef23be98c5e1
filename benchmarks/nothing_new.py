"""
A synchronization that finds nothing new, with few and with many mails held. It must not cost more with many.

Each size has its server and its hub, all at the same time, and they take turns.
"""

from __future__ import annotations

import asyncio
import contextlib
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from benchmarks.child import Child
from benchmarks.figures import Part, Target, median
from benchmarks.hub import prepare
from scripts.real.certificates import issue

__all__ = ["measure"]

_MOST = 1.5
_SIZE = 200  # bytes of a text; how long texts are makes no difference here
_TURN = 5


class _Held:
    """
    A hub that holds so many mails, and its server.
    """

    def __init__(self, stack: contextlib.ExitStack, place: Path, count: int) -> None:
        issue(place)
        self.count = count
        self.cpu: list[float] = []
        self.wall: list[float] = []
        self._requests = 0
        self._exchange = stack.enter_context(Child("benchmarks.exchange", place, count, _SIZE))
        url = self._exchange.hear()["url"]
        asyncio.run(prepare(place / "home", url, place / "ca.crt"))
        self._hub = stack.enter_context(Child("benchmarks.hub", place / "home", "nothing-new"))
        held = self._hub.hear()["held"]
        if held != count:
            raise RuntimeError(f"{held} of {count} mails are held")

    def warm_up(self) -> None:
        """
        Take a turn that does not count: first calls are slower.
        """
        self._hub.ask("go", rounds=_TURN)

    def turn(self) -> None:
        """
        Synchronize a few times.
        """
        before = self._exchange.ask("spent")["requests"]
        answer = self._hub.ask("go", rounds=_TURN)
        self._requests += self._exchange.ask("spent")["requests"] - before
        self.cpu += answer["cpu"]
        self.wall += answer["wall"]

    def figures(self) -> dict[str, Any]:
        """
        Give what a synchronization costs.
        """
        return {
            "held": self.count,
            "cpu_ms": median(self.cpu) * 1000,
            "wall_ms": median(self.wall) * 1000,
            "requests": self._requests / len(self.cpu),
        }


def measure(*, sizes: Sequence[int] = (100, 10_000, 100_000), rounds: int = 12) -> Part:
    """
    Measure.

    Args:
        sizes: how many mails are held, smallest first.
        rounds: turns of each, with several synchronizations in each turn.
    """
    with contextlib.ExitStack() as stack:
        helds = []
        for count in sizes:
            place = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="carrierpost-bench-")))
            helds.append(_Held(stack, place, count))
        for held in helds:
            held.warm_up()
        for _ in range(rounds):
            for held in helds:
                held.turn()
    found = [held.figures() for held in helds]
    first, last = found[0], found[-1]
    figures = {
        "sizes": found,
        "cpu_growth": last["cpu_ms"] / first["cpu_ms"],
        "wall_growth": last["wall_ms"] / first["wall_ms"],
        "requests_growth": last["requests"] / first["requests"],
    }
    lines = [
        f"  {one['held']:>7} held  {one['cpu_ms']:6.2f} ms CPU  {one['wall_ms']:6.2f} ms  {one['requests']:g} requests"
        for one in found
    ]
    named = f"with {last['held']} instead of {first['held']} mails"
    targets = (
        Target(f"CPU {named}", figures["cpu_growth"], _MOST, least=False),
        Target(f"time {named}", figures["wall_growth"], _MOST, least=False),
        Target(f"requests {named}", figures["requests_growth"], 1.0, least=False),
    )
    return Part("nothing-new", figures, ("a whole synchronization that finds nothing, medians", *lines), targets)
