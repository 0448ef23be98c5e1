"""
What in the feed is news, what it is about, and how the same news is known again. Pure.
"""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Iterable

from carrierpost.formats.headers import Address
from carrierpost.model import Change, ChangeKind, Collection, Item, NoticeKind, Origin
from carrierpost.notify.meetings import meeting_key, meeting_kind
from carrierpost.notify.people import is_vip, people_told, sender_of
from carrierpost.notify.reminders import is_cancelled
from carrierpost.protocol.classes import Email, Event, identity

__all__ = ["News", "is_news", "news_key"]

_TOLD_FIELDS = {
    "start_time", "end_time", "all_day_event", "location", "place", "recurrence", "exceptions", "subject",
    "meeting_status",
}  # fmt: skip
"""Fields of an event whose change concerns whoever wants to be there."""


def is_news(change: Change) -> bool:
    """
    Tell whether a change is one that a device may be told of. Others are decided about by nobody, and have no trace.
    """
    if change.item_id is None or change.origin is not Origin.SERVER or not change.announce:
        return False
    if change.kind is ChangeKind.ITEM_ADDED:
        return True
    return change.kind is ChangeKind.ITEM_CHANGED and bool(_TOLD_FIELDS & set(change.fields))


class News:
    """
    A change with what it is about.

    Args:
        change: from the feed.
        item: the item; a mail or an event.
        collection: the folder that it is in.

    Attributes:
        kind: what kind of news it is.
        mail: the mail, if it is one.
        event: the event, if it is one.
    """

    __slots__ = ("change", "collection", "event", "item", "kind", "mail")

    def __init__(self, change: Change, item: Item, collection: Collection) -> None:
        self.change = change
        self.item = item
        self.collection = collection
        self.mail = item.data if isinstance(item.data, Email) else None
        self.event = item.data if isinstance(item.data, Event) else None
        self.kind = self._kind()

    def _kind(self) -> NoticeKind:
        if self.mail is not None:
            return meeting_kind(self.mail)
        if self.event is not None and is_cancelled(self.event):
            return NoticeKind.CANCELLATION
        return NoticeKind.EVENT_NEW if self.change.kind is ChangeKind.ITEM_ADDED else NoticeKind.EVENT_CHANGED

    @property
    def key(self) -> str:
        """
        A text by which the same news is known again.
        """
        return news_key(self.item)

    @property
    def received(self) -> dt.datetime:
        """
        When the mail server got it, as far as it says.
        """
        received = self.mail.date_received if self.mail is not None else None
        return received if received is not None and received.tzinfo is not None else self.change.at

    @property
    def sender(self) -> Address | None:
        """
        Who sent the mail.
        """
        return sender_of(self.mail) if self.mail is not None else None

    def is_from(self, vips: Iterable[str]) -> bool:
        """
        Tell whether somebody very important sent the mail.
        """
        return self.sender is not None and is_vip(self.sender.address, vips)

    def concerns(self, vips: Iterable[str]) -> bool:
        """
        Tell whether very important people are part of it: they sent it, got it too, or called the meeting.
        """
        if self.event is not None:
            return is_vip(self.event.organizer_email or "", vips)
        told = people_told(self.mail) if self.mail is not None else ()
        return self.is_from(vips) or any(is_vip(one.address, vips) for one in told)


def news_key(item: Item) -> str:
    """
    Give a text by which the same news is known again: a mail in a second folder, an invitation and its event.
    """
    data = item.data
    if isinstance(data, Email):
        kind = meeting_kind(data)
        known = meeting_key(data) if kind in (NoticeKind.INVITATION, NoticeKind.CANCELLATION) else None
        if known is None:
            return identity(data) or f"item:{item.id}"
        return f"{known}:off" if kind is NoticeKind.CANCELLATION else known
    if isinstance(data, Event):
        if is_cancelled(data):
            return f"{meeting_key(data) or f'item:{item.id}'}:off"
        # An event that stays at its time and moves to another room is news as well, but not the same.
        return f"{meeting_key(data) or f'item:{item.id}'}{_place_of(item, data)}"
    return f"item:{item.id}"


def _place_of(item: Item, event: Event) -> str:
    """
    Tell apart what an event was changed to; nothing for one that is as it came.
    """
    if item.revision == 1:
        return ""
    what = (event.location, event.subject, event.end_time, event.recurrence, event.exceptions)
    return f":{hashlib.sha256(repr(what).encode()).hexdigest()[:16]}"
