"""
How a person gives an application leave: by a code that is typed elsewhere, or in the browser of this machine.

The device flow ([RFC 8628]) needs nothing but a terminal. The browser flow ([RFC 8252], [RFC 7636] PKCE) waits for the
browser on a port of this machine; what comes back through the browser is worth nothing without a secret that never
left this process. Cancelling either leaves nothing behind.
"""

from __future__ import annotations

import asyncio
import base64
import contextlib
import hashlib
import hmac
import secrets
from collections.abc import AsyncIterator, Awaitable, Callable
from html import escape
from typing import Any
from urllib.parse import urlencode, urlsplit

import msgspec
from aiohttp import web

from carrierpost.client.errors import AuthorityRefused, ConnectionLost, TimedOut, Unreachable
from carrierpost.client.login.authority import AuthorityClient, is_safe
from carrierpost.client.login.kept import TokenLogin
from carrierpost.client.login.refusals import PENDING, refusal_of
from carrierpost.protocol.http import host_of

__all__ = ["DeviceCode", "browser_flow", "device_flow"]

_DEVICE_GRANT = "urn:ietf:params:oauth:grant-type:device_code"
_INTERVAL, _SLOWER, _SLOWEST = 5.0, 5.0, 60.0  # seconds between two questions ([RFC 8628] 3.2, 3.5)
_DEVICE_SECONDS, _BROWSER_SECONDS = 900.0, 600.0


class DeviceCode(msgspec.Struct, frozen=True, kw_only=True):
    """
    What a person has to type, and where.

    Attributes:
        user_code: what to type.
        url: where.
        complete_url: the same place with the code in it; empty when there is none.
        seconds: how long the code is good.
    """

    user_code: str
    url: str
    complete_url: str = ""
    seconds: float


async def device_flow(client: AuthorityClient, show: Callable[[DeviceCode], None], *, claims: str = "") -> TokenLogin:
    """
    Let a person log in on another device, and wait for it.

    Args:
        client: the authority.
        show: shows the code.
        claims: what the login has to prove besides (JSON); empty for nothing.

    Raises:
        AuthorityRefused: it or the person says no, or the code has expired.
        ClientError: there is no answer.
    """
    url = client.authority.device_url
    if not url:
        raise Unreachable(host_of(client.authority.name), "it gives no device codes; log in with --browser")
    begun = client.clock.monotonic()
    body = await client.post(url, {"scope": client.application.scope, "claims": claims})
    code, device_code, interval = _code_of(body, host_of(url))
    show(code)
    grant = {"grant_type": _DEVICE_GRANT, "device_code": device_code}
    while client.clock.monotonic() - begun + interval < code.seconds:
        await client.clock.sleep(interval)
        try:
            return await client.tokens(grant)
        except AuthorityRefused as refusal:
            if refusal.code not in PENDING:
                raise
            interval += _SLOWER if refusal.code == "slow_down" else 0.0
        except (ConnectionLost, TimedOut, Unreachable):
            interval = min(interval * 2, _SLOWEST)  # [RFC 8628] 3.5: a network that fails is asked less often
    raise AuthorityRefused(host_of(url), "the code was not used in time; begin again", code="expired_token")


def _code_of(body: dict[str, Any], host: str) -> tuple[DeviceCode, str, float]:
    device_code, user_code = body.get("device_code"), body.get("user_code")
    # Microsoft's first generation, and Google, called it verification_url.
    url = body.get("verification_uri") or body.get("verification_url")
    complete = body.get("verification_uri_complete")
    if not all(isinstance(one, str) and one for one in (device_code, user_code, url)) or not is_safe(str(url)):
        raise Unreachable(host, "its answer holds no device code")
    code = DeviceCode(
        user_code=str(user_code),
        url=str(url),
        complete_url=complete if isinstance(complete, str) and is_safe(complete) else "",
        seconds=_seconds(body.get("expires_in"), _DEVICE_SECONDS),
    )
    return code, str(device_code), _seconds(body.get("interval"), _INTERVAL)


def _seconds(value: object, otherwise: float) -> float:
    if isinstance(value, str) and value.isascii() and value.isdecimal():
        value = int(value[:6])
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 < value < 1e6:
        return otherwise
    return float(value)


async def browser_flow(
    client: AuthorityClient,
    show: Callable[[str], None],
    *,
    claims: str = "",
    hint: str = "",
    seconds: float = _BROWSER_SECONDS,
) -> TokenLogin:
    """
    Let a person log in with the browser of this machine, and wait for it.

    Args:
        client: the authority.
        show: opens a page, or shows its address.
        claims: what the login has to prove besides (JSON); empty for nothing.
        hint: the mail address, so that it need not be typed.
        seconds: how long the person has time.

    Raises:
        AuthorityRefused: it or the person says no.
        TimedOut: nobody came back.
        ClientError: there is no answer.
    """
    authority, application = client.authority, client.application
    host = host_of(authority.name)
    if not authority.authorize_url:
        raise Unreachable(host, "it has no page to log in at; leave --browser out")
    verifier, state = secrets.token_urlsafe(48), secrets.token_urlsafe(24)
    challenge = base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).rstrip(b"=").decode()
    async with _landing(state) as (redirect, landed):
        query = {
            "client_id": application.client_id,
            "response_type": "code",
            "redirect_uri": redirect,
            "scope": application.scope,
            "state": state,
            "code_challenge": challenge,
            "code_challenge_method": "S256",
            **({"claims": claims} if claims else {}),
            **({"login_hint": hint} if hint else {}),
        }
        joint = "&" if urlsplit(authority.authorize_url).query else "?"
        show(f"{authority.authorize_url}{joint}{urlencode(query)}")
        answer = await _first(landed, client.clock.sleep(seconds))
    if answer is None:
        raise TimedOut(host, f"nobody logged in within {seconds / 60:.0f} minutes; begin again")
    if "code" not in answer:
        raise refusal_of(answer, host=host, authority=authority.name, client_id=application.client_id)
    return await client.tokens(
        {
            "grant_type": "authorization_code",
            "code": answer["code"],
            "redirect_uri": redirect,
            "code_verifier": verifier,
        }
    )


async def _first(landed: asyncio.Future[dict[str, str]], late: Awaitable[None]) -> dict[str, str] | None:
    timer: asyncio.Future[None] = asyncio.ensure_future(late)
    try:
        waited: list[asyncio.Future[Any]] = [landed, timer]
        await asyncio.wait(waited, return_when=asyncio.FIRST_COMPLETED)
    finally:
        timer.cancel()
        await asyncio.wait([timer])
    return landed.result() if landed.done() else None


@contextlib.asynccontextmanager
async def _landing(state: str) -> AsyncIterator[tuple[str, asyncio.Future[dict[str, str]]]]:
    """
    Wait for the browser on a port of this machine that nobody else can reach.

    Gives the redirect address, and what the browser will bring.
    """
    landed: asyncio.Future[dict[str, str]] = asyncio.get_running_loop().create_future()

    async def page(request: web.Request) -> web.StreamResponse:
        values = dict(request.query)
        if not hmac.compare_digest(values.get("state", "").encode(), state.encode()):
            return _page("This is not the login that was begun here. Nothing was done.", 400)
        if not ("code" in values or "error" in values):
            return _page("The login page sent neither a code nor a reason. Nothing was done.", 400)
        if not landed.done():
            landed.set_result(values)
        if "code" in values:
            return _page("You are logged in. You can close this page and go back to the terminal.")
        return _page("The login was refused. The terminal says why; you can close this page.")

    app = web.Application()
    app.router.add_get("/", page)
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=1.0)
    await runner.setup()
    try:
        site = web.TCPSite(runner, "127.0.0.1", 0)
        await site.start()
        # The name, not the number: it is what an application is registered with, and any port is accepted for it.
        yield f"http://localhost:{runner.addresses[0][1]}/", landed
    finally:
        await runner.cleanup()
        landed.cancel()


def _page(text: str, status: int = 200) -> web.Response:
    return web.Response(
        text=f"<!doctype html><title>Carrierpost</title><p>{escape(text)}</p>",
        content_type="text/html",
        status=status,
        headers={"Cache-Control": "no-store", "Referrer-Policy": "no-referrer"},
    )
