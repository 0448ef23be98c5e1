"""
When a device reminds of events: single ones, series, days, moved occurrences, other zones.
"""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest

from carrierpost.notify.reminders import reminder_key, reminders
from carrierpost.notify.wording import reminder_text
from carrierpost.notify.zones import zone_of
from carrierpost.protocol.classes import Event, EventException, Recurrence, RecurrenceType
from carrierpost.protocol.timezone import blob_of
from tests.notify.news import NOON, event

HOUR, DAY = dt.timedelta(hours=1), dt.timedelta(days=1)
DAILY = Recurrence(type=RecurrenceType.DAILY, interval=1)


def due(one: Event, begin: dt.datetime = NOON, end: dt.datetime = NOON + DAY, zone: str = "UTC") -> list[str]:
    """Write when reminders go off."""
    return [f"{found.due_at:%d %H:%M}" for found in reminders(one, begin, end, zone)]


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ({"reminder": 15}, ["02 14:45"]),
        ({"reminder": 0}, ["02 15:00"]),
        ({}, []),
        ({"reminder": -1}, []),
        ({"reminder": 15, "meeting_status": 7}, []),  # cancelled
        ({"reminder": 15, "response_type": 4}, []),  # declined
        ({"reminder": 15, "start_time": NOON + 10 * dt.timedelta(minutes=1)}, ["02 11:55"]),  # late, but not begun
        ({"reminder": 15, "start_time": NOON - HOUR}, []),
        ({"reminder": 60, "start_time": NOON + DAY + HOUR / 2}, ["03 11:30"]),  # begins beyond the window
        ({"reminder": 15, "start_time": None, "end_time": None}, []),
    ],
)
def test_a_reminder_goes_off_before_the_start(values: dict[str, Any], expected: list[str]) -> None:
    """By the event's own minutes; not for what does not take place, has begun, or was declined."""
    assert due(event(**values)) == expected


def test_a_series_reminds_of_each_occurrence_and_of_none_that_was_taken_out() -> None:
    """Occurrences that were moved, deleted, called off or given another reminder go their own way."""
    start = NOON + 3 * HOUR
    exceptions = (
        EventException(exception_start_time=start + DAY, deleted=True),
        EventException(exception_start_time=start + 2 * DAY, start_time=start + 2 * DAY + HOUR),
        EventException(exception_start_time=start + 3 * DAY, reminder=60),
        EventException(exception_start_time=start + 4 * DAY, meeting_status=7),
        EventException(exception_start_time=start + 5 * DAY, cleared=frozenset({"reminder"})),
    )
    series = event(reminder=15, recurrence=DAILY, exceptions=exceptions)
    assert due(series, end=NOON + 7 * DAY) == ["02 14:45", "04 15:45", "05 14:00", "08 14:45"]


def test_a_series_keeps_its_hour_when_clocks_change() -> None:
    """A meeting at nine in Berlin is at nine in summer, too."""
    monday = dt.datetime(2026, 3, 27, 8, 0, tzinfo=dt.UTC)
    series = event(
        start_time=monday,
        end_time=monday + HOUR,
        recurrence=DAILY,
        reminder=30,
        timezone=blob_of("Europe/Berlin", 2026),
    )
    found = due(series, monday - HOUR, monday + 4 * DAY)
    assert found == ["27 07:30", "28 07:30", "29 06:30", "30 06:30", "31 06:30"]


def test_whole_days_begin_where_the_device_is() -> None:
    """Midnight is the device's, whatever zone the event was made in."""
    day = event(
        start_time=dt.datetime(2026, 3, 3, tzinfo=dt.UTC), end_time=dt.datetime(2026, 3, 4, tzinfo=dt.UTC),
        all_day_event=True, reminder=60,
    )  # fmt: skip
    assert due(day, zone="UTC") == ["02 23:00"]
    assert due(day, zone="Asia/Tokyo") == ["02 14:00"]
    assert due(day, zone="America/New_York") == ["03 04:00"]
    assert due(day, zone="No/Such") == ["02 23:00"]


def test_windows_that_follow_each_other_find_each_reminder_once() -> None:
    """Whatever the windows' length, their reminders together are those of the whole."""
    series = event(reminder=15, recurrence=DAILY, start_time=NOON + 3 * HOUR)
    whole = due(series, end=NOON + 10 * DAY)
    parts = [one for begin in range(0, 240, 5) for one in due(series, NOON + begin * HOUR, NOON + (begin + 5) * HOUR)]
    assert len(whole) == 10
    assert set(parts) == set(whole)


def test_a_reminder_is_known_by_its_occurrence() -> None:
    """What moves gets another name; what only says more keeps it."""
    [first] = reminders(event(reminder=15), NOON, NOON + DAY, "UTC")
    [longer] = reminders(event(reminder=30, subject="Other"), NOON, NOON + DAY, "Asia/Tokyo")
    [moved] = reminders(event(reminder=15, start_time=NOON + 5 * HOUR), NOON, NOON + DAY, "UTC")
    assert reminder_key(7, first) == reminder_key(7, longer)
    assert reminder_key(7, first) != reminder_key(7, moved)


@pytest.mark.parametrize(
    ("minutes", "zone", "expected"),
    [
        (15, "UTC", "in 15 minutes, Mon 2 Mar, 15:00 to 16:00, Room 4"),
        (1, "Asia/Tokyo", "in 1 minute, Tue 3 Mar, 00:00 to 01:00, Room 4"),
        (0, "UTC", "now, Mon 2 Mar, 15:00 to 16:00, Room 4"),
        (180, "UTC", "in 3 hours, Mon 2 Mar, 15:00 to 16:00, Room 4"),
    ],
)
def test_a_reminder_reads_as_a_person_would_say_it(minutes: int, zone: str, expected: str) -> None:
    """In how long, when by the device's clock, and where."""
    one = event(reminder=minutes)
    [found] = reminders(one, NOON - DAY, NOON + DAY, zone)
    text = reminder_text(one, found.occurrence, found.due_at, zone_of(zone))
    assert (text.title, text.body) == ("Budget", expected)
