"""
One result of a Search: an item, a person or a document ([MS-ASCMD] Result).
"""

from __future__ import annotations

from typing import Any

import msgspec

from carrierpost import wbxml
from carrierpost.protocol import record
from carrierpost.protocol.classes import ApplicationData, ContentClass, decode_item, encode_item, infer_class
from carrierpost.protocol.classes.documents import Document
from carrierpost.protocol.classes.gal import GALEntry
from carrierpost.protocol.commands.sync_items import content_class_in
from carrierpost.protocol.message import text_in
from carrierpost.protocol.record import Notes
from carrierpost.protocol.version import Version
from carrierpost.wbxml.pages import GAL, AirSync, DocumentLibrary, Search, page_of

__all__ = ["SearchResult", "decode_result", "encode_result"]


class SearchResult(msgspec.Struct, frozen=True, kw_only=True):
    """
    Something that was found.

    Attributes:
        content_class: the class of an item.
        long_id: names an item, for ItemOperations, SmartReply, SmartForward and MeetingResponse.
        collection_id: the folder of an item.
        data: an item's properties.
        person: a person of the address list.
        document: a document or folder of a share.
    """

    content_class: ContentClass | None = None
    long_id: str = ""
    collection_id: str = ""
    data: ApplicationData | None = None
    person: GALEntry | None = None
    document: Document | None = None


def encode_result(one: SearchResult, version: Version) -> list[Any]:
    """
    Write the Result element's children.
    """
    children: list[Any] = []
    if one.content_class is not None:
        children += (AirSync.Class, str(one.content_class))
    if one.long_id:
        children += (Search.LongId, one.long_id)
    if one.collection_id:
        children += (AirSync.CollectionId, one.collection_id)
    properties: list[Any] = [] if one.data is None else encode_item(one.data, version)
    for each in (one.person, one.document):
        properties += [] if each is None else record.encode(each, version)
    return [*children, Search.Properties, properties] if properties else children


def decode_result(value: wbxml.Value, notes: Notes) -> SearchResult:
    """
    Read a Result element.
    """
    properties = wbxml.find(value, Search.Properties, None)
    kind = content_class_in(value, AirSync.Class)
    pages = {page_of(tag) for tag, _ in wbxml.pairs(properties)}
    person, document = page_of(GAL.DisplayName) in pages, page_of(DocumentLibrary.LinkId) in pages
    item = None if person or document else kind or infer_class(properties)
    return SearchResult(
        content_class=kind,
        long_id=text_in(value, Search.LongId, notes),
        collection_id=text_in(value, AirSync.CollectionId, notes),
        data=decode_item(item, properties, notes) if item is not None and properties else None,
        person=record.decode(GALEntry, properties, notes) if person else None,
        document=record.decode(Document, properties, notes) if document else None,
    )
