"""
The server on a real port, over HTTP or HTTPS.

uvicorn speaks HTTP; here it is taught three things. It installs no signal handlers, for it is a guest in somebody
else's event loop. It closes at once, however long a Ping would still be held. And an application that ends before its
answer is complete becomes a connection that broke, not an answer with status 500, so that the faults which drop
connections do over a network what they do in one process.
"""

from __future__ import annotations

import asyncio
import contextlib
import functools
import socket
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, MutableMapping
from pathlib import Path
from typing import Any

import uvicorn
from uvicorn.protocols.http.h11_impl import H11Protocol
from uvicorn.server import ServerState

from carrierpost.protocol.http import PATH
from carrierpost.server.exchange import ExchangeServer

__all__ = ["Serving", "serving"]

Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]

_GRACE = 0.5  # seconds in which answers that are ready may still leave while the server closes
_NAMING = ("emailAddress", "commonName")
_KEEP_ALIVE = 120  # seconds that an idle connection is kept; longer than clients keep theirs, so that they close it


class Serving:
    """
    A server that listens.

    Attributes:
        host: the address it listens at.
        port: its port.
        secure: whether it speaks HTTPS.
    """

    def __init__(self, host: str, port: int, *, secure: bool) -> None:
        self.host = host
        self.port = port
        self.secure = secure

    @property
    def origin(self) -> str:
        """
        Scheme, host and port: `http://127.0.0.1:8080`.
        """
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"{'https' if self.secure else 'http'}://{host}:{self.port}"

    @property
    def url(self) -> str:
        """
        The address of its ActiveSync.
        """
        return self.origin + PATH


@contextlib.asynccontextmanager
async def serving(
    exchange: ExchangeServer,
    host: str = "127.0.0.1",
    port: int = 0,
    certificate: Path | None = None,
    key: Path | None = None,
    client_ca: Path | None = None,
) -> AsyncIterator[Serving]:
    """
    Serve until the block is left; then connections are closed, held requests with them.

    Args:
        exchange: the server.
        host: where to listen: an address or name of this machine.
        port: on which port; 0 takes a free one.
        certificate: a PEM file with the certificate chain; without it HTTP is spoken.
        key: a PEM file with its private key; may be left out when the certificate's file has it.
        client_ca: a PEM file with authorities; who connects has to show a certificate that one of them signed, and is
            logged in as the person whose address it names.

    Raises:
        OSError: host and port cannot be listened at, or a file cannot be read; says what to do.
        ValueError: certificate or key are no such thing, or a key came alone.
    """
    if key is not None and certificate is None:
        raise ValueError(f"the key {key} came without a certificate; name both, or neither for plain HTTP")
    if client_ca is not None and certificate is None:
        raise ValueError("clients can show a certificate over HTTPS only; name the server's certificate as well")
    config = uvicorn.Config(
        exchange,
        http=_Connection,
        ws="none",
        lifespan="off",
        log_config=None,
        log_level="warning",
        access_log=False,
        server_header=False,
        timeout_keep_alive=_KEEP_ALIVE,
        ssl_certfile=certificate,
        ssl_keyfile=key,
        ssl_ca_certs=str(client_ca) if client_ca is not None else None,
        ssl_cert_reqs=ssl.CERT_OPTIONAL if client_ca is not None else ssl.CERT_NONE,
    )
    _load(config, certificate, key, client_ca)
    listener = _listen(host, port)
    server = _Server(config, exchange)
    task = asyncio.ensure_future(server.serve([listener]))
    ready = asyncio.ensure_future(server.ready.wait())
    try:
        await asyncio.wait([task, ready], return_when=asyncio.FIRST_COMPLETED)
        if task.done():
            await task
        yield Serving(host, listener.getsockname()[1], secure=certificate is not None)
    finally:
        ready.cancel()
        server.should_exit = True
        await task


def _load(config: uvicorn.Config, certificate: Path | None, key: Path | None, client_ca: Path | None) -> None:
    for file in (certificate, key, client_ca):
        if file is not None:
            file.open("rb").close()  # an error that names the file
    try:
        config.load()
    except ssl.SSLError as error:
        named = " and ".join(str(file) for file in (certificate, key, client_ca) if file is not None)
        raise ValueError(f"{named} cannot be used for HTTPS ({error.reason or error}); both must be PEM") from None


def _listen(host: str, port: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    # The protocol is named because asyncio sends without delay only where it knows that this is TCP; otherwise each
    # small answer, whose head and body are written one after the other, waits 40 ms for the client's acknowledgement.
    listener = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    try:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind((host, port))
    except OSError as error:
        listener.close()
        advice = "choose another port, or 0 for a free one" if port else "choose an address of this machine"
        raise OSError(error.errno, f"cannot listen at {host} port {port} ({error.strerror}); {advice}") from None
    return listener


class _Server(uvicorn.Server):
    """
    A guest in an event loop: no signal handlers, and quick to go.
    """

    def __init__(self, config: uvicorn.Config, exchange: ExchangeServer) -> None:
        super().__init__(config)
        self.ready = asyncio.Event()
        self._exchange = exchange

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        self.ready.set()

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        for server in self.servers:
            server.close()
        state: ServerState = self.server_state
        self._exchange.release()
        for connection in list(state.connections):
            connection.shutdown()
        if state.tasks:
            await asyncio.wait(state.tasks, timeout=_GRACE)
        for task in list(state.tasks):
            task.cancel()
        if state.tasks:
            await asyncio.wait(state.tasks, timeout=_GRACE)
        for connection in list(state.connections):
            if connection.transport is not None:
                connection.transport.abort()
        while state.connections:  # each goes in the loop's next round
            await asyncio.sleep(0)
        for sock in sockets or ():
            sock.close()


class _Connection(H11Protocol):
    """
    A connection that breaks when the application leaves an answer unfinished.
    """

    def __init__(self, *arguments: Any, **named: Any) -> None:
        super().__init__(*arguments, **named)
        self.app = functools.partial(self._whole_or_broken, self.app)

    async def _whole_or_broken(
        self, app: Callable[..., Awaitable[None]], scope: MutableMapping[str, Any], receive: Receive, send: Send
    ) -> None:
        complete = False
        if self.config.ssl_ca_certs is not None:
            scope.setdefault("extensions", {})["carrierpost.certificate"] = _names_of(self.transport)

        async def watched(message: Message) -> None:
            nonlocal complete
            await send(message)
            complete = message["type"] == "http.response.body" and not message.get("more_body", False)

        with contextlib.suppress(asyncio.CancelledError):  # only a server that closes cancels
            await app(scope, receive, watched)
        if not complete:
            self.transport.abort()
            while (await receive())["type"] != "http.disconnect":
                pass


def _names_of(transport: asyncio.BaseTransport) -> tuple[str, ...]:
    """
    List whom the certificate names that TLS has checked: mail addresses, and the common name.
    """
    shown = transport.get_extra_info("peercert") or {}
    names = [value for kind, value in shown.get("subjectAltName", ()) if kind == "email"]
    names += [value for part in shown.get("subject", ()) for kind, value in part if kind in _NAMING]
    return tuple(names)
