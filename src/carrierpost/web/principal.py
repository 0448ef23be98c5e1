"""
Who asks: a browser by its session's cookie, a device by its token.

The cookie is `__Host-` bound (this host, `Secure`, every path), not readable by scripts, and not sent from other sites.
It holds chance and nothing else; the store holds its hash. A request by cookie that changes something has to come from
our own pages, which the browser says (`Sec-Fetch-Site`, `Origin`), and to carry a token that only they can know.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import hmac
import secrets

import msgspec
from starlette.requests import Request
from starlette.responses import Response

from carrierpost.model import Account, AccountState, Device
from carrierpost.store import NotHeld
from carrierpost.web.office import Office
from carrierpost.web.problems import Problem

__all__ = [
    "COOKIE",
    "CSRF_HEADER",
    "Principal",
    "check_origin",
    "csrf_token",
    "forget_cookie",
    "hashed",
    "new_device_token",
    "new_secret",
    "principal_of",
    "set_cookie",
]

COOKIE = "__Host-carrierpost"
CSRF_HEADER = "x-csrf-token"
_TOKEN_PREFIX = "cpd_"  # noqa: S105 - lets secret scanners know a token when they see one
_SEEN_SECONDS = 300.0


class Principal(msgspec.Struct, frozen=True, kw_only=True):
    """
    Who asks.

    Attributes:
        accounts: what they may work on, by account id.
        devices: the device that they are, by account id.
        session_id: the session, or `None` for a device.
        expires_at: until when this holds by itself.
        administrator: whether they may use the console.
        secret: what they showed, for the token that their pages carry.
    """

    accounts: dict[int, Account]
    devices: dict[int, int]
    session_id: int | None = None
    expires_at: dt.datetime | None = None
    administrator: bool = False
    secret: str = ""

    def __repr__(self) -> str:
        return f"Principal(accounts={sorted(self.accounts)}, session_id={self.session_id})"

    def account(self, account_id: int) -> Account:
        """
        Give an account that they may work on.

        Raises:
            Problem: there is none, or it is somebody else's: no difference is told.
        """
        if account_id not in self.accounts:
            raise Problem(404, "not-found", f"there is no account {account_id}, or you are not signed in to it")
        return self.accounts[account_id]

    def may_see(self, device: Device) -> bool:
        """
        Tell whether a device is theirs: a person's own, or the very device that asks.
        """
        if device.account_id not in self.accounts:
            return False
        return self.session_id is not None or self.devices.get(device.account_id) == device.id


def new_secret(prefix: str = "") -> str:
    """
    Make what opens a door: 256 bits of chance.
    """
    return prefix + secrets.token_urlsafe(32)


def hashed(secret: str) -> str:
    """
    Give what the store knows of a secret. It is chance enough to need no slow hash.
    """
    return hashlib.sha256(secret.encode()).hexdigest()


def csrf_token(secret: str) -> str:
    """
    Give the token that pages of a session carry with what they change.
    """
    return hmac.new(secret.encode(), b"csrf", hashlib.sha256).hexdigest()


def set_cookie(response: Response, secret: str, seconds: int) -> None:
    """
    Hand a session's secret to the browser.
    """
    response.set_cookie(COOKIE, secret, max_age=seconds, path="/", secure=True, httponly=True, samesite="strict")


def forget_cookie(response: Response) -> None:
    """
    Take it back.
    """
    response.set_cookie(COOKIE, "", max_age=0, path="/", secure=True, httponly=True, samesite="strict")


def check_origin(request: Request, office: Office) -> None:
    """
    Refuse what another site made a browser send.

    Raises:
        Problem: it did not come from our own pages.
    """
    site = request.headers.get("sec-fetch-site")
    origin = request.headers.get("origin")
    own = {f"{request.url.scheme}://{request.url.netloc}", office.settings.public_url}
    if site not in (None, "same-origin", "none") or (origin is not None and origin not in own):
        raise Problem(
            403, "other-site", "this was sent by a page of another site; open Carrierpost under its own address"
        )


async def principal_of(request: Request, office: Office) -> Principal | None:
    """
    Find out who asks; `None` for nobody, which is also who shows something that is not valid any more.

    Raises:
        Problem: a request by cookie changes something and did not come from our own pages.
    """
    scheme, _, shown = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() == "bearer" and shown:
        return await _device(shown.strip(), office)
    shown = request.cookies.get(COOKIE, "")
    if not shown:
        return None
    principal = await _session(shown, office)
    if principal is not None and request.method not in ("GET", "HEAD"):
        check_origin(request, office)
        given = request.headers.get(CSRF_HEADER, "")
        if not hmac.compare_digest(given.encode(), csrf_token(shown).encode()):
            raise Problem(
                403, "csrf-token", "the token of your session is missing or old; load the page anew and try again"
            )
    return principal


async def _device(shown: str, office: Office) -> Principal | None:
    store = office.hub.store
    token = await store.device_token(hashed(shown))
    if token is None:
        return None
    try:
        device = await store.device(token.device_id)
        account = await store.account(device.account_id)
    except NotHeld:  # removed in between
        return None
    if account.state is AccountState.WIPED:
        return None
    if token.used_at is None or (office.hub.clock.now() - token.used_at).total_seconds() > _SEEN_SECONDS:
        await store.use_device_token(token.id)
    return Principal(
        accounts={account.id: account}, devices={account.id: device.id}, expires_at=token.expires_at, secret=shown
    )


async def _session(shown: str, office: Office) -> Principal | None:
    store, now = office.hub.store, office.hub.clock.now()
    session = await store.session(hashed(shown))
    if session is None:
        return None
    accounts: dict[int, Account] = {}
    devices: dict[int, int] = {}
    ends = [session.expires_at]
    for one in session.accounts:
        try:
            account = await store.account(one.account_id)
        except NotHeld:  # removed in between
            continue
        ends_at = one.proved_at + dt.timedelta(hours=(await office.policy(account)).sign_in_hours)
        if account.state is AccountState.WIPED or ends_at <= now:
            continue
        ends.append(ends_at)
        accounts[account.id] = account
        if one.device_id is not None:
            devices[account.id] = one.device_id
    if not accounts:
        return None
    if (now - session.seen_at).total_seconds() > _SEEN_SECONDS:
        await store.see_session(session.id)
    return Principal(
        accounts=accounts,
        devices=devices,
        session_id=session.id,
        expires_at=min(ends),
        administrator=office.is_administrator(one.address for one in accounts.values()),
        secret=shown,
    )


def new_device_token() -> str:
    """
    Make a token for a device.
    """
    return new_secret(_TOKEN_PREFIX)
