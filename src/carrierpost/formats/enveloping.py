"""
Encrypted content ([RFC 5652] 6, [RFC 5083] and [RFC 5084] AES-GCM, [RFC 3560] OAEP).

`cryptography` encrypts, but decrypts only the commonest kind (AES-CBC with a key under PKCS#1 v1.5); the structures are
taken apart here, the primitives are its own.
"""

from __future__ import annotations

from collections.abc import Sequence

from cryptography import x509
from cryptography.exceptions import InvalidTag, UnsupportedAlgorithm
from cryptography.hazmat.decrepit.ciphers.algorithms import TripleDES
from cryptography.hazmat.primitives import padding, serialization
from cryptography.hazmat.primitives.asymmetric import padding as rsa_padding
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from cryptography.hazmat.primitives.serialization import pkcs7

from carrierpost.formats import ber
from carrierpost.formats.ber import Value
from carrierpost.formats.cms import CannotOpen, Identity, closed, is_named, parameter_hash

__all__ = ["decrypt", "encrypt"]

_ENVELOPED, _AUTHENTICATED = "1.2.840.113549.1.7.3", "1.2.840.113549.1.9.16.1.23"
_CBC = {f"2.16.840.1.101.3.4.1.{number}": size for number, size in ((2, 16), (22, 24), (42, 32))}
_GCM = {f"2.16.840.1.101.3.4.1.{number}": size for number, size in ((6, 16), (26, 24), (46, 32))}
_3DES = "1.2.840.113549.3.7"
_SHORTEST_TAG = 12  # octets, and what [RFC 5084] takes where nothing is said


def encrypt(content: bytes, recipients: Sequence[x509.Certificate]) -> bytes:
    """
    Encrypt content with AES-256 for each recipient.

    The content's key comes from the generator of `cryptography`: nothing else is fit to make one.

    Raises:
        ValueError: there is no recipient, or one has no RSA key.
    """
    if not recipients:
        raise ValueError("a message is encrypted for somebody; there is no certificate of a recipient")
    builder = pkcs7.PKCS7EnvelopeBuilder().set_data(content)
    builder = builder.set_content_encryption_algorithm(algorithms.AES256)
    for one in recipients:
        if not isinstance(one.public_key(), rsa.RSAPublicKey):
            raise ValueError(  # noqa: TRY004 - the certificate is of the right type, and of no use
                f"{one.subject.rfc4514_string()} has no RSA key, so nothing can be encrypted for them"
            )
        builder = builder.add_recipient(one)
    return builder.encrypt(serialization.Encoding.DER, [pkcs7.PKCS7Options.Binary])


# -- decrypting


def decrypt(cms: bytes, identities: Sequence[Identity]) -> bytes:
    """
    Decrypt enveloped data (AES-CBC, 3DES) or authenticated enveloped data (AES-GCM).

    Args:
        cms: the structure, BER or DER.
        identities: the recipient's certificates and keys, old ones as well.

    Raises:
        CannotOpen: it is no such data, is meant for others, or is of a kind that is not known. Which step of
            decrypting went wrong is not told, for that would help whoever tries messages.
    """
    try:
        outer = ber.read(cms).children()
        kind = outer[0].identifier()
        if kind not in (_ENVELOPED, _AUTHENTICATED):
            raise CannotOpen("it is no encrypted message")
        parts = [one for one in outer[1].children()[0].children() if one.tag != 0xA0]
        recipients = next(one for one in parts if one.tag == ber.SET).children()
        after = parts[next(i for i, one in enumerate(parts) if one.tag == ber.SET) + 1 :]
        inner = after[0].children()
        method, encrypted = inner[1].children(), inner[2].octets()
        identity, recipient = _recipient(recipients, identities)
        key = _content_key(recipient, identity)
        if kind == _AUTHENTICATED:
            mac = next(one for one in after if one.tag == ber.OCTETS)
            attributes = next((one for one in after if one.tag == 0xA1), None)
            return _gcm(method, key, encrypted, mac.content, attributes)
        return _cbc(method, key, encrypted)
    except (IndexError, StopIteration, TypeError, UnsupportedAlgorithm):
        raise CannotOpen("the encrypted message cannot be read") from None
    except CannotOpen:
        raise
    except ValueError as error:
        raise CannotOpen(f"the encrypted message cannot be read: {error}") from None


def _recipient(recipients: list[Value], identities: Sequence[Identity]) -> tuple[Identity, list[Value]]:
    others = 0
    for one in recipients:
        if one.tag != ber.SEQUENCE:
            others += 1
            continue
        parts = one.children()
        for identity in identities:
            if is_named(identity.certificate, parts[1]):
                return identity, parts
    if others:
        raise CannotOpen("it is encrypted in a way other than RSA, which is not supported")
    raise CannotOpen("it is encrypted for others: none of the given certificates is among its recipients")


def _content_key(recipient: list[Value], identity: Identity) -> bytes:
    if not isinstance(identity.key, rsa.RSAPrivateKey):
        raise CannotOpen("the recipient's key is no RSA key")
    parts = recipient[2].children()
    scheme: rsa_padding.AsymmetricPadding = rsa_padding.PKCS1v15()
    match parts[0].identifier():
        case "1.2.840.113549.1.1.7":
            digest = parameter_hash(parts[1:], 0)
            scheme = rsa_padding.OAEP(rsa_padding.MGF1(parameter_hash(parts[1:], 1)), digest, None)
        case "1.2.840.113549.1.1.1":
            pass
        case other:
            raise CannotOpen(f"its key is encrypted by {other}, which is not supported")
    try:
        return identity.key.decrypt(recipient[3].octets(), scheme)
    except ValueError:
        raise CannotOpen("it cannot be decrypted with the given key") from None


def _cbc(method: list[Value], key: bytes, encrypted: bytes) -> bytes:
    name, vector = method[0].identifier(), method[1].octets() if len(method) > 1 else b""
    failed = CannotOpen("it cannot be decrypted with the given key")
    if name not in _CBC and name != _3DES:
        raise CannotOpen(f"it is encrypted by {name}, which is not supported")
    if len(key) != _CBC.get(name, 24):
        raise failed
    cipher: algorithms.AES | TripleDES = TripleDES(key) if name == _3DES else algorithms.AES(key)
    try:
        decryptor = Cipher(cipher, modes.CBC(vector)).decryptor()
        padded = decryptor.update(encrypted) + decryptor.finalize()
        unpadder = padding.PKCS7(cipher.block_size).unpadder()
        return unpadder.update(padded) + unpadder.finalize()
    except ValueError:
        raise failed from None


def _gcm(method: list[Value], key: bytes, encrypted: bytes, tag: bytes, attributes: Value | None) -> bytes:
    name = method[0].identifier()
    failed = CannotOpen("it cannot be decrypted with the given key, or was changed")
    if name not in _GCM:
        raise CannotOpen(f"it is encrypted by {name}, which is not supported")
    if len(key) != _GCM[name] or not _SHORTEST_TAG <= len(tag) <= 16:
        raise failed
    try:
        mode = modes.GCM(method[1].children()[0].octets(), tag, min_tag_length=_SHORTEST_TAG)
        decryptor = Cipher(algorithms.AES(key), mode).decryptor()
        if attributes is not None:
            decryptor.authenticate_additional_data(closed(attributes))
        return decryptor.update(encrypted) + decryptor.finalize()
    except (InvalidTag, ValueError):
        raise failed from None
