"""
Looking into a flat tree.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

__all__ = ["ABSENT", "TEXT", "find", "find_all", "pairs", "text"]

TEXT: Final = 0
"""The tag under which text is kept that stands between elements; real tags are 5 and more."""

ABSENT: Final = object()
"""What `find` gives for an element that is not there, so that an empty one (`None`) can be told from it."""


def pairs(value: Any) -> Iterator[tuple[int, Any]]:
    """
    Go through the children of an element's value: tag and value each; none for text and empty elements.
    """
    if type(value) is not list:
        return iter(())
    children = iter(value)
    return zip(children, children, strict=True)


def find(value: Any, tag: int, default: Any = ABSENT) -> Any:
    """
    Give the value of the first child with this tag, or `default`.
    """
    for child, found in pairs(value):
        if child == tag:
            return found
    return default


def find_all(value: Any, tag: int) -> list[Any]:
    """
    Give the values of all children with this tag, in order.
    """
    return [found for child, found in pairs(value) if child == tag]


def text(value: Any, tag: int, default: str = "") -> str:
    """
    Give the text of the first child with this tag; `default` when it is absent, empty, or has children.
    """
    found = find(value, tag, None)
    if isinstance(found, bytes):
        return found.decode("utf-8", "replace")
    return found if isinstance(found, str) else default
