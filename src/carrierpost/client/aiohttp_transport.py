"""
The network: aiohttp, one session and so one pool of connections per account.

A pool that people share can hand one's authenticated connection to another; so none is shared. TLS is verified always.
Held connections are many and idle, so each TLS connection gets a read buffer of 16 KB instead of asyncio's 256 KB, and
a larger one only while a large answer comes.
"""

from __future__ import annotations

import asyncio
import dataclasses
import functools
import io
import ssl
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yarl

from carrierpost.client.errors import (
    AnswerTooLarge,
    ClientError,
    ConnectionLost,
    TimedOut,
    Unreachable,
)
from carrierpost.client.lanes import Connected, Lanes
from carrierpost.client.login import Credentials
from carrierpost.client.login.windows import WindowsLogin
from carrierpost.client.tls import authorities_later, refusal, tls_context
from carrierpost.client.transport import MOST_BYTES, sink_of
from carrierpost.protocol.http import host_of
from carrierpost.protocol.message import HTTPRequest, HTTPResponse, Sink

with authorities_later():
    import aiohttp

    from carrierpost.client.cookies import Cookies

__all__ = ["HTTPTransport"]

CONNECT_SECONDS = 20.0
ANSWER_SECONDS = 120.0
MARGIN_SECONDS = 30.0  # a held request must have been answered this long after its time
_SLOWEST = 16 * 1024  # bytes a second that a request's body must go out with, on average
_SLOWEST_ANSWER = 1024  # bytes a second that an answer must come with, on average
_LARGE = 64 * 1024  # bytes of a body that is not written at once
_TLS_BUFFER = 16 * 1024
_TLS_BUFFER_LARGE = 64 * 1024  # four times fewer turns of the loop; more makes ssl's own pieces costly


class _SmallBufferProtocol(aiohttp.client_proto.ResponseHandler):
    """
    aiohttp's protocol, which asks its TLS transport for a small read buffer, and for a larger one as long as it is
    filled.
    """

    def __init__(self, loop: asyncio.AbstractEventLoop, connected: Connected | None = None) -> None:
        super().__init__(loop)
        self._connected = connected
        self._tls: Any = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        super().connection_made(transport)
        if self._connected is not None:
            seen = transport.get_extra_info("ssl_object")
            host = seen.server_hostname if seen is not None else None
            self._connected(host or "", seen.getpeercert(binary_form=True) if seen is not None else None)
        tls: Any = getattr(transport, "_ssl_protocol", None)
        if tls is not None and hasattr(tls, "_ssl_buffer"):
            self._tls = tls
            self._resize(_TLS_BUFFER)

    def data_received(self, data: bytes) -> None:
        if self._tls is not None:
            # Half of it is as full as small TLS records make it. The last answer before a connection is held is small.
            self._resize(_TLS_BUFFER_LARGE if len(data) >= _TLS_BUFFER // 2 else _TLS_BUFFER)
        super().data_received(data)

    def _resize(self, size: int) -> None:
        tls = self._tls
        if tls.max_size == size:
            return
        # Nothing has been read into it yet that is still needed: the protocol hands each read on at once.
        tls.max_size = size
        tls._ssl_buffer_view.release()
        tls._ssl_buffer = bytearray(size)
        tls._ssl_buffer_view = memoryview(tls._ssl_buffer)

    def close(self) -> None:
        """
        Close at once. TLS would first wait for the server's farewell, and one that is busy with a held request which
        nobody wants any more lets half a minute pass before it says one.
        """
        self.abort()


class _Connector(aiohttp.TCPConnector):
    def __init__(self, connected: Connected | None, **options: Any) -> None:
        super().__init__(**options)
        loop = asyncio.get_running_loop()
        # aiohttp names the type of its own factory; ours makes a subclass of what that makes.
        self._factory = functools.partial(_SmallBufferProtocol, loop, connected)  # type: ignore[assignment]


@dataclasses.dataclass(frozen=True, slots=True)
class _Deadline:
    """
    Limits the time from a request's headers to its answer, which gets more time as it comes.

    aiohttp begins to wait for silence only when the whole body is out, so a network that takes none of it would hold a
    request for ever; and an answer that comes in drops is never silent. The time begins with the request's headers:
    waiting for a free connection is not the server's fault.
    """

    seconds: float
    timeout: asyncio.Timeout


async def _headers_sent(session: aiohttp.ClientSession, context: Any, sent: object) -> None:
    deadline: _Deadline = context.trace_request_ctx
    deadline.timeout.reschedule(asyncio.get_running_loop().time() + deadline.seconds)


@functools.cache
def _watch() -> aiohttp.TraceConfig:
    """
    Give what lets a deadline begin; it knows nothing of whose request it is, so all sessions have the same.
    """
    watch = aiohttp.TraceConfig()
    watch.on_request_headers_sent.append(_headers_sent)
    return watch


class HTTPTransport:
    """
    Carries requests over the network.

    Args:
        credentials: whose requests these are, or `None` for requests without login.
        ca_file: a file with further authorities to trust.
        tls: how TLS is spoken, where the login is part of it; `ca_file` has no effect then.
        connections: most connections at the same time.
        most_bytes: largest answer accepted, decompressed.
        connect_seconds: time until a connection stands, encryption included.
        answer_seconds: longest silence during an ordinary request.
        margin_seconds: longest silence during a held one, over what it may be held.
        names: finds addresses of host names; the machine's way unless given.
    """

    def __init__(
        self,
        credentials: Credentials | WindowsLogin | None,
        *,
        ca_file: Path | str | None = None,
        tls: ssl.SSLContext | None = None,
        connections: int = 2,
        most_bytes: int = MOST_BYTES,
        connect_seconds: float = CONNECT_SECONDS,
        answer_seconds: float = ANSWER_SECONDS,
        margin_seconds: float = MARGIN_SECONDS,
        names: aiohttp.abc.AbstractResolver | None = None,
    ) -> None:
        self._names = names
        self._credentials = credentials if isinstance(credentials, Credentials) else None
        self._windows = credentials if isinstance(credentials, WindowsLogin) else None
        self._tls = tls or tls_context(ca_file)
        self._shows_certificate = tls is not None
        self._answered = False
        self._connections = connections
        self._most_bytes = most_bytes
        self._connect_seconds = connect_seconds
        self._answer_seconds = answer_seconds
        self._margin_seconds = margin_seconds
        self._session: aiohttp.ClientSession | None = None
        self._lanes: Lanes | None = None
        self._cookies: Cookies | None = None

    def _open(self, connections: int, connected: Connected | None = None) -> aiohttp.ClientSession:
        if self._cookies is None:
            self._cookies = Cookies()
        connector = _Connector(connected, limit=connections, ssl=self._tls, keepalive_timeout=75, resolver=self._names)
        return aiohttp.ClientSession(
            trace_configs=[_watch()],
            connector=connector,
            auto_decompress=True,
            skip_auto_headers=("User-Agent", "Content-Type"),
            cookie_jar=self._cookies,
        )

    def _opened(self) -> aiohttp.ClientSession:
        if self._session is None:
            self._session = self._open(self._connections)
        return self._session

    async def send(self, request: HTTPRequest) -> HTTPResponse:
        """
        Send a request; see `Transport.send`.
        """
        headers = {"Accept-Encoding": "gzip", **dict(request.headers)}
        if request.credentials and self._windows is not None:
            if self._lanes is None:
                self._lanes = Lanes(self._windows, self._connections, self._open, self._send_over)
            return await self._lanes.send(request, headers)
        if not request.credentials or self._credentials is None:
            return await self._send_over(self._opened(), request, headers)
        headers["Authorization"] = authorization = await self._credentials.authorization()
        response = await self._send_over(self._opened(), request, headers)
        self._credentials.heed(response, authorization)
        return response

    async def _send_over(
        self, session: aiohttp.ClientSession, request: HTTPRequest, headers: Mapping[str, str]
    ) -> HTTPResponse:
        host = host_of(request.url)
        seconds = request.hold + (self._margin_seconds if request.hold else self._answer_seconds)
        timeouts = aiohttp.ClientTimeout(
            total=None,
            sock_connect=self._connect_seconds,
            # A held answer is small: what limits its time as a whole is enough, and one timer less for each connection.
            sock_read=None if request.hold else seconds,
        )
        try:
            # As it was framed, letter by letter: the query is the server's business.
            url = yarl.URL(request.url, encoded=request.url.isascii())
        except ValueError as error:
            raise Unreachable(host, "the address is not valid") from error
        begun = session.request(
            request.method,
            url,
            # A large body is written piece by piece, so that other accounts have their turn in between.
            data=io.BytesIO(request.body) if len(request.body) > _LARGE else request.body or None,
            headers=headers,
            allow_redirects=False,
            timeout=timeouts,
            trace_request_ctx=_Deadline(seconds + len(request.body) / _SLOWEST, deadline := asyncio.timeout(None)),
        )
        try:
            async with deadline, await begun as response:
                answer = await self._read(request, response, host, _Deadline(seconds, deadline))
                self._answered = True
                return answer
        except ClientError:
            raise
        except Exception as error:
            translated = translate(error, host)
            if translated is None:
                raise
            if isinstance(translated, ConnectionLost) and self._shows_certificate and not self._answered:
                # A refusal that TLS 1.3 sends is mostly lost with the connection.
                hint = "it may not accept your client certificate"
                translated = ConnectionLost(host, f"{translated.detail}; {hint}", sent=True)
            raise translated from error

    async def _read(
        self, request: HTTPRequest, response: aiohttp.ClientResponse, host: str, deadline: _Deadline
    ) -> HTTPResponse:
        headers: dict[str, str] = {}
        for name, value in response.headers.items():
            name = name.lower()
            headers[name] = f"{headers[name]}, {value}" if name in headers else value
        sink = sink_of(request, response.status)
        if sink is not None:
            body = await self._pour(sink, headers, response, deadline)
        else:
            body = await self._whole(response, host, deadline)
        return HTTPResponse(status=response.status, headers=headers, body=body, url=str(response.url))

    @staticmethod
    async def _pour(
        sink: Sink, headers: Mapping[str, str], response: aiohttp.ClientResponse, deadline: _Deadline
    ) -> bytes:
        size, begun = 0, asyncio.get_running_loop().time()
        try:
            sink.begin(headers)
            async for piece in response.content.iter_any():
                sink.feed(piece)
                size += len(piece)
                deadline.timeout.reschedule(begun + deadline.seconds + size / _SLOWEST_ANSWER)
            return sink.finish()
        except BaseException:
            response.close()  # its rest is not worth reading
            raise

    async def _whole(self, response: aiohttp.ClientResponse, host: str, deadline: _Deadline) -> bytes:
        pieces, size, announced = [], 0, response.content_length or 0
        begun = asyncio.get_running_loop().time()
        if announced <= self._most_bytes:
            async for piece in response.content.iter_any():
                size += len(piece)
                if size > self._most_bytes:
                    break
                pieces.append(piece)
                deadline.timeout.reschedule(begun + deadline.seconds + size / _SLOWEST_ANSWER)
        if max(size, announced) > self._most_bytes:
            response.close()  # its rest is not worth reading
            raise AnswerTooLarge(host, f"more than {self._most_bytes} bytes", sent=True)
        return b"".join(pieces)

    async def refresh(self) -> bool:
        """
        Renew the credentials, where they can be.
        """
        return self._credentials is not None and await self._credentials.refresh()

    async def close(self) -> None:
        """
        Close all connections, and finish what is under way about the credentials.
        """
        if self._lanes is not None:
            lanes, self._lanes = self._lanes, None
            await lanes.close()
        if self._session is not None:
            session, self._session = self._session, None
            await session.close()
        if self._credentials is not None:
            await self._credentials.close()


def translate(error: BaseException, host: str) -> ClientError | None:
    """
    Turn a foreign exception into one of ours; `None` for what is no failure of the connection.
    """
    match error:
        case aiohttp.ClientSSLError() | ssl.SSLError():
            return refusal(error, host)
        case aiohttp.ClientOSError() if isinstance(error.__cause__, ssl.SSLError):
            return refusal(error.__cause__, host)  # with TLS 1.3 a server may refuse after all seemed agreed on
        case aiohttp.ConnectionTimeoutError():
            return TimedOut(host, "no connection was made")
        case aiohttp.ServerTimeoutError():
            return TimedOut(host, "the connection stayed silent", sent=True)
        case aiohttp.ClientConnectorError():
            return Unreachable(host, error.os_error.strerror or str(error.os_error))
        case aiohttp.InvalidURL():
            return Unreachable(host, "the address is not valid")
        case aiohttp.ClientPayloadError() | aiohttp.ServerDisconnectedError() | aiohttp.ClientOSError():
            return ConnectionLost(host, str(error) or "the server closed it", sent=True)
        case aiohttp.ClientError():
            return ConnectionLost(host, str(error) or type(error).__name__, sent=True)
        case TimeoutError():
            return TimedOut(host, "no answer", sent=True)
        case OSError():
            return ConnectionLost(host, error.strerror or str(error), sent=True)
        case ValueError():
            return ConnectionLost(host, f"the answer is no HTTP: {error}", sent=True)
    return None
