"""
The runner against a real server in the same process, in virtual time.
"""

from __future__ import annotations

import asyncio

import pytest

from carrierpost.model import ChangeKind, Progress
from carrierpost.protocol.classes import ContentClass
from carrierpost.protocol.commands.folder_sync import FolderType
from carrierpost.protocol.version import Version
from tests.support.hub import Bench, bench, mail
from tests.support.virtual import virtual

INBOX = FolderType.INBOX


async def settle(made: Bench, seconds: float = 5.0) -> None:
    """Let some virtual time pass."""
    await made.clock.sleep(seconds)


@pytest.mark.parametrize("version", list(Version))
@virtual
async def test_a_first_synchronisation_fetches_everything(version: Version) -> None:
    """All folders, all mail in them, in every version; nothing of it is news."""
    async with bench(version=version) as made:
        for number in range(130):
            mail(made.mailbox, number)
        runner = made.new_runner()
        assert await runner.sync_once() == ()
        assert len(await made.held(INBOX)) == 130
        assert await made.contradictions() == []
        assert made.announced() == []
        account = await made.account()
        assert account.version is version
        collections = await made.store.collections(made.account_id)
        assert all(one.note or one.progress is Progress.COMPLETE for one in collections)


@virtual
async def test_provisioning_comes_before_the_first_folder_list() -> None:
    """PV1: the server hides everything until it knows policy and device; both are told before anything is asked."""
    async with bench(hides_until_known=True) as made:
        mail(made.mailbox, 1)
        await made.new_runner().sync_once()
        commands = [name for _, _, name in made.server.log if name != "OPTIONS"]
        assert commands.index("Provision") < commands.index("FolderSync")
        assert len(await made.held(INBOX)) == 1


@virtual
async def test_new_mail_arrives_through_the_held_connection() -> None:
    """Without any time passing between the server's commit and ours, and told as news exactly once."""
    async with bench() as made:
        mail(made.mailbox, 1)
        working = asyncio.ensure_future(made.new_runner().run())
        await settle(made)
        assert made.server.holding == 1
        arrived = mail(made.mailbox, 2)
        await settle(made, 0.1)
        [news] = made.announced()
        assert news.kind is ChangeKind.ITEM_ADDED
        assert news.item_id is not None
        assert (await made.store.item(news.item_id)).server_id == arrived.server_id
        await settle(made, 7200.0)
        assert len(made.announced()) == 1
        working.cancel()
        await asyncio.gather(working, return_exceptions=True)


@virtual
async def test_changes_and_deletions_by_others_arrive() -> None:
    """Read elsewhere, deleted, moved: the hub follows, and its ids stay."""
    async with bench() as made:
        first, second, third = (mail(made.mailbox, number) for number in range(3))
        runner = made.new_runner()
        await runner.sync_once()
        ids = {item.server_id: item.id for item in await made.held(INBOX)}
        inbox = made.mailbox.folder(INBOX)
        made.mailbox.change(inbox, first, read=True)
        made.mailbox.delete(inbox, second)
        made.mailbox.move(inbox, third, made.mailbox.folder(FolderType.DELETED_ITEMS))
        await runner.sync_once()
        [item] = await made.held(INBOX)
        assert item.id == ids[first.server_id]
        assert item.data.read is True  # type: ignore[union-attr]
        assert len(await made.held(FolderType.DELETED_ITEMS)) == 1
        assert await made.contradictions() == []


@virtual
async def test_folders_come_and_go() -> None:
    """A new folder is filled, a renamed one keeps its items, a removed one takes them along."""
    async with bench() as made:
        runner = made.new_runner()
        await runner.sync_once()
        folder = made.mailbox.create_folder("Projects")
        made.mailbox.deliver("Plan", folder=folder)
        await runner.sync_once()
        [item] = await made.held("Projects")
        made.mailbox.rename_folder(folder, "Works")
        await runner.sync_once()
        assert [one.id for one in await made.held("Works")] == [item.id]
        made.mailbox.delete_folder(folder)
        await runner.sync_once()
        assert "Works" not in [one.display_name for one in await made.store.collections(made.account_id)]
        assert (await made.store.count(made.account_id)).get(ContentClass.EMAIL, 0) == 0
