"""
A person's keys and certificates for S/MIME: read from the files that authorities hand out, and written as one text.

What is secret in that text are the private keys; it belongs where passwords are kept.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import warnings
from collections.abc import Callable, Iterable
from typing import TypeVar

import msgspec
from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.asymmetric.types import PublicKeyTypes
from cryptography.hazmat.primitives.serialization import pkcs12

from carrierpost.formats.cms import Identity, mail_addresses

__all__ = ["BadKeyFile", "Keyring", "fingerprint", "read_certificates", "read_identities"]

T = TypeVar("T")

_PEM_MARK = b"-----BEGIN "


class BadKeyFile(ValueError):
    """
    A file holds no key or certificate that can be used; the sentence says why.
    """


class Keyring(msgspec.Struct, frozen=True):
    """
    What a person needs to read and write protected mail.

    Attributes:
        identities: the person's own certificates with their keys, old ones as well: old mail needs them.
        people: certificates of others, to encrypt for them.
        authorities: whom the person trusts to vouch for others.
    """

    identities: tuple[Identity, ...] = ()
    people: tuple[x509.Certificate, ...] = ()
    authorities: tuple[x509.Certificate, ...] = ()

    def identity_for(self, address: str, now: dt.datetime) -> Identity | None:
        """
        Give the identity to sign with as an address: of those that are valid now, the one that ends last.
        """
        mine = [one for one in self.identities if _usable(one.certificate, address, now)]
        return max(mine, key=lambda one: one.certificate.not_valid_after_utc, default=None)

    def certificates_of(self, address: str, now: dt.datetime) -> tuple[x509.Certificate, ...]:
        """
        Give the certificates to encrypt with for an address that are valid now, the one that ends last first.
        """
        known = (*self.people, *(one.certificate for one in self.identities))
        found = [one for one in known if _usable(one, address, now)]
        return tuple(sorted(found, key=lambda one: one.not_valid_after_utc, reverse=True))

    def joined(self, other: Keyring) -> Keyring:
        """
        Give a keyring with what another one has besides.
        """
        return Keyring(
            _each(self.identities + other.identities, lambda one: fingerprint(one.certificate)),
            _each(self.people + other.people, fingerprint),
            _each(self.authorities + other.authorities, fingerprint),
        )

    def without(self, beginning: str) -> Keyring:
        """
        Give a keyring without what has a fingerprint that begins so.
        """

        def other(one: x509.Certificate) -> bool:
            return not fingerprint(one).startswith(beginning)

        return Keyring(
            tuple(one for one in self.identities if other(one.certificate)),
            tuple(filter(other, self.people)),
            tuple(filter(other, self.authorities)),
        )

    def dumps(self) -> str:
        """
        Write it as a text, private keys included.
        """
        return msgspec.json.encode(
            _Kept(
                identities=tuple(_pem(one.certificate, *one.chain) + _key_pem(one) for one in self.identities),
                people=tuple(map(_pem, self.people)),
                authorities=tuple(map(_pem, self.authorities)),
            )
        ).decode()

    @classmethod
    def loads(cls, text: str) -> Keyring:
        """
        Read what `dumps` wrote.

        Raises:
            BadKeyFile: it is something else.
        """
        try:
            kept = msgspec.json.decode(text, type=_Kept)
        except msgspec.MsgspecError as error:
            raise BadKeyFile("the keys that are kept for S/MIME cannot be read; add them anew") from error
        return cls(
            tuple(one for pem in kept.identities for one in read_identities(pem.encode(), None)),
            tuple(one for pem in kept.people for one in read_certificates(pem.encode())),
            tuple(one for pem in kept.authorities for one in read_certificates(pem.encode())),
        )


class _Kept(msgspec.Struct, frozen=True):
    identities: tuple[str, ...] = ()
    people: tuple[str, ...] = ()
    authorities: tuple[str, ...] = ()


def fingerprint(certificate: x509.Certificate) -> str:
    """
    Give the SHA-256 fingerprint of a certificate, in lower case.
    """
    return hashlib.sha256(certificate.public_bytes(serialization.Encoding.DER)).hexdigest()


def _each(things: tuple[T, ...], key: Callable[[T], str]) -> tuple[T, ...]:
    return tuple({key(one): one for one in things}.values())


def _usable(certificate: x509.Certificate, address: str, now: dt.datetime) -> bool:
    valid = certificate.not_valid_before_utc <= now <= certificate.not_valid_after_utc
    return valid and address.lower() in mail_addresses(certificate)


def _pem(*certificates: x509.Certificate) -> str:
    return "".join(one.public_bytes(serialization.Encoding.PEM).decode("ascii") for one in certificates)


def _key_pem(identity: Identity) -> str:
    plain = serialization.NoEncryption()  # the store encrypts all that it keeps
    form = serialization.PrivateFormat.PKCS8
    return identity.key.private_bytes(serialization.Encoding.PEM, form, plain).decode("ascii")


def read_certificates(data: bytes) -> tuple[x509.Certificate, ...]:
    """
    Read certificates in PEM or DER form.

    Raises:
        BadKeyFile: there is none.
    """
    try:
        if _PEM_MARK in data:
            return tuple(x509.load_pem_x509_certificates(data))
        return (x509.load_der_x509_certificate(data),)
    except (ValueError, UnsupportedAlgorithm) as error:
        raise BadKeyFile(f"it holds no certificate in PEM or DER form ({error})") from None


def read_identities(data: bytes, password: str | None) -> tuple[Identity, ...]:
    """
    Read a certificate with its key: a PKCS#12 file (`.p12`, `.pfx`), or PEM with key and certificates in one file.

    Args:
        data: what is in the file.
        password: its password, if it has one.

    Raises:
        BadKeyFile: there is no key, no certificate for it, or the password is wrong.
    """
    key, certificates = _pem_parts(data, password) if _PEM_MARK in data else _bundle_parts(data, password)
    if not isinstance(key, rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey):
        raise BadKeyFile("its key is neither RSA nor elliptic; mail needs one of them")
    public = _public(key.public_key())
    own = next((one for one in certificates if _public(one.public_key()) == public), None)
    if own is None:
        raise BadKeyFile("it holds a key and no certificate that belongs to it; put both into one file")
    return (Identity(own, key, tuple(one for one in certificates if one is not own)),)


def _public(key: PublicKeyTypes) -> bytes:
    form = serialization.PublicFormat.SubjectPublicKeyInfo
    return key.public_bytes(serialization.Encoding.DER, form)


def _secret(password: str | None) -> bytes | None:
    return None if password is None else password.encode()


def _bundle_parts(data: bytes, password: str | None) -> tuple[object, list[x509.Certificate]]:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # old bundles are encoded carelessly; that is no news for whoever has one
            key, certificate, others = pkcs12.load_key_and_certificates(data, _secret(password))
    except (ValueError, TypeError, UnsupportedAlgorithm) as error:
        raise BadKeyFile(
            "it cannot be opened: the password is wrong, or it is no PKCS#12 or PEM file; older bundles have to be "
            "written anew with: openssl pkcs12 -legacy"
        ) from error
    if key is None:
        raise BadKeyFile("it holds no key; export the certificate together with its private key")
    return key, [one for one in (certificate, *others) if one is not None]


def _pem_parts(data: bytes, password: str | None) -> tuple[object, list[x509.Certificate]]:
    encrypted = b"ENCRYPTED" in data
    if encrypted and password is None:
        raise BadKeyFile("its key is encrypted; give the password")
    try:
        key = serialization.load_pem_private_key(data, _secret(password) if encrypted else None)
    except (ValueError, TypeError, UnsupportedAlgorithm) as error:
        raise BadKeyFile("it holds no private key that can be read; perhaps the password is wrong") from error
    return key, list(_certificates_among(data))


def _certificates_among(data: bytes) -> Iterable[x509.Certificate]:
    try:
        return x509.load_pem_x509_certificates(data)
    except ValueError:
        return ()
