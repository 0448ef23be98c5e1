"""
Sync: the changes of folders, both ways ([MS-ASCMD] 2.2.1.21 Sync).

A request lists collections with the key of the last answer; the answer brings each collection's changes and its next
key. Three shapes are special: a request without body repeats the last one, a `partial` request names only what differs
from it, and an answer without body says that nothing changed.
"""

from __future__ import annotations

import enum
from collections.abc import Mapping
from typing import Annotated, Any, ClassVar

import msgspec

from carrierpost import wbxml
from carrierpost.protocol import record
from carrierpost.protocol.classes import BodyPreference, BodyType, ContentClass
from carrierpost.protocol.commands.sync_items import (
    Add,
    Change,
    Delete,
    Fetch,
    ItemCommand,
    ItemResponse,
    ResponseKind,
    SoftDelete,
    content_class_in,
    decode_commands,
    decode_responses,
    encode_commands,
    encode_responses,
)
from carrierpost.protocol.errors import LocalProtocolError
from carrierpost.protocol.message import Payload, Request, body_of, decode_body, number_in, status_in, text_in
from carrierpost.protocol.record import At, Notes, Record
from carrierpost.protocol.version import Version
from carrierpost.wbxml.pages import AirSync, AirSyncBase, RightsManagement

__all__ = [
    "Add",
    "BodyPartPreference",
    "Change",
    "CollectionResponse",
    "Conflict",
    "Delete",
    "Fetch",
    "FilterType",
    "ItemCommand",
    "ItemResponse",
    "MIMESupport",
    "ResponseKind",
    "SoftDelete",
    "SyncCollection",
    "SyncOptions",
    "SyncRequest",
    "SyncResponse",
]


class FilterType(enum.IntEnum):
    """
    How far back a folder is synchronized. Mail knows 0 to 5, calendars 0 and 4 to 7, tasks 0 and 8.
    """

    ALL = 0
    ONE_DAY = 1
    THREE_DAYS = 2
    ONE_WEEK = 3
    TWO_WEEKS = 4
    ONE_MONTH = 5
    THREE_MONTHS = 6
    SIX_MONTHS = 7
    INCOMPLETE_TASKS = 8


class Conflict(enum.IntEnum):
    """
    Who wins when both sides changed an item.
    """

    CLIENT_WINS = 0
    SERVER_WINS = 1


class MIMESupport(enum.IntEnum):
    """
    For which mail MIME bodies are wanted.
    """

    NEVER = 0
    SIGNED_AND_ENCRYPTED = 1
    ALWAYS = 2


class BodyPartPreference(Record, frozen=True):
    """
    How a client wants the part that a message adds to its conversation (14.1 and later).

    Attributes:
        type: the format; HTML is the only one there is.
        truncation_size: most bytes wanted.
        all_or_none: rather nothing than a truncated part.
        preview: characters of preview wanted, up to 255.
    """

    type: Annotated[BodyType | None, At(AirSyncBase.Type)] = None
    truncation_size: Annotated[int | None, At(AirSyncBase.TruncationSize)] = None
    all_or_none: Annotated[bool | None, At(AirSyncBase.AllOrNone)] = None
    preview: Annotated[int | None, At(AirSyncBase.Preview)] = None


class SyncOptions(Record, frozen=True):
    """
    What a client wants to see of a collection. The server remembers the last ones; a new block replaces all of them.

    Attributes:
        filter_type: how far back.
        content_class: only for a second block, about SMS.
        body_preferences: wanted formats of bodies, one of each type.
        body_part_preference: wanted form of conversation parts (14.1 and later).
        conflict: who wins.
        mime_truncation: 0 nothing, 1 to 7 growing sizes, 8 the whole.
        mime_support: for which mail MIME is wanted.
        max_items: most items; only for the recipient cache.
        rights_management_support: whether rights-managed mail is to be decrypted (14.1 and later).
    """

    filter_type: Annotated[FilterType | None, At(AirSync.FilterType)] = None
    content_class: Annotated[str | None, At(AirSync.Class)] = None
    body_preferences: Annotated[tuple[BodyPreference, ...], At(AirSyncBase.BodyPreference)] = ()
    body_part_preference: Annotated[BodyPartPreference | None, At(AirSyncBase.BodyPartPreference)] = None
    conflict: Annotated[Conflict | None, At(AirSync.Conflict)] = None
    mime_truncation: Annotated[int | None, At(AirSync.MIMETruncation)] = None
    mime_support: Annotated[MIMESupport | None, At(AirSync.MIMESupport)] = None
    max_items: Annotated[int | None, At(AirSync.MaxItems)] = None
    rights_management_support: Annotated[bool | None, At(RightsManagement.RightsManagementSupport)] = None


class SyncCollection(msgspec.Struct, frozen=True, kw_only=True):
    """
    One folder in a request.

    Attributes:
        collection_id: the folder's server id.
        sync_key: key of the last answer, `"0"` to begin; `None` in a partial request that leaves it as it is.
        content_class: the class of the folder's items; not sent, but needed to read the answer well.
        supported: with key 0: tags of the properties that are not ghosted, `()` for none, `None` to say nothing.
        deletes_as_moves: whether deleted items go to Deleted Items; `None` means yes.
        get_changes: whether the server's changes are wanted; `None` means yes except with key 0.
        window_size: most changes wanted, 1 to 512; `None` means 100.
        conversation_mode: also all mail of the conversations found (14.0 and later).
        options: at most two blocks, the second about SMS.
        commands: the client's changes.
    """

    collection_id: str
    sync_key: str | None = "0"
    content_class: ContentClass | None = None
    supported: tuple[int, ...] | None = None
    deletes_as_moves: bool | None = None
    get_changes: bool | None = None
    window_size: int | None = None
    conversation_mode: bool | None = None
    options: tuple[SyncOptions, ...] = ()
    commands: tuple[ItemCommand, ...] = ()

    def encode(self, version: Version) -> list[Any]:
        """
        Write the collection's children in the order that servers insist on.
        """
        children: list[Any] = []
        if self.sync_key is not None:
            children += (AirSync.SyncKey, self.sync_key)
        children += (AirSync.CollectionId, self.collection_id)
        if self.supported is not None:
            children += (AirSync.Supported, [part for tag in self.supported for part in (tag, None)])
        if self.deletes_as_moves is not None:
            children += (AirSync.DeletesAsMoves, _flag(self.deletes_as_moves))
        if self.get_changes is not None:
            children += (AirSync.GetChanges, _flag(self.get_changes))
        if self.window_size is not None:
            children += (AirSync.WindowSize, str(self.window_size))
        if self.conversation_mode is not None and version >= Version.V14_0:
            children += (AirSync.ConversationMode, _flag(self.conversation_mode))
        for options in self.options:
            children += (AirSync.Options, record.encode(options, version))
        if self.commands:
            children += (AirSync.Commands, encode_commands(self.commands, version))
        return children


class CollectionResponse(msgspec.Struct, frozen=True, kw_only=True):
    """
    One folder in an answer.

    Attributes:
        collection_id: the folder's server id.
        sync_key: the key for the next request; empty when there is none.
        status: 1 for success; see `carrierpost.protocol.status`.
        content_class: the class, where an old server names it.
        more_available: whether there is more to fetch at once; it may come with no change at all.
        responses: answers to the client's commands; apply them before `commands`.
        commands: the server's changes.
    """

    collection_id: str
    sync_key: str = ""
    status: int = 1
    content_class: ContentClass | None = None
    more_available: bool = False
    responses: tuple[ItemResponse, ...] = ()
    commands: tuple[ItemCommand, ...] = ()

    def encode(self, version: Version) -> list[Any]:
        """
        Write the collection's children; `MoreAvailable` before `Commands`, and never an empty block.
        """
        children: list[Any] = []
        if version < Version.V14_0 and self.content_class is not None:
            children += (AirSync.Class, str(self.content_class))
        if self.sync_key:
            children += (AirSync.SyncKey, self.sync_key)
        children += (AirSync.CollectionId, self.collection_id, AirSync.Status, str(self.status))
        if self.more_available:
            children += (AirSync.MoreAvailable, None)
        if self.responses:
            children += (AirSync.Responses, encode_responses(self.responses, version))
        if self.commands:
            children += (AirSync.Commands, encode_commands(self.commands, version))
        return children


class SyncResponse(msgspec.Struct, frozen=True, kw_only=True):
    """
    The answer.

    Attributes:
        status: status of the whole, 1 for success.
        limit: the nearest allowed value, for status 14 (seconds or minutes) and 15 (collections).
        collections: the folders that have something to say.
        empty: the answer had no body: nothing changed, and all keys stay.
    """

    status: int = 1
    limit: int | None = None
    collections: tuple[CollectionResponse, ...] = ()
    empty: bool = False

    def encode(self, version: Version) -> Payload:
        """
        Encode the answer.
        """
        if self.empty:
            return Payload()
        children: list[Any] = []
        if self.status != 1:
            children += (AirSync.Status, str(self.status))
        if self.limit is not None:
            children += (AirSync.Limit, str(self.limit))
        if self.collections:
            listed = [part for one in self.collections for part in (AirSync.Collection, one.encode(version))]
            children += (AirSync.Collections, listed)
        return body_of(AirSync.Sync, children)


class SyncRequest(Request[SyncResponse], frozen=True, kw_only=True):
    """
    Exchange changes of folders.

    Attributes:
        collections: the folders; none with `partial` false asks the cached request again, without a body.
        wait: minutes that the server may wait for changes, 1 to 59.
        heartbeat_interval: the same in seconds, 60 to 3540 (14.0 and later); never both.
        window_size: most changes in the whole answer.
        partial: what is not named is as in the last request.
    """

    name: ClassVar[str] = "Sync"

    collections: tuple[SyncCollection, ...] = ()
    wait: int | None = None
    heartbeat_interval: int | None = None
    window_size: int | None = None
    partial: bool = False

    @property
    def hold(self) -> float:
        """
        Seconds for which the server may hold the request.
        """
        return float(self.heartbeat_interval or (self.wait or 0) * 60)

    def encode(self, version: Version) -> Payload:
        """
        Encode the request; one that repeats the last one has no body.

        Raises:
            LocalProtocolError: it waits in two ways at once.
        """
        if self.wait is not None and self.heartbeat_interval is not None:
            raise LocalProtocolError("a Sync waits by wait or by heartbeat_interval, not by both; leave one out")
        children: list[Any] = []
        if self.collections:
            listed = [part for one in self.collections for part in (AirSync.Collection, one.encode(version))]
            children += (AirSync.Collections, listed)
        if self.wait is not None:
            children += (AirSync.Wait, str(self.wait))
        if self.heartbeat_interval is not None and version >= Version.V14_0:
            children += (AirSync.HeartbeatInterval, str(self.heartbeat_interval))
        if self.window_size is not None:
            children += (AirSync.WindowSize, str(self.window_size))
        if self.partial:
            children += (AirSync.Partial, None)
        return body_of(AirSync.Sync, children) if children else Payload()

    def decode_response(self, payload: Payload, version: Version, notes: Notes) -> SyncResponse:
        """
        Decode the answer.

        Raises:
            UnreadableAnswer: no Sync.
        """
        if not payload.body:
            return SyncResponse(empty=True)
        value = decode_body(self.name, payload, AirSync.Sync, notes)
        classes = {one.collection_id: one.content_class for one in self.collections}
        if len(self.collections) == 1:
            classes[""] = self.collections[0].content_class  # an answer without an id can only mean the one folder
        listed = wbxml.find_all(wbxml.find(value, AirSync.Collections, None), AirSync.Collection)
        return SyncResponse(
            status=status_in(value, AirSync.Status, notes),
            limit=number_in(value, AirSync.Limit, notes),
            collections=tuple(_collection_of(one, classes, notes) for one in listed),
        )

    @classmethod
    def decode(
        cls, payload: Payload, version: Version, notes: Notes, classes: Mapping[str, ContentClass | None] | None = None
    ) -> SyncRequest:
        """
        Decode a request.

        Args:
            payload: the request's body.
            version: the version it is made in.
            notes: receives what could not be read.
            classes: class of the items of each folder, by server id.

        Raises:
            UnreadableAnswer: no Sync.
            MalformedRequest: elements out of order, twice, missing, or with a value that is not allowed.
        """
        from carrierpost.protocol.commands.sync_request import decode_request

        return decode_request(cls, payload, notes, classes or {})


def _collection_of(value: wbxml.Value, classes: Mapping[str, ContentClass | None], notes: Notes) -> CollectionResponse:
    collection_id = text_in(value, AirSync.CollectionId, notes)
    kind = classes.get(collection_id) or content_class_in(value, AirSync.Class)
    return CollectionResponse(
        collection_id=collection_id,
        sync_key=text_in(value, AirSync.SyncKey, notes),
        status=status_in(value, AirSync.Status, notes),
        content_class=kind,
        more_available=wbxml.find(value, AirSync.MoreAvailable) is not wbxml.ABSENT,
        responses=decode_responses(wbxml.find(value, AirSync.Responses, None), kind, notes),
        commands=decode_commands(wbxml.find(value, AirSync.Commands, None), kind, notes),
    )


def _flag(value: bool) -> str:
    return "1" if value else "0"
