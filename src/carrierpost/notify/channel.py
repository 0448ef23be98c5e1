"""
What a channel is: something that takes a message for a device to whoever can reach it, and tells what became of it.

A channel does not decide whether a device is told, nor when; it is handed a message and makes one attempt. It never
raises for what a network or a provider does: every end of an attempt is one of four outcomes, and each has its reason
in words. A repetition of an attempt looks to the provider like the same message, so nothing is shown twice.
"""

from __future__ import annotations

import dataclasses
import datetime as dt
import enum
from typing import Protocol, TypeAlias

from carrierpost.model import Channel, NoticeText, Subscription, Urgency

__all__ = ["SILENT", "Accepted", "Gone", "Kind", "Later", "Message", "Outcome", "Refused", "Sender"]


class Kind(enum.StrEnum):
    """
    What a message does at the device.
    """

    WAKE = "wake"
    """Says nothing and shows nothing: the app wakes up and looks for itself."""
    BADGE = "badge"
    """Only sets the number on the app's icon."""
    PLACEHOLDER = "placeholder"
    """Shows that there is something, without a word of what it is."""
    FULL = "full"
    """Shows the text. It travels encrypted to the device; where a channel cannot do that, as APNs and FCM, it becomes a
    placeholder unless the administrator has allowed the provider to read it."""
    WITHDRAW = "withdraw"
    """Takes an earlier message away."""
    CANARY = "canary"
    """Shows that the device can be reached, and asks it to say so."""


SILENT = frozenset({Kind.WAKE, Kind.BADGE, Kind.WITHDRAW})
"""Kinds of which a person sees nothing come. Systems allow few of them, and some none (`Sender.may_be_silent`)."""


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """
    What a device is to be told.

    Attributes:
        kind: what it does there.
        notice_id: its name outside of the hub, opaque; the same for every attempt.
        expires_at: from when on it is of no use, with a zone.
        urgency: how fast.
        collapse: a device shows only the last of those that have the same, and a provider that still holds an older one
            drops it; empty for none.
        badge: the number for the app's icon, or `None` to leave it.
        text: what is shown, for `Kind.FULL`.
        about: for `Kind.WITHDRAW`, the `tag` of what is taken away.
        item_id: the hub's number for the item that it is about; travels only where the provider cannot read it.
        at: when that came, with a zone; likewise.

    Raises:
        ValueError: something is missing, or the badge is below zero.
    """

    kind: Kind
    notice_id: str
    expires_at: dt.datetime
    urgency: Urgency = Urgency.NORMAL
    collapse: str = ""
    badge: int | None = None
    text: NoticeText | None = None
    about: str = ""
    item_id: int | None = None
    at: dt.datetime | None = None

    @property
    def tag(self) -> str:
        """
        By what a device knows it among those it shows: a newer one with the same takes its place.
        """
        return self.collapse or self.notice_id

    def __post_init__(self) -> None:
        if not self.notice_id:
            raise ValueError("a message needs a notice_id; a device tells a repetition by it")
        if self.expires_at.tzinfo is None:
            raise ValueError("expires_at is a time without a zone; give it as UTC")
        if self.badge is not None and self.badge < 0:
            raise ValueError(f"badge is {self.badge}; it counts unread mails")
        for kind, name in ((Kind.BADGE, "badge"), (Kind.FULL, "text"), (Kind.WITHDRAW, "about")):
            if self.kind is kind and getattr(self, name) in (None, ""):
                raise ValueError(f"a message of kind {kind} needs {name}")


@dataclasses.dataclass(frozen=True, slots=True)
class Accepted:
    """
    The provider took the message.

    Attributes:
        provider_id: what the provider calls it; empty when it does not say.
    """

    provider_id: str = ""


@dataclasses.dataclass(frozen=True, slots=True)
class Gone:
    """
    The subscription is dead; nothing is to be sent to it any more.

    Attributes:
        reason: what the provider said, in words.
    """

    reason: str


@dataclasses.dataclass(frozen=True, slots=True)
class Later:
    """
    It did not work now, and may work another time.

    Attributes:
        reason: why, in words.
        after: how many seconds the provider wants to be left alone; `None` when it does not say.
    """

    reason: str
    after: float | None = None


@dataclasses.dataclass(frozen=True, slots=True)
class Refused:
    """
    The message will not be taken however often it is sent; others may be, so the subscription stays.

    Attributes:
        reason: why, in words, with what an administrator can do where there is something.
    """

    reason: str


Outcome: TypeAlias = Accepted | Gone | Later | Refused
"""What became of one attempt."""


class Sender(Protocol):
    """
    Sends by one channel. It may be used for many messages at the same time.
    """

    @property
    def channel(self) -> Channel:
        """
        Which channel it is.
        """

    def may_be_silent(self, subscription: Subscription) -> bool:
        """
        Tell whether a message of which nothing shows (`SILENT`) can be sent there. Where not, one that is sent all the
        same is refused, or shown as a placeholder when it is a wake.
        """

    async def send(self, subscription: Subscription, message: Message) -> Outcome:
        """
        Make one attempt; cancelling it is safe.
        """

    async def close(self) -> None:
        """
        Let go of connections. It can be used again afterwards, and then opens new ones.
        """
