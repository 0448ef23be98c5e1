"""
Sync as a server does it: the request as a whole ([MS-ASCMD] Sync). One folder's part is in
`carrierpost.server.syncing`.

The server keeps the last request of a device. A request without body is that one again, a partial one names what
differs from it. Its keys are kept as they were sent, not as they were answered: a client that repeats itself has not
got the answer.
"""

from __future__ import annotations

import msgspec

from carrierpost.protocol.classes import BodyType, ContentClass
from carrierpost.protocol.commands.folder_sync import FolderType
from carrierpost.protocol.commands.sync import (
    Add,
    CollectionResponse,
    ItemCommand,
    ResponseKind,
    SyncCollection,
    SyncRequest,
    SyncResponse,
)
from carrierpost.protocol.message import Payload
from carrierpost.protocol.version import Version
from carrierpost.server.bodies import with_body
from carrierpost.server.commands.context import Context, Refusal
from carrierpost.server.commands.holding import Woken, hold
from carrierpost.server.device import CollectionState
from carrierpost.server.mailbox import MailboxFolder
from carrierpost.server.syncing import answer_collection

__all__ = ["sync"]

_MOST_CHANGES = 512
_LEAST_HEARTBEAT, _MOST_HEARTBEAT = 60, 3540
_LEAST_WAIT, _MOST_WAIT = 1, 59
_MOST_PREVIEW = 255
_REPEATED = 20  # items that the fault repeat_add tells again


async def sync(context: Context) -> Payload:
    """
    Exchange the folders' changes, at once or when there are some.
    """
    return (await _answer(context)).encode(context.version)


async def _answer(context: Context) -> SyncResponse:
    device = context.device
    classes = {one.server_id: one.content_class for one in context.mailbox.folders.values()}
    sent = context.read(
        lambda payload, version, notes: SyncRequest.decode(payload, version, notes, classes), may_be_empty=True
    )
    request = _whole(device.sync, sent)
    if request is None:
        return SyncResponse(status=13)
    _check(request, context.version)
    if (refused := _out_of_bounds(request)) is not None:
        return refused
    if len(request.collections) > context.server.most_sync_collections:
        return SyncResponse(status=15, limit=context.server.most_sync_collections)
    if sum(len(one.commands) for one in request.collections) > context.server.most_operations:
        raise Refusal(4)
    device.sync = _to_keep(request)
    answers = _answer_all(context, request)
    if not answers and request.hold and not any(one.commands for one in request.collections):
        woken = await hold(context, request.hold, (one.collection_id for one in request.collections))
        if woken is Woken.HIERARCHY:
            return SyncResponse(status=12)
        answers = _answer_all(context, request)
    return SyncResponse(collections=tuple(answers), empty=not answers)


# -- the request


def _whole(kept: SyncRequest | None, sent: SyncRequest) -> SyncRequest | None:
    """
    Complete a partial or empty request from the one before; `None` when there is none.
    """
    if sent.collections and not sent.partial:
        return sent
    if kept is None:
        return None
    if not sent.partial:
        return kept
    merged = {one.collection_id: one for one in kept.collections}
    for one in sent.collections:
        before = merged.get(one.collection_id)
        merged[one.collection_id] = one if before is None else _over(before, one)
    waits = sent.wait is not None or sent.heartbeat_interval is not None
    return SyncRequest(
        collections=tuple(merged.values()),
        wait=sent.wait if waits else kept.wait,
        heartbeat_interval=sent.heartbeat_interval if waits else kept.heartbeat_interval,
        window_size=kept.window_size if sent.window_size is None else sent.window_size,
    )


def _over(before: SyncCollection, now: SyncCollection) -> SyncCollection:
    said = {
        name: value
        for name in ("sync_key", "supported", "deletes_as_moves", "get_changes", "window_size", "conversation_mode")
        if (value := getattr(now, name)) is not None
    }
    if now.options:
        said["options"] = now.options
    return msgspec.structs.replace(before, commands=now.commands, **said)


def _to_keep(request: SyncRequest) -> SyncRequest:
    """
    Leave out what happens once: commands, and what goes with the first key.
    """
    collections = tuple(msgspec.structs.replace(one, commands=(), supported=None) for one in request.collections)
    return msgspec.structs.replace(request, collections=collections, partial=False)


def _check(request: SyncRequest, version: Version) -> None:
    """
    Refuse what depends on version and class; order and repetition were checked when the request was read.

    Raises:
        Refusal: with 4, or 164 for a conversation part in a format that there is not.
    """
    if version < Version.V14_0 and request.heartbeat_interval is not None:
        raise Refusal(4)
    for one in request.collections:
        mail = one.content_class in (ContentClass.EMAIL, None)
        if one.sync_key is None or (one.supported is not None and one.sync_key != "0"):
            raise Refusal(4)
        if one.supported is not None and one.content_class is ContentClass.NOTES:
            raise Refusal(4)
        if one.conversation_mode is not None and (version < Version.V14_0 or not mail):
            raise Refusal(4)
        if len(one.options) > 1 and (version < Version.V14_0 or not mail):
            raise Refusal(4)
        for options in one.options:
            if any(not 0 <= (wanted.preview or 0) <= _MOST_PREVIEW for wanted in options.body_preferences):
                raise Refusal(4)
            part = options.body_part_preference
            if part is not None and version < Version.V14_1:
                raise Refusal(4)
            if part is not None and part.type is not BodyType.HTML:
                raise Refusal(164)


def _out_of_bounds(request: SyncRequest) -> SyncResponse | None:
    """
    Refuse to wait shorter or longer than is allowed, and say how long is.
    """
    for asked, least, most in (
        (request.wait, _LEAST_WAIT, _MOST_WAIT),
        (request.heartbeat_interval, _LEAST_HEARTBEAT, _MOST_HEARTBEAT),
    ):
        if asked is not None and not least <= asked <= most:
            return SyncResponse(status=14, limit=least if asked < least else most)
    return None


# -- the answer


def _answer_all(context: Context, request: SyncRequest) -> list[CollectionResponse]:
    """
    Answer the folders in turn; they share the window of the whole.
    """
    size = request.window_size
    room = size if size is not None and 0 < size <= _MOST_CHANGES else _MOST_CHANGES
    answers = []
    for one in request.collections:
        answer = _answer_one(context, one, max(room, 0))
        if answer is not None:
            room -= len(answer.commands)
            answers.append(answer)
    return answers


def _answer_one(context: Context, request: SyncCollection, room: int) -> CollectionResponse | None:
    device, version = context.device, context.version
    folder = context.mailbox.folders.get(request.collection_id)
    if folder is None:
        return CollectionResponse(collection_id=request.collection_id, sync_key="0", status=8)
    if folder.content_class is None or (folder.type is FolderType.DRAFTS and version < Version.V16_0):
        return CollectionResponse(collection_id=request.collection_id, sync_key="0", status=4)
    if context.suffers("reject_key") and request.sync_key != "0":
        device.collections.pop(folder.server_id, None)
        return CollectionResponse(collection_id=folder.server_id, sync_key="0", status=3)
    if context.server.hides_until_known and device.information is None and request.sync_key != "0":
        return None
    if folder.type is FolderType.RECIPIENT_CACHE and request.commands:  # only the server writes it
        return CollectionResponse(collection_id=folder.server_id, sync_key="0", status=4)
    answer = answer_collection(context, folder, request, room)
    return _spoilt(context, folder, request, answer)


def _spoilt(
    context: Context, folder: MailboxFolder, request: SyncCollection, answer: CollectionResponse | None
) -> CollectionResponse | None:
    """
    Let the faults that concern an answer's content do their work.
    """
    state = context.device.collections.get(folder.server_id)
    if context.suffers("mute_adds") and state is not None and answer is not None:
        answer = state.previous_answer = _muted(state, answer)
    spoils = context.suffers("repeat_add") or context.suffers("lie_more_available")
    if not spoils or state is None or request.sync_key == "0" or (answer is not None and answer.status != 1):
        return answer
    if answer is None:
        answer = CollectionResponse(collection_id=folder.server_id, sync_key=str(state.key + 1))
        state.answered(answer)
    if context.suffers("lie_more_available"):
        answer = msgspec.structs.replace(answer, more_available=True)
    else:
        told = {getattr(one, "server_id", "") for one in answer.commands}
        again = _again(folder, state, told)
        answer = msgspec.structs.replace(answer, commands=(*answer.commands, *again))
    state.previous_answer = answer
    return answer


def _muted(state: CollectionState, answer: CollectionResponse) -> CollectionResponse:
    """
    Keep silent about what the client added, and forget that it was the client who did.
    """
    added = [one for one in answer.responses if one.kind is ResponseKind.ADD and one.status == 1]
    for one in added:
        state.known.pop(one.server_id, None)
        state.added.pop(one.client_id, None)
    return msgspec.structs.replace(answer, responses=tuple(one for one in answer.responses if one not in added))


def _again(folder: MailboxFolder, state: CollectionState, told: set[str]) -> tuple[ItemCommand, ...]:
    options = state.options
    items = [folder.items[one] for one in list(state.known)[:_REPEATED] if one in folder.items and one not in told]
    return tuple(
        Add(
            server_id=item.server_id,
            content_class=folder.content_class,
            data=with_body(item, options.body_preferences, options.mime_support),
        )
        for item in items
    )
