"""
XML of a request as a tree of plain values, read with limits.

A document with a type definition is refused before its first entity could grow, and so is one that is too deep or has
too many elements ([RFC 4918] 20.6).
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from xml.parsers import expat

__all__ = ["CALDAV", "CARDDAV", "CS", "DAV", "Element", "XMLRefused", "read_xml"]

DAV = "DAV:"
CARDDAV = "urn:ietf:params:xml:ns:carddav"
CALDAV = "urn:ietf:params:xml:ns:caldav"
CS = "http://calendarserver.org/ns/"

_DEEPEST = 32
_MOST = 200_000  # elements
_LONGEST = 10_000  # letters of one text


class XMLRefused(ValueError):
    """
    What was sent is not well-formed, or is not read; the text says why.
    """


@dataclasses.dataclass(slots=True)
class Element:
    """
    An element of a request.

    Attributes:
        namespace: its namespace, or empty.
        name: its name there.
        attributes: its attributes; those of a namespace are left out.
        children: the elements in it.
        text: the text in it, without what is in other elements.
    """

    namespace: str
    name: str
    attributes: dict[str, str]
    children: list[Element] = dataclasses.field(default_factory=list)
    text: str = ""

    @property
    def key(self) -> tuple[str, str]:
        """
        Namespace and name.
        """
        return self.namespace, self.name

    def first(self, namespace: str, name: str) -> Element | None:
        """
        Give the first child of a name.
        """
        return next(self.each(namespace, name), None)

    def each(self, namespace: str, name: str) -> Iterator[Element]:
        """
        Give all children of a name.
        """
        return (one for one in self.children if one.key == (namespace, name))


def read_xml(data: bytes) -> Element:
    """
    Read a document.

    Raises:
        XMLRefused: it is not well-formed, or goes beyond the limits.
    """
    reading = _Reading()
    parser = expat.ParserCreate(namespace_separator=" ")
    parser.buffer_text = True
    parser.StartElementHandler = reading.start
    parser.EndElementHandler = reading.end
    parser.CharacterDataHandler = reading.text
    parser.StartDoctypeDeclHandler = reading.doctype
    try:
        parser.Parse(data, True)
    except expat.ExpatError as error:
        raise XMLRefused(f"the request is no XML: {error}") from None
    except (LookupError, ValueError) as error:
        if isinstance(error, XMLRefused):
            raise
        raise XMLRefused("the request is no XML: its encoding is not known") from None
    assert reading.root is not None
    return reading.root


class _Reading:
    """
    A document being read.
    """

    def __init__(self) -> None:
        self.root: Element | None = None
        self._open: list[Element] = []
        self._count = 0

    def doctype(self, *_: object) -> None:
        raise XMLRefused("a document type definition is not read; leave it out")

    def start(self, name: str, attributes: dict[str, str]) -> None:
        self._count += 1
        if len(self._open) >= _DEEPEST or self._count > _MOST:
            raise XMLRefused(f"the request is deeper than {_DEEPEST} elements, or has more than {_MOST}")
        namespace, _, local = name.rpartition(" ")
        plain = {key: value for key, value in attributes.items() if " " not in key}
        one = Element(namespace, local, plain)
        if self._open:
            self._open[-1].children.append(one)
        else:
            self.root = one
        self._open.append(one)

    def end(self, _: str) -> None:
        self._open.pop()

    def text(self, text: str) -> None:
        one = self._open[-1]
        one.text += text
        if len(one.text) > _LONGEST:
            raise XMLRefused(f"a text of the request is longer than {_LONGEST} letters")
