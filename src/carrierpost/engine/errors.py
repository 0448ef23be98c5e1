"""
Why an account's runner does not go on, and what cannot be done for a person.
"""

from __future__ import annotations

import datetime as dt

__all__ = ["AccountStopped", "AccountWaits", "EditRefused", "EngineError", "NotFetched"]


class EngineError(Exception):
    """
    The base of everything that the engine raises by itself; its text is a sentence for a person.
    """


class AccountStopped(EngineError):
    """
    A person has to do something first.
    """


class AccountWaits(EngineError):
    """
    The server asked to be left alone.

    Attributes:
        until: until when.
    """

    def __init__(self, reason: str, until: dt.datetime) -> None:
        super().__init__(reason)
        self.until = until

    def __str__(self) -> str:
        return f"{self.args[0]} Nothing is sent before {self.until:%Y-%m-%d %H:%M} UTC."


class NotFetched(EngineError):
    """
    What was asked for could not be fetched.
    """


class EditRefused(EngineError):
    """
    What a person wants cannot be said in the protocol, or makes no sense; nothing was written.
    """
