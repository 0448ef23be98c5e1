"""
`carrierpost mail send|reply|forward`: writing mail at a terminal.

A message is first kept in the outbox, so that nothing is lost when the server cannot be reached, and then sent. Replies
and forwards let the server put the original in (SmartReply, SmartForward): what it holds whole need not travel twice.
"""

from __future__ import annotations

import functools
import mimetypes
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any, TextIO, TypeVar

import click
import msgspec

from carrierpost.bootstrap import Hub, HubBusy, open_hub
from carrierpost.cli.failure import explain
from carrierpost.cli.output import json_option, print_json
from carrierpost.cli.running import account_option, asynchronous, pick_account
from carrierpost.engine.certificates import look_up_certificates
from carrierpost.engine.reading import keyring_of
from carrierpost.formats.answering import reply as answer
from carrierpost.formats.headers import Address, parse_addresses
from carrierpost.formats.keyring import BadKeyFile, Keyring
from carrierpost.formats.letter import CannotProtect, protect_message
from carrierpost.formats.message import Draft, File, Message
from carrierpost.formats.message_out import write_message
from carrierpost.model import Account, Item, OutboxState, SendMode
from carrierpost.protocol.classes import Email
from carrierpost.protocol.text import topic

__all__ = ["COMPOSE_COMMANDS", "post", "read_files", "read_text", "recipient_options", "send_now"]

F = TypeVar("F", bound=Callable[..., Any])

_TOO_LARGE = 50 * 1024 * 1024  # bytes of attachments that no server takes


def _people(_: click.Context, __: click.Parameter, values: tuple[str, ...]) -> tuple[Address, ...]:
    """
    Read recipients; each option may hold several.
    """
    found: list[Address] = []
    for value in values:
        people = parse_addresses(value)
        wrong = [one for one in people if "@" not in one.address]
        if wrong or not people:
            raise click.BadParameter(f"{value!r} holds no mail address; write ada@example.org or Ada <ada@example.org>")
        found += people
    return tuple(found)


def recipient_options(*, needed: bool) -> Callable[[F], F]:
    """
    Give a command `--to`, `--cc` and `--bcc`, passed as addresses.
    """

    def decorate(command: F) -> F:
        for name, text in (("bcc", "Hidden recipient."), ("cc", "Gets a copy."), ("to", "Recipient; again for more.")):
            option = click.option(
                f"--{name}",
                multiple=True,
                callback=_people,
                metavar="ADDRESS",
                required=needed and name == "to",
                help=text,
            )
            command = option(command)
        return command

    return decorate


def _content(command: F) -> F:
    for option in (
        json_option,
        click.option("--later", is_flag=True, help="Only keep it in the outbox; the next sync sends it."),
        click.option("--name", default="", metavar="NAME", help="Your name, as recipients see it."),
        click.option(
            "--attach",
            multiple=True,
            type=click.Path(exists=True, dir_okay=False, path_type=Path),
            help="A file to go with it; again for more.",
        ),
        click.option("--file", "source", type=click.File("r"), help="Read the text from a file; - is standard input."),
        click.option("--text", help="The text; read from standard input unless given."),
    ):
        command = option(command)
    return command


def read_text(text: str | None, source: TextIO | None) -> str:
    """
    Give the text that a person wrote: from an option, a file or standard input.
    """
    if text is not None and source is not None:
        raise click.UsageError("give the text with --text or with --file, not both")
    if text is not None:
        return text
    if source is None:
        if sys.stdin.isatty():
            click.echo("Write your text; Ctrl-D on a line of its own ends it.", err=True)
        source = sys.stdin
    return source.read()


def read_files(paths: tuple[Path, ...]) -> tuple[File, ...]:
    """
    Read the files that go with a message.
    """
    if sum(path.stat().st_size for path in paths) > _TOO_LARGE:
        raise click.UsageError("the files are larger than 50 MB together, which no server takes; send a link instead")
    return tuple(
        File(path.name, mimetypes.guess_type(path.name)[0] or "application/octet-stream", path.read_bytes())
        for path in paths
    )


def _message_of(data: Email) -> Message:
    """
    Give what an answer has to know of a mail that is held.
    """
    return Message(
        from_=parse_addresses(data.from_ or ""),
        reply_to=parse_addresses((data.reply_to or "").replace(";", ",")),
        to=parse_addresses(data.to or ""),
        cc=parse_addresses(data.cc or ""),
        subject=data.subject or "",
        date=data.date_received,
    )


async def _mail(hub: Hub, item_id: int) -> tuple[Item, Email, Account]:
    item = await hub.store.item(item_id)
    if not isinstance(item.data, Email):
        raise click.UsageError(f"item {item_id} is no mail; carrierpost mail list shows mail with its numbers")
    return item, item.data, await hub.store.account(item.account_id)


async def post(
    hub: Hub,
    account: Account,
    draft: Draft,
    *,
    later: bool,
    as_json: bool,
    mode: SendMode = SendMode.NEW,
    source_item: int | None = None,
    sign: bool = False,
    encrypt: bool = False,
) -> None:
    """
    Keep a message in the outbox, and try to send it now.
    """
    mime = write_message(draft, date=hub.clock.now(), chance=hub.chance.randbytes(16))
    if sign or encrypt:
        mime = await _protected(hub, account, mime, draft, sign=sign, encrypt=encrypt)
    entry = await hub.editor(account.id).send(mime, mode=mode, source_item=source_item)
    trouble = "" if later else await send_now(hub, account)
    left = next((one for one in await hub.store.outbox(account.id) if one.id == entry.id), None)
    people = ", ".join(one.address for one in (*draft.to, *draft.cc, *draft.bcc))
    if as_json:
        state = "sent" if left is None else str(left.state)
        print_json({"subject": draft.subject, "to": people, "state": state, "reason": left.reason if left else ""})
    elif left is None:
        click.echo(f"{draft.subject or '(no subject)'}: sent to {people}")
    elif left.state is OutboxState.REFUSED:
        click.echo(f"{draft.subject or '(no subject)'}: the server refused it. {left.reason}", err=True)
        click.echo("See carrierpost set-aside list", err=True)
    else:
        click.echo(f"{draft.subject or '(no subject)'}: kept in the outbox; it goes out with the next sync. {trouble}")
    if left is not None and left.state is OutboxState.REFUSED:
        click.get_current_context().exit(1)


async def _protected(hub: Hub, account: Account, mime: bytes, draft: Draft, *, sign: bool, encrypt: bool) -> bytes:
    """
    Sign and encrypt a message; certificates that are not kept here are looked for in the server's address list.
    """
    now = hub.clock.now()
    try:
        keyring = await keyring_of(hub.store, account.id)
        unknown = [one.address for one in (*draft.to, *draft.cc) if not keyring.certificates_of(one.address, now)]
        if encrypt and unknown:
            async with hub.runner(account) as runner:
                found = await runner.ask(functools.partial(look_up_certificates, addresses=unknown))
            keyring = keyring.joined(Keyring(people=found))
        chance = hub.chance.randbytes(16)
        return protect_message(mime, keyring, sign=sign, encrypt=encrypt, now=now, chance=chance)
    except (BadKeyFile, CannotProtect) as error:
        raise click.UsageError(f"the mail was not sent: {error}") from None


async def send_now(hub: Hub, account: Account) -> str:
    """
    Let the server have what is in the outbox; what stands in the way is only told, for nothing is lost.
    """
    try:
        async with hub.runner(account) as runner:
            await runner.sync_once()
    except HubBusy:
        return "Another carrierpost works on this account, and sends it."
    except Exception as error:
        sentence = explain(error)
        if sentence is None:
            raise
        return sentence
    return ""


@click.command("send")
@recipient_options(needed=True)
@click.option("--subject", default="", help="The subject.")
@click.option("--sign", is_flag=True, help="Sign it with your key; see carrierpost smime.")
@click.option("--encrypt", is_flag=True, help="Encrypt it for all recipients, and for you.")
@_content
@account_option
@asynchronous
async def send_mail(
    to: tuple[Address, ...],
    cc: tuple[Address, ...],
    bcc: tuple[Address, ...],
    subject: str,
    sign: bool,
    encrypt: bool,
    text: str | None,
    source: TextIO | None,
    attach: tuple[Path, ...],
    name: str,
    later: bool,
    as_json: bool,
    address: str | None,
) -> None:
    """
    Write a mail and send it.

    The text comes from --text, --file or standard input. A copy lies in Sent Items.
    """
    async with open_hub() as hub:
        account = await pick_account(hub.store, address)
        draft = Draft(
            from_=Address(account.address, name),
            to=to,
            cc=cc,
            bcc=bcc,
            subject=subject,
            text=read_text(text, source),
            files=read_files(attach),
        )
        await post(hub, account, draft, later=later, as_json=as_json, sign=sign, encrypt=encrypt)


@click.command("reply")
@click.argument("item_id", metavar="ID", type=int)
@click.option("--all", "to_all", is_flag=True, help="To everybody who got it, not to the sender alone.")
@_content
@asynchronous
async def reply_mail(
    item_id: int,
    to_all: bool,
    text: str | None,
    source: TextIO | None,
    attach: tuple[Path, ...],
    name: str,
    later: bool,
    as_json: bool,
) -> None:
    """
    Answer a mail; ID is the number that list prints. The server adds the original below.
    """
    async with open_hub() as hub:
        item, data, account = await _mail(hub, item_id)
        author = Address(account.address, name)
        draft = answer(_message_of(data), author, text=read_text(text, source), to_all=to_all, quote=False)
        if not draft.to:
            raise click.UsageError("this mail names nobody to answer to; use: carrierpost mail send --to ADDRESS")
        draft = msgspec.structs.replace(draft, files=read_files(attach))
        await post(hub, account, draft, later=later, as_json=as_json, mode=SendMode.REPLY, source_item=item.id)


@click.command("forward")
@click.argument("item_id", metavar="ID", type=int)
@recipient_options(needed=True)
@_content
@asynchronous
async def forward_mail(
    item_id: int,
    to: tuple[Address, ...],
    cc: tuple[Address, ...],
    bcc: tuple[Address, ...],
    text: str | None,
    source: TextIO | None,
    attach: tuple[Path, ...],
    name: str,
    later: bool,
    as_json: bool,
) -> None:
    """
    Forward a mail with what is attached to it; ID is the number that list prints. The server adds the original.
    """
    async with open_hub() as hub:
        item, data, account = await _mail(hub, item_id)
        draft = Draft(
            from_=Address(account.address, name),
            to=to,
            cc=cc,
            bcc=bcc,
            subject=f"Fwd: {topic(data.subject or '')}",
            text=read_text(text, source),
            files=read_files(attach),
        )
        await post(hub, account, draft, later=later, as_json=as_json, mode=SendMode.FORWARD, source_item=item.id)


COMPOSE_COMMANDS = (send_mail, reply_mail, forward_mail)
