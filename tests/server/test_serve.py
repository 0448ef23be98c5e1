"""
The server on a real port.
"""

from __future__ import annotations

import asyncio
import datetime as dt
import logging
import signal
import socket
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from carrierpost.client.aiohttp_transport import HTTPTransport
from carrierpost.client.errors import ClientError, ConnectionLost
from carrierpost.client.login import BasicLogin
from carrierpost.protocol.commands.folder_sync import FolderType
from carrierpost.protocol.secret import Secret
from carrierpost.server import ExchangeServer
from carrierpost.server.faults import delay, drop_after_commit, drop_before_commit, half_close
from carrierpost.server.serve import Serving, _listen, serving
from tests.server.phone import ADA, PASSWORD, Phone

INBOX = FolderType.INBOX


def _server() -> ExchangeServer:
    server = ExchangeServer()
    server.add_user(ADA, PASSWORD)
    return server


def _phone(server: ExchangeServer, running: Serving, ca_file: Path | None = None) -> Phone:
    transport = HTTPTransport(BasicLogin(ADA, Secret(PASSWORD)), ca_file=ca_file)
    return Phone(server, transport=transport, url=running.url)


async def _holding(server: ExchangeServer, count: int = 1) -> None:
    while server.holding < count:
        await asyncio.sleep(0)


def _certificate(directory: Path) -> tuple[Path, Path]:
    """
    Make a certificate for this machine that vouches for itself.
    """
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "localhost")])
    now = dt.datetime.now(dt.UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - dt.timedelta(days=1))
        .not_valid_after(now + dt.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost")]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    chain, secret = directory / "chain.pem", directory / "key.pem"
    chain.write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
    secret.write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )
    return chain, secret


async def test_a_client_synchronizes_over_a_real_port() -> None:
    """A free port is taken, and what the mailbox holds comes through it."""
    server = _server()
    server.mailbox(ADA).deliver("Over the wire", "text")
    async with serving(server) as running:
        assert running.port > 0
        assert running.url == f"http://127.0.0.1:{running.port}/Microsoft-Server-ActiveSync"
        phone = _phone(server, running)
        await phone.folders()
        inbox = await phone.begin(INBOX)
        await phone.all(INBOX)
        assert [one.subject for one in phone.held[inbox].values()] == ["Over the wire"]  # type: ignore[union-attr]
        await phone.transport.close()


async def test_answers_leave_without_delay() -> None:
    """A small answer is not kept back until the client has acknowledged its head."""
    accepted: asyncio.Queue[asyncio.StreamWriter] = asyncio.Queue()

    async def connected(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        accepted.put_nowait(writer)

    async with await asyncio.start_server(connected, sock=_listen("127.0.0.1", 0)) as listening:
        _, writer = await asyncio.open_connection(*listening.sockets[0].getsockname())
        answering = await accepted.get()
        assert answering.get_extra_info("socket").getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY)
        for end in (writer, answering):
            end.close()
            await end.wait_closed()


async def test_it_speaks_https_with_a_certificate(tmp_path: Path) -> None:
    """A client that trusts the certificate gets in; one that does not is refused by itself."""
    chain, key = _certificate(tmp_path)
    server = _server()
    async with serving(server, "localhost", certificate=chain, key=key) as running:
        assert running.url.startswith("https://localhost:")
        trusting, doubting = _phone(server, running, ca_file=chain), _phone(server, running)
        assert (await trusting.folders()).status == 1
        with pytest.raises(ClientError):
            await doubting.folders()
        await trusting.transport.close()
        await doubting.transport.close()


async def test_it_closes_although_a_ping_is_held() -> None:
    """The Ping is answered as if its time were over, and nobody waits for its half hour."""
    server = _server()
    async with asyncio.timeout(20):
        async with serving(server) as running:
            phone = _phone(server, running)
            await phone.folders()
            await phone.begin(INBOX)
            ping = asyncio.ensure_future(phone.ping(INBOX, seconds=1800))
            await _holding(server)
        assert (await ping).status == 1
        await phone.transport.close()


@pytest.mark.parametrize("fault", [delay(3000), half_close()], ids=["delay", "half_close"])
async def test_it_closes_although_an_answer_is_late(fault: object, caplog: pytest.LogCaptureFixture) -> None:
    """A request that would take for ever loses its connection, and that is no error of the server's."""
    server = _server()
    async with asyncio.timeout(20):
        async with serving(server) as running:
            phone = _phone(server, running)
            server.faults.add(fault)  # type: ignore[arg-type]
            late = asyncio.ensure_future(phone.folders())
            while not server.log:
                await asyncio.sleep(0)
        with pytest.raises(ConnectionLost):
            await late
        await phone.transport.close()
    assert caplog.records == []


@pytest.mark.parametrize("fault", [drop_before_commit(), drop_after_commit()], ids=["before", "after"])
async def test_dropped_connections_are_dropped(fault: object, caplog: pytest.LogCaptureFixture) -> None:
    """Over a network, too, there is no answer at all, and the next request is served."""
    server = _server()
    async with serving(server) as running:
        phone = _phone(server, running)
        server.faults.add(fault)  # type: ignore[arg-type]
        with pytest.raises(ConnectionLost):
            await phone.folders()
        assert (await phone.folders()).status == 1
        await phone.transport.close()
    assert caplog.records == []


async def test_a_client_that_leaves_ends_what_was_held_for_it() -> None:
    """A cancelled Ping closes its connection, and the server stops to hold it."""
    server = _server()
    async with asyncio.timeout(20):
        async with serving(server) as running:
            phone = _phone(server, running)
            await phone.folders()
            await phone.begin(INBOX)
            ping = asyncio.ensure_future(phone.ping(INBOX, seconds=1800))
            await _holding(server)
            ping.cancel()
            while server.holding:
                await asyncio.sleep(0)
            await phone.transport.close()


async def test_signals_stay_with_whoever_has_them() -> None:
    """The server is a guest in the process: Ctrl-C is not its business."""
    before = signal.getsignal(signal.SIGINT), signal.getsignal(signal.SIGTERM)
    async with serving(_server()):
        assert (signal.getsignal(signal.SIGINT), signal.getsignal(signal.SIGTERM)) == before


async def test_it_says_nothing_unless_something_is_wrong(caplog: pytest.LogCaptureFixture) -> None:
    """Neither start, end nor requests are logged."""
    caplog.set_level(logging.DEBUG, "uvicorn")
    server = _server()
    async with serving(server) as running:
        phone = _phone(server, running)
        await phone.folders()
        await phone.transport.close()
    assert [record for record in caplog.records if record.name.startswith("uvicorn")] == []


async def test_a_port_that_is_taken_is_named() -> None:
    """Who asks for a port in use reads which, and what to do."""
    async with serving(_server()) as running:
        with pytest.raises(OSError, match=rf"port {running.port} .*choose another port"):
            async with serving(_server(), port=running.port):
                pass


async def test_files_that_cannot_be_used_are_named(tmp_path: Path) -> None:
    """A certificate that is none, a file that is missing, a key alone: each is refused with its name."""
    broken = tmp_path / "broken.pem"
    broken.write_text("not a certificate")
    with pytest.raises(ValueError, match=r"broken\.pem"):
        async with serving(_server(), certificate=broken):
            pass
    with pytest.raises(FileNotFoundError, match=r"missing\.pem"):
        async with serving(_server(), certificate=tmp_path / "missing.pem"):
            pass
    with pytest.raises(ValueError, match="without a certificate"):
        async with serving(_server(), key=broken):
            pass


def test_addresses_with_colons_are_bracketed() -> None:
    """An IPv6 address stands in brackets in the server's own address."""
    assert Serving("::1", 8443, secure=True).url == "https://[::1]:8443/Microsoft-Server-ActiveSync"


def _descriptors() -> int:
    """Count what this process has open; 0 where that cannot be told."""
    directory = Path("/proc/self/fd")
    return len(list(directory.iterdir())) if directory.exists() else 0


async def test_PG11_clients_that_vanish_free_their_descriptors() -> None:
    """Two hundred phones connect, are held, and vanish without a word: every descriptor comes back."""
    server = _server()
    if not _descriptors():
        pytest.skip("descriptors cannot be counted here")
    async with asyncio.timeout(60), serving(server) as running:
        phone = _phone(server, running)
        await phone.folders()
        await phone.begin(INBOX)
        await phone.transport.close()
        before = _descriptors()
        for _ in range(20):
            phones = [_phone(server, running) for _ in range(10)]
            for number, one in enumerate(phones):
                one.adopt(device_id=f"PHONE{number}")
                one.hierarchy_key, one.keys = "0", dict(phone.keys)
                await one.folders()
            pings = [asyncio.ensure_future(one.ping(INBOX, seconds=1800)) for one in phones]
            await _holding(server, len(phones))
            for ping in pings:
                ping.cancel()
            await asyncio.wait(pings)
            for one in phones:
                await one.transport.close()
            while server.holding or server.connections:
                await asyncio.sleep(0)
        while _descriptors() > before:  # the last ones go in the loop's next rounds
            await asyncio.sleep(0)
