"""
The HTTP that goes out to providers: HTTP/2 where they speak it, no redirects, small answers, checked addresses.

A provider may end a connection at any time (HTTP/2 GOAWAY), which ends the requests that are on it. Each channel's
requests say which message they carry, so a request that was cut off is repeated on a new connection: with a hundred of
them on one, that may happen several times before it is its turn. When the provider answers nobody meanwhile, all
connections are given up, for one that looks sound may not be, and soon the request as well.
"""

from __future__ import annotations

import asyncio
import contextlib
import dataclasses
import ssl
from collections.abc import AsyncIterator, Iterable, Mapping
from typing import Any
from urllib.parse import urlsplit

import httpcore2

from carrierpost.notify.reach import PUBLIC, Forbidden, Reach, Resolve, look_up

__all__ = ["Answer", "Outgoing", "Unanswered"]

_TRIES = 4  # of one request while a provider answers nothing; the third goes over connections that are all new
_MOST_TRIES = 20  # of one request at a provider that ends connections again and again, and answers others in between
_MOST_AT_ONCE = 100  # requests in flight; a provider's own limit is often lower, and is kept by the HTTP library
_MOST_CONNECTIONS = 100
_MOST_HOSTS = 1000  # of which it is remembered how many requests they answered
_KEPT_SECONDS = 300.0  # Apple asks that connections be kept, and ends those that idle for long by itself
_LARGEST = 64 * 1024  # bytes of an answer; providers say what they have to say in a few hundred
_CONNECT, _ANSWER = 10.0, 15.0  # seconds
_CUT = (httpcore2.RemoteProtocolError, httpcore2.ReadError, httpcore2.WriteError, httpcore2.LocalProtocolError)


class Unanswered(Exception):
    """
    A request came to no answer; the text says why.
    """


@dataclasses.dataclass(frozen=True, slots=True)
class Answer:
    """
    What was answered.

    Attributes:
        status: of HTTP.
        headers: their names in lower case.
        body: at most 64 KiB of it.
    """

    status: int
    headers: Mapping[str, str]
    body: bytes


class _Pool:
    """
    Connections, and how many requests use them; those that were given up close with their last request.
    """

    def __init__(self, connections: httpcore2.AsyncConnectionPool) -> None:
        self.connections = connections
        self.users = 0
        self.given_up = False

    @contextlib.asynccontextmanager
    async def used(self) -> AsyncIterator[httpcore2.AsyncConnectionPool]:
        self.users += 1
        try:
            yield self.connections
        finally:
            self.users -= 1
            await self.close_unused()

    async def close_unused(self) -> None:
        if self.given_up and not self.users:
            await self.connections.aclose()


class Outgoing:
    """
    Sends requests.

    Args:
        reach: where to.
        tls: whom to trust, and a client certificate if there is one; the system's authorities unless given.
        http1: whether HTTP/1.1 is spoken with servers that know no HTTP/2.
        resolve: gives the addresses of a host.
    """

    def __init__(
        self,
        reach: Reach = PUBLIC,
        *,
        tls: ssl.SSLContext | None = None,
        http1: bool = True,
        resolve: Resolve = look_up,
    ) -> None:
        self.reach = reach
        self._tls = tls
        self._http1 = http1
        self._backend = _CheckedBackend(reach, resolve)
        self._pool: _Pool | None = None
        self._answered: dict[str, int] = {}  # by host, how many requests were
        self._turns = asyncio.Semaphore(_MOST_AT_ONCE)

    async def post(self, url: str, headers: Mapping[str, str], body: bytes) -> Answer:
        """
        Post to an address.

        Raises:
            Forbidden: nothing may be sent there.
            Unanswered: there was no answer; says why.
        """
        self.reach.check(url)
        host = urlsplit(url).netloc
        async with self._turns:
            in_vain = 0
            for attempt in range(1, _MOST_TRIES + 1):
                pool, before = self._current(), self._answered.get(host, 0)
                try:
                    async with pool.used() as connections:
                        answer = await _exchange(connections, url, headers, body)
                    self._count(host)
                    return answer
                except _CUT as error:
                    in_vain = in_vain + 1 if self._answered.get(host, 0) == before else 0
                    if in_vain >= 2:
                        await self._give_up(pool)
                    if in_vain == _TRIES or attempt == _MOST_TRIES:
                        raise Unanswered(f"the connection was cut ({_said(error)})") from None
                except (httpcore2.PoolTimeout, httpcore2.ReadTimeout, httpcore2.WriteTimeout):
                    await self._give_up(pool)
                    raise Unanswered("there was no answer in time") from None
                except httpcore2.ConnectTimeout:
                    raise Unanswered("no connection was made in time") from None
                except (httpcore2.NetworkError, httpcore2.ProtocolError, OSError) as error:
                    raise Unanswered(f"no connection could be made ({_said(error)})") from None
        raise AssertionError("the last attempt has an end")

    def _count(self, host: str) -> None:
        if len(self._answered) >= _MOST_HOSTS and host not in self._answered:
            self._answered.clear()
        self._answered[host] = self._answered.get(host, 0) + 1

    def _current(self) -> _Pool:
        if self._pool is None:
            if self._tls is None:
                self._tls = ssl.create_default_context()
                self._tls.minimum_version = ssl.TLSVersion.TLSv1_2
            self._pool = _Pool(
                httpcore2.AsyncConnectionPool(
                    ssl_context=self._tls,
                    max_connections=_MOST_CONNECTIONS,
                    keepalive_expiry=_KEPT_SECONDS,
                    http1=self._http1,
                    http2=True,
                    network_backend=self._backend,
                )
            )
        return self._pool

    async def _give_up(self, pool: _Pool) -> None:
        """
        Let later requests have new connections.
        """
        if self._pool is pool:
            self._pool = None
        pool.given_up = True
        await pool.close_unused()

    async def close(self) -> None:
        """
        Let go of all connections.
        """
        if self._pool is not None:
            await self._give_up(self._pool)


async def _exchange(
    connections: httpcore2.AsyncConnectionPool, url: str, headers: Mapping[str, str], body: bytes
) -> Answer:
    limits = {"connect": _CONNECT, "read": _ANSWER, "write": _ANSWER, "pool": _ANSWER}
    sent = [("content-length", str(len(body))), ("user-agent", "carrierpost"), *headers.items()]
    head = [(name.encode(), value.encode()) for name, value in sent]
    async with connections.stream("POST", url, headers=head, content=body, extensions={"timeout": limits}) as response:
        told = {name.decode("latin-1").lower(): value.decode("latin-1") for name, value in response.headers}
        received = bytearray()
        async for part in response.aiter_stream():
            received += part
            if len(received) > _LARGEST:
                break
        return Answer(response.status, told, bytes(received[:_LARGEST]))


def _said(error: BaseException) -> str:
    return str(error) or type(error).__name__


class _CheckedBackend(httpcore2.AsyncNetworkBackend):
    """
    Connects to addresses that were checked.
    """

    def __init__(self, reach: Reach, resolve: Resolve) -> None:
        self._reach = reach
        self._resolve = resolve
        self._inner = httpcore2.AnyIOBackend()

    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore2.AsyncNetworkStream:
        try:
            addresses = await asyncio.wait_for(self._resolve(host, port), timeout)
        except TimeoutError:
            raise httpcore2.ConnectTimeout(f"{host} was not found in time") from None
        except OSError as error:
            raise httpcore2.ConnectError(f"{host} is not known: {error.strerror or error}") from None
        last: Exception = httpcore2.ConnectError(f"{host} has no address")
        for address in self._reach.choose(host, addresses):
            try:
                return await self._inner.connect_tcp(address, port, timeout, local_address, socket_options)
            except (httpcore2.ConnectError, httpcore2.ConnectTimeout) as error:
                last = error
        raise last

    async def connect_unix_socket(
        self, path: str, timeout: float | None = None, socket_options: Iterable[Any] | None = None
    ) -> httpcore2.AsyncNetworkStream:
        raise Forbidden("a socket of this machine is no place for notices")

    async def sleep(self, seconds: float) -> None:
        await self._inner.sleep(seconds)
