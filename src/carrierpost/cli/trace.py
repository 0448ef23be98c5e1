"""
`carrierpost trace`: why a notice came, or not, and how long everything took.
"""

from __future__ import annotations

import dataclasses
import datetime as dt

import click
import msgspec

from carrierpost.bootstrap import Hub, open_hub
from carrierpost.cli.output import json_option, local_time, print_json, print_table
from carrierpost.cli.running import account_option, asynchronous, pick_account
from carrierpost.cli.showing import headline
from carrierpost.model import Account
from carrierpost.notify.trace import LATE, ItemTrace, Line, duration, is_late, lateness, trace_of
from carrierpost.store.errors import NotHeld

__all__ = ["trace"]

_LOOKED_AT = 1000


@click.command()
@click.argument("item_id", metavar="[ITEM]", type=int, required=False)
@click.option("--late", is_flag=True, help=f"List what was told later than {LATE.total_seconds():g} seconds, or never.")
@click.option("--device", "device_id", metavar="ID", type=int, help="Only of this device.")
@account_option
@json_option
@asynchronous
async def trace(item_id: int | None, late: bool, device_id: int | None, address: str | None, as_json: bool) -> None:
    """
    Show why a notice came, or not, and how long everything took.

    With an ITEM (the ID that mail list shows) its whole way to every device; otherwise the newest notices.
    """
    if item_id is not None and late:
        raise click.UsageError("name an item, or give --late for all of an account")
    async with open_hub() as hub:
        if item_id is not None:
            await _show_item(hub, item_id, device_id, as_json)
        else:
            await _list(hub, await pick_account(hub.store, address), late, device_id, as_json)


async def _show_item(hub: Hub, item_id: int, device_id: int | None, as_json: bool) -> None:
    try:
        item = await hub.store.item(item_id)
        title, account_id = headline(item.data), item.account_id
    except NotHeld:
        title, account_id = f"item {item_id}, which is gone", None
    found = trace_of(item_id, await hub.store.trace_of_item(item_id), await hub.store.devices(account_id))
    if device_id is not None:
        found = dataclasses.replace(found, devices=tuple(one for one in found.devices if one.device_id == device_id))
    if as_json:
        print_json(msgspec.to_builtins(found, builtin_types=(dt.datetime, dt.timedelta)))
        return
    click.secho(title, bold=True)
    if not found.arrival and not found.devices:
        click.echo(
            "  nothing was decided about it: it came with a first synchronization, is no news, or is older than what "
            "is kept"
        )
        return
    _show(found)


def _show(found: ItemTrace) -> None:
    for line in found.arrival:
        _show_line(line)
    for one in found.devices:
        click.echo()
        click.secho(f"  {one.name or f'device {one.device_id}, which is gone'}: ", bold=True, nl=False)
        click.echo(one.verdict)
        for line in one.lines:
            _show_line(line)


def _show_line(line: Line) -> None:
    took = f"+{duration(line.took)}" if line.took is not None else ""
    detail = click.style(f"  {line.detail}", dim=True) if line.detail and line.detail != line.text else ""
    click.echo(f"  {line.at.astimezone():%H:%M:%S}.{line.at.microsecond // 1000:03} {took:>10}  {line.text}{detail}")


async def _list(hub: Hub, account: Account, late: bool, device_id: int | None, as_json: bool) -> None:
    notices = await hub.store.notices(account.id, device_id=device_id, limit=_LOOKED_AT if late else 50)
    chosen = [one for one in notices if is_late(one)] if late else list(notices)
    names = {one.id: one.name for one in await hub.store.devices(account.id)}
    if as_json:
        print_json([msgspec.to_builtins(msgspec.structs.replace(one, text=None)) for one in chosen])
        return
    rows = []
    for one in chosen:
        took = lateness(one)
        rows.append(
            (
                one.item_id or "", local_time(one.made_at), names.get(one.device_id, ""), one.kind, one.state,
                duration(took) if took is not None else "", one.remark or one.reason,
            )
        )  # fmt: skip
    empty = "nothing was late" if late else "nothing was told yet"
    print_table(("Item>", "When", "Device", "About", "State", "Took>", "Why"), rows, empty=empty)
