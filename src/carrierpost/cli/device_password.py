"""
`carrierpost device password`: lets a device's own contacts app in, from a terminal.
"""

from __future__ import annotations

import os
import secrets
import sys

import click
import segno

from carrierpost.bootstrap import find_home, open_hub
from carrierpost.bootstrap.configuration import read_configuration
from carrierpost.cli.output import print_json, print_table
from carrierpost.cli.running import asynchronous
from carrierpost.cli.serve import Configuration
from carrierpost.engine.policies import PolicyDesk
from carrierpost.export.decision import Way, decide_export, native_accounts_of
from carrierpost.model import TokenPurpose
from carrierpost.web.device_passwords import new_device_password, password_hash
from carrierpost.web.setup.links import davx5_link, server_address

__all__ = ["password"]


@click.command
@click.argument("device_id", metavar="DEVICE", type=click.IntRange(1))
@click.option("--name", default="contacts app", show_default=True, help="What it is for.")
@click.option("--url", help="Where people reach Carrierpost, https://...; public_url of the settings unless given.")
@click.option("--qr", is_flag=True, help="Print a QR code too, for DAVx5 on Android; whoever sees it can use it.")
@click.option("--list", "listing", is_flag=True, help="Make none; show what was made, and when it was last used.")
@click.option("--revoke", metavar="ID", type=click.IntRange(1), help="Make none; revoke the one with this number.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@asynchronous
async def password(
    device_id: int, name: str, url: str | None, qr: bool, listing: bool, revoke: int | None, as_json: bool
) -> None:
    """
    Make a password for the contacts app of a device. It is shown this once.
    """
    if listing or revoke is not None:
        await _keep(device_id, revoke, as_json=as_json)
        return
    home = find_home(os.environ)
    file = home / "config.toml"
    settings = read_configuration(Configuration, file=file if file.exists() else None, environment=os.environ, said={})
    base = (url or settings.serve.public_url).rstrip("/")
    if qr and not base.startswith("https://"):
        raise click.UsageError("a QR code needs the address of Carrierpost; give --url https://...")
    made = new_device_password(secrets.token_bytes(26))
    async with open_hub() as hub:
        one = await hub.store.device(device_id)
        account = await hub.store.account(one.account_id)
        policy = await PolicyDesk(hub.store).effective(account.address, platform=one.platform)
        kept = await hub.store.device_settings(one.id)
        native = native_accounts_of(await hub.store.device_life(one.id), kept)
        decision = decide_export(
            Way.SYNC, policy, platform=one.platform, turned_on=kept.sync_with_local_contacts, native=native
        )
        if not decision.can_turn_on:
            raise click.ClickException(decision.reason)
        await hub.store.add_device_token(one.id, password_hash(made), name=name, purpose=TokenPurpose.CONTACTS)
    address = server_address(base) if base else None
    if as_json:
        print_json({"address": address, "user": account.address, "password": made, "reason": decision.reason})
        return
    click.echo(f"address   {address or 'https:// and the name under which Carrierpost is reached, then /dav/'}")
    click.echo(f"user      {account.address}")
    click.echo(f"password  {made}")
    if qr:
        segno.make(davx5_link(base, account.address, made), micro=False).terminal(out=sys.stdout, compact=True)
    if not decision.allowed:
        click.echo(f"Until then the address book is empty: {decision.reason}", err=True)


async def _keep(device_id: int, revoke: int | None, *, as_json: bool) -> None:
    """
    Revoke a password, or list them.
    """
    async with open_hub() as hub:
        one = await hub.store.device(device_id)
        made = [each for each in await hub.store.device_tokens(one.id) if each.purpose is TokenPurpose.CONTACTS]
        if revoke is not None:
            if revoke not in {each.id for each in made}:
                raise click.UsageError(f"{one.name} has no password {revoke}; --list shows those it has")
            await hub.store.remove_device_token(one.id, revoke)
            click.echo(f"password {revoke} of {one.name} is revoked")
            return
    rows = [
        {"id": each.id, "name": each.name, "made": each.created_at.isoformat(timespec="minutes"),
         "used": each.used_at.isoformat(timespec="minutes") if each.used_at is not None else None}
        for each in made
    ]  # fmt: skip
    if as_json:
        print_json(rows)
        return
    columns = ("id", "name", "made", "used")
    lines = [tuple(str(row[column] or "never") for column in columns) for row in rows]
    print_table(columns, lines, empty=f"{one.name} has no password; without --list one is made")
