"""
Signed content ([RFC 5652] 5, [RFC 4056] PSS, [RFC 8551] which algorithms).

`cryptography` has the primitives, reads certificates and checks chains, but verifies no signed message, and signs with
the time of its own clock; so the structure is taken apart and put together here.
"""

from __future__ import annotations

import datetime as dt
import hmac
from collections.abc import Iterable, Sequence

import msgspec
from cryptography import x509
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.asymmetric import padding as rsa_padding
from cryptography.x509 import verification
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from carrierpost.formats import ber
from carrierpost.formats.ber import Value

__all__ = [
    "CannotOpen",
    "Identity",
    "Signature",
    "closed",
    "is_named",
    "mail_addresses",
    "parameter_hash",
    "sign",
    "verify",
]

_SIGNED = "1.2.840.113549.1.7.2"
_DATA = "1.2.840.113549.1.7.1"
_CONTENT_TYPE, _DIGEST, _TIME = "1.2.840.113549.1.9.3", "1.2.840.113549.1.9.4", "1.2.840.113549.1.9.5"
_RSA, _PSS = "1.2.840.113549.1.1.1", "1.2.840.113549.1.1.10"
_ECDSA_SHA256 = "1.2.840.10045.4.3.2"
_RSA_SIGNATURES = {_RSA, *(f"1.2.840.113549.1.1.{number}" for number in (5, 11, 12, 13))}
_EC_SIGNATURES = {"1.2.840.10045.2.1", *(f"1.2.840.10045.4.3.{number}" for number in (2, 3, 4))}
_SHA256 = "2.16.840.1.101.3.4.2.1"
_HASHES: dict[str, hashes.HashAlgorithm] = {
    _SHA256: hashes.SHA256(),
    "2.16.840.1.101.3.4.2.2": hashes.SHA384(),
    "2.16.840.1.101.3.4.2.3": hashes.SHA512(),
    "1.3.14.3.2.26": hashes.SHA1(),  # noqa: S303 - read to be named; nothing signed with it counts as valid
}
_WEAK = frozenset({"sha1"})
_MOST_SIGNERS = 20
_FOR_MAIL = {ExtendedKeyUsageOID.EMAIL_PROTECTION, ExtendedKeyUsageOID.ANY_EXTENDED_KEY_USAGE}


class CannotOpen(ValueError):
    """
    A message cannot be verified or decrypted at all; the sentence says why.
    """


class Identity(msgspec.Struct, frozen=True):
    """
    A certificate with its private key.

    Attributes:
        certificate: whose it is.
        key: the private key; it is not printed.
        chain: certificates between it and its authority.
    """

    certificate: x509.Certificate
    key: rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey
    chain: tuple[x509.Certificate, ...] = ()

    def __repr__(self) -> str:
        return f"Identity({self.certificate.subject.rfc4514_string()!r})"


class Signature(msgspec.Struct, frozen=True):
    """
    What a signature says and is worth.

    Attributes:
        valid: whether the content is what was signed, with the key of the certificate.
        trusted: whether the certificate leads to one of the given authorities and is for mail; never for a signature
            that is not valid.
        signer: the signer's certificate; `None` where it is not there.
        addresses: the mail addresses in it, lower case.
        signing_time: when the signer says that it was signed.
        digest: the name of the digest, `sha256`.
        problems: what is wrong, in sentences.
    """

    valid: bool
    trusted: bool = False
    signer: x509.Certificate | None = None
    addresses: tuple[str, ...] = ()
    signing_time: dt.datetime | None = None
    digest: str = ""
    problems: tuple[str, ...] = ()


# -- verifying


def verify(
    cms: bytes, content: bytes | None, *, authorities: Sequence[x509.Certificate], now: dt.datetime
) -> tuple[tuple[Signature, ...], bytes]:
    """
    Verify signed data.

    Args:
        cms: the structure, BER or DER.
        content: what was signed, where it stands beside the structure; `None` where it stands within.
        authorities: the certificates that are trusted.
        now: the time at which certificates have to be valid.

    Returns:
        The signatures, one for each signer, and what was signed.

    Raises:
        CannotOpen: it is no signed data, or has nobody's signature.
    """
    try:
        parts = _content_of(cms, _SIGNED).children()
        inner = parts[2].children()
        if len(inner) > 1:
            content = inner[1].children()[0].octets()
        certificates = [one for part in parts[3:] if part.tag == 0xA0 for one in _certificates(part)]
        signers = [one for part in parts[3:] if part.tag == ber.SET for one in part.children()]
        kind = inner[0].identifier()
    except (ValueError, IndexError) as error:
        raise CannotOpen(f"the signature cannot be read: {error}") from None
    if content is None:
        raise CannotOpen("the signature stands alone: what was signed is missing")
    if not signers:
        raise CannotOpen("nobody has signed it; it only carries certificates")
    found = []
    for signer in signers[:_MOST_SIGNERS]:
        try:
            found.append(_signature(signer, kind, content, certificates, authorities, now))
        except (ValueError, IndexError, UnsupportedAlgorithm) as error:
            found.append(Signature(valid=False, problems=(f"The signature cannot be read: {error}.",)))
    return tuple(found), content


def _content_of(cms: bytes, wanted: str) -> Value:
    outer = ber.read(cms).children()
    if outer[0].identifier() != wanted:
        raise ValueError("it is something else")
    return outer[1].children()[0]


def _certificates(part: Value) -> Iterable[x509.Certificate]:
    for one in part.children()[:100]:
        try:
            yield x509.load_der_x509_certificate(one.raw)
        except ValueError:
            continue  # an attribute certificate, or a broken one; what is missing shows at its signer


def _signature(
    signer: Value,
    kind: str,
    content: bytes,
    certificates: list[x509.Certificate],
    authorities: Sequence[x509.Certificate],
    now: dt.datetime,
) -> Signature:
    parts = signer.children()
    name = parts[2].children()[0].identifier()
    algorithm = _HASHES.get(name)
    if algorithm is None:
        return Signature(valid=False, problems=(f"The digest {name} is not known.",))
    attributes = parts[3] if parts[3].tag == 0xA0 else None
    method, octets = (parts[4], parts[5]) if attributes is not None else (parts[3], parts[4])
    values = _attributes(attributes)
    time = _time(values.get(_TIME))
    certificate = next((one for one in certificates if is_named(one, parts[1])), None)
    if certificate is None:
        problem = "The signer's certificate is not in the message."
        return Signature(valid=False, signing_time=time, digest=algorithm.name, problems=(problem,))
    problems = []
    signed = content
    if attributes is not None:
        signed = bytes([ber.SET]) + attributes.raw[1:] if attributes.raw[1] != 0x80 else closed(attributes)
        digest = values.get(_DIGEST)
        if digest is None or not hmac.compare_digest(digest.octets(), _hash(algorithm, content)):
            problems.append("The message was changed after it was signed.")
        kind_said = values.get(_CONTENT_TYPE)
        if kind_said is None or kind_said.identifier() != kind:
            problems.append("The signature is one of something else.")
    elif content[:1] == bytes([ber.SET]):  # somebody's attributes, passed off as a message that has none
        problems.append("The signature is one of something else.")
    if not problems and not _is_signed(certificate, method, algorithm, octets.octets(), signed):
        problems.append("The signature does not fit the message.")
    if algorithm.name in _WEAK:
        problems.append(f"The digest {algorithm.name} can be forged.")
    valid = not problems
    distrust = _distrust(certificate, certificates, authorities, now, time) if valid else ()
    return Signature(
        valid=valid,
        trusted=valid and not distrust,
        signer=certificate,
        addresses=mail_addresses(certificate),
        signing_time=time,
        digest=algorithm.name,
        problems=(*problems, *distrust),
    )


def _attributes(attributes: Value | None) -> dict[str, Value]:
    found: dict[str, Value] = {}
    for one in attributes.children() if attributes is not None else ():
        name, values = one.children()
        if (dotted := name.identifier()) in found:
            raise ValueError("it says something twice")
        found[dotted] = values.children()[0]
    return found


def closed(attributes: Value) -> bytes:
    """
    Write attributes in DER as the set that is signed, whatever form they came in.
    """
    return ber.wrapped(ber.SET, *(one.raw for one in attributes.children()))


def _time(value: Value | None) -> dt.datetime | None:
    if value is None:
        return None
    text = value.content.decode("ascii", "replace")
    century = "" if value.tag == 0x18 else ("20" if text[:2] < "50" else "19")
    try:
        return dt.datetime.strptime(century + text, "%Y%m%d%H%M%SZ").replace(tzinfo=dt.UTC)
    except ValueError:
        return None


def is_named(certificate: x509.Certificate, name: Value) -> bool:
    """
    Tell whether a signer's or recipient's identifier means a certificate.
    """
    if name.tag in (0x80, 0xA0):
        try:
            extension = certificate.extensions.get_extension_for_class(x509.SubjectKeyIdentifier)
        except (x509.ExtensionNotFound, ValueError):
            return False
        return extension.value.digest == name.octets()
    issuer, serial = name.children()
    return certificate.issuer.public_bytes() == issuer.raw and certificate.serial_number == serial.number()


def _hash(algorithm: hashes.HashAlgorithm, content: bytes) -> bytes:
    digest = hashes.Hash(algorithm)
    digest.update(content)
    return digest.finalize()


def _is_signed(
    certificate: x509.Certificate, method: Value, algorithm: hashes.HashAlgorithm, signature: bytes, signed: bytes
) -> bool:
    parts = method.children()
    name, key = parts[0].identifier(), certificate.public_key()
    try:
        if isinstance(key, rsa.RSAPublicKey) and name in _RSA_SIGNATURES:
            key.verify(signature, signed, rsa_padding.PKCS1v15(), algorithm)
        elif isinstance(key, rsa.RSAPublicKey) and name == _PSS:
            mgf = rsa_padding.MGF1(parameter_hash(parts[1:], 1))
            pss = rsa_padding.PSS(mgf, rsa_padding.PSS.AUTO)
            key.verify(signature, signed, pss, parameter_hash(parts[1:], 0))
        elif isinstance(key, ec.EllipticCurvePublicKey) and name in _EC_SIGNATURES:
            key.verify(signature, signed, ec.ECDSA(algorithm))
        else:
            raise ValueError(f"signatures of the kind {name} are not known")
    except InvalidSignature:
        return False
    return True


def parameter_hash(parameters: list[Value], place: int) -> hashes.HashAlgorithm:
    """
    Give the hash that PSS and OAEP parameters name: 0 for the digest, 1 for that of the mask; SHA-1 where none is.
    """
    for one in parameters[0].children() if parameters else ():
        if one.tag == 0xA0 + place:
            named = one.children()[0].children()
            if place == 1:
                named = named[1].children()
            if (algorithm := _HASHES.get(named[0].identifier())) is None:
                raise ValueError("its hash is not known")
            return algorithm
    return hashes.SHA1()  # noqa: S303 - the default that the specification has ([RFC 4055] 3.1)


def mail_addresses(certificate: x509.Certificate) -> tuple[str, ...]:
    """
    Give the mail addresses that a certificate names, in lower case.
    """
    found = [str(one.value).lower() for one in certificate.subject.get_attributes_for_oid(NameOID.EMAIL_ADDRESS)]
    try:
        names = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
        found += [one.lower() for one in names.get_values_for_type(x509.RFC822Name)]
    except (x509.ExtensionNotFound, ValueError):
        pass
    return tuple(dict.fromkeys(found))


def _distrust(
    certificate: x509.Certificate,
    others: list[x509.Certificate],
    authorities: Sequence[x509.Certificate],
    now: dt.datetime,
    signed: dt.datetime | None,
) -> tuple[str, ...]:
    """
    Say why a certificate is not trusted; nothing for one that is.
    """
    try:
        purposes = certificate.extensions.get_extension_for_class(x509.ExtendedKeyUsage).value
        if not _FOR_MAIL & set(purposes):
            return ("The signer's certificate is not meant for mail.",)
    except x509.ExtensionNotFound:
        pass  # then it is for anything
    except ValueError:
        return ("The signer's certificate cannot be read.",)
    if not authorities:
        return ("No authority is known that could vouch for the signer.",)
    try:
        _chain(certificate, others, authorities, now)
    except (verification.VerificationError, ValueError):
        if certificate.not_valid_after_utc < now and signed is not None and signed <= now:
            try:
                _chain(certificate, others, authorities, signed)
            except (verification.VerificationError, ValueError):
                pass
            else:
                return (f"The signer's certificate ended on {certificate.not_valid_after_utc:%Y-%m-%d}.",)
        return ("No known authority vouches for the signer's certificate.",)
    return ()


def _chain(
    certificate: x509.Certificate,
    others: list[x509.Certificate],
    authorities: Sequence[x509.Certificate],
    moment: dt.datetime,
) -> None:
    policy = verification.PolicyBuilder().store(verification.Store(list(authorities))).time(moment)
    policy = policy.extension_policies(
        ca_policy=verification.ExtensionPolicy.webpki_defaults_ca(), ee_policy=verification.ExtensionPolicy.permit_all()
    )
    policy.build_client_verifier().verify(certificate, [one for one in others if one != certificate])


# -- signing


def sign(content: bytes, identity: Identity, *, now: dt.datetime, detached: bool = True) -> bytes:
    """
    Sign content with SHA-256.

    Args:
        content: what is signed.
        identity: whose signature it is; its certificate and chain go with it.
        now: the signing time.
        detached: whether the content stands beside the structure.

    Returns:
        Signed data in DER.
    """
    algorithm = hashes.SHA256()
    digest = _hash(algorithm, content)
    attributes = sorted(
        (
            _attribute(_CONTENT_TYPE, ber.oid(_DATA)),
            _attribute(_TIME, _written_time(now)),
            _attribute(_DIGEST, ber.wrapped(ber.OCTETS, digest)),
        )
    )
    signed = ber.wrapped(ber.SET, *attributes)
    if isinstance(identity.key, rsa.RSAPrivateKey):
        octets = identity.key.sign(signed, rsa_padding.PKCS1v15(), algorithm)
        method = ber.wrapped(ber.SEQUENCE, ber.oid(_RSA), ber.wrapped(ber.NULL))
    else:
        octets = identity.key.sign(signed, ec.ECDSA(algorithm))
        method = ber.wrapped(ber.SEQUENCE, ber.oid(_ECDSA_SHA256))
    certificate = identity.certificate
    sha256 = ber.wrapped(ber.SEQUENCE, ber.oid(_SHA256))
    signer = ber.wrapped(
        ber.SEQUENCE,
        ber.integer(1),
        ber.wrapped(ber.SEQUENCE, certificate.issuer.public_bytes(), ber.integer(certificate.serial_number)),
        sha256,
        bytes([0xA0]) + signed[1:],
        method,
        ber.wrapped(ber.OCTETS, octets),
    )
    inner = [ber.oid(_DATA)]
    if not detached:
        inner.append(ber.wrapped(0xA0, ber.wrapped(ber.OCTETS, content)))
    chain = [one.public_bytes(serialization.Encoding.DER) for one in (certificate, *identity.chain)]
    data = ber.wrapped(
        ber.SEQUENCE,
        ber.integer(1),
        ber.wrapped(ber.SET, sha256),
        ber.wrapped(ber.SEQUENCE, *inner),
        ber.wrapped(0xA0, *sorted(chain)),
        ber.wrapped(ber.SET, signer),
    )
    return ber.wrapped(ber.SEQUENCE, ber.oid(_SIGNED), ber.wrapped(0xA0, data))


def _attribute(name: str, value: bytes) -> bytes:
    return ber.wrapped(ber.SEQUENCE, ber.oid(name), ber.wrapped(ber.SET, value))


def _written_time(moment: dt.datetime) -> bytes:
    utc = moment.astimezone(dt.UTC)
    if 1950 <= utc.year < 2050:
        return ber.wrapped(0x17, f"{utc:%y%m%d%H%M%SZ}".encode())
    return ber.wrapped(0x18, f"{utc:%Y%m%d%H%M%SZ}".encode())
