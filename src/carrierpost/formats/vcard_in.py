"""
vCards to contacts: versions 2.1, 3.0 and 4.0 as telephones and address books write them.

What can be read is taken over, what ActiveSync has no place for is named. Whatever the file holds, the work is bounded:
so many cards, so many lines of a card, so many bytes of a photo.
"""

from __future__ import annotations

import base64
import binascii
import datetime as dt
import re
import urllib.parse
from collections.abc import Iterator
from typing import Any

import msgspec

from carrierpost.formats.contentlines import Component, Property, read_components, split_values, unescape
from carrierpost.formats.vcard import (
    ADDRESS_PARTS,
    ADDRESSES,
    CARDS_LIMIT,
    EXACT,
    MAILS,
    MESSENGERS,
    NO_YEAR,
    OWN,
    PHONETIC,
    PLACE,
    ReadCard,
    VCardError,
)
from carrierpost.formats.vcard_lines import decode_octets, normalised
from carrierpost.formats.vcard_out import display_name
from carrierpost.formats.vcard_places import Places, place_numbers, types_of
from carrierpost.protocol.classes import Body, BodyType, Contact

__all__ = ["read_cards"]

_MOST_OCTETS = 60_000_000
_MOST_LINES = 2000  # of a card
_LARGEST_PHOTO = 5_000_000  # bytes
_MOST_NOTES = 50  # of a card
_DATE = re.compile(r"\s*(\d{4})-?(\d\d)-?(\d\d)(?![\d])")
_DATE_WITHOUT_YEAR = re.compile(r"\s*--(\d\d)-?(\d\d)(?![\d])")
_MESSENGER_NAMES = {
    "X-AIM": "aim", "X-JABBER": "xmpp", "X-MSN": "msnim", "X-ICQ": "icq", "X-SKYPE": "skype",
    "X-SKYPE-USERNAME": "skype", "X-GOOGLE-TALK": "xmpp", "X-YAHOO": "ymsgr", "X-QQ": "qq",
}  # fmt: skip
_RELATED_NAMES = {
    "spouse": ("SPOUSE", "SPOUSESNAME", "PARTNER", "DOMESTICPARTNER", "HUSBAND", "WIFE"),
    "children": ("CHILD", "CHILDREN", "SON", "DAUGHTER"),
    "manager_name": ("MANAGER", "MANAGERSNAME"),
    "assistant_name": ("ASSISTANT", "ASSISTANTSNAME"),
}
_RELATED = {word: field for field, words in _RELATED_NAMES.items() for word in words}
_ANDROID = {"1": "ASSISTANT", "3": "CHILD", "7": "MANAGER", "10": "PARTNER", "14": "SPOUSE"}  # kinds of relations
_SILENT = {
    "VERSION", "PRODID", "REV", "UID", "KIND", "X-ABSHOWAS", "X-ABLABEL", "X-ABADR", "SORT-STRING", "LABEL", "MAILER",
    "CLASS", "SOURCE", "NAME", "PROFILE", "CLIENTPIDMAP", "X-IMAGETYPE", "X-IMAGEHASH", "X-ABUID", "X-CLASS", "CREATED",
    "X-ADDRESSBOOKSERVER-KIND", "X-MOZILLA-HTML", "X-EVOLUTION-UI-SLOT", "X-MS-OL-DEFAULT-POSTAL-ADDRESS", "AGENT",
    "X-EVOLUTION-E164",
}  # fmt: skip
"""What says nothing about the person that is not said elsewhere."""


def read_cards(data: bytes | str) -> tuple[tuple[ReadCard, ...], tuple[str, ...]]:
    """
    Read all vCards of a file.

    Args:
        data: its octets, or its text.

    Returns:
        The cards in order, and what could not be read of the file as a whole.

    Raises:
        VCardError: there is no vCard in it.
    """
    if len(data) > _MOST_OCTETS:
        raise VCardError(f"the file is larger than {_MOST_OCTETS // 1_000_000} MB; divide it into several")
    text = decode_octets(data) if isinstance(data, bytes) else data
    components, notes = read_components(normalised(text))
    cards: list[ReadCard] = []
    more = list(notes)
    found = list(_each(components))
    for component in found:
        if len(cards) >= CARDS_LIMIT:
            more.append(f"only the first {CARDS_LIMIT} cards are read; divide the file into several")
            break
        kind = component.text("KIND") or component.text("X-ADDRESSBOOKSERVER-KIND")
        if kind.strip().lower() == "group":
            more.append(
                f"the group {component.text('FN') or '(no name)'!r} is left out; ActiveSync has categories instead"
            )
        else:
            cards.append(_Reading(component).card())
    if not found:
        begin = " ".join(text[:200].split())[:40]
        raise VCardError(f"there is no vCard in it; one begins with BEGIN:VCARD, and this with {begin!r}")
    return tuple(cards), tuple(more)


def _each(components: list[Component]) -> Iterator[Component]:
    """
    Give all cards; one within another is there because the end of the other is missing, or is its agent.
    """
    for component in components:
        if component.name == "VCARD":
            yield component
        agent = component.first("AGENT") is not None and component.name == "VCARD"
        yield from _each(component.children[1 if agent else 0 :])


class _Reading:
    """
    One card being read.
    """

    def __init__(self, component: Component) -> None:
        self.properties = component.properties[:_MOST_LINES]
        self.notes: list[str] = []
        self.values: dict[str, Any] = {}
        self.labels = {one.group: one.text() for one in self.properties if one.name == "X-ABLABEL" and one.group}
        if len(component.properties) > _MOST_LINES:
            self.note(f"only the first {_MOST_LINES} lines of the card are read")

    def note(self, sentence: str) -> None:
        if len(self.notes) < _MOST_NOTES:
            self.notes.append(sentence)

    def keep(self, field: str, value: Any, what: str) -> None:
        """
        Put a value into its field, if that is free.
        """
        if value in (None, "", ()):
            return
        if self.values.get(field) in (None, value):
            self.values[field] = value
        else:
            self.note(f"there is no place for another {what}: {str(value)[:60]}")

    def card(self) -> ReadCard:
        uid = ""
        fallback = ""
        telephones: list[Property] = []
        mails, messengers = Places(MAILS, "mail address"), Places(MESSENGERS, "messenger")
        for one in self.properties:
            match one.name:
                case "UID":
                    uid = uid or one.text().strip()
                case "FN":
                    fallback = fallback or one.text().strip()
                case "TEL":
                    telephones.append(one)
                case "EMAIL":
                    mails.add(_mail(one), one.parameters.get(PLACE))
                case "IMPP":
                    messengers.add(_messenger(unescape(one.value)), one.parameters.get(PLACE))
                case name if name in _MESSENGER_NAMES and one.value.strip():
                    messengers.add(f"{_MESSENGER_NAMES[name]}:{one.text().strip()}", None)
                case _:
                    self._read(one)
        place_numbers(telephones, self.labels, self.values, self.note)
        for places in (mails, messengers):
            places.settle(self.values, self.note)
        if "categories" in self.values:
            self.values["categories"] = tuple(dict.fromkeys(self.values["categories"]))
        contact = Contact(**{key: value for key, value in self.values.items() if value})
        return ReadCard(_named(contact, fallback), uid, tuple(self.notes))

    def _read(self, one: Property) -> None:
        name = one.name.removeprefix("X-")
        label = self.labels.get(one.group, "")
        if one.name == "N":
            fields = ("last_name", "first_name", "middle_name", "title", "suffix")
            for field, part in zip(fields, split_values(one.value, ";"), strict=False):
                self.keep(field, part, "name")
        elif one.name == "ORG":
            self._organisation(split_values(one.value, ";"))
        elif one.name == "ADR":
            self._address(one, label)
        elif one.name == "PHOTO":
            self._photo(one)
        elif one.name == "CATEGORIES":
            self.values["categories"] = (*self.values.get("categories", ()), *filter(None, split_values(one.value)))
        elif one.name == "BDAY":
            self._day("birthday", one)
        elif one.name == "ANNIVERSARY" or name.endswith("-ANNIVERSARY") or name == "ANNIVERSARY":
            self._day("anniversary", one)
        elif one.name == "X-ABDATE":
            self._day("anniversary" if "anniversary" in label.lower() else "", one)
        elif one.name == "X-ABRELATEDNAMES":
            self._related(label.removeprefix("_$!<").removesuffix(">!$_"), one.text())
        elif one.name == "RELATED":
            kinds = [word.strip().upper().removeprefix("X-") for word in one.parameters.get("TYPE", "").split(",")]
            self._related(next((kind for kind in kinds if kind in _RELATED), kinds[0]), one.text())
        elif one.name == "X-ANDROID-CUSTOM":
            self._android(split_values(one.value, ";"))
        elif name.rpartition("-")[2] in _RELATED and one.name.startswith("X-"):
            self._related(name.rpartition("-")[2], one.text())
        else:
            self._single(one)

    def _single(self, one: Property) -> None:
        """
        Read what is one text in one field.
        """
        if field := _SINGLE.get(one.name):
            text = one.text()
            if field == "weighted_rank":
                if re.fullmatch(r"-?\d{1,15}", text):
                    self.keep(field, int(text), "rank")
            elif field == "body":
                self.keep(field, Body(type=BodyType.PLAIN, data=text) if text else None, "note")
            else:
                self.keep(field, text, field.replace("_", " "))
        elif one.name == "ROLE" and not any(other.name == "TITLE" for other in self.properties):
            self.keep("job_title", one.text(), "job title")
        elif one.name not in _SILENT and one.value.strip():
            self.note(f"{one.name} is nothing that ActiveSync has: {one.text()[:60]}")

    def _organisation(self, parts: list[str]) -> None:
        self.keep("company_name", parts[0], "company")
        if len(parts) > 1:
            self.keep("department", parts[1], "department")
        if len(parts) > 2:  # Evolution puts the office there
            self.keep("office_location", ", ".join(filter(None, parts[2:])), "office")

    def _address(self, one: Property, label: str) -> None:
        types = types_of(one)
        parts = [*split_values(one.value, ";"), *[""] * 7][:7]
        kind = next((kind for kind, type_ in ADDRESSES.items() if type_ in types), "")
        if not kind or "other" in label.lower():
            kind = "other"
        if kind == "business" and parts[1] and not any(two.name == OWN["office_location"] for two in self.properties):
            self.keep("office_location", parts[1], "office")  # as Outlook writes it
            parts[1] = ""
        street = "\n".join(part for part in (parts[0], parts[1], parts[2]) if part)
        found = dict(zip(ADDRESS_PARTS, (street, *parts[3:]), strict=True))
        if not any(found.values()):
            return
        free = next((one for one in (kind, "other", "home", "business") if not self._has_address(one)), None)
        if free is None:
            self.note(f"there is no place for another postal address: {', '.join(filter(None, parts))[:60]}")
            return
        self.values.update({f"{free}_address_{part}": text for part, text in found.items() if text})

    def _has_address(self, kind: str) -> bool:
        return any(self.values.get(f"{kind}_address_{part}") for part in ADDRESS_PARTS)

    def _day(self, field: str, one: Property) -> None:
        """
        Read a day as it stands; a time or zone behind it does not move it.
        """
        text = one.text()
        if found := _DATE.match(text):
            year, month, day = map(int, found.groups())
        elif found := _DATE_WITHOUT_YEAR.match(text):
            year, month, day = NO_YEAR, *map(int, found.groups())
        else:
            year = month = day = 0
        if one.parameters.get("X-APPLE-OMIT-YEAR") == f"{year:04}":
            year = NO_YEAR
        try:
            self.keep(field, dt.date(year, month, day), field) if field else self.note(
                f"{text[:40]} is no day we know of"
            )
        except ValueError:
            self.note(f"{one.name} is no day: {text[:40]}")

    def _related(self, kind: str, name: str) -> None:
        field = _RELATED.get(kind.strip().upper())
        if field is None:
            self.note(f"ActiveSync knows no such relation: {kind[:40]} {name[:40]}")
        elif field == "children":
            self.values[field] = (*self.values.get(field, ()), *([name] if name else ()))
        else:
            self.keep(field, name, kind.lower())

    def _android(self, parts: list[str]) -> None:
        kind, value, number, *_ = [*parts, "", "", ""]
        if kind.endswith("/nickname"):
            self.keep("nick_name", value, "nickname")
        elif kind.endswith("/relation"):
            self._related(_ANDROID.get(number, f"kind {number}"), value)
        elif kind.endswith("/contact_event") and number in ("1", "3"):
            self._day("anniversary" if number == "1" else "birthday", Property("X-ANDROID-CUSTOM", value))

    def _photo(self, one: Property) -> None:
        value = unescape(one.value).strip()
        if value.startswith("data:"):
            head, _, value = value.partition(",")
            if not head.endswith(";base64"):
                value = base64.b64encode(urllib.parse.unquote_to_bytes(value)).decode()
        elif one.parameters.get("VALUE", "").upper() in ("URI", "URL") or "://" in value[:20]:
            self.note("the photo is only an address elsewhere, and is not fetched")
            return
        if len(value) > _LARGEST_PHOTO * 4 // 3:
            self.note(f"the photo is larger than {_LARGEST_PHOTO // 1_000_000} MB and is left out")
            return
        try:
            picture = base64.b64decode(re.sub(r"\s", "", value) + "==", validate=False)
        except (binascii.Error, ValueError):
            picture = b""
        if picture:
            self.keep("picture", picture, "photo")
        elif value:
            self.note("the photo cannot be read")


_SINGLE = {
    **{name: field for field, name in OWN.items()},
    **{name: field for field, name in PHONETIC.items()},
    "X-PHONETIC-COMPANY-NAME": "yomi_company_name",
    "X-EVOLUTION-FILE-AS": "file_as",
    "X-MS-OL-FILE-AS": "file_as",
    "NICKNAME": "nick_name",
    "TITLE": "job_title",
    "URL": "web_page",
    "NOTE": "body",
}


def _named(contact: Contact, full_name: str) -> Contact:
    """
    Make names of the full name where a card has no others, and that was not made of what else there is.
    """
    names = (contact.first_name, contact.middle_name, contact.last_name, contact.nick_name, contact.company_name)
    if not full_name or any(names) or full_name == display_name(contact).strip():
        return contact
    first, _, last = full_name.rpartition(" ")
    return msgspec.structs.replace(contact, first_name=first or last, last_name=last if first else None)


def _mail(one: Property) -> str:
    """
    Give the text that the server had, if the address in it is still the one that stands there.
    """
    address = one.text().strip().removeprefix("mailto:")
    exact = one.parameters.get(EXACT, "")
    return exact if address and exact.rpartition("<")[2].rstrip("> ") == address else address


def _messenger(text: str) -> str:
    text = text.strip()
    if text[:3].lower() == "im:":
        return urllib.parse.unquote(text[3:])
    return text.removeprefix("x-apple:")
