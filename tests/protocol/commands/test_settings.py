"""
Settings ([MS-ASCMD] Settings).
"""

from __future__ import annotations

import pytest

from carrierpost.protocol.commands.device import DeviceInformation
from carrierpost.protocol.commands.settings import SettingsRequest, SettingsResponse
from carrierpost.protocol.message import Payload
from carrierpost.protocol.record import Notes
from carrierpost.protocol.version import Version
from tests.protocol.commands.known import answers, asks, received


@pytest.mark.parametrize("version", Version)
def test_device_information_is_told(version: Version) -> None:
    """Elements in the order of the schema; two of them exist from 14.0 on."""
    later = "<EnableOutboundSMS>1</EnableOutboundSMS><MobileOperator>Sea</MobileOperator>"
    told = DeviceInformation(
        model="m", imei="1", friendly_name="f", os="o", os_language="l", phone_number="p", user_agent="u"
    )
    both = DeviceInformation(
        model="m", imei="1", friendly_name="f", os="o", os_language="l", phone_number="p", user_agent="u",
        enable_outbound_sms=True, mobile_operator="Sea",
    )  # fmt: skip
    asks(
        SettingsRequest(device=both),
        version,
        f"""<Settings xmlns="Settings">
          <DeviceInformation>
            <Set>
              <Model>m</Model>
              <IMEI>1</IMEI>
              <FriendlyName>f</FriendlyName>
              <OS>o</OS>
              <OSLanguage>l</OSLanguage>
              <PhoneNumber>p</PhoneNumber>
              <UserAgent>u</UserAgent>{later if version >= Version.V14_0 else ""}
            </Set>
          </DeviceInformation>
        </Settings>""",
        heard=SettingsRequest(device=both if version >= Version.V14_0 else told),
    )


def test_device_information_is_taken() -> None:
    """A status of the whole, and one of its own."""
    answers(
        SettingsRequest(),
        SettingsResponse(device_information_status=1),
        Version.V12_1,
        """<Settings xmlns="Settings"><Status>1</Status>
        <DeviceInformation><Status>1</Status></DeviceInformation></Settings>""",
    )


def test_addresses_in_both_forms() -> None:
    """Up to 14.0 a list, from 14.1 on inside accounts, with the primary one named."""
    request = SettingsRequest(user_information=True)
    asks(request, Version.V14_0, '<Settings xmlns="Settings"><UserInformation><Get/></UserInformation></Settings>')
    told = SettingsResponse(addresses=("ada@example.org", "a@example.org"))
    listed = "<SMTPAddress>ada@example.org</SMTPAddress><SMTPAddress>a@example.org</SMTPAddress>"
    answers(
        request,
        told,
        Version.V14_0,
        f"""<Settings xmlns="Settings"><Status>1</Status><UserInformation><Status>1</Status><Get>
        <EmailAddresses>{listed}</EmailAddresses></Get></UserInformation></Settings>""",
    )
    answers(
        request,
        told,
        Version.V14_1,
        f"""<Settings xmlns="Settings"><Status>1</Status><UserInformation><Status>1</Status><Get><Accounts><Account>
        <EmailAddresses>{listed}<PrimarySmtpAddress>ada@example.org</PrimarySmtpAddress></EmailAddresses>
        </Account></Accounts></Get></UserInformation></Settings>""",
    )


def test_SK8_an_empty_answer_is_a_success() -> None:
    """No body, or nothing but a Status that is missing."""
    assert SettingsRequest().decode_response(Payload(), Version.V14_1, Notes()) == SettingsResponse()
    assert received(SettingsRequest(), '<Settings xmlns="Settings"/>') == SettingsResponse()


def test_a_refused_part_has_its_own_status() -> None:
    """Denied by policy, while the whole succeeds."""
    read = received(
        SettingsRequest(),
        """<Settings xmlns="Settings"><Status>1</Status>
        <DeviceInformation><Status>7</Status></DeviceInformation></Settings>""",
    )
    assert (read.status, read.device_information_status) == (1, 7)
