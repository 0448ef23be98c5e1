"""
Ping: be told when something changes ([MS-ASCMD] 2.2.1.13 Ping).
"""

from __future__ import annotations

from typing import Annotated, Any, ClassVar

import msgspec

from carrierpost import wbxml
from carrierpost.protocol import record
from carrierpost.protocol.classes import ContentClass
from carrierpost.protocol.errors import MalformedRequest
from carrierpost.protocol.message import Payload, Request, body_of, decode_body, number_in, status_in
from carrierpost.protocol.record import At, Notes, Record
from carrierpost.protocol.version import Version
from carrierpost.wbxml.pages import Ping

__all__ = ["PingFolder", "PingRequest", "PingResponse"]


class PingFolder(Record, frozen=True):
    """
    A folder to watch.

    Attributes:
        id: the folder's server id.
        content_class: the class of its items.
    """

    id: Annotated[str, At(Ping.Id)] = ""
    content_class: Annotated[ContentClass, At(Ping.Class)] = ContentClass.EMAIL


class PingResponse(msgspec.Struct, frozen=True, kw_only=True):
    """
    The answer.

    Attributes:
        status: 1 nothing happened, 2 something did; see `carrierpost.protocol.status`.
        folders: server ids of the folders with changes, for status 2.
        heartbeat_interval: the nearest interval that the server allows, seconds, for status 5.
        max_folders: how many folders may be watched, for status 6.
    """

    status: int = 1
    folders: tuple[str, ...] = ()
    heartbeat_interval: int | None = None
    max_folders: int | None = None

    def encode(self, version: Version) -> Payload:
        """
        Encode the answer.
        """
        children: list[Any] = [Ping.Status, str(self.status)]
        if self.folders:
            children += (Ping.Folders, [part for folder in self.folders for part in (Ping.Folder, folder)])
        if self.max_folders is not None:
            children += (Ping.MaxFolders, str(self.max_folders))
        if self.heartbeat_interval is not None:
            children += (Ping.HeartbeatInterval, str(self.heartbeat_interval))
        return body_of(Ping.Ping, children)


class PingRequest(Request[PingResponse], frozen=True, kw_only=True):
    """
    Wait until something changes in one of the folders. What is left out is as in the last Ping of this device.

    Attributes:
        heartbeat_interval: seconds to wait at most, or `None` to repeat the last interval.
        folders: what to watch; empty to repeat the last folders.
    """

    name: ClassVar[str] = "Ping"

    heartbeat_interval: int | None = None
    folders: tuple[PingFolder, ...] = ()

    @property
    def hold(self) -> float:
        """
        Seconds for which the server may hold the request.
        """
        return float(self.heartbeat_interval or 3540)

    def encode(self, version: Version) -> Payload:
        """
        Encode the request; one that repeats everything has no body.
        """
        children: list[Any] = []
        if self.heartbeat_interval is not None:
            children += (Ping.HeartbeatInterval, str(self.heartbeat_interval))
        if self.folders:
            folders = [part for one in self.folders for part in (Ping.Folder, record.encode(one, version))]
            children += (Ping.Folders, folders)
        return body_of(Ping.Ping, children) if children else Payload()

    @classmethod
    def decode(cls, payload: Payload, version: Version, notes: Notes) -> PingRequest:
        """
        Decode a request.

        Raises:
            UnreadableAnswer: no Ping.
            MalformedRequest: a folder twice, or one without id.
        """
        if not payload.body:
            return cls()
        value = decode_body(cls.name, payload, Ping.Ping, notes)
        listed = wbxml.find_all(wbxml.find(value, Ping.Folders, None), Ping.Folder)
        folders = tuple(record.decode(PingFolder, one, notes) for one in listed)
        ids = [folder.id for folder in folders]
        if "" in ids or len(set(ids)) != len(ids):
            raise MalformedRequest(cls.name, 4, "each folder needs an id of its own")
        interval = number_in(value, Ping.HeartbeatInterval, notes)
        if interval is None and wbxml.find(value, Ping.HeartbeatInterval, None) is not None:
            raise MalformedRequest(cls.name, 4, "HeartbeatInterval is no number")
        return cls(heartbeat_interval=interval, folders=folders)

    def decode_response(self, payload: Payload, version: Version, notes: Notes) -> PingResponse:
        """
        Decode the answer; an empty body means that nothing happened.

        Raises:
            UnreadableAnswer: no Ping.
        """
        if not payload.body:
            return PingResponse()
        value = decode_body(self.name, payload, Ping.Ping, notes)
        # Servers differ: the id is the element's text, or stands in an element Id of its own.
        ids = [
            wbxml.text(folder, Ping.Id) if isinstance(folder, list) else _text(folder)
            for folder in wbxml.find_all(wbxml.find(value, Ping.Folders, None), Ping.Folder)
        ]
        return PingResponse(
            status=status_in(value, Ping.Status, notes),
            folders=tuple(one for one in ids if one),
            heartbeat_interval=number_in(value, Ping.HeartbeatInterval, notes),
            max_folders=number_in(value, Ping.MaxFolders, notes),
        )


def _text(folder: str | bytes | None) -> str:
    return folder.decode("utf-8", "replace") if isinstance(folder, bytes) else folder or ""
