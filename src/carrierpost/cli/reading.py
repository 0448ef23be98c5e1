"""
`carrierpost mail show|thread|source`: a mail read whole, as a person sees it and as it came.
"""

from __future__ import annotations

import functools
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import click

from carrierpost.bootstrap import Hub, open_hub
from carrierpost.cli.attachments import attachments
from carrierpost.cli.failure import explain
from carrierpost.cli.output import json_option, local_time, print_json, print_table
from carrierpost.cli.running import asynchronous
from carrierpost.cli.showing import as_json, as_text
from carrierpost.engine.certificates import validate
from carrierpost.engine.context import Context
from carrierpost.engine.fetching import fetch_body
from carrierpost.engine.reading import (
    fetch_mime,
    fetch_pictures,
    fetch_protected,
    held_letter,
    is_protected,
    keyring_of,
    shown_html,
)
from carrierpost.formats.html import CleanHTML, clean_html, text_to_html
from carrierpost.formats.letter import Letter, Verdict
from carrierpost.model import Account, Item, ItemBody
from carrierpost.protocol.classes import BodyType, Email
from carrierpost.protocol.text import display_name, html_to_text, plain_text

__all__ = ["READING_COMMANDS"]


async def _mail(hub: Hub, item_id: int) -> tuple[Item, Email, Account]:
    item = await hub.store.item(item_id)
    if not isinstance(item.data, Email):
        kind = item.content_class.value.lower()
        raise click.UsageError(f"item {item_id} is no mail; try: carrierpost {kind} show {item_id}")
    return item, item.data, await hub.store.account(item.account_id)


@click.command("show")
@click.argument("item_id", metavar="ID", type=int)
@click.option("--whole", is_flag=True, help="Fetch the rest of a long text first.")
@click.option("--html", "as_html", is_flag=True, help="Print the text as clean HTML, its own pictures in it.")
@click.option("--check", is_flag=True, help="Ask the server what it thinks of the signers' certificates.")
@click.option("--held", is_flag=True, help="Ask nobody: show what is held here.")
@json_option
@asynchronous
async def show_mail(item_id: int, whole: bool, as_html: bool, check: bool, held: bool, as_json: bool) -> None:
    """
    Read a mail; ID is the number that list prints.

    Signed and encrypted mail is fetched whole, opened and judged. Links are shown with where they lead; pictures from
    the network are never fetched.
    """
    async with open_hub() as hub:
        item, data, account = await _mail(hub, item_id)
        trouble = "" if held else await _complete(hub, account, item, data, whole=whole)
        body = await hub.store.body(item_id)
        letter = held_letter(body, await keyring_of(hub.store, account.id), now=hub.clock.now())
        checked = await _checked(hub, account, letter) if check and letter is not None else ()
        if as_html:
            click.echo((await _html(hub, account, item, body, letter, held=held)).html)
        elif as_json:
            print_json(_values(item, body, letter, checked, trouble))
        else:
            click.echo(_text(item, data, body, letter))
            for line in (*checked, trouble):
                click.echo(f"\n[{line}]") if line else None


async def _complete(hub: Hub, account: Account, item: Item, data: Email, *, whole: bool) -> str:
    """
    Fetch what is missing to show a mail; says in words what stands in the way, for what is held can be shown anyway.
    """
    body = await hub.store.body(item.id)
    protected = is_protected(data) and (body is None or body.type != BodyType.MIME)
    if not protected and not (whole and (body is None or body.truncated)):
        return ""

    async def fetch(context: Context) -> None:
        await (fetch_protected(context, item.id) if protected else fetch_body(context, item.id))

    try:
        async with hub.runner(account) as runner:
            await runner.ask(fetch)
    except Exception as error:
        sentence = explain(error)
        if sentence is None:
            raise
        return f"Not all of it could be fetched: {sentence}"
    return ""


async def _checked(hub: Hub, account: Account, letter: Letter) -> tuple[str, ...]:
    """
    Say what the server thinks of the signers.
    """
    lines = []
    async with hub.runner(account) as runner:
        for one in letter.signatures:
            signer = one.signature.signer
            if signer is not None:
                valid, reason = await runner.ask(functools.partial(validate, certificate=signer))
                lines.append(f"The server on {one.signer}: {'valid' if valid else 'not valid'}; {reason}")
    return tuple(lines)


def _parts_of(body: ItemBody | None, letter: Letter | None) -> tuple[str | None, str | None]:
    """
    Give a mail's text as plain text and as HTML, whichever there are.
    """
    if letter is not None:
        return letter.message.text, letter.message.html
    if body is None:
        return None, None
    if body.type == BodyType.HTML:
        return None, body.data if isinstance(body.data, str) else body.data.decode("utf-8", "replace")
    return plain_text(body.data, html=False), None


async def _html(
    hub: Hub, account: Account, item: Item, body: ItemBody | None, letter: Letter | None, *, held: bool
) -> CleanHTML:
    text, html = _parts_of(body, letter)
    if html is None:
        return clean_html(text_to_html(text or ""))
    if letter is not None:
        pictures = {one.content_id: one.content for one in letter.message.files if one.content_id}
    elif held or not clean_html(html).content_ids:
        pictures = {}
    else:
        async with hub.runner(account) as runner:
            pictures = await runner.ask(functools.partial(fetch_pictures, item=item, html=html))
    return shown_html(html, pictures)


def _text(item: Item, data: Email, body: ItemBody | None, letter: Letter | None) -> str:
    text, html = _parts_of(body, letter)
    lines = [as_text(item, None)]
    if letter is not None:
        lines += [
            f"{'Protection:' if not number else '':<12} {line}" for number, line in enumerate(_protection(letter))
        ]
        if letter.message.subject and letter.message.subject != data.subject:
            lines.append(f"{'Within:':<12} {letter.message.subject}")
        files = ", ".join(one.name or "(no name)" for one in letter.message.files if not one.inline)
        if files:
            lines.append(f"{'Within:':<12} {files}")
    elif is_protected(data):
        lines.append(f"{'Protection:':<12} signed or encrypted; it was not fetched whole, so nothing is verified")
    shown = text if text is not None else html_to_text(html, links=True) if html is not None else ""
    if shown:
        lines += ("", shown.rstrip())
    if body is not None and body.truncated:
        lines += ("", f"[The server holds more of this text; see carrierpost mail show {item.id} --whole]")
    if html is not None:
        lines += _warnings(clean_html(html))
    return "\n".join(lines)


def _protection(letter: Letter) -> Iterator[str]:
    if letter.encrypted:
        yield "Encrypted." if letter.problem else "Encrypted, and opened with your key."
    yield from map(str, letter.signatures)
    if letter.problem:
        yield letter.problem
    if not letter.layers:
        yield "None: it is neither signed nor encrypted."


def _warnings(clean: CleanHTML) -> list[str]:
    lines = [
        f"[Beware: a link that says {one.shown} leads to {one.leads_to}.]" for one in dict.fromkeys(clean.misleading)
    ]
    if clean.blocked_pictures:
        lines.append(f"[{clean.blocked_pictures} pictures from the network were left out: they tell who reads this.]")
    return ["", *lines] if lines else []


def _values(
    item: Item, body: ItemBody | None, letter: Letter | None, checked: tuple[str, ...], trouble: str
) -> dict[str, Any]:
    values = as_json(item, body if letter is None else None)
    if trouble:
        values["trouble"] = trouble
    if letter is None:
        return values
    values["protection"] = {
        "layers": [one.value for one in letter.layers],
        "encrypted": letter.encrypted,
        "problem": letter.problem,
        "good": bool(letter.signatures) and all(one.verdict is Verdict.GOOD for one in letter.signatures),
        "signatures": [
            {
                "verdict": one.verdict,
                "signer": one.signer,
                "addresses": one.signature.addresses,
                "signing_time": one.signature.signing_time,
                "reasons": one.reasons,
            }
            for one in letter.signatures
        ],
        "server": checked,
    }
    message = letter.message
    values["message"] = {
        "subject": message.subject,
        "text": message.text,
        "html": message.html,
        "files": [{"name": one.name, "type": one.content_type, "size": len(one.content)} for one in message.files],
    }
    return values


@click.command("thread")
@click.argument("item_id", metavar="ID", type=int)
@json_option
@asynchronous
async def show_thread(item_id: int, as_json: bool) -> None:
    """
    List the conversation that a mail belongs to, oldest first, from all folders.
    """
    async with open_hub() as hub:
        _, _, account = await _mail(hub, item_id)
        items = await hub.store.thread(item_id)
        names = {one.id: one.display_name for one in await hub.store.collections(account.id)}
    if as_json:
        print_json([{**_brief(one), "folder": names.get(one.collection_id, "")} for one in items])
        return
    rows = []
    for one in items:
        assert isinstance(one.data, Email)
        mark = ("" if one.data.read else "•") + ("📎" if one.data.attachments else "")
        who, folder = display_name(one.data.from_), names.get(one.collection_id, "")
        rows.append((one.id, mark, local_time(one.data.date_received), who, one.data.subject or "", folder))
    print_table(("ID>", "", "Received", "From", "Subject", "Folder"), rows, empty="nothing is held")


def _brief(item: Item) -> dict[str, Any]:
    data = item.data
    assert isinstance(data, Email)
    return {
        "id": item.id,
        "from": data.from_,
        "subject": data.subject,
        "received": data.date_received,
        "read": bool(data.read),
    }


@click.command("source")
@click.argument("item_id", metavar="ID", type=int)
@click.option("--to", "target", type=click.Path(dir_okay=False, path_type=Path), metavar="FILE", help="Write it here.")
@asynchronous
async def mail_source(item_id: int, target: Path | None) -> None:
    """
    Fetch a mail as it came, byte by byte (MIME).
    """
    async with open_hub() as hub:
        _, _, account = await _mail(hub, item_id)
        async with hub.runner(account) as runner:
            mime = await runner.ask(functools.partial(fetch_mime, item_id=item_id))
    if target is None:
        click.echo(mime, nl=False)
        return
    try:
        with target.open("xb") as stream:
            stream.write(mime)
    except FileExistsError:
        raise click.UsageError(f"{target} is there already; name another file") from None
    click.echo(f"{target}: {len(mime)} bytes")


READING_COMMANDS = (show_mail, show_thread, mail_source, attachments)
