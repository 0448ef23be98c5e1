"""
`carrierpost notify`: the ways in which devices are told, set up, listed, tried and removed; and what they are told.

Keys are read from files or made here, and never given as arguments, which everybody on the machine could read.
"""

from __future__ import annotations

import contextlib
import datetime as dt
import getpass
import secrets
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import click

from carrierpost.bootstrap import Hub, SetupError, open_hub
from carrierpost.cli.notice_rules import rules
from carrierpost.cli.output import json_option, print_json, print_table
from carrierpost.cli.running import asynchronous
from carrierpost.model import Channel, NewAuditEntry, Subscription
from carrierpost.notify.channel import Accepted, Gone, Kind, Message, Outcome
from carrierpost.notify.channels.webhook import new_secret
from carrierpost.notify.payload import Readable
from carrierpost.notify.senders import Senders
from carrierpost.notify.setup import (
    APNsSetup,
    ChannelSetup,
    DesktopSetup,
    FCMSetup,
    UnifiedPushSetup,
    WebhookSetup,
    WebPushSetup,
    drop_setup,
    keep_setup,
    read_setups,
)
from carrierpost.notify.vapid import new_key

__all__ = ["notify"]

_FILE = click.Path(exists=True, dir_okay=False, path_type=Path)
_CHANNEL = click.Choice([str(one) for one in Channel])
_readable_option = click.option(
    "--readable",
    type=click.Choice([str(one) for one in Readable]),
    default=str(Readable.NOTHING),
    show_default=True,
    help="What whoever carries notices may read of them.",
)
_hosts_option = click.option(
    "--allow-host", "own", multiple=True, metavar="HOST", help="A host of your own, which may have a private address."
)
_ca_option = click.option("--ca", "authorities", type=_FILE, help="Trust the authorities in this file (PEM), too.")


@click.group()
def notify() -> None:
    """
    Set up the ways in which devices are told, and what they are told.
    """


notify.add_command(rules)


@notify.group()
def setup() -> None:
    """
    Set a channel up, or otherwise. A running hub takes it up within a quarter of a minute.
    """


@contextlib.asynccontextmanager
async def _changing(channel: Channel) -> AsyncIterator[Hub]:
    """
    Open the hub to change a channel, and explain what cannot work.
    """
    async with open_hub() as hub:
        try:
            yield hub
        except ValueError as error:
            raise SetupError(f"{channel} is not set up: {error}") from None


async def _keep(hub: Hub, channel: Channel, made: ChannelSetup) -> None:
    await keep_setup(hub.store, channel, made)
    who = "command line"
    with contextlib.suppress(KeyError, OSError):
        who = getpass.getuser()
    await hub.store.audit(NewAuditEntry(who=who, what="notify.setup", subject=str(channel), detail=made.told()))
    click.echo(f"{channel}: {made.told()}")


def _text(file: Path | None) -> str:
    try:
        return file.read_text(encoding="utf-8") if file is not None else ""
    except UnicodeDecodeError:
        raise SetupError(f"{file} is no text; it has to be PEM or JSON") from None


@setup.command("web-push")
@click.option(
    "--contact", metavar="ADDRESS", help="Whom push services write to: mailto:you@firm.example, or https://..."
)
@click.option("--app-url", metavar="URL", help="Where the web app lives.")
@click.option("--only", multiple=True, metavar="PATTERN", help="Allow only these push services: '*.push.apple.com'.")
@click.option("--new-key", is_flag=True, help="Make a new key; every browser has to subscribe again.")
@_hosts_option
@_ca_option
@asynchronous
async def setup_web_push(
    contact: str | None,
    app_url: str | None,
    only: tuple[str, ...],
    new_key: bool,
    own: tuple[str, ...],
    authorities: Path | None,
) -> None:
    """
    Web Push, for browsers and web apps on home screens. The key is made here, and kept when it is there.
    """
    async with _changing(Channel.WEB_PUSH) as hub:
        held = (await read_setups(hub.store)).get(Channel.WEB_PUSH)
        before = held if isinstance(held, WebPushSetup) else WebPushSetup(key="", contact="")
        key = before.key if before.key and not new_key else _fresh_key()
        made = WebPushSetup(
            key=key,
            contact=contact or before.contact,
            app_url=before.app_url if app_url is None else app_url,
            only=only or before.only,
            own=own or before.own,
            authorities=_text(authorities) or before.authorities,
        )
        await _keep(hub, Channel.WEB_PUSH, made)
        if new_key and before.key:
            click.echo("the key is new: each browser has to subscribe again, which the web app does when it is opened")


def _fresh_key() -> str:
    return new_key().reveal()


@setup.command("apns")
@click.option("--topic", required=True, metavar="ID", help="The app's bundle id.")
@click.option("--other-topic", "topics", multiple=True, metavar="ID", help="Another app's that devices may name.")
@click.option("--key", type=_FILE, help="The key that Apple gave: AuthKey_....p8.")
@click.option("--key-id", metavar="ID", help="The key's id.")
@click.option("--team-id", metavar="ID", help="Your team's id.")
@click.option("--certificate", type=_FILE, help="A certificate and its key (PEM), in the place of --key.")
@_readable_option
@asynchronous
async def setup_apns(
    topic: str,
    topics: tuple[str, ...],
    key: Path | None,
    key_id: str | None,
    team_id: str | None,
    certificate: Path | None,
    readable: str,
) -> None:
    """
    APNs, for apps on iOS and macOS.
    """
    async with _changing(Channel.APNS) as hub:
        made = APNsSetup(
            topic=topic,
            topics=topics,
            key=_text(key),
            key_id=key_id or "",
            team_id=team_id or "",
            certificate=_text(certificate),
            readable=Readable(readable),
        )
        await _keep(hub, Channel.APNS, made)


@setup.command("fcm")
@click.option("--service-account", type=_FILE, required=True, help="The JSON file that the Firebase console gives.")
@_readable_option
@asynchronous
async def setup_fcm(service_account: Path, readable: str) -> None:
    """
    FCM, for apps on Android.
    """
    async with _changing(Channel.FCM) as hub:
        await _keep(hub, Channel.FCM, FCMSetup(service_account=_text(service_account), readable=Readable(readable)))


@setup.command("unified-push")
@click.option("--ntfy", "url", required=True, metavar="URL", help="Your own ntfy server.")
@click.option("--token-file", type=_FILE, help="An access token for it.")
@click.option("--app-url", default="", metavar="URL", help="Where a tap on a notice leads.")
@_readable_option
@_hosts_option
@_ca_option
@asynchronous
async def setup_unified_push(
    url: str, token_file: Path | None, app_url: str, readable: str, own: tuple[str, ...], authorities: Path | None
) -> None:
    """
    Topics of an ntfy server. Endpoints of UnifiedPush that encrypt need nothing but: notify setup web-push
    """
    async with _changing(Channel.UNIFIED_PUSH) as hub:
        made = UnifiedPushSetup(
            url=url.rstrip("/"),
            token=_text(token_file).strip(),
            app_url=app_url,
            readable=Readable(readable),
            own=own,
            authorities=_text(authorities),
        )
        await _keep(hub, Channel.UNIFIED_PUSH, made)


@setup.command("webhook")
@click.option("--rotate", is_flag=True, help="Make a new secret; both sign until --retire.")
@click.option("--retire", is_flag=True, help="Forget the older secret.")
@_readable_option
@_hosts_option
@_ca_option
@asynchronous
async def setup_webhook(
    rotate: bool, retire: bool, readable: str, own: tuple[str, ...], authorities: Path | None
) -> None:
    """
    Webhooks. A new secret is printed once, for whoever receives them.
    """
    async with _changing(Channel.WEBHOOK) as hub:
        held = (await read_setups(hub.store)).get(Channel.WEBHOOK)
        known = held.secret.split() if isinstance(held, WebhookSetup) else []
        fresh = [new_secret(secrets.token_bytes(32)).reveal()] if rotate or not known else []
        kept = [*fresh, *known][: 1 if retire else 2]
        made = WebhookSetup(secret=" ".join(kept), readable=Readable(readable), own=own, authorities=_text(authorities))
        await _keep(hub, Channel.WEBHOOK, made)
        for one in fresh:
            click.echo(one)


@setup.command("desktop")
@asynchronous
async def setup_desktop() -> None:
    """
    Notices on the desktop of this machine; needs pip install 'carrierpost[desktop]'.
    """
    async with _changing(Channel.DESKTOP) as hub:
        await _keep(hub, Channel.DESKTOP, DesktopSetup())


@notify.command("list")
@json_option
@asynchronous
async def list_channels(as_json: bool) -> None:
    """
    List the channels that are set up, what each provider may read, and how many devices use it.
    """
    async with open_hub() as hub:
        setups = await _read(hub)
        used = [one for one in await _subscriptions(hub) if not one.failed]
    rows = [
        {"channel": str(one), "setup": made.told(), "subscriptions": sum(each.channel is one for each in used)}
        for one, made in setups.items()
    ]
    if as_json:
        print_json(rows)
        return
    print_table(
        ("Channel", "Set up", "Subscriptions"),
        [(row["channel"], row["setup"], row["subscriptions"]) for row in rows],
        empty="no channel is set up; begin with: carrierpost notify setup web-push --contact mailto:you@firm.example",
    )


async def _read(hub: Hub) -> Any:
    try:
        return await read_setups(hub.store)
    except ValueError as error:
        raise SetupError(str(error)) from None


async def _subscriptions(hub: Hub) -> list[Subscription]:
    devices = await hub.store.devices()
    return [one for device in devices for one in await hub.store.subscriptions(device.id)]


@notify.command("test")
@click.argument("channel", type=_CHANNEL)
@click.option("--device", "device_id", type=int, metavar="N", help="Only this device.")
@asynchronous
async def try_channel(channel: str, device_id: int | None) -> int:
    """
    Send a test notice by a channel now, to all devices that use it or to one, and say what the provider answered.
    """
    chosen = Channel(channel)
    async with open_hub() as hub:
        senders = Senders(hub.store, clock=hub.clock)
        await senders.refresh()
        if chosen not in senders:
            why = senders.problems.get(chosen, f"set it up with: carrierpost notify setup {channel}")
            raise SetupError(f"{channel} cannot be used: {why}")
        found = [one for one in await _subscriptions(hub) if one.channel is chosen and not one.failed]
        found = [one for one in found if device_id in (None, one.device_id)]
        now = hub.clock.now()
        if chosen is Channel.DESKTOP and not found:
            found = [Subscription(id=0, device_id=0, channel=chosen, address={"name": "here"}, created_at=now)]
        outcomes: list[Outcome] = []
        for one in found:
            message = Message(
                kind=Kind.CANARY, notice_id=secrets.token_urlsafe(12), expires_at=now + dt.timedelta(minutes=10)
            )
            outcomes.append(await senders[chosen].send(one, message))
            where = f"device {one.device_id}" if one.device_id else "this desktop"
            click.echo(f"{where}: {_said(outcomes[-1])}")
        await senders.close()
    if not found:
        raise SetupError(f"no device can be told by {channel}; let one subscribe in the app's settings")
    return 0 if all(isinstance(one, Accepted) for one in outcomes) else 1


def _said(outcome: Outcome) -> str:
    if isinstance(outcome, Accepted):
        return "the provider took it"
    return f"{'gone' if isinstance(outcome, Gone) else 'not taken'}: {outcome.reason}"


@notify.command("remove")
@click.argument("channel", type=_CHANNEL)
@asynchronous
async def remove_channel(channel: str) -> None:
    """
    Forget how a channel is set up, keys and all. Devices are no longer told by it.
    """
    async with open_hub() as hub:
        if not await drop_setup(hub.store, Channel(channel)):
            raise SetupError(f"{channel} is not set up")
        who = "command line"
        with contextlib.suppress(KeyError, OSError):
            who = getpass.getuser()
        await hub.store.audit(NewAuditEntry(who=who, what="notify.remove", subject=channel))
    click.echo(f"{channel}: removed, with its keys")
