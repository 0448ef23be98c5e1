"""
ItemOperations: fetch whole items, bodies and attachments ([MS-ASCMD] ItemOperations).

Data comes inline as base64 text or, when a multipart answer was asked for and given, as parts of their own; both
look the same to the caller.
"""

from __future__ import annotations

from typing import Any, ClassVar

import msgspec

from carrierpost import wbxml
from carrierpost.protocol import datatypes, record
from carrierpost.protocol.classes import (
    ApplicationData,
    BodyPreference,
    ContentClass,
    decode_item,
    encode_item,
    infer_class,
)
from carrierpost.protocol.commands.sync import MIMESupport
from carrierpost.protocol.errors import MalformedRequest, UnreadableAnswer
from carrierpost.protocol.message import ContentType, Payload, Request, body_of, decode_body
from carrierpost.protocol.multipart import join_parts, split_parts
from carrierpost.protocol.record import Notes
from carrierpost.protocol.version import Version
from carrierpost.wbxml.pages import AirSync, AirSyncBase, ItemOperations, Search

__all__ = ["FetchItem", "FetchedItem", "ItemOperationsRequest", "ItemOperationsResponse"]


class FetchItem(msgspec.Struct, frozen=True, kw_only=True):
    """
    One thing to fetch: an item by folder and id or by long id, or an attachment by its file reference.

    Attributes:
        collection_id: the folder of the item.
        server_id: the item.
        long_id: the item as a search named it.
        file_reference: the attachment.
        content_class: the class of the item, to read the answer well; not sent.
        body_preferences: wanted formats of the body.
        mime_support: whether MIME is wanted.
        range: first and last byte wanted of an attachment, inclusive.
    """

    collection_id: str = ""
    server_id: str = ""
    long_id: str = ""
    file_reference: str = ""
    content_class: ContentClass | None = None
    body_preferences: tuple[BodyPreference, ...] = ()
    mime_support: MIMESupport | None = None
    range: tuple[int, int] | None = None

    def encode(self, version: Version) -> list[Any]:
        """
        Write the Fetch element's children.
        """
        children: list[Any] = [ItemOperations.Store, "Mailbox"]
        if self.file_reference:
            children += (AirSyncBase.FileReference, self.file_reference)
        elif self.long_id:
            children += (Search.LongId, self.long_id)
        else:
            children += (AirSync.CollectionId, self.collection_id, AirSync.ServerId, self.server_id)
        options: list[Any] = []
        if self.range is not None:
            options += (ItemOperations.Range, f"{self.range[0]}-{self.range[1]}")
        if self.mime_support is not None:
            options += (AirSync.MIMESupport, str(int(self.mime_support)))
        for preference in self.body_preferences:
            options += (AirSyncBase.BodyPreference, record.encode(preference, version))
        if options:
            children += (ItemOperations.Options, options)
        return children


class FetchedItem(msgspec.Struct, frozen=True, kw_only=True):
    """
    One thing that was fetched, or refused.

    Attributes:
        status: 1 for success; see `carrierpost.protocol.status`.
        collection_id: the folder of the item.
        server_id: the item.
        long_id: the item as a search named it.
        file_reference: the attachment.
        data: the item's properties, its body's data filled in.
        content: the attachment's bytes, or the part of them in `range`.
        content_type: the attachment's media type.
        range: first and last byte of `content`, where a part was asked for.
        total: bytes of the whole attachment, where told.
    """

    status: int = 1
    collection_id: str = ""
    server_id: str = ""
    long_id: str = ""
    file_reference: str = ""
    data: ApplicationData | None = None
    content: bytes | None = None
    content_type: str = ""
    range: tuple[int, int] | None = None
    total: int | None = None


class ItemOperationsResponse(msgspec.Struct, frozen=True, kw_only=True):
    """
    The answer.

    Attributes:
        status: status of the whole, 1 for success.
        fetched: one for each Fetch.
    """

    status: int = 1
    fetched: tuple[FetchedItem, ...] = ()

    def encode(self, version: Version, *, multipart: bool = False) -> Payload:
        """
        Encode the answer, attachments in parts of their own where `multipart` says so.
        """
        parts: list[bytes] = []
        listed: list[Any] = []
        for one in self.fetched:
            listed += (ItemOperations.Fetch, _encode_fetched(one, version, parts if multipart else None))
        children: list[Any] = [ItemOperations.Status, str(self.status)]
        if listed:
            children += (ItemOperations.Response, listed)
        payload = body_of(ItemOperations.ItemOperations, children)
        if not multipart:
            return payload
        return Payload(body=join_parts([payload.body, *parts]), content_type=ContentType.MULTIPART)


def _encode_fetched(one: FetchedItem, version: Version, parts: list[bytes] | None) -> list[Any]:
    children: list[Any] = [ItemOperations.Status, str(one.status)]
    if one.collection_id:
        children += (AirSync.CollectionId, one.collection_id, AirSync.ServerId, one.server_id)
    if one.long_id:
        children += (Search.LongId, one.long_id)
    if one.file_reference:
        children += (AirSyncBase.FileReference, one.file_reference)
    if one.status != 1:
        return children
    properties: list[Any] = [] if one.data is None else encode_item(one.data, version)
    if one.content is not None:
        if one.range is not None:
            properties += (ItemOperations.Range, f"{one.range[0]}-{one.range[1]}")
        if one.total is not None and one.range is not None:
            properties += (ItemOperations.Total, str(one.total))
        if one.content_type:
            properties += (AirSyncBase.ContentType, one.content_type)
        if parts is None:
            properties += (ItemOperations.Data, datatypes.format_base64(one.content))
        else:
            parts.append(one.content)
            properties += (ItemOperations.Part, str(len(parts)))
    return [*children, ItemOperations.Properties, properties]


class ItemOperationsRequest(Request[ItemOperationsResponse], frozen=True, kw_only=True):
    """
    Fetch items and attachments.

    Attributes:
        fetches: what to fetch, at most 100; some servers want all of them in one folder.
        multipart: ask for attachments as they are instead of as base64 text.
    """

    name: ClassVar[str] = "ItemOperations"

    fetches: tuple[FetchItem, ...]
    multipart: bool = False

    def encode(self, version: Version) -> Payload:
        """
        Encode the request.
        """
        listed = [part for one in self.fetches for part in (ItemOperations.Fetch, one.encode(version))]
        payload = body_of(ItemOperations.ItemOperations, listed)
        return msgspec.structs.replace(payload, accept_multipart=self.multipart)

    @classmethod
    def decode(cls, payload: Payload, version: Version, notes: Notes) -> ItemOperationsRequest:
        """
        Decode a request.

        Raises:
            UnreadableAnswer: no ItemOperations.
            MalformedRequest: there is nothing to fetch, or it is not said what.
        """
        value = decode_body(cls.name, payload, ItemOperations.ItemOperations, notes)
        fetches = []
        for one in wbxml.find_all(value, ItemOperations.Fetch):
            options = wbxml.find(one, ItemOperations.Options, None)
            support = wbxml.text(options, AirSync.MIMESupport)
            wanted = wbxml.find_all(options, AirSyncBase.BodyPreference)
            fetches.append(
                FetchItem(
                    collection_id=wbxml.text(one, AirSync.CollectionId),
                    server_id=wbxml.text(one, AirSync.ServerId),
                    long_id=wbxml.text(one, Search.LongId),
                    file_reference=wbxml.text(one, AirSyncBase.FileReference),
                    body_preferences=tuple(record.decode(BodyPreference, each, notes) for each in wanted),
                    mime_support=MIMESupport(int(support)) if support in ("0", "1", "2") else None,
                    range=_range(wbxml.text(options, ItemOperations.Range)),
                )
            )
        if not fetches:
            raise MalformedRequest(cls.name, 2, "there is nothing to fetch")
        return cls(fetches=tuple(fetches), multipart=payload.accept_multipart)

    def decode_response(self, payload: Payload, version: Version, notes: Notes) -> ItemOperationsResponse:
        """
        Decode an inline or multipart answer.

        Raises:
            UnreadableAnswer: no ItemOperations, or broken parts.
        """
        parts: list[bytes] = []
        if payload.content_type == ContentType.MULTIPART:
            try:
                first, *parts = split_parts(payload.body)
            except ValueError as error:
                raise UnreadableAnswer(self.name, str(error)) from error
            payload = Payload(body=first)
        if not payload.body:
            return ItemOperationsResponse()
        value = decode_body(self.name, payload, ItemOperations.ItemOperations, notes)
        answers = wbxml.find_all(wbxml.find(value, ItemOperations.Response, None), ItemOperations.Fetch)
        classes = {(one.collection_id, one.server_id): one.content_class for one in self.fetches}
        return ItemOperationsResponse(
            status=int(wbxml.text(value, ItemOperations.Status, "1")),
            fetched=tuple(_decode_fetched(one, parts, classes, notes) for one in answers),
        )


def _decode_fetched(
    value: wbxml.Value, parts: list[bytes], classes: dict[tuple[str, str], ContentClass | None], notes: Notes
) -> FetchedItem:
    folder, item = wbxml.text(value, AirSync.CollectionId), wbxml.text(value, AirSync.ServerId)
    properties = wbxml.find(value, ItemOperations.Properties, None)
    kind = classes.get((folder, item)) or infer_class(properties)
    data = decode_item(kind, properties, notes) if kind is not None and properties else None
    body = data.body if data is not None else None
    if data is not None and body is not None and body.part is not None:
        content = _part(parts, body.part).decode("utf-8", "replace")
        data = msgspec.structs.replace(data, body=msgspec.structs.replace(body, data=content, part=None))
    content_text = wbxml.find(properties, ItemOperations.Data, None)
    part = wbxml.text(properties, ItemOperations.Part)
    content_bytes: bytes | None = None
    if part:
        content_bytes = _part(parts, int(part))
    elif content_text is not None:
        content_bytes = datatypes.parse_base64(content_text)
    total = wbxml.text(properties, ItemOperations.Total)
    return FetchedItem(
        status=int(wbxml.text(value, ItemOperations.Status, "1")),
        collection_id=folder,
        server_id=item,
        long_id=wbxml.text(value, Search.LongId),
        file_reference=wbxml.text(value, AirSyncBase.FileReference),
        data=data,
        content=content_bytes,
        content_type=wbxml.text(properties, AirSyncBase.ContentType),
        range=_range(wbxml.text(properties, ItemOperations.Range)),
        total=int(total) if total.strip().isdigit() else None,
    )


def _part(parts: list[bytes], number: int) -> bytes:
    if not 1 <= number <= len(parts):
        raise UnreadableAnswer("ItemOperations", f"part {number} is missing")
    return parts[number - 1]


def _range(text: str) -> tuple[int, int] | None:
    first, dash, last = text.partition("-")
    return (int(first), int(last)) if dash and first.isdigit() and last.isdigit() else None
