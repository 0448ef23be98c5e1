"""
A client certificate: TLS itself proves who one is, and no header does ([MS-ASHTTP] Authorization is left out).

Certificate and key are read once, from PEM or PKCS#12, and kept with the account's other secrets; the files may be
removed then. OpenSSL takes a key from a file only: for that moment it lies in one that nobody else can read, encrypted
with a password that is forgotten at once.
"""

from __future__ import annotations

import datetime as dt
import secrets
import ssl
import tempfile
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.types import PrivateKeyTypes
from cryptography.hazmat.primitives.serialization import pkcs12

from carrierpost.client.errors import BadCertificate
from carrierpost.client.login.kept import CertificateLogin
from carrierpost.client.tls import own_tls_context
from carrierpost.protocol.secret import Secret

__all__ = ["certificate_context", "names_in", "needs_password", "read_certificate"]

_PEM = b"-----BEGIN "


def needs_password(certificate: Path, key: Path | None) -> bool:
    """
    Say whether a key can be read with a password only.

    Raises:
        OSError: a file cannot be read.
    """
    data = (key or certificate).read_bytes()
    if _PEM in data:
        return b"ENCRYPTED" in data
    try:
        pkcs12.load_key_and_certificates(certificate.read_bytes(), None)
    except ValueError:
        return True
    return False


def read_certificate(
    certificate: Path, key: Path | None, password: Secret | None, *, now: dt.datetime
) -> CertificateLogin:
    """
    Read a client certificate.

    Args:
        certificate: PEM (with those that vouch for it after it, and the key if that has no file), or PKCS#12.
        key: the private key, PEM; may be left out when the first file has it.
        password: opens the key.
        now: the time.

    Raises:
        BadCertificate: a file holds something else, the password is wrong, the key does not belong to it, or its time
            is over.
        OSError: a file cannot be read.
    """
    data = certificate.read_bytes()
    opens = password.reveal().encode() if password is not None and password.reveal() else None
    try:
        if _PEM in data:
            chain = x509.load_pem_x509_certificates(data)
            secret = serialization.load_pem_private_key((key or certificate).read_bytes(), opens)
        else:
            secret, chain = _bundle(data, opens)
    except (ValueError, TypeError) as error:
        raise BadCertificate(str(certificate), _what(error, password)) from error
    if chain[0].public_key() != secret.public_key():
        raise BadCertificate(str(certificate), "the key belongs to another certificate")
    login = CertificateLogin(
        certificate="".join(one.public_bytes(serialization.Encoding.PEM).decode() for one in chain),
        key=Secret(_pem_of(secret, serialization.NoEncryption()).decode()),
        subject=next(iter(names_in(chain[0])), chain[0].subject.rfc4514_string()),
        expires=chain[0].not_valid_after_utc,
    )
    check(login, now=now)
    return login


def _bundle(data: bytes, opens: bytes | None) -> tuple[PrivateKeyTypes, list[x509.Certificate]]:
    secret, first, others = pkcs12.load_key_and_certificates(data, opens)
    if secret is None or first is None:
        raise ValueError("it holds no key with a certificate")
    return secret, [first, *others]


def _what(error: Exception, password: Secret | None) -> str:
    text = str(error)
    if "password" in text.lower() or "decrypt" in text.lower():
        return "the password is wrong" if password is not None else "its key is encrypted; give the password"
    if "no key" in text:
        return text
    return "it has to hold a certificate and its private key, in PEM or PKCS#12 form; name the key with --key FILE"


def check(login: CertificateLogin, *, now: dt.datetime) -> None:
    """
    Look whether a certificate can be used today.

    Raises:
        BadCertificate: its time is over, or has not come.
    """
    first = x509.load_pem_x509_certificate(login.certificate.encode())
    if now > first.not_valid_after_utc:
        day = first.not_valid_after_utc.date().isoformat()
        raise BadCertificate(login.subject, f"it has expired on {day}; get a new one, then: carrierpost account login")
    if now < first.not_valid_before_utc:
        raise BadCertificate(login.subject, "it is not valid yet; check the date of this machine")


def names_in(certificate: x509.Certificate) -> tuple[str, ...]:
    """
    List the mail addresses and user names in a certificate, and its common name.
    """
    found: list[str] = []
    try:
        names = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
        found += names.get_values_for_type(x509.RFC822Name)
    except (x509.ExtensionNotFound, ValueError):
        pass
    for oid in (x509.NameOID.EMAIL_ADDRESS, x509.NameOID.COMMON_NAME):
        found += [str(one.value) for one in certificate.subject.get_attributes_for_oid(oid)]
    return tuple(dict.fromkeys(found))


def certificate_context(login: CertificateLogin, ca_file: Path | str | None, *, now: dt.datetime) -> ssl.SSLContext:
    """
    Give a context that shows the certificate. It is this account's alone.

    Raises:
        BadCertificate: the certificate's time is over.
        BadCAFile: the file cannot be used.
    """
    check(login, now=now)
    context = own_tls_context(ca_file)
    word = secrets.token_hex(32)
    key = serialization.load_pem_private_key(login.key.reveal().encode(), None)
    closed = _pem_of(key, serialization.BestAvailableEncryption(word.encode()))
    with tempfile.NamedTemporaryFile(prefix="carrierpost-", suffix=".pem") as file:  # only its owner can read it
        file.write(closed + login.certificate.encode())
        file.flush()
        context.load_cert_chain(file.name, password=word)
    return context


def _pem_of(key: PrivateKeyTypes, encryption: serialization.KeySerializationEncryption) -> bytes:
    return key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, encryption)
