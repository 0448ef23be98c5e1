"""
Encrypting a push message to a device ([RFC 8291] in the coding of [RFC 8188]), so that the push service carries what it
cannot read.

What is sent is padded to one of a few sizes: otherwise its length would tell a wake from a full notice.
"""

from __future__ import annotations

import base64
import binascii
import dataclasses
import functools
import struct

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

__all__ = ["LARGEST", "DeviceKeys", "b64url", "encrypt", "from_b64url"]

_LARGEST_BODY = 4096  # [RFC 8030] 7.2: every push service takes as much
_HEADER = 16 + 4 + 1 + 65  # salt, record size, length of the key's name, and the key as its name
_TAG, _MARK = 16, 1
LARGEST = _LARGEST_BODY - _HEADER - _TAG - _MARK
"""How many bytes a message may have before it is encrypted."""

_SIZES = (1024, 2048, LARGEST)


@dataclasses.dataclass(frozen=True, slots=True)
class DeviceKeys:
    """
    What a browser gives with a subscription; `parse` checks it.

    Attributes:
        p256dh: its public key, 65 bytes, uncompressed.
        auth: its secret, 16 bytes.
    """

    p256dh: bytes
    auth: bytes

    @classmethod
    def parse(cls, p256dh: str, auth: str) -> DeviceKeys:
        """
        Read keys in base64url, with or without padding.

        Raises:
            ValueError: they are no such keys.
        """
        try:
            public, secret = from_b64url(p256dh), from_b64url(auth)
        except ValueError:
            raise ValueError("the subscription's keys are not in base64url") from None
        if len(secret) != 16:
            raise ValueError(f"the subscription's auth secret has {len(secret)} bytes; it needs 16")
        _point(public)
        return cls(public, secret)


def b64url(data: bytes) -> str:
    """
    Write bytes in base64url without padding.
    """
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode("ascii")


def from_b64url(text: str) -> bytes:
    """
    Read base64url, with or without padding.

    Raises:
        ValueError: it is none.
    """
    plain = text.strip().rstrip("=").replace("+", "-").replace("/", "_")
    try:
        return base64.b64decode(plain + "=" * (-len(plain) % 4), altchars=b"-_", validate=True)
    except (binascii.Error, ValueError):
        raise ValueError("it is not in base64url") from None


@functools.lru_cache(maxsize=1024)
def _point(public: bytes) -> ec.EllipticCurvePublicKey:
    try:
        return ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), public)
    except ValueError:
        raise ValueError("the subscription's p256dh is no point of the curve P-256") from None


def encrypt(
    plain: bytes, keys: DeviceKeys, *, private: ec.EllipticCurvePrivateKey, salt: bytes, padded_to: int | None = None
) -> bytes:
    """
    Encrypt a message to a device.

    Args:
        plain: the message.
        keys: the device's.
        private: a key for this message alone.
        salt: 16 random bytes for this message alone.
        padded_to: bytes to which it is padded; the next of a few sizes unless given.

    Returns:
        The body of the request, in content coding `aes128gcm`.

    Raises:
        ValueError: the message is larger than `LARGEST` or than it is to be padded to.
    """
    size = padded_to if padded_to is not None else next((one for one in _SIZES if len(plain) <= one), LARGEST)
    if not len(plain) <= size <= LARGEST:
        raise ValueError(f"a message of {len(plain)} bytes does not fit into {min(size, LARGEST)}")
    public = private.public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)
    # [RFC 8291] 3.4: the secret that both can compute, bound to both public keys and to what only the browser gave.
    shared = private.exchange(ec.ECDH(), _point(keys.p256dh))
    material = _derive(shared, keys.auth, b"WebPush: info\0" + keys.p256dh + public, 32)
    key = _derive(material, salt, b"Content-Encoding: aes128gcm\0", 16)
    nonce = _derive(material, salt, b"Content-Encoding: nonce\0", 12)
    # [RFC 8188] 2: the last record's data end with a two, then come any number of zeros.
    padded = plain + b"\2" + bytes(size - len(plain))
    header = salt + struct.pack(">IB", _LARGEST_BODY, len(public)) + public
    return header + AESGCM(key).encrypt(nonce, padded, None)


def _derive(material: bytes, salt: bytes, info: bytes, length: int) -> bytes:
    return HKDF(SHA256(), length, salt, info).derive(material)
