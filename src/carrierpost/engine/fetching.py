"""
Single things fetched: a whole body, an attachment, an item that was set aside.
"""

from __future__ import annotations

import datetime as dt

from carrierpost.client.errors import AnswerTooLarge
from carrierpost.engine.context import Context
from carrierpost.engine.errors import NotFetched
from carrierpost.engine.plan import plan_fetched
from carrierpost.engine.request import body_preferences, whole_body
from carrierpost.engine.windows import Limits
from carrierpost.model import BodyUpdate, Collection, Item, ItemBody, NewSetAside, Removal, SetAside, SyncCommit
from carrierpost.protocol.classes import ApplicationData, BodyType
from carrierpost.protocol.commands.item_operations import FetchedItem, FetchItem, ItemOperationsRequest
from carrierpost.protocol.errors import StatusError, UnreadableAnswer
from carrierpost.protocol.status import Action, outcome

__all__ = ["fetch_attachment", "fetch_body", "fetch_item", "fetch_one", "place_of", "refused", "retry_aside"]

_GONE = (6, 8)  # not found; a range or object that does not exist
_LONGEST = dt.timedelta(hours=24)


async def fetch_one(context: Context, wanted: FetchItem, *, multipart: bool = False) -> FetchedItem:
    """
    Fetch one thing.

    Raises:
        NotFetched: the server answered without it.
        StatusError: it refuses the whole.
        ClientError, ProtocolError: it could not be asked, or refused.
    """
    answer = await context.session.send(ItemOperationsRequest(fetches=(wanted,), multipart=multipart))
    if answer.status != 1:
        raise StatusError("ItemOperations", answer.status)
    if not answer.fetched:
        raise NotFetched("the server answered without what was asked for; try again")
    return answer.fetched[0]


def refused(fetched: FetchedItem) -> NotFetched:
    """
    Say in words why the server does not give something.
    """
    return NotFetched(f"{outcome('ItemOperations', fetched.status).sentence} (status {fetched.status})")


async def place_of(context: Context, item_id: int) -> tuple[Item, Collection]:
    """
    Give an item that the server knows, and its folder.

    Raises:
        NotHeld: there is no such item.
        NotFetched: the server does not know it yet.
    """
    item = await context.store.item(item_id)
    if item.server_id is None:
        raise NotFetched("the server does not know this item yet")
    return item, await context.store.collection(item.collection_id)


async def fetch_body(context: Context, item_id: int) -> ItemBody:
    """
    Fetch an item's whole body, in the format that is held, and keep it.

    Raises:
        NotHeld: there is no such item.
        NotFetched: the server does not give it.
        ClientError, ProtocolError: the server could not be asked, or refused.
    """
    item, collection = await place_of(context, item_id)
    held = await context.store.body(item_id)
    kind = BodyType(held.type) if held is not None else BodyType.PLAIN
    account = await context.store.account(context.account_id)
    fetched = await fetch_one(
        context,
        FetchItem(
            collection_id=collection.server_id,
            server_id=item.server_id or "",
            content_class=item.content_class,
            body_preferences=(whole_body(item.content_class, kind, Limits.of(account.policy)),),
        ),
    )
    if fetched.status != 1:
        raise refused(fetched)
    body = fetched.data.body if fetched.data is not None else None
    text = None if body is None else body.data if body.data is not None else body.opaque
    if body is None or text is None:
        raise NotFetched("the server gave the item without its text; try again")
    update = BodyUpdate(
        item_id=item_id,
        type=int(body.type or kind),
        data=text,
        truncated=bool(body.truncated),
        estimated_size=body.estimated_data_size or 0,
    )
    await context.store.put_body(update)
    kept = await context.store.body(item_id)
    assert kept is not None
    return kept


async def fetch_item(context: Context, collection: Collection, server_id: str) -> ApplicationData | None:
    """
    Ask the server for an item as it is there, and keep nothing of it; `None` for one that is gone.

    Raises:
        NotFetched: the server does not give it.
        ClientError, ProtocolError: the server could not be asked, or refused.
    """
    kind = collection.content_class
    assert kind is not None
    account = await context.store.account(context.account_id)
    preferences = body_preferences(kind, context.settings, Limits.of(account.policy), bare=True)
    fetched = await fetch_one(
        context,
        FetchItem(
            collection_id=collection.server_id,
            server_id=server_id,
            content_class=kind,
            body_preferences=preferences,
        ),
    )
    if fetched.status in _GONE:
        return None
    if fetched.status != 1 or fetched.data is None:
        raise refused(fetched)
    return fetched.data


async def fetch_attachment(context: Context, item_id: int, file_reference: str) -> FetchedItem:
    """
    Fetch an attachment's bytes.

    Raises:
        NotHeld: there is no such item.
        NotFetched: the server does not give it, or its policy forbids it.
        ClientError, ProtocolError: the server could not be asked, or refused.
    """
    item, _ = await place_of(context, item_id)
    account = await context.store.account(context.account_id)
    attachments = getattr(item.data, "attachments", None) or ()
    size = next((one.estimated_data_size for one in attachments if one.file_reference == file_reference), None)
    forbidden = Limits.of(account.policy).forbids_attachment(size)
    if forbidden is not None:
        raise NotFetched(forbidden)
    fetched = await fetch_one(context, FetchItem(file_reference=file_reference), multipart=True)
    if fetched.status != 1 or fetched.content is None:
        raise refused(fetched)
    return fetched


async def retry_aside(context: Context, collection: Collection, aside: SetAside, limits: Limits) -> None:
    """
    Fetch an item that was set aside once more; if it still cannot be read, the pauses grow.

    Raises:
        ClientError: the server could not be asked.
        ProtocolError: it refuses the whole account.
        StaleCommit: somebody else was faster.
    """
    kind = collection.content_class
    assert kind is not None
    wanted = FetchItem(
        collection_id=collection.server_id,
        server_id=aside.server_id,
        content_class=kind,
        body_preferences=body_preferences(kind, context.settings, limits),
    )
    held = (await context.store.items_by_server_id(collection.id, [aside.server_id])).get(aside.server_id)
    try:
        fetched = await fetch_one(context, wanted)
    except NotFetched as error:
        commit = _aside_again(context, collection, aside, str(error))
    except (AnswerTooLarge, UnreadableAnswer) as error:
        commit = _aside_again(context, collection, aside, str(error))
    except StatusError as error:
        if error.outcome.action not in (Action.RETRY, Action.REPORT, Action.SET_ASIDE):
            raise
        commit = _aside_again(context, collection, aside, str(error))
    else:
        if fetched.status == 1 and fetched.data is not None:
            body = await context.store.body(held.id) if held is not None else None
            text = body.data if body is not None else None
            commit = plan_fetched(collection, aside.server_id, fetched.data, held, text)
        elif fetched.status in _GONE:
            commit = _kept(collection, recovered=(aside.server_id,), removals=() if held is None else (held.id,))
        else:
            commit = _aside_again(context, collection, aside, aside.reason)
    context.committed(await context.store.commit_sync(commit))


def _aside_again(context: Context, collection: Collection, aside: SetAside, reason: str) -> SyncCommit:
    again = min(dt.timedelta(hours=2 ** min(aside.attempts, 10)), _LONGEST)
    failed = NewSetAside(server_id=aside.server_id, reason=reason, next_at=context.clock.now() + again)
    return _kept(collection, set_aside=(failed,))


def _kept(
    collection: Collection,
    *,
    set_aside: tuple[NewSetAside, ...] = (),
    recovered: tuple[str, ...] = (),
    removals: tuple[int, ...] = (),
) -> SyncCommit:
    """
    Make a commit that leaves the folder where it is.
    """
    return SyncCommit(
        collection_id=collection.id,
        from_key=collection.sync_key,
        to_key=collection.sync_key,
        progress=collection.progress,
        removals=tuple(Removal(item_id=one) for one in removals),
        set_aside=set_aside,
        recovered=recovered,
    )
