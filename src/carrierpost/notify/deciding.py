"""
From a piece of a feed to decisions: what it says of items is looked up, the rules are asked for every device.
"""

from __future__ import annotations

import dataclasses
import datetime as dt
from collections.abc import Callable, Sequence

from carrierpost.delivery import Way
from carrierpost.model import (
    Change,
    ChangeKind,
    FolderType,
    Item,
    ItemBody,
    NewNotice,
    NoticeKind,
    NoticeWithdrawal,
    Step,
    TraceStep,
    Urgency,
)
from carrierpost.notify.audience import Audience, Listener
from carrierpost.notify.news import is_news, news_key
from carrierpost.notify.rules import decide
from carrierpost.notify.scene import Decision, Scene
from carrierpost.notify.settings import NotifySettings
from carrierpost.notify.weight import may_be_silent
from carrierpost.protocol.classes import Email
from carrierpost.protocol.text import html_to_text
from carrierpost.store.contract import Store
from carrierpost.store.errors import NotHeld

__all__ = ["Decided", "decide_changes", "maybe_item"]

_PREVIEWED = 4000  # letters of a text that are looked at for its beginning
_GATHER = dt.timedelta(seconds=5)  # what came late is waited for, so that one summary tells of all of it


@dataclasses.dataclass(slots=True)
class Decided:
    """
    What was decided on a piece of a feed; grows while it is.

    Attributes:
        notices: what devices are to be told.
        withdrawals: what they need not be told any more.
        steps: the trace.
        items: the items that the piece is about, as they are now; `None` for those that are gone.
    """

    notices: list[NewNotice] = dataclasses.field(default_factory=list)
    withdrawals: list[NoticeWithdrawal] = dataclasses.field(default_factory=list)
    steps: list[TraceStep] = dataclasses.field(default_factory=list)
    items: dict[int, Item | None] = dataclasses.field(default_factory=dict)


async def decide_changes(
    store: Store, changes: Sequence[Change], audience: Audience, tuning: NotifySettings, name: Callable[[], str]
) -> Decided:
    """
    Decide on a piece of a feed, for all devices of the account.

    Args:
        store: where the items are.
        changes: the piece.
        audience: the devices, and what holds for them.
        tuning: what an administrator may tune.
        name: gives names for notices.
    """
    ids = {one.item_id for one in changes if one.item_id is not None}
    items = {item_id: await maybe_item(store, item_id) for item_id in sorted(ids)}
    decided = Decided(items=items)
    keys = {news_key(item) for item in items.values() if item is not None}
    told = set(await store.notified(audience.account.id, keys)) if keys and audience.listeners else set()
    for change in changes:
        item = items.get(change.item_id) if change.item_id is not None else None
        if (reason := _withdrawn(change, item)) is not None and change.item_id is not None:
            decided.withdrawals.append(NoticeWithdrawal(item_id=change.item_id, reason=reason))
        if is_news(change):
            await _decide_news(store, change, item, audience, tuning, name, told, decided)
    _tell_number(changes, audience, tuning, name, decided)
    return decided


def _withdrawn(change: Change, item: Item | None) -> str | None:
    """
    Say why nobody needs to be told of an item any more; `None` when that is not what a change says.
    """
    match change.kind:
        case ChangeKind.ITEM_REMOVED:
            return "it was deleted or moved elsewhere"
        case ChangeKind.ITEM_MOVED:
            return "it was moved to another folder"
        case ChangeKind.ITEM_CHANGED if "read" in change.fields and item is not None and isinstance(item.data, Email):
            return "it was read elsewhere" if item.data.read else None
    return None


async def _decide_news(
    store: Store,
    change: Change,
    item: Item | None,
    audience: Audience,
    tuning: NotifySettings,
    name: Callable[[], str],
    told: set[tuple[int, str]],
    decided: Decided,
) -> None:
    collection = audience.collections.get(change.collection_id or 0)
    preview = _preview(await store.body(item.id)) if item is not None and isinstance(item.data, Email) else ""
    key = news_key(item) if item is not None else ""
    first = True
    for listener in audience.listeners:
        scene = Scene(
            audience.account,
            listener.device,
            listener.delivery,
            listener.settings,
            audience.now,
            device_settings=listener.device_settings,
            told=(listener.device.id, key) in told,
            channel=listener.life.channel,
            preview=preview,
            tuning=tuning,
        )
        decision = decide(change, item, collection, scene)
        if decision is None:
            return
        if first:
            decided.steps += _passage(change, item)
            first = False
        token = name() if decision.notify else ""
        decided.steps.append(_decision_step(change, listener, decision, token, audience.now))
        if decision.notify:
            told.add((listener.device.id, decision.key))
            decided.notices.append(_notice(change, item, listener, decision, token, audience.now))


def _passage(change: Change, item: Item | None) -> list[TraceStep]:
    """
    Give the steps that an item took before anything was decided: the same for all devices.
    """
    received = item.data.date_received if item is not None and isinstance(item.data, Email) else None
    passage = change.passage
    moments = [
        (Step.NOTICED, received, "the mail server received it"),
        (Step.ANSWERED, passage.heard_at if passage is not None else None, "the held connection was answered"),
        (Step.SYNCED, passage.answered_at if passage is not None else None, "the server sent it"),
        (Step.COMMITTED, change.at, f"change {change.number} of the account's feed"),
    ]
    return [
        TraceStep(account_id=change.account_id, step=step, at=at, item_id=change.item_id, detail=detail)
        for step, at, detail in moments
        if at is not None and at.tzinfo is not None
    ]


def _decision_step(change: Change, listener: Listener, decision: Decision, token: str, now: dt.datetime) -> TraceStep:
    return TraceStep(
        account_id=change.account_id,
        step=Step.DECIDED,
        at=now,
        item_id=change.item_id,
        device_id=listener.device.id,
        notice=token,
        told=decision.notify,
        detail=decision.reason,
    )


def _notice(
    change: Change, item: Item | None, listener: Listener, decision: Decision, token: str, now: dt.datetime
) -> NewNotice:
    received = item.data.date_received if item is not None and isinstance(item.data, Email) else None
    return NewNotice(
        device_id=listener.device.id,
        account_id=change.account_id,
        kind=decision.kind,
        key=decision.key,
        token=token,
        due_at=now + _GATHER if decision.kind is NoticeKind.SUMMARY else now,
        expires_at=decision.expires_at,
        text=decision.text,
        item_id=change.item_id,
        collection_id=change.collection_id,
        urgency=decision.urgency,
        collapse=decision.collapse,
        reason=decision.reason,
        news_at=received if received is not None and received.tzinfo is not None else change.at,
    )


def _tell_number(
    changes: Sequence[Change], audience: Audience, tuning: NotifySettings, name: Callable[[], str], decided: Decided
) -> None:
    """
    Have devices told the number of unread mails where it may have changed and no other notice brings it.
    """
    inboxes = {one.id for one in audience.collections.values() if one.type is FolderType.INBOX}
    moved = [one for one in changes if one.collection_id in inboxes and _counts(one)]
    if not moved:
        return
    brought = {one.device_id for one in decided.notices}
    for listener in audience.listeners:
        silent = may_be_silent(listener.device.platform, listener.life.channel)
        if listener.delivery.way is not Way.NOTIFY or listener.device.id in brought or not silent:
            continue
        decided.notices.append(
            NewNotice(
                device_id=listener.device.id,
                account_id=audience.account.id,
                kind=NoticeKind.BADGE,
                key=f"badge:{moved[-1].number}",
                token=name(),
                due_at=audience.now,
                expires_at=audience.now + tuning.badge_life,
                urgency=Urgency.LOW,
                collapse="badge",
                reason="the number of unread mails in the Inbox changed",
            )
        )


def _counts(change: Change) -> bool:
    """
    Tell whether a change may have changed how many mails are unread, without being news.
    """
    if change.kind is ChangeKind.ITEM_CHANGED:
        return "read" in change.fields
    return change.kind in (ChangeKind.ITEM_REMOVED, ChangeKind.ITEM_MOVED)


async def maybe_item(store: Store, item_id: int) -> Item | None:
    """
    Give an item, or `None` when it is gone.
    """
    try:
        return await store.item(item_id)
    except NotHeld:
        return None


def _preview(body: ItemBody | None) -> str:
    """
    Give how a mail begins, as plain text; nothing for a whole message as it was sent.
    """
    if body is None or not isinstance(body.data, str):
        return ""
    text = body.data[:_PREVIEWED]
    return html_to_text(text) if body.type == 2 else text
