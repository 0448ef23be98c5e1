"""
Letters as they travel: MIME with what holds a conversation together, files and pictures ([RFC 5322], [RFC 2045]).

Written here by hand rather than with `email.message`, for a year of mail is to be there in a blink.
"""

from __future__ import annotations

import base64
import binascii
import datetime as dt
import email.header
import email.utils
import hashlib
import html
import urllib.parse
from collections.abc import Sequence

import msgspec

from carrierpost.server.world.files import File
from carrierpost.server.world.people import Person

__all__ = ["Letter", "Thread", "address", "thread_start", "to_html", "write"]

_EPOCH = dt.datetime(1601, 1, 1, tzinfo=dt.UTC)


class Thread(msgspec.Struct, frozen=True):
    """
    A letter's place in its conversation.

    Attributes:
        message_id: its own id, in angle brackets.
        references: the ids of those before it, oldest first.
        index: the whole `Thread-Index` ([MS-OXOMSG] PidTagConversationIndex).
        begun: when the conversation began, UTC.
    """

    message_id: str
    references: tuple[str, ...]
    index: bytes
    begun: dt.datetime

    def answer(self, message_id: str, moment: dt.datetime) -> Thread:
        """
        Give the place of an answer to this letter.
        """
        ticks = int((moment - self.begun).total_seconds() * 10_000_000) >> 18 & 0x7FFF_FFFF
        level = (len(self.index) - 22) // 5 & 0xF
        block = (ticks << 8 | level).to_bytes(5, "big")
        return Thread(message_id, (*self.references, self.message_id), self.index + block, self.begun)


def thread_start(message_id: str, moment: dt.datetime, guid: bytes) -> Thread:
    """
    Begin a conversation.

    Args:
        message_id: the first letter's id.
        moment: when it is written, UTC.
        guid: 16 bytes that are the conversation's own.
    """
    filetime = int((moment - _EPOCH).total_seconds() * 10_000_000)
    return Thread(message_id, (), filetime.to_bytes(8, "big")[:6] + guid, moment)


class Letter(msgspec.Struct, frozen=True):
    """
    A message.

    Attributes:
        thread: its place in a conversation.
        subject: its subject, with `Re:` where it answers.
        topic: the conversation's subject.
        author: who wrote it.
        to: to whom.
        cc: who gets a copy.
        moment: when, with the author's zone.
        text: its text; its lines end with a line feed.
        html: the same as HTML, or `None` for a plain letter.
        files: what is attached.
        pictures: what the HTML shows: content id and file.
        urgent: whether its author thinks it important.
    """

    thread: Thread
    subject: str
    topic: str
    author: Person
    to: tuple[Person, ...]
    cc: tuple[Person, ...]
    moment: dt.datetime
    text: str
    html: str | None = None
    files: tuple[File, ...] = ()
    pictures: tuple[tuple[str, File], ...] = ()
    urgent: bool = False


def to_html(text: str, *, picture: str | None = None) -> str:
    """
    Say a text in HTML: paragraphs, quoted lines, a picture at the end of the first part.

    Args:
        text: the text; lines that begin with `>` are quoted.
        picture: a content id to show, or `None`.
    """
    pieces = []
    for paragraph in text.split("\n\n"):
        lines = paragraph.split("\n")
        quoted = [html.escape(line[1:].strip()) for line in lines if line.startswith(">")]
        own = [html.escape(line) for line in lines if not line.startswith(">")]
        if own:
            pieces.append(f"<p>{'<br>'.join(own)}</p>")
        if picture is not None and len(pieces) >= 2:
            pieces.append(_image(picture))
            picture = None
        if quoted:
            pieces.append(
                f'<blockquote style="border-left:2px solid #ccc;padding-left:8px">{"<br>".join(quoted)}</blockquote>'
            )
    if picture is not None:
        pieces.append(_image(picture))
    body = "\n".join(pieces)
    return f'<html><body style="font-family:Calibri,sans-serif;font-size:11pt">\n{body}\n</body></html>'


def _image(content_id: str) -> str:
    return f'<p><img src="cid:{content_id}" alt=""></p>'


def address(person: Person) -> str:
    """
    Write somebody as a header has them.
    """
    return f"{_word(person.name)} <{person.address}>"


def write(letter: Letter) -> bytes:
    """
    Write a letter as MIME.
    """
    thread = letter.thread
    head = [
        f"Message-ID: {thread.message_id}",
        f"Date: {email.utils.format_datetime(letter.moment)}",
        f"From: {address(letter.author)}",
        f"To: {_people(letter.to)}",
        f"Subject: {_coded(letter.subject)}",
        f"Thread-Topic: {_coded(letter.topic)}",
        f"Thread-Index: {base64.b64encode(thread.index).decode()}",
        "MIME-Version: 1.0",
    ]
    if letter.cc:
        head.insert(4, f"Cc: {_people(letter.cc)}")
    if thread.references:
        head += [f"In-Reply-To: {thread.references[-1]}", "References: " + "\r\n ".join(thread.references)]
    if letter.urgent:
        head += ["Importance: High", "X-Priority: 1"]
    mark = hashlib.sha256(thread.message_id.encode()).hexdigest()[:16]
    body = _text_part("plain", letter.text)
    if letter.html is not None:
        shown = _text_part("html", letter.html)
        if letter.pictures:
            shown = _multipart(
                "related", f"r{mark}", [shown, *(_file_part(one, name) for name, one in letter.pictures)]
            )
        body = _multipart("alternative", f"a{mark}", [body, shown])
    if letter.files:
        body = _multipart("mixed", f"m{mark}", [body, *(_file_part(one, None) for one in letter.files)])
    return "\r\n".join(head).encode("ascii") + b"\r\n" + body


def _people(people: Sequence[Person]) -> str:
    return ",\r\n ".join(address(one) for one in people)


def _coded(text: str) -> str:
    return text if text.isascii() else email.header.Header(text, "utf-8").encode(linesep="\r\n")


def _word(name: str) -> str:
    return f'"{name}"' if name.isascii() else _coded(name)


def _text_part(kind: str, text: str) -> bytes:
    raw = text.replace("\n", "\r\n").encode()
    coding, coded = "quoted-printable", binascii.b2a_qp(raw)
    if len(coded) > 2 * len(raw):  # a script that has no Latin letters
        coding, coded = "base64", _lines(raw)
    head = f"Content-Type: text/{kind}; charset=utf-8\r\nContent-Transfer-Encoding: {coding}\r\n\r\n"
    return head.encode() + coded + b"\r\n"


def _file_part(file: File, content_id: str | None) -> bytes:
    name = f'filename="{file.name}"' if file.name.isascii() else f"filename*=utf-8''{urllib.parse.quote(file.name)}"
    how = "attachment" if content_id is None else "inline"
    lines = [
        f"Content-Type: {file.content_type}",
        f"Content-Disposition: {how}; {name}",
        "Content-Transfer-Encoding: base64",
    ]
    if content_id is not None:
        lines.append(f"Content-ID: <{content_id}>")
    return "\r\n".join([*lines, "", ""]).encode() + _lines(file.content) + b"\r\n"


def _lines(raw: bytes) -> bytes:
    return base64.encodebytes(raw).replace(b"\n", b"\r\n")


def _multipart(kind: str, mark: str, parts: list[bytes]) -> bytes:
    edge = f"--{mark}".encode()
    head = f'Content-Type: multipart/{kind}; boundary="{mark}"\r\n\r\n'.encode()
    return head + b"".join(edge + b"\r\n" + part + b"\r\n" for part in parts) + edge + b"--\r\n"
