"""
A message taken apart, as ActiveSync shows it, and put into a mailbox.
"""

from __future__ import annotations

import base64
import binascii
import datetime as dt
import email.header
import email.message
import hashlib
from typing import Any

import msgspec

from carrierpost.formats.headers import decode_header
from carrierpost.formats.message import File, Message
from carrierpost.formats.message_in import read_message
from carrierpost.formats.smime import Kind, kind_of
from carrierpost.protocol.classes import Attachment, AttachmentMethod, Body, BodyType, Email, Importance
from carrierpost.server.mailbox import Attached, Mailbox, MailboxFolder, MailboxItem

__all__ = ["Opened", "header_text", "open_mime", "put", "put_mime"]

_MESSAGE_CLASSES = {Kind.NONE: "IPM.Note", Kind.SIGNED: "IPM.Note.SMIME.MultipartSigned"}
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
    return decode_header(str(value))


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
    message = read_message(mime)
    if message.html is not None:
        body = Body(type=BodyType.HTML, data=message.html)
    else:
        body = Body(type=BodyType.PLAIN, data=message.text or "")
    topic = message.header("Thread-Topic") or _topic(message.subject)
    conversation_id, conversation_index = _conversation(message, topic)
    data = Email(
        to=message.header("To"),
        cc=message.header("Cc") or None,
        from_=message.header("From"),
        reply_to=message.header("Reply-To") or None,
        subject=message.subject,
        date_received=now.replace(microsecond=0),
        display_to="; ".join(one.name or one.address for one in message.to),
        thread_topic=topic,
        importance=_IMPORTANCE.get(message.header("Importance").lower(), Importance.NORMAL),
        read=False,
        body=body,
        message_class=_MESSAGE_CLASSES.get(kind_of(mime), "IPM.Note.SMIME"),
        content_class="urn:content-classes:message",
        internet_cpid="65001",
        native_body_type=body.type,
        conversation_id=conversation_id,
        conversation_index=conversation_index,
    )
    invitation = message.calendar.encode() if message.calendar is not None else None
    return Opened(data, tuple(map(_file, message.files)), mime, invitation)


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


def _topic(subject: str) -> str:
    while subject[:3].lower() in ("re:", "fw:") or subject[:4].lower() in ("fwd:", "aw: "):
        subject = subject.partition(":")[2].strip()
    return subject


def _conversation(message: Message, topic: str) -> tuple[bytes, bytes | None]:
    """
    Tell which conversation a message belongs to, and where in it.

    Who answers in Outlook's way carries it on in `Thread-Index` ([MS-OXOMSG] PidTagConversationIndex): six
    bytes of time, sixteen that are the same in the whole conversation, five for each answer. ActiveSync shows the
    sixteen by themselves, and five bytes of the time with the answers. Others are held together by their topic.
    """
    try:
        index = base64.b64decode(message.header("Thread-Index"), validate=True)
    except (binascii.Error, ValueError):
        index = b""
    if len(index) < 22 or (len(index) - 22) % 5:
        return hashlib.sha256(topic.casefold().encode()).digest()[:16], None
    return index[6:22], index[:5] + index[22:]


def _file(file: File) -> tuple[Attachment, Attached]:
    message = file.content_type == "message/rfc822"
    name = file.name or (read_message(file.content).subject or "message" if message else "attachment")
    attachment = Attachment(
        display_name=name,
        method=AttachmentMethod.EMBEDDED_MESSAGE if message else AttachmentMethod.FILE,
        estimated_data_size=len(file.content),
        content_id=file.content_id,
        is_inline=True if file.inline and file.content_id else None,
    )
    return attachment, Attached(file.content, file.content_type)
