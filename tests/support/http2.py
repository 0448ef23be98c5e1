"""
A provider's front door for tests: TLS, HTTP/2 as [RFC 9113] has it, or HTTP/1.1 for who asks for that.

It stands on the same protocol libraries as real servers, answers by a plain function, and can end connections in the
ways that providers do: politely (GOAWAY, with what is under way answered), rudely (GOAWAY, with nothing answered), or
by hanging up. What it reads after TLS is kept, for that is what a provider can see.
"""

from __future__ import annotations

import asyncio
import contextlib
import datetime as dt
import ssl
import tempfile
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from pathlib import Path

import h2.config
import h2.connection
import h2.events
import h11
import hyperframe.frame

from carrierpost.notify.outgoing import Outgoing
from carrierpost.notify.reach import Reach
from carrierpost.server.certificate import self_made

__all__ = ["NAMES", "Answerer", "Asked", "Door", "Ending", "front_door", "outgoing_to"]

NAMES = (
    "127.0.0.1", "push.example", "web.push.apple.com", "api.push.apple.com", "api.sandbox.push.apple.com",
    "fcm.googleapis.com", "oauth2.googleapis.com", "ntfy.example", "hook.example",
)  # fmt: skip

Reply = tuple[int, Mapping[str, str], bytes]


class Asked:
    """
    A request: method, path, headers with names in lower case, and body.
    """

    def __init__(self, method: str, path: str, headers: Mapping[str, str], body: bytes, connection: int) -> None:
        self.method = method
        self.path = path
        self.headers = headers
        self.body = body
        self.connection = connection


Answerer = Callable[[Asked], Reply | Awaitable[Reply]]


class Ending:
    """
    How connections end: the n-th answer on a connection brings it about; zero lets nothing be answered.
    """

    NEVER = "never"
    POLITE = "polite"
    """GOAWAY; what came is answered, what comes later on that connection is not."""
    RUDE = "rude"
    """GOAWAY that names no request as done, and the end of the connection."""
    HANG_UP = "hang-up"
    """The connection ends without a word."""


class Door:
    """
    The server; see `front_door`.

    Attributes:
        port: where it listens.
        certificate: PEM; clients have to trust it.
        asked: requests that were read in full, in order.
        seen: all bytes that came, after TLS.
        connections: how many were opened.
        most_at_once: most requests under way at the same time on one connection.
        protocols: what was agreed on for each connection.
        ending: how connections end, and after how many answers.
        endings_left: how many connections still end so.
        peers: subjects of the client certificates that were shown.
    """

    def __init__(self, answerer: Answerer) -> None:
        self.answerer = answerer
        self.port = 0
        self.certificate = b""
        self.asked: list[Asked] = []
        self.seen = bytearray()
        self.connections = 0
        self.most_at_once = 0
        self.protocols: list[str | None] = []
        self.ending: tuple[str, int] = (Ending.NEVER, 0)
        self.endings_left = 1_000_000
        self.peers: list[str] = []
        self._tasks: set[asyncio.Task[None]] = set()

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """
        Carry one connection to its end.
        """
        task = asyncio.current_task()
        assert task is not None
        self._tasks.add(task)
        self.connections += 1
        tls: ssl.SSLObject = writer.get_extra_info("ssl_object")
        chosen = tls.selected_alpn_protocol()
        self.protocols.append(chosen)
        shown = tls.getpeercert()
        if shown:
            self.peers.append(str(shown.get("subject")))
        try:
            with contextlib.suppress(ConnectionError, ssl.SSLError, asyncio.CancelledError):
                if chosen == "h2":
                    await _HTTP2(self, self.connections, reader, writer).run()
                else:
                    await self._http1(reader, writer)
        finally:
            self._tasks.discard(task)
            writer.close()

    async def answer(self, asked: Asked) -> Reply:
        """
        Note a request, and answer it.
        """
        self.asked.append(asked)
        reply = self.answerer(asked)
        return reply if isinstance(reply, tuple) else await reply

    async def _http1(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        connection = h11.Connection(h11.SERVER)
        request, body = None, bytearray()
        while True:
            event = connection.next_event()
            if event is h11.NEED_DATA:
                data = await reader.read(65536)
                self.seen += data
                connection.receive_data(data)
            elif isinstance(event, h11.Request):
                request, body = event, bytearray()
            elif isinstance(event, h11.Data):
                body += event.data
            elif isinstance(event, h11.EndOfMessage) and request is not None:
                headers = {name.decode(): value.decode() for name, value in request.headers}
                asked = Asked(request.method.decode(), request.target.decode(), headers, bytes(body), self.connections)
                status, told, content = await self.answer(asked)
                listed = [*told.items(), ("content-length", str(len(content)))]
                writer.write(connection.send(h11.Response(status_code=status, headers=listed)) or b"")
                writer.write(connection.send(h11.Data(data=content)) or b"")
                writer.write(connection.send(h11.EndOfMessage()) or b"")
                await writer.drain()
                connection.start_next_cycle()
            else:
                return

    async def close(self) -> None:
        """
        End what is still open.
        """
        for task in list(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)


class _HTTP2:
    """
    One connection.
    """

    def __init__(self, door: Door, number: int, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._door = door
        self._number = number
        self._reader = reader
        self._writer = writer
        self._h2 = h2.connection.H2Connection(h2.config.H2Configuration(client_side=False, header_encoding="utf-8"))
        self._heads: dict[int, dict[str, str]] = {}
        self._bodies: dict[int, bytearray] = {}
        self._answering: set[asyncio.Task[None]] = set()
        self._answered = 0
        self._leaving = False
        self._over = False

    async def run(self) -> None:
        self._h2.initiate_connection()
        await self._flush()
        try:
            while not self._over and (data := await self._reader.read(65536)):
                self._door.seen += data
                for event in self._h2.receive_data(data):
                    self._take(event)
                await self._flush()
        finally:
            for task in list(self._answering):
                task.cancel()
            await asyncio.gather(*self._answering, return_exceptions=True)

    async def _flush(self) -> None:
        self._writer.write(self._h2.data_to_send())
        await self._writer.drain()

    def _take(self, event: h2.events.Event) -> None:
        if isinstance(event, h2.events.RequestReceived):
            self._heads[event.stream_id] = dict(event.headers)  # type: ignore[arg-type]  # texts, by its settings
            self._bodies[event.stream_id] = bytearray()
            self._door.most_at_once = max(self._door.most_at_once, len(self._heads))
        elif isinstance(event, h2.events.DataReceived):
            self._bodies[event.stream_id] += event.data
            self._h2.acknowledge_received_data(event.flow_controlled_length, event.stream_id)
        elif isinstance(event, h2.events.StreamEnded):
            self._begin(event.stream_id)
        elif isinstance(event, h2.events.StreamReset):
            self._heads.pop(event.stream_id, None)
        elif isinstance(event, h2.events.ConnectionTerminated):
            self._over = True

    def _begin(self, stream: int) -> None:
        if self._over or stream not in self._heads:
            return
        if self._leaving:
            return  # it was told that this one is not done
        if self._door.ending == (Ending.HANG_UP, 0):
            self._hang_up()
            return
        task = asyncio.ensure_future(self._answer(stream))
        self._answering.add(task)
        task.add_done_callback(self._answering.discard)

    async def _answer(self, stream: int) -> None:
        head = self._heads[stream]
        headers = {name: value for name, value in head.items() if not name.startswith(":")}
        asked = Asked(head[":method"], head[":path"], headers, bytes(self._bodies.pop(stream)), self._number)
        status, told, content = await self._door.answer(asked)
        if self._heads.pop(stream, None) is None:
            return
        if self._over:
            return
        self._h2.send_headers(stream, [(":status", str(status)), *told.items()])
        self._h2.send_data(stream, content, end_stream=True)
        self._answered += 1
        await self._flush()
        self._end()

    def _end(self) -> None:
        """
        End the connection if it is time, in the way that was asked for.
        """
        how, number = self._door.ending
        if how != Ending.NEVER and self._answered == number and self._door.endings_left > 0:
            self._door.endings_left -= 1
            if how == Ending.POLITE:
                self._leaving = True
                frame = hyperframe.frame.GoAwayFrame(0, last_stream_id=max([*self._heads, 1]))
                self._writer.write(frame.serialize())
            elif how == Ending.RUDE:
                self._h2.close_connection(last_stream_id=0)
                self._writer.write(self._h2.data_to_send())
                self._hang_up()
            else:
                self._hang_up()
        if self._leaving and not self._heads:
            self._hang_up()

    def _hang_up(self) -> None:
        self._over = True
        self._writer.close()


@contextlib.asynccontextmanager
async def front_door(answerer: Answerer, *, client_ca: bytes = b"", http2: bool = True) -> AsyncIterator[Door]:
    """
    Serve until the block is left.

    Args:
        answerer: answers requests.
        client_ca: PEM of authorities; clients may show a certificate of theirs.
        http2: whether it speaks HTTP/2.
    """
    door = Door(answerer)
    door.certificate, key = self_made(NAMES, now=dt.datetime.now(dt.UTC))
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.set_alpn_protocols(["h2", "http/1.1"] if http2 else ["http/1.1"])
    if client_ca:
        context.load_verify_locations(cadata=client_ca.decode("ascii"))
        context.verify_mode = ssl.CERT_OPTIONAL
    with tempfile.TemporaryDirectory() as folder:
        chain = Path(folder) / "chain.pem"
        chain.write_bytes(door.certificate + key)
        context.load_cert_chain(chain)
    server = await asyncio.start_server(door.serve, "127.0.0.1", 0, ssl=context)
    door.port = server.sockets[0].getsockname()[1]
    try:
        yield door
    finally:
        server.close()
        await door.close()
        await server.wait_closed()


def outgoing_to(door: Door, *, reach: Reach | None = None, tls: ssl.SSLContext | None = None) -> Outgoing:
    """
    Give what sends to a door, by whatever name of `NAMES`.
    """

    async def resolve(host: str, port: int) -> Sequence[str]:
        return ["127.0.0.1"]

    context = tls or ssl.create_default_context()
    context.load_verify_locations(cadata=door.certificate.decode("ascii"))
    return Outgoing(reach or Reach(own=frozenset(NAMES)), tls=context, resolve=resolve)
