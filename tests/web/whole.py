"""
The whole hub in virtual time: engine, notices and web face joined as `carrierpost serve` joins them, a mail server, a
push service, and people's phones, which know nothing but HTTP.
"""

from __future__ import annotations

import contextlib
import dataclasses
import random
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from urllib.parse import urlsplit

from starlette.applications import Starlette

from carrierpost.bootstrap import Hub
from carrierpost.client.login import BasicLogin
from carrierpost.client.session import Session
from carrierpost.engine.listener import Listener
from carrierpost.model import Account, Channel, NewAccount, Platform, Secret
from carrierpost.notify.outgoing import Answer, Outgoing
from carrierpost.notify.setup import WebPushSetup, keep_setup
from carrierpost.notify.vapid import new_key
from carrierpost.protocol.commands.device import DeviceInformation
from carrierpost.protocol.exchanges import Agreement
from carrierpost.protocol.http import Partnership
from carrierpost.protocol.version import Version
from carrierpost.server import ExchangeServer
from carrierpost.server.mailbox import Mailbox
from carrierpost.server.push_receiver import PushReceiver
from carrierpost.store import Store, open_store
from carrierpost.web import Office, WebSettings, build_app
from carrierpost.web.joined import joined
from tests.support.virtual import VirtualClock
from tests.support.wire import Line, Wire
from tests.web.handset import Handset, register

__all__ = ["Whole", "whole"]

ADDRESS, PASSWORD = "ada@larch.example", "correct horse"


class _Joined(Hub):
    """
    A hub whose mail server is in this process.
    """

    def __init__(self, store: Store, server: ExchangeServer, clock: VirtualClock) -> None:
        super().__init__(None, store, clock=clock, chance=random.Random(3), seed="whole")
        self._server = server
        self._line = Line()

    async def connect(
        self,
        account: Account,
        *,
        on_partnership: Callable[[Partnership], Awaitable[None]],
        on_agreement: Callable[[Agreement], Awaitable[None]],
    ) -> Session:
        """Open the account's session over a wire."""
        partnership = Partnership(
            url=account.url, user=account.login, device_id=account.device_id, device_type=account.device_type,
            user_agent=account.user_agent, version=account.version or Version.V14_1, policy_key=account.policy_key,
        )  # fmt: skip
        return Session(
            Wire(self._line, self._server, BasicLogin(account.login, Secret(PASSWORD))), partnership, clock=self.clock,
            device=DeviceInformation(model="Test"), on_partnership=on_partnership, on_agreement=on_agreement,
        )  # fmt: skip


class _ToService(Outgoing):
    """
    Carries requests to the push service without a network, and with all that is checked before.
    """

    service: PushReceiver

    async def post(self, url: str, headers: Mapping[str, str], body: bytes) -> Answer:
        """Hand it over."""
        self.reach.check(url)
        status, answered, said = self.service.answer("POST", urlsplit(url).path, headers, body)
        return Answer(status, answered, said)


@dataclasses.dataclass
class Whole:
    """
    The hub with everything around it.
    """

    hub: Hub
    office: Office
    listener: Listener
    app: Starlette
    exchange: ExchangeServer
    service: PushReceiver
    clock: VirtualClock
    account_id: int

    @property
    def mailbox(self) -> Mailbox:
        """Ada's mailbox at the server."""
        return self.exchange.mailbox(ADDRESS)

    def mail(self, subject: str) -> None:
        """Let Bea write."""
        self.mailbox.deliver(
            subject=subject, sender="Bea Elm <bea@elm.example>", text="Shall we?", received=self.clock.now()
        )

    def asked_since(self, moment: float) -> list[str]:
        """List what the mail server was asked from a moment on."""
        return [name for at, _, name in self.exchange.log if at >= moment]

    async def handset(self, platform: Platform, *, push: bool = False, refresh: bool = True) -> Handset:
        """Sign a new phone in, which registers and reports its life; the app is open."""
        one = await register(self.hub, self.app, self.service, self.account_id, platform, push=push, refresh=refresh)
        await self.clock.sleep(5)
        await one.catch_up()
        return one


@contextlib.asynccontextmanager
async def whole() -> AsyncIterator[Whole]:
    """
    Run it; the store is checked when it ends.
    """
    clock = VirtualClock()
    exchange = ExchangeServer(clock=clock, chance=random.Random(11))
    exchange.add_user(ADDRESS, PASSWORD, name="Ada Larch")
    numbers = iter(range(1, 1_000_000))
    service = PushReceiver(
        "https://push.example", clock=clock, random=lambda length: next(numbers).to_bytes(length, "big")
    )
    _ToService.service = service
    async with await open_store(None, None, clock=clock, inline=True) as store:
        hub = _Joined(store, exchange, clock)
        account = await store.add_account(
            NewAccount(
                address=ADDRESS, login=ADDRESS, url="http://localhost/Microsoft-Server-ActiveSync", device_id="WHOLE01"
            )
        )
        setup = WebPushSetup(key=new_key().reveal(), contact="mailto:post@larch.example")
        await keep_setup(store, Channel.WEB_PUSH, setup)
        async with joined(hub, WebSettings(), outgoing=_ToService) as (office, listener):
            yield Whole(hub, office, listener, build_app(office), exchange, service, clock, account.id)
        assert await store.check() == ()
