"""
Lists into places: a vCard has any number of telephone numbers and mail addresses, ActiveSync a place for each kind.

A value goes to the place that is meant, then to the next free one of its kind, then to one where it can still be used;
what is left is named, and never dropped in silence.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any

from carrierpost.formats.contentlines import Property
from carrierpost.formats.vcard import NUMBERS, PLACE, NumberKind

__all__ = ["Places", "place_numbers", "types_of"]

_BY_LABEL = {
    "assistant": "X-ASSISTANT",
    "company main": "X-COMPANY-MAIN",
    "main": "X-COMPANY-MAIN",
    "radio": "X-RADIO",
    "mms": "X-MMS",
    "car": "CAR",
    "pager": "PAGER",
    "mobile": "CELL",
    "iphone": "CELL",
    "work": "WORK",
    "home": "HOME",
}
_SAME = {
    "X-COMPANY_MAIN": "X-COMPANY-MAIN", "MAIN": "X-COMPANY-MAIN", "X-MAIN": "X-COMPANY-MAIN", "X-CAR": "CAR",
    "X-EVOLUTION-ASSISTANT": "X-ASSISTANT", "X-EVOLUTION-RADIO": "X-RADIO", "X-EVOLUTION-COMPANY": "X-COMPANY-MAIN",
    "ASSISTANT": "X-ASSISTANT", "RADIO": "X-RADIO", "MOBILE": "CELL", "IPHONE": "CELL", "X-MOBILE": "CELL",
}  # fmt: skip
_INSTEAD = (
    *("mobile_phone_number", "home_phone_number", "business_phone_number", "home2_phone_number"),
    *("business2_phone_number", "car_phone_number", "radio_phone_number", "company_main_phone"),
)
"""Where a number goes that has no type, or whose place is taken."""
_FAXES = ("business_fax_number", "home_fax_number")


class Places:
    """
    A few places of one kind, and what is to be put into them.

    Args:
        fields: the places, in order.
        what: what stands in them, for people.
    """

    def __init__(self, fields: Sequence[str], what: str) -> None:
        self._fields = fields
        self._what = what
        self._found: list[tuple[str, str | None]] = []

    def add(self, value: str, place: str | None) -> None:
        """
        Take a value, and the place that is meant, from 1, where it says so.
        """
        if value and all(value != other for other, _ in self._found):
            self._found.append((value, place))

    def settle(self, values: dict[str, Any], note: Callable[[str], None]) -> None:
        """
        Put everything into place.

        Args:
            values: the contact's fields, which are added to.
            note: is told what has no place.
        """
        left: list[str] = []
        for value, place in self._found:
            field = _meant(self._fields, place)
            if field and not values.get(field):
                values[field] = value
            else:
                left.append(value)
        for value in left:
            field = next((one for one in self._fields if not values.get(one)), None)
            if field is None:
                note(f"there is no place for another {self._what}: {value[:60]}")
            else:
                values[field] = value


def place_numbers(
    telephones: Iterable[Property], labels: dict[str, str], values: dict[str, Any], note: Callable[[str], None]
) -> None:
    """
    Put telephone numbers into their places.

    Args:
        telephones: the properties TEL, in order.
        labels: what stands in `X-ABLABEL`, by group.
        values: the contact's fields, which are added to.
        note: is told what has no place.
    """
    left: list[tuple[str, bool]] = []
    for exact in (True, False):  # what names its place goes first
        for one in telephones:
            number = one.text().removeprefix("tel:")
            if not number or (PLACE in one.parameters) is not exact:
                continue
            types = types_of(one) | _types_of_label(labels.get(one.group, ""))
            kind = _kind(types)
            places = kind.places if kind else ()
            meant = _meant(places, one.parameters.get(PLACE))
            field = meant if meant and not values.get(meant) else next((p for p in places if not values.get(p)), None)
            if field is None:
                left.append((number, "FAX" in types))
            else:
                values[field] = number
    for number, fax in left:
        field = next((one for one in (_FAXES if fax else _INSTEAD) if not values.get(one)), None)
        if number in [values.get(one) for one in (*_INSTEAD, *_FAXES)]:
            continue
        if field is None:
            note(f"there is no place for another {'fax' if fax else 'telephone'} number: {number[:60]}")
        else:
            values[field] = number


def types_of(one: Property) -> set[str]:
    """
    Give a property's types, in capitals and under the names that are known here.
    """
    types = {word.strip().upper() for word in one.parameters.get("TYPE", "").split(",") if word.strip()}
    return {_SAME.get(word, word) for word in types}


def _types_of_label(label: str) -> set[str]:
    text = label.removeprefix("_$!<").removesuffix(">!$_").strip().lower()
    types = {_BY_LABEL[text]} if text in _BY_LABEL else set()
    return types | ({"FAX", "HOME" if "home" in text else "WORK"} if "fax" in text.split() else set())


def _kind(types: set[str]) -> NumberKind | None:
    """
    Find the first kind whose types are there; a voice goes without saying.
    """
    if "FAX" in types and not types & {"WORK", "HOME"}:
        types = types | {"WORK"}
    return next((kind for kind in NUMBERS if set(kind.types) - {"VOICE"} <= types), None)


def _meant(fields: Sequence[str], place: str | None) -> str | None:
    number = int(place) if place is not None and place.isascii() and place.isdigit() and len(place) < 3 else 0
    return fields[number - 1] if 1 <= number <= len(fields) else None
