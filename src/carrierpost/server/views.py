"""
Which items of a folder a device gets to see: the filter's window, and whole conversations ([MS-ASCMD] FilterType).
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable

from carrierpost.protocol.classes import ApplicationData, Contact, Email, Event, Task
from carrierpost.protocol.commands.sync import FilterType
from carrierpost.server.mailbox import MailboxFolder, MailboxItem

__all__ = ["WINDOWS", "View", "heaviest", "in_window", "newest_first", "view_of"]

View = Callable[[MailboxItem], bool]
"""Tells whether a device gets to see an item of a folder."""

WINDOWS = {
    FilterType.ONE_DAY: 1,
    FilterType.THREE_DAYS: 3,
    FilterType.ONE_WEEK: 7,
    FilterType.TWO_WEEKS: 14,
    FilterType.ONE_MONTH: 31,
    FilterType.THREE_MONTHS: 92,
    FilterType.SIX_MONTHS: 183,
}
"""Days that each filter reaches back."""


def in_window(data: ApplicationData, chosen: FilterType, now: dt.datetime) -> bool:
    """
    Tell whether a filter lets an item through.
    """
    if chosen is FilterType.ALL:
        return True
    if isinstance(data, Task):
        return chosen is not FilterType.INCOMPLETE_TASKS or not data.complete
    days = WINDOWS.get(chosen)
    if days is None:
        return True
    since = now - dt.timedelta(days=days)
    if isinstance(data, Email):
        return data.date_received is None or data.date_received >= since
    if isinstance(data, Event):
        if data.recurrence is not None:
            return data.recurrence.until is None or data.recurrence.until >= since
        return data.end_time is None or data.end_time >= since
    return True


def view_of(folder: MailboxFolder, chosen: FilterType, now: dt.datetime, *, conversations: bool = False) -> View:
    """
    Make the view that a filter gives on a folder.

    Args:
        folder: the folder.
        chosen: how far back.
        now: the time.
        conversations: also all mail of the conversations found ([MS-ASCMD] ConversationMode).
    """
    if chosen is FilterType.ALL:
        return lambda item: True
    if not conversations:
        return lambda item: in_window(item.data, chosen, now)
    found: set[bytes] = set()
    looked = False

    def with_conversations(item: MailboxItem) -> bool:
        nonlocal looked
        if in_window(item.data, chosen, now):
            return True
        if not looked:  # only now, because most folders hold no old mail that somebody answered yesterday
            looked = True
            inside = (one.data for one in folder.items.values() if in_window(one.data, chosen, now))
            found.update(one.conversation_id for one in inside if isinstance(one, Email) and one.conversation_id)
        return isinstance(item.data, Email) and item.data.conversation_id in found

    return with_conversations


def heaviest(folder: MailboxFolder, most: int) -> View:
    """
    Make the view of the recipients to whom one writes most ([MS-ASCMD] MaxItems).
    """

    def weight(item: MailboxItem) -> int:
        return (item.data.weighted_rank or 0) if isinstance(item.data, Contact) else 0

    chosen = sorted(folder.items.values(), key=weight, reverse=True)[: max(most, 0)]
    shown = {item.server_id for item in chosen}
    return lambda item: item.server_id in shown


def newest_first(items: Iterable[MailboxItem]) -> list[MailboxItem]:
    """
    Sort items by their own date.
    """
    early = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)

    def moment(item: MailboxItem) -> dt.datetime:
        data = item.data
        if isinstance(data, Email):
            return data.date_received or early
        if isinstance(data, Event):
            return data.start_time or early
        return early

    return sorted(items, key=moment, reverse=True)
