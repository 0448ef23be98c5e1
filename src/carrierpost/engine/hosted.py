"""
An account's runner as a native host drives it: connected while the app is seen, within a deadline when it is not.

A phone's app owns its process only now and then. This gives `carrierpost.delivery.host.NativeHost` the runner in the
three movements that such a life consists of.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

from carrierpost.engine.runner import AccountRunner
from carrierpost.model import ChangeKind, Origin
from carrierpost.store.contract import Store

__all__ = ["HostedAccount", "wake_by_edits", "within"]


class HostedAccount:
    """
    One account in an app.

    Args:
        store: where it is kept.
        account_id: the account.
        runner: works on it.
    """

    def __init__(self, store: Store, account_id: int, runner: AccountRunner) -> None:
        self._store = store
        self._account_id = account_id
        self._runner = runner
        self._running: asyncio.Task[None] | None = None

    async def connect(self) -> None:
        """
        Keep the account in sync from now on. A runner that had to give up is tried again.
        """
        if self._running is None or self._running.done():
            self._running = asyncio.create_task(self._runner.run())

    async def disconnect(self) -> None:
        """
        Stop, and close every connection; what was committed stays, and what was not is asked for again.
        """
        running, self._running = self._running, None
        if running is not None:
            running.cancel()
            await asyncio.gather(running, return_exceptions=True)
        await self._runner.close()

    async def sync(self, found: Callable[[int], None]) -> None:
        """
        Fetch what is new, once. While the account is kept in sync anyway, only look for news at once.

        Args:
            found: is told how many new items were committed, each time some were.

        Raises:
            EngineError: a person has to do something first, or the server asked to be left alone.
            ClientError: it could not be reached.
            ProtocolError: it refused.
        """
        if self._running is not None and not self._running.done():
            self._runner.refresh()
            return
        position = (await self._store.account(self._account_id)).feed_position
        try:
            await self._runner.sync_once(patience=1)
        finally:
            found(await self._news(position))

    async def _news(self, position: int) -> int:
        """
        Count what the feed announces after a position.
        """
        changes = await self._store.feed(self._account_id, after=position)
        return sum(1 for one in changes if one.announce and one.kind is ChangeKind.ITEM_ADDED)


async def within(work: Awaitable[None], seconds: float) -> bool:
    """
    Let work take no longer than some seconds.

    Returns:
        Whether it was done; otherwise it was cancelled, and has ended.
    """
    try:
        async with asyncio.timeout(seconds) as limit:
            await work
    except TimeoutError:
        if not limit.expired():
            raise  # the work's own
        return False
    return True


async def wake_by_edits(store: Store, account_id: int, wake: Callable[[], object]) -> None:
    """
    Wake a runner whenever a person has done something, in whatever process, until cancelled.

    Args:
        store: where the account is kept.
        account_id: the account.
        wake: the runner's `wake`.
    """
    async for change in store.follow(account_id):
        if change.origin is Origin.USER:
            wake()
