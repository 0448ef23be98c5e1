"""
The message behind a mail: as it came, or made from its properties for mail that never was a message.
"""

from __future__ import annotations

import email.message
import email.policy
import email.utils
import hashlib

from carrierpost.protocol.classes import BodyType, Email, Importance
from carrierpost.protocol.text import html_to_text
from carrierpost.server.mailbox import MailboxItem

__all__ = ["composed", "mime_of"]

_POLICY = email.policy.SMTP.clone(utf8=False, max_line_length=78)
_IMPORTANCE = {Importance.HIGH: "high", Importance.LOW: "low"}


def mime_of(item: MailboxItem) -> bytes:
    """
    Give a mail as a message; the same bytes each time.
    """
    if item.mime is not None:
        return item.mime
    return composed(item)


def composed(item: MailboxItem) -> bytes:
    """
    Make a message of a mail's properties.
    """
    data = item.data
    assert isinstance(data, Email)
    message = email.message.EmailMessage(policy=_POLICY)
    for name, value in _fields(data):
        if value:
            message[name] = " ".join(value.split())
    if data.date_received is not None:
        message["Date"] = email.utils.format_datetime(data.date_received)
    digest = hashlib.sha256(f"{item.server_id} {data.from_} {data.date_received} {data.subject}".encode()).hexdigest()
    message["Message-ID"] = f"<{digest[:24]}@exchange.invalid>"
    text = (data.body.data or "") if data.body is not None else ""
    if data.body is not None and data.body.type is BodyType.HTML:
        message.set_content(html_to_text(text))
        message.add_alternative(text, subtype="html")
    else:
        message.set_content(text)
    for attachment in data.attachments or ():
        attached = item.attached.get(attachment.file_reference or "")
        if attached is not None:
            main, _, sub = attached.content_type.partition("/")
            message.add_attachment(
                attached.content,
                maintype=main or "application",
                subtype=sub or "octet-stream",
                filename=attachment.display_name or "attachment",
                cid=f"<{attachment.content_id}>" if attachment.content_id else None,
            )
    for number, part in enumerate(message.walk()):
        if part.is_multipart():
            part.set_boundary(f"=_{number}_{digest[24:48]}")
    return message.as_bytes()


def _fields(data: Email) -> tuple[tuple[str, str | None], ...]:
    return (
        ("From", data.from_),
        ("To", data.to),
        ("Cc", data.cc),
        ("Bcc", data.bcc),
        ("Reply-To", (data.reply_to or "").replace(";", ",")),
        ("Subject", data.subject),
        ("Importance", _IMPORTANCE.get(data.importance or Importance.NORMAL)),
    )
