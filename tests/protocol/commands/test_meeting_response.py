"""
MeetingResponse ([MS-ASCMD] MeetingResponse).
"""

from __future__ import annotations

import datetime as dt

import pytest

from carrierpost.protocol.classes import Body, BodyType
from carrierpost.protocol.commands.meeting_response import (
    MeetingAnswer,
    MeetingResponseRequest,
    MeetingResponseResponse,
    MeetingResult,
    SendResponse,
    UserResponse,
)
from carrierpost.protocol.errors import MalformedRequest
from carrierpost.protocol.message import Payload
from carrierpost.protocol.record import Notes
from carrierpost.protocol.version import Version
from tests.protocol.commands.known import answers, asks, body

ROOT = '<MeetingResponse xmlns="MeetingResponse">'
START = dt.datetime(2026, 11, 24, 21, tzinfo=dt.UTC)
BARE = MeetingAnswer(user_response=UserResponse.ACCEPT, collection_id="1", request_id="1:7")


def _one(answer: MeetingAnswer) -> MeetingResponseRequest:
    return MeetingResponseRequest(answers=(answer,))


@pytest.mark.parametrize("version", Version)
def test_what_each_version_can_say(version: Version) -> None:
    """An occurrence from 14.1 on, the server's mail from 16.0, another time from 16.1."""
    full = MeetingAnswer(
        user_response=UserResponse.TENTATIVE,
        collection_id="1",
        request_id="1:7",
        instance_id=START,
        send_response=SendResponse(
            body=Body(type=BodyType.PLAIN, data="Perhaps"),
            proposed_start_time=START,
            proposed_end_time=START + dt.timedelta(hours=1),
        ),
    )
    proposal = """<ProposedStartTime>20261124T210000Z</ProposedStartTime>
    <ProposedEndTime>20261124T220000Z</ProposedEndTime>"""
    mail = f"""<SendResponse><Body xmlns="AirSyncBase"><Type>1</Type><Data>Perhaps</Data></Body>
    {proposal if version >= Version.V16_1 else ""}</SendResponse>"""
    xml = f"""{ROOT}<Request><UserResponse>2</UserResponse><CollectionId>1</CollectionId><RequestId>1:7</RequestId>
    {"<InstanceId>2026-11-24T21:00:00.000Z</InstanceId>" if version >= Version.V14_1 else ""}
    {mail if version >= Version.V16_0 else ""}</Request></MeetingResponse>"""
    request = _one(full)
    assert request.encode(version).body == body(xml)
    heard = MeetingResponseRequest.decode(request.encode(version), version, Notes())
    assert heard.encode(version) == request.encode(version)
    if version is Version.V16_1:
        assert heard == request


def test_a_mail_without_text_is_not_the_same_as_none() -> None:
    """An empty element asks for it; without the element nobody is told."""
    without = f"""{ROOT}<Request><UserResponse>1</UserResponse><CollectionId>1</CollectionId>
    <RequestId>1:7</RequestId>{{}}</Request></MeetingResponse>"""
    asks(_one(BARE), Version.V16_0, without.format(""))
    asks(
        _one(
            MeetingAnswer(
                user_response=UserResponse.ACCEPT, collection_id="1", request_id="1:7", send_response=SendResponse()
            )
        ),
        Version.V16_0,
        without.format("<SendResponse/>"),
    )


def test_a_request_may_be_known_by_its_long_id() -> None:
    """When a search found it."""
    asks(
        _one(MeetingAnswer(user_response=UserResponse.DECLINE, long_id="L7")),
        Version.V14_1,
        f'{ROOT}<Request><UserResponse>3</UserResponse><LongId xmlns="Search">L7</LongId></Request></MeetingResponse>',
    )


def test_answers() -> None:
    """The event in the calendar, unless it was declined; and refusals."""
    answers(
        _one(BARE),
        MeetingResponseResponse(
            results=(MeetingResult(request_id="1:7", calendar_id="2:1"), MeetingResult(request_id="1:8", status=2))
        ),
        Version.V14_1,
        f"""{ROOT}<Result><RequestId>1:7</RequestId><Status>1</Status><CalendarId>2:1</CalendarId></Result>
        <Result><RequestId>1:8</RequestId><Status>2</Status></Result></MeetingResponse>""",
    )
    answers(
        _one(BARE), MeetingResponseResponse(status=142), Version.V14_1, f"{ROOT}<Status>142</Status></MeetingResponse>"
    )


@pytest.mark.parametrize(
    ("inner", "status"),
    [
        ("", 103),
        ("<Request><CollectionId>1</CollectionId><RequestId>1:7</RequestId></Request>", 103),
        (
            "<Request><UserResponse>4</UserResponse><CollectionId>1</CollectionId><RequestId>1</RequestId></Request>",
            103,
        ),
        ("<Request><UserResponse>1</UserResponse><RequestId>1:7</RequestId></Request>", 103),
        (
            """<Request><UserResponse>1</UserResponse><CollectionId>1</CollectionId><RequestId>1:7</RequestId>
            <InstanceId>soon</InstanceId></Request>""",
            104,
        ),
    ],
)
def test_what_is_incomplete_is_refused(inner: str, status: int) -> None:
    """A series is never answered in place of an occurrence that cannot be told."""
    with pytest.raises(MalformedRequest) as caught:
        MeetingResponseRequest.decode(Payload(body=body(f"{ROOT}{inner}</MeetingResponse>")), Version.V14_1, Notes())
    assert caught.value.status == status
