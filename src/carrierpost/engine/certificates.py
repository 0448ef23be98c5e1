"""
Certificates at the server: those of recipients (ResolveRecipients), and what it thinks of one (ValidateCert).
"""

from __future__ import annotations

from collections.abc import Sequence

from cryptography import x509
from cryptography.hazmat.primitives import serialization

from carrierpost.engine.context import Context
from carrierpost.formats.keyring import BadKeyFile, read_certificates
from carrierpost.protocol.commands.resolve_recipients import (
    CertificateRetrieval,
    ResolveOptions,
    ResolveRecipientsRequest,
)
from carrierpost.protocol.commands.validate_cert import ValidateCertRequest
from carrierpost.protocol.errors import StatusError
from carrierpost.protocol.status import outcome

__all__ = ["look_up_certificates", "validate"]

_MOST_ADDRESSES = 100
_MOST_CERTIFICATES = 100


async def look_up_certificates(context: Context, addresses: Sequence[str]) -> tuple[x509.Certificate, ...]:
    """
    Ask the server's address list for people's certificates; who has none there has none in the answer.

    Args:
        context: the account.
        addresses: mail addresses, at most a hundred.

    Raises:
        StatusError: the server refuses.
        ClientError, ProtocolError: the server could not be asked, or refused.
    """
    options = ResolveOptions(certificate_retrieval=CertificateRetrieval.FULL, max_certificates=_MOST_CERTIFICATES)
    answer = await context.session.send(
        ResolveRecipientsRequest(to=tuple(addresses[:_MOST_ADDRESSES]), options=options)
    )
    if answer.status != 1:
        raise StatusError("ResolveRecipients", answer.status)
    found: list[x509.Certificate] = []
    for response in answer.responses:
        for recipient in response.recipients:
            told = recipient.certificates
            for raw in (told.certificates or ()) if told is not None else ():
                try:
                    found += read_certificates(raw)
                except BadKeyFile:
                    continue  # one that nobody can read is none
    return tuple(found)


async def validate(
    context: Context, certificate: x509.Certificate, chain: Sequence[x509.Certificate] = ()
) -> tuple[bool, str]:
    """
    Ask what the server thinks of a certificate, revocation included.

    Returns:
        Whether it is valid to the server, and its reason in a sentence.

    Raises:
        StatusError: the server refuses.
        ClientError, ProtocolError: the server could not be asked, or refused.
    """
    answer = await context.session.send(
        ValidateCertRequest(
            certificates=(_der(certificate),), certificate_chain=tuple(map(_der, chain)), check_crl=True
        )
    )
    if answer.status != 1:
        raise StatusError("ValidateCert", answer.status)
    status = answer.statuses[0] if answer.statuses else 0
    if status == 1:
        return True, "the server holds it for valid"
    return False, outcome("ValidateCert", status).sentence


def _der(certificate: x509.Certificate) -> bytes:
    return certificate.public_bytes(serialization.Encoding.DER)
