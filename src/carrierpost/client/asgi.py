"""
A transport to an ASGI application in the same process: client and server joined without a port.

Held requests, cancellation and lost connections behave as over a network: an application that ends before its answer
is complete looks like a connection that broke, and a cancelled request looks to it like a client that has gone.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any
from urllib.parse import unquote, urlsplit

from carrierpost.client.errors import ConnectionLost, TimedOut
from carrierpost.client.login import Credentials
from carrierpost.client.transport import sink_of
from carrierpost.protocol.message import HTTPRequest, HTTPResponse, Sink

__all__ = ["ASGIApp", "ASGITransport"]

Message = MutableMapping[str, Any]
ASGIApp = Callable[
    [MutableMapping[str, Any], Callable[[], Awaitable[Message]], Callable[[Message], Awaitable[None]]], Awaitable[None]
]


class ASGITransport:
    """
    Carries requests into an application.

    Args:
        app: the application.
        credentials: whose requests these are, or `None` for requests without login.
        answer_seconds: time for an ordinary answer.
        margin_seconds: time for a held one, over what it may be held.
    """

    def __init__(
        self,
        app: ASGIApp,
        credentials: Credentials | None,
        *,
        answer_seconds: float = 120.0,
        margin_seconds: float = 30.0,
    ) -> None:
        self._app = app
        self._credentials = credentials
        self._answer_seconds = answer_seconds
        self._margin_seconds = margin_seconds
        self.open = 0
        self.most_open = 0

    async def send(self, request: HTTPRequest) -> HTTPResponse:
        """
        Send a request; see `Transport.send`.
        """
        headers = [(name.lower().encode(), value.encode("latin-1", "replace")) for name, value in request.headers]
        credentials = self._credentials if request.credentials else None
        authorization = await credentials.authorization() if credentials is not None else ""
        if authorization:
            headers.append((b"authorization", authorization.encode()))
        parts = urlsplit(request.url)
        scope = {
            "type": "http",
            "asgi": {"version": "3.0"},
            "http_version": "1.1",
            "method": request.method,
            "scheme": parts.scheme,
            "path": unquote(parts.path),
            "raw_path": parts.path.encode(),
            "query_string": parts.query.encode(),
            "headers": headers,
            "client": ("127.0.0.1", 0),
            "server": (parts.hostname, parts.port or 80),
        }
        self.open += 1
        self.most_open = max(self.most_open, self.open)
        seconds = request.hold + (self._margin_seconds if request.hold else self._answer_seconds)
        try:
            async with asyncio.timeout(seconds):
                response = await _exchange(self._app, scope, request)
        except TimeoutError:
            raise TimedOut(parts.hostname or "", "no answer", sent=True) from None
        finally:
            self.open -= 1
        if credentials is not None:
            credentials.heed(response, authorization)
        return response

    async def refresh(self) -> bool:
        """
        Renew the credentials, where they can be.
        """
        return self._credentials is not None and await self._credentials.refresh()

    async def close(self) -> None:
        """
        Finish what is under way about the credentials; nothing else is kept open.
        """
        if self._credentials is not None:
            await self._credentials.close()


async def _exchange(app: ASGIApp, scope: dict[str, Any], request: HTTPRequest) -> HTTPResponse:
    host = urlsplit(request.url).hostname or ""
    gone = asyncio.Event()
    status: list[Message] = []
    answer = bytearray()
    sink: Sink | None = None
    failed: list[Exception] = []
    complete = asyncio.Event()
    asked = False

    async def receive() -> Message:
        nonlocal asked
        if not asked:
            asked = True
            return {"type": "http.request", "body": request.body, "more_body": False}
        await gone.wait()
        return {"type": "http.disconnect"}

    def guarded(call: Callable[[Any], None], value: Any) -> None:
        nonlocal sink
        try:
            call(value)
        except Exception as error:  # the application is not to hear of what its client thinks
            failed.append(error)
            sink = None

    async def send(message: Message) -> None:
        nonlocal sink
        if message["type"] == "http.response.start":
            status.append(message)
            sink = sink_of(request, message["status"])
            if sink is not None:
                guarded(sink.begin, _headers(message))
        elif message["type"] == "http.response.body":
            piece = bytes(message.get("body", b""))
            if sink is not None:
                guarded(sink.feed, piece)
            elif not failed:
                answer.extend(piece)
            if not message.get("more_body", False):
                complete.set()

    task = asyncio.ensure_future(app(scope, receive, send))
    try:
        await task
    except Exception as error:
        if not complete.is_set():
            raise ConnectionLost(host, f"the server failed: {error!r}", sent=True) from error
    finally:
        gone.set()
        if not task.done():
            # Let the application notice that its client has gone, as a network would; then end it.
            task.cancel()
            with contextlib.suppress(asyncio.CancelledError, Exception):
                await task
    if not complete.is_set() or not status:
        raise ConnectionLost(host, "it ended before the answer was complete", sent=True)
    if failed:
        raise failed[0]
    body = bytes(answer) if sink is None else sink.finish()
    return HTTPResponse(status=status[0]["status"], headers=_headers(status[0]), body=body, url=request.url)


def _headers(start: Message) -> dict[str, str]:
    headers: dict[str, str] = {}
    for raw_name, raw_value in start.get("headers", ()):
        name, value = bytes(raw_name).decode("latin-1").lower(), bytes(raw_value).decode("latin-1")
        headers[name] = f"{headers[name]}, {value}" if name in headers else value
    return headers
