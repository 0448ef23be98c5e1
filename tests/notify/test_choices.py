"""
What people write about being told.
"""

from __future__ import annotations

import datetime as dt

import pytest

from carrierpost.notify.choices import checked_vips, quiet_hours_of, quiet_hours_text


@pytest.mark.parametrize(
    ("text", "start", "end", "days", "again"),
    [
        ("22:00-07:00", (22, 0), (7, 0), range(7), "22:00-07:00"),
        ("22-7 mon-thu", (22, 0), (7, 0), range(4), "22:00-07:00 mon,tue,wed,thu"),
        ("0-0 Saturday,sun", (0, 0), (0, 0), (5, 6), "00:00-00:00 sat,sun"),
        ("12:30 - 13:15 fri-mon", (12, 30), (13, 15), (4, 5, 6, 0), "12:30-13:15 mon,fri,sat,sun"),
    ],
)
def test_quiet_hours_are_read_and_written(
    text: str, start: tuple[int, int], end: tuple[int, int], days: tuple[int, ...], again: str
) -> None:
    """Hours with or without minutes, days by name, lists and spans, also over the end of the week."""
    found = quiet_hours_of(text)
    assert (found.start, found.end, found.days) == (dt.time(*start), dt.time(*end), frozenset(days))
    assert quiet_hours_text(found) == again
    assert quiet_hours_of(again) == found


@pytest.mark.parametrize("text", ["", "night", "22:00", "25-7", "22:00-07:60", "22-7 noday", "22-7 mo"])
def test_what_are_no_quiet_hours_says_how_they_are_written(text: str) -> None:
    """The error shows the form."""
    with pytest.raises(ValueError, match=r"22:00|they are mon"):
        quiet_hours_of(text)


def test_very_important_people_are_addresses_or_whole_domains() -> None:
    """Case does not matter; what is neither is named."""
    assert checked_vips(["Bea@Elm.example", " @larch.example"]) == {"bea@elm.example", "@larch.example"}
    for wrong in ("Bea", "bea@", "Bea <bea@elm.example>", "a@b@c", "x" * 400 + "@elm.example"):
        with pytest.raises(ValueError, match="is no address"):
            checked_vips([wrong])
