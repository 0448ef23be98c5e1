"""
Client certificates over real TLS, at the built-in server: who is let in, and what is said to others.
"""

from __future__ import annotations

import contextlib
import datetime as dt
import gc
import socket
import ssl
import tempfile
import threading
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import msgspec
import pytest

from carrierpost.client.aiohttp_transport import HTTPTransport
from carrierpost.client.errors import BadCertificate, ConnectionLost, TLSRefused
from carrierpost.client.login.certificate import certificate_context, needs_password, read_certificate
from carrierpost.client.login.kept import CertificateLogin, decode, encode
from carrierpost.protocol.message import HTTPRequest
from carrierpost.protocol.secret import Secret
from carrierpost.server import ExchangeServer
from carrierpost.server.front import Handled
from carrierpost.server.serve import serving
from tests.client.network import Authority

ADA = "ada@larch.example"


def now() -> dt.datetime:
    """Tell the time, which OpenSSL reads by itself."""
    return dt.datetime.now(dt.UTC)


def read(file: Path, password: str | None = None, key: Path | None = None) -> CertificateLogin:
    """Read a certificate."""
    return read_certificate(file, key, Secret(password) if password is not None else None, now=now())


@contextlib.asynccontextmanager
async def server_for(authority: Authority, clients: Authority) -> AsyncIterator[tuple[str, list[Handled]]]:
    """Run a server that wants certificates; gives its address and what it handled."""
    server, handled = ExchangeServer(), list[Handled]()
    server.add_user(ADA, "unused")
    server.on_handled = handled.append
    file = authority.server_file("localhost")
    async with serving(server, "localhost", 0, file, None, clients.ca_file) as running:
        yield running.url, handled


async def ask(url: str, authority: Authority, login: CertificateLogin | None) -> int:
    """Ask once; gives the HTTP status."""
    tls = certificate_context(login, authority.ca_file, now=now()) if login is not None else None
    transport = HTTPTransport(None, ca_file=authority.ca_file, tls=tls)
    try:
        return (await transport.send(HTTPRequest(url=url, method="OPTIONS"))).status
    finally:
        await transport.close()


@pytest.fixture
def clients(tmp_path: Path) -> Authority:
    """Make an authority that signs clients' certificates."""
    return Authority(tmp_path)


async def test_certificate_opens_the_mailbox_without_a_header(authority: Authority, clients: Authority) -> None:
    """Who shows a certificate of the right authority is the person it names; no `Authorization` is sent."""
    async with server_for(authority, clients) as (url, handled):
        assert await ask(url, authority, read(clients.client(ADA))) == 200
    assert [one.user for one in handled] == [ADA]


async def test_certificate_of_nobody_here_is_refused_by_the_server(authority: Authority, clients: Authority) -> None:
    """A good certificate for somebody who has no mailbox is a 401, like a wrong password."""
    async with server_for(authority, clients) as (url, _):
        assert await ask(url, authority, read(clients.client("bea@larch.example"))) == 401


async def test_server_that_wants_a_certificate_says_so(authority: Authority, clients: Authority) -> None:
    """Without a certificate the built-in server answers as IIS does, and looks at no password."""
    async with server_for(authority, clients) as (url, handled):
        assert await ask(url, authority, None) == 403
    assert [one.user for one in handled] == [""]


async def test_certificate_of_another_authority_ends_the_connection(authority: Authority, clients: Authority) -> None:
    """A certificate that the server's authorities did not sign never gets an answer; the error suspects it."""
    async with server_for(authority, clients) as (url, handled):
        with pytest.raises(ConnectionLost, match="may not accept your client certificate"):
            await ask(url, authority, read(authority.client(ADA)))
    assert handled == []


@contextlib.contextmanager
def alerting(authority: Authority, clients: Authority) -> Iterator[str]:
    """Run a server of TLS 1.2 that says by an alert what it thinks of a certificate, as OpenSSL makes it."""
    tls = authority.server("localhost")
    tls.load_verify_locations(clients.ca_file)
    tls.verify_mode, tls.maximum_version = ssl.CERT_REQUIRED, ssl.TLSVersion.TLSv1_2

    def serve() -> None:
        with contextlib.suppress(OSError):
            while True:
                connection, _ = listener.accept()
                with contextlib.suppress(ssl.SSLError):
                    tls.wrap_socket(connection, server_side=True).close()
                connection.close()

    with socket.create_server(("127.0.0.1", 0)) as listener:
        thread = threading.Thread(target=serve)
        thread.start()
        yield f"https://localhost:{listener.getsockname()[1]}/"
        listener.shutdown(socket.SHUT_RDWR)
    thread.join(10)


@pytest.mark.parametrize(
    ("shown", "says"),
    [
        (None, "may want a client certificate"),
        ("stranger", "does not know the authority that signed your client certificate"),
        ("expired", "your client certificate has expired"),
    ],
)
async def test_refused_certificate_is_explained(
    authority: Authority, clients: Authority, shown: str | None, says: str
) -> None:
    """What a server says of a certificate (an alert) becomes a sentence, and nothing was sent."""
    days = dt.timedelta(days=-1 if shown == "expired" else 7)
    file = (authority if shown == "stranger" else clients).client(ADA, valid_until=days)
    last_week = now() - dt.timedelta(days=7)
    login = read_certificate(file, None, None, now=last_week)
    tls = certificate_context(login, authority.ca_file, now=last_week) if shown else None
    with alerting(authority, clients) as url:
        transport = HTTPTransport(None, ca_file=authority.ca_file, tls=tls)
        with pytest.raises(TLSRefused, match=says) as caught:
            await transport.send(HTTPRequest(url=url, method="OPTIONS"))
        await transport.close()
    assert not caught.value.sent


async def test_expired_certificate_is_refused_here_already(authority: Authority, clients: Authority) -> None:
    """When it is read and each time it is used, its dates are looked at: the server might not say what is wrong."""
    file = clients.client(ADA, valid_until=dt.timedelta(days=-1))
    with pytest.raises(BadCertificate, match=r"has expired on \d{4}-\d\d-\d\d"):
        read(file)
    login = read_certificate(file, None, None, now=now() - dt.timedelta(days=7))
    with pytest.raises(BadCertificate, match="has expired"):
        certificate_context(login, authority.ca_file, now=now())
    with pytest.raises(BadCertificate, match="not valid yet"):
        certificate_context(login, authority.ca_file, now=now() - dt.timedelta(days=40))


@pytest.mark.parametrize("bundle", [False, True], ids=["PEM", "PKCS#12"])
def test_password_opens_the_key(clients: Authority, bundle: bool) -> None:
    """PEM and PKCS#12, with and without a password; a wrong one and none are told apart."""
    closed = clients.client(ADA, password="Größe", bundle=bundle)
    assert needs_password(closed, None)
    assert read(closed, "Größe").subject == ADA
    with pytest.raises(BadCertificate, match="password is wrong"):
        read(closed, "grösser")
    with pytest.raises(BadCertificate, match=r"password is wrong|give the password"):
        read(closed)
    open_one = clients.client(ADA, bundle=bundle)
    assert not needs_password(open_one, None)
    assert read(open_one).subject == ADA


def test_key_may_have_a_file_of_its_own(clients: Authority, tmp_path: Path) -> None:
    """`--key` names the key; one that belongs to another certificate is refused."""
    key, _, certificate = clients.client(ADA).read_text().partition("-----END PRIVATE KEY-----\n")
    (tmp_path / "me.key").write_text(f"{key}-----END PRIVATE KEY-----\n")
    (tmp_path / "me.crt").write_text(certificate)
    assert read(tmp_path / "me.crt", key=tmp_path / "me.key").subject == ADA
    with pytest.raises(BadCertificate, match="name the key with --key FILE"):
        read(tmp_path / "me.crt")
    with pytest.raises(BadCertificate, match="belongs to another certificate"):
        read(tmp_path / "me.crt", key=clients.client(ADA))


@pytest.mark.parametrize(
    "content", [b"", b"nonsense", b"-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"]
)
def test_file_that_holds_something_else_is_named(tmp_path: Path, content: bytes) -> None:
    """Whatever is in the file, the error names it and says what it has to hold."""
    file = tmp_path / "me.pem"
    file.write_bytes(content)
    with pytest.raises(BadCertificate, match=r"me\.pem"):
        read(file)


async def test_key_leaves_no_trace_outside_the_store(
    clients: Authority, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The key comes back from the store as it went in, prints nowhere, and no file of it stays behind."""
    place = tmp_path / "temporary"
    place.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(place))
    login = read(clients.client(ADA))
    again = decode(encode(login))
    assert again == login
    assert isinstance(again, CertificateLogin)
    assert "PRIVATE" not in f"{login!r} {encode(login)!r}"
    certificate_context(again, None, now=now())
    gc.collect()
    assert list(place.iterdir()) == []
    broken = msgspec.structs.replace(login, key=Secret(read(clients.client(ADA)).key.reveal()))
    with pytest.raises(OSError):
        certificate_context(broken, None, now=now())
    assert list(place.iterdir()) == []
