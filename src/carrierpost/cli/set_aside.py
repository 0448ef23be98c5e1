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
from carrierpost.engine.folders import find_folder, path_of
from carrierpost.formats.message_in import read_message
from carrierpost.model import (
    Account,
    ChangeIntent,
    DeleteIntent,
    Doubt,
    InviteIntent,
    MoveIntent,
    OutboxEntry,
    OutboxState,
    RespondIntent,
    SendIntent,
)
from carrierpost.model.intent import intent_of
from carrierpost.store.contract import Store
from carrierpost.store.errors import NotHeld

__all__ = ["set_aside"]

_WAITING = (OutboxState.QUEUED, OutboxState.SENDING)


@click.group("set-aside")
def set_aside() -> None:
    """
    Show what the server refused or what is doubted, and decide about it.
    """


@set_aside.command("list")
@account_option
@click.option("--all", "every", is_flag=True, help="Also what merely waits to be told.")
@json_option
@asynchronous
async def list_set_aside(address: str | None, every: bool, as_json: bool) -> None:
    """
    List folders of which the server says that they are suddenly empty; what was refused or overtaken, with the reason;
    items that could not be taken over from the server.
    """
    async with open_hub() as hub:
        account = await pick_account(hub.store, address)
        entries = [one for one in await hub.store.outbox(account.id) if every or one.state not in _WAITING]
        told = [await _described(hub.store, one) for one in entries]
        items = await hub.store.set_aside(account.id)
        collections = await hub.store.collections(account.id)
        names = {one.id: one.display_name for one in collections}
        doubted = [one for one in collections if one.doubt is not Doubt.NONE]
        if as_json:
            values: list[dict[str, Any]] = [
                {"id": one.id, "kind": one.kind, "what": what, "state": one.state, "reason": one.reason,
                 "since": one.queued_at, "attempts": one.attempts}
                for one, what in zip(entries, told, strict=True)
            ]  # fmt: skip
            folders = [{"id": one.id, "path": path_of(one, collections), "doubt": one.doubt, "reason": one.note}
                       for one in doubted]  # fmt: skip
            print_json({"folders": folders, "outbox": values, "items": [msgspec.to_builtins(one) for one in items]})
            return
        if doubted:
            questions = [(path_of(one, collections), one.doubt, one.note) for one in doubted]
            print_table(("Folder", "Answer", "Question"), questions, empty="")
            click.echo()
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


_ANSWERS = {1: "accepted", 2: "tentative", 3: "declined"}


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
        case RespondIntent():
            return f"answer {intent.title!r}: {_ANSWERS.get(intent.response, 'unknown')}"
        case InviteIntent():
            return f"tell the guests of{name}"
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


_questions = click.argument("questions", metavar="FOLDER|ID...", nargs=-1, required=True)


@set_aside.command("accept")
@_questions
@account_option
@asynchronous
async def accept(questions: tuple[str, ...], address: str | None) -> None:
    """
    Say yes: a folder is really empty, and what is held of it goes; or an entry, by its ID, is meant and is told.
    """
    async with open_hub() as hub:
        account = await pick_account(hub.store, address)
        editor = hub.editor(account.id)
        for question in questions:
            if question.isdecimal():
                [entry] = await _chosen(hub, account, (int(question),), every=False)
                await editor.retry(entry.id)
                click.echo(f"{entry.id}  {await _described(hub.store, entry)}: told with the next: carrierpost sync")
            else:
                name, folder_id = await _folder(hub, account, question)
                await editor.accept(folder_id)
                click.echo(f"{name}: what the server no longer has goes with the next: carrierpost sync")


@set_aside.command("refuse")
@_questions
@account_option
@asynchronous
async def refuse(questions: tuple[str, ...], address: str | None) -> None:
    """
    Say no: what is held of a folder stays though the server says that it is empty; or an entry, by its ID, is given up.
    """
    async with open_hub() as hub:
        account = await pick_account(hub.store, address)
        editor = hub.editor(account.id)
        for question in questions:
            if question.isdecimal():
                [entry] = await _chosen(hub, account, (int(question),), every=False)
                what = await _described(hub.store, entry)
                await editor.drop(entry.id)
                click.echo(f"{entry.id}  {what}: given up")
            else:
                name, folder_id = await _folder(hub, account, question)
                await editor.refuse(folder_id)
                click.echo(f"{name}: what is held stays")


async def _folder(hub: Hub, account: Account, name: str) -> tuple[str, int]:
    collections = await hub.store.collections(account.id)
    chosen = find_folder(name, collections)
    return path_of(chosen, collections), chosen.id
