"""
A place where tokens are given: an authority on a port of this machine, and a clock that jumps when somebody waits.
"""

from __future__ import annotations

import asyncio
import contextlib
import dataclasses
import datetime as dt
from collections.abc import AsyncIterator

from carrierpost.client.aiohttp_transport import HTTPTransport
from carrierpost.client.login.authority import Application, AuthorityClient, find_authority
from carrierpost.client.login.kept import TokenLogin
from carrierpost.protocol.secret import Secret
from tests.client.network import serve_pages
from tests.support.authority import CLIENT, Authority

__all__ = ["JumpingClock", "Office", "office"]

SCOPE = "https://mail.larch.example/EAS.AccessAsUser.All offline_access openid profile"


class JumpingClock:
    """
    A clock that stands still but for those who wait: they are there at once.

    Attributes:
        seconds: since the beginning.
        stands: nobody's wait ever ends.
    """

    def __init__(self) -> None:
        self.seconds = 0.0
        self.stands = False

    def now(self) -> dt.datetime:
        """Tell the date and time."""
        return dt.datetime(2026, 3, 2, 9, 0, tzinfo=dt.UTC) + dt.timedelta(seconds=self.seconds)

    def monotonic(self) -> float:
        """Tell the seconds since the beginning."""
        return self.seconds

    async def sleep(self, seconds: float) -> None:
        """Jump."""
        await (asyncio.Event().wait() if self.stands else asyncio.sleep(0))
        self.seconds += seconds


@dataclasses.dataclass
class Office:
    """
    An authority, and a client of it.
    """

    authority: Authority
    name: str
    clock: JumpingClock
    transport: HTTPTransport

    async def client(self, client_id: str = CLIENT, secret: str = "", scope: str = SCOPE) -> AuthorityClient:
        """Find the authority's doors, and give a client of it."""
        application = Application(client_id=client_id, client_secret=Secret(secret), scope=scope)
        return AuthorityClient(
            await find_authority(self.name, self.transport.send), application, self.transport.send, self.clock
        )

    async def log_in(self, user: str) -> TokenLogin:
        """Give somebody a login by a device code, agreed to at once."""
        from carrierpost.client.login.flows import device_flow

        return await device_flow(await self.client(), lambda code: self.authority.approve(code.user_code, user))


@contextlib.asynccontextmanager
async def office() -> AsyncIterator[Office]:
    """Run an authority."""
    clock = JumpingClock()
    authority = Authority(now=clock.now)
    async with serve_pages(authority.answer) as port:
        transport = HTTPTransport(None)
        try:
            yield Office(authority, f"http://127.0.0.1:{port}/firm", clock, transport)
        finally:
            await transport.close()
