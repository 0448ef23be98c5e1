"""
Out of office and the recovery password, by Settings ([MS-ASCMD] Oof, DevicePassword).
"""

from __future__ import annotations

import datetime as dt

import pytest

from carrierpost.protocol.commands.oof import Audience, Oof, OofMessage, OofState
from carrierpost.protocol.commands.settings import SettingsRequest, SettingsResponse
from carrierpost.protocol.errors import LocalProtocolError
from carrierpost.protocol.message import Payload
from carrierpost.protocol.record import Notes
from carrierpost.protocol.secret import Secret
from carrierpost.protocol.version import Version
from tests.protocol.commands.known import answers, asks, body

AWAY = Oof(
    state=OofState.BETWEEN,
    start_time=dt.datetime(2026, 12, 24, tzinfo=dt.UTC),
    end_time=dt.datetime(2027, 1, 2, tzinfo=dt.UTC),
    messages=(
        OofMessage(audience=Audience.INTERNAL, enabled=True, reply_message="At sea", body_type="Text"),
        OofMessage(audience=Audience.EXTERNAL_KNOWN, enabled=False),
        OofMessage(audience=Audience.EXTERNAL_UNKNOWN, enabled=False, reply_message=""),
    ),
)
WRITTEN = """<OofState>2</OofState><StartTime>2026-12-24T00:00:00.000Z</StartTime>
<EndTime>2027-01-02T00:00:00.000Z</EndTime>
<OofMessage><AppliesToInternal/><Enabled>1</Enabled><ReplyMessage>At sea</ReplyMessage><BodyType>Text</BodyType></OofMessage>
<OofMessage><AppliesToExternalKnown/><Enabled>0</Enabled></OofMessage>
<OofMessage><AppliesToExternalUnknown/><Enabled>0</Enabled><ReplyMessage/></OofMessage>"""


def test_asking_and_setting() -> None:
    """Asked in one format of text, set with one message for each audience."""
    asks(
        SettingsRequest(oof_body_type="HTML"),
        Version.V12_1,
        '<Settings xmlns="Settings"><Oof><Get><BodyType>HTML</BodyType></Get></Oof></Settings>',
    )
    asks(
        SettingsRequest(oof=AWAY),
        Version.V14_1,
        f'<Settings xmlns="Settings"><Oof><Set>{WRITTEN}</Set></Oof></Settings>',
    )


def test_answers_to_both() -> None:
    """What is, or that it was taken; or not."""
    answers(
        SettingsRequest(oof_body_type="Text"),
        SettingsResponse(oof_status=1, oof=AWAY),
        Version.V14_1,
        f"""<Settings xmlns="Settings"><Status>1</Status><Oof><Status>1</Status><Get>{WRITTEN}</Get></Oof></Settings>""",
    )
    for status in (1, 5):
        answers(
            SettingsRequest(oof=AWAY),
            SettingsResponse(oof_status=status),
            Version.V14_1,
            f"""<Settings xmlns="Settings"><Status>1</Status><Oof><Status>{status}</Status></Oof></Settings>""",
        )


def test_a_question_and_a_change_are_two_requests() -> None:
    """[MS-ASCMD] Each setting may come once."""
    with pytest.raises(LocalProtocolError, match="each setting can come once"):
        SettingsRequest(oof=AWAY, oof_body_type="Text").encode(Version.V14_1)


def test_times_belong_to_one_state_alone() -> None:
    """The server would refuse them with another."""
    off = Oof(state=OofState.OFF, start_time=AWAY.start_time, end_time=AWAY.end_time)
    assert SettingsRequest(oof=off).encode(Version.V14_1).body == body(
        '<Settings xmlns="Settings"><Oof><Set><OofState>0</OofState></Set></Oof></Settings>'
    )


def test_WB11_one_odd_message_does_not_hide_the_others() -> None:
    """Nor does an odd state or time; each is noted."""
    notes = Notes()
    read = SettingsRequest(oof_body_type="Text").decode_response(
        Payload(
            body=body(
                """<Settings xmlns="Settings"><Status>1</Status><Oof><Status>1</Status><Get><OofState>9</OofState>
                <StartTime>soon</StartTime><OofMessage><Enabled>1</Enabled></OofMessage>
                <OofMessage><AppliesToInternal/><Enabled>maybe</Enabled></OofMessage></Get></Oof></Settings>"""
            )
        ),
        Version.V14_1,
        notes,
    )
    assert read.oof == Oof(messages=(OofMessage(audience=Audience.INTERNAL),))
    elements = ["OofState", "StartTime", "OofMessage", "Enabled"]
    assert [note.element for note in notes] == [f"Settings:{element}" for element in elements]


def test_a_recovery_password_is_told_and_never_printed() -> None:
    """An administrator can unlock the device with it."""
    request = SettingsRequest(device_password=Secret("1234"))
    asks(
        request,
        Version.V14_1,
        """<Settings xmlns="Settings"><DevicePassword><Set><Password>1234</Password></Set></DevicePassword></Settings>""",
    )
    assert "1234" not in repr(request)
    answers(
        request,
        SettingsResponse(device_password_status=7),
        Version.V14_1,
        """<Settings xmlns="Settings"><Status>1</Status><DevicePassword><Status>7</Status></DevicePassword></Settings>""",
    )
