"""
Telling attendees of a person's own meetings, where the server does not (up to 14.1).

It waits until the server has what is to be told, so that nobody is invited to what it refused. The mails, the number of
the revision and the end of the wish to tell are written together; from there on each mail is one message among others,
and sent once.
"""

from __future__ import annotations

from typing import Any

import msgspec

from carrierpost.engine.context import Context
from carrierpost.formats.headers import Address
from carrierpost.formats.message_out import write_message
from carrierpost.formats.telling import digest_of, tell_attendees
from carrierpost.model import (
    Account,
    Aftermath,
    IntentKind,
    InviteIntent,
    NewOutboxEntry,
    OutboxEntry,
    OutboxState,
    SendIntent,
    Told,
)
from carrierpost.model.intent import intent_of, payload_of
from carrierpost.protocol.classes import BodyType, Event
from carrierpost.protocol.version import Version
from carrierpost.store.errors import NotHeld

__all__ = ["invite_attendees"]


async def invite_attendees(context: Context, entry: OutboxEntry) -> None:
    """
    Queue what the attendees of a meeting have to hear.

    Args:
        context: the account at work.
        entry: the wish to tell them.
    """
    store = context.store
    account = await store.account(context.account_id)
    try:
        intent = intent_of(entry)
        assert isinstance(intent, InviteIntent)
        before, after = await _versions(context, entry, intent)
        known = after or before
        if known is None or (account.version or Version.V14_1) >= Version.V16_0:
            context.committed(await store.settle(entry.id))
            return
        uid = known.uid or ""
        told = await store.told(account.id, uid)
        organizer = Address(account.address, known.organizer_name or "")
        now = context.clock.now().replace(microsecond=0)
        drafts, sequence = tell_attendees(
            before, after, organizer, sequence=told.sequence, now=now, default_zone=account.time_zone
        )
    except ValueError as error:
        await store.mark_outbox(entry.id, OutboxState.REFUSED, str(error))
        return
    digest = digest_of(drafts)
    if not drafts or digest == told.digest:  # the same again would be told to no purpose
        context.committed(await store.settle(entry.id))
        return
    mails = tuple(
        _mail(account, entry, number, write_message(one, date=now, chance=context.chance.randbytes(16)))
        for number, one in enumerate(drafts, 1)
    )
    note = Told(uid=uid, sequence=sequence, digest=digest)
    context.committed(await store.settle(entry.id, after=Aftermath(queue=mails, told=note)))


def _mail(account: Account, entry: OutboxEntry, number: int, mime: bytes) -> NewOutboxEntry:
    return NewOutboxEntry(
        account_id=account.id,
        kind=IntentKind.SEND,
        client_id=f"{entry.client_id}{number}",
        payload=payload_of(SendIntent(mime=mime)),
    )


async def _versions(context: Context, entry: OutboxEntry, intent: InviteIntent) -> tuple[Event | None, Event | None]:
    """
    Give a meeting as its attendees know it, and as it is; their texts only if both are held whole.
    """
    before = None if intent.before is None else msgspec.convert(intent.before, Event)
    if intent.gone or entry.item_id is None:
        return before, None
    try:
        item = await context.store.item(entry.item_id)
    except NotHeld:
        return None, None
    after = item.data
    if not isinstance(after, Event):
        return None, None
    body = await context.store.body(item.id)
    if body is None or after.body is None or body.truncated or not isinstance(body.data, str):
        bare: dict[str, Any] = {"body": None}
        return (None if before is None else msgspec.structs.replace(before, **bare)), msgspec.structs.replace(
            after, **bare
        )
    text = msgspec.structs.replace(after.body, type=BodyType(body.type), data=body.data)
    return before, msgspec.structs.replace(after, body=text)
