"""
Search: look for mail and other items at the server, for people, for documents ([MS-ASCMD] 2.2.1.16 Search).

The server keeps what a search found; the same question with another range turns the page. From 16.1 on, Find does this
for mail and people (`carrierpost.protocol.commands.find`).
"""

from __future__ import annotations

from typing import Any, ClassVar

import msgspec

from carrierpost import wbxml
from carrierpost.protocol import datatypes, record
from carrierpost.protocol.classes import BodyPreference
from carrierpost.protocol.commands.looking import PictureLimits, SearchStore, decode_pictures, encode_pictures
from carrierpost.protocol.commands.search_query import (
    DocumentQuery,
    GALQuery,
    MailboxQuery,
    Query,
    decode_query,
    encode_query,
)
from carrierpost.protocol.commands.search_result import SearchResult, decode_result, encode_result
from carrierpost.protocol.commands.sync import BodyPartPreference, MIMESupport
from carrierpost.protocol.errors import MalformedRequest
from carrierpost.protocol.message import Payload, Request, body_of, decode_body, number_in, status_in
from carrierpost.protocol.record import Notes
from carrierpost.protocol.secret import Secret
from carrierpost.protocol.version import Version
from carrierpost.wbxml.pages import AirSync, AirSyncBase, RightsManagement, Search

__all__ = [
    "DocumentQuery",
    "GALQuery",
    "MailboxQuery",
    "SearchOptions",
    "SearchRequest",
    "SearchResponse",
    "SearchResult",
    "SearchStore",
]


class SearchOptions(msgspec.Struct, frozen=True, kw_only=True):
    """
    How much is wanted of what is found.

    Attributes:
        range: first and last result wanted, inclusive, from 0 on; some servers insist on it. Mailbox and address list
            give 100 results at once, document libraries 1000.
        user_name: login name at the document's server.
        password: password there.
        deep_traversal: look into the folders below the named ones as well.
        rebuild_results: look again instead of turning a page of what was found before.
        mime_support: whether MIME is wanted.
        body_preferences: wanted formats of bodies.
        body_part_preference: wanted form of conversation parts (14.1 and later).
        rights_management_support: whether rights-managed messages are to be decrypted (14.1 and later).
        picture: pictures of people are wanted (14.1 and later).
    """

    range: tuple[int, int] | None = None
    user_name: str = ""
    password: Secret | None = None
    deep_traversal: bool = False
    rebuild_results: bool = False
    mime_support: MIMESupport | None = None
    body_preferences: tuple[BodyPreference, ...] = ()
    body_part_preference: BodyPartPreference | None = None
    rights_management_support: bool | None = None
    picture: PictureLimits | None = None


class SearchResponse(msgspec.Struct, frozen=True, kw_only=True):
    """
    The answer.

    Attributes:
        status: status of the whole, 1 for success.
        store_status: status of the search itself, 1 for success; see `carrierpost.protocol.status`.
        results: what was found, within the range.
        range: first and last result that are here, inclusive; `None` when nothing was found.
        total: how many there are in all, roughly; `None` when not told.
    """

    status: int = 1
    store_status: int = 1
    results: tuple[SearchResult, ...] = ()
    range: tuple[int, int] | None = None
    total: int | None = None

    def encode(self, version: Version) -> Payload:
        """
        Encode the answer; a search that found nothing has one empty result.
        """
        children: list[Any] = [Search.Status, str(self.status)]
        if self.status == 1:
            store: list[Any] = [Search.Status, str(self.store_status)]
            if self.store_status == 1:
                found = [part for one in self.results for part in (Search.Result, encode_result(one, version))]
                store += found or (Search.Result, None)
                if self.range is not None:
                    store += (Search.Range, datatypes.format_range(self.range))
                if self.total is not None:
                    store += (Search.Total, str(self.total))
            children += (Search.Response, [Search.Store, store])
        return body_of(Search.Search, children)


class SearchRequest(Request[SearchResponse], frozen=True, kw_only=True):
    """
    Look for something.

    Attributes:
        query: what is looked for, which also says where.
        options: how much is wanted.
    """

    name: ClassVar[str] = "Search"

    query: Query
    options: SearchOptions = SearchOptions()

    def encode(self, version: Version) -> Payload:
        """
        Encode the request.

        Raises:
            LocalProtocolError: before 14.0 a conversation cannot be looked for.
        """
        children: list[Any] = [Search.Name, str(self.query.store), Search.Query, encode_query(self.query, version)]
        if options := _encode_options(self.options, version):
            children += (Search.Options, options)
        return body_of(Search.Search, [Search.Store, children])

    @classmethod
    def decode(cls, payload: Payload, version: Version, notes: Notes) -> SearchRequest:
        """
        Decode a request.

        Raises:
            UnreadableAnswer: no Search.
            MalformedRequest: it is not said where or for what to look, or that is more than servers understand.
        """
        value = decode_body(cls.name, payload, Search.Search, notes)
        store = wbxml.find(value, Search.Store, None)
        named = wbxml.text(store, Search.Name)
        if named.lower() not in _STORES:
            raise MalformedRequest(cls.name, 2, "it is not said where to look: Mailbox, GAL or DocumentLibrary")
        query = decode_query(_STORES[named.lower()], wbxml.find(store, Search.Query, None), notes)
        return cls(query=query, options=_decode_options(wbxml.find(store, Search.Options, None), notes))

    def decode_response(self, payload: Payload, version: Version, notes: Notes) -> SearchResponse:
        """
        Decode the answer. Results without anything in them, as for a search that found nothing, are left out.

        Raises:
            UnreadableAnswer: no Search.
        """
        value = decode_body(self.name, payload, Search.Search, notes)
        store = wbxml.find(wbxml.find(value, Search.Response, None), Search.Store, None)
        found = (decode_result(one, notes) for one in wbxml.find_all(store, Search.Result) if one)
        return SearchResponse(
            status=status_in(value, Search.Status, notes),
            store_status=status_in(store, Search.Status, notes),
            results=tuple(one for one in found if one != SearchResult()),
            range=datatypes.parse_range(wbxml.text(store, Search.Range)),
            total=number_in(store, Search.Total, notes),
        )


_STORES = {one.value.lower(): one for one in SearchStore}


def _encode_options(options: SearchOptions, version: Version) -> list[Any]:
    children: list[Any] = []
    if options.range is not None:
        children += (Search.Range, datatypes.format_range(options.range))
    if options.user_name:
        children += (Search.UserName, options.user_name)
    if options.password is not None:
        children += (Search.Password, options.password.reveal())
    if options.deep_traversal:
        children += (Search.DeepTraversal, None)
    if options.rebuild_results:
        children += (Search.RebuildResults, None)
    if options.mime_support is not None:
        children += (AirSync.MIMESupport, str(int(options.mime_support)))
    for preference in options.body_preferences:
        children += (AirSyncBase.BodyPreference, record.encode(preference, version))
    if version >= Version.V14_1:
        if options.body_part_preference is not None:
            children += (AirSyncBase.BodyPartPreference, record.encode(options.body_part_preference, version))
        if options.rights_management_support is not None:
            children += (RightsManagement.RightsManagementSupport, "1" if options.rights_management_support else "0")
        if options.picture is not None:
            children += encode_pictures(Search, options.picture)
    return children


def _decode_options(value: wbxml.Value, notes: Notes) -> SearchOptions:
    password = wbxml.text(value, Search.Password)
    support = wbxml.text(value, AirSync.MIMESupport)
    part = wbxml.find(value, AirSyncBase.BodyPartPreference)
    rights = wbxml.find(value, RightsManagement.RightsManagementSupport)
    return SearchOptions(
        range=datatypes.parse_range(wbxml.text(value, Search.Range)),
        user_name=wbxml.text(value, Search.UserName),
        password=Secret(password) if password else None,
        deep_traversal=wbxml.find(value, Search.DeepTraversal) is not wbxml.ABSENT,
        rebuild_results=wbxml.find(value, Search.RebuildResults) is not wbxml.ABSENT,
        mime_support=MIMESupport(int(support)) if support in ("0", "1", "2") else None,
        body_preferences=tuple(
            record.decode(BodyPreference, one, notes) for one in wbxml.find_all(value, AirSyncBase.BodyPreference)
        ),
        body_part_preference=None if part is wbxml.ABSENT else record.decode(BodyPartPreference, part, notes),
        rights_management_support=None if rights is wbxml.ABSENT else rights != "0",
        picture=decode_pictures(Search, value, notes),
    )
