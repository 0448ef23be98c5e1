"""
WBXML documents as XML that a person can read, and back without loss.

Each element's namespace is its code page's name, declared where it differs from the parent's (`xmlns="AirSync"`).
Byte arrays are base64 with the attribute `opaque="base64"`; carriage returns stay, as `&#13;`. Indentation stands
only between elements, so text is exactly what it was.
"""

from __future__ import annotations

import base64
import binascii
from typing import Any
from xml.parsers import expat
from xml.sax.saxutils import escape

from carrierpost.wbxml.document import Document
from carrierpost.wbxml.errors import WBXMLError
from carrierpost.wbxml.pages import name_of, tag_of
from carrierpost.wbxml.tree import TEXT

__all__ = ["XMLError", "from_xml", "to_xml"]

_BREAKS = {"\r": "&#13;"}
_DEPTH = 200


class XMLError(WBXMLError):
    """
    The XML text cannot be made into a document.

    Attributes:
        reason: what is wrong.
        offset: the line it is in, from 1.

    """

    def __str__(self) -> str:
        return f"no XML of a WBXML document: {self.reason} (line {self.offset})"


def to_xml(document: Document) -> str:
    """
    Write a document as XML, indented, without a final line break.
    """
    lines: list[str] = []
    _write(document.root, document.value, "", "", lines)
    return "\n".join(lines)


def _write(tag: int, value: Any, outer: str, indent: str, lines: list[str]) -> None:
    namespace, element = name_of(tag)
    start = element if namespace == outer else f'{element} xmlns="{namespace}"'
    if isinstance(value, list) and value:
        if TEXT in value[0::2]:
            lines.append(f"{indent}{_inline(tag, value, outer)}")
            return
        lines.append(f"{indent}<{start}>")
        for index in range(0, len(value), 2):
            _write(value[index], value[index + 1], namespace, indent + "  ", lines)
        lines.append(f"{indent}</{element}>")
    else:
        lines.append(f"{indent}{_inline(tag, value, outer)}")


def _inline(tag: int, value: Any, outer: str) -> str:
    """
    Write an element on one line, as text beside elements demands.
    """
    namespace, element = name_of(tag)
    start = element if namespace == outer else f'{element} xmlns="{namespace}"'
    if isinstance(value, str) and value:
        return f"<{start}>{escape(value, _BREAKS)}</{element}>"
    if isinstance(value, bytes):
        return f'<{start} opaque="base64">{base64.b64encode(value).decode("ascii")}</{element}>'
    if isinstance(value, list) and value:
        inner = "".join(
            _loose(value[index + 1]) if value[index] == TEXT else _inline(value[index], value[index + 1], namespace)
            for index in range(0, len(value), 2)
        )
        return f"<{start}>{inner}</{element}>"
    return f"<{start}/>"


def _loose(piece: str | bytes) -> str:
    return escape(piece if isinstance(piece, str) else piece.decode("utf-8", "replace"), _BREAKS)


def from_xml(text: str) -> Document:
    """
    Read what `to_xml` wrote, or a person changed or typed.

    Raises:
        XMLError: not well-formed, a doctype, an unknown element, base64 that is none; names the line.

    """
    return _Reader().read(text)


class _Reader:
    def __init__(self) -> None:
        self._parser = expat.ParserCreate(namespace_separator=" ")
        self._parser.buffer_text = True
        self._parser.StartElementHandler = self._start
        self._parser.EndElementHandler = self._end
        self._parser.CharacterDataHandler = self._text
        self._parser.StartDoctypeDeclHandler = self._doctype
        self._open: list[tuple[int, list[Any], bool]] = []
        self._root: tuple[int, Any] | None = None

    def read(self, text: str) -> Document:
        try:
            self._parser.Parse(text, True)
        except expat.ExpatError as error:
            raise XMLError(expat.ErrorString(error.code), error.lineno) from None
        except UnicodeEncodeError as error:
            raise XMLError("a lone surrogate is no character", text.count("\n", 0, error.start) + 1) from None
        assert self._root is not None
        return Document(*self._root)

    def _refuse(self, reason: str) -> None:
        raise XMLError(reason, self._parser.CurrentLineNumber)

    def _doctype(self, *_: object) -> None:
        self._refuse("a doctype is not allowed; remove it")

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        namespace, _, element = name.rpartition(" ")
        try:
            tag = tag_of(namespace, element)
        except (KeyError, ValueError):
            where = f'namespace "{namespace}"' if namespace else "no namespace (xmlns is missing)"
            return self._refuse(f"there is no element {element} in {where}")
        if set(attributes) - {"opaque"} or attributes.get("opaque", "base64") != "base64":
            self._refuse(f'{element} may have no attribute but opaque="base64"')
        if len(self._open) > _DEPTH:
            self._refuse(f"elements are nested deeper than {_DEPTH}")
        self._open.append((tag, [], "opaque" in attributes))
        return None

    def _text(self, data: str) -> None:
        children = self._open[-1][1]
        if children and children[-2] == TEXT:
            children[-1] += data
        else:
            children += (TEXT, data)

    def _end(self, name: str) -> None:
        tag, children, opaque = self._open.pop()
        value = self._value(children, opaque)
        if self._open:
            self._open[-1][1].extend((tag, value))
        else:
            self._root = (tag, value)

    def _value(self, children: list[Any], opaque: bool) -> Any:
        elements = any(tag != TEXT for tag in children[0::2])
        if opaque:
            if elements:
                self._refuse("an opaque element cannot have children")
            try:
                return base64.b64decode("".join("".join(children[1::2]).split()), validate=True)
            except (binascii.Error, ValueError):
                self._refuse("the element's text is no base64")
        if not children:
            return None
        if not elements:
            return children[1]
        kept: list[Any] = []
        for index in range(0, len(children), 2):
            if children[index] != TEXT or children[index + 1].strip():
                kept += children[index : index + 2]
        return kept
