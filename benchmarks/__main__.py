"""
`make bench`: how fast Carrierpost is, beside programs that do the same, in one run on one machine.
"""

from __future__ import annotations

import argparse
import compileall
import datetime as dt
import json
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import carrierpost
from benchmarks import first_sync, holding, latency, lists, nothing_new, notices, wbxml
from benchmarks.figures import Part, interpreter, machine

__all__ = ["main"]


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="make bench", description=__doc__)
    parser.add_argument("parts", nargs="*", metavar="PART", help=f"{', '.join(_PARTS)}; all unless named")
    parser.add_argument("--json", action="store_true", help="print one JSON object as the last line")
    parser.add_argument("--mails", type=int, default=10_000, help="mails of the first synchronization")
    parser.add_argument("--rounds", type=int, default=5, help="rounds of the first synchronization")
    parser.add_argument("--no-mbsync", action="store_true", help="leave mbsync out; its target is not claimed then")
    parser.add_argument(
        "--held", type=int, nargs="+", default=[100, 10_000, 100_000], help="held mails when there is nothing new"
    )
    parser.add_argument("--turns", type=int, default=12, help="turns of five synchronizations with nothing new")
    parser.add_argument(
        "--listed", type=int, nargs="+", default=[1000, 10_000, 50_000], help="held mails when lists are read"
    )
    parser.add_argument("--list-rounds", type=int, default=40, help="how often each list is read")
    parser.add_argument("--arrivals", type=int, default=300, help="mails that arrive")
    parser.add_argument("--accounts", type=int, nargs="+", default=[1000], help="accounts that one hub holds")
    parser.add_argument("--messages", type=int, default=400, help="messages by Web Push in each of five turns")
    parser.add_argument("--codec-rounds", type=int, default=25, help="rounds of each document")
    return parser


_PARTS: dict[str, Callable[[argparse.Namespace], Part]] = {
    "wbxml": lambda chosen: wbxml.measure(rounds=chosen.codec_rounds),
    "first-sync": lambda chosen: first_sync.measure(
        count=chosen.mails, rounds=chosen.rounds, peer=not chosen.no_mbsync
    ),
    "nothing-new": lambda chosen: nothing_new.measure(sizes=sorted(chosen.held), rounds=chosen.turns),
    "lists": lambda chosen: lists.measure(sizes=sorted(chosen.listed), rounds=chosen.list_rounds),
    "notices": lambda chosen: notices.measure(rounds=chosen.codec_rounds, messages=chosen.messages),
    "latency": lambda chosen: latency.measure(arrivals=chosen.arrivals),
    "holding": lambda chosen: holding.measure(sizes=sorted(chosen.accounts)),
}


def main(arguments: Sequence[str] | None = None) -> int:
    """
    Measure and print.

    Returns:
        The exit status: 0 when all targets of the parts that were measured hold, else 1.
    """
    parser = _parser()
    chosen = parser.parse_args(arguments)
    if unknown := [name for name in chosen.parts if name not in _PARTS]:
        parser.error(f"there is no part {unknown[0]}; there are {', '.join(_PARTS)}")
    # An installed program finds its modules compiled; this tree's were perhaps just changed, or never may be written.
    compileall.compile_dir(Path(carrierpost.__file__).parent, quiet=1)
    around = machine()
    about = {"interpreter": interpreter(), "machine": around, "date": f"{dt.datetime.now(dt.UTC):%Y-%m-%d}"}
    print(f"{about['interpreter']}\n{_words(around)}")
    parts = []
    for name, measure in _PARTS.items():
        if name in chosen.parts or not chosen.parts:
            parts.append(measure(chosen))
            _print(parts[-1])
    held = all(part.held for part in parts)
    if chosen.json:
        print(json.dumps(_values(about, parts, held=held)))
    else:
        print("\nall targets hold" if held else "\nnot all targets hold")
    return 0 if held else 1


def _words(named: dict[str, Any]) -> str:
    return f"{named['processor']}, {named['cores']} cores, {named['system']}, load {named['load']} before"


def _print(part: Part) -> None:
    print(f"\n{part.name}", *part.lines, sep="\n")
    for target in part.targets:
        print(f"  {'holds' if target.held else 'FAILS'}: {target}")
    for reason in part.missing:
        print(f"  not compared, so nothing is claimed: {reason}")
    sys.stdout.flush()


def _values(about: dict[str, Any], parts: Sequence[Part], *, held: bool) -> dict[str, Any]:
    return {
        **about,
        **{part.name.replace("-", "_"): part.figures for part in parts},
        "targets": [target.values() for part in parts for target in part.targets],
        "missing": [reason for part in parts for reason in part.missing],
        "held": held,
    }


if __name__ == "__main__":
    sys.exit(main())
