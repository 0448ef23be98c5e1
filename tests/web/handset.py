"""
A person's phone before a hub: what it can do is ask over HTTP, and receive what is pushed.
"""

from __future__ import annotations

import asyncio
import datetime as dt
import secrets
from typing import Any

from starlette.types import ASGIApp

from carrierpost.bootstrap import Hub
from carrierpost.model import Platform, Ticket
from carrierpost.server.push_receiver import Phone, PushReceiver
from carrierpost.web.principal import hashed
from carrierpost.web.signing_in import TICKET
from tests.web.browser import Browser, Stream

__all__ = ["AGENTS", "Handset", "register"]

AGENTS = {
    Platform.IOS: "Mozilla/5.0 (iPhone; CPU iPhone OS 18_5 like Mac OS X) AppleWebKit/605.1.15 Safari/604.1",
    Platform.ANDROID: "Mozilla/5.0 (Linux; Android 15; Pixel 9) AppleWebKit/537.36 Chrome/140.0 Mobile Safari/537.36",
    Platform.DESKTOP: "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0",
}


class Handset:
    """
    One phone.

    Attributes:
        browser: by which it asks.
        id: its number at the hub.
        phone: where pushes arrive, if it takes any.
        known: the number of the last change that it knows.
    """

    def __init__(self, hub: Hub, browser: Browser, account_id: int, device_id: int) -> None:
        self._hub = hub
        self._account_id = account_id
        self.browser = browser
        self.id = device_id
        self.phone: Phone | None = None
        self.known = 0

    @property
    def path(self) -> str:
        """Where it is."""
        return f"/api/v1/devices/{self.id}"

    @property
    def account(self) -> str:
        """Where its account is."""
        return f"/api/v1/accounts/{self._account_id}"

    async def says(self, event: str | None = None, **values: Any) -> Any:
        """Report its life; gives how mail will reach it."""
        return await self.browser.ok("POST", f"{self.path}/life", values | ({"event": event} if event else {}))

    async def subscribe(self, service: PushReceiver) -> None:
        """Let itself be notified by Web Push."""
        key = (await self.browser.ok("GET", "/api/v1/notices/vapid-key"))["public_key"]
        self.phone = service.subscribe(key)
        body = {"channel": "web-push", "address": self.phone.address}
        await self.browser.ok("PUT", f"{self.path}/subscriptions", body)

    async def catch_up(self) -> None:
        """Know everything that there is by now."""
        self.known = (await self._hub.store.account(self._account_id)).feed_position

    async def hears(self, number: int, seconds: float) -> list[str]:
        """
        Listen to the live stream, from where it left off, until so many new mails came, or the time is over.

        Returns:
            Their subjects, as they came.
        """
        found: list[str] = []
        async with self.browser.stream(f"{self.account}/live?after={self.known}") as stream:
            try:
                async with asyncio.timeout(seconds):
                    while len(found) < number and (subject := await self._next(stream)) is not None:
                        found += [subject] if subject else []
            except TimeoutError:
                pass
        return found

    async def _next(self, stream: Stream) -> str | None:
        """Give the subject of the mail that the next event announces, or nothing; `None` at the end."""
        event = await stream.event()
        if event is None:
            return None
        name, data, number = event
        assert name == "change", event
        self.known = int(number)
        if data["kind"] != "item-added" or not data.get("announce"):
            return ""
        mail = await self.browser.ok("GET", f"{self.account}/mail/{data['item_id']}")
        return str(mail["line"]["subject"])

    async def verdicts(self) -> dict[str, str]:
        """Give how each mail's way to it ended, by subject."""
        found: dict[str, str] = {}
        for item in await self._hub.store.items(self._account_id):
            trace = await self.browser.ok("GET", f"{self.account}/items/{item.id}/trace")
            for one in trace["devices"]:
                if one["device_id"] == self.id:
                    found[getattr(item.data, "subject", "")] = one["verdict"]
        return found

    def shown(self) -> list[str]:
        """Give what stands on its lock screen: who wrote."""
        assert self.phone is not None
        return [one["title"] for one in self.phone.screen.values()]


async def register(
    hub: Hub,
    app: ASGIApp,
    service: PushReceiver,
    account_id: int,
    platform: Platform,
    *,
    push: bool = False,
    refresh: bool = True,
) -> Handset:
    """
    Sign a new phone in, which registers and reports its life; the app is open.
    """
    browser = Browser(app, agent=AGENTS[platform])
    link = secrets.token_hex(8)
    made = Ticket(purpose=TICKET, expires_at=hub.clock.now() + dt.timedelta(minutes=10), account_id=account_id)
    await hub.store.put_ticket(hashed(link), made)
    browser.csrf = (await browser.ok("POST", "/api/v1/session", {"ticket": link}))["csrf_token"]
    device = await browser.ok("POST", f"/api/v1/accounts/{account_id}/devices", {"time_zone": "Europe/Berlin"})
    assert device["platform"] == platform
    one = Handset(hub, browser, account_id, device["id"])
    await one.says("foreground", background_refresh=refresh)
    if push:
        await one.subscribe(service)
    return one
