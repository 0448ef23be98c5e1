"""
A day of a hub's life, in virtual time: what arrives, what breaks, and what all that costs in requests.
"""

from __future__ import annotations

import collections
import datetime as dt

import pytest

from carrierpost.engine import Committed
from carrierpost.model import AccountState, ChangeKind
from carrierpost.protocol.commands.folder_sync import FolderType
from carrierpost.protocol.policy import ProvisioningDocument
from carrierpost.protocol.version import Version
from carrierpost.server import faults
from tests.support.hub import Bench, bench, mail, name_of
from tests.support.virtual import EPOCH, virtual

INBOX = FolderType.INBOX
HOUR = 3600.0


class Day:
    """
    The clock of one day, and the mails that came in it.
    """

    def __init__(self, made: Bench) -> None:
        self.made = made
        self.delivered = 100
        self.begun = made.clock.monotonic()

    async def until(self, hour: float) -> None:
        """Let the time pass."""
        await self.made.clock.sleep(self.begun + hour * HOUR - self.made.clock.monotonic())

    async def arrivals(self, count: int, every: float) -> None:
        """Let mails arrive, one after the other."""
        for _ in range(count):
            mail(self.made.mailbox, self.delivered)
            self.delivered += 1
            await self.made.clock.sleep(every)

    def announced(self) -> int:
        """Count the mails that were told as news."""
        return sum(change.kind is ChangeKind.ITEM_ADDED for change in self.made.announced())


@pytest.mark.parametrize("version", [Version.V14_1, Version.V16_1])
@virtual
async def test_a_day_with_everything_that_happens_in_one(version: Version) -> None:
    """
    A busy morning, a tunnel at noon, a router that forgets connections, a server that asks for a rest, a new policy, a
    refused key, a quiet night: each mail is held and told once, the interval has grown again, and the night costs
    nothing but a Ping every now and then.
    """
    async with bench(version=version, policy=ProvisioningDocument(allow_camera=True), enforce=True) as made:
        for number in range(100):
            mail(made.mailbox, number, received=EPOCH - dt.timedelta(days=number, hours=1))
        async with made.running(60.0):
            day = Day(made)
            assert len(await made.held(INBOX)) == 100

            await day.arrivals(40, every=90.0)  # a busy morning: an hour
            assert day.announced() == 40
            busy = collections.Counter(made.commands(day.begun))
            assert busy["Sync"] <= 2 * 40
            assert busy["Ping"] <= 2 * 40

            await day.until(3.0)
            made.line.cut()  # a tunnel
            await day.arrivals(5, every=60.0)
            made.line.restore()
            await day.until(3.5)
            assert day.announced() == 45

            made.line.silent_after = 200.0  # another network, with a forgetful router
            await day.until(5.0)
            assert 0 < (await made.account()).heartbeat < 300
            await day.arrivals(5, every=100.0)
            assert day.announced() == 50
            made.line.silent_after = None

            await day.until(7.0)
            made.server.faults.add(faults.http(503, {"Retry-After": "1800"}))
            made.server.release()
            await made.clock.sleep(10.0)
            resting = made.clock.monotonic()
            await day.arrivals(5, every=300.0)
            assert made.commands(resting) == []
            assert (await made.account()).state is AccountState.WAITING
            await day.until(8.0)
            assert day.announced() == 55

            made.server.set_policy(ProvisioningDocument(max_email_age_filter=5))  # a month is all that is allowed now
            await day.until(9.0)
            assert made.server.holding == 1
            assert len(await made.held(INBOX)) == 55 + 31
            made.server.faults.add(faults.reject_key(), command="Sync")
            await day.arrivals(3, every=30.0)
            assert day.announced() == 58

            await day.until(12.0)
            night = made.clock.monotonic()
            await day.until(24.0)  # a quiet night
            quiet = collections.Counter(made.commands(night))
            assert set(quiet) <= {"Ping", "Sync", "FolderSync", "Provision"}
            assert quiet["Ping"] <= 12 * HOUR / 300
            folders = len([one for one in await made.store.collections(made.account_id) if not one.note])
            assert quiet["Sync"] <= 3 * folders  # each folder every six hours, to be sure
            assert quiet["FolderSync"] <= 3
            assert quiet["Provision"] <= 2

            await day.arrivals(1, every=1.0)
            assert day.announced() == 59
            assert made.server.holding == 1
            account = await made.account()
            assert (account.state, account.reason) == (AccountState.ACTIVE, "")
            assert account.heartbeat > 480 or account.heartbeat_ceiling

        names = [name_of(one) for one in await made.held(INBOX)]
        assert len(names) == len(set(names))
        assert {f"Mail {number}" for number in range(100, day.delivered)} <= set(names)
        assert sum(transport.most_open for transport in made.transports) == 1


@virtual
async def test_a_week_without_any_news_costs_a_ping_an_hour() -> None:
    """The interval reaches the protocol's end; nothing is written, nobody is told anything."""
    async with bench() as made:
        mail(made.mailbox, 1)
        async with made.running(2 * 86400.0):
            made.events.clear()
            feed = (await made.account()).feed_position
            begun = made.clock.monotonic()
            await made.clock.sleep(7 * 86400.0)
            quiet = collections.Counter(made.commands(begun))
            assert quiet["Ping"] <= 7 * 24 * 1.1 + 7 * 4
            assert quiet["Provision"] <= 7 * 2
            assert not [event for event in made.events if isinstance(event, Committed)]
            assert (await made.account()).feed_position == feed
            assert (await made.account()).heartbeat == 3540


@virtual
async def test_an_arrival_is_committed_in_the_moment_in_which_the_server_has_it() -> None:
    """A hundred arrivals in four folders, while much waits to be indexed: no virtual time passes in between."""
    async with bench() as made:
        folders = [made.mailbox.folder(INBOX), *(made.mailbox.create_folder(f"Folder {n}") for n in range(3))]
        for number in range(2000):
            mail(made.mailbox, number)
        async with made.running():
            made.events.clear()
            for number in range(100):
                arrived = made.mailbox.deliver(f"New {number}", folder=folders[number % 4])
                await made.clock.sleep(1.0)
                news = [
                    event
                    for event in made.events
                    if isinstance(event, Committed) and any(change.announce for change in event.changes)
                ]
                assert len(news) == number + 1
                assert news[-1].monotonic == arrived.committed
