"""
What a client's Change makes of an item: what it leaves out stays as it is, or goes ([MS-ASCMD] Supported).

A property that the server keeps although a Change leaves it out is called ghosted. Which ones are depends on the
class, on the version, and on what the client declared with its first key:

* mail: everything; a client changes the read mark, the flag and the categories, and of drafts whatever is in them;
* events from 16.0 on: everything;
* events, contacts and tasks else: nothing unless the client says so. A list names what is not ghosted, an empty one
  ghosts all. Text, picture and exceptions stay in any case, and so does what is the server's to say;
* notes: nothing, for they have no list.

An element that is there and empty takes the value away, whatever is ghosted.
"""

from __future__ import annotations

from typing import Any

import msgspec

from carrierpost.protocol.classes import ApplicationData, Contact, Email, Event, Task, merge
from carrierpost.protocol.record import At, fields_of
from carrierpost.protocol.version import Version

__all__ = ["changed"]

_MAIL = ("read", "flag", "categories")
_DRAFT = (*_MAIL, "to", "cc", "bcc", "subject", "importance", "reply_to", "body")
_ALWAYS_KEPT = frozenset({"body", "native_body_type", "picture", "exceptions", "attachments", "cleared", "other"})
_SERVERS = frozenset(
    {
        "alias", "appointment_reply_time", "client_uid", "dt_stamp", "last_modified_date", "meeting_status",
        "message_class", "online_meeting_conf_link", "online_meeting_external_link", "organizer_email",
        "organizer_name", "response_type", "uid", "weighted_rank",
    }
)  # fmt: skip
"""What the server says of an event or contact; a client that leaves it out does not take it away."""


def changed(
    held: ApplicationData,
    change: ApplicationData,
    version: Version,
    supported: tuple[int, ...] | None,
    *,
    keeps_omitted: bool = False,
) -> ApplicationData:
    """
    Apply a Change.

    Args:
        held: the item.
        change: the properties that came, of the same class.
        version: the version that the client speaks.
        supported: the tags that the client declared not to be ghosted; `()` for none, `None` when it said nothing.
        keeps_omitted: keep what is left out in any case, as some servers do.
    """
    if isinstance(held, Email):
        assert isinstance(change, Email)
        return _mail(held, change, version)
    merged = merge(held, change)
    if keeps_omitted or _ghosts_all(held, version, supported):
        return merged
    gone: dict[str, Any] = {
        name: None
        for name, at, _ in fields_of(type(held))
        if name not in _ALWAYS_KEPT | _SERVERS and _managed(at, version, supported) and getattr(change, name) is None
    }
    if isinstance(held, Event) and "location" in gone:
        gone["place"] = None
    elif "place" in gone:  # below 16.0 a place is only its name
        del gone["place"]
    return msgspec.structs.replace(merged, **gone)


def _ghosts_all(held: ApplicationData, version: Version, supported: tuple[int, ...] | None) -> bool:
    if isinstance(held, Event) and version >= Version.V16_0:
        return True
    return isinstance(held, Contact | Event | Task) and supported == ()


def _managed(at: At, version: Version, supported: tuple[int, ...] | None) -> bool:
    """
    Tell whether the client looks after a property: it declared so, or declared nothing and its version has it.
    """
    if supported is None:
        return at.since <= version <= at.until
    return at.tag in supported


def _mail(held: Email, change: Email, version: Version) -> Email:
    """
    Take over what may be changed of a message, which is little unless it is a draft.
    """
    allowed: tuple[str, ...] = _DRAFT if held.is_draft and version >= Version.V16_0 else _MAIL
    if version < Version.V14_0:
        allowed = tuple(name for name in allowed if name != "categories")
    values = {name: getattr(change, name) for name in allowed}
    cleared = change.cleared & frozenset(allowed)
    return merge(held, Email(**values, cleared=cleared))
