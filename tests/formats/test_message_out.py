"""
Mail written: read back it says the same, and the standard library reads it without a complaint.
"""

from __future__ import annotations

import datetime as dt
import email
import email.message
import email.policy

import pytest
from hypothesis import given
from hypothesis import strategies as st

from carrierpost.formats.headers import Address
from carrierpost.formats.message import Draft, File
from carrierpost.formats.message_in import read_message
from carrierpost.formats.message_out import message_id_of, write_message
from carrierpost.protocol.classes import Importance

ADA = Address("ada@x.example", "Ada Lovelace")
BEN = Address("ben@x.example", "Ben, Dr. Müller")
WHEN = dt.datetime(2026, 3, 2, 10, 0, tzinfo=dt.timezone(dt.timedelta(hours=1)))
CHANCE = bytes(range(16))
PICTURE = File("logo.png", "image/png", b"\x89PNG\r\n\x1a\n", content_id="logo@x.example", inline=True)
REPORT = File("Übersicht 2026.pdf", "application/pdf", bytes(range(256)) * 5)


def _written(draft: Draft) -> bytes:
    return write_message(draft, date=WHEN, chance=CHANCE)


def test_plain_message_is_written() -> None:
    """Every octet of it."""
    assert _written(Draft(from_=ADA, to=(BEN,), bcc=(Address("cy@x.example"),), subject="Hi", text="Hello\nyou")) == (
        b"Date: Mon, 02 Mar 2026 10:00:00 +0100\r\n"
        b"From: Ada Lovelace <ada@x.example>\r\n"
        b"To: =?utf-8?q?Ben=2C_Dr=2E_M=C3=BCller?= <ben@x.example>\r\n"
        b"Bcc: cy@x.example\r\n"
        b"Subject: Hi\r\n"
        b"Message-ID: <000102030405060708090a0b0c0d0e0f@x.example>\r\n"
        b"MIME-Version: 1.0\r\n"
        b'Content-Type: text/plain; charset="utf-8"\r\n'
        b"Content-Transfer-Encoding: 7bit\r\n\r\n"
        b"Hello\r\nyou\r\n"
    )


def test_rich_message_is_read_back() -> None:
    """Text in two forms, a picture in it, an invitation, files, a message as it came: all of it comes back."""
    original = b"From: x@y\n\n8 bit \xe9\n"
    draft = Draft(
        from_=ADA,
        to=(BEN,),
        cc=(Address("cy@x.example"),),
        reply_to=(BEN,),
        subject="Grüße aus Österreich, " * 8,
        text="Servus, 你好",
        html='<p>Servus <img src="cid:logo@x.example"></p>',
        files=(PICTURE, REPORT, File("old.eml", "message/rfc822", original)),
        calendar="BEGIN:VCALENDAR\r\nEND:VCALENDAR\r\n",
        method="REPLY",
        in_reply_to="<1@x>",
        references=("<0@x>", "<1@x>"),
        importance=Importance.HIGH,
        headers=(("X-Mailer", "Carrierpost"),),
    )
    message = read_message(_written(draft))
    assert (message.from_, message.to, message.cc, message.reply_to) == ((ADA,), draft.to, draft.cc, draft.reply_to)
    assert message.subject == draft.subject.strip()
    assert (message.text or "").strip() == draft.text
    assert (message.html or "").strip() == draft.html
    assert (message.calendar, message.method) == (draft.calendar, "REPLY")
    assert message.files == draft.files
    assert (message.in_reply_to, message.references) == (("<1@x>",), draft.references)
    assert message.message_id == message_id_of(draft, CHANCE)
    assert message.date == WHEN
    assert (message.header("importance"), message.header("x-mailer")) == ("high", "Carrierpost")
    assert message.notes == ()


def test_structure_is_the_one_that_mail_programs_expect() -> None:
    """Files around the forms of the text, pictures beside the HTML ([RFC 2387])."""
    mime = _written(
        Draft(from_=ADA, text="x", html="<p>x</p>", files=(PICTURE, REPORT), calendar="B", method="REQUEST")
    )
    message = email.message_from_bytes(mime, policy=email.policy.SMTP)
    assert [part.get_content_type() for part in message.walk()] == [
        *("multipart/mixed", "multipart/alternative", "text/plain", "multipart/related", "text/html", "image/png"),
        *("text/calendar", "application/pdf"),
    ]
    assert not any(part.defects for part in message.walk())
    assert mime.isascii()
    assert b"\n" not in mime.replace(b"\r\n", b"")


def test_text_is_made_of_html_where_there_is_none() -> None:
    """Nobody gets a mail that only some programs can show."""
    message = read_message(_written(Draft(from_=ADA, html="<p>One</p><p>Two</p>")))
    assert (message.text or "").split() == ["One", "Two"]


def test_long_threads_keep_their_first_and_last_ids() -> None:
    """Thirty ids hold a thread together; a field of thousands would be refused."""
    ids = tuple(f"<{n}@x>" for n in range(100))
    read = read_message(_written(Draft(from_=ADA, references=ids))).references
    assert read == (ids[0], *ids[-29:])


_texts = st.text(st.characters(exclude_categories=["Cs", "Cc"]) | st.sampled_from("\n.\t"), max_size=300)
_files = st.builds(
    File,
    name=st.text(st.characters(exclude_categories=["Cs", "Cc"], exclude_characters="/\\"), max_size=80)
    .map(str.strip)
    .filter(lambda name: name not in (".", "..") and name.isprintable()),
    content_type=st.sampled_from(["application/pdf", "image/png", "text/plain", "text/html", "message/rfc822"]),
    content=st.binary(max_size=200),
)


@given(_texts, st.none() | _texts, st.lists(_files, max_size=3))
def test_whatever_is_written_is_read_back(text: str, html: str | None, files: list[File]) -> None:
    """Texts, and the bytes of files of every kind."""
    mime = _written(Draft(from_=ADA, to=(BEN,), text=text, html=html, files=tuple(files)))
    message = read_message(mime)
    assert (message.text or "").splitlines() == text.splitlines() or not text.strip("\n")
    assert html is None or (message.html or "").splitlines() == html.splitlines() or not html.strip("\n")
    assert [one.content for one in message.files] == [one.content for one in files]
    for read, written in zip(message.files, files, strict=True):
        assert read.name == (written.name or ("message.eml" if written.content_type == "message/rfc822" else ""))


@pytest.mark.parametrize(
    ("draft", "words"),
    [
        (Draft(from_=Address("nobody")), "is no mail address"),
        (Draft(from_=ADA, to=(Address("a@b\r\nX: 1"),)), "is no mail address"),
        (Draft(from_=ADA, headers=(("X: 1\r\nY", "2"),)), "is no name of a header field"),
    ],
)
def test_what_cannot_be_written_is_refused(draft: Draft, words: str) -> None:
    """Naming the thing; no field can be smuggled in."""
    with pytest.raises(ValueError, match=words):
        _written(draft)


def test_nothing_smuggles_fields_into_a_message() -> None:
    """Line breaks in a subject, a file's name, a content id or a reference are no line breaks in the message."""
    evil = "x\r\nBcc: evil@x.example\r\n\r\nbody"
    file = File(evil, "image/png", b"x", content_id=evil, content_location=evil, inline=True)
    mime = _written(Draft(from_=ADA, subject=evil, html="x", files=(file,), in_reply_to=evil, references=(evil,)))
    message = read_message(mime)
    assert message.bcc == ()
    assert message.files[0].content == b"x"
    assert not any(line.lower().startswith(b"bcc") for line in mime.split(b"\r\n"))


def test_a_message_needs_a_zone_and_chance() -> None:
    """Without them it would be ambiguous, or its id could be guessed."""
    with pytest.raises(ValueError, match="zone"):
        write_message(Draft(from_=ADA), date=dt.datetime(2026, 1, 1), chance=CHANCE)  # noqa: DTZ001 - the point
    with pytest.raises(ValueError, match="chance"):
        write_message(Draft(from_=ADA), date=WHEN, chance=b"short")
