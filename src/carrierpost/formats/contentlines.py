"""
Content lines, which iCalendar and vCard are made of ([RFC 5545] 3.1, [RFC 6350] 3.2), as a tree of components.

`icalendar` takes a line apart and folds one; this module builds the tree from lines, keeps limits, and leaves the
meaning of values to its users. A line that cannot be read is noted and left out, its neighbours are kept.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

import msgspec
from icalendar.parser import Contentline

__all__ = ["Component", "Property", "escape", "read_components", "split_values", "unescape", "write_components"]

_MOST = 20_000_000  # characters
_MOST_LINES = 500_000
_DEEPEST = 8
_WIDTH = 74  # octets of a line; with the space that a folded one begins with, 75
_TOKEN = re.compile(r"[A-Za-z0-9-]+")
_ESCAPED = re.compile(r"\\(.)", re.DOTALL)
_CONTROLS = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff]")
_FORBIDDEN_IN_PARAMETERS = re.compile("[\x00-\x1f\x7f\ud800-\udfff]")


class Property(msgspec.Struct, frozen=True):
    """
    A property.

    Attributes:
        name: upper case; of a vCard without its group.
        value: as it stands, escapes and all.
        parameters: upper case names with their values; several are joined by commas.
        group: what stands before the name in a vCard, or empty.
    """

    name: str
    value: str
    parameters: Mapping[str, str] = {}
    group: str = ""

    def text(self) -> str:
        """
        Give the value as text.
        """
        return unescape(self.value)


class Component:
    """
    What stands between a BEGIN and its END.

    Attributes:
        name: upper case.
        properties: in order.
        children: components within it, in order.
    """

    def __init__(self, name: str) -> None:
        self.name = name.upper()
        self.properties: list[Property] = []
        self.children: list[Component] = []

    def first(self, name: str) -> Property | None:
        """
        Give the first property of a name, or `None`.
        """
        return next((one for one in self.properties if one.name == name), None)

    def each(self, name: str) -> Iterator[Property]:
        """
        Give all properties of a name.
        """
        return (one for one in self.properties if one.name == name)

    def text(self, name: str) -> str:
        """
        Give the text of the first property of a name; empty where there is none.
        """
        found = self.first(name)
        return found.text() if found is not None else ""

    def add(self, name: str, value: str, parameters: Mapping[str, str] | None = None) -> None:
        """
        Add a property whose value is written as it stands.
        """
        self.properties.append(Property(name, value, parameters or {}))

    def add_text(self, name: str, text: str | None, parameters: Mapping[str, str] | None = None) -> None:
        """
        Add a property with a text, unless that is empty.
        """
        if text:
            self.add(name, escape(text), parameters)


def escape(text: str) -> str:
    """
    Write text as a value ([RFC 5545] 3.3.11). Control characters, which no reader takes, are left out.
    """
    text = text.replace("\r\n", "\n").replace("\r", "\n").replace("\\", "\\\\")
    return _CONTROLS.sub("", text.replace(";", "\\;").replace(",", "\\,")).replace("\n", "\\n")


def unescape(value: str) -> str:
    """
    Read a value as text.
    """
    return _ESCAPED.sub(lambda match: "\n" if match[1] in "nN" else match[1], value)


def split_values(value: str, mark: str = ",") -> list[str]:
    """
    Split a value at each mark that is not escaped, and read the pieces as text.
    """
    pieces = re.findall(rf"(?:\\.|[^\\{mark}])+|{mark}|\\$", value, re.DOTALL)
    found = [""]
    for piece in pieces:
        if piece == mark:
            found.append("")
        else:
            found[-1] += piece
    return [unescape(one) for one in found]


def read_components(text: str) -> tuple[list[Component], tuple[str, ...]]:
    """
    Read the components in a text.

    Returns:
        The outermost ones, and what could not be read. What lacks its end is complete at the end of the text.
    """
    notes: list[str] = []
    if len(text) > _MOST:
        notes.append(f"only the first {_MOST} characters are read")
    found: list[Component] = []
    open_ones: list[Component] = []
    for number, line in enumerate(_unfolded(text[:_MOST])):
        if number >= _MOST_LINES:
            notes.append(f"only the first {_MOST_LINES} lines are read")
            break
        one = _property(line)
        if one is None:
            notes.append(f"line {number + 1} cannot be read: {line[:60]!r}")
        elif one.name == "BEGIN":
            component = Component(one.value.strip())
            if len(open_ones) >= _DEEPEST:
                notes.append(f"line {number + 1} opens more than {_DEEPEST} components within each other")
                break
            (open_ones[-1].children if open_ones else found).append(component)
            open_ones.append(component)
        elif one.name == "END":
            name = one.value.strip().upper()
            while open_ones and any(outer.name == name for outer in open_ones):
                if open_ones.pop().name == name:
                    break
        elif open_ones:
            open_ones[-1].properties.append(one)
    return found, tuple(notes)


def _unfolded(text: str) -> Iterator[str]:
    text = _CONTROLS.sub("", text.removeprefix("\ufeff")).replace("\r\n", "\n").replace("\r", "\n")
    return (line for line in re.sub(r"\n[ \t]", "", text).split("\n") if line.strip())


def _property(line: str) -> Property | None:
    try:
        name, parameters, value = Contentline(line).raw_parts()
    except (ValueError, TypeError, IndexError):
        return _simple(line)
    group, _, bare = name.rpartition(".")
    values = {
        key.upper(): ",".join(map(str, one)) if isinstance(one, list) else str(one) for key, one in parameters.items()
    }
    return Property(bare.upper(), value, values, group)


def _simple(line: str) -> Property | None:
    """
    Read a line whose parameters cannot be taken apart, without them.
    """
    head, mark, value = line.partition(":")
    name = head.partition(";")[0].strip()
    group, _, bare = name.rpartition(".")
    if not mark or not _TOKEN.fullmatch(bare) or (group and not _TOKEN.fullmatch(group)):
        return None
    return Property(bare.upper(), value, {}, group)


def write_components(components: list[Component]) -> str:
    """
    Write components, folded, with CRLF at the end of each line.
    """
    lines: list[str] = []
    for one in components:
        _write(one, lines)
    return "".join(f"{line}\r\n" for line in map(_folded, lines))


def _folded(line: str) -> str:
    """
    Fold a line after 75 octets. A line of which each letter is one octet and none an escape, such as a photo of a
    million of them, needs no look at every single one; any other is folded by the library.
    """
    if not line.isascii() or "\n" in line or (len(line) > _WIDTH and ("\\" in line or "^" in line)):
        folded: bytes = Contentline(line).to_ical()
        return folded.decode()
    return "\r\n ".join(line[at : at + _WIDTH] for at in range(0, len(line), _WIDTH))


def _write(component: Component, lines: list[str]) -> None:
    lines.append(f"BEGIN:{component.name}")
    for one in component.properties:
        head = f"{one.group}.{one.name}" if one.group else one.name
        for name, value in one.parameters.items():
            # Types are a list, and readers of vCard 3.0 take a quoted list for one type.
            values = value.split(",") if name == "TYPE" else [value]
            head += f";{name}={','.join(map(_parameter, values))}"
        lines.append(f"{head}:{one.value}")
    for child in component.children:
        _write(child, lines)
    lines.append(f"END:{component.name}")


def _parameter(value: str) -> str:
    """
    Write a parameter's value: quoted where it must be, with the escapes of [RFC 6868].
    """
    value = value.replace("\r\n", "\n").replace("\r", "\n").replace("^", "^^").replace("\n", "^n").replace('"', "^'")
    value = _FORBIDDEN_IN_PARAMETERS.sub("", value)
    return f'"{value}"' if re.search(r"[:;,\\]", value) or value != value.strip() else value
