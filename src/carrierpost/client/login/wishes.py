"""
From what a person wants to a login that can be kept: asks the server what it offers, and the authority for tokens.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from typing import TYPE_CHECKING

from carrierpost.client.errors import LoginNotOffered
from carrierpost.client.login.authority import (
    Application,
    AuthorityClient,
    Send,
    default_scope,
    find_authority,
    named_by,
)
from carrierpost.client.login.challenges import offered, strongest
from carrierpost.client.login.kept import NO_SECRET, Authority, CertificateLogin, Kept, PasswordLogin, TokenLogin
from carrierpost.protocol.clock import Clock
from carrierpost.protocol.http import host_of
from carrierpost.protocol.secret import Secret

if TYPE_CHECKING:
    from carrierpost.client.login.flows import DeviceCode

__all__ = ["PasswordWish", "TokenWish", "Wish", "fulfilled"]


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class PasswordWish:
    """
    Log in with a password.

    Attributes:
        password: it.
        scheme: how it is proved: `basic`, `ntlm`, `negotiate`; the strongest that the server offers unless given.
    """

    password: Secret
    scheme: str | None = None


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class TokenWish:
    """
    Log in at an authority.

    Attributes:
        client_id: the application that the administrator registered.
        client_secret: its secret, where it has one.
        authority: the authority's address; found out from the server unless given.
        doors: its addresses, where it has no discovery document.
        scope: what is asked for; ActiveSync at this server unless given.
        claims: what the login has to prove besides (JSON); empty for nothing.
        show_code: shows a device code.
        show_page: opens a page in the browser of this machine, or shows its address; when it is given, the browser
            is used instead of a device code.
    """

    client_id: str
    client_secret: Secret = NO_SECRET
    authority: str | None = None
    doors: Authority | None = None
    scope: str | None = None
    claims: str = ""
    show_code: Callable[[DeviceCode], None]
    show_page: Callable[[str], None] | None = None


Wish = PasswordWish | TokenWish | CertificateLogin
"""How a person wants to log in."""


async def fulfilled(wish: Wish, header: str, *, endpoint: str, address: str, send: Send, clock: Clock) -> Kept:
    """
    Make a login that can be kept; a person may have to do something for it.

    Args:
        wish: what the person wants.
        header: what the server offers, its `WWW-Authenticate`; empty when it did not say.
        endpoint: the server.
        address: the mail address.
        send: sends requests to the authority.
        clock: the time.

    Raises:
        LoginNotOffered: the server does not take such a login.
        ClientError: there is no authority, or it refuses.
    """
    match wish:
        case PasswordWish():
            return _by_password(wish, header, endpoint, address)
        case TokenWish():
            return await _by_token(wish, header, endpoint, address, send, clock)
        case CertificateLogin():
            return wish


def _by_password(wish: PasswordWish, header: str, endpoint: str, address: str) -> PasswordLogin:
    offers, host = offered(header), host_of(endpoint)
    scheme = wish.scheme or strongest(header)
    if scheme is None and offers:
        authority = named_by(header, endpoint, address)
        at = f" ({authority})" if authority is not None else ""
        what = (
            f"it takes {' and '.join(offers)}, no passwords; log in at your organization{at} with --oauth-client-id ID"
        )
        raise LoginNotOffered(host, what if "Bearer" in offers else f"it takes {' and '.join(offers)}, no passwords")
    if scheme is not None and offers and scheme not in {one.lower() for one in offers}:
        raise LoginNotOffered(host, f"it takes {' and '.join(offers)}; leave --auth out, or choose one of them")
    return PasswordLogin(password=wish.password, scheme=scheme or "basic")


async def _by_token(wish: TokenWish, header: str, endpoint: str, address: str, send: Send, clock: Clock) -> TokenLogin:
    from carrierpost.client.login.flows import browser_flow, device_flow  # brings a web server along

    authority = wish.doors
    if authority is None:
        name = wish.authority or named_by(header, endpoint, address)
        if name is None:
            what = "it names no authority that could be believed; name yours with --oauth-authority URL"
            raise LoginNotOffered(host_of(endpoint), what)
        authority = await find_authority(name, send)
    application = Application(
        client_id=wish.client_id, client_secret=wish.client_secret, scope=wish.scope or default_scope(endpoint)
    )
    client = AuthorityClient(authority, application, send, clock)
    if wish.show_page is not None:
        return await browser_flow(client, wish.show_page, claims=wish.claims, hint=address)
    return await device_flow(client, wish.show_code, claims=wish.claims)
