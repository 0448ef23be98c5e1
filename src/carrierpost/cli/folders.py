"""
`carrierpost folders`: what an account has, and what is synchronized of it.
"""

from __future__ import annotations

import click

from carrierpost.bootstrap import open_hub
from carrierpost.cli.output import json_option, print_json, print_table
from carrierpost.cli.running import account_option, asynchronous, pick_account
from carrierpost.engine.folders import path_of
from carrierpost.model import Collection, Progress

__all__ = ["PUBLIC_FOLDERS", "folders"]

PUBLIC_FOLDERS = (
    "Public folders are not among them: ActiveSync does not carry them. Outlook and the server's web mail show them."
)


@click.group()
def folders() -> None:
    """
    Show an account's folders and what is synchronized of them.
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


def _progress(collection: Collection) -> str:
    return {
        Progress.NEW: "waits for its first synchronisation",
        Progress.FILLING: "first synchronisation under way",
        Progress.COMPLETE: "",
        Progress.MATCHING: "being matched with the server again",
    }[collection.progress]
