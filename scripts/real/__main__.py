"""
`python -m scripts.real up|down|status|test|install`: real servers by hand, and the tests that need them.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
from pathlib import Path

from scripts.real import packages, stack
from scripts.real.errors import RealServerError
from scripts.real.machine import say
from scripts.real.settings import DEFAULT_USERS, Settings, User

_STATE = Path("/tmp/carrierpost-real")  # other users must be able to enter it, so not below this tree
_ENVIRONMENT = "CARRIERPOST_REAL_STACK"


def main(arguments: list[str] | None = None) -> int:
    """
    Run the command line.

    Returns:
        The exit status: 0 success, 1 a failure that the message explains, else what pytest said.

    """
    options, rest = _parser().parse_known_args(arguments)
    if rest and options.command != "test":
        _parser().error(f"unknown arguments: {' '.join(rest)}")
    try:
        if options.command == "install":
            packages.install(packages.BENCH if options.what == "bench" else packages.SOGO)
            return 0
        settings = Settings(
            state=options.state.resolve(),
            port_base=options.port_base,
            users=tuple(options.user or DEFAULT_USERS),
            workers=options.workers,
            poll=options.poll,
            debug=options.debug,
        )
        return _run(options, settings, rest)
    except (RealServerError, ValueError) as error:
        say(str(error))
        return 1


def _run(options: argparse.Namespace, settings: Settings, rest: list[str]) -> int:
    if options.command == "up":
        print(json.dumps(stack.up(settings)))
    elif options.command == "down":
        stack.down(settings, purge=options.purge)
    elif options.command == "status":
        running = stack.is_up(settings)
        print(json.dumps({"up": running, **stack.describe(settings)}))
        return 0 if running else 1
    else:
        return _test(settings, rest, keep=options.keep)
    return 0


def _test(settings: Settings, arguments: list[str], *, keep: bool) -> int:
    """
    Run tests/real and tests/browser between start and stop; a stack that ran before is left running.
    """
    keep = keep or stack.is_up(settings)
    try:
        stack.up(settings)
        packages.install(packages.APP)
        named = any(Path(word.partition("::")[0]).exists() for word in arguments)
        command = [
            sys.executable,
            "-m",
            "pytest",
            "-m",
            "real",
            *arguments,
            *([] if named else ["tests/real", "tests/browser"]),
        ]
        return subprocess.run(
            command, env={**os.environ, _ENVIRONMENT: str(settings.state / stack.DESCRIPTION)}, check=False
        ).returncode
    finally:
        if not keep:
            stack.down(settings)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m scripts.real", description=__doc__)
    common = argparse.ArgumentParser(add_help=False)
    common.add_argument("--state", type=Path, default=_STATE, help="directory for everything they write")
    common.add_argument("--port-base", type=int, default=21000, help="first of 444 ports on 127.0.0.1")
    common.add_argument("--user", type=User.parse, action="append", help="NAME:PASSWORD[:FULL NAME], repeatable")
    common.add_argument("--workers", type=int, default=24, help="processes of SOGo; each held request takes one")
    common.add_argument("--poll", type=int, default=5, help="seconds between looks of a held request")
    common.add_argument("--debug", action="store_true", help="let SOGo log every request and answer")
    commands = parser.add_subparsers(dest="command", required=True)
    commands.add_parser("up", parents=[common], help="start, and print JSON that says where everything is")
    stop = commands.add_parser("down", parents=[common], help="stop")
    stop.add_argument("--purge", action="store_true", help="delete the state directory too")
    commands.add_parser("status", parents=[common], help="say whether all runs")
    test = commands.add_parser("test", parents=[common], help="start, run tests/real with pytest, stop")
    test.add_argument("--keep", action="store_true", help="leave it running")
    install = commands.add_parser("install", help="install Debian packages only")
    install.add_argument("what", choices=["sogo", "bench"])
    return parser


if __name__ == "__main__":
    sys.exit(main())
