"""
`carrierpost calendar export|import` and `carrierpost tasks export`: calendar files of other programs ([RFC 5545]).

What one side cannot say is named: what would change its meaning is held back, a detail is left out. Guests are left
out of what is imported, since a server may mail everybody who is named in a new event.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from pathlib import Path
from typing import TextIO

import click
import msgspec

from carrierpost.bootstrap import open_hub
from carrierpost.cli.edits import find_folder, say_when
from carrierpost.cli.output import json_option, print_json
from carrierpost.cli.running import account_option, asynchronous, pick_account
from carrierpost.cli.showing import headline
from carrierpost.formats.icalendar_in import read_calendar
from carrierpost.formats.icalendar_out import write_events, write_tasks
from carrierpost.formats.icalendar_words import ReadEvent, ReadTask, Reason
from carrierpost.model import Account, Collection, Item
from carrierpost.protocol.classes import Body, BodyType, ContentClass, Event, Task
from carrierpost.protocol.classes.occurrences import occurrences
from carrierpost.protocol.commands.folder_sync import FolderType
from carrierpost.protocol.version import Version
from carrierpost.store.contract import Store

__all__ = ["export_calendar", "export_tasks", "import_calendar"]

_DAY = dt.timedelta(days=1)
_GUESTS = Reason("ATTENDEE", "guests are left out, so that nobody is mailed", changes_meaning=False)
_TYPES = {ContentClass.CALENDAR: FolderType.CALENDAR, ContentClass.TASKS: FolderType.TASKS}
_output = click.option(
    "-o",
    "--output",
    type=click.Path(dir_okay=False, path_type=Path),
    help="The file to write; the terminal unless given.",
)


async def _whole(store: Store, item: Item) -> Event | Task:
    """
    Give an item with the text of its body.
    """
    data = item.data
    assert isinstance(data, Event | Task)
    body = await store.body(item.id)
    if body is None or not isinstance(body.data, str):
        return data
    return msgspec.structs.replace(data, body=Body(type=BodyType(body.type), data=body.data))


async def _all(store: Store, account: Account, kind: ContentClass, folder: str | None) -> list[Item]:
    chosen = None if folder is None else (await find_folder(store, account, kind, folder)).id
    return list(await store.items(account.id, content_class=kind, collection_id=chosen))


def _write(text: str, output: Path | None, count: str, reasons: Sequence[Reason]) -> None:
    if output is None:
        click.echo(text, nl=False)
    else:
        output.write_bytes(text.encode())
        click.echo(f"{count} written to {output}", err=True)
    for reason in dict.fromkeys(reasons):
        click.echo(f"left out: {reason}", err=True)


@click.command("export")
@click.argument("item_ids", metavar="[ID]...", type=int, nargs=-1)
@click.option("--folder", metavar="NAME", help="Only this calendar, by its name.")
@click.option("--from", "since", type=click.DateTime(["%Y-%m-%d"]), help="Only what takes place from this day on.")
@click.option("--to", "until", type=click.DateTime(["%Y-%m-%d"]), help="Only what takes place up to this day.")
@_output
@account_option
@asynchronous
async def export_calendar(
    item_ids: tuple[int, ...],
    folder: str | None,
    since: dt.datetime | None,
    until: dt.datetime | None,
    output: Path | None,
    address: str | None,
) -> None:
    """
    Write events as a calendar file (.ics): those with an ID, or all of a calendar or a time.

    A series of which one occurrence lies in that time is written whole.
    """
    if item_ids and (folder or since or until):
        raise click.UsageError("name events by their ID, or choose them with --folder, --from and --to")
    async with open_hub() as hub:
        if item_ids:
            items = [await hub.store.item(one) for one in item_ids]
            account = await hub.store.account(items[0].account_id)
            for item in items:
                if not isinstance(item.data, Event):
                    raise click.UsageError(f"item {item.id} is no event; carrierpost calendar list shows events")
        else:
            account = await pick_account(hub.store, address)
            items = await _all(hub.store, account, ContentClass.CALENDAR, folder)
            begin = since.astimezone() if since else dt.datetime.min.replace(tzinfo=dt.UTC) + 400 * _DAY
            end = until.astimezone() + _DAY if until else dt.datetime.max.replace(tzinfo=dt.UTC) - 400 * _DAY
            if since or until:
                items = [one for one in items if _takes_place(one, begin, end, account)]
        events = [one for one in [await _whole(hub.store, item) for item in items] if isinstance(one, Event)]
        text, reasons = write_events(events, now=hub.clock.now(), default_zone=account.time_zone)
    _write(text, output, f"{len(events)} events" if len(events) != 1 else "1 event", reasons)


def _takes_place(item: Item, begin: dt.datetime, end: dt.datetime, account: Account) -> bool:
    """
    Tell whether any occurrence lies in a time; of a series without end the beginning of it decides.
    """
    event = item.data
    assert isinstance(event, Event)
    if event.start_time is None or event.start_time >= end:
        return False
    latest = min(end, max(begin, event.start_time) + 3660 * _DAY)
    return bool(occurrences(event, max(begin, event.start_time - _DAY), latest, default_zone=account.time_zone))


@click.command("export")
@click.argument("item_ids", metavar="[ID]...", type=int, nargs=-1)
@click.option("--folder", metavar="NAME", help="Only this folder, by its name.")
@_output
@account_option
@asynchronous
async def export_tasks(item_ids: tuple[int, ...], folder: str | None, output: Path | None, address: str | None) -> None:
    """
    Write tasks as a calendar file (.ics): those with an ID, or all.
    """
    if item_ids and folder:
        raise click.UsageError("name tasks by their ID, or choose them with --folder")
    async with open_hub() as hub:
        if item_ids:
            items = [await hub.store.item(one) for one in item_ids]
            for item in items:
                if not isinstance(item.data, Task):
                    raise click.UsageError(f"item {item.id} is no task; carrierpost tasks list shows tasks")
            account = await hub.store.account(items[0].account_id)
        else:
            account = await pick_account(hub.store, address)
            items = await _all(hub.store, account, ContentClass.TASKS, folder)
        domain = account.address.rpartition("@")[2]
        pairs = []
        for item in items:
            data = await _whole(hub.store, item)
            if isinstance(data, Task):
                pairs.append((f"task-{item.id}@{domain}", data))
        text, reasons = write_tasks(pairs, now=hub.clock.now())
    _write(text, output, f"{len(pairs)} tasks" if len(pairs) != 1 else "1 task", reasons)


@click.command("import")
@click.argument("file", type=click.File("r", encoding="utf-8"))
@click.option("--folder", metavar="NAME", help="The calendar, by its name.")
@click.option("--dry-run", is_flag=True, help="Only say what would be done.")
@account_option
@json_option
@asynchronous
async def import_calendar(file: TextIO, folder: str | None, dry_run: bool, address: str | None, as_json: bool) -> None:
    """
    Take over a calendar file (.ics); - is standard input.

    What ActiveSync cannot say is held back with the reason, and what is here already is left alone. Guests are left
    out, so that nobody is mailed. Tasks go to the tasks.
    """
    try:
        text = file.read()
    except UnicodeDecodeError:
        raise click.UsageError(f"{file.name} is no calendar file in UTF-8") from None
    async with open_hub() as hub:
        account = await pick_account(hub.store, address)
        version = account.version or Version.V14_1
        read = read_calendar(text, zone=account.time_zone, version=version, own=(account.address,))
        if not read.events and not read.tasks:
            said = "; ".join(read.notes) or "it holds neither events nor tasks"
            raise click.UsageError(f"nothing of {file.name} can be taken over: {said}")
        collections = await hub.store.collections(account.id)
        known: set[str] = await _known(hub.store, account) if read.events else set()
        rows: list[dict[str, object]] = []
        entries: tuple[ReadEvent | ReadTask, ...] = (*read.events, *read.tasks)
        for one in entries:
            data, reasons = _taken(one)
            uid = _uid(one)
            state = "held back" if _held_back(one) else "here already" if uid in known else "added"
            known |= {uid} if uid else set()
            if state == "added" and not dry_run:
                target = await _target(hub.store, account, collections, data, folder)
                await hub.editor(account.id).add(target.id, data)
            rows.append({"title": headline(data), "state": state, "reasons": [str(each) for each in reasons]})
    if as_json:
        print_json({"items": rows, "notes": list(read.notes), "dry_run": dry_run})
        return
    for row in rows:
        why = "; ".join(str(each) for each in row["reasons"])  # type: ignore[attr-defined]
        click.echo(f"{row['title']}: {row['state']}" + (f" ({why})" if why else ""))
    for note in read.notes:
        click.echo(note, err=True)
    if dry_run:
        click.echo("Nothing was changed; leave --dry-run out to take it over.", err=True)
    elif any(row["state"] == "added" for row in rows):
        say_when()


def _held_back(one: ReadEvent | ReadTask) -> bool:
    return one.held_back or (isinstance(one, ReadEvent) and one.recurrence_id is not None)


def _uid(one: ReadEvent | ReadTask) -> str:
    return (one.event.uid or "") if isinstance(one, ReadEvent) else ""


def _taken(one: ReadEvent | ReadTask) -> tuple[Event | Task, tuple[Reason, ...]]:
    """
    Give what is taken over, and what is left out of it.
    """
    if isinstance(one, ReadTask):
        return one.task, one.reasons
    event, reasons = one.event, one.reasons
    if one.recurrence_id is not None:
        reasons = (*reasons, Reason("RECURRENCE-ID", "an occurrence without its series cannot be said"))
    if event.attendees:
        reasons = (*reasons, _GUESTS)
        event = msgspec.structs.replace(
            event, attendees=None, meeting_status=0, organizer_name=None, organizer_email=None, response_requested=None,
            exceptions=tuple(
                msgspec.structs.replace(each, attendees=None, meeting_status=None) for each in event.exceptions or ()
            ) or None,
        )  # fmt: skip
    return event, reasons


async def _known(store: Store, account: Account) -> set[str]:
    found = set()
    for item in await _all(store, account, ContentClass.CALENDAR, None):
        if isinstance(item.data, Event):
            found |= {uid for uid in (item.data.uid, item.data.client_uid) if uid}
    return found


async def _target(
    store: Store, account: Account, collections: Sequence[Collection], data: Event | Task, folder: str | None
) -> Collection:
    kind = ContentClass.CALENDAR if isinstance(data, Event) else ContentClass.TASKS
    if folder is not None and kind is ContentClass.CALENDAR:
        return await find_folder(store, account, kind, folder)
    for one in collections:
        if one.type is _TYPES[kind]:
            return one
    raise click.UsageError(f"no folder for {kind.value.lower()} is known yet; bring it here with: carrierpost sync")
