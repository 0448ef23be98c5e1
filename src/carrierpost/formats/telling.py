"""
What those invited have to hear of when a meeting of one's own has changed ([RFC 5546] 3.2).

Up to 14.1 a client mails this itself. It follows from the meeting as the attendees know it and the meeting as it is:
who is new is invited, who is no longer invited is told so, and all the others hear of what matters to them (time,
place, pattern, title, text, and single occurrences), and of nothing else.
"""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Iterable

import msgspec

from carrierpost.formats.headers import Address
from carrierpost.formats.invitation import cancel, invite
from carrierpost.formats.message import Draft
from carrierpost.protocol.classes import Attendee, Event, EventException

__all__ = ["digest_of", "tell_attendees"]

_TOLD = ("start_time", "end_time", "all_day_event", "recurrence", "timezone", "subject", "location")
_TOLD_OF_ONE = ("deleted", "start_time", "end_time", "subject", "location")
_VOLATILE = ("DTSTAMP", "SEQUENCE")


def tell_attendees(
    before: Event | None,
    after: Event | None,
    organizer: Address,
    *,
    sequence: int,
    now: dt.datetime,
    default_zone: str = "UTC",
) -> tuple[tuple[Draft, ...], int]:
    """
    Make the mails that a change of a meeting asks for.

    Args:
        before: the meeting with its text as the attendees know it; `None` for one that nobody knows of.
        after: the meeting as it is; `None` for one that was deleted.
        organizer: whose meeting it is; gets no mail.
        sequence: the number of the revision that the attendees know.
        now: the time.
        default_zone: IANA name of the organizer's zone.

    Returns:
        The mails, none of them without recipients, and the number of the revision that they tell.

    Raises:
        ValueError: the meeting has no start or no UID, so that nobody could know it.
    """
    old, new = _invited(before, organizer), _invited(after, organizer)
    gone = [one for key, one in old.items() if key not in new]
    added = [key for key in new if key not in old]
    times = {"now": now, "default_zone": default_zone}
    drafts: list[Draft] = []
    if before is not None and gone:
        told = msgspec.structs.replace(before, attendees=tuple(gone), exceptions=None)
        drafts.append(cancel(told, organizer, sequence=sequence + 1, **times))  # type: ignore[arg-type]
    number = sequence
    if after is not None and new:
        news = before is not None and bool(old) and _differs(before, after)
        slots = [] if before is None or news else _different_occurrences(before, after)
        number = sequence + bool(news or slots)
        if news:
            drafts.append(invite(after, organizer, sequence=number, **times))  # type: ignore[arg-type]
        else:
            if added:
                drafts.append(invite(after, organizer, sequence=number, only=added, **times))  # type: ignore[arg-type]
            known = [key for key in new if key in old]
            for one in slots:
                make = cancel if one.deleted else invite
                moment = one.exception_start_time
                drafts.append(
                    make(after, organizer, sequence=number, occurrence=moment, only=known, **times)  # type: ignore[arg-type]
                )
    elif gone:
        number = sequence + 1
    return tuple(one for one in drafts if one.to or one.cc), number


def _invited(event: Event | None, organizer: Address) -> dict[str, Attendee]:
    found: dict[str, Attendee] = {}
    for one in (event.attendees or ()) if event is not None else ():
        if one.email and one.email.lower() != organizer.address.lower():
            found.setdefault(one.email.lower(), one)
    return found


def _differs(before: Event, after: Event) -> bool:
    if any((getattr(before, name) or None) != (getattr(after, name) or None) for name in _TOLD):
        return True
    return _text(before) != _text(after)


def _text(event: Event) -> str | None:
    """
    Give what a meeting's text says; servers write the same text with other white space.
    """
    if event.body is None or event.body.data is None:
        return None
    return " ".join(event.body.data.split()) or None


def _different_occurrences(before: Event, after: Event) -> list[EventException]:
    known = {one.exception_start_time: one for one in before.exceptions or ()}
    nothing = EventException()
    return [
        one
        for one in after.exceptions or ()
        if one.exception_start_time is not None
        and any(
            getattr(one, name) != getattr(known.get(one.exception_start_time, nothing), name) for name in _TOLD_OF_ONE
        )
    ]


def digest_of(drafts: Iterable[Draft]) -> str:
    """
    Make short what mails about a meeting say and to whom, so that the same can be known again.
    """
    summary = hashlib.sha256()
    for one in drafts:
        lines = (one.calendar or "").splitlines()
        said = [line for line in lines if line.partition(":")[0] not in _VOLATILE]
        people = sorted(person.address.lower() for person in (*one.to, *one.cc))
        summary.update("\n".join([one.method or "", *people, one.subject, *said, ""]).encode())
    return summary.hexdigest()[:32]
