"""
Connections that are logged in as a whole: NTLM and Negotiate over HTTP.

A lane is one connection at a time, and what is known of it. A request has a lane to itself until its answer is read,
so the parts of a login cannot slip onto different connections, and a new connection under a lane is always noticed.
Lanes belong to one transport, and so to one account: on a connection that somebody has logged in, everybody is they.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from typing import TYPE_CHECKING, Protocol

from carrierpost.client.errors import ConnectionLost
from carrierpost.client.login.windows import WindowsLogin
from carrierpost.protocol.http import host_of
from carrierpost.protocol.message import HTTPRequest, HTTPResponse

if TYPE_CHECKING:
    import aiohttp

__all__ = ["Connected", "Lanes", "OpenSession", "SendOver"]

Connected = Callable[[str, bytes | None], None]
"""Is told of each new connection: host name, and its certificate in DER where TLS is spoken."""

OpenSession = Callable[[int, Connected], "aiohttp.ClientSession"]
"""Opens a session with so many connections."""

_ATTEMPTS = 2  # a server may close an old connection in the middle of a login, but not again and again


class SendOver(Protocol):
    """
    Sends a request over a session.
    """

    def __call__(
        self, session: aiohttp.ClientSession, request: HTTPRequest, headers: Mapping[str, str]
    ) -> Awaitable[HTTPResponse]:
        """
        Send it, and read the whole answer.
        """


class _Lane:
    def __init__(self, open_session: OpenSession) -> None:
        self._open = open_session
        self._session: aiohttp.ClientSession | None = None
        self.connections = 0
        self.logged_in = 0  # which of the connections is, counted from 1
        self.certificates: dict[str, bytes | None] = {}

    @property
    def session(self) -> aiohttp.ClientSession:
        if self._session is None:
            self._session = self._open(1, self._connected)
        return self._session

    def _connected(self, host: str, certificate: bytes | None) -> None:
        self.connections += 1
        self.certificates[host] = certificate

    async def close(self) -> None:
        if self._session is not None:
            session, self._session = self._session, None
            await session.close()


class Lanes:
    """
    The lanes of one account.

    Args:
        login: who logs in.
        number: how many connections at the same time.
        open_session: opens a lane's session.
        send: sends a request over one.
    """

    def __init__(self, login: WindowsLogin, number: int, open_session: OpenSession, send: SendOver) -> None:
        self._login = login
        self._send = send
        self._lanes = [_Lane(open_session) for _ in range(number)]
        # The lane that was used last comes first: it is most likely to be logged in still.
        self._free: asyncio.LifoQueue[_Lane] = asyncio.LifoQueue()
        for lane in self._lanes:
            self._free.put_nowait(lane)

    async def send(self, request: HTTPRequest, headers: Mapping[str, str]) -> HTTPResponse:
        """
        Send a request over a connection that is logged in, and log it in first where it is not.

        Raises:
            ClientError: there is no answer.
        """
        lane = await self._free.get()
        try:
            return await self._over(lane, request, headers)
        except BaseException:
            lane.logged_in = 0  # nobody knows what became of the connection
            raise
        finally:
            self._free.put_nowait(lane)

    async def _over(self, lane: _Lane, request: HTTPRequest, headers: Mapping[str, str]) -> HTTPResponse:
        if lane.connections and lane.logged_in == lane.connections:
            response = await self._send(lane.session, request, headers)
            if response.status != 401:
                return response
        for _ in range(_ATTEMPTS):
            answer = await self._log_in(lane, request, headers)
            if answer is not None:
                return answer
        what = "it closes its connections in the middle of the login; a proxy in between may be the reason"
        raise ConnectionLost(host_of(request.url), what, sent=True)

    async def _log_in(self, lane: _Lane, request: HTTPRequest, headers: Mapping[str, str]) -> HTTPResponse | None:
        """
        Log a connection in with the request itself; `None` when the connection went away in between.
        """
        lane.logged_in = 0
        host = host_of(request.url)
        handshake = self._login.begin(host)
        # The body stays here until the server knows who sends it: it would have to go twice.
        opening = {name: value for name, value in headers.items() if name.lower() != "content-type"}
        empty = HTTPRequest(method=request.method, url=request.url, command=request.command)
        challenge = await self._send(lane.session, empty, {**opening, "Authorization": handshake.first()})
        if challenge.status != 401:
            # It refuses for another reason, or does not ask who we are at all.
            return challenge if challenge.status >= 300 else await self._send(lane.session, request, headers)
        connection = lane.connections
        value = handshake.answer(challenge.headers.get("www-authenticate", ""), lane.certificates.get(host))
        if value is None:
            return challenge
        response = await self._send(lane.session, request, {**headers, "Authorization": value})
        if response.status != 401:
            lane.logged_in = lane.connections
            return response
        return response if lane.connections == connection else None

    async def close(self) -> None:
        """
        Close all connections.
        """
        for lane in self._lanes:
            await lane.close()
