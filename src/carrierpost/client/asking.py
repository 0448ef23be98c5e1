"""
How Autodiscover asks a host: without a login at first, with it if the host asks for one, and never by plain http.

Every attempt is noted with its outcome in words, so that a person can see what was tried.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Awaitable, Callable
from contextlib import AbstractAsyncContextManager
from types import TracebackType
from urllib.parse import urljoin, urlsplit

import msgspec

from carrierpost.client.errors import Attempt, ClientError, LoginRefused, TLSRefused, Unreachable
from carrierpost.client.login import BasicLogin
from carrierpost.client.login.challenges import offered, strongest
from carrierpost.client.login.windows import WindowsLogin
from carrierpost.protocol.errors import HTTPStatusError
from carrierpost.protocol.http import host_of, server_facts
from carrierpost.protocol.message import HTTPRequest, HTTPResponse
from carrierpost.protocol.secret import Secret
from carrierpost.protocol.status import http_outcome

__all__ = ["Asker", "Attempts", "Fetch", "Note", "SearchEnded", "Secured", "in_words"]

Fetch = Callable[[HTTPRequest], Awaitable[HTTPResponse]]
"""Sends a request as it is, over verified TLS where its address is https; raises `ClientError`."""

Secured = Callable[[WindowsLogin], AbstractAsyncContextManager[Fetch]]
"""Opens a way to send as somebody, over connections of their own."""

MOST_REDIRECTS = 10
_REDIRECTS = (301, 302, 303, 307, 308)
_LOOPBACK = ("localhost", "127.0.0.1", "::1")


class SearchEnded(Exception):
    """
    A server was found, and refuses; asking others with the same password could lock the account.

    Attributes:
        error: why.
        sure: end at once; otherwise a host that is asked at the same time may know better.
    """

    def __init__(self, error: LoginRefused | HTTPStatusError, *, sure: bool) -> None:
        super().__init__(error)
        self.error = error
        self.sure = sure


class Note:
    """
    An attempt under way, as a context manager: a failed connection becomes its outcome, and is no failure outside.

    Attributes:
        outcome: what came of it, in words; set it inside.
    """

    def __init__(self, attempts: Attempts, number: int) -> None:
        self._attempts = attempts
        self._number = number
        self.outcome = ""

    def __enter__(self) -> Note:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> bool:
        match error:
            case TLSRefused():
                self.outcome = error.detail
                self._attempts.untrusted |= error.own_authority
            case ClientError():
                self.outcome = error.detail or str(error)
            case SearchEnded():
                self.outcome = str(error.error)
        if self.outcome:
            self._attempts.finish(self._number, self.outcome)
        return isinstance(error, ClientError)


class Attempts:
    """
    All attempts of one search, in the order in which they began.

    Attributes:
        untrusted: whether an authority of one's own could have helped one of them.
    """

    def __init__(self) -> None:
        self._made: list[Attempt] = []
        self.untrusted = False

    def begin(self, how: str, url: str) -> Note:
        """
        Note an attempt; its outcome follows.
        """
        self._made.append(Attempt(how, url, "not waited for"))
        return Note(self, len(self._made) - 1)

    def finish(self, number: int, outcome: str) -> None:
        """
        Note what came of an attempt.
        """
        self._made[number] = dataclasses.replace(self._made[number], outcome=outcome)

    def made(self) -> tuple[Attempt, ...]:
        """
        Give the attempts so far.
        """
        return tuple(self._made)


class Asker:
    """
    Sends requests for one search, and keeps the password.

    It is proved by the strongest means that a host offers: whoever answers sees it only where that is Basic.

    Args:
        login: the login name, if it is not the address.
        password: the password; without one, nobody is told who asks.
        fetch: sends requests.
        plain_loopback: allow plain http to this very machine.
        secured: opens a way to send with a login that belongs to the connection (NTLM, Negotiate), or `None` where
            there is none.
        user_agent: what the requests name as their sender.
    """

    def __init__(
        self,
        login: str | None,
        password: Secret | None,
        fetch: Fetch,
        *,
        plain_loopback: bool,
        user_agent: str = "",
        secured: Secured | None = None,
    ) -> None:
        self._sender = (("User-Agent", user_agent),) if user_agent else ()
        self._login = login
        self._password = password
        self._fetch = fetch
        self._secured = secured
        self._plain_loopback = plain_loopback

    @property
    def anonymous(self) -> bool:
        """
        Whether there is no password, and nobody is told who asks.
        """
        return self._password is None

    async def logged_in(self, request: HTTPRequest, address: str) -> tuple[HTTPResponse, str | None]:
        """
        Send without login, and with it if the server asks for one.

        Args:
            request: what to ask.
            address: the mail address, which is the login name tried last.

        Returns:
            The answer, and the login name that it accepted.

        Raises:
            ClientError: there is no answer, or no login that we know is wanted.
            SearchEnded: the server refuses the password, or the account.
        """
        response = await self.followed(request)
        if response.status != 401:
            return response, None
        host = host_of(response.url)
        header = response.headers.get("www-authenticate", "")
        scheme = strongest(header) or ("" if header else "basic")
        if self._password is None:
            raise Unreachable(host, "it tells this only to who has logged in")
        if not scheme or (scheme != "basic" and self._secured is None):
            offers = offered(header)
            way = "; log in at your organization, with --oauth-client-id ID" if "Bearer" in offers else ""
            raise Unreachable(host, f"it wants a login by {' or '.join(offers)}, not by password{way}")
        if not self.allows(response.url):
            raise Unreachable(host, "it asks for a login, but not over https")
        logins = list(dict.fromkeys(filter(None, (self._login, address))))
        for login in logins:
            asked = msgspec.structs.replace(request, url=response.url, headers=(*self._sender, *request.headers))
            answer = await self._as(login, self._password, scheme, asked)
            if answer.status in (456, 457):
                location = answer.headers.get("x-ms-credential-service-url", "")
                raise SearchEnded(HTTPStatusError("Autodiscover", answer.status, location=location), sure=True)
            if answer.status != 401:
                return msgspec.structs.replace(answer, url=response.url), login
        # A web site may ask everybody for a login; what calls itself autodiscover, or ActiveSync, means it.
        sure = host.startswith("autodiscover.") or bool(server_facts(response).product)
        raise SearchEnded(LoginRefused(host, " or ".join(logins)), sure=sure)

    async def _as(self, login: str, password: Secret, scheme: str, request: HTTPRequest) -> HTTPResponse:
        """
        Send as somebody, once.
        """
        if scheme != "basic" and self._secured is not None:
            async with self._secured(WindowsLogin(login, password, scheme)) as fetch:
                return await fetch(request)
        authorization = await BasicLogin(login, password).authorization()
        headers = (*request.headers, ("Authorization", authorization))
        return await self._fetch(msgspec.structs.replace(request, headers=headers, credentials=False))

    async def followed(self, request: HTTPRequest) -> HTTPResponse:
        """
        Send without login, and follow redirects to https, with method and body kept.

        Raises:
            ClientError: there is no answer, or the redirects lead nowhere.
        """
        for _ in range(MOST_REDIRECTS):
            response = await self.once(request)
            location = response.headers.get("location", "")
            if response.status not in _REDIRECTS or not location:
                return msgspec.structs.replace(response, url=request.url)
            target = urljoin(request.url, location)
            if not self.allows(target):
                raise Unreachable(host_of(request.url), f"it sends us to {target}, which is not https")
            request = msgspec.structs.replace(request, url=target)
        raise Unreachable(host_of(request.url), "it sends us in circles")

    async def once(self, request: HTTPRequest) -> HTTPResponse:
        """
        Send without login, once.
        """
        headers = (*self._sender, *request.headers)
        return await self._fetch(msgspec.structs.replace(request, headers=headers, credentials=False))

    def allows(self, url: str) -> bool:
        """
        Say whether a password may go to an address.
        """
        parts = urlsplit(url)
        if parts.scheme == "https":
            return bool(parts.hostname)
        return self._plain_loopback and parts.scheme == "http" and parts.hostname in _LOOPBACK


def in_words(response: HTTPResponse, otherwise: str) -> str:
    """
    Say why an answer is of no use: by its HTTP status, or in other words for a success.
    """
    if 200 <= response.status < 300:
        return otherwise
    if response.status == 404:
        return "nothing there (HTTP 404)"
    if response.status in _REDIRECTS:
        return f"a redirect that leads nowhere (HTTP {response.status})"
    return f"{http_outcome(response.status).sentence} (HTTP {response.status})"
