"""
`carrierpost contacts export|import|share|mirror`: contacts as vCards, as far as the policy lets them leave.
"""

from __future__ import annotations

from pathlib import Path
from typing import BinaryIO

import click
import msgspec

from carrierpost.bootstrap import Hub, open_hub
from carrierpost.cli.compose import post, recipient_options
from carrierpost.cli.edits import default_folder, find_folder
from carrierpost.cli.output import json_option, print_json
from carrierpost.cli.running import account_option, asynchronous, pick_account
from carrierpost.engine.policies import PolicyDesk
from carrierpost.export.book import AddressBook, open_book
from carrierpost.export.decision import Way, decide_export
from carrierpost.export.sharing import shared_contact
from carrierpost.export.vdir import mirror
from carrierpost.export.writing import filed
from carrierpost.formats.headers import Address
from carrierpost.formats.vcard import VCardError, VCardVersion
from carrierpost.formats.vcard_in import read_cards
from carrierpost.formats.vcard_out import display_name
from carrierpost.model import Account, Item, Platform
from carrierpost.protocol.classes import Contact, ContentClass, identity

__all__ = ["CARD_COMMANDS"]

_HINT = "an administrator allows it with: carrierpost policy set NAME export_contacts=on"
_version_option = click.option(
    "--version",
    type=click.Choice([str(one) for one in VCardVersion]),
    default=str(VCardVersion.V3),
    show_default=True,
    help="Which vCard; 3.0 is read everywhere.",
)


async def _book(hub: Hub, account: Account, way: Way, *, platform: Platform | None = None, every: bool) -> AddressBook:
    """
    Open what may leave of an account's contacts by one way.
    """
    policy = await PolicyDesk(hub.store).effective(account.address, platform=platform)
    decision = decide_export(way, policy, platform=platform, turned_on=True)
    chance = hub.chance.randbytes(16)
    return await open_book(hub.store, account, policy, decision, chance=chance, every_folder=every)


def _must_be_allowed(book: AddressBook) -> None:
    if not book.decision.allowed:
        raise click.ClickException(f"{book.decision.reason}; {_HINT}")


async def _contact(hub: Hub, item_id: int) -> tuple[Item, Contact]:
    item = await hub.store.item(item_id)
    if not isinstance(item.data, Contact):
        raise click.UsageError(
            f"item {item_id} is no contact; carrierpost contacts list shows contacts with their numbers"
        )
    return item, item.data


@click.command("export")
@click.argument("item_ids", metavar="[ID]...", type=int, nargs=-1)
@click.option("--all", "everyone", is_flag=True, help="All contacts of the folders that are exported.")
@click.option(
    "--to", "target", type=click.Path(dir_okay=False, allow_dash=True), required=True, help="The file; - prints."
)
@_version_option
@account_option
@asynchronous
async def export_contacts(
    item_ids: tuple[int, ...], everyone: bool, target: str, version: str, address: str | None
) -> None:
    """
    Write contacts into a vCard file; ID is the number that list prints.
    """
    if everyone == bool(item_ids):
        raise click.UsageError("say which contacts, by their numbers or with --all")
    async with open_hub() as hub:
        texts = []
        if everyone:
            book = await _book(hub, await pick_account(hub.store, address), Way.EXPORT, every=False)
            _must_be_allowed(book)
            names = [card.name for card in await book.cards()]
            texts = [(await book.text(name, version=VCardVersion(version)))[1] for name in names]
        for item_id in item_ids:
            item, _ = await _contact(hub, item_id)
            book = await _book(hub, await hub.store.account(item.account_id), Way.EXPORT, every=True)
            _must_be_allowed(book)
            card = await book.card_of(item_id)
            texts.append((await book.text(card.name, version=VCardVersion(version)))[1])
    with click.open_file(target, "wb", atomic=target != "-") as stream:
        stream.write("".join(texts).encode())
    if target != "-":
        click.echo(f"{len(texts)} {'contact' if len(texts) == 1 else 'contacts'} written to {target}")


@click.command("import")
@click.argument("source", metavar="FILE", type=click.File("rb"))
@click.option("--folder", metavar="NAME", help="Into this folder; the default contacts folder unless given.")
@account_option
@json_option
@asynchronous
async def import_contacts(source: BinaryIO, folder: str | None, address: str | None, as_json: bool) -> None:
    """
    Read contacts from a vCard file.

    Whoever is there already by the same names and mail address is left as it is. What ActiveSync has no place for is
    named and not taken over.
    """
    try:
        cards, notes = read_cards(source.read())
    except VCardError as error:
        raise click.ClickException(f"{source.name}: {error}") from None
    async with open_hub() as hub:
        account = await pick_account(hub.store, address)
        kind = ContentClass.CONTACTS
        target = (
            await find_folder(hub.store, account, kind, folder)
            if folder is not None
            else default_folder(await hub.store.collections(account.id), kind)
        )
        editor = hub.editor(account.id)
        told = []
        for card in cards:
            data = filed(card.contact)
            known = identity(data)
            held = await hub.store.items_by_identity(target.id, [known]) if known else {}
            if held:
                there = next(iter(held.values()))
                told.append({"name": display_name(data), "id": there.id, "added": False, "left_out": []})
                continue
            edited = await editor.add(target.id, data)
            assert edited.item is not None
            told.append({"name": display_name(data), "id": edited.item.id, "added": True, "left_out": list(card.notes)})
    if as_json:
        print_json({"folder": target.display_name, "contacts": told, "left_out": list(notes)})
        return
    for one in told:
        click.echo(
            f"{one['id']}  {one['name']}: {'added to' if one['added'] else 'is already in'} {target.display_name}"
        )
        for note in one["left_out"]:  # type: ignore[attr-defined]
            click.echo(f"    left out: {note}", err=True)
    for note in notes:
        click.echo(f"left out: {note}", err=True)
    if any(one["added"] for one in told):
        click.echo("The server hears of it with the next: carrierpost sync", err=True)


@click.command("share")
@click.argument("item_id", metavar="ID", type=int)
@recipient_options(needed=True)
@click.option("--subject", default="", help="The subject; the contact's name unless given.")
@click.option("--text", default="", help="What you say with it.")
@click.option("--name", default="", metavar="NAME", help="Your name, as recipients see it.")
@click.option("--later", is_flag=True, help="Only keep it in the outbox; the next sync sends it.")
@_version_option
@json_option
@asynchronous
async def share_contact(
    item_id: int,
    to: tuple[Address, ...],
    cc: tuple[Address, ...],
    bcc: tuple[Address, ...],
    subject: str,
    text: str,
    name: str,
    later: bool,
    version: str,
    as_json: bool,
) -> None:
    """
    Send a contact to somebody, as a vCard attached to a new message.
    """
    async with open_hub() as hub:
        item, data = await _contact(hub, item_id)
        account = await hub.store.account(item.account_id)
        book = await _book(hub, account, Way.SHARE, every=True)
        _must_be_allowed(book)
        card = await book.card_of(item_id)
        _, vcard = await book.text(card.name, version=VCardVersion(version))
        author = Address(account.address, name)
        draft = shared_contact(display_name(data), vcard, author=author, to=to, subject=subject, words=text)
        draft = msgspec.structs.replace(draft, cc=cc, bcc=bcc)
        await post(hub, account, draft, later=later, as_json=as_json)


@click.command("mirror")
@click.argument("folder", metavar="DIR", type=click.Path(file_okay=False, path_type=Path))
@account_option
@json_option
@asynchronous
async def mirror_contacts(folder: Path, address: str | None, as_json: bool) -> None:
    """
    Keep a copy of the exported contacts in a folder, a file for each, for khard and vdirsyncer.

    Run it after each sync. What was changed in the copy is written over; files that are not ours stay. Where the policy
    lets no contacts leave any more, the copy is emptied.
    """
    async with open_hub() as hub:
        account = await pick_account(hub.store, address)
        book = await _book(hub, account, Way.SYNC, platform=Platform.DESKTOP, every=False)
        done = await mirror(book, folder)
    if as_json:
        print_json({"written": done.written, "removed": done.removed, "restored": done.restored, "kept": done.kept,
                    "reason": book.decision.reason})  # fmt: skip
    else:
        click.echo(f"{folder}: {len(done.written)} written, {len(done.removed)} removed, {done.kept} as they were")
        for name in done.restored:
            click.echo(f"{name} had been changed here and is as at the server again", err=True)
    if not book.decision.allowed:
        click.echo(f"{book.decision.reason}; {_HINT}", err=True)
        click.get_current_context().exit(1)


CARD_COMMANDS = (export_contacts, import_contacts, share_contact, mirror_contacts)
