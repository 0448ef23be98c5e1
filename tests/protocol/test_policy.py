"""
Exchange's device policy ([MS-ASPROV] EASProvisionDoc).
"""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from carrierpost import wbxml
from carrierpost.protocol import record
from carrierpost.protocol.classes import BodyPreference, BodyType, ContentClass
from carrierpost.protocol.policy import ProvisioningDocument, clamp_body, clamp_filter
from carrierpost.protocol.record import Notes
from carrierpost.protocol.version import Version
from carrierpost.wbxml.pages import Provision
from tests.protocol.strategies import records, seen, versions

NUMBERS = {
    "min_device_password_length", "max_inactivity_time_device_lock", "max_device_password_failed_attempts",
    "max_attachment_size", "device_password_expiration", "device_password_history",
    "min_device_password_complex_characters", "allow_bluetooth", "max_calendar_age_filter", "max_email_age_filter",
    "max_email_body_truncation_size", "max_email_html_body_truncation_size", "require_signed_smime_algorithm",
    "require_encryption_smime_algorithm", "allow_smime_encryption_algorithm_negotiation",
}  # fmt: skip


@given(records(ProvisioningDocument), versions)
def test_documents_come_back(document: ProvisioningDocument, version: Version) -> None:
    """Every demand that the version knows."""
    data = wbxml.encode(Provision.EASProvisionDoc, record.encode(document, version))
    assert record.decode(ProvisioningDocument, wbxml.decode(data).value) == seen(document, version)


def test_each_demand_has_its_type() -> None:
    """Numbers are numbers, two are lists, all others are yes or no."""
    for name, _, annotation in record.fields_of(ProvisioningDocument):
        if name in NUMBERS:
            assert annotation == int | None, name
        elif name.endswith("_application_list"):
            assert annotation == tuple[str, ...] | None, name
        else:
            assert annotation == bool | None, name


def test_what_is_missing_or_empty_is_not_demanded() -> None:
    """A number, a list; but an empty boolean is true, as everywhere."""
    read = record.decode(
        ProvisioningDocument,
        [
            Provision.MinDevicePasswordLength, None,
            Provision.ApprovedApplicationList, None,
            Provision.MaxEmailAgeFilter, "",
        ],
    )  # fmt: skip
    assert read.min_device_password_length is None
    assert read.approved_application_list == ()
    assert read.max_email_age_filter is None
    assert read.device_password_enabled is None


def test_WB11_one_odd_demand_does_not_hide_the_others() -> None:
    """It is noted."""
    notes = Notes()
    read = record.decode(
        ProvisioningDocument,
        [Provision.DevicePasswordEnabled, "yes, please", Provision.MinDevicePasswordLength, "6"],
        notes,
    )
    assert read == ProvisioningDocument(min_device_password_length=6)
    assert [note.element for note in notes] == ["Provision:DevicePasswordEnabled"]


@pytest.mark.parametrize(
    ("limit", "wanted", "allowed"),
    [(None, 0, 0), (0, 0, 0), (3, 0, 3), (3, 5, 3), (3, 3, 3), (3, 1, 1), (5, 4, 4), (9999, 0, 0)],
)
def test_the_policy_narrows_how_far_back_mail_goes(limit: int | None, wanted: int, allowed: int) -> None:
    """0 means everything, on either side; the rest grows with its reach."""
    document = ProvisioningDocument(max_email_age_filter=limit)
    assert clamp_filter(document, ContentClass.EMAIL, wanted) == allowed


def test_each_class_has_its_own_limit() -> None:
    """Calendars another than mail, the rest none; incomplete tasks are no span of time."""
    document = ProvisioningDocument(max_email_age_filter=1, max_calendar_age_filter=4)
    assert clamp_filter(document, ContentClass.CALENDAR, 7) == 4
    assert clamp_filter(document, ContentClass.CONTACTS, 0) == 0
    assert clamp_filter(document, ContentClass.TASKS, 8) == 8
    assert clamp_filter(document, ContentClass.EMAIL, 8) == 8
    assert clamp_filter(document, None, 0) == 0


@given(st.integers(-1, 10), st.integers(0, 8))
def test_clamping_never_widens(limit: int, wanted: int) -> None:
    """And clamping again changes nothing."""
    document = ProvisioningDocument(max_email_age_filter=limit)
    allowed = clamp_filter(document, ContentClass.EMAIL, wanted)
    assert allowed == wanted or (allowed == limit and (wanted == 0 or allowed < wanted))
    assert clamp_filter(document, ContentClass.EMAIL, allowed) == allowed


@pytest.mark.parametrize(
    ("plain", "html", "kind", "wanted", "allowed"),
    [
        (None, None, BodyType.PLAIN, 500, 500),
        (-1, -1, BodyType.PLAIN, None, None),
        (100, -1, BodyType.PLAIN, None, 100),
        (100, -1, BodyType.PLAIN, 500, 100),
        (100, -1, BodyType.PLAIN, 50, 50),
        (0, -1, BodyType.PLAIN, 500, 0),
        (100, -1, BodyType.HTML, 500, 500),
        (100, 200, BodyType.HTML, 500, 200),
        (100, 200, BodyType.MIME, 500, 100),
        (-1, 200, BodyType.MIME, None, 200),
    ],
)
def test_the_policy_shortens_bodies(
    plain: int | None, html: int | None, kind: BodyType, wanted: int | None, allowed: int | None
) -> None:
    """Each kind of text by its own limit, where -1 is none and 0 leaves only headers."""
    document = ProvisioningDocument(max_email_body_truncation_size=plain, max_email_html_body_truncation_size=html)
    preference = BodyPreference(type=kind, truncation_size=wanted, all_or_none=True)
    assert clamp_body(document, preference) == BodyPreference(type=kind, truncation_size=allowed, all_or_none=True)
