"""
ResolveRecipients ([MS-ASCMD] ResolveRecipients).
"""

from __future__ import annotations

import datetime as dt

import msgspec
import pytest

from carrierpost.protocol.commands.looking import PictureLimits
from carrierpost.protocol.commands.resolve_recipients import (
    Availability,
    AvailabilityWindow,
    CertificateRetrieval,
    Certificates,
    FreeBusy,
    Recipient,
    RecipientPicture,
    RecipientType,
    ResolvedRecipient,
    ResolveOptions,
    ResolveRecipientsRequest,
    ResolveRecipientsResponse,
    free_busy,
)
from carrierpost.protocol.errors import MalformedRequest
from carrierpost.protocol.message import Payload
from carrierpost.protocol.record import Notes
from carrierpost.protocol.version import Version
from tests.protocol.commands.known import answers, asks, body, received

BARE = ResolveRecipientsRequest(to=("ada", "bo@example.org"))
START = dt.datetime(2026, 11, 24, 21, tzinfo=dt.UTC)
FULL = ResolveOptions(
    certificate_retrieval=CertificateRetrieval.FULL,
    max_certificates=1,
    max_ambiguous_recipients=9,
    availability=AvailabilityWindow(start_time=START, end_time=START + dt.timedelta(hours=1)),
    picture=PictureLimits(max_size=9000),
)
ROOT = '<ResolveRecipients xmlns="ResolveRecipients">'


@pytest.mark.parametrize("version", Version)
def test_people_are_asked_about(version: Version) -> None:
    """Free/busy exists from 14.0 on, pictures from 14.1 on."""
    asks(BARE, version, f"{ROOT}<To>ada</To><To>bo@example.org</To></ResolveRecipients>")
    window = """<Availability><StartTime>2026-11-24T21:00:00.000Z</StartTime>
    <EndTime>2026-11-24T22:00:00.000Z</EndTime></Availability>"""
    asks(
        msgspec.structs.replace(BARE, options=FULL),
        version,
        f"""{ROOT}<To>ada</To><To>bo@example.org</To><Options><CertificateRetrieval>2</CertificateRetrieval>
        <MaxCertificates>1</MaxCertificates><MaxAmbiguousRecipients>9</MaxAmbiguousRecipients>
        {window if version >= Version.V14_0 else ""}
        {"<Picture><MaxSize>9000</MaxSize></Picture>" if version >= Version.V14_1 else ""}</Options>
        </ResolveRecipients>""",
        heard=msgspec.structs.replace(
            BARE,
            options=msgspec.structs.replace(
                FULL,
                availability=FULL.availability if version >= Version.V14_0 else None,
                picture=FULL.picture if version >= Version.V14_1 else None,
            ),
        ),
    )


def test_people_are_told() -> None:
    """One with all that can be asked for, one who may be several, one whom nobody knows."""
    ada = Recipient(
        type=RecipientType.GAL,
        display_name="Ada",
        email_address="ada@example.org",
        availability=Availability(merged_free_busy="0234"),
        certificates=Certificates(status=1, certificate_count=1, certificates=(b"\x30\x82",)),
        picture=RecipientPicture(status=1, data=b"\xff\xd8"),
    )
    bo = Recipient(
        type=RecipientType.CONTACT,
        display_name="Bo",
        email_address="bo@example.org",
        certificates=Certificates(status=7, certificate_count=0),
        picture=RecipientPicture(status=173),
    )
    answers(
        BARE,
        ResolveRecipientsResponse(
            responses=(
                ResolvedRecipient(to="ada", recipient_count=1, recipients=(ada,)),
                ResolvedRecipient(to="bo@example.org", status=3, recipient_count=12, recipients=(bo,)),
                ResolvedRecipient(to="nobody", status=4),
            )
        ),
        Version.V14_1,
        f"""{ROOT}<Status>1</Status>
        <Response><To>ada</To><Status>1</Status><RecipientCount>1</RecipientCount>
        <Recipient><Type>1</Type><DisplayName>Ada</DisplayName><EmailAddress>ada@example.org</EmailAddress>
        <Availability><Status>1</Status><MergedFreeBusy>0234</MergedFreeBusy></Availability>
        <Certificates><Status>1</Status><CertificateCount>1</CertificateCount><Certificate>MII=</Certificate>
        </Certificates><Picture><Status>1</Status><Data opaque="base64">/9g=</Data></Picture></Recipient></Response>
        <Response><To>bo@example.org</To><Status>3</Status><RecipientCount>12</RecipientCount>
        <Recipient><Type>2</Type><DisplayName>Bo</DisplayName><EmailAddress>bo@example.org</EmailAddress>
        <Certificates><Status>7</Status><CertificateCount>0</CertificateCount></Certificates>
        <Picture><Status>173</Status></Picture></Recipient></Response>
        <Response><To>nobody</To><Status>4</Status></Response></ResolveRecipients>""",
    )


def test_answers_stand_in_the_order_of_the_question() -> None:
    """Where the server does not repeat the text; and the whole may be refused."""
    read = received(
        BARE,
        f"""{ROOT}<Status>1</Status><Response><Status>4</Status></Response>
        <Response><Status>4</Status></Response><Response/></ResolveRecipients>""",
    )
    assert [one.to for one in read.responses] == ["ada", "bo@example.org", ""]
    answers(BARE, ResolveRecipientsResponse(status=5), Version.V14_1, f"{ROOT}<Status>5</Status></ResolveRecipients>")


def test_digits_stand_for_half_hours() -> None:
    """What is none of the known ones promises nothing."""
    assert free_busy("01234x²") == (
        FreeBusy.FREE, FreeBusy.TENTATIVE, FreeBusy.BUSY, FreeBusy.AWAY, *[FreeBusy.NO_DATA] * 3,
    )  # fmt: skip
    assert free_busy("") == ()


@pytest.mark.parametrize(
    "inner",
    [
        "",
        "<To/>",
        "<To>ada</To><Options><Availability/></Options>",
        "<To>ada</To><Options><Availability><StartTime>soon</StartTime></Availability></Options>",
    ],
)
def test_what_is_incomplete_is_refused(inner: str) -> None:
    """Nobody to ask about, or a time that is none."""
    with pytest.raises(MalformedRequest) as caught:
        ResolveRecipientsRequest.decode(
            Payload(body=body(f"{ROOT}{inner}</ResolveRecipients>")), Version.V14_1, Notes()
        )
    assert caught.value.status == 5
