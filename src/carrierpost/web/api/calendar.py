"""
The calendar.
"""

from __future__ import annotations

import datetime as dt

import msgspec

from carrierpost.model import FolderType
from carrierpost.protocol.classes import ContentClass
from carrierpost.web.operations import Call, Operations
from carrierpost.web.problems import Problem
from carrierpost.web.views.calendar import OccurrenceView, occurrence_views

__all__ = ["operations"]

operations = Operations()

_LONGEST = dt.timedelta(days=370)


class SpanQuery(msgspec.Struct, frozen=True, kw_only=True):
    """
    A span of time, both with a zone; `end` is exclusive.
    """

    begin: dt.datetime
    end: dt.datetime


@operations("GET", "/accounts/{account_id}/calendar", problems=(422,))
async def list_occurrences(call: Call, account_id: int, query: SpanQuery) -> tuple[OccurrenceView, ...]:
    """
    List what takes place in a span of time, of at most a year.
    """
    account, store = call.account(account_id), call.office.hub.store
    if query.begin.tzinfo is None or query.end.tzinfo is None:
        raise Problem(422, "no-zone", "begin and end need a zone, such as 2026-11-23T00:00:00+01:00")
    if not dt.timedelta() < query.end - query.begin <= _LONGEST:
        raise Problem(422, "bad-span", "end has to lie behind begin, by a year at most")
    waiting = frozenset(one.item_id for one in await store.outbox(account.id) if one.item_id is not None)
    deleted = {one.id for one in await store.collections(account.id) if one.type is FolderType.DELETED_ITEMS}
    events = [
        one
        for one in await store.items(account.id, content_class=ContentClass.CALENDAR)
        if one.collection_id not in deleted
    ]
    return tuple(occurrence_views(events, query.begin, query.end, zone=account.time_zone or "UTC", waiting=waiting))
