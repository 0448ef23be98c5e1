"""
Records of any content, and what a version keeps of them.

Both are made from the annotations that documentation reads (`fields_of`), not from the code that reads and writes.
"""

from __future__ import annotations

import datetime as dt
import enum
import functools
import types
import typing
from typing import Any, TypeVar

from hypothesis import strategies as st

from carrierpost.protocol.record import At, Form, Record, fields_of
from carrierpost.protocol.version import Version

__all__ = ["compact_times", "records", "seen", "texts", "times", "versions"]

R = TypeVar("R", bound=Record)

_FORBIDDEN = [*map(chr, range(9)), "\x0b", "\x0c", *map(chr, range(14, 32)), "\ufffe", "\uffff"]

texts = st.text(st.characters(exclude_categories=["Cs"], exclude_characters=_FORBIDDEN), max_size=20)
versions = st.sampled_from(Version)
compact_times = st.datetimes(
    dt.datetime(1601, 1, 1),  # noqa: DTZ001 - bounds have no zone here
    dt.datetime(4500, 12, 31),  # noqa: DTZ001
    timezones=st.just(dt.UTC),
).map(lambda moment: moment.replace(microsecond=0))
times = st.builds(lambda moment, ms: moment.replace(microsecond=ms * 1000), compact_times, st.integers(0, 999))
_dates = st.dates(dt.date(1601, 1, 1), dt.date(4500, 12, 31))


def _kind(annotation: Any) -> Any:
    if typing.get_origin(annotation) in (typing.Union, types.UnionType):
        (annotation,) = (kind for kind in typing.get_args(annotation) if kind is not type(None))
    return annotation


def _values(kind: Any, at: At) -> st.SearchStrategy[Any]:
    if typing.get_origin(kind) is tuple:
        return st.lists(_values(typing.get_args(kind)[0], at), max_size=3).map(tuple)
    if isinstance(kind, type) and issubclass(kind, enum.Enum):
        return st.sampled_from(kind)
    if isinstance(kind, type) and issubclass(kind, Record):
        return records(kind)
    return {
        str: texts,
        bool: st.booleans(),
        int: st.integers(-1000, 10**12),
        bytes: st.binary(min_size=1, max_size=20),
        dt.datetime: compact_times if at.form is Form.COMPACT else times,
        dt.date: _dates,
    }[kind]


@functools.cache
def records(kind: type[R]) -> st.SearchStrategy[R]:
    """
    Make records of a class, each field absent or with any value.
    """
    taken: set[int] = set()
    fields: dict[str, st.SearchStrategy[Any]] = {}
    for name, at, annotation in fields_of(kind):
        if at.tag in taken and at.item is None:
            continue  # a text's other form; the two exclude each other
        taken.add(at.tag)
        fields[name] = _values(_kind(annotation), at)

    @st.composite
    def some(draw: st.DrawFn) -> R:
        # A handful of fields at a time: that all of them go together is a matter of the record, tested by itself.
        names = draw(st.lists(st.sampled_from(sorted(fields)), max_size=6, unique=True))
        return kind(**{name: draw(fields[name]) for name in names})

    return some()


def seen(record: R, version: Version) -> R:
    """
    Give what is left of a record when it has travelled in a version.

    Fields that the version does not have are gone, and a record of which nothing is left is an empty element: its
    field is named in `cleared` where there is such a list, and is gone where there is none. Of lists that share a
    wrapper, an empty one is nothing beside others.
    """
    kept: dict[str, Any] = {}
    cleared: set[str] = set()
    wrappers: dict[int, list[str]] = {}
    for name, at, _ in fields_of(type(record)):
        value = getattr(record, name)
        if at.item is not None:
            wrappers.setdefault(at.tag, []).append(name)
        if value is None or not at.since <= version <= at.until:
            continue
        if isinstance(value, tuple):
            value = tuple(seen(one, version) if isinstance(one, Record) else one for one in value)
            if not value and at.item is None:
                continue
        elif isinstance(value, Record):
            value = seen(value, version)
            if value == type(value)():
                cleared.add(name)
                continue
        kept[name] = value
    for names in wrappers.values():
        present = [name for name in names if kept.get(name)]
        for name in names[0 if present else 1 :]:
            if not kept.get(name):
                kept.pop(name, None)
    if "cleared" in record.__struct_fields__:
        kept["cleared"] = frozenset(cleared)
    return type(record)(**kept)
