"""
A phone that asks a server and shows what it was told, without any cleverness of its own.
"""

from __future__ import annotations

import random
from typing import Any, TypeVar

import msgspec

from carrierpost import wbxml
from carrierpost.client.asgi import ASGITransport
from carrierpost.client.login import BasicLogin
from carrierpost.client.transport import Transport
from carrierpost.protocol.classes import ApplicationData, BodyPreference, BodyType
from carrierpost.protocol.commands.folder_sync import FolderSyncRequest, FolderSyncResponse, FolderType
from carrierpost.protocol.commands.ping import PingFolder, PingRequest, PingResponse
from carrierpost.protocol.commands.sync import (
    CollectionResponse,
    FilterType,
    ResponseKind,
    SyncCollection,
    SyncOptions,
    SyncRequest,
    SyncResponse,
)
from carrierpost.protocol.grammar import Direction
from carrierpost.protocol.http import Partnership, frame, payload_of
from carrierpost.protocol.message import Command, HTTPResponse, Payload
from carrierpost.protocol.record import Notes
from carrierpost.protocol.secret import Secret
from carrierpost.protocol.version import Version
from carrierpost.server import ExchangeServer, Mailbox
from carrierpost.server.mailbox import MailboxFolder
from tests.support.grammar import LISTENER
from tests.support.virtual import VirtualClock

__all__ = ["ADA", "BEN", "PASSWORD", "Phone", "make_server", "status_of"]

R = TypeVar("R")

ADA, BEN = "ada@larch.example", "ben@larch.example"
PASSWORD = "correct horse"


def make_server(**options: Any) -> ExchangeServer:
    """
    Make a server in virtual time with two people.
    """
    server = ExchangeServer(clock=VirtualClock(), chance=random.Random(3), **options)
    server.add_user(ADA, PASSWORD, name="Ada Larch")
    server.add_user(BEN, PASSWORD, name="Ben Larch")
    return server


def status_of(answer: HTTPResponse) -> tuple[int, int | None]:
    """
    Give the HTTP status, and the status directly below the answer's root.
    """
    if not answer.body or not answer.headers["content-type"].startswith("application/vnd.ms-sync"):
        return answer.status, None
    value = wbxml.decode(answer.body).value
    said = [text for tag, text in wbxml.pairs(value) if wbxml.pages.name_of(tag)[1] == "Status"]
    return answer.status, int(said[0]) if said else None


class Phone:
    """
    A device of Ada's, unless it is somebody else's.

    Attributes:
        partnership: how its requests are framed.
        headers: headers that replace those of its requests, or go with them; an empty value takes one out.
        keys: sync key of each folder as last told.
        hierarchy_key: sync key of the folder list.
        held: items that it was told of, by folder and id.
    """

    def __init__(
        self,
        server: ExchangeServer,
        *,
        user: str = ADA,
        version: Version = Version.V14_1,
        device_id: str = "PHONE1",
        transport: Transport | None = None,
        url: str = "http://localhost/Microsoft-Server-ActiveSync",
    ) -> None:
        self.server = server
        self.mailbox: Mailbox = server.mailbox(user)
        self.transport = transport or ASGITransport(server, BasicLogin(user, Secret(PASSWORD)))
        self.partnership = Partnership(
            url=url, user=user, device_id=device_id, device_type="Test", user_agent="Test/1", version=version
        )
        self.headers: dict[str, str] = {}
        self.keys: dict[str, str] = {}
        self.hierarchy_key = "0"
        self.held: dict[str, dict[str, ApplicationData | None]] = {}

    @property
    def version(self) -> Version:
        return self.partnership.version

    def adopt(self, **values: Any) -> None:
        """
        Frame requests otherwise from now on.
        """
        self.partnership = msgspec.structs.replace(self.partnership, **values)

    async def raw(self, command: str, payload: Payload | None = None, *, hold: float = 0.0) -> HTTPResponse:
        """
        Send a payload as it is.
        """
        request = frame(command, payload or Payload(), self.partnership, hold=hold)
        given = {name.lower(): value for name, value in self.headers.items()}
        kept = [(name, value) for name, value in request.headers if name.lower() not in given]
        headers = (*kept, *((name, value) for name, value in given.items() if value))
        return await self.transport.send(msgspec.structs.replace(request, headers=headers))

    async def post(self, command: str, root: int, children: list[Any]) -> HTTPResponse:
        """
        Send a body built by hand.
        """
        return await self.raw(command, Payload(body=wbxml.encode(root, children)))

    async def ask(self, command: Command[R]) -> R:
        """
        Send a command, and read its answer.
        """
        payload = command.encode(self.version)
        LISTENER.hear(payload, command.name, Direction.REQUEST, self.version)
        answer = await self.raw(command.name, payload, hold=command.hold)
        assert answer.status == 200, (answer.status, answer.body)
        return command.decode_response(payload_of(answer), self.version, Notes())

    async def folders(self) -> FolderSyncResponse:
        """
        Ask for the folders' changes.
        """
        answer = await self.ask(FolderSyncRequest(sync_key=self.hierarchy_key))
        if answer.status == 1:
            self.hierarchy_key = answer.sync_key
        return answer

    def folder(self, which: FolderType | str) -> MailboxFolder:
        """
        Find a folder.
        """
        return self.mailbox.folder(which)

    async def begin(self, which: FolderType | str, *, filter_type: FilterType = FilterType.ALL, **options: Any) -> str:
        """
        Begin to synchronize a folder.

        Returns:
            Its server id.
        """
        folder = self.folder(which)
        chosen = SyncOptions(
            filter_type=filter_type, body_preferences=(BodyPreference(type=BodyType.PLAIN),), **options
        )
        [answer] = (
            await self.ask(
                SyncRequest(collections=(SyncCollection(collection_id=folder.server_id, options=(chosen,)),))
            )
        ).collections
        assert answer.status == 1
        self.keys[folder.server_id] = answer.sync_key
        self.held[folder.server_id] = {}
        return folder.server_id

    async def sync(self, which: FolderType | str, **values: Any) -> CollectionResponse | None:
        """
        Ask for a folder's changes once, and take them over.
        """
        answer = await self.exchange(which, **values)
        assert len(answer.collections) < 2
        return answer.collections[0] if answer.collections else None

    async def exchange(self, which: FolderType | str, *, request: Any = None, **values: Any) -> SyncResponse:
        """
        Do as `sync`, and give the whole answer.

        Args:
            which: the folder.
            request: values of the request as a whole.
            values: values of the collection.
        """
        folder = self.folder(which)
        collection = SyncCollection(
            collection_id=folder.server_id,
            sync_key=values.pop("sync_key", self.keys[folder.server_id]),
            content_class=folder.content_class,
            **values,
        )
        answer = await self.ask(SyncRequest(collections=(collection,), **(request or {})))
        for one in answer.collections:
            self._take(one)
        return answer

    def _take(self, answer: CollectionResponse) -> None:
        if answer.sync_key and answer.status == 1:
            self.keys[answer.collection_id] = answer.sync_key
        held = self.held[answer.collection_id]
        for response in answer.responses:
            if response.kind is ResponseKind.ADD and response.status == 1:
                held.setdefault(response.server_id, None)
        for command in answer.commands:
            match type(command).__name__:
                case "Add" | "Change":
                    held[command.server_id] = getattr(command, "data", None)
                case "Delete" | "SoftDelete":
                    held.pop(command.server_id)

    async def all(self, which: FolderType | str, **values: Any) -> int:
        """
        Ask until there is no more.

        Returns:
            How many answers brought changes.
        """
        pages = 0
        while (answer := await self.sync(which, **values)) is not None:
            pages += bool(answer.commands)
            if not answer.more_available:
                break
        return pages

    async def ping(self, *which: FolderType | str, seconds: int | None = 600) -> PingResponse:
        """
        Wait for changes in folders.
        """
        folders = tuple(PingFolder(id=self.folder(one).server_id) for one in which)
        return await self.ask(PingRequest(heartbeat_interval=seconds, folders=folders))
