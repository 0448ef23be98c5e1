"""
Carrierpost at a terminal.

Each command group is a module of its own, loaded only when it is asked for, so that `carrierpost --help` and
shell completion stay quick. `main` is the entry point: it turns every expected failure into one sentence that
says what to do next, and an exit status that scripts can rely on.

Exit status: 0 success, 1 a failure that the message explains, 2 wrong usage, 130 interrupted.
"""

from __future__ import annotations

import importlib
import os
import sys
from collections.abc import Sequence

import click

from carrierpost import __version__

__all__ = ["cli", "entry", "main"]

_COMMANDS: dict[str, str] = {
    "account": "Add, list and remove mailboxes, and renew their logins.",
    "calendar": "Show and change events, answer invitations, export and import.",
    "contacts": "Show contacts, add, edit, delete them, and let them out as vCards.",
    "demo": "Watch a lifelike mailbox being synchronized, nothing to set up.",
    "device": "Show people's phones and browsers, and prove that mail reaches them.",
    "doctor": "Explain how an account is doing, and why.",
    "exchange": "Run the built-in ActiveSync server, for tests and trials.",
    "folders": "Show, make, rename, move and delete folders; say how often each is checked.",
    "freebusy": "Ask the server when people are free.",
    "gal": "Find people in the server's address list.",
    "mail": "Show, write, read, flag, move and delete mail.",
    "notes": "Show notes, and add or delete them.",
    "notify": "Set up the ways in which devices are told, and what they are told.",
    "oof": "Show what is answered while one is away, and change it.",
    "policy": "Show what is allowed on devices, and change it.",
    "search": "Find items by words.",
    "serve": "Run the hub: sign-in, devices, the live stream, mail over HTTP.",
    "set-aside": "Show what the server refused or what is doubted, and decide about it.",
    "simulate": "Tell when mail would be noticed on a phone, from a described day or month.",
    "smime": "Keep keys and certificates for signed and encrypted mail.",
    "sync": "Bring accounts up to date, once.",
    "tasks": "Show tasks, and add, finish or delete them.",
    "trace": "Show why a notice came, or not, and how long everything took.",
    "watch": "Stay connected and tell what arrives, as it arrives.",
    "wbxml": "Turn WBXML into XML and back.",
}
"""Command names and the line that `--help` shows; `tests/cli` holds them against the commands themselves."""

_MODULES: dict[str, str] = {
    "contacts": "items",
    "freebusy": "lookup",
    "gal": "lookup",
    "mail": "items",
    "notes": "items",
    "search": "items",
    "set-aside": "set_aside",
    "tasks": "items",
    "watch": "sync",
}
"""Where a command lives when that is not the module of its own name."""


class _LazyGroup(click.Group):
    """
    A group whose commands are imported when they are used.
    """

    def list_commands(self, ctx: click.Context) -> list[str]:
        return sorted(_COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in _COMMANDS:
            return None
        module = importlib.import_module(f"carrierpost.cli.{_MODULES.get(cmd_name, cmd_name)}")
        command = getattr(module, cmd_name.replace("-", "_"))
        assert isinstance(command, click.Command)
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl(sorted(_COMMANDS.items()))


@click.group(
    cls=_LazyGroup,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
    epilog="Everything lives below one directory, which CARRIERPOST_HOME moves. Start with: carrierpost demo",
)
@click.version_option(__version__, prog_name="carrierpost")
def cli() -> None:
    """
    Keep Exchange mail, calendar and contacts in sync over ActiveSync.
    """


def main(arguments: Sequence[str] | None = None) -> int:
    """
    Run the command line.

    Args:
        arguments: without the program's name; `None` takes the process's own.

    Returns:
        The exit status.

    """
    from carrierpost.cli.failure import explain, is_unread

    try:
        status = cli.main(args=arguments, prog_name="carrierpost", standalone_mode=False)
    except click.ClickException as error:
        error.show()
        return error.exit_code
    except (click.exceptions.Abort, KeyboardInterrupt):
        click.echo("interrupted", err=True)
        return 130
    except SystemExit:
        _forget_output()  # nothing of ours ends like this, but the libraries that print do when nobody reads any more
        return 0
    except Exception as error:
        if is_unread(error):
            _forget_output()
            return 0
        sentence = explain(error)
        if sentence is None:
            raise
        click.echo(f"carrierpost: {sentence}", err=True)
        return 1
    return status if isinstance(status, int) else 0


def _forget_output() -> None:
    """
    Lead what is still to be written nowhere, so that Python does not complain about it at exit.
    """
    nowhere = os.open(os.devnull, os.O_WRONLY)
    try:
        os.dup2(nowhere, sys.stdout.fileno())
    finally:
        os.close(nowhere)


def entry() -> None:
    """
    Run as the installed script.
    """
    status = main()
    try:
        sys.stdout.flush()
    except BrokenPipeError:
        _forget_output()
    sys.exit(status)
