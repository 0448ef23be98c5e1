"""
The live stream: an account's changes as server-sent events, from the number where a device left off, without a gap.

Each event carries its number in the feed, by which a browser resumes after its connection was lost. What cannot be
given without a gap any more is not pretended: the stream says `reload`, with the number to go on behind, and ends.
Nothing is kept for a client that is slow but its number; it reads what it missed from the feed.
"""

from __future__ import annotations

import asyncio
import contextlib
import datetime as dt
from collections.abc import AsyncIterator
from typing import Annotated

import msgspec
from starlette.responses import StreamingResponse

from carrierpost.model import Change, DeviceLife
from carrierpost.store import FeedForgotten, NotHeld
from carrierpost.web.operations import Call, Operations
from carrierpost.web.principal import principal_of
from carrierpost.web.problems import Problem
from carrierpost.web.streams import BEAT, event_stream, written

__all__ = ["operations"]

operations = Operations()


class LiveQuery(msgspec.Struct, frozen=True, kw_only=True):
    """
    Where to begin.

    Attributes:
        after: the number of the last change that is known, where the browser sends no `Last-Event-ID`; the newest
            unless given.
    """

    after: Annotated[int, msgspec.Meta(ge=0, le=2**53 - 1)] | None = None


class ChangeView(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """
    A change, as the event `change` tells it; see `carrierpost.model.Change`.
    """

    number: int
    kind: str
    origin: str
    at: dt.datetime
    collection_id: int | None = None
    item_id: int | None = None
    device_id: int | None = None
    announce: bool = False
    fields: tuple[str, ...] = ()
    detail: str = ""


class Reload(msgspec.Struct, frozen=True, kw_only=True):
    """
    The event `reload`: what is shown has to be loaded anew, and the stream opened behind this number.
    """

    after: int
    reason: str


@operations("GET", "/accounts/{account_id}/live", media_type="text/event-stream")
async def follow_account(call: Call, account_id: int, query: LiveQuery) -> StreamingResponse:
    """
    Follow an account's changes as they happen.

    Events are `change`, `reload` (load anew and begin behind its number) and `end` (sign in before you come back).
    A comment every few seconds shows that the stream lives. While it is open, the device counts as heard of.
    """
    account = call.account(account_id)
    given = call.request.headers.get("last-event-id", "")
    if given and not (given.isascii() and given.isdigit() and len(given) <= 16):
        raise Problem(400, "bad-number", "Last-Event-ID is the number of a change")
    after = int(given) if given else query.after
    after = account.feed_position if after is None else after
    return event_stream(_events(call, account.id, after))


async def _events(call: Call, account_id: int, after: int) -> AsyncIterator[bytes]:
    office = call.office
    position = (await office.hub.store.account(account_id)).feed_position
    if after > position or position - after > office.settings.live_backlog:
        yield _reload(position, "more has changed than can be told one by one")
        return
    look = office.open_stream()
    following = office.hub.store.follow(account_id, {account_id: after})
    upcoming: asyncio.Task[Change | None] | None = None
    seen_at: dt.datetime | None = None
    yield BEAT
    try:
        while True:
            seen_at = await _seen(call, account_id, seen_at)
            upcoming = upcoming or asyncio.ensure_future(_next(following))
            if not await _wait(call, upcoming, look):
                if office.draining.is_set():
                    return  # the browser comes back by itself
                if not await _still(call, account_id):
                    yield written("end", {"reason": "you are not signed in here any more"})
                    return
                yield BEAT
                continue
            done, upcoming = upcoming, None
            change = done.result()
            if change is None:
                return  # the store was closed
            if change.device_id is not None and not await _still(call, account_id):
                yield written("end", {"reason": "this device was removed"})
                return
            yield written("change", _view(change), number=change.number)
    except FeedForgotten:
        position = (await office.hub.store.account(account_id)).feed_position
        yield _reload(position, "what happened since then is not known one by one any more")
    except NotHeld:
        yield written("end", {"reason": "the account was removed"})
    finally:
        office.close_stream(look)
        if upcoming is not None:
            upcoming.cancel()
            with contextlib.suppress(asyncio.CancelledError, Exception):
                await upcoming
        await following.aclose()  # type: ignore[attr-defined]


async def _next(following: AsyncIterator[Change]) -> Change | None:
    return await anext(following, None)


async def _wait(call: Call, upcoming: asyncio.Task[Change | None], look: asyncio.Event) -> bool:
    """
    Wait for the next change; tells whether it came before it was time for a sign of life, or a look.
    """
    beat = asyncio.ensure_future(call.office.hub.clock.sleep(call.office.settings.live_heartbeat))
    looking = asyncio.ensure_future(look.wait())
    try:
        await asyncio.wait([upcoming, beat, looking], return_when=asyncio.FIRST_COMPLETED)
    finally:
        for one in (beat, looking):
            one.cancel()
        await asyncio.gather(beat, looking, return_exceptions=True)
    look.clear()
    return upcoming.done()


async def _still(call: Call, account_id: int) -> bool:
    """
    Tell whether who asked may still follow: neither signed out, nor revoked, nor over.
    """
    principal = await principal_of(call.request, call.office)
    return principal is not None and account_id in principal.accounts


async def _seen(call: Call, account_id: int, before: dt.datetime | None) -> dt.datetime | None:
    """
    Note that a device was heard of, now and then.
    """
    device_id, now = call.who.devices.get(account_id), call.office.hub.clock.now()
    if device_id is None or (before is not None and (now - before).total_seconds() < _SEEN_SECONDS):
        return before

    def seen(life: DeviceLife) -> DeviceLife:
        return msgspec.structs.replace(life, last_seen=now)

    with contextlib.suppress(NotHeld):
        await call.office.hub.store.change_device_life(device_id, seen)
    return now


_SEEN_SECONDS = 60.0


def _reload(after: int, reason: str) -> bytes:
    return written("reload", Reload(after=after, reason=reason), number=after)


def _view(change: Change) -> ChangeView:
    return ChangeView(
        number=change.number,
        kind=str(change.kind),
        origin=str(change.origin),
        at=change.at,
        collection_id=change.collection_id,
        item_id=change.item_id,
        device_id=change.device_id,
        announce=change.announce,
        fields=change.fields,
        detail=change.detail,
    )
