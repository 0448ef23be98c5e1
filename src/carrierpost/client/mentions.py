"""
What servers mention by the way, in the headers of any answer; noted until somebody asks.
"""

from __future__ import annotations

from carrierpost.protocol.clock import Clock
from carrierpost.protocol.http import back_off
from carrierpost.protocol.message import HTTPResponse

__all__ = ["Mentions"]

_RESTART_SECONDS = 3600.0  # between two servers' wishes to begin again: something in between may repeat the first


class Mentions:
    """
    What one account's server has mentioned.

    Args:
        clock: the time.

    Attributes:
        password_days: days until the password expires, or `None` when the server does not say.
    """

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._restart_wanted: float | None = None
        self._restart_heeded: float | None = None
        self._back_off_until: float | None = None
        self.password_days: int | None = None

    def heed(self, response: HTTPResponse) -> None:
        """
        Note what an answer says ([MS-ASHTTP] X-MS-RP, X-MS-Credentials-Expire; Exchange's X-MS-BackOffDuration).
        """
        if "x-ms-rp" in response.headers:
            self._restart_wanted = self._clock.monotonic()
        days = response.headers.get("x-ms-credentials-expire", "").strip()
        if days.isascii() and days.isdecimal():
            self.password_days = int(days)
        if (seconds := back_off(response)) is not None:
            self._back_off_until = self._clock.monotonic() + seconds

    def begun_anew(self) -> None:
        """
        Forget that the server wants to begin again: with the answer to a first FolderSync it means nothing.
        """
        self._restart_wanted = None

    def take_restart(self) -> bool:
        """
        Say once whether the server was changed and wants everything to begin again, at most once an hour.

        Begin again with the folder list and key 0 then.
        """
        wanted, self._restart_wanted = self._restart_wanted, None
        if wanted is None:
            return False
        if self._restart_heeded is not None and wanted - self._restart_heeded < _RESTART_SECONDS:
            return False
        self._restart_heeded = wanted
        return True

    def take_back_off(self) -> float | None:
        """
        Say once for how many more seconds the server wants to be left alone, though it did answer.
        """
        until, self._back_off_until = self._back_off_until, None
        left = 0.0 if until is None else until - self._clock.monotonic()
        return left if left > 0 else None
