"""
Reading mail ([RFC 5322], [RFC 2045] to 2047).

A message is whatever a stranger sent: the standard library takes it apart under its oldest, most patient policy, and
everything that it is known to stumble over is kept from it. What comes out is a `Message`, always, with notes on what
could not be read.
"""

from __future__ import annotations

import email
import email.message
import email.policy
import email.utils
import re
from collections.abc import Collection

from carrierpost.formats.headers import decode_bytes, decode_header, message_ids, parse_addresses, parse_date
from carrierpost.formats.html import text_to_html
from carrierpost.formats.message import File, Message
from carrierpost.protocol.text import html_to_text

__all__ = ["read_message", "remove_headers"]

_DEEPEST = 200  # containers; each costs the parser time for every line, and a frame of Python's stack
_MOST_PARTS = 1000
_MOST_HEADERS = 1000
_LONGEST_PARAMETERS = 10_000
_CONTAINERS = re.compile(rb"(?:^|[\r\n])content-type:\s*multipart/", re.IGNORECASE)
_UNSAFE_IN_NAMES = re.compile(r"[\x00-\x1f\x7f\u202a-\u202e\u2066-\u2069]")
_TYPE = re.compile(r"[\w.+-]+/[\w.+-]+", re.ASCII)


class _Part(email.message.Message):
    """
    A part that keeps attached messages as bytes, and whose parameters have a limit.
    """

    def get_content_type(self) -> str:
        """
        Give the type; found without taking the parameters apart.
        """
        kind = str(self.get("content-type", "")).partition(";")[0].strip().lower()
        return kind if kind.count("/") == 1 else (self.get_default_type() if not kind else "text/plain")

    def get_content_maintype(self) -> str:
        """
        Give the main type; an attached message is no container here, so that its bytes stay as they are.
        """
        main = super().get_content_maintype()
        return "application" if main == "message" else main

    def get(self, name: str, failobj: object = None) -> object:  # type: ignore[override]
        """
        Give a field as it stands, cut to a length whose parameters can be taken apart.
        """
        name = name.lower()
        for key, value in self.raw_items():
            if key.lower() == name:
                return str(value)[:_LONGEST_PARAMETERS].encode("ascii", "replace").decode("ascii")
        return failobj


def read_message(mime: bytes) -> Message:
    """
    Read a message.

    Args:
        mime: the message as it came.

    Returns:
        What it says; whatever could not be read is left out and noted. Nothing raises.
    """
    notes: list[str] = []
    if sum(1 for _ in _CONTAINERS.finditer(mime)) > _DEEPEST:
        notes.append(f"it has more than {_DEEPEST} containers within it and is shown as text")
        head, _, rest = mime.replace(b"\r\n", b"\n").partition(b"\n\n")
        top = _parsed(head + b"\n\n")
        text: str | None = decode_bytes(rest, None)
        return _message(top, _Contents(blocks=[_Block(plain=text)], notes=notes))
    top = _parsed(mime)
    contents = _Contents(notes=notes)
    contents.take(top)
    return _message(top, contents)


def _parsed(mime: bytes) -> _Part:
    parsed = email.message_from_bytes(mime, _class=_Part, policy=email.policy.compat32)
    assert isinstance(parsed, _Part)
    return parsed


class _Block:
    """
    A stretch of text in one or both forms.
    """

    def __init__(self, plain: str | None = None, html: str | None = None) -> None:
        self.plain = plain
        self.html = html


class _Contents:
    """
    Collects what a message's parts hold.
    """

    def __init__(self, blocks: list[_Block] | None = None, notes: list[str] | None = None) -> None:
        self.blocks = blocks or []
        self.notes = notes if notes is not None else []
        self.files: list[File] = []
        self.calendar: str | None = None
        self.method: str | None = None
        self._parts = 0

    def take(self, part: email.message.Message, alternative: _Block | None = None) -> None:
        """
        Take in a part and what it contains.

        Args:
            part: the part.
            alternative: the stretch of text of which it is one form, inside `multipart/alternative`.
        """
        self._parts += 1
        if self._parts > _MOST_PARTS:
            if self._parts == _MOST_PARTS + 1:
                self.notes.append(f"it has more than {_MOST_PARTS} parts; the rest is left out")
            return
        if part.is_multipart():
            children = part.get_payload()
            kind = part.get_content_type()
            if kind == "multipart/alternative" and alternative is None:
                alternative = _Block()
                self.blocks.append(alternative)
            for number, child in enumerate(children if isinstance(children, list) else ()):
                if isinstance(child, email.message.Message):
                    # Only the first of related parts is text; the others are what it shows.
                    of = alternative if kind != "multipart/related" or number == 0 else _Block("", "")
                    self.take(child, of)
            return
        self._leaf(part, alternative)

    def _leaf(self, part: email.message.Message, alternative: _Block | None) -> None:
        kind = part.get_content_type()
        if kind.startswith("multipart/"):
            self.notes.append("a container says that it has parts, and none can be found")
            kind = "text/plain"
        disposition = _disposition(part)
        name = _file_name(part)
        content = self._content(part)
        if kind in ("text/plain", "text/html") and disposition != "attachment" and (not name or alternative):
            field = "plain" if kind == "text/plain" else "html"
            block = alternative or _Block()
            if getattr(block, field) is None:
                setattr(block, field, decode_bytes(content, _parameter(part, "charset")))
                if alternative is None:
                    self.blocks.append(block)
                return
        if kind == "text/calendar" and self.calendar is None:
            self.calendar = decode_bytes(content, _parameter(part, "charset") or "utf-8")
            self.method = (_parameter(part, "method") or "").upper() or None
            if disposition != "attachment":
                return
        content_id = decode_header(str(part.get("Content-ID", ""))).strip("<> ") or None
        self.files.append(
            File(
                name=name,
                content_type=kind if _TYPE.fullmatch(kind) else "application/octet-stream",
                content=content,
                content_id=content_id,
                content_location=decode_header(str(part.get("Content-Location", ""))) or None,
                inline=disposition == "inline" or (content_id is not None and disposition != "attachment"),
            )
        )

    def _content(self, part: email.message.Message) -> bytes:
        try:
            payload = part.get_payload(decode=True)
        except (ValueError, LookupError, TypeError, AttributeError) as error:
            self.notes.append(f"a part cannot be decoded: {error}")
            return b""
        return payload if isinstance(payload, bytes) else b""


def _disposition(part: email.message.Message) -> str:
    return str(part.get("Content-Disposition", "")).partition(";")[0].strip().lower()


def _parameter(part: email.message.Message, name: str, field: str = "content-type") -> str | None:
    try:
        value = part.get_param(name, header=field)
        if value is None:
            return None
        return decode_header(email.utils.collapse_rfc2231_value(value))
    except (ValueError, LookupError, TypeError, AttributeError):
        return None


def _file_name(part: email.message.Message) -> str:
    """
    Give the name that a part suggests, as a bare file name that shows what it is.
    """
    name = _parameter(part, "filename", "content-disposition") or _parameter(part, "name") or ""
    name = _UNSAFE_IN_NAMES.sub("", name).replace("\\", "/").rpartition("/")[2].strip()
    return "" if name in (".", "..") else name[:255]


def _message(top: _Part, contents: _Contents) -> Message:
    raw: dict[str, str] = {}
    headers = []
    for name, value in list(top.raw_items())[:_MOST_HEADERS]:
        value = str(value)
        raw.setdefault(name.lower(), value)
        headers.append((decode_header(name), decode_header(value)))
    blocks = [block for block in contents.blocks if block.plain is not None or block.html is not None]
    has_html = any(block.html is not None for block in blocks)
    sender = parse_addresses(raw.get("sender", ""), most=1)
    ids = message_ids(raw.get("message-id", ""))
    return Message(
        headers=tuple(headers),
        from_=parse_addresses(raw.get("from", "")),
        sender=sender[0] if sender else None,
        reply_to=parse_addresses(raw.get("reply-to", "")),
        to=parse_addresses(raw.get("to", "")),
        cc=parse_addresses(raw.get("cc", "")),
        bcc=parse_addresses(raw.get("bcc", "")),
        subject=decode_header(raw.get("subject", "")),
        date=parse_date(raw.get("date", "")),
        message_id=ids[0] if ids else None,
        in_reply_to=message_ids(raw.get("in-reply-to", "")),
        references=message_ids(raw.get("references", "")),
        text="\n".join(_plain(block) for block in blocks) if blocks else None,
        html="\n".join(_html(block) for block in blocks) if has_html else None,
        calendar=contents.calendar,
        method=contents.method,
        files=tuple(contents.files),
        notes=tuple(contents.notes),
    )


def _plain(block: _Block) -> str:
    return block.plain if block.plain is not None else html_to_text(block.html or "")


def _html(block: _Block) -> str:
    return block.html if block.html is not None else text_to_html(block.plain or "")


_FIELD = re.compile(rb"[^\r\n]*(?:\r?\n[ \t][^\r\n]*)*(?:\r?\n|\Z)")


def remove_headers(mime: bytes, names: Collection[str]) -> bytes:
    """
    Take fields out of a message's head; every other byte stays as it is, so that signatures stay valid.
    """
    unwanted = {name.lower().encode() for name in names}
    kept = []
    position = 0
    while position < len(mime):
        field = _FIELD.match(mime, position)
        if field is None or not field[0].strip():
            break
        if field[0].partition(b":")[0].strip().lower() not in unwanted:
            kept.append(field[0])
        position = field.end()
    return b"".join(kept) + mime[position:]
