"""
The page on `import carrierpost`: what opens a mailbox, what an open one does, values, errors.
"""

from __future__ import annotations

import enum
import inspect
from collections.abc import Callable
from typing import Any

import msgspec

import carrierpost
from tools.reference.markdown import docstring, page, table
from tools.reference.records import section

__all__ = ["pages"]

_HEADS = {"Args": "argument", "Attributes": "attribute", "Raises": "raises", "Returns": "returns"}
_ITEMS = "carrierpost.protocol.classes"


def pages() -> dict[str, str]:
    """
    Make the page.
    """
    things = {name: getattr(carrierpost, name) for name in carrierpost.__all__ if name != "__version__"}
    classes = {name: one for name, one in things.items() if inspect.isclass(one)}
    errors = [one for one in classes.values() if issubclass(one, Exception)]
    acting = [carrierpost.Mailbox, carrierpost.Editor, carrierpost.BackgroundExchange, carrierpost.ExchangeServer]
    on_pages = [one for one in classes.values() if one.__module__.startswith(_ITEMS)]
    values = [
        (name, one) for name, one in classes.items() if one not in errors and one not in acting and one not in on_pages
    ]
    text = page(
        "In Python",
        "Everything here is imported from `carrierpost`; the [tutorial](../tutorial/python.md) shows it at work. "
        "Methods marked *async* are awaited; those that give several things one by one are used with `async for`.",
        *(_function(name, one) for name, one in things.items() if inspect.isfunction(one)),
        *(_class(one) for one in acting),
        "## Values",
        *(_value(name, one) for name, one in values),
        "## Items and their parts\n\nOn the page [Items](items.md): "
        + ", ".join(f"`{one.__name__}`" for one in on_pages)
        + ".",
        "## Errors",
        table(("error", "is a", "means"), [_error(one, errors) for one in errors]),
    )
    return {"library.md": text}


def _function(name: str, function: Callable[..., Any]) -> str:
    return f"## {name}\n\n{_described(function)}"


def _class(kind: type) -> str:
    told = docstring(kind)
    methods = [
        f"### {kind.__name__}.{name}\n\n{_described(one)}"
        for name, one in vars(kind).items()
        if not name.startswith("_") and inspect.isfunction(one)
    ]
    head = [f"## {kind.__name__}", told.text, *_entries(told.sections)]
    return "\n\n".join([*head, *methods])


def _described(function: Callable[..., Any]) -> str:
    """
    Describe a function: how it is called, what it does, its arguments, result and errors.
    """
    told = docstring(function)
    inner = inspect.unwrap(function)
    kinds = ["async"] if inspect.iscoroutinefunction(inner) else []
    result = str(inspect.signature(inner).return_annotation)
    if "AsyncGenerator" in result:
        kinds = ["async for"]
    elif inspect.isasyncgenfunction(inner):
        kinds = ["async with"]
    words = f" (*{kinds[0]}*)" if kinds else ""
    names = [
        f"*{one.name}"
        if one.kind is one.VAR_POSITIONAL
        else f"**{one.name}"
        if one.kind is one.VAR_KEYWORD
        else one.name
        for one in inspect.signature(inner).parameters.values()
        if one.name != "self"
    ]
    return "\n\n".join([f"`{inner.__name__}({', '.join(names)})`{words}", told.text, *_entries(told.sections)])


def _entries(sections: dict[str, dict[str, str]]) -> list[str]:
    found = []
    for head, entries in sections.items():
        if entries:
            rows = [(f"`{name}`", text) for name, text in entries.items()]
            found.append(table((_HEADS.get(head, head.lower()), "meaning"), rows))
    return found


def _value(name: str, kind: type) -> str:
    if issubclass(kind, msgspec.Struct | enum.Enum):
        return section(kind, 3).replace(f"### {kind.__name__}", f"### {name}", 1)
    told = docstring(kind)
    return "\n\n".join([f"### {name}", told.text, *_entries(told.sections)])


def _error(kind: type, errors: list[type]) -> tuple[str, str, str]:
    above = next((one.__name__ for one in kind.__mro__[1:] if one in errors), "Exception")
    return f"`{kind.__name__}`", f"`{above}`", docstring(kind).text
