"""
`carrierpost calendar`: what takes place, making and changing events and meetings, and answering those of others.

Files of other programs are in `carrierpost.cli.calendar_files`.
"""

from __future__ import annotations

import datetime as dt
import zoneinfo
from collections.abc import Callable
from typing import Any, TypeVar

import click
import msgspec

from carrierpost.bootstrap import Hub, open_hub
from carrierpost.cli.calendar_files import export_calendar, import_calendar
from carrierpost.cli.compose import send_now
from carrierpost.cli.edits import find_folder, say_when
from carrierpost.cli.output import json_option, print_json, print_table
from carrierpost.cli.running import account_option, asynchronous, pick_account
from carrierpost.cli.showing import as_json as item_values
from carrierpost.cli.showing import as_text, headline
from carrierpost.cli.when import REPEATS, Zone, moment_of, original_start, rule_text, times_of
from carrierpost.formats.headers import Address, parse_addresses
from carrierpost.model import Account, Collection, Edited, Item, OutboxState
from carrierpost.protocol.classes import Attendee, Body, BodyType, BusyStatus, ContentClass, Event
from carrierpost.protocol.classes.occurrences import occurrences
from carrierpost.protocol.commands.folder_sync import FolderType
from carrierpost.protocol.commands.meeting_response import UserResponse
from carrierpost.protocol.version import Version

__all__ = ["calendar"]

F = TypeVar("F", bound=Callable[..., Any])

_SHOWN_AS = {
    "free": BusyStatus.FREE,
    "tentative": BusyStatus.TENTATIVE,
    "busy": BusyStatus.BUSY,
    "away": BusyStatus.AWAY,
    "elsewhere": BusyStatus.WORKING_ELSEWHERE,
}
_RESPONSES = {"accept": UserResponse.ACCEPT, "tentative": UserResponse.TENTATIVE, "decline": UserResponse.DECLINE}
_DONE = {"accept": "accepted", "tentative": "tentatively accepted", "decline": "declined"}
_OPTIONAL = 2  # AttendeeType
_PRIVATE = 2  # Sensitivity

_zone_option = click.option("--zone", type=Zone(), metavar="ZONE", help="Zone of the times, as Europe/Berlin.")
_occurrence_option = click.option(
    "--occurrence", metavar="WHEN", help="Only the occurrence on this day (and at this time)."
)
_event_id = click.argument("item_id", metavar="ID", type=int)


def _people(_: click.Context, __: click.Parameter, values: tuple[str, ...]) -> tuple[Address, ...]:
    found: list[Address] = []
    for value in values:
        people = parse_addresses(value)
        if not people or any("@" not in one.address for one in people):
            raise click.BadParameter(f"{value!r} holds no mail address; write ada@example.org or Ada <ada@example.org>")
        found += people
    return tuple(found)


def _times(command: F) -> F:
    for option in (
        click.option("--rrule", metavar="RULE", help="How it repeats, as calendar files say it: FREQ=WEEKLY;BYDAY=MO."),
        click.option("--until", metavar="DAY", help="With --repeat: the last day."),
        click.option("--times", type=click.IntRange(1, 999), help="With --repeat: how often it takes place."),
        click.option("--every", type=click.IntRange(1, 999), default=1, help="With --repeat: only every so many."),
        click.option("--repeat", type=click.Choice(REPEATS), help="How it repeats."),
        _zone_option,
        click.option("--all-day", is_flag=True, help="Whole days; so is a start without a time."),
        click.option("--for", "length", metavar="LENGTH", help="How long: 45m, 1h30m, 2d; an hour unless given."),
        click.option("--end", metavar="WHEN", help="When it ends; of whole days the last day."),
    ):
        command = option(command)
    return command


def _properties(command: F) -> F:
    for option in (
        click.option("--category", "categories", multiple=True, help="A category; again for more."),
        click.option("--private/--public", default=None, help="Whether others see more than that you are busy."),
        click.option("--show-as", type=click.Choice(tuple(_SHOWN_AS)), help="How others see this time."),
        click.option("--reminder", type=click.IntRange(-1), metavar="MINUTES", help="Minutes before; -1 for none."),
        click.option("--note", metavar="TEXT", help="What else there is to say."),
        click.option("--where", metavar="TEXT", help="The place."),
    ):
        command = option(command)
    return command


def _values(
    where: str | None,
    note: str | None,
    reminder: int | None,
    show_as: str | None,
    private: bool | None,
    categories: tuple[str, ...],
) -> dict[str, Any]:
    """
    Give the properties that were named; an empty text removes one.
    """
    values: dict[str, Any] = {}
    if where is not None:
        values["location"] = where or None
    if note is not None:
        values["body"] = Body(type=BodyType.PLAIN, data=note) if note else None
    if reminder is not None:
        values["reminder"] = None if reminder < 0 else reminder
    if show_as is not None:
        values["busy_status"] = _SHOWN_AS[show_as]
    if private is not None:
        values["sensitivity"] = _PRIVATE if private else 0
    if categories:
        values["categories"] = tuple(one for one in categories if one)
    return values


def _invited(people: tuple[Address, ...], kind: int) -> tuple[Attendee, ...]:
    return tuple(
        Attendee(email=one.address, name=one.name or one.address, attendee_status=0, attendee_type=kind)
        for one in people
    )


async def _event(hub: Hub, item_id: int) -> tuple[Item, Event, Account]:
    item = await hub.store.item(item_id)
    if not isinstance(item.data, Event):
        raise click.UsageError(f"item {item_id} is no event; carrierpost calendar list shows events with their numbers")
    return item, item.data, await hub.store.account(item.account_id)


async def _calendar(hub: Hub, account: Account, folder: str | None) -> Collection:
    if folder is not None:
        return await find_folder(hub.store, account, ContentClass.CALENDAR, folder)
    for one in await hub.store.collections(account.id):
        if one.type is FolderType.CALENDAR:
            return one
    raise click.UsageError("no calendar is known yet; bring it here with: carrierpost sync")


def _tell(edited: Edited, done: str, as_json: bool) -> None:
    """
    Say what was done, and who will hear of it.
    """
    if as_json:
        print_json(item_values(edited.item, None) if edited.item is not None else {"done": done})
        return
    if edited.item is None:
        click.echo(done)
    else:
        told = done if edited.changes else "nothing to change"
        click.echo(f"{edited.item.id}  {headline(edited.item.data)}: {told}")
    say_when()


@click.group()
def calendar() -> None:
    """
    Show and change events, answer invitations, export and import.
    """


@calendar.command("list")
@account_option
@click.option("--folder", metavar="NAME", help="Only this folder, by its name.")
@click.option("--from", "since", type=click.DateTime(["%Y-%m-%d"]), help="First day; today unless given.")
@click.option("--days", type=click.IntRange(1, 3660), default=14, show_default=True, help="How many days.")
@click.option("--zone", type=Zone(), metavar="ZONE", help="Show times in this zone; yours unless given.")
@json_option
@asynchronous
async def list_calendar(
    address: str | None, folder: str | None, since: dt.datetime | None, days: int, zone: str | None, as_json: bool
) -> None:
    """
    List what takes place in the coming days, each occurrence of a series by itself.
    """
    async with open_hub() as hub:
        account = await pick_account(hub.store, address)
        chosen = await find_folder(hub.store, account, ContentClass.CALENDAR, folder) if folder else None
        names = {one.id: one.display_name for one in await hub.store.collections(account.id)}
        items = await hub.store.items(
            account.id, content_class=ContentClass.CALENDAR, collection_id=chosen.id if chosen else None
        )
        clock = zoneinfo.ZoneInfo(zone) if zone else None
        today = hub.clock.now().astimezone(clock).replace(hour=0, minute=0, second=0, microsecond=0)
        begin = (since.replace(tzinfo=clock) if clock else since.astimezone()) if since else today
        end = begin + dt.timedelta(days=days)
        found = []
        for item in items:
            assert isinstance(item.data, Event)
            every = occurrences(item.data, begin, end, default_zone=zone or account.time_zone)
            found += [(one, item, item.data) for one in every]
    found.sort(key=lambda triple: triple[0].start)
    if as_json:
        print_json(
            [
                {
                    "id": item.id,
                    "start": one.start,
                    "end": one.end,
                    "all_day": one.all_day,
                    "subject": one.subject,
                    "location": one.location,
                    "folder": names.get(item.collection_id, ""),
                }
                for one, item, _ in found
            ]
        )
        return
    rows = []
    for one, item, event in found:
        if one.all_day:
            when = f"{one.start:%a %Y-%m-%d}"
        else:
            when = f"{one.start.astimezone(clock):%a %Y-%m-%d %H:%M}-{one.end.astimezone(clock):%H:%M}"
        rows.append((item.id, when, one.subject, one.location, _mark(event)))
    print_table(("ID>", "When", "What", "Where", ""), rows, empty=f"nothing in the {days} days from {begin:%Y-%m-%d}")


def _mark(event: Event) -> str:
    """
    Say in a word what matters about a meeting of somebody else's.
    """
    status = event.meeting_status or 0
    if status & 4:
        return "called off"
    if not status & 2:
        return ""
    return {2: "tentative", 3: "accepted", 4: "declined"}.get(event.response_type or 0, "not answered")


@calendar.command("show")
@_event_id
@json_option
@asynchronous
async def show_event(item_id: int, as_json: bool) -> None:
    """
    Show one event whole; ID is the number that list prints.
    """
    async with open_hub() as hub:
        item, _, _ = await _event(hub, item_id)
        body = await hub.store.body(item_id)
        if as_json:
            print_json(item_values(item, body))
        else:
            click.echo(as_text(item, body))


@calendar.command("add")
@click.argument("title")
@click.option("--start", metavar="WHEN", required=True, help="When it begins: '2026-05-04 14:30', or a day alone.")
@_times
@_properties
@click.option("--invite", multiple=True, callback=_people, metavar="ADDRESS", help="Who is invited; again for more.")
@click.option("--optional", multiple=True, callback=_people, metavar="ADDRESS", help="Who may come as well.")
@click.option("--folder", metavar="NAME", help="The calendar, by its name.")
@account_option
@json_option
@asynchronous
async def add_event(
    title: str,
    start: str,
    end: str | None,
    length: str | None,
    all_day: bool,
    zone: str | None,
    repeat: str | None,
    every: int,
    times: int | None,
    until: str | None,
    rrule: str | None,
    invite: tuple[Address, ...],
    optional: tuple[Address, ...],
    folder: str | None,
    address: str | None,
    as_json: bool,
    **properties: Any,
) -> None:
    """
    Make an event, a series or a meeting.

    Who is invited gets a mail once the server has the event.
    """
    rule = rule_text(repeat, rrule, every, times, until, start)
    async with open_hub() as hub:
        account = await pick_account(hub.store, address)
        version = account.version or Version.V14_1
        event = times_of(start, end, length, rule, zone or account.time_zone, version, all_day=all_day)
        people = (*_invited(invite, 1), *_invited(optional, _OPTIONAL))
        values = {"busy_status": BusyStatus.BUSY} | _values(**properties)
        event = msgspec.structs.replace(event, subject=title, attendees=people or None, **values)
        target = await _calendar(hub, account, folder)
        edited = await hub.editor(account.id).add(target.id, event)
        guests = f", {len(people)} invited" if people else ""
        _tell(edited, f"added to {target.display_name}{guests}", as_json)


@calendar.command("edit")
@_event_id
@click.option("--title", metavar="TEXT", help="What it is called.")
@click.option("--start", metavar="WHEN", help="When it begins; the length stays unless given.")
@_times
@_properties
@click.option("--invite", multiple=True, callback=_people, metavar="ADDRESS", help="Also invite; again for more.")
@click.option("--optional", multiple=True, callback=_people, metavar="ADDRESS", help="Who may come as well.")
@click.option("--uninvite", multiple=True, callback=_people, metavar="ADDRESS", help="No longer invite.")
@_occurrence_option
@json_option
@asynchronous
async def edit_event(
    item_id: int,
    title: str | None,
    start: str | None,
    end: str | None,
    length: str | None,
    all_day: bool,
    zone: str | None,
    repeat: str | None,
    every: int,
    times: int | None,
    until: str | None,
    rrule: str | None,
    invite: tuple[Address, ...],
    optional: tuple[Address, ...],
    uninvite: tuple[Address, ...],
    occurrence: str | None,
    as_json: bool,
    **properties: Any,
) -> None:
    """
    Change an event, a series, or with --occurrence a single one of it; an empty value ("") removes it.

    Who is invited hears of what matters to them: time, place, pattern, title and text.
    """
    values = _values(**properties)
    if title is not None:
        values["subject"] = title
    if start is None and (end or length or all_day or repeat or rrule):
        raise click.UsageError("name the start, too: --start")
    async with open_hub() as hub:
        item, event, account = await _event(hub, item_id)
        clock = zone or account.time_zone
        editor = hub.editor(account.id)
        if start is not None:
            kept = None if length or end else _length_of(event)
            rule = rule_text(repeat, rrule, every, times, until, start)
            made = times_of(start, end, length or kept, rule, clock, account.version or Version.V14_1, all_day=all_day)
            names = ["start_time", "end_time"]
            if occurrence is None:
                names += ["all_day_event", "timezone", *(["recurrence"] if rule else [])]
            elif rule:
                raise click.UsageError("a single occurrence does not repeat; leave --repeat or --rrule out")
            values |= {name: getattr(made, name) for name in names}
        if occurrence is not None:
            if invite or optional or uninvite:
                raise click.UsageError("guests are those of the whole series; leave --occurrence out")
            edited = await editor.change_occurrence(item.id, original_start(event, occurrence, clock), **values)
        else:
            if invite or optional or uninvite:
                values["attendees"] = _guests(event, invite, optional, uninvite)
            if not values:
                raise click.UsageError("say what is to be changed; see: carrierpost calendar edit --help")
            edited = await editor.change(item.id, **values)
        _tell(edited, "changed", as_json)


def _length_of(event: Event) -> str | None:
    if event.start_time is None or event.end_time is None:
        return None
    minutes = int((event.end_time - event.start_time).total_seconds() // 60)
    return f"{minutes}m" if minutes > 0 else None


def _guests(
    event: Event, invite: tuple[Address, ...], optional: tuple[Address, ...], uninvite: tuple[Address, ...]
) -> tuple[Attendee, ...]:
    held = {(one.email or "").lower(): one for one in event.attendees or ()}
    for one in uninvite:
        if held.pop(one.address.lower(), None) is None:
            raise click.UsageError(f"{one.address} is not invited")
    for guest in (*_invited(invite, 1), *_invited(optional, _OPTIONAL)):
        held.setdefault((guest.email or "").lower(), guest)
    return tuple(held.values())


@calendar.command("delete")
@click.argument("item_ids", metavar="ID...", type=int, nargs=-1, required=True)
@_occurrence_option
@_zone_option
@asynchronous
async def delete_events(item_ids: tuple[int, ...], occurrence: str | None, zone: str | None) -> None:
    """
    Delete events, or with --occurrence a single one of a series; a meeting of your own is called off.
    """
    if occurrence is not None and len(item_ids) > 1:
        raise click.UsageError("--occurrence goes with one event")
    async with open_hub() as hub:
        events = [await _event(hub, item_id) for item_id in item_ids]
        for item, event, account in events:
            editor = hub.editor(account.id)
            if occurrence is not None:
                moment = original_start(event, occurrence, zone or account.time_zone)
                await editor.delete_occurrence(item.id, moment)
                click.echo(f"{item.id}  {headline(event)}: does not take place on {occurrence}")
            else:
                await editor.delete(item.id)
                click.echo(f"{item.id}  {headline(event)}: deleted")
    say_when()


@calendar.command("respond")
@_event_id
@click.argument("answer", type=click.Choice(tuple(_RESPONSES)))
@click.option("--text", default="", help="What you say to the organizer.")
@click.option("--reply/--no-reply", default=None, help="Whether to tell the organizer; if they asked, unless given.")
@_occurrence_option
@click.option("--propose", metavar="WHEN", help="Another start that you would like.")
@click.option("--propose-end", metavar="WHEN", help="Its end; the length of the meeting unless given.")
@_zone_option
@click.option("--name", default="", metavar="NAME", help="Your name, as the organizer sees it.")
@click.option("--later", is_flag=True, help="Only keep it in the outbox; the next sync tells it.")
@json_option
@asynchronous
async def respond(
    item_id: int,
    answer: str,
    text: str,
    reply: bool | None,
    occurrence: str | None,
    propose: str | None,
    propose_end: str | None,
    zone: str | None,
    name: str,
    later: bool,
    as_json: bool,
) -> None:
    """
    Answer a meeting; ID is the number of the invitation in the Inbox or of the event in the calendar.
    """
    async with open_hub() as hub:
        item = await hub.store.item(item_id)
        account = await hub.store.account(item.account_id)
        clock = zone or account.time_zone
        editor = hub.editor(account.id)
        event = await editor.event_behind(item)
        meeting = event.data if event is not None else None
        moment = None
        if occurrence is not None:
            if not isinstance(meeting, Event):
                raise click.UsageError("the meeting is not in the calendar yet; bring it here with: carrierpost sync")
            moment = original_start(meeting, occurrence, clock)
        edited = await editor.respond(
            item.id,
            _RESPONSES[answer],
            reply=reply,
            text=text,
            occurrence=moment,
            proposed=_proposed(propose, propose_end, meeting, clock),
            name=name,
        )
        assert edited.entry is not None
        trouble = "" if later else await send_now(hub, account)
        left = next((one for one in await hub.store.outbox(account.id) if one.id == edited.entry.id), None)
    state = "told" if left is None else str(left.state)
    title = headline(item.data)
    if as_json:
        print_json({"id": item.id, "answer": answer, "state": state, "reason": left.reason if left else ""})
    elif left is None:
        click.echo(f"{title}: {_DONE[answer]}")
    elif left.state is OutboxState.REFUSED:
        click.echo(f"{title}: the server refused it. {left.reason}", err=True)
        click.echo("See carrierpost set-aside list", err=True)
    else:
        click.echo(f"{title}: {_DONE[answer]}; the server hears of it with the next sync. {trouble}".rstrip())
    if left is not None and left.state is OutboxState.REFUSED:
        click.get_current_context().exit(1)


def _proposed(start: str | None, end: str | None, meeting: object, zone: str) -> tuple[dt.datetime, dt.datetime] | None:
    if start is None:
        if end is not None:
            raise click.UsageError("--propose-end goes together with --propose")
        return None
    begin = moment_of(start, zone, "--propose")
    if end is not None:
        return begin, moment_of(end, zone, "--propose-end")
    length = dt.timedelta(hours=1)
    if isinstance(meeting, Event) and meeting.start_time is not None and meeting.end_time is not None:
        length = meeting.end_time - meeting.start_time
    return begin, begin + length


calendar.add_command(export_calendar)
calendar.add_command(import_calendar)
