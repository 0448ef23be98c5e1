"""
Certificates: who is trusted, and what a person is told who is not.
"""

from __future__ import annotations

import asyncio
import datetime as dt
import ssl
import subprocess
import sys
from pathlib import Path

import pytest
from aiohttp import web

from carrierpost.client.errors import BadCAFile, TLSRefused
from carrierpost.client.tls import authorities_later, refusal, tls_context
from tests.client.network import Authority, serve_pages
from tests.client.test_aiohttp_transport import hello, to, transport


async def test_certificate_of_an_own_authority_is_trusted_with_its_file(authority: Authority) -> None:
    """With the authority's file, a server that it signed is reached over TLS."""
    tls = authority.server("localhost")
    async with serve_pages(hello, tls) as port, transport(ca_file=authority.ca_file) as client:
        answer = await client.send(to(port, scheme="https", host="localhost"))
    assert (answer.status, answer.body) == (200, b"hello")


@pytest.mark.parametrize(
    ("names", "days", "trusted", "says", "helps"),
    [
        (("localhost",), (-20, 7), False, "authority that is not known here", True),
        (("mail.example.test",), (-20, 7), True, "made out to other names", False),
        (("localhost",), (-20, -1), True, "has expired; tell its administrator", False),
        (("localhost",), (1, 7), True, "not valid yet; check the date of this machine", False),
    ],
    ids=["unknown authority", "other host name", "expired", "not yet valid"],
)
async def test_AU8_certificate_that_cannot_be_trusted_is_refused_loudly(
    authority: Authority, names: tuple[str, ...], days: tuple[int, int], trusted: bool, says: str, helps: bool
) -> None:
    """AU8: a refused certificate ends the connection before anything is sent, and the error says what is wrong."""
    seen: list[str] = []

    async def page(request: web.Request) -> web.StreamResponse:
        seen.append(request.path)
        return web.Response()

    since, until = (dt.timedelta(days=one) for one in days)
    tls = authority.server(*names, valid_from=since, valid_until=until)
    async with (
        serve_pages(page, tls) as port,
        transport(ca_file=authority.ca_file if trusted else None) as client,
    ):
        with pytest.raises(TLSRefused, match=says) as caught:
            await client.send(to(port, scheme="https", host="localhost", body=b"data"))
    assert not caught.value.sent
    assert not seen
    assert caught.value.own_authority is helps
    assert ("--ca FILE" in str(caught.value)) is helps


async def test_AU8_certificate_that_is_replaced_by_a_bad_one_is_noticed(authority: Authority) -> None:
    """AU8: a certificate that was good is judged again with each new connection: what served until now can fail."""
    async with transport(ca_file=authority.ca_file) as client:
        async with serve_pages(hello, authority.server("localhost")) as port:
            assert (await client.send(to(port, scheme="https", host="localhost"))).status == 200
        stale = authority.server("localhost", valid_until=dt.timedelta(days=-1))
        async with serve_pages(hello, stale) as port:
            with pytest.raises(TLSRefused, match="has expired"):
                await client.send(to(port, scheme="https", host="localhost"))
        async with serve_pages(hello, authority.server("localhost")) as port:
            assert (await client.send(to(port, scheme="https", host="localhost"))).status == 200


async def test_plain_server_behind_https_is_refused() -> None:
    """A server that speaks no TLS where TLS is expected is refused by that name, and nothing was sent to it."""
    async with serve_pages(hello) as port, transport() as client:
        with pytest.raises(TLSRefused, match="does not speak TLS at this port") as caught:
            await client.send(to(port, scheme="https"))
    assert not caught.value.sent


async def test_server_with_old_TLS_only_is_refused_by_that_name(authority: Authority) -> None:
    """A server that cannot do at least TLS 1.2 is refused, whatever its certificate."""

    async def refuse(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read(5)
        writer.write(bytes.fromhex("15 03 01 00 02 02 46"))  # a fatal alert: protocol_version
        await writer.drain()
        writer.close()

    server = await asyncio.start_server(refuse, "127.0.0.1", 0)
    async with server, transport(ca_file=authority.ca_file) as client:
        with pytest.raises(TLSRefused, match=r"older than 1\.2"):
            await client.send(to(server.sockets[0].getsockname()[1], scheme="https", host="localhost"))


def test_verification_cannot_be_off() -> None:
    """Every context checks the certificate and its name, and speaks nothing older than TLS 1.2."""
    context = tls_context()
    assert context.verify_mode is ssl.CERT_REQUIRED
    assert context.check_hostname
    assert context.minimum_version >= ssl.TLSVersion.TLSv1_2


def test_contexts_are_shared_until_a_file_changes(authority: Authority, tmp_path: Path) -> None:
    """Accounts that trust the same share one context; a renewed CA file is read again."""
    path = tmp_path / "company.pem"
    path.write_bytes(authority.ca_file.read_bytes())
    first = tls_context(path)
    assert tls_context(str(path)) is first
    assert tls_context() is tls_context() is not first
    path.write_bytes(authority.ca_file.read_bytes() + Authority(tmp_path).ca_file.read_bytes())
    renewed = tls_context(path)
    assert renewed is not first
    assert len(renewed.get_ca_certs()) == len(first.get_ca_certs()) + 1


def test_other_failures_of_encryption_keep_the_library_s_words() -> None:
    """What has no sentence of its own is passed on, and does not blame the certificate."""
    error = refusal(ssl.SSLError(1, "[SSL: NO_SHARED_CIPHER] no shared cipher"), "mail.example.test")
    assert "no shared cipher" in str(error)
    assert "certificate" not in str(error)


@pytest.mark.parametrize("content", [None, "", "no certificate in here\n"], ids=["missing", "empty", "nonsense"])
def test_CA_file_without_certificates_is_an_error_that_names_it(tmp_path: Path, content: str | None) -> None:
    """A CA file that is missing or holds no certificate is named in the error."""
    path = tmp_path / "company.pem"
    if content is not None:
        path.write_text(content)
    with pytest.raises(BadCAFile, match=r"company\.pem"):
        tls_context(path)


def test_default_context_made_meanwhile_reads_the_authorities_when_it_is_first_used(
    authority: Authority, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What others make while aiohttp is imported verifies as strictly as ever, and costs nothing until it is used."""
    monkeypatch.setenv("SSL_CERT_FILE", str(authority.ca_file))
    with authorities_later():
        context = ssl.create_default_context()
        named = ssl.create_default_context(cafile=str(authority.ca_file))
    usual = ssl.create_default_context()
    assert (context.verify_mode, context.check_hostname) == (ssl.CERT_REQUIRED, True)
    assert (context.verify_flags, context.options) == (usual.verify_flags, usual.options)
    assert context.get_ca_certs() == []
    assert named.get_ca_certs() == usual.get_ca_certs() != []
    context.wrap_bio(ssl.MemoryBIO(), ssl.MemoryBIO(), server_hostname="localhost")
    assert context.get_ca_certs() == usual.get_ca_certs()


def test_importing_the_transport_reads_no_authorities() -> None:
    """Reading all of the system's authorities is a fifth of a program's start, so it waits for the first connection."""
    look = (
        "import ssl; read = []; ssl.SSLContext.load_default_certs = lambda *_: read.append(1);"
        "import carrierpost.client.aiohttp_transport; print(read, ssl.create_default_context.__module__)"
    )
    found = subprocess.run([sys.executable, "-c", look], capture_output=True, text=True, check=True)
    assert found.stdout == "[] ssl\n"
