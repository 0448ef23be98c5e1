"""
Tree to bytes: the encoder's loop ([MS-ASWBXML]).

There is one way to write a tree: a page switch only where the page changes, strings inline, byte arrays opaque, and
empty elements without content. Compiled, with the types of `_encoder.pxd`, the loop copies strings straight into one
buffer; as plain Python it collects pieces and joins them once. Recursion goes no deeper than the limit handed in.
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

_SWITCH_PAGE = 0x00
_END = 0x01
_STR_I = 0x03
_OPAQUE = 0xC3
_CONTENT = 0x40
_TEXT = 0  # see `tree.TEXT`

_EMPTY = [bytes((token,)) for token in range(0x40)]
_OPEN = [bytes((token | _CONTENT,)) for token in range(0x40)]
_OPEN_TEXT = [bytes((token | _CONTENT, _STR_I)) for token in range(0x40)]
_OPEN_OPAQUE = [bytes((token | _CONTENT, _OPAQUE)) for token in range(0x40)]
_SWITCH = [bytes((_SWITCH_PAGE, page)) for page in range(0x100)]
_CLOSE = b"\x01"
_CLOSE_TEXT = b"\x00\x01"

# What XML 1.0 cannot carry. A NUL would end the string on the wire besides.
_CONTROLS = bytes({*range(32)} - {9, 10, 13})
_forbidden = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")
_surrogate = re.compile("[\ud800-\udfff]")


class Output:
    """
    A document as it grows: one buffer when compiled, else a list of pieces.
    """

    def __init__(self, header: bytes) -> None:
        if cython.compiled:
            self.buffer = bytearray(512)
            self.room = 512
            self.begin = PyByteArray_AS_STRING(self.buffer)  # type: ignore[name-defined]  # noqa: F821
            self.used = 0
            self.add(header)
        else:
            self.pieces = [header]

    def reserve(self, size: int) -> int:
        """
        Make room for so many bytes more (compiled only).
        """
        if self.room - self.used < size:
            self.room = self.room * 2 + size
            PyByteArray_Resize(self.buffer, self.room)  # type: ignore[name-defined]  # noqa: F821
            self.begin = PyByteArray_AS_STRING(self.buffer)  # type: ignore[name-defined]  # noqa: F821
        return 0

    def add(self, raw: bytes) -> int:
        """
        Add bytes as they are.
        """
        if cython.compiled:
            size = len(raw)
            self.reserve(size)
            memcpy(self.begin + self.used, cython.cast("const unsigned char*", raw), size)  # type: ignore[name-defined]  # noqa: F821
            self.used += size
        else:
            self.pieces.append(raw)
        return 0

    def byte(self, value: int) -> int:
        """
        Add one byte (compiled only).
        """
        self.reserve(1)
        self.begin[self.used] = value
        self.used += 1
        return 0

    def switch(self, page: int) -> int:
        """
        Go to another code page.
        """
        if cython.compiled:
            self.byte(_SWITCH_PAGE)
            self.byte(page)
        else:
            self.pieces.append(_SWITCH[page])
        return 0

    def empty(self, token: int) -> int:
        """
        Add an element without content.
        """
        if cython.compiled:
            self.byte(token)
        else:
            self.pieces.append(_EMPTY[token])
        return 0

    def open(self, token: int) -> int:
        """
        Begin an element with children.
        """
        if cython.compiled:
            self.byte(token | _CONTENT)
        else:
            self.pieces.append(_OPEN[token])
        return 0

    def close(self) -> int:
        """
        End an element with children.
        """
        if cython.compiled:
            self.byte(_END)
        else:
            self.pieces.append(_CLOSE)
        return 0

    def text(self, token: int, text: Any) -> int:
        """
        Add an element with text in it.
        """
        if cython.compiled and PyUnicode_IS_COMPACT_ASCII(text):  # type: ignore[name-defined]  # noqa: F821
            size = len(text)
            characters = PyUnicode_1BYTE_DATA(text)  # type: ignore[name-defined]  # noqa: F821
            if not suspicious(characters, size):
                if not size:
                    return self.byte(token)
                self.reserve(size + 4)
                place = self.begin + self.used
                place[0] = token | _CONTENT
                place[1] = _STR_I
                memcpy(place + 2, characters, size)  # type: ignore[name-defined]  # noqa: F821
                place[size + 2] = 0
                place[size + 3] = _END
                self.used += size + 4
                return 0
        raw = bytes_of(text)
        if not raw:
            return self.empty(token)
        if cython.compiled:
            self.byte(token | _CONTENT)
            self.byte(_STR_I)
            self.add(raw)
            self.add(_CLOSE_TEXT)
        else:
            self.pieces += (_OPEN_TEXT[token], raw, _CLOSE_TEXT)
        return 0

    def opaque(self, token: int, raw: bytes) -> int:
        """
        Add an element with a byte array in it.
        """
        if cython.compiled:
            self.byte(token | _CONTENT)
            self.byte(_OPAQUE)
            self.add(length_of(len(raw)))
            self.add(raw)
            self.byte(_END)
        else:
            self.pieces += (_OPEN_OPAQUE[token], length_of(len(raw)), raw, _CLOSE)
        return 0

    def loose(self, value: Any) -> int:
        """
        Add text or a byte array that stands between elements.
        """
        if isinstance(value, str):
            self.add(b"\x03" + bytes_of(value) + b"\x00")
        elif type(value) is bytes:
            self.add(b"\xc3" + length_of(len(value)) + value)
        else:
            raise ValueError(f"text between elements cannot be {type(value).__name__}")
        return 0

    def whole(self) -> bytes:
        """
        Give everything added so far.
        """
        if cython.compiled:
            return bytes(self.begin[: self.used])
        return b"".join(self.pieces)


def encode_tree(root: int, value: Any, header: bytes, pages: int, max_depth: int) -> bytes:
    """
    Encode a document canonically.

    Args:
        root: the root's tag.
        value: its value.
        header: the four header bytes.
        pages: number of code pages.
        max_depth: elements with children inside one another, at most.

    Raises:
        ValueError: the tree holds something else than tags, text, bytes, lists and `None`, or is nested too deep.
        TypeError, OverflowError: something stands where a tag should, and is no number, or a huge one.

    """
    out = Output(header)
    encode_children([root, value], 0, out, pages << 6, max_depth)
    return out.whole()


def encode_children(children: list[Any], page: int, out: Output, tags: int, depth: int) -> int:
    """
    Encode children one after the other.

    Args:
        children: tag and value, alternating.
        page: the code page that is current.
        out: takes the bytes.
        tags: the first number that is no tag any more.
        depth: how much deeper elements may be nested.

    Returns:
        The code page that is current afterwards.

    """
    if depth < 0:
        raise ValueError("elements are nested too deep")
    count = len(children)
    if count & 1:
        raise ValueError("a list of children alternates tags and values; this one has an odd length")
    for index in range(0, count, 2):
        tag = children[index]
        value = children[index + 1]
        if tag == _TEXT:
            out.loose(value)
            continue
        token = tag & 0x3F
        if tag < 0 or tag >= tags or token < 5:
            raise ValueError(f"{tag} is no tag of a known code page")
        if tag >> 6 != page:
            page = tag >> 6
            out.switch(page)
        if isinstance(value, str):
            out.text(token, value)
        elif type(value) is list:
            if value:
                out.open(token)
                page = encode_children(value, page, out, tags, depth - 1)
                out.close()
            else:
                out.empty(token)
        elif value is None:
            out.empty(token)
        elif type(value) is bytes:
            out.opaque(token, value)
        else:
            raise ValueError(f"an element's value cannot be {type(value).__name__}")
    return page


def suspicious(characters: Any, size: int) -> bool:
    """
    Tell whether UTF-8 may hold a character that XML forbids; right when it says no (compiled only).
    """
    # U+FFFE and U+FFFF begin with EF BF, as do few others. There is a NUL behind every string, so one byte more can
    # be read.
    found = 0
    for index in range(size):
        byte = characters[index]
        found |= (byte < 32) & (byte != 10) & (byte != 13) & (byte != 9)
        found |= (byte == 0xEF) & (characters[index + 1] == 0xBF)
    return found != 0


def bytes_of(text: str) -> bytes:
    """
    Encode one string; what XML forbids is dropped, a lone surrogate becomes U+FFFD.
    """
    try:
        raw = str.encode(text, "utf-8")
    except UnicodeEncodeError:
        text = _surrogate.sub("\ufffd", text)
        raw = text.encode("utf-8")
    if cython.compiled:
        odd = suspicious(cython.cast("const unsigned char*", raw), len(raw))
    else:
        odd = not text.isprintable() and (b"\xef\xbf" in raw or len(raw.translate(None, _CONTROLS)) != len(raw))
    if odd:
        return _forbidden.sub("", text).encode("utf-8")
    return raw


def length_of(length: int) -> bytes:
    """
    Write a length: seven bits per byte, most significant first, all but the last with the high bit.
    """
    if length < 0x80:
        return bytes((length,))
    digits = [length & 0x7F]
    length >>= 7
    while length:
        digits.append(length & 0x7F | 0x80)
        length >>= 7
    return bytes(reversed(digits))
