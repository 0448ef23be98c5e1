"""
How to prove who one is.
"""

from __future__ import annotations

import base64
from typing import Protocol

from carrierpost.protocol.errors import LocalProtocolError
from carrierpost.protocol.secret import Secret

__all__ = ["BasicLogin", "Credentials"]


class Credentials(Protocol):
    """
    Something that gives the `Authorization` header.
    """

    async def authorization(self) -> str:
        """
        Give the header's value for the next request.
        """

    async def refresh(self) -> bool:
        """
        Renew what the server refused; `False` when nothing can be renewed. Called once for many waiting requests.
        """


class BasicLogin:
    r"""
    A login name and a password ([RFC 7617], UTF-8).

    Args:
        login: what the user typed: address, name, or `DOMAIN\name`.
        password: the password.

    Raises:
        LocalProtocolError: the login name cannot be sent this way.
    """

    def __init__(self, login: str, password: Secret) -> None:
        # [RFC 7617] 2: a colon ends the name; what follows would be taken for the beginning of the password.
        if ":" in login or not login.isprintable():
            raise LocalProtocolError(f"the login name {login!r} holds a colon or a control character; check it")
        self.login = login
        self._password = password

    async def authorization(self) -> str:
        """
        Give the header's value.
        """
        pair = f"{self.login}:{self._password.reveal()}".encode()
        return f"Basic {base64.b64encode(pair).decode('ascii')}"

    async def refresh(self) -> bool:
        """
        Renew nothing: only a person can change a password.
        """
        return False

    def __repr__(self) -> str:
        return f"BasicLogin({self.login!r}, ...)"
