"""
`carrierpost gal`, `freebusy` and `search --server`: what only the server knows.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import click

from carrierpost.cli.output import json_option, local_time, print_json, print_table, trace_options
from carrierpost.cli.running import account_option, asynchronous, online
from carrierpost.engine.context import Context
from carrierpost.engine.folders import find_folder, known_folders, path_of
from carrierpost.engine.looking import (
    Busy,
    Found,
    Page,
    People,
    find_mail,
    find_people,
    look_up_busy,
    merge_slots,
    new_search_id,
)
from carrierpost.model import Collection, SearchHit
from carrierpost.protocol.classes import Email
from carrierpost.protocol.classes.gal import GALEntry
from carrierpost.protocol.commands.looking import PictureLimits
from carrierpost.protocol.commands.resolve_recipients import FreeBusy
from carrierpost.protocol.text import display_name

__all__ = ["freebusy", "gal", "search_server"]

_LONG_AGO = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)
_PICTURES = PictureLimits(max_size=200_000, max_pictures=100)
_SUFFIXES = ((b"\x89PNG", ".png"), (b"GIF8", ".gif"))


async def search_server(
    words: str, folder: str | None, address: str | None, limit: int, *, trace: Path | None, veil: bool, as_json: bool
) -> None:
    """
    Find mail at the server, and in what is held here, and print both as one list.
    """
    async with online(address, trace=trace, veil=veil) as (hub, account, runner):
        search_id = new_search_id(hub.chance)

        async def look(context: Context) -> tuple[list[Found], int | None]:
            chosen = find_folder(folder, await known_folders(context)) if folder is not None else None
            found: list[Found] = []
            first: int | None = 0
            total = None
            while first is not None and len(found) < limit:
                page: Page = await find_mail(
                    context, words, collection=chosen, first=first, count=limit - len(found), search_id=search_id
                )
                found += page.found
                first, total = page.following, page.total
            return found[:limit], total

        found, total = await runner.ask(look)
        every = await hub.store.collections(account.id)
        chosen = find_folder(folder, every) if folder is not None else None
        hits = await hub.store.search(account.id, words, limit=limit)
    here = {hit.item.id for hit in hits}
    merged = [(one, "both" if one.item_id in here else "server") for one in found]
    merged += [(one, "here") for one in _found_here(hits, found, every, chosen)]
    merged.sort(key=lambda one: one[0].received or _LONG_AGO, reverse=True)
    if as_json:
        print_json({"total": total, "found": [_found_values(one, every) | {"by": by} for one, by in merged]})
        return
    rows = [
        (one.item_id or "", local_time(one.received), display_name(one.sender), one.subject or "(no subject)",
         path_of(one.collection, every) if one.collection is not None else "", by)
        for one, by in merged
    ]  # fmt: skip
    print_table(("ID>", "Received", "From", "Subject", "Folder", "Found by"), rows, empty="nothing found")
    if total is not None and total > len(found):
        click.echo(f"\n{len(found)} of about {total}; more with: --limit {min(total, 1000)}")


def _found_here(
    hits: Sequence[SearchHit], found: Sequence[Found], every: tuple[Collection, ...], chosen: Collection | None
) -> list[Found]:
    """
    Give the mail that the search in what is held found and the server did not, in the same form.
    """
    told = {one.item_id for one in found}
    folders = {one.id: one for one in every}
    return [
        Found(
            subject=hit.item.data.subject or "",
            sender=hit.item.data.from_ or "",
            received=hit.item.data.date_received,
            preview=hit.snippet,
            item_id=hit.item.id,
            collection=folders.get(hit.item.collection_id),
        )
        for hit in hits
        if isinstance(hit.item.data, Email)
        and hit.item.id not in told
        and (chosen is None or hit.item.collection_id == chosen.id)
    ]


def _found_values(one: Found, every: tuple[Collection, ...]) -> dict[str, Any]:
    return {
        "id": one.item_id,
        "subject": one.subject,
        "from": one.sender,
        "received": one.received,
        "folder": path_of(one.collection, every) if one.collection is not None else None,
        "preview": one.preview,
        "server_id": one.server_id or None,
        "long_id": one.long_id or None,
    }


@click.command()
@click.argument("words", nargs=-1, required=True)
@click.option("-n", "--limit", type=click.IntRange(1), default=25, show_default=True, help="How many.")
@click.option(
    "--pictures",
    type=click.Path(file_okay=False, path_type=Path),
    metavar="DIR",
    help="Save people's pictures here, named by address (14.1 and later).",
)
@account_option
@trace_options
@json_option
@asynchronous
async def gal(
    words: tuple[str, ...],
    limit: int,
    pictures: Path | None,
    address: str | None,
    trace: Path | None,
    veil: bool,
    as_json: bool,
) -> None:
    """
    Find people in the server's address list.

    WORDS is how a name, an address or another word about them begins.
    """
    async with online(address, trace=trace, veil=veil) as (hub, _, runner):
        search_id = new_search_id(hub.chance)

        async def look(context: Context) -> tuple[list[GALEntry], int | None]:
            found: list[GALEntry] = []
            first: int | None = 0
            total = None
            while first is not None and len(found) < limit:
                page: People = await find_people(
                    context, " ".join(words), first=first, count=limit - len(found),
                    pictures=_PICTURES if pictures is not None else None, search_id=search_id,
                )  # fmt: skip
                found += page.found
                first, total = page.following, page.total
            return found[:limit], total

        people, total = await runner.ask(look)
    saved = [_saved(one, pictures) for one in people]
    if as_json:
        print_json({"total": total, "found": [_person(one, file) for one, file in zip(people, saved, strict=True)]})
        return
    rows = [
        (one.display_name or "", one.email_address or "", one.phone or one.mobile_phone or "", one.title or "",
         one.company or "", file.name if file else "")
        for one, file in zip(people, saved, strict=True)
    ]  # fmt: skip
    print_table(("Name", "Mail", "Phone", "Title", "Company", "Picture"), rows, empty="nobody found")
    if total is not None and total > len(people):
        click.echo(f"\n{len(people)} of about {total}; more with: --limit {min(total, 1000)}")


def _person(one: GALEntry, file: Path | None) -> dict[str, Any]:
    values: dict[str, Any] = {
        name: getattr(one, name) for name in one.__struct_fields__ if name != "picture" and getattr(one, name)
    }
    return values | ({"picture": str(file)} if file is not None else {})


def _saved(one: GALEntry, directory: Path | None) -> Path | None:
    """
    Save a person's picture, if there is one; its name is made of the address, which a stranger chose.
    """
    data = one.picture.data if one.picture is not None else None
    if directory is None or not data:
        return None
    directory.mkdir(parents=True, exist_ok=True)
    known_by = one.email_address or one.alias or one.display_name or "picture"
    name = "".join(letter if letter.isalnum() or letter in "@.-_" else "_" for letter in known_by).lstrip(".")[:100]
    suffix = next((suffix for begins, suffix in _SUFFIXES if data.startswith(begins)), ".jpg")
    file = directory / f"{name or 'picture'}{suffix}"
    file.write_bytes(data)
    return file


_WORDS = {
    FreeBusy.FREE: "free",
    FreeBusy.TENTATIVE: "perhaps busy",
    FreeBusy.BUSY: "busy",
    FreeBusy.AWAY: "away",
    FreeBusy.NO_DATA: "not known",
}


def _day_option(command: Callable[..., Any]) -> Callable[..., Any]:
    return click.option("--day", type=click.DateTime(["%Y-%m-%d"]), help="The day to begin with; today unless given.")(
        command
    )


@click.command()
@click.argument("people", metavar="ADDRESS...", nargs=-1, required=True)
@_day_option
@click.option("--days", type=click.IntRange(1, 42), default=1, show_default=True, help="How many days.")
@account_option
@trace_options
@json_option
@asynchronous
async def freebusy(
    people: tuple[str, ...],
    day: dt.datetime | None,
    days: int,
    address: str | None,
    trace: Path | None,
    veil: bool,
    as_json: bool,
) -> None:
    """
    Ask the server when people are free.

    Names will do as well, where they mean one person. Servers of 12.1 do not say.
    """
    async with online(address, trace=trace, veil=veil) as (hub, _, runner):
        begins = (day or hub.clock.now().astimezone()).replace(hour=0, minute=0, second=0, microsecond=0)
        start = begins.astimezone(dt.UTC)

        async def look(context: Context) -> tuple[Busy, ...]:
            return await look_up_busy(context, people, start, start + dt.timedelta(days=days))

        told = await runner.ask(look)
    if as_json:
        print_json([_busy_values(one, start) for one in told])
        return
    rows = [row for one in told for row in _busy_rows(one, start)]
    print_table(("Who", "From", "Until", ""), rows, empty="nothing was told")


def _busy_values(one: Busy, start: dt.datetime) -> dict[str, Any]:
    return {
        "asked": one.asked,
        "name": one.name,
        "address": one.address,
        "reason": one.reason,
        "times": [
            {"start": begins, "end": ends, "state": kind.name.lower()}
            for begins, ends, kind in merge_slots(one.slots, start)
        ],
    }


def _busy_rows(one: Busy, start: dt.datetime) -> list[tuple[object, ...]]:
    who = one.name or one.asked
    if one.reason:
        return [(who, "", "", one.reason)]
    stretches = merge_slots(one.slots, start)
    taken = [(who, local_time(begins), local_time(ends), _WORDS[kind]) for begins, ends, kind in stretches if kind]
    return list(taken) or [(who, "", "", "free all the time")]
