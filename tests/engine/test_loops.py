"""
Servers that repeat themselves, and two who do the same at once.
"""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from carrierpost import wbxml
from carrierpost.engine import Committed
from carrierpost.model import ChangeKind
from carrierpost.protocol.classes import Contact, Email
from carrierpost.protocol.commands.folder_sync import FolderType
from carrierpost.protocol.version import Version
from carrierpost.server import faults
from carrierpost.wbxml.pages import AirSync, Contacts
from carrierpost.wbxml.pages import Email as Mail
from tests.support.answers import each_item
from tests.support.hub import bench, mail
from tests.support.virtual import virtual

INBOX = FolderType.INBOX
BOTH = pytest.mark.parametrize("version", [Version.V14_1, Version.V16_1])


@BOTH
@virtual
async def test_LP1_equal_items_sent_again_and_again_change_nothing(version: Version) -> None:
    """The server tells every item anew with each answer: the feed stays silent, and the asking ends."""
    async with bench(version=version) as made:
        for number in range(10):
            mail(made.mailbox, number)
        async with made.running():
            made.events.clear()
            made.server.faults.add(faults.repeat_add(), command="Sync", times=None)
            begun = made.clock.monotonic()
            mail(made.mailbox, 99)
            await made.clock.sleep(3600.0)
            told = [change for event in made.events if isinstance(event, Committed) for change in event.changes]
            assert [change.kind for change in told] == [ChangeKind.ITEM_ADDED]
            assert made.commands(begun).count("Sync") < 15
        assert await made.contradictions() == []


@virtual
async def test_LP1_a_server_that_always_promises_more_is_not_believed_for_ever() -> None:
    """MoreAvailable without an end: after a few hollow answers the folder counts as complete, and news still come."""
    async with bench() as made:
        mail(made.mailbox, 1)
        made.server.faults.add(faults.lie_more_available(), command="Sync", times=None)
        async with made.running(600.0):
            assert made.server.holding == 1
            begun = made.clock.monotonic()
            await made.clock.sleep(3600.0)
            assert made.commands(begun).count("Sync") == 0
            mail(made.mailbox, 2)
            await made.clock.sleep(1.0)
            assert len(made.announced()) == 1


@virtual
async def test_LP1_a_server_that_refuses_key_after_key_is_left_alone_for_growing_pauses() -> None:
    """Each key is refused as soon as it is used, for a day: no storm, and all is well once that ends."""
    async with bench() as made:
        for number in range(5):
            mail(made.mailbox, number)
        async with made.running():
            before = await made.ids(INBOX)
            made.server.faults.add(faults.reject_key(), command="Sync", times=None)
            made.runner.refresh()
            begun = made.clock.monotonic()
            await made.clock.sleep(86400.0)
            folders = len([one for one in await made.store.collections(made.account_id) if not one.note])
            assert made.commands(begun).count("Sync") < 86400 / 450 * 2 * folders + 100 * folders
            made.server.faults.clear()
            await made.clock.sleep(1000.0)
            assert await made.ids(INBOX) == before
            assert made.announced() == []


@virtual
async def test_LP3_a_ping_that_cries_wolf_is_asked_less_and_less() -> None:
    """Ping says 2, Sync finds nothing, for three hours: requests stay few, and mail still arrives within minutes."""
    async with bench() as made:
        mail(made.mailbox, 1)
        async with made.running():
            made.server.faults.add(faults.status(2), command="Ping", times=None)
            begun = made.clock.monotonic()
            await made.clock.sleep(3 * 3600.0)
            watched = len([one for one in await made.store.collections(made.account_id) if not one.note])
            alarms = 3 * 12 * watched
            assert made.commands(begun).count("Ping") <= alarms
            assert made.commands(begun).count("Sync") <= 2 * alarms + 100
            asked = made.clock.monotonic()
            mail(made.mailbox, 2)
            await made.clock.sleep(301.0)
            assert len(made.announced()) == 1
            made.server.faults.clear()
            await made.clock.sleep(3600.0 + made.clock.monotonic() - asked)
            assert made.server.holding == 1


@pytest.mark.parametrize("number", [1, 5, 7])
@virtual
async def test_LP3_a_ping_that_is_answered_at_once_with_nothing_does_not_spin(number: int) -> None:
    """Status 1, 5 or 7 without any wait, over and over: the hub asks a few times, then folders now and then."""
    async with bench() as made, made.running():
        made.server.faults.add(faults.status(number), command="Ping", times=None)
        begun = made.clock.monotonic()
        await made.clock.sleep(3600.0)
        assert made.commands(begun).count("Ping") < 40
        mail(made.mailbox, 2)
        await made.clock.sleep(310.0)
        assert len(made.announced()) == 1
        made.server.faults.clear()
        await made.clock.sleep(600.0)
        assert made.server.holding == 1


@BOTH
@virtual
async def test_DU4_a_change_of_some_fields_leaves_the_others(version: Version) -> None:
    """The server tells only that a mail was read, or only a new number: subject, sender, picture stay."""
    async with bench(version=version) as made:
        mail(made.mailbox, 1)
        contacts = made.mailbox.folder(FolderType.CONTACTS)
        made.mailbox.add(contacts, Contact(file_as="Bea", email1_address="b@elm.example", picture=b"p" * 40))
        runner = made.new_runner()
        await runner.sync_once()
        made.line.spoil = only_changed
        [inbox_item] = made.mailbox.folder(INBOX).items.values()
        [person] = contacts.items.values()
        made.mailbox.change(made.mailbox.folder(INBOX), inbox_item, read=True)
        made.mailbox.change(contacts, person, mobile_phone_number="+49 30 1")
        await runner.sync_once()
        assert SHORTENED
        [one] = await made.held(INBOX)
        assert isinstance(one.data, Email)
        assert (one.data.read, one.data.subject, one.data.from_) == (True, "Mail 1", "bea@elm.example")
        body = await made.store.body(one.id)
        assert body is not None
        assert body.data == "Text 1"
        [held] = await made.held(FolderType.CONTACTS)
        assert isinstance(held.data, Contact)
        assert held.data.picture == b"p" * 40
        assert (held.data.mobile_phone_number, held.data.email1_address) == ("+49 30 1", "b@elm.example")


SHORTENED: list[int] = []


@each_item
def only_changed(tag: int, children: list[Any]) -> list[Any]:
    """Leave of each Change only what changed, as Exchange does."""
    if tag != AirSync.Change:
        return children
    SHORTENED.append(tag)
    data = wbxml.pairs(wbxml.find(children, AirSync.ApplicationData, []))
    kept = [part for name, inner in data if name in (Mail.Read, Contacts.MobilePhoneNumber) for part in (name, inner)]
    return [AirSync.ServerId, wbxml.find(children, AirSync.ServerId), AirSync.ApplicationData, kept]


@virtual
async def test_DU5_two_runners_at_once_make_one_item_of_each() -> None:
    """Two processes work on one account by mistake: each mail is held and announced once."""
    async with bench() as made:
        for number in range(30):
            mail(made.mailbox, number)
        first, second = made.new_runner(), made.new_runner()
        await asyncio.gather(first.sync_once(), second.sync_once())
        mail(made.mailbox, 100)
        await asyncio.gather(first.sync_once(), second.sync_once(), return_exceptions=True)
        await second.sync_once()
        assert len(await made.held(INBOX)) == 31
        assert len(made.announced()) == 1
        assert await made.contradictions() == []
        await first.close()


@virtual
async def test_DU5_a_refresh_while_a_ping_reports_news_adds_them_once() -> None:
    """A person pulls down the list in the very moment in which mail arrives."""
    async with bench() as made, made.running():
        mail(made.mailbox, 1)
        made.runner.refresh()
        await made.clock.sleep(60.0)
        made.runner.refresh()
        mail(made.mailbox, 2)
        await made.clock.sleep(60.0)
        assert len(await made.held(INBOX)) == 2
        assert len(made.announced()) == 2
        assert made.server.holding == 1
