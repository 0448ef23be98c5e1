"""
Events of many kinds for round trips, and an oracle that expands iCalendar without our help.
"""

from __future__ import annotations

import datetime as dt
import zoneinfo
from typing import Any

import icalendar
from dateutil import rrule
from hypothesis import strategies as st

from carrierpost.protocol.classes import (
    Attendee,
    Body,
    BodyType,
    BusyStatus,
    Event,
    EventException,
    Recurrence,
    RecurrenceType,
)
from carrierpost.protocol.classes.recurrence import expand
from carrierpost.protocol.timezone import blob_of

__all__ = ["NOW", "ZONES", "events", "oracle", "series"]

NOW = dt.datetime(2026, 3, 2, 9, 0, tzinfo=dt.UTC)
ZONES = (
    *("Europe/Berlin", "America/New_York", "Asia/Kolkata", "Australia/Sydney"),
    *("Pacific/Kiritimati", "America/Anchorage"),
)
_texts = st.text(st.characters(exclude_categories=["Cs", "Cc"]) | st.sampled_from('\n,;:\\"'), min_size=1, max_size=30)

_patterns = st.one_of(
    st.builds(Recurrence, type=st.just(RecurrenceType.DAILY), interval=st.integers(1, 9)),
    st.builds(Recurrence, type=st.just(RecurrenceType.DAILY), interval=st.just(1), day_of_week=st.integers(1, 127)),
    st.builds(
        Recurrence,
        type=st.just(RecurrenceType.WEEKLY),
        interval=st.integers(1, 4),
        day_of_week=st.integers(1, 127),
        first_day_of_week=st.none() | st.integers(0, 6),
    ),
    st.builds(
        Recurrence, type=st.just(RecurrenceType.MONTHLY), interval=st.integers(1, 5), day_of_month=st.integers(1, 31)
    ),
    st.builds(
        Recurrence,
        type=st.just(RecurrenceType.MONTHLY_NTH),
        interval=st.integers(1, 5),
        week_of_month=st.integers(1, 5),
        day_of_week=st.sampled_from([1, 2, 4, 8, 16, 32, 64, 62, 65, 127]),
    ),
    st.builds(
        Recurrence,
        type=st.just(RecurrenceType.YEARLY),
        interval=st.just(1),
        day_of_month=st.integers(1, 31),
        month_of_year=st.integers(1, 12),
    ),
    st.builds(
        Recurrence,
        type=st.just(RecurrenceType.YEARLY_NTH),
        interval=st.just(1),
        week_of_month=st.integers(1, 5),
        day_of_week=st.sampled_from([1, 2, 4, 8, 16, 32, 64, 62, 65, 127]),
        month_of_year=st.integers(1, 12),
    ),
)

_people = st.lists(
    st.builds(
        Attendee,
        email=st.sampled_from(["ben@x.example", "cy@x.example", "room@x.example"]),
        name=st.none() | _texts.map(lambda text: " ".join(text.split()) or "x"),
        attendee_status=st.sampled_from([0, 2, 3, 4, 5]),
        attendee_type=st.sampled_from([1, 2, 3]),
    ),
    max_size=3,
)


def _replaced(record: Any, **changes: Any) -> Any:
    return type(record)(**{name: getattr(record, name) for name in record.__struct_fields__} | changes)


@st.composite
def events(draw: st.DrawFn) -> Event:
    """
    Make single events, with every field that both forms have.
    """
    zone = draw(st.sampled_from(ZONES))
    whole = draw(st.booleans())
    day = dt.datetime(2026, 1, 1, tzinfo=dt.UTC) + dt.timedelta(days=draw(st.integers(0, 700)))
    if whole:
        start, length = day, dt.timedelta(days=draw(st.integers(1, 20)))
    else:
        start = day + dt.timedelta(minutes=draw(st.integers(0, 1439)))
        if start.astimezone(zoneinfo.ZoneInfo(zone)).fold:
            start += dt.timedelta(hours=2)  # an hour that clocks show twice has a test of its own
        length = dt.timedelta(minutes=draw(st.integers(0, 5000)))
    attendees = tuple({one.email: one for one in draw(_people)}.values())
    meeting = bool(attendees)
    return Event(
        uid=draw(_texts.map(str.strip).filter(bool)),
        timezone=None if whole else blob_of(zone, start.year),
        all_day_event=whole,
        start_time=start,
        end_time=start + length,
        subject=draw(st.none() | _texts),
        location=draw(st.none() | _texts),
        body=draw(st.none() | st.builds(Body, type=st.sampled_from([BodyType.PLAIN, BodyType.HTML]), data=_texts)),
        categories=draw(st.none() | st.lists(_texts, min_size=1, max_size=3, unique=True).map(tuple)),
        sensitivity=draw(st.none() | st.integers(0, 3)),
        busy_status=draw(st.none() | st.sampled_from(BusyStatus)),
        reminder=draw(st.none() | st.integers(0, 20_000)),
        dt_stamp=NOW,
        organizer_email="ada@x.example" if meeting else None,
        organizer_name="Ada, Countess" if meeting else None,
        attendees=attendees or None,
        meeting_status=1 + draw(st.sampled_from([0, 4])) if meeting else None,
        response_requested=draw(st.none() | st.just(True)) if meeting else None,
        disallow_new_time_proposal=draw(st.none() | st.just(True)),
    )


@st.composite
def series(draw: st.DrawFn) -> Event:
    """
    Make series that begin on one of their own days, with occurrences that are gone, moved or changed.
    """
    event = draw(events())
    assert event.start_time is not None
    assert event.end_time is not None
    zone: dt.tzinfo = dt.UTC if event.all_day_event else _zone(event)
    pattern = draw(_patterns)
    far = event.start_time + dt.timedelta(days=4000)
    starts = expand(pattern, event.start_time, zone, event.start_time, far, most=12)
    start = starts[0]
    match draw(st.integers(0, 2)):
        case 0:
            pattern = _replaced(pattern, occurrences=draw(st.integers(1, 30)))
        case 1:
            pattern = _replaced(pattern, until=starts[-1])
    starts = expand(pattern, start, zone, start, far, most=12)
    length = event.end_time - event.start_time
    chosen = draw(st.lists(st.sampled_from(starts), unique=True, max_size=4))
    exceptions = [_exception(draw, event, moment, length) for moment in chosen]
    exceptions.sort(key=lambda one: one.exception_start_time)
    changes = {"start_time": start, "end_time": start + length, "recurrence": pattern}
    return _replaced(event, **changes, exceptions=tuple(exceptions) or None)  # type: ignore[no-any-return]


def _exception(draw: st.DrawFn, event: Event, moment: dt.datetime, length: dt.timedelta) -> Any:
    match draw(st.integers(0, 2)):
        case 0:
            return EventException(deleted=True, exception_start_time=moment)
        case 1:
            step = dt.timedelta(days=draw(st.integers(1, 3)))
            if not event.all_day_event:
                step += dt.timedelta(minutes=draw(st.integers(0, 90)))
            return EventException(
                exception_start_time=moment, start_time=moment + step, end_time=moment + step + length
            )
    subject = draw(_texts.filter(lambda text: text != event.subject))
    return EventException(exception_start_time=moment, subject=subject)


def _zone(event: Event) -> dt.tzinfo:
    for name in ZONES:
        assert event.start_time is not None
        if event.timezone == blob_of(name, event.start_time.year):
            return zoneinfo.ZoneInfo(name)
    raise AssertionError(event.timezone)


def oracle(text: str, since: dt.datetime, until: dt.datetime) -> list[tuple[Any, Any, str]]:
    """
    List what a calendar file says takes place, by `icalendar` and `dateutil` alone: start, end and title, in order.

    Times are in UTC, days are dates.
    """
    found = []
    calendar: Any = icalendar.Calendar.from_ical(text)
    components = calendar.walk("VEVENT")
    moved = {(str(one["UID"]), _key(one["RECURRENCE-ID"].dt)) for one in components if "RECURRENCE-ID" in one}
    for one in components:
        start = one["DTSTART"].dt
        end = one["DTEND"].dt if "DTEND" in one else start
        if "RRULE" not in one:
            found.append((_key(start), _key(end), str(one.get("SUMMARY", ""))))
            continue
        gone = one.get("EXDATE", [])
        gone = {_key(each.dt) for group in (gone if isinstance(gone, list) else [gone]) for each in group.dts}
        zone = getattr(start, "tzinfo", None)
        wall = dt.datetime(*start.timetuple()[:6])  # noqa: DTZ001 - wall-clock time on purpose
        rule = one["RRULE"].to_ical().decode()
        length = _key(end) - _key(start)  # exact, whatever clocks do in between ([RFC 5545] 3.8.5.3)
        for each in _expanded(rule, wall, zone, until):
            moment = each.date() if zone is None else each.replace(tzinfo=zone)
            if _key(moment) in gone or (str(one["UID"]), _key(moment)) in moved:
                continue
            finish = moment + length if zone is None else _key(moment) + length
            found.append((_key(moment), _key(finish), str(one.get("SUMMARY", ""))))
    low, high = since.date(), until.date()
    return sorted(one for one in found if low <= (one[0].date() if isinstance(one[0], dt.datetime) else one[0]) < high)


def _expanded(rule: str, wall: dt.datetime, zone: Any, until: dt.datetime) -> Any:
    parts = dict(piece.split("=") for piece in rule.split(";"))
    last = parts.pop("UNTIL", None)
    plain = ";".join(f"{name}={value}" for name, value in parts.items())
    end = until.replace(tzinfo=None) + dt.timedelta(days=3)
    if last is not None and last.endswith("Z"):
        moment = dt.datetime.strptime(last, "%Y%m%dT%H%M%SZ").replace(tzinfo=dt.UTC)
        end = min(end, moment.astimezone(zone).replace(tzinfo=None))
    elif last is not None:
        end = min(end, dt.datetime.strptime(last[:8], "%Y%m%d"))  # noqa: DTZ007 - a day
    for each in rrule.rrulestr(plain, dtstart=wall):
        if each > end:
            return
        yield each


def _key(value: Any) -> Any:
    return value.astimezone(dt.UTC) if isinstance(value, dt.datetime) else value
