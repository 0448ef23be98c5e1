"""
Writing mail ([RFC 5322], [RFC 2045] to 2049, [RFC 2387]).

The message's id, its date and the marks between its parts come from a date and bytes of chance that are handed in, so
the same draft gives the same octets. Lines end with CRLF, everything but an attached message is ASCII.
"""

from __future__ import annotations

import datetime as dt
import email.message
import email.policy
import email.utils
import re

from carrierpost.formats.headers import address_field, text_field
from carrierpost.formats.message import Draft, File
from carrierpost.protocol.classes import Importance
from carrierpost.protocol.text import html_to_text

__all__ = ["message_id_of", "write_message"]

_POLICY = email.policy.SMTP.clone(cte_type="7bit", max_line_length=78)
_TYPE = re.compile(r"[\w.+-]+/[\w.+-]+", re.ASCII)
_FIELD_NAME = re.compile(r"[!-9;-~]{1,70}")
_LEAST_CHANCE = 16
_MOST_REFERENCES = 30


def message_id_of(draft: Draft, chance: bytes) -> str:
    """
    Give the id, with angle brackets, that a draft has when it is written with these bytes of chance.
    """
    domain = draft.from_.address.rpartition("@")[2]
    domain = domain.encode("idna").decode("ascii") if domain and not domain.isascii() else domain
    return f"<{chance[:16].hex()}@{domain or 'invalid'}>"


def write_message(draft: Draft, *, date: dt.datetime, chance: bytes) -> bytes:
    """
    Write a message.

    Args:
        draft: what it says. Hidden recipients stand in its `Bcc` field, which is how ActiveSync learns of them
            ([MS-ASCMD] SendMail); a server takes the field out before it delivers.
        date: its date, with the zone that is to be shown.
        chance: at least 16 bytes that nobody can guess, for its id and the marks between its parts.

    Raises:
        ValueError: an address is none, a field's name is none, the date has no zone, or there is too little chance.
    """
    if date.tzinfo is None:
        raise ValueError("the date of a message needs a zone")
    if len(chance) < _LEAST_CHANCE:
        raise ValueError(f"a message needs {_LEAST_CHANCE} bytes of chance, not {len(chance)}")
    return _head(draft, date, chance) + b"MIME-Version: 1.0\r\n" + _body(draft, chance[:16].hex()[::-1])


def _head(draft: Draft, date: dt.datetime, chance: bytes) -> bytes:
    fields = [
        f"Date: {email.utils.format_datetime(date)}\r\n".encode("ascii"),
        address_field("From", (draft.from_,)),
    ]
    for name, people in (("Reply-To", draft.reply_to), ("To", draft.to), ("Cc", draft.cc), ("Bcc", draft.bcc)):
        if people:
            fields.append(address_field(name, people))
    fields.append(text_field("Subject", draft.subject))
    fields.append(f"Message-ID: {message_id_of(draft, chance)}\r\n".encode("ascii"))
    if draft.in_reply_to:
        fields.append(_ids("In-Reply-To", (draft.in_reply_to,)))
    if draft.references:
        fields.append(_ids("References", draft.references))
    if draft.importance is not Importance.NORMAL:
        fields.append(b"Importance: high\r\n" if draft.importance is Importance.HIGH else b"Importance: low\r\n")
    for name, value in draft.headers:
        if not _FIELD_NAME.fullmatch(name):
            raise ValueError(f"{name[:80]!r} is no name of a header field")
        fields.append(text_field(name, value))
    return b"".join(fields)


def _ids(name: str, ids: tuple[str, ...]) -> bytes:
    """
    Write message ids, each on a line; of a long thread the first and the last ones ([RFC 5322] 3.6.4).
    """
    if len(ids) > _MOST_REFERENCES:
        ids = (ids[0], *ids[1 - _MOST_REFERENCES :])
    clean = [re.sub(r"[^!-~]", "", one) for one in ids]
    return (f"{name}: " + "\r\n ".join(clean) + "\r\n").encode("ascii")


def _body(draft: Draft, mark: str) -> bytes:
    """
    Write the parts: text in one or two forms, what the HTML shows beside it, files around all.
    """
    pictures = [one for one in draft.files if one.inline and (one.content_id or one.content_location) and draft.html]
    files = [one for one in draft.files if one not in pictures]
    text = draft.text if draft.text is not None else html_to_text(draft.html or "")
    forms = [_text("plain", text)]
    if draft.html is not None:
        shown = _text("html", draft.html)
        if pictures:
            shown = _multipart("related", f"r{mark}", [shown, *map(_file, pictures)], '; type="text/html"')
        forms.append(shown)
    if draft.calendar is not None:
        forms.append(_text("calendar", draft.calendar, draft.method))
    body = forms[0] if len(forms) == 1 else _multipart("alternative", f"a{mark}", forms)
    return _multipart("mixed", f"m{mark}", [body, *map(_file, files)]) if files else body


def _text(kind: str, text: str, method: str | None = None) -> bytes:
    part = email.message.EmailMessage(policy=_POLICY)
    clean = text.encode("utf-8", "replace").decode().replace("\0", "")
    clean = clean.replace("\r\n", "\n").replace("\r", "\n")
    part.set_content(clean, subtype=kind, params={"method": method} if method else None)
    del part["MIME-Version"]
    return part.as_bytes()


def _file(file: File) -> bytes:
    kind = file.content_type if _TYPE.fullmatch(file.content_type) else "application/octet-stream"
    if kind == "message/rfc822":
        return _attached_message(file)
    main, _, sub = kind.partition("/")
    if main in ("message", "multipart"):
        main, sub = "application", "octet-stream"
    part = email.message.EmailMessage(policy=_POLICY)
    part.set_content(
        file.content,
        maintype=main,
        subtype=sub,
        disposition="inline" if file.inline else "attachment",
        filename=_name(file) or None,
    )
    if file.content_id:
        part["Content-ID"] = f"<{re.sub(r'[^!-;=?-~]', '', file.content_id)}>"
    if file.content_location:
        part["Content-Location"] = re.sub(r"[^!-~]", "", file.content_location)
    del part["MIME-Version"]
    return part.as_bytes()


def _name(file: File) -> str:
    return re.sub(r"[\x00-\x1f\x7f]", "", file.name.encode("utf-8", "replace").decode())


def _attached_message(file: File) -> bytes:
    """
    Attach a message as it came: it must not be coded ([RFC 2046] 5.2.1), and its signatures must stay valid.
    """
    part = email.message.EmailMessage(policy=_POLICY)
    part["Content-Type"] = "message/rfc822"
    part.add_header("Content-Disposition", "attachment", filename=_name(file) or "message.eml")
    part["Content-Transfer-Encoding"] = "7bit" if file.content.isascii() else "8bit"
    part.set_payload("")
    return part.as_bytes().rstrip(b"\r\n") + b"\r\n\r\n" + file.content


def _multipart(kind: str, mark: str, parts: list[bytes], more: str = "") -> bytes:
    edge = f"--{mark}".encode()
    head = f'Content-Type: multipart/{kind}{more};\r\n boundary="{mark}"\r\n\r\n'.encode()
    return head + b"".join(edge + b"\r\n" + part + b"\r\n" for part in parts) + edge + b"--\r\n"
