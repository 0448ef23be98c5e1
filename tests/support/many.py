"""
A hub with many accounts in virtual time: a listener, the devices that it listens for, and the server that it asks.
"""

from __future__ import annotations

import contextlib
import random
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

from carrierpost.client.login import BasicLogin
from carrierpost.client.session import Session
from carrierpost.delivery import DeliveryPolicy
from carrierpost.engine import AccountRunner, EngineSettings, Event, Gate, Listener, ListenerSettings
from carrierpost.model import Account, AppState, Collection, Device, DeviceLife, NewAccount, NewDevice, Platform
from carrierpost.protocol.commands.device import DeviceInformation
from carrierpost.protocol.commands.folder_sync import FolderType
from carrierpost.protocol.exchanges import Agreement
from carrierpost.protocol.http import Partnership
from carrierpost.protocol.message import HTTPRequest, HTTPResponse
from carrierpost.protocol.secret import Secret
from carrierpost.protocol.version import Version
from carrierpost.server import ExchangeServer
from carrierpost.server.mailbox import Mailbox
from carrierpost.store import Store, open_store
from tests.support.virtual import VirtualClock
from tests.support.wire import Line, Wire

__all__ = ["Many", "many"]

PASSWORD = "correct horse"
PATH = "/Microsoft-Server-ActiveSync"


class _Counting(Wire):
    """
    A wire that counts what is under way over it at the same time.
    """

    def __init__(self, hub: Many, account: Account, *arguments: Any) -> None:
        super().__init__(*arguments)
        self._hub = hub
        self._account = account

    async def send(self, request: HTTPRequest) -> HTTPResponse:
        """
        Send, and count.
        """
        hub, now = self._hub, self._hub.clock.monotonic()
        hub.asked.append((now, self._account.address, request.command or ""))
        under_way = hub.under_way.get(self._account.id, 0) + 1
        hub.under_way[self._account.id] = under_way
        hub.most_under_way = max(hub.most_under_way, under_way)
        try:
            return await super().send(request)
        finally:
            hub.under_way[self._account.id] -= 1


class Many:
    """
    The hub.

    Attributes:
        lines: the network to each server, by host name.
        asked: every request that left: when, whose, which command.
        most_under_way: requests of one account at the same time, at most.
        open: runners that are open at present.
        policy: what holds for all devices.
    """

    def __init__(self, store: Store, server: ExchangeServer, clock: VirtualClock) -> None:
        self.store = store
        self.server = server
        self.clock = clock
        self.lines: dict[str, Line] = {}
        self.asked: list[tuple[float, str, str]] = []
        self.under_way: dict[int, int] = {}
        self.most_under_way = 0
        self.open = 0
        self.policy = DeliveryPolicy(silence_seconds=1e9)
        self.busy = False
        self.listener: Listener

    async def account(self, number: int = 0, *, host: str = "one.example") -> Account:
        """
        Add an account, here and at the server.
        """
        address = f"p{number}@larch.example"
        self.server.add_user(address, PASSWORD)
        self.lines.setdefault(host, Line())
        return await self.store.add_account(
            NewAccount(address=address, login=address, url=f"http://{host}{PATH}", device_id=f"DEVICE{number:05}")
        )

    async def device(self, account: Account, platform: Platform = Platform.ANDROID, **life: Any) -> Device:
        """
        Register a device; it is open unless its life says otherwise.
        """
        new = NewDevice(account_id=account.id, name=f"phone of {account.address}", platform=platform)
        return await self.store.add_device(new, life=self.life(**life))

    def life(self, state: AppState = AppState.FOREGROUND, **more: Any) -> DeviceLife:
        """
        Make a life that begins now.
        """
        now = self.clock.now()
        return DeviceLife(state=state, since=now, **{"last_seen": now, **more})

    async def says(self, device: Device, state: AppState, **more: Any) -> None:
        """
        Let a device report its life.
        """
        await self.store.set_device_life(device.id, self.life(state, **more))

    def mailbox(self, account: Account) -> Mailbox:
        """
        Give an account's mailbox at the server.
        """
        return self.server.mailbox(account.address)

    async def folder(self, account: Account, kind: FolderType) -> Collection:
        """
        Give a folder as the hub holds it.
        """
        return next(one for one in await self.store.collections(account.id) if one.type is kind)

    def since(self, moment: float, command: str = "") -> list[tuple[float, str, str]]:
        """
        List what was asked from a virtual moment on.
        """
        return [one for one in self.asked if one[0] >= moment and command in ("", one[2])]

    @contextlib.asynccontextmanager
    async def work_on(
        self, account: Account, *, listener: Callable[[Event], None], gate: Gate
    ) -> AsyncIterator[AccountRunner]:
        """
        Open an account's runner.
        """
        if self.busy:
            raise RuntimeError("another carrierpost works on it")
        self.open += 1
        runner = AccountRunner(
            self.store, account.id, self._connect, clock=self.clock, chance=random.Random(account.id),
            settings=EngineSettings(estimates=False), listener=listener, gate=gate,
        )  # fmt: skip
        try:
            async with runner:
                yield runner
        finally:
            self.open -= 1

    async def _connect(
        self,
        account: Account,
        *,
        on_partnership: Callable[[Partnership], Awaitable[None]],
        on_agreement: Callable[[Agreement], Awaitable[None]],
    ) -> Session:
        host = account.url.split("/")[2]
        login = BasicLogin(account.login, Secret(PASSWORD))
        partnership = Partnership(
            url=account.url, user=account.login, device_id=account.device_id, device_type=account.device_type,
            user_agent=account.user_agent, version=account.version or Version.V14_1, policy_key=account.policy_key,
        )  # fmt: skip
        return Session(
            _Counting(self, account, self.lines[host], self.server, login), partnership, clock=self.clock,
            device=DeviceInformation(model="Test"), on_partnership=on_partnership, on_agreement=on_agreement,
        )  # fmt: skip

    async def _policy(self, account: Account) -> DeliveryPolicy:
        return self.policy

    @contextlib.asynccontextmanager
    async def listening(self, seconds: float = 5.0, **settings: Any) -> AsyncIterator[Listener]:
        """
        Let a listener work, at first for some virtual time.
        """
        self.listener = Listener(
            self.store, self.work_on, self._policy, clock=self.clock, chance=random.Random(3),
            settings=ListenerSettings(**settings),
        )  # fmt: skip
        async with self.listener:
            await self.clock.sleep(seconds)
            yield self.listener


@contextlib.asynccontextmanager
async def many() -> AsyncIterator[Many]:
    """
    Make a hub without accounts; nothing is open in the end, and the store is consistent.
    """
    clock = VirtualClock()
    server = ExchangeServer(clock=clock, chance=random.Random(11))
    async with await open_store(None, None, clock=clock, inline=True) as store:
        hub = Many(store, server, clock)
        yield hub
        assert hub.open == 0
        assert not await store.check()
