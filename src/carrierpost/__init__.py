"""
Carrierpost: a self-hosted secure-mail system that speaks Exchange ActiveSync.

For a program of one's own, `connect` opens a mailbox (`carrierpost.library`):

    import carrierpost

    async with carrierpost.connect("ada@example.com", password="...") as mailbox:
        await mailbox.sync()
        async for change in mailbox.watch():
            print(change.kind, change.item_id)

What is exported here is imported when it is asked for, so that the command line, which stands on the same package,
stays quick.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from carrierpost.bootstrap import HubBusy, SetupError
    from carrierpost.client.errors import ClientError
    from carrierpost.engine import (
        AccountStopped,
        AccountWaits,
        Editor,
        EditRefused,
        EngineError,
        EngineSettings,
        NotFetched,
    )
    from carrierpost.engine.away import NoOof
    from carrierpost.engine.folders import FolderRefused
    from carrierpost.engine.looking import Busy, Found, merge_slots
    from carrierpost.engine.saving import FileProgress
    from carrierpost.formats.keyring import BadKeyFile, Keyring, read_certificates, read_identities
    from carrierpost.formats.letter import CannotProtect, Judged, Letter, Verdict
    from carrierpost.library import Folder, Mailbox, SendUnsure, connect
    from carrierpost.model import Account, AccountState, Change, ChangeKind, Item, ItemBody, Origin, SearchHit, Thread
    from carrierpost.protocol.classes import (
        Attachment,
        Attendee,
        Body,
        BodyType,
        BusyStatus,
        Contact,
        ContentClass,
        Email,
        Event,
        Flag,
        FlagStatus,
        Importance,
        NoteItem,
        Recurrence,
        RecurrenceType,
        Task,
    )
    from carrierpost.protocol.classes.gal import GALEntry
    from carrierpost.protocol.clock import Clock, SystemClock
    from carrierpost.protocol.commands.folder_sync import FolderType
    from carrierpost.protocol.commands.looking import PictureLimits
    from carrierpost.protocol.commands.meeting_response import UserResponse
    from carrierpost.protocol.commands.oof import Audience, Oof, OofMessage, OofState
    from carrierpost.protocol.commands.resolve_recipients import FreeBusy
    from carrierpost.protocol.errors import HTTPStatusError, ProtocolError, StatusError
    from carrierpost.protocol.secret import Secret
    from carrierpost.protocol.version import Version
    from carrierpost.server import BackgroundExchange, ExchangeServer
    from carrierpost.store.errors import NotHeld, StoreError

__version__ = "0.1.0"

_HOMES = {
    "bootstrap": ("HubBusy", "SetupError"),
    "client.errors": ("ClientError",),
    "engine": (
        "AccountStopped", "AccountWaits", "EditRefused", "Editor", "EngineError", "EngineSettings", "NotFetched",
    ),
    "engine.away": ("NoOof",),
    "engine.folders": ("FolderRefused",),
    "engine.looking": ("Busy", "Found", "merge_slots"),
    "engine.saving": ("FileProgress",),
    "formats.keyring": ("BadKeyFile", "Keyring", "read_certificates", "read_identities"),
    "formats.letter": ("CannotProtect", "Judged", "Letter", "Verdict"),
    "library": ("Folder", "Mailbox", "SendUnsure", "connect"),
    "model": ("Account", "AccountState", "Change", "ChangeKind", "Item", "ItemBody", "Origin", "SearchHit", "Thread"),
    "protocol.classes": (
        "Attachment", "Attendee", "Body", "BodyType", "BusyStatus", "Contact", "ContentClass", "Email", "Event", "Flag",
        "FlagStatus", "Importance", "NoteItem", "Recurrence", "RecurrenceType", "Task",
    ),
    "protocol.classes.gal": ("GALEntry",),
    "protocol.clock": ("Clock", "SystemClock"),
    "protocol.commands.folder_sync": ("FolderType",),
    "protocol.commands.looking": ("PictureLimits",),
    "protocol.commands.meeting_response": ("UserResponse",),
    "protocol.commands.oof": ("Audience", "Oof", "OofMessage", "OofState"),
    "protocol.commands.resolve_recipients": ("FreeBusy",),
    "protocol.errors": ("HTTPStatusError", "ProtocolError", "StatusError"),
    "protocol.secret": ("Secret",),
    "protocol.version": ("Version",),
    "server": ("BackgroundExchange", "ExchangeServer"),
    "store.errors": ("NotHeld", "StoreError"),
}  # fmt: skip
_HOME_OF = {name: home for home, names in _HOMES.items() for name in names}

__all__ = [
    "Account",
    "AccountState",
    "AccountStopped",
    "AccountWaits",
    "Attachment",
    "Attendee",
    "Audience",
    "BackgroundExchange",
    "BadKeyFile",
    "Body",
    "BodyType",
    "Busy",
    "BusyStatus",
    "CannotProtect",
    "Change",
    "ChangeKind",
    "ClientError",
    "Clock",
    "Contact",
    "ContentClass",
    "EditRefused",
    "Editor",
    "Email",
    "EngineError",
    "EngineSettings",
    "Event",
    "ExchangeServer",
    "FileProgress",
    "Flag",
    "FlagStatus",
    "Folder",
    "FolderRefused",
    "FolderType",
    "Found",
    "FreeBusy",
    "GALEntry",
    "HTTPStatusError",
    "HubBusy",
    "Importance",
    "Item",
    "ItemBody",
    "Judged",
    "Keyring",
    "Letter",
    "Mailbox",
    "NoOof",
    "NotFetched",
    "NotHeld",
    "NoteItem",
    "Oof",
    "OofMessage",
    "OofState",
    "Origin",
    "PictureLimits",
    "ProtocolError",
    "Recurrence",
    "RecurrenceType",
    "SearchHit",
    "Secret",
    "SendUnsure",
    "SetupError",
    "StatusError",
    "StoreError",
    "SystemClock",
    "Task",
    "Thread",
    "UserResponse",
    "Verdict",
    "Version",
    "__version__",
    "connect",
    "merge_slots",
    "read_certificates",
    "read_identities",
]


def __getattr__(name: str) -> Any:
    home = _HOME_OF.get(name)
    if home is None:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value = getattr(importlib.import_module(f"{__name__}.{home}"), name)
    globals()[name] = value  # asked for once
    return value


def __dir__() -> list[str]:
    return sorted(__all__)
