"""
`carrierpost mail read|flag|move|delete` and the like: changing what is held. The server hears of it with the next
synchronisation, or at once where `carrierpost watch` runs.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Awaitable, Callable, Iterable, Sequence
from typing import Any, TypeVar

import click

from carrierpost.bootstrap import Hub, open_hub
from carrierpost.cli.running import account_option, asynchronous, pick_account
from carrierpost.cli.showing import headline
from carrierpost.engine import Editor
from carrierpost.model import Account, Collection, Edited, Item
from carrierpost.protocol.classes import ApplicationData, Body, BodyType, Contact, ContentClass, NoteItem, Task
from carrierpost.protocol.commands.folder_sync import FolderType
from carrierpost.store.contract import Store

__all__ = ["CONTACT_COMMANDS", "MAIL_COMMANDS", "NOTE_COMMANDS", "TASK_COMMANDS", "default_folder", "find_folder",
           "say_when"]  # fmt: skip

F = TypeVar("F", bound=Callable[..., Any])

_ids = click.argument("item_ids", metavar="ID...", type=int, nargs=-1, required=True)
_DEFAULTS = {
    ContentClass.CONTACTS: FolderType.CONTACTS,
    ContentClass.TASKS: FolderType.TASKS,
    ContentClass.NOTES: FolderType.NOTES,
}
_CONTACT_OPTIONS = (
    ("first", "first_name", "First name."),
    ("last", "last_name", "Last name."),
    ("company", "company_name", "Company."),
    ("title", "job_title", "Job title."),
    ("mail", "email1_address", "Mail address."),
    ("mobile", "mobile_phone_number", "Mobile phone number."),
    ("phone", "business_phone_number", "Phone number at work."),
    ("home", "home_phone_number", "Phone number at home."),
)


async def find_folder(store: Store, account: Account, content_class: ContentClass, name: str) -> Collection:
    """
    Find a folder of a class by its name.

    Raises:
        click.UsageError: there is none; says which there are.
    """
    folders = [one for one in await store.collections(account.id) if one.content_class is content_class]
    for folder in folders:
        if folder.display_name.casefold() == name.casefold():
            return folder
    known = ", ".join(folder.display_name for folder in folders) or "none"
    raise click.UsageError(f"there is no such folder {name!r}; known: {known}")


async def _for_each(
    item_ids: Sequence[int],
    content_class: ContentClass,
    act: Callable[[Hub, Editor, Item], Awaitable[Edited]],
    done: str,
) -> None:
    """
    Do something with some items of a class, after all of them were found.
    """
    async with open_hub() as hub:
        items = [await hub.store.item(item_id) for item_id in item_ids]
        for item in items:
            if item.content_class is not content_class:
                raise click.UsageError(f"item {item.id} is of class {item.content_class}, not {content_class}")
        for item in items:
            edited = await act(hub, hub.editor(item.account_id), item)
            told = done if edited.changes else "nothing to change"
            click.echo(f"{item.id}  {headline(item.data)}: {told}")
    say_when()


def say_when() -> None:
    """
    Say when the server hears of an edit.
    """
    click.echo("The server hears of it with the next: carrierpost sync", err=True)


# -- mail


@click.command("read")
@_ids
@click.option("--unread", is_flag=True, help="Mark as unread instead.")
@asynchronous
async def read_mail(item_ids: tuple[int, ...], unread: bool) -> None:
    """
    Mark mail as read; ID is the number that list prints.
    """
    await _for_each(
        item_ids,
        ContentClass.EMAIL,
        lambda hub, editor, item: editor.mark_read(item.id, not unread),
        "unread" if unread else "read",
    )


@click.command("flag")
@_ids
@click.option("--clear", is_flag=True, help="Take the flag away instead.")
@asynchronous
async def flag_mail(item_ids: tuple[int, ...], clear: bool) -> None:
    """
    Flag mail for follow-up.
    """
    await _for_each(
        item_ids,
        ContentClass.EMAIL,
        lambda hub, editor, item: editor.flag(item.id, None) if clear else editor.flag(item.id),
        "flag cleared" if clear else "flagged",
    )


@click.command("move")
@_ids
@click.option("--to", "folder", metavar="NAME", required=True, help="The folder, by its name.")
@asynchronous
async def move_mail(item_ids: tuple[int, ...], folder: str) -> None:
    """
    Move mail to another folder.
    """

    async def move(hub: Hub, editor: Editor, item: Item) -> Edited:
        account = await hub.store.account(item.account_id)
        target = await find_folder(hub.store, account, ContentClass.EMAIL, folder)
        return await editor.move(item.id, target.id)

    await _for_each(item_ids, ContentClass.EMAIL, move, f"moved to {folder}")


def _delete_command(content_class: ContentClass, what: str, *, trash: bool = False) -> click.Command:
    async def delete(item_ids: tuple[int, ...], permanent: bool = False) -> None:
        await _for_each(
            item_ids,
            content_class,
            lambda hub, editor, item: editor.delete(item.id, permanent=permanent),
            "deleted",
        )

    delete.__doc__ = f"Delete {what}; ID is the number that list prints."
    option = click.option("--permanent", is_flag=True, help="For ever, instead of to Deleted Items.")
    command = asynchronous(delete)
    return click.command("delete")(_ids(option(command) if trash else command))


# -- contacts


def _contact_options(command: F) -> F:
    for name, field, text in reversed(_CONTACT_OPTIONS):
        command = click.option(f"--{name}", field, metavar="TEXT", help=text)(command)
    return command


@click.command("add")
@account_option
@_contact_options
@asynchronous
async def add_contact(address: str | None, **values: str | None) -> None:
    """
    Make a new contact.
    """
    given = {name: value for name, value in values.items() if value}
    if not given:
        raise click.UsageError("a contact needs a name or an address; see: carrierpost contacts add --help")
    await _add(address, Contact(**given))  # type: ignore[arg-type]


@click.command("edit")
@click.argument("item_id", metavar="ID", type=int)
@_contact_options
@asynchronous
async def edit_contact(item_id: int, **values: str | None) -> None:
    """
    Change a contact; an empty value ("") removes it.
    """
    given: dict[str, Any] = {name: value or None for name, value in values.items() if value is not None}
    if not given:
        raise click.UsageError("say what is to be changed; see: carrierpost contacts edit --help")
    await _for_each(
        [item_id], ContentClass.CONTACTS, lambda hub, editor, item: editor.change(item.id, **given), "changed"
    )


async def _add(address: str | None, data: ApplicationData, folder: str | None = None) -> None:
    async with open_hub() as hub:
        account = await pick_account(hub.store, address)
        kind = next(one for one, record in _RECORDS.items() if isinstance(data, record))
        if folder is not None:
            collection = await find_folder(hub.store, account, kind, folder)
        else:
            collection = default_folder(await hub.store.collections(account.id), kind)
        edited = await hub.editor(account.id).add(collection.id, data)
        assert edited.item is not None
        click.echo(f"{edited.item.id}  {headline(data)}: added to {collection.display_name}")
    say_when()


_RECORDS: dict[ContentClass, type[Contact | Task | NoteItem]] = {
    ContentClass.CONTACTS: Contact,
    ContentClass.TASKS: Task,
    ContentClass.NOTES: NoteItem,
}


def default_folder(collections: Iterable[Collection], kind: ContentClass) -> Collection:
    """
    Find the folder that new items of a class go into.

    Raises:
        click.UsageError: none is known yet.
    """
    for one in collections:
        if one.type is _DEFAULTS[kind]:
            return one
    raise click.UsageError(f"no folder for {kind.value.lower()} is known yet; bring it here with: carrierpost sync")


# -- tasks


@click.command("add")
@click.argument("title")
@account_option
@click.option("--due", type=click.DateTime(["%Y-%m-%d"]), help="The day by which it is to be done.")
@click.option("--note", metavar="TEXT", help="What else there is to say.")
@asynchronous
async def add_task(title: str, address: str | None, due: dt.datetime | None, note: str | None) -> None:
    """
    Make a new task.
    """
    when = None if due is None else due.replace(tzinfo=dt.UTC)
    body = Body(type=BodyType.PLAIN, data=note) if note else None
    await _add(address, Task(subject=title, due_date=when, utc_due_date=when, body=body))


@click.command("done")
@_ids
@click.option("--undo", is_flag=True, help="It is to be done after all.")
@asynchronous
async def done_task(item_ids: tuple[int, ...], undo: bool) -> None:
    """
    Mark tasks as done.
    """

    async def done(hub: Hub, editor: Editor, item: Item) -> Edited:
        moment = None if undo else hub.clock.now().replace(microsecond=0)
        return await editor.change(item.id, complete=not undo, date_completed=moment)

    await _for_each(item_ids, ContentClass.TASKS, done, "to be done" if undo else "done")


# -- notes


@click.command("add")
@click.argument("title")
@click.argument("text", default="")
@account_option
@asynchronous
async def add_note(title: str, text: str, address: str | None) -> None:
    """
    Make a new note.
    """
    await _add(address, NoteItem(subject=title, body=Body(type=BodyType.PLAIN, data=text)))


MAIL_COMMANDS = (read_mail, flag_mail, move_mail, _delete_command(ContentClass.EMAIL, "mail", trash=True))
CONTACT_COMMANDS = (add_contact, edit_contact, _delete_command(ContentClass.CONTACTS, "contacts"))
TASK_COMMANDS = (add_task, done_task, _delete_command(ContentClass.TASKS, "tasks"))
NOTE_COMMANDS = (add_note, _delete_command(ContentClass.NOTES, "notes"))
