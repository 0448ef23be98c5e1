"""
A message taken apart: its headers as properties, its conversation, its files.
"""

from __future__ import annotations

import base64
import datetime as dt

import pytest

from carrierpost.protocol.classes import Email, Importance
from carrierpost.server.post import open_mime

NOW = dt.datetime(2026, 3, 2, 9, 0, 30, 123456, tzinfo=dt.UTC)
GUID = bytes(range(16))
BEGUN = bytes.fromhex("01ce9ac65812")
ANSWER = bytes.fromhex("8000000110")


def _open(*headers: str, subject: str = "Lunch?") -> Email:
    head = ("From: ada@larch.example", "To: ben@larch.example", f"Subject: {subject}", *headers)
    return open_mime("\r\n".join([*head, "", "At noon?"]).encode(), now=NOW).data


def _thread_index(raw: bytes) -> str:
    return f"Thread-Index: {base64.b64encode(raw).decode()}"


def test_conversation_is_carried_on_by_thread_index() -> None:
    """Sixteen bytes are the conversation; the time's first five and five for each answer are the place in it."""
    first = _open(_thread_index(BEGUN + GUID))
    answer = _open(_thread_index(BEGUN + GUID + ANSWER), subject="Re: Lunch?")
    assert first.conversation_id == answer.conversation_id == GUID
    assert first.conversation_index == BEGUN[:5]
    assert answer.conversation_index == BEGUN[:5] + ANSWER
    other = _open(_thread_index(BEGUN + bytes(16)))
    assert other.conversation_id != first.conversation_id


@pytest.mark.parametrize(
    "header", ["", "Thread-Index: !!!", _thread_index(b"short"), _thread_index(BEGUN + GUID + b"x")]
)
def test_conversation_without_thread_index_is_known_by_its_topic(header: str) -> None:
    """Where there is no such header, or none that can be read, answers share the conversation of their topic."""
    first = _open(*filter(None, [header]))
    answer = _open(subject="RE: Lunch?")
    assert first.conversation_id == answer.conversation_id
    assert first.conversation_index is None
    assert answer.thread_topic == "Lunch?"
    assert _open(subject="Dinner?").conversation_id != first.conversation_id


def test_folded_and_coded_headers_are_one_line_of_text() -> None:
    """Lines that a header was folded into are joined, and its words decoded."""
    data = _open('Cc: "Cy" <cy@larch.example>,\r\n "Di" <di@larch.example>', subject="=?utf-8?q?Gr=C3=BC=C3=9Fe?=")
    assert data.cc == '"Cy" <cy@larch.example>, "Di" <di@larch.example>'
    assert data.subject == "Grüße"


@pytest.mark.parametrize(
    ("header", "importance"),
    [("Importance: High", Importance.HIGH), ("Importance: low", Importance.LOW), ("X-Other: 1", Importance.NORMAL)],
)
def test_importance_is_read(header: str, importance: Importance) -> None:
    """What the sender thinks of a message's importance reaches its readers."""
    assert _open(header).importance is importance


def test_received_time_has_whole_seconds() -> None:
    """A message is received when it comes, to the second."""
    assert _open().date_received == NOW.replace(microsecond=0)
