"""
Mail: lists page by page, one message with its safe text, search, and what a person does to messages.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
from typing import Annotated, Literal

import msgspec

from carrierpost.formats.html import clean_html
from carrierpost.model import Collection, FolderType, Item, OutboxEntry
from carrierpost.protocol.classes import ContentClass, Email
from carrierpost.protocol.text import html_to_text
from carrierpost.store import NotHeld
from carrierpost.web.api.folders import folder_of
from carrierpost.web.once import once
from carrierpost.web.opened import opened_mail
from carrierpost.web.operations import Call, Operations
from carrierpost.web.problems import Problem
from carrierpost.web.views import AttachmentView, InvitationView, MailLine, PersonView, invitation_view, mail_line
from carrierpost.web.views.mail import attachment_views, people
from carrierpost.web.views.security import SecurityView, security_view

__all__ = ["OutboxRow", "mail_of", "operations", "outbox_row"]

operations = Operations()

_PAGE = 50


class PageQuery(msgspec.Struct, frozen=True, kw_only=True):
    """
    Which page.

    Attributes:
        cursor: where the page before ended, as it was given there.
        limit: how many at most.
        unread: only unread messages.
        threads: show conversations, each by its newest message; not together with `unread`.
    """

    cursor: Annotated[str, msgspec.Meta(max_length=40)] | None = None
    limit: Annotated[int, msgspec.Meta(ge=1, le=200)] = _PAGE
    unread: bool = False
    threads: bool = False


class MailPage(msgspec.Struct, frozen=True, kw_only=True):
    """
    A page of messages.

    Attributes:
        items: the messages, the newest first.
        next: the cursor of the next page, or `None` at the end.
    """

    items: tuple[MailLine, ...]
    next: str | None


class SearchQuery(msgspec.Struct, frozen=True, kw_only=True):
    """
    What is looked for.

    Attributes:
        text: words, all of them; the last may be a beginning; `"..."` is a phrase.
        limit: how many at most.
    """

    text: Annotated[str, msgspec.Meta(min_length=1, max_length=500)]
    limit: Annotated[int, msgspec.Meta(ge=1, le=200)] = _PAGE


class Hit(msgspec.Struct, frozen=True, kw_only=True):
    """
    A message that was found, and the text around what was looked for, in brackets.
    """

    mail: MailLine
    snippet: str


class MailView(msgspec.Struct, frozen=True, kw_only=True):
    """
    A message.

    Attributes:
        line: what a list shows of it.
        to: recipients.
        cc: recipients of copies.
        bcc: hidden recipients, where they are known.
        reply_to: where answers go, if elsewhere.
        text: its text, plain; links are followed by where they lead.
        html: the same, safe to be shown in a sandboxed frame; empty when it has none.
        complete: whether that is all of its text.
        blocked_pictures: how many pictures were held back that the mail only links to.
        misleading: hosts that a link's text names, and where it leads to, where these differ.
        files: what is attached.
        security: how it is protected, or `None` when it is not.
        invitation: the meeting that it is about.
    """

    line: MailLine
    to: tuple[PersonView, ...]
    cc: tuple[PersonView, ...]
    bcc: tuple[PersonView, ...]
    reply_to: tuple[PersonView, ...]
    text: str
    html: str
    complete: bool
    blocked_pictures: int
    misleading: tuple[tuple[str, str], ...]
    files: tuple[AttachmentView, ...]
    security: SecurityView | None
    invitation: InvitationView | None


class MailChanges(msgspec.Struct, frozen=True, kw_only=True):
    """
    What a person does to messages; what is left out stays.

    Attributes:
        items: which messages.
        read: whether they are read.
        flagged: whether they have a follow-up flag.
        folder: where they are moved to.
        deleted: they go to the deleted ones, or for good from there.
    """

    items: Annotated[
        tuple[Annotated[int, msgspec.Meta(ge=1, le=2**53 - 1)], ...], msgspec.Meta(min_length=1, max_length=500)
    ]
    read: bool | None = None
    flagged: bool | None = None
    folder: Annotated[int, msgspec.Meta(ge=1, le=2**53 - 1)] | None = None
    deleted: Literal[True] | None = None


class Changed(msgspec.Struct, frozen=True, kw_only=True):
    """
    What came of it.

    Attributes:
        items: the messages that were changed.
        undo: what takes it back, to be sent the same way; `None` where nothing can.
    """

    items: tuple[int, ...]
    undo: tuple[MailChanges, ...] | None


class MessageDraft(msgspec.Struct, frozen=True, kw_only=True):
    """
    A message that is ready to go.

    Attributes:
        mime: the whole message with its recipients, base64.
        save_in_sent: whether the server keeps a copy among the sent ones.
    """

    mime: Annotated[str, msgspec.Meta(min_length=1, max_length=40_000_000)]
    save_in_sent: bool = True


class OutboxRow(msgspec.Struct, frozen=True, kw_only=True):
    """
    Something that the server has still to be told.

    Attributes:
        id: the hub's number for it.
        kind: what it is.
        state: how far it is.
        reason: why it is not done, for a person; empty for nothing.
        attempts: how often it was tried.
        item: the item that it is about.
    """

    id: int
    kind: str
    state: str
    reason: str
    attempts: int
    item: int | None


class AsideRow(msgspec.Struct, frozen=True, kw_only=True):
    """
    An item that could not be taken over, and why.
    """

    folder: int
    reason: str
    attempts: int


@operations("GET", "/accounts/{account_id}/folders/{folder_id}/mail")
async def list_mail(call: Call, account_id: int, folder_id: int, query: PageQuery) -> MailPage:
    """
    List a folder's messages, the newest first, page by page.
    """
    folder = await folder_of(call, account_id, folder_id)
    after = await _after(call, account_id, query.cursor)
    store, found = call.office.hub.store, list[tuple[Item, int]]()
    if query.threads and not query.unread:
        threads = await store.threads(account_id, collection_id=folder.id, limit=query.limit + 1, after=after)
        found += [(one.newest, one.count) for one in threads]
    else:
        items = await store.items(
            account_id,
            collection_id=folder.id,
            content_class=ContentClass.EMAIL,
            unread=query.unread,
            limit=query.limit + 1,
            after=after,
        )
        found += [(one, 1) for one in items]
    shown, waiting = found[: query.limit], await _waiting(call, account_id)
    return MailPage(
        items=tuple([await _line(call, one, folder, count=count, waiting=waiting) for one, count in shown]),
        next=str(shown[-1][0].id) if len(found) > query.limit else None,
    )


@operations("GET", "/accounts/{account_id}/mail/{item_id}")
async def see_mail(call: Call, account_id: int, item_id: int) -> MailView:
    """
    Show a message. Its text was cleaned; pictures from the network are held back.
    """
    item = await mail_of(call, account_id, item_id)
    mail, opened = item.data, await opened_mail(call, item)
    assert isinstance(mail, Email)
    clean = clean_html(opened.html or "")
    return MailView(
        line=await _line(call, item, await call.office.hub.store.collection(item.collection_id)),
        to=people(mail.to),
        cc=people(mail.cc),
        bcc=people(mail.bcc),
        reply_to=people((mail.reply_to or "").replace(";", ",")),
        text=opened.text if opened.text is not None else html_to_text(opened.html or "", links=True),
        html=clean.html,
        complete=opened.complete and not clean.cut,
        blocked_pictures=clean.blocked_pictures,
        misleading=tuple((one.shown, one.leads_to) for one in clean.misleading),
        files=attachment_views(mail.attachments),
        security=security_view(mail, opened.letter),
        invitation=invitation_view(mail),
    )


@operations("GET", "/accounts/{account_id}/mail/{item_id}/conversation")
async def see_conversation(call: Call, account_id: int, item_id: int) -> tuple[MailLine, ...]:
    """
    List the messages of a conversation from all folders, the oldest first.
    """
    item = await mail_of(call, account_id, item_id)
    folders = {one.id: one for one in await call.office.hub.store.collections(account_id)}
    thread = await call.office.hub.store.thread(item.id)
    return tuple([await _line(call, one, folders[one.collection_id]) for one in thread])


@operations("GET", "/accounts/{account_id}/search")
async def search_mail(call: Call, account_id: int, query: SearchQuery) -> tuple[Hit, ...]:
    """
    Find messages by words.
    """
    account, store = call.account(account_id), call.office.hub.store
    folders = {one.id: one for one in await store.collections(account.id)}
    return tuple(
        [
            Hit(mail=await _line(call, one.item, folders[one.item.collection_id]), snippet=one.snippet)
            for one in await store.search(account.id, query.text, limit=query.limit)
            if isinstance(one.item.data, Email)
        ]
    )


@operations("POST", "/accounts/{account_id}/mail/changes", problems=(409,))
async def change_mail(call: Call, account_id: int, body: MailChanges) -> Changed:
    """
    Mark messages read or unread, flag, move or delete them; the server is told as soon as it can be reached.
    """
    items = [await mail_of(call, account_id, one) for one in dict.fromkeys(body.items)]
    trash = await _trash(call, account_id)
    if body.folder is not None:
        await folder_of(call, account_id, body.folder)
    editor = call.office.editor(account_id)
    for item in items:
        if body.read is not None:
            await editor.mark_read(item.id, body.read)
        if body.flagged is not None:
            await (editor.flag(item.id) if body.flagged else editor.flag(item.id, None))
        if body.deleted:
            await editor.delete(item.id)
        elif body.folder is not None:
            await editor.move(item.id, body.folder)
    for_good = body.deleted and (trash is None or any(one.collection_id == trash.id for one in items))
    return Changed(items=tuple(one.id for one in items), undo=None if for_good else _undo(items, body))


@operations("POST", "/accounts/{account_id}/messages", status=202, problems=(409,), largest_body=45_000_000)
async def send_message(call: Call, account_id: int, body: MessageDraft) -> OutboxRow:
    """
    Send a message; it goes out as soon as the server can be reached.

    With `Idempotency-Key` a request that is repeated sends nothing twice: it gets the first one's answer.
    """
    account = call.account(account_id)
    try:
        mime = base64.b64decode(body.mime, validate=True)
    except (binascii.Error, ValueError):
        raise Problem(422, "bad-message", "mime is the whole message in base64") from None

    async def send() -> OutboxRow:
        return outbox_row(await call.office.editor(account.id).send(mime, save_in_sent=body.save_in_sent))

    return await once(call, account.id, hashlib.sha256(mime).hexdigest(), OutboxRow, send)


@operations("GET", "/accounts/{account_id}/outbox")
async def list_outbox(call: Call, account_id: int) -> tuple[OutboxRow, ...]:
    """
    List what the server has still to be told.
    """
    return tuple(outbox_row(one) for one in await call.office.hub.store.outbox(call.account(account_id).id))


@operations("POST", "/accounts/{account_id}/outbox/{entry_id}/retry", status=204, problems=(409,))
async def retry_entry(call: Call, account_id: int, entry_id: int) -> None:
    """
    Try once more what was refused.
    """
    await _entry(call, account_id, entry_id)
    await call.office.editor(account_id).retry(entry_id)


@operations("DELETE", "/accounts/{account_id}/outbox/{entry_id}", status=204, problems=(409,))
async def drop_entry(call: Call, account_id: int, entry_id: int) -> None:
    """
    Give up what was to be done.
    """
    await _entry(call, account_id, entry_id)
    await call.office.editor(account_id).drop(entry_id)


@operations("GET", "/accounts/{account_id}/set-aside")
async def list_set_aside(call: Call, account_id: int) -> tuple[AsideRow, ...]:
    """
    List the items that could not be taken over, and why.
    """
    held = await call.office.hub.store.set_aside(call.account(account_id).id)
    return tuple(AsideRow(folder=one.collection_id, reason=one.reason, attempts=one.attempts) for one in held)


async def mail_of(call: Call, account_id: int, item_id: int) -> Item:
    """
    Give a message of who asks; its data is an `Email`.

    Raises:
        Problem: there is none, or it is somebody else's: no difference is told.
    """
    account = call.account(account_id)
    try:
        item = await call.office.hub.store.item(item_id)
    except NotHeld:
        item = None
    if item is None or item.account_id != account.id or not isinstance(item.data, Email):
        raise Problem(404, "not-found", f"{account.address} has no message {item_id}; it may have been deleted")
    return item


async def _after(call: Call, account_id: int, cursor: str | None) -> Item | None:
    if cursor is None:
        return None
    if not (cursor.isascii() and cursor.isdigit() and 0 < int(cursor[:17]) < 2**53):
        raise Problem(400, "bad-cursor", "a cursor is what the page before gave as next")
    try:
        return await mail_of(call, account_id, int(cursor))
    except Problem:
        raise Problem(409, "cursor-gone", "the last message of that page is gone; load the list anew") from None


async def _trash(call: Call, account_id: int) -> Collection | None:
    collections = await call.office.hub.store.collections(account_id)
    return next((one for one in collections if one.type is FolderType.DELETED_ITEMS), None)


async def _entry(call: Call, account_id: int, entry_id: int) -> None:
    account = call.account(account_id)
    if entry_id not in {one.id for one in await call.office.hub.store.outbox(account.id)}:
        raise Problem(404, "not-found", f"there is no entry {entry_id} in the outbox of {account.address}")


async def _line(
    call: Call, item: Item, folder: Collection, *, count: int = 1, waiting: frozenset[int] = frozenset()
) -> MailLine:
    body = await call.office.hub.store.body(item.id)
    return mail_line(item, body, draft=folder.type is FolderType.DRAFTS, count=count, waiting=item.id in waiting)


async def _waiting(call: Call, account_id: int) -> frozenset[int]:
    """
    Give the items of which the server has still to be told something.
    """
    return frozenset(one.item_id for one in await call.office.hub.store.outbox(account_id) if one.item_id is not None)


def _undo(items: list[Item], body: MailChanges) -> tuple[MailChanges, ...]:
    """
    Give what takes changes back: for each message what it was before.
    """
    found = []
    for item in items:
        mail = item.data
        assert isinstance(mail, Email)
        found.append(
            MailChanges(
                items=(item.id,),
                read=bool(mail.read) if body.read is not None else None,
                flagged=mail.flag is not None if body.flagged is not None else None,
                folder=item.collection_id if body.folder is not None or body.deleted else None,
            )
        )
    return tuple(found)


def outbox_row(entry: OutboxEntry) -> OutboxRow:
    """
    Show an entry of the outbox.
    """
    return OutboxRow(
        id=entry.id,
        kind=str(entry.kind),
        state=str(entry.state),
        reason=entry.reason,
        attempts=entry.attempts,
        item=entry.item_id,
    )
