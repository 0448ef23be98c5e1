"""
Mail read whole: the message as it came (MIME), its layers of protection opened with the person's keys.
"""

from __future__ import annotations

import base64
import datetime as dt
from collections.abc import Callable

from carrierpost.engine.context import Context
from carrierpost.engine.errors import NotFetched
from carrierpost.engine.fetching import fetch_one, place_of, refused
from carrierpost.engine.saving import attachments_of
from carrierpost.formats.html import CleanHTML, clean_html
from carrierpost.formats.keyring import Keyring
from carrierpost.formats.letter import Letter, open_letter
from carrierpost.model import BodyUpdate, Item, ItemBody, Secret
from carrierpost.protocol.classes import Body, BodyPreference, BodyType, Email
from carrierpost.protocol.commands.item_operations import FetchedItem, FetchItem
from carrierpost.protocol.commands.sync import MIMESupport
from carrierpost.store.contract import Store

__all__ = [
    "Pictures",
    "fetch_mime",
    "fetch_pictures",
    "fetch_protected",
    "held_letter",
    "is_protected",
    "keep_keyring",
    "keyring_of",
    "shown_html",
]

_SECRET = "smime"  # noqa: S105 - the name under which it is kept
_WRAPPINGS = {"smime.p7m", "smime.p7s"}
_PICTURES_AT_ONCE = 30
_MOST_PICTURE = 5_000_000  # bytes
_PICTURE_TYPES = {b"\x89PNG": "png", b"GIF8": "gif", b"\xff\xd8\xff": "jpeg", b"RIFF": "webp"}

Pictures = dict[str, bytes]
"""Inline pictures by their content ids."""


def is_protected(data: Email) -> bool:
    """
    Say whether a mail is signed or encrypted: the server shows only a part of such a text, or none.

    The message class says so, and where a server has no such classes, the attachment in which the rest lies.
    """
    files = {(one.display_name or "").lower() for one in data.attachments or ()}
    return (data.message_class or "").upper().startswith("IPM.NOTE.SMIME") or bool(files & _WRAPPINGS)


async def fetch_mime(context: Context, item_id: int) -> bytes:
    """
    Fetch a mail as it came, byte by byte ([MS-ASAIRS] BodyPreference, Type 4).

    Raises:
        NotHeld: there is no such item.
        NotFetched: it is no mail, or the server does not give it whole.
        ClientError, ProtocolError: the server could not be asked, or refused.
    """
    item, collection = await place_of(context, item_id)
    if not isinstance(item.data, Email):
        raise NotFetched("only mail has a source")
    fetched: FetchedItem = await fetch_one(
        context,
        FetchItem(
            collection_id=collection.server_id,
            server_id=item.server_id or "",
            content_class=item.content_class,
            mime_support=MIMESupport.ALWAYS,
            body_preferences=(BodyPreference(type=BodyType.MIME),),
        ),
    )
    if fetched.status != 1:
        raise refused(fetched)
    body: Body | None = fetched.data.body if fetched.data is not None else None
    mime = _bytes_of(body)
    if body is None or mime is None or body.type not in (None, BodyType.MIME):
        raise NotFetched("the server gave the mail without its source; perhaps its policy does not allow it")
    if body.truncated:
        raise NotFetched("the server gives no more than the beginning of this mail's source")
    return mime


def _bytes_of(body: Body | None) -> bytes | None:
    if body is None or body.opaque is not None:
        return None if body is None else body.opaque
    return None if body.data is None else body.data.encode("utf-8", "surrogateescape")


async def fetch_protected(context: Context, item_id: int) -> bytes:
    """
    Fetch a protected mail as it came, and keep it in place of the part of its text that the server shows.

    Raises:
        NotHeld, NotFetched, ClientError, ProtocolError: as `fetch_mime`.
    """
    mime = await fetch_mime(context, item_id)
    await context.store.put_body(
        BodyUpdate(item_id=item_id, type=BodyType.MIME, data=mime, truncated=False, estimated_size=len(mime))
    )
    return mime


def held_letter(body: ItemBody | None, keyring: Keyring, *, now: dt.datetime) -> Letter | None:
    """
    Open a mail whose source is held; `None` when it is not, or not whole.
    """
    if body is None or body.type != BodyType.MIME or body.truncated:
        return None
    mime = body.data if isinstance(body.data, bytes) else body.data.encode("utf-8", "surrogateescape")
    return open_letter(mime, keyring, now=now)


# -- inline pictures


async def fetch_pictures(context: Context, item: Item, html: str) -> Pictures:
    """
    Fetch the pictures of its own that a mail's HTML shows; what cannot be had is left out.

    Args:
        context: the account.
        item: the mail.
        html: its text.
    """
    wanted = dict.fromkeys(clean_html(html).content_ids)
    found: Pictures = {}
    for one in attachments_of(item):
        content_id = (one.content_id or "").strip("<>")
        too_large = (one.estimated_data_size or 0) > _MOST_PICTURE
        if content_id not in wanted or too_large or not one.file_reference or len(found) == _PICTURES_AT_ONCE:
            continue
        fetched = await fetch_one(context, FetchItem(file_reference=one.file_reference), multipart=True)
        if fetched.status == 1 and fetched.content:
            found[content_id] = fetched.content
    return found


def shown_html(html: str, pictures: Pictures, *, remote_pictures: bool = False) -> CleanHTML:
    """
    Clean a mail's HTML for display, its own pictures put into it, and those from the network if they are asked for.
    """

    def address(content_id: str) -> str | None:
        content = pictures.get(content_id.strip("<>"), b"")
        kind = next((name for begins, name in _PICTURE_TYPES.items() if content.startswith(begins)), None)
        return None if kind is None else f"data:image/{kind};base64,{base64.b64encode(content).decode()}"

    return clean_html(html, remote_pictures=remote_pictures, picture_address=address)


# -- the person's keys


async def keyring_of(store: Store, account_id: int) -> Keyring:
    """
    Give an account's keys and certificates.

    Raises:
        BadKeyFile: what is kept cannot be read.
    """
    kept = await store.secret(account_id, _SECRET)
    return Keyring() if kept is None else Keyring.loads(kept.reveal())


async def keep_keyring(store: Store, account_id: int, change: Callable[[Keyring], Keyring]) -> Keyring:
    """
    Change an account's keys and certificates, encrypted as all in the store.

    Raises:
        BadKeyFile: what is kept cannot be read.
    """
    changed = change(await keyring_of(store, account_id))
    await store.put_secret(account_id, _SECRET, Secret(changed.dumps()))
    return changed
