"""
The page from which an iPhone takes its profile: reached by a link that is good once and for minutes, so that the
profile with its password is made on the device that wants it, and no password stands in an address.

The page itself uses nothing up; a program that only looks at links, as mail filters do, breaks none.
"""

from __future__ import annotations

import asyncio
import html
import secrets
from pathlib import Path

import structlog
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import BaseRoute, Route

from carrierpost.export.decision import Way
from carrierpost.model import TokenPurpose
from carrierpost.store import NotHeld
from carrierpost.web.device_passwords import new_device_password, password_hash
from carrierpost.web.exporting import policy_and_decision
from carrierpost.web.office import Office
from carrierpost.web.principal import hashed
from carrierpost.web.setup.profile import MEDIA_TYPE, SigningError, contacts_profile, signed

__all__ = ["PATH", "TICKET", "base_address", "setup_routes"]

PATH = "/setup/contacts/"
TICKET = "contacts-profile"
"""The purpose of the tickets that lead here."""

_POLICY = "default-src 'none'; frame-ancestors 'none'; base-uri 'none'; form-action 'self'"
_PAGE = """<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<meta name="color-scheme" content="light dark"><title>{title}</title></head>
<body><h1>{title}</h1>{content}</body></html>
"""
_LOG = structlog.get_logger("carrierpost.setup")


def setup_routes(office: Office) -> list[BaseRoute]:
    """
    Give the routes of the page.
    """

    async def show(request: Request) -> Response:
        words = (
            "<p>Your contacts come into the address book of this device and stay up to date there.</p>"
            "<ol><li>Get the profile here, and allow it.</li>"
            "<li>Open Settings, tap Profile Downloaded at its top, then Install.</li></ol>"
            '<form method="post"><button>Get the profile</button></form>'
        )
        return _page("Contacts on this device", words)

    async def give(request: Request) -> Response:
        return await _give(office, request)

    path = PATH + "{ticket}"
    return [Route(path, show, methods=["GET"]), Route(path, give, methods=["POST"])]


def base_address(request: Request, office: Office) -> str:
    """
    Give the address under which Carrierpost is reached.
    """
    return office.settings.public_url or f"{request.url.scheme}://{request.url.netloc}"


async def _give(office: Office, request: Request) -> Response:
    store = office.hub.store
    ticket = await store.take_ticket(hashed(request.path_params["ticket"][:200]), TICKET)
    try:
        device = await store.device(int(ticket.data)) if ticket is not None else None
    except NotHeld:
        device = None
    if device is None:
        return _page(
            "This link is used up", "<p>It is good once, for ten minutes. Make a new one in Carrierpost.</p>", 410
        )
    account = await store.account(device.account_id)
    _, decision = await policy_and_decision(office, account, Way.SYNC, device)
    if not decision.can_turn_on:
        return _page("Not possible now", f"<p>{html.escape(decision.reason)}</p>", 403)
    password = new_device_password(secrets.token_bytes(26))
    profile = contacts_profile(device, account.address, base_address(request, office), password)
    certificate, key = office.settings.signing_certificate, office.settings.signing_key
    if certificate and key:
        try:
            pem = await asyncio.to_thread(lambda: (Path(certificate).read_bytes(), Path(key).read_bytes()))
            profile = signed(profile, *pem)
        except (OSError, SigningError) as error:
            _LOG.warning("a profile is given unsigned", reason=str(error))
    await store.add_device_token(
        device.id, password_hash(password), name="configuration profile", purpose=TokenPurpose.CONTACTS
    )
    headers = {"Cache-Control": "no-store", "Content-Disposition": 'attachment; filename="contacts.mobileconfig"'}
    return Response(profile, 200, headers, MEDIA_TYPE)


def _page(title: str, content: str, status: int = 200) -> Response:
    headers = {"Cache-Control": "no-store", "Content-Security-Policy": _POLICY}
    return HTMLResponse(_PAGE.format(title=title, content=content), status, headers)
