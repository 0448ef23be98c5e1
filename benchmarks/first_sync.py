"""
The first synchronization of a full Inbox, beside mbsync taking the same mails.

Both are programs that begin with nothing but an account, and are measured from their start until all mails are on the
disk. Server and client are processes of their own, TLS is verified, the rounds alternate, and each of ours meets a new
server that has encoded nothing yet. mbsync's server has made its index before.

mbsync is measured twice. As it comes, it forces every mail to the disk before it goes on: at its end all are there, and
a power cut at any moment leaves nothing half. Carrierpost's store promises the latter too, and its time here includes
forcing everything to the disk at the end; so this is the comparison that the target is about. Told to force nothing
(`FSync no`), mbsync is many times faster and promises less than the store does; that ratio is printed beside the other.
"""

from __future__ import annotations

import asyncio
import contextlib
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from benchmarks.child import Child
from benchmarks.figures import Part, Target, median
from benchmarks.hub import prepare
from benchmarks.mails import mails
from benchmarks.mbsync import Mbsync, MbsyncError, mbsync_peer
from scripts.real.certificates import issue

__all__ = ["measure"]

_LEAST = 5.0
_TO = "Ada Larch <ada@larch.example>"


@contextlib.contextmanager
def _maybe_mbsync(count: int, size: int, *, wanted: bool) -> Iterator[Mbsync | str]:
    """
    Start mbsync's server, or say why there is none.
    """
    with contextlib.ExitStack() as stack:
        found: Mbsync | str = "mbsync was not wanted"
        if wanted:
            try:
                messages = (one.message(_TO) for one in mails(count, size=size))
                found = stack.enter_context(mbsync_peer(messages))
            except MbsyncError as error:
                found = str(error)
        yield found


def _ours(count: int, size: int) -> dict[str, Any]:
    """
    Synchronize once; gives seconds from the program's start, memory and CPU.
    """
    with tempfile.TemporaryDirectory(prefix="carrierpost-bench-") as directory:
        place = Path(directory)
        issue(place)
        with Child("benchmarks.exchange", place, count, size) as exchange:
            url = exchange.hear()["url"]
            asyncio.run(prepare(place / "home", url, place / "ca.crt"))
            before = exchange.ask("spent")
            with Child("benchmarks.hub", place / "home", "first-sync") as hub:
                answer = hub.hear()
            after = exchange.ask("spent")
    if answer["held"] != count or answer["troubles"]:
        raise RuntimeError(f"{answer['held']} of {count} mails are held; {answer['troubles']}")
    return {
        **{name: answer[name] - hub.started for name in ("complete", "on_disk", "indexed")},
        **{name: answer[name] for name in ("peak", "peak_indexed", "cpu", "cpu_indexed")},
        "server_cpu": after["cpu"] - before["cpu"],
        "requests": after["requests"] - before["requests"],
    }


def measure(*, count: int = 10_000, size: int = 4096, rounds: int = 5, peer: bool = True) -> Part:
    """
    Measure.

    Args:
        count: mails.
        size: bytes of each one's text.
        rounds: how often each side has its turn.
        peer: whether mbsync is measured too.
    """
    ours: list[dict[str, Any]] = []
    theirs: dict[str, list[float]] = {"mbsync": [], "mbsync_unforced": []}
    with _maybe_mbsync(count, size, wanted=peer) as mbsync:
        for _ in range(rounds):
            ours.append(_ours(count, size))
            if isinstance(mbsync, Mbsync):
                theirs["mbsync"].append(mbsync.run(fsync=True))
                theirs["mbsync_unforced"].append(mbsync.run(fsync=False))
    figures: dict[str, Any] = {"mails": count, "size": size, "rounds": rounds}
    figures |= {name: median([one[name] for one in ours]) for name in ours[0]}
    figures["per_second"] = count / figures["on_disk"]
    if isinstance(mbsync, str):
        return Part("first-sync", figures, _lines(figures), missing=(mbsync,))
    figures |= {name: median(times) for name, times in theirs.items()}
    for name in theirs:
        figures[f"{name}_per_second"] = count / figures[name]
        figures[f"times_{name}"] = figures[name] / figures["on_disk"]
        figures[f"times_{name}_with_search"] = figures[name] / figures["indexed"]
    target = Target("first sync beside mbsync as it comes", figures["times_mbsync"], _LEAST)
    return Part("first-sync", figures, _lines(figures), (target,))


def _lines(figures: dict[str, Any]) -> tuple[str, ...]:
    lines = [
        f"{figures['mails']} mails of {figures['size']} bytes, {figures['rounds']} rounds, medians; from program start",
        f"  carrierpost          {figures['on_disk']:6.2f} s  {figures['per_second']:7.0f} mails/s  "
        f"peak {figures['peak'] / 2**20:.0f} MB; complete after {figures['complete']:.2f} s, on the disk included",
        f"    with search index  {figures['indexed']:6.2f} s  {figures['mails'] / figures['indexed']:7.0f} mails/s  "
        f"peak {figures['peak_indexed'] / 2**20:.0f} MB",
        f"    CPU seconds: {figures['cpu']:.2f}, {figures['cpu_indexed']:.2f} with index; "
        f"the server's {figures['server_cpu']:.2f}",
    ]
    for name, words in (("mbsync", "mbsync as it comes  "), ("mbsync_unforced", "mbsync without fsync")):
        if name in figures:
            lines.append(
                f"  {words} {figures[name]:6.2f} s  {figures[f'{name}_per_second']:7.0f} mails/s  "
                f"carrierpost is {figures[f'times_{name}']:.2f} times as fast"
                f" ({figures[f'times_{name}_with_search']:.2f} with search index)"
            )
    return tuple(lines)
