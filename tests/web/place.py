"""
A hub with its web face, as most tests of this room want it: two people, their mail, browsers that are signed in.
"""

from __future__ import annotations

import contextlib
import dataclasses
import datetime as dt
import random
from collections.abc import AsyncIterator
from typing import Any

from starlette.applications import Starlette

from carrierpost.bootstrap import Hub, open_hub_in_memory
from carrierpost.model import Ticket
from carrierpost.notify.desk import NoticeDesk
from carrierpost.notify.forecast import Forecast
from carrierpost.notify.trace import ItemTrace
from carrierpost.web import Office, WebSettings, build_app
from carrierpost.web.principal import hashed
from carrierpost.web.signing_in import TICKET
from tests.store.values import Mailbox, html, mail
from tests.support.virtual import VirtualClock
from tests.web.browser import Browser

__all__ = ["ADA", "BEA", "Place", "place"]

ADA, BEA = "ada@larch.example", "bea@elm.example"


class FakeNotices:
    """
    Takes the place of whoever notifies: this room only hands on.
    """

    def __init__(self, desk: NoticeDesk) -> None:
        self.desk = desk
        self.tested: list[int] = []
        self.receipts: list[tuple[int, str, str, dt.datetime]] = []

    def vapid_public_key(self) -> str | None:
        """Give a key."""
        return "BKey"

    async def test(self, subscription_id: int) -> str:
        """Note it."""
        self.tested.append(subscription_id)
        return f"n{subscription_id}"

    async def receipt(self, device_id: int, notice_id: str, kind: str, at: dt.datetime) -> bool:
        """Note it; one notice is not known."""
        self.receipts.append((device_id, notice_id, kind, at))
        return notice_id != "unknown"

    async def trace(self, account_id: int, item_id: int) -> ItemTrace:
        """Read it; that needs nobody who notifies."""
        return await self.desk.trace(account_id, item_id)

    async def forecast(self, device_id: int) -> Forecast:
        """Look; that needs nobody who notifies."""
        return await self.desk.forecast(device_id)


@dataclasses.dataclass
class Place:
    """
    A hub and its web face.
    """

    hub: Hub
    office: Office
    app: Starlette
    ada: Mailbox
    bea: Mailbox
    notices: FakeNotices
    number: int = 0

    def browser(self, **values: Any) -> Browser:
        """Open a browser that nobody is signed in to."""
        return Browser(self.app, **values)

    async def link(self, box: Mailbox) -> str:
        """Make a link that signs in once."""
        self.number += 1
        until = self.hub.clock.now() + dt.timedelta(minutes=10)
        made = Ticket(purpose=TICKET, expires_at=until, account_id=box.id)
        await self.hub.store.put_ticket(hashed(f"link {self.number}"), made)
        return f"link {self.number}"

    async def signed_in(self, box: Mailbox, browser: Browser | None = None, *, device: bool = False) -> Browser:
        """Sign a browser in; with `device` it is registered, too."""
        one = browser or self.browser()
        answer = await one.ask("POST", "/api/v1/session", {"ticket": await self.link(box)})
        assert answer.status == 201, answer.body
        one.csrf = answer.json["csrf_token"]
        if device:
            await one.ok("POST", f"/api/v1/accounts/{box.id}/devices", {"time_zone": "Europe/Berlin"})
        return one


@contextlib.asynccontextmanager
async def place(**settings: Any) -> AsyncIterator[Place]:
    """
    Open a hub in memory and in virtual time.
    """
    async with open_hub_in_memory(clock=VirtualClock(), chance=random.Random(3)) as hub:
        ada, bea = await Mailbox.begin(hub.store), await Mailbox.begin(hub.store, BEA)
        for box in (ada, bea):
            await box.sync(adds=(mail(1, "linden"), mail(2, body=html("<p>birch<script>x()</script></p>")), mail(3)))
        notices = FakeNotices(NoticeDesk(hub.store, {}, clock=hub.clock, chance=hub.chance, name=lambda: "n"))
        office = Office(hub, WebSettings(**settings), notices=notices)
        yield Place(hub, office, build_app(office), ada, bea, notices)
        office.drain()
        await office.sign_ins.close()
        assert await hub.store.check() == ()
