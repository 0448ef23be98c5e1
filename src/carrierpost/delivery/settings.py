"""
What an administrator may tune about delivery.
"""

from __future__ import annotations

import dataclasses

from carrierpost.model import Channel

__all__ = ["DeliveryPolicy", "RefreshPolicy"]


@dataclasses.dataclass(frozen=True, slots=True)
class DeliveryPolicy:
    """
    What holds for the devices of an account.

    Attributes:
        channels: notify channels that may be used.
        grace_seconds: how long iOS lets an app go on that was left. The system decides; about 30 seconds is usual, and
            a host that is told more (`backgroundTimeRemaining`) hands in what it was told.
        silence_seconds: a device that claims to be open, and was not heard of for this long, is taken for one in the
            background: its battery may be empty. A live stream that is connected counts as being heard of.
        abandoned_days: for a device that was not heard of for this long no connection is held; opening it is enough to
            take everything up again.

    Raises:
        ValueError: one of them is negative.
    """

    channels: frozenset[Channel] = frozenset(Channel)
    grace_seconds: float = 30.0
    silence_seconds: float = 900.0
    abandoned_days: float = 30.0

    def __post_init__(self) -> None:
        for name in ("grace_seconds", "silence_seconds", "abandoned_days"):
            if not getattr(self, name) >= 0:
                raise ValueError(f"{name} is {getattr(self, name)}; it cannot be negative")


@dataclasses.dataclass(frozen=True, slots=True)
class RefreshPolicy:
    """
    How often background refresh may be.

    Attributes:
        floor_minutes: never sooner than this after the last one. Systems grant no more than about that.
        usual_minutes: how long it takes when nothing speaks for sooner or later.
        most_minutes: never later than this, while the budget lasts and there is a network.
        daily_budget: how many there may be in any 24 hours. A system gives less time to an app that takes much.

    Raises:
        ValueError: the floor is below 15 minutes, or the numbers are not in order.
    """

    floor_minutes: float = 15.0
    usual_minutes: float = 40.0
    most_minutes: float = 360.0
    daily_budget: int = 40

    def __post_init__(self) -> None:
        if not self.floor_minutes >= 15.0:
            raise ValueError(f"floor_minutes is {self.floor_minutes}; no system grants less than 15 minutes")
        if not self.floor_minutes <= self.usual_minutes <= self.most_minutes:
            raise ValueError("floor_minutes, usual_minutes and most_minutes must not become smaller")
        if self.daily_budget < 1:
            raise ValueError(f"daily_budget is {self.daily_budget}; without any, turn background refresh off instead")
