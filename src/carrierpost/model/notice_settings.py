"""
What a person set about being told.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping

import msgspec

from carrierpost.model.notice import FolderRule
from carrierpost.model.policy import LockScreenDetail

__all__ = ["NoticeSettings", "QuietHours", "Weekday"]

Weekday = int
"""0 for Monday to 6 for Sunday."""


class QuietHours(msgspec.Struct, frozen=True):
    """
    A time of the day in which a device is not to make itself heard, by the clock on its wall.

    Attributes:
        start: when it begins.
        end: when it ends; before `start` when that is the next day; equal to it for the whole day.
        days: on which days it begins, 0 for Monday to 6 for Sunday.

    Raises:
        ValueError: there is no day, one that does not exist, or a time has a zone.
    """

    start: dt.time
    end: dt.time
    days: frozenset[Weekday] = frozenset(range(7))

    def __post_init__(self) -> None:
        if not self.days or not self.days <= set(range(7)):
            raise ValueError("quiet hours begin on days from 0 (Monday) to 6 (Sunday), and on one at least")
        if self.start.tzinfo is not None or self.end.tzinfo is not None:
            raise ValueError("quiet hours follow the device's own zone; give their times without one")


class NoticeSettings(msgspec.Struct, frozen=True, kw_only=True):
    """
    What a person set about being told on one device.

    Attributes:
        detail: what may stand on the lock screen.
        quiet: when the device is not to make itself heard.
        vip_in_quiet: whether very important people are told in quiet hours.
        important_in_quiet: whether mail that its sender calls important is.
        reminders_in_quiet: whether reminders are.
        reminders: whether the device reminds of events.
        calendar: whether it tells of events that others made, changed or cancelled.
        folders: what of a folder is told, by the folder's id; others follow their kind.
        vips: addresses of very important people, or `@domain` for all of one; the account's, the same on its devices.
    """

    detail: LockScreenDetail = LockScreenDetail.ALL
    quiet: tuple[QuietHours, ...] = ()
    vip_in_quiet: bool = True
    important_in_quiet: bool = False
    reminders_in_quiet: bool = True
    reminders: bool = True
    calendar: bool = True
    folders: Mapping[int, FolderRule] = {}
    vips: frozenset[str] = frozenset()
