"""
Very many accounts held by one hub: memory, processor at rest, how soon news are handed on, and waking all at once.

Hub, server and peer are processes of their own. Memory is what the hub's process has grown by since it was ready to
begin, divided by the accounts; the peer is aiohttp's bare connection, of the same number, measured in the same run. The
processor's time is the hub's alone.
"""

from __future__ import annotations

import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from benchmarks.child import Child
from benchmarks.figures import Part, Target, percentile
from scripts.real.certificates import issue

__all__ = ["measure"]

_KB = {False: 30.0, True: 80.0}
_P99 = 250.0
_WAKE = 15.0
_REST = 5.0  # seconds in which the processor's time at rest is measured


def measure(*, sizes: Sequence[int] = (1000,), mails: int = 500, a_second: float = 50.0) -> Part:
    """
    Measure.

    Args:
        sizes: how many accounts; the targets stand for ten thousand and have to hold at each.
        mails: mails of the trickle.
        a_second: how many of them come in a second, on average.
    """
    figures: dict[str, Any] = {}
    lines, targets = [], []
    for size in sizes:
        for secure in (False, True):
            words = f"{size} accounts, {'TLS' if secure else 'plain HTTP'}"
            with tempfile.TemporaryDirectory(prefix="carrierpost-bench-") as directory:
                found = _one(Path(directory), size, mails, a_second, words, secure=secure)
            figures[f"{size}_{'tls' if secure else 'plain'}"] = found
            lines.append(
                f"  {words:<28} {found['kb']:5.1f} KB each (bare connection {found['bare_kb']:.1f}), "
                f"{found['ready_s']:.0f} s until all are held, at rest {found['rest_percent']:.2f} % of a core"
            )
            lines.append(
                f"  {'':<28} trickle p50 {found['p50_ms']:.1f} ms p99 {found['p99_ms']:.1f} ms, all woken at once: "
                f"all told after {found['wake_s']:.1f} s"
            )
            targets += [
                Target(f"memory of an account, {words}", found["kb"], _KB[secure], least=False, unit="KB"),
                Target(f"trickle p99, {words}", found["p99_ms"], _P99, least=False, unit="ms"),
                Target(f"all told, {words}", found["wake_s"], _WAKE, least=False, unit="s"),
            ]
    return Part("holding", figures, tuple(lines), tuple(targets))


def _show(text: str) -> None:
    if sys.stderr.isatty():
        print(f"\r\x1b[2K{text}", end="", file=sys.stderr, flush=True)


def _one(place: Path, size: int, mails: int, a_second: float, words: str, *, secure: bool) -> dict[str, Any]:
    tls: tuple[Path, ...] = ()
    ca: tuple[Path, ...] = ()
    if secure:
        issue(place)
        tls, ca = (place,), (place / "ca.crt",)
    with Child("benchmarks.crowd", size, *tls) as crowd:
        _show(f"{words}: the server begins")
        answer = crowd.hear()
        mute = f"{'https://localhost' if secure else 'http://127.0.0.1'}:{answer['mute']}/"
        with Child("benchmarks.hall", "bare", place / "bare", size, mute, *ca) as bare:
            empty = bare.hear()["memory"]
            _show(f"{words}: bare connections")
            bare_kb = (bare.hear()["memory"] - empty) / size / 1024
        with Child("benchmarks.hall", "hub", place / "home", size, answer["url"], *ca) as hub:
            _show(f"{words}: accounts are added")
            empty, begun = hub.hear()["memory"], time.monotonic()
            while (connected := hub.hear()["connected"]) < size:
                _show(f"{words}: {connected} held")
            ready = time.monotonic() - begun
            time.sleep(2.0)
            before = hub.ask("spent")
            time.sleep(_REST)
            after = hub.ask("spent")
            _show(f"{words}: mail trickles in")
            hub.ask("expect", count=mails)
            sent = crowd.ask("trickle", count=mails, a_second=a_second)["committed"]
            heard = hub.ask("heard")["heard"]
            late = [(heard[one] - sent[one]) * 1000 for one in sent]
            _show(f"{words}: all are woken at once")
            hub.ask("expect", count=size)
            woken = crowd.ask("everybody")["begun"]
            last = hub.ask("heard")["last"]
            _show("")
    return {
        "kb": (after["memory"] - empty) / size / 1024,
        "bare_kb": bare_kb,
        "ready_s": ready,
        "rest_percent": (after["cpu"] - before["cpu"]) / _REST * 100,
        "p50_ms": percentile(late, 50),
        "p99_ms": percentile(late, 99),
        "wake_s": last - woken,
    }
