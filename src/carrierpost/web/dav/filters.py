"""
Whom a question fits: `addressbook-query` filters ([RFC 6352] 10.5), over the properties of a card as it is handed out.
"""

from __future__ import annotations

from carrierpost.formats.contentlines import Component, Property, read_components, unescape
from carrierpost.web.dav.multistatus import Refusal
from carrierpost.web.dav.xml import CARDDAV, Element

__all__ = ["check_filter", "fits_filter"]

_COLLATIONS = {"", "default", "i;ascii-casemap", "i;unicode-casemap", "i;octet"}
_MATCHES = {"", "equals", "contains", "starts-with", "ends-with"}
_ASCII = {one: one + 32 for one in range(ord("A"), ord("Z") + 1)}
_TESTS = {"", "anyof", "allof"}


def check_filter(wanted: Element) -> None:
    """
    Refuse a filter that could not be carried out as it is meant.

    Raises:
        Refusal: something in it is not known.
    """
    for one in wanted.children:
        if one.key not in ((CARDDAV, "prop-filter"), (CARDDAV, "param-filter"), (CARDDAV, "text-match"),
                           (CARDDAV, "is-not-defined")):  # fmt: skip
            raise Refusal(403, f"filters by {one.name[:60]} are not known", "<C:supported-filter/>")
        if one.name == "text-match" and one.attributes.get("collation", "") not in _COLLATIONS:
            raise Refusal(403, "this collation is not known; ask with i;unicode-casemap", "<C:supported-collation/>")
        if one.name == "text-match" and one.attributes.get("match-type", "") not in _MATCHES:
            raise Refusal(403, "this match-type is not known; ask with contains", "<C:supported-filter/>")
        check_filter(one)
    if wanted.attributes.get("test", "") not in _TESTS:
        raise Refusal(403, "a test is anyof or allof", "<C:supported-filter/>")


def fits_filter(wanted: Element, text: str) -> bool:
    """
    Tell whether a card fits.

    Args:
        wanted: the `filter` element; one without conditions fits everybody.
        text: the vCard.
    """
    components, _ = read_components(text)
    card = components[0]
    conditions = list(wanted.each(CARDDAV, "prop-filter"))
    return not conditions or _test(wanted, [_property(one, card) for one in conditions])


def _test(where: Element, results: list[bool]) -> bool:
    return all(results) if where.attributes.get("test") == "allof" else any(results)


def _property(wanted: Element, card: Component) -> bool:
    group, _, name = wanted.attributes.get("name", "").rpartition(".")
    found = [
        one
        for one in card.properties
        if one.name.upper() == name.upper() and (not group or one.group.upper() == group.upper())
    ]
    if wanted.first(CARDDAV, "is-not-defined") is not None:
        return not found
    if not wanted.children:
        return bool(found)
    results = [any(_text(one, unescape(each.value)) for each in found) for one in wanted.each(CARDDAV, "text-match")]
    results += [_parameter(one, found) for one in wanted.each(CARDDAV, "param-filter")]
    return bool(found) and _test(wanted, results)


def _parameter(wanted: Element, found: list[Property]) -> bool:
    name = wanted.attributes.get("name", "").upper()
    values = [one.parameters[name] for one in found if name in one.parameters]
    if wanted.first(CARDDAV, "is-not-defined") is not None:
        return not values
    match = wanted.first(CARDDAV, "text-match")
    if match is None:
        return bool(values)
    return any(_text(match, part) for value in values for part in value.split(","))


def _text(wanted: Element, value: str) -> bool:
    """
    Tell whether a value fits; the collations differ in what they do with letters' case.
    """
    looked_for = wanted.text
    match wanted.attributes.get("collation"):
        case "i;octet":
            pass
        case "i;ascii-casemap":
            looked_for, value = looked_for.translate(_ASCII), value.translate(_ASCII)
        case _:
            looked_for, value = looked_for.casefold(), value.casefold()
    match wanted.attributes.get("match-type"):
        case "equals":
            fits = value == looked_for
        case "starts-with":
            fits = value.startswith(looked_for)
        case "ends-with":
            fits = value.endswith(looked_for)
        case _:
            fits = looked_for in value
    return fits is not (wanted.attributes.get("negate-condition") == "yes")
