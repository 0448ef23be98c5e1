"""
Settings: who the user is, and what the device is.
"""

from __future__ import annotations

import pytest

from carrierpost.protocol.commands.device import DeviceInformation
from carrierpost.protocol.commands.settings import SettingsRequest
from carrierpost.protocol.version import Version
from carrierpost.wbxml.pages import Settings
from tests.server.phone import ADA, Phone, make_server, status_of
from tests.support.virtual import virtual


@pytest.mark.parametrize("version", Version)
def test_both_are_answered_in_one(version: Version) -> None:
    """Device information is kept, and the user's addresses come back, in the form of each version."""

    @virtual
    async def story() -> None:
        phone = Phone(make_server(), version=version)
        device = DeviceInformation(model="M", friendly_name="Ada's", os="OS", user_agent="U/1")
        answer = await phone.ask(SettingsRequest(device=device, user_information=True))
        assert answer.user_information is not None
        assert (answer.status, answer.device_information_status, answer.user_information.addresses) == (1, 1, (ADA,))
        assert phone.server.device(ADA).information == device

    story()


@virtual
async def test_what_is_not_known_is_refused() -> None:
    """Nothing at all, and properties that this server does not have, get 2."""
    phone = Phone(make_server())
    assert status_of(await phone.post("Settings", Settings.Settings, [])) == (200, 2)
    oof = [Settings.Oof, [Settings.Get, [Settings.BodyType, "Text"]]]
    assert status_of(await phone.post("Settings", Settings.Settings, oof)) == (200, 2)
