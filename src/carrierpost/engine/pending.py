"""
What a person did that the server has not yet taken, seen from a folder's Sync. Pure.

A server's change of an item with a queued change is merged field by field: what only the server changed is taken, what
only the person changed stays queued, and where both did the server's value counts. The person's value is kept beside
it and the person is told, who may want it all the same.
"""

from __future__ import annotations

import dataclasses
import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Any, TypeVar

import msgspec

from carrierpost.model import (
    AddIntent,
    ChangeIntent,
    DeleteIntent,
    EntryUpdate,
    Item,
    MoveIntent,
    OutboxEntry,
    OutboxState,
)
from carrierpost.model.intent import intent_of, payload_of, values_of, with_values
from carrierpost.protocol.classes import ApplicationData, Contact, Email, Event, NoteItem, Task

__all__ = [
    "GONE",
    "NONE",
    "Outgoing",
    "Pending",
    "Reconciled",
    "outgoing",
    "overtaken_reason",
    "reconcile",
    "resembles",
    "text_of",
]

A = TypeVar("A", bound=Email | Contact | Event | Task | NoteItem)

GONE = "the item was deleted at the server before your change of it arrived there"


@dataclasses.dataclass(frozen=True, slots=True)
class Pending:
    """
    A change of an item that is queued or was refused.

    Attributes:
        entry: its entry.
        intent: what was changed.
    """

    entry: OutboxEntry
    intent: ChangeIntent


@dataclasses.dataclass(frozen=True, slots=True)
class Reconciled:
    """
    What becomes of a queued change when the server speaks of its item.

    Attributes:
        settled: the entry, when the server has all of it.
        update: what the entry is from now on, or `None` when it stays.
    """

    settled: int | None = None
    update: EntryUpdate | None = None


@dataclasses.dataclass(frozen=True, slots=True)
class Outgoing:
    """
    What is to be told of a folder's items, as far as its Sync has to know.

    Attributes:
        changes: queued changes, by item; the newest counts.
        named: entries of items that are deleted or moved away here, by server id; what the server says of those is of
            no interest.
        unnamed: items without server id that the server may have got in this folder all the same, each with its entry;
            here they may have been moved on since.
        withdrawn: additions that the server may have got though their item was deleted here meanwhile, with what was
            to be added.
    """

    changes: Mapping[int, Pending]
    named: Mapping[str, OutboxEntry]
    unnamed: Sequence[tuple[OutboxEntry, Item]]
    withdrawn: Sequence[tuple[OutboxEntry, AddIntent]] = ()


NONE = Outgoing({}, {}, ())


def outgoing(collection_id: int, entries: Sequence[OutboxEntry], items: Mapping[int, Item]) -> Outgoing:
    """
    Sort the outbox for one folder.

    Args:
        collection_id: the folder.
        entries: the account's outbox.
        items: the items that it is about, as far as they are held.
    """
    changes: dict[int, Pending] = {}
    named: dict[str, OutboxEntry] = {}
    unnamed: list[tuple[OutboxEntry, Item]] = []
    withdrawn: list[tuple[OutboxEntry, AddIntent]] = []
    for entry in entries:
        try:
            intent = intent_of(entry)
        except ValueError:
            continue  # it is refused when its turn comes
        item = items.get(entry.item_id or 0)
        refused = entry.state is OutboxState.REFUSED
        match intent:
            case ChangeIntent() if item is not None and item.collection_id == collection_id:
                changes[item.id] = Pending(entry, intent)
            case DeleteIntent() if entry.collection_id == collection_id and intent.server_id and not refused:
                named[intent.server_id] = entry
            case AddIntent() if item is not None and entry.may_be_done and entry.collection_id == collection_id:
                unnamed.append((entry, item))
            case AddIntent() if item is None and entry.may_be_done and entry.collection_id == collection_id:
                withdrawn.append((entry, intent))
            case MoveIntent() if not refused:
                if intent.source_id == collection_id and intent.server_id:
                    named[intent.server_id] = entry
                if item is not None and intent.target_id == collection_id and entry.may_be_done:
                    unnamed.append((entry, item))
            case _:
                pass
    return Outgoing(changes, named, unnamed, withdrawn)


def reconcile(pending: Pending, mine: A, theirs: A, text: str | bytes | None) -> tuple[A, Reconciled]:
    """
    Merge a server's word on an item with a change that waits.

    Args:
        pending: the change.
        mine: the item as it is held; its text is kept apart.
        theirs: the item as the server has it.
        text: the held text.

    Returns:
        The item as it is from now on, and what becomes of the change.
    """
    intent = pending.intent
    before = with_values(mine, {name: intent.before.get(name) for name in intent.fields})
    kept, lost = [], []
    for name in intent.fields:
        server = _value(theirs, name)
        if _is_same(name, server, _value(before, name)):
            kept.append(name)
        elif not _is_same(name, server, _value(mine, name) if name != "body" else text or None):
            lost.append(name)
    merged = msgspec.structs.replace(theirs, **{name: _with_answers(mine, theirs, name) for name in kept})
    there = {name: intent.before.get(name) for name in kept}
    answered = "attendees" in kept and getattr(theirs, "attendees", None) != getattr(before, "attendees", None)
    if answered:
        there |= values_of(theirs, ("attendees",))
    elif len(kept) == len(intent.fields):
        return merged, Reconciled()
    wanted = _with_text(mine, text) if "body" in lost else mine
    overtaken = intent.overtaken | values_of(wanted, tuple(lost))
    left = ChangeIntent(fields=tuple(kept), before=there, overtaken=overtaken, send=intent.send)
    return merged, _fate(pending.entry, left, lost)


def _is_same(name: str, one: object, other: object) -> bool:
    """
    Tell whether two values of a property say the same.

    Of attendees it is people that count: what they have answered is the server's to say, and is no edit of the list.
    """
    if name != "attendees":
        return one == other
    return _people(one) == _people(other)


def _people(attendees: Any) -> frozenset[tuple[str, int]]:
    return frozenset(((one.email or "").lower(), one.attendee_type or 1) for one in attendees or ())


def _with_answers(mine: Any, theirs: Any, name: str) -> object:
    """
    Give a property as the person has it; of attendees with what the server knows of their answers.
    """
    if name != "attendees":
        return getattr(mine, name)
    told = {(one.email or "").lower(): one for one in theirs.attendees or ()}
    people = []
    for one in mine.attendees or ():
        heard = told.get((one.email or "").lower())
        if heard is not None and heard.attendee_status:
            one = msgspec.structs.replace(
                one,
                attendee_status=heard.attendee_status,
                proposed_start_time=heard.proposed_start_time,
                proposed_end_time=heard.proposed_end_time,
            )
        people.append(one)
    return tuple(people)


def _fate(entry: OutboxEntry, left: ChangeIntent, lost: list[str]) -> Reconciled:
    if not left.fields and not left.overtaken:
        return Reconciled(settled=entry.id)
    reason = overtaken_reason(lost) if lost else entry.reason if entry.state is OutboxState.REFUSED else ""
    state = entry.state if left.fields else OutboxState.REFUSED
    if not left.fields and not lost:
        reason = overtaken_reason(list(left.overtaken))
    return Reconciled(update=EntryUpdate(entry_id=entry.id, state=state, reason=reason, payload=payload_of(left)))


def overtaken_reason(fields: Sequence[str]) -> str:
    """
    Say that a change came too late.
    """
    names = ", ".join(name.replace("_", " ").strip() for name in fields)
    return f"your change of {names} was overtaken: the same was changed at the server before yours arrived there"


def text_of(data: Any) -> str | bytes | None:
    """
    Give the text of an item's body, or `None` for one that comes without.
    """
    body = data.body
    if body is None:
        return None
    found: str | bytes | None = body.data if body.data is not None else body.opaque
    return found


def _value(data: Any, name: str) -> object:
    return (text_of(data) if name == "body" else getattr(data, name)) or None


def _with_text(data: A, text: str | bytes | None) -> A:
    if data.body is None or text is None:
        return data
    part = {"data": text} if isinstance(text, str) else {"opaque": text}
    return msgspec.structs.replace(data, body=msgspec.structs.replace(data.body, **part))


def resembles(mine: ApplicationData, theirs: ApplicationData) -> bool:
    """
    Tell whether an item that the server shows is the one that it was told without giving an id for it.

    The server may have filled in what was left open, so only what was said is compared.
    """
    if type(mine) is not type(theirs):
        return False
    match mine:
        case Event():
            assert isinstance(theirs, Event)
            if mine.uid and theirs.uid:
                return mine.uid in (theirs.uid, theirs.client_uid)
            names: tuple[str, ...] = ("subject", "start_time", "end_time")
        case Email():
            names = ("to", "cc", "from_", "subject", "date_received")
        case Contact():
            names = ("first_name", "last_name", "company_name", "email1_address", "file_as")
        case Task():
            names = ("subject", "utc_due_date", "utc_start_date")
        case _:
            names = ("subject", "categories")
    said = [name for name in names if getattr(mine, name)]
    return bool(said) and all(_plain(getattr(mine, name)) == _plain(getattr(theirs, name)) for name in said)


def _plain(value: object) -> object:
    return value.replace(microsecond=0) if isinstance(value, dt.datetime) else value
