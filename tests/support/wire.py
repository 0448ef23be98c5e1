"""
The line between a hub and its server in one process, and what happens to lines: cut, silent, spoilt, too narrow.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

import msgspec

from carrierpost.client.asgi import ASGITransport
from carrierpost.client.errors import AnswerTooLarge, ConnectionLost, TimedOut, TLSRefused, Unreachable
from carrierpost.protocol.message import HTTPRequest, HTTPResponse

__all__ = ["Line", "Wire"]

_HOST = "localhost"


class Line:
    """
    What the network does to all connections of a hub.

    Attributes:
        cut_after: a connection ends when nothing has come over it for so many seconds, as proxies do.
        silent_after: nothing comes back over a connection that was silent for so many seconds, as behind a router
            that forgot it; nobody is told.
        most_bytes: larger answers are refused by the client.
        spoil: changes the bytes of answers, given the request's query.
        certificate: what is wrong with the server's certificate, or `""`.
        asked: requests that left, as virtual seconds.
        heard: the requests themselves, while somebody listens; `None` otherwise.
    """

    def __init__(self) -> None:
        self.cut_after: float | None = None
        self.silent_after: float | None = None
        self.most_bytes: int | None = None
        self.spoil: Callable[[bytes], bytes] | None = None
        self.certificate = ""
        self.asked: list[float] = []
        self.heard: list[HTTPRequest] | None = None
        self._down = False
        self._lost = asyncio.Event()

    def cut(self) -> None:
        """
        Take the network away; what is under way breaks.
        """
        self._down = True
        self._lost.set()

    def restore(self) -> None:
        """
        Give the network back.
        """
        self._down = False
        self._lost = asyncio.Event()

    def check(self) -> None:
        """
        Refuse what cannot leave.
        """
        if self._down:
            raise Unreachable(_HOST, "the network is away")
        if self.certificate:
            raise TLSRefused(_HOST, self.certificate)

    async def lost(self) -> None:
        """
        Return when the network is taken away.
        """
        await self._lost.wait()


class Wire(ASGITransport):
    """
    A transport over a line that may fail.
    """

    def __init__(self, line: Line, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self._line = line

    async def send(self, request: HTTPRequest) -> HTTPResponse:
        """
        Send a request over the line; see `Transport.send`.
        """
        line = self._line
        line.check()
        line.asked.append(asyncio.get_running_loop().time())
        if line.heard is not None:
            line.heard.append(request)
        answer = asyncio.ensure_future(super().send(request))
        lost = asyncio.ensure_future(line.lost())
        try:
            patience = min(one for one in (line.cut_after, line.silent_after, 1e9) if one is not None)
            await asyncio.wait((answer, lost), timeout=patience, return_when=asyncio.FIRST_COMPLETED)
            if not answer.done():
                await self._broken(request, lost)
            response = await answer
        finally:
            for one in (answer, lost):
                one.cancel()
            await asyncio.gather(answer, lost, return_exceptions=True)
        if line.most_bytes is not None and len(response.body) > line.most_bytes:
            raise AnswerTooLarge(_HOST, f"more than {line.most_bytes} bytes", sent=True)
        if line.spoil is not None:
            response = msgspec.structs.replace(response, body=line.spoil(response.body))
        return response

    async def _broken(self, request: HTTPRequest, lost: asyncio.Future[None]) -> None:
        if lost.done() or self._line.silent_after is None:
            raise ConnectionLost(_HOST, "it was cut", sent=True)
        left = (request.hold + 30.0 if request.hold else 120.0) - self._line.silent_after
        if left > 0:
            await asyncio.sleep(left)
        raise TimedOut(_HOST, "no answer", sent=True)
