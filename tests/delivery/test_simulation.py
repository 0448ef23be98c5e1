"""
A story on four phones: each mail is noticed when the promise says so.
"""

from __future__ import annotations

import datetime as dt
import itertools
import random
import xml.etree.ElementTree as ET
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from carrierpost.delivery import Way
from carrierpost.delivery.chart import draw
from carrierpost.delivery.figures import figures_of, wait_in_words
from carrierpost.delivery.simulation import PHONES, Course, simulate
from carrierpost.delivery.story import read_story

START = dt.datetime(2026, 3, 3, tzinfo=dt.UTC)
MINUTE = dt.timedelta(minutes=1)


def _run(text: str, start: str = "2026-03-03") -> dict[str, Course]:
    story = read_story(f"start = {start}\n{text}")
    return {one.phone.key: one for one in simulate(story, lambda: random.Random(story.seed).random)}


def _at(hour: int, minute: int = 0, second: int = 0) -> dt.datetime:
    return START + dt.timedelta(hours=hour, minutes=minute, seconds=second)


def _noticed(courses: dict[str, Course]) -> dict[str, list[tuple[dt.datetime | None, str]]]:
    return {key: [(one.noticed, one.how) for one in course.notices] for key, course in courses.items()}


def test_open_app_sees_mail_on_every_phone() -> None:
    """While the app is open, all four phones are connected, and see mail within a second."""
    courses = _run('[[open]]\nat = "12:00"\nminutes = 30\n[[mail]]\nat = "12:20"')
    assert set(map(tuple, _noticed(courses).values())) == {((_at(12, 20, 1), "live"),)}


def test_mail_in_the_grace_period_is_seen_and_after_it_is_not() -> None:
    """An iPhone without push and refresh sees what comes a minute after it was left, if given so long."""
    told = 'grace_seconds = 90\n[[open]]\nat = "12:00"\nminutes = 5\n[[mail]]\nat = "12:06"\n[[mail]]\nat = "12:07"'
    courses = _run(told)
    assert _noticed(courses)["ios-none"] == [(_at(12, 6, 1), "live"), (None, "")]
    assert [one.way for one in courses["ios-none"].spans] == [Way.NOTHING, Way.LIVE, Way.NOTHING]
    assert courses["ios-none"].held == dt.timedelta(minutes=5, seconds=90)


def test_second_grace_period_is_a_whole_one() -> None:
    """An app that is opened again in its grace period, and left again, gets the whole time once more."""
    again = '[[open]]\nat = "12:00"\nminutes = 5\n[[open]]\nat = "12:06"\nminutes = 0.25\n[[mail]]\nat = "12:07"'
    courses = _run(f"grace_seconds = 90\n{again}")
    assert _noticed(courses)["ios-none"] == [(_at(12, 7, 1), "live")]
    assert courses["ios-none"].spans[1].end == _at(12, 7, 45)


def test_app_that_was_closed_and_opened_again_is_left_in_time() -> None:
    """Closing ends an opening; what was planned for it does not prolong the next."""
    told = '[[open]]\nat = "08:00"\nminutes = 120\n[[close]]\nat = "09:00"\n[[open]]\nat = "09:30"\nminutes = 5'
    course = _run(told)["ios-none"]
    assert [(one.begin, one.end) for one in course.spans if one.way is Way.LIVE] == [
        (_at(8), _at(9)),
        (_at(9, 30), _at(9, 35, 30)),
    ]


def test_mail_in_the_background_reaches_each_phone_in_its_way() -> None:
    """Push tells at once; background refresh at its next turn; neither when it is opened; Android stays connected."""
    told = 'learned_weeks = 0\n[[open]]\nat = "08:00"\n[[mail]]\nat = "09:30"\n[[open]]\nat = "18:00"'
    courses = _run(told)
    noticed = {key: one[0] for key, one in _noticed(courses).items()}
    assert noticed["ios-push"] == (_at(9, 30, 3), "push")
    assert noticed["ios-none"] == (_at(18), "opened")
    assert noticed["android"] == (_at(9, 30, 1), "live")
    moment, how = noticed["ios-refresh"]
    assert how == "refresh"
    assert moment is not None
    assert _at(9, 30) < moment < _at(11, 30)
    assert [one.pushes for one in courses.values()] == [1, 0, 0, 0]
    assert [one.connections for one in courses.values()] == [1, 2, 2, 1]
    refreshes = {key: len(one.refreshes) for key, one in courses.items()}
    assert refreshes.pop("ios-refresh") > 4
    assert set(refreshes.values()) == {0}


def test_closed_iphone_gets_nothing_but_notices() -> None:
    """After the app was closed no refresh comes any more; a notice does, and Android stays connected."""
    told = '[[open]]\nat = "08:00"\n[[close]]\nat = "09:00"\n[[mail]]\nat = "10:00"\n[[open]]\nat = "20:00"'
    courses = _run(told)
    how = {key: one[0][1] for key, one in _noticed(courses).items()}
    assert how == {"ios-push": "push", "ios-refresh": "opened", "ios-none": "opened", "android": "live"}
    assert not [one for one, _ in courses["ios-refresh"].refreshes if _at(9) < one < _at(20)]


def test_without_a_network_mail_waits_and_is_told_together() -> None:
    """Three mails come while there is no network: one notice tells of them when it is back; no refresh is tried."""
    told = """
        [[change]]
        at = "10:00"
        network = "none"
        [[mail]]
        at = "11:00"
        count = 3
        [[change]]
        at = "14:00"
        network = "wifi"
    """
    courses = _run(told)
    noticed = _noticed(courses)
    assert noticed["ios-push"] == [(_at(14, 0, 3), "push")] * 3
    assert courses["ios-push"].pushes == 1
    assert noticed["android"] == [(_at(14, 0, 1), "live")] * 3
    assert not [one for one, _ in courses["ios-refresh"].refreshes if _at(10, 1) < one < _at(14)]


def test_low_power_makes_refreshes_rarer() -> None:
    """The same day in low power mode has fewer refreshes."""
    plain = _run('[[open]]\nat = "06:00"')["ios-refresh"]
    saving = _run('[[open]]\nat = "06:00"\n[[change]]\nat = "00:00"\nlow_power = true')["ios-refresh"]
    assert len(saving.refreshes) < len(plain.refreshes)
    assert any("low power mode is on" in one for one in saving.wishes)


TIMES = st.builds("{:02}:{:02}".format, st.integers(0, 23), st.integers(0, 59))
ENTRIES = st.one_of(
    st.builds('[[open]]\nat = "{}"\nminutes = {}'.format, TIMES, st.integers(1, 90)),
    st.builds('[[mail]]\nat = "{}"'.format, TIMES),
    st.builds('[[close]]\nat = "{}"'.format, TIMES),
    st.builds(
        '[[change]]\nat = "{}"\nnetwork = "{}"\nlow_power = {}'.format,
        TIMES,
        st.sampled_from(["none", "wifi", "cellular"]),
        st.sampled_from(["true", "false"]),
    ),
)


@given(st.lists(ENTRIES, max_size=12))
def test_whatever_is_told_the_promise_holds(entries: list[str]) -> None:
    """
    Any story: no mail is noticed before it came, none is lost once the app is open with a network, spans have no gap,
    floor and budget hold, and better equipped phones never learn of a mail later.
    """
    courses = _run("\n".join(["days = 2", "learned_weeks = 1", *entries]))
    for course in courses.values():
        assert all(one.wait is None or one.wait >= dt.timedelta() for one in course.notices)
        assert all(first.end == second.begin for first, second in itertools.pairwise(course.spans))
        assert (course.spans[0].begin, course.spans[-1].end) == (START, START + dt.timedelta(days=2))
        moments = [moment for moment, _ in course.refreshes]
        assert all(later - earlier >= 15 * MINUTE for earlier, later in itertools.pairwise(moments))
        assert sum(found for _, found in course.refreshes) == sum(1 for one in course.notices if one.how == "refresh")
    late = dt.timedelta(days=9)
    for best, better, worst in (("android", "ios-push", "ios-none"), ("android", "ios-refresh", "ios-none")):
        for first, second, third in zip(*(courses[key].notices for key in (best, better, worst)), strict=True):
            assert (first.wait or late) <= (second.wait or late) + 4 * MINUTE / 60
            assert (second.wait or late) <= (third.wait or late) + 4 * MINUTE / 60


def test_charts_are_drawings_that_name_every_phone() -> None:
    """A day and a month become well-formed SVG, without anything from elsewhere, whatever the title is."""
    for days in (1, 40):
        text = f'days = {days}\n[[open]]\nat = "12:00"\n[[mail]]\nbetween = ["08:00", "20:00"]\ncount = 5'
        courses = tuple(_run(text).values())
        drawn = draw('<&"> day', courses, ZoneInfo("UTC"))
        root = ET.fromstring(drawn)
        said = "".join(root.itertext())
        assert '<&"> day' in said
        assert all(phone.name in said for phone in PHONES)
        assert "http" not in drawn.replace("http://www.w3.org/2000/svg", "")


def test_story_without_mail_can_be_drawn() -> None:
    """Nothing to notice is no reason to fail."""
    for days in (1, 10):
        assert ET.fromstring(draw("Quiet", tuple(_run(f"days = {days}").values()), ZoneInfo("UTC"))) is not None


def test_figures_count_every_mail_once() -> None:
    """Classes of waits add up; what was not noticed by the end is among the last."""
    courses = _run('[[open]]\nat = "12:00"\n[[mail]]\nat = "12:01"\n[[mail]]\nat = "11:50"\n[[mail]]\nat = "15:00"')
    figures = figures_of(courses["ios-none"])
    assert (figures.mails, figures.classes, figures.unnoticed) == (3, (1, 1, 0, 0, 1), 1)
    assert (figures.half, figures.most, figures.longest) == (10 * MINUTE, None, None)


@pytest.mark.parametrize(
    ("seconds", "words"),
    [(0, "at once"), (60, "at once"), (90, "2 min"), (3599, "1 h 00"), (12_000, "3 h 20"), (200_000, "2 days 7 h")],
)
def test_waits_are_written_for_people(seconds: int, words: str) -> None:
    """From at once to days."""
    assert wait_in_words(dt.timedelta(seconds=seconds)) == words
    assert wait_in_words(None) == "not by the end"
