"""
`carrierpost mail|contacts|tasks|notes list|show` and `carrierpost search`: reading what is held. What changes
it is in `carrierpost.cli.edits`.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

import click

from carrierpost.bootstrap import open_hub
from carrierpost.cli.calendar_files import export_tasks
from carrierpost.cli.cards import CARD_COMMANDS
from carrierpost.cli.compose import COMPOSE_COMMANDS
from carrierpost.cli.drafts import draft
from carrierpost.cli.edits import (
    CONTACT_COMMANDS,
    MAIL_COMMANDS,
    NOTE_COMMANDS,
    TASK_COMMANDS,
    find_folder,
)
from carrierpost.cli.lookup import search_server
from carrierpost.cli.output import json_option, local_time, print_json, print_table, trace_options
from carrierpost.cli.reading import READING_COMMANDS
from carrierpost.cli.running import account_option, asynchronous, pick_account
from carrierpost.cli.showing import as_json, as_text, headline
from carrierpost.model import Account, Collection, Item
from carrierpost.protocol.classes import Contact, ContentClass, Email, NoteItem, Task
from carrierpost.protocol.text import display_name
from carrierpost.store.contract import Store

__all__ = ["contacts", "mail", "notes", "search", "tasks"]

_limit_option = click.option("-n", "--limit", type=click.IntRange(1), default=25, show_default=True, help="How many.")
_folder_option = click.option("--folder", metavar="NAME", help="Only this folder, by its name.")


async def _folder(store: Store, account: Account, content_class: ContentClass, name: str | None) -> Collection | None:
    """
    Find a folder by name among those of a class; `None` for no name.
    """
    if name is None:
        return None
    return await find_folder(store, account, content_class, name)


async def _held(
    store: Store,
    account: Account,
    content_class: ContentClass,
    folder: str | None,
    limit: int | None,
    *,
    unread: bool = False,
) -> tuple[Sequence[Item], dict[int, str]]:
    chosen = await _folder(store, account, content_class, folder)
    names = {one.id: one.display_name for one in await store.collections(account.id)}
    items = await store.items(
        account.id,
        content_class=content_class,
        collection_id=chosen.id if chosen else None,
        unread=unread,
        limit=limit,
    )
    return items, names


async def _show(item_id: int, content_class: ContentClass, as_json_: bool) -> None:
    async with open_hub() as hub:
        item = await hub.store.item(item_id)
        if item.content_class is not content_class:
            kind = item.content_class.value.lower()
            raise click.UsageError(
                f"item {item_id} is not of this class; try: carrierpost {_GROUPS[kind]} show {item_id}"
            )
        body = await hub.store.body(item_id)
        if as_json_:
            print_json(as_json(item, body))
        else:
            click.echo(as_text(item, body))


_GROUPS = {"email": "mail", "calendar": "calendar", "contacts": "contacts", "tasks": "tasks", "notes": "notes"}


def _show_command(content_class: ContentClass) -> click.Command:
    @click.command("show")
    @click.argument("item_id", metavar="ID", type=int)
    @json_option
    @asynchronous
    async def show(item_id: int, as_json: bool) -> None:
        """
        Show one item whole; ID is the number that list prints.
        """
        await _show(item_id, content_class, as_json)

    return show


@click.group()
def mail() -> None:
    """
    Show, write, read, flag, move and delete mail.
    """


@mail.command("list")
@account_option
@_folder_option
@click.option("--unread", is_flag=True, help="Only unread mail.")
@click.option("--threads", is_flag=True, help="Each conversation once, by its newest mail.")
@_limit_option
@json_option
@asynchronous
async def list_mail(
    address: str | None, folder: str | None, unread: bool, threads: bool, limit: int, as_json: bool
) -> None:
    """
    List mail, newest first.
    """
    if threads and unread:
        raise click.UsageError("choose --threads or --unread; conversations show how many of their mails are unread")
    async with open_hub() as hub:
        account = await pick_account(hub.store, address)
        if threads:
            await _list_threads(hub.store, account, folder, limit, as_json_=as_json)
            return
        items, names = await _held(hub.store, account, ContentClass.EMAIL, folder, limit, unread=unread)
        _print(items, names, as_json, _mail_row, ("", "Received", "From", "Subject", "Folder"), "no mail")


async def _list_threads(store: Store, account: Account, folder: str | None, limit: int, *, as_json_: bool) -> None:
    chosen = await _folder(store, account, ContentClass.EMAIL, folder)
    names = {one.id: one.display_name for one in await store.collections(account.id)}
    found = await store.threads(account.id, collection_id=chosen.id if chosen else None, limit=limit)
    if as_json_:
        print_json(
            [
                {**as_json(one.newest, None, folder=names.get(one.newest.collection_id, "")), "count": one.count,
                 "unread": one.unread}
                for one in found
            ]
        )  # fmt: skip
        return
    rows = []
    for one in found:
        mark, *cells = _mail_row(one.newest, names.get(one.newest.collection_id, ""))
        rows.append((one.newest.id, mark, one.count, one.unread or "", *cells))
    columns = ("ID>", "", "Mails>", "Unread>", "Newest", "From", "Subject", "Folder")
    print_table(columns, rows, empty="no mail held; bring the account up to date with: carrierpost sync")


def _mail_row(item: Item, folder: str) -> tuple[object, ...]:
    assert isinstance(item.data, Email)
    mark = ("" if item.data.read else "•") + ("📎" if item.data.attachments else "")
    when = local_time(item.data.date_received)
    return mark, when, display_name(item.data.from_), item.data.subject or "(no subject)", folder


@click.group()
def contacts() -> None:
    """
    Show contacts, add, edit, delete them, and let them out as vCards.
    """


@contacts.command("list")
@account_option
@_folder_option
@_limit_option
@json_option
@asynchronous
async def list_contacts(address: str | None, folder: str | None, limit: int, as_json: bool) -> None:
    """
    List contacts by name.
    """
    async with open_hub() as hub:
        account = await pick_account(hub.store, address)
        items, names = await _held(hub.store, account, ContentClass.CONTACTS, folder, limit)
        columns = ("Name", "Company", "Mail", "Mobile", "Folder")
        _print(items, names, as_json, _contact_row, columns, "no contacts")


def _contact_row(item: Item, folder: str) -> tuple[object, ...]:
    data = item.data
    assert isinstance(data, Contact)
    mail_address = display_name(data.email1_address)
    return headline(data), data.company_name or "", mail_address, data.mobile_phone_number or "", folder


@click.group()
def tasks() -> None:
    """
    Show tasks, and add, finish or delete them.
    """


@tasks.command("list")
@account_option
@_folder_option
@_limit_option
@json_option
@asynchronous
async def list_tasks(address: str | None, folder: str | None, limit: int, as_json: bool) -> None:
    """
    List tasks by name.
    """
    async with open_hub() as hub:
        account = await pick_account(hub.store, address)
        items, names = await _held(hub.store, account, ContentClass.TASKS, folder, limit)
        _print(items, names, as_json, _task_row, ("Done", "Due", "Task", "Folder"), "no tasks")


def _task_row(item: Item, folder: str) -> tuple[object, ...]:
    data = item.data
    assert isinstance(data, Task)
    due = f"{data.due_date:%Y-%m-%d}" if data.due_date else ""
    return "✓" if data.complete else "", due, data.subject or "(no title)", folder


@click.group()
def notes() -> None:
    """
    Show notes, and add or delete them.
    """


@notes.command("list")
@account_option
@_folder_option
@_limit_option
@json_option
@asynchronous
async def list_notes(address: str | None, folder: str | None, limit: int, as_json: bool) -> None:
    """
    List notes by name.
    """
    async with open_hub() as hub:
        account = await pick_account(hub.store, address)
        items, names = await _held(hub.store, account, ContentClass.NOTES, folder, limit)
        _print(items, names, as_json, _note_row, ("Changed", "Note", "Folder"), "no notes")


def _note_row(item: Item, folder: str) -> tuple[object, ...]:
    data = item.data
    assert isinstance(data, NoteItem)
    return local_time(data.last_modified_date), data.subject or "(no title)", folder


def _print(
    items: Sequence[Item],
    names: dict[int, str],
    as_json_: bool,
    row: Callable[[Item, str], tuple[object, ...]],
    columns: tuple[str, ...],
    empty: str,
) -> None:
    if as_json_:
        print_json([as_json(item, None, folder=names.get(item.collection_id, "")) for item in items])
        return
    rows = [(item.id, *row(item, names.get(item.collection_id, ""))) for item in items]
    print_table(("ID>", *columns), rows, empty=f"{empty} held; bring the account up to date with: carrierpost sync")


for _group, _class in (
    (contacts, ContentClass.CONTACTS),
    (tasks, ContentClass.TASKS),
    (notes, ContentClass.NOTES),
):
    _group.add_command(_show_command(_class))
for _group, _commands in (
    (mail, (*READING_COMMANDS, *COMPOSE_COMMANDS, draft, *MAIL_COMMANDS)),
    (contacts, (*CONTACT_COMMANDS, *CARD_COMMANDS)),
    (tasks, (*TASK_COMMANDS, export_tasks)),
    (notes, NOTE_COMMANDS),
):
    for _command in _commands:
        _group.add_command(_command)


@click.command()
@click.argument("words", nargs=-1, required=True)
@click.option("--server", "at_server", is_flag=True, help="Look for mail at the server, also what is not held here.")
@_folder_option
@account_option
@_limit_option
@trace_options
@json_option
@asynchronous
async def search(
    words: tuple[str, ...],
    at_server: bool,
    folder: str | None,
    address: str | None,
    limit: int,
    trace: Path | None,
    veil: bool,
    as_json: bool,
) -> None:
    """
    Find items by words.

    They have all WORDS; the last may be the beginning of a word, "..." is a phrase. With --server, how words are
    understood is the server's affair; what is held here is searched as well, and each mail stands once.
    """
    if at_server:
        await search_server(" ".join(words), folder, address, limit, trace=trace, veil=veil, as_json=as_json)
        return
    if folder is not None:
        raise click.UsageError("--folder goes together with --server; what is held is searched as a whole")
    async with open_hub() as hub:
        account = await pick_account(hub.store, address)
        hits = await hub.store.search(account.id, " ".join(words), limit=limit)
        names = {one.id: one.display_name for one in await hub.store.collections(account.id)}
        if as_json:
            print_json(
                [
                    {
                        "id": hit.item.id,
                        "class": hit.item.content_class,
                        "title": headline(hit.item.data),
                        "folder": names.get(hit.item.collection_id, ""),
                        "snippet": hit.snippet,
                    }
                    for hit in hits
                ]
            )
            return
        rows = [
            (
                hit.item.id,
                _GROUPS[hit.item.content_class.value.lower()],
                headline(hit.item.data),
                names.get(hit.item.collection_id, ""),
                hit.snippet,
            )
            for hit in hits
        ]
        print_table(("ID>", "Kind", "Title", "Folder", "Text"), rows, empty="nothing found")
