"""
The listener: all accounts of a hub in one process, each connected exactly while one of its devices wants it.

For each account `carrierpost.delivery.plan_account` decides from its devices' lives, purely: over which folders the
connection is held, which are asked for when, and until when that is so. The listener carries it out. It looks again
when the store tells that something has changed (a device's life, a folder's frequency, a policy, the account itself),
and when a plan's time is over; times are kept in one heap, however many accounts there are. What no device wants is not
asked for at all: an account at rest is a number here, and nothing else.

What a person does is told to the server at once, and whoever opens the app is shown what is new at once, whether or not
a connection is held. Accounts of one server pass its gate (`carrierpost.engine.gate`) when they begin, and when they
come back after an outage.
"""

from __future__ import annotations

import asyncio
import contextlib
import dataclasses
import datetime as dt
import enum
import heapq
import random
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import AbstractAsyncContextManager
from typing import Protocol

from carrierpost.client.errors import ClientError
from carrierpost.delivery import DeliveryPolicy, HubPlan, Known, plan_account
from carrierpost.engine.errors import AccountWaits, EngineError
from carrierpost.engine.events import Committed, Event, Waiting
from carrierpost.engine.gate import Gate
from carrierpost.engine.indexing import index_all
from carrierpost.engine.runner import AccountRunner
from carrierpost.model import Account, AccountState, Change, ChangeKind, Collection, Origin
from carrierpost.protocol.clock import Clock
from carrierpost.protocol.errors import ProtocolError
from carrierpost.protocol.http import host_of
from carrierpost.store.contract import Store
from carrierpost.store.errors import NotHeld, StoreError

__all__ = ["AccountStatus", "Listener", "ListenerSettings", "ListenerStatus", "Mode", "WorkOn"]

_ENDED = (AccountState.STOPPED, AccountState.WIPED)
_FOLDERS = (ChangeKind.COLLECTION_ADDED, ChangeKind.COLLECTION_CHANGED, ChangeKind.COLLECTION_REMOVED)
_NEVER = float("inf")
_RUSH_SECONDS = 1.0  # what has just come is not searched for in the same moment
_LONGEST_RUSH = 30  # of these, before it is indexed though others still wait for their mail
_EVERYTHING, _OUTBOX = 0, -1  # among the folders that are wished for


class WorkOn(Protocol):
    """
    Opens an account's runner, alone on this account: `carrierpost.bootstrap.Hub.runner`.
    """

    def __call__(
        self, account: Account, *, listener: Callable[[Event], None], gate: Gate
    ) -> AbstractAsyncContextManager[AccountRunner]:
        """
        Open it.

        Args:
            account: which account.
            listener: receives its events.
            gate: its server's gate.
        """


@dataclasses.dataclass(frozen=True, slots=True)
class ListenerSettings:
    """
    The listener's numbers.

    Attributes:
        at_once: accounts of one server that ask it something at the same moment; held connections do not count.
        a_second: accounts of one server that begin, or come back, within a second.
        again_seconds: after which an account is tried again that could not be worked on, at first and at most.
        feed_days, feed_keep: which changes the feeds keep; see `Store.forget_changes`.
        care_seconds: how often what is old is forgotten.
    """

    at_once: int = 20
    a_second: float = 200.0
    again_seconds: tuple[float, float] = (5.0, 300.0)
    feed_days: float = 30.0
    feed_keep: int = 1000
    care_seconds: float = 3600.0


class Mode(enum.StrEnum):
    """
    What the listener does for an account.
    """

    REST = "rest"
    """Nothing."""
    HOLD = "hold"
    """It keeps it in sync, over a held connection."""
    LOOK = "look"
    """It asks once, and rests then."""


@dataclasses.dataclass(frozen=True, slots=True)
class AccountStatus:
    """
    How it is with one account.

    Attributes:
        account_id: which.
        mode: what is done for it.
        connected: whether its connection is held at this moment.
        reason: why, or what stands in the way, in a sentence.
    """

    account_id: int
    mode: Mode
    connected: bool
    reason: str


@dataclasses.dataclass(frozen=True, slots=True)
class ListenerStatus:
    """
    How it is with all accounts.

    Attributes:
        accounts: how many there are.
        connected: connections that are held.
        busy: accounts at work that hold none at this moment.
        queued: accounts that wait in their server's gate.
        troubles: what stands in the way, by its sentence: how many accounts it concerns.
    """

    accounts: int
    connected: int
    busy: int
    queued: int
    troubles: Mapping[str, int]


class _Kept:
    """
    What is kept of an account while the listener runs.
    """

    __slots__ = ("account_id", "again_at", "asked", "connected", "failures", "look_at", "mode", "plan", "reason",
                 "runner", "tell", "trouble", "users", "wished", "work")  # fmt: skip

    def __init__(self, account_id: int, tell: Callable[[int, Event], None]) -> None:
        self.account_id = account_id
        self.tell = tell
        self.mode = Mode.REST
        self.plan: HubPlan | None = None
        self.work: asyncio.Task[None] | None = None
        self.runner: AccountRunner | None = None
        self.connected = False
        self.reason = ""
        self.trouble = ""
        self.failures = 0
        self.again_at = 0.0
        self.look_at = _NEVER
        self.users = 0
        self.wished: frozenset[int] = frozenset()
        self.asked: dict[int, dt.datetime] | None = None

    def hear(self, event: Event) -> None:
        """
        Take an event of its runner.
        """
        if isinstance(event, Waiting):
            self.connected = event.held
            self.trouble = "" if event.held else event.reason
            self.failures = 0 if event.held else self.failures
        else:
            self.connected = False
        self.tell(self.account_id, event)


def _ignore(account_id: int, event: Event) -> None:
    """
    Listen to nothing.
    """


class Listener:
    """
    Keeps all accounts as their devices want it, while its block is entered.

    Args:
        store: where everything is kept.
        work_on: opens an account's runner.
        policy: gives what holds for an account's devices.
        clock: the time.
        chance: spreads what begins.
        settings: what may be tuned.
        tell: receives the runners' events with the account's id, at once and on the loop; it must not raise.
    """

    def __init__(
        self,
        store: Store,
        work_on: WorkOn,
        policy: Callable[[Account], Awaitable[DeliveryPolicy]],
        *,
        clock: Clock,
        chance: random.Random,
        settings: ListenerSettings | None = None,
        tell: Callable[[int, Event], None] = _ignore,
    ) -> None:
        self._store = store
        self._work_on = work_on
        self._policy = policy
        self._clock = clock
        self._chance = chance
        self._settings = settings or ListenerSettings()
        self._tell = tell
        self._unindexed = asyncio.Event()
        self._kept: dict[int, _Kept] = {}
        self._gates: dict[str, Gate] = {}
        self._unplanned: dict[int, None] = {}
        self._times: list[tuple[float, int]] = []
        self._stirred = asyncio.Event()
        self._tasks: list[asyncio.Task[None]] = []

    async def __aenter__(self) -> Listener:
        self._tasks = [
            asyncio.ensure_future(work)
            for work in (self._follow(), self._follow_devices(), self._supervise(), self._index(), self._care())
        ]
        await asyncio.sleep(0)  # it follows from here on
        for account in await self._store.accounts():
            self.look_again(account.id)
        return self

    async def __aexit__(self, *exc_info: object) -> None:
        tasks = [*self._tasks, *(one.work for one in self._kept.values() if one.work is not None)]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        self._kept.clear()

    # -- what others tell

    def look_again(self, account_id: int) -> None:
        """
        Plan an account anew, because something has changed that the feed does not tell.
        """
        self._unplanned[account_id] = None
        self._stirred.set()

    def refresh(self, account_id: int, *collection_ids: int) -> None:
        """
        Look for news at once: a person has opened the app, or pulls down a list.

        Args:
            account_id: whose.
            collection_ids: which folders; those that refresh by themselves, unless some are named.
        """
        kept = self._kept.get(account_id)
        if kept is None:
            return
        if kept.runner is not None:
            kept.runner.refresh(collection_ids)
        if kept.mode is not Mode.HOLD:
            kept.wished |= frozenset(collection_ids or (_EVERYTHING,))
        kept.again_at = 0.0
        self.look_again(account_id)

    @contextlib.asynccontextmanager
    async def using(self, account_id: int) -> AsyncIterator[AccountRunner]:
        """
        Give an account's runner to whoever asks the server something beside the synchronisation: a body, a search.

        Raises:
            NotHeld: there is no such account.
            Exception: whatever opening it raises, when it was not open.
        """
        kept = self._kept.get(account_id)
        if kept is None:
            raise NotHeld(f"there is no account {account_id}; it may have been removed")
        kept.users += 1
        try:
            if kept.runner is not None:
                yield kept.runner
                return
            async with self._opened(kept, await self._store.account(account_id)) as runner:
                yield runner
        finally:
            kept.users -= 1
            self.look_again(account_id)

    def status(self) -> ListenerStatus:
        """
        Tell how it is, for health.
        """
        every = self._kept.values()
        return ListenerStatus(
            accounts=len(every),
            connected=sum(one.connected for one in every),
            busy=sum(one.work is not None and not one.connected for one in every),
            queued=sum(gate.waiting for gate in self._gates.values()),
            troubles=Counter(one.trouble for one in every if one.trouble),
        )

    def account_status(self, account_id: int) -> AccountStatus:
        """
        Tell how it is with an account.

        Raises:
            NotHeld: there is no such account.
        """
        kept = self._kept.get(account_id)
        if kept is None:
            raise NotHeld(f"there is no account {account_id}; it may have been removed")
        return AccountStatus(account_id, kept.mode, kept.connected, kept.trouble or kept.reason)

    # -- what comes with the feed

    async def _follow(self) -> None:
        async for change in self._store.follow():
            self._heed(change)

    async def _follow_devices(self) -> None:
        async for account_id in self._store.follow_devices():
            self.look_again(account_id)

    def _hear(self, account_id: int, event: Event) -> None:
        if isinstance(event, Committed):
            self._unindexed.set()
        self._tell(account_id, event)

    def _heed(self, change: Change) -> None:
        if change.kind is ChangeKind.ACCOUNT_REMOVED:
            self._forget(change.account_id)
        elif change.kind in _FOLDERS:
            self.look_again(change.account_id)
            self._wake(change.account_id)  # another window, perhaps
        elif change.origin is Origin.USER and (change.item_id or change.kind is ChangeKind.OUTBOX_CHANGED):
            if not self._wake(change.account_id) and (kept := self._kept.get(change.account_id)) is not None:
                kept.wished |= {_OUTBOX}
                self.look_again(change.account_id)
        elif change.collection_id is None and change.item_id is None:
            self.look_again(change.account_id)  # it is about the account, a policy, or a device

    def _wake(self, account_id: int) -> bool:
        """
        Let an account's runner look what there is to do; `False` when it has none.
        """
        kept = self._kept.get(account_id)
        if kept is None or kept.runner is None:
            return False
        kept.runner.wake()
        return True

    def _forget(self, account_id: int) -> None:
        kept = self._kept.pop(account_id, None)
        if kept is not None and kept.work is not None:
            kept.work.cancel()

    # -- planning

    async def _supervise(self) -> None:
        while True:
            while self._unplanned:
                account_id = next(iter(self._unplanned))
                del self._unplanned[account_id]
                await self._plan(account_id)
            now = self._clock.monotonic()
            while self._times and self._times[0][0] <= now:
                moment, account_id = heapq.heappop(self._times)
                if self._is_time(account_id, moment):
                    self._unplanned[account_id] = None
            if not self._unplanned:
                await self._wait(self._times[0][0] - now if self._times else None)

    async def _wait(self, seconds: float | None) -> None:
        self._stirred.clear()
        waiting: list[asyncio.Future[object]] = [asyncio.ensure_future(self._stirred.wait())]
        if seconds is not None:
            waiting.append(asyncio.ensure_future(self._clock.sleep(seconds)))
        try:
            await asyncio.wait(waiting, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for one in waiting:
                one.cancel()

    def _look_at(self, kept: _Kept, moment: float) -> None:
        """
        Look at an account again at a time, unless that is done sooner anyway.
        """
        if moment >= kept.look_at:
            return
        kept.look_at = moment
        heapq.heappush(self._times, (moment, kept.account_id))
        if len(self._times) > 2 * len(self._kept) + 64:  # most are for times that have been replaced by earlier ones
            self._times = [(one.look_at, one.account_id) for one in self._kept.values() if one.look_at < _NEVER]
            heapq.heapify(self._times)

    def _is_time(self, account_id: int, moment: float) -> bool:
        """
        Tell whether a time that has come still stands.
        """
        kept = self._kept.get(account_id)
        if kept is None or kept.look_at != moment:
            return False
        kept.look_at = _NEVER
        return True

    async def _plan(self, account_id: int) -> None:
        """
        Decide what is to be done for an account now, and see to it.
        """
        try:
            account = await self._store.account(account_id)
        except NotHeld:
            self._forget(account_id)
            return
        kept = self._kept.get(account_id)
        if kept is None:
            kept = self._kept[account_id] = _Kept(account_id, self._hear)
        if account.wipe_owed:
            self._begin(kept, Mode.LOOK)  # the server has still to be told that it was obeyed
            return
        if account.state in _ENDED:
            kept.trouble = account.reason
            if account.state is AccountState.WIPED or not kept.wished - {_OUTBOX}:
                await self._end(kept)
                return  # until a person asks for it, or has given another login
        collections = await self._store.collections(account_id)
        devices = [Known(*one) for one in await self._store.known_devices(account_id)]
        now = self._clock.now()
        plan = plan_account(devices, collections, await self._policy(account), now, asked=kept.asked)
        kept.plan, kept.reason = plan, plan.reason
        if plan.until is not None:
            self._look_at(kept, self._clock.monotonic() + max((plan.until - now).total_seconds(), 0.0) + 0.001)
        await self._carry_out(kept, collections, now)
        kept.plan = dataclasses.replace(plan, deliveries={})  # of thousands of accounts, only what is needed is kept

    async def _carry_out(self, kept: _Kept, collections: tuple[Collection, ...], now: dt.datetime) -> None:
        plan = kept.plan
        assert plan is not None
        turns = [one.collection_id for one in plan.turns]
        wanting = any(one.holds for one in plan.deliveries.values())
        if kept.mode is Mode.LOOK and kept.work is not None:
            return  # it is soon over, and then planned anew
        if plan.holds:
            self._begin(kept, Mode.HOLD)
            if kept.runner is not None:
                kept.runner.want((*plan.held, *turns))
            return
        if kept.mode is Mode.HOLD:
            await self._end(kept)
        due = [one.collection_id for one in plan.turns if one.at <= now]
        if due or kept.wished or (wanting and not collections):
            self._begin(kept, Mode.LOOK)
        elif plan.turns:
            self._look_at(kept, self._clock.monotonic() + (plan.turns[0].at - now).total_seconds() + 0.001)

    def _begin(self, kept: _Kept, mode: Mode) -> None:
        if kept.work is not None:
            return
        now = self._clock.monotonic()
        if kept.again_at > now:
            self._look_at(kept, kept.again_at)
            return
        kept.mode = mode
        kept.work = asyncio.ensure_future(self._work(kept, mode))

    async def _end(self, kept: _Kept) -> None:
        work, kept.work = kept.work, None
        if work is not None:
            work.cancel()
            await asyncio.gather(work, return_exceptions=True)
        kept.mode, kept.connected = Mode.REST, False

    # -- working

    def _gate(self, account: Account) -> Gate:
        host = host_of(account.url)
        gate = self._gates.get(host)
        if gate is None:
            settings = self._settings
            gate = self._gates[host] = Gate(self._chance, at_once=settings.at_once, a_second=settings.a_second)
        return gate

    @contextlib.asynccontextmanager
    async def _opened(self, kept: _Kept, account: Account) -> AsyncIterator[AccountRunner]:
        gate, host = self._gate(account), host_of(account.url)
        opening = self._work_on(account, listener=kept.hear, gate=gate)
        del account  # of thousands of accounts, only what is needed is kept
        async with opening as runner:
            kept.runner = runner
            gate.accounts += 1
            try:
                yield runner
            finally:
                kept.runner = None
                gate.accounts -= 1
                if not gate.accounts and not gate.waiting:
                    self._gates.pop(host, None)

    async def _work(self, kept: _Kept, mode: Mode) -> None:
        failed = ""
        try:
            async with self._opened(kept, await self._store.account(kept.account_id)) as runner:
                if mode is Mode.HOLD:
                    self._equip(kept, runner)
                    await runner.run()
                else:
                    await self._look(kept, runner)
            kept.failures = 0
        except asyncio.CancelledError:
            raise
        except AccountWaits as error:
            self._failed(kept, str(error), until=error.until)
        except (ClientError, ProtocolError, EngineError, StoreError) as error:
            failed = str(error)
        except Exception as error:  # what opening raises is the business of who opens; the others must go on
            failed = f"{error}" or type(error).__name__
        if failed:
            self._failed(kept, failed)
        elif not kept.wished:
            kept.trouble = ""
        kept.work, kept.mode, kept.connected = None, Mode.REST, False
        self.look_again(kept.account_id)

    def _equip(self, kept: _Kept, runner: AccountRunner) -> None:
        """
        Tell a runner what is to be held, and what somebody wishes to see.
        """
        plan = kept.plan
        assert plan is not None
        runner.want((*plan.held, *(one.collection_id for one in plan.turns)))
        wished, kept.wished = kept.wished, frozenset()
        if wished:
            runner.refresh(one for one in wished if one > 0)

    async def _look(self, kept: _Kept, runner: AccountRunner) -> None:
        """
        Ask once for what is due, what a person wishes to see, and what a person has done.
        """
        now = self._clock.now()
        wished, kept.wished = kept.wished, frozenset()
        due = {one.collection_id for one in (kept.plan.turns if kept.plan is not None else ()) if one.at <= now}
        by_itself = await self._by_itself(kept) if _EVERYTHING in wished else set()
        due |= by_itself
        named = {one for one in wished if one > 0}
        runner.want(due)
        if wished:
            runner.refresh(named)
        asked = dict.fromkeys(due | named, now)
        kept.asked = {**(kept.asked or {}), **asked}  # also when it fails: the next turn comes, and no storm
        try:
            await runner.sync_once(patience=1)
            if _EVERYTHING in wished and (new := await self._by_itself(kept) - by_itself):
                runner.want(new)  # the folder list is younger than the wish
                await runner.sync_once(patience=1)
        except BaseException:
            kept.wished |= wished & {_OUTBOX}  # what a person did is told to the server as soon as that can be
            raise

    async def _by_itself(self, kept: _Kept) -> set[int]:
        """
        Give the folders that refresh by themselves, in whatever way.
        """
        return {one.id for one in await self._store.collections(kept.account_id) if one.minutes >= 0}

    def _failed(self, kept: _Kept, reason: str, *, until: dt.datetime | None = None) -> None:
        """
        Leave an account alone for a while that could not be worked on.
        """
        first, most = self._settings.again_seconds
        kept.failures += 1
        seconds = min(first * 2.0 ** min(kept.failures - 1, 20), most) * (0.5 + self._chance.random() / 2)
        kept.trouble = reason
        if until is not None:
            seconds = max((until - self._clock.now()).total_seconds(), seconds)
        kept.again_at = self._clock.monotonic() + seconds

    async def _index(self) -> None:
        """
        Index what has come, for all accounts, once the rush is over.
        """
        self._unindexed.set()  # the last process may have left something
        while True:
            await self._unindexed.wait()
            await self._clock.sleep(_RUSH_SECONDS)
            for _ in range(_LONGEST_RUSH):
                if not any(gate.waiting for gate in self._gates.values()):
                    break
                await self._clock.sleep(_RUSH_SECONDS)
            self._unindexed.clear()
            with contextlib.suppress(StoreError):
                await index_all(self._store)

    async def _care(self) -> None:
        """
        Forget what is old, from time to time.
        """
        settings = self._settings
        while True:
            await self._clock.sleep(settings.care_seconds)
            with contextlib.suppress(StoreError):
                while await self._store.forget_changes(days=settings.feed_days, keep=settings.feed_keep):
                    await asyncio.sleep(0)
