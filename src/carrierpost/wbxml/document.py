"""
Whole documents: header, body, limits.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, Final, NamedTuple

from carrierpost.wbxml import _decoder, _encoder
from carrierpost.wbxml.errors import DEFAULT_LIMITS, DEPTH, Limits, WBXMLError
from carrierpost.wbxml.pages import NAMESPACES, TAGS

__all__ = ["Document", "Value", "decode", "encode", "implementation"]

Value = Any
"""
An element's value: `None`, `str`, `bytes`, or the flat list of its children (tag, value, tag, value...).

The type is wider than that, because checkers cannot follow a list that alternates.
"""

_HEADER: Final = b"\x03\x01\x6a\x00"
_NOTHING: Final[Mapping[Any, int]] = MappingProxyType({})
_ALL: Final = tuple(range(len(NAMESPACES) << 6))
_KNOWN: Final = bytes(map(set(TAGS.values()).__contains__, _ALL))


class Document(NamedTuple):
    """
    A decoded document.

    Attributes:
        root: the root element's tag.
        value: the root element's value.
        unknown: tags that their code page does not define, with how often each came.
        oddities: what had to be repaired while reading, with how often.

    """

    root: int
    value: Value
    unknown: Mapping[int, int] = _NOTHING
    oddities: Mapping[str, int] = _NOTHING


def decode(data: bytes | bytearray | memoryview, *, limits: Limits = DEFAULT_LIMITS) -> Document:
    """
    Decode a WBXML document as ActiveSync uses it.

    Tolerant where real servers are odd: text may come inline or opaque, in pieces, with malformed UTF-8 (replaced
    by U+FFFD) or with characters that XML forbids (dropped); unknown tokens of known pages are kept. Refused are
    unknown pages, string tables, entities, attributes, extensions and whatever crosses a limit.

    Args:
        data: the document.
        limits: how much is accepted.

    Raises:
        WBXMLError: the document is refused; says why and where.

    """
    size = data.nbytes if isinstance(data, memoryview) else len(data)
    if size > limits.size:
        raise WBXMLError(f"{size} bytes are more than the limit of {limits.size}", limits.size)
    if type(data) is not bytes:
        data = bytes(data)
    try:
        pos = 4 if data.startswith(_HEADER) else _body_of(data)
        root, value, unknown, oddities = _decoder.decode_tree(
            data, pos, _ALL, _KNOWN, limits.depth, limits.elements, limits.length
        )
    except _decoder.Refused as refusal:
        raise WBXMLError(*refusal.args) from None
    return Document(root, value, unknown, oddities)


def _body_of(data: bytes) -> int:
    """
    Check the header and give the offset of the body.
    """
    if len(data) < 4:
        raise _decoder.Refused("shorter than a header", len(data))
    if data[0] > 3:
        raise _decoder.Refused(f"version byte 0x{data[0]:02X} is no WBXML version up to 1.3", 0)
    _, pos = _integer(data, 1)  # the public id means nothing in ActiveSync
    charset, after = _integer(data, pos)
    if charset not in (0, 106):  # unknown and UTF-8
        raise _decoder.Refused(f"character set {charset} is not UTF-8", pos)
    length, body = _integer(data, after)
    if length:
        raise _decoder.Refused("string tables are not used in ActiveSync", after)
    return body


def _integer(data: bytes, pos: int) -> tuple[int, int]:
    value = 0
    for index in range(pos, min(pos + 5, len(data))):
        value = value << 7 | data[index] & 0x7F
        if data[index] < 0x80:
            return value, index + 1
    raise _decoder.Refused("the header ends inside a number", pos)


def encode(root: int, value: Value) -> bytes:
    """
    Encode a document in the one canonical form.

    No page switch without need, text inline, byte arrays opaque, empty elements (`None`, `""`, `[]`) without
    content. Characters that XML forbids are dropped, lone surrogates become U+FFFD. What is written here, `decode`
    reads within its default limits, as far as size allows.

    Args:
        root: the root element's tag.
        value: its value.

    Raises:
        ValueError: the tree holds anything but tags, text, bytes, lists and `None`.

    """
    try:
        return _encoder.encode_tree(root, value, _HEADER, len(NAMESPACES), DEPTH)
    except (TypeError, OverflowError):
        raise ValueError("a list of children alternates tags and values; something else stands for a tag") from None


def implementation() -> str:
    """
    Tell which form of the codec runs: `"compiled"` or `"pure Python"`.
    """
    return "compiled" if _decoder.compiled and _encoder.compiled else "pure Python"
