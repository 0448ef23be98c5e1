"""
ValidateCert and GetAttachment ([MS-ASCMD]).
"""

from __future__ import annotations

import pytest

from carrierpost.protocol.commands.get_attachment import GetAttachmentRequest, GetAttachmentResponse
from carrierpost.protocol.commands.validate_cert import ValidateCertRequest, ValidateCertResponse
from carrierpost.protocol.errors import LocalProtocolError, MalformedRequest
from carrierpost.protocol.message import Payload
from carrierpost.protocol.record import Notes
from carrierpost.protocol.version import Version
from tests.protocol.commands.known import answers, asks, body, received


@pytest.mark.parametrize("version", Version)
def test_certificates_are_checked(version: Version) -> None:
    """Chain, certificates, and whether to ask for revocation, in this order."""
    asks(
        ValidateCertRequest(certificates=(b"\x00", b"\x01"), certificate_chain=(b"\xff",), check_crl=True),
        version,
        """<ValidateCert xmlns="ValidateCert"><CertificateChain><Certificate>/w==</Certificate></CertificateChain>
        <Certificates><Certificate>AA==</Certificate><Certificate>AQ==</Certificate></Certificates>
        <CheckCRL>1</CheckCRL></ValidateCert>""",
    )
    bare = ValidateCertRequest(certificates=(b"\x00",))
    asks(
        bare,
        version,
        """<ValidateCert xmlns="ValidateCert"><Certificates><Certificate>AA==</Certificate></Certificates></ValidateCert>""",
    )
    answers(
        bare,
        ValidateCertResponse(statuses=(1, 13)),
        version,
        """<ValidateCert xmlns="ValidateCert"><Status>1</Status><Certificate><Status>1</Status></Certificate>
        <Certificate><Status>13</Status></Certificate></ValidateCert>""",
    )


def test_what_is_not_said_to_be_valid_is_not() -> None:
    """A certificate without a status."""
    read = received(
        ValidateCertRequest(certificates=(b"\x00",)),
        '<ValidateCert xmlns="ValidateCert"><Status>1</Status><Certificate/></ValidateCert>',
    )
    assert read.statuses == (0,)


@pytest.mark.parametrize("inner", ["", "<Certificates/>", "<Certificates><Certificate>?</Certificate></Certificates>"])
def test_a_request_without_a_certificate_is_refused(inner: str) -> None:
    """None, or none that can be read."""
    xml = f'<ValidateCert xmlns="ValidateCert">{inner}</ValidateCert>'
    with pytest.raises(MalformedRequest) as caught:
        ValidateCertRequest.decode(Payload(body=body(xml)), Version.V14_1, Notes())
    assert caught.value.status == 2


def test_12_1_fetches_attachments_by_their_name_in_the_query() -> None:
    """The answer is nothing but their bytes; later versions do not know the command."""
    request = GetAttachmentRequest(file_reference="1%3a9%3a0")
    payload = request.encode(Version.V12_1)
    assert payload == Payload(parameters=(("AttachmentName", "1%3a9%3a0"),))
    assert GetAttachmentRequest.decode(payload, Version.V12_1, Notes()) == request
    answer = GetAttachmentResponse(content=b"\x00\xff")
    assert request.decode_response(answer.encode(Version.V12_1), Version.V12_1, Notes()) == answer
    with pytest.raises(LocalProtocolError, match="ItemOperations"):
        request.encode(Version.V14_0)
    with pytest.raises(MalformedRequest):
        GetAttachmentRequest.decode(Payload(), Version.V12_1, Notes())
