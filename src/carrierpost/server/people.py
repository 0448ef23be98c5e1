"""
Who may log in: names and passwords, as HTTP Basic sends them.
"""

from __future__ import annotations

import base64
import binascii
import hmac

__all__ = ["People"]


class People:
    """
    The users of a server.
    """

    def __init__(self) -> None:
        self._passwords: dict[str, str] = {}

    def add(self, address: str, password: str) -> None:
        """
        Let somebody log in, by address or by the part before the `@`.
        """
        self._passwords[address] = password

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
        if scheme.lower() != "basic":
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
