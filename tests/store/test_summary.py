"""
What a store keeps of an item to sort, count and find it.
"""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from carrierpost.protocol.classes import Contact, Email
from carrierpost.store.summary import readable, snippet, summarise
from tests.store.values import NOW


@pytest.mark.parametrize(
    ("text", "words", "expected"),
    [
        ("one two three", ["two"], "one [two] three"),
        ("one two three", ["thr"], "one two [thr]ee"),
        ("party art", ["art"], "party [art]"),
        ("Straße zum Café", ["cafe"], "Straße zum [Café]"),
        ("e\u0301t\u00e9", ["été"], "e\u0301t\u00e9"),
        ("İstanbul, later", ["later"], "İstanbul, [later]"),
        ("an old,  gate", ["old gate"], "an [old, gate]"),
        ("nothing here", ["linden"], "nothing here"),
        ("a.b*c (x)", ["b*c"], "a.[b*c] (x)"),
        ("", ["x"], ""),
        ("x" * 100 + " linden " + "y" * 100, ["linden"], f"…{'x' * 39} [linden] {'y' * 39}…"),
    ],
)
def test_snippets(text: str, words: list[str], expected: str) -> None:
    """The first word that is found is marked, at the place where it stands, with a little around it."""
    assert snippet(text, words) == expected


@given(text=st.text(), words=st.lists(st.text(), max_size=3))
def test_a_snippet_is_a_piece_of_the_text(text: str, words: list[str]) -> None:
    """Whatever is searched in whatever: apart from the marks it shows what stands there."""
    flat = " ".join(text.split())
    shown = snippet(text, words).removeprefix("…").removesuffix("…")
    pieces = [shown, *(shown[:at] + shown[at + 1 :] for at in range(len(shown)) if shown[at] == "[")]
    assert any(_without(piece) in _without(flat) for piece in pieces)


def _without(text: str) -> str:
    return text.replace("[", "").replace("]", "").replace("…", "")


def test_html_is_read_as_text_and_bytes_as_best_they_can() -> None:
    """Markup is no text, and what is no UTF-8 does not stop anything."""
    assert readable(2, "<p>A &amp; B</p>").strip() == "A & B"
    assert readable(1, "<p>") == "<p>"
    assert "x" in readable(4, b"\xff x")
    assert readable(None, None) == ""


def test_a_very_long_body_is_read_to_a_limit() -> None:
    """A body of many megabytes does not fill the index."""
    assert len(readable(1, "x" * 10_000_000)) == 200_000


def test_what_mail_and_contacts_are_sorted_by() -> None:
    """Mail by its date, contacts by their last name, or whatever name they have."""
    mail = summarise(Email(subject="S", date_received=NOW, read=False))
    assert (mail.moment, mail.title, mail.unread) == (int(NOW.timestamp()), "S", 1)
    assert summarise(Email(read=None)).unread == 0
    assert summarise(Contact(first_name="Ada", last_name="Larch")).title == "larch ada"
    assert summarise(Contact(company_name="Tanne AG")).title == "tanne ag"
    assert summarise(Contact(email1_address="x@elm.example")).title == "x@elm.example"
