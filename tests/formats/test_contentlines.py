"""
Content lines as they are written.
"""

from __future__ import annotations

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from icalendar.parser import Contentline

from carrierpost.formats.contentlines import Component, write_components

_letters = st.characters(exclude_categories=["Cs", "Cc"]) | st.sampled_from(list("abc\\^;ü"))


@given(st.text(_letters, max_size=400))
@example("x" * 72)
@example("x" * 73)
@example("x" * 1000)
@example("x" * 71 + "\\n" * 50)
def test_lines_are_folded_as_the_library_folds_them(value: str) -> None:
    """Whatever is in them, though most of them do not go through it."""
    component = Component("X")
    component.add("A", value)
    folded: bytes = Contentline(f"A:{value}").to_ical()  # type: ignore[no-untyped-call]  # the library has none here
    assert write_components([component]).encode() == b"BEGIN:X\r\n" + folded + b"\r\nEND:X\r\n"


def test_a_line_end_in_a_value_is_a_mistake_of_ours() -> None:
    """It would let a text add lines of its own; writers escape it, and one that forgets is stopped."""
    component = Component("X")
    component.add("A", "1\nB:2")
    with pytest.raises(AssertionError):
        write_components([component])
