"""
`carrierpost mail draft`: letters that are not finished.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any, TextIO

import click

from carrierpost.bootstrap import Hub, open_hub
from carrierpost.cli.compose import read_files, read_text, recipient_options, send_now
from carrierpost.cli.output import json_option, local_time, print_json, print_table
from carrierpost.cli.running import account_option, asynchronous, pick_account
from carrierpost.cli.showing import as_json as values_of
from carrierpost.engine.drafting import attached, drafts_folder, send_draft
from carrierpost.formats.headers import Address, address_field
from carrierpost.protocol.classes import Body, BodyType, Email

__all__ = ["draft"]


@click.group()
def draft() -> None:
    """
    Write letters to be finished later: make, list, edit and send drafts.
    """


@draft.command("list")
@account_option
@json_option
@asynchronous
async def list_drafts(address: str | None, as_json: bool) -> None:
    """
    List drafts, the newest first; the folder says where they are kept.
    """
    async with open_hub() as hub:
        account = await pick_account(hub.store, address)
        folder = await drafts_folder(hub.store, account.id)
        items = await hub.store.items(account.id, collection_id=folder.id)
    if as_json:
        print_json({"note": folder.note, "drafts": [values_of(one, None) for one in items]})
        return
    rows = []
    for one in items:
        assert isinstance(one.data, Email)
        subject = one.data.subject or "(no subject)"
        rows.append((one.id, local_time(one.data.date_received), one.data.to or "(nobody yet)", subject))
    print_table(("ID>", "Written", "To", "Subject"), rows, empty="no drafts")
    if folder.note:
        click.echo(f"\n{folder.note}")


def _written(people: Sequence[Address]) -> str:
    return address_field("To", tuple(people)).decode().removeprefix("To:").replace("\r\n", "").strip()


def _fields(
    to: Sequence[Address], cc: Sequence[Address], bcc: Sequence[Address], subject: str | None, text: str | None
) -> dict[str, Any]:
    """
    Give the properties that were named.
    """
    fields: dict[str, Any] = {name: _written(who) for name, who in (("to", to), ("cc", cc), ("bcc", bcc)) if who}
    if subject is not None:
        fields["subject"] = subject
    if text is not None:
        fields["body"] = Body(type=BodyType.PLAIN, data=text)
    return fields


_attach_option = click.option(
    "--attach",
    multiple=True,
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="A file to go with it; again for more.",
)


async def _told(hub: Hub, account_id: int, later: bool) -> str:
    return "" if later else await send_now(hub, await hub.store.account(account_id))


@draft.command("new")
@recipient_options(needed=False)
@click.option("--subject", default="", help="The subject.")
@click.option("--text", help="The text; read from standard input unless given.")
@click.option("--file", "source", type=click.File("r"), help="Read the text from a file; - is standard input.")
@_attach_option
@account_option
@json_option
@asynchronous
async def new_draft(
    to: tuple[Address, ...],
    cc: tuple[Address, ...],
    bcc: tuple[Address, ...],
    subject: str,
    text: str | None,
    source: TextIO | None,
    attach: tuple[Path, ...],
    address: str | None,
    as_json: bool,
) -> None:
    """
    Begin a draft; the next sync takes it to the server, if that keeps drafts (16.0 and later).
    """
    async with open_hub() as hub:
        account = await pick_account(hub.store, address)
        folder = await drafts_folder(hub.store, account.id)
        files = attached(read_files(attach), hub.chance)
        letter = Email(**_fields(to, cc, bcc, subject, read_text(text, source)), new_attachments=files or None)
        edited = await hub.editor(account.id).add(folder.id, letter)
        assert edited.item is not None
    if as_json:
        print_json({"id": edited.item.id})
    else:
        click.echo(f"draft {edited.item.id} is kept; send it with: carrierpost mail draft send {edited.item.id}")
        if folder.note:
            click.echo(folder.note)


@draft.command("edit")
@click.argument("item_id", metavar="ID", type=int)
@recipient_options(needed=False)
@click.option("--subject", help="Another subject.")
@click.option("--text", help="Another text.")
@click.option("--file", "source", type=click.File("r"), help="Read another text from a file; - is standard input.")
@_attach_option
@asynchronous
async def edit_draft(
    item_id: int,
    to: tuple[Address, ...],
    cc: tuple[Address, ...],
    bcc: tuple[Address, ...],
    subject: str | None,
    text: str | None,
    source: TextIO | None,
    attach: tuple[Path, ...],
) -> None:
    """
    Change a draft; what is not named stays as it is.
    """
    async with open_hub() as hub:
        item = await hub.store.item(item_id)
        written = read_text(text, source) if text is not None or source is not None else None
        fields = _fields(to, cc, bcc, subject, written)
        if attach:
            held = getattr(item.data, "new_attachments", None) or ()
            fields["new_attachments"] = (*held, *attached(read_files(attach), hub.chance))
        if not fields:
            raise click.UsageError("nothing is to be changed; see: carrierpost mail draft edit --help")
        await hub.editor(item.account_id).change(item_id, **fields)
    click.echo(f"draft {item_id} is changed")


@draft.command("send")
@click.argument("item_id", metavar="ID", type=int)
@click.option("--later", is_flag=True, help="Only keep it in the outbox; the next sync sends it.")
@asynchronous
async def send_it(item_id: int, later: bool) -> None:
    """
    Send a draft.
    """
    async with open_hub() as hub:
        item = await hub.store.item(item_id)
        entry = await send_draft(hub.store, hub.editor(item.account_id), item_id, clock=hub.clock, chance=hub.chance)
        trouble = await _told(hub, item.account_id, later)
        left = next((one for one in await hub.store.outbox(item.account_id) if one.id == entry.id), None)
    if left is None:
        click.echo(f"draft {item_id}: sent")
        return
    click.echo(
        f"draft {item_id}: kept in the outbox; it goes out with the next sync. {left.reason or trouble}".rstrip()
    )
