"""
Which parts of a contact may leave: groups of fields under one name each, so that a policy is written in a line.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from carrierpost.protocol.classes import Contact
from carrierpost.protocol.record import fields_of

__all__ = ["ALL_FIELDS", "ALWAYS", "CONTACT_FIELDS", "CONTACT_GROUPS", "cut_contact", "fields_allowed"]

ALL_FIELDS = "all"
"""The word for every field, those included that a later version may have."""

_ADDRESS_PARTS = ("street", "city", "state", "postal_code", "country")
_NUMBERS = (
    *("business_phone_number", "business2_phone_number", "home_phone_number", "home2_phone_number"),
    *("mobile_phone_number", "car_phone_number", "radio_phone_number", "pager_number", "mms"),
    *("business_fax_number", "home_fax_number", "assistant_phone_number", "company_main_phone"),
)

CONTACT_GROUPS: dict[str, tuple[str, ...]] = {
    "name": (
        *("title", "first_name", "middle_name", "last_name", "suffix", "nick_name", "file_as"),
        *("yomi_first_name", "yomi_last_name"),
    ),
    "mail": ("email1_address", "email2_address", "email3_address"),
    "numbers": _NUMBERS,
    "addresses": tuple(f"{kind}_address_{part}" for kind in ("business", "home", "other") for part in _ADDRESS_PARTS),
    "work": (
        *("company_name", "yomi_company_name", "department", "job_title", "office_location", "manager_name"),
        "assistant_name",
    ),
    "messaging": ("im_address", "im_address2", "im_address3"),
    "web": ("web_page",),
    "dates": ("birthday", "anniversary"),
    "family": ("spouse", "children"),
    "photo": ("picture",),
    "notes": ("body", "native_body_type"),
    "categories": ("categories",),
    "identifiers": ("customer_id", "government_id", "account_name", "alias", "weighted_rank"),
}
"""Fields by the name of their group; `tests/policy` sees to it that none is left out."""

CONTACT_FIELDS = tuple(name for name, _, _ in fields_of(Contact))
"""The names of all fields of a contact."""

ALWAYS = frozenset(CONTACT_GROUPS["name"]) | {"company_name"}
"""What leaves with every contact that leaves at all: without a name an entry in an address book is of no use."""


def fields_allowed(words: Iterable[str]) -> frozenset[str]:
    """
    Give the fields that the words of a policy (`PolicyValues.contact_fields`) let out; unknown words let out nothing.
    """
    allowed = set(ALWAYS)
    for word in words:
        if word == ALL_FIELDS:
            return frozenset(CONTACT_FIELDS)
        allowed.update(CONTACT_GROUPS.get(word, (word,) if word in CONTACT_FIELDS else ()))
    return frozenset(allowed)


def cut_contact(contact: Contact, words: Iterable[str], *, photo_limit: int = 0) -> Contact:
    """
    Take from a contact what may not leave.

    Args:
        contact: as it is held.
        words: as in `PolicyValues.contact_fields`.
        photo_limit: the largest photo that may leave, kilobytes; 0 for any. A photo is not made smaller.

    Returns:
        What may leave. Elements that are not known are not in it, since nobody could say what they hold.
    """
    allowed = fields_allowed(words)
    kept: dict[str, Any] = {name: getattr(contact, name) for name in CONTACT_FIELDS if name in allowed}
    picture = kept.get("picture")
    if picture is not None and 0 < photo_limit * 1024 < len(picture):
        kept["picture"] = None
    return Contact(**kept)
