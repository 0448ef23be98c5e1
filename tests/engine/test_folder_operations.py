"""
Folders made, renamed, moved and removed by a person: answer and key are written together.
"""

from __future__ import annotations

import functools

import pytest

from carrierpost.engine.folders import (
    ROOT,
    FolderRefused,
    create_folder,
    find_folder,
    known_folders,
    path_of,
    remove_folder,
    rename_folder,
    with_those_below,
)
from carrierpost.model import Collection
from carrierpost.protocol.classes import ContentClass
from carrierpost.protocol.commands.folder_sync import FolderType
from carrierpost.protocol.errors import StatusError
from carrierpost.protocol.version import Version
from carrierpost.server import faults
from tests.support.hub import Bench, bench
from tests.support.virtual import virtual

BOTH = pytest.mark.parametrize("version", [Version.V12_1, Version.V14_1, Version.V16_1])


async def _paths(made: Bench) -> set[str]:
    every = await made.store.collections(made.account_id)
    return {path_of(one, every) for one in every}


async def _quiet(made: Bench) -> None:
    """Nothing that the server tells afterwards is news, and its folder list is the one held here."""
    before = (await made.account()).feed_position
    assert await made.runner.sync_once() == ()
    assert (await made.account()).feed_position == before
    assert await made.contradictions() == []


@BOTH
@virtual
async def test_a_folder_lives_its_life(version: Version) -> None:
    """Made, filled, renamed, moved with what is in it, removed: one question each, and nothing is told twice."""
    async with bench(version=version) as made:
        runner = made.new_runner()
        await runner.sync_once()
        asked = made.requests("FolderSync")
        folder = await runner.ask(functools.partial(create_folder, name=" Projects "))
        inner = await runner.ask(
            functools.partial(create_folder, name="Bridge", parent=folder, holds=ContentClass.CONTACTS)
        )
        assert (folder.type, inner.type) == (FolderType.USER_MAIL, FolderType.USER_CONTACTS)
        assert made.requests("FolderSync") == asked
        assert await _paths(made) >= {"Projects", "Projects/Bridge"}
        await _quiet(made)
        made.mailbox.deliver("Plan", folder=made.mailbox.folders[folder.server_id])
        await runner.sync_once()
        held = {item.id for item in await made.held("Projects")}
        assert len(held) == 1
        inbox = await made.collection(FolderType.INBOX)
        renamed = await runner.ask(functools.partial(rename_folder, folder=folder, name="Plans", parent=inbox))
        assert (renamed.id, renamed.sync_key) == (folder.id, (await made.store.collection(folder.id)).sync_key)
        assert await _paths(made) >= {"Inbox/Plans", "Inbox/Plans/Bridge"}
        assert {item.id for item in await made.held("Plans")} == held
        await runner.ask(functools.partial(rename_folder, folder=renamed, parent=ROOT))
        assert "Plans/Bridge" in await _paths(made)
        await _quiet(made)
        await runner.ask(functools.partial(remove_folder, folder=renamed))
        assert not any("Plans" in path for path in await _paths(made))
        assert not any(one.display_name in ("Plans", "Bridge") for one in made.mailbox.folders.values())
        await _quiet(made)


@virtual
async def test_a_refusal_changes_nothing_and_says_why() -> None:
    """A name that is taken, no name, a folder of the mailbox, a folder into itself."""
    async with bench() as made:
        runner = made.new_runner()
        folder = await runner.ask(functools.partial(create_folder, name="Projects"))
        inner = await runner.ask(functools.partial(create_folder, name="Bridge", parent=folder))
        inbox = await made.collection(FolderType.INBOX)
        before = await made.store.collections(made.account_id)
        for refused, sentence in (
            (functools.partial(create_folder, name="Projects"), "There is a folder of this name already"),
            (functools.partial(create_folder, name="  "), "needs a name"),
            (functools.partial(rename_folder, folder=inbox, name="Post"), "Inbox belongs to the mailbox"),
            (functools.partial(remove_folder, folder=inbox), "Inbox belongs to the mailbox"),
            (functools.partial(rename_folder, folder=folder, parent=inner), "cannot go into itself"),
        ):
            with pytest.raises(FolderRefused, match=sentence):
                await runner.ask(refused)
        assert await made.store.collections(made.account_id) == before


@virtual
async def test_SK4_a_key_that_the_server_lost_is_fetched_anew() -> None:
    """The folder list begins again, is recognised, and the folder is made; once."""
    async with bench() as made:
        runner = made.new_runner()
        await runner.sync_once()
        before = {one.id for one in await made.store.collections(made.account_id)}
        made.server.faults.add(faults.status(9), command="FolderCreate")
        folder = await runner.ask(functools.partial(create_folder, name="Projects"))
        after = {one.id for one in await made.store.collections(made.account_id)}
        assert after == before | {folder.id}
        assert sum(one.display_name == "Projects" for one in made.mailbox.folders.values()) == 1


@virtual
async def test_a_folder_that_is_gone_is_noticed() -> None:
    """Somebody else has deleted it: that is said, and it is gone here as well."""
    async with bench() as made:
        runner = made.new_runner()
        folder = await runner.ask(functools.partial(create_folder, name="Projects"))
        made.mailbox.delete_folder(made.mailbox.folders[folder.server_id])
        with pytest.raises(FolderRefused, match="no longer exists"):
            await runner.ask(functools.partial(rename_folder, folder=folder, name="Plans"))
        assert "Projects" not in await _paths(made)


@virtual
async def test_a_lost_answer_makes_no_second_folder() -> None:
    """The folder was made and its key is lost: the next look at the folder list finds it, under the same roof."""
    async with bench() as made:
        runner = made.new_runner()
        await runner.sync_once()
        made.server.faults.add(faults.drop_after_commit(), command="FolderCreate")
        with pytest.raises(Exception, match=r"(?i)connection|answer"):
            await runner.ask(functools.partial(create_folder, name="Projects"))
        assert await runner.sync_once() == ()
        assert "Projects" in await _paths(made)
        assert sum(one.display_name == "Projects" for one in made.mailbox.folders.values()) == 1
        assert await made.contradictions() == []


@virtual
async def test_a_refusal_of_the_account_is_no_refusal_of_the_folder() -> None:
    """Its status is for whoever cares for accounts."""
    async with bench() as made:
        runner = made.new_runner()
        await runner.sync_once()
        made.server.faults.add(faults.status(126), command="FolderCreate")
        with pytest.raises(StatusError) as caught:
            await runner.ask(functools.partial(create_folder, name="Projects"))
        assert caught.value.status == 126


@virtual
async def test_it_works_beside_a_held_connection() -> None:
    """While the runner waits for news; nothing is asked twice and no key is lost."""
    async with bench() as made:
        async with made.running():
            folder = await made.runner.ask(functools.partial(create_folder, name="Projects"))
            made.mailbox.create_folder("Elsewhere")
            await made.clock.sleep(5.0)
            assert await _paths(made) >= {"Projects", "Elsewhere"}
            await made.runner.ask(functools.partial(remove_folder, folder=folder))
            await made.clock.sleep(5.0)
        assert await made.contradictions() == []


def _folder(number: int, name: str, parent: int | str = 0, kind: FolderType = FolderType.USER_MAIL) -> Collection:
    return Collection(
        id=number, account_id=1, server_id=str(number), parent_id=str(parent), display_name=name, type=kind,
        content_class=ContentClass.EMAIL,
    )  # fmt: skip


def test_folders_are_known_by_path_name_and_what_they_are() -> None:
    """In this order; a name that several have is told with their paths."""
    every = (
        _folder(1, "Posteingang", kind=FolderType.INBOX),
        _folder(2, "A", 1), _folder(3, "Old", 2), _folder(4, "Old", 1), _folder(5, "Inbox", 2),
    )  # fmt: skip
    assert find_folder("posteingang/a", every).id == 2
    assert find_folder("A", every).id == 2
    assert find_folder(" /Posteingang/Old/ ", every).id == 4
    assert find_folder("inbox", every).id == 5  # a folder of that name comes first
    assert find_folder("inbox", every[:4]).id == 1
    with pytest.raises(FolderRefused, match="several folders 'old'; known: Posteingang/A/Old, Posteingang/Old"):
        find_folder("old", every)
    with pytest.raises(FolderRefused, match="no folder 'B'; known: Posteingang, "):
        find_folder("B", every)
    with pytest.raises(FolderRefused, match="synchronize first"):
        find_folder("B", ())


def test_a_circle_of_folders_ends() -> None:
    """A server that lists one hurts itself only."""
    every = (_folder(1, "A", 2), _folder(2, "B", 1))
    assert {one.id for one in with_those_below(every[0], every)} == {1, 2}


@virtual
async def test_the_folder_list_is_asked_for_when_nobody_did() -> None:
    """Once, without any synchronization."""
    async with bench() as made:
        runner = made.new_runner()
        assert {one.type for one in await runner.ask(known_folders)} >= {FolderType.INBOX, FolderType.CALENDAR}
        await runner.ask(known_folders)
        assert made.requests("FolderSync") == 1
        assert made.requests("Sync") == 0
