"""
What every act of a runner needs: the account, where it is kept, how it is reached, whom to tell.
"""

from __future__ import annotations

import asyncio
import dataclasses
import random
from collections.abc import Awaitable, Callable
from typing import Protocol

from carrierpost.client.session import Session
from carrierpost.engine.backoff import pause
from carrierpost.engine.events import Committed, Event
from carrierpost.engine.gate import Gate
from carrierpost.engine.settings import EngineSettings
from carrierpost.engine.state import AccountRun, FolderRun
from carrierpost.model import Account, Change
from carrierpost.protocol.clock import Clock
from carrierpost.protocol.exchanges import Agreement
from carrierpost.protocol.http import Partnership
from carrierpost.store.contract import Store

__all__ = ["Connect", "Context"]


class Connect(Protocol):
    """
    Opens an account's session with its server.
    """

    async def __call__(
        self,
        account: Account,
        *,
        on_partnership: Callable[[Partnership], Awaitable[None]],
        on_agreement: Callable[[Agreement], Awaitable[None]],
    ) -> Session:
        """
        Open a session.

        Args:
            account: whose.
            on_partnership: to be called with a changed partnership before it is used.
            on_agreement: to be called with what was agreed on with the server.
        """


@dataclasses.dataclass(slots=True)
class Context:
    """
    An account at work.

    Attributes:
        account_id: the account.
        store: where it is kept.
        session: its conversation with the server.
        clock: the time.
        chance: spreads pauses.
        settings: what may be tuned.
        run: what is known besides.
        tell: receives events.
        gate: the server's gate, where its accounts are many.
        listing: held while the folder list is asked for or changed, so that its key goes one way at a time.
    """

    account_id: int
    store: Store
    session: Session
    clock: Clock
    chance: random.Random
    settings: EngineSettings
    run: AccountRun
    tell: Callable[[Event], None]
    gate: Gate | None = None
    listing: asyncio.Lock = dataclasses.field(default_factory=asyncio.Lock)

    def committed(self, changes: tuple[Change, ...]) -> None:
        """
        Tell of changes that have just been committed.
        """
        if changes:
            self.tell(Committed(changes, self.clock.monotonic()))

    def hold_back(self, folder: FolderRun, reason: str, *, seconds: float | None = None) -> None:
        """
        Leave a folder alone for a while after a failure.
        """
        folder.failures += 1
        folder.reason = reason
        folder.not_before = self.clock.monotonic() + (
            seconds if seconds is not None else pause(folder.failures, self.chance, most=900.0)
        )
