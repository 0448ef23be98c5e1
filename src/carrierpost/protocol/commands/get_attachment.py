"""
GetAttachment: an attachment's bytes, as 12.1 fetches them ([MS-ASCMD] 2.2.1.7 GetAttachment).

Its name travels in the query and the answer is nothing but the bytes. From 14.0 on ItemOperations does this.
"""

from __future__ import annotations

from typing import ClassVar

import msgspec

from carrierpost.protocol.errors import LocalProtocolError, MalformedRequest
from carrierpost.protocol.message import Payload, Request
from carrierpost.protocol.record import Notes
from carrierpost.protocol.version import Version

__all__ = ["GetAttachmentRequest", "GetAttachmentResponse"]


class GetAttachmentResponse(msgspec.Struct, frozen=True, kw_only=True):
    """
    The answer; refusals are HTTP statuses.

    Attributes:
        content: the attachment's bytes.
    """

    content: bytes = b""

    def encode(self, version: Version) -> Payload:
        """
        Encode the answer.
        """
        return Payload(body=self.content)


class GetAttachmentRequest(Request[GetAttachmentResponse], frozen=True, kw_only=True):
    """
    Fetch an attachment.

    Attributes:
        file_reference: which one.
    """

    name: ClassVar[str] = "GetAttachment"

    file_reference: str

    def encode(self, version: Version) -> Payload:
        """
        Encode the request, which has no body.

        Raises:
            LocalProtocolError: 14.0 and later do not know the command.
        """
        if version >= Version.V14_0:
            raise LocalProtocolError(f"version {version} has no GetAttachment; fetch with ItemOperations")
        return Payload(parameters=(("AttachmentName", self.file_reference),))

    @classmethod
    def decode(cls, payload: Payload, version: Version, notes: Notes) -> GetAttachmentRequest:
        """
        Decode a request.

        Raises:
            MalformedRequest: it is not said which attachment is meant.
        """
        found = dict(payload.parameters).get("AttachmentName", "")
        if not found:
            raise MalformedRequest(cls.name, 103, "AttachmentName is missing")
        return cls(file_reference=found)

    def decode_response(self, payload: Payload, version: Version, notes: Notes) -> GetAttachmentResponse:
        """
        Decode the answer.
        """
        return GetAttachmentResponse(content=payload.body)
