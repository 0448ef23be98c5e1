"""
A hub that serves: each account is worked on exactly while a device of it wants that.

What is wanted is decided in `carrierpost.delivery`; here it is carried out, account by account, and decided anew when a
device was heard of, a folder was set otherwise, or the time has come that the decision named.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable
from types import TracebackType

import structlog

from carrierpost.bootstrap.errors import HubBusy
from carrierpost.bootstrap.hub import Hub
from carrierpost.client.errors import ClientError
from carrierpost.delivery import DeliveryPolicy, HubPlan, Known, plan_account
from carrierpost.engine import AccountRunner, EngineError
from carrierpost.engine.policies import PolicyDesk
from carrierpost.model import AccountState
from carrierpost.protocol.errors import ProtocolError
from carrierpost.store import NotHeld, StoreError

__all__ = ["AccountsAtWork"]

_LOG = structlog.get_logger("carrierpost.accounts")
_AGAIN_SECONDS = 60.0  # after a failure that nobody foresaw
_LONGEST_SECONDS = 3600.0


class AccountsAtWork:
    """
    Works on the accounts of a hub while its block is entered.

    Args:
        hub: the hub.
    """

    def __init__(self, hub: Hub) -> None:
        self._hub = hub
        self._policies = PolicyDesk(hub.store)
        self._tasks: dict[int, asyncio.Task[None]] = {}
        self._changed: dict[int, asyncio.Event] = {}
        self._runners: dict[int, AccountRunner] = {}
        self._following: asyncio.Task[None] | None = None

    async def __aenter__(self) -> AccountsAtWork:
        started = asyncio.Event()
        self._following = asyncio.ensure_future(self._follow(started.set))
        await started.wait()
        for account in await self._hub.store.accounts():
            self._begin(account.id)
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        tasks = [*self._tasks.values(), *([self._following] if self._following is not None else [])]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    @property
    def working(self) -> int:
        """
        How many accounts are worked on now.
        """
        return len(self._runners)

    def wake(self, account_id: int) -> None:
        """
        Let an account look at once at what a person did.
        """
        if (runner := self._runners.get(account_id)) is not None:
            runner.wake()

    async def _follow(self, started: Callable[[], None]) -> None:
        following = self._hub.store.follow_devices()
        upcoming = asyncio.ensure_future(_next(following))
        await asyncio.sleep(0)  # from here on nothing is missed
        started()
        try:
            while (account_id := await upcoming) is not None:
                self._begin(account_id)
                self._changed[account_id].set()
                upcoming = asyncio.ensure_future(_next(following))
        finally:
            upcoming.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await upcoming

    def _begin(self, account_id: int) -> None:
        if account_id not in self._tasks:
            self._changed[account_id] = asyncio.Event()
            self._tasks[account_id] = asyncio.ensure_future(self._keep(account_id))

    async def _keep(self, account_id: int) -> None:
        changed = self._changed[account_id]
        try:
            while True:
                changed.clear()
                plan = await self._plan(account_id)
                if not plan.holds:
                    await self._wait(plan, changed)
                    continue
                working = asyncio.ensure_future(self._work(account_id))
                try:
                    while not working.done():
                        await self._wait(plan, changed, working)
                        changed.clear()
                        plan = await self._plan(account_id)
                        if not plan.holds:
                            break
                finally:
                    working.cancel()
                    await asyncio.gather(working, return_exceptions=True)
        except NotHeld:  # the account was removed
            return
        finally:
            self._tasks.pop(account_id, None)

    async def _plan(self, account_id: int) -> HubPlan:
        store = self._hub.store
        account = await store.account(account_id)
        known = await store.known_devices(account_id)
        if account.state in (AccountState.STOPPED, AccountState.WIPED):
            known = ()
        folders = await store.collections(account_id)
        allowed = (await self._policies.effective(account.address)).values.notify_channels
        policy = DeliveryPolicy(channels=frozenset(allowed))
        plan = plan_account((Known(*one) for one in known), folders, policy, self._hub.clock.now())
        wanted = any(one.holds for one in plan.deliveries.values())
        return plan if folders or not wanted else _first(plan)

    async def _work(self, account_id: int) -> None:
        account = await self._hub.store.account(account_id)
        try:
            async with self._hub.runner(account) as runner:
                self._runners[account_id] = runner
                await runner.run()
        except (HubBusy, ClientError, ProtocolError, EngineError, StoreError) as error:
            _LOG.warning("account rests", account_id=account_id, reason=str(error))
            await self._hub.clock.sleep(_AGAIN_SECONDS)
        finally:
            self._runners.pop(account_id, None)

    async def _wait(self, plan: HubPlan, changed: asyncio.Event, working: asyncio.Task[None] | None = None) -> None:
        """
        Wait until a device was heard of, the plan's time has come, or the work has ended.
        """
        seconds = _LONGEST_SECONDS
        if plan.until is not None:
            seconds = min(seconds, max(0.0, (plan.until - self._hub.clock.now()).total_seconds()))
        waits = [asyncio.ensure_future(changed.wait()), asyncio.ensure_future(self._hub.clock.sleep(seconds))]
        try:
            await asyncio.wait([*waits, *([working] if working is not None else [])], return_when="FIRST_COMPLETED")
        finally:
            for one in waits:
                one.cancel()
            await asyncio.gather(*waits, return_exceptions=True)


def _first(plan: HubPlan) -> HubPlan:
    """
    Hold for an account whose folders are not known yet: working on it is what makes them known.
    """
    return HubPlan(plan.deliveries, (0,), (), "its folders are to be fetched for the first time", plan.until)


async def _next(following: AsyncIterator[int]) -> int | None:
    return await anext(following, None)
