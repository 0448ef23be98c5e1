"""
`carrierpost account`: mailboxes to keep in sync.
"""

from __future__ import annotations

import zoneinfo
from pathlib import Path
from urllib.parse import urlsplit

import click

from carrierpost.bootstrap import Hub, SetupError, open_hub, rebuild, server_url
from carrierpost.cli.login import LoginOptions, facts_of, in_words, login_options, shortly, wish_of
from carrierpost.cli.output import json_option, local_time, print_json, print_table, trace_options
from carrierpost.cli.running import asynchronous, pick_account
from carrierpost.client.login.kept import LoginFacts
from carrierpost.model import Account
from carrierpost.protocol.errors import LocalProtocolError
from carrierpost.protocol.version import Version

__all__ = ["account"]

_CA_FILE = click.Path(exists=True, dir_okay=False, resolve_path=True, path_type=Path)


@click.group()
def account() -> None:
    """
    Add, list and remove mailboxes, and renew their logins.
    """


def _version(_: click.Context, __: click.Parameter, value: str | None) -> Version | None:
    try:
        return None if value is None else Version.parse(value)
    except LocalProtocolError as error:
        raise click.BadParameter(str(error)) from None


def _zone(_: click.Context, __: click.Parameter, value: str | None) -> str | None:
    try:
        return None if value is None else zoneinfo.ZoneInfo(value).key
    except (zoneinfo.ZoneInfoNotFoundError, ValueError):
        raise click.BadParameter(f"{value!r} is no time zone; give one such as Europe/Berlin") from None


@account.command("add")
@click.argument("address")
@click.option("--server", "url", metavar="URL", help="The server, when Autodiscover should not be asked.")
@click.option("--login", metavar="NAME", help="Login name, when it is not the address: alice, FIRM\\alice.")
@click.option("--ca", "ca_file", type=_CA_FILE, help="CA file to trust.")
@login_options
@click.option("--version", callback=_version, metavar="14.1", help="Speak only this protocol version.")
@click.option(
    "--time-zone", callback=_zone, metavar="NAME", help="Your time zone, Europe/Berlin; this machine's unless given."
)
@trace_options
@json_option
@asynchronous
async def add(
    address: str,
    url: str | None,
    login: str | None,
    ca_file: Path | None,
    given: LoginOptions,
    version: Version | None,
    time_zone: str | None,
    trace: Path | None,
    veil: bool,
    as_json: bool,
) -> None:
    """
    Add the mailbox of ADDRESS and try to log in.

    The server is found by Autodiscover unless --server says where it is. The password is asked for, or read from
    --password-file or the variable CARRIERPOST_PASSWORD, and stored encrypted. Without a password, log in at your
    organization (--oauth-client-id), or with a client certificate (--certificate).
    """
    if "@" not in address:
        raise click.UsageError(f"{address!r} is no mail address; it needs an @")
    if url is not None:
        url = server_url(url)  # before anybody types a password
    given.check()
    async with open_hub(trace=trace, veil=veil) as hub:
        added = await hub.add_account(
            address,
            wish_of(given, address, now=hub.clock.now()),
            url=url,
            login=login,
            ca_file=str(ca_file) if ca_file else None,
            version=version,
            time_zone=time_zone,
        )
        if as_json:
            print_json(
                {
                    "id": added.account.id,
                    "address": address,
                    "url": added.account.url,
                    "version": str(added.version),
                    "login": facts_of(added.login),
                    "offers": added.offers,
                }
            )
            return
        click.echo(f"{address} is added: {added.how}, ActiveSync {added.version} at {added.account.url}")
        offers = f"The server offers logins by {', '.join(added.offers)}. " if added.offers else ""
        click.echo(f"{offers}Login: {in_words(added.login)}")
        click.echo("Next: carrierpost sync, or carrierpost watch")


@account.command("login")
@click.argument("address")
@click.option("--login", metavar="NAME", help="Another login name.")
@login_options
@trace_options
@json_option
@asynchronous
async def log_in(
    address: str, login: str | None, given: LoginOptions, trace: Path | None, veil: bool, as_json: bool
) -> None:
    """
    Log in anew to the mailbox of ADDRESS.

    After the password was changed, or when the login has expired: what was said when the account was added need not be
    said again. Another kind of login is taken as well. The old one is kept until the server has accepted the new one,
    and an account that was stopped is active again then.
    """
    async with open_hub(trace=trace, veil=veil) as hub:
        chosen = await pick_account(hub.store, address)
        try:
            before = await hub.login_of(chosen)
        except SetupError:
            before = None  # it cannot be read, which a new one heals
        facts = await hub.log_in(chosen, wish_of(given, address, now=hub.clock.now(), kept=before), login=login)
        if as_json:
            print_json({"id": chosen.id, "address": chosen.address, "login": facts_of(facts)})
            return
        click.echo(f"{chosen.address} is logged in. Login: {in_words(facts)}")
        click.echo("Next: carrierpost sync, or carrierpost watch; one that is running already has to be started anew")


async def _facts(hub: Hub, one: Account) -> LoginFacts | None:
    try:
        kept = await hub.login_of(one)
    except SetupError:
        return None
    return LoginFacts.of(kept) if kept is not None else None


@account.command("list")
@json_option
@asynchronous
async def list_accounts(as_json: bool) -> None:
    """
    List mailboxes and how they are doing.
    """
    async with open_hub() as hub:
        accounts = await hub.store.accounts()
        logins = {one.id: await _facts(hub, one) for one in accounts}
        if as_json:
            print_json(
                [
                    {
                        "id": one.id,
                        "address": one.address,
                        "url": one.url,
                        "version": str(one.version) if one.version else None,
                        "state": one.state,
                        "reason": one.reason,
                        "wait_until": one.wait_until,
                        "login": facts_of(logins[one.id], one.server.get("password_expires")),
                    }
                    for one in accounts
                ]
            )
            return
        rows = [
            (
                one.address,
                str(one.version or ""),
                one.state,
                one.reason,
                local_time(one.wait_until),
                shortly(logins[one.id]),
                urlsplit(one.url).netloc,
            )
            for one in accounts
        ]
        columns = ("Address", "Version", "State", "Why", "Until", "Login", "Server")
        told = [place for place in range(len(columns)) if any(row[place] for row in rows)]  # what all lack is left out
        print_table(
            [columns[place] for place in told],
            [[row[place] for place in told] for row in rows],
            empty="no account yet; add one with: carrierpost account add ADDRESS",
        )


@account.command("remove")
@click.argument("address")
@click.option("--yes", is_flag=True, help="Do not ask.")
@asynchronous
async def remove(address: str, yes: bool) -> None:
    """
    Forget ADDRESS and everything held of it here. The mailbox at the server is not touched.
    """
    async with open_hub() as hub:
        chosen = await pick_account(hub.store, address)
        if not yes:
            click.confirm(f"Forget {address} and everything held of it on this machine?", abort=True, err=True)
        await hub.store.remove_account(chosen.id)
        click.echo(f"{address} is forgotten here; the mailbox at the server is as it was")


@account.command("rebuild")
@click.option("--yes", is_flag=True, help="Do not ask.")
@json_option
def rebuild_store(yes: bool, as_json: bool) -> None:
    """
    Make a new store when the old one is damaged or its key is lost.

    Accounts, passwords and what waits to be sent are taken over as far as they can be read; mail, calendar and contacts
    come from the server again with the next sync. The old file is moved aside, not deleted.
    """
    if not yes:
        click.confirm("Move the store aside and fetch everything from the server again?", abort=True, err=True)
    done = rebuild()
    if as_json:
        print_json({name: getattr(done, name) for name in done.__struct_fields__} | {"aside": str(done.aside)})
        return
    click.echo(f"The old store is now {done.aside}")
    click.echo(f"Taken over: {len(done.accounts)} accounts, {done.secrets} passwords, {done.outbox} waiting to be sent")
    for table in done.unreadable:
        click.echo(f"Not everything of the old {table} could be read")
    if done.accounts:
        click.echo(f"Next: carrierpost sync fetches everything again ({', '.join(done.accounts)})")
    else:
        click.echo("Next: carrierpost account add ADDRESS")
