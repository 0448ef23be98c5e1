"""
What a person gives as a server, made into an address that is safe to use.
"""

from __future__ import annotations

from urllib.parse import urlsplit, urlunsplit

from carrierpost.bootstrap.errors import SetupError
from carrierpost.protocol.http import PATH

__all__ = ["server_url"]

_LOOPBACK = ("localhost", "127.0.0.1", "::1")


def server_url(text: str) -> str:
    """
    Complete what a person gives as a server: `mail.example.com` is enough.

    Returns:
        The endpoint, absolute.

    Raises:
        SetupError: it is no address, or passwords would travel readable.
    """
    try:
        parts = urlsplit(text if "://" in text else f"https://{text}")
        _ = parts.port  # it is read, and may be none, only when it is asked for
    except ValueError:  # a bracket or a port that is none
        raise SetupError(
            f"{text!r} is no server; give a host name or an address such as https://mail.example.com"
        ) from None
    if parts.username is not None:
        raise SetupError("a server's address holds no name or password; give the login name with --login")
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise SetupError(f"{text!r} is no server; give a host name or an address such as https://mail.example.com")
    if parts.scheme == "http" and parts.hostname not in _LOOPBACK:
        raise SetupError(f"with {text} the password would travel readable; use https://{parts.hostname}")
    path = parts.path if parts.path.strip("/") else PATH
    return urlunsplit((parts.scheme, parts.netloc, path, "", ""))
