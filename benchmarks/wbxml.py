"""
The WBXML codec beside libwbxml, in one run.

Both sides take turns on each document, so that a busy machine slows both. Decoding is compared with the library's
tree parser including the freeing of its tree (ours is freed as well), encoding with its tree encoder.
"""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable
from functools import partial
from typing import Any

from benchmarks.documents import documents
from benchmarks.figures import Part, Target
from benchmarks.libwbxml import LibWBXML, LibWBXMLMissing
from carrierpost import wbxml

__all__ = ["measure"]

_LEAST = 1.5  # times libwbxml's speed of decoding, on every document
_SLICE = 0.02  # seconds that one turn takes at least


def _turn(work: Callable[[], object]) -> float:
    """
    Time one turn: seconds for a single piece of work.
    """
    count = 1
    while True:
        begin = time.perf_counter()
        for _ in range(count):
            work()
        spent = time.perf_counter() - begin
        if spent >= _SLICE:
            return spent / count
        count = max(count * 2, int(count * _SLICE / max(spent, 1e-7)))


def _ratio(ours: Callable[[], object], theirs: Callable[[], object], rounds: int) -> dict[str, float]:
    mine, other = [], []
    for _ in range(rounds):
        other.append(_turn(theirs))
        mine.append(_turn(ours))
    ratios = [b / a for a, b in zip(mine, other, strict=True)]
    return {
        "us": statistics.median(mine) * 1e6,
        "libwbxml_us": statistics.median(other) * 1e6,
        "ratio": statistics.median(ratios),
    }


def measure(*, rounds: int = 25) -> Part:
    """
    Measure every document.

    Args:
        rounds: turns of each side.
    """
    figures: dict[str, Any] = {"implementation": wbxml.implementation(), "decode": {}, "encode": {}}
    try:
        library = LibWBXML()
    except LibWBXMLMissing as error:
        return Part("wbxml", figures, (f"codec: {wbxml.implementation()}",), missing=(str(error),))
    for name, data in documents().items():
        document, tree = wbxml.decode(data), library.parse(data)
        figures["decode"][name] = _ratio(partial(wbxml.decode, data), partial(library.decode, data), rounds)
        figures["encode"][name] = _ratio(
            partial(wbxml.encode, document.root, document.value), partial(library.encode, tree), rounds
        )
        library.destroy(tree)
    targets = [
        Target(f"decode {name} beside libwbxml", one["ratio"], _LEAST) for name, one in figures["decode"].items()
    ]
    return Part("wbxml", figures, _lines(figures), tuple(targets))


def _lines(figures: dict[str, Any]) -> tuple[str, ...]:
    lines = [
        f"codec: {figures['implementation']}; microseconds beside libwbxml's tree parser and tree encoder, medians"
    ]
    for what in ("decode", "encode"):
        for name, one in figures[what].items():
            lines.append(
                f"  {what} {name:<18} {one['us']:9.1f}  libwbxml {one['libwbxml_us']:9.1f}  "
                f"{one['ratio']:5.2f} times as fast"
            )
    return tuple(lines)
