"""
When somebody is free: their calendar in half hours ([MS-ASCMD] MergedFreeBusy).
"""

from __future__ import annotations

import datetime as dt

from carrierpost.protocol.classes import BusyStatus, Event
from carrierpost.protocol.classes.occurrences import Occurrence, occurrences
from carrierpost.protocol.commands.folder_sync import FolderType
from carrierpost.protocol.commands.resolve_recipients import SLOT, FreeBusy
from carrierpost.server.mailbox import Mailbox

__all__ = ["merged_free_busy", "widened"]

_CANCELLED = 4
_SHOWN = {
    BusyStatus.TENTATIVE: FreeBusy.TENTATIVE,
    BusyStatus.BUSY: FreeBusy.BUSY,
    BusyStatus.AWAY: FreeBusy.AWAY,
}


def widened(start: dt.datetime, end: dt.datetime) -> tuple[dt.datetime, dt.datetime]:
    """
    Widen a time to full half hours.
    """
    early = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)
    before, after = (start - early) % SLOT, (early - end) % SLOT
    return start - before, end + after


def merged_free_busy(mailbox: Mailbox, start: dt.datetime, end: dt.datetime) -> str:
    """
    Give a digit for each half hour, the highest of what happens in it.

    Args:
        mailbox: whose calendar.
        start: the first half hour.
        end: the end of the last one.
    """
    slots = [FreeBusy.FREE] * ((end - start) // SLOT)
    for item in mailbox.folder(FolderType.CALENDAR).items.values():
        event = item.data
        if not isinstance(event, Event) or (event.meeting_status or 0) & _CANCELLED:
            continue
        for one in occurrences(event, start, end):
            shown = _shown(event, one)
            first = max((one.start - start) // SLOT, 0)
            after = min(-((start - one.end) // SLOT), len(slots))
            for place in range(first, after):
                slots[place] = max(slots[place], shown)
    return "".join(str(int(one)) for one in slots)


def _shown(event: Event, one: Occurrence) -> FreeBusy:
    own = one.exception.busy_status if one.exception is not None else None
    status = own if own is not None else event.busy_status
    return _SHOWN.get(BusyStatus.BUSY if status is None else status, FreeBusy.FREE)
