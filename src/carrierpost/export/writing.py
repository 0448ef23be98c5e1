"""
What a program wrote into a card, as changes of the contact behind it: pure, and careful with what it did not mean.

A program reads a card, changes something and writes the whole card back. What it left as it was is no change, even
where it writes it in another way; so what is read of its card is compared with what is read of ours, field by field. A
field that may not leave is none that it knows, and keeps the server's value. Nor is a field removed by a program that
drops what address books have no property for.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import msgspec

from carrierpost.formats.vcard import OWN, PHONETIC, ReadCard, VCardError
from carrierpost.formats.vcard_in import read_cards
from carrierpost.policy.fields import CONTACT_FIELDS, fields_allowed
from carrierpost.protocol.classes import Contact

__all__ = ["Written", "filed", "read_one", "written"]

_EASILY_LOST = frozenset(OWN) | frozenset(PHONETIC) | {"file_as", "native_body_type"}


class Written(msgspec.Struct, frozen=True):
    """
    What a program changed in a card.

    Attributes:
        values: what is to be set, by field; `None` removes.
        withheld: fields that it changed although they may not leave; they stay as they are.
    """

    values: dict[str, Any]
    withheld: tuple[str, ...]


def read_one(data: bytes) -> ReadCard:
    """
    Read what was written: one card of a person.

    Raises:
        VCardError: it is none, or several; the text says what is wrong.
    """
    cards, notes = read_cards(data)
    if len(cards) != 1:
        raise VCardError(f"one card of a person is expected, and not {len(cards)}; {'; '.join(notes)}".rstrip("; "))
    return cards[0]


def written(ours: str, theirs: Contact, words: Iterable[str]) -> Written:
    """
    Tell what a program changed.

    Args:
        ours: the card as it was handed out.
        theirs: what was read of the card that came back.
        words: the fields that may leave; see `PolicyValues.contact_fields`.
    """
    base = read_one(ours.encode()).contact
    allowed = fields_allowed(words)
    values: dict[str, Any] = {}
    withheld = []
    for name in CONTACT_FIELDS:
        before, now = getattr(base, name) or None, getattr(theirs, name) or None
        if before == now or (now is None and name in _EASILY_LOST):
            continue
        if name in allowed:
            values[name] = now
        else:
            withheld.append(name)
    return Written(values, tuple(withheld))


def filed(contact: Contact) -> Contact:
    """
    Give a contact the name that servers sort by, where its card has none.
    """
    if contact.file_as:
        return contact
    names = ", ".join(one for one in (contact.last_name, contact.first_name) if one)
    return msgspec.structs.replace(contact, file_as=names or contact.company_name or contact.email1_address)
