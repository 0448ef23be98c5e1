"""
What a device is sent next, out of all that waits for it. Pure.

One message goes at a time. A test comes first, then reminders, each by itself, then everything else that can be seen,
as one message when it is several; what shows nothing (the number on the icon, a notice that is taken away) comes last,
since every message that shows something carries the newest number anyway. Before that, it is sorted out what nobody
needs to be told any more: hours may have passed since it was decided.
"""

from __future__ import annotations

import dataclasses
import datetime as dt
from collections.abc import Sequence

from carrierpost.delivery import Delivery, Way
from carrierpost.model import (
    Device,
    LockScreenDetail,
    Notice,
    NoticeKind,
    NoticeSettings,
    NoticeState,
    NoticeText,
    Platform,
    Urgency,
)
from carrierpost.notify.channel import Kind, Message
from carrierpost.notify.quiet import quiet_until
from carrierpost.notify.settings import NotifySettings
from carrierpost.notify.wording import merged, shown
from carrierpost.notify.zones import zone_of

__all__ = ["Parcel", "Settled", "State", "Turn", "next_turn"]

_SILENT = (NoticeKind.BADGE, NoticeKind.WITHDRAWAL)
_HOUR = dt.timedelta(hours=1)
_URGENCIES = tuple(Urgency)


@dataclasses.dataclass(frozen=True, slots=True)
class State:
    """
    Everything about a device that decides what it is sent.

    Attributes:
        device: the device.
        delivery: how mail reaches it now.
        settings: what its owner set about notices.
        detail: what its lock screen may show, the stricter of its owner's choice and the policy's.
        unread: how many mails are unread in the Inbox.
        now: the time, UTC.
        may_be_silent: whether its channel can tell it something of which nothing shows.
        silent: when it was told such things in the last hour, the first first.
        tuning: what an administrator may tune.
    """

    device: Device
    delivery: Delivery
    settings: NoticeSettings
    detail: LockScreenDetail
    unread: int
    now: dt.datetime
    may_be_silent: bool = True
    silent: tuple[dt.datetime, ...] = ()
    tuning: NotifySettings = dataclasses.field(default_factory=NotifySettings)


@dataclasses.dataclass(frozen=True, slots=True)
class Settled:
    """
    A notice that is not sent now.

    Attributes:
        notice: which.
        state: what becomes of it; `NoticeState.WAITING` when it is only put off.
        reason: why.
        due_at: until when it is put off.
        decided: whether this is the decision about it, as for a reminder, which is made when it goes off.
    """

    notice: Notice
    state: NoticeState
    reason: str
    due_at: dt.datetime | None = None
    decided: bool = False


@dataclasses.dataclass(frozen=True, slots=True)
class Parcel:
    """
    A message, and the notices that it speaks for.

    Attributes:
        message: what is handed to the channel.
        notices: for which notices; the first one gives its name.
        silent: the device shows nothing of it.
        visible: it makes itself heard or seen, so the next such one keeps a distance.
    """

    message: Message
    notices: tuple[Notice, ...]
    silent: bool
    visible: bool


@dataclasses.dataclass(frozen=True, slots=True)
class Turn:
    """
    What is done about a device now.

    Attributes:
        settled: what is not sent, and why.
        parcel: what is sent, or `None` for nothing.
    """

    settled: tuple[Settled, ...]
    parcel: Parcel | None


def next_turn(due: Sequence[Notice], state: State) -> Turn:
    """
    Decide what a device is sent next.

    Args:
        due: what it is to be told by now, in the order in which it was decided.
        state: everything else.
    """
    settled = [one for notice in due if (one := _sorted_out(notice, state)) is not None]
    out = {one.notice.id for one in settled}
    left = [one for one in due if one.id not in out]
    if canaries := [one for one in left if one.kind is NoticeKind.CANARY]:
        return Turn(tuple(settled), _parcel(canaries[:1], state))
    if reminders := [one for one in left if one.kind is NoticeKind.REMINDER]:
        return Turn(tuple(settled), _parcel(reminders[:1], state))
    quiet = [one for one in left if one.kind in _SILENT]
    if visible := [one for one in left if one.kind not in _SILENT]:
        first = [one for one in visible if one.account_id == visible[0].account_id]
        badges = [one for one in quiet if one.kind is NoticeKind.BADGE]
        late = [one for one in first if one.kind is NoticeKind.SUMMARY]
        fresh = [one for one in first if one.kind is not NoticeKind.SUMMARY]
        return Turn(tuple(settled), _parcel(fresh or late, state, badges))
    if quiet:
        return _quiet_turn(settled, quiet, state)
    return Turn(tuple(settled), None)


def _sorted_out(notice: Notice, state: State) -> Settled | None:
    """
    Say why a notice is not sent, or not now; `None` when it is.
    """
    if notice.expires_at <= state.now:
        return Settled(notice, NoticeState.EXPIRED, notice.remark or "it could not be delivered in time")
    if notice.kind is NoticeKind.CANARY:
        return None
    reminder = notice.kind is NoticeKind.REMINDER
    if reminder and not state.settings.reminders:
        return Settled(notice, NoticeState.WITHDRAWN, "reminders are off on this device", decided=True)
    way, reason = state.delivery.way, state.delivery.reason
    if way is Way.LIVE:
        words = "the app reminds by itself" if reminder else "the device has it from its live stream by now"
        return Settled(notice, NoticeState.WITHDRAWN, f"{words}: {reason}", decided=reminder)
    if way is not Way.NOTIFY:
        return Settled(notice, NoticeState.REFUSED, f"the device cannot be notified: {reason}", decided=reminder)
    if reminder and not state.settings.reminders_in_quiet:
        zone = zone_of(state.device.time_zone)
        if until := quiet_until(state.settings.quiet, state.now, zone):
            return Settled(notice, NoticeState.WITHDRAWN, f"quiet hours until {until:%H:%M}", decided=True)
    if notice.kind in _SILENT and not state.may_be_silent:
        return Settled(notice, NoticeState.WITHDRAWN, "this channel always shows something; the next notice brings it")
    return None


def _quiet_turn(settled: list[Settled], quiet: list[Notice], state: State) -> Turn:
    """
    Send what shows nothing, unless the system allows no more of it for now.
    """
    if state.device.platform is Platform.IOS and len(state.silent) >= state.tuning.silent_an_hour:
        again = state.silent[-state.tuning.silent_an_hour] + _HOUR
        reason = f"iOS lets an app be woken silently {state.tuning.silent_an_hour} times an hour"
        waiting = [Settled(one, NoticeState.WAITING, reason, again) for one in quiet]
        return Turn((*settled, *waiting), None)
    removals = [one for one in quiet if one.kind is NoticeKind.WITHDRAWAL]
    if not removals:
        return Turn(tuple(settled), _parcel(quiet, state))
    if len(removals) == 1 or state.device.platform is not Platform.IOS:
        badges = [one for one in quiet if one.kind is NoticeKind.BADGE]
        return Turn(tuple(settled), _parcel(removals[:1], state, badges))
    return Turn(tuple(settled), _parcel(quiet, state))  # the app looks for itself what is to be taken away


def _parcel(notices: Sequence[Notice], state: State, along: Sequence[Notice] = ()) -> Parcel:
    """
    Make a message that speaks for some notices.

    Args:
        notices: those whose words it has, if any.
        state: of the device.
        along: those that are settled by it as well, because it carries the newest number.
    """
    ordered = sorted(notices, key=lambda one: (-_URGENCIES.index(one.urgency), one.id))
    leader = ordered[0]
    kind, text = _content(ordered, state)
    message = Message(
        kind=kind,
        notice_id=leader.token,
        expires_at=max(one.expires_at for one in ordered),
        urgency=leader.urgency,
        collapse=leader.collapse,
        badge=state.unread,
        text=text,
        about=leader.about if kind is Kind.WITHDRAW else "",
        item_id=leader.item_id if len(ordered) == 1 else None,
        at=leader.news_at,
    )
    silent = kind in (Kind.WAKE, Kind.BADGE, Kind.WITHDRAW)
    return Parcel(message, (*ordered, *along), silent, not silent and leader.kind is not NoticeKind.CANARY)


def _content(notices: Sequence[Notice], state: State) -> tuple[Kind, NoticeText | None]:
    kind = notices[0].kind
    if kind is NoticeKind.CANARY:
        return Kind.CANARY, None
    if all(one.kind is NoticeKind.BADGE for one in notices):
        return Kind.BADGE, None
    if all(one.kind in _SILENT for one in notices):
        return (Kind.WITHDRAW if len(notices) == 1 else Kind.WAKE), None
    texts = [one.text or NoticeText("New mail") for one in notices]
    text = shown(kind, merged(texts, kind is NoticeKind.SUMMARY), state.detail, state.unread)
    return (Kind.FULL, text) if text is not None else (Kind.PLACEHOLDER, None)
