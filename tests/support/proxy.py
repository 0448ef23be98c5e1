"""
A network that misbehaves: a TCP proxy on loopback between a real client and a real server.

It forwards bytes as they are, encrypted or not, and does on demand what networks do: cuts a connection after so many
bytes, closes half of it, or falls silent without a word. It counts what it sees.
"""

from __future__ import annotations

import asyncio
import contextlib
import socket
import struct
from collections.abc import AsyncIterator

__all__ = ["FaultyProxy", "faulty_proxy"]


class FaultyProxy:
    """
    A proxy to one port of this machine.

    Attributes:
        cut_after: bytes of the server's answers after which both sides are reset, counted per connection.
        finish_after: bytes of answers after which the client sees the end of the stream in good order.
        silent_after: bytes of answers after which nothing more comes, while the connection stays.
        deaf: take nothing of what the client sends, so that its buffers fill.
        mute: take what the client sends, and answer nothing from the first byte on.
        opened: connections so far.
        open: connections at present.
        most_open: most at the same time.
        asked: bytes that came from clients.
        ended: set whenever a client has closed its side.

    """

    def __init__(self, port: int) -> None:
        self._target = port
        self.port = 0
        self.cut_after: int | None = None
        self.finish_after: int | None = None
        self.silent_after: int | None = None
        self.deaf = False
        self.mute = False
        self.opened = 0
        self.open = 0
        self.most_open = 0
        self.asked = 0
        self.ended = asyncio.Event()
        self._tasks: set[asyncio.Task[None]] = set()

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """
        Carry one connection to its end.
        """
        task = asyncio.current_task()
        assert task is not None
        self._tasks.add(task)
        self.opened += 1
        self.open += 1
        self.most_open = max(self.most_open, self.open)
        try:
            if self.deaf:
                await asyncio.Event().wait()
            server_reader, server_writer = await asyncio.open_connection("127.0.0.1", self._target)
            try:
                await self._both(reader, writer, server_reader, server_writer)
            finally:
                server_writer.close()
        except (OSError, asyncio.CancelledError):
            pass
        finally:
            self.open -= 1
            self._tasks.discard(task)
            writer.close()

    async def _both(
        self,
        reader: asyncio.StreamReader,
        writer: asyncio.StreamWriter,
        server_reader: asyncio.StreamReader,
        server_writer: asyncio.StreamWriter,
    ) -> None:
        up = asyncio.ensure_future(self._up(reader, server_writer))
        down = asyncio.ensure_future(self._down(server_reader, writer))
        try:
            await asyncio.wait([up, down], return_when=asyncio.FIRST_COMPLETED)
        finally:
            for task in (up, down):
                task.cancel()
            await asyncio.gather(up, down, return_exceptions=True)

    async def _up(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(OSError):
            while data := await reader.read(65536):
                self.asked += len(data)
                writer.write(data)
                await writer.drain()
        self.ended.set()

    async def _down(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        seen = 0
        while data := await reader.read(65536):
            if self.mute:
                continue
            limits = [one for one in (self.cut_after, self.finish_after, self.silent_after) if one is not None]
            room = max(0, min(limits) - seen) if limits else len(data)
            writer.write(data[:room])
            await writer.drain()
            seen += len(data)
            if self.cut_after is not None and seen >= self.cut_after:
                _reset(writer)
                return
            if self.finish_after is not None and seen >= self.finish_after:
                writer.write_eof()
                await asyncio.Event().wait()
            if self.silent_after is not None and seen >= self.silent_after:
                await asyncio.Event().wait()

    async def stop(self) -> None:
        """
        End every connection.
        """
        for task in list(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)


def _reset(writer: asyncio.StreamWriter) -> None:
    """
    Close at once, with a reset instead of an end in good order.
    """
    sock = writer.get_extra_info("socket")
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    writer.transport.abort()


@contextlib.asynccontextmanager
async def faulty_proxy(port: int) -> AsyncIterator[FaultyProxy]:
    """
    Stand in front of a port of this machine; clients connect to `FaultyProxy.port`.
    """
    proxy = FaultyProxy(port)
    server = await asyncio.start_server(proxy.serve, "127.0.0.1", 0, limit=65536)
    proxy.port = server.sockets[0].getsockname()[1]
    try:
        yield proxy
    finally:
        server.close()
        await proxy.stop()
        await server.wait_closed()
