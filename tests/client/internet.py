"""
A small internet for Autodiscover: hosts by name, on ports 443 and 80, with what each was asked.
"""

from __future__ import annotations

import contextlib
import dataclasses
import json
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping

from aiohttp import web

from carrierpost.client.aiohttp_transport import HTTPTransport
from carrierpost.client.discovery import Fetch
from carrierpost.client.errors import Unreachable
from carrierpost.client.names import Service
from carrierpost.protocol.autodiscover import write_answer
from tests.client.network import Authority, LoopbackNames, serve_pages

__all__ = ["Asked", "Host", "Internet", "Records", "answers", "internet", "wants_login", "xml_error"]

Host = Callable[[web.Request], Awaitable[web.StreamResponse]]


@dataclasses.dataclass
class Records:
    """
    A resolver with some records; `broken` answers nothing at all.
    """

    srv: tuple[Service, ...] = ()
    mx: tuple[str, ...] = ()
    broken: bool = False

    async def services(self, domain: str) -> tuple[Service, ...]:
        """Give the SRV records."""
        if self.broken:
            raise Unreachable(domain, "DNS does not answer (Timeout)")
        return self.srv

    async def exchangers(self, domain: str) -> tuple[str, ...]:
        """Give the MX records."""
        if self.broken:
            raise Unreachable(domain, "DNS does not answer (Timeout)")
        return self.mx


@dataclasses.dataclass(frozen=True)
class Asked:
    """
    A request that a host got.
    """

    scheme: str
    host: str
    method: str
    path: str
    login: str
    body: bytes


@dataclasses.dataclass
class Internet:
    """
    What runs, and what was asked.
    """

    fetch: Fetch
    asked: list[Asked]
    names: LoopbackNames

    def logins(self) -> list[tuple[str, str]]:
        """List who got a password: host and login header."""
        return [(one.host, one.login) for one in self.asked if one.login]

    def paths(self) -> list[str]:
        """List what was asked, shortly."""
        return [f"{one.method} {one.scheme}://{one.host}{one.path}" for one in self.asked]


@contextlib.asynccontextmanager
async def internet(
    authority: Authority, hosts: Mapping[str, Host], plain: Mapping[str, Host] | None = None, *, seconds: float = 10.0
) -> AsyncIterator[Internet]:
    """
    Run hosts: by https those of the first table, by plain http those of the second.
    """
    plain = plain or {}
    asked: list[Asked] = []

    def page(scheme: str, table: Mapping[str, Host]) -> Host:
        async def answer(request: web.Request) -> web.StreamResponse:
            host = request.host.partition(":")[0]
            login = request.headers.get("Authorization", "")
            asked.append(Asked(scheme, host, request.method, request.path, login, await request.read()))
            return await table[host](request)

        return answer

    tls = authority.server(*(hosts or ["nobody.example"]))
    async with serve_pages(page("https", hosts), tls) as secure, serve_pages(page("http", plain)) as open_port:
        names = LoopbackNames(
            {**{f"{host}:443": secure for host in hosts}, **{f"{host}:80": open_port for host in plain}}
        )
        transport = HTTPTransport(
            None, ca_file=authority.ca_file, names=names, connections=6, answer_seconds=seconds, connect_seconds=seconds
        )
        try:
            yield Internet(transport.send, asked, names)
        finally:
            await transport.close()


def answers(url: str = "", *, status: int = 200, headers: dict[str, str] | None = None, redirect: str = "") -> Host:
    """
    Make a host that names an endpoint, in the form that is asked for, or sends elsewhere, or refuses.
    """

    async def host(request: web.Request) -> web.StreamResponse:
        if redirect:
            return web.Response(status=status, headers={"Location": redirect, **(headers or {})})
        if not url or status != 200:
            return web.Response(status=status, headers=headers)
        if ".json" in request.path:
            return web.Response(text=json.dumps({"Protocol": "ActiveSync", "Url": url}))
        if request.path.lower().endswith("/autodiscover.xml"):
            return web.Response(body=write_answer("ada@larch.example", "Ada", url), content_type="text/xml")
        return web.Response(status=404)

    return host


def wants_login(
    host: Host, *logins: str, scheme: str = 'Basic realm="mail"', headers: dict[str, str] | None = None
) -> Host:
    """
    Put a login before a host: only these `Authorization` values are let in.
    """

    async def guarded(request: web.Request) -> web.StreamResponse:
        if request.headers.get("Authorization") in logins:
            return await host(request)
        return web.Response(status=401, headers={"WWW-Authenticate": scheme, **(headers or {})})

    return guarded


def xml_error(code: int) -> Host:
    """
    Make a host that knows Autodiscover, but not for ActiveSync, as SOGo does.
    """

    async def host(request: web.Request) -> web.StreamResponse:
        if not request.path.lower().endswith("/autodiscover.xml"):
            return web.Response(status=404)
        schema = "http://schemas.microsoft.com/exchange/autodiscover/responseschema/2006"
        return web.Response(
            text=f'<?xml version="1.0"?><Autodiscover xmlns="{schema}"><Response><Error><ErrorCode>{code}'
            "</ErrorCode><Message>Unsupported</Message><DebugData/></Error></Response></Autodiscover>",
            content_type="text/xml",
        )

    return host
