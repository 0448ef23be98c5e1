"""
Answers on their way out: payloads, refusals in the style of each version, plain pages.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

from carrierpost import wbxml
from carrierpost.protocol.http import CommandCall
from carrierpost.protocol.message import Payload
from carrierpost.protocol.version import Version
from carrierpost.wbxml.pages import (
    AirSync,
    ComposeMail,
    FolderHierarchy,
    GetItemEstimate,
    ItemOperations,
    Ping,
    Provision,
    Settings,
)

__all__ = ["send_payload", "send_plain", "send_status", "send_unauthorized"]

Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]

_STATUS_TAGS = {
    "FolderSync": (FolderHierarchy.FolderSync, FolderHierarchy.Status),
    "GetItemEstimate": (GetItemEstimate.GetItemEstimate, GetItemEstimate.Status),
    "ItemOperations": (ItemOperations.ItemOperations, ItemOperations.Status),
    "Ping": (Ping.Ping, Ping.Status),
    "Provision": (Provision.Provision, Provision.Status),
    "SendMail": (ComposeMail.SendMail, ComposeMail.Status),
    "Settings": (Settings.Settings, Settings.Status),
    "Sync": (AirSync.Sync, AirSync.Status),
}

_OLD_STYLE = {
    **dict.fromkeys((101, 102, 103, 105, 106, 107, 108, 109, 138, 147), 400),
    **dict.fromkeys((112, 125, 126, 129, 130, 132), 403),
    **dict.fromkeys((140, 141, 142, 143, 144), 449),
    **dict.fromkeys((110, 114, 116, 119, 120), 500),
    111: 503,
    113: 507,
    137: 501,
}
"""What 12.1 says by HTTP status where later versions answer 200 and a status inside."""


async def send_plain(
    send: Send, status: int, content_type: str, body: bytes, headers: tuple[tuple[str, str], ...] = ()
) -> None:
    """
    Send an answer that is no ActiveSync body.
    """
    listed = [(b"content-type", content_type.encode()), (b"content-length", str(len(body)).encode())]
    listed += [(name.lower().encode(), value.encode()) for name, value in headers]
    await send({"type": "http.response.start", "status": status, "headers": listed})
    await send({"type": "http.response.body", "body": body})


async def send_unauthorized(send: Send) -> None:
    """
    Ask for a login.
    """
    await send_plain(send, 401, "text/plain", b"", (("WWW-Authenticate", 'Basic realm="Carrierpost Exchange"'),))


async def send_status(send: Send, command: str, status: int, version: Version) -> None:
    """
    Refuse a command: inside the answer from 14.0 on, by HTTP status before where there is one.
    """
    if version < Version.V14_0 and status in _OLD_STYLE:
        await send_plain(send, _OLD_STYLE[status], "text/plain", b"")
        return
    root, tag = _STATUS_TAGS.get(command, (AirSync.Sync, AirSync.Status))
    body = wbxml.encode(root, [tag, str(status)])
    await send_plain(send, 200, "application/vnd.ms-sync.wbxml", body)


async def send_payload(send: Send, payload: Payload, call: CommandCall) -> None:
    """
    Send a command's answer.
    """
    headers: list[tuple[str, str]] = [("Cache-Control", "private"), ("MS-Server-ActiveSync", "15.1")]
    body = payload.body
    await send_plain(send, 200, str(payload.content_type) if body else "text/plain", body, tuple(headers))
