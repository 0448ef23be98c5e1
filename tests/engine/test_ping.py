"""
The held connection: dropped silently, cut, limited, never alone for long and never twice.
"""

from __future__ import annotations

import asyncio

import pytest

from carrierpost.engine import AccountStopped, EngineSettings, Waiting
from carrierpost.model import AccountState
from carrierpost.protocol.commands.folder_sync import FolderType
from carrierpost.protocol.version import Version
from carrierpost.server import faults
from tests.support.hub import bench, mail
from tests.support.virtual import virtual

INBOX = FolderType.INBOX
BOTH = pytest.mark.parametrize("version", [Version.V14_1, Version.V16_1])


@BOTH
@virtual
async def test_PG1_a_connection_that_was_dropped_silently_is_noticed_and_shortened(version: Version) -> None:
    """A router forgets connections after four silent minutes. Mail arrives at the deadline, then sooner and sooner."""
    async with bench(version=version) as made:
        made.line.silent_after = 240.0
        async with made.running():
            await made.clock.sleep(245.0)
            mail(made.mailbox, 1)
            await made.clock.sleep(480.0 + 30.0 - 240.0)
            assert len(made.announced()) == 1
            await made.clock.sleep(3600.0)
            account = await made.account()
            assert account.heartbeat < 240
            assert account.heartbeat_ceiling <= 480
            mail(made.mailbox, 2)
            await made.clock.sleep(1.0)
            assert len(made.announced()) == 2


@virtual
async def test_PG1_an_interval_that_the_network_carries_grows_again() -> None:
    """One accident is not remembered for ever: days later the interval is long again."""
    async with bench() as made, made.running(5.0):
        made.line.silent_after = 100.0
        await made.clock.sleep(1200.0)
        made.line.silent_after = None
        shrunk = (await made.account()).heartbeat
        assert shrunk < 300
        await made.clock.sleep(3 * 86400.0)
        assert (await made.account()).heartbeat > 1000


@virtual
async def test_PG1_what_was_learned_outlives_a_restart() -> None:
    """The next runner begins with the interval that the last one had learned."""
    async with bench() as made:
        async with made.running(2 * 3600.0):
            learned = (await made.account()).heartbeat
            assert learned > 480
        await made.runner.close()
        made.new_runner()
        begun = made.clock.monotonic()
        async with made.running(60.0):
            held = [event for event in made.events if isinstance(event, Waiting) and event.held]
            assert held[-1].seconds == learned
            assert made.commands(begun).count("Ping") == 1


@pytest.mark.parametrize("limits", [(60, 300), (900, 1800)])
@virtual
async def test_PG2_a_limit_that_the_server_names_is_adopted(limits: tuple[int, int]) -> None:
    """Too long or too short for this server: the next Ping keeps to its limit, and nothing fails."""
    async with bench(heartbeat_limits=limits) as made, made.running(10.0):
        assert made.server.holding == 1
        assert limits[0] <= (await made.account()).heartbeat <= limits[1]
        mail(made.mailbox, 1)
        await made.clock.sleep(1.0)
        assert len(made.announced()) == 1
        await made.clock.sleep(86400.0)
        assert limits[0] <= (await made.account()).heartbeat <= limits[1]
        assert made.server.holding == 1


@virtual
async def test_PG2_a_limit_of_folders_is_adopted_and_the_rest_is_asked_for_in_turns() -> None:
    """The server watches three folders at once: the Inbox is among them, the others are polled."""
    async with bench(most_ping_folders=3) as made:
        projects = made.mailbox.create_folder("Projects")
        async with made.running(30.0):
            mail(made.mailbox, 1)
            await made.clock.sleep(1.0)
            assert len(made.announced()) == 1
            made.mailbox.deliver("Plan", folder=projects)
            await made.clock.sleep(EngineSettings().unwatched_seconds + 1)
            assert len(await made.held("Projects")) == 1
            assert made.server.holding == 1


@pytest.mark.parametrize("away", [1.0, 300.0, 7200.0])
@virtual
async def test_PG4_push_comes_back_by_itself_after_the_network_was_away(away: float) -> None:
    """For a second, five minutes, two hours: mail of that time arrives, and the connection is held again."""
    async with bench() as made, made.running():
        made.line.cut()
        await made.clock.sleep(away / 2)
        mail(made.mailbox, 1)
        await made.clock.sleep(away / 2)
        made.line.restore()
        await made.clock.sleep(301.0)
        assert len(made.announced()) == 1
        assert made.server.holding == 1
        assert (await made.account()).state is AccountState.ACTIVE
        mail(made.mailbox, 2)
        await made.clock.sleep(1.0)
        assert len(made.announced()) == 2
        assert (await made.account()).heartbeat in (0, 480)


@virtual
async def test_PG4_a_new_network_is_used_at_once_when_somebody_says_so() -> None:
    """After two hours away the pause is long; a refresh ends it."""
    async with bench() as made, made.running():
        made.line.cut()
        await made.clock.sleep(7200.0)
        mail(made.mailbox, 1)
        made.line.restore()
        made.runner.refresh()
        await made.clock.sleep(1.0)
        assert len(made.announced()) == 1


@virtual
async def test_PG4_a_long_outage_is_shown_and_taken_back() -> None:
    """A person sees why nothing comes, and that it has healed."""
    async with bench() as made, made.running():
        made.line.cut()
        await made.clock.sleep(600.0)
        account = await made.account()
        assert "cannot be reached" in account.reason
        made.line.restore()
        await made.clock.sleep(600.0)
        account = await made.account()
        assert (account.state, account.reason) == (AccountState.ACTIVE, "")


@virtual
async def test_PG5_after_an_account_is_removed_nothing_is_asked_any_more() -> None:
    """The runner is woken, sees that there is no account, and ends; its connection is closed."""
    async with bench() as made:
        working = asyncio.ensure_future(made.new_runner().run())
        await made.clock.sleep(5.0)
        await made.store.remove_account(made.account_id)
        made.runner.wake()
        removed = made.clock.monotonic()
        await made.clock.sleep(3600.0)
        assert made.commands(removed + 0.001) == []
        assert made.server.holding == 0
        with pytest.raises(AccountStopped, match="no longer held"):
            await working


@virtual
async def test_PG5_even_if_nobody_wakes_it_the_runner_ends_with_its_ping() -> None:
    """Another process removed the account: at the end of the heartbeat it is over, and no request follows."""
    async with bench() as made:
        working = asyncio.ensure_future(made.new_runner().run())
        await made.clock.sleep(5.0)
        await made.store.remove_account(made.account_id)
        removed = made.clock.monotonic()
        await made.clock.sleep(3600.0)
        assert made.commands(removed + 0.001) == []
        assert working.done()
        with pytest.raises(AccountStopped):
            await working


@BOTH
@virtual
async def test_PG7_no_ping_before_every_watched_folder_is_complete_and_none_beside_a_sync(version: Version) -> None:
    """The order of a first connection, and of every round after it; one request at a time."""
    async with bench(version=version) as made:
        for number in range(150):
            mail(made.mailbox, number)
        async with made.running():
            first = made.commands()
            assert first.index("Ping") > len(first) - 2
            for number in range(5):
                mail(made.mailbox, 1000 + number)
                await made.clock.sleep(20.0)
            assert sum(transport.most_open for transport in made.transports) == 1
            assert made.server.most_connections == 1


@virtual
async def test_PG8_behind_a_proxy_that_cuts_after_a_minute_mail_still_arrives_at_once() -> None:
    """The interval shrinks below the proxy's patience, stays there, and the ceiling is kept for doctor."""
    async with bench(heartbeat_limits=(10, 3540)) as made:
        made.line.cut_after = 60.0
        async with made.running(600.0):
            account = await made.account()
            assert account.heartbeat < 60
            assert account.heartbeat_ceiling == 60
            begun = made.clock.monotonic()
            await made.clock.sleep(3600.0)
            assert made.commands(begun).count("Ping") <= 3600 / 30 + 1
            assert made.commands(begun).count("Sync") == 0
            mail(made.mailbox, 1)
            await made.clock.sleep(1.0)
            assert len(made.announced()) == 1


@virtual
async def test_PG8_a_server_that_allows_no_less_than_the_proxy_cuts_at_is_asked_once_a_minute() -> None:
    """Nothing can be held for long: it is like polling, without a storm and without an error."""
    async with bench(heartbeat_limits=(60, 3540)) as made:
        made.line.cut_after = 59.0
        async with made.running(600.0):
            begun = made.clock.monotonic()
            await made.clock.sleep(3600.0)
            assert 55 <= made.commands(begun).count("Ping") <= 70
            mail(made.mailbox, 1)
            await made.clock.sleep(61.0)
            assert len(made.announced()) == 1
            assert (await made.account()).heartbeat_ceiling == 59


@virtual
async def test_a_folder_that_is_tried_again_soon_does_not_end_the_watch_over_the_others() -> None:
    """While one folder fails again and again, mail arrives in the Inbox without delay."""
    async with bench() as made:
        projects = made.mailbox.create_folder("Projects")
        async with made.running():
            made.server.faults.add(faults.status(5), command="Sync")
            made.mailbox.deliver("Plan", folder=projects)
            await made.clock.sleep(0.1)
            mail(made.mailbox, 1)
            await made.clock.sleep(0.1)
            assert len(await made.held(INBOX)) == 1
            assert await made.held("Projects") == ()
            await made.clock.sleep(3.0)
            assert len(await made.held("Projects")) == 1
