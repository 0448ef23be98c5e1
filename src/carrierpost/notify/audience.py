"""
Who may be told of an account's news: its devices, with what holds for each just now.
"""

from __future__ import annotations

import dataclasses
import datetime as dt
from collections.abc import Mapping

from carrierpost.delivery import Delivery, DeliveryPolicy, decide
from carrierpost.model import (
    Account,
    Collection,
    ContentClass,
    Device,
    DeviceLife,
    DeviceSettings,
    FolderType,
    NoticeSettings,
)
from carrierpost.notify.governing import Governing, governing
from carrierpost.store.contract import Store

__all__ = ["Audience", "Listener", "audience_of", "unread_in_inbox"]


@dataclasses.dataclass(frozen=True, slots=True)
class Listener:
    """
    One device, with what holds for it.

    Attributes:
        device: the device.
        life: what it said of its life.
        device_settings: what was set on it.
        settings: what was set about notices on it.
        governing: what an administrator allows.
        delivery: how mail reaches it now.
    """

    device: Device
    life: DeviceLife
    device_settings: DeviceSettings
    settings: NoticeSettings
    governing: Governing
    delivery: Delivery


@dataclasses.dataclass(frozen=True, slots=True)
class Audience:
    """
    An account's devices at one moment.

    Attributes:
        account: the account.
        listeners: its devices.
        collections: its folders by id.
        now: the moment, UTC.
    """

    account: Account
    listeners: tuple[Listener, ...]
    collections: Mapping[int, Collection]
    now: dt.datetime


async def audience_of(store: Store, account_id: int, policy: DeliveryPolicy, now: dt.datetime) -> Audience:
    """
    Look who may be told of an account's news.

    Args:
        store: where everything is kept.
        account_id: the account.
        policy: what holds for delivery where no policy set speaks.
        now: the time, UTC.

    Raises:
        NotHeld: there is no such account.
    """
    account = await store.account(account_id)
    listeners = []
    for device, life, device_settings in await store.known_devices(account_id):
        rules = await governing(store, account, device, policy)
        settings = await store.notice_settings(device.id)
        delivery = decide(device, life, rules.delivery, now)
        listeners.append(Listener(device, life, device_settings, settings, rules, delivery))
    collections = {one.id: one for one in await store.collections(account_id)}
    return Audience(account, tuple(listeners), collections, now)


async def unread_in_inbox(store: Store, account_id: int) -> int:
    """
    Count what is unread in the Inbox: the number on the icon.
    """
    inbox = next((one for one in await store.collections(account_id) if one.type is FolderType.INBOX), None)
    if inbox is None:
        return 0
    count = await store.count(account_id, collection_id=inbox.id, unread=True)
    return count.get(ContentClass.EMAIL, 0)
