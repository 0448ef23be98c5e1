"""
Which reminders wait in the queue: those that go off within some hours, for every device that reminds.

They are put there ahead of time, and decided on when they go off. When an event changes, what still waits of it is made
anew, and what was shown of an occurrence that moved is taken away.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable

from carrierpost.model import ContentClass, FolderRule, Item, NewNotice, NoticeKind, NoticeWithdrawal, Urgency
from carrierpost.notify.audience import Audience, Listener
from carrierpost.notify.deciding import Decided
from carrierpost.notify.reminders import Reminder, reminder_key, reminders
from carrierpost.notify.settings import NotifySettings
from carrierpost.notify.wording import reminder_text
from carrierpost.notify.zones import zone_of
from carrierpost.protocol.classes import Event
from carrierpost.store.contract import Store

__all__ = ["plan_reminders"]

_SHOWN = dt.timedelta(days=1)  # what began within this is still on somebody's screen
_MOVED = "the event takes place at another time, or not at all"


async def plan_reminders(
    store: Store,
    audience: Audience,
    decided: Decided,
    tuning: NotifySettings,
    name: Callable[[], str],
    *,
    only: Iterable[Item] | None = None,
    fresh: bool = False,
) -> None:
    """
    Plan reminders, and add them to what was decided.

    Args:
        store: where the events are.
        audience: the devices, and what holds for them.
        decided: receives the reminders, and which earlier ones do not hold any more.
        tuning: what an administrator may tune.
        name: gives names for notices.
        only: items that have changed, of any class; `None` for all events.
        fresh: nothing has changed, so nothing is taken back.
    """
    for item in await _events(store, audience, only):
        assert isinstance(item.data, Event)
        planned: set[str] = set()
        for listener in audience.listeners:
            if listener.settings.reminders and listener.settings.folders.get(item.collection_id) is not FolderRule.NONE:
                planned |= _plan(item, item.data, listener, audience.now, tuning, name, decided)
        if not fresh:
            kinds = frozenset({NoticeKind.REMINDER})
            keep = frozenset(planned)
            decided.withdrawals.append(
                NoticeWithdrawal(item_id=item.id, reason=_MOVED, kinds=kinds, keep=keep, renew=True)
            )


async def _events(store: Store, audience: Audience, only: Iterable[Item] | None) -> list[Item]:
    if only is not None:
        return [one for one in only if one.content_class is ContentClass.CALENDAR]
    found: list[Item] = []
    for one in audience.collections.values():
        if one.content_class is ContentClass.CALENDAR:
            found += await store.items(audience.account.id, collection_id=one.id)
    return found


def _plan(
    item: Item,
    event: Event,
    listener: Listener,
    now: dt.datetime,
    tuning: NotifySettings,
    name: Callable[[], str],
    decided: Decided,
) -> set[str]:
    """
    Add one device's reminders of one event.

    Returns:
        The keys of all that hold, also of those that went off already.
    """
    keys = set()
    zone_name = listener.device.time_zone
    for one in reminders(event, now - _SHOWN, now + tuning.reminders_ahead, zone_name):
        key = reminder_key(item.id, one)
        keys.add(key)
        if one.due_at >= now or one.occurrence.start > now:
            decided.notices.append(_reminder(item, event, one, key, listener, now, name()))
    return keys


def _reminder(
    item: Item, event: Event, one: Reminder, key: str, listener: Listener, now: dt.datetime, token: str
) -> NewNotice:
    due = max(one.due_at, now)
    return NewNotice(
        device_id=listener.device.id,
        account_id=item.account_id,
        kind=NoticeKind.REMINDER,
        key=key,
        token=token,
        due_at=due,
        expires_at=one.until,
        text=reminder_text(event, one.occurrence, due, zone_of(listener.device.time_zone)),
        item_id=item.id,
        collection_id=item.collection_id,
        urgency=Urgency.HIGH,
        reason="a reminder was set for it",
        news_at=due,
    )
