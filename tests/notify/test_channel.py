"""
What is handed to a channel.
"""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest

from carrierpost.model import NoticeText
from carrierpost.notify.channel import Kind, Message

SOON = dt.datetime(2026, 3, 2, 12, 0, tzinfo=dt.UTC)


@pytest.mark.parametrize(
    ("kind", "missing", "rest"),
    [
        (Kind.BADGE, "badge", {}),
        (Kind.FULL, "text", {}),
        (Kind.WITHDRAW, "about", {}),
        (Kind.WAKE, "notice_id", {"notice_id": ""}),
        (Kind.WAKE, "zone", {"expires_at": dt.datetime(2026, 3, 2)}),  # noqa: DTZ001 - the mistake itself
        (Kind.BADGE, "badge is -1", {"badge": -1}),
    ],
)
def test_message_lacks_nothing_that_its_kind_needs(kind: Kind, missing: str, rest: dict[str, Any]) -> None:
    """A message that a channel could not send as what it is cannot be made."""
    with pytest.raises(ValueError, match=missing):
        Message(**{"kind": kind, "notice_id": "n1", "expires_at": SOON, **rest})


def test_newer_message_takes_the_place_of_one_with_the_same_tag() -> None:
    """The tag is what messages share that replace each other; one that replaces nothing has its own."""
    alone = Message(kind=Kind.FULL, notice_id="n1", expires_at=SOON, text=NoticeText("Ada", "Tea?"))
    joined = Message(kind=Kind.FULL, notice_id="n2", expires_at=SOON, text=NoticeText("Ada", "Tea?"), collapse="c")
    assert (alone.tag, joined.tag) == ("n1", "c")
