"""
GetAttachment as a server does it, for 12.1 ([MS-ASCMD] GetAttachment). Later versions do not have it.
"""

from __future__ import annotations

from carrierpost.protocol.commands.get_attachment import GetAttachmentRequest
from carrierpost.protocol.message import Payload
from carrierpost.protocol.version import Version
from carrierpost.server.answers import FilePayload
from carrierpost.server.commands.context import Context, Refusal

__all__ = ["get_attachment"]


async def get_attachment(context: Context) -> Payload:
    """
    Give an attachment's bytes, and nothing else.

    Raises:
        Refusal: the version does not have the command (137), or there is no such attachment (110).
    """
    if context.version >= Version.V14_0:
        raise Refusal(137)
    request = context.read(GetAttachmentRequest.decode, may_be_empty=True)
    attached = context.mailbox.find_attached(request.file_reference)
    if attached is None:
        raise Refusal(110)
    return FilePayload(body=attached.content, media_type=attached.content_type)
