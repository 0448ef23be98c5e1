"""
What SOGo does differently: each quirk of `carrierpost.protocol.quirks` is shown, and shown to be harmless.

A test per quirk, called by its name; a quirk that has gone from a newer SOGo fails here, and its entry can then go too.
"""

from __future__ import annotations

import asyncio
import base64
import datetime as dt
import uuid
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from carrierpost.client.session import Session
from carrierpost.engine import Editor
from carrierpost.model import ChangeKind
from carrierpost.protocol.classes import BodyPreference, BodyType, ContentClass, Email, Event, Task
from carrierpost.protocol.classes.occurrences import occurrences
from carrierpost.protocol.classes.recurrence import Recurrence, RecurrenceType
from carrierpost.protocol.commands.folder_sync import FolderSyncRequest, FolderType
from carrierpost.protocol.commands.get_item_estimate import EstimateCollection, GetItemEstimateRequest
from carrierpost.protocol.commands.ping import PingFolder, PingRequest
from carrierpost.protocol.commands.sync import (
    Add,
    CollectionResponse,
    FilterType,
    SyncCollection,
    SyncOptions,
    SyncRequest,
)
from carrierpost.protocol.commands.sync import (
    Change as ItemChange,
)
from carrierpost.protocol.quirks import QUIRKS, quirks_of
from carrierpost.protocol.timezone import blob_of, read_blob
from tests.real.conftest import RealStack, RealUser
from tests.real.hub import RealHub, real_hub
from tests.real.outside import Outside, message

pytestmark = pytest.mark.real


class Probe:
    """
    A device of its own that asks by hand, without engine or store.
    """

    def __init__(self, session: Session, folders: dict[FolderType, str]) -> None:
        self.session = session
        self.folders = folders

    async def ask(
        self, kind: FolderType, key: str, content_class: ContentClass, *, limit: int | None = None
    ) -> CollectionResponse:
        """
        Send a Sync of one folder; an empty answer keeps the key.
        """
        folder = self.folders[kind]
        first = key == "0"
        preference = BodyPreference(type=BodyType.PLAIN, truncation_size=limit)
        asked = SyncCollection(
            collection_id=folder,
            sync_key=key,
            content_class=content_class,
            get_changes=None if first else True,
            window_size=None if first else 512,
            options=(SyncOptions(filter_type=FilterType.ALL, body_preferences=(preference,)),),
        )
        answer = await self.session.send(SyncRequest(collections=(asked,)))
        return answer.collections[0] if answer.collections else CollectionResponse(collection_id=folder, sync_key=key)

    async def settle(self, kind: FolderType, content_class: ContentClass) -> str:
        """
        Synchronize a folder to its end, and give the last key.
        """
        key = "0"
        while True:
            answer = await self.ask(kind, key, content_class)
            if answer.sync_key == key and not answer.commands:
                return key
            key = answer.sync_key


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
async def probe(real_stack: RealStack, tmp_path: Path) -> AsyncIterator[Probe]:
    """Give a second device of alice, driven by hand."""
    async with real_hub(tmp_path / "probe", real_stack, real_stack.user("alice")) as hub:
        session = await hub.runner.session()
        answer = await session.send(FolderSyncRequest(sync_key="0"))
        yield Probe(session, {one.type: one.server_id for one in answer.changes.adds})


@pytest.fixture
def tag() -> str:
    """Make a word that nothing else in the mailbox has."""
    return uuid.uuid4().hex[:12]


async def test_server_is_recognised(alice: RealHub) -> None:
    """SOGo is known by what it offers, and all its quirks are then told."""
    facts = await (await alice.runner.session()).options()
    assert {one.name for one in quirks_of(facts)} == {one.name for one in QUIRKS if one.product == "SOGo"}


async def test_quirk_interim_key(alice: RealHub, probe: Probe, outside: Outside, tag: str) -> None:
    """The key that comes with items is not the last; a Ping before the next Sync reports changes that are none."""
    key = await probe.settle(FolderType.INBOX, ContentClass.EMAIL)
    outside.deliver(message(outside.user.email, f"interim {tag}", "."))
    answer = await probe.ask(FolderType.INBOX, key, ContentClass.EMAIL)
    assert [type(command) for command in answer.commands] == [Add]
    folder = PingFolder(id=probe.folders[FolderType.INBOX], content_class=ContentClass.EMAIL)
    ping = await probe.session.send(PingRequest(heartbeat_interval=60, folders=(folder,)))
    assert ping.status == 2
    assert (await probe.ask(FolderType.INBOX, answer.sync_key, ContentClass.EMAIL)).commands == ()

    running = asyncio.ensure_future(alice.runner.run())
    try:
        async with asyncio.timeout(60):
            await alice.holding.wait()
        alice.holding.clear()
        outside.deliver(message(outside.user.email, f"interim again {tag}", "."))
        await alice.until(lambda one: one.announce)
        async with asyncio.timeout(60):
            await alice.holding.wait()
        alice.holding.clear()
        await asyncio.sleep(7)  # longer than the server's pause between two looks: a false alarm would have come
        assert not alice.holding.is_set()
    finally:
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)


async def test_quirk_first_add_status_3(real_stack: RealStack, newcomer: RealUser, tmp_path: Path, tag: str) -> None:
    """After a device's first Add to an empty list, its key is refused once; the hub matches, and ids stay."""
    async with real_hub(tmp_path / "hub", real_stack, newcomer) as hub:
        await hub.sync()
        folder = await hub.folder(FolderType.TASKS)
        assert await hub.store.items(hub.account.id, collection_id=folder.id) == ()
        Outside.next_second()
        key = (await hub.store.collection(folder.id)).sync_key
        session = await hub.runner.session()
        task = Add(client_id=tag, data=Task(subject=f"first {tag}", complete=False))
        asked = SyncCollection(
            collection_id=folder.server_id, sync_key=key, content_class=ContentClass.TASKS, commands=(task,)
        )
        answer = await session.send(SyncRequest(collections=(asked,)))
        (added,) = answer.collections[0].responses
        assert added.status == 1
        Outside.next_second()
        refused = SyncCollection(
            collection_id=folder.server_id,
            sync_key=answer.collections[0].sync_key,
            content_class=ContentClass.TASKS,
            get_changes=True,
        )
        again = await session.send(SyncRequest(collections=(refused,)))
        assert again.collections[0].status == 3

        changes = await hub.sync()
        (held,) = await hub.held(ContentClass.TASKS, f"first {tag}")
        assert [change.kind for change in changes if change.item_id == held.id] == [ChangeKind.ITEM_ADDED]
        Outside.next_second()
        assert [change.kind for change in await hub.sync() if change.item_id == held.id] == []


async def test_quirk_one_second_stamps(probe: Probe, outside: Outside, tag: str) -> None:
    """Contacts' keys are the time in whole seconds, so that what changes within one of them can go unseen."""
    outside.put_contact(f"o-{tag}", f"N:{tag};Once;;;\r\nFN:Once {tag}\r\n")
    outside.next_second()
    key = await probe.settle(FolderType.CONTACTS, ContentClass.CONTACTS)
    assert key.isdigit()
    assert len(key) == 10


async def test_quirk_truncation_ignored(alice: RealHub, probe: Probe, outside: Outside, tag: str) -> None:
    """A body comes whole though a shorter one was asked for; the hub keeps it whole and not as a part."""
    text = "A line that is long enough to be cut. " * 200
    outside.deliver(message(outside.user.email, f"long {tag}", text))
    answer = await probe.ask(FolderType.INBOX, "0", ContentClass.EMAIL)
    sizes = []
    while True:
        answer = await probe.ask(FolderType.INBOX, answer.sync_key, ContentClass.EMAIL, limit=500)
        if not answer.commands:
            break
        sizes += [
            len(command.data.body.data or "")
            for command in answer.commands
            if isinstance(command, Add) and command.data is not None and command.data.body is not None
        ]
    assert max(sizes) > 5000
    await alice.sync()
    (mail,) = await alice.held(ContentClass.EMAIL, f"long {tag}")
    body = await alice.store.body(mail.id)
    assert body is not None
    assert not body.truncated
    assert len(body.data) > 5000


async def test_quirk_provision_not_listed(alice: RealHub) -> None:
    """Provision is not among the commands that OPTIONS names, yet it is answered: there is no policy (PV5)."""
    session = await alice.runner.session()
    facts = await session.options()
    assert "Provision" not in facts.commands
    agreement = await session.provision()
    assert agreement.document is None
    await alice.sync()
    assert (await alice.store.account(alice.account.id)).policy == {}


async def test_quirk_made_up_keys(probe: Probe) -> None:
    """A folder list key that was never given is taken, with no changes, instead of being refused with status 9."""
    answer = await probe.session.send(FolderSyncRequest(sync_key="4711"))
    assert (answer.status, answer.sync_key) == (1, "4711")
    assert answer.changes.adds == ()


async def test_quirk_polled_ping(alice: RealHub, outside: Outside, real_stack: RealStack, tag: str) -> None:
    """News come when the server looks the next time, which is never longer than its pause and the way there."""
    running = asyncio.ensure_future(alice.runner.run())
    try:
        async with asyncio.timeout(60):
            await alice.holding.wait()
        await asyncio.sleep(1)  # the server has looked once, at the start
        await asyncio.to_thread(outside.deliver, message(outside.user.email, f"polled {tag}", "."))
        delivered = alice.hub.clock.monotonic()
        await alice.until(lambda one: one.announce)
        assert alice.hub.clock.monotonic() - delivered < 3 * real_stack.poll_seconds + 5
    finally:
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)


async def test_quirk_zone_garbage(alice: RealHub, outside: Outside, tag: str) -> None:
    """The blob of a zone without daylight saving is read as one, whatever stands where the change would be."""
    zone = (
        "BEGIN:VTIMEZONE\r\nTZID:Asia/Tokyo\r\nBEGIN:STANDARD\r\nTZOFFSETFROM:+0900\r\nTZOFFSETTO:+0900\r\n"
        "TZNAME:JST\r\nDTSTART:19700101T000000\r\nEND:STANDARD\r\nEND:VTIMEZONE\r\n"
    )
    times = "DTSTART;TZID=Asia/Tokyo:20260504T090000\r\nDTEND;TZID=Asia/Tokyo:20260504T100000\r\n"
    outside.put_event(f"z-{tag}", f"UID:z-{tag}\r\nSUMMARY:zone {tag}\r\n{times}", zone=zone)
    await alice.sync()
    (event,) = await alice.held(ContentClass.CALENDAR, f"zone {tag}")
    assert isinstance(event.data, Event)
    assert event.data.timezone is not None
    assert len(base64.b64decode(event.data.timezone)) == 172
    rules = read_blob(event.data.timezone)
    assert rules is not None
    assert rules.bias + rules.standard_bias == -540
    assert rules.standard is None
    assert rules.daylight is None


async def test_quirk_estimate_too_high(probe: Probe, outside: Outside, tag: str) -> None:
    """The estimate of a folder that is up to date counts what the device has; nothing depends on it."""
    outside.put_contact(f"q-{tag}", f"N:{tag};Quinn;;;\r\nFN:Quinn {tag}\r\n")
    outside.next_second()
    key = await probe.settle(FolderType.CONTACTS, ContentClass.CONTACTS)
    asked = EstimateCollection(
        collection_id=probe.folders[FolderType.CONTACTS], sync_key=key, content_class=ContentClass.CONTACTS
    )
    answer = await probe.session.send(GetItemEstimateRequest(collections=(asked,)))
    assert answer.estimates[0].estimate > 0


async def test_quirk_zone_ignored(alice: RealHub, real_stack: RealStack, tmp_path: Path, tag: str) -> None:
    """A series sent in the zone of Berlin has that of the settings, UTC, for others: its clock does not change."""
    await alice.sync()
    start = dt.datetime(2026, 3, 23, 8, 0, tzinfo=dt.UTC)
    series = Event(
        subject=f"zone {tag}",
        start_time=start,
        end_time=start + dt.timedelta(minutes=30),
        timezone=blob_of("Europe/Berlin", 2026),
        recurrence=Recurrence(type=RecurrenceType.WEEKLY, interval=1, day_of_week=2, occurrences=2),
    )
    editor = Editor(alice.store, alice.account.id, clock=alice.hub.clock, chance=alice.hub.chance)
    edited = await editor.add((await alice.folder(FolderType.CALENDAR)).id, series)
    assert edited.item is not None
    await alice.sync()
    Outside.next_second()
    await alice.sync()
    assert (await alice.store.outbox(alice.account.id)) == ()
    async with real_hub(tmp_path / "other", real_stack, real_stack.user("alice")) as other:
        await other.sync()
        (seen,) = await other.held(ContentClass.CALENDAR, f"zone {tag}")
        assert isinstance(seen.data, Event)
        found = occurrences(seen.data, start, start + dt.timedelta(days=14), default_zone="Europe/Berlin")
        assert [f"{one.start.astimezone(dt.UTC):%m-%d %H:%M}" for one in found] == ["03-23 08:00", "03-30 08:00"]


async def test_quirk_same_key(alice: RealHub, outside: Outside, tag: str) -> None:
    """A mail is marked as read: the server has it, and the key stays; nothing is left to be told."""
    outside.deliver(message(outside.user.email, f"same {tag}", "."))
    await alice.sync()
    (mail,) = await alice.held(ContentClass.EMAIL, f"same {tag}")
    inbox = await alice.folder(FolderType.INBOX)
    session = await alice.runner.session()
    change = ItemChange(server_id=mail.server_id or "", data=Email(read=True))
    asked = SyncCollection(
        collection_id=inbox.server_id,
        sync_key=inbox.sync_key,
        content_class=ContentClass.EMAIL,
        get_changes=False,
        commands=(change,),
    )
    answer = await session.send(SyncRequest(collections=(asked,)))
    assert answer.collections[0].sync_key == inbox.sync_key
    assert [one.status for one in answer.collections[0].responses] == [1]
    editor = Editor(alice.store, alice.account.id, clock=alice.hub.clock, chance=alice.hub.chance)
    await alice.sync()
    await editor.flag(mail.id)
    await alice.sync()
    assert await alice.store.outbox(alice.account.id) == ()


async def test_quirk_deletes_move(alice: RealHub, outside: Outside, tag: str) -> None:
    """A deletion for good leaves the folder, lies in the trash, and leaves nothing to be told."""
    outside.deliver(message(outside.user.email, f"for good {tag}", "."))
    await alice.sync()
    (mail,) = await alice.held(ContentClass.EMAIL, f"for good {tag}")
    editor = Editor(alice.store, alice.account.id, clock=alice.hub.clock, chance=alice.hub.chance)
    await editor.delete(mail.id, permanent=True)
    await alice.sync()
    assert await alice.store.outbox(alice.account.id) == ()
    assert outside.uids(tag) == []
    assert len(outside.uids(tag, "Trash")) == 1
