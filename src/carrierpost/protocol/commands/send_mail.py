"""
SendMail: send a message that the client has made ([MS-ASCMD] 2.2.1.17 SendMail).
"""

from __future__ import annotations

import re
from typing import ClassVar

import msgspec

from carrierpost import wbxml
from carrierpost.protocol.errors import LocalProtocolError, MalformedRequest
from carrierpost.protocol.message import ContentType, Payload, Request, body_of, decode_body, status_in
from carrierpost.protocol.record import Notes
from carrierpost.protocol.version import Version
from carrierpost.wbxml.pages import ComposeMail, RightsManagement

__all__ = ["SendMailRequest", "SendMailResponse", "with_line_ends"]

_BARE_LINE_FEED = re.compile(rb"(?<!\r)\n")


def with_line_ends(mime: bytes) -> bytes:
    """
    End a message's lines with CR LF where they end in a bare line feed.
    """
    return _BARE_LINE_FEED.sub(b"\r\n", mime)


class SendMailResponse(msgspec.Struct, frozen=True, kw_only=True):
    """
    The answer; success has no body on the wire.

    Attributes:
        status: 1 for success, 118 when it had been sent before; see `carrierpost.protocol.status`.
    """

    status: int = 1

    def encode(self, version: Version) -> Payload:
        """
        Encode the answer.
        """
        if self.status == 1:
            return Payload()
        return body_of(ComposeMail.SendMail, [ComposeMail.Status, str(self.status)])


class SendMailRequest(Request[SendMailResponse], frozen=True, kw_only=True):
    """
    Send a message.

    Attributes:
        mime: the whole message, with recipients; the server takes a Bcc header out. Lines that end in a bare line feed
            travel with CR LF, as mail has them: at least one server loses the header of a message without.
        client_id: names it, so that the server knows a repetition; up to 40 characters (14.0 and later).
        save_in_sent: whether the server keeps a copy in Sent Items.
        account_id: the account of a server that has several (14.1 and later).
        template_id: the rights template to protect the message with (14.1 and later).
    """

    name: ClassVar[str] = "SendMail"

    mime: bytes
    client_id: str = ""
    save_in_sent: bool = True
    account_id: str = ""
    template_id: str = ""

    def encode(self, version: Version) -> Payload:
        """
        Encode the request: 12.1 sends the message as the body, later versions inside WBXML.

        Raises:
            LocalProtocolError: the client id is missing or too long.
        """
        mime = with_line_ends(self.mime)
        if version < Version.V14_0:
            parameters = (("SaveInSent", "T"),) if self.save_in_sent else ()
            return Payload(body=mime, content_type=ContentType.MAIL, parameters=parameters)
        if not 1 <= len(self.client_id) <= 40:
            raise LocalProtocolError("a message to send needs a client_id of 1 to 40 characters")
        children: list[object] = [ComposeMail.ClientId, self.client_id]
        if self.account_id and version >= Version.V14_1:
            children += (ComposeMail.AccountId, self.account_id)
        if self.save_in_sent:
            children += (ComposeMail.SaveInSentItems, None)
        children += (ComposeMail.Mime, mime)
        if self.template_id and version >= Version.V14_1:
            children += (RightsManagement.TemplateID, self.template_id)
        return body_of(ComposeMail.SendMail, children)

    @classmethod
    def decode(cls, payload: Payload, version: Version, notes: Notes) -> SendMailRequest:
        """
        Decode a request of either generation.

        Raises:
            UnreadableAnswer: no SendMail.
            MalformedRequest: there is no message, or no client id.
        """
        if payload.content_type == ContentType.MAIL:
            saved = dict(payload.parameters).get("SaveInSent", "F").upper() == "T"
            return cls(mime=payload.body, save_in_sent=saved)
        value = decode_body(cls.name, payload, ComposeMail.SendMail, notes)
        mime = wbxml.find(value, ComposeMail.Mime, None)
        client_id = wbxml.text(value, ComposeMail.ClientId)
        if not mime or isinstance(mime, list):
            raise MalformedRequest(cls.name, 107, "there is no message")
        if not client_id:
            raise MalformedRequest(cls.name, 103, "ClientId is missing")
        return cls(
            mime=mime if isinstance(mime, bytes) else mime.encode(),
            client_id=client_id,
            save_in_sent=wbxml.find(value, ComposeMail.SaveInSentItems) is not wbxml.ABSENT,
            account_id=wbxml.text(value, ComposeMail.AccountId),
            template_id=wbxml.text(value, RightsManagement.TemplateID),
        )

    def decode_response(self, payload: Payload, version: Version, notes: Notes) -> SendMailResponse:
        """
        Decode the answer; an empty body means success.

        Raises:
            UnreadableAnswer: no SendMail.
        """
        if not payload.body:
            return SendMailResponse()
        value = decode_body(self.name, payload, ComposeMail.SendMail, notes)
        return SendMailResponse(status=status_in(value, ComposeMail.Status, notes))
