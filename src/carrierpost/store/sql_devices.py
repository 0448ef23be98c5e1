"""
Devices in a SQL database; see `carrierpost.store.device_contract`.
"""

from __future__ import annotations

import asyncio
import datetime as dt
from collections.abc import AsyncIterator, Callable
from typing import Any, TypeVar

import msgspec

from carrierpost.model import (
    AppState,
    ChangeKind,
    Channel,
    Device,
    DeviceLife,
    DeviceSettings,
    NewDevice,
    NewSubscription,
    Origin,
    Platform,
    Secret,
    Subscription,
)
from carrierpost.store.database import Row, Transaction
from carrierpost.store.device_contract import DeviceStore
from carrierpost.store.errors import NotHeld
from carrierpost.store.feed import FeedWriter
from carrierpost.store.sql_base import SQLBase, active_account

__all__ = ["SQLDevices", "forget_devices", "one_device"]

T = TypeVar("T")

_SETTABLE = {"name", "platform", "time_zone"}
_ADDRESS = msgspec.json.Decoder(dict[str, str])
_LIFE = msgspec.json.Decoder(DeviceLife)
_SETTINGS = msgspec.json.Decoder(DeviceSettings)


class SQLDevices(SQLBase, DeviceStore):
    """
    The devices of a SQL store.
    """

    async def add_device(self, device: NewDevice, *, life: DeviceLife | None = None) -> Device:
        """
        Begin to know a device; see `DeviceStore.add_device`.
        """
        now = self._clock.now()
        first = life or DeviceLife(state=AppState.TERMINATED, since=now)

        def work(transaction: Transaction) -> Device:
            active_account(transaction, device.account_id)
            [(device_id,)] = transaction.rows(
                "add_device", device.account_id, device.name, str(device.platform), device.time_zone, now.isoformat()
            )
            transaction.rows("put_device_life", device_id, _life_json(first))
            transaction.rows("put_device_settings", device_id, _json(DeviceSettings()))
            made = Device(id=device_id, created_at=now, **msgspec.structs.asdict(device))
            _note(transaction, made, now, ("added",))
            return made

        return await self._write(work, device.account_id)

    async def devices(self, account_id: int | None = None) -> tuple[Device, ...]:
        """
        List devices; see `DeviceStore.devices`.
        """
        query = ("devices",) if account_id is None else ("devices_of", account_id)
        return await self._database.read(lambda transaction: tuple(map(_device_of, transaction.rows(*query))))

    async def device(self, device_id: int) -> Device:
        """
        Give one device; see `DeviceStore.device`.
        """
        return await self._database.read(lambda transaction: one_device(transaction, device_id))

    async def update_device(self, device_id: int, **values: Any) -> Device:
        """
        Set what may be set of a device; see `DeviceStore.update_device`.
        """
        if wrong := set(values) - _SETTABLE:
            raise TypeError(f"of a device one cannot set {', '.join(sorted(wrong))}")
        now = self._clock.now()

        def work(transaction: Transaction) -> Device:
            before = one_device(transaction, device_id)
            after = msgspec.structs.replace(before, **values)
            if after != before:
                transaction.rows("update_device", after.name, str(after.platform), after.time_zone, device_id)
                changed = tuple(name for name in values if getattr(before, name) != getattr(after, name))
                _note(transaction, after, now, changed)
            return after

        return await self._write(work, (await self.device(device_id)).account_id)

    async def remove_device(self, device_id: int, reason: str = "") -> None:
        """
        Forget a device; see `DeviceStore.remove_device`.
        """
        now = self._clock.now()

        def work(transaction: Transaction) -> None:
            device = one_device(transaction, device_id)
            transaction.rows("delete_device", device_id)
            _note(transaction, device, now, ("removed",), reason)

        await self._write(work, (await self.device(device_id)).account_id)

    # -- life and settings

    async def device_life(self, device_id: int) -> DeviceLife:
        """
        Give a device's life; see `DeviceStore.device_life`.
        """
        return await self._database.read(lambda transaction: _one_life(transaction, device_id))

    async def set_device_life(self, device_id: int, life: DeviceLife) -> DeviceLife:
        """
        Replace a device's life; see `DeviceStore.set_device_life`.
        """
        return await self.change_device_life(device_id, lambda _: life)

    async def change_device_life(self, device_id: int, change: Callable[[DeviceLife], DeviceLife]) -> DeviceLife:
        """
        Let a device's life go on; see `DeviceStore.change_device_life`.
        """

        def work(transaction: Transaction) -> DeviceLife:
            before = _one_life(transaction, device_id)
            after = msgspec.structs.replace(change(before), channel=before.channel)
            if after != before:
                transaction.rows("put_device_life", device_id, _life_json(after))
            return after

        return await self._write(work, (await self.device(device_id)).account_id, durable=False)

    async def device_settings(self, device_id: int) -> DeviceSettings:
        """
        Give a device's settings; see `DeviceStore.device_settings`.
        """
        return await self._database.read(lambda transaction: _one_settings(transaction, device_id))

    async def set_device_settings(self, device_id: int, settings: DeviceSettings) -> None:
        """
        Replace a device's settings; see `DeviceStore.set_device_settings`.
        """
        now = self._clock.now()

        def work(transaction: Transaction) -> None:
            device, before = one_device(transaction, device_id), _one_settings(transaction, device_id)
            names = DeviceSettings.__struct_fields__
            changed = tuple(name for name in names if getattr(before, name) != getattr(settings, name))
            if changed:
                transaction.rows("put_device_settings", device_id, _json(settings))
                _note(transaction, device, now, changed)

        await self._write(work, (await self.device(device_id)).account_id)

    async def known_devices(self, account_id: int) -> tuple[tuple[Device, DeviceLife, DeviceSettings], ...]:
        """
        Give all that is known of an account's devices; see `DeviceStore.known_devices`.
        """
        return await self._database.read(
            lambda transaction: tuple(
                (_device_of(row[:6]), _life_of(row[6:8]), _SETTINGS.decode(row[8]))
                for row in transaction.rows("known_devices", account_id)
            )
        )

    # -- subscriptions

    async def put_subscription(self, subscription: NewSubscription) -> Subscription:
        """
        Keep where a device can be notified; see `DeviceStore.put_subscription`.
        """
        now = self._clock.now()
        secret = subscription.secret.reveal() if subscription.secret is not None else None
        values = (
            str(subscription.channel), subscription.place, _json(dict(subscription.address)), secret, now.isoformat()
        )  # fmt: skip

        def work(transaction: Transaction) -> Subscription:
            device = one_device(transaction, subscription.device_id)
            transaction.rows("delete_subscription_at", device.id, subscription.place)
            transaction.rows("delete_failed_subscriptions", device.id, str(subscription.channel))
            [row] = transaction.rows("put_subscription", device.id, *values)
            _note(transaction, device, now, ("subscriptions",))
            return _subscription_of(row)

        return await self._write(work, (await self.device(subscription.device_id)).account_id)

    async def subscriptions(self, device_id: int) -> tuple[Subscription, ...]:
        """
        List a device's subscriptions; see `DeviceStore.subscriptions`.
        """
        return await self._database.read(
            lambda transaction: tuple(map(_subscription_of, transaction.rows("subscriptions", device_id)))
        )

    async def subscription(self, subscription_id: int) -> Subscription:
        """
        Give one subscription; see `DeviceStore.subscription`.
        """

        def work(transaction: Transaction) -> Subscription:
            rows = transaction.rows("subscription", subscription_id)
            if not rows:
                raise NotHeld(f"there is no subscription {subscription_id}; it may have been removed")
            return _subscription_of(rows[0])

        return await self._database.read(work)

    async def verify_subscription(self, subscription_id: int, at: dt.datetime) -> None:
        """
        Note that a notice came by a subscription; see `DeviceStore.verify_subscription`.
        """
        await self._database.write(
            lambda transaction: transaction.rows("verify_subscription", at.isoformat(), subscription_id)
        )

    async def drop_subscription(self, subscription_id: int, reason: str) -> bool:
        """
        Use a subscription no more; see `DeviceStore.drop_subscription`.
        """
        return await self._end_subscription(reason, "fail_subscription", reason, subscription_id)

    async def remove_subscription(self, subscription_id: int) -> None:
        """
        Forget a subscription; see `DeviceStore.remove_subscription`.
        """
        if not await self._end_subscription("", "delete_subscription", subscription_id):
            raise NotHeld(f"there is no subscription {subscription_id}; it may have been removed")

    async def _end_subscription(self, detail: str, query: str, *values: Any) -> bool:
        now = self._clock.now()

        def work(transaction: Transaction) -> Device | None:
            rows = transaction.rows(query, *values)
            if not rows:
                return None
            device = one_device(transaction, rows[0][0])
            _note(transaction, device, now, ("subscriptions",), detail)
            return device

        def tell(device: Device | None) -> None:
            if device is not None:
                self._tell_devices(device.account_id)

        return await self._database.write(work, durable=True, then=tell) is not None

    # -- following

    async def follow_devices(self) -> AsyncIterator[int]:
        """
        Give accounts whose devices changed; see `DeviceStore.follow_devices`.
        """
        event = asyncio.Event()
        accounts = self._heard.setdefault(event, set())
        try:
            while not self._database.closed:
                while accounts:
                    yield accounts.pop()
                event.clear()
                self._look_out()
                await event.wait()
        finally:
            del self._heard[event]
            self._look_out_no_more()

    async def _write(self, work: Callable[[Transaction], T], account_id: int, *, durable: bool = True) -> T:
        """
        Write, and tell those who follow the devices.
        """
        return await self._database.write(work, durable=durable, then=lambda _: self._tell_devices(account_id))


def forget_devices(transaction: Transaction, account_id: int) -> None:
    """
    Forget an account's devices and all ways to come in to it, as its wipe asks for.
    """
    transaction.rows("sign_out_everywhere", account_id, None)
    for name in ("delete_devices", "delete_tickets", "delete_answers"):
        transaction.rows(name, account_id)


def one_device(transaction: Transaction, device_id: int) -> Device:
    """
    Give one device.

    Raises:
        NotHeld: there is none with this id.
    """
    rows = transaction.rows("device", device_id)
    if not rows:
        raise NotHeld(f"there is no device {device_id}; it may have been removed")
    return _device_of(rows[0])


def _one_life(transaction: Transaction, device_id: int) -> DeviceLife:
    one_device(transaction, device_id)
    return _life_of(transaction.rows("device_life", device_id)[0])


def _one_settings(transaction: Transaction, device_id: int) -> DeviceSettings:
    one_device(transaction, device_id)
    [(data,)] = transaction.rows("device_settings", device_id)
    return _SETTINGS.decode(data)


def _note(
    transaction: Transaction, device: Device, now: dt.datetime, fields: tuple[str, ...], detail: str = ""
) -> None:
    feed = FeedWriter(device.account_id, now)
    feed.add(ChangeKind.DEVICE_CHANGED, Origin.USER, device_id=device.id, fields=fields, detail=detail)
    feed.write(transaction)


def _json(value: object) -> str:
    return msgspec.json.encode(value).decode()


def _life_json(life: DeviceLife) -> str:
    return _json(msgspec.structs.replace(life, channel=None))


def _life_of(row: Row) -> DeviceLife:
    life, channel = _LIFE.decode(row[0]), row[1]
    return msgspec.structs.replace(life, channel=Channel(channel) if channel is not None else None)


def _device_of(row: Row) -> Device:
    return Device(
        id=row[0],
        account_id=row[1],
        name=row[2],
        platform=Platform(row[3]),
        time_zone=row[4],
        created_at=dt.datetime.fromisoformat(row[5]),
    )


def _subscription_of(row: Row) -> Subscription:
    return Subscription(
        id=row[0],
        device_id=row[1],
        channel=Channel(row[2]),
        address=_ADDRESS.decode(row[4]),
        secret=Secret(row[5]) if row[5] is not None else None,
        created_at=dt.datetime.fromisoformat(row[6]),
        verified_at=dt.datetime.fromisoformat(row[7]) if row[7] else None,
        failed=row[8],
    )
