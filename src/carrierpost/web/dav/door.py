"""
Who comes in to the address book: a device, by the mail address of its account and a password that was made for it.

Passwords travel readable in HTTP Basic ([RFC 7617] 4), so they are taken over HTTPS only, or from this very machine. A
wrong one costs a drop of a bucket in the store; a right one costs nothing, so nobody is locked out by others.
"""

from __future__ import annotations

import base64
import binascii
import dataclasses
import ipaddress

from starlette.requests import Request

from carrierpost.model import Account, AccountState, Device, TokenPurpose
from carrierpost.store import NotHeld
from carrierpost.web.dav.multistatus import Refusal
from carrierpost.web.device_passwords import password_hash
from carrierpost.web.office import Office

__all__ = ["Guest", "enter"]

_GUESSES, _SECONDS = 30, 20.0  # so many wrong passwords at once from one place, and one more each so many seconds
_SEEN_SECONDS = 300.0
_LONGEST = 1000  # letters of what is shown


@dataclasses.dataclass(frozen=True, slots=True)
class Guest:
    """
    Who came in.

    Attributes:
        account: whose contacts are asked for.
        device: the device that asks.
    """

    account: Account
    device: Device


async def enter(request: Request, office: Office, purpose: TokenPurpose = TokenPurpose.CONTACTS) -> Guest:
    """
    Find out who asks.

    Raises:
        Refusal: nobody, somebody with a wrong password, too often, or readable on the way.
    """
    client = request.client.host if request.client is not None else ""
    if request.url.scheme != "https" and not _is_here(client):
        raise Refusal(403, "passwords are not taken over plain HTTP; use an address that begins with https://")
    user, password = _basic(request.headers.get("authorization", ""))
    if not password:
        raise _ask("give the mail address of the account, and the password that was made for this device")
    guest = await _guest(office, user, password, purpose)
    if guest is not None:
        return guest
    wait = await office.hub.store.take(f"dav {_network(client)}", size=_GUESSES, seconds=_SECONDS)
    if wait:
        raise Refusal(
            429, "there were too many wrong passwords; try again later", headers={"Retry-After": str(int(wait) + 1)}
        )
    raise _ask("name or password are wrong, or the password was revoked; make a new one in Carrierpost")


async def _guest(office: Office, user: str, password: str, purpose: TokenPurpose) -> Guest | None:
    store = office.hub.store
    token = await store.device_token(password_hash(password), purpose)
    if token is None:
        return None
    try:
        device = await store.device(token.device_id)
        account = await store.account(device.account_id)
    except NotHeld:  # removed in between
        return None
    if account.state is AccountState.WIPED or account.address.casefold() != user.strip().casefold():
        return None
    if token.used_at is None or (office.hub.clock.now() - token.used_at).total_seconds() > _SEEN_SECONDS:
        await store.use_device_token(token.id)
    return Guest(account, device)


def _basic(header: str) -> tuple[str, str]:
    """
    Read name and password of an Authorization header; empty ones where there are none.
    """
    scheme, _, shown = header.partition(" ")
    if scheme.lower() != "basic" or len(shown) > _LONGEST:
        return "", ""
    try:
        octets = base64.b64decode(shown.strip(), validate=True)
    except (binascii.Error, ValueError):
        return "", ""
    user, _, password = octets.decode("utf-8", "replace").partition(":")
    return user, password


def _ask(reason: str) -> Refusal:
    return Refusal(401, reason, headers={"WWW-Authenticate": 'Basic realm="Carrierpost", charset="UTF-8"'})


def _is_here(client: str) -> bool:
    try:
        return ipaddress.ip_address(client).is_loopback
    except ValueError:
        return False


def _network(client: str) -> str:
    """
    Give whom a guess is put down to: an address, or for IPv6 the network that one household has.
    """
    try:
        address = ipaddress.ip_address(client)
    except ValueError:
        return "unknown"
    return str(ipaddress.ip_network((address, 64), strict=False)) if address.version == 6 else str(address)
