"""
The gateways of channels: who stands between the hub and a device, and how it is doing.

Each push service, however many devices it serves, is one gateway with room for so many messages at the same time; one
that is slow or down delays nobody who is served by another.
"""

from __future__ import annotations

import asyncio
import datetime as dt
import random
from urllib.parse import urlsplit

from carrierpost.model import Channel, Subscription

__all__ = ["Gateway", "Gateways", "pause_after"]

_IN_A_ROW = 3  # failures after which it is the gateway that fails, and not one subscription


def pause_after(failures: int, chance: random.Random, first: dt.timedelta, longest: dt.timedelta) -> dt.timedelta:
    """
    Give how long to wait after a number of failures in a row: doubling, up to a limit, spread over half of its length.
    """
    whole = min(first * int(2 ** min(max(failures, 1) - 1, 20)), longest)
    return whole * (0.5 + chance.random() / 2)


class Gateway:
    """
    One push service.

    Args:
        name: its host, or the channel where there is but one.
        at_once: how much may be on its way at the same time.

    Attributes:
        failures: how often in a row it could not take something.
        not_before: until when it is left alone, or `None`.
    """

    def __init__(self, name: str, at_once: int) -> None:
        self.name = name
        self.failures = 0
        self.not_before: dt.datetime | None = None
        self.room = asyncio.Semaphore(at_once)

    def worked(self) -> None:
        """
        Note that it takes things.
        """
        self.failures, self.not_before = 0, None

    def failed(self, now: dt.datetime, pause: dt.timedelta) -> None:
        """
        Note that it did not; several times in a row, and it is left alone for a while.
        """
        self.failures += 1
        if self.failures >= _IN_A_ROW:
            self.not_before = now + pause

    def rests(self, now: dt.datetime) -> bool:
        """
        Tell whether it is to be left alone.
        """
        return self.not_before is not None and now < self.not_before


class Gateways:
    """
    All gateways that were used.

    Args:
        at_once: how much may be on its way to each at the same time.
    """

    def __init__(self, at_once: int) -> None:
        self._at_once = at_once
        self._all: dict[tuple[Channel, str], Gateway] = {}

    def of(self, subscription: Subscription) -> Gateway:
        """
        Give the gateway that serves a subscription.
        """
        address = subscription.address.get("endpoint") or subscription.address.get("url") or ""
        host = urlsplit(address).hostname or str(subscription.channel)
        key = (subscription.channel, host)
        if key not in self._all:
            self._all[key] = Gateway(host, self._at_once)
        return self._all[key]
