"""
The commands, carried out: what each does to a mailbox and a device's state.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING

import msgspec

from carrierpost.protocol.commands.folder_sync import (
    Folder,
    FolderChanges,
    FolderDelete,
    FolderSyncRequest,
    FolderSyncResponse,
    FolderType,
)
from carrierpost.protocol.commands.get_item_estimate import (
    Estimate,
    GetItemEstimateRequest,
    GetItemEstimateResponse,
)
from carrierpost.protocol.commands.item_operations import (
    FetchedItem,
    FetchItem,
    ItemOperationsRequest,
    ItemOperationsResponse,
)
from carrierpost.protocol.commands.ping import PingRequest, PingResponse
from carrierpost.protocol.commands.provision import POLICY_TYPE, Policy, ProvisionRequest, ProvisionResponse
from carrierpost.protocol.commands.send_mail import SendMailRequest, SendMailResponse
from carrierpost.protocol.commands.settings import SettingsRequest, SettingsResponse
from carrierpost.protocol.commands.sync import (
    Add,
    CollectionResponse,
    SyncCollection,
    SyncRequest,
    SyncResponse,
)
from carrierpost.protocol.http import CommandCall
from carrierpost.protocol.message import Payload
from carrierpost.protocol.record import Notes
from carrierpost.protocol.version import Version
from carrierpost.server.bodies import body_for
from carrierpost.server.device import CollectionState, Device, WipeState
from carrierpost.server.faults import Fault
from carrierpost.server.mailbox import Mailbox, MailboxFolder, visible_folders
from carrierpost.server.post import deliver_mime
from carrierpost.server.syncing import answer_collection, has_changes, in_window

if TYPE_CHECKING:
    from carrierpost.server.exchange import ExchangeServer

__all__ = ["HANDLERS", "Context"]


class Context(msgspec.Struct, frozen=True, kw_only=True):
    """
    A request on its way.

    Attributes:
        server: the server.
        mailbox: whose mailbox it is about.
        device: who asks.
        version: the version it speaks.
        call: the request.
        fault: what goes wrong with it, where a handler has to know.
        gone: completes when the client has closed the connection.
    """

    server: ExchangeServer
    mailbox: Mailbox
    device: Device
    version: Version
    call: CommandCall
    fault: Fault | None
    gone: asyncio.Future[None]

    def suffers(self, name: str) -> bool:
        """
        Tell whether a fault of this name hits the request.
        """
        return self.fault is not None and self.fault.name == name


Handler = Callable[[Context], Awaitable[Payload]]


async def provision(context: Context) -> Payload:
    """
    Offer the policy, take the acknowledgement, or order a wipe.
    """
    request = ProvisionRequest.decode(context.call.payload, context.version, Notes())
    device, version = context.device, context.version
    if request.wipe is not None:
        device.wipe = WipeState.DONE
        return ProvisionResponse().encode(version)
    if device.wipe is WipeState.ORDERED:
        return ProvisionResponse(wipe=device.wipe_kind).encode(version)
    if request.policy is None:
        return ProvisionResponse(status=2).encode(version)
    if request.policy.key:
        return _acknowledge(context, request.policy).encode(version)
    if version >= Version.V14_1 and request.device is None:
        return ProvisionResponse(status=165).encode(version)
    if request.device is not None:
        device.information = request.device
    taken = 1 if request.device is not None else None
    if request.policy.type != POLICY_TYPE:
        return ProvisionResponse(
            device_information_status=taken, policy=Policy(type=request.policy.type, status=3)
        ).encode(version)
    if context.server.policy is None:
        device.provisioned = True
        return ProvisionResponse(device_information_status=taken, policy=Policy(status=2)).encode(version)
    device.temporary_key = str(context.server.chance.randrange(1, 2**32))
    offered = Policy(status=1, key=device.temporary_key, document=context.server.policy)
    return ProvisionResponse(device_information_status=taken, policy=offered).encode(version)


def _acknowledge(context: Context, policy: Policy) -> ProvisionResponse:
    device = context.device
    if policy.key != device.temporary_key:
        return ProvisionResponse(policy=Policy(status=5))
    if context.server.strict and policy.status != 1:
        return ProvisionResponse(status=139)
    device.policy_key = str(context.server.chance.randrange(1, 2**32))
    device.temporary_key = ""
    device.provisioned = True
    return ProvisionResponse(policy=Policy(status=1, key=device.policy_key))


async def settings(context: Context) -> Payload:
    """
    Take device information, and tell the user's addresses.
    """
    request = SettingsRequest.decode(context.call.payload, context.version, Notes())
    if request.device is not None:
        context.device.information = request.device
    return SettingsResponse(
        device_information_status=1 if request.device is not None else None,
        addresses=(context.mailbox.address,) if request.user_information else None,
    ).encode(context.version)


async def folder_sync(context: Context) -> Payload:
    """
    Tell the folders' changes.
    """
    request = FolderSyncRequest.decode(context.call.payload, context.version, Notes())
    device, mailbox = context.device, context.mailbox
    if context.suffers("reject_key"):
        device.hierarchy_key = 0
        return FolderSyncResponse(status=9).encode(context.version)
    held = device.folders
    if request.sync_key == "0":
        held = {}
    elif request.sync_key == str(device.previous_hierarchy_key):
        held = device.previous_folders
    elif request.sync_key != str(device.hierarchy_key) or not device.hierarchy_key:
        return FolderSyncResponse(status=9).encode(context.version)
    current = {
        one.server_id: (one.parent_id, one.display_name, int(one.type))
        for one in visible_folders(mailbox, context.version)
    }
    changes = FolderChanges(
        updates=tuple(_folder(key, value) for key, value in current.items() if key in held and held[key] != value),
        deletes=tuple(FolderDelete(server_id=key) for key in held if key not in current),
        adds=tuple(_folder(key, value) for key, value in current.items() if key not in held),
    )
    if request.sync_key == "0" or changes != FolderChanges():
        before = 0 if request.sync_key == "0" else int(request.sync_key)
        device.previous_hierarchy_key, device.previous_folders = before or None, held
        device.hierarchy_key = max(device.hierarchy_key, before) + 1
        device.folders = current
    device.hierarchy_position = mailbox.number
    return FolderSyncResponse(sync_key=str(device.hierarchy_key), changes=changes).encode(context.version)


def _folder(server_id: str, told: tuple[str, str, int]) -> Folder:
    parent_id, display_name, kind = told
    return Folder(server_id=server_id, parent_id=parent_id, display_name=display_name, type=FolderType(kind))


def _hierarchy_changed(context: Context) -> bool:
    log = context.mailbox.hierarchy_log
    return bool(log) and log[-1][0] > context.device.hierarchy_position


async def sync(context: Context) -> Payload:
    """
    Exchange the folders' changes, at once or when there are some.
    """
    device, mailbox = context.device, context.mailbox
    classes = {one.server_id: one.content_class for one in mailbox.folders.values()}
    request = SyncRequest.decode(context.call.payload, context.version, Notes(), classes)
    collections = _whole(context, request)
    if not collections:
        return SyncResponse(status=13).encode(context.version)
    wait = request.hold or (device.sync_wait if not request.collections else 0.0)
    if wait and not 60 <= wait <= 3540:
        limit = 59 if request.wait is not None else 3540
        return SyncResponse(status=14, limit=limit if wait > 3540 else 60).encode(context.version)
    device.sync = {one.collection_id: one for one in collections}
    device.sync_wait = wait
    answers = _answer_all(context, collections, request.window_size)
    if not answers and wait and not any(one.commands for one in collections):
        folders = [one.collection_id for one in collections]
        await _hold(context, wait, lambda: _changed_folders(context, folders) or None)
        answers = _answer_all(context, collections, request.window_size)
    for answer in answers:
        if answer.sync_key:
            cached = device.sync[answer.collection_id]
            device.sync[answer.collection_id] = msgspec.structs.replace(
                cached, sync_key=answer.sync_key, commands=(), supported=None
            )
    if not answers:
        return Payload()
    return SyncResponse(collections=tuple(answers)).encode(context.version)


def _whole(context: Context, request: SyncRequest) -> tuple[SyncCollection, ...]:
    """
    Complete a partial or empty request from the one before.
    """
    cached = context.device.sync
    if not request.collections and not request.partial:
        return tuple(cached.values())
    if not request.partial:
        return request.collections
    if not cached:
        return ()
    merged = dict(cached)
    for one in request.collections:
        before = cached.get(one.collection_id)
        if one.sync_key is None and before is not None:
            one = msgspec.structs.replace(one, sync_key=before.sync_key)
        merged[one.collection_id] = one
    return tuple(merged.values())


def _answer_all(
    context: Context, collections: tuple[SyncCollection, ...], window: int | None
) -> list[CollectionResponse]:
    room = 512 if not window or window > 512 else window
    answers = []
    for one in collections:
        answer = _answer_one(context, one, room)
        if answer is not None:
            room -= len(answer.commands)
            answers.append(answer)
    return answers


def _answer_one(context: Context, request: SyncCollection, room: int) -> CollectionResponse | None:
    device, mailbox, version = context.device, context.mailbox, context.version
    folder = mailbox.folders.get(request.collection_id)
    if folder is None:
        return CollectionResponse(collection_id=request.collection_id, status=8)
    if folder.content_class is None or (folder.type is FolderType.DRAFTS and version < Version.V16_0):
        return CollectionResponse(collection_id=request.collection_id, status=4)
    if context.suffers("reject_key") and request.sync_key != "0":
        device.collections.pop(folder.server_id, None)
        return CollectionResponse(collection_id=folder.server_id, status=3)
    if context.server.hides_until_known and device.information is None:
        return None if request.sync_key != "0" else _fresh(context, folder, request)
    clock = context.server.clock
    answer = answer_collection(mailbox, device, folder, request, version, room, clock.now(), clock.monotonic())
    return _spoilt(context, folder, request, answer)


def _fresh(context: Context, folder: MailboxFolder, request: SyncCollection) -> CollectionResponse | None:
    clock = context.server.clock
    return answer_collection(
        context.mailbox, context.device, folder, request, context.version, 0, clock.now(), clock.monotonic()
    )


def _spoilt(
    context: Context, folder: MailboxFolder, request: SyncCollection, answer: CollectionResponse | None
) -> CollectionResponse | None:
    """
    Let the faults that concern an answer's content do their work.
    """
    state = context.device.collections.get(folder.server_id)
    if state is None or request.sync_key == "0":
        return answer
    if context.suffers("repeat_add") or context.suffers("lie_more_available"):
        if answer is None:
            state.previous_key, state.key = state.key, state.key + 1
            answer = CollectionResponse(collection_id=folder.server_id, sync_key=str(state.key))
        if context.suffers("lie_more_available"):
            answer = msgspec.structs.replace(answer, more_available=True)
        else:
            told = {getattr(one, "server_id", "") for one in answer.commands}
            again = []
            for server_id in list(state.known)[:20]:
                item = folder.items.get(server_id)
                if item is not None and server_id not in told:
                    body = body_for(item.data, state.options.body_preferences, state.options.mime_support, item.mime)
                    data = msgspec.structs.replace(item.data, body=body)
                    again.append(Add(server_id=server_id, content_class=folder.content_class, data=data))
            answer = msgspec.structs.replace(answer, commands=(*answer.commands, *again))
        state.previous_answer = answer
    return answer


def _changed_folders(context: Context, folders: list[str] | tuple[str, ...]) -> tuple[str, ...]:
    found = []
    for server_id in folders:
        folder, state = context.mailbox.folders.get(server_id), context.device.collections.get(server_id)
        if folder is not None and state is not None and has_changes(folder, state, context.server.clock.now()):
            found.append(server_id)
    return tuple(found)


async def _hold(
    context: Context, seconds: float, changed: Callable[[], tuple[str, ...] | None]
) -> tuple[str, ...] | None:
    """
    Keep a request open until something changed, the time is over, a newer one takes its place, or the client has gone.
    """
    clock = context.server.clock
    deadline = clock.monotonic() + seconds
    context.server.supersede(context.device)
    superseded = context.server.superseded(context.device)
    context.server.holding += 1
    try:
        while True:
            if found := changed():
                return found
            left = deadline - clock.monotonic()
            if left <= 0 or superseded.done() or context.gone.done() or _hierarchy_changed(context):
                return None
            waiting = asyncio.ensure_future(context.mailbox.wait())
            try:
                await asyncio.wait(
                    [waiting, superseded, context.gone], timeout=left, return_when=asyncio.FIRST_COMPLETED
                )
            finally:
                waiting.cancel()
    finally:
        context.server.holding -= 1
        superseded.cancel()


async def ping(context: Context) -> Payload:
    """
    Wait until a folder changes. A Ping also tells the server that all answers have arrived.
    """
    request = PingRequest.decode(context.call.payload, context.version, Notes())
    device, server = context.device, context.server
    interval = request.heartbeat_interval or device.ping[0]
    folders = tuple(one.id for one in request.folders) or device.ping[1]
    if not interval or not folders:
        return PingResponse(status=3).encode(context.version)
    least, most = server.heartbeat_limits
    if not least <= interval <= most:
        nearest = least if interval < least else most
        return PingResponse(status=5, heartbeat_interval=nearest).encode(context.version)
    if len(folders) > server.most_ping_folders:
        return PingResponse(status=6, max_folders=server.most_ping_folders).encode(context.version)
    if any(one not in context.mailbox.folders for one in folders) or not device.hierarchy_key:
        return PingResponse(status=7).encode(context.version)
    device.ping = (interval, folders)
    if server.ping_acknowledges:
        for state in device.collections.values():
            _forget(state)
    if context.suffers("status"):
        assert context.fault is not None
        changed = folders if context.fault.number == 2 else ()
        return PingResponse(status=int(context.fault.number), folders=changed).encode(context.version)
    found = await _hold(context, interval, lambda: _changed_folders(context, folders) or None)
    if found:
        return PingResponse(status=2, folders=found).encode(context.version)
    if _hierarchy_changed(context):
        return PingResponse(status=7).encode(context.version)
    return PingResponse(status=1).encode(context.version)


def _forget(state: CollectionState) -> None:
    """
    Take the last answer as arrived: asking for it again gives an empty one, and what it told is never told again.
    """
    if state.previous_answer is not None:
        state.previous_answer = msgspec.structs.replace(
            state.previous_answer, commands=(), responses=(), more_available=False
        )


async def get_item_estimate(context: Context) -> Payload:
    """
    Count the changes that wait.
    """
    request = GetItemEstimateRequest.decode(context.call.payload, context.version, Notes())
    estimates = []
    now = context.server.clock.now()
    for one in request.collections:
        folder, state = (
            context.mailbox.folders.get(one.collection_id),
            context.device.collections.get(one.collection_id),
        )
        if folder is None:
            estimates.append(Estimate(collection_id=one.collection_id, status=2))
        elif one.sync_key == "0" or state is None:
            estimates.append(Estimate(collection_id=one.collection_id, status=3))
        elif one.sync_key not in (str(state.key), str(state.previous_key)):
            estimates.append(Estimate(collection_id=one.collection_id, status=4))
        else:
            waiting = sum(
                state.known.get(item.server_id) != item.revision and in_window(item.data, one.filter_type, now)
                for item in folder.items.values()
            )
            estimates.append(Estimate(collection_id=one.collection_id, estimate=waiting))
    return GetItemEstimateResponse(estimates=tuple(estimates)).encode(context.version)


async def item_operations(context: Context) -> Payload:
    """
    Give items and attachments.
    """
    request = ItemOperationsRequest.decode(context.call.payload, context.version, Notes())
    fetched = tuple(_fetch(context, one) for one in request.fetches)
    return ItemOperationsResponse(fetched=fetched).encode(context.version, multipart=request.multipart)


def _fetch(context: Context, wanted: FetchItem) -> FetchedItem:
    if wanted.file_reference:
        attached = context.mailbox.find_attached(wanted.file_reference)
        if attached is None:
            return FetchedItem(status=15, file_reference=wanted.file_reference)
        content, span = attached.content, None
        if wanted.range is not None:
            first, last = wanted.range[0], min(wanted.range[1], len(content) - 1)
            if first > last:
                return FetchedItem(status=8, file_reference=wanted.file_reference)
            content, span = content[first : last + 1], (first, last)
        return FetchedItem(
            file_reference=wanted.file_reference,
            content=content,
            content_type=attached.content_type,
            range=span,
            total=len(attached.content),
        )
    found = context.mailbox.find(wanted.long_id or wanted.server_id)
    if found is None or (wanted.collection_id and found[0].server_id != wanted.collection_id):
        return FetchedItem(status=6, collection_id=wanted.collection_id, server_id=wanted.server_id)
    item = found[1]
    body = body_for(item.data, wanted.body_preferences, wanted.mime_support, item.mime)
    return FetchedItem(
        collection_id=wanted.collection_id,
        server_id=wanted.server_id,
        long_id=wanted.long_id,
        data=msgspec.structs.replace(item.data, body=body),
    )


async def send_mail(context: Context) -> Payload:
    """
    Deliver a message to its recipients, and keep a copy.
    """
    request = SendMailRequest.decode(context.call.payload, context.version, Notes())
    if request.client_id and request.client_id in context.device.sent:
        return SendMailResponse(status=118).encode(context.version)
    status = deliver_mime(
        context.server.mailboxes,
        context.mailbox,
        request.mime,
        now=context.server.clock.now(),
        save=request.save_in_sent,
    )
    if status == 1 and request.client_id:
        context.device.sent.add(request.client_id)
    return SendMailResponse(status=status).encode(context.version)


HANDLERS: dict[str, Handler] = {
    "FolderSync": folder_sync,
    "GetItemEstimate": get_item_estimate,
    "ItemOperations": item_operations,
    "Ping": ping,
    "Provision": provision,
    "SendMail": send_mail,
    "Settings": settings,
    "Sync": sync,
}
"""The commands that the server knows."""
