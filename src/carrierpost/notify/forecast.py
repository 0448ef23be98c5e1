"""
What would happen to a mail arriving now, for one device, and why: the doctor's look at notices.

The very rules that decide about mail are asked about one that does not exist, so the answer is theirs.
"""

from __future__ import annotations

import dataclasses
import datetime as dt
from collections.abc import Collection as Container

from carrierpost.delivery import DeliveryPolicy, Way
from carrierpost.model import (
    Change,
    ChangeKind,
    Channel,
    Collection,
    ContentClass,
    FolderType,
    Item,
    Notice,
    NoticeKind,
    NoticeState,
    Origin,
    Subscription,
)
from carrierpost.notify.audience import Listener, audience_of
from carrierpost.notify.quiet import quiet_until
from carrierpost.notify.rules import decide
from carrierpost.notify.scene import Decision, Scene
from carrierpost.notify.settings import NotifySettings
from carrierpost.notify.trace import duration
from carrierpost.notify.zones import zone_of
from carrierpost.protocol.classes import Email
from carrierpost.store.contract import Store

__all__ = ["Finding", "Forecast", "forecast", "silence"]

_SENT = (NoticeState.ACCEPTED, NoticeState.RECEIVED, NoticeState.SHOWN)
_HEARD = (NoticeState.RECEIVED, NoticeState.SHOWN)
_SUSPICIOUS = 3  # notices in a row that a provider took and no device spoke of
_LOOKED_AT = 100  # newest notices of the device


@dataclasses.dataclass(frozen=True, slots=True)
class Finding:
    """
    One thing that was looked at.

    Attributes:
        name: what.
        good: whether it is as it should be; `None` for neither.
        text: what is so, in words.
    """

    name: str
    good: bool | None
    text: str


@dataclasses.dataclass(frozen=True, slots=True)
class Forecast:
    """
    What would happen to a mail arriving now.

    Attributes:
        device: what the device is called.
        decision: of the rules about such a mail.
        way: how mail reaches the device.
        findings: all that was looked at.
    """

    device: str
    decision: Decision
    way: Way
    findings: tuple[Finding, ...]


async def forecast(
    store: Store,
    device_id: int,
    *,
    now: dt.datetime,
    policy: DeliveryPolicy | None = None,
    tuning: NotifySettings | None = None,
    channels: Container[Channel] | None = None,
) -> Forecast:
    """
    Look at a device.

    Args:
        store: where everything is kept.
        device_id: the device.
        now: the time, UTC.
        policy: what holds for delivery where no policy set speaks.
        tuning: what an administrator may tune.
        channels: those that are set up on this hub; `None` when that is not known.

    Raises:
        NotHeld: there is no such device.
    """
    device = await store.device(device_id)
    audience = await audience_of(store, device.account_id, policy or DeliveryPolicy(), now)
    listener = next(one for one in audience.listeners if one.device.id == device_id)
    scene = Scene(
        audience.account,
        device,
        listener.delivery,
        listener.settings,
        now,
        device_settings=listener.device_settings,
        channel=listener.life.channel,
        tuning=tuning or NotifySettings(),
    )
    inbox = next((one for one in audience.collections.values() if one.type is FolderType.INBOX), None)
    decision = decide(*_somebody_writes(device.account_id, inbox, now), scene)
    assert decision is not None
    notices = await store.notices(device.account_id, device_id=device_id, limit=_LOOKED_AT)
    findings = [
        Finding("a mail now", decision.notify or listener.delivery.way is Way.LIVE, _sentence(decision)),
        Finding(
            "delivery", listener.delivery.way is not Way.NOTHING, f"{listener.delivery.way}: {listener.delivery.reason}"
        ),
        *_subscriptions(await store.subscriptions(device_id), channels),
        _lock_screen(listener),
        *_quiet(listener, now),
        *_folders(listener, audience.collections.values()),
        _receipts(notices, now),
    ]
    return Forecast(device.name, decision, listener.delivery.way, tuple(findings))


def _somebody_writes(account_id: int, inbox: Collection | None, now: dt.datetime) -> tuple[Change, Item, Collection]:
    """
    Make up a mail from a stranger that arrives in the Inbox now.
    """
    folder = inbox or Collection(
        id=0, account_id=account_id, server_id="", parent_id="0", display_name="Inbox", type=FolderType.INBOX,
        content_class=ContentClass.EMAIL,
    )  # fmt: skip
    change = Change(
        account_id=account_id, number=1, kind=ChangeKind.ITEM_ADDED, origin=Origin.SERVER, at=now,
        collection_id=folder.id, item_id=0, announce=True,
    )  # fmt: skip
    data = Email(subject="A mail", from_="somebody@elsewhere.invalid", date_received=now, read=False)
    item = Item(
        id=0, account_id=account_id, collection_id=folder.id, server_id="", content_class=ContentClass.EMAIL, data=data
    )  # fmt: skip
    return change, item, folder


def _sentence(decision: Decision) -> str:
    if not decision.notify:
        return f"a mail arriving in the Inbox now would not be told: {decision.reason}"
    if decision.kind is NoticeKind.BADGE:
        return f"a mail arriving in the Inbox now would only change the number on the icon: {decision.reason}"
    return f"a mail arriving in the Inbox now would be told at once: {decision.reason}"


def _subscriptions(held: tuple[Subscription, ...], channels: Container[Channel] | None) -> list[Finding]:
    if not held:
        return [Finding("channel", None, "none is set up on the device")]
    found = []
    for one in held:
        since = f"{one.channel}, set up {one.created_at:%d %b %Y}"
        if one.failed:
            found.append(Finding("channel", False, f"{since}, is used no more: {one.failed}"))
        elif channels is not None and one.channel not in channels:
            found.append(Finding("channel", False, f"{since}, but this hub has no {one.channel} set up"))
        elif one.verified_at is None:
            found.append(Finding("channel", None, f"{since}; the device never said that a notice came by it"))
        else:
            found.append(
                Finding("channel", True, f"{since}; a notice last came by it {one.verified_at:%d %b %Y %H:%M} UTC")
            )
    return found


def _lock_screen(listener: Listener) -> Finding:
    detail = listener.governing.detail(listener.settings)
    if detail is listener.settings.detail:
        return Finding("lock screen", True, f"shows {detail}, as its owner chose")
    source = listener.governing.effective.source("lock_screen_detail")
    return Finding(
        "lock screen", True, f"shows {detail}, because of {source}; its owner chose {listener.settings.detail}"
    )


def _quiet(listener: Listener, now: dt.datetime) -> list[Finding]:
    if not listener.settings.quiet:
        return []
    until = quiet_until(listener.settings.quiet, now, zone_of(listener.device.time_zone))
    if until is None:
        return [Finding("quiet hours", True, f"not now ({listener.device.time_zone})")]
    return [Finding("quiet hours", None, f"until {until:%H:%M} ({listener.device.time_zone})")]


def _folders(listener: Listener, collections: Container[Collection]) -> list[Finding]:
    names = {one.id: one.display_name for one in collections}
    chosen = {names[one]: rule for one, rule in listener.settings.folders.items() if one in names}
    if not chosen:
        return []
    return [Finding("folders", True, ", ".join(f"{name}: {rule}" for name, rule in sorted(chosen.items())))]


def silence(notices: tuple[Notice, ...]) -> int:
    """
    Count the notices in a row, the newest first, that a provider took and of which the device never spoke.
    """
    count = 0
    for one in notices:
        if one.state in _HEARD:
            break
        if one.state is NoticeState.ACCEPTED and not one.silent and not one.joined:
            count += 1
    return count


def _receipts(notices: tuple[Notice, ...], now: dt.datetime) -> Finding:
    """
    Say whether what was sent also arrived.
    """
    sent = [one for one in notices if one.state in _SENT]
    if not sent:
        return Finding("receipts", None, "nothing was sent to it yet; try: carrierpost device test")
    heard = [one for one in sent if one.state in _HEARD]
    unheard = silence(notices)
    if unheard >= _SUSPICIOUS:
        return Finding(
            "receipts",
            False,
            f"the provider took the last {unheard} notices, and the device spoke of none of them; it may receive "
            "nothing. Try: carrierpost device test",
        )
    if not heard:
        return Finding("receipts", None, f"{len(sent)} sent, and the device spoke of none of them yet")
    newest = heard[0]
    took = f", {duration(newest.settled_at - newest.sent_at)} after it was sent" if newest.sent_at is not None else ""
    ago = duration(now - newest.settled_at)
    what = "test" if newest.kind is NoticeKind.CANARY else "notice"
    return Finding("receipts", True, f"the last {what} was {newest.state} {ago} ago{took}")
