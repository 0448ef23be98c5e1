"""
The network as the client meets it: real sockets, real TLS, a proxy that breaks things.
"""

from __future__ import annotations

import asyncio
import contextlib
import gzip
import ssl
import tracemalloc
from collections.abc import AsyncIterator, Callable, Mapping
from typing import Any

import aiohttp
import pytest
from aiohttp import web

from carrierpost.client import aiohttp_transport
from carrierpost.client.aiohttp_transport import HTTPTransport, translate
from carrierpost.client.errors import (
    AnswerTooLarge,
    ClientError,
    ConnectionLost,
    TimedOut,
    TLSRefused,
    Unreachable,
)
from carrierpost.client.login import BasicLogin
from carrierpost.protocol.message import HTTPRequest
from carrierpost.protocol.secret import Secret
from tests.client.network import Authority, Page, serve_pages
from tests.support.proxy import FaultyProxy, faulty_proxy

PASSWORD = "correct horse ßattery"


async def hello(request: web.Request) -> web.StreamResponse:
    """Answer anything, after reading all of it."""
    await request.read()
    return web.Response(text="hello")


@contextlib.asynccontextmanager
async def transport(login: str | None = "alice", **options: Any) -> AsyncIterator[HTTPTransport]:
    """Open a transport, and close it whatever happens."""
    one = HTTPTransport(BasicLogin(login, Secret(PASSWORD)) if login else None, **options)
    try:
        yield one
    finally:
        await one.close()


@contextlib.asynccontextmanager
async def behind(page: Page, tls: ssl.SSLContext | None = None) -> AsyncIterator[FaultyProxy]:
    """Serve a page behind a proxy."""
    async with serve_pages(page, tls) as port, faulty_proxy(port) as proxy:
        yield proxy


def to(port: int, path: str = "/", scheme: str = "http", host: str = "127.0.0.1", **values: Any) -> HTTPRequest:
    """Make a request to a port of this machine."""
    return HTTPRequest(url=f"{scheme}://{host}:{port}{path}", **values)


# -- who asks


async def test_login_goes_with_the_requests_that_may_have_it() -> None:
    """The login arrives with each request, and with none that must not carry it."""
    seen: list[str] = []

    async def page(request: web.Request) -> web.StreamResponse:
        seen.append(request.headers.get("Authorization", ""))
        return web.Response()

    async with serve_pages(page) as port, transport() as client:
        await client.send(to(port))
        await client.send(to(port, credentials=False))
    assert seen == [await BasicLogin("alice", Secret(PASSWORD)).authorization(), ""]


async def test_cookies_are_kept_for_one_account_and_unknown_to_another() -> None:
    """A server's cookie comes back from the session that got it, and from no other account's."""
    seen: list[str] = []

    async def page(request: web.Request) -> web.StreamResponse:
        seen.append(request.headers.get("Cookie", ""))
        answer = web.Response()
        answer.set_cookie("affinity", request.path.strip("/"))
        return answer

    async with serve_pages(page) as port, transport("alice") as alice, transport("bob") as bob:
        await alice.send(to(port, "/one"))
        await alice.send(to(port, "/one"))
        await bob.send(to(port, "/two"))
        await bob.send(to(port, "/two"))
        await alice.send(to(port, "/one"))
    assert seen == ["", "affinity=one", "", "affinity=two", "affinity=one"]


async def test_connections_are_not_shared_between_accounts() -> None:
    """Two accounts on one server use connections of their own, however often they ask."""
    async with behind(hello) as proxy, transport("alice") as alice, transport("bob") as bob:
        for client in (alice, bob, alice, bob):
            await client.send(to(proxy.port))
        assert proxy.opened == 2


async def test_TH3_no_more_than_two_connections_at_a_time() -> None:
    """TH3: ten requests at once make two connections, and all are answered."""
    async with behind(hello) as proxy, transport() as client:
        answers = await asyncio.gather(*(client.send(to(proxy.port, f"/{number}")) for number in range(10)))
        assert [answer.status for answer in answers] == [200] * 10
        assert proxy.most_open <= 2


# -- answers


async def test_compressed_answer_is_decompressed() -> None:
    """A gzip answer is asked for, and arrives as what it was."""
    text = b"the same again " * 1000
    seen: list[str] = []

    async def page(request: web.Request) -> web.StreamResponse:
        seen.append(request.headers.get("Accept-Encoding", ""))
        return web.Response(body=gzip.compress(text), headers={"Content-Encoding": "gzip"})

    async with serve_pages(page) as port, transport() as client:
        answer = await client.send(to(port))
    assert answer.body == text
    assert "gzip" in seen[0]


@pytest.mark.parametrize("compressed", [False, True])
async def test_WB7_oversized_answer_is_refused(compressed: bool) -> None:
    """WB7: an answer beyond the limit is refused, even when it is small on the wire."""
    content = bytes(5_000_000)

    async def page(request: web.Request) -> web.StreamResponse:
        if compressed:
            return web.Response(body=gzip.compress(content), headers={"Content-Encoding": "gzip"})
        return web.Response(body=content)

    async with serve_pages(page) as port, transport(most_bytes=1_000_000) as client:
        with pytest.raises(AnswerTooLarge, match="1000000"):
            await client.send(to(port))


async def test_WB7_gzip_bomb_takes_no_more_memory_than_the_limit() -> None:
    """WB7: 60 MB of nothing in 60 kB of gzip are refused after the limit, and not unpacked at once."""
    bomb = gzip.compress(bytes(60_000_000))

    async def page(request: web.Request) -> web.StreamResponse:
        return web.Response(body=bomb, headers={"Content-Encoding": "gzip"})

    async with serve_pages(page) as port, transport(most_bytes=1_000_000) as client:
        tracemalloc.start()
        try:
            with pytest.raises(AnswerTooLarge):
                await client.send(to(port))
            _, peak = tracemalloc.get_traced_memory()
        finally:
            tracemalloc.stop()
    assert peak < 15_000_000


async def test_answer_that_announces_too_much_is_refused_before_it_is_read() -> None:
    """A length beyond the limit is refused at once: nobody waits for what will not be taken."""

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 5000000\r\n\r\n")  # and not a byte of it
        await writer.drain()
        await reader.read()  # until the client has closed
        writer.close()
        ended.set()

    ended = asyncio.Event()
    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    async with server, transport(most_bytes=1_000_000) as client:
        with pytest.raises(AnswerTooLarge):
            await client.send(to(server.sockets[0].getsockname()[1]))
        await ended.wait()
        await asyncio.sleep(0)


async def test_header_that_comes_twice_is_joined_and_its_name_lowered() -> None:
    """A header sent twice, as Office 365 does with its command list, is one value with a comma."""

    async def page(request: web.Request) -> web.StreamResponse:
        answer = web.Response()
        answer.headers.add("MS-ASProtocolCommands", "Sync,Ping")
        answer.headers.add("MS-ASProtocolCommands", "Sync,Ping")
        return answer

    async with serve_pages(page) as port, transport() as client:
        answer = await client.send(to(port))
    assert answer.headers["ms-asprotocolcommands"] == "Sync,Ping, Sync,Ping"


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308, 401, 403, 449, 451, 456, 457, 500, 503])
async def test_refusals_and_redirects_come_back_as_they_are(status: int) -> None:
    """The transport judges no status and follows no redirect: one request, one answer, its headers with it."""
    seen: list[str] = []

    async def page(request: web.Request) -> web.StreamResponse:
        seen.append(request.path)
        return web.Response(status=status, headers={"Location": "/elsewhere", "Retry-After": "9"})

    async with serve_pages(page) as port, transport() as client:
        answer = await client.send(to(port, "/here", body=b"x"))
    assert answer.status == status
    assert (answer.headers["location"], answer.headers["retry-after"]) == ("/elsewhere", "9")
    assert seen == ["/here"]


async def test_method_headers_and_body_arrive() -> None:
    """What is sent is what was framed: method, query, headers, body, and no media type that nobody gave."""
    seen: list[tuple[str, str, bytes, dict[str, str]]] = []

    async def page(request: web.Request) -> web.StreamResponse:
        seen.append((request.method, request.path_qs, await request.read(), dict(request.headers)))
        return web.Response()

    headers = (("User-Agent", "Carrierpost/test"), ("MS-ASProtocolVersion", "16.1"))
    async with serve_pages(page) as port, transport() as client:
        await client.send(to(port, "/path?Cmd=Sync&User=a%40b", headers=headers, body=b"\x03\x01\x6a\x00"))
        await client.send(to(port, "/path", method="OPTIONS", headers=headers))
    method, path, body, got = seen[0]
    assert (method, path, body) == ("POST", "/path?Cmd=Sync&User=a%40b", b"\x03\x01\x6a\x00")
    assert (got["User-Agent"], got["MS-ASProtocolVersion"]) == ("Carrierpost/test", "16.1")
    assert "Content-Type" not in got
    assert seen[1][:3] == ("OPTIONS", "/path", b"")


# -- waiting


async def test_held_request_outlives_the_ordinary_time() -> None:
    """A request that may be held is still answered after an ordinary one on the same server has timed out."""
    release = asyncio.Event()

    async def page(request: web.Request) -> web.StreamResponse:
        await release.wait()
        return web.Response(text="news")

    async with serve_pages(page) as port, transport(answer_seconds=0.05, margin_seconds=30) as client:
        held = asyncio.ensure_future(client.send(to(port, hold=3540)))
        with pytest.raises(TimedOut) as caught:
            await client.send(to(port))
        assert caught.value.sent
        assert not held.done()
        release.set()
        assert (await held).body == b"news"


async def test_PG1_silent_drop_of_a_held_connection_is_noticed() -> None:
    """PG1: a connection that a router forgot is given up when the held time and a margin are over."""
    async with behind(hello) as proxy, transport(margin_seconds=0.05) as client:
        proxy.mute = True
        with pytest.raises(TimedOut) as caught:
            await client.send(to(proxy.port, hold=0.01))
        assert caught.value.sent


async def test_silence_in_the_middle_of_an_answer_is_noticed() -> None:
    """An answer that stops coming half way is given up."""
    async with behind(hello) as proxy, transport(answer_seconds=0.05) as client:
        proxy.silent_after = 100
        with pytest.raises(TimedOut) as caught:
            await client.send(to(proxy.port))
        assert caught.value.sent


async def test_answer_that_comes_in_drops_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    """A server that sends a byte now and then is never silent, and is given up all the same."""
    monkeypatch.setattr(aiohttp_transport, "_SLOWEST_ANSWER", 1 << 30)

    async def drops(request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse()
        await response.prepare(request)
        with contextlib.suppress(ConnectionError):
            while True:
                await response.write(b".")
                await asyncio.sleep(0.01)
        return response

    async with serve_pages(drops) as port, transport(answer_seconds=0.1) as client:
        with pytest.raises(TimedOut) as caught:
            await client.send(to(port))
        assert caught.value.sent


async def test_handshake_that_never_ends_is_given_up_before_anything_is_sent(authority: Authority) -> None:
    """A server that takes the connection and never says a word of TLS is given up; nothing was sent."""
    async with behind(hello, authority.server("localhost")) as proxy:
        proxy.mute = True
        async with transport(ca_file=authority.ca_file, connect_seconds=0.05) as client:
            with pytest.raises(TimedOut) as caught:
                await client.send(to(proxy.port, scheme="https", host="localhost"))
        assert not caught.value.sent


async def test_network_that_takes_no_body_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    """A request whose body nobody takes is given up, although the connection stands."""
    monkeypatch.setattr(aiohttp_transport, "_SLOWEST", 1 << 40)
    async with behind(hello) as proxy, transport(answer_seconds=0.05) as client:
        proxy.deaf = True
        with pytest.raises(TimedOut) as caught:
            await client.send(to(proxy.port, body=bytes(30_000_000)))
        assert caught.value.sent


async def test_large_body_arrives_whole() -> None:
    """A body of several megabytes arrives as it was."""
    content = bytes(range(256)) * 12_000
    seen: list[tuple[str, bytes]] = []

    async def page(request: web.Request) -> web.StreamResponse:
        seen.append((request.headers["Content-Length"], await request.read()))
        return web.Response()

    async with serve_pages(page) as port, transport() as client:
        await client.send(to(port, body=content))
    assert seen == [(str(len(content)), content)]


async def test_cancelled_request_closes_its_connection() -> None:
    """A request that is cancelled while it is held closes the connection, so the server notices."""
    async with behind(hello) as proxy, transport() as client:
        proxy.mute = True
        held = asyncio.ensure_future(client.send(to(proxy.port, hold=3540)))
        while not proxy.asked:
            await asyncio.sleep(0)
        held.cancel()
        with pytest.raises(asyncio.CancelledError):
            await held
        await proxy.ended.wait()


async def test_cancelled_requests_leave_nothing_behind() -> None:
    """Requests that are cancelled while they connect, wait and read leave no task and no connection."""
    before = asyncio.all_tasks()
    async with behind(hello) as proxy:
        async with transport() as client:
            for mute, silent_after in ((True, None), (False, 20), (False, None)):
                proxy.mute, proxy.silent_after = mute, silent_after
                for turns in range(12):
                    held = asyncio.ensure_future(client.send(to(proxy.port, hold=60)))
                    for _ in range(turns * 2):
                        await asyncio.sleep(0)
                    held.cancel()
                    await asyncio.gather(held, return_exceptions=True)
            session: Any = client._opened()
            assert not session.connector._acquired
        while proxy.open:  # for ever, if a connection stayed open
            await asyncio.sleep(0)
    assert asyncio.all_tasks() == before


# -- losing the connection


async def test_refused_connection_was_never_sent() -> None:
    """Where nobody listens, the error says that nothing can have arrived."""
    async with serve_pages(hello) as port:
        pass
    async with transport() as client:
        with pytest.raises(Unreachable) as caught:
            await client.send(to(port, body=b"x"))
    assert not caught.value.sent
    assert "127.0.0.1" in str(caught.value)


async def test_unknown_host_name_was_never_sent() -> None:
    """A name that nobody knows is told as such; nothing can have arrived."""
    async with transport() as client:
        with pytest.raises(Unreachable) as caught:
            await client.send(HTTPRequest(url="https://no-such-host.invalid/"))
    assert not caught.value.sent
    assert caught.value.host == "no-such-host.invalid"


@pytest.mark.parametrize("url", ["https:///path", "https://exa mple.test/", "nonsense"])
async def test_address_that_is_none_is_an_error_of_ours(url: str) -> None:
    """An address that cannot be one is refused as such, not by an exception of the library's."""
    async with transport() as client:
        with pytest.raises(Unreachable) as caught:
            await client.send(HTTPRequest(url=url))
    assert not caught.value.sent


@pytest.mark.parametrize("after", [0, 1, 20, 150, 5000])
@pytest.mark.parametrize("how", ["cut_after", "finish_after"])
async def test_answer_cut_short_is_a_lost_connection_that_was_sent(how: str, after: int) -> None:
    """A connection that breaks before or amid the answer, by reset or in good order, may have done its work."""

    async def page(request: web.Request) -> web.StreamResponse:
        await request.read()
        return web.Response(body=bytes(20_000))

    async with behind(page) as proxy, transport() as client:
        setattr(proxy, how, after)
        with pytest.raises(ConnectionLost) as caught:
            await client.send(to(proxy.port, body=b"x"))
    assert caught.value.sent


async def test_next_request_after_a_lost_connection_works() -> None:
    """A broken connection spoils nothing: the next request makes a new one."""
    async with behind(hello) as proxy, transport() as client:
        proxy.cut_after = 10
        with pytest.raises(ConnectionLost):
            await client.send(to(proxy.port))
        proxy.cut_after = None
        assert (await client.send(to(proxy.port))).body == b"hello"


async def test_server_that_speaks_something_else_is_a_lost_connection() -> None:
    """A peer that answers with no HTTP is told as such."""

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"* OK IMAP4rev1 ready\r\n\r\n")
        await writer.drain()
        writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    async with server, transport() as client:
        with pytest.raises(ConnectionLost) as caught:
            await client.send(to(server.sockets[0].getsockname()[1]))
    assert caught.value.sent


# -- small things that matter


async def test_held_tls_connection_keeps_a_small_read_buffer(authority: Authority) -> None:
    """A TLS connection's read buffer holds 16 KB, while it waits and after; large answers still come whole."""
    content = bytes(range(256)) * 8192
    release = asyncio.Event()

    async def page(request: web.Request) -> web.StreamResponse:
        await release.wait()
        return web.Response(body=content)

    tls = authority.server("localhost")
    async with serve_pages(page, tls) as port, transport(ca_file=authority.ca_file) as client:
        held = asyncio.ensure_future(client.send(to(port, scheme="https", host="localhost", hold=3540)))
        session: Any = client._opened()
        while not session.connector._acquired:
            await asyncio.sleep(0)
        while not [one for one in session.connector._acquired if getattr(one, "transport", None) is not None]:
            await asyncio.sleep(0)
        [connection] = session.connector._acquired
        inner = connection.transport._ssl_protocol
        assert inner.max_size == 16 * 1024
        assert len(inner._ssl_buffer) == 16 * 1024
        release.set()
        assert (await held).body == content
        assert len(inner._ssl_buffer) == 16 * 1024


async def test_password_is_in_no_error_and_no_representation() -> None:
    """Neither errors nor representations show the password, plain or encoded."""
    login = BasicLogin("alice", Secret(PASSWORD))
    header = await login.authorization()
    async with serve_pages(hello) as port:
        pass
    client = HTTPTransport(login)
    with pytest.raises(Unreachable) as caught:
        await client.send(to(port))
    await client.close()
    shown = f"{login!r} {client!r} {caught.value!r} {caught.value} {caught.value.__cause__!r}"
    assert PASSWORD not in shown
    assert header.removeprefix("Basic ") not in shown


async def test_closing_twice_is_harmless_and_password_cannot_be_renewed() -> None:
    """A transport can be closed twice, used or not; a password is nothing that we can renew."""
    client = HTTPTransport(BasicLogin("alice", Secret(PASSWORD)))
    assert not await client.refresh()
    await client.close()
    async with serve_pages(hello) as port:
        await client.send(to(port))
        await client.close()
        await client.close()


def _examples() -> list[BaseException]:
    key: Any = type("Key", (), {"ssl": None, "host": "h", "port": 1, "is_ssl": True})()
    made: dict[str, Callable[[type[Any]], BaseException]] = {
        "ClientConnectorCertificateError": lambda kind: kind(key, ssl.SSLCertVerificationError("bad")),
        "ClientSSLError": lambda kind: kind(key, OSError(1, "bad")),
        "ClientConnectorSSLError": lambda kind: kind(key, OSError(1, "bad")),
        "ClientConnectorError": lambda kind: kind(key, OSError(1, "bad")),
        "ClientConnectorDNSError": lambda kind: kind(key, OSError(1, "bad")),
        "ClientProxyConnectionError": lambda kind: kind(key, OSError(1, "bad")),
        "UnixClientConnectorError": lambda kind: kind("path", key, OSError(1, "bad")),
        "ServerFingerprintMismatch": lambda kind: kind(b"a", b"b", "h", 1),
        "InvalidURL": lambda kind: kind("x"),
    }
    responses = ("ClientResponseError", "ContentTypeError", "WSServerHandshakeError", "ClientHttpProxyError")
    found: list[BaseException] = []
    for name in aiohttp.client_exceptions.__all__:
        kind = getattr(aiohttp, name)
        if not issubclass(kind, aiohttp.ClientError):
            continue  # misuse of a web socket, which is not used here
        if name in responses or name == "TooManyRedirects":
            info: Any = type("Info", (), {"real_url": "http://h/"})()
            found.append(kind(info, ()))
        elif name in made:
            found.append(made[name](kind))
        elif issubclass(kind, aiohttp.InvalidURL):
            found.append(kind("x"))
        else:
            found.append(kind())
    return found


@pytest.mark.parametrize("error", _examples(), ids=lambda error: type(error).__name__)
def test_every_exception_of_the_library_becomes_one_of_ours(error: BaseException) -> None:
    """Nothing above this room sees an exception of aiohttp's; and where a connection was made, it may be sent."""
    ours = translate(error, "mail.example.test")
    assert isinstance(ours, ClientError)
    assert "mail.example.test" in str(ours)
    assert ours.sent == (not isinstance(ours, Unreachable | TLSRefused) and "no connection" not in ours.detail)


@pytest.mark.parametrize("error", [KeyError("x"), asyncio.CancelledError()])
def test_what_is_no_failure_of_the_connection_is_not_translated(error: BaseException) -> None:
    """A defect of ours, or a cancelled task, stays what it is."""
    assert translate(error, "mail.example.test") is None


# -- what is too large for memory


class Counting:
    """
    A sink that counts.
    """

    def __init__(self, most: int | None = None) -> None:
        self.begun: list[str] = []
        self.size = 0
        self._most = most

    def begin(self, headers: Mapping[str, str]) -> None:
        self.begun.append(headers.get("content-type", ""))
        self.size = 0

    def feed(self, piece: bytes) -> None:
        self.size += len(piece)
        if self._most is not None and self.size > self._most:
            raise LookupError("enough")

    def finish(self) -> bytes:
        return b"what is left"


async def large(request: web.Request) -> web.StreamResponse:
    """Answer with 48 MB, 1 MB at a time."""
    response = web.StreamResponse(headers={"Content-Type": "application/x"})
    await response.prepare(request)
    for _ in range(48):
        await response.write(b"x" * 1_000_000)
    return response


async def test_a_sink_takes_what_is_too_large_for_memory() -> None:
    """48 MB pass with a few held, though no answer that is held may have more than 1 MB; the answer is what is left."""
    sink = Counting()
    async with serve_pages(large) as port, transport(most_bytes=1_000_000) as client:
        tracemalloc.start()
        try:
            response = await client.send(to(port, sink=sink))
            _, peak = tracemalloc.get_traced_memory()
        finally:
            tracemalloc.stop()
    assert (sink.begun, sink.size, response.body) == (["application/x"], 48_000_000, b"what is left")
    assert peak < 12_000_000  # the server, in the same process, among it


async def test_a_sink_hears_of_no_refusal() -> None:
    """A refusal comes as ever, and the sink never began."""

    async def page(request: web.Request) -> web.StreamResponse:
        return web.Response(status=503, text="later")

    sink = Counting()
    async with serve_pages(page) as port, transport() as client:
        response = await client.send(to(port, sink=sink))
    assert (response.status, response.body, sink.begun) == (503, b"later", [])


async def test_a_sink_that_has_enough_ends_the_answer() -> None:
    """What it raises reaches whoever asked, and the rest of the answer is not read."""
    sink = Counting(most=2_000_000)
    async with serve_pages(large) as port, transport() as client:
        with pytest.raises(LookupError, match="enough"):
            await client.send(to(port, sink=sink))
    assert sink.size < 4_000_000
