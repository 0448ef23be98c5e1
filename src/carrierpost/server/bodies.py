"""
The body that a client asked for, made from the one that the mailbox holds ([MS-ASAIRS] BodyPreference).
"""

from __future__ import annotations

import html
from collections.abc import Sequence

import msgspec

from carrierpost.protocol.classes import ApplicationData, Body, BodyPreference, BodyType, Email
from carrierpost.protocol.commands.sync import MIMESupport
from carrierpost.protocol.text import html_to_text

__all__ = ["body_for", "cut"]


def cut(text: str, size: int) -> str:
    """
    Cut a text to a number of UTF-8 bytes without cutting a character.
    """
    return text.encode()[:size].decode("utf-8", "ignore")


def body_for(
    data: ApplicationData,
    preferences: Sequence[BodyPreference],
    mime_support: MIMESupport | None = None,
    mime: bytes | None = None,
) -> Body | None:
    """
    Make the body that suits a client's preferences best.

    Args:
        data: the item with its whole body.
        preferences: what the client wants, its favourite first; none means plain text.
        mime_support: for which mail the client wants MIME.
        mime: the message as it came, if there is one.
    """
    body = data.body
    if body is None or body.type is None:
        return body
    wanted = {one.type: one for one in preferences}
    smime = isinstance(data, Email) and "SMIME" in (data.message_class or "").upper()
    if BodyType.MIME in wanted and mime is not None and (mime_support == 2 or (mime_support == 1 and smime)):
        order = [BodyType.MIME]
    elif body.type in wanted:
        order = [body.type, *[kind for kind in wanted if kind not in (body.type, None, BodyType.MIME)]]
    else:
        order = [kind for kind in wanted if kind in (BodyType.PLAIN, BodyType.HTML)] or [BodyType.PLAIN]
    for kind in order:
        preference = wanted.get(kind) or BodyPreference(type=kind)
        text = _converted(body, kind, mime)
        size = len(text.encode())
        limit = preference.truncation_size
        preview = cut(_converted(body, BodyType.PLAIN, mime), preference.preview) if preference.preview else None
        if limit is None or size <= limit:
            return Body(type=kind, estimated_data_size=size, truncated=False, data=text, preview=preview)
        if not preference.all_or_none:
            return Body(type=kind, estimated_data_size=size, truncated=True, data=cut(text, limit), preview=preview)
    return msgspec.structs.replace(Body(type=order[-1], estimated_data_size=size, truncated=True), preview=preview)


def _converted(body: Body, kind: BodyType | None, mime: bytes | None) -> str:
    text = body.data or ""
    if kind is BodyType.MIME:
        return (mime or b"").decode("utf-8", "replace")
    if kind is body.type:
        return text
    if kind is BodyType.PLAIN:
        return html_to_text(text).replace("\n", "\r\n")
    paragraphs = html.escape(text, quote=False).replace("\r\n", "\n").replace("\n", "<br>\n")
    return f"<html><body>{paragraphs}</body></html>"
