"""
Talking to whoever gives the tokens ([RFC 6749], [OIDC Discovery]): where it is, what it is asked, what it answers.

Any authority that follows the specifications will do. Microsoft's is known by its hosts where it differs: its
discovery document of the second generation has a place of its own, and a server that names it in a 401 is believed.
"""

from __future__ import annotations

import base64
import binascii
import datetime as dt
import re
from collections.abc import Awaitable, Callable, Mapping
from typing import Any
from urllib.parse import urlencode, urlsplit

import msgspec

from carrierpost.client.errors import AuthorityRefused, Unreachable
from carrierpost.client.login.challenges import challenges
from carrierpost.client.login.kept import Authority, TokenLogin
from carrierpost.client.login.refusals import PENDING, TRANSIENT, refusal_of
from carrierpost.protocol.clock import Clock
from carrierpost.protocol.http import host_of
from carrierpost.protocol.message import HTTPRequest, HTTPResponse
from carrierpost.protocol.secret import Secret

__all__ = ["Application", "AuthorityClient", "default_scope", "find_authority", "is_safe", "named_by"]

Send = Callable[[HTTPRequest], Awaitable[HTTPResponse]]
"""Sends a request as it is, over verified TLS; raises `ClientError`."""

MICROSOFT = "https://login.microsoftonline.com/organizations"
_MICROSOFT_HOSTS = frozenset(
    {
        "login.microsoftonline.com", "login.windows.net", "login.microsoft.com", "sts.windows.net",
        "login.microsoftonline.us", "login.partner.microsoftonline.cn", "login.chinacloudapi.cn",
    }
)  # fmt: skip
_HOSTED = ("outlook.office365.com", "outlook.office.com", "eas.outlook.com", "m.hotmail.com")
_LOOPBACK = ("localhost", "127.0.0.1", "::1")
_AUTHORIZE = re.compile(r"/oauth2(/v2\.0)?/authorize/?$", re.IGNORECASE)
_WELL_KNOWN = "/.well-known/openid-configuration"


class Application(msgspec.Struct, frozen=True, kw_only=True):
    """
    The application that the administrator registered, and what it asks for.

    Attributes:
        client_id: its id.
        client_secret: its secret, where it has one.
        scope: what tokens are asked for.
    """

    client_id: str
    client_secret: Secret = Secret("")
    scope: str


def is_safe(url: str) -> bool:
    """
    Say whether secrets may go to an address: by https, or to this very machine.
    """
    parts = urlsplit(url)
    return bool(parts.hostname) and (
        parts.scheme == "https" or (parts.scheme == "http" and parts.hostname in _LOOPBACK)
    )


def default_scope(endpoint: str) -> str:
    """
    Give the scope for ActiveSync at a server: the permission, a refresh token, and who logged in.
    """
    host = host_of(endpoint)
    resource = "outlook.office365.com" if host in _HOSTED else host
    return f"https://{resource}/EAS.AccessAsUser.All offline_access openid profile"


def named_by(header: str, endpoint: str, address: str) -> str | None:
    """
    Find the authority that a server's refusal names (hybrid: `Bearer authorization_uri=...`).

    A person will type a password at that address; so it is taken from the server only when it is Microsoft's, on the
    server's own host, or within the mail domain.

    Args:
        header: the `WWW-Authenticate`.
        endpoint: who sent it.
        address: the mail address.

    Returns:
        The authority's address, or `None`; Microsoft's for a server of Exchange Online that names none.
    """
    domain = address.rpartition("@")[2].lower()
    for one in challenges(header):
        url = one.parameters.get("authorization_uri", "") if one.scheme == "bearer" else ""
        host = (urlsplit(url).hostname or "").lower()
        ours = host in (*_MICROSOFT_HOSTS, host_of(endpoint), domain) or host.endswith(f".{domain}")
        if url and is_safe(url) and ours:
            return _AUTHORIZE.sub("", url)
    return MICROSOFT if host_of(endpoint) in _HOSTED else None


def _document_of(name: str) -> str:
    name = name.rstrip("/")
    if name.endswith(_WELL_KNOWN):
        return name
    if urlsplit(name).hostname in _MICROSOFT_HOSTS and not name.endswith("/v2.0"):
        name += "/v2.0"  # without it, the document of the first generation comes, which knows no scopes
    return name + _WELL_KNOWN


async def find_authority(name: str, send: Send) -> Authority:
    """
    Ask an authority where its doors are.

    Args:
        name: its address: `https://login.microsoftonline.com/firm.example`, `https://sso.example.com/realms/mail`.
        send: sends requests.

    Raises:
        ClientError: it does not answer, or not with that.
    """
    name = name if "://" in name else f"https://{name}"
    host = host_of(name)
    if not is_safe(name):
        raise Unreachable(host, "an authority's address begins with https://")
    url = _document_of(name)
    response = await send(_request("GET", url))
    values = _object(response.body)
    found = {key: values.get(f"{key}_endpoint") for key in ("token", "authorization", "device_authorization")}
    if response.status != 200 or not isinstance(found["token"], str):
        raise Unreachable(host, f"there is no OpenID configuration at {url} (HTTP {response.status})")
    doors = {key: value if isinstance(value, str) else "" for key, value in found.items()}
    if unsafe := [value for value in doors.values() if value and not is_safe(value)]:
        raise Unreachable(host, f"it names {unsafe[0]}, which is not https")
    return Authority(
        name=name.removesuffix(_WELL_KNOWN).rstrip("/"),
        token_url=doors["token"],
        authorize_url=doors["authorization"],
        device_url=doors["device_authorization"],
    )


class AuthorityClient:
    """
    Asks one authority for tokens.

    Args:
        authority: whom.
        application: as which application.
        send: sends requests.
        clock: the time.
    """

    def __init__(self, authority: Authority, application: Application, send: Send, clock: Clock) -> None:
        self.authority = authority
        self.application = application
        self.clock = clock
        self._send = send

    async def post(self, url: str, values: Mapping[str, str]) -> dict[str, Any]:
        """
        Ask, as this application.

        Raises:
            AuthorityRefused: it says no, or not yet (`PENDING`).
            Unreachable: it cannot answer at present, or answers something else.
            ClientError: there is no answer.
        """
        app = self.application
        secret = {"client_secret": app.client_secret.reveal()} if app.client_secret.reveal() else {}
        form = urlencode({"client_id": app.client_id, **secret, **{key: one for key, one in values.items() if one}})
        response = await self._send(_request("POST", url, form.encode()))
        body, host = _object(response.body), host_of(url)
        error = body.get("error")
        if response.status == 200 and not error:
            return body
        if not error or error in TRANSIENT or response.status >= 500 or response.status == 429:
            raise Unreachable(host, f"it cannot answer at the moment (HTTP {response.status})")
        if error in PENDING:
            raise AuthorityRefused(host, "not yet", code=str(error))
        raise refusal_of(body, host=host, authority=self.authority.name, client_id=app.client_id)

    async def tokens(self, values: Mapping[str, str]) -> TokenLogin:
        """
        Ask for tokens.

        Raises:
            AuthorityRefused: it says no, or not yet (`PENDING`).
            ClientError: there is no answer, or none that can be used.
        """
        asked_at = self.clock.now()
        url = self.authority.token_url
        body = await self.post(url, values)
        access, refresh = body.get("access_token"), body.get("refresh_token")
        if not isinstance(access, str) or not access or not access.isascii() or not access.isprintable():
            raise Unreachable(host_of(url), "its answer holds no token")
        if str(body.get("token_type", "Bearer")).lower() != "bearer":
            raise Unreachable(host_of(url), f"it gives tokens of the kind {body['token_type']!r}, not Bearer")
        return TokenLogin(
            authority=self.authority,
            client_id=self.application.client_id,
            client_secret=self.application.client_secret,
            scope=self.application.scope,
            user=_user_of(body.get("id_token")),
            access_token=Secret(access),
            refresh_token=Secret(refresh if isinstance(refresh, str) else ""),
            obtained=asked_at,
            expires=_after(asked_at, body.get("expires_in")),
            refresh_expires=_after(asked_at, body.get("refresh_token_expires_in") or body.get("refresh_expires_in")),
        )


def _request(method: str, url: str, body: bytes = b"") -> HTTPRequest:
    headers: tuple[tuple[str, str], ...] = (("Accept", "application/json"),)
    if body:
        headers = (*headers, ("Content-Type", "application/x-www-form-urlencoded"))
    return HTTPRequest(method=method, url=url, headers=headers, body=body, command="OAuth", credentials=False)


def _object(body: bytes) -> dict[str, Any]:
    try:
        values = msgspec.json.decode(body)
    except (msgspec.DecodeError, RecursionError):
        return {}
    return values if isinstance(values, dict) else {}


def _after(moment: dt.datetime, seconds: object) -> dt.datetime | None:
    """
    Give the end of a life in seconds; some authorities write the number as text.
    """
    if isinstance(seconds, str) and seconds.isascii() and seconds.isdecimal():
        seconds = int(seconds[:10])
    if isinstance(seconds, bool) or not isinstance(seconds, int | float) or not 0 < seconds < 10**9:
        return None
    return moment + dt.timedelta(seconds=float(seconds))


def _user_of(id_token: object) -> str:
    """
    Read who logged in. The token came from the authority itself over TLS, so its signature proves nothing more.
    """
    if not isinstance(id_token, str) or id_token.count(".") != 2:
        return ""
    try:
        claims = _object(base64.urlsafe_b64decode(id_token.split(".")[1] + "=="))
    except (binascii.Error, ValueError):
        return ""
    for key in ("preferred_username", "upn", "email"):
        value = claims.get(key)
        if isinstance(value, str) and value.isprintable() and ":" not in value:
            return value
    return ""
