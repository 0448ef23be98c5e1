"""
Arrival latency: from the moment the server has a mail until it is in the store, over a held Ping.

Both over a real port with TLS: once with server and hub in processes of their own, once in one process and event loop,
where each waits for the other. Mail arrives by chance, so some arrives while the last one is still being fetched.
"""

from __future__ import annotations

import asyncio
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from benchmarks.account import ADDRESS
from benchmarks.child import Child
from benchmarks.exchange import deliver, new_server
from benchmarks.figures import Part, Target, percentile
from benchmarks.hub import Arrived, prepare, watching
from carrierpost.bootstrap import open_hub
from carrierpost.server.serve import serving
from scripts.real.certificates import issue

__all__ = ["measure"]

_MOST = 100.0
_SIZE = 2048


def measure(*, arrivals: int = 300, held: int = 500, pause: float = 0.05) -> Part:
    """
    Measure.

    Args:
        arrivals: mails that arrive.
        held: mails that are there before.
        pause: mean seconds between two arrivals.
    """
    figures: dict[str, Any] = {"arrivals": arrivals}
    lines, targets = [f"{arrivals} arrivals, {pause * 1000:g} ms apart on average"], []
    for name, words, run in (
        ("apart", "processes of their own", _apart),
        ("together", "one process", _together),
    ):
        with tempfile.TemporaryDirectory(prefix="carrierpost-bench-") as directory:
            place = Path(directory)
            issue(place)
            sent, got = run(place, arrivals, held, pause)
        late = _lateness(sent, got)
        p50, p99 = percentile(late, 50), percentile(late, 99)
        figures[name] = {"p50_ms": p50, "p99_ms": p99, "most_ms": max(late)}
        lines.append(f"  {words:<24} p50 {p50:6.2f} ms  p99 {p99:6.2f} ms  most {max(late):6.2f} ms")
        targets.append(Target(f"latency p99, {words}", p99, _MOST, least=False, unit="ms"))
    return Part("latency", figures, tuple(lines), tuple(targets))


def _lateness(sent: Mapping[str, float], got: Mapping[str, float]) -> list[float]:
    """
    Give milliseconds from mailbox to store.
    """
    if set(sent) != set(got):
        raise RuntimeError(f"{len(sent)} mails were delivered and {len(got)} arrived")
    return [(got[one] - sent[one]) * 1000 for one in sent]


def _apart(place: Path, arrivals: int, held: int, pause: float) -> tuple[dict[str, float], dict[str, float]]:
    with Child("benchmarks.exchange", place, held, _SIZE) as exchange:
        url = exchange.hear()["url"]
        asyncio.run(prepare(place / "home", url, place / "ca.crt"))
        with Child("benchmarks.hub", place / "home", "arrivals", arrivals) as hub:
            hub.hear()
            sent = exchange.ask("deliver", count=arrivals, pause=pause)["committed"]
            return sent, hub.hear()["committed"]


def _together(place: Path, arrivals: int, held: int, pause: float) -> tuple[dict[str, float], dict[str, float]]:
    async def run() -> tuple[dict[str, float], dict[str, float]]:
        server = new_server(held, _SIZE)
        certificate, key = place / "server.crt", place / "server.key"
        async with serving(server, "localhost", certificate=certificate, key=key) as running:
            await prepare(place / "home", running.url, place / "ca.crt")
            async with open_hub(home=place / "home", environment={}) as hub:
                [account] = await hub.store.accounts()
                arrived = Arrived(arrivals)
                async with watching(hub, account, arrived):
                    sent = await deliver(server.mailbox(ADDRESS), arrivals, pause)
                    await arrived.complete.wait()
                return sent, await arrived.by_server_id(hub, account)

    return asyncio.run(run())
