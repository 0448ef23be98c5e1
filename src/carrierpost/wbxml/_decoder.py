"""
Bytes to tree: the decoder's loop ([MS-ASWBXML]).

An element's value is `None` (empty), `str`, `bytes` (opaque), or the flat list of its children: tag, value, tag,
value... There is no object per element; that, one pass over one buffer, and strings decoded once are what makes
it fast. Where a C compiler is at hand this very source is compiled, with the types of `_decoder.pxd`.

The loop does not recurse, so no document can overflow the stack, and every length is held against what is there
before anything is allocated. Header, limits and the public error are the business of `document`.
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

MALFORMED_UTF8 = "malformed UTF-8 replaced"
FORBIDDEN_CHARACTER = "control character dropped"
MIXED_TEXT = "text between elements"

_SWITCH_PAGE = 0x00
_END = 0x01
_STR_I = 0x03
_OPAQUE = 0xC3
_TEXT = 0  # see `tree.TEXT`

_NUL = b"\x00"
_CONTROLS = bytes({*range(32)} - {9, 10, 13})
# What XML 1.0 cannot carry, but for surrogates, which no decoded text holds.
_forbidden = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")

_UNUSED = {
    0x02: "a character entity",
    0x04: "an element named in a string table",
    0x43: "a processing instruction",
    0x44: "an element named in a string table",
    0x83: "a reference to a string table",
    0x84: "an element named in a string table",
    0xC4: "an element named in a string table",
}


class Refused(Exception):
    """
    Carries reason and offset to the border of the room, where it becomes a `WBXMLError`.
    """


def decode_tree(
    data: bytes,
    pos: int,
    tags: tuple[int, ...],
    known: bytes,
    max_depth: int,
    max_elements: int,
    max_length: int,
) -> tuple[int, Any, dict[int, int], dict[str, int]]:
    """
    Decode the body of a document.

    Args:
        data: the whole document.
        pos: where its body begins.
        tags: every possible tag at its own index, so that all elements share one object for each.
        known: one byte per tag, 1 where the code page defines the token. Its length tells the number of pages.
        max_depth: see `Limits`.
        max_elements: see `Limits`.
        max_length: see `Limits`.

    Returns:
        The root's tag and value, unknown tags with their counts, oddities with their counts.

    Raises:
        Refused: with reason and offset.

    """
    size = len(data)
    pages = len(known) >> 6
    page = 0
    room = max_elements
    root: list[Any] = []
    current = root
    stack: list[list[Any]] = []
    texts: list[int] = []  # how deep the open elements are that hold loose text, innermost last
    unknown: dict[int, int] = {}
    oddities: dict[str, int] = {}
    while pos < size:
        token = data[pos]
        if token < 0x80 and (token & 0x3F) >= 5:
            room -= 1
            if room < 0:
                raise Refused(f"more than {max_elements} elements", pos)
            tag = page | (token & 0x3F)
            if not known[tag]:
                unknown[tag] = unknown.get(tag, 0) + 1
            current.append(tags[tag])
            pos += 1
            # A leaf in one piece, by far the most common thing, needs no list and no way through the stack.
            leaf = token < 0x40
            value: Any = None
            if not leaf and pos < size:
                following = data[pos]
                if following == _END:
                    pos += 1
                    leaf = True
                elif following == _STR_I:
                    stop = terminator(data, pos + 1, size)
                    if 0 <= stop < size - 1 and data[stop + 1] == _END:
                        if stop - pos - 1 > max_length:
                            raise Refused(f"a text of more than {max_length} bytes", pos)
                        if stop > pos + 1:
                            value = text_of(data, pos + 1, stop, oddities)
                        pos = stop + 2
                        leaf = True
                elif following == _OPAQUE:
                    start = after_length(data, pos + 1, size)
                    stop = start + length_of(data, pos + 1, start, size, max_length)
                    if stop < size and data[stop] == _END:
                        value = data[start:stop]
                        pos = stop + 1
                        leaf = True
            if leaf:
                current.append(value)
                if not stack:
                    break
                continue
            if len(stack) >= max_depth:
                raise Refused(f"elements are nested deeper than {max_depth}", pos - 1)
            children: list[Any] = []
            current.append(children)
            stack.append(current)
            current = children
        elif token == _END:
            if not stack:
                raise Refused("END without an open element", pos)
            pos += 1
            parent = stack.pop()
            if texts and texts[len(texts) - 1] == len(stack):
                texts.pop()
                parent[len(parent) - 1] = settled(current, oddities)
            elif not current:
                parent[len(parent) - 1] = None
            current = parent
            if not stack:
                break
        elif token == _SWITCH_PAGE:
            if pos + 1 >= size:
                raise Refused("ends inside a page switch", pos)
            if data[pos + 1] >= pages:
                raise Refused(f"code page {data[pos + 1]} is unknown", pos + 1)
            page = data[pos + 1] << 6
            pos += 2
        elif token == _STR_I or token == _OPAQUE:  # noqa: SIM109 - two integer comparisons when compiled
            if not stack:
                raise Refused("text outside the root element", pos)
            room -= 1
            if room < 0:
                raise Refused(f"more than {max_elements} elements", pos)
            if token == _STR_I:
                start = pos + 1
                stop = terminator(data, start, size)
                if stop < 0:
                    raise Refused("a string has no end", pos)
                if stop - start > max_length:
                    raise Refused(f"a text of more than {max_length} bytes", pos)
                value = text_of(data, start, stop, oddities)
                after = stop + 1
            else:
                start = after_length(data, pos + 1, size)
                stop = start + length_of(data, pos + 1, start, size, max_length)
                value = data[start:stop]
                after = stop
            current.append(_TEXT)
            current.append(value)
            if not texts or texts[len(texts) - 1] != len(stack) - 1:
                texts.append(len(stack) - 1)
            pos = after
        else:
            raise Refused(name_of_unused(token), pos)
    if stack:
        raise Refused("ends inside an element", size)
    if not root:
        raise Refused("there is no root element", size)
    if pos < size:
        raise Refused("bytes after the end of the root element", pos)
    return root[0], root[1], unknown, oddities


def terminator(data: bytes, start: int, size: int) -> int:
    """
    Find the end of a string: the offset of the next NUL, or -1.
    """
    if cython.compiled:
        begin = cython.cast("const unsigned char*", data)
        found = memchr(begin + start, 0, size - start)  # type: ignore[name-defined]  # noqa: F821
        return found - begin if found else -1
    return data.find(_NUL, start)


def after_length(data: bytes, pos: int, size: int) -> int:
    """
    Find where the bytes begin whose length is written here: seven bits per byte, the last one below 0x80.
    """
    for index in range(pos, pos + 5):
        if index >= size:
            raise Refused("ends inside a length", pos)
        if data[index] < 0x80:
            return index + 1
    raise Refused("a length of more than five bytes", pos)


def length_of(data: bytes, pos: int, stop: int, size: int, max_length: int) -> int:
    """
    Read a length, and hold it against what the document has left and what is accepted.
    """
    length = 0
    for index in range(pos, stop):
        if length >= 1 << 24:  # its next seven bits could overflow where integers have 32
            raise Refused("an opaque value of more than 2 GB", pos)
        length = length << 7 | (data[index] & 0x7F)
    if length > size - stop:
        raise Refused(f"an opaque value of {length} bytes is longer than the document", pos)
    if length > max_length:
        raise Refused(f"an opaque value of more than {max_length} bytes", pos)
    return length


def text_of(data: bytes, start: int, stop: int, oddities: dict[str, int]) -> str | None:
    """
    Decode one string, repairing what cannot be kept; `None` when nothing is left of it.
    """
    try:
        text = data[start:stop].decode("utf-8")
    except UnicodeDecodeError:
        text = data[start:stop].decode("utf-8", "replace")
        oddities[MALFORMED_UTF8] = oddities.get(MALFORMED_UTF8, 0) + 1
    # Text without line breaks is mostly printable, which plain Python sees soonest; compiled, bytes are quicker.
    if (cython.compiled or not text.isprintable()) and suspicious(data, start, stop):
        kept = _forbidden.sub("", text)
        if len(kept) != len(text):
            oddities[FORBIDDEN_CHARACTER] = oddities.get(FORBIDDEN_CHARACTER, 0) + 1
            text = kept
    return text or None


def suspicious(data: bytes, start: int, stop: int) -> bool:
    """
    Tell whether a string may hold a character that XML forbids; cheap, and right when it says no.
    """
    # U+FFFE and U+FFFF begin with EF BF in UTF-8, as do few others. One byte beyond the string can always be read:
    # there is a NUL behind every bytes object.
    if cython.compiled:
        buffer = cython.cast("const unsigned char*", data)
        found = 0
        for index in range(start, stop):
            byte = buffer[index]
            found |= (byte < 32) & (byte != 10) & (byte != 13) & (byte != 9)
            found |= (byte == 0xEF) & (buffer[index + 1] == 0xBF)
        return found != 0
    raw = data[start:stop]
    return b"\xef\xbf" in raw or len(raw.translate(None, _CONTROLS)) != len(raw)


def settled(children: list[Any], oddities: dict[str, int]) -> Any:
    """
    Give the value of an element that holds loose text, now that it ends.

    Text alone becomes the element's value: opaque pieces alone stay bytes, mixed with strings they become text.
    Text beside child elements is kept among them under the tag `TEXT`, unless it is blank.
    """
    tags, values = children[0::2], children[1::2]
    if tags.count(_TEXT) == len(tags):
        if all(isinstance(piece, bytes) for piece in values):
            return b"".join(values)
        return "".join(as_text(piece, oddities) for piece in values) or None
    kept: list[Any] = []
    for tag, value in zip(tags, values, strict=True):
        if tag != _TEXT:
            kept += (tag, value)
        elif value and not value.isspace():
            kept += (_TEXT, value)
            oddities[MIXED_TEXT] = oddities.get(MIXED_TEXT, 0) + 1
    return kept


def as_text(piece: Any, oddities: dict[str, int]) -> str:
    """
    Take an opaque piece as text where it stands among strings.
    """
    if isinstance(piece, bytes):
        piece = text_of(piece, 0, len(piece), oddities)
    return piece or ""


def name_of_unused(token: int) -> str:
    """
    Say what a token is that ActiveSync does not use.
    """
    if token in _UNUSED:
        what = _UNUSED[token]
    elif (token & 0x3F) < 5:
        what = "an extension"
    else:
        what = "an element with attributes"
    return f"token 0x{token:02X}, {what}, is not used in ActiveSync"
