"""
How mail reaches a device: one table, and a pure function that reads it.

The table is the promise. An open app sees what happens as it happens. On Android that stays so when it is left or
closed. On iOS an app that was left goes on for its grace period; then it is notified by its channel, or refreshes from
time to time, or is told nothing until it is opened. Exactly one row fits each combination, which a test goes through.

Low power and the kind of network do not change the way, but how often a refresh comes (`cadence`); what they mean is
said with the reason. Whoever is told a way is also told until when it certainly holds, so that nobody has to ask again
before.
"""

from __future__ import annotations

import dataclasses
import datetime as dt
import enum

from carrierpost.delivery.settings import DeliveryPolicy
from carrierpost.model import AppState, Channel, Device, DeviceLife, Network, Platform

__all__ = ["RULES", "Delivery", "Rule", "Way", "decide", "unusable"]


class Way(enum.StrEnum):
    """
    How mail reaches a device.
    """

    LIVE = "live"
    """The hub holds the account's connection, and the device hears each change over its live stream."""
    NOTIFY = "notify"
    """The hub holds the account's connection, and notifies the device over its channel."""
    REFRESH = "refresh"
    """No connection is held; the device asks from time to time."""
    NOTHING = "nothing"
    """Nothing is done until the app is opened."""


@dataclasses.dataclass(frozen=True, slots=True)
class Rule:
    """
    One row of the table.

    Attributes:
        platform: what the device runs.
        states: where its app is.
        notified: whether a usable channel is there; `None` when it makes no difference.
        refreshed: whether background refresh is on, likewise.
        way: how mail reaches it.
        reason: why, as half a sentence.
    """

    platform: Platform
    states: frozenset[AppState]
    notified: bool | None
    refreshed: bool | None
    way: Way
    reason: str

    def fits(self, platform: Platform, state: AppState, *, notified: bool, refreshed: bool) -> bool:
        """
        Tell whether this is the row for a device.
        """
        return (
            platform is self.platform
            and state in self.states
            and self.notified in (None, notified)
            and self.refreshed in (None, refreshed)
        )


_OPEN = frozenset({AppState.FOREGROUND})
_LEFT = frozenset({AppState.BACKGROUND, AppState.SUSPENDED})
_GONE = frozenset({AppState.TERMINATED})
_GRACE = frozenset({AppState.GRACE})
_I, _A, _D = Platform

RULES = (
    Rule(_I, _OPEN, None, None, Way.LIVE, "the app is open, whatever is set for the background"),
    Rule(_I, _GRACE, None, None, Way.LIVE, "the app was just left, and iOS lets it go on for its grace period"),
    Rule(_I, _LEFT, True, None, Way.NOTIFY, "the app is in the background, and its notify channel wakes it"),
    Rule(_I, _LEFT, False, True, Way.REFRESH,
         "the app is in the background, and background app refresh lets it ask from time to time"),
    Rule(_I, _LEFT, False, False, Way.NOTHING,
         "the app is in the background, and background app refresh is off; mail comes when it is opened"),
    Rule(_I, _GONE, True, None, Way.NOTIFY, "the app is closed, and iOS shows the notice without it"),
    Rule(_I, _GONE, False, None, Way.NOTHING, "the app is closed, and iOS starts it for nobody but a person"),
    Rule(_A, _OPEN, None, None, Way.LIVE, "the app is open"),
    Rule(_A, _LEFT | _GRACE, True, None, Way.NOTIFY,
         "the app is in the background; the connection stays, and the notify channel wakes the device"),
    Rule(_A, _LEFT | _GRACE, False, None, Way.LIVE,
         "the app is in the background, where Android lets it stay connected"),
    Rule(_A, _GONE, True, None, Way.NOTIFY,
         "the app is closed; the connection stays, and the notify channel wakes the device"),
    Rule(_A, _GONE, False, None, Way.LIVE, "the app is closed, and Android lets its service stay connected"),
    Rule(_D, _OPEN, None, None, Way.LIVE, "the app is open"),
    Rule(_D, frozenset({AppState.GRACE, AppState.BACKGROUND}), None, None, Way.LIVE,
         "the window is not in front, but a computer lets it go on"),
    Rule(_D, frozenset({AppState.SUSPENDED}), True, None, Way.NOTIFY,
         "the computer sleeps; its channel keeps the notice for it"),
    Rule(_D, frozenset({AppState.SUSPENDED}), False, None, Way.NOTHING, "the computer sleeps"),
    Rule(_D, _GONE, True, None, Way.NOTIFY,
         "the app is closed, and its notify channel reaches the computer without it"),
    Rule(_D, _GONE, False, None, Way.NOTHING, "the app is closed"),
)  # fmt: skip
"""The table. Exactly one row fits each combination."""


@dataclasses.dataclass(frozen=True, slots=True)
class Delivery:
    """
    How mail reaches one device at one moment.

    Attributes:
        way: how.
        channel: over which channel it is notified, for `Way.NOTIFY`.
        reason: why, in a sentence.
        until: until when this holds if nothing is heard of the device, or `None` for as long as that.
    """

    way: Way
    channel: Channel | None
    reason: str
    until: dt.datetime | None = None

    @property
    def holds(self) -> bool:
        """
        Tell whether the hub holds the account's connection for this device.
        """
        return self.way in (Way.LIVE, Way.NOTIFY)


def decide(device: Device, life: DeviceLife, policy: DeliveryPolicy, now: dt.datetime) -> Delivery:
    """
    Decide how mail reaches a device.

    Args:
        device: the device.
        life: what it said of its life.
        policy: what holds for it.
        now: the time, with a zone.
    """
    seen = life.last_seen or life.since
    abandoned_at = seen + dt.timedelta(days=policy.abandoned_days)
    if abandoned_at <= now:
        return Delivery(Way.NOTHING, None, f"{device.name} was not heard of for {policy.abandoned_days:g} days")
    state, until, remark = _standing(device.platform, life, policy, now)
    obstacle = unusable(device.platform, life, policy)
    rule = next(
        one
        for one in RULES
        if one.fits(device.platform, state, notified=obstacle is None, refreshed=life.background_refresh)
    )
    parts = [remark + rule.reason if remark else rule.reason]
    if obstacle and any(one.notified for one in RULES if one.platform is device.platform and state in one.states):
        parts.append(obstacle)
    parts += _conditions(rule.way, life)
    return Delivery(
        rule.way,
        life.channel if rule.way is Way.NOTIFY else None,
        "; ".join(parts),
        min(until, abandoned_at) if until is not None else abandoned_at,
    )


def _standing(
    platform: Platform, life: DeviceLife, policy: DeliveryPolicy, now: dt.datetime
) -> tuple[AppState, dt.datetime | None, str]:
    """
    Say where an app is by now, if nothing was heard since; until when that is so; and how it is known.
    """
    if life.state is AppState.GRACE and platform is Platform.IOS:
        ends = life.since + dt.timedelta(seconds=policy.grace_seconds)
        return (AppState.GRACE, ends, "") if now < ends else (AppState.SUSPENDED, None, "the grace period is over: ")
    if life.state is AppState.FOREGROUND:
        silent_at = (life.last_seen or life.since) + dt.timedelta(seconds=policy.silence_seconds)
        if now < silent_at:
            return AppState.FOREGROUND, silent_at, ""
        return AppState.SUSPENDED, None, "it said that it was open, but has been silent since: "
    return life.state, None, ""


def unusable(platform: Platform, life: DeviceLife, policy: DeliveryPolicy) -> str | None:
    """
    Say why a device cannot be notified over its channel; `None` when it can.
    """
    if life.channel is None:
        return "no notify channel is set up on it"
    if not life.channel_allowed:
        return "notices are turned off for the app in the device's settings"
    if life.channel not in policy.channels:
        return f"the administrator does not allow the channel {life.channel}"
    if life.channel in _FOREIGN[platform]:
        return f"the channel {life.channel} does not reach {platform}"
    return None


_FOREIGN = {
    Platform.IOS: {Channel.FCM, Channel.UNIFIED_PUSH, Channel.DESKTOP},
    Platform.ANDROID: {Channel.APNS, Channel.DESKTOP},
    Platform.DESKTOP: {Channel.FCM},
}


def _conditions(way: Way, life: DeviceLife) -> list[str]:
    """
    Say what the state of the device adds: it changes no way, but when it leads to something.
    """
    said = []
    if way is not Way.NOTHING and life.network is Network.NONE:
        said.append("it has no network now, and gets everything once it has")
    if way is Way.REFRESH and life.low_power:
        said.append("low power mode makes refreshes rarer")
    if way is Way.REFRESH and life.roaming and life.network is not Network.NONE:
        said.append("roaming makes refreshes rarer")
    return said
