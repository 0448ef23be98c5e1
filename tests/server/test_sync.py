"""
Sync: keys, the request as a whole, windows; what is refused, and how.
"""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from carrierpost.client.errors import ConnectionLost
from carrierpost.protocol.classes import BodyPreference, BodyType, Contact
from carrierpost.protocol.commands.folder_sync import FolderType
from carrierpost.protocol.commands.sync import (
    Add,
    Change,
    Delete,
    Fetch,
    FilterType,
    ItemResponse,
    SyncCollection,
    SyncOptions,
    SyncRequest,
)
from carrierpost.protocol.message import Payload
from carrierpost.protocol.version import Version
from carrierpost.server.faults import drop_after_commit
from carrierpost.wbxml.pages import AirSync, AirSyncBase
from tests.server.phone import ADA, Phone, make_server, status_of
from tests.support.virtual import virtual

INBOX, CONTACTS, CALENDAR, TASKS = FolderType.INBOX, FolderType.CONTACTS, FolderType.CALENDAR, FolderType.TASKS


async def _phone(mails: int = 0, **options: Any) -> Phone:
    """Make a phone that has begun with the Inbox, in which there are some mails."""
    version = options.pop("version", Version.V14_1)
    phone = Phone(make_server(**options), version=version)
    for number in range(mails):
        phone.mailbox.deliver(f"Mail {number}", "text")
    await phone.folders()
    await phone.begin(INBOX)
    return phone


def _ids(answer: Any) -> list[str]:
    return [one.server_id for one in answer.commands]


# -- keys


@pytest.mark.parametrize("version", Version)
def test_a_first_synchronization_begins_with_a_key_alone(version: Version) -> None:
    """Key 0 gives a key and no item; the next request brings them, newest first; then there is nothing to say."""

    @virtual
    async def story() -> None:
        phone = Phone(make_server(), version=version)
        for number in range(3):
            phone.mailbox.deliver(f"Mail {number}", "text")
            await phone.server.clock.sleep(60)
        await phone.folders()
        inbox = await phone.begin(INBOX)
        answer = await phone.sync(INBOX)
        assert answer is not None
        assert [one.data.subject for one in answer.commands] == ["Mail 2", "Mail 1", "Mail 0"]  # type: ignore[union-attr]
        assert (await phone.exchange(INBOX)).empty
        assert len(phone.held[inbox]) == 3

    story()


@virtual
async def test_SK4_the_key_before_is_good_exactly_once() -> None:
    """A lost answer is given again, and the same; the third time the key is 3; two keys back are 3 as well."""
    phone = await _phone(mails=5)
    inbox = phone.folder(INBOX).server_id
    first = phone.keys[inbox]
    lost = await phone.sync(INBOX, window_size=2)
    phone.mailbox.deliver("Meanwhile", "text")
    again = await phone.sync(INBOX, sync_key=first, window_size=2)
    assert again == lost
    refused = await phone.sync(INBOX, sync_key=first)
    assert refused is not None
    assert (refused.status, refused.sync_key) == (3, "0")
    rest = await phone.sync(INBOX)
    assert rest is not None
    assert len(rest.commands) == 4
    far = await phone.sync(INBOX, sync_key=first)
    assert far is not None
    assert far.status == 3


@virtual
async def test_SK4_a_key_in_use_ends_the_one_before() -> None:
    """Even a request that finds nothing new shows that the answer arrived; the server lets it go."""
    phone = await _phone(mails=2)
    inbox = phone.folder(INBOX).server_id
    first = phone.keys[inbox]
    await phone.sync(INBOX)
    assert phone.server.device(ADA).collections[inbox].previous_answer is not None
    assert await phone.sync(INBOX) is None
    assert phone.server.device(ADA).collections[inbox].previous_answer is None
    refused = await phone.sync(INBOX, sync_key=first)
    assert refused is not None
    assert refused.status == 3


@virtual
async def test_DU2_commands_of_a_lost_request_are_done_once() -> None:
    """An Add whose answer got lost, sent again with the same key, makes one item and gives the same id."""
    phone = await _phone()
    await phone.begin(CONTACTS)
    add = Add(client_id="c1", data=Contact(first_name="Bea"))
    phone.server.faults.add(drop_after_commit(), command="Sync")
    with pytest.raises(ConnectionLost):
        await phone.sync(CONTACTS, commands=(add,))
    answer = await phone.sync(CONTACTS, commands=(add,))
    assert answer is not None
    [made] = phone.folder(CONTACTS).items
    assert [(one.client_id, one.server_id, one.status) for one in answer.responses] == [("c1", made, 1)]
    assert await phone.sync(CONTACTS) is None


@pytest.mark.parametrize("key", ["99", "-1", "x"])
def test_keys_that_were_never_given_are_refused(key: str) -> None:
    """Status 3 in the collection, without a key; the right key still works."""

    @virtual
    async def story() -> None:
        phone = await _phone(mails=1)
        refused = await phone.sync(INBOX, sync_key=key)
        assert refused is not None
        assert (refused.status, refused.sync_key) == (3, "0")
        answer = await phone.sync(INBOX)
        assert answer is not None
        assert len(answer.commands) == 1

    story()


@virtual
async def test_SK14_what_happens_during_a_long_pull_is_not_missed() -> None:
    """Between two pages one mail comes, one changes and one goes; in the end the phone has what the mailbox has."""
    phone = await _phone(mails=10)
    inbox = phone.folder(INBOX)
    await phone.sync(INBOX, window_size=4)
    told, *_ = phone.held[inbox.server_id]
    untold = next(one for one in inbox.items if one not in phone.held[inbox.server_id])
    phone.mailbox.change(inbox, inbox.items[told], read=True)
    phone.mailbox.delete(inbox, inbox.items[untold])
    phone.mailbox.deliver("New", "text")
    await phone.all(INBOX, window_size=4)
    held = phone.held[inbox.server_id]
    assert held.keys() == inbox.items.keys()
    assert held[told].read is True  # type: ignore[union-attr]


# -- the shape of a request


def _collection(phone: Phone, *children: Any, key: str = "1") -> list[Any]:
    head = [AirSync.SyncKey, key, AirSync.CollectionId, phone.folder(INBOX).server_id]
    return [AirSync.Collections, [AirSync.Collection, [*head, *children]]]


async def _refused(phone: Phone, children: list[Any]) -> int | None:
    http, status = status_of(await phone.post("Sync", AirSync.Sync, children))
    assert http == 200
    return status


PREFERENCE = [AirSyncBase.Type, "1", AirSyncBase.TruncationSize, "100", AirSyncBase.AllOrNone, "1"]


@pytest.mark.parametrize(
    "children",
    [
        [AirSync.WindowSize, "5", AirSync.GetChanges, "1"],
        [AirSync.Options, [], AirSync.DeletesAsMoves, "1"],
        [AirSync.Commands, [], AirSync.Options, []],
        [AirSync.WindowSize, "5", AirSync.WindowSize, "5"],
        [AirSync.WindowSize, "many"],
        [AirSync.GetChanges, "perhaps"],
        [AirSync.Status, "1"],
        [AirSync.Supported, []],
        [AirSync.Options, [], AirSync.Options, []],
        [AirSync.Options, [AirSync.FilterType, "6"]],
        [AirSync.Options, [AirSync.FilterType, "8"]],
        [AirSync.Options, [AirSync.FilterType, "9"]],
        [AirSync.Options, [AirSyncBase.BodyPreference, PREFERENCE, AirSyncBase.BodyPreference, PREFERENCE]],
        [AirSync.Options, [AirSyncBase.BodyPreference, [*PREFERENCE[2:], *PREFERENCE[:2]]]],
        [AirSync.Options, [AirSyncBase.BodyPreference, [AirSyncBase.TruncationSize, "5"]]],
        [AirSync.Options, [AirSyncBase.BodyPreference, [AirSyncBase.Type, "4"]]],
        [AirSync.Options, [AirSyncBase.BodyPreference, [AirSyncBase.Type, "1", AirSyncBase.Preview, "256"]]],
    ],
)
def test_malformed_collections_are_refused(children: list[Any]) -> None:
    """Order, repetition and values are checked as Exchange does: 4 for the whole, and nothing is done."""

    @virtual
    async def story() -> None:
        phone = await _phone(mails=1)
        assert await _refused(phone, _collection(phone, *children)) == 4
        answer = await phone.sync(INBOX)
        assert answer is not None
        assert len(answer.commands) == 1

    story()


@virtual
async def test_malformed_requests_are_refused() -> None:
    """No collection, one twice, one without key or id, both kinds of wait: 4."""
    phone = await _phone()
    one = _collection(phone)[1]
    inbox = phone.folder(INBOX).server_id
    for children in (
        [AirSync.Collections, []],
        [AirSync.Collections, [*one, *one]],
        [AirSync.Collections, [AirSync.Collection, [AirSync.CollectionId, inbox]]],
        [AirSync.Collections, [AirSync.Collection, [AirSync.SyncKey, None, AirSync.CollectionId, inbox]]],
        [AirSync.Collections, [AirSync.Collection, [AirSync.SyncKey, "1"]]],
        [*_collection(phone), AirSync.Wait, "5", AirSync.HeartbeatInterval, "300"],
    ):
        assert await _refused(phone, children) == 4


@virtual
async def test_a_first_key_brings_no_items_and_takes_none() -> None:
    """GetChanges, empty or 1, and Commands are refused with key 0; GetChanges 0 is not."""
    phone = await _phone(mails=1)
    assert await _refused(phone, _collection(phone, AirSync.GetChanges, None, key="0")) == 4
    assert await _refused(phone, _collection(phone, AirSync.GetChanges, "1", key="0")) == 4
    delete = [AirSync.Delete, [AirSync.ServerId, "1:1"]]
    assert await _refused(phone, _collection(phone, AirSync.Commands, delete, key="0")) == 4
    assert await _refused(phone, _collection(phone, AirSync.GetChanges, "0", key="0")) is None


@pytest.mark.parametrize("version", Version)
def test_what_a_version_does_not_have_is_refused(version: Version) -> None:
    """Seconds to wait and conversations came with 14.0, conversation parts with 14.1, and those in HTML only."""

    @virtual
    async def story() -> None:
        phone = await _phone(version=version)
        part = [AirSyncBase.BodyPartPreference, [AirSyncBase.Type, "2"]]
        odd = [AirSyncBase.BodyPartPreference, [AirSyncBase.Type, "1"]]
        from_14_0 = 4 if version < Version.V14_0 else None
        from_14_1 = 4 if version < Version.V14_1 else None
        assert await _refused(phone, _collection(phone, AirSync.ConversationMode, "1")) == from_14_0
        assert await _refused(phone, _collection(phone, AirSync.Options, part)) == from_14_1
        if version >= Version.V14_1:
            assert await _refused(phone, _collection(phone, AirSync.Options, odd)) == 164
        if version < Version.V14_0:
            assert await _refused(phone, [*_collection(phone), AirSync.HeartbeatInterval, "300"]) == 4

    story()


@virtual
async def test_what_a_class_does_not_have_is_refused() -> None:
    """Conversations are of mail alone; notes know no ghosts; a calendar no days of a week, tasks no months."""
    phone = await _phone()

    async def asked(which: FolderType, **values: Any) -> int:
        folder = phone.folder(which).server_id
        return (await phone.ask(SyncRequest(collections=(SyncCollection(collection_id=folder, **values),)))).status

    assert await asked(CONTACTS, conversation_mode=True) == 4
    assert await asked(FolderType.NOTES, supported=()) == 4
    assert await asked(CONTACTS, supported=()) == 1
    for which, allowed in ((CALENDAR, {0, 4, 5, 6, 7}), (TASKS, {0, 8}), (INBOX, set(range(6)))):
        for chosen in FilterType:
            status = await asked(which, options=(SyncOptions(filter_type=chosen),))
            assert status == (1 if chosen in allowed else 4), (which, chosen)
    assert await asked(CONTACTS, options=(SyncOptions(filter_type=FilterType.ONE_WEEK),)) == 1


@pytest.mark.parametrize("version", Version)
def test_drafts_are_not_synchronized_before_16_0(version: Version) -> None:
    """A draft folder is refused by the versions that cannot say what a draft is."""

    @virtual
    async def story() -> None:
        phone = Phone(make_server(), version=version)
        await phone.folders()
        drafts = SyncCollection(collection_id=phone.folder(FolderType.DRAFTS).server_id)
        [answer] = (await phone.ask(SyncRequest(collections=(drafts,)))).collections
        assert answer.status == (1 if version >= Version.V16_0 else 4)

    story()


@virtual
async def test_folders_that_are_gone_are_named() -> None:
    """8 for the folder, while the others are answered."""
    phone = await _phone(mails=1)
    there = SyncCollection(
        collection_id=phone.folder(INBOX).server_id, sync_key=phone.keys[phone.folder(INBOX).server_id]
    )
    answer = await phone.ask(SyncRequest(collections=(SyncCollection(collection_id="gone", sync_key="1"), there)))
    assert [(one.collection_id, one.status) for one in answer.collections] == [("gone", 8), (there.collection_id, 1)]


@virtual
async def test_too_many_folders_are_named_with_the_limit() -> None:
    """15 says how many may come at once."""
    phone = await _phone(most_sync_collections=2)
    listed = tuple(SyncCollection(collection_id=one) for one in list(phone.mailbox.folders)[:3])
    answer = await phone.ask(SyncRequest(collections=listed))
    assert (answer.status, answer.limit) == (15, 2)


# -- windows


@virtual
async def test_windows_limit_each_folder() -> None:
    """100 unless told, 512 for 0 and for more; more_available as long as there is more, and not longer."""
    phone = await _phone(mails=1300)
    for window, expected, more in (
        (None, 100, True),
        (1, 1, True),
        (0, 512, True),
        (9999, 512, True),
        (512, 175, False),
    ):
        answer = await phone.sync(INBOX, window_size=window)
        assert answer is not None
        assert (len(answer.commands), answer.more_available) == (expected, more), window
    assert await phone.sync(INBOX) is None


@virtual
async def test_the_whole_answer_has_a_window_too() -> None:
    """Folders share it in their order; one that got no room says that there is more."""
    phone = await _phone(mails=6)
    for number in range(6):
        phone.mailbox.add(phone.folder(CONTACTS), Contact(first_name=f"C{number}"))
    await phone.begin(CONTACTS)
    inbox, contacts = phone.folder(INBOX).server_id, phone.folder(CONTACTS).server_id

    async def asked(window: int) -> list[tuple[int, bool]]:
        listed = tuple(SyncCollection(collection_id=one, sync_key=phone.keys[one]) for one in (inbox, contacts))
        answer = await phone.ask(SyncRequest(collections=listed, window_size=window))
        for one in answer.collections:
            phone.keys[one.collection_id] = one.sync_key
        return [(len(one.commands), one.more_available) for one in answer.collections]

    assert await asked(4) == [(4, True), (0, True)]
    assert await asked(4) == [(2, False), (2, True)]
    assert await asked(4) == [(4, False)]


@pytest.mark.ungrammatical("changes all of a mail, to have much to do")
@virtual
async def test_more_is_promised_only_when_there_is() -> None:
    """A page that ends where the news end says so, although the phone's own changes stand in the log behind it."""
    phone = await _phone(mails=2)
    inbox = phone.folder(INBOX)
    await phone.all(INBOX)
    phone.mailbox.deliver("News", "text")
    read = [Change(server_id=one, data=phone.held[inbox.server_id][one]) for one in phone.held[inbox.server_id]]
    answer = await phone.sync(INBOX, commands=tuple(read), window_size=1)
    assert answer is not None
    assert (len(answer.commands), answer.more_available) == (1, False)


# -- cached requests


@virtual
async def test_an_empty_request_is_the_last_one_again() -> None:
    """Without a last one it is 13; after an answer without body it asks for the same folders with the same keys."""
    phone = Phone(make_server())
    await phone.folders()
    assert (await phone.ask(SyncRequest())).status == 13
    await phone.begin(INBOX)
    await phone.sync(INBOX)
    assert (await phone.ask(SyncRequest())).empty
    phone.mailbox.deliver("New", "text")
    answer = await phone.ask(SyncRequest())
    assert len(answer.collections[0].commands) == 1


@virtual
async def test_SK4_an_empty_request_repeats_what_got_lost() -> None:
    """Who lost the answer to an empty request asks again, and gets the same mail, not the silence after it."""
    phone = await _phone()
    await phone.sync(INBOX)
    phone.mailbox.deliver("New", "text")
    phone.server.faults.add(drop_after_commit(), command="Sync")
    with pytest.raises(ConnectionLost):
        await phone.ask(SyncRequest())
    answer = await phone.ask(SyncRequest())
    assert len(answer.collections[0].commands) == 1


@virtual
async def test_a_partial_request_names_what_differs() -> None:
    """A folder's new key, another window, or a wait; the rest is as before, and without a before it is 13."""
    phone = await _phone(mails=3)
    await phone.begin(CONTACTS)
    phone.mailbox.add(phone.folder(CONTACTS), Contact(first_name="Bea"))
    inbox, contacts = phone.folder(INBOX).server_id, phone.folder(CONTACTS).server_id
    fresh = Phone(phone.server, device_id="FRESH")
    assert (await fresh.ask(SyncRequest(partial=True, window_size=5))).status == 13
    both = tuple(
        SyncCollection(collection_id=one, sync_key=phone.keys[one], window_size=1) for one in (inbox, contacts)
    )
    first = await phone.ask(SyncRequest(collections=both))
    keys = {one.collection_id: one.sync_key for one in first.collections}
    listed = tuple(SyncCollection(collection_id=one, sync_key=keys[one]) for one in (inbox, contacts))
    second = await phone.ask(SyncRequest(collections=listed, partial=True))
    assert [(one.collection_id, len(one.commands)) for one in second.collections] == [(inbox, 1)]
    only = SyncCollection(collection_id=inbox, sync_key=second.collections[0].sync_key)
    third = await phone.ask(SyncRequest(collections=(only,), partial=True, window_size=1))
    assert [(one.collection_id, len(one.commands)) for one in third.collections] == [(inbox, 1)]
    bare = [AirSync.Partial, None]
    assert await _refused(phone, bare) == 13


# -- held requests


@pytest.mark.ungrammatical("asks beyond the bounds")
@pytest.mark.parametrize(
    ("asked", "limit"),
    [({"wait": 0}, 1), ({"wait": 60}, 59), ({"heartbeat_interval": 59}, 60), ({"heartbeat_interval": 3541}, 3540)],
)
def test_PG2_waits_out_of_bounds_are_refused_with_the_limit(asked: dict[str, int], limit: int) -> None:
    """14 names the nearest wait that is allowed, in the unit that was asked in."""

    @virtual
    async def story() -> None:
        phone = await _phone()
        answer = await phone.exchange(INBOX, request=asked)
        assert (answer.status, answer.limit) == (14, limit)

    story()


async def _held(phone: Phone, **request: int) -> asyncio.Task[Any]:
    task = asyncio.ensure_future(phone.exchange(INBOX, request=request))
    while not phone.server.holding:
        await asyncio.sleep(0)
    return task


@pytest.mark.parametrize("request_", [{"wait": 10}, {"heartbeat_interval": 600}], ids=["minutes", "seconds"])
def test_a_sync_that_waits_answers_at_once_or_not_at_all(request_: dict[str, int]) -> None:
    """It is held until there is news, which it brings; without news it ends empty when its time is over."""

    @virtual
    async def story() -> None:
        phone = await _phone()
        await phone.sync(INBOX)
        clock = phone.server.clock
        task = await _held(phone, **request_)
        await clock.sleep(100)
        phone.mailbox.deliver("News", "text")
        assert len((await task).collections[0].commands) == 1
        assert clock.monotonic() == 100
        assert (await phone.exchange(INBOX, request=request_)).empty
        assert clock.monotonic() == 700
        assert phone.server.holding == 0

    story()


@virtual
async def test_a_sync_that_waits_hears_of_new_folders() -> None:
    """12 sends the phone to FolderSync."""
    phone = await _phone()
    await phone.sync(INBOX)
    task = await _held(phone, heartbeat_interval=600)
    phone.mailbox.create_folder("New")
    assert (await task).status == 12


@virtual
async def test_changes_are_carried_out_at_once() -> None:
    """A request that brings something is not held, whatever wait it names."""
    phone = await _phone(mails=1)
    await phone.all(INBOX)
    [server_id] = phone.folder(INBOX).items
    answer = await phone.exchange(INBOX, commands=(Delete(server_id=server_id),), request={"wait": 10})
    assert answer.collections[0].status == 1
    assert phone.server.clock.monotonic() == 0
    assert phone.folder(INBOX).items == {}


# -- commands of the client, as far as they are carried out


@virtual
async def test_BD1_fetch_gives_the_whole_body() -> None:
    """What Sync cut, Fetch gives whole; an item that is not there is 8."""
    phone = await _phone()
    phone.mailbox.deliver("Long", "x" * 5000)
    preference = BodyPreference(type=BodyType.PLAIN, truncation_size=100)
    answer = await phone.sync(INBOX, options=(SyncOptions(body_preferences=(preference,)),))
    assert answer is not None
    [command] = answer.commands
    assert command.data.body.truncated  # type: ignore[union-attr]
    fetched = await phone.sync(INBOX, commands=(Fetch(server_id=command.server_id), Fetch(server_id="1:99")))
    assert fetched is not None
    whole, missing = fetched.responses
    assert (whole.status, missing.status) == (1, 8)
    assert len(whole.data.body.data) == 5000  # type: ignore[union-attr, arg-type]


@virtual
async def test_one_occurrence_does_not_take_the_series_with_it() -> None:
    """A Change or Delete of an occurrence is refused as long as occurrences are not carried out."""
    phone = await _phone(mails=1, version=Version.V16_1)
    await phone.all(INBOX)
    [server_id] = phone.folder(INBOX).items
    moment = phone.server.clock.now()
    answer = await phone.sync(INBOX, commands=(Delete(server_id=server_id, instance_id=moment),))
    assert answer is not None
    assert [one.status for one in answer.responses] == [6]
    assert len(phone.folder(INBOX).items) == 1


@virtual
async def test_DU7_what_is_gone_is_said_to_be_gone() -> None:
    """Change and Delete of an item that does not exist answer 8, and the rest is carried out."""
    phone = await _phone(mails=1)
    await phone.all(INBOX)
    [server_id] = phone.folder(INBOX).items
    commands = (Delete(server_id="1:77"), Delete(server_id=server_id))
    answer = await phone.sync(INBOX, commands=commands)
    assert answer is not None
    assert answer.responses == (ItemResponse(kind=answer.responses[0].kind, status=8, server_id="1:77"),)
    assert phone.folder(INBOX).items == {}
    assert len(phone.folder(FolderType.DELETED_ITEMS).items) == 1


# -- hostility and size


@virtual
async def test_a_folder_that_changes_all_the_time_stays_small() -> None:
    """The log of a folder is not longer for a million changes of one item than for a thousand, and misses nothing."""
    phone = await _phone(mails=3)
    inbox = phone.folder(INBOX)
    await phone.all(INBOX)
    first, second, third = inbox.items.values()
    for number in range(5000):
        phone.mailbox.change(inbox, first, subject=f"Subject {number}")
    phone.mailbox.delete(inbox, second)
    assert len(inbox.log) < 2500
    await phone.all(INBOX)
    held = phone.held[inbox.server_id]
    assert held.keys() == {first.server_id, third.server_id}
    assert held[first.server_id].subject == "Subject 4999"  # type: ignore[union-attr]


@virtual
async def test_SC3_a_device_keeps_at_most_one_answer_of_a_folder() -> None:
    """A month of mail later the server remembers no more of the device than on the first day."""
    phone = await _phone()
    inbox = phone.folder(INBOX).server_id
    for number in range(300):
        phone.mailbox.deliver(f"Mail {number}", "x" * 100)
        await phone.sync(INBOX)
        await phone.sync(INBOX, commands=(Add(client_id=f"a{number}"),))
        state = phone.server.device(ADA).collections[inbox]
        assert state.previous_answer is None or len(state.previous_answer.commands) <= 1
    assert len(phone.server.device(ADA).collections) == 1


@virtual
async def test_DU2_client_ids_are_remembered_for_a_while() -> None:
    """The memory of Adds is bounded; the newest are in it."""
    phone = await _phone()
    contacts = await phone.begin(CONTACTS)
    for start in range(0, 1200, 200):
        adds = tuple(Add(client_id=f"c{n}", data=Contact(first_name=f"N{n}")) for n in range(start, start + 200))
        await phone.sync(CONTACTS, commands=adds)
    added = phone.server.device(ADA).collections[contacts].added
    assert len(added) == 1000
    assert "c1199" in added


@virtual
async def test_empty_bodies_of_an_unknown_device_are_no_request() -> None:
    """A Sync without body from a device that never sent one is 13, not a crash."""
    phone = Phone(make_server())
    assert status_of(await phone.raw("Sync", Payload())) == (200, 13)
