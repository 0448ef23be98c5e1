"""
ValidateCert: certificates for mail, checked up to one that is trusted.
"""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from carrierpost.protocol.commands.validate_cert import ValidateCertRequest
from carrierpost.protocol.version import Version
from tests.server.phone import Phone, make_server, status_of
from tests.support.virtual import EPOCH, virtual

DAY = dt.timedelta(days=1)
MAIL, WEB = ExtendedKeyUsageOID.EMAIL_PROTECTION, ExtendedKeyUsageOID.SERVER_AUTH


class Made:
    """A certificate with its key."""

    def __init__(self, name: str, issuer: Made | None = None, **options: Any) -> None:
        self.key = ec.generate_private_key(ec.SECP256R1())
        self.name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
        signer = issuer or self
        builder = (
            x509.CertificateBuilder()
            .subject_name(self.name)
            .issuer_name(signer.name)
            .public_key(self.key.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(options.get("since", EPOCH - 10 * DAY))
            .not_valid_after(options.get("until", EPOCH + 365 * DAY))
            .add_extension(x509.BasicConstraints(ca=options.get("authority", False), path_length=None), critical=True)
        )
        if "purpose" in options:
            builder = builder.add_extension(x509.ExtendedKeyUsage([options["purpose"]]), critical=False)
        if "usage" in options:
            names = (
                "digital_signature", "content_commitment", "key_encipherment", "data_encipherment", "key_agreement",
                "key_cert_sign", "crl_sign", "encipher_only", "decipher_only",
            )  # fmt: skip
            usage = x509.KeyUsage(**{one: one == options["usage"] for one in names})
            builder = builder.add_extension(usage, critical=True)
        self.certificate = builder.sign(options.get("signed_with", signer.key), hashes.SHA256())

    @property
    def der(self) -> bytes:
        return self.certificate.public_bytes(serialization.Encoding.DER)

    def revoking(self, *revoked: Made, until: dt.datetime = EPOCH + DAY) -> x509.CertificateRevocationList:
        """Make a list of revoked certificates."""
        builder = x509.CertificateRevocationListBuilder().issuer_name(self.name).last_update(EPOCH - DAY)
        builder = builder.next_update(until)
        for one in revoked:
            entry = x509.RevokedCertificateBuilder().serial_number(one.certificate.serial_number)
            builder = builder.add_revoked_certificate(entry.revocation_date(EPOCH - DAY).build())
        return builder.sign(self.key, hashes.SHA256())


ROOT = Made("Root", authority=True)
MIDDLE = Made("Middle", ROOT, authority=True)
GOOD = Made("Ada", MIDDLE, purpose=MAIL, usage="digital_signature")


async def _judge(
    *certificates: Made | bytes, between: tuple[Made, ...] = (MIDDLE,), crl: bool | None = None, **lists: Any
) -> tuple[int, ...]:
    phone = Phone(make_server(), version=lists.pop("version", Version.V14_1))
    phone.server.trust.roots.append(ROOT.certificate)
    phone.server.trust.revocation_lists += lists.get("lists", ())
    request = ValidateCertRequest(
        certificates=tuple(one if isinstance(one, bytes) else one.der for one in certificates),
        certificate_chain=tuple(one.der for one in between),
        check_crl=crl,
    )
    answer = await phone.ask(request)
    assert answer.status == 1
    return answer.statuses


@pytest.mark.parametrize("version", Version)
def test_a_chain_is_followed_to_a_trusted_certificate(version: Version) -> None:
    """With the one between it is valid, without it the chain is broken; each certificate is judged by itself."""

    @virtual
    async def story() -> None:
        assert await _judge(GOOD, b"no certificate", version=version) == (1, 10)
        assert await _judge(GOOD, between=(), version=version) == (5,)

    story()


STRANGER = Made("Stranger", authority=True)
CASES = [
    (Made("x", ROOT, since=EPOCH - 5 * DAY, until=EPOCH - DAY), 7),
    (Made("x", ROOT, since=EPOCH + DAY), 7),
    (Made("x", ROOT, since=EPOCH - 20 * DAY), 8),
    (Made("x", ROOT, purpose=WEB), 6),
    (Made("x", ROOT, usage="crl_sign"), 9),
    (Made("x", ROOT, authority=True), 11),
    (Made("x", ROOT, signed_with=STRANGER.key), 3),
    (Made("x"), 4),
    (Made("x", STRANGER), 5),
    (Made("x", ROOT), 1),
]


@pytest.mark.parametrize(
    ("made", "status"), CASES, ids=[f"{number}-{status}" for number, (_, status) in enumerate(CASES)]
)
def test_each_fault_has_its_status(made: Made, status: int) -> None:
    """Time, use, role, signature, trust."""

    @virtual
    async def story() -> None:
        assert await _judge(made) == (status,)

    story()


@virtual
async def test_faults_further_up_are_found() -> None:
    """A chain over one that is no authority, that has expired, that itself vouches for itself, or that is a forgery."""
    plain = Made("Plain", ROOT)
    assert await _judge(Made("x", plain), between=(plain,)) == (11,)
    old = Made("Old", ROOT, authority=True, since=EPOCH - 9 * DAY, until=EPOCH - DAY)
    assert await _judge(Made("x", old), between=(old,)) == (7,)
    assert await _judge(Made("x", STRANGER), between=(STRANGER,)) == (4,)
    forged = Made("Middle", STRANGER, authority=True)
    assert await _judge(GOOD, between=(forged,)) == (3,)
    assert await _judge(GOOD, between=(forged, MIDDLE)) == (1,)


@virtual
async def test_revoked_certificates_are_found() -> None:
    """13 for the certificate, 15 for one above it, 16 where a list is wanted and missing; forgeries do not count."""
    assert await _judge(GOOD, lists=[MIDDLE.revoking(GOOD)]) == (13,)
    assert await _judge(GOOD, lists=[ROOT.revoking(MIDDLE)]) == (15,)
    assert await _judge(GOOD, lists=[MIDDLE.revoking(), ROOT.revoking()], crl=True) == (1,)
    assert await _judge(GOOD, crl=True) == (16,)
    assert await _judge(GOOD, lists=[MIDDLE.revoking(GOOD, until=EPOCH - dt.timedelta(hours=1))]) == (1,)
    forger = Made("Middle", authority=True)
    assert await _judge(GOOD, lists=[forger.revoking(GOOD)]) == (1,)


@virtual
async def test_malformed_requests_are_refused() -> None:
    """2 for more than a hundred."""
    phone = Phone(make_server())
    request = ValidateCertRequest(certificates=(b"x",) * 101)
    assert status_of(await phone.raw("ValidateCert", request.encode(phone.version))) == (200, 2)
