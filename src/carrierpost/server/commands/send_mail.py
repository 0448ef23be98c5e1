"""
SendMail as a server does it ([MS-ASCMD] SendMail).
"""

from __future__ import annotations

from carrierpost.protocol.commands.send_mail import SendMailRequest, SendMailResponse
from carrierpost.protocol.message import Payload
from carrierpost.server.commands.context import Context, Refusal

__all__ = ["send_mail"]


async def send_mail(context: Context) -> Payload:
    """
    Deliver a message to its recipients, and keep a copy. A client id that was there before is not sent again.

    Raises:
        Refusal: the message was sent before (118), names an account (166) or is none that can be delivered.
    """
    request = context.read(SendMailRequest.decode)
    if request.client_id and request.client_id in context.device.sent:
        raise Refusal(118)
    if request.account_id:  # a mailbox here is one account, which has no id
        raise Refusal(166)
    status = context.server.post.submit(context.mailbox, request.mime, save=request.save_in_sent)
    if status != 1:
        raise Refusal(status)
    if request.client_id:
        context.device.remember_sent(request.client_id)
    return SendMailResponse().encode(context.version)
