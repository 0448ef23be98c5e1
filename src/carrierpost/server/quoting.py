"""
Answers and forwards completed with the original that the server holds ([MS-ASCMD] SmartReply, SmartForward).

A message that is signed or encrypted stays as it is: whatever is added would break it. An original that is signed or
encrypted is passed on as a message of its own, for its text cannot be taken out of it.
"""

from __future__ import annotations

import email
import email.message
import email.policy
import html

from carrierpost.protocol.classes import Body, BodyType, Email, Event
from carrierpost.protocol.text import html_to_text, split_addresses
from carrierpost.server.composing import mime_of
from carrierpost.server.mailbox import Attached, MailboxItem
from carrierpost.server.post import header_text

__all__ = ["recipients_of", "with_original"]

_SEALED = ("multipart/signed", "application/pkcs7-mime", "application/x-pkcs7-mime", "multipart/encrypted")


def recipients_of(mime: bytes) -> tuple[str, ...]:
    """
    List the addresses that a message is for.
    """
    message = email.message_from_bytes(mime, policy=email.policy.compat32)
    return tuple(
        address for name in ("To", "Cc", "Bcc") for _, address in split_addresses(header_text(message, name)) if address
    )


def with_original(mime: bytes, item: MailboxItem, *, forward: bool) -> bytes:
    """
    Add an item to a message.

    Args:
        mime: the message.
        item: the original, a mail or an event.
        forward: pass attachments on, and do not mark the text as quoted.
    """
    message = email.message_from_bytes(mime, policy=email.policy.SMTP)
    if message.get_content_type() in _SEALED:
        return mime
    if forward and isinstance(item.data, Email) and "SMIME" in (item.data.message_class or "").upper():
        original = email.message_from_bytes(mime_of(item), policy=email.policy.SMTP)
        message.add_attachment(original)
        return message.as_bytes()
    _add_text(message, item, quoted=not forward)
    for name, attached, content_id in _files(item) if forward else ():
        main, _, sub = attached.content_type.partition("/")
        if main == "message":
            message.add_attachment(email.message_from_bytes(attached.content, policy=email.policy.SMTP))
            continue
        message.add_attachment(
            attached.content,
            maintype=main or "application",
            subtype=sub or "octet-stream",
            filename=name,
            disposition="inline" if content_id else "attachment",
            cid=f"<{content_id}>" if content_id else None,
        )
    return message.as_bytes()


def _files(item: MailboxItem) -> list[tuple[str, Attached, str | None]]:
    data = item.data
    assert isinstance(data, Email | Event)
    return [
        (one.display_name or "attachment", item.attached[one.file_reference], one.content_id)
        for one in data.attachments or ()
        if one.file_reference in item.attached
    ]


def _add_text(message: email.message.EmailMessage, item: MailboxItem, *, quoted: bool) -> None:
    plain, rich = message.get_body(("plain",)), message.get_body(("html",))
    if plain is None and rich is None:
        _begin_text(message, _quote(item, quoted=quoted))
        return
    if plain is not None:
        own = str(plain.get_content()).rstrip()
        plain.set_content(f"{own}\r\n\r\n{_quote(item, quoted=quoted)}".replace("\r\n", "\n"), charset="utf-8")
    if rich is not None:
        own = str(rich.get_content())
        cut = own.lower().rfind("</body>")
        cut = len(own) if cut < 0 else cut
        text = own[:cut] + _rich_quote(item, quoted=quoted) + own[cut:]
        rich.set_content(text, subtype="html", charset="utf-8")


def _begin_text(message: email.message.EmailMessage, text: str) -> None:
    """
    Give a message a text that has none, which may be because it is nothing but an attachment.
    """
    text = text.replace("\r\n", "\n")
    if not message.get_payload():
        message.set_content(text, charset="utf-8")
        return
    message.make_mixed()
    part = email.message.EmailMessage(policy=email.policy.SMTP)
    part.set_content(text, charset="utf-8")
    del part["MIME-Version"]
    parts = message.get_payload()
    assert isinstance(parts, list)
    parts.insert(0, part)


def _head(item: MailboxItem) -> list[tuple[str, str]]:
    match item.data:
        case Email() as data:
            sent = data.date_received.strftime("%d %B %Y %H:%M UTC") if data.date_received else ""
            listed = [("From", data.from_), ("Sent", sent), ("To", data.to), ("Cc", data.cc), ("Subject", data.subject)]
        case Event() as data:
            begins = data.start_time.strftime("%d %B %Y %H:%M UTC") if data.start_time else ""
            listed = [("Subject", data.subject), ("When", begins), ("Where", data.location)]
        case _:
            listed = []
    return [(name, value) for name, value in listed if value]


def _quote(item: MailboxItem, *, quoted: bool) -> str:
    lines = ["-----Original Message-----", *(f"{name}: {value}" for name, value in _head(item)), ""]
    body = item.data.body or Body()
    text = html_to_text(body.data or "") if body.type is BodyType.HTML else body.data or ""
    mark = "> " if quoted else ""
    return "\r\n".join([*lines, *(f"{mark}{line}" for line in text.splitlines()), ""])


def _rich_quote(item: MailboxItem, *, quoted: bool) -> str:
    body = item.data.body or Body()
    text = body.data or ""
    if body.type is not BodyType.HTML:
        text = html.escape(text, quote=False).replace("\r\n", "\n").replace("\n", "<br>\n")
    head = "<br>\n".join(f"<b>{name}:</b> {html.escape(value)}" for name, value in _head(item))
    inner = f"<blockquote>{text}</blockquote>" if quoted else f"<div>{text}</div>"
    return f"\n<hr>\n<p>{head}</p>\n{inner}\n"
