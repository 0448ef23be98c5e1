"""
MeetingResponse: accept or decline a meeting ([MS-ASCMD] 2.2.1.11 MeetingResponse).

Up to 14.1 the client mails its answer to the organizer itself; from 16.0 on the server does, when `send_response` asks
for it.
"""

from __future__ import annotations

import datetime as dt
import enum
from typing import Annotated, ClassVar

import msgspec

from carrierpost import wbxml
from carrierpost.protocol import record
from carrierpost.protocol.classes import Body
from carrierpost.protocol.errors import MalformedRequest
from carrierpost.protocol.message import Payload, Request, body_of, decode_body, status_in
from carrierpost.protocol.record import At, Form, Notes, Record
from carrierpost.protocol.version import Version
from carrierpost.wbxml.pages import AirSyncBase, MeetingResponse, Search

__all__ = [
    "MeetingAnswer",
    "MeetingResponseRequest",
    "MeetingResponseResponse",
    "MeetingResult",
    "SendResponse",
    "UserResponse",
]


class UserResponse(enum.IntEnum):
    """
    What the user answers.
    """

    ACCEPT = 1
    TENTATIVE = 2
    DECLINE = 3


class SendResponse(Record, frozen=True):
    """
    A mail to the organizer that the server sends (16.0 and later).

    Attributes:
        body: its text; without one the mail has none.
        proposed_start_time: another start that the user proposes (16.1); both or none.
        proposed_end_time: another end that the user proposes (16.1).
    """

    body: Annotated[Body | None, At(AirSyncBase.Body)] = None
    proposed_start_time: Annotated[dt.datetime | None, At(MeetingResponse.ProposedStartTime, form=Form.COMPACT)] = None
    proposed_end_time: Annotated[dt.datetime | None, At(MeetingResponse.ProposedEndTime, form=Form.COMPACT)] = None


class MeetingAnswer(Record, frozen=True):
    """
    The answer to one meeting, known by folder and id or by long id.

    Attributes:
        user_response: what the user answers.
        collection_id: the folder of the request or event.
        request_id: the request or event.
        long_id: the request as a search named it.
        instance_id: start of the occurrence that is meant, of a series (14.1 and later).
        send_response: the mail to the organizer that the server sends, an empty one without text; `None` for none.
        cleared: `send_response`, when it came empty.
    """

    user_response: Annotated[UserResponse | None, At(MeetingResponse.UserResponse)] = None
    collection_id: Annotated[str | None, At(MeetingResponse.CollectionId)] = None
    request_id: Annotated[str | None, At(MeetingResponse.RequestId)] = None
    long_id: Annotated[str | None, At(Search.LongId)] = None
    instance_id: Annotated[dt.datetime | None, At(MeetingResponse.InstanceId)] = None
    send_response: Annotated[SendResponse | None, At(MeetingResponse.SendResponse)] = None
    cleared: frozenset[str] = frozenset()


class MeetingResult(Record, frozen=True):
    """
    What became of one answer.

    Attributes:
        request_id: the request or event, where the server names it.
        status: 1 for success; see `carrierpost.protocol.status`.
        calendar_id: the event in the calendar; none for a meeting that was declined.
    """

    request_id: Annotated[str | None, At(MeetingResponse.RequestId)] = None
    status: Annotated[int, At(MeetingResponse.Status)] = 1
    calendar_id: Annotated[str | None, At(MeetingResponse.CalendarId)] = None


class MeetingResponseResponse(msgspec.Struct, frozen=True, kw_only=True):
    """
    The answer of the server.

    Attributes:
        status: status of the whole where it stands alone, else 1.
        results: one for each meeting.
    """

    status: int = 1
    results: tuple[MeetingResult, ...] = ()

    def encode(self, version: Version) -> Payload:
        """
        Encode the answer.
        """
        children: list[object] = [MeetingResponse.Status, str(self.status)] if self.status != 1 else []
        children += [part for one in self.results for part in (MeetingResponse.Result, record.encode(one, version))]
        return body_of(MeetingResponse.MeetingResponse, children)


class MeetingResponseRequest(Request[MeetingResponseResponse], frozen=True, kw_only=True):
    """
    Answer meetings.

    Attributes:
        answers: one for each meeting, at most 100.
    """

    name: ClassVar[str] = "MeetingResponse"

    answers: tuple[MeetingAnswer, ...]

    def encode(self, version: Version) -> Payload:
        """
        Encode the request.
        """
        listed = [part for one in self.answers for part in (MeetingResponse.Request, record.encode(one, version))]
        return body_of(MeetingResponse.MeetingResponse, listed)

    @classmethod
    def decode(cls, payload: Payload, version: Version, notes: Notes) -> MeetingResponseRequest:
        """
        Decode a request.

        Raises:
            UnreadableAnswer: no MeetingResponse.
            MalformedRequest: an answer is missing, or the meeting, or the time of an occurrence cannot be read.
        """
        value = decode_body(cls.name, payload, MeetingResponse.MeetingResponse, notes)
        answers = tuple(_answer_of(one, notes) for one in wbxml.find_all(value, MeetingResponse.Request))
        if not answers:
            raise MalformedRequest(cls.name, 103, "no meeting is answered")
        return cls(answers=answers)

    def decode_response(self, payload: Payload, version: Version, notes: Notes) -> MeetingResponseResponse:
        """
        Decode the answer.

        Raises:
            UnreadableAnswer: no MeetingResponse.
        """
        value = decode_body(self.name, payload, MeetingResponse.MeetingResponse, notes)
        return MeetingResponseResponse(
            status=status_in(value, MeetingResponse.Status, notes),
            results=tuple(
                record.decode(MeetingResult, one, notes) for one in wbxml.find_all(value, MeetingResponse.Result)
            ),
        )


def _answer_of(value: wbxml.Value, notes: Notes) -> MeetingAnswer:
    answer = record.decode(MeetingAnswer, value, notes)
    if answer.user_response is None:
        raise MalformedRequest("MeetingResponse", 103, "UserResponse is missing or none of 1, 2 and 3")
    if not answer.long_id and not (answer.collection_id and answer.request_id):
        raise MalformedRequest("MeetingResponse", 103, "CollectionId and RequestId, or LongId, are needed")
    if answer.instance_id is None and wbxml.find(value, MeetingResponse.InstanceId) is not wbxml.ABSENT:
        raise MalformedRequest("MeetingResponse", 104, "InstanceId is no date and time")
    if "send_response" in answer.cleared:  # an empty element asks for a mail without text
        return msgspec.structs.replace(answer, send_response=SendResponse(), cleared=frozenset())
    return answer
