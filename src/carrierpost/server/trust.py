"""
Which certificates the server trusts for signed and encrypted mail (RFC 5280, RFC 8550; [MS-ASCMD] ValidateCert).

A certificate is followed from issuer to issuer, by name and signature, until one is reached that the administrator
trusts. Each step is checked for its time, its use and, where a list of revoked certificates is at hand, for that.
"""

from __future__ import annotations

import datetime as dt
import enum
import itertools
from collections.abc import Iterable, Sequence

from cryptography import x509
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.x509.oid import ExtendedKeyUsageOID

__all__ = ["Trust", "Validity"]

_LONGEST_CHAIN = 10


class Validity(enum.IntEnum):
    """
    What became of a check ([MS-ASCMD] Status of ValidateCert).
    """

    VALID = 1
    BAD_SIGNATURE = 3
    UNTRUSTED = 4
    BAD_CHAIN = 5
    NOT_FOR_MAIL = 6
    EXPIRED = 7
    INCONSISTENT_TIMES = 8
    WRONG_USE = 9
    MISSING_DATA = 10
    WRONG_ROLE = 11
    REVOKED = 13
    CHAIN_REVOKED = 15
    UNKNOWN = 16


class Trust:
    """
    What an administrator trusts.

    Attributes:
        roots: certificates that are trusted, and whatever they issued.
        revocation_lists: lists of revoked certificates, signed by their issuers.
    """

    def __init__(self) -> None:
        self.roots: list[x509.Certificate] = []
        self.revocation_lists: list[x509.CertificateRevocationList] = []

    def judged(
        self, certificate: bytes, between: Iterable[bytes], now: dt.datetime, *, check_revocation: bool = False
    ) -> Validity:
        """
        Check a certificate for mail.

        Args:
            certificate: the certificate, DER.
            between: certificates that may stand between it and a trusted one, DER; what cannot be read is left out.
            now: the time at which it has to be valid.
            check_revocation: it counts as unknown where there is no list that tells whether it was revoked.
        """
        leaf = _read(certificate)
        if leaf is None:
            return Validity.MISSING_DATA
        own = _judged_alone(leaf, now)
        if own is not Validity.VALID:
            return own
        helpers = [one for one in map(_read, between) if one is not None]
        chain, verdict = self._chain(leaf, helpers)
        if verdict is not Validity.VALID:
            return verdict
        for issued, issuer in itertools.pairwise(chain):
            if not issuer.not_valid_before_utc <= now <= issuer.not_valid_after_utc:
                return Validity.EXPIRED
            if issued.not_valid_before_utc < issuer.not_valid_before_utc:
                return Validity.INCONSISTENT_TIMES
            if not _is_authority(issuer):
                return Validity.WRONG_ROLE
        return self._revocation(chain, now, demanded=check_revocation)

    def _chain(
        self, leaf: x509.Certificate, helpers: Sequence[x509.Certificate]
    ) -> tuple[list[x509.Certificate], Validity]:
        """
        Follow a certificate to a trusted one.
        """
        chain = [leaf]
        while chain[-1] not in self.roots:
            last = chain[-1]
            if last.issuer == last.subject:
                return chain, Validity.UNTRUSTED
            named = [one for one in (*self.roots, *helpers) if one.subject == last.issuer and one not in chain]
            if not named or len(chain) > _LONGEST_CHAIN:
                return chain, Validity.BAD_CHAIN
            issuer = next((one for one in named if _issued(last, one)), None)
            if issuer is None:
                return chain, Validity.BAD_SIGNATURE
            chain.append(issuer)
        return chain, Validity.VALID

    def _revocation(self, chain: Sequence[x509.Certificate], now: dt.datetime, *, demanded: bool) -> Validity:
        for place, (issued, issuer) in enumerate(itertools.pairwise(chain)):
            listed = self._list_of(issuer, now)
            if listed is None:
                if demanded:
                    return Validity.UNKNOWN
            elif listed.get_revoked_certificate_by_serial_number(issued.serial_number) is not None:
                return Validity.REVOKED if place == 0 else Validity.CHAIN_REVOKED
        return Validity.VALID

    def _list_of(self, issuer: x509.Certificate, now: dt.datetime) -> x509.CertificateRevocationList | None:
        for one in self.revocation_lists:
            until = one.next_update_utc
            if one.issuer != issuer.subject or (until is not None and until < now):
                continue
            if one.is_signature_valid(issuer.public_key()):  # type: ignore[arg-type]  # an issuer's key can sign
                return one
        return None


def _read(der: bytes) -> x509.Certificate | None:
    try:
        certificate = x509.load_der_x509_certificate(der)
        _ = certificate.extensions, certificate.subject, certificate.issuer, certificate.public_key()
    except (ValueError, UnsupportedAlgorithm, x509.DuplicateExtension):
        return None
    return certificate


def _issued(certificate: x509.Certificate, issuer: x509.Certificate) -> bool:
    try:
        certificate.verify_directly_issued_by(issuer)
    except (InvalidSignature, ValueError, TypeError, UnsupportedAlgorithm):
        return False
    return True


def _judged_alone(leaf: x509.Certificate, now: dt.datetime) -> Validity:
    if leaf.not_valid_before_utc >= leaf.not_valid_after_utc:
        return Validity.INCONSISTENT_TIMES
    if not leaf.not_valid_before_utc <= now <= leaf.not_valid_after_utc:
        return Validity.EXPIRED
    if _is_authority(leaf):
        return Validity.WRONG_ROLE
    try:
        purposes = leaf.extensions.get_extension_for_class(x509.ExtendedKeyUsage).value
    except x509.ExtensionNotFound:
        purposes = None
    wanted = (ExtendedKeyUsageOID.EMAIL_PROTECTION, ExtendedKeyUsageOID.ANY_EXTENDED_KEY_USAGE)
    if purposes is not None and not any(one in purposes for one in wanted):
        return Validity.NOT_FOR_MAIL
    try:
        usage = leaf.extensions.get_extension_for_class(x509.KeyUsage).value
    except x509.ExtensionNotFound:
        return Validity.VALID
    useful = usage.digital_signature or usage.content_commitment or usage.key_encipherment or usage.key_agreement
    return Validity.VALID if useful else Validity.WRONG_USE


def _is_authority(certificate: x509.Certificate) -> bool:
    try:
        return certificate.extensions.get_extension_for_class(x509.BasicConstraints).value.ca
    except x509.ExtensionNotFound:
        return False
