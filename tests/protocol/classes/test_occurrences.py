"""
When events take place, in both generations ([MS-ASCAL] AllDayEvent, Exceptions).
"""

from __future__ import annotations

import base64
import datetime as dt
import zoneinfo
from typing import Any

import msgspec
import pytest
from dateutil import rrule
from hypothesis import given
from hypothesis import strategies as st

from carrierpost import wbxml
from carrierpost.protocol.classes import ContentClass, Event, EventException, Recurrence, RecurrenceType, decode_item
from carrierpost.protocol.classes.item import encode_item
from carrierpost.protocol.classes.occurrences import event_days, occurrences
from carrierpost.protocol.record import Notes
from carrierpost.protocol.timezone import blob_of
from carrierpost.protocol.version import Version

ZERO = base64.b64encode(bytes(172)).decode()
WEST_TO_EAST = [
    "Pacific/Pago_Pago", "Pacific/Honolulu", "America/Los_Angeles", "America/St_Johns", "Atlantic/Azores", "UTC",
    "Europe/London", "Europe/Berlin", "Asia/Kolkata", "Asia/Tokyo", "Australia/Sydney", "Pacific/Auckland",
    "Pacific/Chatham", "Pacific/Apia", "Pacific/Kiritimati",
]  # fmt: skip
DAY = dt.timedelta(days=1)
FIRST = dt.date(2026, 3, 2)


def utc(*parts: int) -> dt.datetime:
    return dt.datetime(*parts, tzinfo=dt.UTC)  # type: ignore[arg-type,misc]


def midnight(day: dt.date, zone: str) -> dt.datetime:
    """Give a zone's midnight as a server up to 14.1 sends it."""
    return dt.datetime.combine(day, dt.time(), zoneinfo.ZoneInfo(zone)).astimezone(dt.UTC)


def said(first: dt.date, after: dt.date, zone: str, way: str) -> dict[str, Any]:
    """Say whole days in one of the ways that servers have."""
    if way == "14.1 with zone":
        return {"timezone": blob_of(zone, 2026), "start_time": midnight(first, zone), "end_time": midnight(after, zone)}
    blob = {"16.x": None, "Z-Push": ZERO, "16.x with zone": blob_of(zone, 2026)}[way]
    return {"timezone": blob, "start_time": midnight(first, "UTC"), "end_time": midnight(after, "UTC")}


def days(event: Event, viewer: str) -> list[tuple[dt.date, dt.date]]:
    """List first day and day after the last of all occurrences in 2026, as a person in a zone sees them."""
    begin = dt.datetime(2026, 1, 1, tzinfo=zoneinfo.ZoneInfo(viewer))
    found = occurrences(event, begin, begin.replace(year=2027), default_zone=viewer)
    assert all(one.all_day and one.start.time() == one.end.time() == dt.time() for one in found)
    return [(one.start.date(), one.end.date()) for one in found]


WAYS = ["14.1 with zone", "Z-Push", "16.x", "16.x with zone"]


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("zone", WEST_TO_EAST)
@pytest.mark.parametrize("viewer", ["Pacific/Pago_Pago", "Europe/Berlin", "Pacific/Kiritimati"])
def test_TZ3_whole_days_are_the_same_days_everywhere(way: str, zone: str, viewer: str) -> None:
    """Single, of three days, and a daily series; wherever it was made, and wherever somebody looks at it."""
    single = Event(all_day_event=True, **said(FIRST, FIRST + DAY, zone, way))
    assert days(single, viewer) == [(FIRST, FIRST + DAY)]
    span = Event(all_day_event=True, **said(FIRST, FIRST + 3 * DAY, zone, way))
    assert days(span, viewer) == [(FIRST, FIRST + 3 * DAY)]
    series = msgspec.structs.replace(single, recurrence=Recurrence(type=RecurrenceType.DAILY, occurrences=3))
    assert days(series, viewer) == [(FIRST + n * DAY, FIRST + (n + 1) * DAY) for n in range(3)]


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("zone", WEST_TO_EAST)
def test_TZ3_a_series_of_days_over_both_changes_of_clocks(way: str, zone: str) -> None:
    """A weekly holiday stays on its day of the week through the year."""
    weekly = Recurrence(type=RecurrenceType.WEEKLY, day_of_week=2, occurrences=44)
    event = Event(all_day_event=True, recurrence=weekly, **said(FIRST, FIRST + DAY, zone, way))
    assert days(event, "Europe/Berlin") == [(FIRST + n * 7 * DAY, FIRST + (n * 7 + 1) * DAY) for n in range(44)]


def test_TZ1_whole_days_of_an_unknown_zone_are_those_of_the_person() -> None:
    """A border at somebody's midnight, with a blob that says nothing."""
    event = Event(
        all_day_event=True,
        timezone=ZERO,
        start_time=midnight(FIRST, "Europe/Berlin"),
        end_time=midnight(FIRST + DAY, "Europe/Berlin"),
    )
    assert days(event, "Europe/Berlin") == [(FIRST, FIRST + DAY)]


@pytest.mark.parametrize(
    ("end", "length"),
    [(None, dt.timedelta()), (utc(2026, 3, 2, 9), dt.timedelta()), (utc(2026, 3, 2, 8), dt.timedelta())],
    ids=["no end", "zero length", "ends before it begins"],
)
def test_TZ8_an_event_without_length_is_kept(end: dt.datetime | None, length: dt.timedelta) -> None:
    """Once, and in a series; a whole day without an end is one day."""
    event = Event(start_time=utc(2026, 3, 2, 9), end_time=end, subject="s")
    (one,) = occurrences(event, utc(2026, 3, 2), utc(2026, 3, 3))
    assert (one.start, one.end - one.start, one.original_start) == (utc(2026, 3, 2, 9), length, None)
    series = msgspec.structs.replace(event, recurrence=Recurrence(type=RecurrenceType.DAILY))
    assert len(occurrences(series, utc(2026, 3, 2), utc(2026, 3, 5))) == 3
    whole = Event(all_day_event=True, start_time=utc(2026, 3, 2), end_time=None if end is None else utc(2026, 3, 2))
    assert days(whole, "UTC") == [(FIRST, FIRST + DAY)]


def test_TZ8_an_event_without_a_start_is_never() -> None:
    """It has no place in a calendar; the item itself stays."""
    assert occurrences(Event(subject="s", end_time=utc(2026, 3, 2)), utc(2026, 1, 1), utc(2027, 1, 1)) == []


def test_what_is_under_way_belongs_to_the_window() -> None:
    """And what ends when it begins, or begins when it ends, does not."""
    event = Event(start_time=utc(2026, 3, 2, 9), end_time=utc(2026, 3, 2, 11))
    assert len(occurrences(event, utc(2026, 3, 2, 10), utc(2026, 3, 2, 10, 30))) == 1
    assert occurrences(event, utc(2026, 3, 2, 11), utc(2026, 3, 2, 12)) == []
    assert occurrences(event, utc(2026, 3, 2, 8), utc(2026, 3, 2, 9)) == []


@pytest.mark.parametrize("zone", ["Europe/Berlin", "America/New_York", "Australia/Sydney"])
def test_TZ4_a_meeting_keeps_its_hour_over_both_changes(zone: str) -> None:
    """In its own zone, also for somebody who looks from another one."""
    tz = zoneinfo.ZoneInfo(zone)
    start = dt.datetime(2026, 1, 5, 9, tzinfo=tz)
    event = Event(
        timezone=blob_of(zone, 2026),
        start_time=start.astimezone(dt.UTC),
        end_time=(start + dt.timedelta(hours=1)).astimezone(dt.UTC),
        recurrence=Recurrence(type=RecurrenceType.WEEKLY, day_of_week=2),
    )
    found = occurrences(event, utc(2026, 1, 1), utc(2027, 1, 1), default_zone="Asia/Tokyo")
    assert len(found) == 52
    assert {one.start.astimezone(tz).time() for one in found} == {dt.time(9)}
    assert {one.end.astimezone(tz).time() for one in found} == {dt.time(10)}
    assert len({one.start.astimezone(dt.UTC).time() for one in found}) == 2


SERIES = Event(
    subject="Weekly",
    location="Room 1",
    timezone=blob_of("Europe/Berlin", 2026),
    start_time=utc(2026, 3, 16, 8),
    end_time=utc(2026, 3, 16, 9),
    recurrence=Recurrence(type=RecurrenceType.WEEKLY, day_of_week=2, occurrences=4),
)
CHANGES = (
    EventException(deleted=True, exception_start_time=utc(2026, 3, 23, 8)),
    EventException(
        exception_start_time=utc(2026, 3, 30, 7),
        subject="Moved",
        start_time=utc(2026, 4, 1, 12),
        end_time=utc(2026, 4, 1, 14),
        location="",
    ),
)
WITH_CHANGES = msgspec.structs.replace(SERIES, exceptions=CHANGES)


def _seen(event: Event) -> list[tuple[Any, ...]]:
    found = occurrences(event, utc(2026, 1, 1), utc(2027, 1, 1), default_zone="Europe/Berlin")
    return [(one.start.astimezone(dt.UTC), one.end.astimezone(dt.UTC), one.subject, one.location) for one in found]


EXPECTED = [
    (utc(2026, 3, 16, 8), utc(2026, 3, 16, 9), "Weekly", "Room 1"),
    (utc(2026, 4, 1, 12), utc(2026, 4, 1, 14), "Moved", ""),
    (utc(2026, 4, 6, 7), utc(2026, 4, 6, 8), "Weekly", "Room 1"),
]
COMMON = """
<Timezone xmlns="Calendar">{zone}</Timezone><StartTime xmlns="Calendar">20260316T080000Z</StartTime>
<EndTime xmlns="Calendar">20260316T090000Z</EndTime><Subject xmlns="Calendar">Weekly</Subject>
<Recurrence xmlns="Calendar"><Type>1</Type><Occurrences>4</Occurrences><DayOfWeek>2</DayOfWeek></Recurrence>"""
EARLIER = """<ApplicationData xmlns="AirSync">{common}<Location xmlns="Calendar">Room 1</Location>
<Exceptions xmlns="Calendar">
<Exception><Deleted>1</Deleted><ExceptionStartTime>20260323T080000Z</ExceptionStartTime></Exception>
<Exception><ExceptionStartTime>20260330T070000Z</ExceptionStartTime><Subject>Moved</Subject>
<StartTime>20260401T120000Z</StartTime><EndTime>20260401T140000Z</EndTime><Location/></Exception>
</Exceptions></ApplicationData>"""
LATER = """<ApplicationData xmlns="AirSync">{common}
<Location xmlns="AirSyncBase"><DisplayName>Room 1</DisplayName></Location>
<Exceptions xmlns="Calendar">
<Exception><Deleted>1</Deleted><InstanceId xmlns="AirSyncBase">20260323T080000Z</InstanceId></Exception>
<Exception><InstanceId xmlns="AirSyncBase">20260330T070000Z</InstanceId><Subject>Moved</Subject>
<StartTime>20260401T120000Z</StartTime><EndTime>20260401T140000Z</EndTime>
<Location xmlns="AirSyncBase"/></Exception>
</Exceptions></ApplicationData>"""


@pytest.mark.parametrize("form", [EARLIER, LATER], ids=["until 14.1", "from 16.0"])
def test_RC1_the_same_calendar_in_both_forms_is_the_same(form: str) -> None:
    """Exceptions by ExceptionStartTime or InstanceId, places as text or in parts: one event, one set of times."""
    common = COMMON.format(zone=SERIES.timezone)
    notes = Notes()
    read = decode_item(ContentClass.CALENDAR, wbxml.from_xml(form.format(common=common)).value, notes)
    assert notes == []
    assert isinstance(read, Event)
    assert read == WITH_CHANGES
    assert _seen(read) == EXPECTED


@pytest.mark.parametrize("version", Version)
def test_RC1_written_and_read_in_any_version_it_is_the_same(version: Version) -> None:
    """Nobody but the wire knows of two generations."""
    tree = wbxml.decode(wbxml.encode(0x1D, encode_item(WITH_CHANGES, version))).value
    read = decode_item(ContentClass.CALENDAR, tree, Notes())
    assert read == WITH_CHANGES
    assert _seen(WITH_CHANGES) == EXPECTED


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("zone", ["Pacific/Honolulu", "Europe/Berlin", "Pacific/Kiritimati"])
def test_RC6_an_exception_of_whole_days_is_found_by_its_date(way: str, zone: str) -> None:
    """Whether it is named by the zone's midnight or by the date at midnight UTC."""
    first, second = FIRST, FIRST + DAY
    weekly = Recurrence(type=RecurrenceType.DAILY, occurrences=3)
    for named in (midnight(second, zone), midnight(second, "UTC")):
        event = Event(
            all_day_event=True,
            recurrence=weekly,
            exceptions=(EventException(deleted=True, exception_start_time=named),),
            **said(first, second, zone, way),
        )
        if way == "14.1 with zone" or named == midnight(second, "UTC"):
            assert days(event, "Europe/Berlin") == [(first, second), (second + DAY, second + 2 * DAY)]


def test_RC6_an_exception_may_be_a_whole_day_or_cease_to_be_one() -> None:
    """Its own AllDayEvent counts."""
    change = EventException(exception_start_time=utc(2026, 3, 16, 8), all_day_event=True, start_time=utc(2026, 3, 17),
                            end_time=utc(2026, 3, 18))  # fmt: skip
    event = msgspec.structs.replace(SERIES, exceptions=(change,))
    found = occurrences(event, utc(2026, 3, 15), utc(2026, 3, 22), default_zone="Europe/Berlin")
    assert [(one.all_day, one.start.date(), one.end.date()) for one in found] == [
        (True, dt.date(2026, 3, 17), dt.date(2026, 3, 18))
    ]


def test_RC5_exceptions_without_a_series_or_a_start_do_no_harm() -> None:
    """An event that does not repeat has none, whatever it carries; one that names no occurrence changes none."""
    single = msgspec.structs.replace(WITH_CHANGES, recurrence=None)
    assert len(_seen(single)) == 1
    nameless = msgspec.structs.replace(SERIES, exceptions=(EventException(deleted=True), EventException(subject="x")))
    assert _seen(nameless) == _seen(SERIES)


def test_RC8_an_occurrence_moved_into_the_window_is_seen() -> None:
    """And one moved out of it is not."""
    into = EventException(
        exception_start_time=utc(2026, 3, 16, 8), start_time=utc(2026, 9, 1, 8), end_time=utc(2026, 9, 1, 9)
    )
    event = msgspec.structs.replace(SERIES, exceptions=(into,))
    (seen,) = occurrences(event, utc(2026, 9, 1), utc(2026, 9, 2))
    assert (seen.start, seen.original_start) == (utc(2026, 9, 1, 8), utc(2026, 3, 16, 8))
    assert occurrences(event, utc(2026, 3, 16), utc(2026, 3, 17)) == []


@given(
    st.sampled_from(["Europe/Berlin", "America/New_York", "Asia/Tokyo", "Australia/Sydney"]),
    st.integers(1, 127),
    st.integers(1, 3),
    st.lists(st.integers(0, 19), max_size=5, unique=True),
)
def test_series_against_dateutil(zone: str, mask: int, interval: int, gone: list[int]) -> None:
    """Weekly series with deleted occurrences, over a year, against an independent reckoning."""
    tz = zoneinfo.ZoneInfo(zone)
    first = dt.datetime(2026, 1, 1, 18, 30)  # noqa: DTZ001 - wall-clock time
    names = [name for place, name in enumerate(("SU", "MO", "TU", "WE", "TH", "FR", "SA")) if mask >> place & 1]
    rule = f"FREQ=WEEKLY;INTERVAL={interval};WKST=SU;COUNT=20;BYDAY={','.join(names)}"
    walls = list(rrule.rrulestr(rule, dtstart=first))
    theirs = [wall for place, wall in enumerate(walls) if place not in gone]
    event = Event(
        timezone=blob_of(zone, 2026),
        start_time=first.replace(tzinfo=tz).astimezone(dt.UTC),
        end_time=first.replace(tzinfo=tz).astimezone(dt.UTC) + dt.timedelta(hours=1),
        recurrence=Recurrence(type=RecurrenceType.WEEKLY, interval=interval, day_of_week=mask, occurrences=20),
        exceptions=tuple(
            EventException(deleted=True, exception_start_time=walls[place].replace(tzinfo=tz).astimezone(dt.UTC))
            for place in gone
        ),
    )
    mine = occurrences(event, utc(2025, 12, 1), utc(2028, 1, 1), default_zone=zone)
    assert [one.start.astimezone(tz).replace(tzinfo=None) for one in mine] == theirs


def test_the_days_of_a_range() -> None:
    """Never less than one."""
    zone = zoneinfo.ZoneInfo("Europe/Berlin")
    assert event_days(utc(2026, 3, 2), None, zone) == (FIRST, FIRST + DAY)
    assert event_days(utc(2026, 3, 2), utc(2026, 3, 1), zone) == (FIRST, FIRST + DAY)
    assert event_days(utc(2026, 3, 1, 23), utc(2026, 3, 3, 23), zone) == (FIRST, FIRST + 2 * DAY)
