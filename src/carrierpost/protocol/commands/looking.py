"""
What Search, Find and ResolveRecipients have in common: where they look, and how pictures of people are asked for.
"""

from __future__ import annotations

import enum
from typing import Any

import msgspec

from carrierpost import wbxml
from carrierpost.protocol.message import number_in
from carrierpost.protocol.record import Notes
from carrierpost.wbxml.pages import Find, ResolveRecipients, Search

__all__ = ["PictureLimits", "SearchStore", "decode_pictures", "encode_pictures"]

_Page = type[Search] | type[Find] | type[ResolveRecipients]


class SearchStore(enum.StrEnum):
    """
    Where a search looks.
    """

    MAILBOX = "Mailbox"
    GAL = "GAL"
    DOCUMENT_LIBRARY = "DocumentLibrary"


class PictureLimits(msgspec.Struct, frozen=True, kw_only=True):
    """
    Pictures are wanted, within limits (14.1 and later).

    Attributes:
        max_size: most bytes of one picture.
        max_pictures: most pictures.
    """

    max_size: int | None = None
    max_pictures: int | None = None


def encode_pictures(page: _Page, limits: PictureLimits) -> list[Any]:
    """
    Write the Picture element of a request, in a command's own code page.
    """
    inner: list[Any] = []
    if limits.max_size is not None:
        inner += (page.MaxSize, str(limits.max_size))
    if limits.max_pictures is not None:
        inner += (page.MaxPictures, str(limits.max_pictures))
    return [page.Picture, inner or None]


def decode_pictures(page: _Page, options: wbxml.Value, notes: Notes) -> PictureLimits | None:
    """
    Read the Picture element of a request's options; `None` when no pictures are wanted.
    """
    found = wbxml.find(options, page.Picture)
    if found is wbxml.ABSENT:
        return None
    return PictureLimits(
        max_size=number_in(found, page.MaxSize, notes), max_pictures=number_in(found, page.MaxPictures, notes)
    )
