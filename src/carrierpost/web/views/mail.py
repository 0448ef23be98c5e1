"""
Mail in a list, and what a reader sees beside its text.
"""

from __future__ import annotations

import datetime as dt
import enum
from typing import Literal

import msgspec

from carrierpost.formats.headers import parse_addresses
from carrierpost.model import Item, ItemBody
from carrierpost.protocol.classes import Attachment, Email, FlagStatus, Importance
from carrierpost.protocol.text import plain_text

__all__ = ["AttachmentView", "InvitationKind", "InvitationView", "MailLine", "PersonView", "attachment_views",
           "invitation_view", "mail_line", "people"]  # fmt: skip

_SNIPPET = 160  # characters
_LOOKED_AT = 4_000  # characters of a text from which a snippet is made
_IN_A_LINE = 20  # recipients that a list needs to know
_CANCELLED, _RESPONSE = "ipm.schedule.meeting.canceled", "ipm.schedule.meeting.resp"


class PersonView(msgspec.Struct, frozen=True):
    """
    Somebody who wrote, or is written to.

    Attributes:
        name: as the message says; empty when it does not.
        address: the mail address; empty when it is not known.
    """

    name: str
    address: str


def people(field: str | None, *, most: int = 1000) -> tuple[PersonView, ...]:
    """
    Read a field of addresses.

    Args:
        field: as the message has it, or `None`.
        most: no more than so many are read.
    """
    return tuple(PersonView(one.name, one.address) for one in parse_addresses(field, most=most)) if field else ()


class MailLine(msgspec.Struct, frozen=True, kw_only=True):
    """
    A message in a list.

    Attributes:
        id: the hub's number for it.
        folder: the folder it is in.
        revision: grows with every change of it.
        sender: who wrote it.
        to: to whom, the first twenty.
        subject: its subject; empty for none.
        snippet: how its text begins.
        at: when it was received, UTC; `None` for what never was, a draft.
        unread: whether it is unread.
        flagged: whether a follow-up flag is set, and not complete.
        important: whether its sender thinks that it is important.
        answered: whether it was replied to or forwarded, whichever was last.
        attachments: whether files are attached, inline pictures aside.
        meeting: whether it is about a meeting.
        draft: whether it is a draft.
        categories: its categories.
        count: for a conversation, how many messages it has; else 1.
        waiting: whether the server has still to be told of something that was done to it.
    """

    id: int
    folder: int
    revision: int
    sender: PersonView
    to: tuple[PersonView, ...]
    subject: str
    snippet: str
    at: dt.datetime | None
    unread: bool
    flagged: bool
    important: bool
    answered: Literal["", "replied", "forwarded"]
    attachments: bool
    meeting: bool
    draft: bool
    categories: tuple[str, ...]
    count: int
    waiting: bool


def mail_line(item: Item, body: ItemBody | None, *, draft: bool, count: int = 1, waiting: bool = False) -> MailLine:
    """
    Show a message in a list.

    Args:
        item: the message; its data is an `Email`.
        body: its text, as far as it is held.
        draft: whether it lies among the drafts.
        count: how many messages its conversation has.
        waiting: whether something about it is in the outbox.
    """
    mail = item.data
    assert isinstance(mail, Email)
    sender = people(mail.from_ or mail.sender, most=1)
    return MailLine(
        id=item.id,
        folder=item.collection_id,
        revision=item.revision,
        sender=sender[0] if sender else PersonView("", ""),
        to=people(mail.to, most=_IN_A_LINE),
        subject=mail.subject or "",
        snippet=_snippet(mail, body),
        at=mail.date_received,
        unread=mail.read is False,
        flagged=mail.flag is not None and mail.flag.status is FlagStatus.ACTIVE,
        important=mail.importance is Importance.HIGH,
        answered=_ANSWERED.get(mail.last_verb_executed or 0, ""),
        attachments=any(not one.is_inline for one in mail.attachments or ()),
        meeting=_about_a_meeting(mail),
        draft=draft,
        categories=mail.categories or (),
        count=count,
        waiting=waiting,
    )


_ANSWERED: dict[int, Literal["replied", "forwarded"]] = {1: "replied", 2: "replied", 3: "forwarded"}


def _snippet(mail: Email, body: ItemBody | None) -> str:
    """
    Give how a text begins, on one line.
    """
    if body is None or body.type == 4:  # MIME begins with a head
        beginning = (mail.body.preview if mail.body is not None else None) or ""
    else:
        data = body.data if isinstance(body.data, str) else body.data.decode("utf-8", "replace")
        beginning = plain_text(data[: _LOOKED_AT * (4 if body.type == 2 else 1)], html=body.type == 2)
    line = " ".join(beginning[:_LOOKED_AT].split())
    return line if len(line) <= _SNIPPET else line[: _SNIPPET - 1].rstrip() + "…"


def _about_a_meeting(mail: Email) -> bool:
    return mail.meeting_request is not None or (mail.message_class or "").casefold().startswith("ipm.schedule.meeting")


class AttachmentView(msgspec.Struct, frozen=True, kw_only=True):
    """
    A file of a message.

    Attributes:
        index: its place among the message's files, from 0; by it the file is asked for.
        name: what it is called.
        type: its media type, as its sender says; empty when not known.
        size: octets, as the server estimates; `None` when it does not say.
        inline: whether it is a picture of the text.
        content_id: by which the text refers to it; empty for none.
    """

    index: int
    name: str
    type: str
    size: int | None
    inline: bool
    content_id: str


def attachment_views(files: tuple[Attachment, ...] | None) -> tuple[AttachmentView, ...]:
    """
    Show the files of a message.
    """
    return tuple(
        AttachmentView(
            index=index,
            name=one.display_name or "",
            type=one.content_type or "",
            size=one.estimated_data_size,
            inline=bool(one.is_inline),
            content_id=one.content_id or "",
        )
        for index, one in enumerate(files or ())
    )


class InvitationKind(enum.StrEnum):
    """
    What a message says of a meeting.
    """

    REQUEST = "request"
    CANCELLED = "cancelled"
    RESPONSE = "response"


class InvitationView(msgspec.Struct, frozen=True, kw_only=True):
    """
    The meeting that a message is about.

    Attributes:
        kind: what the message says of it.
        start: when it begins, UTC.
        end: when it ends, UTC.
        all_day: whether it lasts whole days; then only the dates count.
        location: where.
        organizer: who invites.
        repeats: whether it is a series.
        wanted: whether the organizer wants an answer.
    """

    kind: InvitationKind
    start: dt.datetime | None
    end: dt.datetime | None
    all_day: bool
    location: str
    organizer: PersonView | None
    repeats: bool
    wanted: bool


def invitation_view(mail: Email) -> InvitationView | None:
    """
    Show the meeting that a message is about; `None` when it is about none.
    """
    if not _about_a_meeting(mail):
        return None
    name = (mail.message_class or "").casefold()
    kind = InvitationKind.REQUEST
    if name.startswith(_CANCELLED):
        kind = InvitationKind.CANCELLED
    elif name.startswith(_RESPONSE):
        kind = InvitationKind.RESPONSE
    request = mail.meeting_request
    if request is None:
        return InvitationView(kind=kind, start=None, end=None, all_day=False, location="", organizer=None,
                              repeats=False, wanted=False)  # fmt: skip
    organizer = people(request.organizer, most=1)
    return InvitationView(
        kind=kind,
        start=request.start_time,
        end=request.end_time,
        all_day=bool(request.all_day_event),
        location=(request.place.display_name if request.place is not None else request.location) or "",
        organizer=organizer[0] if organizer else None,
        repeats=bool(request.recurrences) or request.instance_type == 1,
        wanted=bool(request.response_requested),
    )
