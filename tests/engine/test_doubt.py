"""
A folder that is suddenly empty: the hub stops, asks a person, and does what the person says.
"""

from __future__ import annotations

import dataclasses

import pytest

from carrierpost.engine import EditRefused, EngineSettings
from carrierpost.model import Doubt
from carrierpost.protocol.commands.folder_sync import FolderType
from carrierpost.protocol.version import Version
from tests.support.hub import Bench, bench, mail
from tests.support.virtual import virtual

INBOX = FolderType.INBOX
NAME = "Projects"
BOTH = pytest.mark.parametrize("version", [Version.V14_1, Version.V16_1])
DAY = 86400.0
CAREFUL = EngineSettings(asked_items=30)


async def begin(made: Bench, count: int = 60) -> None:
    """Fill a folder at the server and here."""
    projects = made.mailbox.create_folder(NAME)
    for number in range(count):
        made.mailbox.deliver(f"Plan {number}", folder=projects)
    await made.new_runner().sync_once()
    assert len(await made.held(NAME)) == count


def empty(made: Bench) -> None:
    """Let everything in the folder be gone at the server."""
    projects = made.mailbox.folder(NAME)
    for item in list(projects.items.values()):
        made.mailbox.delete(projects, item)


@BOTH
@virtual
async def test_PV10_a_large_folder_that_is_suddenly_empty_stays_until_a_person_agrees(version: Version) -> None:
    """For days it is asked and not believed, mail arrives elsewhere at once, a restart forgets nothing; then yes."""
    async with bench(version=version, settings=CAREFUL) as made:
        await begin(made)
        async with made.running(30.0):
            empty(made)
            await made.clock.sleep(2 * DAY)
            assert len(await made.held(NAME)) == 60
            collection = await made.collection(NAME)
            assert collection.doubt is Doubt.ASKED
            assert "everything in this folder is gone" in collection.note
            assert made.server.holding == 1
            mail(made.mailbox, 1)
            made.mailbox.deliver("Plan", folder=made.mailbox.folder(NAME))
            await made.clock.sleep(1.0)
            assert (len(await made.held(INBOX)), len(await made.held(NAME))) == (1, 61)
        await made.runner.close()
        made.new_runner()
        async with made.running(DAY):
            assert len(await made.held(NAME)) == 61
            await made.editor.accept(collection.id)
            await made.clock.sleep(5.0)
            assert set(await made.ids(NAME)) == {"Plan"}
            collection = await made.collection(NAME)
            assert (collection.doubt, collection.note) == (Doubt.NONE, "")
            made.mailbox.deliver("Plan", folder=made.mailbox.folder(NAME))
            await made.clock.sleep(5.0)
            assert len(await made.held(NAME)) == 2
        assert await made.contradictions() == []


@BOTH
@virtual
async def test_PV10_what_a_person_keeps_stays_and_heals_when_the_server_has_it_again(version: Version) -> None:
    """
    No: the items stay, however long the server insists, and through a restart. The server finds its mails again, under
    the same ids: they are the ones that are held, and the question is settled.
    """
    async with bench(version=version, settings=CAREFUL) as made:
        await begin(made)
        before = await made.ids(NAME)
        projects = made.mailbox.folder(NAME)
        lost = dict(projects.items)
        async with made.running(30.0):
            empty(made)
            await made.clock.sleep(60.0)
            await made.editor.refuse((await made.collection(NAME)).id)
            await made.clock.sleep(DAY)
        await made.runner.close()
        made.new_runner()
        async with made.running(5 * DAY):
            assert await made.ids(NAME) == before
            collection = await made.collection(NAME)
            assert collection.doubt is Doubt.REFUSED
            assert "as you wanted" in collection.note
            for item in lost.values():
                projects.items[item.server_id] = item
                projects.note(made.mailbox._changed(), item.server_id)
            await made.clock.sleep(DAY)
            assert await made.ids(NAME) == before
            collection = await made.collection(NAME)
            assert (collection.doubt, collection.note) == (Doubt.NONE, "")
        assert await made.contradictions() == []


@BOTH
@virtual
async def test_PV10_after_a_no_a_person_may_still_say_yes(version: Version) -> None:
    """Thinking again is allowed; then it goes at once."""
    async with bench(version=version, settings=CAREFUL) as made:
        await begin(made)
        async with made.running(30.0):
            empty(made)
            await made.clock.sleep(60.0)
            folder = (await made.collection(NAME)).id
            await made.editor.refuse(folder)
            await made.clock.sleep(DAY)
            assert len(await made.held(NAME)) == 60
            await made.editor.accept(folder)
            await made.clock.sleep(5.0)
            assert await made.held(NAME) == ()


@virtual
async def test_PV10_a_small_folder_may_be_kept_by_a_person_too() -> None:
    """Of a few mails the server is believed after a while, unless somebody says no in time."""
    async with bench() as made:
        await begin(made, 25)
        async with made.running(30.0):
            empty(made)
            await made.clock.sleep(60.0)
            await made.editor.refuse((await made.collection(NAME)).id)
            await made.clock.sleep(3 * DAY)
            assert len(await made.held(NAME)) == 25


@virtual
async def test_PV10_an_emptied_folder_is_noticed_with_the_first_of_many_pages() -> None:
    """Ten at a time are said to be gone: none of a hundred goes, not only the last ones stay."""
    settings = dataclasses.replace(CAREFUL, window_size=10, most_window_size=10, doubtful_items=5)
    async with bench(settings=settings) as made:
        await begin(made, 100)
        async with made.running(30.0):
            empty(made)
            await made.clock.sleep(DAY)
            assert len(await made.held(NAME)) == 100


@virtual
async def test_PV10_one_new_mail_does_not_speak_for_a_hundred_that_go() -> None:
    """While a large folder is in doubt something arrives in it: that is no reason to believe that the rest is gone."""
    async with bench(settings=CAREFUL) as made:
        await begin(made, 100)
        async with made.running(30.0):
            empty(made)
            await made.clock.sleep(600.0)
            made.mailbox.deliver("One more", folder=made.mailbox.folder(NAME))
            await made.clock.sleep(DAY)
            assert len(await made.held(NAME)) == 101
            await made.editor.accept((await made.collection(NAME)).id)
            await made.clock.sleep(5.0)
            assert set(await made.ids(NAME)) == {"One more"}


@virtual
async def test_a_folder_that_nobody_doubts_needs_no_answer() -> None:
    """A yes in advance would hold for an accident to come, and is refused."""
    async with bench() as made:
        await begin(made, 3)
        with pytest.raises(EditRefused, match="does not say"):
            await made.editor.accept((await made.collection(NAME)).id)
