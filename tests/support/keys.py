"""
An authority for mail, and the keys that it vouches for; made once for a run, because RSA keys take their time.
"""

from __future__ import annotations

import datetime as dt
import functools

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import pkcs12
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from carrierpost.formats.cms import Identity

__all__ = ["authority", "bundle", "identity", "pem"]

FROM, UNTIL = dt.datetime(2020, 1, 1, tzinfo=dt.UTC), dt.datetime(2060, 1, 1, tzinfo=dt.UTC)


@functools.cache
def _key(name: str) -> rsa.RSAPrivateKey:
    return rsa.generate_private_key(65537, 2048)


def _named(name: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])


@functools.cache
def authority(name: str = "An authority for mail") -> Identity:
    """
    Give an authority of this name.
    """
    key = _key(name)
    made = _begun(_named(name), _named(name), key, key, ca=True).sign(key, hashes.SHA256())
    return Identity(made, key)


def _begun(
    subject: x509.Name,
    issuer: x509.Name,
    key: rsa.RSAPrivateKey,
    signing: rsa.RSAPrivateKey,
    *,
    ca: bool,
    until: dt.datetime = UNTIL,
) -> x509.CertificateBuilder:
    usage = x509.KeyUsage(
        digital_signature=not ca, content_commitment=False, key_encipherment=not ca, data_encipherment=False,
        key_agreement=False, key_cert_sign=ca, crl_sign=ca, encipher_only=False, decipher_only=False,
    )  # fmt: skip
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(FROM)
        .not_valid_after(until)
        .add_extension(x509.BasicConstraints(ca=ca, path_length=None), critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(signing.public_key()), critical=False)
        .add_extension(usage, critical=True)
    )


@functools.cache
def identity(address: str, name: str = "", *, until: dt.datetime = UNTIL) -> Identity:
    """
    Give somebody's certificate with its key.
    """
    above, key = authority(), _key(address)
    assert isinstance(above.key, rsa.RSAPrivateKey)
    begun = _begun(_named(name or address), above.certificate.subject, key, above.key, ca=False, until=until)
    made = begun.add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.EMAIL_PROTECTION]), critical=False)
    made = made.add_extension(x509.SubjectAlternativeName([x509.RFC822Name(address)]), critical=False)
    return Identity(made.sign(above.key, hashes.SHA256()), key)


def pem(one: Identity, *, key: bool = False) -> bytes:
    """
    Write a certificate, with its key on demand.
    """
    written = one.certificate.public_bytes(serialization.Encoding.PEM)
    if key:
        written += one.key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
    return written


def bundle(one: Identity, password: str) -> bytes:
    """
    Write a PKCS#12 file.
    """
    return pkcs12.serialize_key_and_certificates(
        b"mail", one.key, one.certificate, [authority().certificate],
        serialization.BestAvailableEncryption(password.encode()),
    )  # fmt: skip
