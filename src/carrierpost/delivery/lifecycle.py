"""
An app's life as a table: which event leads from which state to which. The diagram in the manual is drawn from it.

Three systems, three lives:

* iOS lets an app that was left go on for a grace period, and then suspends it. A suspended app gets time again when the
  system refreshes it or wakes it for a notice, and loses it as soon as that is over. A notice for an app that is gone
  is shown by the system; the app stays gone. A refresh may start it: not only people end apps, systems do, for memory.
* Android lets an app go on in the background for as long as it likes to, and may put it to sleep. It can start an app
  that is gone in order to hand a notice to it.
* On a desk an app that was left simply goes on; it is suspended when the lid is closed.

An event that is not in the table cannot happen, and is an error that says what can. Hearing the same again (opened
while open, ended while gone) is no error: reports are repeated when an answer was lost, and lead to the same state.
"""

from __future__ import annotations

import dataclasses
import datetime as dt
import enum
from collections.abc import Mapping

import msgspec

from carrierpost.delivery.errors import EventNotPossible
from carrierpost.model import AppState, DeviceLife, Platform

__all__ = ["TRANSITIONS", "LifeEvent", "Transition", "after", "lived", "possible"]


class LifeEvent(enum.StrEnum):
    """
    What happens to an app.
    """

    FOREGROUND = "foreground"
    """A person opened it."""
    BACKGROUND = "background"
    """A person left it."""
    GRACE_ENDED = "grace ended"
    """The time is over that the system gave it after that."""
    SUSPENDED = "suspended"
    """The system took its time away."""
    TERMINATED = "terminated"
    """A person closed it, or the system ended it."""
    REFRESH_BEGUN = "refresh begun"
    """The system gave it time to refresh."""
    REFRESH_ENDED = "refresh ended"
    """It gave that time back, or the time was over."""
    PUSH_RECEIVED = "push received"
    """A notice reached the device."""


@dataclasses.dataclass(frozen=True, slots=True)
class Transition:
    """
    One row.

    Attributes:
        platform: what the device runs.
        state: the state before.
        event: what happens.
        to: the state after.
    """

    platform: Platform
    state: AppState
    event: LifeEvent
    to: AppState


_F, _G, _B, _S, _T = AppState
_E = LifeEvent

_ANYWHERE: tuple[tuple[AppState, LifeEvent, AppState], ...] = (
    (_F, _E.FOREGROUND, _F),
    (_B, _E.FOREGROUND, _F),
    (_S, _E.FOREGROUND, _F),
    (_T, _E.FOREGROUND, _F),
    (_B, _E.BACKGROUND, _B),
    (_B, _E.SUSPENDED, _S),
    (_S, _E.SUSPENDED, _S),
    (_F, _E.TERMINATED, _T),
    (_B, _E.TERMINATED, _T),
    (_S, _E.TERMINATED, _T),
    (_T, _E.TERMINATED, _T),
    (_F, _E.PUSH_RECEIVED, _F),
    (_B, _E.PUSH_RECEIVED, _B),
    (_S, _E.PUSH_RECEIVED, _B),
)
"""What is the same on every system."""

_ROWS: Mapping[Platform, tuple[tuple[AppState, LifeEvent, AppState], ...]] = {
    Platform.IOS: (
        *_ANYWHERE,
        (_G, _E.FOREGROUND, _F),
        (_F, _E.BACKGROUND, _G),
        (_G, _E.BACKGROUND, _G),
        (_G, _E.GRACE_ENDED, _S),
        (_S, _E.GRACE_ENDED, _S),
        (_G, _E.SUSPENDED, _S),
        (_G, _E.TERMINATED, _T),
        (_G, _E.PUSH_RECEIVED, _G),
        (_T, _E.PUSH_RECEIVED, _T),
        (_S, _E.REFRESH_BEGUN, _B),
        (_B, _E.REFRESH_BEGUN, _B),
        (_T, _E.REFRESH_BEGUN, _B),
        (_B, _E.REFRESH_ENDED, _S),
        (_F, _E.REFRESH_ENDED, _F),  # a person opened the app while it refreshed,
        (_G, _E.REFRESH_ENDED, _G),  # and left it again,
        (_S, _E.REFRESH_ENDED, _S),  # or the system took its time away before it was done,
        (_T, _E.REFRESH_ENDED, _T),  # or ended it
    ),
    Platform.ANDROID: (
        *_ANYWHERE,
        (_F, _E.BACKGROUND, _B),
        (_S, _E.BACKGROUND, _B),
        (_T, _E.PUSH_RECEIVED, _B),
        (_B, _E.REFRESH_BEGUN, _B),
        (_S, _E.REFRESH_BEGUN, _B),
        (_T, _E.REFRESH_BEGUN, _B),
        (_B, _E.REFRESH_ENDED, _B),
        (_F, _E.REFRESH_ENDED, _F),
        (_S, _E.REFRESH_ENDED, _S),
        (_T, _E.REFRESH_ENDED, _T),
    ),
    Platform.DESKTOP: (
        *_ANYWHERE,
        (_F, _E.BACKGROUND, _B),
        (_F, _E.SUSPENDED, _S),
        (_S, _E.BACKGROUND, _B),
        (_T, _E.PUSH_RECEIVED, _T),
    ),
}

TRANSITIONS = tuple(Transition(platform, *row) for platform, rows in _ROWS.items() for row in rows)
"""The table. What is not in it cannot happen."""

_NEXT = {(one.platform, one.state, one.event): one.to for one in TRANSITIONS}


def after(platform: Platform, state: AppState, event: LifeEvent) -> AppState:
    """
    Give the state that follows.

    Raises:
        EventNotPossible: the event cannot happen in that state.
    """
    try:
        return _NEXT[platform, state, event]
    except KeyError:
        names = tuple(str(one) for one in possible(platform, state))
        raise EventNotPossible(platform, state, str(event), names) from None


def possible(platform: Platform, state: AppState) -> tuple[LifeEvent, ...]:
    """
    List what can happen in a state.
    """
    return tuple(event for event in LifeEvent if (platform, state, event) in _NEXT)


def lived(platform: Platform, life: DeviceLife, event: LifeEvent, now: dt.datetime) -> DeviceLife:
    """
    Give a device's life after an event, which it was heard of by.

    `since` stays when the state does: a repeated report does not begin a grace period anew.

    Raises:
        EventNotPossible: the event cannot happen in the present state.
    """
    to = after(platform, life.state, event)
    return msgspec.structs.replace(life, state=to, since=life.since if to is life.state else now, last_seen=now)
