"""
What a device tells a server about itself; goes inside Provision from 14.1 on and by Settings before.
"""

from __future__ import annotations

from typing import Annotated

from carrierpost.protocol.record import At, Record
from carrierpost.wbxml.pages import Settings

__all__ = ["DeviceInformation"]


class DeviceInformation(Record, frozen=True):
    """
    A device, as an administrator sees it in the server's list ([MS-ASCMD] DeviceInformation).

    Attributes:
        model: what it is.
        imei: its number in the mobile network.
        friendly_name: a name for people.
        os: its operating system.
        os_language: that system's language.
        phone_number: its phone number.
        user_agent: the program.
        enable_outbound_sms: whether it sends SMS for the server (14.0 and later).
        mobile_operator: whose network it is in (14.0 and later).
    """

    model: Annotated[str | None, At(Settings.Model)] = None
    imei: Annotated[str | None, At(Settings.IMEI)] = None
    friendly_name: Annotated[str | None, At(Settings.FriendlyName)] = None
    os: Annotated[str | None, At(Settings.OS)] = None
    os_language: Annotated[str | None, At(Settings.OSLanguage)] = None
    phone_number: Annotated[str | None, At(Settings.PhoneNumber)] = None
    user_agent: Annotated[str | None, At(Settings.UserAgent)] = None
    enable_outbound_sms: Annotated[bool | None, At(Settings.EnableOutboundSMS)] = None
    mobile_operator: Annotated[str | None, At(Settings.MobileOperator)] = None
