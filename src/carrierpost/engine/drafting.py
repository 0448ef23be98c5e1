"""
Drafts: kept in the Drafts folder, and sent from there.

From 16.0 on they are items like others, and the server sends them ([MS-ASCMD] 2.2.1.21 Sync). Before, the folder is not
synchronized: drafts stay here, and one is sent as a message of its own, after which it is gone from here.
"""

from __future__ import annotations

import random
from collections.abc import Sequence

from carrierpost.engine.editor import Editor
from carrierpost.engine.errors import EditRefused
from carrierpost.formats.headers import Address, parse_addresses
from carrierpost.formats.message import Draft, File
from carrierpost.formats.message_out import write_message
from carrierpost.model import Collection, FolderType, Item, ItemBody, OutboxEntry
from carrierpost.protocol.classes import AttachmentMethod, BodyType, Email, Importance, NewAttachment
from carrierpost.protocol.clock import Clock
from carrierpost.protocol.version import Version
from carrierpost.store.contract import Store

__all__ = ["attached", "drafts_folder", "message_of", "send_draft"]


async def drafts_folder(store: Store, account_id: int) -> Collection:
    """
    Give an account's Drafts folder.

    Raises:
        EditRefused: it has none yet.
    """
    for one in await store.collections(account_id):
        if one.type is FolderType.DRAFTS:
            return one
    raise EditRefused("the account has no Drafts folder yet; bring it up to date with: carrierpost sync")


def attached(files: Sequence[File], chance: random.Random) -> tuple[NewAttachment, ...]:
    """
    Say of files that they go with a draft.
    """
    return tuple(
        NewAttachment(
            client_id=f"{chance.getrandbits(64):016x}",
            content=one.content,
            content_type=one.content_type,
            display_name=one.name,
            method=AttachmentMethod.FILE,
        )
        for one in files
    )


async def send_draft(store: Store, editor: Editor, item_id: int, *, clock: Clock, chance: random.Random) -> OutboxEntry:
    """
    Send a draft; it goes out as soon as the server can be reached.

    Args:
        store: where it is held.
        editor: the account in the person's hands.
        item_id: the draft.
        clock: the time.
        chance: makes ids.

    Returns:
        What waits in the outbox for it.

    Raises:
        EditRefused: it is no draft, or names nobody to send it to.
        NotHeld: there is no such item.
    """
    item = await store.item(item_id)
    folder = await store.collection(item.collection_id)
    data = item.data
    if not isinstance(data, Email) or folder.type is not FolderType.DRAFTS:
        raise EditRefused("only a draft can be sent")
    if not any(one.address for field in (data.to, data.cc, data.bcc) for one in parse_addresses(field or "")):
        raise EditRefused("the draft names nobody to send it to")
    account = await store.account(item.account_id)
    if (account.version or Version.V14_1) >= Version.V16_0:
        edited = await editor.change(item_id, send=True)
        assert edited.entry is not None
        return edited.entry
    draft = message_of(item, await store.body(item_id), account.address)
    try:
        mime = write_message(draft, date=clock.now(), chance=chance.randbytes(16))
    except ValueError as error:
        raise EditRefused(str(error)) from error
    # First the message: should the process end in between, there is a draft too many and no message too few.
    entry = await editor.send(mime)
    await editor.delete(item_id, permanent=True)
    return entry


def message_of(item: Item, body: ItemBody | None, address: str) -> Draft:
    """
    Write a draft that is held as a message.

    Args:
        item: the draft.
        body: its text.
        address: whose it is.
    """
    data = item.data
    assert isinstance(data, Email)
    text = "" if body is None else body.data if isinstance(body.data, str) else body.data.decode("utf-8", "replace")
    html = text if body is not None and body.type == BodyType.HTML else None
    authors = parse_addresses(data.from_ or "")
    return Draft(
        from_=authors[0] if authors and authors[0].address else Address(address),
        to=parse_addresses(data.to or ""),
        cc=parse_addresses(data.cc or ""),
        bcc=parse_addresses(data.bcc or ""),
        reply_to=parse_addresses((data.reply_to or "").replace(";", ",")),
        subject=data.subject or "",
        text=None if html is not None else text,
        html=html,
        files=tuple(
            File(one.display_name or "attachment", one.content_type or "application/octet-stream", one.content or b"")
            for one in data.new_attachments or ()
        ),
        importance=Importance.NORMAL if data.importance is None else data.importance,
    )
