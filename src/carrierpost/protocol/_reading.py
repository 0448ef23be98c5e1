"""
A record's fields from an element's children: the loop that every item of every answer goes through.

It follows readers, which `record` makes from a class's annotations, one for each tag. Where a C compiler is at hand
this very source is compiled, with the types of `_reading.pxd`.
"""

from __future__ import annotations

from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

try:
    import cython
except ImportError:  # only needed where the module is compiled
    cython = SimpleNamespace(compiled=False)

compiled: bool = cython.compiled


class Reader:
    """
    How the element of one tag is read into a field.

    Attributes:
        name: the field.
        read: makes the field's value from the element's.
        nested: the value has elements of its own; then `read` is handed the notes, too.
        text: plain text, which is taken as it is.
        opaque_name: the field beside a text that takes its place when a byte array came, or "".
        known: values by their usual text, which need not be read then.
        repeated: each element is one more of the field's values.
        clearable: an empty element says that the field has no value.
        shared: readers of the other fields in the same wrapper, which take their parts of it first.
    """

    def __init__(
        self,
        name: str,
        read: Callable[..., Any],
        *,
        nested: bool = False,
        text: bool = False,
        opaque_name: str = "",
        known: dict[str, Any] | None = None,
        repeated: bool = False,
        clearable: bool = False,
        shared: tuple[Reader, ...] = (),
    ) -> None:
        self.name = name
        self.read = read
        self.nested = nested
        self.text = text
        self.opaque_name = opaque_name
        self.known = known if known is not None and not repeated else {}
        self.repeated = repeated
        self.clearable = clearable
        self.shared = shared


def read_fields(
    children: list[Any], readers: dict[int, Reader], notes: Any, cleared: list[str], other: list[Any]
) -> dict[str, Any]:
    """
    Read an element's children.

    Args:
        children: tag, value, tag, value...
        readers: by tag.
        notes: its `add` is told what could not be read.
        cleared: receives the names of fields that are there and empty.
        other: receives the children that no reader is for, tag and value.

    Returns:
        Values by field; lists for those that are repeated.
    """
    found: dict[str, Any] = {}
    index = 0
    while index < len(children) - 1:
        tag, child = children[index], children[index + 1]
        index += 2
        reader = readers.get(tag)
        if reader is None:
            if tag:  # text between elements is nobody's
                other += (tag, child)
            continue
        if type(child) is str:
            if reader.text:
                found[reader.name] = child
                continue
            if child in reader.known:
                found[reader.name] = reader.known[child]
                continue
        elif child is None and reader.clearable:
            cleared.append(reader.name)
            continue
        elif reader.opaque_name and type(child) is bytes:
            found[reader.opaque_name] = child
            continue
        try:
            _read_one(reader, child, notes, found)
        except (ValueError, TypeError, OverflowError) as error:
            notes.add(tag, str(error))
    return found


def _read_one(reader: Reader, child: Any, notes: Any, found: dict[str, Any]) -> None:
    """
    Read what is not taken as it is.
    """
    others = False
    for shared in reader.shared:
        if parts := read_value(shared, child, notes):
            found[shared.name] = parts
        others = others or shared.name in found
    value = read_value(reader, child, notes)
    if others and not value:
        return  # a wrapper with additions alone says nothing of what is there
    if reader.repeated:
        found.setdefault(reader.name, []).append(value)
    else:
        found[reader.name] = value


def read_value(reader: Reader, child: Any, notes: Any) -> Any:
    """
    Read one element's value.
    """
    return reader.read(child, notes) if reader.nested else reader.read(child)
