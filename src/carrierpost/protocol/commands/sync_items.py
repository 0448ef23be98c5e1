"""
What a Sync says about single items: commands of either side and answers to them ([MS-ASCMD] Sync, Commands, Responses).
"""

from __future__ import annotations

import datetime as dt
import enum
from typing import Any

import msgspec

from carrierpost import wbxml
from carrierpost.protocol import datatypes
from carrierpost.protocol.classes import ApplicationData, ContentClass, decode_item, encode_item, infer_class
from carrierpost.protocol.message import status_in, text_in
from carrierpost.protocol.record import Note, Notes
from carrierpost.protocol.version import Version
from carrierpost.wbxml.pages import AirSync, AirSyncBase, Email2

__all__ = [
    "Add",
    "Change",
    "Delete",
    "Fetch",
    "ItemCommand",
    "ItemResponse",
    "ResponseKind",
    "SoftDelete",
    "content_class_in",
    "decode_commands",
    "decode_responses",
    "encode_commands",
    "encode_responses",
]


class Add(msgspec.Struct, frozen=True, kw_only=True):
    """
    A new item.

    Attributes:
        server_id: its id, when the server tells.
        client_id: the client's own id for it, when the client tells; the answer repeats it.
        content_class: its class.
        data: its properties; `None` when its class cannot be told.
        problems: what could not be read of it.
        encoded: its properties as a tree, made before; wins over `data` when encoding.
        send: send the draft (16.0 and later, client only).
    """

    server_id: str = ""
    client_id: str = ""
    content_class: ContentClass | None = None
    data: ApplicationData | None = None
    problems: tuple[Note, ...] = ()
    encoded: list[Any] | None = None
    send: bool = False


class Change(msgspec.Struct, frozen=True, kw_only=True):
    """
    New properties of an item; what is absent stays as it is, or goes, as ghosting says.

    Attributes:
        server_id: the item.
        instance_id: the occurrence of a series (16.0 and later, client only).
        content_class: its class.
        data: the properties that changed.
        problems: what could not be read of them.
        encoded: as in `Add`.
        send: send the draft (16.0 and later, client only).
    """

    server_id: str
    instance_id: dt.datetime | None = None
    content_class: ContentClass | None = None
    data: ApplicationData | None = None
    problems: tuple[Note, ...] = ()
    encoded: list[Any] | None = None
    send: bool = False


class Delete(msgspec.Struct, frozen=True, kw_only=True):
    """
    An item that is gone from the folder: deleted, or moved elsewhere.

    Attributes:
        server_id: the item.
        instance_id: the occurrence of a series (16.0 and later, client only).
    """

    server_id: str
    instance_id: dt.datetime | None = None


class SoftDelete(msgspec.Struct, frozen=True, kw_only=True):
    """
    An item that left the window; it still exists. Only servers say this.

    Attributes:
        server_id: the item.
    """

    server_id: str


class Fetch(msgspec.Struct, frozen=True, kw_only=True):
    """
    Ask for an item whole. Only clients say this.

    Attributes:
        server_id: the item.
    """

    server_id: str


ItemCommand = Add | Change | Delete | SoftDelete | Fetch


class ResponseKind(enum.IntEnum):
    """
    Which command is answered; the values are the elements' tags.
    """

    ADD = AirSync.Add
    CHANGE = AirSync.Change
    DELETE = AirSync.Delete
    FETCH = AirSync.Fetch


class ItemResponse(msgspec.Struct, frozen=True, kw_only=True):
    """
    The server's answer to one command of the client. What is not answered went well, but for Add and Fetch.

    Attributes:
        kind: which command is answered.
        status: 1 for success; see `carrierpost.protocol.status`.
        server_id: the item.
        client_id: the client's own id, for an Add.
        instance_id: the occurrence, where one was changed.
        content_class: the item's class, where the answer names it.
        data: the item's properties: whole for a Fetch, what the server made of it for others.
        encoded: as in `Add`.
    """

    kind: ResponseKind
    status: int = 1
    server_id: str = ""
    client_id: str = ""
    instance_id: dt.datetime | None = None
    content_class: ContentClass | None = None
    data: ApplicationData | None = None
    encoded: list[Any] | None = None


def decode_commands(value: wbxml.Value, content_class: ContentClass | None, notes: Notes) -> tuple[ItemCommand, ...]:
    """
    Read a `Commands` element.

    Args:
        value: its value.
        content_class: the class of the folder's items where it is known; else their elements tell.
        notes: receives elements that are no command.
    """
    found: list[ItemCommand] = []
    for tag, one in wbxml.pairs(value):
        if tag in (AirSync.Add, AirSync.Change):
            found.append(_item_of(tag, one, content_class))
        elif tag == AirSync.Delete:
            found += _delete_of(one, notes)
        elif tag == AirSync.SoftDelete:
            found.append(SoftDelete(server_id=text_in(one, AirSync.ServerId, notes)))
        elif tag == AirSync.Fetch:
            found.append(Fetch(server_id=text_in(one, AirSync.ServerId, notes)))
        else:
            notes.add(tag, "not a command of Sync; skipped")
    return tuple(found)


def content_class_in(value: wbxml.Value, tag: int) -> ContentClass | None:
    """
    Give the class that a child names; `None` for one that is absent or not known (SMS).
    """
    named = wbxml.text(value, tag)
    return ContentClass(named) if named in set(ContentClass) else None


def _delete_of(value: wbxml.Value, notes: Notes) -> list[ItemCommand]:
    """
    Read a Delete; one whose occurrence cannot be told is noted and left out, not to take the whole series with it.
    """
    instance = _instance_in(value, notes)
    if instance is None and wbxml.find(value, AirSyncBase.InstanceId) is not wbxml.ABSENT:
        return []
    return [Delete(server_id=text_in(value, AirSync.ServerId, notes), instance_id=instance)]


def _instance_in(value: wbxml.Value, notes: Notes) -> dt.datetime | None:
    found = wbxml.find(value, AirSyncBase.InstanceId)
    if found is wbxml.ABSENT:
        return None
    try:
        return datatypes.parse_datetime(found)
    except ValueError as error:
        notes.add(AirSyncBase.InstanceId, str(error))
        return None


def _item_of(tag: int, value: wbxml.Value, content_class: ContentClass | None) -> Add | Change:
    parts: dict[int, Any] = {}
    for child, content in wbxml.pairs(value):
        parts.setdefault(child, content)
    data: ApplicationData | None = None
    notes = Notes()
    server_id = _id_in(value, parts, AirSync.ServerId, notes)
    client_id = _id_in(value, parts, AirSync.ClientId, notes)
    inner = parts.get(AirSync.ApplicationData, wbxml.ABSENT)
    instance = None
    if AirSyncBase.InstanceId in parts:
        instance = _instance_in(value, notes)
        if instance is None:
            inner = wbxml.ABSENT  # the properties of an occurrence that cannot be told are not those of the series
    if inner is not wbxml.ABSENT:
        content_class = content_class or content_class_in(value, AirSync.Class) or infer_class(inner)
        if content_class is not None:
            data = decode_item(content_class, inner, notes)
        else:
            notes.add(AirSync.ApplicationData, "the item's class cannot be told from its elements")
    send = Email2.Send in parts
    if tag == AirSync.Add:
        return Add(
            server_id=server_id,
            client_id=client_id,
            content_class=content_class,
            data=data,
            problems=tuple(notes),
            send=send,
        )
    return Change(
        server_id=server_id,
        instance_id=instance,
        content_class=content_class,
        data=data,
        problems=tuple(notes),
        send=send,
    )


def _id_in(value: wbxml.Value, parts: dict[int, Any], tag: int, notes: Notes) -> str:
    """
    Give an id, at once where it is the plain text that it nearly always is.
    """
    found = parts.get(tag, "")
    return found if type(found) is str else text_in(value, tag, notes)


def encode_commands(commands: tuple[ItemCommand, ...], version: Version) -> list[Any]:
    """
    Write the children of a `Commands` element.
    """
    children: list[Any] = []
    for command in commands:
        match command:
            case Add():
                ids = [AirSync.ServerId, command.server_id] if command.server_id else []
                if command.client_id:
                    ids += [AirSync.ClientId, command.client_id]
                children += (AirSync.Add, [*ids, *_data(command, version)])
            case Change():
                ids = [AirSync.ServerId, command.server_id, *_instance(command.instance_id)]
                children += (AirSync.Change, [*ids, *_data(command, version)])
            case Delete():
                ids = [AirSync.ServerId, command.server_id, *_instance(command.instance_id)]
                children += (AirSync.Delete, ids)
            case SoftDelete():
                children += (AirSync.SoftDelete, [AirSync.ServerId, command.server_id])
            case Fetch():
                children += (AirSync.Fetch, [AirSync.ServerId, command.server_id])
    return children


def _data(item: Add | Change, version: Version) -> list[Any]:
    data = item.encoded
    if data is None:
        data = [] if item.data is None else encode_item(item.data, version)
    children: list[Any] = [AirSync.ApplicationData, data]
    if item.send and version >= Version.V16_0:
        children += (Email2.Send, None)
    return children


def _instance(moment: dt.datetime | None) -> list[Any]:
    return [] if moment is None else [AirSyncBase.InstanceId, datatypes.format_compact(moment)]


def decode_responses(value: wbxml.Value, content_class: ContentClass | None, notes: Notes) -> tuple[ItemResponse, ...]:
    """
    Read a `Responses` element.
    """
    found = []
    for tag, one in wbxml.pairs(value):
        if tag not in ResponseKind.__members__.values():
            notes.add(tag, "not an answer of Sync; skipped")
            continue
        data: ApplicationData | None = None
        inner = wbxml.find(one, AirSync.ApplicationData)
        kind = content_class or infer_class(inner)
        if inner is not wbxml.ABSENT and kind is not None:
            data = decode_item(kind, inner, notes)
        found.append(
            ItemResponse(
                kind=ResponseKind(tag),
                status=status_in(one, AirSync.Status, notes),
                server_id=text_in(one, AirSync.ServerId, notes),
                client_id=text_in(one, AirSync.ClientId, notes),
                instance_id=_instance_in(one, notes),
                content_class=kind if data is not None else None,
                data=data,
            )
        )
    return tuple(found)


def encode_responses(responses: tuple[ItemResponse, ...], version: Version) -> list[Any]:
    """
    Write the children of a `Responses` element.
    """
    children: list[Any] = []
    for one in responses:
        inner: list[Any] = []
        if one.client_id:
            inner += (AirSync.ClientId, one.client_id)
        if one.server_id:
            inner += (AirSync.ServerId, one.server_id)
        inner += _instance(one.instance_id)
        inner += (AirSync.Status, str(one.status))
        if one.encoded is not None:
            inner += (AirSync.ApplicationData, one.encoded)
        elif one.data is not None:
            inner += (AirSync.ApplicationData, encode_item(one.data, version))
        children += (int(one.kind), inner)
    return children
