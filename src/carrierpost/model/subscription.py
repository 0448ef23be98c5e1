"""
Where a device can be notified: one address of one channel.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping

import msgspec

from carrierpost.model.device import Channel
from carrierpost.protocol.secret import Secret

__all__ = ["NewSubscription", "Subscription"]


class NewSubscription(msgspec.Struct, frozen=True, kw_only=True):
    """
    What a device says of where it can be notified.

    Attributes:
        device_id: the device.
        channel: the way.
        address: its parts by name, as the channel wants them: `endpoint`, `p256dh` and `auth` for Web Push and
            UnifiedPush, `token` and `topic` for APNs, `token` for FCM, `url` for a webhook. Whoever knows it can send
            to the device, so it does not print.
        secret: what signs what is sent there (a webhook's key), or `None`.

    Raises:
        ValueError: the address does not say where.
    """

    device_id: int
    channel: Channel
    address: Mapping[str, str]
    secret: Secret | None = None

    def __post_init__(self) -> None:
        if not self.place:
            raise ValueError(f"a {self.channel} subscription needs one of: endpoint, token, url, name")

    @property
    def place(self) -> str:
        """
        The part of the address by which one subscription is told from another.
        """
        return next((self.address[name] for name in ("endpoint", "token", "url", "name") if self.address.get(name)), "")

    def __repr__(self) -> str:
        return f"{type(self).__name__}(device_id={self.device_id}, channel={str(self.channel)!r})"


class Subscription(NewSubscription, frozen=True, kw_only=True):
    """
    A subscription as the hub holds it.

    Attributes:
        id: the hub's number for it; never used again for another.
        created_at: when it was set up, UTC.
        verified_at: when the device last said that a notice had come by it, UTC, or `None` for never.
        failed: why it is used no more, in words; empty while it is used.
    """

    id: int
    created_at: dt.datetime
    verified_at: dt.datetime | None = None
    failed: str = ""

    def __repr__(self) -> str:
        return f"Subscription(id={self.id}, device_id={self.device_id}, channel={str(self.channel)!r})"
