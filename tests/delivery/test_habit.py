"""
What is learned of a week.
"""

from __future__ import annotations

import datetime as dt

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from carrierpost.delivery.habit import Weekly
from tests.delivery.devices import NOON

DAY = dt.timedelta(days=1)
HOUR = dt.timedelta(hours=1)


def _every_day(hour: int, days: int, start: dt.datetime = NOON) -> Weekly:
    week = Weekly()
    for day in range(days):
        week = week.noted(start.replace(hour=hour) + day * DAY)
    return week


def test_nothing_is_expected_before_anything_was_learned() -> None:
    """An empty histogram knows nothing, and says so."""
    assert not Weekly().knows
    assert Weekly().expected(NOON) == 0.0


def test_a_first_day_says_nothing_yet() -> None:
    """Half a week has to be watched before hours without anything are believed to be empty."""
    assert not _every_day(8, 4).knows
    assert _every_day(8, 5).knows


def test_what_happens_daily_is_expected_daily() -> None:
    """Once a day at eight is nearly one at eight, and nothing at three."""
    week = _every_day(8, 28)
    later = NOON + 28 * DAY
    assert week.expected(later.replace(hour=8)) == pytest.approx(1.0, abs=0.15)
    assert week.expected(later.replace(hour=3)) == 0.0


def test_days_of_the_week_are_told_apart() -> None:
    """Four Mondays make a Monday, and only a suspicion for the other days."""
    week = Weekly()
    for number in range(4):
        week = week.noted(NOON + number * 7 * DAY)
    monday, tuesday = NOON + 28 * DAY, NOON + 29 * DAY
    assert week.expected(monday) > 5 * week.expected(tuesday) > 0


def test_the_past_fades() -> None:
    """Somebody whose day has moved to the evening is soon expected in the evening, and no longer in the morning."""
    week = _every_day(8, 56)
    for day in range(56):
        week = week.noted(NOON.replace(hour=20) + (56 + day) * DAY)
    after = NOON + 112 * DAY
    assert week.expected(after.replace(hour=20)) > 2 * week.expected(after.replace(hour=8))


def test_an_hour_flows_into_the_next() -> None:
    """What is expected within an hour from half past seven includes half of what comes from eight on."""
    week = _every_day(8, 28)
    later = NOON + 28 * DAY
    half, whole = week.expected(later.replace(hour=7, minute=30)), week.expected(later.replace(hour=8))
    assert half == pytest.approx(whole / 2, rel=0.01)


@given(st.lists(st.integers(0, 525_600).map(lambda minutes: NOON + dt.timedelta(minutes=minutes)), min_size=1))
def test_expectations_are_never_negative_nor_wild(moments: list[dt.datetime]) -> None:
    """In whatever order moments are learned, no hour is expected to bring more than was ever seen."""
    week = Weekly()
    for moment in moments:
        week = week.noted(moment)
    for hour in range(0, 24 * 7, 5):
        expected = week.expected(NOON + 366 * DAY + hour * HOUR)
        assert 0.0 <= expected <= len(moments)


def test_values_can_be_stored() -> None:
    """A histogram survives being written as JSON and read back."""
    week = _every_day(8, 3)
    assert msgspec.json.decode(msgspec.json.encode(week), type=Weekly) == week
