"""
ValidateCert: let the server check certificates for signed and encrypted mail ([MS-ASCMD] 2.2.1.22 ValidateCert).
"""

from __future__ import annotations

from typing import Annotated, ClassVar

import msgspec

from carrierpost import wbxml
from carrierpost.protocol import record
from carrierpost.protocol.errors import MalformedRequest
from carrierpost.protocol.message import Payload, Request, body_of, decode_body, status_in
from carrierpost.protocol.record import At, Form, Notes, Record
from carrierpost.protocol.version import Version
from carrierpost.wbxml.pages import ValidateCert

__all__ = ["ValidateCertRequest", "ValidateCertResponse"]


class ValidateCertResponse(msgspec.Struct, frozen=True, kw_only=True):
    """
    The answer.

    Attributes:
        status: status of the whole, 1 for success; see `carrierpost.protocol.status`.
        statuses: the status of each certificate, in the order of the request; 1 for valid.
    """

    status: int = 1
    statuses: tuple[int, ...] = ()

    def encode(self, version: Version) -> Payload:
        """
        Encode the answer.
        """
        children: list[object] = [ValidateCert.Status, str(self.status)]
        for one in self.statuses:
            children += (ValidateCert.Certificate, [ValidateCert.Status, str(one)])
        return body_of(ValidateCert.ValidateCert, children)


class _Asked(Record, frozen=True):
    certificate_chain: Annotated[
        tuple[bytes, ...] | None,
        At(ValidateCert.CertificateChain, item=ValidateCert.Certificate, form=Form.BASE64),
    ] = None
    certificates: Annotated[
        tuple[bytes, ...] | None, At(ValidateCert.Certificates, item=ValidateCert.Certificate, form=Form.BASE64)
    ] = None
    check_crl: Annotated[bool | None, At(ValidateCert.CheckCRL)] = None


class ValidateCertRequest(Request[ValidateCertResponse], frozen=True, kw_only=True):
    """
    Check certificates.

    Attributes:
        certificates: what to check, at most 100, each in DER form.
        certificate_chain: those that may stand between them and one that the server trusts.
        check_crl: whether the server is to ask if they were revoked; `None` leaves it to the server.
    """

    name: ClassVar[str] = "ValidateCert"

    certificates: tuple[bytes, ...]
    certificate_chain: tuple[bytes, ...] = ()
    check_crl: bool | None = None

    def encode(self, version: Version) -> Payload:
        """
        Encode the request.
        """
        asked = _Asked(
            certificate_chain=self.certificate_chain or None,
            certificates=self.certificates,
            check_crl=self.check_crl,
        )
        return body_of(ValidateCert.ValidateCert, record.encode(asked, version))

    @classmethod
    def decode(cls, payload: Payload, version: Version, notes: Notes) -> ValidateCertRequest:
        """
        Decode a request.

        Raises:
            UnreadableAnswer: no ValidateCert.
            MalformedRequest: there is no certificate that can be read.
        """
        asked = record.decode(_Asked, decode_body(cls.name, payload, ValidateCert.ValidateCert, notes), notes)
        if not asked.certificates:
            raise MalformedRequest(cls.name, 2, "there is no certificate to check")
        return cls(
            certificates=asked.certificates,
            certificate_chain=asked.certificate_chain or (),
            check_crl=asked.check_crl,
        )

    def decode_response(self, payload: Payload, version: Version, notes: Notes) -> ValidateCertResponse:
        """
        Decode the answer. A certificate without a status is not taken for valid.

        Raises:
            UnreadableAnswer: no ValidateCert.
        """
        value = decode_body(self.name, payload, ValidateCert.ValidateCert, notes)
        found = wbxml.find_all(value, ValidateCert.Certificate)
        return ValidateCertResponse(
            status=status_in(value, ValidateCert.Status, notes),
            statuses=tuple(
                0
                if wbxml.find(one, ValidateCert.Status) in (wbxml.ABSENT, None)
                else status_in(one, ValidateCert.Status, notes)
                for one in found
            ),
        )
