"""
Recurrence patterns ([MS-ASCAL] Recurrence).
"""

from __future__ import annotations

import datetime as dt
import zoneinfo
from typing import Any

import pytest
from dateutil import rrule
from hypothesis import given
from hypothesis import strategies as st

from carrierpost.protocol import record
from carrierpost.protocol.classes.recurrence import (
    MeetingRecurrence,
    Recurrence,
    RecurrenceType,
    TaskRecurrence,
    describe,
    expand,
    problems,
    rule_of,
)
from carrierpost.protocol.record import Notes
from carrierpost.wbxml.pages import Calendar

START = dt.datetime(2026, 1, 5, 9)  # noqa: DTZ001 - wall-clock time, a Monday
UTC_START = START.replace(tzinfo=dt.UTC)
DAYS = ("SU", "MO", "TU", "WE", "TH", "FR", "SA")

KNOWN: list[tuple[dict[str, Any], str, str]] = [
    ({"type": 0}, "FREQ=DAILY", "every day"),
    ({"type": 0, "interval": 3}, "FREQ=DAILY;INTERVAL=3", "every 3 days"),
    ({"type": 0, "day_of_week": 62}, "FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR;WKST=SU", "every week on every weekday"),
    (
        {"type": 1, "interval": 2, "day_of_week": 34},
        "FREQ=WEEKLY;INTERVAL=2;BYDAY=MO,FR;WKST=SU",
        "every 2 weeks on Monday and Friday",
    ),
    (
        {"type": 1, "interval": 2, "day_of_week": 3, "first_day_of_week": 1},
        "FREQ=WEEKLY;INTERVAL=2;BYDAY=SU,MO;WKST=MO",
        "every 2 weeks on Sunday and Monday",
    ),
    ({"type": 2, "day_of_month": 5}, "FREQ=MONTHLY;BYMONTHDAY=5", "every month on day 5"),
    ({"type": 3, "week_of_month": 2, "day_of_week": 4}, "FREQ=MONTHLY;BYDAY=2TU", "every month on the second Tuesday"),
    ({"type": 3, "week_of_month": 5, "day_of_week": 4}, "FREQ=MONTHLY;BYDAY=-1TU", "every month on the last Tuesday"),
    (
        {"type": 3, "week_of_month": 5, "day_of_week": 62},
        "FREQ=MONTHLY;BYDAY=MO,TU,WE,TH,FR;BYSETPOS=-1",
        "every month on the last weekday",
    ),
    (
        {"type": 3, "week_of_month": 1, "day_of_week": 65},
        "FREQ=MONTHLY;BYDAY=SA,SU;BYSETPOS=1",
        "every month on the first weekend day",
    ),
    ({"type": 3, "week_of_month": 5, "day_of_week": 127}, "FREQ=MONTHLY;BYMONTHDAY=-1", "every month on the last day"),
    (
        {"type": 5, "day_of_month": 29, "month_of_year": 6},
        "FREQ=YEARLY;BYMONTH=6;BYMONTHDAY=29",
        "every year on 29 June",
    ),
    (
        {"type": 6, "week_of_month": 4, "day_of_week": 16, "month_of_year": 11},
        "FREQ=YEARLY;BYMONTH=11;BYDAY=4TH",
        "every year on the fourth Thursday of November",
    ),
    (
        {"type": 6, "interval": 2, "week_of_month": 5, "day_of_week": 127, "month_of_year": 2},
        "FREQ=YEARLY;INTERVAL=2;BYMONTH=2;BYMONTHDAY=-1",
        "every 2 years on the last day of February",
    ),
]


def pattern(**values: Any) -> Recurrence:
    return Recurrence(**{**values, "type": RecurrenceType(values["type"])})


@pytest.mark.parametrize(("values", "rule", "words"), KNOWN)
def test_patterns_mean_what_their_rules_mean(values: dict[str, Any], rule: str, words: str) -> None:
    """Each kind against the iCalendar rule for it, over ten years; and in words."""
    mine = list(rule_of(pattern(**values, until=dt.datetime(2036, 1, 1, tzinfo=dt.UTC)), START))
    theirs = list(rrule.rrulestr(f"{rule};UNTIL=20360101T000000", dtstart=START))
    assert mine == theirs
    assert len(mine) > 4
    assert describe(pattern(**values)) == words


@pytest.mark.parametrize(("values", "rule"), [row[:2] for row in KNOWN])
def test_counted_and_dated_ends(values: dict[str, Any], rule: str) -> None:
    """How many there are wins over the last start, which is inclusive."""
    five = list(rrule.rrulestr(f"{rule};COUNT=5", dtstart=START))
    last = five[-1].replace(tzinfo=dt.UTC)
    far = UTC_START + dt.timedelta(days=9000)
    for end in ({"until": last}, {"occurrences": 5}, {"occurrences": 5, "until": far}):
        starts = expand(pattern(**values, **end), UTC_START, dt.UTC, UTC_START, far)
        assert [moment.replace(tzinfo=None) for moment in starts] == five
    assert describe(pattern(**values, occurrences=5)).endswith(", 5 times")
    assert describe(pattern(**values, until=far)).endswith(f", until {far:%Y-%m-%d}")


def test_the_31st_is_the_last_day_of_shorter_months() -> None:
    """As Exchange does it; iCalendar would leave those months out."""
    starts = list(rule_of(pattern(type=2, day_of_month=31, occurrences=4), START.replace(day=31)))
    assert [moment.day for moment in starts] == [31, 28, 31, 30]
    yearly = list(rule_of(pattern(type=5, day_of_month=29, month_of_year=2, occurrences=3), START.replace(year=2024)))
    assert [moment.date().isoformat() for moment in yearly] == ["2024-02-29", "2025-02-28", "2026-02-28"]


@given(
    st.sampled_from(RecurrenceType),
    st.integers(0, 5),
    st.integers(1, 127),
    st.integers(1, 28),
    st.integers(1, 5),
    st.integers(1, 12),
    st.none() | st.integers(0, 6),
)
def test_any_pattern_against_its_rule(
    kind: RecurrenceType, interval: int, mask: int, day: int, nth: int, month: int, first: int | None
) -> None:
    """Every combination of the parts that belong to a kind."""
    every = f"INTERVAL={interval or 1}"
    days = ",".join(name for place, name in enumerate(DAYS) if mask >> place & 1)
    position = f"BYDAY={days};BYSETPOS={-1 if nth == 5 else nth}"
    parts: dict[RecurrenceType, tuple[dict[str, Any], str]] = {
        RecurrenceType.DAILY: ({}, f"FREQ=DAILY;{every}"),
        RecurrenceType.WEEKLY: (
            {"day_of_week": mask, "first_day_of_week": first},
            f"FREQ=WEEKLY;{every};BYDAY={days};WKST={DAYS[first or 0]}",
        ),
        RecurrenceType.MONTHLY: ({"day_of_month": day}, f"FREQ=MONTHLY;{every};BYMONTHDAY={day}"),
        RecurrenceType.MONTHLY_NTH: ({"day_of_week": mask, "week_of_month": nth}, f"FREQ=MONTHLY;{every};{position}"),
        RecurrenceType.YEARLY: (
            {"day_of_month": day, "month_of_year": month},
            f"FREQ=YEARLY;{every};BYMONTH={month};BYMONTHDAY={day}",
        ),
        RecurrenceType.YEARLY_NTH: (
            {"day_of_week": mask, "week_of_month": nth, "month_of_year": month},
            f"FREQ=YEARLY;{every};BYMONTH={month};{position}",
        ),
    }
    values, rule = parts[kind]
    mine = list(rule_of(pattern(type=kind, interval=interval, occurrences=6, **values), START))
    assert mine == list(rrule.rrulestr(f"{rule};COUNT=6", dtstart=START))


@pytest.mark.parametrize(
    "zone", ["Europe/Berlin", "America/New_York", "Australia/Sydney", "America/Sao_Paulo", "Asia/Tokyo"]
)
def test_TZ4_a_series_keeps_its_wall_clock_over_both_switches(zone: str) -> None:
    """Every start of a year is at nine in the morning, on whichever side of a change."""
    tz = zoneinfo.ZoneInfo(zone)
    first = START.replace(tzinfo=tz)
    starts = expand(pattern(type=0), first, tz, first, first + dt.timedelta(days=365))
    assert len(starts) == 365
    assert {moment.astimezone(tz).time() for moment in starts} == {dt.time(9)}
    assert len({moment.time() for moment in starts}) == (1 if zone in ("Asia/Tokyo", "America/Sao_Paulo") else 2)


def test_TZ4_an_hour_that_does_not_exist_or_comes_twice() -> None:
    """One start each day all the same: a missing hour is taken by the offset before, a double one the first time."""
    tz = zoneinfo.ZoneInfo("Europe/Berlin")
    for first in (dt.datetime(2026, 3, 28, 2, 30, tzinfo=tz), dt.datetime(2026, 10, 24, 2, 30, tzinfo=tz)):
        starts = expand(pattern(type=0, occurrences=3), first, tz, first, first + dt.timedelta(days=9))
        assert [moment.astimezone(tz).date().day for moment in starts] == [first.day, first.day + 1, first.day + 2]
    assert expand(
        pattern(type=0), dt.datetime(2026, 10, 25, 2, 30, tzinfo=tz), tz, UTC_START, UTC_START.replace(year=2027)
    )[0] == dt.datetime(2026, 10, 25, 0, 30, tzinfo=dt.UTC)


def test_the_window_is_half_open() -> None:
    """Its begin belongs to it, its end does not; and no more come than are wanted."""
    day = dt.timedelta(days=1)
    starts = expand(pattern(type=0), UTC_START, dt.UTC, UTC_START + day, UTC_START + 3 * day)
    assert starts == [UTC_START + day, UTC_START + 2 * day]
    assert len(expand(pattern(type=0), UTC_START, dt.UTC, UTC_START, UTC_START + 99 * day, most=10)) == 10
    assert expand(pattern(type=0), UTC_START, dt.UTC, UTC_START - 9 * day, UTC_START) == []


@pytest.mark.parametrize(
    ("values", "problem"),
    [
        ({"type": 1}, "day_of_week is missing"),
        ({"type": 2}, "day_of_month is missing"),
        ({"type": 3, "day_of_week": 1}, "week_of_month is missing"),
        ({"type": 5, "day_of_month": 1}, "month_of_year is missing"),
        ({"type": 6, "week_of_month": 1, "month_of_year": 1}, "day_of_week is missing"),
        ({"type": 1, "day_of_week": 128}, "day_of_week is 128, allowed is 1 to 127"),
        ({"type": 1, "day_of_week": 0}, "day_of_week is 0"),
        ({"type": 2, "day_of_month": 32}, "day_of_month is 32"),
        ({"type": 0, "interval": 1000}, "interval is 1000"),
        ({"type": 0, "interval": -1}, "interval is -1"),
        ({"type": 0, "occurrences": 0}, "occurrences is 0"),
        ({"type": 1, "day_of_week": 1, "first_day_of_week": 7}, "first_day_of_week is 7"),
        ({"type": 2, "day_of_month": 1, "calendar_type": 6}, "calendar type 6"),
    ],
)
def test_RC5_what_cannot_be_followed_says_why(values: dict[str, Any], problem: str) -> None:
    """It is kept, shown at its first start, and never followed wrongly."""
    odd = pattern(**values)
    assert any(problem in one for one in problems(odd))
    with pytest.raises(ValueError, match=problem):
        rule_of(odd, START)
    window = (UTC_START - dt.timedelta(days=1), UTC_START + dt.timedelta(days=99))
    assert expand(odd, UTC_START, dt.UTC, *window) == [UTC_START]
    assert describe(odd).startswith("a recurrence that cannot be followed: ")


def test_RC5_a_kind_that_is_not_known_is_noted() -> None:
    """Type 4 is not used; the event stays, without a kind."""
    notes = Notes()
    read = record.decode(Recurrence, [Calendar.Type, "4", Calendar.Interval, "2"], notes)
    assert read == Recurrence(interval=2)
    assert problems(read) == ("the recurrence has no type",)
    assert [note.element for note in notes] == ["Calendar:Type"]


def test_patterns_of_all_classes_are_followed_alike() -> None:
    """Tasks and meeting requests say the same on other pages."""
    for kind in (Recurrence, TaskRecurrence, MeetingRecurrence):
        weekly = kind(type=RecurrenceType.WEEKLY, day_of_week=2, occurrences=3)
        starts = expand(weekly, UTC_START, dt.UTC, UTC_START, UTC_START + dt.timedelta(days=99))
        assert [moment.day for moment in starts] == [5, 12, 19]


@given(
    st.builds(
        Recurrence,
        type=st.none() | st.sampled_from(RecurrenceType),
        occurrences=st.none() | st.integers(-5, 2000),
        interval=st.none() | st.integers(-5, 2000),
        week_of_month=st.none() | st.integers(-1, 7),
        day_of_week=st.none() | st.integers(-1, 200),
        month_of_year=st.none() | st.integers(-1, 14),
        day_of_month=st.none() | st.integers(-1, 40),
        calendar_type=st.none() | st.integers(0, 30),
        first_day_of_week=st.none() | st.integers(-1, 9),
        until=st.none() | st.datetimes(dt.datetime(1601, 1, 1), dt.datetime(4500, 1, 1), timezones=st.just(dt.UTC)),  # noqa: DTZ001
    )
)
def test_any_pattern_is_expanded_or_named(odd: Recurrence) -> None:
    """Whatever numbers a server sends: starts in order within the window, and words."""
    end = UTC_START + dt.timedelta(days=400)
    starts = expand(odd, UTC_START, zoneinfo.ZoneInfo("Europe/Berlin"), UTC_START, end)
    assert starts == sorted(set(starts))
    assert all(UTC_START <= moment < end for moment in starts)
    assert describe(odd)
