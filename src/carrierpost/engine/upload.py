"""
What a Sync says to the server: from outbox entries to commands, and from the server's responses to what becomes of the
entries. Pure.

Which properties a Change has to carry depends on version and class ([MS-ASCMD] Supported, ghosted elements). Nothing is
declared as ghosted here, so contacts, tasks and notes go whole in all versions, and events up to 14.1; from 16.0 on an
event's Change carries what was changed. Of a mail only flag, read state and categories can be changed, and drafts from
16.0 on. Texts, pictures and exceptions may be left out always, and go only when a person changed them: what a server
made of them is not written back.
"""

from __future__ import annotations

import dataclasses
import datetime as dt
from collections.abc import Sequence
from typing import Any

import msgspec

from carrierpost.engine.pending import overtaken_reason
from carrierpost.model import (
    AddIntent,
    Assigned,
    ChangeIntent,
    DeleteIntent,
    EntryUpdate,
    Intent,
    Item,
    ItemBody,
    NewSetAside,
    OutboxEntry,
    OutboxState,
)
from carrierpost.model.intent import payload_of, with_values
from carrierpost.protocol.classes import (
    ApplicationData,
    Attendee,
    Body,
    BodyType,
    Contact,
    Email,
    Event,
    EventException,
    Task,
)
from carrierpost.protocol.commands.sync import Add, Change, Delete, ItemCommand, ItemResponse, ResponseKind
from carrierpost.protocol.status import Action, outcome
from carrierpost.protocol.version import Version

__all__ = ["Impossible", "Said", "Verdict", "command_for", "judge", "response_to"]

_SUCCESS, _CONFLICT, _NOT_FOUND = 1, 7, 8
_MOST_ATTEMPTS = 5
_LONG_AGO = dt.datetime(2000, 1, 1, tzinfo=dt.UTC)
_BY_THE_SERVER = {"cleared", "other", "native_body_type", "attachments"}
"""Fields of any class that the server alone sets."""
_MAIL = ("flag", "read", "categories")
_DRAFT = (
    *_MAIL,
    "to",
    "cc",
    "bcc",
    "subject",
    "reply_to",
    "importance",
    "body",
    "new_attachments",
    "deleted_attachments",
)
_CONTACT_OF_THE_SERVER = {"alias", "weighted_rank"}
_EVENT_OF_THE_SERVER = {
    "response_type", "appointment_reply_time", "online_meeting_conf_link", "online_meeting_external_link",
}  # fmt: skip
_EVENT_NOT_LATER = {"uid", "dt_stamp", "organizer_name", "organizer_email", "exceptions"}
"""From 16.0 on the server sets these; exceptions go by themselves, each under its InstanceId."""
_TASK_OF_THE_SERVER = {"ordinal_date", "sub_ordinal_date"}
_LEFT_OUT = {"body", "picture", "exceptions", "new_attachments", "deleted_attachments"}
"""What a Change need not carry, though nothing is ghosted ([MS-ASCMD] Supported)."""


class Impossible(Exception):
    """
    An entry cannot be told; the text says why, for a person.
    """


@dataclasses.dataclass(frozen=True, slots=True)
class Said:
    """
    An entry as it goes into a request.

    Attributes:
        entry: the entry.
        intent: what a person wanted.
        command: what the server is told.
        left: what remains of the intent once that was taken, or `None` for nothing.
    """

    entry: OutboxEntry
    intent: Intent
    command: ItemCommand
    left: ChangeIntent | None = None


@dataclasses.dataclass(frozen=True, slots=True)
class Verdict:
    """
    What becomes of an entry.

    Attributes:
        settled: it is done.
        update: what it is from now on otherwise.
        assigned: the server id that its item has got.
        fetch: an item that is to be fetched again, because the server keeps it.
        unsure: whether the server said nothing sure, so that the folder is to be looked through first.
    """

    settled: bool = False
    update: EntryUpdate | None = None
    assigned: Assigned | None = None
    fetch: NewSetAside | None = None
    unsure: bool = False


# -- saying


def command_for(
    entry: OutboxEntry, intent: Intent, item: Item | None, body: ItemBody | None, data_type: type[Any], version: Version
) -> Said:
    """
    Write the command for an entry.

    Args:
        entry: the entry.
        intent: what it says.
        item: the item as it is held, or `None`.
        body: the item's text, or `None`.
        data_type: the record of the folder's items.
        version: the protocol version spoken.

    Raises:
        Impossible: it cannot be said.
    """
    match intent:
        case AddIntent():
            data = _whole(item.data, body) if item is not None else None
            if data is None and intent.data is not None:
                data = msgspec.convert(intent.data, data_type)
            if data is None:
                raise Impossible("what was to be added is no longer held here")
            return Said(entry, intent, Add(client_id=entry.client_id, data=_new(data, version), send=intent.send))
        case ChangeIntent():
            if item is None:
                raise Impossible("the item is gone, and the change with it")
            if item.server_id is None:
                raise Impossible("the server does not know the item")
            return _change(entry, intent, item, item.server_id, body, version)
        case DeleteIntent():
            if not intent.server_id:
                raise Impossible("the server never told under which id it has the item")
            return Said(entry, intent, Delete(server_id=intent.server_id))
        case _:
            raise Impossible("this is not said by Sync")


def _whole(data: ApplicationData, body: ItemBody | None) -> ApplicationData:
    """
    Give an item with the text to send: the text alone, and what it is.
    """
    if data.body is None or body is None:
        return msgspec.structs.replace(data, body=None)
    text: dict[str, Any] = {"data": body.data} if isinstance(body.data, str) else {"opaque": body.data}
    return msgspec.structs.replace(data, body=Body(type=BodyType(body.type), **text))


def _new(data: ApplicationData, version: Version) -> ApplicationData:
    data = _paired(data)
    names = _sendable(data, version, draft=True)
    given = {name: value for name in names if (value := getattr(data, name)) not in ("", ())}
    if isinstance(data, Event):
        given.pop("exceptions", None)  # they follow once the series is there
        if version >= Version.V16_0:
            if data.all_day_event:
                given.pop("timezone", None)  # whole days are dates there
            given["client_uid"] = data.client_uid or data.uid
            given["attendees"] = _named(data)
    return type(data)(**given)


def _named(event: Event) -> tuple[Attendee, ...] | None:
    """
    Name attendees without what they answered, which is not the client's to say from 16.0 on.
    """
    if not event.attendees:
        return event.attendees
    return tuple(
        msgspec.structs.replace(one, attendee_status=None, proposed_start_time=None, proposed_end_time=None)
        for one in event.attendees
    )


def _paired(data: ApplicationData) -> ApplicationData:
    """
    Complete what servers want complete: a task's dates come in pairs, and what is done has a day ([MS-ASTASK]).
    """
    if not isinstance(data, Task):
        return data
    due, start = data.utc_due_date or data.due_date, data.utc_start_date or data.start_date
    day = (data.date_completed or due or start or _LONG_AGO) if data.complete else data.date_completed
    reminder = data.reminder_set if data.reminder_time is not None else None
    return msgspec.structs.replace(
        data, due_date=data.due_date or due, utc_due_date=due, start_date=data.start_date or start,
        utc_start_date=start, date_completed=day, reminder_set=reminder,
    )  # fmt: skip


def _sendable(data: ApplicationData, version: Version, *, draft: bool) -> tuple[str, ...]:
    """
    Name the fields that a client may send.
    """
    if isinstance(data, Email):
        return _DRAFT if draft else _MAIL
    never = set(_BY_THE_SERVER)
    match data:
        case Contact():
            never |= _CONTACT_OF_THE_SERVER
        case Event():
            never |= _EVENT_OF_THE_SERVER | (_EVENT_NOT_LATER if version >= Version.V16_0 else set())
        case Task():
            never |= _TASK_OF_THE_SERVER
        case _:
            pass
    return tuple(name for name in data.__struct_fields__ if name not in never)


def _change(
    entry: OutboxEntry, intent: ChangeIntent, item: Item, server_id: str, body: ItemBody | None, version: Version
) -> Said:
    later = version >= Version.V16_0
    plain = tuple(
        name for name in intent.fields if not (later and isinstance(item.data, Event) and name == "exceptions")
    )
    if not plain and "exceptions" in intent.fields:
        return _occurrence(entry, intent, item, server_id)
    if "body" in plain and body is not None and body.truncated:
        raise Impossible("only the beginning of the text is held here; fetch the whole before changing it")
    data = changed_data(_whole(item.data, body) if "body" in plain else item.data, plain, version)
    command = Change(server_id=server_id, data=data, send=intent.send)
    left = None
    if len(plain) < len(intent.fields):
        rest = tuple(name for name in intent.fields if name not in plain)
        left = msgspec.structs.replace(intent, fields=rest, before={name: intent.before.get(name) for name in rest})
    return Said(entry, intent, command, left)


def changed_data(data: ApplicationData, fields: Sequence[str], version: Version) -> ApplicationData:
    """
    Give the properties that a Change carries.

    Args:
        data: the item, with its text if that was changed.
        fields: what a person changed.
        version: the protocol version spoken.
    """
    data = _paired(data)
    draft = isinstance(data, Email) and bool(data.is_draft)
    sendable = _sendable(data, version, draft=draft)
    ghosted = isinstance(data, Email) or (isinstance(data, Event) and version >= Version.V16_0)
    carried = [
        name for name in sendable if name in fields or not (ghosted or name in _LEFT_OUT or name == "client_uid")
    ]
    # Up to 14.1 an empty element removes a value. Later servers refuse empty elements of contacts; there a value that
    # is left out is removed, since nothing is ghosted.
    says_empty = ghosted or version < Version.V16_0
    values: dict[str, Any] = {}
    cleared = set()
    for name in carried:
        value = getattr(data, name)
        if value is None and name in fields and says_empty:
            cleared.add(name)
        elif not value and value is not False and value != 0 and not says_empty:
            value = None
        values[name] = value
    if isinstance(data, Event) and data.all_day_event and version >= Version.V16_0:
        values.pop("timezone", None)
    if isinstance(data, Event) and version >= Version.V16_0 and "attendees" in values:
        values["attendees"] = _named(data)
    if isinstance(data, Event) and "location" in cleared:
        values["location"] = ""  # the place is an element of its own, and a name within it in later versions
        cleared.discard("location")
    return type(data)(cleared=frozenset(cleared), **values)


def _occurrence(entry: OutboxEntry, intent: ChangeIntent, item: Item, server_id: str) -> Said:
    """
    Say the next occurrence that differs, under its InstanceId (16.0 and later): one in a request.
    """
    data = item.data
    assert isinstance(data, Event)
    before = with_values(data, {"exceptions": intent.before.get("exceptions")}).exceptions or ()
    known = {one.exception_start_time: one for one in before}
    for one in data.exceptions or ():
        slot = one.exception_start_time
        if slot is None or known.get(slot) == one:
            continue
        done = (*(other for other in before if other.exception_start_time != slot), one)
        rest = dict(intent.before) | {"exceptions": msgspec.to_builtins(done)}
        last = all(other == one or known.get(other.exception_start_time) == other for other in data.exceptions or ())
        left = None if last else msgspec.structs.replace(intent, before=rest)
        if one.deleted:
            return Said(entry, intent, Delete(server_id=server_id, instance_id=slot), left)
        return Said(entry, intent, Change(server_id=server_id, instance_id=slot, data=_as_event(one)), left)
    raise Impossible("an occurrence cannot be given back to its series once it differs")


def _as_event(exception: EventException) -> Event:
    names = set(Event.__struct_fields__) & set(EventException.__struct_fields__)
    names -= {"cleared", "attachments", "dt_stamp", "appointment_reply_time", "response_type"}
    event = Event(cleared=exception.cleared, **{name: getattr(exception, name) for name in names})
    return msgspec.structs.replace(event, attendees=_named(event))


# -- hearing


def response_to(said: Said, responses: Sequence[ItemResponse]) -> ItemResponse | None:
    """
    Find the server's answer to a command; no answer is success, but for an Add.
    """
    command = said.command
    for one in responses:
        match command:
            case Add() if one.kind is ResponseKind.ADD and one.client_id == command.client_id:
                return one
            case Change() if one.kind is ResponseKind.CHANGE and one.server_id == command.server_id:
                return one
            case Delete() if one.kind in (ResponseKind.DELETE, ResponseKind.CHANGE):
                if one.server_id == command.server_id:
                    return one
            case _:
                pass
    return None


def judge(said: Said, response: ItemResponse | None) -> Verdict:
    """
    Decide what becomes of an entry.

    Args:
        said: the entry as it was told.
        response: the server's answer to it, or `None`.
    """
    entry, status = said.entry, _SUCCESS if response is None else response.status
    match said.command:
        case Add() if status == _SUCCESS and said.command.send:
            return Verdict(settled=True)  # it was sent, and is no draft any more
        case Add():
            if status == _SUCCESS and response is not None and response.server_id:
                assigned = Assigned(item_id=entry.item_id or 0, server_id=response.server_id)
                return Verdict(settled=True, assigned=assigned)
            if status == _SUCCESS:
                return _again(entry, "the server did not say under which id it has this")
        case Delete() if status == _NOT_FOUND and said.left is None:
            return Verdict(settled=True)  # somebody else was faster
        case Change() if status == _CONFLICT:
            return _again(entry, "the server has a change of its own, which is fetched first")
        case _:
            pass
    if status == _SUCCESS:
        return _done(said)
    if outcome("Sync", status).action is Action.RETRY:
        return _again(entry, _sentence(status))
    return _refused(said, status)


def _done(said: Said) -> Verdict:
    entry, intent = said.entry, said.intent
    if said.left is not None:
        return Verdict(update=_update(entry, OutboxState.QUEUED, payload=payload_of(said.left)))
    if isinstance(intent, ChangeIntent) and intent.overtaken:
        rest = ChangeIntent(fields=(), overtaken=intent.overtaken)
        reason = overtaken_reason(list(intent.overtaken))
        return Verdict(update=_update(entry, OutboxState.REFUSED, reason, payload_of(rest)))
    return Verdict(settled=True)


def _again(entry: OutboxEntry, reason: str) -> Verdict:
    if entry.attempts >= _MOST_ATTEMPTS:
        return Verdict(update=_update(entry, OutboxState.REFUSED, f"{reason}; it was tried {entry.attempts} times"))
    return Verdict(update=_update(entry, OutboxState.QUEUED), unsure=True)


def _refused(said: Said, status: int) -> Verdict:
    fetch = None
    if isinstance(said.intent, DeleteIntent):
        fetch = NewSetAside(server_id=said.intent.server_id, reason="the server did not delete it; it is fetched again")
    return Verdict(update=_update(said.entry, OutboxState.REFUSED, _sentence(status)), fetch=fetch)


def _sentence(status: int) -> str:
    return f"{outcome('Sync', status).sentence} (Sync status {status})"


def _update(entry: OutboxEntry, state: OutboxState, reason: str = "", payload: bytes | None = None) -> EntryUpdate:
    return EntryUpdate(entry_id=entry.id, state=state, reason=reason, payload=payload)
