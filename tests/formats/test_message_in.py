"""
Mail read: what ordinary mail says, and that no mail whatsoever stops a mailbox.
"""

from __future__ import annotations

import base64

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from carrierpost.formats.headers import Address
from carrierpost.formats.message import File, Message
from carrierpost.formats.message_in import read_message, remove_headers

PLAIN = b"From: Ada <ada@x.example>\r\nTo: ben@x.example\r\nSubject: Hi\r\nMessage-ID: <1@x>\r\n\r\nHello\r\n"
FORWARDED = b"From: cy@x.example\nSubject: inside\n\nas it came, \xe9 and \x80 as well\n"
RICH = (
    b"From: Ada <ada@x.example>\nTo: ben@x.example\nSubject: Rich\nMIME-Version: 1.0\n"
    b"Date: Mon, 2 Mar 2026 10:00:00 +0100\nReferences: <0@x>\n <1@x>\nIn-Reply-To: <1@x>\n"
    b'Content-Type: multipart/mixed; boundary="m"\n\n--m\n'
    b'Content-Type: multipart/alternative; boundary="a"\n\n'
    b"--a\nContent-Type: text/plain; charset=iso-8859-1\n\ncaf\xe9\n"
    b'--a\nContent-Type: multipart/related; boundary="r"\n\n'
    b'--r\nContent-Type: text/html; charset=utf-8\n\n<p>caf\xc3\xa9 <img src="cid:p@x"></p>\n'
    b"--r\nContent-Type: image/png; name=p.png\nContent-ID: <p@x>\n"
    b"Content-Transfer-Encoding: base64\n\niVBORw==\n--r--\n"
    b"--a\nContent-Type: text/calendar; method=request; charset=utf-8\n\nBEGIN:VCALENDAR\n--a--\n"
    b"--m\nContent-Type: application/pdf\nContent-Disposition: attachment;\n filename*=utf-8''Gr%C3%BC%C3%9Fe.pdf\n"
    b"Content-Transfer-Encoding: base64\n\n" + base64.b64encode(b"%PDF") + b"\n"
    b"--m\nContent-Type: message/rfc822\nContent-Disposition: attachment; filename=../../old.eml\n\n"
    + FORWARDED
    + b"\n--m\nContent-Type: text/plain\n\nfooter of the list\n--m--\n"
)


def test_plain_mail_is_read() -> None:
    """Fields as values, the text as it stands, no notes."""
    message = read_message(PLAIN)
    assert message.from_ == (Address("ada@x.example", "Ada"),)
    assert message.to == (Address("ben@x.example"),)
    assert (message.subject, message.message_id) == ("Hi", "<1@x>")
    assert (message.text, message.html, message.files, message.notes) == ("Hello\r\n", None, (), ())
    assert message.header("subject") == "Hi"
    assert message.header("x-none") == ""


def test_rich_mail_is_read() -> None:
    """Both forms of the text, the picture that the HTML shows, the invitation, the files with their names."""
    message = read_message(RICH)
    assert message.text == "café\nfooter of the list"
    assert message.html is not None
    assert message.html.startswith('<p>café <img src="cid:p@x"></p>')
    assert "footer of the list" in message.html
    assert (message.calendar, message.method) == ("BEGIN:VCALENDAR", "REQUEST")
    assert message.references == ("<0@x>", "<1@x>")
    assert message.in_reply_to == ("<1@x>",)
    assert message.date is not None
    assert message.date.isoformat() == "2026-03-02T10:00:00+01:00"
    assert message.files == (
        File("p.png", "image/png", b"\x89PNG", content_id="p@x", inline=True),
        File("Grüße.pdf", "application/pdf", b"%PDF"),
        File("old.eml", "message/rfc822", FORWARDED),
    )


def test_BD4_attached_message_keeps_its_bytes() -> None:
    """A message within a message is not taken apart and put together again, whatever its line ends and octets."""
    assert read_message(RICH).files[2].content == FORWARDED


def test_text_parts_in_a_row_are_one_text() -> None:
    """Some programs put a picture between two stretches of text; both are read."""
    mime = (
        b"Content-Type: multipart/mixed; boundary=b\n\n--b\n\nabove\n--b\nContent-Type: image/gif\n\nGIF\n"
        b"--b\nContent-Type: text/plain\n\nbelow\n--b\nContent-Type: text/plain; name=log.txt\n\na file\n--b--\n"
    )
    message = read_message(mime)
    assert message.text == "above\nbelow"
    assert [(one.name, one.content) for one in message.files] == [("", b"GIF"), ("log.txt", b"a file")]


@pytest.mark.parametrize(
    ("mime", "text"),
    [
        (b"", ""),
        (b"no header, no colon", "no header, no colon"),
        (b"Content-Type: multipart/mixed\n\nno parts", "no parts"),
        (b"Content-Type: multipart/mixed; boundary=b\n\nno parts either", "no parts either"),
        (b"Content-Type: text/plain; charset=\x00nul\n\nx", "x"),
        (b"Content-Type: text/plain; charset*=x'y'%ff\n\nx", "x"),
        (b"Content-Transfer-Encoding: base64\n\n!!!!", ""),
        (b"Content-Transfer-Encoding: x-uuencode\n\nbegin 6 x\n#0V%T\n", None),
        (b'Content-Disposition: inline; filename="\x00\x00"\n\nx', "x"),
        (b"To: " + b"(" * 5000 + b"\n\nx", "x"),
        (b"Subject: " + b"=?utf-8?q?x?= " * 20_000 + b"\n\nx", "x"),
        (b"Content-Type: text/plain" + b';a="' * 50_000 + b"\n\nx", "x"),
    ],
)
def test_odd_mail_is_read(mime: bytes, text: str | None) -> None:
    """What stops the standard library, or keeps it busy for minutes, is read here like anything else."""
    message = read_message(mime)
    assert text is None or (message.text or "").startswith(text)


def _nested(depth: int) -> bytes:
    head = b"".join(b"Content-Type: multipart/mixed; boundary=b%d\n\n--b%d\n" % (n, n) for n in range(depth))
    return b"Subject: deep\n" + head + b"\ninnermost\n"


def test_nested_mail_is_read_or_shown_as_text() -> None:
    """A hundred containers are read; a thousand are no mail, but are shown and noted."""
    assert read_message(_nested(100)).text == "innermost"
    deep = read_message(_nested(1000))
    assert deep.subject == "deep"
    assert "innermost" in (deep.text or "")
    assert deep.notes == ("it has more than 200 containers within it and is shown as text",)


def test_parts_without_end_are_cut() -> None:
    """The first thousand parts are taken, and it is noted that there were more."""
    mime = b"Content-Type: multipart/mixed; boundary=b\n\n" + b"--b\nContent-Type: image/gif\n\nx\n" * 5000
    message = read_message(mime)
    assert len(message.files) == 999
    assert message.notes == ("it has more than 1000 parts; the rest is left out",)


@st.composite
def _mutations(draw: st.DrawFn) -> bytes:
    mime = bytearray(draw(st.sampled_from([PLAIN, RICH])))
    for _ in range(draw(st.integers(1, 12))):
        place = draw(st.integers(0, max(len(mime) - 1, 0)))
        match draw(st.integers(0, 4)):
            case 0:
                mime[place : place + 1] = draw(st.binary(max_size=3))
            case 1:
                del mime[place : place + draw(st.integers(1, 40))]
            case 2:
                other = draw(st.integers(0, max(len(mime) - 1, 0)))
                mime[place:place] = mime[other : other + draw(st.integers(1, 200))]
            case 3:
                odd = [b"=?utf-8?b?", b"*0*=", b'"', b"\0", b"\r", b"multipart/", b"message/rfc822", b"charset=idna;"]
                mime[place:place] = draw(st.sampled_from(odd))
            case _:
                mime = mime[:place] if draw(st.booleans()) else mime
    return bytes(mime)


@given(_mutations())
@settings(max_examples=400)
def test_mutated_mail_is_read(mime: bytes) -> None:
    """No mutation raises, and whatever is text can be written as UTF-8."""
    message = read_message(mime)
    assert isinstance(message, Message)
    for text in (message.text, message.html, message.subject, message.calendar, *(f.name for f in message.files)):
        (text or "").encode()
    assert not any("/" in one.name for one in message.files)


@given(st.binary(max_size=300))
def test_any_octets_are_a_message(mime: bytes) -> None:
    """Whatever it is."""
    read_message(mime)


def test_BD9_hidden_recipients_are_taken_out_and_nothing_else_changes() -> None:
    """The field goes with its folded lines, however it is written; every other byte stays where it was."""
    mime = b"From: a@x\r\nbCC: b@x,\r\n c@x\r\nTo: d@x\r\nBcc:\r\n\r\nBcc: in the text\r\n"
    assert remove_headers(mime, ["Bcc"]) == b"From: a@x\r\nTo: d@x\r\n\r\nBcc: in the text\r\n"
    assert remove_headers(RICH, ["Bcc"]) == RICH
    assert remove_headers(b"Bcc: only", ["bcc"]) == b""
