"""
The two loops: bytes to tree and tree to bytes ([MS-ASWBXML]).

An element's value is `None` (empty), `str`, `bytes` (opaque), or the flat list of its children: tag, value, tag,
value... There is no object per element; that, one pass over one buffer, and strings decoded once are what makes
it fast. Where a C compiler is at hand this very source is compiled, with the types of `_codec.pxd`.

The decoder does not recurse, so no document can overflow the stack; the encoder recurses no deeper than `DEPTH`.
"""

from __future__ import annotations

import re
from types import SimpleNamespace
from typing import Any

try:
    import cython
except ImportError:  # only needed where the module is compiled
    cython = SimpleNamespace(compiled=False)


compiled: bool = cython.compiled

SWITCH_PAGE = 0x00
END = 0x01
STR_I = 0x03
OPAQUE = 0xC3
TEXT = 0
DEPTH = 256

MALFORMED_UTF8 = "malformed UTF-8 replaced"
FORBIDDEN_CHARACTER = "control character dropped"
MIXED_TEXT = "text between elements"

_TERMINATOR = b"\x00"
_END_OF_TEXT = b"\x00\x01"
_END = b"\x01"
_OPEN = [bytes((token | 0x40,)) for token in range(0x40)]
_OPEN_TEXT = [bytes((token | 0x40, STR_I)) for token in range(0x40)]
_OPEN_OPAQUE = [bytes((token | 0x40, OPAQUE)) for token in range(0x40)]
_EMPTY = [bytes((token,)) for token in range(0x40)]
_SWITCH = [bytes((SWITCH_PAGE, page)) for page in range(0x100)]

# What XML 1.0 cannot carry; NUL cannot stand in a WBXML string anyway.
_forbidden = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")


class Refused(Exception):
    """
    Carries reason and offset to the border of the room, where it becomes a `WBXMLError`.
    """


def suspicious(data: bytes, start: int, stop: int) -> bool:
    """
    Tell whether a string may hold a character that XML forbids; cheap, and right when it says no.
    """
    # Compiled: a branchless pass over the bytes. U+FFFE and U+FFFF begin with the byte EF.
    if cython.compiled:
        found = 0
        buffer = data
        for index in range(start, stop):
            byte = buffer[index]
            found |= (byte < 32) & (byte != 10) & (byte != 13) & (byte != 9)
            found |= byte == 0xEF
        return found != 0
    return True


def terminator(data: bytes, start: int, size: int) -> int:
    """
    Find the end of a string: the offset of the next NUL, or -1.
    """
    if cython.compiled:
        buffer = data
        begin = buffer + start  # type: ignore[operator]
        found = memchr(begin, 0, size - start)  # type: ignore[name-defined]  # noqa: F821
        return found - begin + start if found else -1
    return data.find(_TERMINATOR, start)


def decode_tree(
    data: bytes, pos: int, known: bytes, max_depth: int, max_elements: int
) -> tuple[int, Any, dict[int, int], dict[str, int]]:
    """
    Decode the body of a document.

    Args:
        data: the whole document.
        pos: where its body begins.
        known: one byte per tag, 1 where the code page defines the token; as long as the pages known.
        max_depth: see `Limits`.
        max_elements: see `Limits`.

    Returns:
        The root's tag and value, unknown tags with their counts, oddities with their counts.

    Raises:
        Refused: with reason and offset.

    """
    size = len(data)
    page = 0
    pages = len(known) >> 6
    top: list[Any] = []
    current = top
    stack: list[list[Any]] = []
    loose = 0  # text pieces that wait for the end of their element
    elements = 0
    unknown: dict[int, int] = {}
    oddities: dict[str, int] = {}
    while pos < size:
        token = data[pos]
        if token == END:
            pos += 1
            if not stack:
                raise Refused("END without an open element", pos - 1)
            parent = stack.pop()
            if loose and TEXT in current:
                loose -= settle(parent, current, oddities)
            elif not current:
                parent[len(parent) - 1] = None
            current = parent
            if not stack:
                break
            continue
        if token == SWITCH_PAGE:
            if pos + 1 >= size:
                raise Refused("ends inside a page switch", pos)
            page = data[pos + 1]
            if page >= pages:
                raise Refused(f"code page {page} is unknown", pos + 1)
            pos += 2
            continue
        if token == STR_I:
            if not stack:
                raise Refused("text outside the root element", pos)
            stop = terminator(data, pos + 1, size)
            if stop < 0:
                raise Refused("a string has no end", pos)
            current.append(TEXT)
            current.append(text_of(data, pos + 1, stop, oddities))
            loose += 1
            pos = stop + 1
            continue
        if token == OPAQUE:
            if not stack:
                raise Refused("bytes outside the root element", pos)
            start, stop = opaque_span(data, pos + 1, size)
            current.append(TEXT)
            current.append(data[start:stop])
            loose += 1
            pos = stop
            continue
        if token >= 0x80 or (token & 0x3F) < 5:
            raise Refused(f"token 0x{token:02X} is not used in ActiveSync", pos)

        if not stack and top:
            raise Refused("a second root element", pos)
        elements += 1
        if elements > max_elements:
            raise Refused(f"more than {max_elements} elements", pos)
        tag = page << 6 | (token & 0x3F)
        if not known[tag]:
            unknown[tag] = unknown.get(tag, 0) + 1
        pos += 1
        current.append(tag)
        if token < 0x40:
            current.append(None)
            if not stack:
                break
            continue

        # A leaf in one piece, by far the most common thing, needs no list and no round trip through the stack.
        if pos < size:
            token = data[pos]
            if token == STR_I:
                stop = terminator(data, pos + 1, size)
                if stop < 0:
                    raise Refused("a string has no end", pos)
                if stop + 1 < size and data[stop + 1] == END:
                    if stop == pos + 1:
                        current.append(None)
                    else:
                        current.append(text_of(data, pos + 1, stop, oddities))
                    pos = stop + 2
                    if not stack:
                        break
                    continue
            elif token == END:
                current.append(None)
                pos += 1
                if not stack:
                    break
                continue
        if len(stack) >= max_depth:
            raise Refused(f"elements are nested deeper than {max_depth}", pos)
        children: list[Any] = []
        current.append(children)
        stack.append(current)
        current = children
    if stack:
        raise Refused("ends inside an element", size)
    if not top:
        raise Refused("there is no root element", size)
    if pos < size:
        raise Refused("bytes after the end of the root element", pos)
    return top[0], top[1], unknown, oddities


def text_of(data: bytes, start: int, stop: int, oddities: dict[str, int]) -> str:
    """
    Decode one string, repairing what cannot be kept.
    """
    try:
        text = data[start:stop].decode("utf-8")
    except UnicodeDecodeError:
        text = data[start:stop].decode("utf-8", "replace")
        oddities[MALFORMED_UTF8] = oddities.get(MALFORMED_UTF8, 0) + 1
    if suspicious(data, start, stop) and not text.isprintable() and _forbidden.search(text) is not None:
        text = _forbidden.sub("", text)
        oddities[FORBIDDEN_CHARACTER] = oddities.get(FORBIDDEN_CHARACTER, 0) + 1
    return text


def opaque_span(data: bytes, pos: int, size: int) -> tuple[int, int]:
    """
    Read the length of an opaque byte array and give where it starts and stops.
    """
    length = 0
    for index in range(5):
        if pos + index >= size:
            raise Refused("ends inside a length", pos)
        byte = data[pos + index]
        length = length << 7 | (byte & 0x7F)
        if byte < 0x80:
            start = pos + index + 1
            if length > size - start:
                raise Refused(f"an opaque value of {length} bytes is longer than the document", pos)
            return start, start + length
    raise Refused("a length of more than five bytes", pos)


def settle(parent: list[Any], children: list[Any], oddities: dict[str, int]) -> int:
    """
    Give an element that holds text its value, now that it ends.

    Text alone becomes the element's value: opaque pieces alone stay bytes, mixed with strings they become text.
    Text beside child elements is kept among them under the tag `TEXT`, unless it is blank.

    Returns:
        How many text pieces were dealt with.

    """
    tags = children[0::2]
    pieces = [children[index * 2 + 1] for index, tag in enumerate(tags) if tag == TEXT]
    if len(pieces) == len(tags):
        if all(isinstance(piece, bytes) for piece in pieces):
            parent[len(parent) - 1] = b"".join(pieces)
        else:
            parent[len(parent) - 1] = "".join(as_text(piece) for piece in pieces) or None
        return len(pieces)
    kept: list[Any] = []
    for index, tag in enumerate(tags):
        value = children[index * 2 + 1]
        if tag != TEXT:
            kept += (tag, value)
        elif value.strip():
            kept += (TEXT, value)
            oddities[MIXED_TEXT] = oddities.get(MIXED_TEXT, 0) + 1
    parent[len(parent) - 1] = kept
    return len(pieces)


def as_text(piece: Any) -> str:
    """
    Take an opaque piece as text where it stands among strings.
    """
    if isinstance(piece, bytes):
        return _forbidden.sub("", piece.decode("utf-8", "replace"))
    return str(piece)


def encode_tree(root: int, value: Any, header: bytes) -> bytes:
    """
    Encode a document canonically.

    Args:
        root: the root's tag.
        value: its value.
        header: the four header bytes.

    Raises:
        ValueError: the tree holds something else than text, bytes, lists and `None`, or is nested too deep.

    """
    pieces: list[bytes] = [header]
    encode_children([root, value], 0, pieces, 0)
    return b"".join(pieces)


def encode_children(children: list[Any], page: int, pieces: list[bytes], depth: int) -> int:
    """
    Encode children one after the other.

    Returns:
        The code page that is current afterwards.

    """
    if depth > DEPTH:
        raise ValueError(f"elements are nested deeper than {DEPTH}")
    count = len(children)
    if count & 1:
        raise ValueError("a list of children alternates tags and values; this one has an odd length")
    index = 0
    append = pieces.append
    while index < count:
        tag = children[index]
        value = children[index + 1]
        index += 2
        if tag == TEXT:
            append(loose_text(value))
            continue
        if tag >> 6 != page:
            page = tag >> 6
            append(_SWITCH[page])
        token = tag & 0x3F
        if token < 5:
            raise ValueError(f"0x{tag:X} is no tag")
        if isinstance(value, str):
            raw = bytes_of(value)
            if raw:
                append(_OPEN_TEXT[token])
                append(raw)
                append(_END_OF_TEXT)
            else:
                append(_EMPTY[token])
        elif isinstance(value, list):
            if value:
                append(_OPEN[token])
                page = encode_children(value, page, pieces, depth + 1)
                append(_END)
            else:
                append(_EMPTY[token])
        elif value is None:
            append(_EMPTY[token])
        elif isinstance(value, bytes):
            append(_OPEN_OPAQUE[token])
            append(length_of(len(value)))
            append(value)
            append(_END)
        else:
            raise ValueError(f"an element's value cannot be {type(value).__name__}")
    return page


def bytes_of(text: str) -> bytes:
    """
    Encode one string, dropping what XML forbids.
    """
    try:
        raw = text.encode("utf-8")
    except UnicodeEncodeError:
        return _forbidden.sub("", text).encode("utf-8")
    if suspicious(raw, 0, len(raw)) and not text.isprintable() and _forbidden.search(text) is not None:
        return _forbidden.sub("", text).encode("utf-8")
    return raw


def loose_text(value: Any) -> bytes:
    """
    Encode text that stands between elements.
    """
    if isinstance(value, bytes):
        return bytes((OPAQUE,)) + length_of(len(value)) + value
    if isinstance(value, str):
        return bytes((STR_I,)) + bytes_of(value) + _TERMINATOR
    raise ValueError(f"text between elements cannot be {type(value).__name__}")


def length_of(length: int) -> bytes:
    """
    Write a multi-byte integer.
    """
    if length < 0x80:
        return bytes((length,))
    digits = [length & 0x7F]
    length >>= 7
    while length:
        digits.append(length & 0x7F | 0x80)
        length >>= 7
    return bytes(reversed(digits))
