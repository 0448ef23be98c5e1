"""
Devices, lives and folders for the tests of this room.
"""

from __future__ import annotations

import datetime as dt
from typing import Any

from carrierpost.model import AppState, Collection, ContentClass, Device, DeviceLife, FolderType, Platform

__all__ = ["NOON", "device_of", "folder", "life_of"]

NOON = dt.datetime(2026, 3, 2, 12, 0, tzinfo=dt.UTC)
"""A Monday."""


def device_of(platform: Platform, number: int = 1, name: str = "") -> Device:
    """
    Make a device.
    """
    return Device(id=number, account_id=1, name=name or f"{platform} {number}", platform=platform, created_at=NOON)


def life_of(state: AppState, *, since: dt.datetime = NOON, **more: Any) -> DeviceLife:
    """
    Make a life that was heard of when it began.
    """
    return DeviceLife(state=state, since=since, **{"last_seen": since, **more})


def folder(number: int, kind: FolderType, name: str, minutes: int = 0) -> Collection:
    """
    Make a folder of the account.
    """
    classes = {FolderType.CALENDAR: ContentClass.CALENDAR, FolderType.CONTACTS: ContentClass.CONTACTS}
    return Collection(
        id=number,
        account_id=1,
        server_id=str(number),
        parent_id="0",
        display_name=name,
        type=kind,
        content_class=None if kind is FolderType.UNKNOWN else classes.get(kind, ContentClass.EMAIL),
        minutes=minutes,
    )
