"""
Messages, subscriptions and a clock for the tests of channels.
"""

from __future__ import annotations

import asyncio
import datetime as dt
import itertools
from collections.abc import Mapping
from typing import Any

from carrierpost.model import Channel, NoticeText, Subscription, Urgency
from carrierpost.notify.channel import Kind, Message
from carrierpost.notify.channels.web_push import WebPushSender
from carrierpost.notify.outgoing import Outgoing
from carrierpost.notify.vapid import Vapid, new_key
from carrierpost.server.push_receiver import Phone, PushReceiver
from tests.support.http2 import Asked, Door, Reply, outgoing_to

__all__ = ["APP", "NOW", "SteadyClock", "WebPush", "badge", "every_kind", "full", "message", "subscription"]

NOW = dt.datetime(2026, 3, 2, 9, 0, tzinfo=dt.UTC)
APP = "https://mail.larch.example/"


class SteadyClock:
    """A clock that stands until it is moved."""

    def __init__(self) -> None:
        self.time = NOW

    def now(self) -> dt.datetime:
        return self.time

    def monotonic(self) -> float:
        return self.time.timestamp()

    async def sleep(self, seconds: float) -> None:
        await asyncio.sleep(0)


def message(kind: Kind, **values: Any) -> Message:
    """Give a message of a kind, worth an hour."""
    extras: dict[Kind, dict[str, Any]] = {
        Kind.BADGE: {"badge": 4},
        Kind.FULL: {"text": NoticeText("Zoë Elm", "Pruning on Friday\nShall we say four?"), "badge": 4},
        Kind.WITHDRAW: {"about": "n0"},
    }
    needed = extras.get(kind, {})
    return Message(**{"kind": kind, "notice_id": "n1", "expires_at": NOW + dt.timedelta(hours=1), **needed, **values})


def full(title: str = "Zoë Elm", body: str = "Pruning on Friday", **values: Any) -> Message:
    """Give a full notice."""
    return message(Kind.FULL, text=NoticeText(title, body), **values)


def badge(number: int, **values: Any) -> Message:
    """Give a message that sets the number."""
    return message(Kind.BADGE, badge=number, **values)


def every_kind() -> list[Message]:
    """Give a message of each kind, the loud ones with all that they may carry."""
    rest: dict[str, Any] = {"item_id": 77, "at": NOW, "urgency": Urgency.HIGH, "collapse": "account 3"}
    return [message(kind, **(rest if kind is Kind.FULL else {})) for kind in Kind]


def subscription(channel: Channel, address: Mapping[str, str], **values: Any) -> Subscription:
    """Give a subscription."""
    return Subscription(
        **{"id": 5, "device_id": 2, "channel": channel, "address": address, "created_at": NOW, **values}
    )


class WebPush:
    """
    A push service behind a door, a phone that subscribed to a hub, and what sends to it.
    """

    def __init__(self, clock: SteadyClock) -> None:
        self.clock = clock
        self.vapid = Vapid(new_key(), "mailto:post@larch.example", clock=clock)
        self._numbers = itertools.count(1)
        self.service = PushReceiver("", clock=clock, random=self.random)
        self.phone: Phone
        self.outgoing: Outgoing
        self.sender: WebPushSender

    def random(self, length: int) -> bytes:
        """Give bytes that are never the same."""
        return next(self._numbers).to_bytes(length, "big")

    def __call__(self, asked: Asked) -> Reply:
        return self.service.answer(asked.method, asked.path, asked.headers, asked.body)

    def behind(self, door: Door, host: str = "push.example") -> WebPush:
        """Begin: the service is reached through a door under a name."""
        self.service.origin = f"https://{host}:{door.port}"
        self.phone = self.service.subscribe(self.vapid.public_key)
        self.outgoing = outgoing_to(door)
        self.sender = WebPushSender(self.vapid, self.outgoing, app_url=APP, clock=self.clock, random=self.random)
        return self

    @property
    def subscription(self) -> Subscription:
        """What the phone gave the hub."""
        return subscription(Channel.WEB_PUSH, self.phone.address)
