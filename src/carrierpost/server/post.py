"""
Mail on its way: a message taken apart and put into its recipients' mailboxes.
"""

from __future__ import annotations

import datetime as dt
import email
import email.header
import email.message
import email.policy
import email.utils
import hashlib
from collections.abc import Mapping

import msgspec

from carrierpost.protocol.classes import Attachment, AttachmentMethod, Body, BodyType, Email, Importance
from carrierpost.protocol.commands.folder_sync import FolderType
from carrierpost.protocol.text import split_addresses
from carrierpost.server.mailbox import Attached, Mailbox, MailboxFolder, MailboxItem

__all__ = ["deliver_mime", "put_mime"]


def _text(message: email.message.Message, name: str) -> str:
    """
    Read a header as text, whatever it holds.
    """
    raw = str(message.get(name, ""))[:20_000]
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


def deliver_mime(
    mailboxes: Mapping[str, Mailbox], sender: Mailbox, mime: bytes, *, now: dt.datetime, save: bool
) -> int:
    """
    Deliver a message to everybody it names, Bcc included, and take that header out.

    Returns:
        1, or the status that refuses it: 107 for no message, 119 without recipient, 116 for one that is unknown.
    """
    message = email.message_from_bytes(mime, policy=email.policy.compat32)
    recipients = [
        address.lower()
        for name in ("To", "Cc", "Bcc")
        for _, address in split_addresses(_text(message, name))
        if address
    ]
    if not message.keys():
        return 107
    if not recipients:
        return 119
    if any(one not in mailboxes for one in recipients):
        return 116
    del message["Bcc"]
    if not message["From"]:
        message["From"] = email.utils.formataddr((sender.name, sender.address))
    raw = message.as_bytes()
    if save:
        put_mime(sender, sender.folder(FolderType.SENT_ITEMS), raw, now=now, read=True)
    for one in dict.fromkeys(recipients):
        target = mailboxes[one]
        put_mime(target, target.folder(FolderType.INBOX), raw, now=now)
    return 1


def put_mime(
    mailbox: Mailbox, folder: MailboxFolder, mime: bytes, *, now: dt.datetime, read: bool = False
) -> MailboxItem:
    """
    Put a message into a folder, as the properties and body that ActiveSync shows of it.
    """
    message = email.message_from_bytes(mime, policy=email.policy.compat32)
    plain: str | None = None
    html: str | None = None
    files: list[tuple[Attachment, Attached]] = []
    for part in message.walk():
        if part.is_multipart():
            continue
        kind, name = part.get_content_type(), part.get_filename()
        disposition = part.get_content_disposition()
        if kind == "text/plain" and plain is None and disposition != "attachment":
            plain = _payload_text(part)
        elif kind == "text/html" and html is None and disposition != "attachment":
            html = _payload_text(part)
        else:
            files.append(_file(part, name, inline=disposition == "inline" or bool(part["Content-ID"])))
    body = Body(type=BodyType.HTML, data=html) if html is not None else Body(type=BodyType.PLAIN, data=plain or "")
    subject = _text(message, "Subject")
    topic = subject
    while topic[:3].lower() in ("re:", "fw:") or topic[:4].lower() in ("fwd:", "aw: "):
        topic = topic.partition(":")[2].strip()
    to = _text(message, "To")
    data = Email(
        to=to,
        cc=_text(message, "Cc") or None,
        from_=_text(message, "From"),
        reply_to=_text(message, "Reply-To") or None,
        subject=subject,
        date_received=now.replace(microsecond=0),
        display_to="; ".join(name or address for name, address in split_addresses(to)),
        thread_topic=topic,
        importance=Importance.NORMAL,
        read=read,
        body=body,
        message_class="IPM.Note",
        content_class="urn:content-classes:message",
        internet_cpid="65001",
        native_body_type=body.type,
        conversation_id=hashlib.sha256(topic.casefold().encode()).digest()[:16],
    )
    item = mailbox.add(folder, data, mime=mime)
    if files:
        attached, attachments = {}, []
        for number, (attachment, content) in enumerate(files):
            reference = f"{item.server_id}/{number}"
            attached[reference] = content
            attachments.append(msgspec.structs.replace(attachment, file_reference=reference))
        item.attached = attached
        item.data = msgspec.structs.replace(data, attachments=tuple(attachments))
    return item


def _file(part: email.message.Message, name: str | None, *, inline: bool) -> tuple[Attachment, Attached]:
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
