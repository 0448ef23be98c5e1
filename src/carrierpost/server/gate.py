"""
The gate: which requests are taken at all, and which status keeps a device out.

In order, as Exchange looks at them: is it a request, in a version that is spoken, with a content that the command
takes; is the user let in, and this device; has the device been told to wipe; has it agreed on the policy.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from carrierpost.protocol.commands.provision import WipeKind
from carrierpost.protocol.errors import LocalProtocolError, MalformedRequest
from carrierpost.protocol.http import CommandCall, parse_call
from carrierpost.protocol.version import Version
from carrierpost.server.commands import HANDLERS, Refusal
from carrierpost.server.device import Device, WipeState
from carrierpost.server.oddities import Oddity

if TYPE_CHECKING:
    from carrierpost.server.exchange import ExchangeServer

__all__ = ["COOKIE", "admit", "read_request"]

COOKIE = "X-BackEndCookie"
"""The cookie by which a load balancer finds the server that knows a device."""

_WBXML_TYPES = ("application/vnd.ms-sync.wbxml", "application/vnd.ms-sync")
_MAIL_TYPE = "message/rfc822"
_MAIL_COMMANDS = ("SendMail", "SmartForward", "SmartReply")
_LONGEST_ID = 32


def read_request(query: str, headers: Mapping[str, str], body: bytes) -> CommandCall:
    """
    Take a request apart.

    Args:
        query: what follows the `?`.
        headers: names in lower case.
        body: the body.

    Raises:
        MalformedRequest: command (137), device id (108) or device type (109) are missing or wrong, or the query cannot
            be read (101).
    """
    call = parse_call(query, headers, body)
    name = call.device_id
    if not (name.isascii() and name.isalnum() and len(name) <= _LONGEST_ID):
        raise MalformedRequest(call.command, 108, "DeviceId is missing or invalid")
    if not call.device_type:
        raise MalformedRequest(call.command, 109, "DeviceType is missing")
    return call


def version_of(text: str) -> Version | None:
    """
    Read the version that a request names; `None` for one that nobody speaks here.
    """
    try:
        return Version.parse(text)
    except LocalProtocolError:
        return None


def check_content(call: CommandCall, version: Version, headers: Mapping[str, str]) -> None:
    """
    See that the body has the type that the command takes.

    Raises:
        Refusal: with 101 when it has not, 137 for a command that is not known.
    """
    if call.command not in HANDLERS:
        raise Refusal(137)
    media = headers.get("content-type", "").partition(";")[0].strip().lower()
    if call.command in _MAIL_COMMANDS and version < Version.V14_0:
        if media != _MAIL_TYPE:
            raise Refusal(101)
    elif call.payload.body and media not in _WBXML_TYPES:
        raise Refusal(101)


def admit(server: ExchangeServer, user: str, call: CommandCall, version: Version, cookies: str = "") -> Device:
    """
    Let a device in.

    Args:
        server: the server.
        user: whose device it is.
        call: the request.
        version: the version it speaks.
        cookies: the cookies that it sends.

    Raises:
        Refusal: user or device are kept out.
    """
    if (status := server.refused.get((user, None)) or server.refused.get((user, call.device_id))) is not None:
        raise Refusal(status)
    device = server.devices.get((user, call.device_id))
    if device is None:
        if sum(owner == user for owner, _ in server.devices) >= server.most_devices:
            raise Refusal(177)
        device = server.devices[user, call.device_id] = Device(call.device_id, call.device_type)
        if Oddity.QUARANTINES in server.oddities:
            server.quarantine.put(device, server.mailboxes[user])
    device.version = version
    if Oddity.COOKIES_REQUIRED in server.oddities and version >= Version.V16_0:
        _check_cookie(server, device, cookies)
    _check_wipe(device, call, version)
    if server.enforce and server.policy is not None and call.command != "Provision":
        _check_policy(device, call)
    return device


def _check_cookie(server: ExchangeServer, device: Device, cookies: str) -> None:
    """
    Let a device that lost its cookie meet a server that knows nothing of it (132), as behind a load balancer.
    """
    if not device.cookie:
        device.cookie = f"{server.chance.getrandbits(64):016x}"
    elif f"{COOKIE}={device.cookie}" not in [one.strip() for one in cookies.split(";")]:
        raise Refusal(132)


def _check_wipe(device: Device, call: CommandCall, version: Version) -> None:
    """
    Ask for a wipe that was ordered, and keep out what has been wiped, until an administrator clears it.

    A wipe of the account alone can be said from 16.1 on. Before, the device is kept out rather than told to erase more.
    """
    if device.wipe is WipeState.DONE:
        raise Refusal(129)
    if device.wipe is WipeState.ORDERED:
        if device.wipe_kind is WipeKind.ACCOUNT and version < Version.V16_1:
            raise Refusal(129)
        if call.command != "Provision":
            raise Refusal(140)


def _check_policy(device: Device, call: CommandCall) -> None:
    """
    Send a device to Provision that has not agreed yet (142), not to the present policy (143), or has a wrong key (144).
    """
    if not device.provisioned:
        raise Refusal(143 if device.policy_key != "0" else 142)
    if call.command != "Ping" and call.policy_key != device.policy_key:
        raise Refusal(142 if call.policy_key == "0" else 144)
