"""
The server's device policy, judged: what is demanded, how it stands, and what the server is told.
"""

from __future__ import annotations

import msgspec
import pytest

from carrierpost.policy import Capabilities, Judgement, Verdict, compliance, judge, judge_stored
from carrierpost.policy.device import _RULES
from carrierpost.protocol.commands.provision import Compliance
from carrierpost.protocol.policy import ProvisioningDocument

HUB = Capabilities()


def _verdicts(document: ProvisioningDocument, hub: Capabilities = HUB) -> dict[str, str]:
    return {one.name: one.verdict.value for one in judge(document, hub)}


def test_every_element_of_the_policy_has_a_rule() -> None:
    """No element that a server may send goes unjudged, and no rule is about one that there is not."""
    assert set(_RULES) == set(ProvisioningDocument.__struct_fields__) - {"cleared"}


def test_what_is_allowed_demands_nothing() -> None:
    """A policy that permits everything, or leaves everything open, has nothing to be judged and is applied."""
    permissive = ProvisioningDocument(
        device_password_enabled=False,
        min_device_password_length=8,
        attachments_enabled=True,
        allow_camera=True,
        allow_bluetooth=2,
        max_email_age_filter=0,
        max_email_body_truncation_size=-1,
        max_inactivity_time_device_lock=9999,
    )
    assert judge(permissive, HUB) == ()
    assert judge(ProvisioningDocument(), HUB) == ()
    assert compliance(()) is Compliance.APPLIED


def test_PV7_a_lock_is_not_met_and_said_so() -> None:
    """A hub cannot lock a phone: the demand and all that belongs to it are not met, with the reason."""
    document = ProvisioningDocument(
        device_password_enabled=True, min_device_password_length=6, max_inactivity_time_device_lock=300
    )
    found = judge(document, HUB)
    assert [(one.name, one.demand) for one in found] == [
        ("DevicePasswordEnabled", "yes"),
        ("MinDevicePasswordLength", "6"),
        ("MaxInactivityTimeDeviceLock", "300"),
    ]
    assert {one.verdict for one in found} == {Verdict.NOT_MET}
    assert all("lock" in one.reason for one in found)
    assert compliance(found) is Compliance.NOT_APPLIED


@pytest.mark.parametrize(("encrypted", "verdict"), [(True, Verdict.MET), (False, Verdict.NOT_MET)])
def test_encryption_is_judged_by_what_the_hub_does(encrypted: bool, verdict: Verdict) -> None:
    """Encryption of the device is met exactly when the store is encrypted."""
    document = ProvisioningDocument(require_device_encryption=True)
    assert [one.verdict for one in judge(document, Capabilities(encrypted=encrypted))] == [verdict]


def test_parts_that_a_hub_lacks_do_not_apply() -> None:
    """Camera, storage card, radio and programs are no obstacle to a truthful 'applied'."""
    document = ProvisioningDocument(
        allow_camera=False, allow_storage_card=False, allow_bluetooth=0, approved_application_list=("0123",)
    )
    found = judge(document, HUB)
    assert {one.verdict for one in found} == {Verdict.NOT_APPLICABLE}
    assert compliance(found) is Compliance.APPLIED


def test_PV7_a_mixed_policy_is_partly_applied_and_the_unmet_stands_first() -> None:
    """One demand that is met and one that is not: partly applied; what an administrator looks for is on top."""
    document = ProvisioningDocument(
        allow_html_email=False, max_email_age_filter=3, device_password_enabled=True, allow_camera=False
    )
    found = judge(document, HUB)
    assert found[0].name == "DevicePasswordEnabled"
    assert found[-1].verdict is Verdict.NOT_APPLICABLE
    assert compliance(found) is Compliance.PARTLY_APPLIED


def test_a_stored_policy_is_judged_like_the_one_it_was() -> None:
    """What the account keeps as JSON gives the same judgements; rubbish demands nothing."""
    document = ProvisioningDocument(require_device_encryption=True, device_password_enabled=True)
    stored = {"document": msgspec.json.decode(msgspec.json.encode(document)), "compliance": "PARTLY_APPLIED"}
    assert judge_stored(stored, HUB) == judge(document, HUB)
    assert judge_stored({}, HUB) == ()
    assert judge_stored({"document": {"require_device_encryption": "perhaps"}}, HUB) == ()


def test_signing_is_not_claimed() -> None:
    """Messages are not signed by themselves, so a policy that demands it is not met."""
    assert _verdicts(ProvisioningDocument(require_signed_smime_messages=True)) == {
        "RequireSignedSMIMEMessages": "not met"
    }
    signing = Capabilities(signs=True)
    assert _verdicts(ProvisioningDocument(require_signed_smime_messages=True), signing) == {
        "RequireSignedSMIMEMessages": "met"
    }


def test_a_judgement_says_demand_and_reason() -> None:
    """Each judgement is a sentence that a person can read."""
    (found,) = judge(ProvisioningDocument(max_attachment_size=1000), HUB)
    assert found == Judgement("MaxAttachmentSize", "1000", Verdict.MET, "larger attachments are not fetched")
