"""
Find: look for mail or people at the server, in 16.1 ([MS-ASCMD] 2.2.1.2 Find).

Unlike the results of Search, those of Find are named by folder and server id, so that what a client holds already is
known again.
"""

from __future__ import annotations

import datetime as dt
from typing import Annotated, Any, ClassVar

import msgspec

from carrierpost import wbxml
from carrierpost.protocol import datatypes, record
from carrierpost.protocol.classes import ContentClass, Importance
from carrierpost.protocol.classes.gal import GALEntry
from carrierpost.protocol.commands.looking import PictureLimits, SearchStore, decode_pictures, encode_pictures
from carrierpost.protocol.commands.sync_items import content_class_in
from carrierpost.protocol.errors import LocalProtocolError, MalformedRequest
from carrierpost.protocol.message import Payload, Request, body_of, decode_body, number_in, status_in, text_in
from carrierpost.protocol.record import At, Notes, Record
from carrierpost.protocol.version import Version
from carrierpost.wbxml.pages import GAL, AirSync, Email, Email2, Find, ItemOperations, page_of

__all__ = ["FindGAL", "FindMail", "FindRequest", "FindResponse", "FindResult", "FoundMail"]

MOST = 999
"""The last result that can be asked for."""


class FindMail(msgspec.Struct, frozen=True, kw_only=True):
    """
    Mail to look for.

    Attributes:
        store: the mailbox.
        free_text: what is looked for, in the keyword query language (words, `from:ada`, `subject:tea`).
        collection_id: the folder; empty for the whole mailbox.
        deep_traversal: look into the folders below as well.
    """

    store: ClassVar[SearchStore] = SearchStore.MAILBOX

    free_text: str
    collection_id: str = ""
    deep_traversal: bool = False


class FindGAL(msgspec.Struct, frozen=True, kw_only=True):
    """
    People to look for in the address list.

    Attributes:
        store: the address list.
        text: the beginning of a word of name, address and so on.
        picture: pictures are wanted.
    """

    store: ClassVar[SearchStore] = SearchStore.GAL

    text: str
    picture: PictureLimits | None = None


class FoundMail(Record, frozen=True):
    """
    A message that was found.

    Attributes:
        subject: subject.
        date_received: when it came.
        display_to: names of the recipients.
        display_cc: names of those who got a copy.
        display_bcc: names of those who got a blind copy.
        importance: importance.
        read: whether it is read.
        is_draft: whether it is a draft.
        preview: how its text begins, up to 255 characters.
        has_attachments: whether it has attachments.
        from_: the author.
    """

    subject: Annotated[str | None, At(Email.Subject)] = None
    date_received: Annotated[dt.datetime | None, At(Email.DateReceived)] = None
    display_to: Annotated[str | None, At(Email.DisplayTo)] = None
    display_cc: Annotated[str | None, At(Find.DisplayCc)] = None
    display_bcc: Annotated[str | None, At(Find.DisplayBcc)] = None
    importance: Annotated[Importance | None, At(Email.Importance)] = None
    read: Annotated[bool | None, At(Email.Read)] = None
    is_draft: Annotated[bool | None, At(Email2.IsDraft)] = None
    preview: Annotated[str | None, At(Find.Preview)] = None
    has_attachments: Annotated[bool | None, At(Find.HasAttachments)] = None
    from_: Annotated[str | None, At(Email.From)] = None


class FindResult(msgspec.Struct, frozen=True, kw_only=True):
    """
    Something that was found.

    Attributes:
        content_class: the class of an item.
        server_id: the item.
        collection_id: its folder.
        mail: what the message looks like.
        person: a person of the address list.
    """

    content_class: ContentClass | None = None
    server_id: str = ""
    collection_id: str = ""
    mail: FoundMail | None = None
    person: GALEntry | None = None


class FindResponse(msgspec.Struct, frozen=True, kw_only=True):
    """
    The answer.

    Attributes:
        status: status of the whole, 1 for success; see `carrierpost.protocol.status`.
        store: where was looked.
        store_status: status of the search itself, 1 for success.
        results: what was found, within the range.
        range: first and last result that are here, inclusive; `None` when nothing was found.
        total: how many there are in all; `None` when not told.
    """

    status: int = 1
    store: SearchStore = SearchStore.MAILBOX
    store_status: int = 1
    results: tuple[FindResult, ...] = ()
    range: tuple[int, int] | None = None
    total: int | None = None

    def encode(self, version: Version) -> Payload:
        """
        Encode the answer.
        """
        children: list[Any] = [Find.Status, str(self.status)]
        if self.status == 1:
            inner: list[Any] = [ItemOperations.Store, str(self.store), Find.Status, str(self.store_status)]
            if self.store_status == 1:
                inner += [part for one in self.results for part in (Find.Result, _encode_result(one, version))]
                if self.range is not None:
                    inner += (Find.Range, datatypes.format_range(self.range))
                if self.total is not None:
                    inner += (Find.Total, str(self.total))
            children += (Find.Response, inner)
        return body_of(Find.Find, children)


class FindRequest(Request[FindResponse], frozen=True, kw_only=True):
    """
    Look for something, or turn the page of what was found.

    Attributes:
        search_id: names the search, a UUID as text; the same while pages are turned.
        criterion: what is looked for, which also says where.
        range: first and last result wanted, inclusive, within 0 to 999; the first page begins with 0.
    """

    name: ClassVar[str] = "Find"

    search_id: str
    criterion: FindMail | FindGAL
    range: tuple[int, int] | None = None

    def encode(self, version: Version) -> Payload:
        """
        Encode the request.

        Raises:
            LocalProtocolError: versions before 16.1 do not know the command, or the range is none.
        """
        if version < Version.V16_1:
            raise LocalProtocolError(f"version {version} has no Find; look with Search")
        if self.range is not None and not 0 <= self.range[0] <= self.range[1] <= MOST:
            raise LocalProtocolError(f"results are counted from 0 to {MOST}, first before last")
        children: list[Any] = [Find.SearchId, self.search_id]
        return body_of(Find.Find, [*children, Find.ExecuteSearch, _encode_criterion(self.criterion, self.range)])

    @classmethod
    def decode(cls, payload: Payload, version: Version, notes: Notes) -> FindRequest:
        """
        Decode a request.

        Raises:
            UnreadableAnswer: no Find.
            MalformedRequest: the search has no id, it is not said what to look for, or the range is none.
        """
        value = decode_body(cls.name, payload, Find.Find, notes)
        search_id = wbxml.text(value, Find.SearchId)
        asked = wbxml.find(value, Find.ExecuteSearch, None)
        mail, people = (wbxml.find(asked, tag) for tag in (Find.MailBoxSearchCriterion, Find.GalSearchCriterion))
        if not search_id or (mail is wbxml.ABSENT) == (people is wbxml.ABSENT):
            raise MalformedRequest(cls.name, 2, "SearchId and one criterion are needed")
        options = wbxml.find(mail if people is wbxml.ABSENT else people, Find.Options, None)
        return cls(
            search_id=search_id,
            criterion=_mail_of(mail, options) if people is wbxml.ABSENT else _people_of(people, options, notes),
            range=_range_of(options),
        )

    def decode_response(self, payload: Payload, version: Version, notes: Notes) -> FindResponse:
        """
        Decode the answer.

        Raises:
            UnreadableAnswer: no Find.
        """
        value = decode_body(self.name, payload, Find.Find, notes)
        inner = wbxml.find(value, Find.Response, None)
        named = wbxml.text(inner, ItemOperations.Store)
        return FindResponse(
            status=status_in(value, Find.Status, notes),
            store=SearchStore(named) if named in set(SearchStore) else self.criterion.store,
            store_status=status_in(inner, Find.Status, notes),
            results=tuple(_decode_result(one, notes) for one in wbxml.find_all(inner, Find.Result) if one),
            range=datatypes.parse_range(wbxml.text(inner, Find.Range)),
            total=number_in(inner, Find.Total, notes),
        )


def _encode_criterion(criterion: FindMail | FindGAL, span: tuple[int, int] | None) -> list[Any]:
    options: list[Any] = [] if span is None else [Find.Range, datatypes.format_range(span)]
    if isinstance(criterion, FindMail):
        query: Any = [Find.FreeText, criterion.free_text, AirSync.Class, str(ContentClass.EMAIL)]
        if criterion.collection_id:
            query += (AirSync.CollectionId, criterion.collection_id)
        if criterion.deep_traversal:
            options += (Find.DeepTraversal, None)
        tag = Find.MailBoxSearchCriterion
    else:
        query, tag = criterion.text, Find.GalSearchCriterion
        if criterion.picture is not None:
            options += encode_pictures(Find, criterion.picture)
    children: list[Any] = [Find.Query, query]
    return [tag, [*children, Find.Options, options] if options else children]


def _mail_of(value: wbxml.Value, options: wbxml.Value) -> FindMail:
    query = wbxml.find(value, Find.Query, None)
    text, folder = wbxml.text(query, Find.FreeText), wbxml.text(query, AirSync.CollectionId)
    if not text.strip():
        raise MalformedRequest(FindRequest.name, 2, "it is not said what to look for")
    deep = wbxml.find(options, Find.DeepTraversal) is not wbxml.ABSENT
    return FindMail(free_text=text, collection_id=folder, deep_traversal=deep)


def _people_of(value: wbxml.Value, options: wbxml.Value, notes: Notes) -> FindGAL:
    text = wbxml.text(value, Find.Query)
    if not text.strip():
        raise MalformedRequest(FindRequest.name, 2, "it is not said whom to look for")
    return FindGAL(text=text, picture=decode_pictures(Find, options, notes))


def _range_of(options: wbxml.Value) -> tuple[int, int] | None:
    if wbxml.find(options, Find.Range) is wbxml.ABSENT:
        return None
    span = datatypes.parse_range(wbxml.text(options, Find.Range))
    if span is None or not span[0] <= span[1] <= MOST:
        raise MalformedRequest(FindRequest.name, 2, f"the range is none within 0 to {MOST}")
    return span


def _encode_result(one: FindResult, version: Version) -> list[Any]:
    children: list[Any] = []
    if one.content_class is not None:
        children += (AirSync.Class, str(one.content_class))
    if one.server_id:
        children += (AirSync.ServerId, one.server_id)
    if one.collection_id:
        children += (AirSync.CollectionId, one.collection_id)
    properties: list[Any] = [] if one.mail is None else record.encode(one.mail, version)
    properties += [] if one.person is None else record.encode(one.person, version)
    return [*children, Find.Properties, properties] if properties else children


def _decode_result(value: wbxml.Value, notes: Notes) -> FindResult:
    properties = wbxml.find(value, Find.Properties, None)
    person = any(page_of(tag) == page_of(GAL.DisplayName) for tag, _ in wbxml.pairs(properties))
    return FindResult(
        content_class=content_class_in(value, AirSync.Class),
        server_id=text_in(value, AirSync.ServerId, notes),
        collection_id=text_in(value, AirSync.CollectionId, notes),
        mail=record.decode(FoundMail, properties, notes) if properties and not person else None,
        person=record.decode(GALEntry, properties, notes) if person else None,
    )
