"""
Answers on their way out: payloads, refusals in the style of each version, plain pages.
"""

from __future__ import annotations

import gzip
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

from carrierpost import wbxml
from carrierpost.protocol.message import Payload
from carrierpost.protocol.version import Version
from carrierpost.wbxml.pages import (
    AirSync,
    ComposeMail,
    Find,
    FolderHierarchy,
    GetItemEstimate,
    ItemOperations,
    MeetingResponse,
    Move,
    Ping,
    Provision,
    ResolveRecipients,
    Search,
    Settings,
    ValidateCert,
)

__all__ = ["FilePayload", "send_payload", "send_plain", "send_status", "send_unauthorized"]

Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]

PRODUCT = "15.1"
"""What the server says it is: the number of an Exchange that speaks all these versions."""

_STATUS_TAGS = {
    "Find": (Find.Find, Find.Status),
    "FolderCreate": (FolderHierarchy.FolderCreate, FolderHierarchy.Status),
    "FolderDelete": (FolderHierarchy.FolderDelete, FolderHierarchy.Status),
    "FolderSync": (FolderHierarchy.FolderSync, FolderHierarchy.Status),
    "FolderUpdate": (FolderHierarchy.FolderUpdate, FolderHierarchy.Status),
    "GetItemEstimate": (GetItemEstimate.GetItemEstimate, GetItemEstimate.Status),
    "ItemOperations": (ItemOperations.ItemOperations, ItemOperations.Status),
    "MeetingResponse": (MeetingResponse.MeetingResponse, MeetingResponse.Status),
    "MoveItems": (Move.MoveItems, Move.Status),
    "Ping": (Ping.Ping, Ping.Status),
    "Provision": (Provision.Provision, Provision.Status),
    "ResolveRecipients": (ResolveRecipients.ResolveRecipients, ResolveRecipients.Status),
    "Search": (Search.Search, Search.Status),
    "SendMail": (ComposeMail.SendMail, ComposeMail.Status),
    "Settings": (Settings.Settings, Settings.Status),
    "SmartForward": (ComposeMail.SmartForward, ComposeMail.Status),
    "SmartReply": (ComposeMail.SmartReply, ComposeMail.Status),
    "Sync": (AirSync.Sync, AirSync.Status),
    "ValidateCert": (ValidateCert.ValidateCert, ValidateCert.Status),
}
"""Where each command's answer has its status; commands that are answered without WBXML are not here."""

_OLD_STYLE = {
    **dict.fromkeys((101, 102, 103, 104, 105, 106, 107, 108, 109, 138, 146, 147), 400),
    **dict.fromkeys((112, 125, 126, 127, 128, 129, 130, 131, 132, 177), 403),
    **dict.fromkeys((140, 141, 142, 143, 144), 449),
    **dict.fromkeys((110, 114, 115, 116, 117, 119, 120, 121, 122, 150), 500),
    111: 503,
    113: 507,
    137: 501,
}
"""What 12.1 says by HTTP status where later versions answer 200 and a status inside ([MS-ASCMD] common Status)."""

_WORTH_COMPRESSING = 1024


class FilePayload(Payload, frozen=True, kw_only=True):
    """
    An answer that is a file.

    Attributes:
        media_type: its media type.
    """

    media_type: str


async def send_plain(
    send: Send, status: int, content_type: str, body: bytes, headers: tuple[tuple[str, str], ...] = ()
) -> None:
    """
    Send an answer that is no ActiveSync body.
    """
    listed = [(b"content-type", content_type.encode()), (b"content-length", str(len(body)).encode())]
    listed += [(name.lower().encode(), value.encode("latin-1", "replace")) for name, value in headers]
    await send({"type": "http.response.start", "status": status, "headers": listed})
    await send({"type": "http.response.body", "body": body})


async def send_unauthorized(send: Send, challenges: tuple[str, ...]) -> None:
    """
    Ask for a login, in one of these ways.
    """
    await send_plain(send, 401, "text/plain", b"", tuple(("WWW-Authenticate", one) for one in challenges))


async def send_status(send: Send, command: str, status: int, version: Version | None, *, with_key: bool = True) -> None:
    """
    Refuse a command: inside the answer from 14.0 on, by HTTP status before where there is one.

    Args:
        send: where the answer goes.
        command: the command's name; one that is not known can only be refused by HTTP status.
        status: why.
        version: the version spoken; `None` when it is not known, which is answered like the oldest.
        with_key: whether the request carried a policy key; without one 12.1 hears of a wipe as of a refusal.
    """
    tags = _STATUS_TAGS.get(command)
    if command == "Find" and (version is None or version < Version.V16_1):
        tags = None  # older versions have no words for it
    if tags is None or version is None or (version < Version.V14_0 and status in _OLD_STYLE):
        code = 403 if status == 140 and not with_key else _OLD_STYLE.get(status, 400)
        await send_plain(send, code, "text/plain", b"")
        return
    root, tag = tags
    await send_plain(send, 200, "application/vnd.ms-sync.wbxml", wbxml.encode(root, [tag, str(status)]))


async def send_payload(
    send: Send, payload: Payload, *, compressed: bool = False, headers: tuple[tuple[str, str], ...] = ()
) -> None:
    """
    Send a command's answer.

    Args:
        send: where it goes.
        payload: the answer.
        compressed: compress it, if it is worth it.
        headers: what is told beside it.
    """
    listed = [*headers, ("Cache-Control", "private"), ("MS-Server-ActiveSync", PRODUCT)]
    body = payload.body
    if compressed and len(body) >= _WORTH_COMPRESSING:
        body = gzip.compress(body, compresslevel=1, mtime=0)  # quick: the other end is mostly on the same machine
        listed.append(("Content-Encoding", "gzip"))
    kind = str(payload.content_type) if payload.body else "text/plain"
    if isinstance(payload, FilePayload):
        kind = payload.media_type
    await send_plain(send, 200, kind, body, tuple(listed))
