"""
How a command is refused as a whole.
"""

from __future__ import annotations

__all__ = ["Refusal"]


class Refusal(Exception):
    """
    The whole command is refused.

    Attributes:
        status: the status that says so; how it travels depends on the version.
    """

    def __init__(self, status: int) -> None:
        super().__init__(status)
        self.status = status
