"""
What a person sets about being told on a device, and what of it an administrator allows.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Annotated

import msgspec

from carrierpost.delivery import DeliveryPolicy
from carrierpost.model import Device, FolderRule, LockScreenDetail, NoticeSettings, QuietHours
from carrierpost.notify.choices import checked_vips
from carrierpost.notify.governing import governing
from carrierpost.web.operations import Call, Operations
from carrierpost.web.problems import Problem

__all__ = ["operations"]

operations = Operations()

TimeOfDay = Annotated[str, msgspec.Meta(pattern="^([01][0-9]|2[0-3]):[0-5][0-9]$")]
Day = Annotated[int, msgspec.Meta(ge=0, le=6)]
EVERY_DAY: tuple[int, ...] = (0, 1, 2, 3, 4, 5, 6)


class QuietTime(msgspec.Struct, frozen=True, kw_only=True):
    """
    A time of the day in which a device is not to make itself heard, by its own clock.

    Attributes:
        start: when it begins, `22:00`.
        end: when it ends; before `start` when that is the next day; equal to it for the whole day.
        days: on which days it begins, 0 for Monday to 6 for Sunday.
    """

    start: TimeOfDay
    end: TimeOfDay
    days: Annotated[tuple[Day, ...], msgspec.Meta(min_length=1, max_length=7)] = EVERY_DAY


class FolderChoice(msgspec.Struct, frozen=True, kw_only=True):
    """
    What of a folder is told.

    Attributes:
        folder_id: the folder.
        rule: `all`, `vip` (only what very important people take part in) or `none`.
    """

    folder_id: Annotated[int, msgspec.Meta(ge=1, le=2**53 - 1)]
    rule: FolderRule


class NoticeChoices(msgspec.Struct, frozen=True, kw_only=True):
    """
    What a person chose about being told on a device.

    Attributes:
        detail: the most that the lock screen may show: `nothing`, `count`, `sender` or `all`.
        quiet: when the device is not to make itself heard.
        vip_in_quiet: whether very important people are told then.
        important_in_quiet: whether mail that its sender calls important is.
        reminders_in_quiet: whether reminders are.
        reminders: whether the device reminds of events.
        calendar: whether it tells of events that others made, changed or cancelled.
        folders: what of a folder is told; those that are left out follow their kind.
        vips: addresses of very important people, or `@domain` for all of one; the same on all devices of the account.
    """

    detail: LockScreenDetail = LockScreenDetail.ALL
    quiet: Annotated[tuple[QuietTime, ...], msgspec.Meta(max_length=14)] = ()
    vip_in_quiet: bool = True
    important_in_quiet: bool = False
    reminders_in_quiet: bool = True
    reminders: bool = True
    calendar: bool = True
    folders: Annotated[tuple[FolderChoice, ...], msgspec.Meta(max_length=1000)] = ()
    vips: Annotated[tuple[str, ...], msgspec.Meta(max_length=1000)] = ()


class LockScreenView(msgspec.Struct, frozen=True, kw_only=True):
    """
    What the lock screen really shows: the stricter of the person's choice and the administrator's.

    Attributes:
        shown: what it shows.
        allowed: the most that the administrator allows.
        because: whose word that is, in words.
    """

    shown: LockScreenDetail
    allowed: LockScreenDetail
    because: str


class NoticeSettingsView(msgspec.Struct, frozen=True, kw_only=True):
    """
    What holds for being told on a device.

    Attributes:
        choices: what the person chose.
        lock_screen: what the lock screen really shows.
        time_zone: by whose clock quiet hours go.
    """

    choices: NoticeChoices
    lock_screen: LockScreenView
    time_zone: str


@operations("GET", "/devices/{device_id}/notice-settings")
async def see_notice_settings(call: Call, device_id: int) -> NoticeSettingsView:
    """
    Show what was chosen about being told on a device, and what its lock screen really shows.
    """
    device = await call.device(device_id)
    return await _view(call, device, await call.office.hub.store.notice_settings(device.id))


@operations("PUT", "/devices/{device_id}/notice-settings")
async def set_notice_settings(call: Call, device_id: int, body: NoticeChoices) -> NoticeSettingsView:
    """
    Choose about being told on a device; what is left out becomes as it was at first.
    """
    device, store = await call.device(device_id), call.office.hub.store
    known = {one.id for one in await store.collections(device.account_id)}
    for one in body.folders:
        if one.folder_id not in known:
            raise Problem(422, "no-such-folder", f"there is no folder {one.folder_id} in this account")
    try:
        vips = checked_vips(body.vips)
    except ValueError as error:
        raise Problem(422, "bad-address", str(error)) from None
    settings = NoticeSettings(
        detail=body.detail,
        quiet=tuple(QuietHours(_time(one.start), _time(one.end), frozenset(one.days)) for one in body.quiet),
        vip_in_quiet=body.vip_in_quiet,
        important_in_quiet=body.important_in_quiet,
        reminders_in_quiet=body.reminders_in_quiet,
        reminders=body.reminders,
        calendar=body.calendar,
        folders={one.folder_id: one.rule for one in body.folders},
        vips=vips,
    )
    await store.set_notice_settings(device.id, settings)
    return await _view(call, device, settings)


async def _view(call: Call, device: Device, settings: NoticeSettings) -> NoticeSettingsView:
    store = call.office.hub.store
    rules = await governing(store, await store.account(device.account_id), device, DeliveryPolicy())
    shown, allowed = rules.detail(settings), rules.effective.values.lock_screen_detail
    because = rules.effective.source("lock_screen_detail") if shown is not settings.detail else "your own choice"
    return NoticeSettingsView(
        choices=_choices(settings),
        lock_screen=LockScreenView(shown=shown, allowed=allowed, because=because),
        time_zone=device.time_zone,
    )


def _choices(settings: NoticeSettings) -> NoticeChoices:
    rules: Mapping[int, FolderRule] = settings.folders
    return NoticeChoices(
        detail=settings.detail,
        quiet=tuple(
            QuietTime(start=f"{one.start:%H:%M}", end=f"{one.end:%H:%M}", days=tuple(sorted(one.days)))
            for one in settings.quiet
        ),
        vip_in_quiet=settings.vip_in_quiet,
        important_in_quiet=settings.important_in_quiet,
        reminders_in_quiet=settings.reminders_in_quiet,
        reminders=settings.reminders,
        calendar=settings.calendar,
        folders=tuple(FolderChoice(folder_id=one, rule=rule) for one, rule in sorted(rules.items())),
        vips=tuple(sorted(settings.vips)),
    )


def _time(text: str) -> dt.time:
    return dt.time.fromisoformat(text)
