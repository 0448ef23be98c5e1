"""
Answering meetings ([MS-ASCMD] MeetingResponse): once, whatever happens on the way.

The server puts the answer into the calendar. Who writes to the organizer depends on the version: from 16.0 on the
server does, in the same breath; before, the hub does, once the server has taken the answer, by way of the outbox.

If an answer was lost, nothing is repeated blindly, since from 16.0 on that could mail the organizer twice: the server
is asked for what was answered. A request that is gone from the Inbox, or an event that says what was answered, tells
that it was done.
"""

from __future__ import annotations

from carrierpost.client.errors import AnswerTooLarge, ClientError
from carrierpost.engine.context import Context
from carrierpost.engine.errors import NotFetched
from carrierpost.engine.events import Phase
from carrierpost.engine.fetching import fetch_item
from carrierpost.engine.meetings import ANSWERED, mails_itself
from carrierpost.model import (
    Aftermath,
    Assigned,
    Collection,
    IntentKind,
    Item,
    NewOutboxEntry,
    OutboxEntry,
    OutboxState,
    RespondIntent,
    SendIntent,
)
from carrierpost.model.intent import intent_of, payload_of
from carrierpost.protocol.classes import Body, BodyType, ContentClass, Email, Event
from carrierpost.protocol.commands.meeting_response import (
    MeetingAnswer,
    MeetingResponseRequest,
    MeetingResponseResponse,
    MeetingResult,
    SendResponse,
    UserResponse,
)
from carrierpost.protocol.errors import HTTPStatusError, StatusError, UnreadableAnswer
from carrierpost.protocol.status import Action, outcome
from carrierpost.protocol.version import Version
from carrierpost.store.errors import NotHeld

__all__ = ["respond"]

_SUCCESS, _INVALID = 1, 2
_ABOUT_THE_ANSWER = frozenset({*range(101, 108), 146, 147})
_MOST_ATTEMPTS = 5
_PAUSE = 5.0  # seconds until the server is asked again
_UNSURE = (
    "the server does not say whether it has taken this answer; look into the calendar, then drop it here or have it "
    "told again"
)


async def respond(context: Context, entry: OutboxEntry) -> None:
    """
    Tell the server what a person answers to a meeting, or find out whether it was told.

    Args:
        context: the account at work.
        entry: the answer.

    Raises:
        ClientError: the server did not answer; it is asked whether the answer arrived before that is repeated.
        ProtocolError: the server refused the whole account.
    """
    intent = intent_of(entry)
    assert isinstance(intent, RespondIntent)
    context.tell(Phase("answering a meeting"))
    try:
        item, collection = await _place(context, entry)
    except NotHeld as error:
        await context.store.mark_outbox(entry.id, OutboxState.REFUSED, str(error))
        return
    server_id = (item.server_id if item is not None else None) or intent.server_id
    if entry.may_be_done and await _is_taken(context, collection, server_id, intent):
        await _done(context, entry, intent, item, collection, None)
        return
    if entry.attempts >= _MOST_ATTEMPTS or (entry.may_be_done and await _is_moved(context, collection, intent)):
        await context.store.mark_outbox(entry.id, OutboxState.UNKNOWN, _UNSURE)
        return
    marked = await context.store.mark_sending([entry.id])
    if not marked:
        return
    version = (await context.store.account(context.account_id)).version or Version.V14_1
    try:
        answer = await _ask(context, _request(intent, collection, server_id, version))
    except ClientError as error:
        if not error.sent and entry.state is OutboxState.QUEUED:
            await context.store.unmark_sending(entry.id)
        raise
    if answer is None:
        _later(context, marked[0])
        return
    result = answer.results[0] if answer.results else MeetingResult(status=answer.status)
    if result.status == _SUCCESS:
        await _done(context, marked[0], intent, item, collection, result.calendar_id)
    elif result.status == _INVALID and entry.may_be_done and await _is_taken(context, collection, server_id, intent):
        await _done(context, marked[0], intent, item, collection, None)
    else:
        await _refused(context, marked[0], result.status)


async def _place(context: Context, entry: OutboxEntry) -> tuple[Item | None, Collection]:
    """
    Find what is answered, and its folder.

    Raises:
        NotHeld: the folder is gone, or the server never knew the item.
    """
    try:
        item = await context.store.item(entry.item_id or 0)
    except NotHeld:
        return None, await context.store.collection(entry.collection_id or 0)
    if item.server_id is None:
        raise NotHeld("the server does not know this item; answer the event in the calendar")
    return item, await context.store.collection(item.collection_id)


def _request(intent: RespondIntent, collection: Collection, server_id: str, version: Version) -> MeetingResponseRequest:
    wanted = None
    if intent.tell_organizer and not mails_itself(version, proposes=intent.proposed is not None):
        start, end = intent.proposed or (None, None)
        body = Body(type=BodyType.PLAIN, data=intent.text) if intent.text else None
        wanted = SendResponse(body=body, proposed_start_time=start, proposed_end_time=end)
    answer = MeetingAnswer(
        user_response=UserResponse(intent.response),
        collection_id=collection.server_id,
        request_id=server_id,
        instance_id=intent.instance,
        send_response=wanted,
    )
    return MeetingResponseRequest(answers=(answer,))


async def _ask(context: Context, request: MeetingResponseRequest) -> MeetingResponseResponse | None:
    """
    Ask the server; `None` when nobody can tell what it answered.
    """
    try:
        return await context.session.send(request)
    except (UnreadableAnswer, AnswerTooLarge):
        return None
    except StatusError as error:
        if error.status not in _ABOUT_THE_ANSWER:
            raise
        return MeetingResponseResponse(status=error.status)
    except HTTPStatusError as error:
        if error.outcome.action is not Action.RETRY or error.retry_after is not None:
            raise
        return None


def _later(context: Context, entry: OutboxEntry) -> None:
    context.run.lookups[entry.id] = (0.0, context.clock.monotonic() + _PAUSE * entry.attempts)


async def _refused(context: Context, entry: OutboxEntry, status: int) -> None:
    """
    Set an answer aside, unless the server only asks for another attempt.
    """
    sentence = f"{outcome('MeetingResponse', status).sentence} (MeetingResponse status {status})"
    if outcome("MeetingResponse", status).action is Action.RETRY and entry.attempts < _MOST_ATTEMPTS:
        await context.store.mark_outbox(entry.id, OutboxState.QUEUED)
        _later(context, entry)
        return
    await context.store.mark_outbox(entry.id, OutboxState.REFUSED, sentence)
    context.run.lookups.pop(entry.id, None)


async def _done(
    context: Context,
    entry: OutboxEntry,
    intent: RespondIntent,
    item: Item | None,
    collection: Collection,
    calendar_id: str | None,
) -> None:
    """
    Settle an answer, and with it all that follows: the mail to the organizer, the request that has served its purpose,
    the id under which the server keeps the event.
    """
    version = (await context.store.account(context.account_id)).version or Version.V14_1
    mails = intent.tell_organizer and bool(intent.mime) and mails_itself(version, proposes=intent.proposed is not None)
    mail = NewOutboxEntry(
        account_id=entry.account_id,
        kind=IntentKind.SEND,
        client_id=f"{entry.client_id}m",
        payload=payload_of(SendIntent(mime=intent.mime)),
    )
    renamed = None
    if calendar_id and intent.event_item is not None:
        renamed = Assigned(item_id=intent.event_item, server_id=calendar_id)
    request = item is not None and isinstance(item.data, Email)
    after = Aftermath(
        queue=(mail,) if mails else (),
        remove=(item.id, f"{entry.client_id}d") if item is not None and request else None,
        renamed=renamed,
    )
    context.committed(await context.store.settle(entry.id, after=after))
    context.run.lookups.pop(entry.id, None)
    for one in await context.store.collections(context.account_id):
        if one.content_class is ContentClass.CALENDAR or one.id == collection.id:
            context.run.folder(one.id).due = True


async def _is_moved(context: Context, collection: Collection, intent: RespondIntent) -> bool:
    """
    Tell whether an event is at another time than the one that was answered; then it shows no answer, whether or not
    the server had taken it, and who answered has not seen what they would answer to.
    """
    if collection.content_class is not ContentClass.CALENDAR or intent.times is None:
        return False
    try:
        data = await fetch_item(context, collection, intent.server_id)
    except NotFetched:
        return False
    return isinstance(data, Event) and (data.start_time, data.end_time) != intent.times


async def _is_taken(context: Context, collection: Collection, server_id: str, intent: RespondIntent) -> bool:
    """
    Ask the server whether it has taken an answer.
    """
    kind = collection.content_class
    assert kind is not None
    try:
        data = await fetch_item(context, collection, server_id)
    except NotFetched:
        return False
    if data is None:
        return kind is ContentClass.EMAIL or intent.response == UserResponse.DECLINE
    if not isinstance(data, Event):
        return False
    told: int | None = data.response_type
    if intent.instance is not None:
        known = (one for one in data.exceptions or () if one.exception_start_time == intent.instance)
        one = next(known, None)
        if one is not None and one.deleted:
            return intent.response == UserResponse.DECLINE
        told = one.response_type if one is not None else None
    return told == ANSWERED[UserResponse(intent.response)]
