"""
Apple's configuration profile with a CardDAV account: what an iPhone, an iPad or a Mac takes as one file.

Its identifiers follow from the server's name and the device, so installing it again replaces the account and makes no
second one. It is signed where a key is given; without, the device shows it as not signed, and takes it all the same.
"""

from __future__ import annotations

import plistlib
import urllib.parse
import uuid

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, load_pem_private_key
from cryptography.hazmat.primitives.serialization.pkcs7 import PKCS7Options, PKCS7SignatureBuilder

from carrierpost.model import Device
from carrierpost.web.dav.places import principal_path

__all__ = ["MEDIA_TYPE", "SigningError", "contacts_profile", "signed"]

MEDIA_TYPE = "application/x-apple-aspen-config"


class SigningError(Exception):
    """
    A profile cannot be signed with what was given; the text says why.
    """


def contacts_profile(device: Device, address: str, base: str, password: str) -> bytes:
    """
    Write a profile.

    Args:
        device: which device it is for.
        address: the account's mail address.
        base: where Carrierpost is reached, as `https://mail.example.org`.
        password: the device's.
    """
    where = urllib.parse.urlsplit(base)
    host, secure = where.hostname or "", where.scheme == "https"
    principal = principal_path(device.id)
    identifier = f"{'.'.join(reversed(host.split('.')))}.carrierpost.device{device.id}.contacts"
    account = {
        "PayloadType": "com.apple.carddav.account",
        "PayloadVersion": 1,
        "PayloadIdentifier": f"{identifier}.carddav",
        "PayloadUUID": _uuid(f"{base}{principal}#account"),
        "PayloadDisplayName": f"Contacts of {address}",
        "CardDAVAccountDescription": f"Contacts of {address}",
        "CardDAVHostName": host,
        "CardDAVPort": where.port or (443 if secure else 80),
        "CardDAVUseSSL": secure,
        "CardDAVPrincipalURL": principal,
        "CardDAVUsername": address,
        "CardDAVPassword": password,
    }
    profile = {
        "PayloadType": "Configuration",
        "PayloadVersion": 1,
        "PayloadIdentifier": identifier,
        "PayloadUUID": _uuid(f"{base}{principal}"),
        "PayloadDisplayName": f"Carrierpost: contacts of {address}",
        "PayloadDescription": f"Keeps the contacts of {address} in the address book of {device.name}. "
        "Removing the profile removes them.",
        "PayloadOrganization": host,
        "PayloadRemovalDisallowed": False,
        "PayloadContent": [account],
    }
    return plistlib.dumps(profile)


def signed(profile: bytes, certificates: bytes, key: bytes) -> bytes:
    """
    Sign a profile.

    Args:
        profile: as it was written.
        certificates: PEM, the signer's first, then those that lead to one that devices trust.
        key: the signer's private key, PEM, RSA or of an elliptic curve.

    Raises:
        SigningError: certificate or key cannot be read, or do not belong together.
    """
    try:
        own, *others = x509.load_pem_x509_certificates(certificates)
        private = load_pem_private_key(key, None)
    except (ValueError, TypeError) as error:
        raise SigningError(f"the certificate or key for signing profiles cannot be read: {error}") from None
    if not isinstance(private, rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey):
        raise SigningError("profiles are signed with a key of RSA or of an elliptic curve, and not with this one")
    if private.public_key() != own.public_key():
        raise SigningError("the key for signing profiles is not that of the first certificate")
    builder = PKCS7SignatureBuilder().set_data(profile).add_signer(own, private, SHA256())
    for one in others:
        builder = builder.add_certificate(one)
    return builder.sign(Encoding.DER, [PKCS7Options.Binary])


def _uuid(name: str) -> str:
    return str(uuid.uuid5(uuid.NAMESPACE_URL, name)).upper()
