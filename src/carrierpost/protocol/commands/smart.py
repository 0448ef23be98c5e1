"""
SmartReply ([MS-ASCMD] 2.2.1.20) and SmartForward ([MS-ASCMD] 2.2.1.19): answer or pass on a message with the server's
copy of it.

The server adds the original to what the client sends, unless `replace_mime` says that it is in there already. Up to
12.1 the message itself is the body and all else stands in the query.
"""

from __future__ import annotations

import datetime as dt
from typing import Annotated, Any, ClassVar, TypeVar

import msgspec

from carrierpost import wbxml
from carrierpost.protocol import datatypes, record
from carrierpost.protocol.classes import Body, Forwardee
from carrierpost.protocol.commands.send_mail import with_line_ends
from carrierpost.protocol.errors import LocalProtocolError, MalformedRequest
from carrierpost.protocol.message import ContentType, Payload, Request, body_of, decode_body, status_in
from carrierpost.protocol.record import At, Notes, Record
from carrierpost.protocol.version import Version
from carrierpost.wbxml.pages import AirSyncBase, ComposeMail, RightsManagement

__all__ = ["SmartForwardRequest", "SmartReplyRequest", "SmartResponse", "Source"]

S = TypeVar("S", bound="_Smart")


class Source(Record, frozen=True):
    """
    The message that is answered or passed on, known by folder and id or by long id.

    Attributes:
        folder_id: the folder it is in.
        item_id: the message or event.
        long_id: the message as a search named it.
        instance_id: start of the occurrence that is meant, of a series.
    """

    folder_id: Annotated[str | None, At(ComposeMail.FolderId)] = None
    item_id: Annotated[str | None, At(ComposeMail.ItemId)] = None
    long_id: Annotated[str | None, At(ComposeMail.LongId)] = None
    instance_id: Annotated[dt.datetime | None, At(ComposeMail.InstanceId)] = None


class SmartResponse(msgspec.Struct, frozen=True, kw_only=True):
    """
    The answer; success has no body on the wire.

    Attributes:
        command: `SmartReply` or `SmartForward`, which the answer's root is called by.
        status: 1 for success, 118 when it had been sent before; see `carrierpost.protocol.status`.
    """

    command: str
    status: int = 1

    def encode(self, version: Version) -> Payload:
        """
        Encode the answer.
        """
        if self.status == 1:
            return Payload()
        return body_of(_ROOTS[self.command], [ComposeMail.Status, str(self.status)])


_ROOTS = {"SmartReply": ComposeMail.SmartReply, "SmartForward": ComposeMail.SmartForward}


class _Smart(Request[SmartResponse], frozen=True, kw_only=True):
    mime: bytes = b""
    source: Source
    client_id: str = ""
    save_in_sent: bool = True
    replace_mime: bool = False
    account_id: str = ""
    template_id: str = ""

    def encode(self, version: Version) -> Payload:
        """
        Encode the request.

        Raises:
            LocalProtocolError: the version cannot say this, or the client id is missing or too long.
        """
        mime = with_line_ends(self.mime)
        if version < Version.V14_0:
            return Payload(body=mime, content_type=ContentType.MAIL, parameters=self._parameters())
        if not 1 <= len(self.client_id) <= 40:
            raise LocalProtocolError("a message to send needs a client_id of 1 to 40 characters")
        children: list[Any] = [ComposeMail.ClientId, self.client_id]
        if self.account_id and version >= Version.V14_1:
            children += (ComposeMail.AccountId, self.account_id)
        children += (ComposeMail.Source, record.encode(self.source, version))
        return body_of(_ROOTS[self.name], children + self._content(mime, version))

    def _content(self, mime: bytes, version: Version) -> list[Any]:
        children: list[Any] = []
        if self.save_in_sent:
            children += (ComposeMail.SaveInSentItems, None)
        if self.replace_mime:
            children += (ComposeMail.ReplaceMime, None)
        children += (ComposeMail.Mime, mime)
        if self.template_id and version >= Version.V14_1:
            children += (RightsManagement.TemplateID, self.template_id)
        return children

    def _parameters(self) -> tuple[tuple[str, str], ...]:
        if self.replace_mime:
            raise LocalProtocolError("version 12.1 always adds the original; leave replace_mime out, or use SendMail")
        found = {
            "CollectionId": self.source.folder_id,
            "ItemId": self.source.item_id,
            "LongId": self.source.long_id,
            "Occurrence": datatypes.format_dotted(self.source.instance_id) if self.source.instance_id else None,
            "SaveInSent": "T" if self.save_in_sent else None,
        }
        return tuple((name, value) for name, value in found.items() if value)

    @classmethod
    def decode(cls: type[S], payload: Payload, version: Version, notes: Notes) -> S:
        """
        Decode a request of either generation.

        Raises:
            UnreadableAnswer: another root, or no WBXML.
            MalformedRequest: the message, its id or the original is missing, or the occurrence cannot be read.
        """
        if payload.content_type == ContentType.MAIL:
            given = dict(payload.parameters)
            source = Source(
                folder_id=given.get("CollectionId"),
                item_id=given.get("ItemId"),
                long_id=given.get("LongId"),
                instance_id=cls._moment(given["Occurrence"]) if given.get("Occurrence") else None,
            )
            return cls(mime=payload.body, source=source, save_in_sent=given.get("SaveInSent", "F").upper() == "T")
        value = decode_body(cls.name, payload, _ROOTS[cls.name], notes)
        inner = wbxml.find(value, ComposeMail.Source, None)
        source = record.decode(Source, inner, notes)
        if source.instance_id is None and wbxml.find(inner, ComposeMail.InstanceId) is not wbxml.ABSENT:
            raise MalformedRequest(cls.name, 104, "InstanceId is no date and time")
        if not source.long_id and not (source.folder_id and source.item_id):
            raise MalformedRequest(cls.name, 103, "FolderId and ItemId, or LongId, are needed")
        mime, client_id = wbxml.find(value, ComposeMail.Mime, None), wbxml.text(value, ComposeMail.ClientId)
        if isinstance(mime, list) or not client_id:
            raise MalformedRequest(cls.name, 103, "ClientId and a message are needed")
        return cls(
            mime=datatypes.parse_opaque(mime),
            source=source,
            client_id=client_id,
            save_in_sent=wbxml.find(value, ComposeMail.SaveInSentItems) is not wbxml.ABSENT,
            replace_mime=wbxml.find(value, ComposeMail.ReplaceMime) is not wbxml.ABSENT,
            account_id=wbxml.text(value, ComposeMail.AccountId),
            template_id=wbxml.text(value, RightsManagement.TemplateID),
        )

    @classmethod
    def _moment(cls, text: str) -> dt.datetime:
        try:
            return datatypes.parse_datetime(text)
        except ValueError as error:
            raise MalformedRequest(cls.name, 104, str(error)) from None

    def decode_response(self, payload: Payload, version: Version, notes: Notes) -> SmartResponse:
        """
        Decode the answer; an empty body means success.

        Raises:
            UnreadableAnswer: another root, or no WBXML.
        """
        if not payload.body:
            return SmartResponse(command=self.name)
        value = decode_body(self.name, payload, _ROOTS[self.name], notes)
        return SmartResponse(command=self.name, status=status_in(value, ComposeMail.Status, notes))


class SmartReplyRequest(_Smart, frozen=True, kw_only=True):
    """
    Answer a message.

    Attributes:
        mime: the answer, with recipients; lines travel with CR LF.
        source: the message that is answered.
        client_id: names the answer, so that the server knows a repetition; up to 40 characters (14.0 and later).
        save_in_sent: whether the server keeps a copy in Sent Items.
        replace_mime: the original is quoted in `mime` already, the server adds nothing (14.0 and later).
        account_id: the account of a server that has several (14.1 and later).
        template_id: the rights template to protect the message with (14.1 and later).
    """

    name: ClassVar[str] = "SmartReply"


class SmartForwardRequest(_Smart, frozen=True, kw_only=True):
    """
    Pass a message on, or from 16.0 on a meeting to `forwardees`, who then are told by the server without any `mime`.

    Attributes:
        mime: the message around the original, with recipients; lines travel with CR LF.
        source: the message that is passed on.
        client_id: names the message, so that the server knows a repetition; up to 40 characters (14.0 and later).
        save_in_sent: whether the server keeps a copy in Sent Items.
        replace_mime: the original is in `mime` already, the server adds nothing (14.0 and later).
        account_id: the account of a server that has several (14.1 and later).
        template_id: the rights template to protect the message with (14.1 and later).
        forwardees: to whom a meeting is forwarded (16.0 and later).
        body: a text for them (16.0 and later).
    """

    name: ClassVar[str] = "SmartForward"

    forwardees: tuple[Forwardee, ...] = ()
    body: Body | None = None

    def encode(self, version: Version) -> Payload:
        """
        Encode the request.

        Raises:
            LocalProtocolError: the version cannot say this, a meeting is forwarded with a message of ours, or the
                client id is missing or too long.
        """
        if self.forwardees or self.body is not None:
            if version < Version.V16_0:
                raise LocalProtocolError(f"version {version} cannot forward a meeting by the server; send a message")
            if self.mime or self.replace_mime or self.template_id:
                raise LocalProtocolError("a meeting is forwarded by forwardees and body, or by mime, not by both")
        return super().encode(version)

    def _content(self, mime: bytes, version: Version) -> list[Any]:
        if not self.forwardees and self.body is None:
            return super()._content(mime, version)
        listed = [part for one in self.forwardees for part in (ComposeMail.Forwardee, record.encode(one, version))]
        children: list[Any] = [ComposeMail.Forwardees, listed] if listed else []
        if self.body is not None:
            children += (AirSyncBase.Body, record.encode(self.body, version))
        return children

    @classmethod
    def decode(cls, payload: Payload, version: Version, notes: Notes) -> SmartForwardRequest:
        """
        Decode a request of either generation.

        Raises:
            UnreadableAnswer: another root, or no WBXML.
            MalformedRequest: the message, its id or the original is missing, the occurrence cannot be read, or a
                meeting is forwarded in two ways at once.
        """
        request = super().decode(payload, version, notes)
        if payload.content_type == ContentType.MAIL:
            return request
        value = decode_body(cls.name, payload, ComposeMail.SmartForward, Notes())
        listed = wbxml.find_all(wbxml.find(value, ComposeMail.Forwardees, None), ComposeMail.Forwardee)
        body = wbxml.find(value, AirSyncBase.Body)
        if (listed or body is not wbxml.ABSENT) and (request.mime or request.replace_mime or request.template_id):
            raise MalformedRequest(cls.name, 178, "a meeting is forwarded in two ways at once")
        return msgspec.structs.replace(
            request,
            forwardees=tuple(record.decode(Forwardee, one, notes) for one in listed),
            body=None if body is wbxml.ABSENT else record.decode(Body, body, notes),
        )
