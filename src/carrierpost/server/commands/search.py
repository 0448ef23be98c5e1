"""
Search as a server does it: items, people, and a polite no to documents ([MS-ASCMD] Search).

What was found is kept for the device, so that the same question with another range turns the page of the same results,
whatever has come in the meantime, until the client asks to look again.
"""

from __future__ import annotations

import msgspec

from carrierpost.protocol.classes import class_of
from carrierpost.protocol.commands.search import (
    DocumentQuery,
    GALQuery,
    MailboxQuery,
    SearchRequest,
    SearchResponse,
    SearchResult,
)
from carrierpost.protocol.errors import MalformedRequest
from carrierpost.protocol.message import Payload
from carrierpost.protocol.version import Version
from carrierpost.server.bodies import with_body
from carrierpost.server.commands.context import Context
from carrierpost.server.directory import entry_of, gal_picture, people_like, pictured
from carrierpost.server.searching import find_items, folders_of

__all__ = ["search"]

_PAGE = 100
_MOST_RESULTS = 1000
_LONGEST_TEXT = 256
_BAD_REQUEST, _TOO_COMPLEX, _FOLDER_SYNC, _END_OF_RANGE, _BLOCKED = 2, 8, 11, 12, 13


async def search(context: Context) -> Payload:
    """
    Look for something.
    """
    try:
        request = context.read(SearchRequest.decode)
    except MalformedRequest as error:  # which is the search's own fault, not that of the command
        return SearchResponse(store_status=error.status).encode(context.version)
    first, last = request.options.range or (0, _PAGE - 1)
    if first > last:
        answer = SearchResponse(store_status=_BAD_REQUEST)
    elif last >= _MOST_RESULTS:
        answer = SearchResponse(store_status=_END_OF_RANGE)
    else:
        answer = _answer(context, request, first, min(last, first + _PAGE - 1))
    return answer.encode(context.version)


def _answer(context: Context, request: SearchRequest, first: int, last: int) -> SearchResponse:
    match request.query:
        case DocumentQuery():  # there is no document library, and nobody is sent to one
            return SearchResponse(store_status=_BLOCKED)
        case GALQuery(text=text):
            if len(text) > _LONGEST_TEXT:
                return SearchResponse(store_status=_TOO_COMPLEX)
            return _people(context, request, text, first, last)
        case MailboxQuery() as query:
            return _items(context, request, query, first, last)


def _people(context: Context, request: SearchRequest, text: str, first: int, last: int) -> SearchResponse:
    found = people_like(context.server.mailboxes.values(), text)
    page = found[first : last + 1]
    limits = request.options.picture if context.version >= Version.V14_1 else None
    pictures = pictured(page, limits)
    results = tuple(
        SearchResult(person=msgspec.structs.replace(entry_of(one), picture=gal_picture(picture)))
        for one, picture in zip(page, pictures, strict=True)
    )
    return _paged(results, first, len(found))


def _items(context: Context, request: SearchRequest, query: MailboxQuery, first: int, last: int) -> SearchResponse:
    mailbox, device, options = context.mailbox, context.device, request.options
    folders = folders_of(mailbox, query.collection_ids, deep=options.deep_traversal)
    if folders is None:
        return SearchResponse(store_status=_FOLDER_SYNC)
    asked = query, options.deep_traversal
    if device.search is None or device.search[0] != asked or options.rebuild_results:
        found = [item.server_id for _, item in find_items(folders, query)]
        device.search = asked, tuple(found[:_MOST_RESULTS])
    known = device.search[1]
    results = []
    for server_id in known[first : last + 1]:
        place = mailbox.find(server_id)
        if place is None:  # it has gone since
            continue
        folder, item = place
        part = options.body_part_preference if context.version >= Version.V14_1 else None
        results.append(
            SearchResult(
                content_class=class_of(item.data),
                long_id=server_id,
                collection_id=folder.server_id,
                data=with_body(item, options.body_preferences, options.mime_support, part),
            )
        )
    return _paged(tuple(results), first, len(known))


def _paged(results: tuple[SearchResult, ...], first: int, total: int) -> SearchResponse:
    if not results:
        return SearchResponse()
    return SearchResponse(results=results, range=(first, first + len(results) - 1), total=total)
