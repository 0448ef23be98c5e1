"""
What can be asked of each place with PROPFIND, and a visit: one device looking at its address book.
"""

from __future__ import annotations

import dataclasses
import functools

from carrierpost.export.book import AddressBook, Card
from carrierpost.export.following import book_token
from carrierpost.model import Account, Device
from carrierpost.policy import EffectivePolicy
from carrierpost.web.dav.multistatus import element, href, response, safe_text
from carrierpost.web.dav.places import Kind, Place, book_path, home_path, principal_path
from carrierpost.web.dav.xml import CARDDAV, CS, DAV, Element
from carrierpost.web.office import Office

__all__ = ["LARGEST_CARD", "TOKEN", "Asked", "Visit", "asked_of", "card_response", "place_response"]

LARGEST_CARD = 8_000_000  # octets
TOKEN = "urn:carrierpost:sync:"  # noqa: S105 - a sync token is no secret; it has to be a URI
"""What a sync token begins with."""

Key = tuple[str, str]

_MEDIA_TYPE = "text/vcard; charset=utf-8"
_COLLATIONS = ("i;ascii-casemap", "i;unicode-casemap", "i;octet")
_REPORTS = ((CARDDAV, "addressbook-multiget"), (CARDDAV, "addressbook-query"), (DAV, "sync-collection"))
_READING = ((DAV, "read"), (DAV, "read-current-user-privilege-set"))
_WRITING = ((DAV, "write"), (DAV, "write-content"), (DAV, "bind"), (DAV, "unbind"))
_ON_REQUEST = {
    (CARDDAV, "addressbook-home-set"), (CARDDAV, "addressbook-description"), (CARDDAV, "supported-address-data"),
    (CARDDAV, "supported-collation-set"), (CARDDAV, "max-resource-size"), (CS, "getctag"), (DAV, "sync-token"),
    (DAV, "supported-report-set"), (DAV, "current-user-principal"), (DAV, "current-user-privilege-set"),
    (DAV, "principal-URL"), (DAV, "owner"), (DAV, "principal-collection-set"),
}  # fmt: skip
"""What is not told to those who ask for all properties ([RFC 6352] 6.2, [RFC 3744] 5, [RFC 6578] 4)."""


@dataclasses.dataclass(slots=True)
class Visit:
    """
    A device that looks at its address book.

    Attributes:
        office: what all operations share.
        account: whose contacts.
        device: the device.
        book: what it may see now.
        policy: what holds for it.
    """

    office: Office
    account: Account
    device: Device
    book: AddressBook
    policy: EffectivePolicy

    @property
    def two_way(self) -> bool:
        """
        Whether what is changed on the device goes to the mail server.
        """
        return self.book.decision.allowed and self.policy.values.two_way_contacts

    def owns(self, place: Place) -> bool:
        """
        Tell whether a place is everybody's or this device's.
        """
        return place.device_id in (0, self.device.id)


@dataclasses.dataclass(frozen=True, slots=True)
class Asked:
    """
    Which properties are asked for.

    Attributes:
        keys: by name, in order; `None` for all that are told to those who ask for all.
        names_only: only which ones there are.
        version: of the vCards that come with it, as the program wrote it; empty for no wish.
    """

    keys: tuple[Key, ...] | None = None
    names_only: bool = False
    version: str = ""


def asked_of(element: Element | None) -> Asked:
    """
    Read which properties are asked for; nothing at all asks for all ([RFC 4918] 9.1).
    """
    if element is None:
        return Asked()
    if element.first(DAV, "propname") is not None:
        return Asked(names_only=True)
    wanted = element.first(DAV, "prop")
    if wanted is None:
        return Asked()
    data = wanted.first(CARDDAV, "address-data")
    version = data.attributes.get("version", "") if data is not None else ""
    return Asked(tuple(dict.fromkeys(one.key for one in wanted.children)), version=version)


async def place_response(visit: Visit, place: Place, asked: Asked) -> str:
    """
    Write what is asked of a place that is no card.
    """
    return _answer(place.path, await _properties(visit, place), asked)


def card_response(visit: Visit, card: Card, asked: Asked, data: str | None = None) -> str:
    """
    Write what is asked of a card.

    Args:
        visit: who asks.
        card: the card.
        asked: what is asked.
        data: the vCard, where it is asked for.
    """
    path = book_path(visit.device.id) + card.name
    found = {
        (DAV, "resourcetype"): "",
        (DAV, "getetag"): f'"{card.tag}"',
        (DAV, "getcontenttype"): _MEDIA_TYPE,
        (DAV, "current-user-privilege-set"): _privileges(visit.two_way),
        (DAV, "current-user-principal"): href(principal_path(visit.device.id)),
        (DAV, "owner"): href(principal_path(visit.device.id)),
    }
    if data is not None:
        found[CARDDAV, "address-data"] = safe_text(data)
    return _answer(path, found, asked)


def _answer(path: str, properties: dict[Key, str], asked: Asked) -> str:
    if asked.names_only:
        return response(path, [element(key) for key in properties])
    if asked.keys is None:
        return response(path, [element(key, text) for key, text in properties.items() if key not in _ON_REQUEST])
    found = [element(key, properties[key]) for key in asked.keys if key in properties]
    return response(path, found, [key for key in asked.keys if key not in properties])


async def _properties(visit: Visit, place: Place) -> dict[Key, str]:
    me = href(principal_path(visit.device.id))
    home = href(home_path(visit.device.id))
    collection = element((DAV, "collection"))
    found: dict[Key, str] = {
        (DAV, "resourcetype"): collection,
        (DAV, "current-user-principal"): me,
        (DAV, "current-user-privilege-set"): _privileges(visit.two_way and place.kind is Kind.BOOK),
        (DAV, "principal-collection-set"): href("/dav/principals/"),
    }
    match place.kind:
        case Kind.ROOT | Kind.PRINCIPAL:
            found[CARDDAV, "addressbook-home-set"] = home
            found[DAV, "principal-URL"] = me
            found[DAV, "displayname"] = safe_text(visit.account.address)
            if place.kind is Kind.PRINCIPAL:
                found[DAV, "resourcetype"] = collection + element((DAV, "principal"))
        case Kind.BOOK:
            found |= await _of_the_book(visit, collection)
        case _:
            found[DAV, "displayname"] = safe_text(visit.account.address)
    found[DAV, "owner"] = me
    return found


async def _of_the_book(visit: Visit, collection: str) -> dict[Key, str]:
    token = await book_token(visit.book)
    return {
        (DAV, "resourcetype"): collection + element((CARDDAV, "addressbook")),
        (DAV, "displayname"): safe_text(f"Contacts of {visit.account.address}"),
        (DAV, "supported-report-set"): _reports(),
        (DAV, "sync-token"): TOKEN + token,
        (CS, "getctag"): token,
        (CARDDAV, "addressbook-description"): safe_text(visit.book.decision.reason),
        (CARDDAV, "supported-address-data"): "".join(
            f'<C:address-data-type content-type="text/vcard" version="{version}"/>' for version in ("3.0", "4.0")
        ),
        (CARDDAV, "supported-collation-set"): "".join(
            element((CARDDAV, "supported-collation"), name) for name in _COLLATIONS
        ),
        (CARDDAV, "max-resource-size"): str(LARGEST_CARD),
    }


def _privileges(writing: bool) -> str:
    several = (*_READING, *_WRITING) if writing else _READING
    return "".join(element((DAV, "privilege"), element(one)) for one in several)


@functools.cache
def _reports() -> str:
    return "".join(element((DAV, "supported-report"), element((DAV, "report"), element(one))) for one in _REPORTS)
