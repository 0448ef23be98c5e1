"""
Drafts, which clients write and send from 16.0 on ([MS-ASCMD] Send, [MS-ASEMAIL] IsDraft).
"""

from __future__ import annotations

import datetime as dt
import hashlib

import msgspec

from carrierpost.protocol.classes import ApplicationData, BodyType, Email, Importance
from carrierpost.protocol.text import split_addresses
from carrierpost.server.composing import composed, mime_of
from carrierpost.server.mailbox import Mailbox, MailboxFolder, MailboxItem
from carrierpost.server.post import open_mime, put

__all__ = ["add", "mime_to_send", "with_mime_body"]

_OF_THE_MESSAGE = ("to", "cc", "reply_to", "subject", "thread_topic", "display_to", "body", "native_body_type")


def add(mailbox: Mailbox, folder: MailboxFolder, data: ApplicationData, now: dt.datetime) -> MailboxItem:
    """
    Keep a new draft; one that comes as a whole message is taken apart.
    """
    assert isinstance(data, Email)
    if (mime := _mime_in(data)) is not None:
        opened = open_mime(mime, now=now)
        item = put(mailbox, folder, opened, read=data.read is not False)
        assert isinstance(item.data, Email)
        item.data = msgspec.structs.replace(
            item.data,
            is_draft=True,
            from_=_author(mailbox),
            importance=data.importance or opened.data.importance,
            flag=data.flag,
        )
        item.encoded.clear()
        return item
    topic = data.subject or ""
    seed = f"{mailbox.address} {mailbox.number} {topic}"
    return mailbox.add(
        folder,
        msgspec.structs.replace(
            data,
            from_=_author(mailbox),
            date_received=now,
            thread_topic=data.thread_topic or topic,
            display_to=_names(data.to),
            importance=data.importance or Importance.NORMAL,
            read=data.read is not False,
            message_class="IPM.Note",
            content_class="urn:content-classes:message",
            internet_cpid="65001",
            conversation_id=hashlib.sha256(seed.encode()).digest()[:16],
            is_draft=True,
        ),
    )


def with_mime_body(item: MailboxItem, data: Email) -> Email:
    """
    Take a changed draft apart if its body came as a whole message; else name its recipients anew.
    """
    mime = _mime_in(data)
    if mime is None:
        item.mime = None  # what it came as is no longer what it is
        return msgspec.structs.replace(data, display_to=_names(data.to))
    assert data.date_received is not None
    opened = open_mime(mime, now=data.date_received)
    item.mime = mime
    return msgspec.structs.replace(data, **{name: getattr(opened.data, name) for name in _OF_THE_MESSAGE})


def mime_to_send(item: MailboxItem) -> bytes:
    """
    Make the message that is sent of a draft, hidden recipients included.
    """
    return mime_of(item) if item.mime is not None else composed(item)


def _mime_in(data: Email) -> bytes | None:
    body = data.body
    if body is None or body.type is not BodyType.MIME:
        return None
    return body.opaque if body.opaque is not None else (body.data or "").encode()


def _author(mailbox: Mailbox) -> str:
    return f'"{mailbox.name}" <{mailbox.address}>'


def _names(addresses: str | None) -> str:
    return "; ".join(name or address for name, address in split_addresses(addresses))
