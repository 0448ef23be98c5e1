"""
Watching a mailbox: one runner at work for all who watch, each of whom reads the account's feed.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncGenerator, AsyncIterator

from carrierpost.engine import AccountRunner, AccountStopped
from carrierpost.model import AccountState, Change, ChangeKind
from carrierpost.store.contract import Store

__all__ = ["Watching"]

_ENDED = (AccountState.STOPPED, AccountState.WIPED)


class Watching:
    """
    Lets a runner work while somebody watches, and rest otherwise.

    Args:
        store: where the account is kept.
        account_id: the account.
        runner: works on it.
    """

    def __init__(self, store: Store, account_id: int, runner: AccountRunner) -> None:
        self._store = store
        self._account_id = account_id
        self._runner = runner
        self._watchers = 0
        self._pauses = 0
        self._task: asyncio.Task[None] | None = None
        self._ended = asyncio.Event()  # the runner has ended by itself, or nobody may watch any more
        self._reason: BaseException | None = None

    async def changes(self, after: int | None) -> AsyncGenerator[Change, None]:
        """
        Give changes as they are committed; see `carrierpost.library.Mailbox.watch`.
        """
        if after is None:
            after = (await self._store.account(self._account_id)).feed_position
        following = self._store.follow(self._account_id, {self._account_id: after})
        ended = asyncio.ensure_future(self._ended.wait())
        upcoming: asyncio.Future[Change] = asyncio.ensure_future(anext(following))
        self._watchers += 1
        self._begin()
        try:
            while True:
                await asyncio.wait((ended, upcoming), return_when=asyncio.FIRST_COMPLETED)
                if not upcoming.done():
                    raise self._reason or AccountStopped("the mailbox was closed")
                change = upcoming.result()
                yield change
                await self._heed(change)
                upcoming = asyncio.ensure_future(anext(following))
        finally:
            self._watchers -= 1
            for waiting in (ended, upcoming):
                waiting.cancel()
            await asyncio.gather(ended, upcoming, return_exceptions=True)
            if not self._watchers:
                await self._stop()

    async def _heed(self, change: Change) -> None:
        """
        End with the reason when a person has to do something first; nothing would come any more.
        """
        if change.kind is ChangeKind.ACCOUNT_CHANGED:
            account = await self._store.account(self._account_id)
            if account.state in _ENDED:
                raise AccountStopped(account.reason)

    @contextlib.asynccontextmanager
    async def paused(self) -> AsyncIterator[None]:
        """
        Let the runner rest while somebody else works on the account.
        """
        self._pauses += 1
        try:
            await self._stop()
            yield
        finally:
            self._pauses -= 1
            self._begin()

    async def close(self) -> None:
        """
        End all watching.
        """
        self._pauses += 1
        self._ended.set()
        await self._stop()

    def _begin(self) -> None:
        if self._watchers and not self._pauses and self._task is None and not self._ended.is_set():
            self._task = asyncio.ensure_future(self._work())

    async def _work(self) -> None:
        try:
            await self._runner.run()
        except Exception as error:
            self._reason = error
            self._ended.set()

    async def _stop(self) -> None:
        task, self._task = self._task, None
        if task is not None:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)
