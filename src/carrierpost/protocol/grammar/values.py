"""
Kinds of values, as the grammar names them ([MS-ASDTYPE], [MS-ASWBXML]).

A kind is a function from a value that is not empty to what is wrong with it, `""` for nothing.
"""

from __future__ import annotations

import base64
import binascii
import datetime as dt
import re
from collections.abc import Callable

__all__ = ["COMMON_BY_HTTP", "Kind", "kind_of"]

Kind = Callable[[str | bytes, int], str]
"""Given a value and the version as a number (`141`), says what is wrong."""

_COMMON = range(101, 185)
COMMON_BY_HTTP = frozenset(
    (101, 102, 103, 105, 106, 110, 111, 112, 113, 125, 126, 132, 137, 138, 140, 141, 142, 143, 144, 147)
)
"""Common statuses that 12.1 says by HTTP status, and so never in an answer."""

_ZONE_SIZE = 172
_LONGEST_ID = 64


def kind_of(words: str) -> Kind:
    """
    Make the kind that some words of the grammar name, `"integer 0..2"`.

    Raises:
        ValueError: no kind is named so.
    """
    plain = words.removesuffix(" or bytes")
    name, _, rest = plain.partition(" ")
    if plain.startswith("one of "):
        kind = _one_of(frozenset(plain.removeprefix("one of ").split("|")))
    elif name == "text":
        kind = _text(int(rest) if rest else None)
    elif name == "integer":
        kind = _integer(_ranges(rest.split("|")))
    elif name == "status":
        kind = _status(_ranges(rest.split()))
    elif name in _PLAIN and not rest:
        kind = _PLAIN[name]
    else:
        raise ValueError(f"{words!r} is no kind of value")
    if name in ("bytes", "mime"):
        return kind
    return _textual(kind, takes_bytes=plain != words)


def _textual(kind: Kind, *, takes_bytes: bool) -> Kind:
    def check(value: str | bytes, version: int) -> str:
        if isinstance(value, str):
            return kind(value, version)
        return "" if takes_bytes else "a byte array stands where text is expected"

    return check


def _text(most: int | None) -> Kind:
    def check(value: str | bytes, version: int) -> str:
        return f"more than {most} characters" if most is not None and len(value) > most else ""

    return check


def _ranges(words: list[str]) -> tuple[tuple[int, float], ...]:
    found = []
    for word in filter(None, words):
        low, dots, high = word.partition("..")
        found.append((int(low), (float(high) if high else float("inf")) if dots else float(low)))
    return tuple(found)


def _integer(ranges: tuple[tuple[int, float], ...]) -> Kind:
    def check(value: str | bytes, version: int) -> str:
        assert isinstance(value, str)
        if re.fullmatch(r"-?[0-9]{1,20}", value) is None:
            return "no whole number"
        return "" if _among(int(value), ranges) else "a number that is not allowed"

    return check


def _among(number: int, ranges: tuple[tuple[int, float], ...]) -> bool:
    return any(low <= number <= high for low, high in ranges)


def _status(ranges: tuple[tuple[int, float], ...]) -> Kind:
    def check(value: str | bytes, version: int) -> str:
        assert isinstance(value, str)
        if re.fullmatch("[0-9]{1,3}", value) is None:
            return "no status"
        number = int(value)
        common = number in _COMMON and (version > 121 or number not in COMMON_BY_HTTP)
        return "" if common or _among(number, ranges) else "a status that this does not have"

    return check


def _one_of(words: frozenset[str]) -> Kind:
    def check(value: str | bytes, version: int) -> str:
        return "" if value in words else f"none of {', '.join(sorted(words))}"

    return check


def _pattern(pattern: str, problem: str) -> Kind:
    compiled = re.compile(pattern)

    def check(value: str | bytes, version: int) -> str:
        assert isinstance(value, str)
        return "" if compiled.fullmatch(value) else problem

    return check


def _moment(*forms: str) -> Kind:
    def check(value: str | bytes, version: int) -> str:
        assert isinstance(value, str)
        for form in forms:
            try:
                dt.datetime.strptime(value, form)  # noqa: DTZ007 - only its form matters
                return ""
            except ValueError:
                continue
        return "no time of the form that is demanded here"

    return check


def _base64(value: str | bytes, version: int) -> str:
    return "" if _decoded(value) is not None else "no base64"


def _zone(value: str | bytes, version: int) -> str:
    raw = _decoded(value)
    return "" if raw is not None and len(raw) == _ZONE_SIZE else f"no zone: base64 of {_ZONE_SIZE} bytes"


def _decoded(value: str | bytes) -> bytes | None:
    assert isinstance(value, str)
    try:
        return base64.b64decode("".join(value.split()), validate=True)
    except (binascii.Error, ValueError):
        return None


def _bytes(value: str | bytes, version: int) -> str:
    return "" if isinstance(value, bytes) else "text stands where a byte array is expected"


def _mime(value: str | bytes, version: int) -> str:
    return ""


def _empty(value: str | bytes, version: int) -> str:
    return "has a value and must be empty"


_DOTTED = ("%Y-%m-%dT%H:%M:%S.%fZ", "%Y-%m-%dT%H:%M:%SZ")
_COMPACT = "%Y%m%dT%H%M%SZ"
_GUID = r"\{?[0-9A-Fa-f]{8}(-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}\}?"
_PLAIN: dict[str, Kind] = {
    "base64": _base64,
    "boolean": _pattern("[01]", "neither 0 nor 1"),
    "bytes": _bytes,
    "compact": _moment(_COMPACT),
    "date": _moment(*_DOTTED),
    "empty": _empty,
    "freebusy": _pattern("[0-4]{1,32768}", "no row of digits 0 to 4"),
    "guid": _pattern(_GUID, "no GUID"),
    "id": _text(_LONGEST_ID),
    "key": _text(_LONGEST_ID),
    "mime": _mime,
    "moment": _moment(*_DOTTED, _COMPACT),
    "number": _pattern(r"-?[0-9]+(\.[0-9]+)?([eE][-+]?[0-9]+)?", "no number"),
    "range": _pattern("[0-9]{1,20}-[0-9]{1,20}", "no range like 0-99"),
    "sticky": _pattern(r"IPM\.StickyNote.*", "no class of a note"),
    "zone": _zone,
}
