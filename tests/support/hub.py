"""
A hub and a server in one process, joined without a port: what most tests of the engine begin with.
"""

from __future__ import annotations

import asyncio
import random
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any

from carrierpost.client.login import BasicLogin
from carrierpost.client.session import Session
from carrierpost.client.trace import Trace
from carrierpost.client.transport import Transport
from carrierpost.engine import AccountRunner, Committed, Editor, EngineSettings, Event
from carrierpost.model import Account, Change, Collection, Item, NewAccount
from carrierpost.protocol.classes import ApplicationData, ContentClass, differences
from carrierpost.protocol.commands.device import DeviceInformation
from carrierpost.protocol.commands.folder_sync import FolderType
from carrierpost.protocol.exchanges import Agreement
from carrierpost.protocol.http import Partnership
from carrierpost.protocol.secret import Secret
from carrierpost.protocol.version import Version
from carrierpost.server import ExchangeServer
from carrierpost.server.mailbox import Mailbox
from carrierpost.store import Store, open_store
from tests.support.virtual import VirtualClock
from tests.support.wire import Line, Wire

__all__ = ["ADDRESS", "PASSWORD", "Bench", "bench", "mail", "name_of", "of_class"]

ADDRESS = "ada@larch.example"
PASSWORD = "correct horse"
URL = "http://localhost/Microsoft-Server-ActiveSync"


class Bench:
    """
    A hub with one account, its server, and what was told.

    Attributes:
        clock: virtual time.
        server: the server.
        mailbox: the account's mailbox at the server.
        store: the hub's store.
        account_id: the account.
        runner: the account's runner.
        events: what the runner told.
        transports: every transport that was made.
        line: the network in between.
        transport: carries the requests instead of one to the server, or `None`.
        trace: records every exchange, or `None`.
        chance: makes the client ids of a person's edits.
    """

    def __init__(
        self,
        store: Store,
        server: ExchangeServer,
        clock: VirtualClock,
        settings: EngineSettings,
        address: str = ADDRESS,
        line: Line | None = None,
    ) -> None:
        self.store = store
        self.server = server
        self.clock = clock
        self.settings = settings
        self.line = line or Line()
        self.mailbox: Mailbox = server.mailbox(address)
        self.account_id = 0
        self.events: list[Event] = []
        self.transports: list[Wire] = []
        self.transport: Transport | None = None
        self.trace: Trace | None = None
        self.runner: AccountRunner
        self.chance = random.Random(17)

    async def connect(
        self,
        account: Account,
        *,
        on_partnership: Callable[[Partnership], Awaitable[None]],
        on_agreement: Callable[[Agreement], Awaitable[None]],
    ) -> Session:
        """
        Open the account's session over the joined server.
        """
        transport = Wire(self.line, self.server, BasicLogin(account.login, Secret(PASSWORD)))
        self.transports.append(transport)
        partnership = Partnership(
            url=account.url,
            user=account.login,
            device_id=account.device_id,
            device_type=account.device_type,
            user_agent=account.user_agent,
            version=account.version or Version.V14_1,
            policy_key=account.policy_key,
        )
        return Session(
            self.transport or transport,
            partnership,
            clock=self.clock,
            device=DeviceInformation(model="Test", friendly_name="Test", os="Test", user_agent=account.user_agent),
            on_partnership=on_partnership,
            on_agreement=on_agreement,
            trace=self.trace,
        )

    async def add_account(self, version: Version | None = None) -> None:
        """
        Make the hub hold the account; its device id is the same each time, as the hub's own would be.
        """
        account = await self.store.add_account(
            NewAccount(address=ADDRESS, login=ADDRESS, url=URL, device_id="TESTDEVICE01", pinned_version=version)
        )
        self.account_id = account.id

    def new_runner(self) -> AccountRunner:
        """
        Make a runner as after a restart.
        """
        self.runner = AccountRunner(
            self.store,
            self.account_id,
            self.connect,
            clock=self.clock,
            chance=random.Random(5),
            settings=self.settings,
            listener=self.events.append,
        )
        return self.runner

    @property
    def editor(self) -> Editor:
        """
        Give the account into a person's hands; the runner, if there is one, hears of it at once.
        """
        wake = self.runner.wake if hasattr(self, "runner") else lambda: None
        return Editor(self.store, self.account_id, clock=self.clock, chance=self.chance, wake=wake)

    @asynccontextmanager
    async def running(self, seconds: float = 5.0) -> AsyncIterator[None]:
        """
        Let the runner, a new one unless there is one, work in the background; at first for some virtual time.
        """
        runner = self.runner if hasattr(self, "runner") else self.new_runner()
        working = asyncio.ensure_future(runner.run())
        try:
            await self.clock.sleep(seconds)
            yield
            if working.done():
                await working
        finally:
            working.cancel()
            await asyncio.gather(working, return_exceptions=True)

    async def second(self, address: str, *, device_id: str, version: Version | None = None) -> Bench:
        """
        Add another account of the same server to the same hub.
        """
        self.server.add_user(address, PASSWORD)
        other = Bench(self.store, self.server, self.clock, self.settings, address, self.line)
        account = await self.store.add_account(
            NewAccount(address=address, login=address, url=URL, device_id=device_id, pinned_version=version)
        )
        other.account_id = account.id
        return other

    # -- looking

    async def account(self) -> Account:
        """
        Give the account as it is stored.
        """
        return await self.store.account(self.account_id)

    async def held(self, which: FolderType | str | None = None) -> tuple[Item, ...]:
        """
        List what the hub holds, of one folder or of all.
        """
        if which is None:
            return await self.store.items(self.account_id)
        server_id = self.mailbox.folder(which).server_id
        for collection in await self.store.collections(self.account_id):
            if collection.server_id == server_id:
                return await self.store.items(self.account_id, collection_id=collection.id)
        return ()

    def announced(self) -> list[Change]:
        """
        List the changes that were told as news.
        """
        told = [change for event in self.events if isinstance(event, Committed) for change in event.changes]
        return [change for change in told if change.announce]

    async def collection(self, which: FolderType | str) -> Collection:
        """
        Give a folder as the hub holds it.
        """
        server_id = self.mailbox.folder(which).server_id
        every = await self.store.collections(self.account_id)
        return next(one for one in every if one.server_id == server_id)

    async def ids(self, which: FolderType | str) -> dict[str, int]:
        """
        Give the hub's ids of a folder's items by their subject or name.
        """
        return {name_of(item): item.id for item in await self.held(which)}

    async def contradictions(self) -> list[str]:
        """
        Compare what the hub holds with the mailbox, and the store with itself.
        """
        found = list(await self.store.check())
        collections = {one.server_id: one for one in await self.store.collections(self.account_id)}
        for folder in self.mailbox.folders.values():
            collection = collections.get(folder.server_id)
            if collection is None or collection.note:
                continue
            held = {one.server_id: one for one in await self.store.items(self.account_id, collection_id=collection.id)}
            there = folder.items
            found += [f"{folder.display_name}: {one} is missing" for one in there if one not in held]
            found += [f"{folder.display_name}: {one} is too much" for one in held if one not in there]
            for server_id, item in held.items():
                if server_id in there and (names := _different(item.data, there[server_id].data)):
                    found.append(f"{folder.display_name}: {server_id} differs in {', '.join(names)}")
        return found

    def requests(self, command: str) -> int:
        """
        How often the server was asked a command.
        """
        return sum(1 for _, _, name in self.server.log if name == command)

    def commands(self, since: float = 0.0) -> list[str]:
        """
        List what the server was asked, in order, from a virtual moment on.
        """
        return [name for at, _, name in self.server.log if at >= since]


def name_of(item: Item) -> str:
    """
    Give what a person calls an item.
    """
    return str(getattr(item.data, "subject", None) or getattr(item.data, "file_as", None) or item.server_id)


_VIEW = {"body", "native_body_type", "attachments", "other", "mime_size"}
"""What a client asks to see in another form than the mailbox keeps it."""


def _different(held: ApplicationData, there: Any) -> tuple[str, ...]:
    return tuple(name for name in differences(held, there) if name not in _VIEW)


@asynccontextmanager
async def bench(
    *,
    settings: EngineSettings | None = None,
    version: Version | None = None,
    **server_options: Any,
) -> AsyncIterator[Bench]:
    """
    Make a hub and a server, joined; the store is checked when it closes.
    """
    clock = VirtualClock()
    server = ExchangeServer(clock=clock, chance=random.Random(11), **server_options)
    server.add_user(ADDRESS, PASSWORD, name="Ada Larch")
    async with await open_store(None, None, clock=clock, inline=True) as store:
        made = Bench(store, server, clock, settings or EngineSettings())
        await made.add_account(version)
        try:
            yield made
        finally:
            await made.runner.close() if hasattr(made, "runner") else None
            found = await store.check()
            assert not found, found


def mail(mailbox: Mailbox, number: int, **values: Any) -> Any:
    """
    Deliver a numbered mail to the Inbox.
    """
    return mailbox.deliver(subject=f"Mail {number}", sender="bea@elm.example", text=f"Text {number}", **values)


def of_class(items: tuple[Item, ...], content_class: ContentClass) -> list[Item]:
    """
    Those of a class.
    """
    return [item for item in items if item.content_class is content_class]
