"""
What a Search looks for, in each of the three places where it can look ([MS-ASCMD] Query).
"""

from __future__ import annotations

import datetime as dt
from typing import Any, ClassVar

import msgspec

from carrierpost import wbxml
from carrierpost.protocol import datatypes
from carrierpost.protocol.classes import ContentClass
from carrierpost.protocol.commands.looking import SearchStore
from carrierpost.protocol.commands.sync_items import content_class_in
from carrierpost.protocol.errors import LocalProtocolError, MalformedRequest
from carrierpost.protocol.record import Notes
from carrierpost.protocol.version import Version
from carrierpost.wbxml.pages import AirSync, DocumentLibrary, Email, Search

__all__ = ["DocumentQuery", "GALQuery", "MailboxQuery", "Query", "decode_query", "encode_query"]

_COMMAND = "Search"


class MailboxQuery(msgspec.Struct, frozen=True, kw_only=True):
    """
    Items of the mailbox for which all of this is true.

    Attributes:
        store: the mailbox.
        content_class: their class; `None` for any.
        collection_ids: the folders they are in; none for all.
        conversation_id: the conversation they belong to, 16 bytes (14.0 and later).
        free_text: words that are in them.
        received_after: they came later than this.
        received_before: they came earlier than this.
    """

    store: ClassVar[SearchStore] = SearchStore.MAILBOX

    content_class: ContentClass | None = None
    collection_ids: tuple[str, ...] = ()
    conversation_id: bytes = b""
    free_text: str = ""
    received_after: dt.datetime | None = None
    received_before: dt.datetime | None = None


class GALQuery(msgspec.Struct, frozen=True, kw_only=True):
    """
    People of the address list of whose name, address or other words one begins so.

    Attributes:
        store: the address list.
        text: the beginning, up to 256 characters.
    """

    store: ClassVar[SearchStore] = SearchStore.GAL

    text: str


class DocumentQuery(msgspec.Struct, frozen=True, kw_only=True):
    """
    A document of a share, or what a folder there holds.

    Attributes:
        store: document libraries.
        link_id: its address.
    """

    store: ClassVar[SearchStore] = SearchStore.DOCUMENT_LIBRARY

    link_id: str


Query = MailboxQuery | GALQuery | DocumentQuery
"""What is looked for."""


def encode_query(query: Query, version: Version) -> Any:
    """
    Write the value of the Query element.

    Raises:
        LocalProtocolError: before 14.0 a conversation cannot be looked for.
    """
    match query:
        case GALQuery():
            return query.text
        case DocumentQuery():
            return [Search.EqualTo, [DocumentLibrary.LinkId, None, Search.Value, query.link_id]]
        case MailboxQuery():
            return [Search.And, _encode_all(query, version)]


def _encode_all(query: MailboxQuery, version: Version) -> list[Any]:
    if query.conversation_id and version < Version.V14_0:
        raise LocalProtocolError(f"version {version} has no conversations; look for the subject instead")
    children: list[Any] = []
    if query.content_class is not None:
        children += (AirSync.Class, str(query.content_class))
    for folder in query.collection_ids:
        children += (AirSync.CollectionId, folder)
    if query.conversation_id:
        children += (Search.ConversationId, query.conversation_id)
    if query.free_text:
        children += (Search.FreeText, query.free_text)
    for tag, moment in ((Search.GreaterThan, query.received_after), (Search.LessThan, query.received_before)):
        if moment is not None:
            children += (tag, [Email.DateReceived, None, Search.Value, datatypes.format_dotted(moment)])
    return children


def decode_query(store: SearchStore, value: wbxml.Value, notes: Notes) -> Query:
    """
    Read the value of the Query element.

    Raises:
        MalformedRequest: nothing is looked for, a time cannot be read, or the question is one that servers do not
            understand.
    """
    if store is SearchStore.GAL:
        if not isinstance(value, str) or not value.strip():
            raise MalformedRequest(_COMMAND, 2, "it is not said whom to look for")
        return GALQuery(text=value)
    if store is SearchStore.DOCUMENT_LIBRARY:
        link = wbxml.text(wbxml.find(value, Search.EqualTo, None), Search.Value)
        if not link:
            raise MalformedRequest(_COMMAND, 2, "it is not said which document is meant")
        return DocumentQuery(link_id=link)
    if wbxml.find(value, Search.Or) is not wbxml.ABSENT:
        raise MalformedRequest(_COMMAND, 8, "one thing or another cannot be looked for at once")
    query = _decode_all(wbxml.find(value, Search.And, value), notes)
    if query == MailboxQuery():
        raise MalformedRequest(_COMMAND, 2, "it is not said what to look for")
    return query


def _decode_all(value: wbxml.Value, notes: Notes) -> MailboxQuery:
    try:
        conversation = datatypes.parse_opaque(wbxml.find(value, Search.ConversationId, None))
    except ValueError as error:
        raise MalformedRequest(_COMMAND, 2, str(error)) from None
    return MailboxQuery(
        content_class=content_class_in(value, AirSync.Class),
        collection_ids=tuple(
            one for one in wbxml.find_all(value, AirSync.CollectionId) if isinstance(one, str) and one
        ),
        conversation_id=conversation,
        free_text=wbxml.text(value, Search.FreeText),
        received_after=_moment(wbxml.find(value, Search.GreaterThan)),
        received_before=_moment(wbxml.find(value, Search.LessThan)),
    )


def _moment(value: Any) -> dt.datetime | None:
    """
    Read the time of a comparison; without one a search would find what was to be left out, so it is refused.
    """
    if value is wbxml.ABSENT:
        return None
    if wbxml.find(value, Email.DateReceived) is wbxml.ABSENT:
        raise MalformedRequest(_COMMAND, 8, "only the time of receipt can be compared")
    try:
        return datatypes.parse_datetime(wbxml.find(value, Search.Value, None))
    except ValueError as error:
        raise MalformedRequest(_COMMAND, 2, str(error)) from None
