"""
The control endpoint: what may be asked of a server while it runs, from the same machine and with its token.

It lies at `/-/` beside ActiveSync, takes and gives JSON, and does not exist for anybody who comes from another machine
or without the token. `carrierpost exchange` is its client.

    GET    /-/          users, devices, policy, faults
    POST   /-/faults    {"fault": "delay(5) on Sync"}
    DELETE /-/faults
    POST   /-/mail      {"to": "ada@larch.example", "subject": "Tea?", "text": "At four."}
    POST   /-/wipe      {"device": "PHONE1", "what": "device"}     or "account", or "clear"
    POST   /-/policy    {"policy": {"device_password_enabled": true}, "enforce": true}
    POST   /-/refusal   {"user": "ada@larch.example", "status": 131}     0 lets in again
"""

from __future__ import annotations

import hmac
import ipaddress
from collections.abc import Callable, Mapping, MutableMapping
from typing import TYPE_CHECKING, Any, Literal

import msgspec

from carrierpost.protocol.commands.provision import WipeKind
from carrierpost.server.faults import parse_fault
from carrierpost.server.policies import policy_from

if TYPE_CHECKING:
    from carrierpost.server.exchange import ExchangeServer

__all__ = ["CONTROL", "TOKEN_HEADER", "control_answer"]

CONTROL = "/-/"
TOKEN_HEADER = "x-carrierpost-token"  # noqa: S105 - the header's name, in lower case


class _Mail(msgspec.Struct, forbid_unknown_fields=True):
    to: str
    subject: str
    text: str = ""
    sender: str = msgspec.field(default='"Somebody" <somebody@example.org>', name="from")
    count: int = 1


class _Fault(msgspec.Struct, forbid_unknown_fields=True):
    fault: str


class _Wipe(msgspec.Struct, forbid_unknown_fields=True):
    device: str
    what: Literal["device", "account", "clear"] = "device"


class _Policy(msgspec.Struct, forbid_unknown_fields=True):
    policy: dict[str, Any] | None = None
    enforce: bool = True
    strict: bool = False


class _RefusalOf(msgspec.Struct, forbid_unknown_fields=True):
    user: str
    status: int
    device: str | None = None


def control_answer(
    server: ExchangeServer, scope: MutableMapping[str, Any], headers: Mapping[str, str], body: bytes
) -> tuple[int, str, bytes]:
    """
    Do what is asked.

    Returns:
        HTTP status, media type and body: what came of it, or `{"error": "..."}`.
    """
    if not server.control_token or not _from_here(scope):
        return _json(404, {"error": "there is nothing at this path"})
    if not hmac.compare_digest(headers.get(TOKEN_HEADER, "").encode(), server.control_token.encode()):
        return _json(403, {"error": "the token is missing or wrong"})
    act = _ACTS.get((scope["method"], scope["path"].removeprefix(CONTROL).rstrip("/")))
    if act is None:
        return _json(404, {"error": f"there is nothing at {scope['method']} {scope['path']}"})
    try:
        return _json(200, act(server, body))
    except (ValueError, msgspec.DecodeError) as error:  # a ValidationError is one, too
        return _json(400, {"error": str(error)})


def _json(status: int, value: Any) -> tuple[int, str, bytes]:
    return status, "application/json", msgspec.json.encode(value) + b"\n"


def _from_here(scope: MutableMapping[str, Any]) -> bool:
    host = (scope.get("client") or ("", 0))[0]
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def _status(server: ExchangeServer, body: bytes) -> Any:
    return {
        "users": sorted(server.mailboxes),
        "versions": [str(version) for version in server.versions],
        "devices": [
            {
                "user": user,
                "device": device.device_id,
                "type": device.device_type,
                "version": str(device.version) if device.version else None,
                "provisioned": device.provisioned,
                "wipe": device.wipe,
                "folders": len(device.collections),
            }
            for (user, _), device in sorted(server.devices.items())
        ],
        "policy": msgspec.to_builtins(server.policy) if server.policy is not None else None,
        "enforce": server.enforce,
        "faults": [str(one) for one in server.faults.planned],
        "held": server.holding,
    }


def _add_fault(server: ExchangeServer, body: bytes) -> Any:
    fault, options = parse_fault(msgspec.json.decode(body, type=_Fault).fault)
    server.faults.add(fault, **options)
    return {"faults": [str(one) for one in server.faults.planned]}


def _clear_faults(server: ExchangeServer, body: bytes) -> Any:
    server.faults.clear()
    return {"faults": []}


def _deliver(server: ExchangeServer, body: bytes) -> Any:
    mail = msgspec.json.decode(body, type=_Mail)
    mailbox = server.mailboxes[_user(server, mail.to)]
    ids = []
    for number in range(min(max(mail.count, 1), 10_000)):
        subject = mail.subject if mail.count == 1 else f"{mail.subject} {number + 1}"
        ids.append(mailbox.deliver(subject, mail.text, sender=mail.sender).server_id)
    return {"delivered": ids}


def _wipe(server: ExchangeServer, body: bytes) -> Any:
    asked = msgspec.json.decode(body, type=_Wipe)
    devices = server.devices_of(None, asked.device)
    if not devices:
        known = ", ".join(sorted({one for _, one in server.devices})) or "none yet"
        raise ValueError(f"there is no device {asked.device!r}; known: {known}")
    if asked.what == "clear":
        server.clear_wipe(None, device_id=asked.device)
    else:
        server.order_wipe(None, WipeKind(asked.what), device_id=asked.device)
    return {"device": asked.device, "wipe": devices[0].wipe}


def _set_policy(server: ExchangeServer, body: bytes) -> Any:
    asked = msgspec.json.decode(body, type=_Policy)
    policy = None if asked.policy is None else policy_from(asked.policy)
    server.enforce, server.strict = asked.enforce, asked.strict
    server.set_policy(policy)
    return {"policy": msgspec.to_builtins(policy) if policy is not None else None, "enforce": asked.enforce}


def _refuse(server: ExchangeServer, body: bytes) -> Any:
    asked = msgspec.json.decode(body, type=_RefusalOf)
    user = _user(server, asked.user)
    if asked.status:
        server.refuse(user, asked.status, asked.device)
    else:
        server.admit(user, asked.device)
    return {"user": user, "status": asked.status}


def _user(server: ExchangeServer, name: str) -> str:
    for address in server.mailboxes:
        if name.lower() in (address, address.partition("@")[0]):
            return address
    raise ValueError(f"there is no user {name!r}; known: {', '.join(sorted(server.mailboxes)) or 'none'}")


_ACTS: dict[tuple[str, str], Callable[[ExchangeServer, bytes], Any]] = {
    ("GET", ""): _status,
    ("POST", "faults"): _add_fault,
    ("DELETE", "faults"): _clear_faults,
    ("POST", "mail"): _deliver,
    ("POST", "wipe"): _wipe,
    ("POST", "policy"): _set_policy,
    ("POST", "refusal"): _refuse,
}
