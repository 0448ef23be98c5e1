"""
Classes of the protocol room: fields, elements, versions, meanings.
"""

from __future__ import annotations

import enum
import inspect
import types
import typing
from typing import Any

import msgspec

from carrierpost.protocol.record import At, Record, fields_of
from carrierpost.protocol.version import Version
from carrierpost.wbxml.pages import name_of
from tools.reference.clauses import clause
from tools.reference.markdown import docstring, table
from tools.reference.types import choices, shown

__all__ = ["described", "public_classes", "section"]

_OLDEST, _NEWEST = min(Version), max(Version)


def public_classes(module: types.ModuleType) -> list[type]:
    """
    List the classes that a module defines and exports, in the order of its text.
    """
    found = [getattr(module, name) for name in getattr(module, "__all__", ())]
    mine = [one for one in found if inspect.isclass(one) and one.__module__ == module.__name__]
    return sorted(mine, key=lambda one: inspect.getsourcelines(one)[1])


def described(module: types.ModuleType, *, level: int = 3) -> str:
    """
    Describe a module's values: its records, plain structs and enumerations.
    """
    parts = [section(one, level) for one in public_classes(module) if issubclass(one, msgspec.Struct | enum.Enum)]
    return "\n\n".join(parts)


def section(kind: type, level: int) -> str:
    """
    Describe one class under a heading.
    """
    told = docstring(kind)
    head = f"{'#' * level} {kind.__name__}\n\n{told.text}"
    meanings = told.sections.get("Attributes", {})
    if issubclass(kind, enum.Enum):
        body = table(("value", "means"), choices(kind))
    elif issubclass(kind, Record):
        body = _record(kind, meanings)
    elif issubclass(kind, msgspec.Struct):
        body = _struct(kind, meanings)
    else:
        body = ""
    return f"{head}\n\n{body}".strip()


def _record(kind: type[Record], meanings: dict[str, str]) -> str:
    rows = [
        (
            f"`{name}`", f"`{':'.join(name_of(at.tag))}`", shown(annotation), _versions(at), meanings.get(name, ""),
            clause(kind.__name__, at.tag),
        )
        for name, at, annotation in fields_of(kind)
    ]  # fmt: skip
    return table(("field", "element", "type", "versions", "meaning", "specified in"), rows)


def _struct(kind: type[msgspec.Struct], meanings: dict[str, str]) -> str:
    hints = typing.get_type_hints(kind, include_extras=True)
    rows: list[tuple[Any, ...]] = [
        (f"`{name}`", shown(hints.get(name, Any)), meanings.get(name, "")) for name in kind.__struct_fields__
    ]
    return table(("field", "type", "meaning"), rows) if rows else ""


def _versions(at: At) -> str:
    if at.since > _OLDEST and at.until < _NEWEST:
        return f"{at.since} to {at.until}"
    if at.since > _OLDEST:
        return f"from {at.since}"
    return f"until {at.until}" if at.until < _NEWEST else ""
