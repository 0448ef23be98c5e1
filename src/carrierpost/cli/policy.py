"""
`carrierpost policy`: what an administrator allows, shown, changed, explained, undone, and written for an MDM.
"""

from __future__ import annotations

import getpass
from pathlib import Path
from typing import Any, TextIO

import click

from carrierpost.bootstrap import open_hub
from carrierpost.cli.output import json_option, local_time, print_json, print_table
from carrierpost.cli.running import account_option, asynchronous, pick_account
from carrierpost.engine.policies import PolicyDesk, Revision
from carrierpost.export.decision import ExportDecision, NativeAccounts, decide_exports, native_accounts_of
from carrierpost.model import Platform
from carrierpost.policy import SETTINGS, EffectivePolicy
from carrierpost.policy.app_configuration import android_configuration, android_schema, ios_configuration
from carrierpost.policy.changes import differences, with_values, without_set
from carrierpost.policy.document import parse_target, read_policies, write_policies, written_target
from carrierpost.policy.settings import shown_value, written_value
from carrierpost.store.contract import Store

__all__ = ["policy"]

_why_option = click.option("--why", default="", metavar="TEXT", help="The reason, for the history and the audit log.")
_platform_option = click.option(
    "--platform", type=click.Choice([str(one) for one in Platform]), help="As on a device of this kind."
)


@click.group()
def policy() -> None:
    """
    Show what is allowed on devices, and change it.
    """


def _author() -> str:
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        return "command line"


def _told(revision: Revision, before: int) -> None:
    """
    Say what a change changed.
    """
    if revision.version.number == before:
        click.echo("nothing to change")
        return
    click.echo(f"version {revision.version.number}:")
    for line in revision.changes:
        click.echo(f"  {line}")


@policy.command("show")
@json_option
@asynchronous
async def show_policies(as_json: bool) -> None:
    """
    Show the policy sets, in the order in which they count.
    """
    async with open_hub() as hub:
        held = await PolicyDesk(hub.store).current()
    if as_json:
        print_json({"version": held.version.number, "policies": write_policies(held.policies)})
        return
    rows = [
        (one.name, written_target(one.target), name, shown_value(name, value) if name else "")
        for one in held.policies.sets
        for name, value in (one.values or {"": None}).items()
    ]
    print_table(("Set", "For", "Setting", "Value"), rows, empty="no policy sets; the product's defaults hold")
    if held.version.at is not None:
        click.echo(f"Version {held.version.number}, {local_time(held.version.at)} by {held.version.by}", err=True)


@policy.command("set")
@click.argument("name", metavar="NAME")
@click.argument("values", metavar="[SETTING=VALUE]...", nargs=-1)
@click.option(
    "--for", "target", metavar="TARGET", help='"everyone", "address *@x.example", "group NAME"; then ", ios".'
)
@click.option("--unset", multiple=True, metavar="SETTING", help="Leave a setting to the sets before.")
@click.option("--remove", is_flag=True, help="Remove the set.")
@_why_option
@asynchronous
async def set_policy(
    name: str, values: tuple[str, ...], target: str | None, unset: tuple[str, ...], remove: bool, why: str
) -> None:
    """
    Change settings of the policy set NAME, which is made when it is not there. Running devices follow at once.

    For instance: carrierpost policy set Everyone export_contacts=on contact_fields=mail,numbers
    """
    wanted: dict[str, object] = dict.fromkeys(unset)
    for pair in values:
        key, mark, value = pair.partition("=")
        if not mark:
            raise click.UsageError(f"{pair!r} is no setting with its value; write it as export_contacts=on")
        wanted[key.strip()] = value.strip()
    if remove and (wanted or target):
        raise click.UsageError("a set is either removed or changed")
    if not remove and not wanted and target is None:
        raise click.UsageError("say what is to be changed; carrierpost policy explain lists all settings")
    async with open_hub() as hub:
        desk = PolicyDesk(hub.store)
        held = await desk.current()
        if remove:
            changed = without_set(held.policies, name)
        else:
            for_whom = None if target is None else parse_target(target)
            changed = with_values(held.policies, name, wanted, target=for_whom)
        _told(await desk.replace(changed, after=held.version.number, by=_author(), why=why), held.version.number)


@policy.command("import")
@click.argument("source", metavar="FILE", type=click.File("r", encoding="utf-8", errors="replace"))
@click.option("--dry-run", is_flag=True, help="Only say what would become different.")
@_why_option
@asynchronous
async def import_policies(source: TextIO, dry_run: bool, why: str) -> None:
    """
    Replace all policy sets and groups by those of a TOML file; - is standard input.
    """
    policies = read_policies(source.read())
    async with open_hub() as hub:
        desk = PolicyDesk(hub.store)
        held = await desk.current()
        if dry_run:
            click.echo("\n".join(differences(held.policies, policies)) or "nothing to change")
            return
        _told(await desk.replace(policies, after=held.version.number, by=_author(), why=why), held.version.number)


@policy.command("export")
@click.option("--to", "target", type=click.Path(dir_okay=False, path_type=Path), help="The file; printed unless given.")
@click.option(
    "--as",
    "form",
    type=click.Choice(["toml", "ios", "android", "android-schema"]),
    default="toml",
    show_default=True,
    help="For editing, or as managed app configuration for an MDM.",
)
@account_option
@asynchronous
async def export_policies(target: Path | None, form: str, address: str | None) -> None:
    """
    Write the policies: all of them as TOML, or what holds for one person as an MDM takes it.
    """
    async with open_hub() as hub:
        desk = PolicyDesk(hub.store)
        if form == "toml":
            content = write_policies((await desk.current()).policies).encode()
        elif form == "android-schema":
            content = android_schema()
        else:
            person = (await pick_account(hub.store, address)).address
            platform = Platform.IOS if form == "ios" else Platform.ANDROID
            effective = await desk.effective(person, platform=platform)
            content = ios_configuration(effective) if form == "ios" else android_configuration(effective)
    if target is None:
        click.echo(content.decode(), nl=False)
    else:
        with click.open_file(str(target), "wb", atomic=True) as stream:
            stream.write(content)
        click.echo(f"written to {target}", err=True)


@policy.command("explain")
@click.option("--device", "device_id", type=int, metavar="ID", help="What holds for a device, by its number.")
@account_option
@_platform_option
@json_option
@asynchronous
async def explain_policy(device_id: int | None, address: str | None, platform: str | None, as_json: bool) -> None:
    """
    Say what holds for a person or a device: every setting, where its value comes from, and whether contacts may leave.
    """
    async with open_hub() as hub:
        store = hub.store
        kind = Platform(platform) if platform else None
        turned_on, native = True, NativeAccounts()
        if device_id is not None:
            device = await store.device(device_id)
            kind = device.platform
            settings = await store.device_settings(device_id)
            native = native_accounts_of(await store.device_life(device_id), settings)
            turned_on = settings.sync_with_local_contacts
            person = (await store.account(device.account_id)).address
        else:
            person = await _person(store, address)
        effective = await PolicyDesk(store).effective(person, platform=kind)
    ways = decide_exports(effective, platform=kind, turned_on=turned_on, native=native) if kind else ()
    if as_json:
        print_json(_as_json(effective, ways, native))
        return
    rows = [
        (name, shown_value(name, getattr(effective.values, name)), effective.sources[name], one.meaning)
        for name, one in SETTINGS.items()
    ]
    print_table(("Setting", "Value", "From", "What it is"), rows, empty="")
    for way in ways:
        click.echo(f"contacts, {way.way}: {way.outcome}; {way.reason}")
    if device_id is not None:
        click.echo(f"Exchange or Hotmail account of the device itself: {native}")


async def _person(store: Store, address: str | None) -> str:
    """
    Give whom is meant; an address that is none of an account of ours is explained, too.
    """
    return address if address is not None else (await pick_account(store, None)).address


def _as_json(effective: EffectivePolicy, ways: tuple[ExportDecision, ...], native: NativeAccounts) -> dict[str, Any]:
    return {
        "settings": {
            name: {"value": written_value(name, getattr(effective.values, name)), "from": effective.sources[name]}
            for name in SETTINGS
        },
        "contacts": [{"way": one.way, "outcome": one.outcome, "reason": one.reason} for one in ways],
        "native_accounts": native.there,
    }


@policy.command("history")
@click.option("-n", "--limit", type=click.IntRange(1), default=20, show_default=True, help="How many.")
@json_option
@asynchronous
async def show_history(limit: int, as_json: bool) -> None:
    """
    List the changes of the policies, newest first, with who made them and why.
    """
    async with open_hub() as hub:
        found = await PolicyDesk(hub.store).history(limit)
    if as_json:
        print_json(
            [
                {"version": one.version.number, "at": one.version.at, "by": one.version.by, "why": one.version.why,
                 "changes": one.changes}
                for one in found
            ]
        )  # fmt: skip
        return
    rows = [
        (one.version.number, local_time(one.version.at), one.version.by, one.version.why, "\n".join(one.changes))
        for one in found
    ]
    print_table(("Version>", "When", "Who", "Why", "What"), rows, empty="the policies were never changed")


@policy.command("undo")
@click.option(
    "--to", "number", type=click.IntRange(0), metavar="VERSION", help="Back to this one; 0 is before the first."
)
@_why_option
@asynchronous
async def undo_policy(number: int | None, why: str) -> None:
    """
    Let an earlier version of the policies hold again; the last change unless --to names another.
    """
    async with open_hub() as hub:
        desk = PolicyDesk(hub.store)
        before = (await desk.current()).version.number
        _told(await desk.undo(by=_author(), why=why, to=number), before)
