"""
From the feed to the queue: what is news is decided on for every device, once.

The notifier reads each account's feed from where it left off. A piece of it is decided on as a whole, and the decisions
(also those against), the notices, and the new position are written in one transaction. Killed at any moment, it
therefore begins again where nothing was decided yet. After a longer rest the same rules find that what has come
meanwhile is late, and make one summary of it instead of a burst.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable, Iterable

from carrierpost.delivery import DeliveryPolicy
from carrierpost.model import Change, ChangeKind, Notice, NoticeCommit
from carrierpost.notify.audience import Audience, audience_of
from carrierpost.notify.deciding import Decided, decide_changes
from carrierpost.notify.planning import plan_reminders
from carrierpost.notify.settings import NotifySettings
from carrierpost.protocol.clock import Clock
from carrierpost.store.contract import Store
from carrierpost.store.errors import FeedForgotten, NotHeld, StaleCommit

__all__ = ["Notifier"]

_PIECE = 200  # changes that are decided on at once
_HOUSEKEEPING = 3600.0  # seconds between two looks at what is old, and at what to remind of
_REMINDED = {"added", "time_zone", "notice_settings"}
"""What of a device changes when it reminds of events."""


def _ignore() -> None:
    """
    Wake nobody.
    """


class Notifier:
    """
    Decides what devices are told.

    Args:
        store: where everything is kept.
        clock: the time.
        name: gives names for notices that nobody can guess.
        policy: what holds for delivery where no policy set speaks.
        tuning: what an administrator may tune.
        wake: called when something was put into the queue.
    """

    def __init__(
        self,
        store: Store,
        *,
        clock: Clock,
        name: Callable[[], str],
        policy: DeliveryPolicy | None = None,
        tuning: NotifySettings | None = None,
        wake: Callable[[], None] = _ignore,
    ) -> None:
        self._store = store
        self._clock = clock
        self._name = name
        self._policy = policy or DeliveryPolicy()
        self._tuning = tuning or NotifySettings()
        self._wake = wake
        self._positions: dict[int, int] = {}

    async def run(self) -> None:
        """
        Decide on what was missed, and then on what comes, until cancelled.
        """
        keeping = asyncio.create_task(self._keep_house())
        try:
            while True:
                await self.catch_up()
                # What is forgotten in the feed is a month old, and nothing to tell; catching up steps over it.
                with contextlib.suppress(FeedForgotten):
                    await self._follow()
        finally:
            keeping.cancel()
            await asyncio.gather(keeping, return_exceptions=True)

    async def _follow(self) -> None:
        async for change in self._store.follow(after=self._positions):
            if change.number > self._positions.get(change.account_id, 0):
                await self._decide_account(change.account_id)

    async def catch_up(self) -> None:
        """
        Decide on everything that is in the feeds and was not decided on.
        """
        self._positions = dict(await self._store.notify_positions())
        for account in await self._store.accounts():
            if account.feed_position > self._positions.get(account.id, 0):
                await self._decide_account(account.id)

    async def _decide_account(self, account_id: int) -> None:
        """
        Decide on an account's feed up to its end. An account that is removed meanwhile has none.
        """
        with contextlib.suppress(NotHeld):
            while await self._decide_piece(account_id):
                pass

    async def _decide_piece(self, account_id: int) -> bool:
        """
        Decide on the next piece of a feed.

        Returns:
            Whether there may be more.
        """
        after = self._positions.get(account_id, 0)
        try:
            changes = await self._store.feed(account_id, after=after, limit=_PIECE)
        except FeedForgotten as error:
            await self._commit(account_id, after, error.horizon, Decided())
            return True
        if not changes:
            return False
        audience = await audience_of(self._store, account_id, self._policy, self._clock.now())
        decided = await decide_changes(self._store, changes, audience, self._tuning, self._name)
        await self._with_reminders(audience, changes, decided)
        await self._commit(account_id, after, changes[-1].number, decided)
        return len(changes) == _PIECE

    async def _with_reminders(self, audience: Audience, changes: Iterable[Change], decided: Decided) -> None:
        """
        Plan the reminders of the events that changed, or of all when something was set otherwise on a device.
        """
        everything = any(one.kind is ChangeKind.DEVICE_CHANGED and _REMINDED & set(one.fields) for one in changes)
        only = None if everything else [item for item in decided.items.values() if item is not None]
        await plan_reminders(self._store, audience, decided, self._tuning, self._name, only=only)

    async def _commit(self, account_id: int, after: int, position: int, decided: Decided) -> tuple[Notice, ...]:
        commit = NoticeCommit(
            account_id=account_id,
            after=after,
            position=position,
            expires_at=self._clock.now() + self._tuning.badge_life,
            notices=tuple(decided.notices),
            withdrawals=tuple(decided.withdrawals),
            steps=tuple(decided.steps),
        )
        try:
            made = await self._store.commit_notices(commit)
        except StaleCommit:  # another process decided on it; what it wrote is the truth
            self._positions = dict(await self._store.notify_positions())
            return ()
        self._positions[account_id] = position
        if made:
            self._wake()
        return made

    # -- from time to time

    async def _keep_house(self) -> None:
        while True:
            await self.keep_house()
            await self._clock.sleep(_HOUSEKEEPING)

    async def keep_house(self) -> None:
        """
        Plan reminders that have come into reach, and forget what became of notices long ago.
        """
        for account in await self._store.accounts():
            with contextlib.suppress(NotHeld):
                await self._remind(account.id)
        tuning = self._tuning
        await self._store.prune_notices(
            self._clock.now() - tuning.keep, most_notices=tuning.most_notices, most_steps=tuning.most_steps
        )

    async def _remind(self, account_id: int) -> None:
        audience = await audience_of(self._store, account_id, self._policy, self._clock.now())
        decided = Decided()
        await plan_reminders(self._store, audience, decided, self._tuning, self._name, fresh=True)
        position = (await self._store.notify_positions()).get(account_id, 0)
        if decided.notices:
            with contextlib.suppress(StaleCommit):  # the feed moved on in between; an hour later it is looked again
                await self._commit_reminders(account_id, position, decided)

    async def _commit_reminders(self, account_id: int, position: int, decided: Decided) -> None:
        made = await self._store.commit_notices(
            NoticeCommit(
                account_id=account_id,
                after=position,
                position=position,
                expires_at=self._clock.now() + self._tuning.badge_life,
                notices=tuple(decided.notices),
            )
        )
        if made:
            self._wake()
