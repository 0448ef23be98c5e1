"""
A SOGo mailbox kept in sync: folder list, first synchronisation, every kind of change, live arrival, sending.
"""

from __future__ import annotations

import asyncio
import datetime as dt
import uuid
from collections.abc import AsyncIterator
from email.message import EmailMessage
from pathlib import Path

import pytest

from carrierpost.client.login.kept import PasswordLogin, encode
from carrierpost.engine import AccountStopped
from carrierpost.model import Change, ChangeKind, Progress
from carrierpost.protocol.classes import Contact, ContentClass, Email, Event, Task
from carrierpost.protocol.classes.occurrences import occurrences
from carrierpost.protocol.commands.folder_sync import FolderType
from carrierpost.protocol.commands.send_mail import SendMailRequest
from carrierpost.protocol.secret import Secret
from carrierpost.protocol.version import Version
from tests.real.conftest import RealStack
from tests.real.hub import RealHub, real_hub
from tests.real.outside import Outside, message

pytestmark = pytest.mark.real


@pytest.fixture
def outside(real_stack: RealStack) -> Outside:
    """Alice's mailbox as other programs see it."""
    return Outside(real_stack, real_stack.user("alice"))


@pytest.fixture
async def alice(real_stack: RealStack, tmp_path: Path) -> AsyncIterator[RealHub]:
    """Alice's account in a hub of its own."""
    async with real_hub(tmp_path / "alice", real_stack, real_stack.user("alice")) as hub:
        yield hub


@pytest.fixture
def tag() -> str:
    """Make a word that nothing else in the mailbox has."""
    return uuid.uuid4().hex[:12]


async def test_folder_list_knows_special_folders_by_type(alice: RealHub) -> None:
    """Inbox, Sent, Deleted, Calendar, Contacts and Tasks are found; Drafts stays local and says so (S3)."""
    await alice.sync()
    for kind in (
        FolderType.INBOX,
        FolderType.SENT_ITEMS,
        FolderType.DELETED_ITEMS,
        FolderType.CALENDAR,
        FolderType.CONTACTS,
        FolderType.TASKS,
    ):
        folder = await alice.folder(kind)
        assert folder.progress is Progress.COMPLETE, folder.display_name
        assert folder.note == ""
    drafts = await alice.folder(FolderType.DRAFTS)
    assert "16.0" in drafts.note
    assert drafts.progress is Progress.NEW


def _illustrated(to: str, subject: str) -> EmailMessage:
    mail = message(to, subject, "The drawing is below and the figures are attached.\n")
    mail.add_alternative(f"<p>Héron <b>{subject}</b> <img src='cid:drawing@tests'></p>", subtype="html")
    html = mail.get_payload()[1]  # type: ignore[index]
    html.add_related(b"\x89PNG\r\n\x1a\n" + bytes(64), "image", "png", cid="<drawing@tests>")  # type: ignore[union-attr]
    mail.add_attachment(b"span;load\r\n12;4.5\r\n" * 500, maintype="text", subtype="csv", filename="figures.csv")
    return mail


async def test_first_synchronisation_brings_every_class(alice: RealHub, outside: Outside, tag: str) -> None:
    """Mail with its text and attachments, a contact, a series with an exception and a task arrive as they are."""
    outside.deliver(_illustrated(outside.user.email, f"first {tag}"))
    outside.put_contact(
        f"c-{tag}",
        f"N:{tag};Grace;;;\r\nFN:Grace {tag}\r\nORG:Larch & Sons\r\nEMAIL;TYPE=work:grace@larch.example\r\n"
        "TEL;TYPE=cell:+44 20 7946 0018\r\nBDAY:1980-02-29\r\nNOTE:Met at the bridge.\r\n",
    )
    outside.put_event(
        f"e-{tag}",
        f"UID:e-{tag}\r\nSUMMARY:standup {tag}\r\nLOCATION:Room 4\r\nDTSTART;TZID=Europe/Berlin:20260302T090000\r\n"
        "DTEND;TZID=Europe/Berlin:20260302T093000\r\nRRULE:FREQ=WEEKLY;BYDAY=MO;COUNT=8\r\n"
        "EXDATE;TZID=Europe/Berlin:20260316T090000\r\n",
        zone=_BERLIN,
    )
    outside.put_task(f"t-{tag}", f"UID:t-{tag}\r\nSUMMARY:order bolts {tag}\r\nDUE;VALUE=DATE:20260310\r\n")
    await alice.sync()

    (mail,) = await alice.held(ContentClass.EMAIL, f"first {tag}")
    assert isinstance(mail.data, Email)
    assert "ida@remote.example" in (mail.data.from_ or "")
    assert mail.data.read is False
    body = await alice.store.body(mail.id)
    assert body is not None
    assert tag in str(body.data) or "drawing is below" in str(body.data)
    named = {one.display_name: one for one in mail.data.attachments or ()}
    fetched = await alice.runner.fetch_attachment(mail.id, named["figures.csv"].file_reference or "")
    assert fetched.content == b"span;load\r\n12;4.5\r\n" * 500

    contacts = await alice.store.items(alice.account.id, content_class=ContentClass.CONTACTS)
    (grace,) = [one.data for one in contacts if isinstance(one.data, Contact) and one.data.last_name == tag]
    assert (grace.first_name, grace.company_name) == ("Grace", "Larch & Sons")
    assert "grace@larch.example" in (grace.email1_address or "")
    assert grace.mobile_phone_number == "+44 20 7946 0018"
    assert grace.birthday == dt.date(1980, 2, 29)

    (event,) = await alice.held(ContentClass.CALENDAR, f"standup {tag}")
    assert isinstance(event.data, Event)
    begin = dt.datetime(2026, 3, 1, tzinfo=dt.UTC)
    starts = [one.start for one in occurrences(event.data, begin, begin + dt.timedelta(days=60), default_zone="UTC")]
    assert [f"{one.astimezone(dt.UTC):%m-%d %H:%M}" for one in starts] == [
        "03-02 08:00",
        "03-09 08:00",
        "03-23 08:00",
        "03-30 07:00",
        "04-06 07:00",
        "04-13 07:00",
        "04-20 07:00",
    ]  # fmt: skip - the clocks go forward on 29 March, and the third Monday is cancelled
    (task,) = await alice.held(ContentClass.TASKS, f"order bolts {tag}")
    assert isinstance(task.data, Task)
    assert task.data.complete is False
    assert task.data.due_date is not None
    assert task.data.due_date.date() == dt.date(2026, 3, 10)


_BERLIN = (
    "BEGIN:VTIMEZONE\r\nTZID:Europe/Berlin\r\n"
    "BEGIN:DAYLIGHT\r\nTZOFFSETFROM:+0100\r\nTZOFFSETTO:+0200\r\nTZNAME:CEST\r\nDTSTART:19700329T020000\r\n"
    "RRULE:FREQ=YEARLY;BYMONTH=3;BYDAY=-1SU\r\nEND:DAYLIGHT\r\n"
    "BEGIN:STANDARD\r\nTZOFFSETFROM:+0200\r\nTZOFFSETTO:+0100\r\nTZNAME:CET\r\nDTSTART:19701025T030000\r\n"
    "RRULE:FREQ=YEARLY;BYMONTH=10;BYDAY=-1SU\r\nEND:STANDARD\r\nEND:VTIMEZONE\r\n"
)


def _told(changes: list[Change], item_id: int) -> list[ChangeKind]:
    return [change.kind for change in changes if change.item_id == item_id]


async def test_changes_of_mail_arrive_one_by_one(alice: RealHub, outside: Outside, tag: str) -> None:
    """A new mail, its being read elsewhere and its deletion are three changes of one item, the first announced."""
    await alice.sync()
    outside.deliver(message(outside.user.email, f"three acts {tag}", "Enter."))
    new = [change for change in await alice.sync() if change.kind is ChangeKind.ITEM_ADDED]
    assert [change.announce for change in new] == [True]
    item = await alice.added(new[0])
    assert isinstance(item.data, Email)
    assert (item.data.subject, item.data.read) == (f"three acts {tag}", False)

    outside.flag(f"three acts {tag}", "(\\Seen)")
    changed = await alice.sync()
    assert _told(changed, item.id) == [ChangeKind.ITEM_CHANGED]
    data = (await alice.store.item(item.id)).data
    assert isinstance(data, Email)
    assert data.read is True
    assert data.subject == f"three acts {tag}"

    outside.expunge(f"three acts {tag}")
    assert _told(await alice.sync(), item.id) == [ChangeKind.ITEM_REMOVED]
    assert await alice.held(ContentClass.EMAIL, f"three acts {tag}") == []


@pytest.mark.parametrize("kind", [ContentClass.CONTACTS, ContentClass.CALENDAR, ContentClass.TASKS])
async def test_changes_of_other_classes_arrive_one_by_one(
    alice: RealHub, outside: Outside, tag: str, kind: ContentClass
) -> None:
    """A contact, event or task is added, changed and removed elsewhere; the hub's id stays until it is gone."""

    def write(place: str) -> None:
        match kind:
            case ContentClass.CONTACTS:
                outside.put_contact(f"i-{tag}", f"N:{tag};Ada;;;\r\nFN:{tag}\r\nORG:{place}\r\n")
            case ContentClass.CALENDAR:
                times = "DTSTART:20260504T080000Z\r\nDTEND:20260504T090000Z\r\n"
                outside.put_event(f"i-{tag}", f"UID:i-{tag}\r\nSUMMARY:{tag}\r\nLOCATION:{place}\r\n{times}")
            case _:
                outside.put_task(f"i-{tag}", f"UID:i-{tag}\r\nSUMMARY:{tag}\r\nDESCRIPTION:{place}\r\n")

    await alice.sync()
    outside.next_second()
    write("Elm Quay")
    outside.next_second()
    (new,) = [change for change in await alice.sync() if change.kind is ChangeKind.ITEM_ADDED]
    item = await alice.added(new)
    assert item.content_class is kind

    outside.next_second()
    write("Birch Lane")
    outside.next_second()
    assert _told(await alice.sync(), item.id) == [ChangeKind.ITEM_CHANGED]
    data, body = (await alice.store.item(item.id)).data, await alice.store.body(item.id)
    places = (getattr(data, "company_name", ""), getattr(data, "location", ""), body.data if body else "")
    assert any("Birch Lane" in str(place) for place in places)

    outside.next_second()
    outside.delete(
        f"Contacts/personal/i-{tag}.vcf" if kind is ContentClass.CONTACTS else f"Calendar/personal/i-{tag}.ics"
    )
    outside.next_second()
    assert _told(await alice.sync(), item.id) == [ChangeKind.ITEM_REMOVED]


async def test_mail_arrives_live_over_a_held_ping(alice: RealHub, outside: Outside, tag: str) -> None:
    """While the runner holds its Ping, a delivered mail is committed and announced without anybody asking (N1)."""
    running = asyncio.ensure_future(alice.runner.run())
    try:
        async with asyncio.timeout(60):
            await alice.holding.wait()
        await asyncio.to_thread(outside.deliver, message(outside.user.email, f"live {tag}", "Now."))
        change = await alice.until(lambda one: one.announce and one.kind is ChangeKind.ITEM_ADDED)
        item = await alice.added(change)
        assert isinstance(item.data, Email)
        assert item.data.subject == f"live {tag}"
    finally:
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)


async def test_mail_sent_by_alice_reaches_bob_and_lies_in_sent(
    alice: RealHub, real_stack: RealStack, tmp_path: Path, tag: str
) -> None:
    """SendMail takes a message to bob's mailbox, whose own hub holds it; a copy is in Alice's Sent Items."""
    bob = real_stack.user("bob")
    async with real_hub(tmp_path / "bob", real_stack, bob) as other:
        await other.sync()
        await alice.sync()
        mail = message(bob.email, f"from alice {tag}", "Grüße, with a line.\n", sender="alice@sogo.test")
        session = await alice.runner.session()
        answer = await session.send(SendMailRequest(mime=mail.as_bytes(), client_id=tag))
        assert answer.status == 1
        (new,) = [change for change in await other.sync() if change.kind is ChangeKind.ITEM_ADDED]
        item = await other.added(new)
        assert isinstance(item.data, Email)
        assert item.data.subject == f"from alice {tag}"
        body = await other.store.body(item.id)
        assert body is not None
        assert "Grüße, with a line." in str(body.data)
    await alice.sync()
    (sent,) = await alice.held(ContentClass.EMAIL, f"from alice {tag}")
    assert sent.collection_id == (await alice.folder(FolderType.SENT_ITEMS)).id


async def test_second_synchronisation_brings_nothing(alice: RealHub) -> None:
    """Synchronized twice without a change in between, nothing is written and nothing told."""
    await alice.sync()
    assert await alice.sync() == []


async def test_account_survives_a_restart(real_stack: RealStack, outside: Outside, tmp_path: Path, tag: str) -> None:
    """What came while the hub was off comes at its next start, as news; nothing that was held is told again."""
    user = real_stack.user("alice")
    async with real_hub(tmp_path / "hub", real_stack, user) as hub:
        await hub.sync()
    outside.deliver(message(user.email, f"meanwhile {tag}", "You were out."))
    async with real_hub(tmp_path / "hub", real_stack, user) as hub:
        (change,) = await hub.sync()
        assert (change.kind, change.announce) == (ChangeKind.ITEM_ADDED, True)


@pytest.mark.parametrize("version", [Version.V12_1, Version.V14_0])
async def test_older_versions_bring_the_same(
    real_stack: RealStack, outside: Outside, tmp_path: Path, tag: str, version: Version
) -> None:
    """Pinned to an older version, mail and its text arrive alike (S8)."""
    outside.deliver(message(outside.user.email, f"old {tag}", "As ever."))
    async with real_hub(tmp_path / "hub", real_stack, real_stack.user("alice"), version=version) as hub:
        await hub.sync()
        (mail,) = await hub.held(ContentClass.EMAIL, f"old {tag}")
        body = await hub.store.body(mail.id)
        assert body is not None
        assert "As ever." in str(body.data)
        assert (await hub.store.account(hub.account.id)).version is version


async def test_changed_password_stops_the_account_with_a_sentence(alice: RealHub) -> None:
    """When the server refuses the login, the account stops and says what to do; nothing held is lost."""
    await alice.sync()
    wrong = encode(PasswordLogin(password=Secret("not the password")))
    await alice.store.put_secret(alice.account.id, "login", wrong)
    await alice.runner.close()
    with pytest.raises(AccountStopped, match="password"):
        await alice.runner.sync_once()
    assert len(await alice.store.collections(alice.account.id)) > 5
