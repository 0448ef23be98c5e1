"""
Passwords for a device's own contacts app, and what sets it up.
"""

from __future__ import annotations

import datetime as dt
import secrets
from typing import Annotated

import msgspec

from carrierpost.export.decision import Way
from carrierpost.model import Account, Device, DeviceToken, Ticket, TokenPurpose
from carrierpost.web.device_passwords import new_device_password, password_hash
from carrierpost.web.exporting import policy_and_decision
from carrierpost.web.operations import Access, Call, Operations
from carrierpost.web.principal import hashed, new_secret
from carrierpost.web.problems import Problem
from carrierpost.web.setup.links import davx5_link, picture, server_address
from carrierpost.web.setup.pages import PATH, TICKET, base_address

__all__ = ["operations"]

operations = Operations()

_MOST = 20  # passwords of a device
_MINUTES = 10  # that a link to a profile is good

Name = Annotated[str, msgspec.Meta(min_length=1, max_length=80)]


class PasswordDraft(msgspec.Struct, frozen=True, kw_only=True):
    """
    What a password is for: the address book of the device.

    Attributes:
        name: which program uses it.
    """

    name: Name = "contacts app"


class NewPassword(msgspec.Struct, frozen=True, kw_only=True):
    """
    A password that was made. It is shown this once.

    Attributes:
        address: the address that a program asks for.
        user: the name that it asks for.
        password: the password; case, spaces and hyphens make no difference.
        davx5: a link by which DAVx5 sets itself up; it holds the password.
        davx5_picture: the same as a QR code, an SVG image.
        about: what is kept of it.
    """

    address: str
    user: str
    password: str
    davx5: str
    davx5_picture: str
    about: DeviceToken


class ProfileLink(msgspec.Struct, frozen=True, kw_only=True):
    """
    A link to a page from which an iPhone, iPad or Mac takes a configuration profile, once.

    Attributes:
        link: the link.
        picture: the same as a QR code, an SVG image.
        expires_at: until when it is good.
    """

    link: str
    picture: str
    expires_at: dt.datetime


@operations("GET", "/devices/{device_id}/passwords", access=Access.BROWSER)
async def list_passwords(call: Call, device_id: int) -> tuple[DeviceToken, ...]:
    """
    List the passwords by which a device's contacts app comes in.
    """
    return await _passwords(call, await call.device(device_id))


@operations("POST", "/devices/{device_id}/passwords", access=Access.BROWSER, status=201, problems=(403, 409))
async def make_password(call: Call, device_id: int, body: PasswordDraft) -> NewPassword:
    """
    Make a password for a device's contacts app. It is shown this once.

    Where contacts may not be synchronized with the device, the problem says why.
    """
    device = await call.device(device_id)
    account = await _account(call, device)
    if len(await _passwords(call, device)) >= _MOST:
        raise Problem(409, "too-many", f"{device.name} has {_MOST} passwords already; revoke those that nobody uses")
    password = new_device_password(secrets.token_bytes(26))
    about = await call.office.hub.store.add_device_token(
        device.id, password_hash(password), name=body.name, purpose=TokenPurpose.CONTACTS
    )
    base = base_address(call.request, call.office)
    link = davx5_link(base, account.address, password)
    return NewPassword(
        address=server_address(base),
        user=account.address,
        password=password,
        davx5=link,
        davx5_picture=picture(link),
        about=about,
    )


@operations("DELETE", "/devices/{device_id}/passwords/{password_id}", access=Access.BROWSER, status=204)
async def remove_password(call: Call, device_id: int, password_id: int) -> None:
    """
    Revoke a password; the program that uses it is shut out from its next look on.
    """
    device = await call.device(device_id)
    if password_id not in {one.id for one in await _passwords(call, device)}:
        raise Problem(404, "not-found", f"{device.name} has no password {password_id}")
    await call.office.hub.store.remove_device_token(device.id, password_id)


@operations("POST", "/devices/{device_id}/profile-link", access=Access.BROWSER, status=201, problems=(403, 409))
async def make_profile_link(call: Call, device_id: int) -> ProfileLink:
    """
    Make a link to a configuration profile for an iPhone, iPad or Mac. It is good once, for ten minutes.
    """
    device = await call.device(device_id)
    await _account(call, device)
    if len(await _passwords(call, device)) >= _MOST:
        raise Problem(409, "too-many", f"{device.name} has {_MOST} passwords already; revoke those that nobody uses")
    until = call.office.hub.clock.now() + dt.timedelta(minutes=_MINUTES)
    shown = new_secret()
    ticket = Ticket(purpose=TICKET, expires_at=until, account_id=device.account_id, data=str(device.id))
    await call.office.hub.store.put_ticket(hashed(shown), ticket)
    link = base_address(call.request, call.office) + PATH + shown
    return ProfileLink(link=link, picture=picture(link), expires_at=until)


async def _account(call: Call, device: Device) -> Account:
    """
    Give a device's account, if its contacts may be synchronized with the device, or could be by its own switch.

    Raises:
        Problem: they may not.
    """
    account = call.account(device.account_id)
    _, decision = await policy_and_decision(call.office, account, Way.SYNC, device)
    if not decision.can_turn_on:
        status = 403 if not decision.shown else 409
        raise Problem(status, "contacts-stay-here", decision.reason)
    return account


async def _passwords(call: Call, device: Device) -> tuple[DeviceToken, ...]:
    every = await call.office.hub.store.device_tokens(device.id)
    return tuple(one for one in every if one.purpose is TokenPurpose.CONTACTS)
