"""
Devices at a terminal: `carrierpost device`.
"""

from __future__ import annotations

import datetime as dt

import click
import msgspec

from carrierpost.bootstrap import open_hub
from carrierpost.cli.device_password import password
from carrierpost.cli.device_test import try_device
from carrierpost.cli.output import print_json, print_table
from carrierpost.cli.running import account_option, asynchronous, pick_account
from carrierpost.delivery import DeliveryPolicy, decide
from carrierpost.engine.policies import PolicyDesk
from carrierpost.model import Device
from carrierpost.store import Store
from carrierpost.web.principal import hashed, new_device_token

__all__ = ["device"]

_DEVICE = click.argument("device_id", metavar="DEVICE", type=click.IntRange(1))
_JSON = click.option("--json", "as_json", is_flag=True, help="Print JSON.")


@click.group
def device() -> None:
    """
    Show people's phones and browsers, and prove that mail reaches them.
    """


device.add_command(password)


@device.command("list")
@account_option
@_JSON
@asynchronous
async def list_devices(address: str | None, as_json: bool) -> None:
    """
    List devices: those of an account, or all.
    """
    async with open_hub() as hub:
        account_id = (await pick_account(hub.store, address)).id if address is not None else None
        rows = [await _row(hub.store, one, hub.clock.now()) for one in await hub.store.devices(account_id)]
    if as_json:
        print_json(rows)
        return
    print_table(
        ("id", "name", "account", "platform", "state", "last seen", "mail"),
        [tuple(str(one[name] or "") for name in _COLUMNS) for one in rows],
        empty="there is no device yet; one is registered when a browser signs in",
    )


_COLUMNS = ("id", "name", "account", "platform", "state", "last_seen", "way")


@device.command
@_DEVICE
@_JSON
@asynchronous
async def show(device_id: int, as_json: bool) -> None:
    """
    Show a device, and why mail reaches it as it does.
    """
    async with open_hub() as hub:
        one = await hub.store.device(device_id)
        row = await _row(hub.store, one, hub.clock.now())
        row["tokens"] = [token.name for token in await hub.store.device_tokens(device_id)]
        row["subscriptions"] = [
            f"{held.channel}{f' (failed: {held.failed})' if held.failed else ''}"
            for held in await hub.store.subscriptions(device_id)
        ]
    if as_json:
        print_json(row)
        return
    for name, value in row.items():
        shown = ", ".join(value) if isinstance(value, list) else value
        click.echo(f"{name.replace('_', ' '):14} {shown if shown not in (None, '') else '-'}")


@device.command
@_DEVICE
@click.argument("name")
@asynchronous
async def rename(device_id: int, name: str) -> None:
    """
    Call a device NAME.
    """
    async with open_hub() as hub:
        await hub.store.update_device(device_id, name=name)
    click.echo(f"device {device_id} is called {name}")


@device.command
@_DEVICE
@asynchronous
async def remove(device_id: int) -> None:
    """
    Remove a device: what it is signed in by ends, and it is told nothing any more.
    """
    async with open_hub() as hub:
        one = await hub.store.device(device_id)
        await hub.store.remove_device(device_id, "removed by an administrator")
    click.echo(f"{one.name} is removed")


@device.command
@_DEVICE
@click.option("--name", default="native host", show_default=True, help="What it is for.")
@click.option("--hours", type=click.IntRange(1), help="How long it is good; for ever unless given.")
@asynchronous
async def token(device_id: int, name: str, hours: int | None) -> None:
    """
    Make a token by which a native program comes in as a device. It is shown this once.
    """
    made = new_device_token()
    async with open_hub() as hub:
        until = hub.clock.now() + dt.timedelta(hours=hours) if hours is not None else None
        await hub.store.add_device_token(device_id, hashed(made), name=name, expires_at=until)
    click.echo(made)


@device.command
@_DEVICE
@click.option(
    "--wait", "seconds", type=click.FloatRange(1, 600), default=60.0, show_default=True, metavar="SECONDS",
    help="How long to wait for the device's word.",
)  # fmt: skip
@_JSON
@asynchronous
async def test(device_id: int, seconds: float, as_json: bool) -> int:
    """
    Prove that a device receives: send it a test, wait for its word, say how long that took or what stands in the way.

    The hub has to run, since it hands the test over.
    """
    async with open_hub() as hub:
        one = await hub.store.device(device_id)
        return await try_device(hub, one, seconds=seconds, as_json=as_json)


async def _row(store: Store, one: Device, now: dt.datetime) -> dict[str, object]:
    account, life = await store.account(one.account_id), await store.device_life(one.id)
    values = (await PolicyDesk(store).effective(account.address, platform=one.platform)).values
    if not values.background_refresh:
        life = msgspec.structs.replace(life, background_refresh=False)
    decided = decide(one, life, DeliveryPolicy(channels=frozenset(values.notify_channels)), now)
    return {
        "id": one.id,
        "name": one.name,
        "account": account.address,
        "platform": str(one.platform),
        "time_zone": one.time_zone,
        "state": str(life.state),
        "last_seen": life.last_seen.isoformat(timespec="seconds") if life.last_seen is not None else None,
        "way": str(decided.way),
        "reason": decided.reason,
    }
