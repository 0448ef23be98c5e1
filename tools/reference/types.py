"""
How a Python type reads in a table.
"""

from __future__ import annotations

import datetime as dt
import enum
import types
import typing
from typing import Any

__all__ = ["choices", "shown"]

_WORDS: dict[Any, str] = {
    str: "text",
    int: "integer",
    bool: "yes or no",
    bytes: "bytes",
    float: "number",
    dt.datetime: "date and time",
    dt.date: "date",
    Any: "anything",
    None: "nothing",
    type(None): "nothing",
}


def shown(annotation: Any) -> str:
    """
    Name a type in words; what may be absent is not said, for nearly everything may.
    """
    if typing.get_origin(annotation) is typing.Annotated:
        annotation = typing.get_args(annotation)[0]
    origin, arguments = typing.get_origin(annotation), typing.get_args(annotation)
    if origin in (typing.Union, types.UnionType):
        return " or ".join(shown(one) for one in arguments if one is not type(None))
    if origin in (tuple, list, set, frozenset) and arguments:
        return f"list of {shown(arguments[0])}"
    if annotation in _WORDS:
        return _WORDS[annotation]
    return getattr(annotation, "__name__", str(annotation))


def choices(kind: type[enum.Enum]) -> list[tuple[str, str]]:
    """
    List an enumeration's values and names.
    """
    return [(str(member.value), member.name.replace("_", " ").lower()) for member in kind]
