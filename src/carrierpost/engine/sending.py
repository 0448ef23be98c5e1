"""
Sending mail: once.

A message whose answer was lost may have gone out. It is never repeated by itself: the Sent folder is synchronized and
looked through for it, for some minutes. Found, it is settled; not found, its fate is unknown, and a person decides. It
keeps its client id whatever happens, so that a server that remembers it answers a repetition with "sent before".
"""

from __future__ import annotations

import datetime as dt
import email
import email.header
import email.message
import email.policy

from carrierpost.client.errors import ClientError
from carrierpost.engine.context import Context
from carrierpost.engine.events import Phase
from carrierpost.engine.request import unsynchronized
from carrierpost.model import Collection, OutboxEntry, OutboxState, Progress, SendIntent, SendMode
from carrierpost.model.intent import intent_of
from carrierpost.protocol.classes import Email
from carrierpost.protocol.commands.folder_sync import FolderType
from carrierpost.protocol.commands.send_mail import SendMailRequest
from carrierpost.protocol.commands.smart import SmartForwardRequest, SmartReplyRequest, Source
from carrierpost.protocol.errors import HTTPStatusError, LocalProtocolError, StatusError, UnreadableAnswer
from carrierpost.protocol.status import outcome
from carrierpost.protocol.text import split_addresses
from carrierpost.protocol.version import Version
from carrierpost.store.errors import NotHeld

__all__ = ["UNKNOWN", "is_copy", "send_message"]

UNKNOWN = (
    "the answer was lost, and the message is not in Sent Items: nobody can tell whether it went out. Ask a recipient, "
    "then drop it or have it sent again"
)
_SENT_BEFORE = 118
_ABOUT_THE_MESSAGE = frozenset(
    {*range(101, 108), 115, *range(116, 123), 146, 147, 150, *range(166, 173), 178, 179, 183}
)
"""Statuses that are the message's own fault; others concern the account, and the message waits ([MS-ASCMD] Status)."""
_REFUSING = frozenset({400, 403, 404, 413, 501, 507})
"""HTTP statuses by which 12.1 says that a message was not sent."""
_WAIT = 20.0  # seconds between two looks into the Sent folder
_PATIENCE = 600.0  # seconds after which it is not looked for any more
_SLACK = dt.timedelta(minutes=10)  # by how much the clocks of server and hub may differ


async def send_message(context: Context, entry: OutboxEntry) -> None:
    """
    Send a message, or find out whether it was sent.

    Args:
        context: the account at work.
        entry: the message.

    Raises:
        ClientError: the server did not answer; if the request may have arrived, the message is looked for from now on.
        ProtocolError: the server refused the whole account.
    """
    if entry.state is OutboxState.SENDING:
        await _look_for(context, entry)
        return
    context.tell(Phase("sending a message"))
    store = context.store
    marked = await store.mark_sending([entry.id])
    if not marked:
        return
    try:
        status = await _post(context, entry)
    except (NotHeld, LocalProtocolError, ValueError) as error:
        await store.mark_outbox(entry.id, OutboxState.REFUSED, str(error))
        return
    except ClientError as error:
        if not error.sent:
            await store.unmark_sending(entry.id)
        raise
    except StatusError as error:
        if error.status not in _ABOUT_THE_MESSAGE | {_SENT_BEFORE}:
            await store.unmark_sending(entry.id)
            raise
        status = error.status
    except HTTPStatusError as error:
        await _refused_by_http(context, entry, error)
        return
    except UnreadableAnswer:
        return  # it is looked for, as after a lost answer
    if status in (1, _SENT_BEFORE):
        await _sent(context, entry)
        return
    reason = f"{outcome('SendMail', status).sentence} (status {status})"
    await store.mark_outbox(entry.id, OutboxState.REFUSED, reason)


async def _post(context: Context, entry: OutboxEntry) -> int:
    """
    Ask the server to send a message.

    Returns:
        The answer's status.
    """
    intent = intent_of(entry)
    assert isinstance(intent, SendIntent)
    alone = SendMailRequest(mime=intent.mime, client_id=entry.client_id, save_in_sent=intent.save_in_sent)
    if intent.mode is SendMode.NEW or intent.source_item is None:
        return (await context.session.send(alone)).status
    item = await context.store.item(intent.source_item)
    if item.server_id is None:
        raise NotHeld("the message that this belongs to is not known at the server; send it as a new message")
    collection = await context.store.collection(item.collection_id)
    account = await context.store.account(context.account_id)
    if intent.replace_mime and (account.version or Version.V14_1) < Version.V14_0:
        return (await context.session.send(alone)).status
    smart = SmartReplyRequest if intent.mode is SendMode.REPLY else SmartForwardRequest
    request = smart(
        mime=intent.mime,
        source=Source(folder_id=collection.server_id, item_id=item.server_id),
        client_id=entry.client_id,
        save_in_sent=intent.save_in_sent,
        replace_mime=intent.replace_mime,
    )
    return (await context.session.send(request)).status


async def _refused_by_http(context: Context, entry: OutboxEntry, error: HTTPStatusError) -> None:
    """
    Tell by an HTTP status whether the message may have gone out.
    """
    if error.status in _REFUSING:
        await context.store.mark_outbox(entry.id, OutboxState.REFUSED, str(error))
    elif error.status in (401, 449, 451, 456, 457, 503):  # nothing was done
        await context.store.unmark_sending(entry.id)
        raise error
    else:
        raise error


async def _sent(context: Context, entry: OutboxEntry) -> None:
    context.committed(await context.store.settle(entry.id))
    context.run.lookups.pop(entry.id, None)
    folder = await _sent_items(context)
    if folder is not None:
        context.run.folder(folder.id).due = True


async def _sent_items(context: Context) -> Collection | None:
    account = await context.store.account(context.account_id)
    for one in await context.store.collections(context.account_id):
        if one.type is FolderType.SENT_ITEMS and unsynchronized(one, account.version) is None:
            return one
    return None


# -- looking for it


async def _look_for(context: Context, entry: OutboxEntry) -> None:
    """
    Look for a message whose fate is unknown among what was sent, after the folder was synchronized.
    """
    now = context.clock.monotonic()
    since, _ = context.run.lookups.setdefault(entry.id, (now, now))
    folder = await _sent_items(context)
    intent = intent_of(entry)
    assert isinstance(intent, SendIntent)
    if folder is None or not intent.save_in_sent:
        await context.store.mark_outbox(entry.id, OutboxState.UNKNOWN, UNKNOWN)
        return
    run = context.run.folder(folder.id)
    fresh = run.synced_at is not None and run.synced_at > since and folder.progress is Progress.COMPLETE
    if fresh and await _is_there(context, folder, entry, intent):
        await _sent(context, entry)
    elif fresh and now - since >= _PATIENCE:
        await context.store.mark_outbox(entry.id, OutboxState.UNKNOWN, UNKNOWN)
        context.run.lookups.pop(entry.id, None)
    else:
        run.due = True
        context.run.lookups[entry.id] = (since, now + _WAIT)


async def _is_there(context: Context, folder: Collection, entry: OutboxEntry, intent: SendIntent) -> bool:
    items = await context.store.items(context.account_id, collection_id=folder.id, limit=200)
    return any(isinstance(one.data, Email) and is_copy(one.data, intent.mime, entry.queued_at) for one in items)


def is_copy(data: Email, mime: bytes, since: dt.datetime) -> bool:
    """
    Tell whether a mail in Sent Items is a message that was to be sent.

    ActiveSync shows no Message-ID, so it is known by its subject, its recipients and its time.

    Args:
        data: the mail.
        mime: the message.
        since: when it was to be sent.
    """
    if data.date_received is None or data.date_received < since - _SLACK:
        return False
    message = email.message_from_bytes(mime, policy=email.policy.compat32)
    if (data.subject or "").split() != _header(message, "Subject").split():
        return False
    wanted = {address.lower() for name in ("To", "Cc") for _, address in split_addresses(_header(message, name))}
    there = {address.lower() for text in (data.to, data.cc) for _, address in split_addresses(text)}
    return wanted == there


def _header(message: email.message.Message, name: str) -> str:
    raw = "".join(str(message.get(name, "")).splitlines())
    try:
        return str(email.header.make_header(email.header.decode_header(raw)))
    except (ValueError, LookupError, UnicodeError):
        return raw
