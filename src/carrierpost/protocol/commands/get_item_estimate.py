"""
GetItemEstimate: how many changes a folder has ([MS-ASCMD] 2.2.1.9 GetItemEstimate).
"""

from __future__ import annotations

from typing import Any, ClassVar

import msgspec

from carrierpost import wbxml
from carrierpost.protocol import datatypes
from carrierpost.protocol.classes import ContentClass
from carrierpost.protocol.commands.sync import FilterType
from carrierpost.protocol.commands.sync_items import content_class_in
from carrierpost.protocol.errors import MalformedRequest
from carrierpost.protocol.message import Payload, Request, body_of, decode_body, number_in, status_in
from carrierpost.protocol.record import Notes
from carrierpost.protocol.version import Version
from carrierpost.wbxml.pages import AirSync
from carrierpost.wbxml.pages import GetItemEstimate as Page

__all__ = ["Estimate", "EstimateCollection", "GetItemEstimateRequest", "GetItemEstimateResponse"]


class EstimateCollection(msgspec.Struct, frozen=True, kw_only=True):
    """
    A folder to estimate.

    Attributes:
        collection_id: the folder's server id.
        sync_key: the key of its last Sync; `"0"` has no estimate.
        content_class: the class of its items; needed by 12.1.
        filter_type: how far back.
        conversation_mode: also all mail of the conversations found (14.0 and later).
        max_items: most items; only for the recipient cache (14.0 and later).
    """

    collection_id: str
    sync_key: str
    content_class: ContentClass = ContentClass.EMAIL
    filter_type: FilterType = FilterType.ALL
    conversation_mode: bool | None = None
    max_items: int | None = None


def _later(one: EstimateCollection) -> list[Any]:
    """
    Write a folder as 14.0 and later want it.
    """
    children: list[Any] = [AirSync.SyncKey, one.sync_key, Page.CollectionId, one.collection_id]
    if one.conversation_mode is not None:
        children += (AirSync.ConversationMode, "1" if one.conversation_mode else "0")
    options = [AirSync.FilterType, str(int(one.filter_type))]
    if one.max_items is not None:
        options += [AirSync.MaxItems, str(one.max_items)]
    return [*children, AirSync.Options, options]


class Estimate(msgspec.Struct, frozen=True, kw_only=True):
    """
    The estimate of one folder.

    Attributes:
        collection_id: the folder's server id.
        status: 1 for success, 2 no such folder, 3 not synchronized yet, 4 wrong key.
        estimate: how many changes there are; rough, and on some servers capped.
    """

    collection_id: str
    status: int = 1
    estimate: int = 0


class GetItemEstimateResponse(msgspec.Struct, frozen=True, kw_only=True):
    """
    The answer.

    Attributes:
        status: status of the whole where it stands alone, else 1.
        estimates: one for each folder.
    """

    status: int = 1
    estimates: tuple[Estimate, ...] = ()

    def encode(self, version: Version) -> Payload:
        """
        Encode the answer.
        """
        children: list[Any] = []
        if self.status != 1:
            children += (Page.Status, str(self.status))
        for one in self.estimates:
            collection = [Page.CollectionId, one.collection_id, Page.Estimate, str(one.estimate)]
            inner = [Page.Status, str(one.status)]
            if one.status == 1:
                inner += [Page.Collection, collection]
            children += (Page.Response, inner)
        return body_of(Page.GetItemEstimate, children)


class GetItemEstimateRequest(Request[GetItemEstimateResponse], frozen=True, kw_only=True):
    """
    Ask how many changes wait in folders.

    Attributes:
        collections: the folders, at most 1000.
    """

    name: ClassVar[str] = "GetItemEstimate"

    collections: tuple[EstimateCollection, ...]

    def encode(self, version: Version) -> Payload:
        """
        Encode the request: 12.1 wants the class and an own order, later versions the options of Sync.
        """
        listed: list[Any] = []
        for one in self.collections:
            if version < Version.V14_0:
                inner: list[Any] = [
                    Page.Class, str(one.content_class), Page.CollectionId, one.collection_id,
                    AirSync.FilterType, str(int(one.filter_type)), AirSync.SyncKey, one.sync_key,
                ]  # fmt: skip
            else:
                inner = _later(one)
            listed += (Page.Collection, inner)
        return body_of(Page.GetItemEstimate, [Page.Collections, listed])

    @classmethod
    def decode(cls, payload: Payload, version: Version, notes: Notes) -> GetItemEstimateRequest:
        """
        Decode a request of either form.

        Raises:
            UnreadableAnswer: no GetItemEstimate.
            MalformedRequest: a folder without id or key, or with a filter that does not exist.
        """
        value = decode_body(cls.name, payload, Page.GetItemEstimate, notes)
        found = []
        for one in wbxml.find_all(wbxml.find(value, Page.Collections, None), Page.Collection):
            options = wbxml.find(one, AirSync.Options, one)
            mode = wbxml.find(one, AirSync.ConversationMode)
            key, folder = wbxml.text(one, AirSync.SyncKey), wbxml.text(one, Page.CollectionId)
            if not key or not folder:
                raise MalformedRequest(cls.name, 103, "each collection needs SyncKey and CollectionId")
            found.append(
                EstimateCollection(
                    collection_id=folder,
                    sync_key=key,
                    content_class=content_class_in(one, Page.Class) or ContentClass.EMAIL,
                    filter_type=_filter(options),
                    conversation_mode=None if mode is wbxml.ABSENT else mode != "0",
                    max_items=number_in(options, AirSync.MaxItems, notes),
                )
            )
        return cls(collections=tuple(found))

    def decode_response(self, payload: Payload, version: Version, notes: Notes) -> GetItemEstimateResponse:
        """
        Decode the answer. Folders are answered in the order of the request, where the server does not name them.

        Raises:
            UnreadableAnswer: no GetItemEstimate.
        """
        if not payload.body:
            return GetItemEstimateResponse()
        value = decode_body(self.name, payload, Page.GetItemEstimate, notes)
        estimates = []
        for place, one in enumerate(wbxml.find_all(value, Page.Response)):
            inner = wbxml.find(one, Page.Collection, None)
            asked = self.collections[place].collection_id if place < len(self.collections) else ""
            estimates.append(
                Estimate(
                    collection_id=wbxml.text(inner, Page.CollectionId, asked),
                    status=status_in(one, Page.Status, notes),
                    estimate=number_in(inner, Page.Estimate, notes) or 0,
                )
            )
        return GetItemEstimateResponse(status=status_in(value, Page.Status, notes), estimates=tuple(estimates))


def _filter(options: wbxml.Value) -> FilterType:
    try:
        return FilterType(datatypes.parse_integer(wbxml.text(options, AirSync.FilterType, "0")))
    except ValueError as error:
        raise MalformedRequest("GetItemEstimate", 103, str(error)) from None
