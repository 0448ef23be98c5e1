"""
`carrierpost mail attachments`: what is attached to a mail, listed and saved to files.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Sequence
from pathlib import Path

import click
from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TransferSpeedColumn

from carrierpost.bootstrap import open_hub
from carrierpost.cli.output import console, json_option, print_json, print_table
from carrierpost.cli.running import asynchronous
from carrierpost.engine.context import Context
from carrierpost.engine.saving import FileProgress, OnProgress, attachments_of, save_attachment
from carrierpost.formats.file_names import safe_name
from carrierpost.protocol.classes import Attachment

__all__ = ["attachments"]


@click.command("attachments")
@click.argument("item_id", metavar="ID", type=int)
@click.option("--save", "folder", type=click.Path(file_okay=False, path_type=Path), metavar="DIR", help="Save here.")
@click.option("--all", "every", is_flag=True, help="With --save: all of them, pictures within the text as well.")
@click.option(
    "--name", "names", multiple=True, metavar="NAME", help="With --save: the one of this name; again for more."
)
@json_option
@asynchronous
async def attachments(item_id: int, folder: Path | None, every: bool, names: tuple[str, ...], as_json: bool) -> None:
    """
    List what is attached to a mail, or save it to files; ID is the number that list prints.

    Files are written while they come in and get their names when they are complete. Nothing is overwritten: where a
    file of the name is there already, the new one gets a number.
    """
    if folder is None and (every or names):
        raise click.UsageError("--all and --name go together with --save DIR")
    async with open_hub() as hub:
        item = await hub.store.item(item_id)
        found = attachments_of(item)
        if folder is None:
            _list(found, as_json=as_json)
            return
        chosen = _chosen(found, every=every, names=names)
        account = await hub.store.account(item.account_id)
        async with hub.runner(account) as runner:
            for one in chosen:

                async def save(context: Context, one: Attachment = one) -> Path:
                    with _bar(one.display_name or "attachment") as told:
                        return await save_attachment(
                            context, item.id, one.file_reference or "", folder, on_progress=told
                        )

                file = await runner.ask(save)
                if as_json:
                    print_json({"name": one.display_name, "file": str(file), "size": file.stat().st_size})
                else:
                    click.echo(f"{file}: {file.stat().st_size} bytes")


def _list(found: Sequence[Attachment], *, as_json: bool) -> None:
    if as_json:
        print_json(
            [
                {
                    "name": one.display_name,
                    "saved_as": safe_name(one.display_name or ""),
                    "size": one.estimated_data_size,
                    "inline": bool(one.is_inline),
                    "content_id": one.content_id,
                    "file_reference": one.file_reference,
                }
                for one in found
            ]
        )
        return
    rows = [
        (
            one.display_name or "(no name)",
            f"about {one.estimated_data_size or 0}",
            "in the text" if one.is_inline else "",
        )
        for one in found
    ]
    print_table(("Name", "About bytes>", ""), rows, empty="nothing is attached")


def _chosen(found: Sequence[Attachment], *, every: bool, names: tuple[str, ...]) -> list[Attachment]:
    """
    Choose what is saved: all, those named, or else what is not shown in the text.
    """
    if names:
        wanted = {name.casefold() for name in names}
        chosen = [one for one in found if (one.display_name or "").casefold() in wanted]
        if missing := wanted - {(one.display_name or "").casefold() for one in chosen}:
            known = ", ".join(one.display_name or "(no name)" for one in found) or "none"
            raise click.UsageError(f"there is no attachment {', '.join(sorted(missing))}; there are: {known}")
        return chosen
    chosen = [one for one in found if every or not one.is_inline]
    if not chosen:
        raise click.UsageError("nothing is attached that could be saved; --all takes pictures within the text as well")
    return chosen


@contextlib.contextmanager
def _bar(name: str) -> Iterator[OnProgress]:
    """
    Show how far a file has come, at a terminal.
    """
    to = console(stderr=True)
    columns = (TextColumn("{task.description}"), BarColumn(), DownloadColumn(), TransferSpeedColumn())
    with Progress(*columns, console=to, transient=True, disable=not to.is_terminal) as progress:
        task = progress.add_task(safe_name(name)[:40], total=None)

        def told(how_far: FileProgress) -> None:
            progress.update(task, completed=how_far.done, total=how_far.total)

        yield told
