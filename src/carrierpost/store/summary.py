"""
What a store keeps of an item beside its properties: how to sort, count and find it. Pure.
"""

from __future__ import annotations

import datetime as dt
import functools
import re
import unicodedata

import msgspec

from carrierpost.protocol.classes import ApplicationData, Contact, Email, Event, NoteItem, Task
from carrierpost.protocol.text import html_to_text, topic

__all__ = ["Summary", "place_of", "searchable", "snippet", "summarise", "thread_of"]

_MOST_TEXT = 200_000  # characters of one body that are indexed
_MOST_TOPIC = 200  # characters of a subject that tell conversations apart


class Summary(msgspec.Struct, frozen=True):
    """
    How to sort and count an item.

    Attributes:
        moment: seconds since 1970 by which it is sorted; 0 for none.
        title: the name by which it is sorted.
        unread: 1 for unread mail.
        thread: the conversation of a mail, `None` where it has none.
    """

    moment: int
    title: str
    unread: int
    thread: str | None = None

    def columns(self) -> tuple[int, str, int, str | None]:
        """
        Give what is kept in columns, in the order of the queries.
        """
        return self.moment, self.title, self.unread, self.thread


def _seconds(moment: dt.datetime | None) -> int:
    return int(moment.timestamp()) if moment is not None else 0


def summarise(data: ApplicationData) -> Summary:
    """
    Summarise an item.
    """
    match data:
        case Email():
            return Summary(_seconds(data.date_received), data.subject or "", int(data.read is False), thread_of(data))
        case Event():
            return Summary(_seconds(data.start_time), data.subject or "", 0)
        case Contact():
            name = " ".join(part for part in (data.last_name, data.first_name) if part)
            return Summary(0, (name or data.file_as or data.company_name or data.email1_address or "").casefold(), 0)
        case Task():
            return Summary(_seconds(data.utc_due_date), (data.subject or "").casefold(), 0)
        case NoteItem():
            return Summary(_seconds(data.last_modified_date), (data.subject or "").casefold(), 0)


def place_of(data: ApplicationData) -> tuple[int, str]:
    """
    Say where an item stands in the list of its class, as the schema does: by number, then by title.
    """
    summary = summarise(data)
    match data:
        case Email():
            return -summary.moment, summary.title
        case Event():
            return summary.moment, summary.title
        case _:
            return 0, summary.title


def thread_of(mail: Email) -> str | None:
    """
    Say which conversation a mail belongs to.

    From 14.0 on the server says it, the same in all folders ([MS-ASEMAIL] ConversationId). Before, neither that nor the
    `References` travel, so mails belong together that have one topic, whatever marks of answers stand before it: that
    is how these servers and their own clients tell conversations apart ([MS-ASEMAIL] ThreadTopic).

    Returns:
        A text that is the same for all mails of a conversation; `None` for a mail about nothing, which stands alone.
    """
    if mail.conversation_id:
        return f"id:{mail.conversation_id[:64].hex()}"
    about = " ".join(topic(mail.thread_topic or mail.subject or "").split()).casefold()[:_MOST_TOPIC]
    return f"topic:{about}" if about else None


def searchable(data: ApplicationData, body_type: int | None, body: str | bytes | None) -> tuple[str, str, str]:
    """
    Give an item's words: title, people, text.
    """
    text = readable(body_type, body)
    match data:
        case Email():
            people = " ".join(filter(None, (data.from_, data.to, data.cc, data.sender)))
            files = " ".join(one.display_name or "" for one in data.attachments or ())
            return data.subject or "", people, f"{text} {files}"
        case Event():
            guests = " ".join(f"{one.name or ''} {one.email or ''}" for one in data.attendees or ())
            people = f"{data.organizer_name or ''} {data.organizer_email or ''} {guests}"
            return data.subject or "", people, f"{data.location or ''} {text}"
        case Contact():
            values = [getattr(data, name) for name in data.__struct_fields__ if name not in ("file_as", "web_page")]
            words = " ".join(value for value in values if isinstance(value, str))
            return data.file_as or "", words, text
        case _:
            return data.subject or "", "", text


def readable(body_type: int | None, body: str | bytes | None) -> str:
    """
    Give a body as plain text, up to a limit.
    """
    if body is None:
        return ""
    if body_type == 4:
        from carrierpost.formats.message_in import read_message  # a mail's source is rarely held

        raw = body if isinstance(body, bytes) else body.encode("utf-8", "surrogateescape")
        message = read_message(raw)
        return (message.text or html_to_text((message.html or "")[:_MOST_TEXT]))[:_MOST_TEXT]
    text = body if isinstance(body, str) else body.decode("utf-8", "replace")
    text = text[:_MOST_TEXT]
    return html_to_text(text) if body_type == 2 else text


def snippet(text: str, words: list[str], *, width: int = 40) -> str:
    """
    Cut the piece around the first of some words out of a text, the word between `[` and `]`.

    Case and accents do not matter, as they do not matter to the index; a word is looked for where words begin.
    """
    flat = " ".join(text.split())
    plain = "".join(map(_plain, flat))
    for word in words:
        pieces = re.findall(r"\w+", "".join(map(_plain, word)))
        found = re.search(r"\b" + r"\W+".join(pieces), plain) if pieces else None
        if found is not None:
            start, end = found.span()
            before, after = flat[max(0, start - width) : start], flat[end : end + width]
            more = "…" if end + width < len(flat) else ""
            return f"{'…' if start > width else ''}{before}[{flat[start:end]}]{after}{more}"
    return flat[: 2 * width]


@functools.lru_cache(maxsize=4096)
def _plain(letter: str) -> str:
    """
    Give a letter without its accents, in lower case; always one letter for one, so that places stay the same.
    """
    return unicodedata.normalize("NFD", letter)[0].lower()[0]
