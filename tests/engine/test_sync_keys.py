"""
Sync keys and what hangs on them: lost, refused, repeated, forgotten.
"""

from __future__ import annotations

import datetime as dt

import pytest

from carrierpost.engine import EngineSettings
from carrierpost.model import ChangeKind, Progress
from carrierpost.protocol.classes import Contact, Event
from carrierpost.protocol.commands.folder_sync import FolderType
from carrierpost.protocol.commands.sync import FilterType
from carrierpost.protocol.version import Version
from carrierpost.server import faults
from tests.support.hub import Bench, bench, mail, name_of
from tests.support.virtual import EPOCH, virtual

INBOX = FolderType.INBOX
BOTH = pytest.mark.parametrize("version", [Version.V14_1, Version.V16_1])


def told(made: Bench, *kinds: ChangeKind) -> list[ChangeKind]:
    """List the changes of some kinds that were told so far."""
    from carrierpost.engine import Committed

    every = [change.kind for event in made.events if isinstance(event, Committed) for change in event.changes]
    return [kind for kind in every if kind in kinds]


def empty_answers_half_way(made: Bench, items: int, *, beyond: int = 0) -> list[int]:
    """Let two answers come without a body once the Inbox has been told in part; gives how much it had been told."""
    inbox, seen = made.mailbox.folder(INBOX).server_id, list[int]()

    def spoil(body: bytes) -> bytes:
        devices = list(made.server.devices.values())
        state = devices[0].collections.get(inbox) if devices else None
        if state is not None and beyond < len(state.known) < items and not seen:
            seen.append(len(state.known))
            made.server.faults.add(faults.empty_200(), command="Sync", times=2)
        return body

    made.line.spoil = spoil
    return seen


@BOTH
@virtual
async def test_SK1_a_refused_key_keeps_every_item_and_its_id(version: Version) -> None:
    """500 mails held, the server loses its place: the same 500 with the same ids, and nobody hears of any of them."""
    async with bench(version=version) as made:
        for number in range(500):
            mail(made.mailbox, number)
        runner = made.new_runner()
        await runner.sync_once()
        before = await made.ids(INBOX)
        made.events.clear()
        made.server.faults.add(faults.reject_key(), command="Sync")
        await runner.sync_once()
        assert await made.ids(INBOX) == before
        assert len(before) == 500
        assert told(made, ChangeKind.ITEM_ADDED, ChangeKind.ITEM_REMOVED, ChangeKind.ITEM_CHANGED) == []
        assert told(made, ChangeKind.COLLECTION_RESYNC) == [ChangeKind.COLLECTION_RESYNC]
        assert await made.contradictions() == []


@BOTH
@virtual
async def test_SK1_new_server_ids_are_recognised_by_content(version: Version) -> None:
    """A server that numbers its items anew after losing its place: contacts and events keep the hub's ids."""
    async with bench(version=version) as made:
        contacts, calendar = made.mailbox.folder(FolderType.CONTACTS), made.mailbox.folder(FolderType.CALENDAR)
        people = [
            made.mailbox.add(contacts, Contact(file_as=f"Person {n}", email1_address=f"p{n}@elm.example"))
            for n in range(30)
        ]
        start = EPOCH + dt.timedelta(days=1)
        meetings = [
            made.mailbox.add(
                calendar,
                Event(subject=f"Talk {n}", uid=f"uid-{n}", start_time=start, end_time=start + dt.timedelta(hours=1)),
            )
            for n in range(30)
        ]
        runner = made.new_runner()
        await runner.sync_once()
        before = await made.ids(FolderType.CONTACTS) | await made.ids(FolderType.CALENDAR)
        for folder, items in ((contacts, people), (calendar, meetings)):
            for item in items:
                made.mailbox.move(folder, item, folder)
        made.server.faults.add(faults.reject_key(), command="Sync", times=10)
        made.events.clear()
        await runner.sync_once()
        made.server.faults.clear()
        await runner.sync_once()
        assert await made.ids(FolderType.CONTACTS) | await made.ids(FolderType.CALENDAR) == before
        assert made.announced() == []
        assert await made.contradictions() == []


@virtual
async def test_SK1_what_is_gone_after_a_refused_key_goes_and_nothing_else() -> None:
    """While the server had lost its place a few mails were deleted and one arrived: just these differ."""
    async with bench() as made:
        items = [mail(made.mailbox, number) for number in range(60)]
        runner = made.new_runner()
        await runner.sync_once()
        before = await made.ids(INBOX)
        inbox = made.mailbox.folder(INBOX)
        for item in items[:5]:
            made.mailbox.delete(inbox, item)
        mail(made.mailbox, 777)
        made.server.faults.add(faults.reject_key(), command="Sync")
        await runner.sync_once()
        after = await made.ids(INBOX)
        assert set(before) - set(after) == {f"Mail {n}" for n in range(5)}
        assert set(after) - set(before) == {"Mail 777"}
        assert all(after[name] == before[name] for name in set(after) & set(before))


@virtual
async def test_SK1_an_empty_answer_in_the_middle_of_a_matching_takes_nothing_away() -> None:
    """Matching 300 mails, one answer comes without a body: what was not matched yet is not dropped for that."""
    async with bench(settings=EngineSettings(most_window_size=100)) as made:
        for number in range(300):
            mail(made.mailbox, number)
        runner = made.new_runner()
        await runner.sync_once()
        before = await made.ids(INBOX)
        made.server.faults.add(faults.reject_key(), command="Sync")
        emptied = empty_answers_half_way(made, 300, beyond=150)
        made.events.clear()
        await runner.sync_once()
        assert emptied
        assert await made.ids(INBOX) == before
        assert told(made, ChangeKind.ITEM_REMOVED, ChangeKind.ITEM_ADDED) == []


@BOTH
@virtual
async def test_SK4_an_answer_lost_after_the_server_committed_is_asked_for_again(version: Version) -> None:
    """The page that got lost comes again with the old key; no mail is missing, none twice."""
    async with bench(version=version) as made:
        for number in range(250):
            mail(made.mailbox, number)
        made.server.faults.add(faults.mutate_between(lambda: None), command="Sync", times=3)
        made.server.faults.add(faults.drop_after_commit(), command="Sync", times=2)
        await made.new_runner().sync_once()
        assert sorted(name_of(one) for one in await made.held(INBOX)) == sorted(f"Mail {n}" for n in range(250))
        assert await made.contradictions() == []


@pytest.mark.parametrize(
    "fault",
    [faults.drop_after_commit(), faults.raw_wbxml(b"\x03\x01\x6a\x00\x45\xff\xff"), faults.delay(500.0)],
    ids=["lost", "unreadable", "late"],
)
@virtual
async def test_SK5_after_a_failed_sync_no_ping_comes_before_the_old_key_was_repeated(fault: faults.Fault) -> None:
    """A Ping would acknowledge what never arrived, and the server would forget it for ever."""
    async with bench() as made:
        mail(made.mailbox, 1)
        async with made.running():
            made.server.faults.add(fault, command="Sync", times=3)
            failed_at = made.clock.monotonic()
            mail(made.mailbox, 2)
            await made.clock.sleep(3600.0)
            after = [one for one in made.commands(failed_at) if one in ("Sync", "Ping")]
            assert after[:4] == ["Sync"] * 4, after
        assert len(made.announced()) == 1
        assert len(await made.held(INBOX)) == 2
        assert await made.contradictions() == []


@virtual
async def test_SK5_while_a_folder_stays_unreadable_no_ping_follows_and_news_arrive_all_the_same() -> None:
    """For an hour each answer about one folder is garbage: never a Ping next, mail elsewhere within a minute."""
    async with bench() as made:
        projects = made.mailbox.create_folder("Projects")
        async with made.running():
            spoilt: list[int] = []

            def spoil(body: bytes) -> bytes:
                if b"Plan" not in body:
                    return body
                spoilt.append(len(made.server.log))
                return body[: len(body) // 2]

            made.line.spoil = spoil
            made.mailbox.deliver("Plan", folder=projects)
            await made.clock.sleep(30.0)
            mail(made.mailbox, 5)
            await made.clock.sleep(120.0)
            assert len(await made.held(INBOX)) == 1
            await made.clock.sleep(3600.0)
            assert 3 < len(spoilt) < 60
            assert {made.server.log[place][2] for place in spoilt} <= {"Sync", "FolderSync"}
            assert "cannot be read" in (await made.collection("Projects")).note
            made.line.spoil = None
            await made.clock.sleep(3700.0)
            assert len(await made.held("Projects")) == 1
            assert (await made.collection("Projects")).note == ""
            assert made.server.holding == 1


@virtual
async def test_SK8_an_answer_without_a_body_says_that_nothing_changed() -> None:
    """For every command that may answer so, and without harm to what follows."""
    for command in ("Sync", "FolderSync", "Ping", "Settings"):
        async with bench(version=Version.V14_0 if command == "Settings" else None) as made:
            for number in range(20):
                mail(made.mailbox, number)
            made.server.faults.add(faults.empty_200(), command=command, times=1)
            async with made.running(3600.0):
                mail(made.mailbox, 99)
                await made.clock.sleep(60.0)
                assert len(await made.held(INBOX)) == 21, command
                assert [change.kind for change in made.announced()] == [ChangeKind.ITEM_ADDED], command
            account = await made.account()
            assert account.reason == "", command


@virtual
async def test_SK8_an_empty_answer_during_a_first_synchronisation_is_not_its_end() -> None:
    """Otherwise all the rest of an old mailbox would be announced as news."""
    async with bench(settings=EngineSettings(most_window_size=100)) as made:
        for number in range(300):
            mail(made.mailbox, number, received=EPOCH - dt.timedelta(days=100, minutes=number))
        emptied = empty_answers_half_way(made, 300)
        async with made.running(60.0):
            assert emptied
            assert len(await made.held(INBOX)) == 300
            assert made.announced() == []


@BOTH
@virtual
async def test_SK9_a_folder_list_that_begins_again_keeps_items_and_the_folders_keys(version: Version) -> None:
    """FolderSync with key 0: folders are recognised, nothing is fetched again."""
    async with bench(version=version) as made:
        for number in range(40):
            mail(made.mailbox, number)
        runner = made.new_runner()
        await runner.sync_once()
        ids, key = await made.ids(INBOX), (await made.collection(INBOX)).sync_key
        made.events.clear()
        made.server.faults.add(faults.reject_key(), command="FolderSync")
        await runner.sync_once()
        assert await made.ids(INBOX) == ids
        assert (await made.collection(INBOX)).sync_key == key
        assert told(made, ChangeKind.COLLECTION_ADDED, ChangeKind.COLLECTION_REMOVED, ChangeKind.ITEM_REMOVED) == []


@virtual
async def test_SK11_two_accounts_of_one_hub_with_one_device_id_stay_apart() -> None:
    """Same server, same device id, two people: keys, items and news are each one's own."""
    async with bench() as made:
        other = await made.second("bea@larch.example", device_id="TESTDEVICE01")
        mail(made.mailbox, 1)
        mail(other.mailbox, 2)
        async with made.running(), other.running():
            mail(other.mailbox, 3)
            await made.clock.sleep(1.0)
            assert sorted(name_of(one) for one in await made.held(INBOX)) == ["Mail 1"]
            assert sorted(name_of(one) for one in await other.held(INBOX)) == ["Mail 2", "Mail 3"]
            assert made.announced() == []
            assert len(other.announced()) == 1
        assert await made.contradictions() == []
        assert await other.contradictions() == []


@BOTH
@virtual
async def test_SK12_the_window_is_changed_there_and_back(version: Version) -> None:
    """Three days, all, three days: mail appears and leaves as it should, none of it as news, without a loop."""
    async with bench(version=version) as made:
        for days in range(10):
            mail(made.mailbox, days, received=EPOCH - dt.timedelta(days=days, hours=1))
        async with made.running():
            inbox = await made.collection(INBOX)
            for window, expected in ((FilterType.THREE_DAYS, 3), (FilterType.ALL, 10), (FilterType.THREE_DAYS, 3)):
                await made.store.update_collection(inbox.id, window=window)
                made.runner.wake()
                begun = made.clock.monotonic()
                await made.clock.sleep(300.0)
                assert len(await made.held(INBOX)) == expected
                assert made.commands(begun).count("Sync") <= 4
            assert made.announced() == []
            assert told(made, ChangeKind.ITEM_REMOVED) == []
            assert (await made.collection(INBOX)).progress is Progress.COMPLETE
            mail(made.mailbox, 50)
            await made.clock.sleep(1.0)
            assert len(made.announced()) == 1


@BOTH
@virtual
async def test_SK14_changes_at_the_server_between_two_pages_are_not_missed(version: Version) -> None:
    """Mail arrives, is read and is deleted between the pages of a long first synchronisation."""
    async with bench(version=version) as made:
        items = [mail(made.mailbox, number) for number in range(300)]
        inbox = made.mailbox.folder(INBOX)
        numbers = iter(range(300))

        def mutate() -> None:
            number = next(numbers)
            mail(made.mailbox, 1000 + number)
            made.mailbox.change(inbox, items[number], read=True)
            if items[299 - number].server_id in inbox.items:
                made.mailbox.delete(inbox, items[299 - number])

        made.server.faults.add(faults.mutate_between(mutate), command="Sync", times=12)
        await made.new_runner().sync_once()
        await made.runner.sync_once()
        assert await made.contradictions() == []
        assert len(await made.held(INBOX)) == len(inbox.items)
