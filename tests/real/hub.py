"""
The hub as a person has it, in front of the real stack: an account of SOGo in a directory of its own.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path

from carrierpost.bootstrap import Hub, open_hub
from carrierpost.engine import AccountRunner, Committed, Event, Waiting
from carrierpost.model import Account, Change, ChangeKind, Collection, Item
from carrierpost.protocol.classes import ContentClass
from carrierpost.protocol.commands.folder_sync import FolderType
from carrierpost.protocol.secret import Secret
from carrierpost.protocol.version import Version
from tests.real.conftest import RealStack, RealUser

__all__ = ["RealHub", "real_hub"]


class RealHub:
    """
    One person's account, and what its runner tells.
    """

    def __init__(self, hub: Hub, account: Account, user: RealUser) -> None:
        self.hub = hub
        self.user = user
        self.store = hub.store
        self.account = account
        self.changes: list[Change] = []
        self.holding = asyncio.Event()
        self._heard = asyncio.Event()
        self.runner: AccountRunner

    def hear(self, event: Event) -> None:
        """
        Listen to the engine.
        """
        if isinstance(event, Committed):
            self.changes += event.changes
            self._heard.set()
        if isinstance(event, Waiting) and event.held:
            self.holding.set()

    async def sync(self) -> list[Change]:
        """
        Synchronize once, and give the changes that this brought.
        """
        before = len(self.changes)
        assert await self.runner.sync_once() == ()
        return self.changes[before:]

    async def until(self, condition: Callable[[Change], bool], *, seconds: float = 60.0) -> Change:
        """
        Wait for a change, past or to come.
        """
        async with asyncio.timeout(seconds):
            while True:
                found = next((change for change in self.changes if condition(change)), None)
                if found is not None:
                    return found
                self._heard.clear()
                await self._heard.wait()

    async def folder(self, kind: FolderType) -> Collection:
        """
        Give the account's folder of a type.
        """
        return next(one for one in await self.store.collections(self.account.id) if one.type is kind)

    async def held(self, content_class: ContentClass, title: str) -> list[Item]:
        """
        List held items of a class by subject or name.
        """
        items = await self.store.items(self.account.id, content_class=content_class)
        return [
            one for one in items if title in (getattr(one.data, "subject", None), getattr(one.data, "file_as", None))
        ]

    async def added(self, change: Change) -> Item:
        """
        Give the item that a change is about.
        """
        assert change.kind in (ChangeKind.ITEM_ADDED, ChangeKind.ITEM_CHANGED)
        assert change.item_id is not None
        return await self.store.item(change.item_id)


@asynccontextmanager
async def real_hub(
    home: Path, stack: RealStack, user: RealUser, *, version: Version | None = None, trace: Path | None = None
) -> AsyncIterator[RealHub]:
    """
    Open a hub in a directory, and add the account of a user, over TLS, unless it is there already.
    """
    async with open_hub(home=home, trace=trace, environment={}) as hub:
        accounts = await hub.store.accounts()
        if accounts:
            account = accounts[0]
        else:
            added = await hub.add_account(
                user.email, Secret(user.password), url=stack.eas_url_tls, ca_file=str(stack.tls_ca), version=version
            )
            account = added.account
        real = RealHub(hub, account, user)
        async with hub.runner(account, listener=real.hear) as runner:
            real.runner = runner
            yield real
        assert await hub.store.check() == ()
