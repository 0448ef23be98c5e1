"""
Looking for items in a mailbox: words, where they stand, folders, times ([MS-ASCMD] FreeText).

Of the keyword query language there is what people use: words, of which each has to be there, phrases in quotation
marks, and `from:`, `to:`, `cc:`, `subject:` and `body:` before either.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable

from carrierpost.protocol.classes import ApplicationData, BodyType, Contact, Email, Event, class_of
from carrierpost.protocol.commands.search import MailboxQuery
from carrierpost.protocol.text import html_to_text
from carrierpost.server.mailbox import Mailbox, MailboxFolder, MailboxItem
from carrierpost.server.views import newest_first

__all__ = ["Found", "find_items", "folders_of", "plain_text"]

Found = tuple[MailboxFolder, MailboxItem]

_TERM = re.compile(r'(?:(?P<where>from|to|cc|subject|body):)?(?:"(?P<phrase>[^"]*)"|(?P<word>[^\s"]+))', re.IGNORECASE)


def folders_of(mailbox: Mailbox, ids: Iterable[str], *, deep: bool) -> list[MailboxFolder] | None:
    """
    Give the folders to look in, on demand with those below them; all without ids, `None` when one is not there.
    """
    wanted = list(ids)
    if not wanted:
        return list(mailbox.folders.values())
    if any(one not in mailbox.folders for one in wanted):
        return None
    if deep:
        for one in wanted:  # grows as it goes
            wanted += [each.server_id for each in mailbox.folders.values() if each.parent_id == one]
    return [mailbox.folders[one] for one in dict.fromkeys(wanted)]


def find_items(folders: Iterable[MailboxFolder], query: MailboxQuery) -> list[Found]:
    """
    Find items, the newest first.
    """
    fits = _text_filter(query.free_text)
    places = [(folder, item) for folder in folders for item in folder.items.values()]
    homes = {item.server_id: folder for folder, item in places}
    found = newest_first(item for _, item in places if _agrees(item.data, query) and fits(item.data))
    return [(homes[one.server_id], one) for one in found]


def _agrees(data: ApplicationData, query: MailboxQuery) -> bool:
    if query.content_class is not None and class_of(data) is not query.content_class:
        return False
    if query.conversation_id and getattr(data, "conversation_id", None) != query.conversation_id:
        return False
    if query.received_after is None and query.received_before is None:
        return True
    received = data.date_received if isinstance(data, Email) else None
    if received is None:
        return False
    after, before = query.received_after, query.received_before
    return (after is None or received > after) and (before is None or received < before)


def _text_filter(text: str) -> Callable[[ApplicationData], bool]:
    terms = [
        ((found["where"] or "").lower(), (found["phrase"] or found["word"] or "").casefold().rstrip("*"))
        for found in _TERM.finditer(text)
    ]

    def fits(data: ApplicationData) -> bool:
        fields = _fields(data)
        everything = "\n".join(fields.values())
        return all(term in (fields.get(where, "") if where else everything) for where, term in terms)

    return fits


def _fields(data: ApplicationData) -> dict[str, str]:
    """
    Give an item's texts by the names that a query calls them.
    """
    fields = {"body": plain_text(data)}
    if isinstance(data, Email):
        fields |= {"from": data.from_ or "", "to": data.to or "", "cc": data.cc or "", "subject": data.subject or ""}
    elif isinstance(data, Contact):
        values = [getattr(data, name) for name in data.__struct_fields__]
        fields["names"] = "\n".join(value for value in values if isinstance(value, str))
    else:
        place = data.location if isinstance(data, Event) else ""
        fields |= {"subject": data.subject or "", "place": place or ""}
    return {name: value.casefold() for name, value in fields.items()}


def plain_text(data: ApplicationData) -> str:
    """
    Give an item's text without markup.
    """
    body = data.body
    if body is None or not body.data:
        return ""
    return html_to_text(body.data) if body.type is BodyType.HTML else body.data
