"""
`carrierpost set-aside`: what the server did not take, and what could not be taken over from it.
"""

from __future__ import annotations

from typing import Any

import click
import msgspec

from carrierpost.bootstrap import Hub, open_hub
from carrierpost.cli.output import json_option, local_time, print_json, print_table
from carrierpost.cli.running import account_option, asynchronous, pick_account
from carrierpost.cli.showing import headline
from carrierpost.formats.message_in import read_message
from carrierpost.model import Account, ChangeIntent, DeleteIntent, MoveIntent, OutboxEntry, OutboxState, SendIntent
from carrierpost.model.intent import intent_of
from carrierpost.store.contract import Store
from carrierpost.store.errors import NotHeld

__all__ = ["set_aside"]

_WAITING = (OutboxState.QUEUED, OutboxState.SENDING)


@click.group("set-aside")
def set_aside() -> None:
    """
    Show what the server refused, and try it again or drop it.
    """


@set_aside.command("list")
@account_option
@click.option("--all", "every", is_flag=True, help="Also what merely waits to be told.")
@json_option
@asynchronous
async def list_set_aside(address: str | None, every: bool, as_json: bool) -> None:
    """
    List what was refused or overtaken, with the reason; then items that could not be taken over from the server.
    """
    async with open_hub() as hub:
        account = await pick_account(hub.store, address)
        entries = [one for one in await hub.store.outbox(account.id) if every or one.state not in _WAITING]
        told = [await _described(hub.store, one) for one in entries]
        items = await hub.store.set_aside(account.id)
        names = {one.id: one.display_name for one in await hub.store.collections(account.id)}
        if as_json:
            values: list[dict[str, Any]] = [
                {"id": one.id, "kind": one.kind, "what": what, "state": one.state, "reason": one.reason,
                 "since": one.queued_at, "attempts": one.attempts}
                for one, what in zip(entries, told, strict=True)
            ]  # fmt: skip
            print_json({"outbox": values, "items": [msgspec.to_builtins(one) for one in items]})
            return
        rows = [
            (one.id, local_time(one.queued_at), what, one.state, one.reason)
            for one, what in zip(entries, told, strict=True)
        ]
        print_table(("ID>", "Since", "What", "State", "Reason"), rows, empty="the server has taken everything")
        if items:
            click.echo()
            away = [
                (names.get(one.collection_id, ""), local_time(one.first_at), local_time(one.next_at), one.reason)
                for one in items
            ]
            print_table(("Folder", "Since", "Tried again", "Reason"), away, empty="")


async def _described(store: Store, entry: OutboxEntry) -> str:
    """
    Say what an entry wants, in a few words.
    """
    name = ""
    if entry.item_id is not None:
        try:
            name = f" {headline((await store.item(entry.item_id)).data)!r}"
        except NotHeld:
            name = " an item that is gone"
    try:
        intent = intent_of(entry)
    except ValueError:
        return f"{entry.kind}, unreadable"
    match intent:
        case ChangeIntent():
            fields = ", ".join(one.replace("_", " ") for one in (*intent.fields, *intent.overtaken))
            return f"change{name}: {fields}"
        case DeleteIntent():
            return f"delete {intent.title!r}"
        case MoveIntent():
            return f"move{name}"
        case SendIntent():
            return f"send {read_message(intent.mime).subject or 'a message without a subject'}"
        case _:
            return f"{entry.kind}{name}"


_entries = click.argument("entry_ids", metavar="[ID]...", type=int, nargs=-1)
_every = click.option("--all", "every", is_flag=True, help="All that list shows.")


async def _chosen(hub: Hub, account: Account, entry_ids: tuple[int, ...], every: bool) -> list[OutboxEntry]:
    if every == bool(entry_ids):
        raise click.UsageError("name the entries by their ID, or give --all")
    entries = {one.id: one for one in await hub.store.outbox(account.id)}
    if every:
        return [one for one in entries.values() if one.state not in _WAITING]
    if unknown := [one for one in entry_ids if one not in entries]:
        raise click.UsageError(f"there is no entry {unknown[0]}; see: carrierpost set-aside list --all")
    return [entries[one] for one in entry_ids]


@set_aside.command("retry")
@_entries
@account_option
@_every
@asynchronous
async def retry(entry_ids: tuple[int, ...], address: str | None, every: bool) -> None:
    """
    Have entries told again; what the server overtook becomes a new change.
    """
    async with open_hub() as hub:
        account = await pick_account(hub.store, address)
        for entry in await _chosen(hub, account, entry_ids, every):
            what = await _described(hub.store, entry)
            await hub.editor(account.id).retry(entry.id)
            click.echo(f"{entry.id}  {what}: tried again with the next: carrierpost sync")


@set_aside.command("drop")
@_entries
@account_option
@_every
@asynchronous
async def drop(entry_ids: tuple[int, ...], address: str | None, every: bool) -> None:
    """
    Give entries up, and take their effect back: what was changed is as before, what was new goes.
    """
    async with open_hub() as hub:
        account = await pick_account(hub.store, address)
        for entry in await _chosen(hub, account, entry_ids, every):
            what = await _described(hub.store, entry)
            await hub.editor(account.id).drop(entry.id)
            click.echo(f"{entry.id}  {what}: given up")
