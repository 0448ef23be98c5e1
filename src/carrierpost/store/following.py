"""
Who follows the feed, and what has reached them: changes as they are committed here, and word of what others committed.

A follower is handed what this process commits, without another look into the database. Whoever is slow is not waited
for and loses nothing: beyond a limit only the accounts' numbers are kept for it, and it reads what it missed from the
feed. What another process has committed is noticed by a look every half second at what the database counts anyway.
"""

from __future__ import annotations

import asyncio
import collections
from collections.abc import Iterable, Sequence

from carrierpost.model import Change

__all__ = ["LOOK_SECONDS", "Follower", "Followers"]

LOOK_SECONDS = 0.5
"""Between two looks whether another process has committed something."""

_MOST_WAITING = 1000  # changes kept for a follower that is busy with others


class Follower:
    """
    What waits to be taken by one follower.

    Attributes:
        account_id: whose changes it wants; `None` for all.
    """

    def __init__(self, account_id: int | None) -> None:
        self.account_id = account_id
        self._waiting: collections.deque[Change] = collections.deque()
        self._stirred: dict[int, None] = {}
        self._everywhere = False
        self._event = asyncio.Event()

    def tell(self, account_ids: Iterable[int], changes: Sequence[Change] = ()) -> None:
        """
        Note that something was committed; of the accounts that `changes` does not speak of, the feed has to be read.
        """
        if len(self._waiting) + len(changes) > _MOST_WAITING:
            self._stirred |= dict.fromkeys(one.account_id for one in (*self._waiting, *changes))
            self._waiting.clear()
        else:
            self._waiting.extend(one for one in changes if self.account_id in (None, one.account_id))
        self._stirred |= dict.fromkeys(one for one in account_ids if self.account_id in (None, one))
        self._event.set()

    def tell_all(self) -> None:
        """
        Note that something was committed, and that nobody here knows in which accounts.
        """
        self._everywhere = True
        self._event.set()

    def wake(self) -> None:
        """
        End its wait: the store is closed.
        """
        self._event.set()

    async def wait(self) -> None:
        """
        Wait until there is something to take.
        """
        await self._event.wait()

    def take(self) -> tuple[bool, list[int], list[Change]]:
        """
        Take what waits: whether to look at all accounts, those whose feed is to be read, then changes, in order.
        """
        taken = self._everywhere, list(self._stirred), list(self._waiting)
        self._everywhere = False
        self._stirred.clear()
        self._waiting.clear()
        self._event.clear()
        return taken


class Followers:
    """
    All who follow.
    """

    def __init__(self) -> None:
        self._all: set[Follower] = set()

    def __bool__(self) -> bool:
        return bool(self._all)

    def add(self, account_id: int | None) -> Follower:
        """
        Begin to note what is committed, for one more.
        """
        follower = Follower(account_id)
        self._all.add(follower)
        return follower

    def discard(self, follower: Follower) -> None:
        """
        Forget one.
        """
        self._all.discard(follower)

    def tell(self, account_ids: Iterable[int], changes: Sequence[Change] = ()) -> None:
        """
        Tell all; see `Follower.tell`.
        """
        ids = tuple(account_ids)
        for one in self._all:
            one.tell(ids, changes)

    def tell_all(self) -> None:
        """
        Tell all; see `Follower.tell_all`.
        """
        for one in self._all:
            one.tell_all()

    def wake(self) -> None:
        """
        End everybody's wait.
        """
        for one in self._all:
            one.wake()
