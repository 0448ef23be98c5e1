"""
News and those who may be told of it, for the tests of this room.
"""

from __future__ import annotations

import datetime as dt
from typing import Any

import msgspec

from carrierpost.delivery import DeliveryPolicy
from carrierpost.delivery import decide as deliver
from carrierpost.model import (
    Account,
    AppState,
    Change,
    ChangeKind,
    Channel,
    Collection,
    ContentClass,
    FolderType,
    Item,
    NoticeSettings,
    Origin,
    Platform,
)
from carrierpost.notify.scene import Scene
from carrierpost.protocol.classes import Email, Event
from tests.delivery.devices import NOON, device_of, folder, life_of

__all__ = ["ADA", "BEA", "CALENDAR", "INBOX", "NOON", "added", "changed", "event", "item", "mail", "scene"]

ADA = "ada@larch.example"
BEA = '"Bea Elm" <bea@elm.example>'
INBOX = folder(1, FolderType.INBOX, "Inbox")
CALENDAR = folder(2, FolderType.CALENDAR, "Calendar")

_ACCOUNT = Account(id=1, address=ADA, login="LARCH\\ada", url="https://mail.larch.example", device_id="D1")


def mail(**values: Any) -> Email:
    """
    Write an unread mail from Bea that has just come.
    """
    fields: dict[str, Any] = {
        "subject": "Lunch", "from_": BEA, "to": f'"Ada" <{ADA}>', "date_received": NOON, "read": False,
        "message_class": "IPM.Note",
    }  # fmt: skip
    return Email(**fields | values)


def event(**values: Any) -> Event:
    """
    Make a meeting to which Bea has invited, from 15:00 to 16:00 UTC today.
    """
    fields: dict[str, Any] = {
        "subject": "Budget", "uid": "B1", "start_time": NOON + dt.timedelta(hours=3),
        "end_time": NOON + dt.timedelta(hours=4), "organizer_email": "bea@elm.example", "meeting_status": 3,
        "location": "Room 4",
    }  # fmt: skip
    return Event(**fields | values)


def item(data: Email | Event, number: int = 7, where: Collection | None = None, **values: Any) -> Item:
    """
    Hold something.
    """
    kind = ContentClass.EMAIL if isinstance(data, Email) else ContentClass.CALENDAR
    collection = where or (INBOX if kind is ContentClass.EMAIL else CALENDAR)
    return Item(
        id=number,
        account_id=1,
        collection_id=collection.id,
        server_id=f"s{number}",
        content_class=kind,
        data=data,
        **values,
    )


def added(number: int = 7, **values: Any) -> Change:
    """
    Tell that an item is new.
    """
    fields: dict[str, Any] = {
        "account_id": 1, "number": 1, "kind": ChangeKind.ITEM_ADDED, "origin": Origin.SERVER, "at": NOON,
        "collection_id": 1, "item_id": number, "announce": True,
    }  # fmt: skip
    return Change(**fields | values)


def changed(*names: str, **values: Any) -> Change:
    """
    Tell that properties of an item changed.
    """
    return added(**{"kind": ChangeKind.ITEM_CHANGED, "fields": names} | values)


def scene(
    platform: Platform = Platform.ANDROID,
    state: AppState = AppState.TERMINATED,
    channel: Channel | None = Channel.WEB_PUSH,
    *,
    settings: NoticeSettings | None = None,
    now: dt.datetime = NOON,
    zone: str = "UTC",
    **values: Any,
) -> Scene:
    """
    Set the scene: by default a closed Android phone that is notified.
    """
    device = msgspec.structs.replace(device_of(platform, name="phone"), time_zone=zone)
    life = life_of(state, channel=channel, since=now, background_refresh=values.pop("background_refresh", True))
    delivery = deliver(device, life, DeliveryPolicy(), now)
    return Scene(_ACCOUNT, device, delivery, settings or NoticeSettings(), now, channel=channel, **values)
