"""
A message made complete, and sent there and then by way of the outbox, which knows what may have gone out.
"""

from __future__ import annotations

import copy
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime

from carrierpost.bootstrap import Hub
from carrierpost.client.errors import ClientError
from carrierpost.engine import AccountRunner, Editor, EditRefused, EngineError
from carrierpost.engine.context import Context
from carrierpost.engine.sending import send_message
from carrierpost.model import OutboxEntry, OutboxState
from carrierpost.protocol.errors import ProtocolError
from carrierpost.store.contract import Store

__all__ = ["SendUnsure", "completed", "send_now"]


class SendUnsure(EngineError):
    """
    The answer to a message was lost, so it may have gone out or not. It stays in the outbox: the next `sync` looks for
    it in Sent Items, and nothing sends it again by itself.
    """


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


async def send_now(store: Store, runner: AccountRunner, editor: Editor, mime: bytes, *, save_in_sent: bool) -> None:
    """
    Send a message that is complete, while the runner does not work. What did not go out leaves the outbox again.

    Raises:
        EditRefused: the server refused the message; says why.
        SendUnsure: nobody can tell whether it went out.
        ClientError, ProtocolError: the server could not be asked, or refused the account.
    """
    entry = await editor.send(mime, save_in_sent=save_in_sent)

    async def send(context: Context) -> None:
        await send_message(context, entry)

    try:
        await runner.ask(send)
    except (ClientError, ProtocolError) as error:
        left = await _left(store, entry)
        if left is not None and left.state is OutboxState.SENDING:
            raise SendUnsure(f"it is not known whether the message went out: {error}") from error
        if left is not None:
            await editor.drop(entry.id)
        raise
    left = await _left(store, entry)
    if left is None:
        return
    if left.state is not OutboxState.REFUSED:
        raise SendUnsure("it is not known whether the message went out: the server's answer cannot be read")
    await editor.drop(entry.id)
    raise EditRefused(left.reason)


async def _left(store: Store, entry: OutboxEntry) -> OutboxEntry | None:
    return next((one for one in await store.outbox(entry.account_id) if one.id == entry.id), None)
