"""
The calendar at a terminal: making, changing, answering, and calendar files in and out.
"""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Any

import pytest

from carrierpost.formats.icalendar_in import read_calendar
from carrierpost.formats.invitation import read_invitation
from carrierpost.formats.message_in import read_message
from carrierpost.protocol.classes import Attendee, Event, Recurrence, RecurrenceType
from carrierpost.protocol.classes.occurrences import occurrences
from carrierpost.protocol.commands.folder_sync import FolderType
from carrierpost.server.meetings import received
from tests.cli.town import ADA, Town

CALENDAR, INBOX, TASKS = FolderType.CALENDAR, FolderType.INBOX, FolderType.TASKS
BEN = "ben@larch.example"
BERLIN_10 = dt.datetime(2031, 5, 5, 8, tzinfo=dt.UTC)  # ten o'clock there, a Monday


@pytest.fixture
def held(town: Town) -> Town:
    """
    Give a town whose mailbox is synchronized, and a second person in it.
    """
    town.do(lambda: town.server.add_user(BEN, "x", name="Ben"))
    town.add()
    ran = town.run("sync")
    assert ran.status == 0, ran.err
    return town


def _there(town: Town, which: FolderType = CALENDAR) -> list[Any]:
    return town.do(lambda: [item.data for item in town.mailbox.folder(which).items.values()])


def _add(town: Town, *words: str) -> int:
    """Add an event, and give its number."""
    ran = town.run("calendar", "add", *words, "--zone", "Europe/Berlin", "--json")
    assert ran.status == 0, ran.err
    found: int = ran.json["id"]
    return found


def _sync(town: Town) -> None:
    ran = town.run("sync")
    assert ran.status == 0, ran.err
    assert town.run("set-aside", "list", "--all", "--json").json["outbox"] == []


def test_an_event_in_a_zone_with_all_that_can_be_said(held: Town) -> None:
    """Start and length are those of the zone that was named; place, text, reminder and the rest arrive."""
    ran = held.run(
        "calendar", "add", "Lamps", "--start", "2031-05-05 10:00", "--for", "1h30m", "--zone", "Europe/Berlin",
        "--where", "Harbour", "--note", "Bring wicks.", "--reminder", "15", "--show-as", "away", "--private",
        "--category", "light",
    )  # fmt: skip
    assert (ran.status, "Lamps: added to Calendar" in ran.out, "carrierpost sync" in ran.err) == (0, True, True)
    _sync(held)
    [event] = _there(held)
    assert (event.subject, event.start_time, event.end_time) == (
        "Lamps", BERLIN_10, BERLIN_10 + dt.timedelta(minutes=90),
    )  # fmt: skip
    assert (event.location, event.body.data, event.reminder, int(event.busy_status), event.sensitivity) == (
        "Harbour", "Bring wicks.", 15, 3, 2,
    )  # fmt: skip
    assert event.categories == ("light",)
    shown = held.run("calendar", "list", "--from", "2031-05-05", "--days", "1", "--zone", "Europe/Berlin").out
    assert "Mon 2031-05-05 10:00-11:30" in shown
    assert "Mon 2031-05-05 04:00-05:30" in held.run(
        "calendar", "list", "--from", "2031-05-05", "--days", "1", "--zone", "America/New_York"
    ).out  # fmt: skip


def test_whole_days_and_series(held: Town) -> None:
    """A day alone is a whole day; the last day is the last; series are said in words or in a rule."""
    _add(held, "Leave", "--start", "2031-07-07", "--end", "2031-07-09")
    _add(held, "Watch", "--start", "2031-05-05 10:00", "--repeat", "weekly", "--every", "2", "--until", "2031-06-02")
    _add(held, "Oil", "--start", "2031-05-30 10:00", "--rrule", "FREQ=MONTHLY;BYDAY=-1FR;COUNT=3")
    _sync(held)
    events = {event.subject: event for event in _there(held)}
    assert events["Leave"].all_day_event is True
    days = held.run("calendar", "list", "--from", "2031-07-06", "--days", "6").out
    assert "Mon 2031-07-07" in days
    shown = held.run(
        "calendar", "list", "--from", "2031-05-01", "--days", "130", "--json", "--zone", "Europe/Berlin"
    ).json
    dates = {name: [one["start"][:10] for one in shown if one["subject"] == name] for name in ("Watch", "Oil")}
    assert dates == {
        "Watch": ["2031-05-05", "2031-05-19", "2031-06-02"],
        "Oil": ["2031-05-30", "2031-06-27", "2031-07-25"],
    }
    [leave] = [one for one in held.run("calendar", "list", "--from", "2031-07-01", "--days", "20", "--json").json
               if one["subject"] == "Leave"]  # fmt: skip
    start, end = (dt.datetime.fromisoformat(leave[name]) for name in ("start", "end"))
    assert (end - start).days == 3


def test_one_occurrence_is_moved_and_one_deleted(held: Town) -> None:
    """Known by its day; the others stay."""
    number = str(_add(held, "Watch", "--start", "2031-05-05 10:00", "--repeat", "daily", "--times", "4"))
    _sync(held)
    zone = ("--zone", "Europe/Berlin")
    assert held.run(
        "calendar", "edit", number, "--occurrence", "2031-05-06", "--start", "2031-05-06 12:00", *zone
    ).status == 0  # fmt: skip
    ran = held.run("calendar", "delete", number, "--occurrence", "2031-05-07", *zone)
    assert (ran.status, "does not take place on 2031-05-07" in ran.out) == (0, True)
    _sync(held)
    [event] = _there(held)
    begin = dt.datetime(2031, 5, 1, tzinfo=dt.UTC)
    starts = [one.start for one in occurrences(event, begin, begin + dt.timedelta(days=30))]
    assert [(one.day, one.hour) for one in starts] == [(5, 8), (6, 10), (8, 8)]


def test_an_event_is_edited_and_deleted(held: Town) -> None:
    """A new start keeps the length; an empty value removes one."""
    number = str(_add(held, "Lamps", "--start", "2031-05-05 10:00", "--for", "2h", "--where", "Pier"))
    _sync(held)
    ran = held.run("calendar", "edit", number, "--start", "2031-05-06 09:00", "--zone", "Europe/Berlin", "--where", "")
    assert (ran.status, "Lamps: changed" in ran.out) == (0, True)
    _sync(held)
    [event] = _there(held)
    assert (event.start_time.day, event.end_time - event.start_time) == (6, dt.timedelta(hours=2))
    assert not event.location
    assert held.run("calendar", "delete", number).status == 0
    _sync(held)
    assert _there(held) == []


def test_guests_are_invited_shown_and_told(held: Town) -> None:
    """Ben gets the invitation; his answer is shown; without guests it is called off for him."""
    number = str(_add(held, "Lamps", "--start", "2031-05-05 10:00", "--invite", f"Ben <{BEN}>"))
    _sync(held)
    assert _bens_mails(held) == ["Lamps"]
    held.do(lambda: _let_ben_accept(held))
    held.run("sync")
    assert "Ben (accepted)" in held.run("calendar", "show", number).out
    assert held.run("calendar", "edit", number, "--uninvite", BEN).status == 0
    held.run("sync")
    assert _bens_mails(held) == ["Lamps", "Canceled: Lamps"]


def _bens_mails(town: Town) -> list[Any]:
    items: Any = town.do(lambda: list(town.server.mailbox(BEN).folder(INBOX).items.values()))
    return [item.data.subject for item in items]


def _let_ben_accept(town: Town) -> None:
    calendar = town.mailbox.folder(CALENDAR)
    [item] = calendar.items.values()
    town.mailbox.change(calendar, item, attendees=(Attendee(email=BEN, name="Ben", attendee_status=3),))


def test_an_invitation_is_answered(held: Town) -> None:
    """From the mail or the calendar; the organizer hears of it, with what was said."""
    meeting = Event(
        subject="Wicks", uid="u1", start_time=BERLIN_10, end_time=BERLIN_10 + dt.timedelta(hours=1),
        organizer_email=BEN, organizer_name="Ben", attendees=(Attendee(email=ADA, name="Ada"),), dt_stamp=BERLIN_10,
        recurrence=Recurrence(type=RecurrenceType.DAILY, interval=1, occurrences=3),
    )  # fmt: skip
    held.do(lambda: held.mailbox.add(held.mailbox.folder(CALENDAR), received(meeting)))
    held.run("sync")
    listed = held.run("calendar", "list", "--from", "2031-05-05", "--days", "1")
    assert "not answered" in listed.out
    number = str(held.run("calendar", "list", "--from", "2031-05-05", "--days", "1", "--json").json[0]["id"])
    ran = held.run("calendar", "respond", number, "accept", "--text", "Gladly.", "--name", "Ada Larch")
    assert (ran.status, ran.out.strip()) == (0, "Wicks: accepted")
    assert "accepted" in held.run("calendar", "show", number).out
    declined = held.run(
        "calendar", "respond", number, "decline", "--occurrence", "2031-05-06", "--no-reply", "--zone", "Europe/Berlin"
    )
    assert declined.status == 0, declined.err
    _sync(held)
    [reply] = [one for one in held.do(lambda: list(held.server.post.posted)) if one.sender == ADA]
    said = read_message(reply.mime)
    invitation = read_invitation(said)
    assert invitation is not None
    assert (reply.recipients, invitation.method, "Gladly." in (said.text or "")) == ((BEN,), "REPLY", True)
    [event] = _there(held)
    assert [bool(one.deleted) for one in event.exceptions] == [True]


def test_calendar_files_go_out_and_come_in(held: Town, tmp_path: Path) -> None:
    """What was exported is here already; what ActiveSync cannot say is held back by name; nobody is mailed."""
    number = str(_add(held, "Lamps", "--start", "2031-05-05 10:00", "--repeat", "daily", "--times", "3"))
    _add(held, "Leave", "--start", "2031-07-07")
    _sync(held)
    file = tmp_path / "out.ics"
    ran = held.run("calendar", "export", "-o", str(file))
    assert "2 events written" in ran.err
    assert {one.event.subject for one in read_calendar(file.read_text()).events} == {"Lamps", "Leave"}
    [single] = read_calendar(held.run("calendar", "export", number).out).events
    assert single.event.subject == "Lamps"
    some = held.run("calendar", "export", "--from", "2031-07-01", "--to", "2031-07-31").out
    assert [one.event.subject for one in read_calendar(some).events] == ["Leave"]
    assert "here already" in held.run("calendar", "import", str(file)).out

    other = tmp_path / "in.ics"
    lines = (
        "BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:x",
        "BEGIN:VEVENT", "UID:a", "SUMMARY:Party", "DTSTART:20310601T180000Z", "DTEND:20310601T200000Z",
        f"ORGANIZER:mailto:{ADA}", f"ATTENDEE:mailto:{BEN}", "END:VEVENT",
        "BEGIN:VEVENT", "UID:b", "SUMMARY:Odd", "DTSTART:20310601T180000Z", "RRULE:FREQ=HOURLY", "END:VEVENT",
        "BEGIN:VTODO", "UID:c", "SUMMARY:Sweep", "END:VTODO",
        "END:VCALENDAR", "",
    )  # fmt: skip
    other.write_text("\r\n".join(lines))
    assert "Party: added" in held.run("calendar", "import", str(other), "--dry-run").out
    ran = held.run("calendar", "import", str(other))
    assert "Party: added (ATTENDEE: guests are left out" in ran.out
    assert "Odd: held back (RRULE" in ran.out
    _sync(held)
    assert {event.subject for event in _there(held)} == {"Lamps", "Leave", "Party"}
    assert [task.subject for task in _there(held, TASKS)] == ["Sweep"]
    assert held.do(lambda: list(held.server.post.posted)) == []
    assert "SUMMARY:Sweep" in held.run("tasks", "export").out


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("add", "X", "--start", "tomorrow"), "cannot be read"),
        (("add", "X", "--start", "2031-05-05 10:00", "--end", "2031-05-05 09:00"), "ends before it begins"),
        (("add", "X", "--start", "2031-05-05 10:00", "--end", "2031-05-06"), "write both alike"),
        (("add", "X", "--start", "2031-05-05 10:00", "--end", "2031-05-05 11:00", "--for", "1h"), "not both"),
        (("add", "X", "--start", "2031-05-05 10:00", "--for", "soon"), "1h30m"),
        (("add", "X", "--start", "2031-05-05 10:00", "--times", "3"), "go together with --repeat"),
        (("add", "X", "--start", "2031-05-05 10:00", "--rrule", "FREQ=HOURLY"), "RRULE"),
        (("add", "X", "--start", "2031-05-05 10:00", "--zone", "Mars/North"), "no time zone"),
        (("add", "X", "--start", "2031-05-05 10:00", "--invite", "nobody"), "no mail address"),
        (("edit", "{id}"), "what is to be changed"),
        (("edit", "{id}", "--end", "2031-05-05 12:00"), "name the start"),
        (("edit", "{id}", "--uninvite", BEN), "is not invited"),
        (("edit", "{id}", "--occurrence", "2031-05-06", "--title", "Y"), "does not repeat"),
        (("respond", "{id}", "accept"), "your own"),
        (("export", "{id}", "--folder", "Calendar"), "name events by their ID"),
    ],
)
def test_what_is_wrong_is_named(held: Town, words: tuple[str, ...], said: str) -> None:
    """One sentence, no traceback, and nothing is changed."""
    number = _add(held, "Lamps", "--start", "2031-05-05 10:00")
    ran = held.run("calendar", *(word.format(id=number) for word in words))
    assert ran.status in (1, 2)
    assert said in ran.err, ran.err
    assert "Traceback" not in ran.err
    assert len(held.run("set-aside", "list", "--all", "--json").json["outbox"]) == 1
