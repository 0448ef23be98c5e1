"""
Events and tasks as iCalendar and back: nothing changes its meaning, and what cannot be said is told.
"""

from __future__ import annotations

import datetime as dt
import zoneinfo

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from carrierpost import wbxml
from carrierpost.formats.icalendar_in import read_calendar
from carrierpost.formats.icalendar_out import write_events, write_tasks
from carrierpost.formats.icalendar_words import ReadEvent
from carrierpost.protocol.classes import (
    Body,
    BodyType,
    BusyStatus,
    ContentClass,
    Event,
    EventException,
    Importance,
    Recurrence,
    RecurrenceType,
    Task,
    TaskRecurrence,
    decode_item,
    encode_item,
)
from carrierpost.protocol.classes.occurrences import occurrences
from carrierpost.protocol.record import Notes
from carrierpost.protocol.timezone import blob_of
from carrierpost.protocol.version import Version
from carrierpost.wbxml.pages import AirSync
from tests.formats.calendars import NOW, ZONES, events, oracle, series

BERLIN = zoneinfo.ZoneInfo("Europe/Berlin")
SINCE, UNTIL = dt.datetime(2025, 12, 1, tzinfo=dt.UTC), dt.datetime(2029, 1, 1, tzinfo=dt.UTC)


def _written(event: Event) -> str:
    text, reasons = write_events([event], now=NOW)
    assert reasons == []
    return text


def _read(text: str, version: Version = Version.V16_1, zone: str = "UTC") -> ReadEvent:
    (read,) = read_calendar(text, version=version, own=["ada@x.example"], zone=zone).events
    return read


def _travelled(event: Event, version: Version) -> Event:
    """
    Let an event travel over the wire in a version.
    """
    document = wbxml.encode(AirSync.ApplicationData, encode_item(event, version))
    read = decode_item(ContentClass.CALENDAR, wbxml.decode(document).value, Notes())
    assert isinstance(read, Event)
    return read


def _takes_place(event: Event) -> list[tuple[object, object, str]]:
    found: list[tuple[object, object, str]] = []
    for one in occurrences(event, SINCE, UNTIL):
        if one.all_day:
            found.append((one.start.date(), one.end.date(), one.subject))
        else:
            found.append((one.start.astimezone(dt.UTC), one.end.astimezone(dt.UTC), one.subject))
    return sorted(found)


@given(events())
def test_single_events_come_back_as_they_were(event: Event) -> None:
    """Every field that both forms have, whatever letters are in it."""
    read = _read(_written(event))
    assert read.event == event
    assert read.reasons == ()


@given(series())
@settings(max_examples=150)
def test_series_come_back_as_they_were(event: Event) -> None:
    """Pattern, end and exceptions; a pattern may come back in other words, so what takes place is compared as well."""
    read = _read(_written(event))
    assert not read.held_back
    assert _takes_place(read.event) == _takes_place(event)
    again = _read(_written(read.event))
    assert again.event == read.event  # from here on nothing changes any more


@given(series())
@settings(max_examples=150)
def test_series_take_place_when_others_say_they_do(event: Event) -> None:
    """`icalendar` and `dateutil` find the same occurrences in the text as we do in the event."""
    expected = [one for one in _takes_place(event) if _begins_within(one[0])]
    assert oracle(_written(event), SINCE, UNTIL) == expected


def _begins_within(start: object) -> bool:
    day = start.date() if isinstance(start, dt.datetime) else start
    assert isinstance(day, dt.date)
    return SINCE.date() <= day < UNTIL.date()


@given(series(), st.sampled_from(Version))
@settings(max_examples=100)
def test_RC1_series_are_the_same_through_both_generations(event: Event, version: Version) -> None:
    """A series that travelled in any version is written as the same iCalendar occurrences."""
    if version < Version.V14_1 and event.recurrence is not None and event.recurrence.first_day_of_week:
        return  # these versions cannot say when a week begins
    text, _ = write_events([_travelled(event, version)], now=NOW)
    assert oracle(text, SINCE, UNTIL) == oracle(_written(event), SINCE, UNTIL)


SERIES = """BEGIN:VCALENDAR
BEGIN:VTIMEZONE
TZID:Somewhere
BEGIN:STANDARD
DTSTART:16010101T030000
TZOFFSETFROM:+0200
TZOFFSETTO:+0100
RRULE:FREQ=YEARLY;BYDAY=-1SU;BYMONTH=10
END:STANDARD
BEGIN:DAYLIGHT
DTSTART:16010101T020000
TZOFFSETFROM:+0100
TZOFFSETTO:+0200
RRULE:FREQ=YEARLY;BYDAY=-1SU;BYMONTH=3
END:DAYLIGHT
END:VTIMEZONE
BEGIN:VEVENT
UID:1
SUMMARY:Weekly
DTSTART;TZID={zone}:20260302T100000
DTEND;TZID={zone}:20260302T110000
{line}
END:VEVENT
END:VCALENDAR
"""


def _with(line: str, zone: str = "Europe/Berlin") -> ReadEvent:
    return _read(SERIES.format(line=line, zone=zone).replace("\n", "\r\n"))


@pytest.mark.parametrize(
    ("line", "what", "why"),
    [
        ("RDATE:20260401T100000Z", "RDATE", "additional dates"),
        ("RRULE:FREQ=WEEKLY\nEXRULE:FREQ=MONTHLY", "EXRULE", "a rule for exceptions"),
        ("RRULE:FREQ=WEEKLY\nRRULE:FREQ=DAILY", "RRULE", "several rules"),
        ("RRULE:FREQ=HOURLY", "RRULE", "it repeats HOURLY"),
        ("RRULE:FREQ=WEEKLY;BYHOUR=10,14", "RRULE", "BYHOUR cannot be said"),
        ("RRULE:FREQ=YEARLY;BYWEEKNO=20", "RRULE", "BYWEEKNO cannot be said"),
        ("RRULE:FREQ=MONTHLY;BYDAY=FR;BYMONTHDAY=13", "RRULE", "BYDAY with BYMONTHDAY"),
        ("RRULE:FREQ=MONTHLY;BYMONTHDAY=2,16", "RRULE", "the nearest pattern gives other days, from 2026-03-02 on"),
        ("RRULE:FREQ=MONTHLY;BYMONTHDAY=31", "RRULE", "the nearest pattern gives other days"),
        ("RRULE:FREQ=MONTHLY;BYMONTHDAY=-2", "RRULE", "day -2 of a month cannot be said"),
        ("RRULE:FREQ=MONTHLY;BYDAY=5MO", "RRULE", "weekdays of a month"),
        ("RRULE:FREQ=MONTHLY;BYDAY=1MO,3MO", "RRULE", "weekdays of a month"),
        ("RRULE:FREQ=YEARLY;BYMONTH=3,9", "RRULE", "several values for BYMONTH"),
        ("RRULE:FREQ=DAILY;INTERVAL=2;BYDAY=MO", "RRULE", "every so many days"),
        ("RRULE:FREQ=WEEKLY;BYDAY=TU", "RRULE", "its first start is not one of its own days"),
        ("RRULE:FREQ=WEEKLY;COUNT=1000", "RRULE", "COUNT=1000"),
        ("RRULE:FREQ=WEEKLY;UNTIL=never", "RRULE", "UNTIL=NEVER is no date"),
        ("RRULE:RSCALE=CHINESE;FREQ=YEARLY", "RRULE", "RSCALE cannot be said"),
        ("RRULE:nonsense", "RRULE", "cannot be read"),
        ("DURATION:P1X", "DURATION", None),
        ("ATTACH:https://x.example/a.pdf", "ATTACH", "attachments"),
    ],
)
def test_RC5_what_cannot_be_said_is_held_back(line: str, what: str, why: str | None) -> None:
    """Never a pattern with another meaning: no pattern at all, and the reason, which names the property."""
    if why is None:
        line = line.replace("P1X", "P1X")
        read = _read(
            f"BEGIN:VCALENDAR\nBEGIN:VEVENT\nUID:1\nDTSTART:20260302T100000Z\n{line}\nEND:VEVENT\nEND:VCALENDAR"
        )
    else:
        read = _with(line)
    reason = next(one for one in read.reasons if one.what == what)
    assert why is None or why in reason.why
    assert read.held_back is (what != "ATTACH")
    if what == "RRULE" and "several rules" not in reason.why:
        assert read.event.recurrence is None


@pytest.mark.parametrize(
    ("extra", "why"),
    [
        ("RECURRENCE-ID;RANGE=THISANDFUTURE;TZID=Europe/Berlin:20260309T100000", "all later occurrences"),
        ("RECURRENCE-ID;TZID=Europe/Berlin:20260310T100000", "is no occurrence of the series"),
        ("RECURRENCE-ID;VALUE=DATE:20260309", "whole days and times of day"),
    ],
)
def test_RC5_changes_that_cannot_be_said_are_held_back(extra: str, why: str) -> None:
    """Of occurrences that are none, of all that follow, of another kind."""
    line = f"RRULE:FREQ=WEEKLY\nEND:VEVENT\nBEGIN:VEVENT\nUID:1\n{extra}\nDTSTART;TZID=Europe/Berlin:20260309T120000"
    read = _with(line)
    assert [one.why for one in read.reasons if why in one.why]
    assert read.held_back
    assert read.event.exceptions is None


def test_RC5_exceptions_of_what_does_not_repeat_are_held_back() -> None:
    """There is no series that they could belong to."""
    read = _with("END:VEVENT\nBEGIN:VEVENT\nUID:1\nRECURRENCE-ID:20260302T090000Z\nDTSTART:20260303T090000Z")
    assert read.held_back
    assert read.event.exceptions is None


@pytest.mark.parametrize(
    ("line", "pattern"),
    [
        ("RRULE:FREQ=WEEKLY", Recurrence(type=RecurrenceType.WEEKLY, interval=1, day_of_week=2)),
        ("RRULE:FREQ=DAILY;BYDAY=MO,TU", Recurrence(type=RecurrenceType.WEEKLY, interval=1, day_of_week=6)),
        (
            "RRULE:FREQ=WEEKLY;INTERVAL=2;BYDAY=MO,SU",
            Recurrence(type=RecurrenceType.WEEKLY, interval=2, day_of_week=3, first_day_of_week=1),
        ),
        ("RRULE:FREQ=MONTHLY", Recurrence(type=RecurrenceType.MONTHLY, interval=1, day_of_month=2)),
        (
            "RRULE:FREQ=MONTHLY;BYDAY=MO;BYSETPOS=1",
            Recurrence(type=RecurrenceType.MONTHLY_NTH, interval=1, week_of_month=1, day_of_week=2),
        ),
        (
            "RRULE:FREQ=YEARLY",
            Recurrence(type=RecurrenceType.YEARLY, interval=1, day_of_month=2, month_of_year=3),
        ),
        (
            "RRULE:FREQ=YEARLY;BYMONTH=3;BYDAY=1MO;COUNT=5",
            Recurrence(
                type=RecurrenceType.YEARLY_NTH,
                interval=1,
                week_of_month=1,
                day_of_week=2,
                month_of_year=3,
                occurrences=5,
            ),
        ),
        (
            "RRULE:FREQ=WEEKLY;UNTIL=20260330",  # a day where a time is due: all of that day is meant
            Recurrence(
                type=RecurrenceType.WEEKLY,
                interval=1,
                day_of_week=2,
                until=dt.datetime(2026, 3, 30, 21, 59, 59, tzinfo=dt.UTC),
            ),
        ),
    ],
)
def test_rules_of_others_become_patterns(line: str, pattern: Recurrence) -> None:
    """In their shortest form, as other programs write them."""
    read = _with(line)
    assert read.reasons == ()
    assert read.event.recurrence == pattern


def test_week_that_does_not_begin_on_sunday_cannot_be_said_before_14_1() -> None:
    """Every second week from a Monday on is another series where weeks begin on Sunday."""
    text = SERIES.format(line="RRULE:FREQ=WEEKLY;INTERVAL=2;BYDAY=MO,SU", zone="Europe/Berlin")
    assert not _read(text, Version.V14_1).held_back
    assert _read(text, Version.V14_0).held_back


@pytest.mark.parametrize(
    "zone", ["Europe/Berlin", "W. Europe Standard Time", "/somebody.example/20260101/Europe/Berlin", "Somewhere"]
)
def test_zones_are_known_by_any_name(zone: str) -> None:
    """IANA, Windows, after somebody's prefix, and by rules alone: ten o'clock in summer and winter."""
    event = _with("RRULE:FREQ=DAILY;COUNT=60", zone).event
    starts = {one.start.astimezone(BERLIN).time() for one in occurrences(event, SINCE, UNTIL)}
    assert starts == {dt.time(10)}
    assert len(occurrences(event, SINCE, UNTIL)) == 60


def test_unknown_zone_is_told() -> None:
    """Nobody knows when this is; it is not guessed."""
    read = _with("", "Middle-earth")
    assert read.held_back
    assert "Middle-earth" in read.reasons[0].why


def test_time_without_zone_is_the_persons_and_told() -> None:
    """A floating time is at home wherever one is, which ActiveSync cannot say."""
    text = "BEGIN:VCALENDAR\nBEGIN:VEVENT\nUID:1\nDTSTART:20260302T100000\nEND:VEVENT\nEND:VCALENDAR"
    read = _read(text, zone="Europe/Berlin")
    assert read.event.start_time == dt.datetime(2026, 3, 2, 9, tzinfo=dt.UTC)
    assert [one.changes_meaning for one in read.reasons] == [False]


@pytest.mark.parametrize("zone", [*ZONES, "UTC", "Pacific/Pago_Pago"])
@pytest.mark.parametrize("version", [Version.V14_1, Version.V16_1])
def test_TZ3_whole_days_are_days_everywhere(zone: str, version: Version) -> None:
    """The days of a file are the days of the event, in both generations, east and west of UTC, and come back."""
    line = "RRULE:FREQ=WEEKLY;COUNT=4\nEXDATE;VALUE=DATE:20260309"
    text = (
        "BEGIN:VCALENDAR\nBEGIN:VEVENT\nUID:1\nDTSTART;VALUE=DATE:20260302\nDTEND;VALUE=DATE:20260304\n"
        f"{line}\nEND:VEVENT\nEND:VCALENDAR"
    )
    read = read_calendar(text, zone=zone, version=version).events[0]
    assert read.reasons == ()
    travelled = _travelled(read.event, version)
    days = [(one.start.date(), one.end.date()) for one in occurrences(travelled, SINCE, UNTIL, default_zone=zone)]
    march = [(2, 4), (16, 18), (23, 25)]
    assert days == [(dt.date(2026, 3, first), dt.date(2026, 3, after)) for first, after in march]
    written, _ = write_events([travelled], now=NOW, default_zone=zone)
    assert "DTSTART;VALUE=DATE:20260302" in written
    assert "DTEND;VALUE=DATE:20260304" in written
    assert "EXDATE;VALUE=DATE:20260309" in written


def test_TZ4_series_stay_where_they_are_when_clocks_change() -> None:
    """A daily ten o'clock is ten o'clock on either side of both changes, for whoever reads the file."""
    start = dt.datetime(2026, 3, 1, 9, tzinfo=dt.UTC)
    event = Event(
        uid="1",
        timezone=blob_of("Europe/Berlin", 2026),
        start_time=start,
        end_time=start + dt.timedelta(hours=1),
        recurrence=Recurrence(type=RecurrenceType.DAILY, interval=1, occurrences=300),
    )
    starts = [one[0].astimezone(BERLIN).time() for one in oracle(_written(event), SINCE, UNTIL)]
    assert starts == [dt.time(10)] * 300


@pytest.mark.parametrize(("start", "end"), [(0, 6), (6, 7), (5, 6)])
@pytest.mark.parametrize("repeats", [False, True])
def test_TZ4_hour_that_clocks_show_twice_is_written_as_the_one_that_is_meant(
    start: int, end: int, repeats: bool
) -> None:
    """In New York one o'clock came twice that night, at five and at six UTC; local time alone would say the first."""
    begin = dt.datetime(2026, 11, 1, tzinfo=dt.UTC)
    event = Event(
        uid="1",
        timezone=blob_of("America/New_York", 2026),
        start_time=begin + dt.timedelta(hours=start),
        end_time=begin + dt.timedelta(hours=end),
        recurrence=Recurrence(type=RecurrenceType.DAILY, interval=1, occurrences=3) if repeats else None,
    )
    assert oracle(_written(event), SINCE, UNTIL) == _takes_place(event)


def test_TZ8_events_without_end_are_kept() -> None:
    """No end is none; an end before the start is told and left out."""
    event = Event(uid="1", start_time=NOW, timezone=blob_of("UTC", 2026), dt_stamp=NOW, all_day_event=False)
    assert "DTEND" not in _written(event)
    assert _read(_written(event)).event.end_time is None
    times = "DTSTART:20260302T100000Z\nDTEND:20260302T090000Z"
    text = f"BEGIN:VCALENDAR\nBEGIN:VEVENT\nUID:1\n{times}\nEND:VEVENT\nEND:VCALENDAR"
    read = _read(text)
    assert read.event.end_time is None
    assert read.reasons[0].what == "DTEND"


def test_zone_of_rules_alone_is_written_with_its_rules() -> None:
    """A blob that no known zone follows becomes a VTIMEZONE that says the same."""
    text = SERIES.format(line="RRULE:FREQ=DAILY;COUNT=300", zone="Somewhere").replace("-1SU", "2TU")
    event = _read(text).event
    written = _written(event)
    assert "TZID=Somewhere" in written
    assert _takes_place(_read(written).event) == _takes_place(event)
    assert oracle(written, SINCE, UNTIL) == _takes_place(event)


def test_several_reminders_leave_the_earliest() -> None:
    """ActiveSync has one; the others are told, and change nothing of the event."""
    alarm = "BEGIN:VALARM\nACTION:DISPLAY\nTRIGGER:{}\nEND:VALARM\n"
    read = _with("\n".join(alarm.format(one).rstrip() for one in ("-PT10M", "-P1D", "PT5M")))
    assert read.event.reminder == 24 * 60
    assert not read.held_back
    assert sorted(one.why for one in read.reasons) == [
        "'PT5M' is no time before the start",
        "of 2 reminders only the earliest is kept",
    ]


def test_exception_that_lost_something_says_so() -> None:
    """An override without the series' reminder, text or place has none, rather than the series'."""
    event = Event(
        uid="1",
        subject="Weekly",
        location="Here",
        body=Body(type=BodyType.PLAIN, data="text"),
        reminder=15,
        dt_stamp=NOW,
        all_day_event=False,
        timezone=blob_of("Europe/Berlin", 2026),
        start_time=NOW,
        end_time=NOW + dt.timedelta(hours=1),
        recurrence=Recurrence(type=RecurrenceType.WEEKLY, interval=1, day_of_week=2),
        exceptions=(
            EventException(
                exception_start_time=NOW + dt.timedelta(days=7), location="", cleared=frozenset({"reminder", "body"})
            ),
        ),
    )
    assert _read(_written(event)).event == event


@pytest.mark.parametrize(
    ("event", "what"),
    [
        (Event(uid="1", subject="x"), "DTSTART"),
        (Event(start_time=NOW), "UID"),
        (Event(uid="1", start_time=NOW, recurrence=Recurrence(type=RecurrenceType.WEEKLY)), "RRULE"),
        (
            Event(
                uid="1",
                start_time=NOW,
                recurrence=Recurrence(type=RecurrenceType.DAILY),
                exceptions=(EventException(deleted=True),),
            ),
            "RECURRENCE-ID",
        ),
    ],
)
def test_events_that_cannot_be_written_are_told(event: Event, what: str) -> None:
    """What a server sent wrong is named, and does not stop the others."""
    text, reasons = write_events([event, Event(uid="2", start_time=NOW)], now=NOW)
    assert [one.what for one in reasons] == [what]
    assert "UID:2" in text


TASK = Task(
    subject="Tax, at last",
    body=Body(type=BodyType.PLAIN, data="all of it"),
    importance=Importance.HIGH,
    start_date=dt.datetime(2026, 3, 2, tzinfo=dt.UTC),
    utc_start_date=dt.datetime(2026, 3, 1, 23, tzinfo=dt.UTC),
    due_date=dt.datetime(2026, 3, 31, tzinfo=dt.UTC),
    utc_due_date=dt.datetime(2026, 3, 30, 22, tzinfo=dt.UTC),
    categories=("Home",),
    complete=False,
    sensitivity=2,
    reminder_set=True,
    reminder_time=dt.datetime(2026, 3, 30, 8, tzinfo=dt.UTC),
)


@pytest.mark.parametrize(
    "task",
    [
        TASK,
        msgspec.structs.replace(TASK, complete=True, date_completed=NOW),
        msgspec.structs.replace(TASK, importance=Importance.LOW, reminder_set=None, reminder_time=None),
        msgspec.structs.replace(
            TASK,
            recurrence=TaskRecurrence(
                type=RecurrenceType.WEEKLY,
                interval=2,
                day_of_week=2,
                start=TASK.start_date,
                until=dt.datetime(2026, 12, 31, tzinfo=dt.UTC),
            ),
        ),
    ],
)
def test_tasks_come_back_as_they_were(task: Task) -> None:
    """Dates in both of their forms, in the person's zone."""
    text, reasons = write_tasks([("uid-1", task)], now=NOW)
    assert reasons == []
    (read,) = read_calendar(text, zone="Europe/Berlin").tasks
    assert (read.task, read.uid, read.reasons) == (task, "uid-1", ())


def test_tasks_that_cannot_be_said_are_told() -> None:
    """In both directions."""
    pattern = TaskRecurrence(type=RecurrenceType.DAILY, regenerate=True)
    _, reasons = write_tasks([("1", msgspec.structs.replace(TASK, recurrence=pattern))], now=NOW)
    assert [one.what for one in reasons] == ["RRULE"]
    lines = "RRULE:FREQ=DAILY\nSTATUS:CANCELLED\nRDATE:20260101"
    text = f"BEGIN:VCALENDAR\nBEGIN:VTODO\nUID:1\n{lines}\nEND:VTODO\nEND:VCALENDAR"
    (read,) = read_calendar(text).tasks
    assert {one.what for one in read.reasons} == {"RRULE", "STATUS", "RDATE"}
    assert read.held_back


_LINES = [
    *SERIES.format(line="RRULE:FREQ=WEEKLY;BYDAY=MO", zone="Europe/Berlin").splitlines(),
    *("RECURRENCE-ID:20260309T090000Z", "EXDATE:20260309T090000Z,x", "DURATION:PT1H", "BEGIN:VALARM", "END:VALARM"),
    *("TRIGGER:-PT5M", 'ATTENDEE;CN="x:mailto:y', "DTSTART:99999999T999999", "BEGIN:VTODO", "END:VTODO", "\0", ":"),
    *("DTSTART;TZID=:20260302T100000", "RRULE:FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30", "GEO:x;y", "SEQUENCE:-1"),
    *("RRULE:FREQ=MONTHLY;BYMONTHDAY=1;BYSETPOS=2", "DTSTART;VALUE=DATE:45001231", "DURATION:P99999W"),
]


@given(st.lists(st.sampled_from(_LINES), max_size=40), st.sampled_from(ZONES))
@settings(max_examples=300)
def test_any_lines_are_read(lines: list[str], zone: str) -> None:
    """However they are mixed; what was read can be written again."""
    file = read_calendar("BEGIN:VCALENDAR\n" + "\n".join(lines), zone=zone)
    write_events([one.event for one in file.events], now=NOW, default_zone=zone)


@given(st.text(max_size=200))
def test_any_text_is_read(text: str) -> None:
    """And what is no calendar says so."""
    assert read_calendar(text).notes


def test_long_file_reads_each_event() -> None:
    """Busy status by its Microsoft name or by TRANSP; several components of one UID are one series."""
    text = SERIES.format(
        line="RRULE:FREQ=WEEKLY;COUNT=3\nX-MICROSOFT-CDO-BUSYSTATUS:OOF\nEND:VEVENT\nBEGIN:VEVENT\nUID:1\n"
        "RECURRENCE-ID:20260309T090000Z\nDTSTART:20260309T130000Z\nDTEND:20260309T140000Z\nSUMMARY:Weekly\n"
        "X-MICROSOFT-CDO-BUSYSTATUS:OOF\nEND:VEVENT\nBEGIN:VEVENT\nUID:2\nDTSTART:20260309T130000Z\nTRANSP:TRANSPARENT",
        zone="Europe/Berlin",
    )
    first, second = read_calendar(text).events
    assert first.event.busy_status is BusyStatus.AWAY
    assert first.event.exceptions == (
        EventException(
            exception_start_time=dt.datetime(2026, 3, 9, 9, tzinfo=dt.UTC),
            start_time=dt.datetime(2026, 3, 9, 13, tzinfo=dt.UTC),
            end_time=dt.datetime(2026, 3, 9, 14, tzinfo=dt.UTC),
        ),
    )
    assert second.event.busy_status is BusyStatus.FREE
