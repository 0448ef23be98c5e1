"""
Quiet hours: over midnight, by weekday, and when clocks are put forward or back.
"""

from __future__ import annotations

import datetime as dt
import zoneinfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from carrierpost.model import QuietHours
from carrierpost.notify.quiet import quiet_until

BERLIN = zoneinfo.ZoneInfo("Europe/Berlin")
NIGHT = QuietHours(dt.time(22), dt.time(7))
NOON_BREAK = QuietHours(dt.time(12), dt.time(13), frozenset({0, 1, 2, 3, 4}))
WEEKEND = QuietHours(dt.time(0), dt.time(0), frozenset({5, 6}))
FRIDAY_NIGHT = QuietHours(dt.time(22), dt.time(0), frozenset({4}))


def at(text: str, zone: dt.tzinfo = BERLIN) -> dt.datetime:
    return dt.datetime.fromisoformat(text).replace(tzinfo=zone)


@pytest.mark.parametrize(
    ("hours", "now", "until"),
    [
        ((NIGHT,), "2026-03-02 21:59", None),
        ((NIGHT,), "2026-03-02 22:00", "2026-03-03 07:00"),
        ((NIGHT,), "2026-03-03 03:00", "2026-03-03 07:00"),
        ((NIGHT,), "2026-03-03 06:59:59", "2026-03-03 07:00"),
        ((NIGHT,), "2026-03-03 07:00", None),
        ((NOON_BREAK,), "2026-03-06 12:30", "2026-03-06 13:00"),  # a Friday
        ((NOON_BREAK,), "2026-03-07 12:30", None),
        ((WEEKEND,), "2026-03-07 00:00", "2026-03-09 00:00"),  # two days that follow each other are one
        ((WEEKEND, FRIDAY_NIGHT, NIGHT), "2026-03-06 23:00", "2026-03-09 07:00"),
        ((), "2026-03-06 23:00", None),
        # 29 March: at 02:00 clocks are put to 03:00; 25 October: at 03:00 they are put back to 02:00.
        ((QuietHours(dt.time(22), dt.time(2, 30)),), "2026-03-29 01:59", "2026-03-29 03:30"),
        ((QuietHours(dt.time(22), dt.time(2, 30)),), "2026-10-25 01:00", "2026-10-25 02:30:00+01:00"),
        ((NIGHT,), "2026-10-25 06:00", "2026-10-25 07:00"),
    ],
)
def test_quiet_hours_follow_the_clock_on_the_wall(hours: tuple[QuietHours, ...], now: str, until: str | None) -> None:
    """Begin and end are times of the device's own zone, whatever that zone does to its clocks."""
    found = quiet_until(hours, at(now), BERLIN)
    if until is None:
        assert found is None
        return
    moment = dt.datetime.fromisoformat(until)
    expected = moment if moment.tzinfo is not None else moment.replace(tzinfo=BERLIN)
    assert found is not None
    assert found.astimezone(dt.UTC) == expected.astimezone(dt.UTC)


def test_the_hour_that_comes_twice_is_quiet_twice() -> None:
    """Quiet until 02:30 lasts until the clock shows 02:30 for the last time."""
    hours = (QuietHours(dt.time(22), dt.time(2, 30)),)
    between = dt.datetime(2026, 10, 25, 0, 45, tzinfo=dt.UTC)  # 02:45 in summer time
    assert quiet_until(hours, between, BERLIN) is not None


def test_the_zone_is_the_devices() -> None:
    """At the same moment it is quiet in one place and not in another."""
    now = dt.datetime(2026, 3, 2, 22, 30, tzinfo=dt.UTC)
    assert quiet_until((NIGHT,), now, BERLIN) is not None
    assert quiet_until((NIGHT,), now, zoneinfo.ZoneInfo("America/New_York")) is None


def test_always_quiet_has_an_end_all_the_same() -> None:
    """Whole days without a pause are followed for a week at least, and not for ever."""
    until = quiet_until((QuietHours(dt.time(0), dt.time(0)),), at("2026-03-02 12:00"), BERLIN)
    assert until is not None
    assert until - at("2026-03-02 12:00") > dt.timedelta(days=7)


@pytest.mark.parametrize("days", [frozenset[int](), frozenset({7}), frozenset({-1})])
def test_impossible_days_are_refused(days: frozenset[int]) -> None:
    """A quiet time that never begins is a mistake, and is said to be one."""
    with pytest.raises(ValueError, match="0 \\(Monday\\) to 6 \\(Sunday\\)"):
        QuietHours(dt.time(22), dt.time(7), days)


TIMES = st.times(timezones=st.none()).map(lambda one: one.replace(second=0, microsecond=0))
HOURS = st.lists(st.builds(QuietHours, TIMES, TIMES, st.frozensets(st.integers(0, 6), min_size=1)), max_size=4)
ZONES = st.sampled_from(["UTC", "Europe/Berlin", "Australia/Lord_Howe", "Asia/Kathmandu", "America/St_Johns"])
MOMENTS = st.integers(0, 365 * 24 * 60).map(lambda minutes: at("2026-01-01", dt.UTC) + dt.timedelta(minutes=minutes))


@given(hours=HOURS, zone=ZONES.map(zoneinfo.ZoneInfo), now=MOMENTS)
def test_it_is_quiet_until_the_end_and_not_at_it(
    hours: list[QuietHours], zone: zoneinfo.ZoneInfo, now: dt.datetime
) -> None:
    """The end lies ahead; just before it, it is still quiet; at it, it is not, unless quiet times never end."""
    until = quiet_until(hours, now, zone)
    if until is None:
        return
    assert until.astimezone(dt.UTC) > now
    assert quiet_until(hours, until.astimezone(dt.UTC) - dt.timedelta(seconds=1), zone) is not None
    if until.astimezone(dt.UTC) - now < dt.timedelta(days=7):
        assert quiet_until(hours, until.astimezone(dt.UTC), zone) is None
