"""
Mail as values: a message that was read, and one that is to be written.
"""

from __future__ import annotations

import datetime as dt

import msgspec

from carrierpost.formats.headers import Address
from carrierpost.protocol.classes import Importance

__all__ = ["Draft", "File", "Message"]


class File(msgspec.Struct, frozen=True):
    """
    What a message carries beside its text.

    Attributes:
        name: the file's name, without folders; may be empty.
        content_type: its media type, lower case.
        content: its bytes; of an attached message as it came.
        content_id: the id by which an HTML text shows it, without angle brackets.
        content_location: the address by which an HTML text shows it.
        inline: whether it is meant to be shown in the text.
    """

    name: str
    content_type: str
    content: bytes
    content_id: str | None = None
    content_location: str | None = None
    inline: bool = False


class Message(msgspec.Struct, frozen=True):
    """
    A message that was read.

    Attributes:
        headers: names (as they stand) and values (decoded, on one line) of its fields, in order.
        from_: the author; several are possible.
        sender: who sent it for the author.
        reply_to: where answers go, if elsewhere.
        to: recipients.
        cc: recipients of copies.
        bcc: hidden recipients, of one's own drafts.
        subject: the subject.
        date: when it was written, with its zone; `None` where it does not say so.
        message_id: its id with angle brackets, or `None`.
        in_reply_to: ids of what it answers.
        references: ids of its thread, oldest first.
        text: its text as plain text, or `None`.
        html: its text as HTML, as it came, or `None`.
        calendar: the first `text/calendar` part, or `None`.
        method: the iTIP method that the calendar part's type names, upper case, or `None`.
        files: attachments and inline pictures.
        notes: what could not be read, in words.
    """

    headers: tuple[tuple[str, str], ...] = ()
    from_: tuple[Address, ...] = ()
    sender: Address | None = None
    reply_to: tuple[Address, ...] = ()
    to: tuple[Address, ...] = ()
    cc: tuple[Address, ...] = ()
    bcc: tuple[Address, ...] = ()
    subject: str = ""
    date: dt.datetime | None = None
    message_id: str | None = None
    in_reply_to: tuple[str, ...] = ()
    references: tuple[str, ...] = ()
    text: str | None = None
    html: str | None = None
    calendar: str | None = None
    method: str | None = None
    files: tuple[File, ...] = ()
    notes: tuple[str, ...] = ()

    def header(self, name: str) -> str:
        """
        Give the first field of a name, decoded; empty where there is none.
        """
        name = name.lower()
        return next((value for key, value in self.headers if key.lower() == name), "")


class Draft(msgspec.Struct, frozen=True):
    """
    A message that is to be written.

    Attributes:
        from_: the author.
        to: recipients.
        cc: recipients of copies.
        bcc: hidden recipients.
        reply_to: where answers go, if elsewhere.
        subject: the subject.
        text: its text; `None` makes it from `html`.
        html: the same as HTML, or `None`.
        files: attachments, and pictures that the HTML shows.
        calendar: an iCalendar object that makes it an invitation or an answer to one, or `None`.
        method: its iTIP method.
        in_reply_to: the id of what it answers.
        references: ids of its thread, oldest first.
        importance: how important its author thinks it.
        headers: further fields.
    """

    from_: Address
    to: tuple[Address, ...] = ()
    cc: tuple[Address, ...] = ()
    bcc: tuple[Address, ...] = ()
    reply_to: tuple[Address, ...] = ()
    subject: str = ""
    text: str | None = None
    html: str | None = None
    files: tuple[File, ...] = ()
    calendar: str | None = None
    method: str | None = None
    in_reply_to: str | None = None
    references: tuple[str, ...] = ()
    importance: Importance = Importance.NORMAL
    headers: tuple[tuple[str, str], ...] = ()
