"""
ValidateCert as a server does it ([MS-ASCMD] ValidateCert). The checks are in `carrierpost.server.trust`.
"""

from __future__ import annotations

from carrierpost.protocol.commands.validate_cert import ValidateCertRequest, ValidateCertResponse
from carrierpost.protocol.message import Payload
from carrierpost.server.commands.context import Context, Refusal

__all__ = ["validate_cert"]

_MOST_CERTIFICATES = 100


async def validate_cert(context: Context) -> Payload:
    """
    Check certificates for mail, each by itself.
    """
    request = context.read(ValidateCertRequest.decode)
    if len(request.certificates) > _MOST_CERTIFICATES:
        raise Refusal(2)
    trust, now = context.server.trust, context.server.clock.now()
    statuses = tuple(
        int(trust.judged(one, request.certificate_chain, now, check_revocation=bool(request.check_crl)))
        for one in request.certificates
    )
    return ValidateCertResponse(statuses=statuses).encode(context.version)
