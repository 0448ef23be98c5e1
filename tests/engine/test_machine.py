"""
Hub and server through whatever may happen, in stories that Hypothesis makes up.

SK, LP, PG, TH, PV, WB, TZ: mail arrives, events move, folders come and go, time passes, the connection breaks, answers
are lost, repeated, damaged or untrue, the server forgets, throttles, changes its policy, and the hub is killed in the
middle. Then everything works again, and what `tests.support.oracle` says must hold.

A failure prints its story, one call a line, and is told first when the test runs again. `make fuzz` tells stories as
long as one likes, and shortens the one that fails.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Coroutine
from typing import Any, TypeVar

import pytest
from hypothesis import Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, rule

from carrierpost.client.asgi import ASGITransport
from carrierpost.client.errors import ClientError
from carrierpost.client.login import BasicLogin
from carrierpost.engine import AccountStopped, AccountWaits, EngineSettings
from carrierpost.model import AccountState, Doubt
from carrierpost.protocol.commands.sync import FilterType
from carrierpost.protocol.errors import ProtocolError
from carrierpost.protocol.secret import Secret
from carrierpost.protocol.version import Version
from carrierpost.server import faults
from carrierpost.server.faults import Fault
from tests.support.hub import ADDRESS, PASSWORD, URL, bench
from tests.support.lies import LIES
from tests.support.listener import Listener
from tests.support.oracle import Oracle
from tests.support.virtual import VirtualLoop
from tests.support.world import ACTS, Act, World

_LONG = settings.get_current_profile_name() == "long"
pytestmark = [
    pytest.mark.fuzz,
    pytest.mark.ungrammatical("some zones are none, as from some servers", "/Timezone: "),
    *([pytest.mark.timeout(0)] if _LONG else []),  # long is as long as it takes
]

T = TypeVar("T")

SETTINGS = EngineSettings(
    window_size=7, most_window_size=20, body_limit=120, other_body_limit=60, doubtful_items=6, asked_items=12
)
"""Small numbers, so that few items make many pages and cut texts."""

small = st.integers(0, 40)
often = ["deliver", "add", "add", "change", "change", "change"]
acts = st.builds(Act, what=st.sampled_from(often + sorted(ACTS)), where=small, which=small, number=small)
commands = st.sampled_from(("Sync", "Sync", "Sync", "FolderSync", "Ping", "Ping", "Provision", "GetItemEstimate", None))
times = st.integers(1, 5)

plain_faults = st.one_of(
    st.sampled_from(
        (
            faults.reject_key(), faults.drop_after_commit(), faults.drop_before_commit(), faults.empty_200(),
            faults.half_close(), faults.repeat_add(), faults.lie_more_available(),
        )
    ),
    st.builds(faults.delay, st.sampled_from((0.5, 20.0, 119.0, 130.0, 900.0))),
)  # fmt: skip
statuses = st.sampled_from(
    (2, 3, 4, 5, 6, 7, 8, 9, 12, 13, 14, 16, 102, 110, 111, 126, 129, 132, 134, 138, 142, 143, 144, 165, 177)
)
refusals = st.one_of(
    st.sampled_from((400, 401, 403, 404, 449, 500, 502, 503, 504, 507)).map(faults.http),
    st.sampled_from(("1", "30", "1200", "7200")).map(lambda wait: faults.http(503, {"Retry-After": wait})),
    st.just(faults.http(451, {"X-MS-Location": URL})),
)
SECONDS = (1.0, 20.0, 200.0, 1000.0, 4000.0, 20_000.0, 90_000.0)


class ServerAndHub(RuleBasedStateMachine):
    """
    A server, a hub, and what happens to them. Virtual time stands still between two rules.
    """

    def __init__(self) -> None:
        super().__init__()
        self.loop = asyncio.Runner(loop_factory=VirtualLoop)
        self.working: asyncio.Task[None] | None = None
        self.busy = 0
        self.broken = False

    def do(self, work: Coroutine[Any, Any, T]) -> T:
        """
        Run something in virtual time; after a failure nothing more is looked at.
        """
        try:
            return self.loop.run(work)
        except BaseException:
            self.broken = True
            raise

    # -- beginning and end

    @initialize(
        version=st.sampled_from((Version.V14_1, Version.V16_1, Version.V12_1)),
        hides=st.booleans(),
        begin=st.lists(acts, max_size=8),
    )
    def begin(self, version: Version, hides: bool, begin: list[Act]) -> None:
        """
        Make both, and fill the mailbox.
        """
        self.do(self._begin(version, begin, hides=hides))

    async def _begin(self, version: Version, begin: list[Act], *, hides: bool) -> None:
        self.context = bench(settings=SETTINGS, version=version, hides_until_known=hides)
        self.bench = await self.context.__aenter__()
        clock, server = self.bench.clock, self.bench.server
        self.wire = Listener(server, clock)
        self.bench.transport = ASGITransport(self.wire, BasicLogin(ADDRESS, Secret(PASSWORD)))
        self.world = World(server, self.bench.mailbox, clock.now)
        self.oracle = Oracle(self.bench, self.world, self.wire)
        self.bench.new_runner()
        for act in begin:
            await self._act(act)

    def teardown(self) -> None:
        """
        Come to rest a last time, and close.
        """
        try:
            if hasattr(self, "bench"):
                if not self.broken:
                    self.do(self._settle())
                self.loop.run(self._close())
        finally:
            self.loop.close()

    async def _close(self) -> None:
        await self._stop()
        await self.context.__aexit__(None, None, None)

    # -- what happens to the mailbox

    @rule(acts=st.lists(acts, min_size=1, max_size=6))
    def others_do(self, acts: list[Act]) -> None:
        """
        Let others change something.
        """
        for act in acts:
            self.do(self._act(act))

    async def _act(self, act: Act) -> None:
        self.busy += 1
        await self.oracle.before()
        self.world.apply(act)
        self.oracle.after()
        await self.oracle.forget_what_left()

    @rule(acts=st.lists(acts, min_size=1, max_size=6))
    def others_do_at_rest(self, acts: list[Act]) -> None:
        """
        Let others change something while everything is well, before and after.
        """
        self.comes_to_rest()
        self.others_do(acts)
        self.comes_to_rest()

    @rule(act=acts, command=commands, times=times)
    def others_do_in_between(self, act: Act, command: str | None, times: int) -> None:
        """
        SK14: something changes while the hub waits for an answer.
        """
        self.busy += 1
        between = faults.mutate_between(lambda: self.world.apply(act))
        self.bench.server.faults.add(between, command=command, times=times)

    @rule(where=small, window=st.sampled_from(FilterType))
    def person_chooses_window(self, where: int, window: FilterType) -> None:
        """
        SK12: the person wants another part of a folder.
        """
        self.do(self._choose(where, window))

    async def _choose(self, where: int, window: FilterType) -> None:
        self.busy += 1
        collections = await self.bench.store.collections(self.bench.account_id)
        if collections:
            await self.bench.store.update_collection(collections[where % len(collections)].id, window=window)
            self.bench.runner.wake()
            await self.oracle.forget_what_left()

    # -- what goes wrong

    @rule(fault=plain_faults, command=commands, times=times)
    def breaks(self, fault: Fault, command: str | None, times: int) -> None:
        """
        Break connections; let answers be late, repeated, or lost.
        """
        self._break(fault, command, times)

    @rule(fault=st.one_of(refusals, st.builds(faults.status, statuses)), command=commands, times=times)
    def refuses(self, fault: Fault, command: str | None, times: int) -> None:
        """
        Let the server refuse, throttle, send elsewhere.
        """
        self._break(fault, command, times)

    @rule(lie=st.sampled_from(sorted(LIES)), command=commands, times=times)
    def lies(self, lie: str, command: str | None, times: int) -> None:
        """
        Let the server answer what cannot be read, or is not true.
        """
        self._break(faults.raw_wbxml(LIES[lie]), command, times)

    def _break(self, fault: Fault, command: str | None, times: int) -> None:
        self.busy += times
        if fault.commands and command not in fault.commands:
            command = fault.commands[0]
        self.bench.server.faults.add(fault, command=command, times=times)

    # -- what the hub does

    @rule()
    def syncs_once(self) -> None:
        """
        Somebody says `carrierpost sync`.
        """
        self.do(self._sync_once())

    async def _sync_once(self) -> tuple[str, ...] | None:
        self.busy += 1
        await self._stop()
        with contextlib.suppress(AccountStopped, AccountWaits, ClientError, ProtocolError):
            return await self.bench.runner.sync_once()
        return None

    @rule()
    def keeps_in_sync(self) -> None:
        """
        Let the hub work from now on, with a connection held.
        """
        self.do(self._start())

    async def _start(self) -> None:
        self.busy += 1
        if self.working is None:
            self.working = asyncio.ensure_future(self.bench.runner.run())
        await self._pass(0.1)

    @rule(seconds=st.sampled_from(SECONDS))
    def time_passes(self, seconds: float) -> None:
        """
        Seconds or days go by; items leave windows, pauses end.
        """
        self.do(self._pass(seconds))

    async def _pass(self, seconds: float) -> None:
        await self.bench.clock.sleep(seconds)
        for _ in range(50):  # what is under way at this very moment comes to its end
            await asyncio.sleep(0)
        if self.working is not None and self.working.done():
            await self.working
        await self.oracle.forget_what_left()

    @rule(turns=st.integers(0, 60))
    def dies_and_starts_again(self, turns: int) -> None:
        """
        SK6: the hub dies in the middle of something, and starts again with the same store.
        """
        self.do(self._die(turns))

    async def _die(self, turns: int) -> None:
        self.busy += 1
        if self.working is None:
            self.working = asyncio.ensure_future(self.bench.runner.run())
        for _ in range(turns):
            await asyncio.sleep(0)
        await self._stop()
        await self.bench.runner.close()
        self.bench.new_runner()

    async def _stop(self) -> None:
        working, self.working = self.working, None
        if working is not None:
            working.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await working
            self.wire.hub_stops()

    # -- rest

    @rule()
    def comes_to_rest(self) -> None:
        """
        Everything works again, and time is given.
        """
        self.do(self._settle())

    async def _settle(self) -> None:
        self.bench.server.faults.clear()
        for _ in range(12):
            await self._resume()
            if await self._sync_once() == () and not await self.bench.store.set_aside(self.bench.account_id):
                break
            await self._pass(4000.0)
        await self._pass(700.0)  # the server looks at its windows again
        await self._resume()
        assert await self._sync_once() == (), await self._why()
        found = await self.oracle.contradictions()
        assert not found, "\n".join(found)
        folders = len(self.bench.mailbox.folders)
        most = 100 + 8 * folders + self.busy * (10 + 4 * folders)
        assert self.wire.most_in_an_hour() <= most, f"{self.wire.most_in_an_hour()} requests in an hour"
        assert self.bench.server.most_connections <= 2

    async def _resume(self) -> None:
        """
        Do what a person does whose account was stopped, or who is asked whether a folder is really empty.
        """
        account = await self.bench.account()
        if account.state is AccountState.STOPPED:
            await self.bench.store.update_account(account.id, state=AccountState.ACTIVE, reason="")
        for collection in await self.bench.store.collections(account.id):
            if collection.doubt is Doubt.ASKED:
                await self.bench.editor.accept(collection.id)

    async def _why(self) -> str:
        account = await self.bench.account()
        collections = await self.bench.store.collections(account.id)
        notes = [f"{one.display_name}: {one.progress} {one.note}" for one in collections if one.note]
        return "\n".join([f"{account.state} {account.reason} {account.wait_until}", *notes])


_PHASES = tuple(phase for phase in Phase if _LONG or phase is not Phase.shrink)  # minutes, which make fuzz may take
ServerAndHub.TestCase.settings = settings(
    max_examples=1000 if _LONG else 30, stateful_step_count=20, phases=_PHASES, report_multiple_bugs=_LONG
)
TestServerAndHub = ServerAndHub.TestCase
