"""
Looking things up at the server: mail that is not held here, people, when they are free.

Search names what it finds by ids of its own, Find (16.1) by folder and id. Either way what is held here is known
again: by its server id, or by what it is known by to a person.
"""

from __future__ import annotations

import dataclasses
import datetime as dt
import random
from collections.abc import Mapping, Sequence

from carrierpost.engine.context import Context
from carrierpost.model import Collection
from carrierpost.protocol.classes import ApplicationData, BodyPreference, BodyType, ContentClass, Email, identity
from carrierpost.protocol.classes.gal import GALEntry
from carrierpost.protocol.commands.find import FindGAL, FindMail, FindRequest, FindResponse, FindResult, FoundMail
from carrierpost.protocol.commands.looking import PictureLimits
from carrierpost.protocol.commands.resolve_recipients import (
    SLOT,
    AvailabilityWindow,
    FreeBusy,
    ResolvedRecipient,
    ResolveOptions,
    ResolveRecipientsRequest,
    free_busy,
)
from carrierpost.protocol.commands.search import (
    GALQuery,
    MailboxQuery,
    SearchOptions,
    SearchRequest,
    SearchResponse,
    SearchResult,
)
from carrierpost.protocol.errors import StatusError
from carrierpost.protocol.status import Action, outcome
from carrierpost.protocol.version import Version

__all__ = [
    "MOST_AT_ONCE",
    "Busy",
    "Found",
    "Page",
    "People",
    "find_mail",
    "find_people",
    "look_up_busy",
    "merge_slots",
    "new_search_id",
]

MOST_AT_ONCE = 100
"""Results that servers give at once ([MS-ASCMD] Range)."""

_PREVIEW = BodyPreference(type=BodyType.PLAIN, truncation_size=512)
_LONGEST = dt.timedelta(days=42)  # [MS-ASCMD] EndTime: a longer window is refused


@dataclasses.dataclass(frozen=True, slots=True)
class Found:
    """
    A message that the server found.

    Attributes:
        subject: its subject.
        sender: its author.
        received: when it came.
        preview: how its text begins, where the server says so.
        item_id: the item, when it is held here.
        collection: its folder, when that is known here.
        long_id: names it to the server, for fetching what is not held.
        server_id: likewise, in 16.1.
    """

    subject: str
    sender: str
    received: dt.datetime | None
    preview: str
    item_id: int | None
    collection: Collection | None
    long_id: str = ""
    server_id: str = ""


@dataclasses.dataclass(frozen=True, slots=True)
class Page:
    """
    A page of messages that were found.

    Attributes:
        found: the messages.
        total: how many there are in all, roughly, where the server says so.
        following: the number of the first result of the next page; `None` when this is the last one.
    """

    found: tuple[Found, ...]
    total: int | None
    following: int | None


@dataclasses.dataclass(frozen=True, slots=True)
class People:
    """
    A page of people who were found in the address list; as `Page`.
    """

    found: tuple[GALEntry, ...]
    total: int | None
    following: int | None


@dataclasses.dataclass(frozen=True, slots=True)
class Busy:
    """
    What somebody does in a time.

    Attributes:
        asked: who was asked about, as it was typed.
        name: the name shown; empty when nobody, or more than one, is meant.
        address: the mail address.
        slots: what is done in each half hour from the start on; none when it is not told.
        reason: why it is not told, in a sentence; empty when it is.
    """

    asked: str
    name: str
    address: str
    slots: tuple[FreeBusy, ...]
    reason: str = ""


async def find_mail(
    context: Context,
    words: str,
    *,
    collection: Collection | None = None,
    first: int = 0,
    count: int = MOST_AT_ONCE,
    search_id: str = "",
) -> Page:
    """
    Look for mail at the server, one page.

    Args:
        context: the account.
        words: what is looked for.
        collection: only in this folder and those below it.
        first: the number of the first result wanted, from 0 on.
        count: results wanted, 1 to 100.
        search_id: names the search (16.1); the same for all its pages.

    Raises:
        StatusError: the server refuses the search.
        ClientError, ProtocolError: the server could not be asked, or refused.
    """
    folder = collection.server_id if collection is not None else ""
    span = (first, first + min(count, MOST_AT_ONCE) - 1)
    if _finds(context):
        criterion = FindMail(free_text=words, collection_id=folder, deep_traversal=bool(folder))
        answer = await context.session.send(
            FindRequest(search_id=search_id or new_search_id(context.chance), criterion=criterion, range=span)
        )
        _check("Find", answer)
        found = await _known_by_id(context, answer.results)
    else:
        query = MailboxQuery(
            content_class=ContentClass.EMAIL, collection_ids=(folder,) if folder else (), free_text=words
        )
        options = SearchOptions(
            range=span, deep_traversal=True, rebuild_results=first == 0, body_preferences=(_PREVIEW,)
        )
        heard = await context.session.send(SearchRequest(query=query, options=options))
        _check("Search", heard)
        return _page(await _known_by_content(context, heard.results), heard, span)
    return _page(found, answer, span)


async def find_people(
    context: Context,
    text: str,
    *,
    first: int = 0,
    count: int = MOST_AT_ONCE,
    pictures: PictureLimits | None = None,
    search_id: str = "",
) -> People:
    """
    Look for people in the server's address list, one page.

    Args:
        context: the account.
        text: how a word of their name, address and so on begins.
        first: the number of the first result wanted, from 0 on.
        count: results wanted, 1 to 100.
        pictures: their pictures are wanted, within limits (14.1 and later).
        search_id: names the search (16.1); the same for all its pages.

    Raises:
        StatusError: the server refuses the search.
        ClientError, ProtocolError: the server could not be asked, or refused.
    """
    span = (first, first + min(count, MOST_AT_ONCE) - 1)
    if _finds(context):
        criterion = FindGAL(text=text, picture=pictures)
        answer = await context.session.send(
            FindRequest(search_id=search_id or new_search_id(context.chance), criterion=criterion, range=span)
        )
        _check("Find", answer)
        people = tuple(one.person for one in answer.results if one.person is not None)
        return People(people, answer.total, _following(answer, span, len(people)))
    heard = await context.session.send(
        SearchRequest(query=GALQuery(text=text), options=SearchOptions(range=span, picture=pictures))
    )
    _check("Search", heard)
    people = tuple(one.person for one in heard.results if one.person is not None)
    return People(people, heard.total, _following(heard, span, len(people)))


async def look_up_busy(
    context: Context, addresses: Sequence[str], start: dt.datetime, end: dt.datetime
) -> tuple[Busy, ...]:
    """
    Ask when people are free (14.0 and later).

    Args:
        context: the account.
        addresses: names or addresses, 1 to 100.
        start: from when on, best a full half hour.
        end: until when, at most 42 days later.

    Raises:
        ValueError: the time ends before it begins, or is too long.
        StatusError: the server refuses.
        ClientError, ProtocolError: the server could not be asked, or refused.
    """
    if not dt.timedelta() < end - start <= _LONGEST:
        raise ValueError("the time has to end after it begins, and within 42 days")
    window = AvailabilityWindow(start_time=start, end_time=end)
    request = ResolveRecipientsRequest(to=tuple(addresses), options=ResolveOptions(availability=window))
    answer = await context.session.send(request)
    if answer.status != 1:
        raise StatusError("ResolveRecipients", answer.status)
    told = {one.to: one for one in answer.responses}
    slots = -(-(end - start) // SLOT)
    return tuple(_busy(one, told.get(one), slots) for one in addresses)


def merge_slots(slots: Sequence[FreeBusy], start: dt.datetime) -> tuple[tuple[dt.datetime, dt.datetime, FreeBusy], ...]:
    """
    Join half hours of the same kind that follow each other.

    Returns:
        Start, end and kind of each stretch, in order.
    """
    found: list[tuple[dt.datetime, dt.datetime, FreeBusy]] = []
    for number, kind in enumerate(slots):
        begins, ends = start + number * SLOT, start + (number + 1) * SLOT
        if found and found[-1][2] is kind:
            found[-1] = (found[-1][0], ends, kind)
        else:
            found.append((begins, ends, kind))
    return tuple(found)


def _busy(asked: str, told: ResolvedRecipient | None, slots: int) -> Busy:
    status = 4 if told is None else told.status
    if told is None or status != 1 or not told.recipients:
        return Busy(asked, "", "", (), outcome("Recipient", status if status != 1 else 4).sentence)
    one = told.recipients[0]
    name, address = one.display_name or "", one.email_address or asked
    if one.availability is None:
        return Busy(asked, name, address, (), "The server does not say when people are free.")
    if one.availability.status != 1:
        return Busy(asked, name, address, (), outcome("ResolveRecipients", one.availability.status).sentence)
    return Busy(asked, name, address, free_busy(one.availability.merged_free_busy or "")[:slots])


def _finds(context: Context) -> bool:
    return context.session.partnership.version >= Version.V16_1


def new_search_id(chance: random.Random) -> str:
    """
    Make the id of a search (16.1), in the form of a UUID; all pages of the search have the same.
    """
    digits = f"{chance.getrandbits(128):032x}"
    return "-".join((digits[:8], digits[8:12], f"4{digits[13:16]}", f"8{digits[17:20]}", digits[20:]))


def _check(command: str, answer: SearchResponse | FindResponse) -> None:
    """
    Raise what stands in the way; that there is no more to be had does not.
    """
    for status in (answer.status, answer.store_status):
        if status != 1 and outcome(command, status).action is not Action.NONE:
            raise StatusError(command, status)


def _page(found: tuple[Found, ...], answer: SearchResponse | FindResponse, span: tuple[int, int]) -> Page:
    return Page(found, answer.total, _following(answer, span, len(found)))


def _following(answer: SearchResponse | FindResponse, span: tuple[int, int], count: int) -> int | None:
    """
    Tell where the next page begins. What the server says of the range counts more than its total, an estimate.
    """
    last = answer.range[1] if answer.range is not None else span[0] + count - 1
    if not count or last < span[1]:
        return None
    return None if answer.total is not None and last + 1 >= answer.total else last + 1


async def _folders(context: Context) -> dict[str, Collection]:
    return {one.server_id: one for one in await context.store.collections(context.account_id)}


async def _known_by_id(context: Context, results: Sequence[FindResult]) -> tuple[Found, ...]:
    folders = await _folders(context)
    wanted: dict[str, list[str]] = {}
    for one in results:
        wanted.setdefault(one.collection_id, []).append(one.server_id)
    held: dict[tuple[str, str], int] = {}
    for folder, ids in wanted.items():
        if folder in folders:
            items = await context.store.items_by_server_id(folders[folder].id, ids)
            held |= {(folder, server_id): item.id for server_id, item in items.items()}
    return tuple(
        _found(
            one.mail or FoundMail(),
            held.get((one.collection_id, one.server_id)),
            folders.get(one.collection_id),
            server_id=one.server_id,
        )
        for one in results
    )


async def _known_by_content(context: Context, results: Sequence[SearchResult]) -> tuple[Found, ...]:
    folders = await _folders(context)
    wanted: dict[str, set[str]] = {}
    for one in results:
        if one.data is not None and (known_by := identity(one.data)) is not None:
            wanted.setdefault(one.collection_id, set()).add(known_by)
    held: dict[tuple[str, str], int] = {}
    for folder, names in wanted.items():
        if folder in folders:
            items = await context.store.items_by_identity(folders[folder].id, sorted(names))
            held |= {(folder, name): item.id for name, item in items.items()}
    named = await _named_by_long_id(context, folders, results)
    return tuple(
        _found(
            one.data if isinstance(one.data, Email) else FoundMail(),
            held.get((one.collection_id, _name(one.data))) or named.get(one.long_id),
            folders.get(one.collection_id),
            long_id=one.long_id,
        )
        for one in results
    )


async def _named_by_long_id(
    context: Context, folders: Mapping[str, Collection], results: Sequence[SearchResult]
) -> dict[str, int]:
    """
    Find held items where the long id is made of the folder's id and the item's, as some servers make it.

    SOGo gives a mail that was found the time of the search as the time when it was received, so that it cannot be known
    by content. A long id promises nothing, so the subject has to be the same as well.
    """
    wanted: dict[str, dict[str, SearchResult]] = {}
    for one in results:
        server_id = one.long_id.removeprefix(one.collection_id).lstrip("+:/")
        if one.collection_id in folders and server_id and server_id != one.long_id:
            wanted.setdefault(one.collection_id, {})[server_id] = one
    found: dict[str, int] = {}
    for folder, by_id in wanted.items():
        for server_id, item in (await context.store.items_by_server_id(folders[folder].id, list(by_id))).items():
            result = by_id[server_id]
            if isinstance(result.data, Email) and getattr(item.data, "subject", None) == result.data.subject:
                found[result.long_id] = item.id
    return found


def _name(data: ApplicationData | None) -> str:
    return (identity(data) if data is not None else None) or ""


def _found(
    mail: Email | FoundMail,
    item_id: int | None,
    collection: Collection | None,
    *,
    long_id: str = "",
    server_id: str = "",
) -> Found:
    if isinstance(mail, FoundMail):
        preview = mail.preview or ""
    else:
        preview = (mail.body.preview or mail.body.data or "") if mail.body is not None else ""
    return Found(
        subject=mail.subject or "",
        sender=mail.from_ or "",
        received=mail.date_received,
        preview=" ".join(preview.split())[:255],
        item_id=item_id,
        collection=collection,
        long_id=long_id,
        server_id=server_id,
    )
