"""
One item as text for a person and as values for a program.
"""

from __future__ import annotations

from typing import Any

import msgspec

from carrierpost.cli.output import local_time
from carrierpost.model import Item, ItemBody
from carrierpost.protocol.classes import ApplicationData, Attendee, BodyType, Contact, Email, Event, NoteItem, Task
from carrierpost.protocol.classes.recurrence import describe
from carrierpost.protocol.text import plain_text

__all__ = ["as_json", "as_text", "headline", "readable"]


def headline(data: ApplicationData) -> str:
    """
    Give the line by which a person knows an item.
    """
    if isinstance(data, Contact):
        names = " ".join(part for part in (data.first_name, data.middle_name, data.last_name) if part)
        return names or data.file_as or data.company_name or data.email1_address or "(no name)"
    return data.subject or "(no subject)"


def readable(body: ItemBody | None) -> str:
    """
    Give a body as plain text; says so when there is more at the server.
    """
    if body is None:
        return ""
    text = plain_text(body.data, html=body.type == BodyType.HTML)
    return f"{text}\n\n[The server holds more of this text.]" if body.truncated else text


def as_json(item: Item, body: ItemBody | None, *, folder: str | None = None) -> dict[str, Any]:
    """
    Give an item as values that can be printed as JSON.
    """
    values: dict[str, Any] = {
        "id": item.id,
        "class": item.content_class,
        "server_id": item.server_id,
        "data": msgspec.to_builtins(item.data),
    }
    if folder is not None:
        values["folder"] = folder
    if body is not None:
        values["body"] = {"type": body.type, "data": body.data, "truncated": body.truncated}
    return values


def as_text(item: Item, body: ItemBody | None) -> str:
    """
    Give an item as a person reads it: its properties line by line, then its text.
    """
    lines = [f"{name + ':':<12} {value}" for name, value in _properties(item.data) if value]
    text = readable(body)
    return "\n".join(lines) + (f"\n\n{text}" if text else "")


def _properties(data: ApplicationData) -> list[tuple[str, str | None]]:
    match data:
        case Email():
            files = ", ".join(one.display_name or "(no name)" for one in data.attachments or () if not one.is_inline)
            return [
                ("From", data.from_),
                ("To", data.to),
                ("Cc", data.cc),
                ("Received", local_time(data.date_received)),
                ("Subject", data.subject),
                ("Categories", ", ".join(data.categories or ())),
                ("Attachments", files),
            ]
        case Event():
            people = ", ".join(map(_guest, data.attendees or ()))
            received = (data.meeting_status or 0) & 2
            return [
                ("What", data.subject),
                ("Where", data.location),
                ("Start", local_time(data.start_time)),
                ("End", local_time(data.end_time)),
                ("All day", "yes" if data.all_day_event else ""),
                ("Repeats", describe(data.recurrence) if data.recurrence else ""),
                ("Exceptions", str(len(data.exceptions)) if data.exceptions else ""),
                ("Organizer", data.organizer_name or data.organizer_email),
                ("Attendees", people),
                ("Called off", "yes" if (data.meeting_status or 0) & 4 else ""),
                ("Your answer", _ANSWERS.get(data.response_type or 0, "none yet") if received else ""),
                ("Reminder", f"{data.reminder} minutes before" if data.reminder is not None else ""),
            ]
        case Contact():
            return [("Name", headline(data)), *_contact_lines(data)]
        case Task():
            return [
                ("Task", data.subject),
                ("Done", "yes" if data.complete else "no"),
                ("Start", f"{data.start_date:%Y-%m-%d}" if data.start_date else ""),
                ("Due", f"{data.due_date:%Y-%m-%d}" if data.due_date else ""),
                ("Repeats", describe(data.recurrence) if data.recurrence else ""),
            ]
        case NoteItem():
            return [("Note", data.subject), ("Changed", local_time(data.last_modified_date))]


_ANSWERS = {2: "tentative", 3: "accepted", 4: "declined"}


def _guest(one: Attendee) -> str:
    """
    Name somebody who is invited, and what they answered.
    """
    name = one.name or one.email or "(no name)"
    answer = _ANSWERS.get(one.attendee_status or 0)
    return f"{name} ({answer})" if answer else name


def _contact_lines(data: Contact) -> list[tuple[str, str | None]]:
    shown = {"first_name", "middle_name", "last_name", "body", "cleared", "other", "native_body_type", "picture"}
    lines: list[tuple[str, str | None]] = []
    for name in data.__struct_fields__:
        value = getattr(data, name)
        if name in shown or not value:
            continue
        label = name.replace("_", " ").capitalize()
        lines.append((label, ", ".join(value) if isinstance(value, tuple) else str(value)))
    lines.append(("Photo", f"{len(data.picture)} bytes" if data.picture else ""))
    return lines
