"""
What commands print: tables for people, JSON for programs.

Programs get one JSON document (or one per line where a command goes on for ever); people get tables and
sentences. Colours and progress bars appear only at a terminal and respect `NO_COLOR`.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Any, Literal, TypeVar

import click
import msgspec
from rich.console import Console
from rich.markup import escape
from rich.table import Table

__all__ = ["console", "json_option", "local_time", "print_json", "print_table", "trace_options"]

F = TypeVar("F", bound=Callable[..., Any])


def console(*, stderr: bool = False) -> Console:
    """
    Make a console for standard output or standard error.
    """
    return Console(stderr=stderr, highlight=False, soft_wrap=True)


def json_option(command: F) -> F:
    """
    Give a command the option `--json`, passed as `as_json`.
    """
    option = click.option("--json", "as_json", is_flag=True, help="Print JSON, for programs.")
    return option(command)


def trace_options(command: F) -> F:
    """
    Give a command the options `--trace DIR` and `--veil`.
    """
    where = click.Path(file_okay=False, path_type=Path)
    trace = click.option(
        "--trace", type=where, metavar="DIR", help="Write every exchange to files here, secrets removed."
    )
    veil = click.option("--veil", is_flag=True, help="With --trace: make what people wrote unreadable in it.")
    return trace(veil(command))


def print_json(value: Any) -> None:
    """
    Print one JSON document on one line; times as ISO 8601, bytes as base64.
    """
    click.echo(msgspec.json.encode(value).decode())


def print_table(columns: Sequence[str], rows: Iterable[Sequence[object]], *, empty: str) -> None:
    """
    Print a table, or one sentence when there is nothing to show.

    Args:
        columns: headings; one that ends in `>` is aligned to the right.
        rows: cells, turned to text; markup in them has no effect.
        empty: the sentence for no rows.

    """
    table = Table(box=None, pad_edge=False, header_style="bold")
    for place, column in enumerate(columns):
        side: Literal["left", "right"] = "right" if column.endswith(">") else "left"
        # The first column is what a person copies into the next command, so it stays in one piece.
        table.add_column(column.rstrip(">"), justify=side, overflow="fold", no_wrap=place == 0)
    for row in rows:
        table.add_row(*(escape(str(cell)) for cell in row))
    if table.row_count:
        Console(highlight=False).print(table)
    else:
        click.echo(empty)


def local_time(moment: dt.datetime | None) -> str:
    """
    Write a time in the reader's own zone, to the minute; empty for `None`.
    """
    return "" if moment is None else f"{moment.astimezone():%Y-%m-%d %H:%M}"
