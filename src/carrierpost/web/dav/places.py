"""
What is where below `/dav/`.

    /dav/                              where a program begins to look
    /dav/principals/DEVICE/            who comes in: a device
    /dav/books/DEVICE/                 the device's address books: one
    /dav/books/DEVICE/contacts/        the address book
    /dav/books/DEVICE/contacts/NAME    a card
"""

from __future__ import annotations

import dataclasses
import enum
import re

__all__ = ["ROOT", "Kind", "Place", "book_path", "find_place", "home_path", "principal_path"]

ROOT = "/dav/"
_BOOK = "contacts"
_NAME = re.compile(r"[^\x00-\x1f\x7f/\\\ud800-\udfff]+")
_LONGEST = 255  # octets of a card's name


class Kind(enum.Enum):
    """
    What can be at a place.
    """

    ROOT = "root"
    PRINCIPALS = "principals"
    PRINCIPAL = "principal"
    HOMES = "homes"
    HOME = "home"
    BOOK = "book"
    CARD = "card"


@dataclasses.dataclass(frozen=True, slots=True)
class Place:
    """
    A place.

    Attributes:
        kind: what is there.
        path: its address, as it is written by us.
        device_id: whose it is; 0 for everybody's.
        name: of the card.
    """

    kind: Kind
    path: str
    device_id: int = 0
    name: str = ""


def find_place(path: str) -> Place | None:
    """
    Find what is at an address.

    Args:
        path: the address, percent signs resolved; a slash at the end may be missing.

    Returns:
        The place, or `None` when there can be nothing: tricks with dots, control characters and lengths end here.
    """
    if path in ("/", "/dav", ROOT):
        return Place(Kind.ROOT, ROOT)
    if path.rstrip("/") == "/principals":
        return Place(Kind.PRINCIPALS, f"{ROOT}principals/")
    if not path.startswith(ROOT):
        return None
    match path.removeprefix(ROOT).removesuffix("/").split("/"):
        case ["principals"]:
            return Place(Kind.PRINCIPALS, f"{ROOT}principals/")
        case ["books"]:
            return Place(Kind.HOMES, f"{ROOT}books/")
        case ["principals", number] if _is_number(number):
            return Place(Kind.PRINCIPAL, principal_path(int(number)), int(number))
        case ["books", number] if _is_number(number):
            return Place(Kind.HOME, home_path(int(number)), int(number))
        case ["books", number, "contacts"] if _is_number(number):
            return Place(Kind.BOOK, book_path(int(number)), int(number))
        case ["books", number, "contacts", name] if _is_number(number) and _is_name(name) and not path.endswith("/"):
            return Place(Kind.CARD, f"{book_path(int(number))}{name}", int(number), name)
    return None


def principal_path(device_id: int) -> str:
    """
    Give the address of a device as who comes in.
    """
    return f"{ROOT}principals/{device_id}/"


def home_path(device_id: int) -> str:
    """
    Give the address below which a device's address book is.
    """
    return f"{ROOT}books/{device_id}/"


def book_path(device_id: int) -> str:
    """
    Give the address of a device's address book.
    """
    return f"{home_path(device_id)}{_BOOK}/"


def _is_number(text: str) -> bool:
    return text.isascii() and text.isdigit() and text[0] != "0" and len(text) <= 15


def _is_name(name: str) -> bool:
    return _NAME.fullmatch(name) is not None and name not in (".", "..") and len(name.encode()) <= _LONGEST
