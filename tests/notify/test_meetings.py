"""
Which meeting a mail is about.
"""

from __future__ import annotations

import datetime as dt

import pytest

from carrierpost.model import NoticeKind
from carrierpost.notify.meetings import meeting_key, meeting_kind, uid_in
from carrierpost.protocol.classes import MeetingRequest
from carrierpost.server.itip import global_object_id
from tests.notify.news import NOON, event, mail

OUTLOOK = (
    "040000008200E00074C5B7101A82E00800000000C0FF8D5B1A9FDA01000000000000000010000000AABBCCDDEEFF00112233445566778899"
)


@pytest.mark.parametrize("uid", ["B1", "a-b@larch.example", OUTLOOK])
def test_a_meeting_is_known_by_its_uid_in_both_generations(uid: str) -> None:
    """Up to 14.1 the id of a request holds the UID of its event; from 16.0 on it is there itself."""
    start = NOON + dt.timedelta(hours=3)
    older = mail(meeting_request=MeetingRequest(global_obj_id=global_object_id(uid), start_time=start))
    newer = mail(meeting_request=MeetingRequest(uid=uid, start_time=start))
    assert meeting_key(older) == meeting_key(newer) == meeting_key(event(uid=uid))
    assert meeting_key(older) is not None


def test_an_occurrence_belongs_to_its_series() -> None:
    """Outlook writes the day of an occurrence into the id of its meeting; the UID has zeros there."""
    day = OUTLOOK[:32] + "07EA0302" + OUTLOOK[40:]
    assert uid_in(global_object_id(day)) == OUTLOOK


@pytest.mark.parametrize("odd", ["", "%%%", "AAAA"])
def test_odd_ids_do_no_harm(odd: str) -> None:
    """What is no id is none."""
    assert meeting_key(mail(meeting_request=MeetingRequest(global_obj_id=odd))) is None


@pytest.mark.parametrize(
    ("message_class", "kind"),
    [
        ("IPM.Note", NoticeKind.MAIL),
        (None, NoticeKind.MAIL),
        ("IPM.Schedule.Meeting.Request", NoticeKind.INVITATION),
        ("ipm.schedule.meeting.canceled", NoticeKind.CANCELLATION),
        ("IPM.Schedule.Meeting.Resp.Pos", NoticeKind.ANSWER),
        ("IPM.Note.SMIME", NoticeKind.MAIL),
    ],
)
def test_what_a_mail_is_stands_in_its_class(message_class: str | None, kind: NoticeKind) -> None:
    """[MS-ASEMAIL] MessageClass, whatever its case."""
    assert meeting_kind(mail(message_class=message_class)) is kind
