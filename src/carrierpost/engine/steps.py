"""
The steps that a runner may take next; `carrierpost.engine.order` chooses.
"""

from __future__ import annotations

import dataclasses

from carrierpost.engine.windows import Limits
from carrierpost.model import Collection, OutboxEntry, SetAside

__all__ = ["LONG", "Acknowledge", "AnswerMeeting", "FetchFolders", "Hold", "Idle", "MoveAway", "Negotiate",
           "Provision", "RetryAside", "SendMessage", "SendOutbox", "Step", "Stop", "SyncFolder", "TellAttendees",
           "TellDevice"]  # fmt: skip

LONG = 24 * 3600.0
"""Seconds after which something is due at the latest: never, in other words."""


@dataclasses.dataclass(frozen=True, slots=True)
class Stop:
    """
    Nothing may be sent until a person has done something.
    """

    reason: str


@dataclasses.dataclass(frozen=True, slots=True)
class Acknowledge:
    """
    Tell the server that its wipe order was carried out.

    Attributes:
        owed: what was wiped (`Account.wipe_owed`).
    """

    owed: str


@dataclasses.dataclass(frozen=True, slots=True)
class Negotiate:
    """
    Ask what the server speaks.
    """


@dataclasses.dataclass(frozen=True, slots=True)
class Provision:
    """
    Agree on the server's policy.
    """


@dataclasses.dataclass(frozen=True, slots=True)
class TellDevice:
    """
    Tell the server what device this is, in a command of its own (before 14.1).
    """


@dataclasses.dataclass(frozen=True, slots=True)
class FetchFolders:
    """
    Ask for the folder list's changes.
    """


@dataclasses.dataclass(frozen=True, slots=True)
class SyncFolder:
    """
    Ask for a folder's changes.

    Attributes:
        collection: the folder, with the window that the policy allows.
        limits: the policy's limits.
    """

    collection: Collection
    limits: Limits


@dataclasses.dataclass(frozen=True, slots=True)
class SendOutbox:
    """
    Tell the server what was done with a folder's items.

    Attributes:
        collection: the folder.
        entries: what to tell, no two about one item.
    """

    collection: Collection
    entries: tuple[OutboxEntry, ...]


@dataclasses.dataclass(frozen=True, slots=True)
class MoveAway:
    """
    Tell the server that items are in other folders.

    Attributes:
        entries: the moves, no two of one item.
    """

    entries: tuple[OutboxEntry, ...]


@dataclasses.dataclass(frozen=True, slots=True)
class SendMessage:
    """
    Send a message, or look for one that may have been sent.

    Attributes:
        entry: the message.
    """

    entry: OutboxEntry


@dataclasses.dataclass(frozen=True, slots=True)
class AnswerMeeting:
    """
    Tell the server what a person answers to a meeting, or find out whether it was told.

    Attributes:
        entry: the answer.
    """

    entry: OutboxEntry


@dataclasses.dataclass(frozen=True, slots=True)
class TellAttendees:
    """
    Write to the attendees of a person's own meeting.

    Attributes:
        entry: the wish to tell them.
    """

    entry: OutboxEntry


@dataclasses.dataclass(frozen=True, slots=True)
class RetryAside:
    """
    Fetch an item that was set aside.
    """

    collection: Collection
    aside: SetAside
    limits: Limits


@dataclasses.dataclass(frozen=True, slots=True)
class Hold:
    """
    Hold a connection over folders.

    Attributes:
        collections: what is watched.
        seconds: the interval to ask for.
        recheck: seconds after which something else is due, whatever the connection says.
    """

    collections: tuple[Collection, ...]
    seconds: int
    recheck: float


@dataclasses.dataclass(frozen=True, slots=True)
class Idle:
    """
    Send nothing for so many seconds.
    """

    seconds: float
    reason: str


Step = (
    Stop | Acknowledge | Negotiate | Provision | TellDevice | FetchFolders | SyncFolder | SendOutbox | MoveAway
    | SendMessage | AnswerMeeting | TellAttendees | RetryAside | Hold | Idle
)  # fmt: skip
