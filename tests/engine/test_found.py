"""
What the stories of `test_machine` have brought to light, each told shortly.
"""

from __future__ import annotations

import asyncio

import msgspec
import pytest

from carrierpost.engine import AccountWaits, EngineSettings
from carrierpost.model import ChangeKind
from carrierpost.protocol.classes import Body, BodyType, NoteItem, Task
from carrierpost.protocol.commands.folder_sync import FolderType
from carrierpost.server.faults import http, mutate_between, raw_wbxml
from tests.support.hub import bench, mail
from tests.support.lies import LIES
from tests.support.virtual import virtual

INBOX = FolderType.INBOX


@virtual
async def test_a_text_that_only_changes_its_letters_arrives() -> None:
    """A new text as long as the old one is a change; its description is the same, its letters are not."""
    async with bench() as made:
        notes = made.mailbox.folder(FolderType.NOTES)
        note = made.mailbox.add(notes, NoteItem(subject="Door", body=Body(type=BodyType.PLAIN, data="1234")))
        runner = made.new_runner()
        await runner.sync_once()
        made.mailbox.change(notes, note, body=Body(type=BodyType.PLAIN, data="4321"))
        await runner.sync_once()
        [held] = await made.held(FolderType.NOTES)
        body = await made.store.body(held.id)
        assert body is not None
        assert body.data == "4321"
        assert made.announced()[-1].fields == ("body",)


@virtual
async def test_a_text_that_was_fetched_whole_is_not_cut_again() -> None:
    """A flag on a long mail brings the beginning of its text once more; what a person has fetched stays whole."""
    async with bench(settings=EngineSettings(body_limit=20)) as made:
        item = made.mailbox.deliver("Long", "word " * 100)
        runner = made.new_runner()
        await runner.sync_once()
        [held] = await made.held(INBOX)
        await runner.fetch_body(held.id)
        made.mailbox.change(made.mailbox.folder(INBOX), item, read=True)
        await runner.sync_once()
        body = await made.store.body(held.id)
        assert body is not None
        assert body.data == "word " * 100
        assert not body.truncated
        assert made.announced()[-1].fields == ("read",)


@virtual
async def test_TH1_an_estimate_that_is_refused_for_a_while_makes_the_account_wait() -> None:
    """The estimate is a courtesy, but who answers it with 503 and Retry-After wants no other question either."""
    async with bench() as made:
        mail(made.mailbox, 1)
        made.server.faults.add(http(503, {"Retry-After": "600"}), command="GetItemEstimate")
        runner = made.new_runner()
        with pytest.raises(AccountWaits):
            await runner.sync_once()
        asked = len(made.server.log)
        assert made.server.log[-1][2] == "GetItemEstimate"
        await made.clock.sleep(601.0)
        assert await runner.sync_once() == ()
        assert len(made.server.log) > asked
        assert await made.contradictions() == []


@virtual
async def test_a_contact_in_the_inbox_does_no_harm() -> None:
    """An answer that does not name its folder is about the one that was asked for, whatever items it brings."""
    async with bench() as made:
        mail(made.mailbox, 1)
        made.server.faults.add(raw_wbxml(LIES["Sync with a false contact"]), command="Sync", times=2)
        runner = made.new_runner()
        await runner.sync_once()
        await made.clock.sleep(4000.0)
        await runner.sync_once()
        assert await made.contradictions() == []


@virtual
async def test_the_server_gives_half_a_surrogate_pair_as_a_replacement() -> None:
    """A text that no encoding can say is given as well as it can be, and the folder goes on."""
    async with bench() as made:
        item = mail(made.mailbox, 1)
        made.mailbox.change(
            made.mailbox.folder(INBOX), item, body=msgspec.structs.replace(item.data.body, data="half \ud800 pair")
        )
        assert await made.new_runner().sync_once() == ()
        [held] = await made.held(INBOX)
        body = await made.store.body(held.id)
        assert body is not None
        assert body.data == "half \ufffd pair"


@virtual
async def test_a_property_that_is_taken_away_goes() -> None:
    """A task that is open again has no day of completion; the built-in server says so, since absence says nothing."""
    async with bench() as made:
        tasks = made.mailbox.folder(FolderType.TASKS)
        done = made.clock.now()
        task = made.mailbox.add(tasks, Task(subject="Door", complete=True, date_completed=done))
        runner = made.new_runner()
        await runner.sync_once()
        made.mailbox.change(tasks, task, complete=False, date_completed=None)
        await runner.sync_once()
        [held] = await made.held(FolderType.TASKS)
        assert isinstance(held.data, Task)
        assert held.data.date_completed is None
        assert await made.contradictions() == []


@virtual
async def test_pages_are_as_large_as_settled_after_a_restart_too() -> None:
    """A runner that finds folders in its store asks for as many changes at once as one that has just made them."""
    async with bench(settings=EngineSettings(window_size=5, most_window_size=5)) as made:
        await made.new_runner().sync_once()
        for number in range(20):
            mail(made.mailbox, number)
        await made.runner.close()
        before = made.requests("Sync")
        folders = sum(1 for one in await made.store.collections(made.account_id) if not one.note)
        await made.new_runner().sync_once()
        assert made.requests("Sync") - before == 4 + folders
        added = [one for one in made.announced() if one.kind is ChangeKind.ITEM_ADDED]
        assert len(added) == 20


@virtual
async def test_a_folder_that_goes_while_it_fails_is_waited_for_no_more() -> None:
    """It was in the list, is unknown when it is asked for, and gone from the next list: the synchronization ends."""
    async with bench() as made:
        folder = made.mailbox.create_folder("Short-lived")
        runner = made.new_runner()
        made.server.faults.add(mutate_between(lambda: made.mailbox.delete_folder(folder)), command="Sync")
        begun = made.clock.monotonic()
        async with asyncio.timeout(3600):
            await runner.sync_once()
        assert made.clock.monotonic() - begun < 600
        assert "Short-lived" not in {one.display_name for one in await made.store.collections(made.account_id)}
