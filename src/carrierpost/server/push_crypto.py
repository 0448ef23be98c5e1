"""
The receiving side of Web Push: who sent a message ([RFC 8292], VAPID), and what it says ([RFC 8291], [RFC 8188]).

It is written apart from the side that sends, so that the two check each other.
"""

from __future__ import annotations

import base64
import binascii
import dataclasses
import datetime as dt
import re
import struct
from collections.abc import Callable
from typing import Any

import jwt
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

__all__ = ["DeviceSecrets", "Unreadable", "check_vapid", "decrypt", "make_secrets"]

_VAPID = re.compile(r"vapid\s+(.*)", re.IGNORECASE | re.DOTALL)
_LONGEST_TOKEN = dt.timedelta(hours=24)


class Unreadable(ValueError):
    """
    A message that a browser could not decrypt, or a sender who did not prove who it is; says why.
    """


@dataclasses.dataclass(frozen=True, slots=True)
class DeviceSecrets:
    """
    What a browser keeps of a subscription.

    Attributes:
        private: its key.
        auth: the secret that only it and the hub know, 16 bytes.
    """

    private: ec.EllipticCurvePrivateKey
    auth: bytes

    @property
    def public(self) -> bytes:
        """
        The public key, 65 bytes.
        """
        return self.private.public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)

    @property
    def keys(self) -> dict[str, str]:
        """
        What a browser gives away with a subscription: `p256dh` and `auth`.
        """
        return {"p256dh": _encode(self.public), "auth": _encode(self.auth)}


def make_secrets(random: Callable[[int], bytes]) -> DeviceSecrets:
    """
    Make a subscription's secrets, as a browser does.
    """
    return DeviceSecrets(ec.generate_private_key(ec.SECP256R1()), random(16))


def decrypt(body: bytes, secrets: DeviceSecrets) -> bytes:
    """
    Read a message.

    Args:
        body: of the request, in content coding `aes128gcm`.
        secrets: the device's.

    Raises:
        Unreadable: it is not for this device, or was damaged.
    """
    if len(body) < 21:
        raise Unreadable("it is too short for a header")
    salt, (size, length) = body[:16], struct.unpack(">IB", body[16:21])
    name, records = body[21 : 21 + length], body[21 + length :]
    if size < 18:
        raise Unreadable(f"its records have {size} bytes; 18 are the least")
    try:
        sender = ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), name)
    except ValueError:
        raise Unreadable("the name of its key is no public key of the sender") from None
    shared = secrets.private.exchange(ec.ECDH(), sender)
    material = _hkdf(shared, secrets.auth, b"WebPush: info\x00" + secrets.public + name, 32)
    cipher = AESGCM(_hkdf(material, salt, b"Content-Encoding: aes128gcm\x00", 16))
    base = int.from_bytes(_hkdf(material, salt, b"Content-Encoding: nonce\x00", 12), "big")
    plain = b""
    for number, begin in enumerate(range(0, len(records), size)):
        try:
            record = cipher.decrypt((base ^ number).to_bytes(12, "big"), records[begin : begin + size], None)
        except InvalidTag:
            raise Unreadable("it was damaged, or encrypted to another device") from None
        data = record.rstrip(b"\x00")
        last = begin + size >= len(records)
        if data[-1:] != (b"\x02" if last else b"\x01"):
            raise Unreadable("a record does not end as records do")
        plain += data[:-1]
    return plain


def check_vapid(authorization: str, origin: str, now: dt.datetime) -> tuple[str, dict[str, Any]]:
    """
    Look who sent a message.

    Args:
        authorization: the header.
        origin: of the push service, which the sender has to name.
        now: the time.

    Returns:
        The sender's public key in base64url, and what it claims.

    Raises:
        Unreadable: it is not proved.
    """
    found = _VAPID.fullmatch(authorization.strip())
    if found is None:
        raise Unreadable("the sender does not say who it is (Authorization: vapid)")
    parts = dict(part.strip().split("=", 1) for part in found[1].split(",") if "=" in part)
    try:
        public = ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), _decode(parts.get("k", "")))
        claims: dict[str, Any] = jwt.decode(
            parts.get("t", ""),
            public,
            algorithms=["ES256"],
            options={"verify_aud": False, "verify_exp": False, "verify_iat": False, "verify_nbf": False},
        )
    except (ValueError, jwt.PyJWTError) as error:
        raise Unreadable(f"the sender's token is not its own ({error})") from None
    if claims.get("aud") != origin:
        raise Unreadable(f"the sender's token is for {claims.get('aud')}, and this is {origin}")
    expires = claims.get("exp")
    if not isinstance(expires, int) or not 0 < expires - now.timestamp() <= _LONGEST_TOKEN.total_seconds():
        raise Unreadable("the sender's token has expired, or is to hold for longer than a day")
    if not re.match(r"mailto:[^@\s]+@[^@\s]+\.[^@\s]+$|https://", str(claims.get("sub", ""))):
        raise Unreadable("the sender names nobody who can be written to")
    return parts["k"], claims


def _hkdf(material: bytes, salt: bytes, info: bytes, length: int) -> bytes:
    return HKDF(SHA256(), length, salt, info).derive(material)


def _encode(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).decode("ascii").rstrip("=")


def _decode(text: str) -> bytes:
    try:
        return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
    except binascii.Error as error:
        raise ValueError(str(error)) from None
