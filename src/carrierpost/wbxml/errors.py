"""
The one error of this room, and the limits whose crossing raises it.
"""

from __future__ import annotations

import dataclasses

__all__ = ["DEFAULT_LIMITS", "DEPTH", "Limits", "WBXMLError"]

DEPTH = 64
"""Elements with children inside one another that may be written; ActiveSync's own documents stay below 20."""


class WBXMLError(Exception):
    """
    A document was refused.

    Attributes:
        reason: what is wrong, in words.
        offset: position of the offending byte, from the document's start; the document's length, or the limit on
            it, where the fault is that bytes are missing, or too many.

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

    Reading takes at most some 150 bytes of memory for each element, besides the document's size and that of its texts.

    Attributes:
        size: bytes of the whole document.
        length: bytes of one text or byte array.
        depth: elements with children inside one another, no more than `DEPTH`.
        elements: elements in all; loose pieces of text count too.

    Raises:
        ValueError: `depth` is more than what can be written again.

    """

    size: int = 128 * 1024 * 1024
    length: int = 64 * 1024 * 1024
    depth: int = DEPTH
    elements: int = 1_000_000

    def __post_init__(self) -> None:
        if self.depth > DEPTH:
            raise ValueError(f"documents nested deeper than {DEPTH} could not be written again")


DEFAULT_LIMITS = Limits()
