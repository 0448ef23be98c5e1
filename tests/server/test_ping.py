"""
Ping: what is held, what wakes it, what is refused.
"""

from __future__ import annotations

import asyncio
import gc
from typing import Any

import pytest

from carrierpost.client.errors import ConnectionLost
from carrierpost.protocol.commands.folder_sync import FolderType
from carrierpost.protocol.commands.ping import PingFolder, PingRequest, PingResponse
from carrierpost.protocol.version import Version
from carrierpost.server.faults import drop_after_commit
from carrierpost.wbxml.pages import Ping
from tests.server.phone import Phone, make_server, status_of
from tests.support.virtual import virtual

INBOX, CALENDAR = FolderType.INBOX, FolderType.CALENDAR


async def _phone(**options: Any) -> Phone:
    """Make a phone that is up to date with its Inbox."""
    version = options.pop("version", Version.V14_1)
    phone = Phone(make_server(**options), version=version)
    await phone.folders()
    await phone.begin(INBOX)
    await phone.sync(INBOX)
    return phone


async def _held(phone: Phone, *which: FolderType, count: int = 1, **values: Any) -> asyncio.Task[PingResponse]:
    task = asyncio.ensure_future(phone.ping(*which, **values))
    while phone.server.holding < count:
        await asyncio.sleep(0)
    return task


@pytest.mark.parametrize("version", Version)
def test_news_wakes_a_ping_at_once(version: Version) -> None:
    """It is held for as long as nothing happens, and names the folder that changed the moment it does."""

    @virtual
    async def story() -> None:
        phone = await _phone(version=version)
        await phone.begin(CALENDAR)
        await phone.sync(CALENDAR)
        ping = await _held(phone, INBOX, CALENDAR, seconds=1800)
        await phone.server.clock.sleep(1000)
        assert not ping.done()
        phone.mailbox.deliver("News", "text")
        assert await ping == PingResponse(status=2, folders=(phone.folder(INBOX).server_id,))
        assert phone.server.clock.monotonic() == 1000
        assert phone.server.holding == 0

    story()


@virtual
async def test_a_quiet_time_ends_with_1() -> None:
    """After just the interval; changes in folders that are not watched do not count."""
    phone = await _phone()
    ping = await _held(phone, INBOX, seconds=900)
    phone.mailbox.deliver("Elsewhere", "text", folder=phone.mailbox.folder("Junk Email"))
    assert (await ping).status == 1
    assert phone.server.clock.monotonic() == 900


@virtual
async def test_news_between_looking_and_waiting_is_not_missed() -> None:
    """Whatever the moment at which the mail comes, the Ping hears of it; no turn of the event loop is a gap."""
    for turns in range(40):
        phone = await _phone()
        began = phone.server.clock.monotonic()
        ping = asyncio.ensure_future(phone.ping(INBOX, seconds=1800))
        for _ in range(turns):
            await asyncio.sleep(0)
        phone.mailbox.deliver("News", "text")
        assert (await ping).status == 2
        assert phone.server.clock.monotonic() == began, turns


@virtual
async def test_PG7_folders_that_were_not_synchronized_have_news_for_ever() -> None:
    """A Ping before the first Sync is finished is answered 2 at once, each time, as there is all to tell."""
    phone = await _phone()
    phone.mailbox.deliver("News", "text")
    fresh = Phone(phone.server, device_id="FRESH")
    await fresh.folders()
    for _ in range(3):
        assert (await fresh.ping(INBOX)).status == 2
    assert phone.server.clock.monotonic() == 0


@virtual
async def test_what_is_left_out_is_as_in_the_last_ping() -> None:
    """Without a last one it is 3; later interval, folders, or the whole body may be left out."""
    phone = await _phone()
    assert (await phone.ask(PingRequest())).status == 3
    assert (await phone.ping(INBOX, seconds=None)).status == 3
    assert (await phone.ask(PingRequest(heartbeat_interval=60))).status == 3
    clock = phone.server.clock
    assert (await phone.ping(INBOX, seconds=100)).status == 1
    assert (await phone.ask(PingRequest())).status == 1
    assert clock.monotonic() == 200
    assert (await phone.ask(PingRequest(heartbeat_interval=300))).status == 1
    assert clock.monotonic() == 500
    ping = asyncio.ensure_future(phone.ask(PingRequest()))
    await clock.sleep(1)
    phone.mailbox.deliver("News", "text")
    assert (await ping).status == 2


@pytest.mark.ungrammatical("asks beyond the bounds")
@pytest.mark.parametrize(("asked", "allowed"), [(59, 60), (0, 60), (-5, 60), (3541, 3540), (86400, 3540)])
def test_PG2_intervals_out_of_bounds_are_refused_with_the_limit(asked: int, allowed: int) -> None:
    """5 and the nearest interval; the cached one stays as it was."""

    @virtual
    async def story() -> None:
        phone = await _phone()
        assert await phone.ping(INBOX, seconds=asked) == PingResponse(status=5, heartbeat_interval=allowed)
        assert (await phone.ask(PingRequest())).status == 3

    story()


@virtual
async def test_the_bounds_are_the_servers() -> None:
    """A server with other limits says these."""
    phone = await _phone(heartbeat_limits=(300, 600), most_ping_folders=2)
    assert (await phone.ping(INBOX, seconds=299)).heartbeat_interval == 300
    assert (await phone.ping(INBOX, seconds=601)).heartbeat_interval == 600
    answer = await phone.ping(INBOX, CALENDAR, FolderType.TASKS)
    assert answer == PingResponse(status=6, max_folders=2)


@virtual
async def test_folders_have_to_be_known() -> None:
    """7 for a folder that is gone, or was deleted during the Ping, and before the first FolderSync."""
    phone = await _phone()
    assert (await phone.ask(PingRequest(heartbeat_interval=60, folders=(PingFolder(id="gone"),)))).status == 7
    assert (await Phone(phone.server, device_id="FRESH").ping(INBOX)).status == 7
    folder = phone.mailbox.create_folder("Going")
    await phone.folders()
    await phone.begin("Going")
    ping = asyncio.ensure_future(phone.ping("Going"))
    await phone.server.clock.sleep(5)
    phone.mailbox.delete_folder(folder)
    assert (await ping).status == 7
    assert phone.server.clock.monotonic() == 5


@virtual
async def test_malformed_pings_are_refused() -> None:
    """A folder twice, one without id, an interval that is no number: 4."""
    phone = await _phone()
    inbox = phone.folder(INBOX).server_id
    one = [Ping.Folder, [Ping.Id, inbox, Ping.Class, "Email"]]
    for children in (
        [Ping.HeartbeatInterval, "60", Ping.Folders, [*one, *one]],
        [Ping.HeartbeatInterval, "60", Ping.Folders, [Ping.Folder, [Ping.Class, "Email"]]],
        [Ping.HeartbeatInterval, "soon", Ping.Folders, one],
    ):
        assert status_of(await phone.post("Ping", Ping.Ping, children)) == (200, 4)


@virtual
async def test_PG7_a_second_ping_ends_the_first() -> None:
    """A device is held once; other devices of the same user are not disturbed."""
    phone = await _phone()
    tablet = Phone(phone.server, device_id="TABLET")
    await tablet.folders()
    await tablet.begin(INBOX)
    await tablet.sync(INBOX)
    first, other = await _held(phone, INBOX), await _held(tablet, INBOX, count=2)
    second = asyncio.ensure_future(phone.ping(INBOX))
    assert (await first).status == 1
    assert phone.server.clock.monotonic() == 0
    assert not other.done()
    phone.mailbox.deliver("News", "text")
    assert ((await second).status, (await other).status) == (2, 2)


@virtual
async def test_SK5_a_ping_acknowledges_what_came_before() -> None:
    """After a Ping the lost answer is given again empty: the mail in it is never told, as with Exchange."""
    phone = await _phone()
    inbox = phone.folder(INBOX).server_id
    old = phone.keys[inbox]
    phone.mailbox.deliver("Lost", "text")
    phone.server.faults.add(drop_after_commit(), command="Sync")
    with pytest.raises(ConnectionLost):
        await phone.sync(INBOX)
    assert (await phone.ping(INBOX, seconds=60)).status == 1
    answer = await phone.sync(INBOX, sync_key=old)
    assert answer is not None
    assert (answer.status, answer.commands) == (1, ())
    assert await phone.sync(INBOX) is None
    assert phone.held[inbox] == {}


@virtual
async def test_SK5_other_servers_keep_the_answer() -> None:
    """With `ping_acknowledges=False` the lost answer is given again whole."""
    phone = await _phone(ping_acknowledges=False)
    inbox = phone.folder(INBOX).server_id
    phone.mailbox.deliver("Lost", "text")
    phone.server.faults.add(drop_after_commit(), command="Sync")
    with pytest.raises(ConnectionLost):
        await phone.sync(INBOX)
    await phone.ping(INBOX, seconds=60)
    await phone.sync(INBOX)
    assert len(phone.held[inbox]) == 1


@virtual
async def test_a_phones_own_changes_are_no_news() -> None:
    """What a device did itself does not wake its Ping; another device's Ping it does."""
    from carrierpost.protocol.commands.sync import Delete

    phone = await _phone()
    tablet = Phone(phone.server, device_id="TABLET")
    await tablet.folders()
    await tablet.begin(INBOX)
    item = phone.mailbox.deliver("Mail", "text")
    await phone.all(INBOX)
    await tablet.all(INBOX)
    await phone.sync(INBOX, commands=(Delete(server_id=item.server_id),))
    assert (await tablet.ping(INBOX, seconds=60)).status == 2
    assert (await phone.ping(INBOX, seconds=60)).status == 1


@virtual
async def test_PG11_clients_that_vanish_leave_nothing_behind() -> None:
    """A device connects and vanishes ten thousand times: no task, future or waiter stays, and the next Ping works."""
    phone = await _phone()
    tasks, futures = len(asyncio.all_tasks()), _futures()
    for _ in range(10_000):
        ping = asyncio.ensure_future(phone.ping(INBOX, seconds=1800))
        while not phone.server.holding:
            await asyncio.sleep(0)
        ping.cancel()
        await asyncio.wait([ping])
    await phone.server.clock.sleep(1)
    server = phone.server
    assert (server.holding, server.connections) == (0, 0)
    assert len(asyncio.all_tasks()) == tasks
    assert sum(len(held) for held in server._held.values()) == 0
    assert len(phone.mailbox._waiting) == 0
    assert _futures() < futures + 100
    assert len(server.devices) == 1
    ping = await _held(phone, INBOX)
    phone.mailbox.deliver("News", "text")
    assert (await ping).status == 2


def _futures() -> int:
    gc.collect()
    return sum(isinstance(one, asyncio.Future) for one in gc.get_objects())
