"""
What ActiveSync's numbers are called in iCalendar, and what a calendar file holds once it has been read.
"""

from __future__ import annotations

import datetime as dt

import msgspec

from carrierpost.protocol.classes import BusyStatus, Event, Importance, Task

__all__ = ["CalendarFile", "ReadEvent", "ReadTask", "Reason"]

STATUSES = {2: "TENTATIVE", 3: "ACCEPTED", 4: "DECLINED", 5: "NEEDS-ACTION"}
"""AttendeeStatus and PARTSTAT; 0, which is not known, is said by saying nothing."""
ROLES = {1: "REQ-PARTICIPANT", 2: "OPT-PARTICIPANT", 3: "NON-PARTICIPANT"}
CLASSES = {0: "PUBLIC", 1: "X-PERSONAL", 2: "PRIVATE", 3: "CONFIDENTIAL"}
"""Who does not know the second one takes it for private ([RFC 5545] 3.8.1.3)."""
BUSY = {
    BusyStatus.FREE: "FREE",
    BusyStatus.TENTATIVE: "TENTATIVE",
    BusyStatus.BUSY: "BUSY",
    BusyStatus.AWAY: "OOF",
    BusyStatus.WORKING_ELSEWHERE: "WORKINGELSEWHERE",
}
"""X-MICROSOFT-CDO-BUSYSTATUS ([MS-OXCICAL])."""
PRIORITIES = {Importance.LOW: 9, Importance.NORMAL: 5, Importance.HIGH: 1}


class Reason(msgspec.Struct, frozen=True):
    """
    Something that one form says and the other cannot.

    Attributes:
        what: the property or component, `RDATE`.
        why: a sentence about it.
        changes_meaning: whether what was read means something else without it, so that it must be held back; else
            it is a detail that was left out.
    """

    what: str
    why: str
    changes_meaning: bool = True

    def __str__(self) -> str:
        return f"{self.what}: {self.why}"


class ReadEvent(msgspec.Struct, frozen=True, kw_only=True):
    """
    An event that was read.

    Attributes:
        event: what could be said of it, in the hub's form.
        reasons: what could not.
        recurrence_id: of a single occurrence whose series is not there, the start that it has by the pattern.
        sequence: the number of its revision.
    """

    event: Event
    reasons: tuple[Reason, ...] = ()
    recurrence_id: dt.datetime | None = None
    sequence: int = 0

    @property
    def held_back(self) -> bool:
        """
        Whether it would mean something else if it were written to a server.
        """
        return any(reason.changes_meaning for reason in self.reasons)


class ReadTask(msgspec.Struct, frozen=True, kw_only=True):
    """
    A task that was read.

    Attributes:
        task: what could be said of it.
        uid: its id in the file, which ActiveSync has no place for.
        reasons: what could not be said.
    """

    task: Task
    uid: str = ""
    reasons: tuple[Reason, ...] = ()

    @property
    def held_back(self) -> bool:
        """
        Whether it would mean something else if it were written to a server.
        """
        return any(reason.changes_meaning for reason in self.reasons)


class CalendarFile(msgspec.Struct, frozen=True, kw_only=True):
    """
    A calendar file that was read.

    Attributes:
        method: its iTIP method, upper case, or `None`.
        events: its events and series.
        tasks: its tasks.
        notes: what could not be read at all.
    """

    method: str | None = None
    events: tuple[ReadEvent, ...] = ()
    tasks: tuple[ReadTask, ...] = ()
    notes: tuple[str, ...] = ()
