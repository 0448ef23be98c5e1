"""
Contacts to vCards. The same contact gives the same text, so that a tag made of it changes only with the contact.
"""

from __future__ import annotations

import base64
import datetime as dt
import email.utils
import re
import urllib.parse
from collections.abc import Iterable, Iterator, Sequence

from carrierpost.formats.contentlines import Component, Property, escape, write_components
from carrierpost.formats.vcard import (
    ADDRESS_PARTS,
    ADDRESSES,
    EXACT,
    LABELLED,
    MAILS,
    MESSENGERS,
    NO_YEAR,
    NUMBERS,
    OWN,
    PHONETIC,
    PLACE,
    RELATED,
    VCardVersion,
)
from carrierpost.protocol.classes import BodyType, Contact
from carrierpost.protocol.text import plain_text

__all__ = ["display_name", "write_card", "write_cards"]

_PRODUCT = "-//Carrierpost//Contacts//EN"  # without a version, since a new one would change every card's tag
_PICTURES = ((b"\xff\xd8\xff", "JPEG"), (b"\x89PNG", "PNG"), (b"GIF8", "GIF"), (b"RIFF", "WEBP"))
_ADDRESS = re.compile(r"(?!im:)[A-Za-z][A-Za-z0-9+.-]*:[!-+\--:<-\[\]-~]+")  # without , ; and backslash


class _Card:
    """
    A card that is being written.
    """

    def __init__(self, version: VCardVersion) -> None:
        self.version = version
        self.component = Component("VCARD")
        self.groups = 0

    @property
    def old(self) -> bool:
        return self.version is VCardVersion.V3

    def add(self, name: str, value: str, parameters: dict[str, str] | None = None, label: str = "") -> None:
        """
        Add a property; a label joins it in a group of its own.
        """
        group = ""
        if label:
            self.groups += 1
            group = f"item{self.groups}"
        self.component.properties.append(Property(name, value, parameters or {}, group))
        if label:
            self.component.properties.append(Property("X-ABLABEL", escape(label), {}, group))

    def text(self, name: str, text: str | None, parameters: dict[str, str] | None = None, label: str = "") -> None:
        if text:
            self.add(name, escape(text), parameters, label)

    def types(self, types: Iterable[str]) -> dict[str, str]:
        """
        Write types; version 4.0 has them in small letters.
        """
        joined = ",".join(types)
        return {"TYPE": joined if self.old else joined.lower()}


def write_card(contact: Contact, *, uid: str, version: VCardVersion = VCardVersion.V3) -> str:
    """
    Write a vCard.

    Args:
        contact: what it says; of a body that is no plain text, its plain text is written.
        uid: names the card, the same as long as the contact lives.
        version: which vCard.
    """
    return write_cards([(contact, uid)], version=version)


def write_cards(contacts: Iterable[tuple[Contact, str]], *, version: VCardVersion = VCardVersion.V3) -> str:
    """
    Write several contacts, each with its UID, one vCard after the other.
    """
    return write_components([_card(contact, uid, version) for contact, uid in contacts])


def display_name(contact: Contact) -> str:
    """
    Give the name by which a contact is shown, which a vCard must have: names, else whatever there is.
    """
    names = " ".join(
        part.strip()
        for part in (contact.title, contact.first_name, contact.middle_name, contact.last_name, contact.suffix)
        if part and part.strip()
    )
    sender, address = email.utils.parseaddr(contact.email1_address or "")
    others = (contact.file_as, contact.nick_name, contact.company_name, sender, address, contact.email1_address)
    return names or next((one for one in others if one and one.strip()), "(no name)")


def _card(contact: Contact, uid: str, version: VCardVersion) -> Component:
    card = _Card(version)
    card.add("VERSION", version)
    card.text("PRODID", _PRODUCT)
    card.text("UID", uid)
    _names(card, contact)
    _numbers(card, contact)
    _mails(card, contact)
    _addresses(card, contact)
    _messengers(card, contact)
    if contact.web_page:
        card.add("URL", contact.web_page.replace("\\", "\\\\").replace("\r", "").replace("\n", "\\n"))
    _days(card, contact)
    _related(card, contact)
    card.text("NOTE", _note(contact))
    if categories := [one for one in contact.categories or () if one]:
        card.add("CATEGORIES", ",".join(map(escape, categories)))
    for field, name in OWN.items():
        value = getattr(contact, field)
        card.text(name, None if value is None else str(value))
    if contact.picture:
        _photo(card, contact.picture)
    return card.component


def _names(card: _Card, contact: Contact) -> None:
    parts = (contact.last_name, contact.first_name, contact.middle_name, contact.title, contact.suffix)
    card.add("N", ";".join(escape(part or "") for part in parts))
    card.text("FN", display_name(contact))
    card.text("X-EVOLUTION-FILE-AS", contact.file_as)
    card.text("NICKNAME", contact.nick_name)
    for field, name in PHONETIC.items():
        card.text(name, getattr(contact, field))
    if contact.company_name or contact.department:
        firm = (contact.company_name, contact.department)
        card.add("ORG", ";".join(escape(part or "") for part in firm).removesuffix(";"))
        if not any((contact.first_name, contact.middle_name, contact.last_name, contact.nick_name)):
            card.add("X-ABSHOWAS", "COMPANY")
            if not card.old:
                card.add("KIND", "org")
    card.text("TITLE", contact.job_title)


def _placed(contact: Contact, places: Sequence[str]) -> Iterator[tuple[str, dict[str, str]]]:
    """
    Give what stands in some places, each with the parameter that tells its place where the order does not.
    """
    found = [(number, getattr(contact, field)) for number, field in enumerate(places, 1) if getattr(contact, field)]
    for order, (number, value) in enumerate(found, 1):
        yield value, {PLACE: str(number)} if number != order else {}


def _numbers(card: _Card, contact: Contact) -> None:
    for kind in NUMBERS:
        for value, place in _placed(contact, kind.places):
            card.text("TEL", value, card.types(kind.types) | place, kind.label)


def _mails(card: _Card, contact: Contact) -> None:
    for text, place in _placed(contact, MAILS):
        kept = dict(place)
        address = email.utils.parseaddr(text)[1] if "<" in text else text
        if address != text and "@" in address:
            kept[EXACT] = text
        else:
            address = text
        types = {"TYPE": "INTERNET"} if card.old else {}
        card.text("EMAIL", address, types | kept)


def _addresses(card: _Card, contact: Contact) -> None:
    for kind, type_ in ADDRESSES.items():
        parts = [getattr(contact, f"{kind}_address_{part}") or "" for part in ADDRESS_PARTS]
        if any(parts):
            label = LABELLED.format("Other") if type_ == "OTHER" else ""
            card.add("ADR", ";".join(["", "", *map(escape, parts)]), card.types((type_,)), label)


def _messengers(card: _Card, contact: Contact) -> None:
    for text, place in _placed(contact, MESSENGERS):
        written = text if _ADDRESS.fullmatch(text) else f"im:{urllib.parse.quote(text, safe='@')}"
        card.add("IMPP", written, place)


def _days(card: _Card, contact: Contact) -> None:
    if contact.birthday is not None:
        card.add("BDAY", *_day(card, contact.birthday))
    if contact.anniversary is not None:
        if card.old:
            value, parameters = _day(card, contact.anniversary)
            card.add("X-ABDATE", value, parameters, LABELLED.format("Anniversary"))
        else:
            card.add("ANNIVERSARY", *_day(card, contact.anniversary))


def _day(card: _Card, day: dt.date) -> tuple[str, dict[str, str]]:
    """
    Write a day, which has neither a time nor a zone.
    """
    if card.old:
        unknown = {"X-APPLE-OMIT-YEAR": str(NO_YEAR)} if day.year == NO_YEAR else {}
        return day.isoformat(), {"VALUE": "date"} | unknown
    return f"--{day:%m%d}" if day.year == NO_YEAR else day.isoformat().replace("-", ""), {}


def _related(card: _Card, contact: Contact) -> None:
    for field, kind in RELATED.items():
        value = getattr(contact, field)
        for name in value or () if isinstance(value, tuple) else (value,):
            if card.old:
                card.text("X-ABRELATEDNAMES", name, label=LABELLED.format(kind.capitalize()))
            else:
                card.text("RELATED", name, {"TYPE": kind, "VALUE": "text"})


def _note(contact: Contact) -> str | None:
    body = contact.body
    if body is None or body.type is BodyType.RTF:
        return None
    if body.type is BodyType.HTML:
        return plain_text(body.data or body.opaque or "", html=True)
    return body.data


def _photo(card: _Card, picture: bytes) -> None:
    kind = next((kind for mark, kind in _PICTURES if picture.startswith(mark)), None)
    text = base64.b64encode(picture).decode("ascii")
    if card.old:
        card.add("PHOTO", text, {"ENCODING": "b"} | ({"TYPE": kind} if kind else {}))
    else:
        media = f"image/{kind.lower()}" if kind else "application/octet-stream"
        card.add("PHOTO", f"data:{media};base64,{text}")
