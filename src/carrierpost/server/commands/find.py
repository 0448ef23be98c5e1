"""
Find as a server does it, in 16.1: mail and people, by pages ([MS-ASCMD] Find).
"""

from __future__ import annotations

import msgspec

from carrierpost.protocol.classes import ContentClass, Email
from carrierpost.protocol.commands.find import FindGAL, FindMail, FindRequest, FindResponse, FindResult, FoundMail
from carrierpost.protocol.commands.looking import SearchStore
from carrierpost.protocol.commands.search import MailboxQuery
from carrierpost.protocol.message import Payload
from carrierpost.protocol.text import split_addresses
from carrierpost.protocol.version import Version
from carrierpost.server.commands.context import Context, Refusal
from carrierpost.server.directory import entry_of, gal_picture, people_like, pictured
from carrierpost.server.mailbox import MailboxFolder, MailboxItem
from carrierpost.server.searching import find_items, folders_of, plain_text

__all__ = ["find"]

_PAGE = 100
_MOST_PREVIEW = 255
_FOLDER_SYNC, _MUST_BEGIN_WITH_0 = 3, 4


async def find(context: Context) -> Payload:
    """
    Look for something, or turn the page.

    Raises:
        Refusal: the version does not have the command (137).
    """
    if context.version < Version.V16_1:
        raise Refusal(137)
    request = context.read(FindRequest.decode)
    first, last = request.range or (0, _PAGE - 1)
    asked = request.search_id, request.criterion
    known = context.device.finding
    if first and (known is None or known[0] != asked):
        return FindResponse(status=_MUST_BEGIN_WITH_0).encode(context.version)
    if isinstance(request.criterion, FindGAL):
        context.device.finding = asked, ()
        return _people(context, request.criterion, first, last).encode(context.version)
    if not first or known is None:
        found = _found(context, request.criterion)
        if found is None:
            return FindResponse(status=_FOLDER_SYNC).encode(context.version)
        known = context.device.finding = asked, found
    return _mail(context, known[1], first, last).encode(context.version)


def _people(context: Context, criterion: FindGAL, first: int, last: int) -> FindResponse:
    found = people_like(context.server.mailboxes.values(), criterion.text)
    page = found[first : last + 1]
    results = tuple(
        FindResult(person=msgspec.structs.replace(entry_of(one), picture=gal_picture(picture)))
        for one, picture in zip(page, pictured(page, criterion.picture), strict=True)
    )
    return _paged(SearchStore.GAL, results, first, len(found))


def _found(context: Context, criterion: FindMail) -> tuple[str, ...] | None:
    ids = (criterion.collection_id,) if criterion.collection_id else ()
    folders = folders_of(context.mailbox, ids, deep=criterion.deep_traversal)
    if folders is None:
        return None
    query = MailboxQuery(content_class=ContentClass.EMAIL, free_text=criterion.free_text)
    return tuple(item.server_id for _, item in find_items(folders, query))


def _mail(context: Context, known: tuple[str, ...], first: int, last: int) -> FindResponse:
    places = [context.mailbox.find(one) for one in known[first : last + 1]]
    results = tuple(_result(*place) for place in places if place is not None)
    return _paged(SearchStore.MAILBOX, results, first, len(known))


def _result(folder: MailboxFolder, item: MailboxItem) -> FindResult:
    data = item.data
    assert isinstance(data, Email)
    mail = FoundMail(
        subject=data.subject,
        date_received=data.date_received,
        display_to=data.display_to or _names(data.to),
        display_cc=_names(data.cc),
        display_bcc=_names(data.bcc),
        importance=data.importance,
        read=data.read,
        is_draft=bool(data.is_draft),
        preview=" ".join(plain_text(data).split())[:_MOST_PREVIEW],
        has_attachments=bool(data.attachments),
        from_=data.from_,
    )
    return FindResult(
        content_class=ContentClass.EMAIL, server_id=item.server_id, collection_id=folder.server_id, mail=mail
    )


def _names(addresses: str | None) -> str | None:
    return "; ".join(name or address for name, address in split_addresses(addresses)) or None


def _paged(store: SearchStore, results: tuple[FindResult, ...], first: int, total: int) -> FindResponse:
    if not results:
        return FindResponse(store=store, total=total)
    return FindResponse(store=store, results=results, range=(first, first + len(results) - 1), total=total)
