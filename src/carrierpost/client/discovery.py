"""
Autodiscover: from a mail address to the ActiveSync endpoint ([MS-ASCMD] Autodiscover, [MS-OXDISCO]).

What is asked in which order, and what an answer says, is decided in `carrierpost.protocol.autodiscover`; here it is
carried out. Candidates of one kind are asked at the same time, and the first that knows the server wins; the kinds
take turns.

The password is the thing to protect. It is sent only over verified TLS, only to a host that has asked for a login,
and not to hosts outside the mail domain that only unauthenticated means have named (a redirect over plain http, DNS),
unless `confirm` says so. A refused password ends the search: trying it everywhere would lock the account.
"""

from __future__ import annotations

import asyncio
import contextlib
import dataclasses
import functools
import re
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine, Iterable
from pathlib import Path
from typing import Any
from urllib.parse import urljoin, urlsplit

from carrierpost.client.aiohttp_transport import HTTPTransport
from carrierpost.client.asking import MOST_REDIRECTS, Asker, Attempts, Fetch, Note, SearchEnded, Secured, in_words
from carrierpost.client.errors import Attempt, DiscoveryFailed, LoginRefused
from carrierpost.client.login.challenges import offered
from carrierpost.client.login.windows import WindowsLogin
from carrierpost.client.names import DNSResolver, Resolver
from carrierpost.client.trace import Trace
from carrierpost.protocol.autodiscover import Answer, Candidate, candidates, read_json, read_xml, write_request
from carrierpost.protocol.http import PATH, host_of, server_facts
from carrierpost.protocol.message import HTTPRequest, HTTPResponse
from carrierpost.protocol.secret import Secret

__all__ = ["Attempt", "Confirm", "Discovered", "Fetch", "discover"]

Confirm = Callable[[str], Awaitable[bool]]
"""Asks a person whether a host outside the mail domain may have the password."""

_CONNECT_SECONDS, _ANSWER_SECONDS, _MOST_BYTES, _AT_ONCE = 5.0, 10.0, 1_000_000, 6
_DOMAIN = re.compile(r"[\w-]+(\.[\w-]+)*")
_POX, _JSON, _REDIRECT, _OPTIONS = "Autodiscover", "Autodiscover v2", "Autodiscover redirect", "usual address"
_HOSTED = "outlook.office365.com"
_HOSTED_MAIL = (".mail.protection.outlook.com", ".mx.microsoft")


@dataclasses.dataclass(frozen=True, slots=True)
class Discovered:
    """
    A server that was found.

    Attributes:
        url: the ActiveSync endpoint, absolute, without query.
        login: the login name to use: the one that the server accepted, or else the one that was given.
        how: how it was found, in words: `found by Autodiscover at autodiscover.example.com`.
        tried: all attempts in order, the successful one among them.

    """

    url: str
    login: str
    how: str
    tried: tuple[Attempt, ...]


async def discover(
    address: str,
    login: str | None,
    password: Secret | None,
    *,
    ca_file: Path | None = None,
    resolver: Resolver | None = None,
    fetch: Fetch | None = None,
    secured: Secured | None = None,
    confirm: Confirm | None = None,
    plain_loopback: bool = False,
    user_agent: str = "",
    trace: Trace | None = None,
) -> Discovered:
    """
    Find the ActiveSync server of a mail address.

    Args:
        address: the mail address.
        login: the login name, if it is not the address; the address is tried after it.
        password: the password; `None` asks only those who answer everybody.
        ca_file: further authorities to trust.
        resolver: answers DNS questions; the machine's name servers unless given.
        fetch: sends requests; over the network unless given.
        secured: opens a way to send with NTLM or Negotiate; over the network unless `fetch` is given.
        confirm: asked before the password goes to a host outside the mail domain that plain http or DNS named;
            without it, such a host is told in the error instead.
        plain_loopback: accept an endpoint by plain http on this very machine, for tests and the demonstration.
        user_agent: what the requests name as their sender.
        trace: records every exchange, or `None`.

    Raises:
        LoginRefused: a server was found that does not accept the password.
        HTTPStatusError: a server was found that has blocked the account (456) or wants a new password (457).
        DiscoveryFailed: no server was found; lists what was tried.
        BadCAFile: `ca_file` cannot be used.

    """
    transport: HTTPTransport | None = None
    if fetch is None:
        transport = _transport(None, ca_file)
        fetch = transport.send
        secured = secured or functools.partial(_logged_in, ca_file=ca_file, trace=trace)
    if trace is not None:
        if password is not None:
            trace.hide(password)
        fetch = functools.partial(trace.carry, send=fetch)
    asker = Asker(login, password, fetch, plain_loopback=plain_loopback, user_agent=user_agent, secured=secured)
    search = _Search(asker, login, resolver or DNSResolver(), confirm)
    try:
        return await search.run(address)
    finally:
        if transport is not None:
            await transport.close()


def _transport(credentials: WindowsLogin | None, ca_file: Path | None) -> HTTPTransport:
    return HTTPTransport(
        credentials,
        ca_file=ca_file,
        connections=_AT_ONCE,
        most_bytes=_MOST_BYTES,
        connect_seconds=_CONNECT_SECONDS,
        answer_seconds=_ANSWER_SECONDS,
    )


@contextlib.asynccontextmanager
async def _logged_in(login: WindowsLogin, *, ca_file: Path | None, trace: Trace | None) -> AsyncIterator[Fetch]:
    transport = _transport(login, ca_file)
    try:
        yield transport.send if trace is None else functools.partial(trace.carry, send=transport.send)
    finally:
        await transport.close()


@dataclasses.dataclass(frozen=True, slots=True)
class _Found:
    url: str
    login: str | None
    how: str


@dataclasses.dataclass(frozen=True, slots=True)
class _Elsewhere:
    address: str


_Ask = Coroutine[Any, Any, _Found | _Elsewhere | None]


class _Search:
    def __init__(self, asker: Asker, login: str | None, resolver: Resolver, confirm: Confirm | None) -> None:
        self._asker = asker
        self._login = login
        self._resolver = resolver
        self._confirm = confirm
        self._address = ""
        self._domains: list[str] = []
        self._attempts = Attempts()

    async def run(self, address: str) -> Discovered:
        """
        Search, and again for each other address that a server names.
        """
        first = address.rpartition("@")[2].lower()
        for _ in range(MOST_REDIRECTS):
            domain = address.rpartition("@")[2].lower()
            if "@" not in address or not _DOMAIN.fullmatch(domain):
                raise DiscoveryFailed(address, "; the address is no mail address", tried=self._attempts.made())
            self._address = address
            self._domains.append(domain)
            found = await self._search(address)
            if isinstance(found, _Found):
                login = found.login or self._login or address
                return Discovered(url=found.url, login=login, how=found.how, tried=self._attempts.made())
            if found is None:
                hint = ", or your own authority's certificate with --ca FILE" if self._attempts.untrusted else ""
                raise DiscoveryFailed(first, hint, tried=self._attempts.made())
            address = found.address
        raise DiscoveryFailed(first, "; the servers send us from one address to the next", tried=self._attempts.made())

    async def _search(self, address: str) -> _Found | _Elsewhere | None:
        kinds: dict[str, list[Candidate]] = {}
        for one in candidates(address):
            kinds.setdefault("hosted" if urlsplit(one.url).hostname == _HOSTED else one.how, []).append(one)
        stages: tuple[Callable[[], Iterable[_Ask]], ...] = (
            lambda: [self._pox(one.url) for one in kinds["pox"]],
            lambda: [*(self._redirect(one.url) for one in kinds["redirect"]), self._services(address)],
            lambda: [self._json(one.url) for one in kinds["json"]],
            lambda: [self._options(one.url) for one in kinds["options"]],
            lambda: [self._hosted(one.url) for one in kinds["hosted"]],
        )
        for stage in stages:
            if (found := await self._race(stage())) is not None:
                return found
        return None

    async def _race(self, asks: Iterable[_Ask]) -> _Found | _Elsewhere | None:
        """
        Ask at the same time: the first that knows a server wins; a refusal counts when nobody does.
        """
        pending = {asyncio.ensure_future(ask) for ask in asks}
        refusal: SearchEnded | None = None
        try:
            while pending:
                done, pending = await asyncio.wait(pending, return_when=asyncio.FIRST_COMPLETED)
                for task in done:
                    try:
                        if (found := task.result()) is not None:
                            return found
                    except SearchEnded as stop:
                        refusal = stop
                if refusal is not None and refusal.sure:
                    break
        finally:
            for task in pending:
                task.cancel()
            await asyncio.gather(*pending, return_exceptions=True)
        if refusal is None:
            return None
        if isinstance(refusal.error, LoginRefused):
            refusal.error.tried = self._attempts.made()
        raise refusal.error

    # -- the means

    async def _pox(self, url: str, how: str = _POX) -> _Found | _Elsewhere | None:
        request = HTTPRequest(
            url=url,
            headers=(("Content-Type", "text/xml; charset=utf-8"),),
            body=write_request(self._address),
            command="Autodiscover",
        )
        with self._attempts.begin(how, url) as note:
            response, login = await self._asker.logged_in(request, self._address)
            answer = _answer(response, read_xml)
            if answer.address.startswith("https://"):
                answer = Answer(url=answer.address)
            if answer.address:
                note.outcome = f"names the address {answer.address}"
                return _Elsewhere(answer.address)
            return self._endpoint(answer, login, f"found by {how} at {host_of(response.url)}", note)
        return None

    async def _redirect(self, url: str) -> _Found | _Elsewhere | None:
        target: str | None = None
        with self._attempts.begin(_REDIRECT, url) as note:
            # Over plain http: nothing of the user goes there, not even the address.
            response = await self._asker.once(HTTPRequest(method="GET", url=url, command="Autodiscover"))
            target = urljoin(url, response.headers.get("location", ""))
            if response.status not in (301, 302, 303, 307, 308) or not urlsplit(target).netloc:
                note.outcome = f"no redirect (HTTP {response.status})"
                return None
            if urlsplit(target).scheme != "https":
                note.outcome = f"sends us to {target}, which is not https"
                return None
            note.outcome = f"sends us to {target}"
        return await self._pox_at(target, _REDIRECT) if target is not None else None

    async def _services(self, address: str) -> _Found | _Elsewhere | None:
        domain = address.rpartition("@")[2].lower()
        hosts: list[str] = []
        with self._attempts.begin("DNS SRV", f"_autodiscover._tcp.{domain}") as note:
            services = await self._resolver.services(domain)
            hosts = [one.host for one in services if one.port == 443]
            named = ", ".join(f"{one.host}:{one.port}" for one in services)
            note.outcome = f"names {named}" if hosts else f"names {named}, not https" if named else "no such record"
        known = set(candidates(address))
        for candidate in candidates(address, tuple(hosts)):
            if candidate not in known and (found := await self._pox_at(candidate.url, "DNS SRV")) is not None:
                return found
        return None

    async def _pox_at(self, url: str, how: str) -> _Found | _Elsewhere | None:
        """
        Ask a host that plain http or DNS named, if it may have the password.
        """
        host = urlsplit(url).hostname or ""
        inside = any(host == one or host.endswith(f".{one}") for one in self._domains)
        if inside or (self._confirm is not None and await self._confirm(host)):
            return await self._pox(url, how)
        with self._attempts.begin(how, url) as note:
            note.outcome = f"{host} is not in your domain, and got no password; --server https://{host}{PATH} allows it"
        return None

    async def _json(self, url: str) -> _Found | _Elsewhere | None:
        with self._attempts.begin(_JSON, url) as note:
            response = await self._asker.followed(HTTPRequest(method="GET", url=url, command="Autodiscover"))
            where = f"found by {_JSON} at {host_of(response.url)}"
            return self._endpoint(_answer(response, read_json), None, where, note)
        return None

    async def _options(self, url: str) -> _Found | _Elsewhere | None:
        request = HTTPRequest(method="OPTIONS", url=url, command="OPTIONS")
        with self._attempts.begin(_OPTIONS, url) as note:
            wants_token = False
            if self._asker.anonymous:
                response, login = await self._asker.followed(request), None
                wants_token = response.status == 401 and "Bearer" in offered(
                    response.headers.get("www-authenticate", "")
                )
            else:
                response, login = await self._asker.logged_in(request, self._address)
            facts = server_facts(response)
            moved = response.headers.get("x-ms-location", "") if response.status == 451 else ""
            if moved or facts.all_versions or facts.product or wants_token:
                at = moved or response.url or url
                return self._endpoint(Answer(url=at), login, f"found at the {_OPTIONS} {at}", note)
            note.outcome = in_words(response, "no ActiveSync server")
        return None

    async def _hosted(self, url: str) -> _Found | _Elsewhere | None:
        """
        Ask Exchange Online, which answers for addresses it does not know too: only if it takes the domain's mail.
        """
        domain, hosted = self._domains[-1], False
        with self._attempts.begin("DNS MX", domain) as note:
            exchangers = await self._resolver.exchangers(domain)
            note.outcome = f"mail goes to {', '.join(exchangers)}" if exchangers else "no such record"
            hosted = any(one.endswith(_HOSTED_MAIL) for one in exchangers)
        return await self._json(url) if hosted else None

    def _endpoint(self, answer: Answer, login: str | None, how: str, note: Note) -> _Found | None:
        if not answer.url:
            note.outcome = answer.error
            return None
        parts = urlsplit(answer.url)
        if not self._asker.allows(answer.url):
            note.outcome = f"names {answer.url}, which is not https"
            return None
        path = parts.path if parts.path not in ("", "/") else PATH
        url = parts._replace(path=path, query="", fragment="").geturl()
        note.outcome = f"names {url}" + (f", login {login}" if login else "")
        return _Found(url, login, how)


def _answer(response: HTTPResponse, read: Callable[[bytes], Answer]) -> Answer:
    """
    Read an answer; one that says nothing of use is explained by its HTTP status.
    """
    answer = read(response.body) if response.body else Answer(error="the answer is empty")
    if answer.error and not 200 <= response.status < 300:
        return Answer(error=in_words(response, answer.error))
    return answer
