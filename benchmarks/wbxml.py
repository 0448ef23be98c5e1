"""
The WBXML codec beside libwbxml, in one run.

    python -m benchmarks.wbxml [--json]

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
from benchmarks.libwbxml import LibWBXML
from carrierpost import wbxml

__all__ = ["TARGETS", "run"]

TARGETS = {"100 mails of 4 KB": 1.5, "200 contacts": 1.5, "100 events": 1.5, "Ping": 1.5}
"""Least ratio of decoding speed to libwbxml's, by document."""

_ROUNDS = 25
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


def _ratio(ours: Callable[[], object], theirs: Callable[[], object]) -> dict[str, float]:
    mine, other = [], []
    for _ in range(_ROUNDS):
        other.append(_turn(theirs))
        mine.append(_turn(ours))
    ratios = [b / a for a, b in zip(mine, other, strict=True)]
    return {
        "us": statistics.median(mine) * 1e6,
        "libwbxml_us": statistics.median(other) * 1e6,
        "ratio": statistics.median(ratios),
    }


def run() -> dict[str, Any]:
    """
    Measure every document.

    Returns:
        `decode` and `encode`, each with microseconds of both sides and the ratio, by document; `held`, whether
        the targets are reached.

    Raises:
        LibWBXMLMissing: there is nothing to compare with.

    """
    library = LibWBXML()
    result: dict[str, Any] = {"implementation": wbxml.implementation(), "decode": {}, "encode": {}}
    for name, data in documents().items():
        result["decode"][name] = _ratio(partial(wbxml.decode, data), partial(library.decode, data))
        document, tree = wbxml.decode(data), library.parse(data)
        result["encode"][name] = _ratio(
            partial(wbxml.encode, document.root, document.value), partial(library.encode, tree)
        )
        library.destroy(tree)
    result["held"] = all(result["decode"][name]["ratio"] >= least for name, least in TARGETS.items())
    return result
