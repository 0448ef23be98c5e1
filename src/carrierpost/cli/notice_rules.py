"""
What a person chooses about being told on a device, at a terminal: `carrierpost notify rules`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any, TypeVar

import click
import msgspec

from carrierpost.bootstrap import Hub, open_hub
from carrierpost.cli.output import json_option, print_json
from carrierpost.cli.running import asynchronous
from carrierpost.delivery import DeliveryPolicy
from carrierpost.engine.folders import find_folder, path_of
from carrierpost.model import Collection, Device, FolderRule, LockScreenDetail, NoticeSettings
from carrierpost.notify.choices import checked_vips, quiet_hours_of, quiet_hours_text
from carrierpost.notify.governing import Governing, governing

__all__ = ["rules"]

T = TypeVar("T")

_DEVICE = click.argument("device_id", metavar="DEVICE", type=click.IntRange(1))
_AS_IT_IS = "default"


@click.group()
def rules() -> None:
    """
    Show and choose what a device tells, when it is quiet, and what its lock screen shows.
    """


@rules.command("show")
@_DEVICE
@json_option
@asynchronous
async def show_rules(device_id: int, as_json: bool) -> None:
    """
    Show what was chosen about being told on a device, and what the administrator makes of it.
    """
    async with open_hub() as hub:
        await _show(hub, await hub.store.device(device_id), as_json)


@rules.command("set")
@_DEVICE
@click.option(
    "--detail",
    type=click.Choice([str(one) for one in LockScreenDetail]),
    help="The most that the lock screen may show.",
)
@click.option("--quiet", multiple=True, metavar="HOURS", help="Quiet hours: 22:00-07:00, or '22:00-07:00 mon-fri'.")
@click.option("--no-quiet", is_flag=True, help="No quiet hours.")
@click.option("--vip", multiple=True, metavar="ADDRESS", help="Somebody very important, or @domain for all of one.")
@click.option("--no-vip", multiple=True, metavar="ADDRESS", help="Somebody who is not any more.")
@click.option(
    "--folder", "folders", multiple=True, metavar="FOLDER=RULE",
    help="What of a folder is told: all, vip, none, or default.",
)  # fmt: skip
@click.option("--calendar/--no-calendar", default=None, help="Events that others made, changed or cancelled.")
@click.option("--reminders/--no-reminders", default=None, help="Reminders of events.")
@click.option("--vip-in-quiet/--no-vip-in-quiet", default=None, help="Very important people in quiet hours.")
@click.option("--important-in-quiet/--no-important-in-quiet", default=None, help="Important mail in quiet hours.")
@click.option("--reminders-in-quiet/--no-reminders-in-quiet", default=None, help="Reminders in quiet hours.")
@json_option
@asynchronous
async def set_rules(
    device_id: int,
    detail: str | None,
    quiet: tuple[str, ...],
    no_quiet: bool,
    vip: tuple[str, ...],
    no_vip: tuple[str, ...],
    folders: tuple[str, ...],
    as_json: bool,
    **switches: bool | None,
) -> None:
    """
    Choose about being told on a device; what is not named stays. A running hub follows at once.

    For instance: carrierpost notify rules set 1 --quiet 22:00-07:00 --vip bea@elm.example --folder News=none
    """
    if quiet and no_quiet:
        raise click.UsageError("either there are quiet hours or there are none")
    changes: dict[str, Any] = {name: value for name, value in switches.items() if value is not None}
    if detail is not None:
        changes["detail"] = LockScreenDetail(detail)
    if quiet or no_quiet:
        changes["quiet"] = tuple(_read(quiet_hours_of, one) for one in quiet)
    added, gone = _read(checked_vips, vip), _read(checked_vips, no_vip)
    if not (changes or added or gone or folders):
        raise click.UsageError("say what is to be different; see: carrierpost notify rules set --help")
    async with open_hub() as hub:
        device = await hub.store.device(device_id)
        held = await hub.store.notice_settings(device_id)
        changes["folders"] = _folders(held, folders, await hub.store.collections(device.account_id))
        changes["vips"] = (held.vips | added) - gone
        await hub.store.set_notice_settings(device_id, msgspec.structs.replace(held, **changes))
        await _show(hub, device, as_json)


def _read(how: Callable[[Any], T], text: str | Iterable[str]) -> T:
    try:
        return how(text)
    except ValueError as error:
        raise click.UsageError(str(error)) from None


def _folders(held: NoticeSettings, wanted: Iterable[str], collections: Sequence[Collection]) -> dict[int, FolderRule]:
    """
    Give the rules for folders, changed as it is wanted.
    """
    found = dict(held.folders)
    known = (*map(str, FolderRule), _AS_IT_IS)
    for one in wanted:
        name, mark, rule = one.rpartition("=")
        if not mark or rule not in known:
            raise click.UsageError(f"{one!r} is no rule for a folder; write FOLDER=RULE, with {', '.join(known)}")
        folder = find_folder(name, collections)
        found.pop(folder.id, None)
        if rule != _AS_IT_IS:
            found[folder.id] = FolderRule(rule)
    return found


async def _show(hub: Hub, device: Device, as_json: bool) -> None:
    store = hub.store
    settings = await store.notice_settings(device.id)
    holds = await governing(store, await store.account(device.account_id), device, DeliveryPolicy())
    collections = await store.collections(device.account_id)
    paths = {one.id: path_of(one, collections) for one in collections}
    chosen = {paths[one]: str(rule) for one, rule in settings.folders.items() if one in paths}
    if as_json:
        print_json(_values(device, settings, holds, chosen))
        return
    click.secho(device.name, bold=True, nl=False)
    click.echo(f", device {device.id}, by its clock in {device.time_zone}")
    for name, text in _lines(settings, holds, chosen):
        click.echo(f"  {name:14}  {text}")


def _values(device: Device, settings: NoticeSettings, holds: Governing, folders: dict[str, str]) -> dict[str, object]:
    plain = msgspec.to_builtins(settings)
    return {
        **plain,
        "device": device.id,
        "name": device.name,
        "time_zone": device.time_zone,
        "lock_screen": {
            "shown": holds.detail(settings),
            "allowed": holds.effective.values.lock_screen_detail,
            "because": holds.effective.source("lock_screen_detail"),
        },
        "quiet": [quiet_hours_text(one) for one in settings.quiet],
        "folders": folders,
        "vips": sorted(settings.vips),
    }


def _lines(settings: NoticeSettings, holds: Governing, folders: dict[str, str]) -> list[tuple[str, str]]:
    """
    Word the settings, a line each.
    """
    shown = holds.detail(settings)
    screen = f"shows {shown}, as chosen"
    if shown is not settings.detail:
        screen = (
            f"shows {shown}, because of {holds.effective.source('lock_screen_detail')}; chosen was {settings.detail}"
        )
    told = [name for name, wanted in (("changes", settings.calendar), ("reminders", settings.reminders)) if wanted]
    return [
        ("Lock screen", screen),
        ("Quiet hours", _quiet(settings)),
        ("Very important", ", ".join(sorted(settings.vips)) or "nobody"),
        ("Calendar", " and ".join(told) or "nothing"),
        (
            "Folders",
            "; ".join([*(f"{name}: {rule}" for name, rule in sorted(folders.items())), "others by their kind"]),
        ),
    ]


def _quiet(settings: NoticeSettings) -> str:
    if not settings.quiet:
        return "none"
    heard = [
        name
        for name, wanted in (
            ("very important people", settings.vip_in_quiet),
            ("important mail", settings.important_in_quiet),
            ("reminders", settings.reminders_in_quiet),
        )
        if wanted
    ]
    hours = "; ".join(quiet_hours_text(one) for one in settings.quiet)
    return f"{hours} (heard all the same: {', '.join(heard)})" if heard else hours
