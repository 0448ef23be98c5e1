"""
`carrierpost oof`: what the server answers while one is away, for three audiences.
"""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Any

import click

from carrierpost.cli.output import json_option, local_time, print_json, print_table, trace_options
from carrierpost.cli.running import account_option, asynchronous, online
from carrierpost.engine.away import change_oof, plan_oof, read_oof
from carrierpost.engine.context import Context
from carrierpost.protocol.commands.oof import Audience, Oof, OofState
from carrierpost.protocol.text import plain_text

__all__ = ["oof"]

_AUDIENCES = {
    Audience.INTERNAL: "internal",
    Audience.EXTERNAL_KNOWN: "known",
    Audience.EXTERNAL_UNKNOWN: "unknown",
}
_NAMES = {
    Audience.INTERNAL: "colleagues",
    Audience.EXTERNAL_KNOWN: "others in one's contacts",
    Audience.EXTERNAL_UNKNOWN: "everybody else",
}
_TIMES = click.DateTime(["%Y-%m-%d", "%Y-%m-%d %H:%M", "%Y-%m-%dT%H:%M"])


@click.group()
def oof() -> None:
    """
    Show what is answered while one is away, and change it.
    """


@oof.command()
@account_option
@trace_options
@json_option
@asynchronous
async def show(address: str | None, trace: Path | None, veil: bool, as_json: bool) -> None:
    """
    Show whether mail is answered, when, and with which words.
    """
    async with online(address, trace=trace, veil=veil) as (_, _, runner):
        _print(await runner.ask(read_oof), as_json)


@oof.command("set")
@click.option("--text", help="The answer to all.")
@click.option("--internal", help="The answer to colleagues.")
@click.option("--known", help="The answer to others who are among one's contacts.")
@click.option("--unknown", help="The answer to everybody else.")
@click.option("--from", "start", type=_TIMES, help="From when on, local time; at once unless given.")
@click.option("--until", "end", type=_TIMES, help="Until when; goes together with --from.")
@click.option("--html", is_flag=True, help="The answers are HTML.")
@account_option
@trace_options
@json_option
@asynchronous
async def set_(
    text: str | None,
    internal: str | None,
    known: str | None,
    unknown: str | None,
    start: dt.datetime | None,
    end: dt.datetime | None,
    html: bool,
    address: str | None,
    trace: Path | None,
    veil: bool,
    as_json: bool,
) -> None:
    """
    Have mail answered.

    An audience without a text keeps the one it has at the server, and an empty one ("") is not answered.
    """
    given = dict(zip(Audience, (internal, known, unknown), strict=True))
    said = {who: own if own is not None else text for who, own in given.items()}
    texts = {who: words or None for who, words in said.items() if words is not None}
    if not texts:
        raise click.UsageError('say what is answered, as with: carrierpost oof set --text "Back on Monday."')
    if (start is None) != (end is None):
        raise click.UsageError("--from and --until go together")
    explicit = {who for who, own in given.items() if own is not None}

    async def change(context: Context) -> Oof:
        held = await read_oof(context, body_type="HTML" if html else "Text")
        there = {one.audience for one in held.messages}
        wanted = {who: words for who, words in texts.items() if who in explicit or who in there or not there}
        plan = plan_oof(held, wanted, start=_utc(start), end=_utc(end), body_type="HTML" if html else "Text")
        await change_oof(context, plan)
        return await read_oof(context)

    async with online(address, trace=trace, veil=veil) as (_, _, runner):
        _print(await runner.ask(change), as_json)


@oof.command()
@account_option
@trace_options
@json_option
@asynchronous
async def off(address: str | None, trace: Path | None, veil: bool, as_json: bool) -> None:
    """
    Have mail no longer answered; the texts stay at the server.
    """

    async def change(context: Context) -> Oof:
        await change_oof(context, Oof(state=OofState.OFF))
        return await read_oof(context)

    async with online(address, trace=trace, veil=veil) as (_, _, runner):
        _print(await runner.ask(change), as_json)


def _utc(moment: dt.datetime | None) -> dt.datetime | None:
    return None if moment is None else moment.astimezone(dt.UTC)


def _print(held: Oof, as_json: bool) -> None:
    if as_json:
        print_json(_values(held))
        return
    click.echo(_state(held))
    rows = [
        (
            _NAMES[one.audience],
            "no" if one.enabled is False else "yes",
            plain_text(one.reply_message or "", html=one.body_type.lower() == "html"),
        )
        for one in held.messages
    ]
    if rows:
        print_table(("To", "Answered", "With"), rows, empty="")


def _state(held: Oof) -> str:
    match held.state:
        case OofState.OFF:
            return "mail is not answered"
        case OofState.ON:
            return "mail is answered"
        case OofState.BETWEEN:
            return f"mail is answered from {local_time(held.start_time)} until {local_time(held.end_time)}"


def _values(held: Oof) -> dict[str, Any]:
    return {
        "state": held.state.name.lower(),
        "start": held.start_time,
        "end": held.end_time,
        "messages": [
            {"audience": _AUDIENCES[one.audience], "enabled": one.enabled, "text": one.reply_message}
            for one in held.messages
        ],
    }
