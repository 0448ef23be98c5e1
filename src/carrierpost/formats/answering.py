"""
Answering and forwarding: who gets it, what the subject becomes, how the original is quoted ([RFC 5322] 3.6.4).

For servers that put the original in themselves (SmartReply, SmartForward) the same drafts are made without quoting.
"""

from __future__ import annotations

import datetime as dt
import html as html_text
import re
from collections.abc import Collection

import msgspec

from carrierpost.formats.headers import Address
from carrierpost.formats.html import clean_html, text_to_html
from carrierpost.formats.message import Draft, File, Message
from carrierpost.protocol.text import topic

__all__ = ["attribution", "forward", "forward_as_attachment", "reply"]

_RELAYED = "border-left:2px solid #999;margin-left:4px;padding-left:8px"


def attribution(message: Message, *, zone: dt.tzinfo | None = None) -> str:
    """
    Say who wrote what is quoted, and when.

    Args:
        message: what is quoted.
        zone: the zone in which the time is said; that of the message where it is left out.
    """
    who = ", ".join(one.name or one.address for one in message.from_) or "Somebody"
    if message.date is None:
        return f"{who} wrote:"
    when = message.date.astimezone(zone) if zone is not None else message.date
    return f"On {when:%Y-%m-%d} at {when:%H:%M}, {who} wrote:"


def reply(
    message: Message,
    author: Address,
    *,
    text: str = "",
    html: str | None = None,
    to_all: bool = False,
    own: Collection[str] = (),
    quote: bool = True,
    zone: dt.tzinfo | None = None,
) -> Draft:
    """
    Begin an answer.

    Args:
        message: what is answered.
        author: who answers.
        text: the answer; it stands above what is quoted.
        html: the answer as HTML; left out for a plain one.
        to_all: whether the other recipients get it as well.
        own: further addresses of the author, which are left out of the recipients.
        quote: whether the original is quoted; not where the server does so.
        zone: the zone in which the original's time is said.

    Returns:
        A draft without the original's attachments, but with the pictures that its quoted HTML shows.
    """
    mine = {author.address.lower(), *(one.lower() for one in own)}
    writers = message.reply_to or message.from_
    if writers and all(one.address.lower() in mine for one in writers):
        writers = message.to  # an answer to one's own letter goes on to those it was for
    to = _each(writers, ())
    cc: tuple[Address, ...] = ()
    if to_all:
        to = _each((*to, *message.to), mine) or to
        cc = _each(message.cc, {*mine, *(one.address.lower() for one in to)})
    said, shown = text, html
    pictures: tuple[File, ...] = ()
    if quote:
        line = attribution(message, zone=zone)
        said = _quoted(text, line, message)
        if html is not None:
            shown, pictures = _quoted_html(html, line, message)
    references = (*message.references, message.message_id) if message.message_id else message.references
    return Draft(
        from_=author,
        to=to,
        cc=cc,
        subject=f"Re: {topic(message.subject)}",
        text=said,
        html=shown,
        files=pictures,
        in_reply_to=message.message_id,
        references=references or message.in_reply_to,
    )


def _each(people: tuple[Address, ...], without: Collection[str]) -> tuple[Address, ...]:
    found: dict[str, Address] = {}
    for one in people:
        if one.address and one.address.lower() not in without:
            found.setdefault(one.address.lower(), one)
    return tuple(found.values())


def _quoted(text: str, line: str, message: Message) -> str:
    lines = (message.text or "").replace("\r\n", "\n").rstrip("\n").split("\n")
    quoted = "\n".join(f">{one}" if one.startswith(">") else f"> {one}".rstrip() for one in lines)
    return f"{text.rstrip()}\n\n{line}\n{quoted}\n".lstrip("\n")


def _quoted_html(html: str, line: str, message: Message) -> tuple[str, tuple[File, ...]]:
    original, pictures = _original_html(message)
    quoted = f'<blockquote type="cite" style="{_RELAYED}">{original}</blockquote>'
    return f"{html}<p>{html_text.escape(line)}</p>{quoted}", pictures


def _original_html(message: Message) -> tuple[str, tuple[File, ...]]:
    """
    Give the original's HTML without anything that acts, and the pictures of its own that it shows.
    """
    if message.html is None:
        return text_to_html(message.text or ""), ()
    clean = clean_html(message.html, remote_pictures=True)
    shown = tuple(
        msgspec.structs.replace(one, inline=True) for one in message.files if one.content_id in clean.content_ids
    )
    return clean.html, shown


def forward(
    message: Message, author: Address, *, to: tuple[Address, ...], text: str = "", html: str | None = None
) -> Draft:
    """
    Begin a forward with the original below, and all that was attached to it.

    Args:
        message: what is forwarded.
        author: who forwards.
        to: to whom.
        text: what the author says; it stands above.
        html: the same as HTML; left out, the forward is plain unless the original is HTML.
    """
    facts = [
        ("From", _people(message.from_)),
        ("Date", message.header("Date")),
        ("Subject", message.subject),
        ("To", _people(message.to)),
        ("Cc", _people(message.cc)),
    ]
    facts = [(name, value) for name, value in facts if value]
    head = "\n".join(f"{name}: {value}" for name, value in facts)
    said = f"{text.rstrip()}\n\n---------- Forwarded message ----------\n{head}\n\n{message.text or ''}".lstrip("\n")
    shown: str | None = None
    pictures: tuple[File, ...] = ()
    if html is not None or message.html is not None:
        original, pictures = _original_html(message)
        rows = "<br>".join(f"<b>{name}:</b> {html_text.escape(value)}" for name, value in facts)
        own = html if html is not None else (text_to_html(text) if text else "")
        shown = f"{own}<hr><p>{rows}</p>{original}"
    ids = {one.content_id for one in pictures}
    files = (
        *pictures,
        *(msgspec.structs.replace(one, inline=False) for one in message.files if one.content_id not in ids),
    )
    return Draft(
        from_=author,
        to=to,
        subject=f"Fwd: {topic(message.subject)}",
        text=said,
        html=shown,
        files=files,
        references=(*message.references, message.message_id) if message.message_id else message.references,
    )


def _people(people: tuple[Address, ...]) -> str:
    return ", ".join(f"{one.name} <{one.address}>" if one.name else one.address for one in people)


def forward_as_attachment(
    mime: bytes, message: Message, author: Address, *, to: tuple[Address, ...], text: str = "", html: str | None = None
) -> Draft:
    """
    Begin a forward with the original attached as it came, byte by byte.

    Args:
        mime: the original.
        message: the same, read.
        author: who forwards.
        to: to whom.
        text: what the author says.
        html: the same as HTML.
    """
    name = re.sub(r'[\x00-\x20<>:"/\\|?*]+', " ", topic(message.subject)).strip()[:60] or "message"
    return Draft(
        from_=author,
        to=to,
        subject=f"Fwd: {topic(message.subject)}",
        text=text,
        html=html,
        files=(File(f"{name}.eml", "message/rfc822", mime),),
    )
