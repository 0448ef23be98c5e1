"""
ItemOperations: fetch whole items and attachments, empty folders, move conversations
([MS-ASCMD] 2.2.1.10 ItemOperations).
"""

from __future__ import annotations

from typing import Any, ClassVar

import msgspec

from carrierpost import wbxml
from carrierpost.protocol import datatypes
from carrierpost.protocol.commands.fetch import (
    FetchedItem,
    FetchItem,
    decode_fetch,
    decode_fetched,
    encode_fetch,
    encode_fetched,
)
from carrierpost.protocol.errors import LocalProtocolError, MalformedRequest, UnreadableAnswer
from carrierpost.protocol.message import ContentType, Payload, Request, body_of, decode_body, status_in, text_in
from carrierpost.protocol.multipart import join_parts, split_parts
from carrierpost.protocol.record import Notes
from carrierpost.protocol.version import Version
from carrierpost.wbxml.pages import AirSync, ItemOperations

__all__ = [
    "EmptiedFolder",
    "EmptyFolderContents",
    "FetchItem",
    "FetchedItem",
    "ItemOperationsRequest",
    "ItemOperationsResponse",
    "MoveConversation",
    "MovedConversation",
]


class EmptyFolderContents(msgspec.Struct, frozen=True, kw_only=True):
    """
    A folder to empty, for ever.

    Attributes:
        collection_id: the folder's server id.
        delete_sub_folders: whether the folders inside it go too.
    """

    collection_id: str
    delete_sub_folders: bool = False


class EmptiedFolder(msgspec.Struct, frozen=True, kw_only=True):
    """
    A folder that was emptied, or not.

    Attributes:
        collection_id: the folder's server id.
        status: 1 for success; see `carrierpost.protocol.status`.
    """

    collection_id: str
    status: int = 1


class MoveConversation(msgspec.Struct, frozen=True, kw_only=True):
    """
    A conversation to move, with whatever comes to it later (14.0 and later; [MS-ASCON]).

    Attributes:
        conversation_id: 16 bytes.
        dst_fld_id: server id of the mail folder to move it to.
        move_always: whether later messages follow; servers insist on it.
    """

    conversation_id: bytes
    dst_fld_id: str
    move_always: bool = True


class MovedConversation(msgspec.Struct, frozen=True, kw_only=True):
    """
    A conversation that was moved, or not.

    Attributes:
        conversation_id: 16 bytes.
        status: 1 for success; see `carrierpost.protocol.status`.
    """

    conversation_id: bytes
    status: int = 1


class ItemOperationsResponse(msgspec.Struct, frozen=True, kw_only=True):
    """
    The answer.

    Attributes:
        status: status of the whole, 1 for success.
        fetched: one for each Fetch.
        emptied: one for each folder to empty.
        moved: one for each conversation to move.
    """

    status: int = 1
    fetched: tuple[FetchedItem, ...] = ()
    emptied: tuple[EmptiedFolder, ...] = ()
    moved: tuple[MovedConversation, ...] = ()

    def encode(self, version: Version, *, multipart: bool = False) -> Payload:
        """
        Encode the answer, attachments in parts of their own where `multipart` says so.
        """
        parts: list[bytes] = []
        listed: list[Any] = []
        for folder in self.emptied:
            inner = [ItemOperations.Status, str(folder.status), AirSync.CollectionId, folder.collection_id]
            listed += (ItemOperations.EmptyFolderContents, inner)
        for one in self.fetched:
            listed += (ItemOperations.Fetch, encode_fetched(one, version, parts if multipart else None))
        for moved in self.moved:
            inner = [ItemOperations.Status, str(moved.status), ItemOperations.ConversationId, moved.conversation_id]
            listed += (ItemOperations.Move, inner)
        children: list[Any] = [ItemOperations.Status, str(self.status)]
        if listed:
            children += (ItemOperations.Response, listed)
        payload = body_of(ItemOperations.ItemOperations, children)
        if not multipart:
            return payload
        return Payload(body=join_parts([payload.body, *parts]), content_type=ContentType.MULTIPART)


class ItemOperationsRequest(Request[ItemOperationsResponse], frozen=True, kw_only=True):
    """
    Fetch items and attachments, empty folders, move conversations; at most 100 in all.

    Attributes:
        fetches: what to fetch; some servers want all of them in one folder.
        empties: folders to empty.
        moves: conversations to move (14.0 and later).
        multipart: ask for attachments as they are instead of as base64 text.
    """

    name: ClassVar[str] = "ItemOperations"

    fetches: tuple[FetchItem, ...] = ()
    empties: tuple[EmptyFolderContents, ...] = ()
    moves: tuple[MoveConversation, ...] = ()
    multipart: bool = False

    def encode(self, version: Version) -> Payload:
        """
        Encode the request.

        Raises:
            LocalProtocolError: conversations cannot be moved before 14.0.
        """
        children: list[Any] = []
        for folder in self.empties:
            inner: list[Any] = [AirSync.CollectionId, folder.collection_id]
            if folder.delete_sub_folders:
                inner += (ItemOperations.Options, [ItemOperations.DeleteSubFolders, None])
            children += (ItemOperations.EmptyFolderContents, inner)
        for one in self.fetches:
            children += (ItemOperations.Fetch, encode_fetch(one, version))
        if self.moves and version < Version.V14_0:
            raise LocalProtocolError(f"version {version} cannot move conversations; move their messages instead")
        for move in self.moves:
            children += (ItemOperations.Move, _encode_move(move))
        payload = body_of(ItemOperations.ItemOperations, children)
        return msgspec.structs.replace(payload, accept_multipart=self.multipart)

    @classmethod
    def decode(cls, payload: Payload, version: Version, notes: Notes) -> ItemOperationsRequest:
        """
        Decode a request.

        Raises:
            UnreadableAnswer: no ItemOperations.
            MalformedRequest: there is nothing to do.
        """
        value = decode_body(cls.name, payload, ItemOperations.ItemOperations, notes)
        request = cls(
            fetches=tuple(decode_fetch(one, notes) for one in wbxml.find_all(value, ItemOperations.Fetch)),
            empties=tuple(
                _decode_empty(one, notes) for one in wbxml.find_all(value, ItemOperations.EmptyFolderContents)
            ),
            moves=tuple(_decode_move(one, notes) for one in wbxml.find_all(value, ItemOperations.Move)),
            multipart=payload.accept_multipart,
        )
        if not (request.fetches or request.empties or request.moves):
            raise MalformedRequest(cls.name, 2, "there is nothing to do")
        return request

    def decode_response(self, payload: Payload, version: Version, notes: Notes) -> ItemOperationsResponse:
        """
        Decode an inline or multipart answer.

        Raises:
            UnreadableAnswer: no ItemOperations, or broken parts.
        """
        parts: list[bytes] = []
        if payload.content_type == ContentType.MULTIPART:
            try:
                first, *parts = split_parts(payload.body)
            except ValueError as error:
                raise UnreadableAnswer(self.name, str(error)) from error
            payload = Payload(body=first)
        if not payload.body:
            return ItemOperationsResponse()
        value = decode_body(self.name, payload, ItemOperations.ItemOperations, notes)
        answers = wbxml.find(value, ItemOperations.Response, None)
        classes = {(one.collection_id, one.server_id): one.content_class for one in self.fetches}
        return ItemOperationsResponse(
            status=status_in(value, ItemOperations.Status, notes),
            fetched=tuple(
                decode_fetched(one, parts, classes, notes) for one in wbxml.find_all(answers, ItemOperations.Fetch)
            ),
            emptied=tuple(
                EmptiedFolder(
                    collection_id=text_in(one, AirSync.CollectionId, notes),
                    status=status_in(one, ItemOperations.Status, notes),
                )
                for one in wbxml.find_all(answers, ItemOperations.EmptyFolderContents)
            ),
            moved=tuple(
                MovedConversation(
                    conversation_id=_conversation(one, notes), status=status_in(one, ItemOperations.Status, notes)
                )
                for one in wbxml.find_all(answers, ItemOperations.Move)
            ),
        )


def _decode_empty(value: wbxml.Value, notes: Notes) -> EmptyFolderContents:
    options = wbxml.find(value, ItemOperations.Options, None)
    return EmptyFolderContents(
        collection_id=text_in(value, AirSync.CollectionId, notes),
        delete_sub_folders=wbxml.find(options, ItemOperations.DeleteSubFolders) is not wbxml.ABSENT,
    )


def _encode_move(move: MoveConversation) -> list[Any]:
    children: list[Any] = [ItemOperations.ConversationId, move.conversation_id]
    children += (ItemOperations.DstFldId, move.dst_fld_id)
    if move.move_always:
        children += (ItemOperations.Options, [ItemOperations.MoveAlways, None])
    return children


def _decode_move(value: wbxml.Value, notes: Notes) -> MoveConversation:
    options = wbxml.find(value, ItemOperations.Options, None)
    return MoveConversation(
        conversation_id=_conversation(value, notes),
        dst_fld_id=text_in(value, ItemOperations.DstFldId, notes),
        move_always=wbxml.find(options, ItemOperations.MoveAlways) is not wbxml.ABSENT,
    )


def _conversation(value: wbxml.Value, notes: Notes) -> bytes:
    try:
        return datatypes.parse_opaque(wbxml.find(value, ItemOperations.ConversationId, None))
    except ValueError as error:
        notes.add(ItemOperations.ConversationId, str(error))
        return b""
