"""
Answers of the server, rewritten on their way: what other servers would have said.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from carrierpost import wbxml
from carrierpost.wbxml.pages import AirSync

__all__ = ["each_collection", "each_item"]


def each_item(edit: Callable[[int, list[Any]], list[Any] | None]) -> Callable[[bytes], bytes]:
    """
    Rewrite the items of Sync's answers.

    Args:
        edit: is given a command's tag and its children, tag and value alternating; gives them as they are to arrive, or
            `None` to leave the command out.

    Returns:
        What changes an answer's bytes, for `Line.spoil`.
    """

    def edit_all(children: list[Any]) -> None:
        commands = wbxml.find(children, AirSync.Commands, None)
        if not isinstance(commands, list):
            return
        made: list[Any] = []
        for tag, inner in list(wbxml.pairs(commands)):
            arrives = edit(tag, inner) if tag in (AirSync.Add, AirSync.Change) and isinstance(inner, list) else inner
            if arrives is not None:
                made += (tag, arrives)
        commands[:] = made

    return each_collection(edit_all)


def each_collection(edit: Callable[[list[Any]], None]) -> Callable[[bytes], bytes]:
    """
    Rewrite the collections of Sync's answers.

    Args:
        edit: changes a collection's children in place.

    Returns:
        What changes an answer's bytes, for `Line.spoil`.
    """

    def rewritten(body: bytes) -> bytes:
        if not body.startswith(b"\x03\x01"):
            return body
        document = wbxml.decode(body)
        if document.root != AirSync.Sync:
            return body
        for one in wbxml.find_all(wbxml.find(document.value, AirSync.Collections, None), AirSync.Collection):
            if isinstance(one, list):
                edit(one)
        return wbxml.encode(document.root, document.value)

    return rewritten
