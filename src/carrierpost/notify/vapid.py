"""
How a hub proves to push services that it is the one a browser subscribed to ([RFC 8292], VAPID).
"""

from __future__ import annotations

import datetime as dt
import re
from urllib.parse import urlsplit

import jwt
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_pem_private_key,
)

from carrierpost.notify.encryption import b64url
from carrierpost.notify.tokens import Tokens
from carrierpost.protocol.clock import Clock
from carrierpost.protocol.secret import Secret

__all__ = ["Vapid", "check_contact", "new_key"]

_LIFE = dt.timedelta(hours=12)  # [RFC 8292] 2: at most a day
_AGE = dt.timedelta(hours=6)
_ADDRESS = re.compile(r"mailto:[^@\s]+@([^@\s]+)")
_NOWHERE = ("localhost", "local", "invalid", "localdomain")


def check_contact(contact: str) -> None:
    """
    Look whether push services can write to whoever runs the hub; Apple refuses every push of one whom it cannot.

    Raises:
        ValueError: they cannot; says what to give.
    """
    found = _ADDRESS.fullmatch(contact)
    host = found[1] if found else (urlsplit(contact).hostname or "" if contact.startswith("https://") else "")
    if "." not in host or host.rstrip(".").rpartition(".")[2].lower() in _NOWHERE:
        raise ValueError(
            f"{contact!r} is no contact for push services; give a real address (mailto:admin@firm.example) or an "
            "https:// page"
        )


def new_key() -> Secret:
    """
    Make a key, PEM.
    """
    key = ec.generate_private_key(ec.SECP256R1())
    return Secret(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode("ascii"))


def _read(key: Secret) -> ec.EllipticCurvePrivateKey:
    try:
        loaded = load_pem_private_key(key.reveal().encode(), password=None)
    except (ValueError, TypeError):
        loaded = None
    if isinstance(loaded, ec.EllipticCurvePrivateKey) and isinstance(loaded.curve, ec.SECP256R1):
        return loaded
    raise ValueError("the key for Web Push is none of the curve P-256; make one with: notify setup web-push")


class Vapid:
    """
    Signs for one hub.

    Args:
        key: its private key, PEM.
        contact: whom push services write to when there is trouble: `mailto:...` or `https://...`.
        clock: the time.

    Raises:
        ValueError: the key or the contact is none.
    """

    def __init__(self, key: Secret, contact: str, *, clock: Clock) -> None:
        check_contact(contact)
        self._key = _read(key)
        self._contact = contact
        self._clock = clock
        self._tokens = Tokens(self._sign, age=_AGE, clock=clock)

    @property
    def public_key(self) -> str:
        """
        What a browser is given to subscribe with (`applicationServerKey`), base64url.
        """
        return b64url(self._key.public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint))

    async def authorization(self, endpoint: str) -> str:
        """
        Give the `Authorization` for a push to an endpoint.
        """
        parts = urlsplit(endpoint)
        token = await self._tokens.get(f"{parts.scheme}://{parts.netloc}")
        return f"vapid t={token.reveal()}, k={self.public_key}"

    async def _sign(self, audience: str) -> Secret:
        claims = {"aud": audience, "exp": int((self._clock.now() + _LIFE).timestamp()), "sub": self._contact}
        return Secret(jwt.encode(claims, self._key, algorithm="ES256"))
