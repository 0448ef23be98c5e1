"""
NTLM and Negotiate over real HTTP: whose a connection is, and what a login is bound to.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from aiohttp import web

from carrierpost.client.aiohttp_transport import HTTPTransport
from carrierpost.client.errors import ConnectionLost
from carrierpost.client.login.windows import WindowsLogin, binding_of
from carrierpost.protocol.errors import LocalProtocolError
from carrierpost.protocol.message import HTTPRequest
from carrierpost.protocol.secret import Secret
from tests.client.network import Authority, serve_pages
from tests.client.windows import Doorkeeper, der_of, door, known_people

ADA, BEA = "Zwölf Boxkämpfer", "correct horse"


@pytest.fixture(autouse=True)
def people(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let Ada and Bea be known."""
    known_people(tmp_path, monkeypatch, ada=ADA, bea=BEA)


@contextlib.asynccontextmanager
async def logged_in(
    login: str = "FIRM\\ada", password: str = ADA, scheme: str = "negotiate", *, connections: int = 2,
    ca_file: Path | None = None,
) -> AsyncIterator[HTTPTransport]:  # fmt: skip
    """Open a transport that logs its connections in."""
    transport = HTTPTransport(WindowsLogin(login, Secret(password), scheme), connections=connections, ca_file=ca_file)
    try:
        yield transport
    finally:
        await transport.close()


def to(port: int, body: bytes = b"body", scheme: str = "http", *, credentials: bool = True) -> HTTPRequest:
    """Make a request."""
    url = f"{scheme}://localhost:{port}/" if scheme == "https" else f"http://127.0.0.1:{port}/"
    return HTTPRequest(url=url, body=body, command="Sync", credentials=credentials)


async def test_no_request_of_one_account_travels_on_a_connection_of_another() -> None:
    """Whoever speaks on a logged-in connection is its owner; two accounts therefore never share one, in any order."""
    keeper = Doorkeeper()
    async with door(keeper) as port, logged_in() as ada, logged_in("FIRM\\bea", BEA) as bea:
        for _ in range(2):
            answers = await asyncio.gather(*(one.send(to(port)) for one in (ada, bea, ada, bea, bea, ada)))
            assert [answer.body for answer in answers] == [
                b"FIRM\\ada", b"FIRM\\bea", b"FIRM\\ada", b"FIRM\\bea", b"FIRM\\bea", b"FIRM\\ada",
            ]  # fmt: skip
        outsider = HTTPTransport(None)
        assert (await outsider.send(to(port))).status == 401
        await outsider.close()
        assert (await ada.send(to(port, credentials=False))).status == 401  # nor without being asked


@pytest.mark.parametrize("scheme", ["ntlm", "negotiate"])
async def test_connection_is_logged_in_once_and_used_again(scheme: str) -> None:
    """The first request takes two steps, and its body travels only with the second; later ones need no login."""
    keeper = Doorkeeper()
    async with door(keeper) as port, logged_in(scheme=scheme) as ada:
        for number in range(3):
            assert (await ada.send(to(port, b"%d" % number))).body == b"FIRM\\ada"
    assert [(visit.connection, visit.body, visit.status) for visit in keeper.visits] == [
        (1, b"", 401), (1, b"0", 200), (1, b"1", 200), (1, b"2", 200),
    ]  # fmt: skip


async def test_each_of_two_connections_is_logged_in_for_itself() -> None:
    """Two requests at the same time are two connections and two logins; ten more need none."""
    keeper, both = Doorkeeper(), asyncio.Barrier(2)

    async def together() -> None:
        await both.wait()

    async with door(keeper) as port, logged_in() as ada:
        keeper.before = together
        await asyncio.gather(ada.send(to(port)), ada.send(to(port)))
        keeper.before = None
        answers = await asyncio.gather(*(ada.send(to(port)) for _ in range(10)))
        assert {answer.body for answer in answers} == {b"FIRM\\ada"}
    assert [visit.status for visit in keeper.visits].count(401) == 2
    assert {visit.connection for visit in keeper.visits} == {1, 2}


@pytest.mark.parametrize("scheme", ["ntlm", "negotiate"])
async def test_wrong_password_is_refused_after_one_attempt(scheme: str) -> None:
    """A wrong password is a 401 for the caller, and was tried once: more would lock the account."""
    keeper = Doorkeeper()
    async with door(keeper) as port, logged_in(password="wrong", scheme=scheme) as ada:
        assert (await ada.send(to(port))).status == 401
        assert not await ada.refresh()
    assert len(keeper.visits) == 2
    assert keeper.users == {}


async def test_server_that_does_not_know_the_scheme_gets_no_answer_to_it() -> None:
    """A server that offers Basic only is answered with nothing: its refusal is the caller's."""
    keeper = Doorkeeper("Basic")
    async with door(keeper) as port, logged_in(scheme="ntlm") as ada:
        assert (await ada.send(to(port))).headers["www-authenticate"] == "Basic"
    assert [visit.body for visit in keeper.visits] == [b""]


async def test_connection_that_is_lost_in_the_middle_is_logged_in_anew() -> None:
    """When the server hangs up between the two steps, the login begins again on the next connection."""
    keeper = Doorkeeper()
    keeper.hang_up_after = {1}
    async with door(keeper) as port, logged_in() as ada:
        assert (await ada.send(to(port))).body == b"FIRM\\ada"
    assert [(visit.connection, visit.body, visit.status) for visit in keeper.visits] == [
        (1, b"", 401), (2, b"body", 401), (2, b"", 401), (2, b"body", 200),
    ]  # fmt: skip


async def test_server_that_always_hangs_up_is_named() -> None:
    """A proxy that closes each connection makes this login impossible; the error says so, and there is no loop."""
    keeper = Doorkeeper()
    keeper.hang_up_after = set(range(1, 100))
    async with door(keeper) as port, logged_in() as ada:
        with pytest.raises(ConnectionLost, match="in the middle of the login"):
            await ada.send(to(port))
    assert len(keeper.visits) <= 4


async def test_connection_that_was_closed_while_idle_is_logged_in_anew() -> None:
    """A server may close a connection at any time; the next request notices that it speaks on a new one."""
    keeper = Doorkeeper()
    async with door(keeper) as port, logged_in() as ada:
        await ada.send(to(port))
        keeper.hang_up_after = {3}
        await ada.send(to(port))
        assert (await ada.send(to(port))).body == b"FIRM\\ada"
    assert [visit.user for visit in keeper.visits if visit.status == 200] == ["FIRM\\ada"] * 3


async def test_cancelled_request_leaves_no_half_login_behind() -> None:
    """A request that is cancelled in the middle of the login does not disturb the next one."""
    keeper, reached, never = Doorkeeper(), asyncio.Event(), asyncio.Event()

    async def stuck() -> None:
        reached.set()
        await never.wait()

    async with door(keeper) as port, logged_in(connections=1) as ada:
        keeper.before = stuck
        held = asyncio.ensure_future(ada.send(to(port)))
        await reached.wait()
        held.cancel()
        await asyncio.gather(held, return_exceptions=True)
        keeper.before = None
        assert (await ada.send(to(port))).body == b"FIRM\\ada"


async def test_login_is_bound_to_the_certificate_of_the_server(authority: Authority, tmp_path: Path) -> None:
    """Over TLS the login names the certificate it saw; a server that has another one does not take it."""
    before = set(authority.ca_file.parent.iterdir())
    tls, other = authority.server("localhost"), authority.server("localhost")
    ours, theirs = sorted(set(authority.ca_file.parent.iterdir()) - before, key=lambda path: path.stat().st_mtime_ns)
    assert other is not tls
    keeper = Doorkeeper()
    async with door(keeper, tls) as port:
        for file, status in ((theirs, 401), (ours, 200)):
            keeper.binding = der_of(file)
            async with logged_in(ca_file=authority.ca_file) as ada:
                assert (await ada.send(to(port, scheme="https"))).status == status


@pytest.mark.parametrize("token", ["====", "TlRMTVNTUAACAAAA", "AAAA", "TlRMTVNTUAADAAAA" + "/" * 64])
async def test_nonsense_in_place_of_a_challenge_is_a_broken_connection(token: str) -> None:
    """Whatever a server sends as its challenge ends in a sentence, not in a traceback."""

    async def page(request: web.Request) -> web.StreamResponse:
        return web.Response(status=401, headers={"WWW-Authenticate": f"NTLM {token}"})

    async with serve_pages(page) as port, logged_in(scheme="ntlm") as ada:
        with pytest.raises(ConnectionLost, match="NTLM challenge cannot be read"):
            await ada.send(to(port))


def test_neither_login_nor_name_shows_the_password() -> None:
    """The login prints its name only; a name that cannot be sent is refused."""
    assert ADA not in f"{WindowsLogin('ada', Secret(ADA))!r}"
    for name in ("", "a\nb"):
        with pytest.raises(LocalProtocolError, match="login name"):
            WindowsLogin(name, Secret(ADA))
    assert binding_of(None) is None
    assert binding_of(b"no certificate") is None
