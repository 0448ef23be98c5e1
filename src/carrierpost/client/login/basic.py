"""
Name and password with every request ([RFC 7617]), which only TLS keeps from being read.
"""

from __future__ import annotations

import base64

from carrierpost.client.login.credentials import Credentials
from carrierpost.protocol.errors import LocalProtocolError
from carrierpost.protocol.secret import Secret

__all__ = ["BasicLogin"]


class BasicLogin(Credentials):
    r"""
    A login name and a password, in UTF-8.

    It is not tried a second time in ISO-8859-1, although old servers may expect that: each attempt with what the
    server takes for a wrong password brings the account nearer to being locked.

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

    def __repr__(self) -> str:
        return f"BasicLogin({self.login!r}, ...)"
