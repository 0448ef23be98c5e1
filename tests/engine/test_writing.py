"""
Telling the server what a person did: once, whatever happens on the way, and without losing what others did.
"""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest

from carrierpost.engine import EditRefused, EngineSettings
from carrierpost.model import ChangeKind, Item, OutboxState
from carrierpost.protocol.classes import (
    Attendee,
    Body,
    BodyType,
    Contact,
    Email,
    Event,
    EventException,
    FlagStatus,
    NoteItem,
    Recurrence,
    RecurrenceType,
    Task,
)
from carrierpost.protocol.commands.folder_sync import FolderType
from carrierpost.protocol.commands.sync import Add, Change, ItemCommand, SyncCollection, SyncRequest
from carrierpost.protocol.message import Payload
from carrierpost.protocol.record import Notes
from carrierpost.protocol.version import Version
from carrierpost.server import faults
from carrierpost.server.oddities import Oddity
from tests.support.hub import Bench, bench, mail
from tests.support.virtual import EPOCH, virtual

INBOX, CONTACTS, CALENDAR = FolderType.INBOX, FolderType.CONTACTS, FolderType.CALENDAR
BOTH = pytest.mark.parametrize("version", [Version.V14_1, Version.V16_1])
ALL = pytest.mark.parametrize("version", list(Version))


async def begun(made: Bench) -> None:
    """Synchronize everything once."""
    await made.new_runner().sync_once()


async def one(made: Bench, which: FolderType | str) -> Item:
    """Give the only item of a folder."""
    [item] = await made.held(which)
    return item


def there(made: Bench, which: FolderType | str) -> list[Any]:
    """Give what the mailbox holds in a folder."""
    return [item.data for item in made.mailbox.folder(which).items.values()]


async def agreed(made: Bench, *but: str) -> None:
    """Synchronize, and see that nothing is left to tell and both sides hold the same, but for what the server adds."""
    await made.runner.sync_once()
    assert await made.store.outbox(made.account_id) == ()
    assert [one for one in await made.contradictions() if not any(name in one for name in but)] == []


def contact(made: Bench, **values: Any) -> Any:
    """Put a contact into the mailbox, as another device would."""
    fields = {"first_name": "Bea", "last_name": "Elm", "email1_address": "bea@elm.example"}
    return made.mailbox.add(made.mailbox.folder(CONTACTS), Contact(**{**fields, **values}))


def uploads(made: Bench) -> int:
    """How often the server was asked for Sync."""
    return made.requests("Sync")


def told_commands(made: Bench) -> list[SyncCollection]:
    """Give the folders of all Sync requests that told the server something."""
    found = []
    for request in made.line.heard or ():
        if request.command == "Sync":
            asked = SyncRequest.decode(Payload(body=request.body), Version.V16_1, Notes(), {})
            found += [one for one in asked.collections if one.commands]
    return found


def odd_name(command: ItemCommand) -> int | None:
    """Refuse people who are called odd."""
    data = command.data if isinstance(command, Add | Change) else None
    return 6 if isinstance(data, Contact) and data.first_name == "Odd" else None


# -- adding


@ALL
@virtual
async def test_a_new_contact_arrives_whole(version: Version) -> None:
    """Every property is there, on both sides, under one id."""
    async with bench(version=version) as made:
        await begun(made)
        data = Contact(
            first_name="Cy", last_name="Birch", birthday=dt.date(1980, 2, 29), categories=("friends",),
            picture=b"\xff\xd8photo", body=Body(type=BodyType.PLAIN, data="remarks"),
        )  # fmt: skip
        edited = await made.editor.add((await made.collection(CONTACTS)).id, data)
        await agreed(made)
        [server] = there(made, CONTACTS)
        assert (server.first_name, server.birthday, server.categories) == ("Cy", dt.date(1980, 2, 29), ("friends",))
        assert (server.picture, server.body.data) == (b"\xff\xd8photo", "remarks")
        assert (await one(made, CONTACTS)).id == (edited.item.id if edited.item else 0)


@BOTH
@virtual
async def test_items_of_every_class_can_be_made(version: Version) -> None:
    """An event, a task and a note go the same way; from 16.0 on the event's UID is the server's."""
    async with bench(version=version) as made:
        await begun(made)
        event = Event(subject="Pruning", start_time=EPOCH, end_time=EPOCH + dt.timedelta(hours=1))
        await made.editor.add((await made.collection(CALENDAR)).id, event)
        await made.editor.add((await made.collection(FolderType.TASKS)).id, Task(subject="Water"))
        note = NoteItem(subject="Seeds", body=Body(type=BodyType.PLAIN, data="beans"))
        await made.editor.add((await made.collection(FolderType.NOTES)).id, note)
        await agreed(made)
        assert [len(there(made, one)) for one in (CALENDAR, FolderType.TASKS, FolderType.NOTES)] == [1, 1, 1]
        [there_] = there(made, CALENDAR)
        assert there_.uid


@BOTH
@virtual
async def test_DU2_an_add_whose_answer_was_lost_makes_one_item(version: Version) -> None:
    """The same request goes again with the same key and client id; there is one contact, and no Ping in between."""
    async with bench(version=version) as made:
        await begun(made)
        made.server.faults.add(faults.drop_after_commit(), command="Sync", times=3)
        since = made.clock.monotonic()
        async with made.running(0.0):
            await made.editor.add((await made.collection(CONTACTS)).id, Contact(first_name="Cy"))
            await made.clock.sleep(0.5)
            for device in made.server.devices.values():
                for state in device.collections.values():
                    state.added.clear()  # many servers do not remember client ids
            await made.clock.sleep(120)
        assert len(there(made, CONTACTS)) == 1
        assert "Ping" not in made.commands(since)[:4]
        await agreed(made)


@BOTH
@virtual
async def test_DU1_an_add_that_is_not_answered_is_found_again(version: Version) -> None:
    """A server that never says under which id it has the item: it is recognised when the folder shows it."""
    async with bench(version=version) as made:
        await begun(made)
        made.server.faults.add(faults.mute_adds(), command="Sync", times=1)
        edited = await made.editor.add((await made.collection(CONTACTS)).id, Contact(first_name="Cy"))
        await agreed(made)
        assert len(there(made, CONTACTS)) == 1
        assert (await one(made, CONTACTS)).id == (edited.item.id if edited.item else 0)
        added = [change for change in await made.store.feed(made.account_id) if change.kind is ChangeKind.ITEM_ADDED]
        assert len(added) == 1


@BOTH
@virtual
async def test_SK3_an_edit_survives_a_refused_key_and_is_told_once(version: Version) -> None:
    """The server loses its place while a change and a new contact wait: both arrive, once."""
    async with bench(version=version) as made:
        contact(made)
        await begun(made)
        item = await one(made, CONTACTS)
        await made.editor.change(item.id, mobile_phone_number="1")
        await made.editor.add(item.collection_id, Contact(first_name="Cy"))
        made.server.faults.add(faults.reject_key(), command="Sync", times=1)
        await agreed(made)
        assert sorted(str(one.mobile_phone_number) for one in there(made, CONTACTS)) == ["1", "None"]
        assert (await made.store.item(item.id)).server_id is not None


@BOTH
@virtual
async def test_an_add_that_was_told_before_the_key_was_lost_is_matched(version: Version) -> None:
    """The answer is lost, and then the key: what is there already is not made again."""
    async with bench(version=version) as made:
        await begun(made)
        made.server.faults.add(faults.drop_after_commit(), command="Sync", times=1)
        edited = await made.editor.add((await made.collection(CONTACTS)).id, Contact(first_name="Cy", company_name="x"))
        async with made.running(0.5):
            made.server.faults.add(faults.reject_key(), command="Sync", times=1)
            await made.clock.sleep(300)
        await agreed(made)
        assert len(there(made, CONTACTS)) == 1
        assert (await one(made, CONTACTS)).id == (edited.item.id if edited.item else 0)


@virtual
async def test_a_kill_in_the_middle_of_telling() -> None:
    """The hub ends after the request has left; the next one repeats it, and it is done once."""
    async with bench() as made:
        contact(made)
        await begun(made)
        item = await one(made, CONTACTS)
        await made.editor.add(item.collection_id, Contact(first_name="Cy"))
        await made.editor.change(item.id, mobile_phone_number="1")
        made.server.faults.add(faults.delay(0.0), command="Sync", times=1)  # the look that comes before
        made.server.faults.add(faults.drop_after_commit(), command="Sync", times=1)
        async with made.running(0.2):
            assert {entry.state for entry in await made.store.outbox(made.account_id)} == {OutboxState.SENDING}
        await made.editor.change(item.id, mobile_phone_number="2")
        made.new_runner()
        await agreed(made)
        assert sorted(str(one.mobile_phone_number) for one in there(made, CONTACTS)) == ["2", "None"]


@virtual
async def test_an_old_key_is_made_sure_before_anything_is_told() -> None:
    """
    The hub ended before the server's last answer came: an edit sent with that key would be answered as a repetition
    and not be done, so the folder is asked first.
    """
    async with bench() as made:
        mail(made.mailbox, 1)
        await begun(made)
        item = await one(made, INBOX)
        mail(made.mailbox, 2)
        made.server.faults.add(faults.drop_after_commit(), command="Sync", times=1)
        async with made.running(0.5):
            pass
        await made.editor.mark_read(item.id)
        made.new_runner()
        await agreed(made)
        assert {one.subject: one.read for one in there(made, INBOX)} == {"Mail 1": True, "Mail 2": False}


# -- changing


@ALL
@virtual
async def test_DU4_a_change_loses_nothing_else(version: Version) -> None:
    """One number is changed and one removed; picture, text, children and all the rest stay, on both sides."""
    async with bench(version=version) as made:
        contact(
            made, picture=b"\xff\xd8photo", children=("Cy", "Di"), birthday=dt.date(1980, 2, 29), job_title="Gardener",
            home_phone_number="9", body=Body(type=BodyType.PLAIN, data="remarks"),
        )  # fmt: skip
        await begun(made)
        item = await one(made, CONTACTS)
        await made.editor.change(item.id, mobile_phone_number="1", home_phone_number=None)
        await agreed(made)
        [server] = there(made, CONTACTS)
        assert (server.mobile_phone_number, server.home_phone_number or None) == ("1", None)
        assert (server.picture, server.children, server.birthday) == (
            b"\xff\xd8photo",
            ("Cy", "Di"),
            dt.date(1980, 2, 29),
        )
        assert (server.job_title, server.body.data) == ("Gardener", "remarks")


@BOTH
@virtual
async def test_CT2_what_is_removed_stays_removed(version: Version) -> None:
    """An emptied text, list and date are gone at the server, and after a resynchronisation."""
    async with bench(version=version, oddities={Oddity.KEEPS_OMITTED} if version < Version.V16_0 else ()) as made:
        contact(made, categories=("friends",), birthday=dt.date(1980, 2, 29), job_title="Gardener")
        await begun(made)
        item = await one(made, CONTACTS)
        await made.editor.change(item.id, categories=(), birthday=None, job_title="")
        await agreed(made)
        made.server.faults.add(faults.reject_key(), command="Sync")
        await agreed(made)
        data = (await one(made, CONTACTS)).data
        assert isinstance(data, Contact)
        assert [data.categories or None, data.birthday, data.job_title or None] == [None, None, None]


@BOTH
@virtual
async def test_an_event_keeps_its_guests(version: Version) -> None:
    """Place and end of a meeting change; guests, zone and repetition stay."""
    async with bench(version=version, delivers_outside=True) as made:
        weekly = Recurrence(type=RecurrenceType.WEEKLY, interval=1, day_of_week=2)
        made.mailbox.add(
            made.mailbox.folder(CALENDAR),
            Event(
                uid="u1", subject="Pruning", start_time=EPOCH, end_time=EPOCH + dt.timedelta(hours=1),
                location="Orchard",
                attendees=(Attendee(email="bea@elm.example", name="Bea"),), recurrence=weekly, dt_stamp=EPOCH,
                exceptions=(EventException(deleted=True, exception_start_time=EPOCH + dt.timedelta(days=7)),),
            ),
        )  # fmt: skip
        await begun(made)
        item = await one(made, CALENDAR)
        await made.editor.change(item.id, location=None, reminder=15)
        await agreed(made, "organizer_name", "meeting_request")  # the server says whose meeting it is
        [server] = there(made, CALENDAR)
        assert (server.location or "", server.reminder, server.uid) == ("", 15, "u1")
        assert (len(server.attendees), server.recurrence, len(server.exceptions)) == (1, weekly, 1)


@BOTH
@virtual
async def test_LP5_an_edit_that_comes_back_is_no_change(version: Version) -> None:
    """The server tells our own edit as a change of its own: nobody hears of it, and it is not sent again."""
    async with bench(version=version) as made:
        there_ = contact(made)
        await begun(made)
        item = await one(made, CONTACTS)
        await made.editor.change(item.id, mobile_phone_number="1")
        await made.runner.sync_once()
        made.events.clear()
        made.mailbox.touch(made.mailbox.folder(CONTACTS), there_)
        revision = there_.revision
        await agreed(made)
        assert there_.revision == revision
        assert made.announced() == []


@virtual
async def test_BD3_a_text_that_the_server_rewrote_is_not_written_back() -> None:
    """Only what a person changed goes up; the text that came as HTML stays the server's."""
    async with bench() as made:
        there_ = contact(made, body=Body(type=BodyType.PLAIN, data="x" * 70_000))
        await begun(made)
        item = await one(made, CONTACTS)
        await made.editor.change(item.id, mobile_phone_number="1")
        await agreed(made)
        assert len(there_.data.body.data) == 70_000
        with pytest.raises(EditRefused, match="only the beginning"):
            await made.editor.change(item.id, body=Body(type=BodyType.PLAIN, data="mine"))


@ALL
@virtual
async def test_mail_is_read_flagged_and_categorised(version: Version) -> None:
    """What can be changed of a mail is; everything else is refused with a sentence."""
    async with bench(version=version) as made:
        mail(made.mailbox, 1)
        await begun(made)
        item = await one(made, INBOX)
        await made.editor.mark_read(item.id)
        await made.editor.flag(item.id)
        if version >= Version.V14_0:
            await made.editor.categorise(item.id, ("work",))
        else:
            with pytest.raises(EditRefused, match=r"12\.1"):
                await made.editor.categorise(item.id, ("work",))
        with pytest.raises(EditRefused, match="subject"):
            await made.editor.change(item.id, subject="other")
        before = uploads(made)
        await agreed(made)
        [server] = there(made, INBOX)
        assert (server.read, server.flag.status) == (True, FlagStatus.ACTIVE)
        assert server.body.data == "Text 1"
        assert uploads(made) > before
        await made.editor.flag(item.id, None)
        await agreed(made)
        [server] = there(made, INBOX)
        assert server.flag.status in (None, FlagStatus.CLEARED)


# -- both sides


@BOTH
@virtual
async def test_changes_of_different_fields_are_both_kept(version: Version) -> None:
    """The server changed the title, the person the number: both hold both."""
    async with bench(version=version) as made:
        there_ = contact(made)
        await begun(made)
        item = await one(made, CONTACTS)
        await made.editor.change(item.id, mobile_phone_number="mine")
        made.mailbox.change(made.mailbox.folder(CONTACTS), there_, job_title="theirs")
        await agreed(made)
        assert (there_.data.mobile_phone_number, there_.data.job_title) == ("mine", "theirs")


@BOTH
@virtual
async def test_a_field_that_both_changed_is_the_servers(version: Version) -> None:
    """The person is told, finds the value among what was refused, and may want it all the same."""
    async with bench(version=version) as made:
        there_ = contact(made)
        await begun(made)
        item = await one(made, CONTACTS)
        await made.editor.change(item.id, mobile_phone_number="mine", job_title="mine")
        made.mailbox.change(made.mailbox.folder(CONTACTS), there_, mobile_phone_number="theirs")
        await made.runner.sync_once()
        assert await made.contradictions() == []
        assert (there_.data.mobile_phone_number, there_.data.job_title) == ("theirs", "mine")
        [entry] = await made.store.outbox(made.account_id)
        assert entry.state is OutboxState.REFUSED
        assert "mobile phone number was overtaken" in entry.reason
        told = [change for change in await made.store.feed(made.account_id) if change.kind is ChangeKind.OUTBOX_CHANGED]
        assert "overtaken" in told[0].detail
        await made.editor.retry(entry.id)
        await agreed(made)
        assert there_.data.mobile_phone_number == "mine"


@BOTH
@virtual
async def test_BD11_the_read_state_does_not_flip_back(version: Version) -> None:
    """Read here, unread elsewhere at the same time: it stays read here, until the server hears of it."""
    async with bench(version=version) as made:
        there_ = mail(made.mailbox, 1)
        await begun(made)
        item = await one(made, INBOX)
        await made.editor.mark_read(item.id)
        made.mailbox.change(made.mailbox.folder(INBOX), there_, categories=("work",))
        await agreed(made)
        assert (there_.data.read, there_.data.categories) == (True, ("work",))


@virtual
async def test_deletion_beats_change() -> None:
    """What was deleted at the server is gone; the change that was to be told stays with its reason."""
    async with bench() as made:
        there_ = contact(made)
        await begun(made)
        item = await one(made, CONTACTS)
        await made.editor.change(item.id, mobile_phone_number="1")
        made.mailbox.delete(made.mailbox.folder(CONTACTS), there_)
        await made.runner.sync_once()
        assert await made.held(CONTACTS) == ()
        [entry] = await made.store.outbox(made.account_id)
        assert (entry.state, "deleted at the server" in entry.reason) == (OutboxState.REFUSED, True)
        await made.editor.drop(entry.id)
        await agreed(made)


# -- deleting


@BOTH
@virtual
async def test_BD11_what_was_deleted_does_not_return(version: Version) -> None:
    """Deleted here while the server changes it: it is gone from the Inbox, and lies in Deleted Items."""
    async with bench(version=version) as made:
        there_ = mail(made.mailbox, 1)
        await begun(made)
        item = await one(made, INBOX)
        await made.editor.delete(item.id)
        made.mailbox.change(made.mailbox.folder(INBOX), there_, categories=("work",))
        made.server.faults.add(faults.reject_key(), command="Sync")  # everything is told again
        before = len(await made.store.feed(made.account_id))
        inbox = item.collection_id
        await agreed(made)
        later = (await made.store.feed(made.account_id))[before:]
        assert [one.kind for one in later if one.collection_id == inbox and one.item_id is not None] == []
        assert there(made, INBOX) == []
        assert len(there(made, FolderType.DELETED_ITEMS)) == 1
        [trashed] = await made.held(FolderType.DELETED_ITEMS)
        await made.editor.delete(trashed.id)
        await agreed(made)
        assert there(made, FolderType.DELETED_ITEMS) == []


@virtual
async def test_a_mail_deleted_for_ever() -> None:
    """It does not go to Deleted Items; another one that is deleted with it does."""
    async with bench() as made:
        mail(made.mailbox, 1)
        mail(made.mailbox, 2)
        await begun(made)
        ids = await made.ids(INBOX)
        await made.editor.delete(ids["Mail 1"], permanent=True)
        await made.editor.delete(ids["Mail 2"])
        await agreed(made)
        assert there(made, INBOX) == []
        assert [one.subject for one in there(made, FolderType.DELETED_ITEMS)] == ["Mail 2"]


@BOTH
@pytest.mark.parametrize("permanent", [False, True])
@virtual
async def test_items_of_every_class_are_deleted(version: Version, permanent: bool) -> None:
    """
    Here at once, at the server with the next synchronization, and nothing else is; only mail that is not deleted for
    ever goes to Deleted Items.
    """
    folders = (INBOX, CONTACTS, CALENDAR, FolderType.TASKS, FolderType.NOTES)
    async with bench(version=version) as made:
        hour = dt.timedelta(hours=1)
        for number in (1, 2):
            mail(made.mailbox, number)
            contact(made, last_name=f"Elm {number}")
            event = Event(uid=f"e{number}", subject=f"Event {number}", start_time=EPOCH, end_time=EPOCH + hour)
            made.mailbox.add(made.mailbox.folder(CALENDAR), event)
            made.mailbox.add(made.mailbox.folder(FolderType.TASKS), Task(subject=f"Task {number}", complete=False))
            made.mailbox.add(made.mailbox.folder(FolderType.NOTES), NoteItem(subject=f"Note {number}"))
        await begun(made)
        gone = []
        for which in folders:
            first = min(await made.held(which), key=lambda one: one.id)
            gone.append(first.server_id)
            await made.editor.delete(first.id, permanent=permanent)
            assert len(await made.held(which)) == 1
            assert len(there(made, which)) == 2
        await agreed(made)
        for which, server_id in zip(folders, gone, strict=True):
            assert server_id not in made.mailbox.folder(which).items
            assert len(there(made, which)) == 1
        assert [type(one) for one in there(made, FolderType.DELETED_ITEMS)] == ([] if permanent else [Email])


@BOTH
@virtual
async def test_DU7_deleting_what_is_gone_is_success(version: Version) -> None:
    """Somebody else was faster; nobody needs to hear of that."""
    async with bench(version=version) as made:
        there_ = contact(made)
        await begun(made)
        async with made.running(1.0):
            made.line.cut()
            await made.editor.delete((await one(made, CONTACTS)).id)
            made.mailbox.delete(made.mailbox.folder(CONTACTS), there_)
            made.line.restore()
            await made.clock.sleep(600)
        await agreed(made)


# -- refusals and guards


@BOTH
@virtual
async def test_one_item_that_is_refused_does_not_hold_up_the_others(version: Version) -> None:
    """The server cannot take it: it is named with the reason, stays here, and can be mended or dropped."""
    async with bench(version=version) as made:
        await begun(made)
        folder = (await made.collection(CONTACTS)).id
        made.server.refuses_item = odd_name
        odd = await made.editor.add(folder, Contact(first_name="Odd"))
        await made.editor.add(folder, Contact(first_name="Cy"))
        await made.runner.sync_once()
        assert [one.first_name for one in there(made, CONTACTS)] == ["Cy"]
        [entry] = await made.store.outbox(made.account_id)
        assert (entry.state, "status 6" in entry.reason) == (OutboxState.REFUSED, True)
        assert odd.item is not None
        await made.editor.change(odd.item.id, first_name="Even")
        await agreed(made)
        assert sorted(one.first_name for one in there(made, CONTACTS)) == ["Cy", "Even"]


@virtual
async def test_a_request_that_is_refused_as_a_whole_is_taken_apart() -> None:
    """Status 4 says nothing about which of them is to blame: they go singly, and the good ones arrive."""
    async with bench() as made:
        await begun(made)
        folder = (await made.collection(CONTACTS)).id
        for name in ("Cy", "Di"):
            await made.editor.add(folder, Contact(first_name=name))
        made.server.faults.add(faults.status(4), command="Sync", times=2)
        await made.runner.sync_once()
        [entry] = await made.store.outbox(made.account_id)
        assert entry.state is OutboxState.REFUSED
        assert [one.first_name for one in there(made, CONTACTS)] == ["Di"]
        await made.editor.retry(entry.id)
        await agreed(made)
        assert len(there(made, CONTACTS)) == 2


@virtual
async def test_DU6_masses_of_new_items_are_kept_back() -> None:
    """More than is likely within a minute: the rest waits for a person, who may go on."""
    async with bench(settings=EngineSettings(most_creations=10)) as made:
        await begun(made)
        folder = (await made.collection(CONTACTS)).id
        for number in range(25):
            await made.editor.add(folder, Contact(first_name=f"Person {number}"))
        await made.runner.sync_once()
        assert len(there(made, CONTACTS)) == 10
        kept = await made.store.outbox(made.account_id)
        assert len(kept) == 15
        assert all("looks like an accident" in entry.reason for entry in kept)
        await made.runner.close()
        made.new_runner()  # the question outlives a restart
        await made.runner.sync_once()
        assert len(there(made, CONTACTS)) == 10
        for entry in kept[:12]:
            await made.editor.retry(entry.id)
        await made.runner.sync_once()
        assert len(there(made, CONTACTS)) == 22  # all that a person has answered for, though they are many again
        for entry in kept[12:]:
            await made.editor.drop(entry.id)
        await made.runner.sync_once()
        assert (len(there(made, CONTACTS)), len(await made.held(CONTACTS))) == (22, 22)


@virtual
async def test_RC4_edits_ask_for_nothing() -> None:
    """Every request with commands says GetChanges 0, names no item twice and at most fifty."""
    async with bench() as made:
        for number in range(60):
            contact(made, first_name=f"Person {number}")
        await begun(made)
        made.line.heard = []
        for item in await made.held(CONTACTS):
            await made.editor.change(item.id, mobile_phone_number="1")
            await made.editor.change(item.id, job_title="x")
        await agreed(made)
        told = told_commands(made)
        assert [one.get_changes for one in told] == [False, False]
        assert [len(one.commands) for one in told] == [50, 10]
        for one in told:
            assert len({command.server_id for command in one.commands}) == len(one.commands)


@virtual
async def test_an_edit_ends_the_wait() -> None:
    """While a connection is held, an edit is told within a second, and the connection is held again."""
    async with bench() as made:
        contact(made)
        await begun(made)
        async with made.running(10.0):
            await made.editor.change((await one(made, CONTACTS)).id, mobile_phone_number="1")
            await made.clock.sleep(1.0)
            [server] = there(made, CONTACTS)
            assert server.mobile_phone_number == "1"
            await made.clock.sleep(10.0)
            assert made.commands()[-1] == "Ping"


@virtual
async def test_edits_wait_for_the_network() -> None:
    """Offline, everything is edited at once; when the network is back, the server hears of the last state."""
    async with bench() as made:
        there_ = contact(made)
        await begun(made)
        async with made.running(1.0):
            made.line.cut()
            item = await one(made, CONTACTS)
            for number in range(3):
                await made.editor.change(item.id, mobile_phone_number=str(number))
                await made.clock.sleep(30)
            assert len(await made.store.outbox(made.account_id)) == 1
            made.line.restore()
            await made.clock.sleep(600)
        assert there_.data.mobile_phone_number == "2"
        await agreed(made)


# -- occurrences


@BOTH
@virtual
async def test_RC2_occurrences_go_one_by_one(version: Version) -> None:
    """
    Two occurrences of a series change: up to 14.1 the series goes with all its exceptions, from 16.0 on each goes by
    itself, under its InstanceId, the deleted one as a deletion.
    """
    async with bench(version=version) as made:
        weekly = Recurrence(type=RecurrenceType.WEEKLY, interval=1, day_of_week=2)
        made.mailbox.add(
            made.mailbox.folder(CALENDAR),
            Event(
                uid="u1", subject="Pruning", start_time=EPOCH, end_time=EPOCH + dt.timedelta(hours=1), dt_stamp=EPOCH,
                recurrence=weekly,
            ),
        )  # fmt: skip
        await begun(made)
        made.line.heard = []
        item = await one(made, CALENDAR)
        week = dt.timedelta(days=7)
        changed = (
            EventException(deleted=True, exception_start_time=EPOCH + week),
            EventException(exception_start_time=EPOCH + 2 * week, subject="Other", start_time=EPOCH + 2 * week),
        )
        await made.editor.change(item.id, exceptions=changed, subject="Trees")
        await made.runner.sync_once()
        assert await made.store.outbox(made.account_id) == ()
        [server] = there(made, CALENDAR)
        assert server.subject == "Trees"
        assert [(one.exception_start_time, bool(one.deleted), one.subject) for one in server.exceptions] == [
            (EPOCH + week, True, None),
            (EPOCH + 2 * week, False, "Other"),
        ]
        told = [len(one.commands) for one in told_commands(made)]
        assert told == ([1] if version < Version.V16_0 else [1, 1, 1])


@virtual
async def test_drafts_are_kept_from_16_on() -> None:
    """A draft is made, changed and sent through its folder; in older versions it waits here, and the folder says so."""
    async with bench(version=Version.V16_1) as made:
        await begun(made)
        drafts = await made.collection(FolderType.DRAFTS)
        letter = Email(to="ada@larch.example", subject="Plan", body=Body(type=BodyType.PLAIN, data="first"))
        edited = await made.editor.add(drafts.id, letter)
        await agreed(made, "internet_cpid")
        [server] = there(made, FolderType.DRAFTS)
        assert (server.subject, server.body.data) == ("Plan", "first")
        assert edited.item is not None
        await made.editor.change(edited.item.id, body=Body(type=BodyType.PLAIN, data="second"))
        await agreed(made, "internet_cpid")
        [server] = there(made, FolderType.DRAFTS)
        assert server.body.data == "second"
    async with bench(version=Version.V14_1) as made:
        await begun(made)
        drafts = await made.collection(FolderType.DRAFTS)
        await made.editor.add(drafts.id, letter)
        await made.runner.sync_once()
        assert [entry.state for entry in await made.store.outbox(made.account_id)] == [OutboxState.QUEUED]
        assert "drafts" in (await made.collection(FolderType.DRAFTS)).note


# -- moving


@BOTH
@virtual
async def test_a_moved_mail_keeps_its_id_on_both_sides(version: Version) -> None:
    """It is elsewhere at once, and stays one mail whatever the two folders say; nobody is told of a new one."""
    async with bench(version=version) as made:
        mail(made.mailbox, 1)
        await begun(made)
        item = await one(made, INBOX)
        await made.editor.mark_read(item.id)
        junk = await made.collection("Junk Email")
        await made.editor.move(item.id, junk.id)
        made.events.clear()
        await agreed(made)
        assert [one.read for one in there(made, "Junk Email")] == [True]
        assert (await one(made, "Junk Email")).id == item.id
        assert made.announced() == []


@BOTH
@virtual
async def test_a_move_whose_answer_was_lost_is_recognised(version: Version) -> None:
    """Asked again, the server knows nothing of the old id; the mail is found in the other folder, and is one."""
    async with bench(version=version) as made:
        mail(made.mailbox, 1)
        await begun(made)
        item = await one(made, INBOX)
        junk = await made.collection("Junk Email")
        await made.editor.move(item.id, junk.id)
        made.server.faults.add(faults.drop_after_commit(), command="MoveItems")
        async with made.running(120.0):
            pass
        await agreed(made)
        assert len(there(made, "Junk Email")) == 1
        assert (await one(made, "Junk Email")).id == item.id


@virtual
async def test_a_move_that_cannot_be_is_taken_back() -> None:
    """The folder is gone at the server: the mail is where it was, and the reason is told."""
    async with bench() as made:
        mail(made.mailbox, 1)
        folder = made.mailbox.create_folder("Trees")
        await begun(made)
        item = await one(made, INBOX)
        trees = await made.collection("Trees")
        await made.editor.move(item.id, trees.id)
        made.mailbox.delete_folder(folder)
        await made.runner.sync_once()
        assert await made.contradictions() == []
        [entry] = await made.store.outbox(made.account_id)
        assert entry.state is OutboxState.REFUSED
        assert (await one(made, INBOX)).id == item.id


@virtual
async def test_a_move_of_what_was_deleted_elsewhere() -> None:
    """It is in neither folder: it goes here, too, and the person is told."""
    async with bench() as made:
        there_ = mail(made.mailbox, 1)
        await begun(made)
        item = await one(made, INBOX)
        await made.editor.move(item.id, (await made.collection("Junk Email")).id)
        made.mailbox.delete(made.mailbox.folder(INBOX), there_)
        async with made.running(120.0):
            pass
        assert await made.contradictions() == []
        [entry] = await made.store.outbox(made.account_id)
        assert (entry.state, "elsewhere" in entry.reason) == (OutboxState.REFUSED, True)


# -- sending

MIME = b"To: ada@larch.example\r\nSubject: Plan\r\n\r\nToday."


@ALL
@virtual
async def test_a_message_goes_out_once(version: Version) -> None:
    """It arrives, and the copy in Sent Items comes here."""
    async with bench(version=version) as made:
        await begun(made)
        await made.editor.send(MIME)
        await agreed(made, "conversation_id")
        assert [one.subject for one in there(made, INBOX)] == ["Plan"]
        assert len(await made.held(FolderType.SENT_ITEMS)) == 1


@ALL
@virtual
async def test_BD8_a_message_whose_answer_was_lost_is_looked_up(version: Version) -> None:
    """It went out, and is found in Sent Items; it is not sent again."""
    async with bench(version=version) as made:
        await begun(made)
        made.server.faults.add(faults.drop_after_commit(), command="SendMail")
        await made.editor.send(MIME)
        async with made.running(120.0):
            pass
        await agreed(made, "conversation_id")
        assert len(there(made, INBOX)) == 1
        assert made.requests("SendMail") == 1


@ALL
@virtual
async def test_BD8_a_message_that_is_not_found_is_left_to_a_person(version: Version) -> None:
    """It may not have gone out; after some minutes a person is asked, and has it sent again, under the same name."""
    async with bench(version=version) as made:
        await begun(made)
        made.server.faults.add(faults.drop_before_commit(), command="SendMail")
        queued = await made.editor.send(MIME)
        async with made.running(1200.0):
            pass
        [entry] = await made.store.outbox(made.account_id)
        assert (entry.state, "nobody can tell" in entry.reason) == (OutboxState.UNKNOWN, True)
        assert made.requests("SendMail") == 1
        again = await made.editor.retry(entry.id)
        assert again.entry is not None
        assert again.entry.client_id == queued.client_id
        await agreed(made, "conversation_id")
        assert len(there(made, INBOX)) == 1


@virtual
async def test_BD8_a_kill_while_sending_sends_nothing_twice() -> None:
    """The hub ends before the answer; the next one looks for the message instead of sending it."""
    async with bench() as made:
        await begun(made)
        made.server.faults.add(faults.delay(60.0), command="SendMail")
        await made.editor.send(MIME)
        async with made.running(0.5):
            pass
        made.new_runner()
        async with made.running(300.0):
            pass
        assert len(there(made, INBOX)) <= 1
        assert made.requests("SendMail") == 1


@BOTH
@virtual
async def test_a_message_that_the_server_refuses(version: Version) -> None:
    """The reason is told; what waits behind it goes out."""
    async with bench(version=version) as made:
        await begun(made)
        await made.editor.send(b"To: nobody@larch.example\r\nSubject: Lost\r\n\r\nx")
        await made.editor.send(MIME)
        await made.runner.sync_once()
        [entry] = await made.store.outbox(made.account_id)
        assert (entry.state, "recipient" in entry.reason) == (OutboxState.REFUSED, True)
        assert [one.subject for one in there(made, INBOX)] == ["Plan"]


@virtual
async def test_messages_wait_for_the_network() -> None:
    """Written offline, they go out when the server is back, once each and in order."""
    async with bench() as made:
        await begun(made)
        async with made.running(1.0):
            made.line.cut()
            for number in range(3):
                await made.editor.send(b"To: ada@larch.example\r\nSubject: Letter %d\r\n\r\nx" % number)
                await made.clock.sleep(60)
            made.line.restore()
            await made.clock.sleep(600)
        assert [one.subject for one in there(made, INBOX)] == ["Letter 0", "Letter 1", "Letter 2"]
        await agreed(made, "conversation_id")


@virtual
async def test_moved_while_a_change_is_on_its_way() -> None:
    """The answer to the change is lost, and the mail is moved on: both arrive, in the folder where it is now."""
    async with bench() as made:
        there_ = mail(made.mailbox, 1)
        await begun(made)
        item = await one(made, INBOX)
        await made.editor.mark_read(item.id)
        made.server.faults.add(faults.drop_before_commit(), command="Sync", times=1)
        async with made.running(0.2):
            await made.editor.move(item.id, (await made.collection("Junk Email")).id)
            await made.clock.sleep(120.0)
        assert there_.data.read is False
        assert [one.read for one in there(made, "Junk Email")] == [True]
        await agreed(made)


@BOTH
@virtual
async def test_what_others_did_meanwhile_is_fetched_before_an_item_goes_whole(version: Version) -> None:
    """A server that knows no conflicts is asked for news first, so that the whole item undoes nothing of theirs."""
    async with bench(version=version) as made:
        held = contact(made, company_name="Elm Quay")
        await begun(made)
        item = await one(made, CONTACTS)
        await made.clock.sleep(60)
        made.mailbox.change(made.mailbox.folder(CONTACTS), held, company_name="Birch Lane")
        await made.editor.change(item.id, mobile_phone_number="1")
        told = made.store.mark_sending
        known: list[Any] = []

        async def noting(entry_ids: list[int]) -> Any:
            known.append((await made.store.item(item.id)).data)
            return await told(entry_ids)

        made.store.mark_sending = noting  # type: ignore[method-assign, assignment]
        await agreed(made)
        assert known[0].company_name == "Birch Lane"
        (now,) = there(made, CONTACTS)
        assert (now.company_name, now.mobile_phone_number) == ("Birch Lane", "1")
        assert (await made.store.item(item.id)).data.company_name == "Birch Lane"  # type: ignore[union-attr]


@virtual
async def test_moved_here_and_deleted_there_before_its_new_folder_showed_it() -> None:
    """The server never says that it is gone, since the folder never showed it; it is looked at, and goes."""
    async with bench() as made:
        mail(made.mailbox, 1)
        await begun(made)
        item = await one(made, INBOX)
        await made.editor.move(item.id, (await made.collection("Junk Email")).id)

        def delete() -> None:
            junk = made.mailbox.folder("Junk Email")
            for there_ in list(junk.items.values()):
                made.mailbox.delete(junk, there_)

        made.server.faults.add(faults.mutate_between(delete), command="Sync", times=5)
        async with made.running(200.0):
            pass
        await agreed(made)
        assert await made.held("Junk Email") == ()


@virtual
async def test_a_refused_change_that_meets_the_servers_own_in_one_answer() -> None:
    """
    The answer refuses the change with 7 and tells the server's copy at the same time, though it was not asked: what the
    person changed is merged into it and told again.
    """
    async with bench() as made:
        there_ = contact(made)
        await begun(made)
        item = await one(made, CONTACTS)
        await made.editor.change(item.id, job_title="mine")
        async with made.running(0.0):
            made.mailbox.change(made.mailbox.folder(CONTACTS), there_, spouse="theirs")
            made.server.faults.add(faults.repeat_add(), command="Sync", times=20)
            await made.clock.sleep(60.0)
        made.server.faults.clear()
        await agreed(made)
        assert (there_.data.job_title, there_.data.spouse) == ("mine", "theirs")


@virtual
async def test_moved_on_before_it_was_known_that_it_had_moved() -> None:
    """The answer to the first move is lost, and the mail goes back: it is one mail, where the person put it last."""
    async with bench() as made:
        mail(made.mailbox, 1)
        await begun(made)
        item = await one(made, INBOX)
        await made.editor.move(item.id, (await made.collection("Junk Email")).id)
        made.server.faults.add(faults.drop_after_commit(), command="MoveItems")
        async with made.running(0.5):
            pass
        await made.editor.move(item.id, (await made.collection(INBOX)).id)
        async with made.running(120.0):
            pass
        await agreed(made)
        assert (await one(made, INBOX)).id == item.id
        assert there(made, "Junk Email") == []
