"""
`carrierpost folders`: what an account has, what is synchronized of it, and folders made, changed and deleted.
"""

from __future__ import annotations

from pathlib import Path

import click

from carrierpost.bootstrap import Hub, SetupError, open_hub
from carrierpost.cli.output import json_option, print_json, print_table, trace_options
from carrierpost.cli.running import account_option, asynchronous, online, pick_account
from carrierpost.delivery.folders import frequency, minutes_of, oftener
from carrierpost.engine.context import Context
from carrierpost.engine.folders import (
    ROOT,
    create_folder,
    find_folder,
    known_folders,
    path_of,
    remove_folder,
    rename_folder,
    with_those_below,
)
from carrierpost.engine.policies import PolicyDesk
from carrierpost.model import Account, Collection, Progress
from carrierpost.protocol.classes import ContentClass

__all__ = ["PUBLIC_FOLDERS", "folders"]

PUBLIC_FOLDERS = (
    "Public folders are not among them, nor are other people's calendars: ActiveSync does not carry them. Outlook and "
    "the server's web mail show them; docs/explanation/limits.md lists what else cannot arrive."
)


@click.group()
def folders() -> None:
    """
    Show, make, rename, move and delete folders; say how often each is checked.
    """


@folders.command("list")
@account_option
@json_option
@asynchronous
async def list_folders(address: str | None, as_json: bool) -> None:
    """
    List folders with their state. Public folders cannot be among them: ActiveSync does not carry them.
    """
    async with open_hub() as hub:
        account = await pick_account(hub.store, address)
        collections = await hub.store.collections(account.id)
        counts = {}
        for one in collections:
            held = await hub.store.count(account.id, collection_id=one.id)
            counts[one.id] = sum(held.values())
        if as_json:
            print_json(
                [
                    {
                        "id": one.id,
                        "name": one.display_name,
                        "path": path_of(one, collections),
                        "type": one.type.name.lower(),
                        "class": one.content_class,
                        "items": counts[one.id],
                        "progress": one.progress,
                        "note": one.note,
                    }
                    for one in collections
                ]
            )
            return
        rows = [
            (path_of(one, collections), one.content_class or "", counts[one.id] or "", one.note or _progress(one))
            for one in sorted(collections, key=lambda one: (one.content_class or "~", path_of(one, collections)))
        ]
        print_table(("Folder", "Holds", "Items>", ""), rows, empty="no folders yet; run: carrierpost sync")
        click.echo(f"\n{PUBLIC_FOLDERS}")


_named = click.argument("folder", metavar="FOLDER")
_inside = click.option("--in", "parent", metavar="FOLDER", help="The folder it goes into; the top unless given.")
_KINDS = {
    "mail": ContentClass.EMAIL,
    "calendar": ContentClass.CALENDAR,
    "contacts": ContentClass.CONTACTS,
    "tasks": ContentClass.TASKS,
    "notes": ContentClass.NOTES,
}


@folders.command("create")
@click.argument("name")
@_inside
@click.option(
    "--for", "kind", type=click.Choice(list(_KINDS)), default="mail", show_default=True, help="What it holds."
)
@account_option
@trace_options
@json_option
@asynchronous
async def create(
    name: str, parent: str | None, kind: str, address: str | None, trace: Path | None, veil: bool, as_json: bool
) -> None:
    """
    Make a folder.
    """
    async with online(address, trace=trace, veil=veil) as (hub, account, runner):

        async def make(context: Context) -> Collection:
            every = await known_folders(context)
            above = find_folder(parent, every) if parent is not None else None
            return await create_folder(context, name, parent=above, holds=_KINDS[kind])

        await _tell(hub, account, await runner.ask(make), "made", as_json)


@folders.command("rename")
@_named
@click.argument("name")
@account_option
@trace_options
@json_option
@asynchronous
async def rename(folder: str, name: str, address: str | None, trace: Path | None, veil: bool, as_json: bool) -> None:
    """
    Rename a folder; FOLDER is its name, or its path where several have that name.
    """
    async with online(address, trace=trace, veil=veil) as (hub, account, runner):

        async def change(context: Context) -> Collection:
            return await rename_folder(context, find_folder(folder, await known_folders(context)), name=name)

        await _tell(hub, account, await runner.ask(change), "renamed", as_json)


@folders.command("move")
@_named
@_inside
@account_option
@trace_options
@json_option
@asynchronous
async def move(
    folder: str, parent: str | None, address: str | None, trace: Path | None, veil: bool, as_json: bool
) -> None:
    """
    Put a folder with all that is in it into another one, or to the top.
    """
    async with online(address, trace=trace, veil=veil) as (hub, account, runner):

        async def change(context: Context) -> Collection:
            every = await known_folders(context)
            above = find_folder(parent, every) if parent is not None else ROOT
            return await rename_folder(context, find_folder(folder, every), parent=above)

        await _tell(hub, account, await runner.ask(change), "moved", as_json)


@folders.command("frequency")
@_named
@click.argument("often", metavar="[push|15m|1h|manual]", required=False)
@account_option
@json_option
@asynchronous
async def check_frequency(folder: str, often: str | None, address: str | None, as_json: bool) -> None:
    """
    Show or choose how often a folder is checked: at once (push), every so often (15m, 1h), or only when you ask.

    A running hub follows at once. FOLDER is its name, or its path where several have that name.
    """
    async with open_hub() as hub:
        account = await pick_account(hub.store, address)
        collections = await hub.store.collections(account.id)
        chosen = find_folder(folder, collections)
        if chosen.content_class is None:
            raise SetupError(f"{chosen.display_name} holds nothing that can be synchronized")
        effective = await PolicyDesk(hub.store).effective(account.address)
        shortest = effective.values.shortest_check_frequency
        if often is not None:
            minutes = _minutes(often)
            if oftener(minutes, shortest):
                source = effective.source("shortest_check_frequency")
                raise SetupError(
                    f"{source} allows {frequency(shortest)} at the most, and {often} is oftener; choose that or less"
                )
            chosen = await hub.store.update_collection(chosen.id, minutes=minutes)
        where = path_of(chosen, collections)
    if as_json:
        print_json({"id": chosen.id, "path": where, "minutes": chosen.minutes, "shortest": shortest})
        return
    limit = f"; the administrator allows {frequency(shortest)} at the most" if shortest else ""
    click.echo(f"{where}: {frequency(chosen.minutes)}{limit}")


def _minutes(often: str) -> int:
    try:
        return minutes_of(often)
    except ValueError as error:
        raise click.UsageError(str(error)) from None


@folders.command("delete")
@_named
@click.option("--yes", is_flag=True, help="Do not ask.")
@account_option
@trace_options
@json_option
@asynchronous
async def delete(folder: str, yes: bool, address: str | None, trace: Path | None, veil: bool, as_json: bool) -> None:
    """
    Delete a folder with all that is in it, at the server too.
    """
    async with online(address, trace=trace, veil=veil) as (hub, account, runner):
        every = await runner.ask(known_folders)
        chosen = find_folder(folder, every)
        where = path_of(chosen, every)
        gone = with_those_below(chosen, every)
        held = sum([sum((await hub.store.count(account.id, collection_id=one.id)).values()) for one in gone])
        what = f"{where} with {held} items" + (f" and {len(gone) - 1} folders inside" if len(gone) > 1 else "")
        if not yes:
            click.confirm(f"Delete {what}?", abort=True)

        async def remove(context: Context) -> None:
            await remove_folder(context, chosen)

        await runner.ask(remove)
        if as_json:
            print_json({"id": chosen.id, "path": where, "done": "deleted"})
        else:
            click.echo(f"{what}: deleted")


async def _tell(hub: Hub, account: Account, folder: Collection, done: str, as_json: bool) -> None:
    where = path_of(folder, await hub.store.collections(account.id))
    if as_json:
        print_json({"id": folder.id, "path": where, "done": done})
    else:
        click.echo(f"{where}: {done}")


def _progress(collection: Collection) -> str:
    return {
        Progress.NEW: "waits for its first synchronisation",
        Progress.FILLING: "first synchronisation under way",
        Progress.COMPLETE: "",
        Progress.MATCHING: "being matched with the server again",
    }[collection.progress]
