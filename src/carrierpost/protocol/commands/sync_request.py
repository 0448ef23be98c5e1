"""
Reading a Sync request as strictly as Exchange does: order, repetition and values are checked.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from carrierpost import wbxml
from carrierpost.protocol import datatypes, record
from carrierpost.protocol.classes import ContentClass
from carrierpost.protocol.commands.sync_items import decode_commands
from carrierpost.protocol.errors import MalformedRequest
from carrierpost.protocol.message import Payload, decode_body
from carrierpost.protocol.record import Notes
from carrierpost.wbxml.pages import AirSync, AirSyncBase, name_of

if TYPE_CHECKING:
    from carrierpost.protocol.commands.sync import SyncCollection, SyncRequest

__all__ = ["decode_request"]

_ORDER = (
    AirSync.Class, AirSync.SyncKey, AirSync.CollectionId, AirSync.Supported, AirSync.DeletesAsMoves,
    AirSync.GetChanges, AirSync.WindowSize, AirSync.ConversationMode, AirSync.Options, AirSync.Commands,
)  # fmt: skip
_PREFERENCE_ORDER = (AirSyncBase.Type, AirSyncBase.TruncationSize, AirSyncBase.AllOrNone, AirSyncBase.Preview)
_FILTERS: dict[ContentClass, frozenset[int]] = {
    ContentClass.EMAIL: frozenset(range(6)),
    ContentClass.CALENDAR: frozenset((0, 4, 5, 6, 7)),
    ContentClass.TASKS: frozenset((0, 8)),
}
_MOST_OPERATIONS = 512


def _refuse(reason: str, status: int = 4) -> MalformedRequest:
    return MalformedRequest("Sync", status, reason)


def decode_request(
    cls: type[SyncRequest], payload: Payload, notes: Notes, classes: Mapping[str, ContentClass | None]
) -> SyncRequest:
    """
    Read a request; see `SyncRequest.decode`.
    """
    if not payload.body:
        return cls()
    value = decode_body("Sync", payload, AirSync.Sync, notes)
    listed = wbxml.find(value, AirSync.Collections)
    collections = tuple(
        _collection(one, notes, classes) for tag, one in wbxml.pairs(listed) if tag == AirSync.Collection
    )
    ids = [one.collection_id for one in collections]
    if len(set(ids)) != len(ids):
        raise _refuse("a collection is named twice")
    wait, heartbeat = _number(value, AirSync.Wait), _number(value, AirSync.HeartbeatInterval)
    if wait is not None and heartbeat is not None:
        raise _refuse("Wait and HeartbeatInterval exclude each other")
    partial = wbxml.find(value, AirSync.Partial) is not wbxml.ABSENT
    window = _number(value, AirSync.WindowSize)
    if not collections and not (partial and (wait or heartbeat or window)):
        raise _refuse("there is no collection, and the request is not partial", 13 if partial else 4)
    return cls(collections=collections, wait=wait, heartbeat_interval=heartbeat, window_size=window, partial=partial)


def _collection(value: wbxml.Value, notes: Notes, classes: Mapping[str, ContentClass | None]) -> SyncCollection:
    from carrierpost.protocol.commands.sync import SyncCollection, SyncOptions

    fields = _in_order(value, _ORDER, repeatable=AirSync.Options)
    collection_id = fields.get(AirSync.CollectionId)
    if not isinstance(collection_id, str):
        raise _refuse("CollectionId is missing")
    key = fields.get(AirSync.SyncKey)
    if not isinstance(key, str | None):
        raise _refuse("SyncKey is no text")
    kind = classes.get(collection_id)
    blocks = wbxml.find_all(value, AirSync.Options)
    for block in blocks:
        _check_options(block, kind)
    options = tuple(record.decode(SyncOptions, block, notes) for block in blocks)
    if len(options) > 2 or (len(options) == 2 and options[0].content_class == options[1].content_class):
        raise _refuse("Options for one class come twice")
    get_changes = _boolean(fields, AirSync.GetChanges)
    if key == "0" and get_changes:
        raise _refuse("GetChanges is not allowed with SyncKey 0")
    commands = decode_commands(fields.get(AirSync.Commands), kind, notes)
    if key == "0" and commands:
        raise _refuse("Commands are not allowed with SyncKey 0")
    if len(commands) > _MOST_OPERATIONS:
        raise _refuse(f"more than {_MOST_OPERATIONS} commands")
    supported = fields.get(AirSync.Supported, wbxml.ABSENT)
    window = fields.get(AirSync.WindowSize)
    return SyncCollection(
        collection_id=collection_id,
        sync_key=key,
        content_class=kind,
        supported=None if supported is wbxml.ABSENT else tuple(tag for tag, _ in wbxml.pairs(supported)),
        deletes_as_moves=_boolean(fields, AirSync.DeletesAsMoves),
        get_changes=get_changes,
        window_size=None if window is None else _integer(window, "WindowSize"),
        conversation_mode=_boolean(fields, AirSync.ConversationMode),
        options=options,
        commands=commands,
    )


def _in_order(value: wbxml.Value, order: tuple[int, ...], repeatable: int = 0) -> dict[int, Any]:
    """
    Take an element's children, which must come in an order and, but for one kind, once.
    """
    fields: dict[int, Any] = {}
    last = -1
    for tag, child in wbxml.pairs(value):
        if tag not in order:
            raise _refuse(f"{':'.join(name_of(tag))} does not belong here")
        place = order.index(tag)
        if place < last:
            raise _refuse(f"{':'.join(name_of(tag))} comes too late")
        if place == last and tag != repeatable:
            raise _refuse(f"{':'.join(name_of(tag))} comes twice")
        last = place
        fields.setdefault(tag, child)
    return fields


def _check_options(block: wbxml.Value, kind: ContentClass | None) -> None:
    types = []
    for preference in wbxml.find_all(block, AirSyncBase.BodyPreference):
        _in_order(preference, _PREFERENCE_ORDER)
        types.append(wbxml.text(preference, AirSyncBase.Type))
    if "" in types or len(set(types)) != len(types):
        raise _refuse("each BodyPreference needs a Type of its own")
    chosen = wbxml.text(block, AirSync.FilterType)
    if chosen and kind in _FILTERS and _integer(chosen, "FilterType") not in _FILTERS[kind]:
        raise _refuse(f"FilterType {chosen} is not allowed for {kind}")
    if "4" in types and wbxml.text(block, AirSync.MIMESupport, "0") == "0":
        raise _refuse("a MIME body needs MIMESupport 1 or 2")


def _boolean(fields: Mapping[int, Any], tag: int) -> bool | None:
    if tag not in fields:
        return None
    try:
        return datatypes.parse_boolean(fields[tag])
    except ValueError as error:
        raise _refuse(str(error)) from None


def _number(value: wbxml.Value, tag: int) -> int | None:
    text = wbxml.text(value, tag)
    return _integer(text, ":".join(name_of(tag))) if text else None


def _integer(text: object, name: str) -> int:
    try:
        return datatypes.parse_integer(text)
    except ValueError:
        raise _refuse(f"{name} is no number") from None
