"""
Servers that ask to be left alone, and budgets that must not be used up.
"""

from __future__ import annotations

import asyncio
import datetime as dt
import itertools
import random
from typing import Any

import pytest

from carrierpost.client.asgi import ASGITransport
from carrierpost.client.login import BasicLogin
from carrierpost.client.session import Session
from carrierpost.engine import AccountRunner, AccountWaits, Committed, EngineSettings, Progressed, Waiting
from carrierpost.engine.backoff import pause
from carrierpost.model import Account, AccountState, NewAccount, Progress
from carrierpost.protocol.commands.device import DeviceInformation
from carrierpost.protocol.commands.folder_sync import FolderType
from carrierpost.protocol.http import Partnership
from carrierpost.protocol.secret import Secret
from carrierpost.protocol.version import Version
from carrierpost.server import faults
from tests.support.hub import ADDRESS, PASSWORD, URL, Bench, bench, mail, name_of
from tests.support.virtual import EPOCH, virtual
from tests.support.wire import Line, Wire

INBOX = FolderType.INBOX
BOTH = pytest.mark.parametrize("version", [Version.V14_1, Version.V16_1])


@BOTH
@pytest.mark.parametrize("command", ["Sync", "Ping", "FolderSync"])
@virtual
async def test_TH1_retry_after_is_obeyed_to_the_second(version: Version, command: str) -> None:
    """503 with Retry-After 1200 on any command: not one request for 1200 seconds, and a person is told why."""
    async with bench(version=version) as made:
        made.server.faults.add(faults.http(503, {"Retry-After": "1200"}), command=command)
        async with made.running(10.0):
            [refused] = [at for at, _, name in made.server.log if name == command][:1]
            assert made.commands(refused + 0.001) == []
            account = await made.account()
            assert account.state is AccountState.WAITING
            assert "asks to be left alone" in account.reason
            waiting = [event for event in made.events if isinstance(event, Waiting)][-1]
            assert waiting.reason == account.reason
            mail(made.mailbox, 1)
            await made.clock.sleep(refused + 1199.0 - made.clock.monotonic())
            assert made.commands(refused + 0.001) == []
            await made.clock.sleep(5.0)
            assert len(await made.held(INBOX)) == 1
            assert (await made.account()).state is AccountState.ACTIVE


@virtual
async def test_TH1_the_wait_outlives_a_restart() -> None:
    """A hub that is restarted meanwhile does not ask either, and a person who asks is told until when."""
    async with bench() as made:
        made.server.faults.add(faults.http(503, {"Retry-After": "1200"}), command="FolderSync")
        with pytest.raises(AccountWaits, match="Nothing is sent before"):
            await made.new_runner().sync_once()
        await made.runner.close()
        begun = made.clock.monotonic()
        with pytest.raises(AccountWaits):
            await made.new_runner().sync_once()
        assert made.commands(begun + 0.001) == []
        await made.clock.sleep(1200.0)
        assert await made.runner.sync_once() == ()


class Mentioning:
    """
    The server, whose next answer to a command says by the way how long to leave it alone.
    """

    def __init__(self, made: Bench, command: str, value: str) -> None:
        self._server, self._command, self._value = made.server, command, value

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        """Let the request through, and add the header once."""
        mentions = f"Cmd={self._command}&".encode() in scope["query_string"]

        async def mentioning(message: Any) -> None:
            if mentions and message["type"] == "http.response.start":
                value, self._command = self._value, "nothing more"
                message = {**message, "headers": [*message["headers"], (b"x-ms-backoffduration", value.encode())]}
            await send(message)

        await self._server(scope, receive, mentioning)


@BOTH
@virtual
async def test_TH1_a_wait_that_is_mentioned_with_a_success_is_kept(version: Version) -> None:
    """Exchange answers, and says `H/900`: what it sent is taken over, then nothing is asked for 900 seconds."""
    async with bench(version=version) as made:
        made.transport = ASGITransport(Mentioning(made, "FolderSync", "H/900"), BasicLogin(ADDRESS, Secret(PASSWORD)))
        async with made.running(10.0):
            assert len(await made.store.collections(made.account_id)) > 3
            account = await made.account()
            assert account.state is AccountState.WAITING
            assert "left alone" in account.reason
            asked = made.server.log[-1][0]
            await made.clock.sleep(880.0)
            assert made.commands(asked + 0.001) == []
            await made.clock.sleep(30.0)
            assert (await made.account()).state is AccountState.ACTIVE
            assert made.server.holding == 1


@pytest.mark.parametrize(("value", "least"), [("M/20", 20.0), ("L/-469", 0.0), ("nonsense", 0.0), ("H/nan", 0.0)])
@virtual
async def test_TH1_a_short_wait_is_a_pause_and_what_is_none_costs_nothing(value: str, least: float) -> None:
    """Twenty seconds are waited for without a word; a budget that is left, or what is no number, asks for nothing."""
    async with bench() as made:
        made.transport = ASGITransport(Mentioning(made, "FolderSync", value), BasicLogin(ADDRESS, Secret(PASSWORD)))
        async with made.running(60.0):
            times = [at for at, _, name in made.server.log if name in ("FolderSync", "Sync")]
            assert least <= times[1] - times[0] <= least + 2.0
            assert (await made.account()).state is AccountState.ACTIVE


@BOTH
@pytest.mark.parametrize("number", [110, 111])
@virtual
async def test_TH2_statuses_110_and_111_make_the_account_wait_longer_each_time(version: Version, number: int) -> None:
    """At least half a minute at first, growing to at most an hour; a success begins the count anew."""
    async with bench(version=version) as made:
        made.server.faults.add(faults.status(number), command="Sync", times=8)
        async with made.running(6 * 3600.0):
            asked = [at for at, _, name in made.server.log if name == "Sync"][:9]
            gaps = [later - earlier for earlier, later in itertools.pairwise(asked)]
            assert gaps[0] >= 30.0
            assert all(later > earlier * 0.9 for earlier, later in itertools.pairwise(gaps[:6]))
            assert max(gaps) <= 3600.0
            assert made.server.holding == 1
            made.server.faults.add(faults.status(number), command="Sync")
            mail(made.mailbox, 1)
            await made.clock.sleep(61.0)
            assert len(await made.held(INBOX)) == 1


@virtual
async def test_TH3_never_more_than_two_connections_for_one_account() -> None:
    """A Ping is held, and a person opens six mails at once: one connection beside the held one, not six."""
    async with bench() as made:
        for number in range(6):
            mail(made.mailbox, number)
        async with made.running():
            made.server.faults.add(faults.delay(5.0), command="ItemOperations", times=None)
            items = await made.held(INBOX)
            await asyncio.gather(*(made.runner.fetch_body(one.id) for one in items))
            assert made.server.most_connections == 2
            assert made.requests("ItemOperations") == 6
            assert made.server.holding == 1


@virtual
async def test_TH5_too_many_devices_is_said_in_words_and_not_tried_again() -> None:
    """Status 177: one request, a sentence that says what to do, and silence until somebody asks."""
    async with bench() as made:
        made.server.faults.add(faults.status(177), command="FolderSync", times=None)
        async with made.running(86400.0):
            account = await made.account()
            assert account.state is AccountState.STOPPED
            assert "remove old ones" in account.reason
            assert made.requests("FolderSync") == 1
            made.server.faults.clear()
            made.runner.refresh()
            await made.clock.sleep(5.0)
            assert (await made.account()).state is AccountState.ACTIVE
            assert made.server.holding == 1


@virtual
async def test_TH6_a_huge_first_synchronisation_lives_within_a_budget_and_takes_the_newest_first() -> None:
    """
    4,000 mails over two years, a server that refuses every twentieth request, a restart in the middle: it finishes,
    recent mail is there long before the rest, and progress never goes back.
    """
    settings = EngineSettings(window_size=50, most_window_size=50)
    async with bench(settings=settings) as made:
        for number in range(4000):
            mail(made.mailbox, number, received=EPOCH - dt.timedelta(hours=4.4 * number))
        asked = iter(range(1, 100_000))

        def budget() -> None:
            if next(asked) % 20 == 0:
                made.server.faults.add(faults.http(503, {"Retry-After": "60"}), command="Sync")

        def counted(body: bytes) -> bytes:
            budget()
            return body

        made.line.spoil = counted
        async with made.running(400.0):
            held = {name_of(one) for one in await made.held(INBOX)}
            recent = {f"Mail {n}" for n in range(int(31 * 24 / 4.4))}
            assert recent <= held
            assert len(held) < 4000
        await made.runner.close()
        made.new_runner()
        begun = len(made.events)
        async with made.running(4 * 3600.0):
            assert len(await made.held(INBOX)) == 4000
            assert (await made.collection(INBOX)).progress is Progress.COMPLETE
        assert await made.contradictions() == []
        assert made.announced() == []
        inbox = (await made.collection(INBOX)).id
        progress = [
            event for event in made.events[begun:] if isinstance(event, Progressed) and event.collection.id == inbox
        ]
        assert progress[0].done > len(held)
        assert [one.done for one in progress] == sorted(one.done for one in progress)
        assert progress[-1].finished
        assert all(one.estimated == 4000 for one in progress)


@virtual
async def test_PG9_a_server_that_fails_altogether_is_not_asked_for_each_folder_in_turn() -> None:
    """HTTP 500 to every Sync of a mailbox with many folders: a few folders, then the whole account waits."""
    async with bench() as made:
        for number in range(100):
            made.mailbox.create_folder(f"Folder {number}")
        made.server.faults.add(faults.http(500), command="Sync", times=None)
        async with made.running(60.0):
            assert made.requests("Sync") < 20
            await made.clock.sleep(3600.0)
            assert made.requests("Sync") < 60
            made.server.faults.clear()
            await made.clock.sleep(1000.0)
            assert made.server.holding == 1


@virtual
async def test_news_arrive_while_an_old_archive_is_still_being_filled() -> None:
    """A first synchronisation of a big archive takes an hour; the Inbox is looked at every half minute meanwhile."""
    async with bench(settings=EngineSettings(window_size=10, most_window_size=10)) as made:
        archive = made.mailbox.create_folder("Archive")
        for number in range(2000):
            made.mailbox.deliver(f"Old {number}", folder=archive)
        made.server.faults.add(faults.delay(10.0), command="Sync", times=None)
        async with made.running(600.0):
            assert len(await made.held("Archive")) < 2000
            arrived, inbox = mail(made.mailbox, 1), await made.collection(INBOX)
            await made.clock.sleep(60.0)
            committed = [
                event.monotonic
                for event in made.events
                if isinstance(event, Committed)
                and any(change.collection_id == inbox.id and change.item_id for change in event.changes)
            ]
            assert len(committed) == 1
            assert committed[0] - arrived.committed < 60.0


@virtual
async def test_PG9_hundreds_of_accounts_do_not_come_back_all_at_once() -> None:
    """Scaled down from 5,000: after ten minutes of outage no second sees more than a fraction of them."""
    async with bench() as made:
        line, asked = Line(), []
        accounts = []
        for number in range(40):
            address = f"u{number}@larch.example"
            made.server.add_user(address, PASSWORD)
            accounts.append(
                await made.store.add_account(
                    NewAccount(address=address, login=address, url=URL, device_id=f"DEV{number}")
                )
            )

        async def connect(account: Account, **hooks: object) -> Session:
            partnership = Partnership(
                url=account.url, user=account.login, device_id=account.device_id, device_type=account.device_type,
                user_agent=account.user_agent, version=Version.V14_1, policy_key=account.policy_key,
            )  # fmt: skip
            transport = Wire(line, made.server, BasicLogin(account.login, Secret(PASSWORD)))
            return Session(
                transport,
                partnership,
                clock=made.clock,
                device=DeviceInformation(model="Test"),
                **hooks,  # type: ignore[arg-type]
            )

        runners = [
            AccountRunner(made.store, one.id, connect, clock=made.clock, chance=random.Random(one.id))
            for one in accounts
        ]
        working = [asyncio.ensure_future(one.run()) for one in runners]
        await made.clock.sleep(30.0)
        assert made.server.holding == 40
        line.cut()
        await made.clock.sleep(600.0)
        line.restore()
        back = made.clock.monotonic()
        await made.clock.sleep(301.0)
        assert made.server.holding == 40
        asked = [int(at - back) for at, _, _ in made.server.log if at >= back]
        busiest = max(asked.count(second) for second in set(asked))
        assert busiest < 12
        assert len(asked) < 40 * 3
        for one in working:
            one.cancel()
        await asyncio.gather(*working, return_exceptions=True)


def test_PG9_five_thousand_pauses_are_spread_over_minutes() -> None:
    """At the tenth failure in a row: no second of the next five minutes belongs to more than two in a hundred."""
    chance = random.Random(1)
    pauses = [pause(10, chance) for _ in range(5000)]
    assert min(pauses) >= 150.0
    assert max(pauses) <= 300.0
    seconds = [int(one) for one in pauses]
    assert max(seconds.count(second) for second in set(seconds)) < 100
