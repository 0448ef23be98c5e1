"""
What all parts of a SQL store stand on: the database, the clock, and telling those who follow.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable, Iterable, Sequence

from carrierpost.model import Account, AccountState, Change
from carrierpost.protocol.clock import Clock
from carrierpost.store.database import Database, Transaction
from carrierpost.store.errors import NotHeld, StoreError
from carrierpost.store.following import LOOK_SECONDS, Followers
from carrierpost.store.rows import account_of

__all__ = ["SQLBase", "active_account", "one_account"]


class SQLBase:
    """
    The foundation of a SQL store.

    Args:
        database: where it is kept, with its schema up to date; closed with the store.
        clock: the time that changes are stamped with.
    """

    def __init__(self, database: Database, *, clock: Clock) -> None:
        self._database = database
        self._clock = clock
        self._followers = Followers()
        self._heard: dict[asyncio.Event, set[int]] = {}  # accounts whose devices changed, for each who follows these
        self._looking: asyncio.Task[None] | None = None

    def _tell(self, changes: Sequence[Change]) -> None:
        """
        Hand on what was just committed.
        """
        if changes:
            self._followers.tell((), changes)

    def _tell_of(self, account_id: int) -> Callable[[object], None]:
        """
        Give what tells that the feed of an account is to be read.
        """
        return lambda _: self._followers.tell((account_id,))

    def _tell_devices(self, account_id: int) -> None:
        """
        Tell that an account's devices are not as they were, and that its feed is to be read.
        """
        self._followers.tell((account_id,))
        self._hear((account_id,))

    def _hear(self, account_ids: Iterable[int]) -> None:
        for event, accounts in self._heard.items():
            accounts.update(account_ids)
            event.set()

    async def _positions(self) -> dict[int, int]:
        """
        Tell how far each account's feed has come.
        """
        return await self._database.read(lambda transaction: dict(transaction.rows("feed_positions")))

    def _look_out(self) -> None:
        """
        Look from time to time, while anybody follows, whether another process has written.
        """
        if self._database.shared and (self._looking is None or self._looking.done()):
            self._looking = asyncio.ensure_future(self._look())

    def _look_out_no_more(self) -> None:
        """
        Stop to look when nobody follows any more.
        """
        if not self._followers and not self._heard and self._looking is not None:
            self._looking.cancel()

    async def _look(self) -> None:
        with contextlib.suppress(StoreError):  # it was closed, or nobody can read it: who works with it is told
            await self._database.changed_elsewhere()
            while not self._database.closed:
                await self._clock.sleep(LOOK_SECONDS)
                if await self._database.changed_elsewhere():
                    self._followers.tell_all()
                    if self._heard:
                        self._hear(tuple(await self._positions()))


def one_account(transaction: Transaction, account_id: int) -> Account:
    """
    Give an account.

    Raises:
        NotHeld: there is none with this id.
    """
    rows = transaction.rows("account", account_id)
    if not rows:
        raise NotHeld(f"there is no account {account_id}; it may have been removed")
    return account_of(rows[0])


def active_account(transaction: Transaction, account_id: int) -> Account:
    """
    Give an account that was not wiped.

    Raises:
        NotHeld: there is none with this id, or it was wiped.
    """
    account = one_account(transaction, account_id)
    if account.state is AccountState.WIPED:
        raise NotHeld(f"account {account_id} was wiped: {account.reason}")
    return account
