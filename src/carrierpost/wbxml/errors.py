"""
The one error of this room, and the limits whose crossing raises it.
"""

from __future__ import annotations

import dataclasses

__all__ = ["DEFAULT_LIMITS", "Limits", "WBXMLError"]


class WBXMLError(Exception):
    """
    A document was refused.

    Attributes:
        reason: what is wrong, in words.
        offset: position of the offending byte, from the document's start.

    """

    def __init__(self, reason: str, offset: int) -> None:
        super().__init__(reason, offset)
        self.reason = reason
        self.offset = offset

    def __str__(self) -> str:
        return f"no valid WBXML: {self.reason} (at byte {self.offset})"


@dataclasses.dataclass(frozen=True, slots=True)
class Limits:
    """
    How much of a document is accepted.

    Attributes:
        size: bytes of the whole document.
        depth: elements inside one another.
        elements: elements in all.

    """

    size: int = 128 * 1024 * 1024
    depth: int = 64
    elements: int = 4_000_000


DEFAULT_LIMITS = Limits()
