"""
ActiveSync inside HTTP: queries, headers, framing ([MS-ASHTTP]).

The client frames a command's payload with `frame`; the server takes a request apart with `parse_call`. Credentials are
neither's business.
"""

from __future__ import annotations

import base64
import binascii
import datetime as dt
import email.utils
import struct
from collections.abc import Mapping
from urllib.parse import parse_qsl, quote, unquote, urlencode, urlsplit

import msgspec

from carrierpost.protocol.errors import LocalProtocolError, MalformedRequest
from carrierpost.protocol.message import ContentType, HTTPRequest, HTTPResponse, Payload
from carrierpost.protocol.version import Version, parse_versions

__all__ = [
    "COMMAND_CODES",
    "PATH",
    "CommandCall",
    "Partnership",
    "ServerFacts",
    "back_off",
    "encode_base64_query",
    "frame",
    "frame_options",
    "host_of",
    "parse_base64_query",
    "parse_call",
    "payload_of",
    "retry_after",
    "server_facts",
]

PATH = "/Microsoft-Server-ActiveSync"

COMMAND_CODES: dict[str, int] = {
    "Sync": 0, "SendMail": 1, "SmartForward": 2, "SmartReply": 3, "GetAttachment": 4, "FolderSync": 9,
    "FolderCreate": 10, "FolderDelete": 11, "FolderUpdate": 12, "MoveItems": 13, "GetItemEstimate": 14,
    "MeetingResponse": 15, "Search": 16, "Settings": 17, "Ping": 18, "ItemOperations": 19, "Provision": 20,
    "ResolveRecipients": 21, "ValidateCert": 22, "Find": 23,
}  # fmt: skip
"""Commands and their codes in the base64 query."""

_COMMANDS = {code: name for name, code in COMMAND_CODES.items()}
_PARAMETER_TAGS = {"AttachmentName": 0, "CollectionId": 1, "ItemId": 3, "LongId": 4, "Occurrence": 6, "User": 8}
_PARAMETERS = {tag: name for name, tag in _PARAMETER_TAGS.items()}
_OPTIONS_TAG = 7
_SAVE_IN_SENT, _ACCEPT_MULTIPART = 0x01, 0x02


class Partnership(msgspec.Struct, frozen=True, kw_only=True):
    """
    A device and a mailbox: all that is needed to frame a request.

    Attributes:
        url: the endpoint, without query.
        user: the login name, for the plain query.
        device_id: 1 to 32 letters and digits, constant for ever.
        device_type: constant for ever.
        user_agent: constant for ever.
        version: the protocol version in use.
        policy_key: the current policy key, `"0"` for none.
        locale: language of the user, as Windows numbers it (0x0409 is English).
        base64: whether the query is the short binary form.
    """

    url: str
    user: str
    device_id: str
    device_type: str
    user_agent: str
    version: Version = Version.V14_1
    policy_key: str = "0"
    locale: int = 0x0409
    base64: bool = False


class CommandCall(msgspec.Struct, frozen=True, kw_only=True):
    """
    A request as the server sees it.

    Attributes:
        command: the command's name.
        user: the user that the query names; empty in the short form.
        device_id: the device's id.
        device_type: the device's type.
        version: the version, as text; the server decides whether it speaks it.
        policy_key: the policy key, `"0"` for none.
        payload: body, its type, and the parameters.
    """

    command: str
    user: str
    device_id: str
    device_type: str
    version: str
    policy_key: str
    payload: Payload


class ServerFacts(msgspec.Struct, frozen=True, kw_only=True):
    """
    What a server's headers say of it.

    Attributes:
        versions: versions that it offers and we speak.
        all_versions: the header as it came.
        commands: names of the commands it offers; a list sent twice counts once.
        product: the server's own version.
        request_id: the number of this answer, for the server's administrator.
    """

    versions: frozenset[Version] = frozenset()
    all_versions: str = ""
    commands: frozenset[str] = frozenset()
    product: str = ""
    request_id: str = ""


def encode_base64_query(
    command: str, partnership: Partnership, parameters: tuple[tuple[str, str], ...] = (), *, multipart: bool = False
) -> str:
    """
    Write the short form of the query ([MS-ASHTTP] base64-encoded query value).

    Raises:
        LocalProtocolError: a part is longer than 255 bytes, or the policy key is no number.
    """
    device, kind = partnership.device_id.encode(), partnership.device_type.encode()
    try:
        key = int(partnership.policy_key or "0")
        head = struct.pack("<BBHB", partnership.version, COMMAND_CODES[command], partnership.locale, len(device))
        key_part = struct.pack("<BI", 4, key) if key else b"\x00"
        out = [head, device, key_part, struct.pack("<B", len(kind)), kind]
        options = _ACCEPT_MULTIPART if multipart else 0
        for name, value in parameters:
            if name == "SaveInSent":
                options |= _SAVE_IN_SENT if value == "T" else 0
            else:
                raw = value.encode()
                out.append(struct.pack("<BB", _PARAMETER_TAGS[name], len(raw)) + raw)
        if options:
            out.append(struct.pack("<BBB", _OPTIONS_TAG, 1, options))
    except (struct.error, ValueError, KeyError) as error:
        raise LocalProtocolError(f"{command} cannot be said in a base64 query: {error}") from None
    return base64.b64encode(b"".join(out)).decode("ascii")


def parse_base64_query(text: str) -> CommandCall:
    """
    Read the short form of the query.

    Raises:
        MalformedRequest: it is cut off, or the command is unknown.
    """
    try:
        data = base64.b64decode(text, validate=True)
        version, code, _, length = struct.unpack_from("<BBHB", data)
        device, pos = _piece(data, 5, length)
        key_length = data[pos]
        raw_key, pos = _piece(data, pos + 1, key_length)
        kind, pos = _piece(data, pos + 1, data[pos])
        parameters, options = _parameters(data, pos)
        command = _COMMANDS[code]
    except (binascii.Error, struct.error, IndexError, KeyError, ValueError) as error:
        raise MalformedRequest("query", 101, f"the base64 query cannot be read: {error}") from None
    if options & _SAVE_IN_SENT:
        parameters += (("SaveInSent", "T"),)
    return CommandCall(
        command=command,
        user=dict(parameters).get("User", ""),
        device_id=device.decode("ascii") if device.isascii() else device.hex(),
        device_type=kind.decode("utf-8", "replace"),
        version=f"{version // 10}.{version % 10}",
        policy_key=str(int.from_bytes(raw_key, "little")),
        payload=Payload(parameters=parameters, accept_multipart=bool(options & _ACCEPT_MULTIPART)),
    )


def _piece(data: bytes, pos: int, length: int) -> tuple[bytes, int]:
    if pos + length > len(data):
        raise ValueError("a length leads beyond the end")
    return data[pos : pos + length], pos + length


def _parameters(data: bytes, pos: int) -> tuple[tuple[tuple[str, str], ...], int]:
    found, options = [], 0
    while pos < len(data):
        tag = data[pos]
        raw, pos = _piece(data, pos + 2, data[pos + 1])
        if tag == _OPTIONS_TAG:
            options = raw[0] if raw else 0
        elif tag in _PARAMETERS:
            found.append((_PARAMETERS[tag], raw.decode("utf-8", "replace")))
    return tuple(found), options


def frame(command: str, payload: Payload, partnership: Partnership, *, hold: float = 0.0) -> HTTPRequest:
    """
    Make the HTTP request of a command.

    Args:
        command: the command's name.
        payload: the encoded request.
        partnership: whose request it is.
        hold: seconds that the server may hold it.
    """
    headers = [("User-Agent", partnership.user_agent)]
    if payload.body:
        headers.append(("Content-Type", str(payload.content_type)))
    if partnership.base64:
        query = encode_base64_query(command, partnership, payload.parameters, multipart=payload.accept_multipart)
        query = quote(query, safe="=")
    else:
        plain = {
            "Cmd": command,
            "User": partnership.user,
            "DeviceId": partnership.device_id,
            "DeviceType": partnership.device_type,
            **dict(payload.parameters),
        }
        query = urlencode(plain, quote_via=quote)
        headers.append(("MS-ASProtocolVersion", str(partnership.version)))
        # The first Provision carries no key at all: some servers stumble over a zero.
        if partnership.policy_key not in ("", "0"):
            headers.append(("X-MS-PolicyKey", partnership.policy_key))
        elif command != "Provision":
            headers.append(("X-MS-PolicyKey", "0"))
        if payload.accept_multipart:
            headers.append(("MS-ASAcceptMultiPart", "T"))
    return HTTPRequest(
        url=f"{partnership.url}?{query}", headers=tuple(headers), body=payload.body, hold=hold, command=command
    )


def frame_options(partnership: Partnership) -> HTTPRequest:
    """
    Make the request that asks what the server speaks.
    """
    return HTTPRequest(
        method="OPTIONS", url=partnership.url, headers=(("User-Agent", partnership.user_agent),), command="OPTIONS"
    )


def parse_call(target: str, headers: Mapping[str, str], body: bytes) -> CommandCall:
    """
    Take a POST request apart.

    Args:
        target: the query of the request, without `?`.
        headers: names in lower case.
        body: the body's bytes.

    Raises:
        MalformedRequest: command, device id or device type are missing, or the short form is broken.
    """
    media = headers.get("content-type", "").partition(";")[0].strip().lower()
    kind = {"application/vnd.ms-sync": ContentType.WBXML, "message/rfc822": ContentType.MAIL}.get(
        media, ContentType.WBXML
    )
    if target and "&" not in target and not target.startswith("Cmd="):
        call = parse_base64_query(unquote(target))
        payload = msgspec.structs.replace(call.payload, body=body, content_type=kind)
        return msgspec.structs.replace(call, payload=payload)
    query = dict(parse_qsl(target, keep_blank_values=True))
    command = query.pop("Cmd", "")
    if command not in COMMAND_CODES:
        raise MalformedRequest(command or "query", 137, "there is no such command")
    device_id, device_type = query.pop("DeviceId", ""), query.pop("DeviceType", "")
    if not (device_id.isascii() and device_id.isalnum()) or len(device_id) > 32:
        raise MalformedRequest(command, 108, "DeviceId is missing or invalid")
    if not device_type:
        raise MalformedRequest(command, 109, "DeviceType is missing")
    user = query.pop("User", "")
    return CommandCall(
        command=command,
        user=user,
        device_id=device_id,
        device_type=device_type,
        version=headers.get("ms-asprotocolversion", ""),
        policy_key=headers.get("x-ms-policykey", "0") or "0",
        payload=Payload(
            body=body,
            content_type=kind,
            parameters=tuple(query.items()),
            accept_multipart=headers.get("ms-asacceptmultipart", "F").upper() == "T",
        ),
    )


def payload_of(response: HTTPResponse) -> Payload:
    """
    Give the payload of a successful answer.
    """
    media = response.headers.get("content-type", "").partition(";")[0].strip().lower()
    kind = ContentType.MULTIPART if media == ContentType.MULTIPART else ContentType.WBXML
    return Payload(body=response.body, content_type=kind)


def server_facts(response: HTTPResponse) -> ServerFacts:
    """
    Read what an answer's headers say of the server.
    """
    headers = response.headers
    commands = headers.get("ms-asprotocolcommands", "")
    return ServerFacts(
        versions=parse_versions(headers.get("ms-asprotocolversions", "")),
        all_versions=headers.get("ms-asprotocolversions", ""),
        commands=frozenset(one.strip() for one in commands.split(",") if one.strip()),
        product=headers.get("ms-server-activesync", ""),
        request_id=headers.get("request-id", ""),
    )


def retry_after(response: HTTPResponse, now: dt.datetime) -> float | None:
    """
    Read how long the server asks to be left alone.

    Args:
        response: its answer.
        now: the time, to make sense of a date.

    Returns:
        Seconds, not negative and at most a day; `None` when the server does not say.
    """
    text = response.headers.get("retry-after", "").strip()
    if not text:
        return back_off(response)
    if text.isascii() and text.isdecimal():
        return float(min(int(text[:9]), 86400))
    try:
        moment = email.utils.parsedate_to_datetime(text)
    except (ValueError, OverflowError):
        return None
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=dt.UTC)
    return min(max((moment - now).total_seconds(), 0.0), 86400.0)


def back_off(response: HTTPResponse) -> float | None:
    """
    Read how long Exchange asks to be left alone by the way (`X-MS-BackOffDuration`), also with a success.

    It says how urgent that is and how many seconds it is about, as in `H/120`. A negative number says how much of the
    budget is left, and asks for nothing.

    Args:
        response: its answer.

    Returns:
        Seconds, more than none and at most a day; `None` when the server asks for nothing.
    """
    number = response.headers.get("x-ms-backoffduration", "").strip().rpartition("/")[2][:20]
    try:
        seconds = float(number)
    except ValueError:
        return None
    return min(seconds, 86400.0) if seconds > 0 else None  # nothing that is no number is more than none


def host_of(url: str) -> str:
    """
    Give the host of an address, for messages.
    """
    return urlsplit(url).hostname or url
