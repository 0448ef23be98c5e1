"""
Single occurrences of a series, as clients name them from 16.0 on ([MS-ASCMD] InstanceId).
"""

from __future__ import annotations

import datetime as dt

import msgspec

from carrierpost.protocol.classes import Event, EventException
from carrierpost.protocol.classes.occurrences import occurrences

__all__ = ["exception_at", "is_occurrence", "with_exception", "without_exceptions_if_moved"]

_FIELDS = tuple(
    name
    for name in EventException.__struct_fields__
    if name not in ("deleted", "exception_start_time", "instance_id", "cleared", "place")
    and name in Event.__struct_fields__
)
_DAY = dt.timedelta(days=1)


def exception_at(series: Event, moment: dt.datetime) -> EventException | None:
    """
    Find what a series says about one of its occurrences, by the start that the pattern gives it.
    """
    return next((one for one in series.exceptions or () if one.exception_start_time == moment), None)


def is_occurrence(series: Event, moment: dt.datetime) -> bool:
    """
    Tell whether the pattern gives an occurrence that begins then, deleted or not.
    """
    if series.recurrence is None or series.start_time is None:
        return False
    bare = msgspec.structs.replace(series, exceptions=None)
    return any(one.original_start == moment for one in occurrences(bare, moment - _DAY, moment + 2 * _DAY))


def with_exception(series: Event, moment: dt.datetime, change: Event | None) -> Event:
    """
    Change one occurrence.

    Args:
        series: the series.
        moment: the start that the pattern gives the occurrence.
        change: what differs from the occurrence as it is; `None` deletes it.
    """
    held = exception_at(series, moment)
    if change is None:
        made = EventException(exception_start_time=moment, deleted=True)
    else:
        held = held or EventException(exception_start_time=moment)
        values = {name: getattr(change, name) for name in _FIELDS if getattr(change, name) is not None}
        if change.location is not None:
            values["place"] = change.place
        for name in change.cleared & set(_FIELDS):
            values[name] = None
        cleared = (held.cleared - set(values)) | (change.cleared & set(_FIELDS))
        made = msgspec.structs.replace(held, **values, cleared=cleared)
    others = tuple(one for one in series.exceptions or () if one.exception_start_time != moment)
    listed = sorted((*others, made), key=lambda one: one.exception_start_time or moment)
    return msgspec.structs.replace(series, exceptions=tuple(listed))


def without_exceptions_if_moved(before: Event, after: Event) -> Event:
    """
    Let a series forget its exceptions when its times or its pattern change, as the server does from 16.0 on.
    """
    if all(getattr(before, name) == getattr(after, name) for name in ("start_time", "end_time", "recurrence")):
        return after
    return msgspec.structs.replace(after, exceptions=None)
