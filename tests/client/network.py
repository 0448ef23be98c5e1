"""
A small internet on loopback: an authority with certificates, host names of its own, servers on real sockets.
"""

from __future__ import annotations

import asyncio
import contextlib
import datetime as dt
import socket
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from pathlib import Path
from typing import Any

import aiohttp.abc
import uvicorn
from aiohttp import web
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import pkcs12
from cryptography.x509.oid import NameOID

from carrierpost.client.asgi import ASGIApp

__all__ = ["Authority", "LoopbackNames", "serve_app", "serve_pages"]

Page = Callable[[web.Request], Awaitable[web.StreamResponse]]


def _name(text: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, text)])


class Authority:
    """
    Signs certificates that nobody else knows.

    Args:
        directory: where its own certificate and those that it signs are kept.

    Attributes:
        ca_file: its certificate; who trusts this file trusts all of its certificates.

    """

    def __init__(self, directory: Path) -> None:
        self._directory = directory
        self._key = ec.generate_private_key(ec.SECP256R1())
        now = dt.datetime.now(dt.UTC)
        self._certificate = (
            x509.CertificateBuilder()
            .subject_name(_name("An authority for tests"))
            .issuer_name(_name("An authority for tests"))
            .public_key(self._key.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(now - dt.timedelta(days=30))
            .not_valid_after(now + dt.timedelta(days=30))
            .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
            .sign(self._key, hashes.SHA256())
        )
        self.ca_file = directory / "authority.pem"
        self.ca_file.write_bytes(self._certificate.public_bytes(serialization.Encoding.PEM))

    def client(
        self,
        address: str,
        *,
        valid_until: dt.timedelta = dt.timedelta(days=7),
        password: str = "",
        bundle: bool = False,
    ) -> Path:
        """
        Make a client's certificate for a mail address, with its key; gives the file.

        Args:
            address: the mail address.
            valid_until: how long from now the certificate is valid; negative for an expired one.
            password: encrypts the key.
            bundle: write PKCS#12 instead of PEM.

        """
        key = ec.generate_private_key(ec.SECP256R1())
        now = dt.datetime.now(dt.UTC)
        certificate = (
            x509.CertificateBuilder()
            .subject_name(_name("A person"))
            .issuer_name(self._certificate.subject)
            .public_key(key.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(now - dt.timedelta(days=20))
            .not_valid_after(now + valid_until)
            .add_extension(x509.SubjectAlternativeName([x509.RFC822Name(address)]), critical=False)
            .sign(self._key, hashes.SHA256())
        )
        closed: serialization.KeySerializationEncryption = (
            serialization.BestAvailableEncryption(password.encode()) if password else serialization.NoEncryption()
        )
        path = self._directory / f"client-{certificate.serial_number}.pem"
        if bundle:
            path.write_bytes(pkcs12.serialize_key_and_certificates(b"me", key, certificate, None, closed))
        else:
            path.write_bytes(
                key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, closed)
                + certificate.public_bytes(serialization.Encoding.PEM)
            )
        return path

    def server_file(self, *names: str) -> Path:
        """
        Make a server's certificate for these names, with its key; gives the file.
        """
        before = set(self._directory.iterdir())
        self.server(*names)
        [file] = set(self._directory.iterdir()) - before
        return file

    def server(
        self,
        *names: str,
        valid_from: dt.timedelta = dt.timedelta(days=-20),
        valid_until: dt.timedelta = dt.timedelta(days=7),
    ) -> ssl.SSLContext:
        """
        Make a server's side of TLS, with a certificate for these names.

        Args:
            names: host names.
            valid_from: from when on the certificate is valid, as seen from now.
            valid_until: how long from now the certificate is valid; negative for an expired one.

        """
        key = ec.generate_private_key(ec.SECP256R1())
        now = dt.datetime.now(dt.UTC)
        certificate = (
            x509.CertificateBuilder()
            .subject_name(_name(names[0]))
            .issuer_name(self._certificate.subject)
            .public_key(key.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(now + valid_from)
            .not_valid_after(now + valid_until)
            .add_extension(x509.SubjectAlternativeName([x509.DNSName(name) for name in names]), critical=False)
            .sign(self._key, hashes.SHA256())
        )
        path = self._directory / f"{certificate.serial_number}.pem"
        path.write_bytes(
            key.private_bytes(
                serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
            )
            + certificate.public_bytes(serialization.Encoding.PEM)
        )
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(path)
        return context


class LoopbackNames(aiohttp.abc.AbstractResolver):
    """
    Knows some host names, each at a port of this machine whatever port is asked for; no other name exists.

    Args:
        ports: the port of each `host:port` that somebody may want to reach.

    Attributes:
        asked: the names that were asked for.

    """

    def __init__(self, ports: Mapping[str, int]) -> None:
        self._ports = dict(ports)
        self.asked: list[str] = []

    def place(self, name: str, port: int) -> None:
        """
        Put another `host:port` at a port of this machine, or elsewhere than before.
        """
        self._ports[name] = port

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_INET
    ) -> list[aiohttp.abc.ResolveResult]:
        """
        Give this machine's address.
        """
        self.asked.append(f"{host}:{port}")
        if f"{host}:{port}" not in self._ports:
            raise OSError(None, "the name is not known")
        return [
            aiohttp.abc.ResolveResult(
                hostname=host, host="127.0.0.1", port=self._ports[f"{host}:{port}"], family=socket.AF_INET, proto=0,
                flags=socket.AI_NUMERICHOST,
            )
        ]  # fmt: skip

    async def close(self) -> None:
        """
        Nothing is open.
        """


@contextlib.asynccontextmanager
async def serve_app(app: ASGIApp, tls: ssl.SSLContext | None = None) -> AsyncIterator[int]:
    """
    Serve an ASGI application with uvicorn, the product's own server; gives its port.
    """
    config = uvicorn.Config(app, lifespan="off", log_config=None, timeout_graceful_shutdown=1, ws="none")
    config.load()
    config.ssl = tls
    server = uvicorn.Server(config)
    server.lifespan = config.lifespan_class(config)
    with socket.create_server(("127.0.0.1", 0)) as listening:
        await server.startup([listening])
        try:
            yield listening.getsockname()[1]
        finally:
            server.force_exit = True
            await server.shutdown([listening])


@contextlib.asynccontextmanager
async def serve_pages(page: Page, tls: ssl.SSLContext | None = None) -> AsyncIterator[int]:
    """
    Serve every request by one function, with aiohttp; gives the port.
    """
    app = web.Application(client_max_size=1 << 30)
    app.router.add_route("*", "/{path:.*}", page)
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0, ssl_context=tls)
    await site.start()
    server: Any = site._server
    assert isinstance(server, asyncio.Server)
    try:
        yield server.sockets[0].getsockname()[1]
    finally:
        await runner.cleanup()
