"""
The lifelike world: it is as large as promised, hangs together, is the same each time, and goes on.
"""

from __future__ import annotations

import base64
import collections
import datetime as dt
import email
import email.policy
import random
import re
import struct
import zlib
from collections.abc import Iterator
from typing import Any

import msgspec
import pytest

from carrierpost import wbxml
from carrierpost.client.asgi import ASGITransport
from carrierpost.client.login import BasicLogin
from carrierpost.protocol.classes import (
    ApplicationData,
    Contact,
    ContentClass,
    Email,
    Event,
    EventException,
    FlagStatus,
    Importance,
    Recurrence,
    RecurrenceType,
    Task,
    class_of,
    decode_item,
    encode_item,
)
from carrierpost.protocol.classes.occurrences import event_zone, occurrences
from carrierpost.protocol.classes.recurrence import problems
from carrierpost.protocol.commands.folder_sync import FolderType
from carrierpost.protocol.record import At, Notes, Record, fields_of
from carrierpost.protocol.secret import Secret
from carrierpost.protocol.version import Version
from carrierpost.server import ExchangeServer, Mailbox, MailboxItem
from carrierpost.server.world import World, build_world
from carrierpost.server.world.conversation import Conversation
from carrierpost.server.world.files import Gallery
from carrierpost.server.world.letters import write
from carrierpost.server.world.people import circle
from carrierpost.server.world.stories import notices, stories
from carrierpost.wbxml.pages import AirSync
from tests.server.phone import Phone
from tests.support.virtual import virtual

NOW = dt.datetime(2026, 11, 24, 20, 15, tzinfo=dt.UTC)
DAY = dt.timedelta(days=1)


class StillClock:
    """
    A clock that is moved by hand.
    """

    def __init__(self) -> None:
        self.passed = 0.0

    def now(self) -> dt.datetime:
        return NOW + dt.timedelta(seconds=self.passed)

    def monotonic(self) -> float:
        return self.passed

    async def sleep(self, seconds: float) -> None:
        self.passed += seconds


def _build(seed: int = 7) -> tuple[ExchangeServer, World, Mailbox]:
    server = ExchangeServer(clock=StillClock(), chance=random.Random(1))
    world = build_world(server, now=NOW, chance=random.Random(seed))
    return server, world, server.mailbox(world.person.address)


@pytest.fixture(scope="module")
def built() -> tuple[ExchangeServer, World, Mailbox]:
    """
    Build a world that is only looked at.
    """
    return _build()


@pytest.fixture(scope="module")
def mailbox(built: tuple[ExchangeServer, World, Mailbox]) -> Mailbox:
    """
    Give the mailbox that is shown.
    """
    return built[2]


def _all(mailbox: Mailbox, kind: type[ApplicationData]) -> list[Any]:
    return [item.data for _, item in mailbox.all_items() if isinstance(item.data, kind)]


def _mails(mailbox: Mailbox) -> Iterator[tuple[MailboxItem, Email]]:
    for _, item in mailbox.all_items():
        if isinstance(item.data, Email):
            yield item, item.data


def test_the_world_is_as_large_as_promised(built: tuple[ExchangeServer, World, Mailbox]) -> None:
    """Three people; 800 mails, 120 contacts, 80 events, tasks and notes; mail in folders three deep."""
    server, world, mailbox = built
    counts = collections.Counter(class_of(item.data) for _, item in mailbox.all_items())
    assert (counts[ContentClass.EMAIL], counts[ContentClass.CONTACTS], counts[ContentClass.CALENDAR]) == (800, 120, 80)
    assert counts[ContentClass.TASKS] >= 20
    assert counts[ContentClass.NOTES] >= 10
    assert len(world.people) == len(server.mailboxes) == 3
    assert all(len(list(server.mailbox(one.address).all_items())) > 150 for one in world.people)
    deep = [
        folder
        for folder in mailbox.folders.values()
        if folder.items and (parent := mailbox.folders.get(folder.parent_id)) and parent.parent_id in mailbox.folders
    ]
    assert deep


def test_the_same_chance_and_moment_make_the_same_world() -> None:
    """Two worlds from the same seed are equal to the last byte, and go on alike; another seed gives another."""

    def everything(seed: int) -> list[object]:
        server, world, _ = _build(seed)
        told = [world.happen() for _ in range(80)]
        items = [
            (address, folder.display_name, item.server_id, item.data, item.mime)
            for address, mailbox in server.mailboxes.items()
            for folder, item in mailbox.all_items()
        ]
        return [world.people, told, items]

    assert everything(7) == everything(7)
    assert everything(7) != everything(8)


def test_the_year_ends_now(mailbox: Mailbox) -> None:
    """Mail reaches back most of a year, up to the last hours, and not beyond now."""
    received = sorted(data.date_received for _, data in _mails(mailbox) if data.date_received is not None)
    assert len(received) == 800
    assert received[0] < NOW - 330 * DAY
    assert NOW - DAY / 4 < received[-1] <= NOW
    coming = [data for data in _all(mailbox, Event) if data.start_time > NOW]
    assert len(coming) >= 10


@pytest.mark.parametrize("version", list(Version))
def test_every_item_goes_over_the_wire_and_comes_back(mailbox: Mailbox, version: Version) -> None:
    """In each version an item is read as it was written, without a note, but for what that version cannot say."""
    told = 0
    for _, item in mailbox.all_items():
        if version < Version.V14_0 and class_of(item.data) is ContentClass.NOTES:
            continue
        document = wbxml.encode(AirSync.ApplicationData, encode_item(item.data, version))
        notes = Notes()
        back = decode_item(class_of(item.data), wbxml.decode(document).value, notes)
        assert not notes
        assert back == _limited(item.data, version)
        told += 1
    assert told >= 1000


_SAID_OTHERWISE = {
    "location",
    "exception_start_time",
}  # 16.0 has other elements for them, and they are told all the same


def _limited(record: Any, version: Version) -> Any:
    """
    Take out what a version has no element for.
    """
    changes: dict[str, Any] = {}
    for name, at, _ in fields_of(type(record)):
        value = getattr(record, name)
        if value is None:
            continue
        otherwise = isinstance(record, Event | EventException) and name in _SAID_OTHERWISE
        if isinstance(at, At) and not at.since <= version <= at.until and not otherwise:
            changes[name] = None
        elif isinstance(value, Record):
            changes[name] = _limited(value, version)
        elif isinstance(value, tuple) and value and isinstance(value[0], Record):
            changes[name] = tuple(_limited(one, version) for one in value)
    return msgspec.structs.replace(record, **changes)


def test_conversations_hang_together(mailbox: Mailbox) -> None:
    """An answer names what it answers, lies in the same conversation, comes later, and is one step deeper in it."""
    by_id: dict[str, Email] = {}
    answers: list[tuple[str, list[str], Email]] = []
    for item, data in _mails(mailbox):
        assert item.mime is not None
        message = email.message_from_bytes(item.mime, policy=email.policy.default)
        by_id[message["Message-ID"]] = data
        if message["In-Reply-To"]:
            answers.append((message["In-Reply-To"], message["References"].split(), data))
    assert len(by_id) == 800
    assert len(answers) > 200
    for replied, references, data in answers:
        before = by_id[replied]
        assert references[-1] == replied
        assert data.conversation_id == before.conversation_id
        assert data.thread_topic == before.thread_topic
        assert data.subject == f"Re: {data.thread_topic}"
        assert data.conversation_index is not None
        assert before.conversation_index is not None
        assert data.conversation_index[:-5] == before.conversation_index
        assert data.date_received is not None
        assert before.date_received is not None
        assert data.date_received >= before.date_received
    sizes = collections.Counter(data.conversation_id for _, data in _mails(mailbox))
    assert max(sizes.values()) >= 5
    topics = collections.defaultdict(set)
    for _, data in _mails(mailbox):
        topics[data.conversation_id].add(data.thread_topic)
    assert all(len(names) == 1 for names in topics.values())


def test_headers_are_read_as_one_line(mailbox: Mailbox) -> None:
    """Address lists that were folded in the message, and names in other scripts, are plain text in the properties."""
    for _, data in _mails(mailbox):
        for text in (data.to, data.cc, data.from_, data.subject, data.thread_topic):
            assert text is None or ("\n" not in text and "=?" not in text)
    everything = " ".join(f"{data.subject} {data.from_}" for _, data in _mails(mailbox))
    assert all(re.search(script, everything) for script in ("[ぁ-ん]", "[α-ω]", "[а-я]", "ü"))


def test_pictures_in_html_are_there(mailbox: Mailbox) -> None:
    """What an HTML body shows by cid is attached, marked inline, and a PNG that can be read."""
    shown = 0
    for item, data in _mails(mailbox):
        assert data.body is not None
        wanted = set(re.findall(r'src="cid:([^"]+)"', data.body.data or ""))
        inline = {one.content_id: one for one in data.attachments or () if one.is_inline}
        assert wanted == set(inline)
        for one in inline.values():
            assert one.file_reference is not None
            attached = mailbox.find_attached(one.file_reference)
            assert attached is not None
            assert attached is item.attached[one.file_reference]
            assert len(attached.content) == one.estimated_data_size
            _check_png(attached.content)
            shown += 1
    assert shown >= 60


def _check_png(content: bytes) -> None:
    assert content.startswith(b"\x89PNG\r\n\x1a\n")
    at, raw, size = 8, b"", (0, 0)
    while at < len(content):
        length, kind = struct.unpack_from(">I4s", content, at)
        data = content[at + 8 : at + 8 + length]
        assert struct.unpack_from(">I", content, at + 8 + length)[0] == zlib.crc32(kind + data)
        if kind == b"IHDR":
            size = struct.unpack_from(">II", data)
        raw += data if kind == b"IDAT" else b""
        at += length + 12
    assert len(zlib.decompress(raw)) == size[1] * (size[0] + 1)


def test_attachments_are_what_their_names_promise(mailbox: Mailbox) -> None:
    """PDFs lead to their objects, CSV has as many fields in each row, and sizes are those of an office."""
    kinds: collections.Counter[str] = collections.Counter()
    for item, data in _mails(mailbox):
        for one in data.attachments or ():
            assert one.file_reference is not None
            content = item.attached[one.file_reference].content
            kind = (one.display_name or "").rpartition(".")[2]
            kinds[kind] += 1
            assert 10 < len(content) < 200_000
            if kind == "pdf":
                _check_pdf(content)
            if kind == "csv":
                assert len({line.count(",") for line in content.decode().splitlines()}) == 1
    assert kinds["pdf"] >= 60
    assert kinds["csv"] >= 20
    assert kinds["txt"] >= 1


def _check_pdf(content: bytes) -> None:
    start = int(content.rsplit(b"startxref\n", 1)[1].split(b"\n")[0])
    assert content[start:].startswith(b"xref\n")
    for number, line in enumerate(content[start:].split(b"\n")[3:9], 1):
        assert content[int(line[:10]) :].startswith(b"%d 0 obj" % number)


def test_the_mailbox_looks_lived_in(mailbox: Mailbox) -> None:
    """Old mail is mostly read, some of today's is not; flags, categories, answers and importance are there."""
    mails = [data for _, data in _mails(mailbox)]
    inbox = [item.data for item in mailbox.folder(FolderType.INBOX).items.values()]
    unread = [data for data in inbox if isinstance(data, Email) and not data.read]
    assert 3 <= len(unread) <= len(inbox) // 4
    flags = collections.Counter(data.flag.status for data in mails if data.flag is not None)
    assert flags[FlagStatus.ACTIVE] >= 2
    assert flags[FlagStatus.COMPLETE] >= 5
    assert sum(data.importance is Importance.HIGH for data in mails) >= 5
    assert sum(data.last_verb_executed in (1, 2) for data in mails) >= 50
    assert sum(bool(data.categories) for data in mails) >= 100
    assert sum(data.meeting_request is not None for data in inbox if isinstance(data, Email)) == 1
    drafts = mailbox.folder(FolderType.DRAFTS).items.values()
    assert [item.data.is_draft for item in drafts if isinstance(item.data, Email)] == [True, True]


def test_a_draft_has_not_left_its_author(built: tuple[ExchangeServer, World, Mailbox]) -> None:
    """Nobody else has received what Mara has not sent."""
    server, world, mailbox = built
    drafts = {
        item.data.subject for item in mailbox.folder(FolderType.DRAFTS).items.values() if isinstance(item.data, Email)
    }
    for one in world.people[1:]:
        assert not any(data.subject in drafts for _, data in _mails(server.mailbox(one.address)))


def test_contacts_have_photos_within_the_limit(mailbox: Mailbox) -> None:
    """Each contact has a photo of its own making that fits into the 48 KB that ActiveSync allows."""
    contacts = _all(mailbox, Contact)
    for one in contacts:
        assert one.picture is not None
        assert len(base64.b64encode(one.picture)) <= 48 * 1024
    assert len({one.picture for one in contacts}) > 100
    assert len({one.email1_address for one in contacts}) == 120
    _check_png(contacts[0].picture)


def test_calendar_has_every_kind_of_event(mailbox: Mailbox) -> None:
    """Series of each type, exceptions that meet an occurrence, whole days, several zones, meetings, answers."""
    events = _all(mailbox, Event)
    series = [one for one in events if one.recurrence is not None]
    assert {one.recurrence.type for one in series} == set(RecurrenceType)
    assert not [wrong for one in series for wrong in problems(one.recurrence)]
    zones = {str(event_zone(one, "UTC")[0]) for one in events if not one.all_day_event}
    assert {"Europe/Berlin", "Asia/Tokyo", "America/New_York", "Asia/Kolkata", "Europe/London"} <= zones
    assert sum(one.all_day_event for one in events) >= 10
    assert {one.meeting_status for one in events} >= {0, 1, 3}
    assert {person.attendee_status for one in events for person in one.attendees or ()} >= {2, 3, 4, 5}
    assert len({one.uid for one in events}) == 80
    met = collections.Counter[str]()
    for one in series:
        bare = msgspec.structs.replace(one, exceptions=None)
        starts = {found.start for found in occurrences(bare, NOW - 90 * DAY, NOW + 90 * DAY)}
        for exception in one.exceptions or ():
            assert exception.exception_start_time in starts
            moved = exception.start_time != exception.exception_start_time
            met["cancelled" if exception.deleted else "moved" if moved else "changed"] += 1
    assert all(met[kind] >= 2 for kind in ("cancelled", "moved", "changed"))


def test_the_first_of_a_series_is_part_of_its_pattern(mailbox: Mailbox) -> None:
    """A series begins with an occurrence, as servers insist."""
    for one in _all(mailbox, Event):
        if isinstance(one.recurrence, Recurrence) and not one.all_day_event:
            found = occurrences(msgspec.structs.replace(one, exceptions=None), one.start_time, one.start_time + DAY)
            assert found[0].start == one.start_time


def test_tasks_are_due_done_and_repeated(mailbox: Mailbox) -> None:
    """Some tasks have no date, some are done, some come again; local and UTC dates come as pairs."""
    tasks = _all(mailbox, Task)
    assert sum(one.due_date is None for one in tasks) >= 3
    assert sum(bool(one.complete) for one in tasks) >= 3
    assert sum(one.recurrence is not None for one in tasks) >= 3
    for one in tasks:
        assert (one.due_date is None) == (one.utc_due_date is None)
        assert (one.date_completed is not None) == bool(one.complete)


def test_each_story_can_be_told_to_its_end() -> None:
    """No story or notice asks for a role or a fact that there is not, or leaves a brace or a choice behind."""
    chance = random.Random(2)
    people, gallery = circle(chance, 120), Gallery(chance)
    for story in stories():
        conversation = Conversation(story, people, gallery, NOW, chance)
        while not conversation.finished:
            letter = conversation.next(NOW)
            assert not re.search(r"[{}]|\[[^\]]*\|", letter.text + letter.subject)
            assert email.message_from_bytes(write(letter), policy=email.policy.default).defects == []
    assert len(stories()) >= 40
    assert {one.style for one in notices()} == {"newsletter", "receipt", "system"}


def test_what_happens_is_told_as_it_was_done() -> None:
    """Each happening names items whose change the mailbox has logged since, and wakes whoever waits for it."""
    _, world, mailbox = _build()
    kinds = collections.Counter[str]()
    for _ in range(300):
        before = mailbox.number
        happening = world.happen()
        logged = {
            server_id for folder in mailbox.folders.values() for number, server_id in folder.log if number > before
        }
        assert happening.server_ids
        assert set(happening.server_ids) <= logged
        kinds[happening.what] += 1
    assert len(kinds) >= 10
    assert kinds["a mail arrives"] > 100


def test_an_item_is_left_alone_after_a_happening() -> None:
    """What has just happened to an item can be followed before something else happens to it."""
    _, world, _ = _build()
    told = [world.happen().server_ids for _ in range(200)]
    for number in range(len(told)):
        recent = {one for ids in told[max(0, number - 20) : number] for one in ids}
        assert not recent & set(told[number])


@virtual
async def test_a_device_can_follow_what_happens() -> None:
    """A phone that synchronizes every folder after many happenings holds what the mailbox holds."""
    server, world, mailbox = _build()
    login = BasicLogin(world.person.address, Secret(world.person.password))
    phone = Phone(server, user=world.person.address, transport=ASGITransport(server, login), version=Version.V16_1)
    await phone.folders()
    names = [one.display_name for one in mailbox.folders.values() if one.content_class is not None]
    for name in names:
        await phone.begin(name)
        await phone.all(name)
    for _ in range(150):
        world.happen()
    for name in names:
        await phone.all(name)
        folder = mailbox.folder(name)
        held = phone.held[folder.server_id]
        assert set(held) == set(folder.items)
        for server_id, item in folder.items.items():
            if isinstance(item.data, Email):
                assert held[server_id].read == item.data.read  # type: ignore[union-attr]  # it holds mail
