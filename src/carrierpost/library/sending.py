"""
A message made complete, and sent.
"""

from __future__ import annotations

import copy
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime

from carrierpost.bootstrap import Hub
from carrierpost.engine.context import Context
from carrierpost.protocol.commands.send_mail import SendMailRequest
from carrierpost.protocol.errors import StatusError
from carrierpost.protocol.status import Action, outcome

__all__ = ["completed", "send_message"]


def completed(message: EmailMessage, address: str, hub: Hub) -> bytes:
    """
    Write a message, with sender, date and message id where it has none; the message itself stays as it is.
    """
    whole = copy.deepcopy(message)
    if "From" not in whole:
        whole["From"] = address
    if "Date" not in whole:
        whole["Date"] = format_datetime(hub.clock.now())
    if "Message-ID" not in whole:
        whole["Message-ID"] = f"<{hub.chance.getrandbits(128):032x}@{address.rpartition('@')[2]}>"
    return whole.as_bytes(policy=SMTP)


async def send_message(context: Context, mime: bytes, *, save_in_sent: bool = True) -> None:
    """
    Send a message that is complete; a server that says it had been sent before has it.

    Raises:
        ClientError, ProtocolError: no answer came, or the server refused.
    """
    request = SendMailRequest(mime=mime, client_id=f"{context.chance.getrandbits(128):032x}", save_in_sent=save_in_sent)
    answer = await context.session.send(request)
    if outcome("SendMail", answer.status).action is not Action.NONE:
        raise StatusError("SendMail", answer.status)
