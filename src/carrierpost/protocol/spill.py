"""
A file taken out of an answer while it comes in, so that it is never in memory as a whole.

An attachment comes as the whole body (GetAttachment), as a part of a multipart answer, or as base64 text within the
WBXML ([MS-ASCMD] ItemOperations). Whichever it is, its bytes go to a target piece by piece, and what is left is an
answer without them, which is read as every other.
"""

from __future__ import annotations

import binascii
import struct
from collections.abc import Mapping
from typing import Protocol

from carrierpost import wbxml
from carrierpost.protocol import datatypes
from carrierpost.protocol.errors import UnreadableAnswer
from carrierpost.protocol.message import ContentType
from carrierpost.protocol.multipart import join_parts
from carrierpost.wbxml.pages import ItemOperations
from carrierpost.wbxml.siphon import Siphon

__all__ = ["Spill", "Target"]

_MOST_PARTS = 100
_MOST_BESIDE = 1_000_000  # bytes of an answer beside its file
_WATCHED = frozenset({ItemOperations.Range, ItemOperations.Total, ItemOperations.Status})


class Target(Protocol):
    """
    Where the bytes go. What it raises ends the request, and reaches whoever asked.
    """

    def begin(self, first: int, total: int | None) -> None:
        """
        Hear that bytes are about to come.

        Args:
            first: place of the first of them within the file; all before it are held already, or it is 0.
            total: bytes of the whole file, where the answer tells.
        """

    def write(self, piece: bytes) -> None:
        """
        Take the next bytes.
        """


class Spill:
    """
    Takes one answer as it comes.

    Args:
        command: the command that is answered.
        target: where the file goes.
        pages: whether the file itself may be a web page; else a page that comes in its place is none of it.
    """

    def __init__(self, command: str, target: Target, *, pages: bool = False) -> None:
        self._command = command
        self._target = target
        self._pages = pages
        self._reader: _Reader = _Kept(command)

    def begin(self, headers: Mapping[str, str]) -> None:
        """
        Begin with an answer, whose headers these are; what came of one before counts no more.
        """
        media = headers.get("content-type", "").partition(";")[0].strip().lower()
        length = headers.get("content-length", "") if not headers.get("content-encoding") else ""
        if media == ContentType.MULTIPART:
            self._reader = _Multipart(self._command, self._target)
        elif self._command != "GetAttachment":
            self._reader = _Inline(self._command, self._target)
        elif media == "text/html" and not self._pages:
            self._reader = _Kept(self._command)
        else:
            self._reader = _Raw(self._target, int(length) if length.isascii() and length.isdecimal() else None)

    def feed(self, piece: bytes) -> None:
        """
        Take a piece of the answer's body.

        Raises:
            UnreadableAnswer: it is not what the protocol promises.
        """
        try:
            self._reader.feed(piece)
        except (wbxml.WBXMLError, ValueError) as error:
            raise UnreadableAnswer(self._command, str(error)) from error

    def finish(self) -> bytes:
        """
        Give the answer's body without the file.

        Raises:
            UnreadableAnswer: it ended too early.
        """
        try:
            return self._reader.finish()
        except ValueError as error:
            raise UnreadableAnswer(self._command, str(error)) from error


class _Reader(Protocol):
    def feed(self, piece: bytes) -> None: ...

    def finish(self) -> bytes: ...


class _Kept:
    """
    An answer that holds no file.
    """

    def __init__(self, command: str) -> None:
        self._command = command
        self._body = bytearray()

    def feed(self, piece: bytes) -> None:
        self._body += piece
        if len(self._body) > _MOST_BESIDE:
            raise ValueError("something else came in place of the file")

    def finish(self) -> bytes:
        return bytes(self._body)


class _Raw:
    """
    An answer that is the file.
    """

    def __init__(self, target: Target, total: int | None) -> None:
        self._target = target
        target.begin(0, total)

    def feed(self, piece: bytes) -> None:
        self._target.write(piece)

    def finish(self) -> bytes:
        return b""


class _Inline:
    """
    A WBXML document with the file in it, or one that says why there is none.
    """

    def __init__(self, command: str, target: Target) -> None:
        self._page = _Kept(command)
        self._target = target
        self._siphon = Siphon(ItemOperations.Data, self._draw, most=_MOST_BESIDE, watched=_WATCHED)
        self._kind: bytes | None = None
        self._begun = False
        self._left = b""  # letters of base64 that do not make three bytes yet

    def begin(self, total: int | None = None) -> None:
        """
        Tell the target of the range that has been read, and of the whole's size.
        """
        span = datatypes.parse_range(self._text(ItemOperations.Range))
        told = self._text(ItemOperations.Total)
        if told.isascii() and told.isdecimal():
            total = int(told[:18])
        elif span is not None:
            total = None  # what comes is a part only
        self._begun = True
        self._target.begin(span[0] if span is not None else 0, total)

    def _text(self, tag: int) -> str:
        return self._siphon.texts.get(tag, b"").decode("utf-8", "replace").strip()

    @property
    def begun(self) -> bool:
        """
        Whether a file was in the document itself.
        """
        return self._begun

    def feed(self, piece: bytes) -> None:
        if self._kind is None:
            self._kind = piece[:1]
        if self._kind == b"\x03":
            self._siphon.feed(piece)
        else:
            self._page.feed(piece)  # a web page perhaps, or nothing: whoever reads the answer says so

    def _draw(self, content: bytes, text: bool) -> None:
        if not self._begun:
            self.begin()
        if not text:
            self._target.write(content)
            return
        letters = self._left + b"".join(content.split())
        whole = len(letters) - len(letters) % 4
        self._left = letters[whole:]
        if whole:
            self._target.write(binascii.a2b_base64(letters[:whole], strict_mode=True))

    def finish(self) -> bytes:
        if self._left:
            self._target.write(binascii.a2b_base64(self._left + b"=" * (-len(self._left) % 4), strict_mode=True))
            self._left = b""
        return bytes(self._siphon.rest) if self._kind == b"\x03" else self._page.finish()


class _Multipart:
    """
    A multipart answer: the document first, then the file ([MS-ASCMD] MultiPartResponse).
    """

    def __init__(self, command: str, target: Target) -> None:
        self._target = target
        self._document = _Inline(command, target)
        self._table = bytearray()
        self._parts: list[tuple[int, int]] = []
        self._reached = 0
        self._filled = False

    def feed(self, piece: bytes) -> None:
        if not self._parts:
            self._table += piece
            count = struct.unpack_from("<I", self._table)[0] if len(self._table) >= 4 else 1
            if not 1 <= count <= _MOST_PARTS:
                raise ValueError(f"the multipart body names {count} parts, which cannot be")
            if len(self._table) < 4 + 8 * count:
                return
            self._read_table(count)
            piece, self._reached = bytes(self._table[4 + 8 * count :]), 4 + 8 * count
        for number, (offset, length) in enumerate(self._parts):
            first, last = max(offset, self._reached), min(offset + length, self._reached + len(piece))
            if first < last:
                self._part(number, piece[first - self._reached : last - self._reached])
        self._reached += len(piece)

    def _read_table(self, count: int) -> None:
        flat = struct.unpack_from(f"<{2 * count}I", self._table, 4)
        self._parts = list(zip(flat[::2], flat[1::2], strict=True))
        end = 4 + 8 * count
        for number, (offset, length) in enumerate(self._parts):
            if offset < end:
                raise ValueError(f"part {number} of the multipart body lies within another")
            end = offset + length

    def _part(self, number: int, piece: bytes) -> None:
        if number == 0:
            self._document.feed(piece)
        elif number == 1 and (self._filled or not self._document.begun):
            if not self._filled:
                self._filled = True
                self._document.begin(self._parts[1][1])
            self._target.write(piece)

    def finish(self) -> bytes:
        if not self._parts or self._reached < max(offset + length for offset, length in self._parts):
            raise ValueError("the multipart body ends too early")
        return join_parts([self._document.finish(), *[b""] * (len(self._parts) - 1)])
