"""
Typed elements: how a class of values says which WBXML elements its fields are.

A record is a frozen `msgspec.Struct` whose fields are annotated with the tag they travel under:

    class Attachment(Record, frozen=True):
        display_name: Annotated[str | None, At(AirSyncBase.DisplayName)] = None
        method: Annotated[int | None, At(AirSyncBase.Method)] = None

From the annotations one plan per class is compiled, at first use, which `decode` and `encode` follow. `msgspec`
rather than dataclasses because a mailbox is hundreds of thousands of records: a struct is built in C and leaves
its absent fields out when it is stored.

Three things that servers distinguish are kept apart: an element that is absent (`None`), one that is present
and empty (`""`, `()`, or the field's name in `cleared`), and one with a value. What a record does not know is
kept, encoded, in `other`. A field that cannot be read is left out and named in the `Notes`: one odd field must
not cost the item.
"""

from __future__ import annotations

import datetime as dt
import enum
import functools
import types
import typing
from collections.abc import Callable
from typing import Annotated, Any, TypeVar

import msgspec

from carrierpost import wbxml
from carrierpost.protocol import datatypes
from carrierpost.protocol._fields import Reader, Writer, read_fields, read_value, write_fields, write_value
from carrierpost.protocol.version import Version
from carrierpost.wbxml import pages

__all__ = ["At", "Form", "Note", "Notes", "Record", "decode", "encode", "fields_of"]

R = TypeVar("R", bound="Record")


class Form(enum.Enum):
    """
    How a value is written where its Python type leaves a choice.
    """

    COMPACT = "compact"
    """A `datetime` as `20261124T210000Z` instead of `2026-11-24T21:00:00.000Z`."""
    DATE = "date"
    """A `date` whose time part carries no meaning ([MS-ASCNTC] Birthday)."""
    BASE64 = "base64"
    """`bytes` as base64 text instead of an opaque byte array."""


class At:
    """
    Where a field stands on the wire.

    Attributes:
        tag: the element's tag, `page << 6 | token`.
        item: for a tuple, the tag of the children it wraps (`Categories` wraps `Category`); without it a tuple
            is the element itself, repeated.
        form: the way of writing, where the type leaves a choice.
        since: first version that has the element (as the table of code pages says, unless given); `encode`
            leaves it out for older ones.
        until: last version that has the element, likewise.
        also: other tags that mean the same and are accepted when reading.

    """

    __slots__ = ("also", "form", "item", "since", "tag", "until")

    def __init__(
        self,
        tag: int,
        *,
        item: int | None = None,
        form: Form | None = None,
        since: Version | None = None,
        until: Version | None = None,
        also: tuple[int, ...] = (),
    ) -> None:
        self.tag = tag
        self.item = item
        self.form = form
        first, last = pages.VERSIONS.get(tag, (Version.V12_1, Version.V16_1))
        self.since = Version(first) if since is None else since
        self.until = Version(last) if until is None else until
        self.also = also


class Note(msgspec.Struct, frozen=True):
    """
    Something that could not be read.

    Attributes:
        element: the element's name, `Email:DateReceived`.
        reason: what is wrong, in words.

    """

    element: str
    reason: str


class Notes(list[Note]):
    """
    What could not be read while decoding, in order.
    """

    def add(self, tag: int, reason: str) -> None:
        """
        Note that the element `tag` could not be read, and why.
        """
        self.append(Note(":".join(pages.name_of(tag)), reason))


class Record(msgspec.Struct, frozen=True, omit_defaults=True, kw_only=True):
    """
    The base of every typed element. Subclasses repeat `frozen=True` for the type checker.

    A text field may be followed by a `bytes` field with the same tag, which takes its place when the element came as a
    byte array. Tuples that stand one after another with the same tag and different items share their wrapper. A
    subclass may have two fields without `At`, which then are filled while decoding:

    * `cleared: frozenset[str]` receives the names of fields that were present but empty and whose type cannot
      say so;
    * `other: bytes | None` receives, as a WBXML document, the elements that the record does not know.
    """


class _Way(msgspec.Struct, frozen=True):
    """
    How one value is read and written.

    Attributes:
        read: from an element's value.
        write: to an element's value, or `None` for what is taken as it is.
        nested: whether the value has elements of its own; then `read` is handed the notes and `write` the version, too.
        known: values by their usual text.
    """

    read: Callable[..., Any]
    write: Callable[..., Any] | None
    nested: bool = False
    known: dict[str, Any] = {}

    def reader(self, name: str, **more: Any) -> Reader:
        """
        Give what reads such values into a field.
        """
        return Reader(name, self.read, nested=self.nested, known=self.known, **more)

    def writer(self, name: str, tag: int, **more: Any) -> Writer:
        """
        Give what writes such values of a field.
        """
        texts = {value: text for text, value in self.known.items()}
        return Writer(name, tag, self.write, nested=self.nested, texts=texts or None, **more)


class _Field(msgspec.Struct, frozen=True):
    name: str
    at: At
    way: _Way
    text: bool  # plain text, the common case, is taken as it is
    repeated: bool
    clearable: bool
    annotation: Any
    joins: bool = False  # it shares the wrapper of the field before


class _Plan(msgspec.Struct, frozen=True):
    fields: tuple[_Field, ...]
    readers: dict[int, Reader]
    repeated: tuple[str, ...]
    has_cleared: bool
    has_other: bool


def fields_of(record: type[Record]) -> tuple[tuple[str, At, Any], ...]:
    """
    List a record's fields for documentation: name, place on the wire, Python type.
    """
    return tuple((field.name, field.at, field.annotation) for field in _plan(record).fields)


def decode(record: type[R], value: wbxml.Value, notes: Notes | None = None) -> R:
    """
    Make a record from an element's value.

    Args:
        record: the class to make.
        value: the value of the element, as `wbxml.decode` gives it; empty elements give an empty record.
        notes: receives what could not be read.

    Raises:
        Nothing for odd content: an unreadable field is noted and left out.

    """
    plan = _plan(record)
    if type(value) is not list:
        return record()
    if notes is None:
        notes = Notes()
    cleared: list[str] = []
    other: list[Any] = []
    found = read_fields(value, plan.readers, notes, cleared, other)
    for name in plan.repeated:
        if name in found:
            found[name] = tuple(found[name])
    if plan.has_cleared and cleared:
        found["cleared"] = frozenset(cleared)
    if plan.has_other and other:
        found["other"] = wbxml.encode(pages.AirSync.ApplicationData, other)
    return record(**found)


def encode(record: Record, version: Version = Version.V16_1) -> list[Any]:
    """
    Write a record as an element's children, in the order of its fields.

    Args:
        record: what to write; `None` fields are left out, names in `cleared` become empty elements.
        version: fields that this version does not have are left out.

    Returns:
        The flat list of children: tag, value, tag, value...

    """
    plan = _plan(type(record))
    cleared: frozenset[str] = getattr(record, "cleared", frozenset()) if plan.has_cleared else frozenset()
    children = write_fields(_written(type(record), version), msgspec.structs.astuple(record), cleared, version)
    if plan.has_other:
        other: bytes | None = getattr(record, "other", None)
        if other is not None:
            extra = wbxml.decode(other).value
            if isinstance(extra, list):
                children += extra
    return children


@functools.cache
def _plan(record: type[Record]) -> _Plan:
    hints = typing.get_type_hints(record, include_extras=True)
    fields = []
    for name in record.__struct_fields__:
        hint = hints[name]
        places = [extra for extra in getattr(hint, "__metadata__", ()) if isinstance(extra, At)]
        if places:
            fields.append(_field(name, places[0], typing.get_args(hint)[0]))
    for before, field in enumerate(fields[1:]):
        if field.at.item is not None and field.at.tag == fields[before].at.tag:
            fields[before + 1] = msgspec.structs.replace(field, joins=True)
    return _Plan(
        fields=tuple(fields),
        readers=_readers(fields),
        repeated=tuple(field.name for field in fields if field.repeated),
        has_cleared="cleared" in record.__struct_fields__,
        has_other="other" in record.__struct_fields__,
    )


def _readers(fields: list[_Field]) -> dict[int, Reader]:
    """
    Say who reads each tag.
    """
    by_tag: dict[int, list[_Field]] = {}
    for field in fields:
        for tag in (field.at.tag, *field.at.also):
            by_tag.setdefault(tag, []).append(field)
    return {tag: _reader(first, others) for tag, (first, *others) in by_tag.items()}


def _reader(field: _Field, others: list[_Field]) -> Reader:
    """
    Make a field's reader; other fields at its tag share its wrapper, or take a byte array in its place.
    """
    return field.way.reader(
        field.name,
        text=field.text,
        opaque_name=next((one.name for one in others if one.at.item is None), ""),
        repeated=field.repeated,
        clearable=field.clearable,
        shared=tuple(one.way.reader(one.name) for one in others if one.at.item is not None),
    )


@functools.cache
def _written(record: type[Record], version: Version) -> tuple[Writer | None, ...]:
    """
    List what a version can say of a record, in the order of its attributes; `None` for those that it cannot.
    """
    writers = {
        field.name: field.way.writer(field.name, field.at.tag, repeated=field.repeated, joins=field.joins)
        for field in _plan(record).fields
        if field.at.since <= version <= field.at.until
    }
    return tuple(map(writers.get, record.__struct_fields__))


def _field(name: str, at: At, annotation: Any) -> _Field:
    kind = _without_none(annotation)
    if typing.get_origin(kind) is tuple:
        way = _way(typing.get_args(kind)[0], at.form)
        if at.item is None:
            return _Field(name, at, way, False, True, False, annotation)
        wrapped = _Way(
            functools.partial(_read_wrapped, at.item, way.reader("")),
            functools.partial(_write_wrapped, way.writer("", at.item)),
            nested=True,
        )
        return _Field(name, at, wrapped, False, False, False, annotation)
    return _Field(name, at, _way(kind, at.form), kind is str, False, kind not in (str, bool), annotation)


def _without_none(annotation: Any) -> Any:
    if typing.get_origin(annotation) is Annotated:
        annotation = typing.get_args(annotation)[0]
    if typing.get_origin(annotation) in (typing.Union, types.UnionType):
        kinds = [kind for kind in typing.get_args(annotation) if kind is not type(None)]
        if len(kinds) == 1:
            return kinds[0]
    return annotation


def _way(kind: Any, form: Form | None) -> _Way:
    """
    Choose how one value of a Python type is read and written.
    """
    if kind is str:
        return _Way(_read_text, None)
    if kind is bool:
        known = {"1": True, "0": False}
        return _Way(datatypes.parse_boolean, lambda value: "1" if value else "0", known=known)
    if kind is int:
        return _Way(datatypes.parse_integer, str)
    if kind is bytes:
        if form is Form.BASE64:
            return _Way(datatypes.parse_base64, datatypes.format_base64)
        return _Way(datatypes.parse_opaque, None)
    if kind is dt.datetime:
        compact = form is Form.COMPACT
        return _Way(datatypes.parse_datetime, datatypes.format_compact if compact else datatypes.format_dotted)
    if kind is dt.date:
        return _Way(datatypes.parse_date, datatypes.format_date)
    if isinstance(kind, type) and issubclass(kind, enum.IntEnum):
        numbers = {str(int(one)): one for one in kind}
        return _Way(lambda value: kind(datatypes.parse_integer(value)), lambda value: str(int(value)), known=numbers)
    if isinstance(kind, type) and issubclass(kind, enum.StrEnum):
        return _Way(lambda value: kind(_read_text(value)), str)
    if isinstance(kind, type) and issubclass(kind, Record):
        return _Way(functools.partial(decode, kind), encode, nested=True)
    raise TypeError(f"a record's field cannot be of type {kind!r}")


def _read_text(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, bytes):
        return value.decode("utf-8", "replace")
    if isinstance(value, str):
        return value
    raise ValueError("text expected, child elements found")


def _read_wrapped(item: int, reader: Reader, value: Any, notes: Notes) -> tuple[Any, ...]:
    if not isinstance(value, list):
        return ()
    found = []
    for tag, child in wbxml.pairs(value):
        if tag == item:
            try:
                found.append(read_value(reader, child, notes))
            except (ValueError, TypeError, OverflowError) as error:
                notes.add(tag, str(error))
    return tuple(found)


def _write_wrapped(writer: Writer, values: tuple[Any, ...], version: Version) -> list[Any]:
    children: list[Any] = []
    for value in values:
        children += (writer.tag, write_value(writer, value, version))
    return children
