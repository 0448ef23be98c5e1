"""
Settings ([MS-ASCMD] Settings).
"""

from __future__ import annotations

import pytest

from carrierpost.protocol.commands.device import DeviceInformation
from carrierpost.protocol.commands.settings import SettingsRequest, SettingsResponse
from carrierpost.protocol.commands.user_information import (
    EmailAddresses,
    RightsTemplate,
    RightsTemplates,
    UserAccount,
    UserInformation,
)
from carrierpost.protocol.message import Payload
from carrierpost.protocol.record import Notes
from carrierpost.protocol.version import Version
from tests.protocol.commands.known import answers, asks, body, received


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


def test_who_the_user_is_in_both_forms() -> None:
    """Up to 14.0 a list of addresses, from 14.1 on accounts, of each the primary address named; both mean the same."""
    request = SettingsRequest(user_information=True)
    asks(request, Version.V14_0, '<Settings xmlns="Settings"><UserInformation><Get/></UserInformation></Settings>')
    told = UserInformation.of("ada@example.org", "a@example.org")
    listed = "<SMTPAddress>ada@example.org</SMTPAddress><SMTPAddress>a@example.org</SMTPAddress>"
    old = f"""<Settings xmlns="Settings"><Status>1</Status><UserInformation><Status>1</Status><Get>
        <EmailAddresses>{listed}</EmailAddresses></Get></UserInformation></Settings>"""
    assert SettingsResponse(user_information=told).encode(Version.V14_0).body == body(old)
    assert received(request, old).user_information.addresses == told.addresses == ("ada@example.org", "a@example.org")
    answers(
        request,
        SettingsResponse(user_information=told),
        Version.V14_1,
        f"""<Settings xmlns="Settings"><Status>1</Status><UserInformation><Status>1</Status><Get><Accounts><Account>
        <EmailAddresses>{listed}<PrimarySmtpAddress>ada@example.org</PrimarySmtpAddress></EmailAddresses>
        </Account></Accounts></Get></UserInformation></Settings>""",
    )


def test_a_user_may_have_several_accounts() -> None:
    """One of them cannot send; primary addresses come first, and none twice."""
    accounts = (
        UserAccount(email_addresses=EmailAddresses(smtp_addresses=("a@example.org", "ada@example.org"),
                                                   primary_smtp_address="ada@example.org")),
        UserAccount(account_id="7", account_name="Office", user_display_name="The office", send_disabled=True,
                    email_addresses=EmailAddresses(smtp_addresses=("a@example.org", "office@example.org"))),
    )  # fmt: skip
    answers(
        SettingsRequest(user_information=True),
        SettingsResponse(user_information=UserInformation(accounts=accounts)),
        Version.V16_1,
        """<Settings xmlns="Settings"><Status>1</Status><UserInformation><Status>1</Status><Get><Accounts>
        <Account><EmailAddresses><SMTPAddress>a@example.org</SMTPAddress><SMTPAddress>ada@example.org</SMTPAddress>
        <PrimarySmtpAddress>ada@example.org</PrimarySmtpAddress></EmailAddresses></Account>
        <Account><AccountId>7</AccountId><AccountName>Office</AccountName>
        <UserDisplayName>The office</UserDisplayName><SendDisabled>1</SendDisabled>
        <EmailAddresses><SMTPAddress>a@example.org</SMTPAddress><SMTPAddress>office@example.org</SMTPAddress>
        </EmailAddresses></Account></Accounts></Get></UserInformation></Settings>""",
    )
    assert UserInformation(accounts=accounts).addresses == ("ada@example.org", "a@example.org", "office@example.org")


def test_rights_templates_are_told_from_14_1_on() -> None:
    """Older versions do not ask; a refusal has a status of its own."""
    request = SettingsRequest(rights_management_information=True)
    asks(request, Version.V14_0, '<Settings xmlns="Settings"/>', heard=SettingsRequest())
    asks(
        request,
        Version.V14_1,
        """<Settings xmlns="Settings"><RightsManagementInformation><Get/></RightsManagementInformation></Settings>""",
    )
    template = RightsTemplate(template_id="t1", template_name="Secret", template_description="Nobody prints this")
    answers(
        request,
        SettingsResponse(rights_templates=RightsTemplates(templates=(template,))),
        Version.V14_1,
        """<Settings xmlns="Settings"><Status>1</Status><RightsManagementInformation><Status>1</Status><Get>
        <RightsManagementTemplates xmlns="RightsManagement"><RightsManagementTemplate>
        <TemplateID>t1</TemplateID><TemplateName>Secret</TemplateName>
        <TemplateDescription>Nobody prints this</TemplateDescription></RightsManagementTemplate>
        </RightsManagementTemplates></Get></RightsManagementInformation></Settings>""",
    )
    answers(
        request,
        SettingsResponse(rights_templates=RightsTemplates(status=168)),
        Version.V14_1,
        """<Settings xmlns="Settings"><Status>1</Status>
        <RightsManagementInformation><Status>168</Status></RightsManagementInformation></Settings>""",
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
