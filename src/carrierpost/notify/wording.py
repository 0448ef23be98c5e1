"""
How notices read, and what of them a lock screen shows. Pure.

A notice is worded once, in full. What may be seen of it is decided each time that it is sent, so a policy that was made
stricter meanwhile holds for what still waits.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

from carrierpost.model import LockScreenDetail, NoticeKind, NoticeText
from carrierpost.notify.meetings import ANSWERS
from carrierpost.notify.people import sender_name
from carrierpost.protocol.classes import Email, Event, Importance
from carrierpost.protocol.classes.occurrences import Occurrence, event_days, event_zone

__all__ = [
    "answer_text",
    "counted",
    "event_text",
    "invitation_text",
    "mail_text",
    "merged",
    "reminder_text",
    "shown",
    "span",
]

_PREVIEW = 140  # letters of a mail's text
_WORDS = {
    NoticeKind.MAIL: "New mail",
    NoticeKind.INVITATION: "Invitation",
    NoticeKind.CANCELLATION: "A meeting was cancelled",
    NoticeKind.ANSWER: "An answer to your invitation",
    NoticeKind.EVENT_NEW: "New event",
    NoticeKind.EVENT_CHANGED: "An event was changed",
    NoticeKind.REMINDER: "Reminder",
    NoticeKind.SUMMARY: "New mail",
    NoticeKind.CANARY: "Carrierpost can reach this device",
}
_CALENDAR = {NoticeKind.EVENT_NEW, NoticeKind.EVENT_CHANGED, NoticeKind.REMINDER}
_PRIVATE = 2  # [MS-ASCAL] Sensitivity: private, and confidential above it


def mail_text(mail: Email, preview: str = "") -> NoticeText:
    """
    Word a mail: who sent it, then what it is about and how it begins.

    Args:
        mail: the mail.
        preview: the beginning of its text, plain.
    """
    subject = (mail.subject or "").strip() or "(no subject)"
    if mail.importance is Importance.HIGH:
        subject = f"Important: {subject}"
    return NoticeText(sender_name(mail), _lines(subject, _clipped(preview)))


def invitation_text(mail: Email, kind: NoticeKind, zone: dt.tzinfo) -> NoticeText:
    """
    Word a meeting request or its cancellation: who sent it, what and when it is, and where.
    """
    subject = (mail.subject or "").strip() or "(no subject)"
    request = mail.meeting_request
    what = "Invitation" if kind is NoticeKind.INVITATION else "Cancelled"
    when = where = ""
    if request is not None and request.start_time is not None:
        if request.all_day_event:
            when = _days(*event_days(request.start_time, request.end_time, zone))
        else:
            when = span(request.start_time, request.end_time, zone)
        where = (request.place.display_name if request.place is not None else request.location) or ""
    return NoticeText(sender_name(mail), _lines(f"{what}: {_without(subject, what)}", _listed(when, where)))


def answer_text(mail: Email) -> NoticeText:
    """
    Word an answer to an invitation: who answers, how, and to what.
    """
    ending = (mail.message_class or "").casefold().rpartition(".")[2]
    word = ANSWERS.get(ending, "Answered")
    return NoticeText(sender_name(mail), f"{word}: {_without((mail.subject or '').strip() or '(no subject)', word)}")


def event_text(event: Event, kind: NoticeKind, zone_name: str, zone: dt.tzinfo) -> NoticeText:
    """
    Word an event that others made, changed or cancelled: what it is called, then when and where it is.
    """
    word = {NoticeKind.EVENT_NEW: "New", NoticeKind.EVENT_CHANGED: "Changed"}.get(kind, "Cancelled")
    when = ""
    if event.start_time is not None:
        if event.all_day_event:
            when = _days(*event_days(event.start_time, event.end_time, event_zone(event, zone_name)[0]))
        else:
            when = span(event.start_time, event.end_time, zone)
        when += ", repeated" if event.recurrence is not None else ""
    return NoticeText(_event_title(event), _listed(f"{word}: {when}" if when else word, event.location or ""))


def reminder_text(event: Event, one: Occurrence, now: dt.datetime, zone: dt.tzinfo) -> NoticeText:
    """
    Word a reminder: what it is, then in how long, when and where.

    Args:
        event: the event, or the series.
        one: the occurrence.
        now: when it is read.
        zone: the device's zone.
    """
    when = _days(one.start.date(), one.end.date()) if one.all_day else span(one.start, one.end, zone)
    title = _event_title(event, one.subject)
    return NoticeText(title, _listed(_until(one, now, zone), when, one.location))


def shown(kind: NoticeKind, text: NoticeText, detail: LockScreenDetail, unread: int) -> NoticeText | None:
    """
    Give what a lock screen may show of a notice; `None` for no words at all.

    Args:
        kind: what it is about.
        text: it in full.
        detail: how much may be shown.
        unread: how many mails are unread in the Inbox.
    """
    if detail is LockScreenDetail.NOTHING:
        return None
    if kind is NoticeKind.CANARY or detail is LockScreenDetail.ALL:
        return text
    if detail is LockScreenDetail.SENDER:
        return NoticeText(text.title, _WORDS.get(kind, "New mail"))
    if kind in _CALENDAR:
        return NoticeText("Calendar", _WORDS[kind])
    return NoticeText(_WORDS.get(kind, "New mail"), counted(unread))


def counted(unread: int) -> str:
    """
    Say how many mails are unread.
    """
    return f"{unread:,} unread" if unread != 0 else ""


def merged(texts: Sequence[NoticeText], late: bool = False) -> NoticeText:
    """
    Make one notice of several: how many there are, and who they are from.

    Args:
        texts: of the notices, in full, the most important first.
        late: they came while nobody could be told.
    """
    names = list(dict.fromkeys(one.title for one in texts))
    if len(texts) == 1 and not late:
        return texts[0]
    head, rest = names[:2], names[2:]
    listed = f"{', '.join(head)} and {len(rest)} more" if rest else " and ".join(head)
    count = f"{len(texts):,} new {'message' if len(texts) == 1 else 'messages'}"
    return NoticeText(f"{count} while the hub was away" if late else count, listed)


def span(start: dt.datetime, end: dt.datetime | None, zone: dt.tzinfo) -> str:
    """
    Write a time as a person reads it: `Mon 2 Mar, 10:00 to 11:00`.
    """
    first = start.astimezone(zone)
    if end is None or end <= start:
        return f"{_day(first)}, {first:%H:%M}"
    last = end.astimezone(zone)
    if first.date() == last.date():
        return f"{_day(first)}, {first:%H:%M} to {last:%H:%M}"
    return f"{_day(first)}, {first:%H:%M} to {_day(last)}, {last:%H:%M}"


def _days(first: dt.date, after: dt.date) -> str:
    last = after - dt.timedelta(days=1)
    return f"{_day(first)}, all day" if last <= first else f"{_day(first)} to {_day(last)}"


def _day(day: dt.date) -> str:
    return f"{day:%a} {day.day} {day:%b}"


def _until(one: Occurrence, now: dt.datetime, zone: dt.tzinfo) -> str:
    if one.all_day:
        ahead = (one.start.date() - now.astimezone(zone).date()).days
        return {0: "today", 1: "tomorrow"}.get(ahead, f"in {ahead} days" if ahead > 0 else "")
    minutes = -((now - one.start) // dt.timedelta(minutes=1))
    if minutes <= 0:
        return "now"
    if minutes < 120:
        return f"in {minutes} minute{'s' * (minutes != 1)}"
    hours = round(minutes / 60)
    return f"in {hours} hours" if hours < 48 else f"in {round(hours / 24)} days"


def _event_title(event: Event, subject: str = "") -> str:
    if (event.sensitivity or 0) >= _PRIVATE:
        return "Private event"
    return subject or (event.subject or "").strip() or "(no title)"


def _without(subject: str, word: str) -> str:
    """
    Give a subject without the word that programs put before it themselves.
    """
    for prefix in (word, "Canceled", "Cancelled", "Invitation", "Accepted", "Declined", "Tentative"):
        if subject.casefold().startswith(f"{prefix.casefold()}:"):
            return subject[len(prefix) + 1 :].strip() or subject
    return subject


def _clipped(text: str) -> str:
    flat = " ".join(text.split())
    return flat if len(flat) <= _PREVIEW else f"{flat[: _PREVIEW - 1].rstrip()}…"


def _lines(*lines: str) -> str:
    return "\n".join(line for line in lines if line)


def _listed(*parts: str) -> str:
    return ", ".join(part for part in parts if part)
