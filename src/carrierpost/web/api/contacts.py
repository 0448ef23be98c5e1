"""
Contacts.
"""

from __future__ import annotations

from typing import Annotated

import msgspec
from starlette.responses import Response

from carrierpost.export.book import AddressBook
from carrierpost.export.decision import Outcome, Way
from carrierpost.export.sharing import MEDIA_TYPE, file_name
from carrierpost.formats.vcard import VCardVersion
from carrierpost.formats.vcard_out import display_name
from carrierpost.model import Device, Item
from carrierpost.protocol.classes import Contact, ContentClass
from carrierpost.store import NotHeld
from carrierpost.web.api.reading import disposition
from carrierpost.web.api.writing import FileDraft, MailDraft
from carrierpost.web.exporting import book_for, policy_and_decision
from carrierpost.web.operations import Call, Operations
from carrierpost.web.problems import Problem
from carrierpost.web.views.contacts import ContactLine, contact_line

__all__ = ["operations"]

operations = Operations()


class SharingQuery(msgspec.Struct, frozen=True, kw_only=True):
    """
    For which device; the one that asks, unless given.
    """

    device: Annotated[int, msgspec.Meta(ge=1, le=2**53 - 1)] | None = None


class CardQuery(msgspec.Struct, frozen=True, kw_only=True):
    """
    Which version of vCard; 3.0 is read everywhere.
    """

    version: VCardVersion = VCardVersion.V3


class SharingRow(msgspec.Struct, frozen=True, kw_only=True):
    """
    Whether contacts may leave by one way.

    Attributes:
        way: `sync`, all of them into the device's address book; `export`, one of them; `share`, one in a message.
        outcome: what was decided.
        reason: why, a sentence for a person.
        shown: whether an app shows this way at all.
        can_turn_on: whether its switch or button can be used.
        native_accounts: what is known of the system's own accounts with contacts, as far as it has a say.
    """

    way: Way
    outcome: Outcome
    reason: str
    shown: bool
    can_turn_on: bool
    native_accounts: str


@operations("GET", "/accounts/{account_id}/contacts")
async def list_contacts(call: Call, account_id: int) -> tuple[ContactLine, ...]:
    """
    List an account's contacts, of all folders.
    """
    account, store = call.account(account_id), call.office.hub.store
    waiting = {one.item_id for one in await store.outbox(account.id)}
    items = await store.items(account.id, content_class=ContentClass.CONTACTS)
    return tuple(contact_line(one, waiting=one.id in waiting) for one in items)


@operations("GET", "/accounts/{account_id}/contacts/sharing")
async def see_sharing(call: Call, account_id: int, query: SharingQuery) -> tuple[SharingRow, ...]:
    """
    Show by which ways an account's contacts may leave for a device, and why.
    """
    account = call.account(account_id)
    number = query.device if query.device is not None else call.who.devices.get(account.id)
    device: Device | None = None
    if number is not None:
        device = await call.device(number)
        if device.account_id != account.id:
            raise Problem(404, "not-found", f"device {number} shows another account")
    rows = []
    for way in Way:
        _, one = await policy_and_decision(call.office, account, way, device)
        rows.append(
            SharingRow(
                way=way,
                outcome=one.outcome,
                reason=one.reason,
                shown=one.shown,
                can_turn_on=one.can_turn_on,
                native_accounts=str(one.native),
            )
        )
    return tuple(rows)


@operations("GET", "/accounts/{account_id}/contacts/{item_id}/card", media_type="text/vcard", problems=(403, 404))
async def download_card(call: Call, account_id: int, item_id: int, query: CardQuery) -> Response:
    """
    Give one contact as a vCard file, which telephones offer to add to their address book.
    """
    item, name, text = await _card(call, account_id, item_id, Way.EXPORT, query.version)
    headers = {
        "Content-Disposition": disposition(file_name(name)),
        "Cache-Control": "no-store",
        "ETag": f'"{item.id}-{item.revision}"',
    }
    return Response(text.encode(), 200, headers, f"{MEDIA_TYPE}; charset=utf-8")


@operations("GET", "/accounts/{account_id}/contacts/{item_id}/share", problems=(403, 404))
async def draft_with_card(call: Call, account_id: int, item_id: int, query: CardQuery) -> MailDraft:
    """
    Give a message to be written on, with one contact attached as a vCard; it leaves when it is sent as any other.
    """
    _, name, text = await _card(call, account_id, item_id, Way.SHARE, query.version)
    return MailDraft(subject=name, files=(FileDraft(name=file_name(name), type=MEDIA_TYPE, data=text.encode()),))


async def _card(call: Call, account_id: int, item_id: int, way: Way, version: VCardVersion) -> tuple[Item, str, str]:
    """
    Give a contact, its name, and its card as far as it may leave.

    Raises:
        Problem: there is none, it is somebody else's, or it may not leave.
    """
    account, store = call.account(account_id), call.office.hub.store
    try:
        item = await store.item(item_id)
    except NotHeld:
        item = None
    if item is None or item.account_id != account.id or not isinstance(item.data, Contact):
        raise Problem(404, "not-found", f"{account.address} has no contact {item_id}; it may have been deleted")
    number = call.who.devices.get(account.id)
    device = await store.device(number) if number is not None else None
    book: AddressBook
    book, _ = await book_for(call.office, account, way, device, every_folder=True)
    if not book.decision.allowed:
        raise Problem(403, "contacts-stay-here", book.decision.reason)
    card = await book.card_of(item.id)
    _, text = await book.text(card.name, version=version)
    return item, display_name(item.data), text
