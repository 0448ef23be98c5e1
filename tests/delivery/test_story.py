"""
Stories: what can be told in a file, and what is said about one that cannot be read.
"""

from __future__ import annotations

import datetime as dt
import random
from pathlib import Path

import pytest

from carrierpost.delivery import StoryError
from carrierpost.delivery.story import Mail, Open, learned, read_story, told

EXAMPLES = Path(__file__).parent.parent.parent / "examples"


def test_story_is_told_in_order_in_its_own_zone() -> None:
    """Times are those of the phone's clock; the day on which it is put forward has only 23 hours."""
    story = read_story("""
        start = 2026-03-28
        days = 2
        zone = "Europe/Berlin"
        [[mail]]
        at = "12:00"
        [[open]]
        at = "08:00"
        on = ["Sun"]
    """)
    happenings = told(story, random.Random(1).random)
    assert [(type(one.what), one.at) for one in happenings] == [
        (Mail, dt.datetime(2026, 3, 28, 11, tzinfo=dt.UTC)),
        (Open, dt.datetime(2026, 3, 29, 6, tzinfo=dt.UTC)),
        (Mail, dt.datetime(2026, 3, 29, 10, tzinfo=dt.UTC)),
    ]


def test_same_chance_tells_the_same_story() -> None:
    """Mail that is spread by chance comes within its times, as often as said, and the same for the same seed."""
    story = read_story('start = 2026-03-03\n[[mail]]\nbetween = ["09:00", "10:00"]\ncount = 20')
    first = told(story, random.Random(4).random)
    assert first == told(story, random.Random(4).random)
    assert first != told(story, random.Random(5).random)
    assert len(first) == 20
    assert all(dt.time(9) <= one.at.time() < dt.time(10) for one in first)


def test_weeks_before_are_learned_from() -> None:
    """What the person does on weekdays is expected on weekdays."""
    story = read_story('start = 2026-03-03\n[[open]]\nat = "08:15"\non = "weekdays"')
    habits = learned(story, random.Random(1).random)
    tuesday, sunday = (dt.datetime(2026, 3, day, 8, tzinfo=dt.UTC) for day in (3, 8))
    assert habits.opened.expected(tuesday) > 0.8
    assert habits.opened.expected(sunday) < 0.3
    assert not learned(read_story("start = 2026-03-03\nlearned_weeks = 0"), random.Random(1).random).opened.knows


@pytest.mark.parametrize("name", [path.name for path in EXAMPLES.glob("*.toml")])
def test_shipped_stories_can_be_read(name: str) -> None:
    """The examples are stories with mail in them."""
    story = read_story((EXAMPLES / name).read_text(encoding="utf-8"))
    assert any(isinstance(one.what, Mail) for one in told(story, random.Random(1).random))


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("start = ", "not TOML"),
        ("days = 3", "this has to be said: `start`"),
        ("start = 2026-03-03\ndayz = 3", "there is no setting called `dayz`"),
        ("start = 2026-03-03\ndays = 0", "days: a story goes on for 1 to 366 days"),
        ('start = 2026-03-03\nzone = "Berlin"', "zone: 'Berlin' is no time zone"),
        ('start = 2026-03-03\nzone = "../../etc/passwd"', "is no time zone"),
        ("start = 2026-03-03\ngrace_seconds = -1", "grace_seconds"),
        ("start = 2026-03-03\nlearned_weeks = 99", "learned_weeks"),
        ('start = 2026-03-03\n[[open]]\nat = "25:00"', "open number 1, at: '25:00' is no time of day"),
        ('start = 2026-03-03\n[[open]]\nat = "8:00"\nminutes = 0', "open number 1, minutes"),
        ('start = 2026-03-03\n[[open]]\nat = "8:00"\nminutes = "3"', "open number 1, minutes: Expected"),
        ('start = 2026-03-03\n[[open]]\nat = "8:00"\non = ["Someday"]', "open number 1, on number 1"),
        ("start = 2026-03-03\n[[mail]]\ncount = 3", "mail number 1: say either at"),
        ('start = 2026-03-03\n[[mail]]\nat = "9:00"\nbetween = ["9:00", "10:00"]', "mail number 1: say either at"),
        ('start = 2026-03-03\n[[mail]]\nbetween = ["10:00", "9:00"]', "10:00 is not before 9:00"),
        ('start = 2026-03-03\n[[mail]]\nat = "9:00"\ncount = 100000', "mail number 1, count"),
        ('start = 2026-03-03\n[[change]]\nat = "9:00"\nbattery = 101', "change number 1, battery"),
        ('start = 2026-03-03\n[[change]]\nat = "9:00"\nnetwork = "pigeon"', "change number 1, network"),
    ],
)
def test_what_cannot_be_read_is_named(text: str, words: str) -> None:
    """Every mistake is a sentence that names the place as the file shows it."""
    with pytest.raises(StoryError) as caught:
        read_story(text)
    assert words in str(caught.value)
