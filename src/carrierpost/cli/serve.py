"""
The hub, serving: `carrierpost serve`.
"""

from __future__ import annotations

import asyncio
import contextlib
import ipaddress
import logging
import os
import signal
import socket
import sys
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import click
import msgspec
import structlog
import uvicorn
from starlette.types import ASGIApp

from carrierpost.bootstrap import Hub, SetupError, find_home, open_hub
from carrierpost.bootstrap.configuration import read_configuration
from carrierpost.cli.running import asynchronous
from carrierpost.engine.listener import Listener
from carrierpost.web import Office, WebSettings, build_app
from carrierpost.web.care import care_app
from carrierpost.web.joined import joined
from carrierpost.web.pages import built_pages
from carrierpost.web.settings import SignInSettings

__all__ = ["ServeSettings", "serve"]

_DRAIN_SECONDS = 10
_LOOPBACK_NAMES = ("localhost", "127.0.0.1", "::1")


class ServeSettings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """
    Where to listen, and what stands in between.

    Attributes:
        host: address of this machine to listen at.
        port: on which port; 0 takes a free one.
        hosts: names under which people reach it, beside those of this machine.
        public_url: its address as people type it, when a proxy stands in between.
        behind_proxy: a proxy that speaks HTTPS stands in front; without one, plain HTTP is for this machine alone.
        proxies: addresses of proxies whose word is taken for where a request came from.
        certificate: a PEM file with the certificate chain, to speak HTTPS without a proxy.
        key: a PEM file with its private key.
        profile_certificate: a PEM file with the certificate chain that Apple's configuration profiles are signed with;
            that of HTTPS unless given, and without either they are not signed.
        profile_key: a PEM file with its private key.
        care_port: on which port of this machine `/healthz`, `/readyz` and `/metrics` are; 0 for none.
    """

    host: str = "127.0.0.1"
    port: int = 8700
    hosts: tuple[str, ...] = ()
    public_url: str = ""
    behind_proxy: bool = False
    proxies: tuple[str, ...] = ("127.0.0.1", "::1")
    certificate: str | None = None
    key: str | None = None
    profile_certificate: str | None = None
    profile_key: str | None = None
    care_port: int = 0


class Configuration(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """
    The sections of the settings file.
    """

    serve: ServeSettings = ServeSettings()
    sign_in: SignInSettings = SignInSettings()


@click.command
@click.option(
    "--config", type=click.Path(path_type=Path), help="Settings, a TOML file; config.toml in the home if there."
)
@click.option("--host", help="Address of this machine to listen at (127.0.0.1).")
@click.option("--port", type=click.IntRange(0, 65535), help="Port to listen on (8700); 0 takes a free one.")
@click.option("--behind-proxy", is_flag=True, default=None, help="A proxy that speaks HTTPS stands in front.")
@click.option("--public-url", help="The address as people type it.")
@click.option("--certificate", help="Speak HTTPS with this certificate chain (PEM).")
@click.option("--key", help="Its private key (PEM).")
@click.option("--care-port", type=click.IntRange(0, 65535), help="Port for /healthz, /readyz and /metrics; 0 for none.")
@asynchronous
async def serve(config: Path | None, **said: Any) -> None:
    """
    Run the hub: sign-in, devices, the live stream, mail over HTTP.

    People sign in with their mail address, and their devices hear of mail at once. It listens on this machine alone,
    unless it is told otherwise. Ends with Ctrl-C or SIGTERM, in good order.
    """
    home = find_home(os.environ)
    file = config or (home / "config.toml" if (home / "config.toml").exists() else None)
    settings = read_configuration(Configuration, file=file, environment=os.environ, said={"serve": said})
    check_safe(settings.serve)
    set_up_logs()
    async with open_hub() as hub:
        await _serve(hub, settings)


async def _serve(hub: Hub, settings: Configuration) -> None:
    where = settings.serve
    stop = asyncio.Event()
    listener = listen(where.host, where.port)
    port = listener.getsockname()[1]
    scheme = "https" if where.certificate else "http"
    name = f"[{where.host}]" if ":" in where.host else where.host
    address = where.public_url or f"{scheme}://{name}:{port}"
    async with joined(hub, web_settings(settings)) as (office, accounts):
        app = build_app(office, pages=built_pages())
        with _signals(stop):
            async with _listening(app, [listener], where), _caring(office, accounts, where.care_port):
                _greet(address, where)
                _notify_systemd("READY=1")
                await stop.wait()
                _notify_systemd("STOPPING=1")
                structlog.get_logger("carrierpost").info("stopping")
                office.drain()


def web_settings(settings: Configuration) -> WebSettings:
    """
    Tell the web face what it has to know.
    """
    where, sign_in = settings.serve, settings.sign_in
    private = is_loopback(where.host) and not where.behind_proxy
    if private and not sign_in.servers:
        sign_in = msgspec.structs.replace(sign_in, servers=("*",))
    public = where.public_url.rstrip("/")
    named = (public.partition("://")[2].partition(":")[0],) if public else ()
    own = () if is_any(where.host) else (where.host,)
    return WebSettings(
        hosts=(*_LOOPBACK_NAMES, *own, *named, *where.hosts),
        public_url=public,
        sign_in=sign_in,
        signing_certificate=where.profile_certificate or where.certificate or "",
        signing_key=where.profile_key or where.key or "",
    )


def check_safe(where: ServeSettings) -> None:
    """
    Refuse to let passwords travel readable.

    Raises:
        SetupError: plain HTTP would leave this machine, or a file is missing.
    """
    if where.key is not None and where.certificate is None:
        raise SetupError("a key came without a certificate; name both, or neither")
    for file in (where.certificate, where.key, where.profile_certificate, where.profile_key):
        if file is not None and not Path(file).is_file():
            raise SetupError(f"there is no file {file}; certificates and keys are named as PEM files")
    if not is_loopback(where.host) and where.certificate is None and not where.behind_proxy:
        raise SetupError(
            f"at {where.host} passwords would travel readable; put a proxy that speaks HTTPS in front and say "
            "--behind-proxy, or give --certificate and --key"
        )


def is_loopback(host: str) -> bool:
    """
    Tell whether an address is of this machine alone.
    """
    with contextlib.suppress(ValueError):
        return ipaddress.ip_address(host).is_loopback
    return host == "localhost"


def is_any(host: str) -> bool:
    """
    Tell whether an address stands for all of this machine.
    """
    return host in ("0.0.0.0", "::")  # noqa: S104 - asked for, not bound


def listen(host: str, port: int) -> socket.socket:
    """
    Take a port.

    Raises:
        SetupError: it cannot be taken; says what to do.
    """
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        listener = socket.socket(family, kind, protocol)
    except OSError as error:
        raise SetupError(f"{host} is no address of this machine ({error.strerror})") from None
    try:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind(address)
    except OSError as error:
        listener.close()
        raise SetupError(
            f"cannot listen at {host} port {port} ({error.strerror}); choose another port, or 0 for a free one"
        ) from None
    return listener


class _Server(uvicorn.Server):
    """
    A guest in our loop: signals are ours.
    """

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


@contextlib.asynccontextmanager
async def _listening(app: ASGIApp, sockets: list[socket.socket], where: ServeSettings) -> AsyncIterator[None]:
    server = _Server(
        uvicorn.Config(
            app,
            lifespan="off",
            ws="none",
            log_config=None,
            access_log=False,
            server_header=False,
            proxy_headers=where.behind_proxy,
            forwarded_allow_ips=list(where.proxies),
            ssl_certfile=where.certificate,
            ssl_keyfile=where.key,
            timeout_graceful_shutdown=_DRAIN_SECONDS,
        )
    )
    task = asyncio.ensure_future(server.serve(sockets))
    try:
        while not server.started and not task.done():
            await asyncio.sleep(0.01)
        if task.done():
            await task
            raise SetupError("the server did not start; its log says why")
        yield
    finally:
        server.should_exit = True
        await task


@contextlib.asynccontextmanager
async def _caring(office: Office, accounts: Listener, port: int) -> AsyncIterator[None]:
    if not port:
        yield
        return
    app = care_app(office, working=lambda: accounts.status().connected)
    async with _listening(app, [listen("127.0.0.1", port)], ServeSettings()):
        yield


@contextlib.contextmanager
def _signals(stop: asyncio.Event) -> Iterator[None]:
    loop = asyncio.get_running_loop()
    every = (signal.SIGINT, signal.SIGTERM)
    try:
        for one in every:
            loop.add_signal_handler(one, stop.set)
    except NotImplementedError:  # no such thing on this system: Ctrl-C cancels
        yield
        return
    try:
        yield
    finally:
        for one in every:
            loop.remove_signal_handler(one)


def set_up_logs() -> None:
    """
    Write logs to the standard error output: for people at a terminal, else one JSON object a line.
    """
    logging.basicConfig(level=logging.WARNING, stream=sys.stderr, format="%(levelname)s %(name)s: %(message)s")
    people = sys.stderr.isatty()
    last: Any = structlog.dev.ConsoleRenderer() if people else structlog.processors.JSONRenderer()
    structlog.configure(
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso"),
            *([] if people else [structlog.processors.format_exc_info]),
            last,
        ],
        wrapper_class=structlog.make_filtering_bound_logger(logging.INFO),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
    )


def _greet(address: str, where: ServeSettings) -> None:
    click.echo(f"Carrierpost is running at {address}")
    if is_loopback(where.host) and not where.behind_proxy:
        click.echo("Only this machine reaches it. For others, see the manual: Run the hub.")
    click.echo(f"Its interface is described at {address}/api/v1/openapi.json. Ctrl-C ends it.")


def _notify_systemd(state: str) -> None:
    """
    Tell systemd how it is, where systemd started us (`Type=notify`).
    """
    where = os.environ.get("NOTIFY_SOCKET", "")
    if not where:
        return
    with contextlib.suppress(OSError), socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as line:
        line.connect("\0" + where[1:] if where.startswith("@") else where)
        line.sendall(state.encode())
