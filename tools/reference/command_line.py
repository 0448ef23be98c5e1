"""
The page on the command line: every command as `--help` shows it, from the same source.
"""

from __future__ import annotations

import inspect
import re

import click

from carrierpost.cli import cli
from tools.reference.markdown import page, table

__all__ = ["pages"]

_AS_IT_IS = "\b\n"


def pages() -> dict[str, str]:
    """
    Make the page.
    """
    context = click.Context(cli, info_name="carrierpost")
    parts = [_paragraphs(cli.help), _usage(cli, context)]
    for name in cli.list_commands(context):
        try:
            command = cli.get_command(context, name)
        except ImportError as error:  # its room is not built yet
            parts.append(f"## carrierpost {name}\n\nNot available yet ({error.name}).")
            continue
        if command is not None:
            parts += _command(command, click.Context(command, info_name=name, parent=context), 2)
    if cli.epilog:
        parts.append(_paragraphs(cli.epilog))
    return {"command-line.md": page("Command line", *parts)}


def _command(command: click.Command, context: click.Context, level: int) -> list[str]:
    head = f"{'#' * level} {context.command_path}"
    parts = [head, _paragraphs(command.help), _usage(command, context)]
    rows = []
    for parameter in command.get_params(context):
        record = parameter.get_help_record(context)
        if record is not None and record[1] and "--help" not in record[0]:
            rows.append((f"`{record[0]}`", record[1]))
    if rows:
        parts.append(table(("option", "meaning"), rows))
    if isinstance(command, click.Group):
        for name in command.list_commands(context):
            inner = command.get_command(context, name)
            if inner is not None and not inner.hidden:
                parts += _command(inner, click.Context(inner, info_name=name, parent=context), level + 1)
    return parts


def _usage(command: click.Command, context: click.Context) -> str:
    words = re.sub(r"\s+", " ", command.get_usage(context).removeprefix("Usage: "))
    return f"```text\n{words}\n```"


def _paragraphs(text: str | None) -> str:
    """
    Give a help text as Markdown; what click is told to leave as it is (after a backspace) becomes a block.
    """
    parts = inspect.cleandoc(text or "").split("\n\n")
    blocks = (f"```text\n{part.removeprefix(_AS_IT_IS)}\n```" if part.startswith(_AS_IT_IS) else part for part in parts)
    return "\n\n".join(blocks).strip()
