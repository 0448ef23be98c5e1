"""
Who may log in: by name and password, as HTTP Basic sends them, by a token, or by a certificate that TLS has checked.
"""

from __future__ import annotations

import base64
import binascii
import hmac
from collections.abc import Callable

__all__ = ["People"]


class People:
    """
    The users of a server.

    Attributes:
        challenges: what a request without login is asked for, a header each.
    """

    def __init__(self) -> None:
        self.challenges: tuple[str, ...] = ('Basic realm="Carrierpost Exchange"',)
        self._passwords: dict[str, str] = {}
        self._whose: Callable[[str], str | None] | None = None

    def add(self, address: str, password: str) -> None:
        """
        Let somebody log in, by address or by the part before the `@`.
        """
        self._passwords[address] = password

    def accept_tokens(
        self, whose: Callable[[str], str | None], challenge: str = "Bearer", *, only: bool = True
    ) -> None:
        """
        Let people log in by tokens that somebody else gives.

        Args:
            whose: tells the address that a token is for, or `None` for one that is not good.
            challenge: what a request without login is asked for.
            only: accept passwords no longer.
        """
        self._whose = whose
        self.challenges = (challenge,) if only else (challenge, *self.challenges)

    def named(self, names: tuple[str, ...]) -> str | None:
        """
        Tell whom the names in a certificate stand for; `None` when that is nobody here.
        """
        return next((name.lower() for name in names if name.lower() in self._passwords), None)

    def authenticated(self, authorization: str) -> str | None:
        r"""
        Tell whose login a request carries.

        Names may come as address, as its first part, or as `DOMAIN\name`; text as UTF-8 or, from older clients, as
        Latin-1.

        Args:
            authorization: the header's value; empty when it is missing.

        Returns:
            The user's address, or `None` when name or password are wrong.
        """
        scheme, _, value = authorization.partition(" ")
        if scheme.lower() == "bearer" and self._whose is not None:
            address = self._whose(value)
            return address.lower() if address is not None and address.lower() in self._passwords else None
        if scheme.lower() != "basic" or not any(one.lower().startswith("basic") for one in self.challenges):
            return None
        try:
            raw = base64.b64decode(value, validate=True)
        except binascii.Error:
            return None
        for encoding in ("utf-8", "latin-1"):
            login, _, password = raw.decode(encoding, "replace").partition(":")
            login = login.rpartition("\\")[2].lower()
            for address, known in self._passwords.items():
                if login in (address, address.partition("@")[0]) and _equal(known, password):
                    return address
        return None


def _equal(one: str, other: str) -> bool:
    return hmac.compare_digest(one.encode(), other.encode())
