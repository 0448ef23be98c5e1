"""
A person's edits reach a real SOGo, and what others do there meanwhile is not lost: both ways, each class.
"""

from __future__ import annotations

import asyncio
import datetime as dt
import uuid
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from carrierpost.engine import Editor
from carrierpost.formats.answering import reply
from carrierpost.formats.headers import Address
from carrierpost.formats.message import Draft, Message
from carrierpost.formats.message_out import write_message
from carrierpost.model import ChangeKind, OutboxState, SendMode
from carrierpost.protocol.classes import Body, BodyType, Contact, ContentClass, Email, Event, Task
from carrierpost.protocol.classes.calendar import EventException
from carrierpost.protocol.classes.occurrences import occurrences
from carrierpost.protocol.classes.recurrence import Recurrence, RecurrenceType
from carrierpost.protocol.commands.folder_sync import FolderType
from carrierpost.protocol.timezone import blob_of
from tests.real.conftest import RealStack, RealUser
from tests.real.hub import RealHub, real_hub
from tests.real.outside import Outside, message

pytestmark = pytest.mark.real


@pytest.fixture
def outside(real_stack: RealStack, newcomer: RealUser) -> Outside:
    """Give a fresh mailbox as other programs see it."""
    return Outside(real_stack, newcomer)


@pytest.fixture
async def hub(real_stack: RealStack, newcomer: RealUser, tmp_path: Path) -> AsyncIterator[RealHub]:
    """Give the account of the fresh mailbox, in a hub of its own."""
    async with real_hub(tmp_path / "hub", real_stack, newcomer) as made:
        yield made


@pytest.fixture
async def other(real_stack: RealStack, newcomer: RealUser, tmp_path: Path) -> AsyncIterator[RealHub]:
    """Give a second hub of the same person: another device, which hears what the first one did."""
    async with real_hub(tmp_path / "other", real_stack, newcomer) as made:
        yield made


@pytest.fixture
def tag() -> str:
    """Make a word that nothing else in the mailbox has."""
    return uuid.uuid4().hex[:12]


def _editor(hub: RealHub) -> Editor:
    return Editor(hub.store, hub.account.id, clock=hub.hub.clock, chance=hub.hub.chance, wake=hub.runner.wake)


async def _nothing_left(hub: RealHub) -> None:
    assert [(one.kind, one.state, one.reason) for one in await hub.store.outbox(hub.account.id)] == []


async def test_flags_and_reading_reach_the_server(hub: RealHub, outside: Outside, tag: str) -> None:
    """A mail that is read, flagged and put into a category here is so for every other program."""
    outside.deliver(message(outside.user.email, f"read me {tag}", "."))
    await hub.sync()
    (mail,) = await hub.held(ContentClass.EMAIL, f"read me {tag}")
    await _editor(hub).mark_read(mail.id)
    await _editor(hub).flag(mail.id)
    await hub.sync()
    await _nothing_left(hub)
    with outside.imap() as imap:
        _, (answer,) = imap.uid("FETCH", outside.uids(f"read me {tag}")[0], "(FLAGS)")
    assert b"\\Seen" in answer
    assert b"\\Flagged" in answer
    assert await hub.sync() == []


async def test_a_deleted_mail_lies_in_the_trash(hub: RealHub, outside: Outside, tag: str) -> None:
    """What is deleted here moves to the server's trash, and is shown there."""
    outside.deliver(message(outside.user.email, f"away {tag}", "."))
    await hub.sync()
    (mail,) = await hub.held(ContentClass.EMAIL, f"away {tag}")
    await _editor(hub).delete(mail.id)
    await hub.sync()
    await _nothing_left(hub)
    assert outside.uids(tag) == []
    assert len(outside.uids(tag, "Trash")) == 1
    (held,) = await hub.held(ContentClass.EMAIL, f"away {tag}")
    assert held.collection_id == (await hub.folder(FolderType.DELETED_ITEMS)).id


async def test_a_moved_mail_keeps_its_id_here(hub: RealHub, outside: Outside, tag: str) -> None:
    """A move is one item that is in another folder, here and there, and comes back as nothing new."""
    outside.deliver(message(outside.user.email, f"move me {tag}", "."))
    await hub.sync()
    (mail,) = await hub.held(ContentClass.EMAIL, f"move me {tag}")
    trash = await hub.folder(FolderType.DELETED_ITEMS)
    await _editor(hub).move(mail.id, trash.id)
    await hub.sync()
    await _nothing_left(hub)
    assert len(outside.uids(tag, "Trash")) == 1
    changes = await hub.sync()
    assert [one.kind for one in changes if one.kind is ChangeKind.ITEM_ADDED] == []
    (held,) = await hub.held(ContentClass.EMAIL, f"move me {tag}")
    assert (held.id, held.collection_id) == (mail.id, trash.id)


async def test_a_contact_is_added_changed_and_deleted(hub: RealHub, other: RealHub, tag: str) -> None:
    """Each step is seen by another device; a change of one field loses none of the others."""
    await hub.sync()
    book = await hub.folder(FolderType.CONTACTS)
    new = Contact(
        first_name="Grace",
        last_name=tag,
        file_as=f"{tag}, Grace",
        company_name="Larch & Sons",
        email1_address="grace@larch.example",
        mobile_phone_number="+44 20 7946 0018",
        birthday=dt.date(1980, 2, 29),
    )
    added = await _editor(hub).add(book.id, new)
    await hub.sync()
    await _nothing_left(hub)
    await other.sync()
    seen = await other.store.items(other.account.id, content_class=ContentClass.CONTACTS)
    assert [one.data.last_name for one in seen if isinstance(one.data, Contact)] == [tag]

    Outside.next_second()
    assert added.item is not None
    await _editor(hub).change(added.item.id, company_name="Elm Quay")
    await hub.sync()
    await _nothing_left(hub)
    Outside.next_second()
    await other.sync()
    data = (await other.store.item(seen[0].id)).data
    assert isinstance(data, Contact)
    assert (data.company_name, data.first_name, data.mobile_phone_number) == ("Elm Quay", "Grace", "+44 20 7946 0018")
    assert "grace@larch.example" in (data.email1_address or "")
    assert data.birthday == dt.date(1980, 2, 29)

    Outside.next_second()
    await _editor(hub).delete(added.item.id)
    await hub.sync()
    await _nothing_left(hub)
    Outside.next_second()
    await other.sync()
    assert await other.store.items(other.account.id, content_class=ContentClass.CONTACTS) == ()


async def test_a_task_is_added_and_done(hub: RealHub, other: RealHub, tag: str) -> None:
    """A task with a date appears on another device, and is done there when it is done here."""
    await hub.sync()
    tasks = await hub.folder(FolderType.TASKS)
    due = dt.datetime(2026, 5, 8, tzinfo=dt.UTC)
    new = Task(subject=f"bolts {tag}", complete=False, due_date=due, utc_due_date=due)
    added = await _editor(hub).add(tasks.id, new)
    await hub.sync()
    await _nothing_left(hub)
    await other.sync()
    (seen,) = await other.held(ContentClass.TASKS, f"bolts {tag}")
    assert isinstance(seen.data, Task)
    assert seen.data.due_date is not None

    Outside.next_second()
    assert added.item is not None
    now = hub.hub.clock.now().replace(microsecond=0)
    await _editor(hub).change(added.item.id, complete=True, date_completed=now)
    await hub.sync()
    await _nothing_left(hub)
    Outside.next_second()
    await other.sync()
    (done,) = await other.held(ContentClass.TASKS, f"bolts {tag}")
    assert isinstance(done.data, Task)
    assert done.data.complete is True


async def test_a_series_with_a_cancelled_occurrence_reaches_the_other_device(
    hub: RealHub, other: RealHub, tag: str
) -> None:
    """A weekly series with its text and place takes place on both devices at the same times, but for one Monday."""
    await hub.sync()
    calendar = await hub.folder(FolderType.CALENDAR)
    start = dt.datetime(2026, 3, 2, 8, 0, tzinfo=dt.UTC)
    series = Event(
        subject=f"standup {tag}",
        location="Room 4",
        start_time=start,
        end_time=start + dt.timedelta(minutes=30),
        timezone=blob_of("UTC", 2026),
        recurrence=Recurrence(type=RecurrenceType.WEEKLY, interval=1, day_of_week=2, occurrences=6),
        exceptions=(EventException(exception_start_time=start + dt.timedelta(days=14), deleted=True),),
        body=Body(type=BodyType.PLAIN, data="Bring the drawings."),
    )
    await _editor(hub).add(calendar.id, series)
    await hub.sync()
    await _nothing_left(hub)
    await other.sync()
    (seen,) = await other.held(ContentClass.CALENDAR, f"standup {tag}")
    assert isinstance(seen.data, Event)
    begin = start - dt.timedelta(days=1)
    starts = [one.start for one in occurrences(seen.data, begin, begin + dt.timedelta(days=60), default_zone="UTC")]
    days = ["03-02", "03-09", "03-23", "03-30", "04-06"]
    assert [f"{one.astimezone(dt.UTC):%m-%d %H:%M}" for one in starts] == [f"{day} 08:00" for day in days]
    assert seen.data.location == "Room 4"
    body = await other.store.body(seen.id)
    assert body is not None
    assert "Bring the drawings." in str(body.data)


async def test_changes_on_both_sides_meet(hub: RealHub, outside: Outside, tag: str) -> None:
    """The server's change of one field and the person's of another both survive; nothing is left in the outbox."""
    outside.put_contact(f"m-{tag}", f"N:{tag};Ada;;;\r\nFN:Ada {tag}\r\nORG:Elm Quay\r\n")
    Outside.next_second()
    await hub.sync()
    (held,) = await hub.store.items(hub.account.id, content_class=ContentClass.CONTACTS)
    Outside.next_second()
    outside.put_contact(f"m-{tag}", f"N:{tag};Ada;;;\r\nFN:Ada {tag}\r\nORG:Birch Lane\r\n")
    Outside.next_second()
    await _editor(hub).change(held.id, mobile_phone_number="+44 20 7946 0018")
    await hub.sync()
    Outside.next_second()
    await hub.sync()
    await _nothing_left(hub)
    data = (await hub.store.item(held.id)).data
    assert isinstance(data, Contact)
    assert data.mobile_phone_number == "+44 20 7946 0018"
    assert data.company_name == "Birch Lane"


async def test_a_message_is_sent_once_and_known_by_its_copy(hub: RealHub, real_stack: RealStack, tag: str) -> None:
    """A queued message leaves with the next synchronisation, arrives once, and is settled."""
    bob = Outside(real_stack, real_stack.user("bob"))
    await hub.sync()
    mail = message(bob.user.email, f"queued {tag}", "Grüße.", sender=hub.account.address)
    await _editor(hub).send(mail.as_bytes())
    queued = await hub.store.outbox(hub.account.id)
    assert [one.state for one in queued] == [OutboxState.QUEUED]
    await hub.sync()
    await _nothing_left(hub)
    await asyncio.to_thread(lambda: None)
    assert len(bob.uids(f"queued {tag}")) == 1
    await hub.sync()
    (copy,) = await hub.held(ContentClass.EMAIL, f"queued {tag}")
    assert isinstance(copy.data, Email)
    assert copy.collection_id == (await hub.folder(FolderType.SENT_ITEMS)).id


async def test_a_reply_and_a_forward_carry_the_original(hub: RealHub, real_stack: RealStack, tag: str) -> None:
    """The server quotes the original below the reply, and sends what was attached on with the forward."""
    bob = Outside(real_stack, real_stack.user("bob"))
    mine = Outside(real_stack, hub.user)
    mail = message(hub.account.address, f"beam {tag}", "Is it steel?\n", sender=bob.user.email)
    mail.add_attachment(b"span;load\r\n", maintype="text", subtype="csv", filename="figures.csv")
    mine.deliver(mail)
    await hub.sync()
    (held,) = await hub.held(ContentClass.EMAIL, f"beam {tag}")
    author = Address(hub.account.address, "Nora")
    asked = Message(from_=(Address(bob.user.email),), subject=f"beam {tag}")
    answer = reply(asked, author, text="Yes, it is.", quote=False)
    onward = Draft(from_=author, to=(Address(bob.user.email),), subject=f"Fwd: beam {tag}", text="For you.")
    for draft, mode in ((answer, SendMode.REPLY), (onward, SendMode.FORWARD)):
        mime = write_message(draft, date=hub.hub.clock.now(), chance=hub.hub.chance.randbytes(16))
        await _editor(hub).send(mime, mode=mode, source_item=held.id)
    await hub.sync()
    await _nothing_left(hub)
    with bob.imap() as imap:
        texts = {}
        for uid in bob.uids(f"beam {tag}"):
            _, ((_, content), *_) = imap.uid("FETCH", uid, "(BODY.PEEK[])")
            texts[content.split(b"Subject: ")[1].split(b"\r\n")[0]] = content
    assert sorted(texts) == [f"Fwd: beam {tag}".encode(), f"Re: beam {tag}".encode()]
    assert b"Yes, it is." in texts[f"Re: beam {tag}".encode()]
    assert b"Is it steel?" in texts[f"Re: beam {tag}".encode()]
    assert b"figures.csv" in texts[f"Fwd: beam {tag}".encode()]
