"""
A text that does not print.
"""

from __future__ import annotations

__all__ = ["Secret"]


class Secret:
    """
    A password or a token: it shows itself only to the one place that asks with `reveal`.
    """

    __slots__ = ("_text",)

    def __init__(self, text: str) -> None:
        self._text = text

    def reveal(self) -> str:
        """
        Give the text itself.
        """
        return self._text

    def __repr__(self) -> str:
        return "Secret(...)"

    __str__ = __repr__

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Secret) and self._text == other._text

    def __hash__(self) -> int:
        return hash(self._text)
