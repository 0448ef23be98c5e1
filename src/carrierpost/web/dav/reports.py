"""
Reports on the address book: many cards at once, what changed, whom a question fits.
"""

from __future__ import annotations

import re
import urllib.parse
from collections.abc import AsyncIterator

from carrierpost.export.book import Card, NotInBook
from carrierpost.export.following import TokenInvalid, changes_of
from carrierpost.formats.vcard import VCardVersion
from carrierpost.web.dav.filters import check_filter, fits_filter
from carrierpost.web.dav.multistatus import BEGIN, END, Refusal, gone, limited
from carrierpost.web.dav.places import Kind, book_path, find_place
from carrierpost.web.dav.properties import TOKEN, Asked, Visit, asked_of, card_response
from carrierpost.web.dav.xml import CARDDAV, DAV, Element

__all__ = ["answer_report", "card_version"]

_DATA = (CARDDAV, "address-data")
_TYPE = re.compile(r"\s*text/vcard\s*(;.*)?", re.IGNORECASE)
_MANY = 1_000_000_000


async def answer_report(visit: Visit, wanted: Element) -> AsyncIterator[str]:
    """
    Begin to answer a report; what is returned writes the answer, piece by piece.

    Raises:
        Refusal: it is not known, or asks for what cannot be told.
    """
    match wanted.key:
        case (namespace, "addressbook-multiget") if namespace == CARDDAV:
            return _multiget(visit, wanted, _asked(wanted))
        case (namespace, "addressbook-query") if namespace == CARDDAV:
            return _query(visit, wanted, _asked(wanted))
        case (namespace, "sync-collection") if namespace == DAV:
            return await _changes(visit, wanted, _asked(wanted))
    raise Refusal(
        403,
        f"the report {wanted.name[:60]} is not known; supported-report-set tells which are",
        "<D:supported-report/>",
    )


def card_version(text: str) -> VCardVersion | None:
    """
    Give the version of vCard that somebody wishes, the usual one for no wish, `None` for one that is not written.
    """
    if not text:
        return VCardVersion.V3
    return next((one for one in VCardVersion if one == text.strip()), None)


def _asked(wanted: Element) -> Asked:
    asked = asked_of(wanted)
    names = wanted.first(DAV, "prop")
    data = names.first(*_DATA) if names is not None else None
    kind = data.attributes.get("content-type", "text/vcard") if data is not None else "text/vcard"
    if card_version(asked.version) is None or _TYPE.fullmatch(kind) is None:
        raise Refusal(403, "cards are written as text/vcard 3.0 or 4.0", "<C:supported-address-data/>")
    return asked


async def _with_data(visit: Visit, card: Card, asked: Asked) -> str:
    """
    Write a card as it is asked for; it may have gone since it was listed.
    """
    if asked.keys is None or _DATA not in asked.keys:
        return card_response(visit, card, asked)
    version = card_version(asked.version)
    assert version is not None
    try:
        now, text = await visit.book.text(card.name, version=version)
    except NotInBook:
        return gone(book_path(visit.device.id) + card.name)
    return card_response(visit, now, asked, text)


async def _multiget(visit: Visit, wanted: Element, asked: Asked) -> AsyncIterator[str]:
    yield BEGIN
    told: set[str] = set()
    for one in wanted.each(DAV, "href"):
        path = urllib.parse.unquote(urllib.parse.urlsplit(one.text.strip()).path, errors="replace")
        if path in told:
            continue
        told.add(path)
        place = find_place(path)
        card = None
        if place is not None and place.kind is Kind.CARD and visit.owns(place):
            card = await visit.book.look_up(place.name)
        yield await _with_data(visit, card, asked) if card is not None else gone(path)
    yield END


async def _query(visit: Visit, wanted: Element, asked: Asked) -> AsyncIterator[str]:
    conditions = wanted.first(CARDDAV, "filter")
    if conditions is None:
        raise Refusal(400, "a query has a filter; one without conditions asks for all cards")
    check_filter(conditions)
    limit = _limit(wanted, CARDDAV)
    yield BEGIN
    count = 0
    for card in await visit.book.cards():
        if conditions.children:
            try:
                _, text = await visit.book.text(card.name)
            except NotInBook:
                continue
            if not fits_filter(conditions, text):
                continue
        if count >= limit:
            yield limited(book_path(visit.device.id), f"there are more than the {limit} that were asked for")
            break
        count += 1
        yield await _with_data(visit, card, asked)
    yield END


async def _changes(visit: Visit, wanted: Element, asked: Asked) -> AsyncIterator[str]:
    given = wanted.first(DAV, "sync-token")
    if given is None:
        raise Refusal(400, "a sync-collection has a sync-token, an empty one for the first time")
    text = given.text.strip()
    limit = _limit(wanted, DAV)
    try:
        if text and not text.startswith(TOKEN):
            raise TokenInvalid("the sync token is none of ours")
        changes = await changes_of(visit.book, text.removeprefix(TOKEN), limit=limit if limit < _MANY else None)
    except TokenInvalid as error:
        raise Refusal(403, f"{error}; begin anew without a sync-token", "<D:valid-sync-token/>") from None
    path = book_path(visit.device.id)

    async def written() -> AsyncIterator[str]:
        yield BEGIN
        for card in changes.changed:
            yield await _with_data(visit, card, asked)
        for name in changes.removed:
            yield gone(path + name)
        if changes.more:
            yield limited(path, "there is more; ask again with the sync-token")
        yield f"<D:sync-token>{TOKEN}{changes.token}</D:sync-token>{END}"

    return written()


def _limit(wanted: Element, namespace: str) -> int:
    limit = wanted.first(namespace, "limit")
    number = limit.first(namespace, "nresults") if limit is not None else None
    if number is None:
        return _MANY
    text = number.text.strip()
    if not (text.isascii() and text.isdigit() and int(text[:10]) > 0):
        raise Refusal(400, "nresults is a number from 1 on")
    return min(int(text[:10]), _MANY)
