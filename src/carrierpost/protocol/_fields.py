"""
Between a record's fields and an element's children: the two loops that every item goes through.

They follow readers, one for each tag, and writers, one for each field, which `record` makes from a class's annotations.
Where a C compiler is at hand this very source is compiled, with the types of `_fields.pxd`.
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


class Writer:
    """
    How a field's value is written.

    Attributes:
        name: the field.
        tag: its element's tag.
        write: makes the element's value, or `None` for what is taken as it is.
        nested: the value has elements of its own; then `write` is handed the version, too.
        texts: texts by value, which need not be made then.
        repeated: each of the values is an element.
        joins: the value belongs into the wrapper of the field before, and an empty one would speak for that field.
    """

    def __init__(
        self,
        name: str,
        tag: int,
        write: Callable[..., Any] | None,
        *,
        nested: bool = False,
        texts: dict[Any, str] | None = None,
        repeated: bool = False,
        joins: bool = False,
    ) -> None:
        self.name = name
        self.tag = tag
        self.write = write
        self.nested = nested
        self.texts = texts
        self.repeated = repeated
        self.joins = joins


def write_fields(
    writers: tuple[Writer | None, ...], values: tuple[Any, ...], cleared: frozenset[str], version: Any
) -> list[Any]:
    """
    Write a record's fields as an element's children.

    Args:
        writers: for each of the record's attributes; `None` for those that are not written.
        values: their values.
        cleared: names of fields that are written as empty elements.
        version: handed to writers of nested values.

    Returns:
        Tag, value, tag, value...
    """
    children: list[Any] = []
    for index in range(len(values)):
        value, writer, last = values[index], writers[index], len(children) - 2
        if writer is None:
            continue
        if value is None:
            if cleared and writer.name in cleared:
                children += (writer.tag, None)
        elif writer.repeated:
            for one in value:
                children += (writer.tag, write_value(writer, one, version))
        elif writer.joins and not value:
            continue
        elif writer.joins and last >= 0 and children[last] == writer.tag:
            children[last + 1] += write_value(writer, value, version)
        else:
            children += (writer.tag, write_value(writer, value, version))
    return children


def write_value(writer: Writer, value: Any, version: Any) -> Any:
    """
    Write one element's value.
    """
    if writer.write is None:
        return value
    if writer.nested:
        return writer.write(value, version)
    if writer.texts is not None and value in writer.texts:
        return writer.texts[value]
    return writer.write(value)
