"""
What a device is told, what was decided about it, and what became of it.

A notice is one thing that one device is to be told. Everything that happens to it on its way, and every decision
against one, is a step of its trace.
"""

from __future__ import annotations

import datetime as dt
import enum

import msgspec

__all__ = [
    "FolderRule",
    "NewNotice",
    "Notice",
    "NoticeKind",
    "NoticeState",
    "NoticeText",
    "Step",
    "TraceStep",
    "Urgency",
]


class NoticeKind(enum.StrEnum):
    """
    What a notice is about.
    """

    MAIL = "mail"
    INVITATION = "invitation"
    """A meeting request."""
    CANCELLATION = "cancellation"
    """A meeting that does not take place, told by a mail or by the calendar."""
    ANSWER = "answer"
    """Somebody accepted, declined or may come."""
    EVENT_NEW = "event-new"
    EVENT_CHANGED = "event-changed"
    REMINDER = "reminder"
    SUMMARY = "summary"
    """How much came while nobody could be told."""
    BADGE = "badge"
    """Only the number on the app's icon."""
    WITHDRAWAL = "withdrawal"
    """Takes an earlier notice away, because it was read, moved or deleted elsewhere."""
    CANARY = "canary"
    """Proves that a device still receives."""


class FolderRule(enum.StrEnum):
    """
    What of a folder a device is told.
    """

    ALL = "all"
    VIP = "vip"
    """Only what very important people send."""
    NONE = "none"


class Urgency(enum.StrEnum):
    """
    How a notice is to be delivered.
    """

    LOW = "low"
    """Without sound; the device may take its time."""
    NORMAL = "normal"
    HIGH = "high"
    """At once, even from sleep."""


class NoticeState(enum.StrEnum):
    """
    How far a notice has come.
    """

    WAITING = "waiting"
    HANDED = "handed"
    """It is with the channel, and what becomes of it is not known yet."""
    ACCEPTED = "accepted"
    """The provider took it."""
    RECEIVED = "received"
    SHOWN = "shown"
    WITHDRAWN = "withdrawn"
    """Nobody needs to be told any more."""
    EXPIRED = "expired"
    REFUSED = "refused"
    """The provider does not want it, or the device has no channel any more."""


class NoticeText(msgspec.Struct, frozen=True):
    """
    What a person reads.

    Attributes:
        title: the first line; for a mail who sent it.
        body: what follows; empty for nothing.
    """

    title: str
    body: str = ""


class NewNotice(msgspec.Struct, frozen=True, kw_only=True):
    """
    A notice to be put into the queue.

    Attributes:
        device_id: who is told.
        account_id: the account it is about.
        kind: what it is about.
        key: by which the same news is known again, so that no device is told twice.
        token: its name outside of the hub, opaque; the same for every attempt, so that a device can tell a repetition.
        due_at: when it is to be told, UTC.
        expires_at: from when on nobody wants to know any more, UTC.
        text: what may be shown on the device's lock screen; `None` for what is shown without words.
        item_id: the item that it is about, if any.
        collection_id: the folder of that, if any.
        urgency: how fast.
        collapse: a device shows only the last of those that have the same; empty for none.
        reason: why the device is told, in a sentence.
        about: by what a device knows the notice that a withdrawal takes away: its `collapse`, or its token.
        news_at: when the mail server had it, or a reminder was due, UTC; how late a notice is, is measured from here.
    """

    device_id: int
    account_id: int
    kind: NoticeKind
    key: str
    token: str
    due_at: dt.datetime
    expires_at: dt.datetime
    text: NoticeText | None = None
    item_id: int | None = None
    collection_id: int | None = None
    urgency: Urgency = Urgency.NORMAL
    collapse: str = ""
    reason: str = ""
    about: str = ""
    news_at: dt.datetime | None = None


class Notice(NewNotice, frozen=True, kw_only=True):
    """
    A notice as the store holds it.

    Attributes:
        id: the hub's number for it.
        state: how far it has come.
        attempts: how often it was handed to a channel.
        made_at: when it was decided, UTC.
        settled_at: when its state last changed, UTC.
        sent_at: when it was last handed to a channel, UTC, or `None`.
        silent: it was sent without anything to see, of which a system allows only a few in an hour.
        joined: the token of the notice that spoke for this one as well, when several became one.
        remark: what became of it, in words; empty while nothing is peculiar.
    """

    id: int
    state: NoticeState
    attempts: int
    made_at: dt.datetime
    settled_at: dt.datetime
    sent_at: dt.datetime | None = None
    silent: bool = False
    joined: str = ""
    remark: str = ""


class Step(enum.StrEnum):
    """
    A step on the way from the server to a person's eyes.
    """

    NOTICED = "noticed"
    """The mail server received it."""
    ANSWERED = "answered"
    """The held connection was answered: something is new."""
    SYNCED = "synced"
    """The server's answer with the item was there."""
    COMMITTED = "committed"
    """It is in the store, and in the feed."""
    DECIDED = "decided"
    """The rules said that the device is told, or that it is not."""
    HANDED = "handed"
    """It was given to the channel."""
    ACCEPTED = "accepted"
    """The channel's provider took it."""
    LATER = "later"
    """It could not be delivered now, and is tried again."""
    REFUSED = "refused"
    EXPIRED = "expired"
    WITHDRAWN = "withdrawn"
    RECEIVED = "received"
    """The device says that it got it."""
    SHOWN = "shown"
    """The device says that it showed it."""


class TraceStep(msgspec.Struct, frozen=True, kw_only=True):
    """
    One step, with its time.

    Attributes:
        account_id: the account.
        step: which.
        at: when, UTC.
        item_id: the item, if it is about one.
        device_id: the device, for the steps that each device takes by itself.
        notice: the token of the notice, from the decision for one on.
        told: for `Step.DECIDED`, whether the device is told.
        detail: why or how, in a sentence; never what a mail says.
    """

    account_id: int
    step: Step
    at: dt.datetime
    item_id: int | None = None
    device_id: int | None = None
    notice: str = ""
    told: bool = False
    detail: str = ""
