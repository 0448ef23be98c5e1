"""
What every store promises of devices: what they are, what they say of their life, where they can be notified.

A device that is registered, set up otherwise or removed is a change in its account's feed. What it reports of its
life is none, because that happens all day long; whoever has to know follows `follow_devices`.
"""

from __future__ import annotations

import abc
import datetime as dt
from collections.abc import AsyncIterator, Callable
from typing import Any

from carrierpost.model import Device, DeviceLife, DeviceSettings, NewDevice, NewSubscription, Subscription

__all__ = ["DeviceStore"]


class DeviceStore(abc.ABC):
    """
    The part of a store that is about devices.
    """

    @abc.abstractmethod
    async def add_device(self, device: NewDevice, *, life: DeviceLife | None = None) -> Device:
        """
        Begin to know a device. A change in the feed.

        Args:
            device: what it is.
            life: what it says of its life; without, it counts as closed until it is heard of.

        Raises:
            NotHeld: there is no such account, or it was wiped.
        """

    @abc.abstractmethod
    async def devices(self, account_id: int | None = None) -> tuple[Device, ...]:
        """
        List an account's devices, or all, in order of their ids.
        """

    @abc.abstractmethod
    async def device(self, device_id: int) -> Device:
        """
        Give one device.

        Raises:
            NotHeld: there is none with this id.
        """

    @abc.abstractmethod
    async def update_device(self, device_id: int, **values: Any) -> Device:
        """
        Set what may be set of a device: `name`, `platform`, `time_zone`. A change in the feed.

        Raises:
            NotHeld: there is no such device.
        """

    @abc.abstractmethod
    async def remove_device(self, device_id: int, reason: str = "") -> None:
        """
        Forget a device with its subscriptions and tokens; sessions lose the account that they showed on it. A change in
        the feed, with the reason.

        Raises:
            NotHeld: there is no such device.
        """

    @abc.abstractmethod
    async def device_life(self, device_id: int) -> DeviceLife:
        """
        Give what a device said of its life. Its `channel` is that of the newest subscription that is in use.

        Raises:
            NotHeld: there is no such device.
        """

    @abc.abstractmethod
    async def set_device_life(self, device_id: int, life: DeviceLife) -> DeviceLife:
        """
        Replace what a device says of its life, but for its channel, which follows from its subscriptions.

        Raises:
            NotHeld: there is no such device.
        """

    @abc.abstractmethod
    async def change_device_life(self, device_id: int, change: Callable[[DeviceLife], DeviceLife]) -> DeviceLife:
        """
        Let a device's life go on from what it is now, in one transaction, so that no two reports undo each other.

        Args:
            device_id: the device.
            change: gives the new from the old; it may not await. What it raises is raised, and nothing is written then.

        Raises:
            NotHeld: there is no such device.
        """

    @abc.abstractmethod
    async def device_settings(self, device_id: int) -> DeviceSettings:
        """
        Give what a person set on a device.

        Raises:
            NotHeld: there is no such device.
        """

    @abc.abstractmethod
    async def set_device_settings(self, device_id: int, settings: DeviceSettings) -> None:
        """
        Replace what a person set on a device. A change in the feed, if it is one.

        Raises:
            NotHeld: there is no such device.
        """

    @abc.abstractmethod
    async def known_devices(self, account_id: int) -> tuple[tuple[Device, DeviceLife, DeviceSettings], ...]:
        """
        Give all that is known of an account's devices, in order of their ids.
        """

    @abc.abstractmethod
    async def put_subscription(self, subscription: NewSubscription) -> Subscription:
        """
        Keep where a device can be notified; the same place again replaces what was held of it, and of the same channel
        what has failed is forgotten. A change in the feed.

        Raises:
            NotHeld: there is no such device.
        """

    @abc.abstractmethod
    async def subscriptions(self, device_id: int) -> tuple[Subscription, ...]:
        """
        List a device's subscriptions, the oldest first; those that failed as well.
        """

    @abc.abstractmethod
    async def subscription(self, subscription_id: int) -> Subscription:
        """
        Give one subscription.

        Raises:
            NotHeld: there is none with this id.
        """

    @abc.abstractmethod
    async def verify_subscription(self, subscription_id: int, at: dt.datetime) -> None:
        """
        Note that a notice came by a subscription; one that is gone or failed stays as it is.
        """

    @abc.abstractmethod
    async def drop_subscription(self, subscription_id: int, reason: str) -> bool:
        """
        Use a subscription no more, and say why; it stays to be seen until there is a new one. A change in the feed.

        Returns:
            Whether it was in use until now.
        """

    @abc.abstractmethod
    async def remove_subscription(self, subscription_id: int) -> None:
        """
        Forget a subscription. A change in the feed.

        Raises:
            NotHeld: there is no such subscription.
        """

    @abc.abstractmethod
    def follow_devices(self) -> AsyncIterator[int]:
        """
        Give the ids of accounts of which a device was registered, removed, set up otherwise, or heard of, for ever.

        It begins with its first step. What happens several times before it is asked again is given once.
        """
