"""
The body that a client asked for, made from the one that the mailbox holds ([MS-ASAIRS] BodyPreference).
"""

from __future__ import annotations

import html
from collections.abc import Sequence
from typing import Any

import msgspec

from carrierpost.protocol.classes import ApplicationData, Body, BodyPart, BodyPreference, BodyType, Email, encode_item
from carrierpost.protocol.commands.sync import BodyPartPreference, MIMESupport, SyncOptions
from carrierpost.protocol.text import html_to_text
from carrierpost.protocol.version import Version
from carrierpost.server.composing import mime_of
from carrierpost.server.mailbox import MailboxItem

__all__ = ["body_for", "cut", "encoded_for", "with_body"]

_MOST_PREVIEW = 255
_MOST_FORMS = 4  # encoded forms kept of an item, for as many kinds of devices


def cut(text: str, size: int) -> str:
    """
    Cut a text to a number of UTF-8 bytes without cutting a character.
    """
    return _bytes(text)[:size].decode("utf-8", "ignore")


def _bytes(text: str) -> bytes:
    """
    Encode a text; half a surrogate pair, which only a broken mailbox has, becomes a question mark.
    """
    return text.encode("utf-8", "replace")


def with_body(
    item: MailboxItem,
    preferences: Sequence[BodyPreference],
    mime_support: MIMESupport | None = None,
    part_preference: BodyPartPreference | None = None,
) -> ApplicationData:
    """
    Give an item's properties with the body in the form that a client wants.
    """
    data = item.data
    body = body_for(item, preferences, mime_support)
    if part_preference is not None and isinstance(data, Email):
        return msgspec.structs.replace(data, body=body, body_part=_part(item, part_preference))
    return msgspec.structs.replace(data, body=body)


def encoded_for(item: MailboxItem, options: SyncOptions, version: Version, *, whole: bool = False) -> list[Any]:
    """
    Give an item's properties as a client wants them, encoded; made once for all who want them so.

    Args:
        item: the item.
        options: what the client wants.
        version: the version it speaks.
        whole: do not cut the body.
    """
    preferences = options.body_preferences
    if whole:
        preferences = tuple(msgspec.structs.replace(one, truncation_size=None) for one in preferences)
    part = options.body_part_preference if version >= Version.V14_1 else None
    wanted = (version, preferences, options.mime_support, part)
    made = item.encoded.get(wanted)
    if made is None:
        made = encode_item(with_body(item, preferences, options.mime_support, part), version)
        if len(item.encoded) >= _MOST_FORMS:
            item.encoded.clear()
        item.encoded[wanted] = made
    return made


def body_for(
    item: MailboxItem, preferences: Sequence[BodyPreference], mime_support: MIMESupport | None = None
) -> Body | None:
    """
    Make the body that suits a client's preferences best.

    Whole messages come only where `mime_support` allows. Otherwise the format in which the item is kept is best, where
    the client takes it; then the client's favourite. A format that would have to be cut and must not be gives way to
    the next one, and in the end to a body that only tells its size.

    Args:
        item: the item, with its whole body.
        preferences: what the client wants, its favourite first; none means plain text.
        mime_support: for which mail the client wants MIME.
    """
    body = item.data.body
    if body is None or body.type is None:
        return body
    wanted = {one.type: one for one in preferences if one.type is not None}
    made = Body()
    for kind in _order(item.data, body.type, wanted, mime_support):
        preference = wanted.get(kind) or BodyPreference(type=kind)
        made = _made(item, body, kind, preference.truncation_size)
        if preference.preview:
            plain = " ".join(_text(body, BodyType.PLAIN).split())
            made = msgspec.structs.replace(made, preview=plain[: min(preference.preview, _MOST_PREVIEW)])
        if not (made.truncated and preference.all_or_none):
            return made
    return msgspec.structs.replace(made, data=None, opaque=None)


def _order(
    data: ApplicationData,
    native: BodyType,
    wanted: dict[BodyType, BodyPreference],
    mime_support: MIMESupport | None,
) -> list[BodyType]:
    smime = isinstance(data, Email) and "SMIME" in (data.message_class or "").upper()
    allowed = mime_support is MIMESupport.ALWAYS or (mime_support is MIMESupport.SIGNED_AND_ENCRYPTED and smime)
    if BodyType.MIME in wanted and allowed and isinstance(data, Email):
        return [BodyType.MIME]
    can: list[BodyType] = [kind for kind in wanted if kind in (BodyType.PLAIN, BodyType.HTML)] or [BodyType.PLAIN]
    return [native, *(kind for kind in can if kind is not native)] if native in can else can


def _made(item: MailboxItem, body: Body, kind: BodyType, limit: int | None) -> Body:
    if kind is BodyType.MIME:
        return _message(mime_of(item), limit)
    text = _text(body, kind)
    size = len(_bytes(text))
    if limit is None or size <= limit:
        return Body(type=kind, estimated_data_size=size, truncated=False, data=text)
    return Body(type=kind, estimated_data_size=size, truncated=True, data=cut(text, limit))


def _message(mime: bytes, limit: int | None) -> Body:
    """
    Give a message as a body: as text, which most clients expect, unless its bytes are no text.
    """
    truncated = limit is not None and len(mime) > limit
    made = Body(type=BodyType.MIME, estimated_data_size=len(mime), truncated=truncated)
    try:
        text = mime.decode()
    except UnicodeDecodeError:
        return msgspec.structs.replace(made, opaque=mime[:limit] if truncated else mime)
    return msgspec.structs.replace(made, data=cut(text, limit) if truncated and limit is not None else text)


def _part(item: MailboxItem, preference: BodyPartPreference) -> BodyPart:
    """
    Give what a message adds to its conversation, which here is all that it says.
    """
    body = item.data.body or Body(type=BodyType.PLAIN, data="")
    made = _made(item, body, BodyType.HTML, preference.truncation_size)
    plain = " ".join(_text(body, BodyType.PLAIN).split())
    return BodyPart(
        status=1,
        type=BodyType.HTML,
        estimated_data_size=made.estimated_data_size,
        truncated=made.truncated,
        data=None if made.truncated and preference.all_or_none else made.data,
        preview=plain[: min(preference.preview, _MOST_PREVIEW)] if preference.preview else None,
    )


def _text(body: Body, kind: BodyType) -> str:
    text = body.data or ""
    if kind is body.type:
        return text
    if kind is BodyType.PLAIN:
        return html_to_text(text).replace("\n", "\r\n")
    paragraphs = html.escape(text, quote=False).replace("\r\n", "\n").replace("\n", "<br>\n")
    return f"<html><body>{paragraphs}</body></html>"
