"""
Provision ([MS-ASPROV]).
"""

from __future__ import annotations

import pytest

from carrierpost.protocol.commands.device import DeviceInformation
from carrierpost.protocol.commands.provision import Compliance, Policy, ProvisionRequest, ProvisionResponse, WipeKind
from carrierpost.protocol.message import Payload
from carrierpost.protocol.policy import ProvisioningDocument
from carrierpost.protocol.record import Notes
from carrierpost.protocol.version import Version
from tests.protocol.commands.known import answers, asks, received

DEVICE = DeviceInformation(model="Carrierpost", os="Linux", friendly_name="A hub", enable_outbound_sms=False)
POLICY = """
  <Policies>
    <Policy>
      <PolicyType>MS-EAS-Provisioning-WBXML</PolicyType>
    </Policy>
  </Policies>"""


@pytest.mark.parametrize("version", [Version.V14_1, Version.V16_0, Version.V16_1])
def test_PV2_the_first_phase_tells_the_device_from_14_1_on(version: Version) -> None:
    """Device information stands before the policies; without it 14.1 answers 165."""
    asks(
        ProvisionRequest(device=DEVICE, policy=Policy()),
        version,
        f"""<Provision xmlns="Provision">
          <DeviceInformation xmlns="Settings">
            <Set>
              <Model>Carrierpost</Model>
              <FriendlyName>A hub</FriendlyName>
              <OS>Linux</OS>
              <EnableOutboundSMS>0</EnableOutboundSMS>
            </Set>
          </DeviceInformation>{POLICY}
        </Provision>""",
    )


@pytest.mark.parametrize("version", [Version.V12_1, Version.V14_0])
def test_PV2_the_first_phase_tells_only_the_policy_type_before_14_1(version: Version) -> None:
    """Older servers find device information inside Provision malformed."""
    asks(
        ProvisionRequest(device=DEVICE, policy=Policy()),
        version,
        f'<Provision xmlns="Provision">{POLICY}</Provision>',
        heard=ProvisionRequest(policy=Policy()),
    )


def test_the_policy_is_offered_with_a_temporary_key() -> None:
    """The answer to the first phase: statuses, key and document."""
    answers(
        ProvisionRequest(),
        ProvisionResponse(
            device_information_status=1,
            policy=Policy(
                status=1,
                key="1307199584",
                document=ProvisioningDocument(
                    device_password_enabled=True,
                    min_device_password_length=4,
                    max_email_age_filter=5,
                    approved_application_list=("hash",),
                ),
            ),
        ),
        Version.V14_1,
        """<Provision xmlns="Provision">
          <DeviceInformation xmlns="Settings"><Status>1</Status></DeviceInformation>
          <Status>1</Status>
          <Policies>
            <Policy>
              <PolicyType>MS-EAS-Provisioning-WBXML</PolicyType>
              <Status>1</Status>
              <PolicyKey>1307199584</PolicyKey>
              <Data>
                <EASProvisionDoc>
                  <DevicePasswordEnabled>1</DevicePasswordEnabled>
                  <MinDevicePasswordLength>4</MinDevicePasswordLength>
                  <MaxEmailAgeFilter>5</MaxEmailAgeFilter>
                  <ApprovedApplicationList><Hash>hash</Hash></ApprovedApplicationList>
                </EASProvisionDoc>
              </Data>
            </Policy>
          </Policies>
        </Provision>""",
    )


@pytest.mark.parametrize("compliance", Compliance)
def test_the_second_phase_says_how_far_we_comply(compliance: Compliance) -> None:
    """Type, the temporary key, and 1 to 4, in this order."""
    asks(
        ProvisionRequest(policy=Policy(key="1307199584", status=int(compliance))),
        Version.V12_1,
        f"""<Provision xmlns="Provision">
          <Policies>
            <Policy>
              <PolicyType>MS-EAS-Provisioning-WBXML</PolicyType>
              <PolicyKey>1307199584</PolicyKey>
              <Status>{compliance}</Status>
            </Policy>
          </Policies>
        </Provision>""",
    )


@pytest.mark.parametrize(
    ("kind", "element"), [(WipeKind.DEVICE, "RemoteWipe"), (WipeKind.ACCOUNT, "AccountOnlyRemoteWipe")]
)
def test_WI1_a_wipe_is_ordered_and_acknowledged(kind: WipeKind, element: str) -> None:
    """An empty Provision asks, an empty element orders, its Status acknowledges."""
    asks(ProvisionRequest(), Version.V16_1, '<Provision xmlns="Provision"/>')
    answers(
        ProvisionRequest(),
        ProvisionResponse(wipe=kind),
        Version.V16_1,
        f'<Provision xmlns="Provision"><Status>1</Status><{element}/></Provision>',
    )
    for wiped, status in ((True, 1), (False, 2)):
        asks(
            ProvisionRequest(wipe=kind, wiped=wiped),
            Version.V16_1,
            f'<Provision xmlns="Provision"><{element}><Status>{status}</Status></{element}></Provision>',
        )


def test_PV5_no_policy_is_an_answer() -> None:
    """Status 2 of the policy, with a success of the whole."""
    read = received(
        ProvisionRequest(),
        """<Provision xmlns="Provision"><Status>1</Status><Policies><Policy>
        <PolicyType>MS-EAS-Provisioning-WBXML</PolicyType><Status>2</Status></Policy></Policies></Provision>""",
    )
    assert read.policy == Policy(status=2)


def test_WB10_a_missing_status_is_a_success() -> None:
    """Tencent Exmail leaves it out."""
    read = received(ProvisionRequest(), f'<Provision xmlns="Provision">{POLICY}</Provision>')
    assert (read.status, read.policy) == (1, Policy())


def test_a_status_that_is_no_number_is_no_success() -> None:
    """It is noted, and taken for a status that nobody knows."""
    notes = Notes()
    payload = Payload(body=ProvisionResponse().encode(Version.V14_1).body.replace(b"1\x00", b"x\x00"))
    assert ProvisionRequest().decode_response(payload, Version.V14_1, notes).status == 0
    assert notes[0].element == "Provision:Status"


def test_a_policy_of_another_kind_has_no_document() -> None:
    """[MS-ASPROV] The WAP type's Data is text, which is not for us."""
    read = received(
        ProvisionRequest(),
        """<Provision xmlns="Provision"><Status>1</Status><Policies><Policy><PolicyType>MS-WAP-Provisioning-XML</PolicyType>
        <Status>1</Status><PolicyKey>7</PolicyKey><Data>&lt;wap/&gt;</Data></Policy></Policies></Provision>""",
    )
    assert read.policy == Policy(type="MS-WAP-Provisioning-XML", status=1, key="7")
