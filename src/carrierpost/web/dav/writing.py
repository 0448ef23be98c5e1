"""
What comes back from a device: a card that was written or deleted there.

By policy it goes to the mail server, through the same editor and outbox as every other edit, and a field that may not
leave keeps the server's value. Without that policy nothing changes here. A program that knows privileges is told so,
with 403; Apple's address books know none and may give up on the whole account then, so what they write is taken, not
kept, and put back with their next look.
"""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import Response

from carrierpost.engine import EditRefused
from carrierpost.export.book import Card
from carrierpost.export.writing import filed, read_one, written
from carrierpost.formats.vcard import ReadCard, VCardError
from carrierpost.model import CardName, FolderType, Platform
from carrierpost.store import NotHeld, StaleCommit
from carrierpost.web.dav.multistatus import Refusal, href
from carrierpost.web.dav.places import Place, book_path
from carrierpost.web.dav.properties import Visit

__all__ = ["check_conditions", "delete_card", "write_card"]

_KINDS = {"text/vcard", "text/x-vcard", "text/directory", ""}
_APPLE = ("AddressBook", "Contacts/", "dataaccessd")


async def write_card(visit: Visit, place: Place, request: Request, data: bytes) -> Response:
    """
    Take a card that was written on the device.

    Raises:
        Refusal: it is no card, it is another one here meanwhile, or it may not be written.
    """
    card = await visit.book.look_up(place.name)
    check_conditions(request, card)
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind not in _KINDS:
        raise Refusal(403, f"{kind[:60]} is no card; send text/vcard", "<C:supported-address-data/>")
    try:
        read = read_one(data)
    except VCardError as error:
        raise Refusal(403, str(error), "<C:valid-address-data/>") from None
    if not visit.two_way:
        return await _put_back(visit, place, request, 204 if card is not None else 201)
    return await (_change(visit, card, read) if card is not None else _add(visit, place, read))


async def delete_card(visit: Visit, place: Place, request: Request) -> Response:
    """
    Take a card away that was deleted on the device.

    Raises:
        Refusal: there is none, it is another one here meanwhile, or it may not be deleted.
    """
    card = await visit.book.look_up(place.name)
    if card is None:
        raise Refusal(404, f"there is no card {place.name[:60]}")
    check_conditions(request, card)
    if not visit.two_way:
        return await _put_back(visit, place, request, 204)
    try:
        await visit.office.editor(visit.account.id).delete(card.item_id)
    except NotHeld:
        raise Refusal(404, f"there is no card {place.name[:60]}") from None
    return Response(status_code=204)


def check_conditions(request: Request, card: Card | None) -> None:
    """
    Refuse what was meant for another state of a card ([RFC 9110] 13.1).

    Raises:
        Refusal: the card is another one by now, or there is one already, or none any more.
    """
    wanted, unwanted = request.headers.get("if-match"), request.headers.get("if-none-match")
    if wanted is not None and (card is None or not _names(wanted, card)):
        raise Refusal(412, "the card was changed meanwhile; read it again and change it then")
    if unwanted is not None and card is not None and _names(unwanted, card):
        raise Refusal(412, "there is a card of this name already")


def _names(header: str, card: Card) -> bool:
    tags = {one.strip().removeprefix("W/") for one in header.split(",")}
    return "*" in tags or f'"{card.tag}"' in tags


async def _put_back(visit: Visit, place: Place, request: Request, status: int) -> Response:
    """
    Change nothing: say so to a program that understands, and put the card back on a device that does not.
    """
    agent = request.headers.get("user-agent", "")
    if visit.device.platform is not Platform.IOS and not any(mark in agent for mark in _APPLE):
        reason = visit.book.decision.reason
        if visit.book.decision.allowed:
            reason = f"Two-way contacts is off ({visit.policy.source('two_way_contacts')}); change them in Carrierpost"
        path = book_path(visit.device.id)
        condition = (
            f"<D:need-privileges><D:resource>{href(path)}<D:privilege><D:write/></D:privilege></D:resource>"
            "</D:need-privileges>"
        )
        raise Refusal(403, reason, condition)
    await visit.office.hub.store.put_card_back(visit.device.id, place.name)
    return Response(status_code=status)


async def _change(visit: Visit, card: Card, read: ReadCard) -> Response:
    if read.uid and _plain(read.uid) != _plain(card.uid):
        raise Refusal(403, "the UID of a card stays as it is", "<C:no-uid-conflict/>")
    _, ours = await visit.book.text(card.name)
    change = written(ours, read.contact, visit.policy.values.contact_fields)
    entry = None
    if change.values:
        try:
            entry = (await visit.office.editor(visit.account.id).change(card.item_id, **change.values)).entry
        except StaleCommit:
            raise Refusal(412, "the card was changed meanwhile; read it again and change it then") from None
        except EditRefused as error:
            raise Refusal(403, str(error)) from None
    if entry is None or change.withheld:  # what the device has now is not what is here, and nothing else tells it
        await visit.office.hub.store.put_card_back(visit.device.id, card.name)
    return Response(status_code=204)  # without ETag: what was written is kept in other words ([RFC 6352] 6.3.2.3)


async def _add(visit: Visit, place: Place, read: ReadCard) -> Response:
    store = visit.office.hub.store
    uid = read.uid or place.name
    for one in await visit.book.cards():
        if _plain(one.uid) == _plain(uid):
            where = href(book_path(visit.device.id) + one.name)
            raise Refusal(
                403, "there is a card with this UID already", f"<C:no-uid-conflict>{where}</C:no-uid-conflict>"
            )
    folder = next((one for one in await store.collections(visit.account.id) if one.type is FolderType.CONTACTS), None)
    if folder is None:
        raise Refusal(403, "the account has no folder for contacts yet; synchronize it once")
    try:
        edited = await visit.office.editor(visit.account.id).add(folder.id, filed(read.contact))
    except EditRefused as error:
        raise Refusal(403, str(error)) from None
    assert edited.item is not None
    await store.put_card_name(visit.account.id, CardName(place.name, uid, edited.item.id))
    return Response(status_code=201)


def _plain(uid: str) -> str:
    return uid.strip().casefold().removeprefix("urn:uuid:")
