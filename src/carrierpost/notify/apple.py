"""
How a hub shows Apple who it is: by a token that it signs, or by a client certificate.
"""

from __future__ import annotations

import contextlib
import datetime as dt
import os
import ssl
import tempfile
from collections.abc import Mapping
from pathlib import Path

import jwt
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import load_pem_private_key

from carrierpost.notify.tokens import Tokens
from carrierpost.protocol.clock import Clock
from carrierpost.protocol.secret import Secret

__all__ = ["ByCertificate", "ByToken", "certificate_context", "check_token_key"]

_AGE = dt.timedelta(minutes=40)  # Apple wants a token to be renewed after 20 minutes at the soonest, 60 at the latest
_SOONEST = dt.timedelta(minutes=20)


def check_token_key(key: Secret) -> ec.EllipticCurvePrivateKey:
    """
    Read the key that Apple gave (`AuthKey_....p8`).

    Raises:
        ValueError: it is none.
    """
    try:
        loaded = load_pem_private_key(key.reveal().encode(), password=None)
    except (ValueError, TypeError):
        loaded = None
    if isinstance(loaded, ec.EllipticCurvePrivateKey) and isinstance(loaded.curve, ec.SECP256R1):
        return loaded
    raise ValueError("the key for APNs cannot be read; take the file AuthKey_....p8 as Apple gave it")


class ByToken:
    """
    Proves it with a token (JWT, ES256) in each request.

    Args:
        key: the key that Apple gave, PEM.
        key_id: its id, ten letters.
        team_id: the team's, ten letters.
        clock: the time.

    Raises:
        ValueError: the key is none.
    """

    def __init__(self, key: Secret, key_id: str, team_id: str, *, clock: Clock) -> None:
        self._key = check_token_key(key)
        self._key_id = key_id
        self._team_id = team_id
        self._clock = clock
        self._tokens = Tokens(self._sign, age=_AGE, clock=clock)
        self._signed_at: dt.datetime | None = None

    async def headers(self) -> Mapping[str, str]:
        """
        Give the `authorization`.
        """
        return {"authorization": f"bearer {(await self._tokens.get()).reveal()}"}

    def renew(self, refused: Mapping[str, str]) -> bool:
        """
        Sign a new token next time, unless the refused one is younger than Apple lets tokens be renewed.
        """
        if self._signed_at is None or self._clock.now() - self._signed_at < _SOONEST:
            return False
        self._tokens.forget(used=Secret(refused.get("authorization", "").removeprefix("bearer ")))
        return True

    async def _sign(self, _: str) -> Secret:
        now = self._signed_at = self._clock.now()
        claims = {"iss": self._team_id, "iat": int(now.timestamp())}
        return Secret(jwt.encode(claims, self._key, algorithm="ES256", headers={"kid": self._key_id}))


class ByCertificate:
    """
    Lets the TLS certificate prove it; see `certificate_context`.
    """

    async def headers(self) -> Mapping[str, str]:
        """
        Give nothing.
        """
        return {}

    def renew(self, refused: Mapping[str, str]) -> bool:
        """
        Tell that nothing can be renewed.
        """
        return False


def certificate_context(certificate: Secret, authorities: str | None = None) -> ssl.SSLContext:
    """
    Give TLS that shows a client certificate.

    Args:
        certificate: it and its key, PEM, the key not encrypted.
        authorities: PEM of whom to trust in addition.

    Raises:
        ValueError: they are no such thing.
    """
    context = ssl.create_default_context(cadata=authorities)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    # OpenSSL takes a file only; it is there for a moment, and for its owner alone.
    handle, name = tempfile.mkstemp(prefix="carrierpost-")
    try:
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            file.write(certificate.reveal())
        context.load_cert_chain(name, password="")
    except (ssl.SSLError, OSError):
        raise ValueError(
            "the certificate for APNs cannot be used; it has to be PEM, with its key not encrypted"
        ) from None
    finally:
        with contextlib.suppress(FileNotFoundError):
            Path(name).unlink()
    return context
