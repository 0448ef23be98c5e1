"""
A message taken apart, as ActiveSync shows it, and put into a mailbox.
"""

from __future__ import annotations

import base64
import binascii
import datetime as dt
import email
import email.header
import email.message
import email.policy
import email.utils
import hashlib
from collections.abc import Iterator
from typing import Any

import msgspec

from carrierpost.protocol.classes import Attachment, AttachmentMethod, Body, BodyType, Email, Importance
from carrierpost.protocol.text import split_addresses
from carrierpost.server.mailbox import Attached, Mailbox, MailboxFolder, MailboxItem

__all__ = ["Opened", "header_text", "open_mime", "put", "put_mime"]

_IMPORTANCE = {"high": Importance.HIGH, "low": Importance.LOW}


class Opened(msgspec.Struct, frozen=True):
    """
    A message taken apart, the same for everybody who gets it.

    Attributes:
        data: its properties; attachments have no reference yet.
        files: its attachments and inline pictures.
        mime: the message as it came.
        invitation: the part that is about a meeting, iCalendar.
    """

    data: Email
    files: tuple[tuple[Attachment, Attached], ...]
    mime: bytes
    invitation: bytes | None = None


def header_text(message: email.message.Message | str | email.header.Header, name: str = "") -> str:
    """
    Read a header as text on one line, whatever it holds.

    Args:
        message: the message, or the header's value as it came.
        name: the header, of a message.
    """
    value = message.get(name, "") if isinstance(message, email.message.Message) else message
    raw = "".join(str(value)[:20_000].splitlines())
    try:
        return str(email.header.make_header(email.header.decode_header(raw)))
    except (ValueError, LookupError, UnicodeError):
        return raw


def _payload_text(part: email.message.Message) -> str:
    payload = part.get_payload(decode=True)
    raw = payload if isinstance(payload, bytes) else b""
    try:
        return raw.decode(part.get_content_charset() or "utf-8", "replace")
    except LookupError:
        return raw.decode("utf-8", "replace")


def put_mime(
    mailbox: Mailbox, folder: MailboxFolder, mime: bytes, *, now: dt.datetime, read: bool = False
) -> MailboxItem:
    """
    Put a message into a folder, as the properties and body that ActiveSync shows of it.
    """
    return put(mailbox, folder, open_mime(mime, now=now), read=read)


def open_mime(mime: bytes, *, now: dt.datetime) -> Opened:
    """
    Take a message apart that is received now.
    """
    message = email.message_from_bytes(mime, policy=email.policy.compat32)
    plain: str | None = None
    html: str | None = None
    invitation: bytes | None = None
    files: list[tuple[Attachment, Attached]] = []
    for part in _parts(message):
        kind, name = part.get_content_type(), part.get_filename()
        disposition = part.get_content_disposition()
        if kind == "text/plain" and plain is None and disposition != "attachment":
            plain = _payload_text(part)
        elif kind == "text/html" and html is None and disposition != "attachment":
            html = _payload_text(part)
        elif kind == "text/calendar" and invitation is None and disposition != "attachment":
            invitation = _payload_text(part).encode()
        else:
            files.append(_file(part, name, inline=disposition == "inline" or bool(part["Content-ID"])))
    body = Body(type=BodyType.HTML, data=html) if html is not None else Body(type=BodyType.PLAIN, data=plain or "")
    to = header_text(message, "To")
    topic = header_text(message, "Thread-Topic") or _topic(header_text(message, "Subject"))
    conversation_id, conversation_index = _conversation(message, topic)
    data = Email(
        to=to,
        cc=header_text(message, "Cc") or None,
        from_=header_text(message, "From"),
        reply_to=header_text(message, "Reply-To") or None,
        subject=header_text(message, "Subject"),
        date_received=now.replace(microsecond=0),
        display_to="; ".join(name or address for name, address in split_addresses(to)),
        thread_topic=topic,
        importance=_IMPORTANCE.get(header_text(message, "Importance").strip().lower(), Importance.NORMAL),
        read=False,
        body=body,
        message_class="IPM.Note",
        content_class="urn:content-classes:message",
        internet_cpid="65001",
        native_body_type=body.type,
        conversation_id=conversation_id,
        conversation_index=conversation_index,
    )
    return Opened(data, tuple(files), mime, invitation)


def put(mailbox: Mailbox, folder: MailboxFolder, opened: Opened, *, read: bool = False, **values: Any) -> MailboxItem:
    """
    Put a message that has been taken apart into a folder.

    Args:
        mailbox: the mailbox.
        folder: one of its folders.
        opened: the message.
        read: whether it counts as read.
        values: properties that are other than in the message.
    """
    item = mailbox.add(folder, msgspec.structs.replace(opened.data, read=read, **values), mime=opened.mime)
    if opened.files:
        attachments = []
        for number, (attachment, content) in enumerate(opened.files):
            reference = f"{item.server_id}/{number}"
            item.attached[reference] = content
            attachments.append(msgspec.structs.replace(attachment, file_reference=reference))
        item.data = msgspec.structs.replace(item.data, attachments=tuple(attachments))
    return item


def _parts(message: email.message.Message) -> Iterator[email.message.Message]:
    """
    Go through what a message is made of; a message inside it is one part, whatever is in there.
    """
    if message.is_multipart() and message.get_content_maintype() != "message":
        for part in message.get_payload():
            assert isinstance(part, email.message.Message)
            yield from _parts(part)
    else:
        yield message


def _topic(subject: str) -> str:
    while subject[:3].lower() in ("re:", "fw:") or subject[:4].lower() in ("fwd:", "aw: "):
        subject = subject.partition(":")[2].strip()
    return subject


def _conversation(message: email.message.Message, topic: str) -> tuple[bytes, bytes | None]:
    """
    Tell which conversation a message belongs to, and where in it.

    Who answers in Outlook's way carries it on in `Thread-Index` ([MS-OXOMSG] PidTagConversationIndex): six
    bytes of time, sixteen that are the same in the whole conversation, five for each answer. ActiveSync shows the
    sixteen by themselves, and five bytes of the time with the answers. Others are held together by their topic.
    """
    try:
        index = base64.b64decode(header_text(message, "Thread-Index"), validate=True)
    except (binascii.Error, ValueError):
        index = b""
    if len(index) < 22 or (len(index) - 22) % 5:
        return hashlib.sha256(topic.casefold().encode()).digest()[:16], None
    return index[6:22], index[:5] + index[22:]


def _file(part: email.message.Message, name: str | None, *, inline: bool) -> tuple[Attachment, Attached]:
    inner = part.get_payload()
    if part.get_content_type() == "message/rfc822" and isinstance(inner, list) and inner:
        assert isinstance(inner[0], email.message.Message)
        return _message_inside(part, inner[0], name)
    payload = part.get_payload(decode=True)
    content = payload if isinstance(payload, bytes) else b""
    content_id = str(part.get("Content-ID", "")).strip("<> ") or None
    attachment = Attachment(
        display_name=name or "attachment",
        method=AttachmentMethod.FILE,
        estimated_data_size=len(content),
        content_id=content_id,
        is_inline=True if inline and content_id else None,
    )
    return attachment, Attached(content, part.get_content_type())


def _message_inside(
    part: email.message.Message, inner: email.message.Message, name: str | None
) -> tuple[Attachment, Attached]:
    content = inner.as_bytes()
    attachment = Attachment(
        display_name=name or header_text(inner, "Subject") or "message",
        method=AttachmentMethod.EMBEDDED_MESSAGE,
        estimated_data_size=len(content),
    )
    return attachment, Attached(content, part.get_content_type())
