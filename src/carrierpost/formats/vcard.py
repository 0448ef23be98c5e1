"""
What a contact is in a vCard ([RFC 2426] for 3.0, [RFC 6350] for 4.0): the tables that writer and reader share.

Where the standard has no property, the one that most address books know is taken (`X-ABLABEL` groups, `X-PHONETIC-...`,
`X-EVOLUTION-FILE-AS`), and only for what nobody knows one of our own. ActiveSync has a fixed number of places for
numbers, addresses and the like ([MS-ASCNTC] 2.2.2); a vCard has lists. The order of a list says which
place is meant, and where that is not enough, since an earlier place is empty, the parameter `X-CARRIERPOST-PLACE` does.

Not in a vCard: `native_body_type`, which is the server's own affair, `cleared`, and elements that are not known.
"""

from __future__ import annotations

import dataclasses
import enum

import msgspec

from carrierpost.protocol.classes import Contact

__all__ = [
    "ADDRESSES",
    "ADDRESS_PARTS",
    "CARDS_LIMIT",
    "EXACT",
    "LABELLED",
    "MAILS",
    "MESSENGERS",
    "NO_YEAR",
    "NUMBERS",
    "OWN",
    "PHONETIC",
    "PLACE",
    "RELATED",
    "NumberKind",
    "ReadCard",
    "VCardError",
    "VCardVersion",
]


class VCardVersion(enum.StrEnum):
    """
    The versions that are written. 2.1 is read, too.
    """

    V3 = "3.0"
    V4 = "4.0"


class VCardError(ValueError):
    """
    What was given is no vCard at all; its text is a sentence for a person.
    """


class ReadCard(msgspec.Struct, frozen=True):
    """
    A contact that was read from a vCard.

    Attributes:
        contact: what could be taken over.
        uid: the card's UID, or empty.
        notes: what could not be taken over, a sentence each.
    """

    contact: Contact
    uid: str = ""
    notes: tuple[str, ...] = ()


@dataclasses.dataclass(frozen=True, slots=True)
class NumberKind:
    """
    A kind of telephone number.

    Attributes:
        places: the fields for numbers of this kind, in order.
        types: the types by which it is written.
        label: what an address book shows that does not know the types; empty for none.
    """

    places: tuple[str, ...]
    types: tuple[str, ...]
    label: str = ""


NUMBERS = (
    NumberKind(("business_fax_number",), ("WORK", "FAX")),
    NumberKind(("home_fax_number",), ("HOME", "FAX")),
    NumberKind(("assistant_phone_number",), ("X-ASSISTANT",), "Assistant"),
    NumberKind(("company_main_phone",), ("X-COMPANY-MAIN",), "Company main"),
    NumberKind(("radio_phone_number",), ("X-RADIO",), "Radio"),
    NumberKind(("mms",), ("X-MMS",), "MMS"),
    NumberKind(("pager_number",), ("PAGER",)),
    NumberKind(("car_phone_number",), ("CAR",)),
    NumberKind(("mobile_phone_number",), ("CELL",)),
    NumberKind(("business_phone_number", "business2_phone_number"), ("WORK", "VOICE")),
    NumberKind(("home_phone_number", "home2_phone_number"), ("HOME", "VOICE")),
)
"""Kinds of numbers, the more special ones first: a reader takes the first one whose types are all there."""

MAILS = ("email1_address", "email2_address", "email3_address")
MESSENGERS = ("im_address", "im_address2", "im_address3")
ADDRESSES = {"business": "WORK", "home": "HOME", "other": "OTHER"}
"""The type of each postal address."""
ADDRESS_PARTS = ("street", "city", "state", "postal_code", "country")
"""Its parts in the order of ADR, after post office box and extended address."""
PHONETIC = {
    "yomi_first_name": "X-PHONETIC-FIRST-NAME",
    "yomi_last_name": "X-PHONETIC-LAST-NAME",
    "yomi_company_name": "X-PHONETIC-ORG",
}
OWN = {
    "office_location": "X-CARRIERPOST-OFFICE-LOCATION",
    "customer_id": "X-CARRIERPOST-CUSTOMER-ID",
    "government_id": "X-CARRIERPOST-GOVERNMENT-ID",
    "account_name": "X-CARRIERPOST-ACCOUNT-NAME",
    "alias": "X-CARRIERPOST-ALIAS",
    "weighted_rank": "X-CARRIERPOST-WEIGHTED-RANK",
}
"""What vCard has no property for, and no address book either."""
RELATED = {"spouse": "spouse", "children": "child", "manager_name": "manager", "assistant_name": "assistant"}
"""The type of RELATED, and with a capital the label of X-ABRELATEDNAMES."""
LABELLED = "_$!<{}>!$_"
"""How a label is written that address books translate."""
PLACE = "X-CARRIERPOST-PLACE"
"""A parameter: the how-manieth place of its kind is meant, from 1."""
EXACT = "X-CARRIERPOST-EXACT"
"""A parameter: the text as the server has it, of which the value is what other programs can use."""
NO_YEAR = 1604
"""The year of a birthday whose year is not known, as telephones and Exchange write it."""
CARDS_LIMIT = 100_000
"""So many cards are read of one file."""
