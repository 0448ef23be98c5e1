"""
Folders: moved, renamed, of other types, many, and those that ActiveSync does not carry.
"""

from __future__ import annotations

import tracemalloc

import pytest

from carrierpost.engine import EngineSettings
from carrierpost.model import Progress
from carrierpost.protocol.classes import Contact
from carrierpost.protocol.commands.folder_sync import FolderType
from carrierpost.protocol.version import Version
from carrierpost.server import faults
from tests.support.hub import bench, mail
from tests.support.virtual import virtual

INBOX = FolderType.INBOX
FOLDERS = 80
BOTH = pytest.mark.parametrize("version", [Version.V14_1, Version.V16_1])


@BOTH
@virtual
async def test_FS2_a_folder_is_known_by_its_type_whatever_it_is_called(version: Version) -> None:
    """The Inbox is called Posteingang, then something else, below another folder: the same one, items and all."""
    async with bench(version=version) as made:
        mail(made.mailbox, 1)
        inbox = made.mailbox.folder(INBOX)
        made.mailbox.rename_folder(inbox, "Posteingang")
        async with made.running():
            ids, key = await made.ids(INBOX), (await made.collection(INBOX)).sync_key
            parent = made.mailbox.create_folder("Upper")
            made.mailbox.rename_folder(inbox, "Boîte", parent.server_id)
            await made.clock.sleep(5.0)
            found = await made.collection(INBOX)
            assert (found.display_name, found.type, found.sync_key) == ("Boîte", INBOX, key)
            assert found.parent_id == parent.server_id
            assert await made.ids(INBOX) == ids
            made.mailbox.delete_folder(made.mailbox.folder(FolderType.NOTES))
            mail(made.mailbox, 2)
            await made.clock.sleep(5.0)
            assert len(await made.held(INBOX)) == 2
            assert made.server.holding == 1


@virtual
async def test_FS2_a_folder_that_holds_something_else_from_now_on_is_filled_anew() -> None:
    """A folder of mail becomes one of contacts under the same id: the mail goes, the contacts come."""
    async with bench() as made:
        folder = made.mailbox.create_folder("Mixed")
        made.mailbox.deliver("Old", folder=folder)
        async with made.running():
            assert len(await made.held("Mixed")) == 1
            folder.type = FolderType.USER_CONTACTS
            folder.items.clear()
            made.mailbox.rename_folder(folder, "Mixed")
            made.mailbox.add(folder, Contact(file_as="Bea"))
            made.server.device("ada@larch.example").collections.pop(folder.server_id)
            await made.clock.sleep(60.0)
            [held] = await made.held("Mixed")
            assert isinstance(held.data, Contact)
            assert made.server.holding == 1


@BOTH
@virtual
async def test_FS2_a_folder_that_vanishes_under_way_is_taken_from_the_list(version: Version) -> None:
    """Sync says 8 because the folder is gone: the list is fetched, the folder goes, the others go on."""
    async with bench(version=version) as made:
        folder = made.mailbox.create_folder("Projects")
        made.mailbox.deliver("Plan", folder=folder)
        async with made.running():
            made.mailbox.delete_folder(folder)
            mail(made.mailbox, 1)
            await made.clock.sleep(10.0)
            assert "Projects" not in [one.display_name for one in await made.store.collections(made.account_id)]
            assert len(await made.held(INBOX)) == 1
            assert made.server.holding == 1


@virtual
async def test_FS2_a_list_that_is_empty_takes_nothing_away() -> None:
    """The server answers a whole list without a single folder: everything stays."""
    async with bench() as made:
        mail(made.mailbox, 1)
        runner = made.new_runner()
        await runner.sync_once()
        folders = dict(made.mailbox.folders)
        made.mailbox.folders.clear()
        made.server.faults.add(faults.reject_key(), command="FolderSync")
        await runner.sync_once()
        made.mailbox.folders.update(folders)
        assert len(await made.store.collections(made.account_id)) == len(folders)
        await runner.sync_once()
        assert len(await made.held(INBOX)) == 1


@virtual
async def test_FS3_a_mailbox_of_many_folders_is_watched_with_flat_memory() -> None:
    """More than a Ping may name: the first ones are watched, the rest polled, and time costs no more memory."""
    async with bench(most_ping_folders=30, settings=EngineSettings(ladder=False, estimates=False)) as made:
        for number in range(FOLDERS):
            made.mailbox.create_folder(f"Folder {number}")
        async with made.running(30.0):
            every = await made.store.collections(made.account_id)
            assert all(one.progress is Progress.COMPLETE for one in every if not one.note)
            tracemalloc.start()
            await made.clock.sleep(1000.0)
            before, _ = tracemalloc.get_traced_memory()
            log = len(made.server.log)
            await made.clock.sleep(1000.0)
            after, _ = tracemalloc.get_traced_memory()
            tracemalloc.stop()
            requests = len(made.server.log) - log
            assert after - before < 1_000_000 + 400 * requests
            mail(made.mailbox, 1)
            await made.clock.sleep(1.0)
            assert len(made.announced()) == 1


@BOTH
@virtual
async def test_FS4_a_shared_calendar_is_just_a_folder_that_says_so_in_its_name(version: Version) -> None:
    """ActiveSync does not tell whose calendar it is: it is held under the server's name and nothing is made up."""
    async with bench(version=version) as made:
        made.mailbox.create_folder("Bea Elm (shared)", FolderType.USER_CALENDAR)
        await made.new_runner().sync_once()
        shared = await made.collection("Bea Elm (shared)")
        assert (shared.type, shared.progress) == (FolderType.USER_CALENDAR, Progress.COMPLETE)


@pytest.mark.parametrize(
    ("version", "kind", "words"),
    [
        (Version.V14_1, FolderType.DRAFTS, "drafts here stay here"),
        (Version.V16_1, FolderType.OUTBOX, "sends from this folder by itself"),
        (Version.V16_1, FolderType.UNKNOWN, "does not say what is in this folder"),
        (Version.V16_1, FolderType.USER_JOURNAL, "journal"),
        (Version.V16_1, FolderType.RECIPIENT_CACHE, "recent recipients"),
    ],
)
@virtual
async def test_folders_that_are_not_synchronized_are_kept_and_say_why(
    version: Version, kind: FolderType, words: str
) -> None:
    """They are in the list with a note; no Sync and no Ping names them."""
    async with bench(version=version) as made:
        if kind not in (FolderType.DRAFTS, FolderType.OUTBOX):
            made.mailbox.create_folder("Special", kind)
        async with made.running(600.0):
            found = await made.collection(kind)
            assert words in found.note
            assert found.progress is Progress.NEW
            assert made.mailbox.folder(kind).server_id not in made.server.device("ada@larch.example").collections
            assert made.server.holding == 1


@virtual
async def test_drafts_and_notes_begin_once_the_server_speaks_a_newer_version() -> None:
    """12.1 has neither; after an upgrade to 16.1 both are filled and the note is gone."""
    async with bench(versions=[Version.V12_1]) as made:
        runner = made.new_runner()
        await runner.sync_once()
        assert "16.0" in (await made.collection(FolderType.DRAFTS)).note
        assert FolderType.NOTES not in [one.type for one in await made.store.collections(made.account_id)]
        await runner.close()
        made.server.versions = tuple(Version)
        await made.new_runner().sync_once()
        assert (await made.account()).version is Version.V16_1
        for kind in (FolderType.DRAFTS, FolderType.NOTES):
            found = await made.collection(kind)
            assert (found.note, found.progress) == ("", Progress.COMPLETE), kind
