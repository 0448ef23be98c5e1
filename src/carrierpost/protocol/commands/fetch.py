"""
Fetch, the part of ItemOperations that brings items, attachments and documents ([MS-ASCMD] Fetch).

Data comes inline as base64 text or, when a multipart answer was asked for and given, as parts of their own; both
look the same to the caller.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Any

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
from carrierpost.protocol.classes.documents import Document
from carrierpost.protocol.commands.sync import BodyPartPreference, MIMESupport
from carrierpost.protocol.commands.sync_items import content_class_in
from carrierpost.protocol.message import number_in, status_in, text_in
from carrierpost.protocol.record import Notes
from carrierpost.protocol.secret import Secret
from carrierpost.protocol.version import Version
from carrierpost.wbxml.pages import (
    AirSync,
    AirSyncBase,
    DocumentLibrary,
    ItemOperations,
    RightsManagement,
    Search,
    page_of,
)

__all__ = ["FetchItem", "FetchedItem", "decode_fetch", "decode_fetched", "encode_fetch", "encode_fetched"]

_MAILBOX, _DOCUMENTS = "Mailbox", "DocumentLibrary"


class FetchItem(msgspec.Struct, frozen=True, kw_only=True):
    """
    One thing to fetch: an item by folder and id or by long id, an attachment by its file reference, or a document.

    Attributes:
        collection_id: the folder of the item.
        server_id: the item.
        long_id: the item as a search named it.
        file_reference: the attachment.
        link_id: the document's address.
        content_class: the class of the item, to read the answer well; not sent.
        remove_rights_management_protection: take the protection off a message (14.1 and later).
        schema: tags of the only elements that are wanted, `None` for all.
        range: first and last byte wanted of an attachment or a document, inclusive.
        user_name: login name at the document's server.
        password: password there.
        mime_support: whether MIME is wanted.
        body_preferences: wanted formats of the body.
        body_part_preference: wanted form of the conversation part (14.1 and later).
        rights_management_support: whether a rights-managed message is to be decrypted (14.1 and later).
    """

    collection_id: str = ""
    server_id: str = ""
    long_id: str = ""
    file_reference: str = ""
    link_id: str = ""
    content_class: ContentClass | None = None
    remove_rights_management_protection: bool = False
    schema: tuple[int, ...] | None = None
    range: tuple[int, int] | None = None
    user_name: str = ""
    password: Secret | None = None
    mime_support: MIMESupport | None = None
    body_preferences: tuple[BodyPreference, ...] = ()
    body_part_preference: BodyPartPreference | None = None
    rights_management_support: bool | None = None


class FetchedItem(msgspec.Struct, frozen=True, kw_only=True):
    """
    One thing that was fetched, or refused.

    Attributes:
        status: 1 for success; see `carrierpost.protocol.status`.
        collection_id: the folder of the item.
        server_id: the item.
        long_id: the item as a search named it.
        file_reference: the attachment.
        link_id: the document's address.
        data: the item's properties, its body's data filled in.
        document: the document's properties.
        content: the bytes of the attachment or document, or the part of them in `range`; `None`, and noted, when they
            cannot be read.
        content_type: their media type.
        range: first and last byte of `content`, where a part was asked for.
        total: bytes of the whole, where told.
        version: when the document was last changed.
    """

    status: int = 1
    collection_id: str = ""
    server_id: str = ""
    long_id: str = ""
    file_reference: str = ""
    link_id: str = ""
    data: ApplicationData | None = None
    document: Document | None = None
    content: bytes | None = None
    content_type: str = ""
    range: tuple[int, int] | None = None
    total: int | None = None
    version: dt.datetime | None = None


def encode_fetch(wanted: FetchItem, version: Version) -> list[Any]:
    """
    Write the Fetch element's children of a request.
    """
    children: list[Any] = [ItemOperations.Store, _DOCUMENTS if wanted.link_id else _MAILBOX]
    children += _ids(wanted)
    if wanted.remove_rights_management_protection and version >= Version.V14_1:
        children += (RightsManagement.RemoveRightsManagementProtection, None)
    if options := _options(wanted, version):
        children += (ItemOperations.Options, options)
    return children


def _ids(one: FetchItem | FetchedItem) -> list[Any]:
    if one.link_id:
        return [DocumentLibrary.LinkId, one.link_id]
    if one.file_reference:
        return [AirSyncBase.FileReference, one.file_reference]
    if one.long_id:
        return [Search.LongId, one.long_id]
    pairs = ((AirSync.CollectionId, one.collection_id), (AirSync.ServerId, one.server_id))
    return [part for pair in pairs if pair[1] for part in pair]


def _options(wanted: FetchItem, version: Version) -> list[Any]:
    options: list[Any] = []
    if wanted.schema is not None:
        options += (ItemOperations.Schema, [part for tag in wanted.schema for part in (tag, None)])
    if wanted.range is not None:
        options += (ItemOperations.Range, datatypes.format_range(wanted.range))
    if wanted.user_name:
        options += (ItemOperations.UserName, wanted.user_name)
    if wanted.password is not None:
        options += (ItemOperations.Password, wanted.password.reveal())
    if wanted.mime_support is not None:
        options += (AirSync.MIMESupport, str(int(wanted.mime_support)))
    for preference in wanted.body_preferences:
        options += (AirSyncBase.BodyPreference, record.encode(preference, version))
    if version >= Version.V14_1:
        if wanted.body_part_preference is not None:
            options += (AirSyncBase.BodyPartPreference, record.encode(wanted.body_part_preference, version))
        if wanted.rights_management_support is not None:
            options += (RightsManagement.RightsManagementSupport, "1" if wanted.rights_management_support else "0")
    return options


def decode_fetch(value: wbxml.Value, notes: Notes) -> FetchItem:
    """
    Read a Fetch element of a request.
    """
    options = wbxml.find(value, ItemOperations.Options, None)
    support = wbxml.text(options, AirSync.MIMESupport)
    schema = wbxml.find(options, ItemOperations.Schema)
    password = wbxml.text(options, ItemOperations.Password)
    part = wbxml.find(options, AirSyncBase.BodyPartPreference)
    rights = wbxml.find(options, RightsManagement.RightsManagementSupport)
    protection = wbxml.find(value, RightsManagement.RemoveRightsManagementProtection)
    return FetchItem(
        collection_id=text_in(value, AirSync.CollectionId, notes),
        server_id=text_in(value, AirSync.ServerId, notes),
        long_id=text_in(value, Search.LongId, notes),
        file_reference=text_in(value, AirSyncBase.FileReference, notes),
        link_id=text_in(value, DocumentLibrary.LinkId, notes),
        remove_rights_management_protection=protection is not wbxml.ABSENT,
        schema=None if schema is wbxml.ABSENT else tuple(tag for tag, _ in wbxml.pairs(schema)),
        range=datatypes.parse_range(wbxml.text(options, ItemOperations.Range)),
        user_name=text_in(options, ItemOperations.UserName, notes),
        password=Secret(password) if password else None,
        mime_support=MIMESupport(int(support)) if support in ("0", "1", "2") else None,
        body_preferences=tuple(
            record.decode(BodyPreference, each, notes) for each in wbxml.find_all(options, AirSyncBase.BodyPreference)
        ),
        body_part_preference=None if part is wbxml.ABSENT else record.decode(BodyPartPreference, part, notes),
        rights_management_support=None if rights is wbxml.ABSENT else rights != "0",
    )


def encode_fetched(one: FetchedItem, version: Version, parts: list[bytes] | None) -> list[Any]:
    """
    Write the Fetch element's children of an answer.

    Args:
        one: what was fetched.
        version: the version to write it in.
        parts: receives the bytes of attachments, documents and bodies, which then are named by number; `None` to write
            them inline.
    """
    children: list[Any] = [ItemOperations.Status, str(one.status), *_ids(one)]
    if one.status != 1:
        return children
    data = one.data if one.data is None or parts is None else _body_apart(one.data, parts)
    properties: list[Any] = [] if data is None else encode_item(data, version)
    if one.document is not None:
        properties += record.encode(one.document, version)
    if one.content is not None:
        if one.range is not None:
            properties += (ItemOperations.Range, datatypes.format_range(one.range))
            if one.total is not None:
                properties += (ItemOperations.Total, str(one.total))
        if one.content_type:
            properties += (AirSyncBase.ContentType, one.content_type)
        if one.version is not None:
            properties += (ItemOperations.Version, datatypes.format_dotted(one.version))
        if parts is None:
            properties += (ItemOperations.Data, datatypes.format_base64(one.content))
        else:
            parts.append(one.content)
            properties += (ItemOperations.Part, str(len(parts)))
    return [*children, ItemOperations.Properties, properties]


def _body_apart(data: ApplicationData, parts: list[bytes]) -> ApplicationData:
    """
    Put a body's bytes into a part of their own ([MS-ASAIRS] Part).
    """
    body = data.body
    if body is None or (body.data is None and body.opaque is None):
        return data
    parts.append((body.data or "").encode() if body.opaque is None else body.opaque)
    return msgspec.structs.replace(data, body=msgspec.structs.replace(body, data=None, opaque=None, part=len(parts)))


def decode_fetched(
    value: wbxml.Value, parts: Sequence[bytes], classes: Mapping[tuple[str, str], ContentClass | None], notes: Notes
) -> FetchedItem:
    """
    Read a Fetch element of an answer.

    Args:
        value: its value.
        parts: the parts of a multipart answer after the first.
        classes: the classes of the items that were asked for, by folder and id.
        notes: receives what could not be read.
    """
    folder, item = text_in(value, AirSync.CollectionId, notes), text_in(value, AirSync.ServerId, notes)
    properties = wbxml.find(value, ItemOperations.Properties, None)
    kind = classes.get((folder, item)) or content_class_in(value, AirSync.Class) or infer_class(properties)
    data = decode_item(kind, properties, notes) if kind is not None and properties else None
    is_document = any(page_of(tag) == page_of(DocumentLibrary.LinkId) for tag, _ in wbxml.pairs(properties))
    return FetchedItem(
        status=status_in(value, ItemOperations.Status, notes),
        collection_id=folder,
        server_id=item,
        long_id=text_in(value, Search.LongId, notes),
        file_reference=text_in(value, AirSyncBase.FileReference, notes),
        link_id=text_in(value, DocumentLibrary.LinkId, notes),
        data=_with_part(data, parts, notes) if data is not None else None,
        document=record.decode(Document, properties, notes) if is_document else None,
        content=_content(properties, parts, notes),
        content_type=text_in(properties, AirSyncBase.ContentType, notes),
        range=datatypes.parse_range(wbxml.text(properties, ItemOperations.Range)),
        total=number_in(properties, ItemOperations.Total, notes),
        version=_version(properties, notes),
    )


def _with_part(data: ApplicationData, parts: Sequence[bytes], notes: Notes) -> ApplicationData:
    """
    Put the part that a body names into its place.
    """
    body = data.body
    if body is None or body.part is None:
        return data
    raw = _part(parts, body.part, notes)
    if raw is None:
        return data
    return msgspec.structs.replace(
        data, body=msgspec.structs.replace(body, data=raw.decode("utf-8", "replace"), part=None)
    )


def _content(properties: wbxml.Value, parts: Sequence[bytes], notes: Notes) -> bytes | None:
    number = number_in(properties, ItemOperations.Part, notes)
    if number is not None:
        return _part(parts, number, notes)
    inline = wbxml.find(properties, ItemOperations.Data)
    if inline is wbxml.ABSENT:
        return None
    try:
        return datatypes.parse_base64(inline)
    except ValueError as error:
        notes.add(ItemOperations.Data, str(error))
        return None


def _part(parts: Sequence[bytes], number: int, notes: Notes) -> bytes | None:
    if not 1 <= number <= len(parts):
        notes.add(ItemOperations.Part, f"part {number} is missing")
        return None
    return parts[number - 1]


def _version(properties: wbxml.Value, notes: Notes) -> dt.datetime | None:
    text = wbxml.text(properties, ItemOperations.Version)
    try:
        return datatypes.parse_datetime(text) if text else None
    except ValueError as error:
        notes.add(ItemOperations.Version, str(error))
        return None
