"""
Device policies to try a client with: by name, or from a file.
"""

from __future__ import annotations

import difflib
from collections.abc import Mapping
from typing import Any

import msgspec

from carrierpost.protocol.policy import ProvisioningDocument

__all__ = ["POLICIES", "policy_from"]

POLICIES: dict[str, ProvisioningDocument | None] = {
    "none": None,
    "basic": ProvisioningDocument(
        device_password_enabled=True,
        min_device_password_length=4,
        allow_simple_device_password=True,
        max_inactivity_time_device_lock=900,
        attachments_enabled=True,
    ),
    "strict": ProvisioningDocument(
        device_password_enabled=True,
        alphanumeric_device_password_required=True,
        min_device_password_length=8,
        min_device_password_complex_characters=3,
        allow_simple_device_password=False,
        device_password_expiration=90,
        max_device_password_failed_attempts=8,
        max_inactivity_time_device_lock=300,
        require_device_encryption=True,
        require_storage_card_encryption=True,
        attachments_enabled=True,
        max_attachment_size=5_000_000,
        max_email_age_filter=5,
        max_calendar_age_filter=6,
        allow_camera=False,
        allow_html_email=True,
        allow_desktop_sync=False,
    ),
}
"""Policies by name: `none` asks for nothing, `basic` for a lock code, `strict` for more than most phones like."""


def policy_from(values: Mapping[str, Any]) -> ProvisioningDocument:
    """
    Make a policy from the fields of `ProvisioningDocument`, as they stand in JSON.

    Raises:
        ValueError: there is no such field, or its value is of the wrong kind; says which.
    """
    known = [name for name in ProvisioningDocument.__struct_fields__ if name != "cleared"]
    for name in values:
        if name not in known:
            near = difflib.get_close_matches(name, known, 1)
            raise ValueError(f"a policy has no {name!r}" + (f"; did you mean {near[0]!r}?" if near else ""))
    try:
        return msgspec.convert(dict(values), ProvisioningDocument)
    except msgspec.ValidationError as error:
        raise ValueError(f"the policy cannot be read: {error}") from None
