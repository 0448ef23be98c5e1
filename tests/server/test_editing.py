"""
What clients do with a Sync: add, change, delete, fetch, in every class and both generations.
"""

from __future__ import annotations

import datetime as dt
from typing import Any

import msgspec
import pytest

from carrierpost.client.errors import ConnectionLost
from carrierpost.protocol.classes import (
    ApplicationData,
    AttachmentMethod,
    Body,
    BodyType,
    Contact,
    DeletedAttachment,
    Email,
    Event,
    Flag,
    FlagStatus,
    NewAttachment,
    NoteItem,
    Task,
)
from carrierpost.protocol.commands.folder_sync import FolderType
from carrierpost.protocol.commands.sync import (
    Add,
    Change,
    Conflict,
    Delete,
    Fetch,
    ItemResponse,
    SyncOptions,
)
from carrierpost.protocol.version import Version
from carrierpost.server.faults import drop_after_commit
from carrierpost.server.oddities import Oddity
from carrierpost.wbxml.pages import AirSync, Contacts
from tests.server.phone import BEN, Phone, make_server, status_of
from tests.support.virtual import EPOCH, virtual

INBOX, DRAFTS, SENT, TRASH = (
    FolderType.INBOX,
    FolderType.DRAFTS,
    FolderType.SENT_ITEMS,
    FolderType.DELETED_ITEMS,
)
CALENDAR, CONTACTS, TASKS, NOTES = FolderType.CALENDAR, FolderType.CONTACTS, FolderType.TASKS, FolderType.NOTES
TEN = EPOCH.replace(hour=10, minute=0, second=0, microsecond=0) + dt.timedelta(days=1)
HOUR = dt.timedelta(hours=1)

NEW: dict[FolderType, ApplicationData] = {
    CALENDAR: Event(subject="Old", start_time=TEN, end_time=TEN + HOUR),
    CONTACTS: Contact(first_name="Old", last_name="Bee"),
    TASKS: Task(subject="Old"),
    NOTES: NoteItem(subject="Old", message_class="IPM.StickyNote"),
}


async def _phone(*which: FolderType, version: Version = Version.V14_1, **options: Any) -> Phone:
    """Make a phone that has taken what is in some folders."""
    phone = Phone(make_server(**options), version=version)
    await phone.folders()
    for one in which:
        await phone.begin(one)
        await phone.all(one)
    return phone


async def _one(phone: Phone, which: FolderType, command: Any, **values: Any) -> ItemResponse | None:
    """Send one command, and give the answer to it."""
    answer = await phone.sync(which, commands=(command,), **values)
    assert answer is not None
    assert answer.status == 1
    assert len(answer.responses) < 2
    return answer.responses[0] if answer.responses else None


async def _added(phone: Phone, which: FolderType, data: ApplicationData) -> Any:
    """Add an item, and give it as the mailbox has it."""
    response = await _one(phone, which, Add(client_id=f"c{phone.mailbox.number}", data=data))
    assert response is not None
    assert response.status == 1
    return phone.folder(which).items[response.server_id]


def _named(data: ApplicationData, name: str) -> ApplicationData:
    field = "first_name" if isinstance(data, Contact) else "subject"
    return msgspec.structs.replace(data, **{field: name})


# -- every class


@pytest.mark.parametrize("version", Version)
@pytest.mark.parametrize("which", NEW)
def test_items_of_each_class_are_added_changed_and_deleted(which: FolderType, version: Version) -> None:
    """The mailbox has what the client says, another phone hears of it, and the client hears nothing of its own."""

    @virtual
    async def story() -> None:
        if which is NOTES and version < Version.V14_0:
            return
        phone = await _phone(which, version=version)
        other = Phone(phone.server, version=Version.V14_1, device_id="OTHER")
        await other.folders()
        await other.begin(which)
        item = await _added(phone, which, NEW[which])
        assert await phone.sync(which) is None
        await other.all(which)
        assert item.server_id in other.held[phone.folder(which).server_id]
        assert await _one(phone, which, Change(server_id=item.server_id, data=_named(NEW[which], "New"))) is None
        assert "New" in (getattr(item.data, "subject", None), getattr(item.data, "first_name", None))
        assert await phone.sync(which) is None
        assert await _one(phone, which, Delete(server_id=item.server_id)) is None
        assert phone.folder(which).items == {}
        await other.all(which)
        assert other.held[phone.folder(which).server_id] == {}

    story()


@virtual
async def test_the_server_adds_what_only_it_knows() -> None:
    """An event gets a UID and a stamp, a note its time, a task is not complete; a UID that came is kept up to 14.1."""
    phone = await _phone(CALENDAR, TASKS, NOTES)
    event = (await _added(phone, CALENDAR, NEW[CALENDAR])).data
    assert event.uid
    assert event.dt_stamp == phone.server.clock.now().replace(microsecond=0)
    named = (await _added(phone, CALENDAR, msgspec.structs.replace(NEW[CALENDAR], uid="mine@larch.example"))).data
    assert named.uid == "mine@larch.example"
    assert (await _added(phone, TASKS, NEW[TASKS])).data.complete is False
    note = (await _added(phone, NOTES, NoteItem(subject="N"))).data
    assert (note.message_class, note.last_modified_date) == ("IPM.StickyNote", event.dt_stamp)


OBJECTIONS: list[tuple[FolderType, Version, ApplicationData]] = [
    (CALENDAR, Version.V14_1, Event(subject="x", start_time=TEN, end_time=TEN - HOUR)),
    (CALENDAR, Version.V14_1, Event(subject="x", end_time=EPOCH - HOUR)),
    (CALENDAR, Version.V14_1, Event(subject="x", start_time=TEN)),
    (CALENDAR, Version.V14_1, Event(subject="x", start_time=TEN, end_time=TEN + HOUR, uid="u" * 301)),
    (CALENDAR, Version.V16_1, Event(subject="x", start_time=TEN, end_time=TEN + HOUR, uid="u")),
    (CALENDAR, Version.V16_1, Event(subject="x", start_time=TEN, end_time=TEN + HOUR, organizer_email=BEN)),
    (CALENDAR, Version.V16_1, Event(subject="x", start_time=TEN, end_time=TEN + HOUR, dt_stamp=EPOCH)),
    (CALENDAR, Version.V16_1, Event(start_time=TEN, end_time=TEN + HOUR, all_day_event=True, timezone="AAAA")),
    (CONTACTS, Version.V14_1, Contact(first_name="x", picture=b"x" * 36865)),
    (CONTACTS, Version.V16_1, Contact(first_name="x", last_name="")),
    (CONTACTS, Version.V16_1, Contact(first_name="x", body=Body(type=BodyType.PLAIN, data="", estimated_data_size=0))),
    (TASKS, Version.V14_1, Task(subject="x", complete=True)),
    (TASKS, Version.V14_1, Task(subject="x", start_date=TEN)),
    (TASKS, Version.V14_1, Task(subject="x", utc_due_date=TEN)),
    (TASKS, Version.V14_1, Task(subject="x", reminder_set=True)),
    (NOTES, Version.V14_1, NoteItem(subject="x", message_class="IPM.Note")),
]


@pytest.mark.parametrize(("which", "version", "data"), OBJECTIONS)
@pytest.mark.ungrammatical("writes what no server takes")
def test_items_that_cannot_be_converted_are_6(which: FolderType, version: Version, data: ApplicationData) -> None:
    """Such an item is refused and named, the one beside it is taken."""

    @virtual
    async def story() -> None:
        phone = await _phone(which, version=version)
        good = Add(client_id="good", data=NEW[which])
        answer = await phone.sync(which, commands=(Add(client_id="bad", data=data), good))
        assert answer is not None
        assert [(one.client_id, one.status) for one in answer.responses] == [("bad", 6), ("good", 1)]
        assert len(phone.folder(which).items) == 1

    story()


@pytest.mark.parametrize("minutes", [0, 12, 59])
def test_an_event_without_times_begins_at_the_next_half_hour(minutes: int) -> None:
    """Both missing: the next half hour, for 30 minutes; only the start missing: the same, up to the end."""

    @virtual
    async def story() -> None:
        phone = await _phone(CALENDAR)
        await phone.server.clock.sleep(minutes * 60)
        now = phone.server.clock.now()
        event = (await _added(phone, CALENDAR, Event(subject="x"))).data
        assert now <= event.start_time < now + dt.timedelta(minutes=30)
        assert event.start_time.minute % 30 == event.start_time.second == 0
        assert event.end_time - event.start_time == dt.timedelta(minutes=30)
        other = (await _added(phone, CALENDAR, Event(subject="y", end_time=TEN))).data
        assert (other.start_time, other.end_time) == (event.start_time, TEN)

    story()


# -- what a Change leaves out


FULL: dict[FolderType, ApplicationData] = {
    CALENDAR: Event(subject="S", start_time=TEN, end_time=TEN + HOUR, location="L", reminder=5, sensitivity=2),
    CONTACTS: Contact(first_name="F", last_name="L", job_title="J", picture=b"p", company_name="C"),
    TASKS: Task(subject="S", complete=False, sensitivity=1, categories=("a",)),
}
TEXT = Body(type=BodyType.PLAIN, data="remarks")


def _left(item: Any, *names: str) -> list[Any]:
    return [getattr(item.data, name) for name in names]


@pytest.mark.parametrize("version", Version)
def test_DU4_what_is_left_out_goes_unless_it_is_ghosted(version: Version) -> None:
    """Without a list nothing is ghosted but text and picture; from 16.0 on all of an event is."""

    @virtual
    async def story() -> None:
        phone = await _phone(CALENDAR, CONTACTS, TASKS, version=version)
        event = await _added(phone, CALENDAR, msgspec.structs.replace(FULL[CALENDAR], body=TEXT))
        uid = event.data.uid
        change = Event(subject="T", start_time=TEN, end_time=TEN + HOUR)
        await _one(phone, CALENDAR, Change(server_id=event.server_id, data=change))
        kept = ["L", 5, 2] if version >= Version.V16_0 else [None, None, None]
        assert _left(event, "subject", "location", "reminder", "sensitivity") == ["T", *kept]
        assert (event.data.uid, event.data.body.data) == (uid, "remarks")
        contact = await _added(phone, CONTACTS, msgspec.structs.replace(FULL[CONTACTS], body=TEXT))
        await _one(phone, CONTACTS, Change(server_id=contact.server_id, data=Contact(first_name="G")))
        names = ("first_name", "last_name", "job_title", "picture")
        assert _left(contact, *names) == ["G", None, None, b"p"]
        assert contact.data.body.data == "remarks"
        task = await _added(phone, TASKS, FULL[TASKS])
        await _one(phone, TASKS, Change(server_id=task.server_id, data=Task(subject="T", complete=False)))
        assert _left(task, "subject", "sensitivity", "categories") == ["T", None, None]

    story()


@pytest.mark.parametrize("version", Version)
@pytest.mark.parametrize(
    ("supported", "left"),
    [((), ["G", "L", "J"]), ((Contacts.FirstName, Contacts.JobTitle), ["G", "L", None])],
    ids=["empty", "listed"],
)
def test_DU4_supported_says_what_is_not_ghosted(
    version: Version, supported: tuple[int, ...], left: list[str | None]
) -> None:
    """An empty list ghosts everything, one with names everything else; an omitted name that is listed goes."""

    @virtual
    async def story() -> None:
        phone = await _phone(version=version)
        folder = phone.folder(CONTACTS)
        phone.keys[folder.server_id], phone.held[folder.server_id] = "0", {}
        await phone.sync(CONTACTS, supported=supported)
        contact = await _added(phone, CONTACTS, FULL[CONTACTS])
        await _one(phone, CONTACTS, Change(server_id=contact.server_id, data=Contact(first_name="G")))
        assert _left(contact, "first_name", "last_name", "job_title") == left

    story()


@pytest.mark.parametrize("version", Version)
def test_CT2_a_field_is_cleared_by_an_empty_element_or_by_leaving_it_out(version: Version) -> None:
    """Up to 14.1 an empty element clears; from 16.0 on that is refused for contacts, and omission clears."""

    @virtual
    async def story() -> None:
        phone = await _phone(CONTACTS, version=version)
        contact = await _added(phone, CONTACTS, FULL[CONTACTS])
        empty = msgspec.structs.replace(FULL[CONTACTS], job_title="")
        response = await _one(phone, CONTACTS, Change(server_id=contact.server_id, data=empty))
        if version >= Version.V16_0:
            assert response is not None
            assert response.status == 6
            without = msgspec.structs.replace(FULL[CONTACTS], job_title=None)
            response = await _one(phone, CONTACTS, Change(server_id=contact.server_id, data=without))
        assert response is None
        assert not contact.data.job_title
        assert contact.data.company_name == "C"

    story()


@virtual
async def test_a_server_may_keep_what_is_left_out() -> None:
    """Exchange 2010 is said to do so with contacts; the server can be told to."""
    phone = await _phone(CONTACTS, oddities=[Oddity.KEEPS_OMITTED])
    contact = await _added(phone, CONTACTS, FULL[CONTACTS])
    await _one(phone, CONTACTS, Change(server_id=contact.server_id, data=Contact(first_name="G")))
    assert _left(contact, "first_name", "last_name") == ["G", "L"]


# -- mail


@pytest.mark.parametrize("version", Version)
@pytest.mark.ungrammatical("changes a subject too")
def test_mail_takes_read_mark_flag_and_categories(version: Version) -> None:
    """Nothing else of a message changes; what is left out stays; an empty flag is none, categories came with 14.0."""

    @virtual
    async def story() -> None:
        phone = await _phone(version=version)
        item: Any = phone.mailbox.deliver("Tea", "text", categories=("old",))
        await phone.begin(INBOX)
        await phone.all(INBOX)
        flag = Flag(status=FlagStatus.ACTIVE, flag_type="Flag for follow up")
        await _one(phone, INBOX, Change(server_id=item.server_id, data=Email(read=True)))
        await _one(phone, INBOX, Change(server_id=item.server_id, data=Email(flag=flag, subject="Coffee")))
        assert _left(item, "read", "subject", "flag", "categories") == [True, "Tea", flag, ("old",)]
        await _one(phone, INBOX, Change(server_id=item.server_id, data=Email(categories=())))
        assert bool(item.data.categories) is (version < Version.V14_0)
        await _one(phone, INBOX, Change(server_id=item.server_id, data=Email(cleared=frozenset({"flag"}))))
        assert item.data.flag is None
        assert item.data.body.data == "text"
        assert await phone.sync(INBOX) is None

    story()


@pytest.mark.parametrize(
    "data",
    [
        Email(conversation_id=b"x" * 16),
        Email(sender="x@larch.example"),
        Email(flag=Flag(status=FlagStatus.ACTIVE, start_date=TEN)),
        Email(flag=Flag(status=FlagStatus.COMPLETE)),
    ],
)
@pytest.mark.ungrammatical("changes what is not the client's")
def test_what_cannot_be_changed_of_mail_is_6(data: Email) -> None:
    """Conversation and sender are not the client's to say; a flag has its dates together."""

    @virtual
    async def story() -> None:
        phone = await _phone()
        item = phone.mailbox.deliver("Tea", "text")
        await phone.begin(INBOX)
        await phone.all(INBOX)
        response = await _one(phone, INBOX, Change(server_id=item.server_id, data=data))
        assert response is not None
        assert response.status == 6

    story()


@pytest.mark.parametrize("version", Version)
@pytest.mark.ungrammatical("adds mail before 16.0 too")
def test_mail_is_added_to_drafts_only_and_from_16_0(version: Version) -> None:
    """Elsewhere, and before, an Add of mail is 6."""

    @virtual
    async def story() -> None:
        phone = await _phone(INBOX, version=version)
        response = await _one(phone, INBOX, Add(client_id="c", data=Email(subject="x")))
        assert response is not None
        assert response.status == 6
        assert phone.folder(INBOX).items == {}

    story()


@pytest.mark.parametrize("moves", [None, True, False])
def test_deleted_mail_goes_to_the_bin_or_for_ever(moves: bool | None) -> None:
    """DeletesAsMoves is the default; what is deleted from the bin is gone."""

    @virtual
    async def story() -> None:
        phone = await _phone()
        item = phone.mailbox.deliver("Tea", "text")
        await phone.begin(INBOX)
        await phone.all(INBOX)
        await _one(phone, INBOX, Delete(server_id=item.server_id), deletes_as_moves=moves)
        assert phone.folder(INBOX).items == {}
        assert len(phone.folder(TRASH).items) == (moves is not False)
        await phone.begin(TRASH)
        await phone.all(TRASH)
        for server_id in list(phone.folder(TRASH).items):
            await _one(phone, TRASH, Delete(server_id=server_id))
        assert phone.folder(TRASH).items == {}

    story()


# -- conflicts


@pytest.mark.parametrize("conflict", [None, Conflict.SERVER_WINS, Conflict.CLIENT_WINS])
def test_when_both_sides_changed_an_item_one_wins(conflict: Conflict | None) -> None:
    """The server, with 7 and its copy, unless the client said that it wins; in the end both have the same."""

    @virtual
    async def story() -> None:
        phone = await _phone(CONTACTS)
        contact = await _added(phone, CONTACTS, FULL[CONTACTS])
        phone.mailbox.change(phone.folder(CONTACTS), contact, job_title="theirs", company_name="D")
        change = Change(server_id=contact.server_id, data=msgspec.structs.replace(FULL[CONTACTS], job_title="mine"))
        answer = await phone.sync(CONTACTS, commands=(change,), options=(SyncOptions(conflict=conflict),))
        assert answer is not None
        mine = conflict is Conflict.CLIENT_WINS
        assert [one.status for one in answer.responses] == ([] if mine else [7])
        assert contact.data.job_title == ("mine" if mine else "theirs")
        held: Any = phone.held[phone.folder(CONTACTS).server_id][contact.server_id]
        assert (held.job_title, held.company_name) == (contact.data.job_title, contact.data.company_name)

    story()


@virtual
async def test_a_delete_wins_over_any_change() -> None:
    """What the server changed and the client deletes is gone; what the server deleted is 8 for a Change."""
    phone = await _phone(CONTACTS)
    one, two = await _added(phone, CONTACTS, FULL[CONTACTS]), await _added(phone, CONTACTS, FULL[CONTACTS])
    phone.mailbox.change(phone.folder(CONTACTS), one, job_title="theirs")
    assert await _one(phone, CONTACTS, Delete(server_id=one.server_id)) is None
    phone.mailbox.delete(phone.folder(CONTACTS), two)
    response = await _one(phone, CONTACTS, Change(server_id=two.server_id, data=FULL[CONTACTS]))
    assert response is not None
    assert response.status == 8
    assert phone.folder(CONTACTS).items == {}


# -- requests as a whole


@pytest.mark.parametrize("version", Version)
def test_two_commands_for_one_item_are_sent_back(version: Version) -> None:
    """The first is carried out, the whole answer is 16, and the key stays good."""

    @virtual
    async def story() -> None:
        phone = await _phone(CONTACTS, version=version)
        contact = await _added(phone, CONTACTS, NEW[CONTACTS])
        change = Change(server_id=contact.server_id, data=Contact(first_name="First"))
        answer = await phone.exchange(CONTACTS, commands=(change, Delete(server_id=contact.server_id)))
        assert (answer.status, answer.collections) == (16, ())
        assert contact.data.first_name == "First"
        assert await _one(phone, CONTACTS, Delete(server_id=contact.server_id)) is None

    story()


@virtual
async def test_too_many_commands_are_refused() -> None:
    """Two hundred are taken, one more is 4 and nothing is done."""
    phone = await _phone(CONTACTS)
    adds = tuple(Add(client_id=f"c{number}", data=Contact(first_name="x")) for number in range(201))
    assert (await phone.exchange(CONTACTS, commands=adds)).status == 4
    assert phone.folder(CONTACTS).items == {}
    assert len((await phone.exchange(CONTACTS, commands=adds[:200])).collections[0].responses) == 200


@virtual
@pytest.mark.ungrammatical("leaves out what is needed")
async def test_commands_without_what_they_need_are_4() -> None:
    """An Add without id, a Change without properties."""
    phone = await _phone(CONTACTS)
    contact = await _added(phone, CONTACTS, NEW[CONTACTS])
    head = [AirSync.SyncKey, phone.keys[phone.folder(CONTACTS).server_id]]
    head += [AirSync.CollectionId, phone.folder(CONTACTS).server_id]
    commands = [
        *(AirSync.Add, [AirSync.ApplicationData, [Contacts.FirstName, "x"]]),
        *(AirSync.Change, [AirSync.ServerId, contact.server_id]),
    ]
    body = [AirSync.Collections, [AirSync.Collection, [*head, AirSync.Commands, commands]]]
    answer = await phone.post("Sync", AirSync.Sync, body)
    assert status_of(answer) == (200, None)
    assert answer.body.count(b"\x4e\x034\x00\x01") == 2  # two answers say Status 4
    assert len(phone.folder(CONTACTS).items) == 1


@virtual
async def test_a_full_mailbox_is_9() -> None:
    """What no longer fits is refused and named; there is room again when something is deleted."""
    phone = await _phone(CONTACTS)
    contact = await _added(phone, CONTACTS, NEW[CONTACTS])
    phone.mailbox.quota = phone.mailbox.size()
    response = await _one(phone, CONTACTS, Add(client_id="new", data=NEW[CONTACTS]))
    assert response is not None
    assert response.status == 9
    phone.mailbox.delete(phone.folder(CONTACTS), contact)
    response = await _one(phone, CONTACTS, Add(client_id="new", data=NEW[CONTACTS]))
    assert response is not None
    assert response.status == 1


@pytest.mark.parametrize("status", [4, 5, 6, 7, 8, 9])
def test_single_items_can_be_refused_on_request(status: int) -> None:
    """The server is told which commands to refuse, and how; the others are carried out."""

    @virtual
    async def story() -> None:
        phone = await _phone(CONTACTS)
        contact = await _added(phone, CONTACTS, NEW[CONTACTS])
        phone.server.refuses_item = lambda command: None if getattr(command, "client_id", "") == "good" else status
        commands = (
            Add(client_id="bad", data=NEW[CONTACTS]),
            Add(client_id="good", data=NEW[CONTACTS]),
            Change(server_id=contact.server_id, data=Contact(first_name="x")),
        )
        answer = await phone.sync(CONTACTS, commands=commands)
        assert answer is not None
        assert [one.status for one in answer.responses] == [status, 1, status]
        for command in (Delete(server_id=contact.server_id), Fetch(server_id=contact.server_id)):
            response = await _one(phone, CONTACTS, command)
            assert response is not None
            assert response.status == status

    story()


@pytest.mark.parametrize("version", Version)
def test_DU2_an_add_is_done_once(version: Version) -> None:
    """With the old key after a lost answer, and with the new key by its client id: one item, the same id."""

    @virtual
    async def story() -> None:
        phone = await _phone(CALENDAR, version=version)
        add = Add(client_id="c1", data=NEW[CALENDAR])
        phone.server.faults.add(drop_after_commit(), command="Sync")
        with pytest.raises(ConnectionLost):
            await phone.sync(CALENDAR, commands=(add,))
        again = await _one(phone, CALENDAR, add)
        later = await _one(phone, CALENDAR, add)
        assert again is not None
        assert later is not None
        [made] = phone.folder(CALENDAR).items
        assert {(one.client_id, one.server_id, one.status) for one in (again, later)} == {("c1", made, 1)}

    story()


@virtual
async def test_DU2_an_event_is_known_by_its_uid_and_by_its_client_uid() -> None:
    """The same UID again is an update up to 14.1; the same ClientUid again is the same event from 16.0 on."""
    phone = await _phone(CALENDAR)
    first = await _added(phone, CALENDAR, msgspec.structs.replace(NEW[CALENDAR], uid="u1", location="here"))
    again = await _added(phone, CALENDAR, msgspec.structs.replace(NEW[CALENDAR], uid="u1", subject="New"))
    assert again is first
    assert _left(first, "subject", "location") == ["New", "here"]
    late = await _phone(CALENDAR, version=Version.V16_1)
    one = await _added(late, CALENDAR, msgspec.structs.replace(NEW[CALENDAR], client_uid="k1"))
    response = await _one(late, CALENDAR, Add(client_id="zz", data=msgspec.structs.replace(one.data, uid=None,
                          dt_stamp=None, subject="again")))  # fmt: skip
    assert response is not None
    assert (response.status, response.server_id) == (1, one.server_id)
    assert isinstance(response.data, Event)
    assert response.data.uid == one.data.uid
    assert one.data.subject == "Old"


# -- drafts


@pytest.mark.parametrize("version", [Version.V16_0, Version.V16_1])
def test_drafts_are_kept_changed_and_sent(version: Version) -> None:
    """An Add keeps a draft, Changes alter it in part, Send sends it with its hidden recipients, and it is gone."""

    @virtual
    async def story() -> None:
        phone = await _phone(DRAFTS, version=version)
        draft = await _added(
            phone, DRAFTS, Email(to=BEN, subject="Tea", body=Body(type=BodyType.PLAIN, data="At four."))
        )
        assert draft.data.is_draft
        assert draft.data.from_ == '"Ada Larch" <ada@larch.example>'
        change = Email(bcc="ada@larch.example", subject="Coffee")
        assert await _one(phone, DRAFTS, Change(server_id=draft.server_id, data=change)) is None
        assert _left(draft, "to", "subject") == [BEN, "Coffee"]
        assert draft.data.body.data == "At four."
        response = await _one(phone, DRAFTS, Change(server_id=draft.server_id, data=Email(), send=True))
        assert response is None
        assert phone.folder(DRAFTS).items == {}
        [got] = phone.server.mailbox(BEN).folder(INBOX).items.values()
        assert isinstance(got.data, Email)
        assert (got.data.subject, got.data.bcc, got.data.is_draft) == ("Coffee", None, None)
        assert b"bcc" not in (got.mime or b"").lower()
        [own] = phone.folder(INBOX).items.values()
        assert isinstance(own.data, Email)
        assert own.data.received_as_bcc
        [kept] = phone.folder(SENT).items.values()
        assert isinstance(kept.data, Email)
        assert kept.data.bcc == "ada@larch.example"
        assert await phone.sync(DRAFTS) is None

    story()


@virtual
async def test_a_draft_can_be_sent_as_it_is_added_and_only_once() -> None:
    """Add with Send delivers; the same Add again delivers nothing."""
    phone = await _phone(DRAFTS, version=Version.V16_1)
    add = Add(client_id="d1", data=Email(to=BEN, subject="Tea"), send=True)
    for _ in range(2):
        response = await _one(phone, DRAFTS, add)
        assert response is not None
        assert response.status == 1
    assert len(phone.server.mailbox(BEN).folder(INBOX).items) == 1
    assert phone.folder(DRAFTS).items == {}


@pytest.mark.parametrize("to", [None, "nobody@larch.example"])
def test_a_draft_without_good_recipients_stays(to: str | None) -> None:
    """183, and the draft is still there."""

    @virtual
    async def story() -> None:
        phone = await _phone(DRAFTS, version=Version.V16_1)
        draft = await _added(phone, DRAFTS, Email(to=to, subject="Tea"))
        response = await _one(phone, DRAFTS, Change(server_id=draft.server_id, data=Email(), send=True))
        assert response is not None
        assert response.status == 183
        assert len(phone.folder(DRAFTS).items) == 1

    story()


@virtual
async def test_attachments_of_a_draft_are_added_and_taken_away() -> None:
    """The answer names each by the client's id; Fetch and the message that is sent have them."""
    phone = await _phone(DRAFTS, version=Version.V16_1)
    new = tuple(
        NewAttachment(
            client_id=name,
            method=AttachmentMethod.FILE,
            display_name=f"{name}.txt",
            content_type="text/plain",
            content=name.encode(),
        )
        for name in ("one", "two")
    )
    response = await _one(phone, DRAFTS, Add(client_id="d", data=Email(to=BEN, subject="x", new_attachments=new)))
    assert response is not None
    assert isinstance(response.data, Email)
    told = {one.client_id: one.file_reference for one in response.data.attachments or ()}
    assert told.keys() == {"one", "two"}
    assert phone.mailbox.find_attached(told["one"] or "").content == b"one"  # type: ignore[union-attr]
    gone = Email(
        deleted_attachments=(DeletedAttachment(file_reference=told["one"]),),
        new_attachments=(
            NewAttachment(client_id="three", method=AttachmentMethod.FILE, display_name="three.txt", content=b"3"),
        ),
    )
    answer = await _one(phone, DRAFTS, Change(server_id=response.server_id, data=gone))
    assert answer is not None
    assert isinstance(answer.data, Email)
    assert [one.client_id for one in answer.data.attachments or ()] == ["three"]
    assert phone.mailbox.find_attached(told["one"] or "") is None
    await _one(phone, DRAFTS, Change(server_id=response.server_id, data=Email(), send=True))
    [got] = phone.server.mailbox(BEN).folder(INBOX).items.values()
    assert [one.display_name for one in got.data.attachments or ()] == ["two.txt", "three.txt"]  # type: ignore[union-attr]


@virtual
async def test_a_draft_may_come_as_a_whole_message() -> None:
    """Its head is read from the message; a later text takes the message's place."""
    phone = await _phone(DRAFTS, version=Version.V16_1)
    mime = f"To: {BEN}\r\nSubject: Whole\r\nMIME-Version: 1.0\r\n\r\nText.\r\n"
    draft = await _added(phone, DRAFTS, Email(body=Body(type=BodyType.MIME, data=mime)))
    assert _left(draft, "to", "subject", "is_draft") == [BEN, "Whole", True]
    assert draft.data.body.data.strip() == "Text."
    await _one(phone, DRAFTS, Change(server_id=draft.server_id, data=Email(subject="Other")))
    await _one(phone, DRAFTS, Change(server_id=draft.server_id, data=Email(), send=True))
    [got] = phone.server.mailbox(BEN).folder(INBOX).items.values()
    assert isinstance(got.data, Email)
    assert got.data.subject == "Other"
