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
    byte array. A subclass may have two fields without `At`, which then are filled while decoding:

    * `cleared: frozenset[str]` receives the names of fields that were present but empty and whose type cannot
      say so;
    * `other: bytes | None` receives, as a WBXML document, the elements that the record does not know.
    """


Reader = Callable[[Any, Notes], Any]
Writer = Callable[[Any, Version], Any]


class _Field(msgspec.Struct, frozen=True):
    name: str
    at: At
    read: Reader | None  # None: plain text, the common case, is taken as it is
    write: Writer
    repeated: bool
    clearable: bool
    annotation: Any
    opaque_name: str = ""  # the field beside a text that takes its place when a byte array came


class _Plan(msgspec.Struct, frozen=True):
    fields: tuple[_Field, ...]
    by_tag: dict[int, _Field]
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
    by_tag = plan.by_tag
    found: dict[str, Any] = {}
    cleared: list[str] = []
    other: list[Any] = []
    pairs = iter(value)
    for tag, child in zip(pairs, pairs, strict=True):
        field = by_tag.get(tag)
        if field is None:
            if plan.has_other and tag:
                other += (tag, child)
            continue
        name = field.name
        if field.read is None:
            if type(child) is str:
                found[name] = child
            elif field.opaque_name and isinstance(child, bytes):
                found[field.opaque_name] = child
            else:
                found[name] = _read_text(child)
            continue
        if child is None and field.clearable:
            cleared.append(name)
            continue
        try:
            parsed = field.read(child, notes)
        except (ValueError, TypeError, OverflowError) as error:
            notes.add(tag, str(error))
            continue
        if field.repeated:
            found.setdefault(name, []).append(parsed)
        else:
            found[name] = parsed
    for name in plan.repeated:
        if name in found:
            found[name] = tuple(found[name])
    if plan.has_cleared and cleared:
        found["cleared"] = frozenset(cleared)
    if other:
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
    children: list[Any] = []
    for field in plan.fields:
        if not field.at.since <= version <= field.at.until:
            continue
        value = getattr(record, field.name)
        if value is None:
            if field.name in cleared:
                children += (field.at.tag, None)
        elif field.repeated:
            for one in value:
                children += (field.at.tag, field.write(one, version))
        else:
            children += (field.at.tag, field.write(value, version))
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
    by_tag: dict[int, _Field] = {}
    for field in fields:
        for tag in (field.at.tag, *field.at.also):
            text = by_tag.setdefault(tag, field)
            if text is not field:  # a second field for an element takes it when it comes as a byte array
                by_tag[tag] = msgspec.structs.replace(text, opaque_name=field.name)
    return _Plan(
        fields=tuple(fields),
        by_tag=by_tag,
        repeated=tuple(field.name for field in fields if field.repeated),
        has_cleared="cleared" in record.__struct_fields__,
        has_other="other" in record.__struct_fields__,
    )


def _field(name: str, at: At, annotation: Any) -> _Field:
    kind = _without_none(annotation)
    if typing.get_origin(kind) is tuple:
        inner = typing.get_args(kind)[0]
        read, write = _scalar(inner, at.form)
        if at.item is None:
            return _Field(name, at, read, write, True, False, annotation)
        return _Field(
            name,
            at,
            functools.partial(_read_wrapped, at.item, read),
            functools.partial(_write_wrapped, at.item, write),
            False,
            False,
            annotation,
        )
    read, write = _scalar(kind, at.form)
    clearable = kind not in (str, bool)
    return _Field(name, at, None if kind is str else read, write, False, clearable, annotation)


def _without_none(annotation: Any) -> Any:
    if typing.get_origin(annotation) is Annotated:
        annotation = typing.get_args(annotation)[0]
    if typing.get_origin(annotation) in (typing.Union, types.UnionType):
        kinds = [kind for kind in typing.get_args(annotation) if kind is not type(None)]
        if len(kinds) == 1:
            return kinds[0]
    return annotation


def _scalar(kind: Any, form: Form | None) -> tuple[Reader, Writer]:
    """
    Choose how one value of a Python type is read and written.
    """
    if kind is str:
        return _read_text, lambda value, version: value
    if kind is bool:
        return lambda value, notes: datatypes.parse_boolean(value), lambda value, version: "1" if value else "0"
    if kind is int:
        return lambda value, notes: datatypes.parse_integer(value), lambda value, version: str(value)
    if kind is bytes:
        if form is Form.BASE64:
            return lambda value, notes: datatypes.parse_base64(value), lambda value, version: datatypes.format_base64(
                value
            )
        return lambda value, notes: datatypes.parse_opaque(value), lambda value, version: value
    if kind is dt.datetime:
        if form is Form.COMPACT:
            return lambda value, notes: datatypes.parse_datetime(
                value
            ), lambda value, version: datatypes.format_compact(value)
        return lambda value, notes: datatypes.parse_datetime(value), lambda value, version: datatypes.format_dotted(
            value
        )
    if kind is dt.date:
        return lambda value, notes: datatypes.parse_date(value), lambda value, version: datatypes.format_date(value)
    if isinstance(kind, type) and issubclass(kind, enum.IntEnum):
        return lambda value, notes: kind(datatypes.parse_integer(value)), lambda value, version: str(int(value))
    if isinstance(kind, type) and issubclass(kind, enum.StrEnum):
        return lambda value, notes: kind(_read_text(value, notes)), lambda value, version: str(value)
    if isinstance(kind, type) and issubclass(kind, Record):
        return lambda value, notes: decode(kind, value, notes), lambda value, version: encode(value, version)
    raise TypeError(f"a record's field cannot be of type {kind!r}")


def _read_text(value: Any, notes: Notes | None = None) -> str:
    if value is None:
        return ""
    if isinstance(value, bytes):
        return value.decode("utf-8", "replace")
    if isinstance(value, str):
        return value
    raise ValueError("text expected, child elements found")


def _read_wrapped(item: int, read: Reader, value: Any, notes: Notes) -> tuple[Any, ...]:
    if not isinstance(value, list):
        return ()
    found = []
    pairs = iter(value)
    for tag, child in zip(pairs, pairs, strict=True):
        if tag == item:
            try:
                found.append(read(child, notes))
            except (ValueError, TypeError, OverflowError) as error:
                notes.add(tag, str(error))
    return tuple(found)


def _write_wrapped(item: int, write: Writer, values: tuple[Any, ...], version: Version) -> list[Any]:
    children: list[Any] = []
    for value in values:
        children += (item, write(value, version))
    return children
