"""
Signing in, and out.
"""

from __future__ import annotations

import datetime as dt
import re
from typing import Annotated

import msgspec
from starlette.responses import StreamingResponse

from carrierpost.model import Secret
from carrierpost.web.operations import Access, Call, Operations
from carrierpost.web.principal import (
    Principal,
    check_origin,
    csrf_token,
    forget_cookie,
    hashed,
    new_secret,
    set_cookie,
)
from carrierpost.web.problems import Problem
from carrierpost.web.signing_in import TICKET, Progress
from carrierpost.web.streams import event_stream, written

__all__ = ["operations"]

operations = Operations()

_BROWSERS = ("Firefox", "Edg", "OPR", "SamsungBrowser", "Chrome", "CriOS", "FxiOS", "Safari")
_NAMES = {"Edg": "Edge", "OPR": "Opera", "CriOS": "Chrome", "FxiOS": "Firefox", "SamsungBrowser": "Samsung Internet"}


class SignInDraft(msgspec.Struct, frozen=True, kw_only=True):
    """
    What a person types to sign in.

    Attributes:
        address: the mail address.
        password: the mail server's.
        login: the login name, if it is not the address.
        server: the mail server's address, if it is not to be looked for.
        time_zone: IANA name of the person's zone.
    """

    address: Annotated[str, msgspec.Meta(pattern=r"^[^@\s]+@[^@\s]+$", max_length=320)]
    password: Annotated[str, msgspec.Meta(min_length=1, max_length=1000)]
    login: Annotated[str, msgspec.Meta(min_length=1, max_length=320)] | None = None
    server: Annotated[str, msgspec.Meta(min_length=1, max_length=1000)] | None = None
    time_zone: Annotated[str, msgspec.Meta(pattern=r"^[A-Za-z0-9_+\-/]+$", max_length=64)] | None = None


class SignInBegun(msgspec.Struct, frozen=True, kw_only=True):
    """
    A sign-in that was begun.

    Attributes:
        sign_in: how far it is; watch it under its id.
        ticket: for `POST /session` once it is done.
    """

    sign_in: Progress
    ticket: str


class TicketDraft(msgspec.Struct, frozen=True, kw_only=True):
    """
    A ticket for a session: of a sign-in, or of a link that signs in once.
    """

    ticket: Annotated[str, msgspec.Meta(min_length=1, max_length=200)]


class SessionAccount(msgspec.Struct, frozen=True, kw_only=True):
    """
    An account that a session works on.
    """

    id: int
    address: str
    device_id: int | None


class SessionView(msgspec.Struct, frozen=True, kw_only=True):
    """
    Who is signed in.

    Attributes:
        accounts: what may be worked on.
        administrator: whether the console may be used.
        expires_at: until when, unless it is ended before; `None` for a device whose token does not expire.
        csrf_token: to be sent as `X-CSRF-Token` with whatever changes something; empty for a device.
    """

    accounts: tuple[SessionAccount, ...]
    administrator: bool
    expires_at: dt.datetime | None
    csrf_token: str


class SessionRow(msgspec.Struct, frozen=True, kw_only=True):
    """
    A browser that is signed in to an account.
    """

    id: int
    name: str
    created_at: dt.datetime
    seen_at: dt.datetime
    current: bool


@operations("POST", "/sign-ins", access=Access.ANYBODY, status=202, problems=(403, 429))
async def begin_sign_in(call: Call, body: SignInDraft) -> SignInBegun:
    """
    Begin to sign in with a mail address and the mail server's password.

    The server is asked; that may take a while, and can be watched. For an address that is not known yet an account is
    added.
    """
    check_origin(call.request, call.office)
    progress, ticket = await call.office.sign_ins.begin(
        body.address,
        Secret(body.password),
        client=call.client,
        login=body.login,
        server=body.server,
        time_zone=body.time_zone,
    )
    call.headers["Location"] = f"{call.request.url.path}/{progress.id}"
    return SignInBegun(sign_in=progress, ticket=ticket)


@operations("GET", "/sign-ins/{sign_in_id}", access=Access.ANYBODY)
async def see_sign_in(call: Call, sign_in_id: str) -> Progress:
    """
    Tell how far a sign-in is.
    """
    return call.office.sign_ins.progress(sign_in_id)


@operations("GET", "/sign-ins/{sign_in_id}/events", access=Access.ANYBODY, media_type="text/event-stream")
async def watch_sign_in(call: Call, sign_in_id: str) -> StreamingResponse:
    """
    Tell how far a sign-in is, each time that this changes, until it has ended.
    """
    call.office.sign_ins.progress(sign_in_id)
    return event_stream(written("progress", one) async for one in call.office.sign_ins.watch(sign_in_id))


@operations("POST", "/session", access=Access.ANYBODY, status=201, problems=(401, 409))
async def open_session(call: Call, body: TicketDraft) -> SessionView:
    """
    Sign in with the ticket of a sign-in that is done, or of a link that signs in once.

    Who is signed in already keeps the accounts of the session, under a new cookie.
    """
    check_origin(call.request, call.office)
    store, clock, settings = call.office.hub.store, call.office.hub.clock, call.office.settings.sign_in
    ticket = await store.take_ticket(hashed(body.ticket), TICKET)
    if ticket is None or ticket.account_id is None:
        call.office.figures.sign_ins.labels("refused").inc()
        raise Problem(
            401, "ticket-not-good", "this sign-in is not done yet, was used already, or is too old; begin anew"
        )
    secret = new_secret()
    seconds = settings.hours * 3600
    before = call.principal.session_id if call.principal is not None else None
    until = clock.now() + dt.timedelta(seconds=seconds)
    session = await store.add_session(
        hashed(secret), name=browser_name(call.request.headers.get("user-agent", "")), expires_at=until
    )
    if before is not None:
        await store.move_sign_ins(before, session.id)
    await store.sign_in(session.id, ticket.account_id)
    call.office.look_again()
    call.office.figures.sign_ins.labels("done").inc()
    call.after.append(lambda response: set_cookie(response, secret, seconds))
    found = await store.session(hashed(secret))
    assert found is not None
    accounts = [
        SessionAccount(
            id=one.account_id, address=(await store.account(one.account_id)).address, device_id=one.device_id
        )
        for one in found.accounts
    ]
    administrator = call.office.is_administrator(one.address for one in accounts)
    return SessionView(
        accounts=tuple(accounts), administrator=administrator, expires_at=until, csrf_token=csrf_token(secret)
    )


@operations("GET", "/session")
async def see_session(call: Call) -> SessionView:
    """
    Tell who is signed in.
    """
    return _view(call.who)


@operations("DELETE", "/session", access=Access.BROWSER, status=204)
async def close_session(call: Call) -> None:
    """
    Sign out, of all accounts of this browser.

    The places where this browser could be notified are forgotten, so that whoever signs in next is not told of these
    accounts.
    """
    assert call.who.session_id is not None
    for device_id in call.who.devices.values():
        for one in await call.office.hub.store.subscriptions(device_id):
            await call.office.hub.store.remove_subscription(one.id)
    await call.office.hub.store.sign_out(call.who.session_id)
    call.office.look_again()
    call.after.append(forget_cookie)


@operations("GET", "/accounts/{account_id}/sessions", access=Access.BROWSER)
async def list_sessions(call: Call, account_id: int) -> tuple[SessionRow, ...]:
    """
    List the browsers that are signed in to an account.
    """
    account = call.account(account_id)
    return tuple(
        SessionRow(
            id=one.id,
            name=one.name,
            created_at=one.created_at,
            seen_at=one.seen_at,
            current=one.id == call.who.session_id,
        )
        for one in await call.office.hub.store.sessions(account.id)
    )


@operations("DELETE", "/accounts/{account_id}/sessions", access=Access.BROWSER, status=204)
async def close_other_sessions(call: Call, account_id: int) -> None:
    """
    Sign out of an account everywhere but here.
    """
    await call.office.hub.store.sign_out_everywhere(call.account(account_id).id, but=call.who.session_id)
    call.office.look_again()


@operations("DELETE", "/accounts/{account_id}/sessions/{session_id}", access=Access.BROWSER, status=204)
async def close_one_session(call: Call, account_id: int, session_id: int) -> None:
    """
    Sign one browser out of an account.
    """
    account = call.account(account_id)
    if session_id not in {one.id for one in await call.office.hub.store.sessions(account.id)}:
        raise Problem(404, "not-found", f"no session {session_id} is signed in to {account.address}")
    await call.office.hub.store.sign_out(session_id, account.id)
    call.office.look_again()


def browser_name(user_agent: str) -> str:
    """
    Say in two words what a browser is, for a list of one's sessions.
    """
    browser = next((one for one in _BROWSERS if one in user_agent), "")
    named = _NAMES.get(browser, browser) or re.sub(r"[^\w.-].*", "", user_agent)[:40] or "Unknown browser"
    system = next((name for mark, name in _SYSTEMS.items() if mark in user_agent), "")
    return f"{named} on {system}" if system else named


_SYSTEMS = {
    "iPhone": "iPhone",
    "iPad": "iPad",
    "Android": "Android",
    "Windows": "Windows",
    "Mac OS": "Mac",
    "Linux": "Linux",
}


def _view(who: Principal) -> SessionView:
    return SessionView(
        accounts=tuple(
            SessionAccount(id=one.id, address=one.address, device_id=who.devices.get(one.id))
            for one in who.accounts.values()
        ),
        administrator=who.administrator,
        expires_at=who.expires_at,
        csrf_token=csrf_token(who.secret) if who.session_id is not None else "",
    )
