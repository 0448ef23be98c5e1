"""
`python -m fuzz`: run the harnesses of this package and the long properties of the tests.
"""

from __future__ import annotations

import argparse
import asyncio
import importlib
import os
import pkgutil
import random
import signal
import subprocess
import sys
import tempfile
import time
import traceback
from collections.abc import Callable
from pathlib import Path

import fuzz
from fuzz._kill import kill

_FAILED, _INTERRUPTED, _NO_TESTS = 1, 2, 5  # pytest's exit statuses
_SLICE = 1.0  # seconds of one harness before the next has its turn

Attempt = Callable[[random.Random], None]


def main(arguments: list[str] | None = None) -> int:
    """
    Run the command line.

    Returns:
        The exit status: 0 when everything held, 1 otherwise, 2 for wrong usage.

    """
    options = _parser().parse_args(arguments)
    if options.kill:
        return deaths(
            options.mails,
            options.kills,
            random.SystemRandom().getrandbits(32) if options.seed is None else options.seed,
        )
    known = harnesses()
    chosen = {name: known[name] for name in options.only or known if name in known}
    if unknown := set(options.only or ()) - {*known, "properties"}:
        print(f"fuzz: no harness is called {', '.join(sorted(unknown))}; there are: {', '.join(known)}, properties")
        return 2
    if options.seed is not None:
        return replay(chosen, options.seed)
    properties = not options.only or "properties" in options.only
    share = options.seconds * len(chosen) / (len(chosen) + 2 * properties)  # the properties are worth two
    held = attempts(chosen, share)
    if properties:
        held = property_tests(options.seconds - share) and held
    print(f"fuzz: {'everything held' if held else 'FAILED'}")
    return 0 if held else 1


def harnesses() -> dict[str, Attempt]:
    """
    Find the harnesses: modules of this package that do not begin with an underscore.
    """
    names = sorted(found.name for found in pkgutil.iter_modules(fuzz.__path__) if not found.name.startswith("_"))
    return {name: importlib.import_module(f"fuzz.{name}").attempt for name in names}


def attempts(chosen: dict[str, Attempt], seconds: float) -> bool:
    """
    Let harnesses take turns until the time is over or all have failed.

    Returns:
        Whether all of them held.

    """
    if not chosen:
        return True
    counts = dict.fromkeys(chosen, 0)
    failed: set[str] = set()
    end = time.monotonic() + seconds
    while time.monotonic() < end and len(failed) < len(chosen):
        for name, attempt in chosen.items():
            turn = min(end, time.monotonic() + _SLICE)
            while time.monotonic() < turn and name not in failed:
                counts[name] += 1
                if not _once(name, attempt, random.SystemRandom().getrandbits(64)):
                    failed.add(name)
    for name, count in counts.items():
        print(f"fuzz: {name:12} {count:9} attempts {'FAILED' if name in failed else 'held'}")
    return not failed


def replay(chosen: dict[str, Attempt], seed: int) -> int:
    """
    Repeat one attempt of each harness.

    Returns:
        1 when one of them failed, else 0: an exit status.

    """
    held = [_once(name, attempt, seed) for name, attempt in chosen.items()]
    print(f"fuzz: seed {seed} {'held' if all(held) else 'FAILED'}")
    return 0 if all(held) else 1


def _once(name: str, attempt: Attempt, seed: int) -> bool:
    try:
        attempt(random.Random(seed))
    except Exception:  # whatever it is, it is what we are looking for
        traceback.print_exc()
        print(f"fuzz: {name} failed; again with: python -m fuzz --only {name} --seed {seed}")
        return False
    return True


def property_tests(seconds: float) -> bool:
    """
    Repeat the properties marked `fuzz`, each round with other examples, until the time is over.

    A round that is under way then is interrupted; Hypothesis keeps what it had found in its database.

    Returns:
        Whether all of them held.

    """
    environment = {**os.environ, "HYPOTHESIS_PROFILE": "long"}
    end = time.monotonic() + seconds
    rounds = 0
    while (left := end - time.monotonic()) > 0:
        seed = random.SystemRandom().getrandbits(32)
        command = [sys.executable, "-m", "pytest", "-q", "-m", "fuzz", "--timeout=0", f"--hypothesis-seed={seed}"]
        with subprocess.Popen(
            command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
        ) as process:
            try:
                said, _ = process.communicate(timeout=left)
            except subprocess.TimeoutExpired:
                process.send_signal(signal.SIGINT)
                said, _ = process.communicate()
        if process.returncode == _NO_TESTS:
            print("fuzz: no test carries the marker fuzz")
            return True
        if process.returncode == _FAILED:
            print(f"{said}\nfuzz: properties failed; again with: pytest -m fuzz --hypothesis-seed={seed}")
            return False
        if process.returncode not in (0, _INTERRUPTED):
            print(f"{said}\nfuzz: pytest could not run the properties ({process.returncode})")
            return False
        rounds += 1
    print(f"fuzz: properties   {rounds:9} rounds held")
    return True


def deaths(mails: int, kills: int, seed: int) -> int:
    """
    Kill a first synchronisation again and again, and say what became of it.

    Returns:
        1 when something was wrong in the end, else 0: an exit status.

    """
    page = max(1, mails // (4 * kills))  # four requests or so of each run are answered before it dies
    with tempfile.TemporaryDirectory() as directory:
        home = Path(directory, "hub")
        found = asyncio.run(kill(home, mails=mails, kills=kills, page=page, chance=random.Random(seed)))
    print(f"fuzz: {found}")
    print(f"fuzz: again with: python -m fuzz --kill --mails {mails} --kills {kills} --seed {seed}")
    return 1 if found.wrongs else 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m fuzz", description=__doc__)
    parser.add_argument("--seconds", type=float, default=60, help="how long in all (60)")
    parser.add_argument("--only", action="append", metavar="NAME", help="a harness, or properties; repeatable")
    parser.add_argument("--seed", type=int, help="repeat one attempt")
    parser.add_argument("--kill", action="store_true", help="kill a first synchronisation again and again instead")
    parser.add_argument("--mails", type=int, default=5000, help="with --kill: mails to synchronize (5000)")
    parser.add_argument("--kills", type=int, default=50, help="with --kill: how often it dies (50)")
    return parser


if __name__ == "__main__":
    sys.exit(main())
