"""
The content of one element drawn off a document while it comes in, so that it need not be held as a whole.

What is left is the same document with that element empty; it is small, and the decoder reads it as usual. The siphon
knows just enough of the format to find its way ([MS-ASWBXML] 2.2.1): the header, pages, tags, strings and opaque data.
"""

from __future__ import annotations

from collections.abc import Callable

from carrierpost.wbxml.errors import WBXMLError

__all__ = ["Siphon"]

_SWITCH_PAGE, _END, _STR_I, _OPAQUE = 0x00, 0x01, 0x03, 0xC3
_MOST_DEPTH = 64
_MOST_NUMBER = 5  # bytes of a number


class _NeedMore(Exception):
    """
    What has come so far ends within a token.
    """


class Siphon:
    """
    Draws one element's content off a document.

    Args:
        tag: the element whose content is drawn off.
        draw: takes that content piece by piece, with whether it is text (else opaque data).
        most: bytes that the rest of the document may have.
        watched: elements whose text is noted as it passes.

    Attributes:
        rest: the document so far, that element empty.
        texts: the last text of each watched element.
    """

    def __init__(
        self, tag: int, draw: Callable[[bytes, bool], None], *, most: int = 1_000_000, watched: frozenset[int]
    ) -> None:
        self._tag = tag
        self._draw = draw
        self._most = most
        self._watched = watched
        self._pending = b""  # a token that has not come whole
        self._begun = False
        self._page = 0
        self._open: list[int] = []
        self._string = False  # within a string that ends with a zero
        self._opaque = 0  # bytes of opaque data that are still to come
        self.rest = bytearray()
        self.texts: dict[int, bytes] = {}

    def feed(self, piece: bytes) -> None:
        """
        Take a piece of the document.

        Raises:
            WBXMLError: it is no document, or is too large without the element.
        """
        data = self._pending + piece
        pos = 0
        try:
            while pos < len(data):
                if self._string:
                    pos = self._on_in_string(data, pos)
                elif self._opaque:
                    end = min(len(data), pos + self._opaque)
                    self._opaque -= end - pos
                    self._pass(data[pos:end], text=False)
                    pos = end
                else:
                    pos = self._token(data, pos)
        except _NeedMore:
            pass
        self._pending = data[pos:]
        if len(self.rest) + len(self._pending) > self._most:
            raise WBXMLError(f"it has more than {self._most} bytes beside its data", len(self.rest))

    def _on_in_string(self, data: bytes, pos: int) -> int:
        end = data.find(b"\0", pos)
        self._pass(data[pos : end if end >= 0 else None], text=True)
        if end < 0:
            return len(data)
        self._string = False
        self.rest += b"\0"
        return end + 1

    def _pass(self, content: bytes, *, text: bool) -> None:
        tag = self._open[-1] if self._open else -1
        if tag == self._tag:
            if content:
                self._draw(content, text)
            return
        self.rest += content
        if tag in self._watched and len(self.rest) <= self._most:
            self.texts[tag] = self.texts.get(tag, b"") + content

    def _token(self, data: bytes, pos: int) -> int:
        """
        Take one token, or the header.
        """
        end = pos + 1
        if not self._begun:
            end = self._header(data)
            self._begun = True
        elif data[pos] == _SWITCH_PAGE:
            end = pos + 2
            if end > len(data):
                raise _NeedMore
            self._page = data[pos + 1]
        elif data[pos] == _END:
            if not self._open:
                raise WBXMLError("an element ends that never began", len(self.rest))
            self._open.pop()
        elif data[pos] == _STR_I:
            self._string = True
            self._forget_text()
        elif data[pos] == _OPAQUE:
            length, end = _number(data, pos + 1)
            self._opaque = length
            self._forget_text()
            if self._open and self._open[-1] == self._tag:
                self.rest += bytes((_OPAQUE, 0))
                return end
        elif data[pos] & 0x80 or data[pos] & 0x3F < 5:
            raise WBXMLError(f"byte 0x{data[pos]:02X} is no element without attributes", len(self.rest))
        elif data[pos] & 0x40:
            self._open.append(self._page << 6 | data[pos] & 0x3F)
            if len(self._open) > _MOST_DEPTH:
                raise WBXMLError("its elements lie too deep", len(self.rest))
        self.rest += data[pos:end]
        return end

    def _forget_text(self) -> None:
        if self._open:
            self.texts.pop(self._open[-1], None)

    @staticmethod
    def _header(data: bytes) -> int:
        _, pos = _number(data, 1)  # after the version, the public id
        _, pos = _number(data, pos)
        length, pos = _number(data, pos)
        if length:
            raise WBXMLError("string tables are not used in ActiveSync", pos)
        return pos


def _number(data: bytes, pos: int) -> tuple[int, int]:
    """
    Read a number of several bytes; gives it and where it ends.
    """
    value = 0
    for end in range(pos, min(len(data), pos + _MOST_NUMBER)):
        value = value << 7 | data[end] & 0x7F
        if not data[end] & 0x80:
            return value, end + 1
    if len(data) < pos + _MOST_NUMBER:
        raise _NeedMore
    raise WBXMLError("a number is too long", pos)
