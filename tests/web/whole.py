"""
The whole hub in virtual time: engine, notices and web face joined as `carrierpost serve` joins them, a mail server, a
push service, and people's phones, which know nothing but HTTP.
"""

from __future__ import annotations

import contextlib
import dataclasses
import random
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from typing import Any
from urllib.parse import urlsplit

from starlette.applications import Starlette

from carrierpost.bootstrap import Hub
from carrierpost.client.login import BasicLogin
from carrierpost.client.session import Session
from carrierpost.engine.listener import Listener
from carrierpost.model import Account, Channel, NewAccount, Platform, Secret, Ticket
from carrierpost.notify.outgoing import Answer, Outgoing
from carrierpost.notify.setup import WebPushSetup, keep_setup
from carrierpost.notify.vapid import new_key
from carrierpost.protocol.commands.device import DeviceInformation
from carrierpost.protocol.exchanges import Agreement
from carrierpost.protocol.http import Partnership
from carrierpost.protocol.version import Version
from carrierpost.server import ExchangeServer
from carrierpost.server.mailbox import Mailbox
from carrierpost.server.push_receiver import Phone, PushReceiver
from carrierpost.store import Store, open_store
from carrierpost.web import Office, WebSettings, build_app
from carrierpost.web.joined import joined
from carrierpost.web.principal import hashed
from carrierpost.web.signing_in import TICKET
from tests.support.virtual import VirtualClock
from tests.support.wire import Line, Wire
from tests.web.browser import Browser

__all__ = ["Handset", "Whole", "whole"]

ADDRESS, PASSWORD = "ada@larch.example", "correct horse"
AGENTS = {
    Platform.IOS: "Mozilla/5.0 (iPhone; CPU iPhone OS 18_5 like Mac OS X) AppleWebKit/605.1.15 Safari/604.1",
    Platform.ANDROID: "Mozilla/5.0 (Linux; Android 15; Pixel 9) AppleWebKit/537.36 Chrome/140.0 Mobile Safari/537.36",
    Platform.DESKTOP: "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0",
}


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
class Handset:
    """
    A person's phone: what it can do is ask over HTTP, and receive what is pushed.
    """

    whole: Whole
    browser: Browser
    id: int
    phone: Phone | None = None
    known: int = 0

    @property
    def path(self) -> str:
        """Where it is."""
        return f"/api/v1/devices/{self.id}"

    async def says(self, event: str | None = None, **values: Any) -> Any:
        """Report its life; gives how mail will reach it."""
        return await self.browser.ok("POST", f"{self.path}/life", values | ({"event": event} if event else {}))

    async def news(self, seconds: float = 3.0) -> list[str]:
        """Listen to the live stream for some time, from where it left off; gives subjects of new mail, as they came."""
        found = []
        path = f"/api/v1/accounts/{self.whole.account_id}/live?after={self.known}"
        async with self.browser.stream(path) as stream:
            await self.whole.clock.sleep(seconds)
            while not stream.pieces.empty():
                event = await stream.event() if not stream.pieces.empty() else None
                if event is None:
                    break
                self.known = int(event[2] or self.known)
                if event[0] == "change" and event[1]["kind"] == "item-added" and event[1].get("announce"):
                    item = event[1]["item_id"]
                    mail = await self.browser.ok("GET", f"/api/v1/accounts/{self.whole.account_id}/mail/{item}")
                    found.append(mail["line"]["subject"])
        return found

    async def verdicts(self) -> dict[str, str]:
        """Give how each mail's way to it ended, by subject."""
        account = self.whole.account_id
        found: dict[str, str] = {}
        for item in await self.whole.hub.store.items(account):
            subject = getattr(item.data, "subject", "")
            trace = await self.browser.ok("GET", f"/api/v1/accounts/{account}/items/{item.id}/trace")
            for one in trace["devices"]:
                if one["device_id"] == self.id:
                    found[subject] = one["verdict"]
        return found

    def shown(self) -> list[str]:
        """Give what stands on its lock screen: who wrote."""
        assert self.phone is not None
        return [one["title"] for one in self.phone.screen.values()]


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
    links: int = 0

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
        browser = Browser(self.app, agent=AGENTS[platform])
        self.links += 1
        made = Ticket(purpose=TICKET, expires_at=self.clock.now().replace(year=2027), account_id=self.account_id)
        await self.hub.store.put_ticket(hashed(f"link {self.links}"), made)
        browser.csrf = (await browser.ok("POST", "/api/v1/session", {"ticket": f"link {self.links}"}))["csrf_token"]
        device = await browser.ok("POST", f"/api/v1/accounts/{self.account_id}/devices", {"time_zone": "Europe/Berlin"})
        assert device["platform"] == platform
        one = Handset(self, browser, device["id"])
        await one.says("foreground", background_refresh=refresh)
        if push:
            key = (await browser.ok("GET", "/api/v1/notices/vapid-key"))["public_key"]
            one.phone = self.service.subscribe(key)
            body = {"channel": "web-push", "address": one.phone.address}
            await browser.ok("PUT", f"{one.path}/subscriptions", body)
        await self.clock.sleep(5)
        one.known = (await self.hub.store.account(self.account_id)).feed_position
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
