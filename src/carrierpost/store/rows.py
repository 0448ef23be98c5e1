"""
From rows of the database to values, and the columns that values are kept in.
"""

from __future__ import annotations

import datetime as dt
import enum
import functools
from typing import Any, TypeVar

import msgspec

from carrierpost.model import (
    Account,
    Change,
    ChangeKind,
    Collection,
    Doubt,
    IntentKind,
    Item,
    ItemBody,
    Origin,
    OutboxEntry,
    OutboxState,
    Passage,
    Progress,
    SetAside,
)
from carrierpost.protocol.classes import ApplicationData, Attachment, ContentClass, record_of
from carrierpost.protocol.commands.folder_sync import FolderType
from carrierpost.protocol.commands.sync import FilterType
from carrierpost.store.database import Row

__all__ = [
    "account_json",
    "account_of",
    "attachment_rows",
    "body_of",
    "body_row",
    "change_of",
    "collection_of",
    "item_data",
    "item_json",
    "item_of",
    "outbox_entry_of",
    "passage_json",
    "set_aside_of",
]

E = TypeVar("E", bound=enum.Enum)

_ENCODER = msgspec.json.Encoder()
_FIELDS = msgspec.json.Decoder(tuple[str, ...])
_PASSAGE = msgspec.json.Decoder(Passage)
_KEPT_APART = ("id", "feed_position", "feed_horizon")  # they have columns of their own


@functools.cache
def _decoder(kind: str) -> msgspec.json.Decoder[ApplicationData]:
    """
    Give what reads a class's properties; made when the first item of the class is read.
    """
    return msgspec.json.Decoder(record_of(ContentClass(kind)))


@functools.cache
def _member(kind: type[E], value: object) -> E:
    """
    Give a member of an enumeration; by far quicker than asking the enumeration, of which each folder needs several.
    """
    return kind(value)


def account_json(account: Account) -> str:
    """
    Write an account's values.
    """
    values = msgspec.to_builtins(account)
    for name in _KEPT_APART:
        values.pop(name, None)
    return _ENCODER.encode(values).decode()


def account_of(row: Row) -> Account:
    """
    Read an account: id, values, feed position, feed horizon.
    """
    account_id, data, position, horizon = row
    values = msgspec.json.decode(data)
    values |= {"id": account_id, "feed_position": position, "feed_horizon": horizon}
    return msgspec.convert(values, Account)


def collection_of(row: Row) -> Collection:
    """
    Read a collection, columns in the order of the schema.
    """
    return Collection(
        id=row[0],
        account_id=row[1],
        server_id=row[2],
        parent_id=row[3],
        display_name=row[4],
        type=_member(FolderType, row[5]),
        content_class=_member(ContentClass, row[6]) if row[6] is not None else None,
        sync_key=row[7],
        progress=_member(Progress, row[8]),
        window=_member(FilterType, row[9]),
        window_applied=_member(FilterType, row[10]) if row[10] is not None else None,
        minutes=row[11],
        note=row[12],
        doubt=_member(Doubt, row[13]),
    )


def item_json(data: ApplicationData) -> str:
    """
    Write an item's properties without the text of its body, which is kept apart.
    """
    body = data.body
    if body is not None and (body.data is not None or body.opaque is not None):
        data = msgspec.structs.replace(data, body=msgspec.structs.replace(body, data=None, opaque=None))
    return _ENCODER.encode(data).decode()


def item_data(kind: str, data: str) -> ApplicationData:
    """
    Read an item's properties.
    """
    return _decoder(kind).decode(data)


def item_of(row: Row) -> Item:
    """
    Read an item: id, account, collection, server id, class, properties, revision, unconfirmed.
    """
    return Item(
        id=row[0],
        account_id=row[1],
        collection_id=row[2],
        server_id=row[3],
        content_class=ContentClass(row[4]),
        data=_decoder(row[4]).decode(row[5]),
        revision=row[6],
        unconfirmed=bool(row[7]),
    )


def body_row(item_id: int, data: ApplicationData) -> tuple[Any, ...] | None:
    """
    Give the columns of an item's body, or `None` when its text is not there.
    """
    body = data.body
    if body is None or (body.data is None and body.opaque is None):
        return None
    text, octets = (body.data, None) if body.data is not None else (None, body.opaque)
    return item_id, int(body.type or 1), text, octets, int(bool(body.truncated)), body.estimated_data_size or 0


def body_of(row: Row) -> ItemBody:
    """
    Read a body: item, type, text, octets, truncated, estimated size.
    """
    return ItemBody(
        item_id=row[0],
        type=row[1],
        data=row[2] if row[2] is not None else row[3],
        truncated=bool(row[4]),
        estimated_size=row[5],
    )


def attachment_rows(item_id: int, data: ApplicationData) -> list[tuple[Any, ...]]:
    """
    Give the columns of what an item says of its attachments.
    """
    attachments: tuple[Attachment, ...] = getattr(data, "attachments", None) or ()
    return [
        (
            item_id, place, one.display_name or "", one.file_reference or "", one.estimated_data_size or 0,
            one.content_id, int(bool(one.is_inline)),
        )
        for place, one in enumerate(attachments)
    ]  # fmt: skip


def set_aside_of(row: Row) -> SetAside:
    """
    Read what was set aside, columns in the order of the schema.
    """
    account_id, collection_id, server_id, reason, attempts, first_at, next_at = row
    return SetAside(
        account_id=account_id,
        collection_id=collection_id,
        server_id=server_id,
        reason=reason,
        attempts=attempts,
        first_at=dt.datetime.fromisoformat(first_at),
        next_at=dt.datetime.fromisoformat(next_at) if next_at else None,
    )


def outbox_entry_of(row: Row) -> OutboxEntry:
    """
    Read an outbox entry, columns in the order of the schema.
    """
    return OutboxEntry(
        id=row[0],
        account_id=row[1],
        kind=IntentKind(row[2]),
        client_id=row[3],
        collection_id=row[4],
        item_id=row[5],
        payload=row[6],
        state=OutboxState(row[7]),
        reason=row[8],
        attempts=row[9],
        queued_at=dt.datetime.fromisoformat(row[10]),
    )


def change_of(row: Row) -> Change:
    """
    Read a change, columns in the order of the schema.
    """
    return Change(
        account_id=row[0],
        number=row[1],
        kind=ChangeKind(row[2]),
        origin=Origin(row[3]),
        at=dt.datetime.fromisoformat(row[4]),
        collection_id=row[5],
        item_id=row[6],
        announce=bool(row[7]),
        fields=_FIELDS.decode(row[8]),
        detail=row[9],
        passage=_PASSAGE.decode(row[10]) if row[10] else None,
        device_id=row[11],
    )


def passage_json(passage: Passage | None) -> str:
    """
    Write how changes came from the server; empty where that is not known.
    """
    return "" if passage is None else _ENCODER.encode(passage).decode()
