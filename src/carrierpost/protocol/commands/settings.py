"""
Settings: device information, and who the user is ([MS-ASCMD] Settings).
"""

from __future__ import annotations

from typing import Any, ClassVar

import msgspec

from carrierpost import wbxml
from carrierpost.protocol import record
from carrierpost.protocol.commands.device import DeviceInformation
from carrierpost.protocol.message import Payload, Request, body_of, decode_body, status_in
from carrierpost.protocol.record import Notes
from carrierpost.protocol.version import Version
from carrierpost.wbxml.pages import Settings

__all__ = ["SettingsRequest", "SettingsResponse"]


class SettingsResponse(msgspec.Struct, frozen=True, kw_only=True):
    """
    The answer.

    Attributes:
        status: status of the whole, 1 for success; see `carrierpost.protocol.status`.
        device_information_status: how the device information was taken; `None` when none was sent.
        addresses: the user's mail addresses, the primary one first; `None` when they were not asked for.
    """

    status: int = 1
    device_information_status: int | None = None
    addresses: tuple[str, ...] | None = None

    def encode(self, version: Version) -> Payload:
        """
        Encode the answer.
        """
        children: list[Any] = [Settings.Status, str(self.status)]
        if self.device_information_status is not None:
            children += (Settings.DeviceInformation, [Settings.Status, str(self.device_information_status)])
        if self.addresses is not None:
            listed: list[Any] = [part for one in self.addresses for part in (Settings.SMTPAddress, one)]
            if version >= Version.V14_1:
                if self.addresses:
                    listed += (Settings.PrimarySmtpAddress, self.addresses[0])
                inner = [Settings.Accounts, [Settings.Account, [Settings.EmailAddresses, listed]]]
            else:
                inner = [Settings.EmailAddresses, listed]
            children += (Settings.UserInformation, [Settings.Status, "1", Settings.Get, inner])
        return body_of(Settings.Settings, children)


class SettingsRequest(Request[SettingsResponse], frozen=True, kw_only=True):
    """
    Tell the device's properties, ask for the user's addresses, or both.

    Attributes:
        device: what the device is (for versions before 14.1; later ones tell it with Provision).
        user_information: ask for the user's addresses.
    """

    name: ClassVar[str] = "Settings"

    device: DeviceInformation | None = None
    user_information: bool = False

    def encode(self, version: Version) -> Payload:
        """
        Encode the request.
        """
        children: list[Any] = []
        if self.device is not None:
            children += (Settings.DeviceInformation, [Settings.Set, record.encode(self.device, version)])
        if self.user_information:
            children += (Settings.UserInformation, [Settings.Get, None])
        return body_of(Settings.Settings, children)

    @classmethod
    def decode(cls, payload: Payload, version: Version, notes: Notes) -> SettingsRequest:
        """
        Decode a request.

        Raises:
            UnreadableAnswer: no Settings.
        """
        value = decode_body(cls.name, payload, Settings.Settings, notes)
        device = wbxml.find(wbxml.find(value, Settings.DeviceInformation, None), Settings.Set)
        return cls(
            device=None if device is wbxml.ABSENT else record.decode(DeviceInformation, device, notes),
            user_information=wbxml.find(value, Settings.UserInformation) is not wbxml.ABSENT,
        )

    def decode_response(self, payload: Payload, version: Version, notes: Notes) -> SettingsResponse:
        """
        Decode the answer; an empty body means success.

        Raises:
            UnreadableAnswer: no Settings.
        """
        if not payload.body:
            return SettingsResponse()
        value = decode_body(self.name, payload, Settings.Settings, notes)
        device = wbxml.find(value, Settings.DeviceInformation)
        user = wbxml.find(value, Settings.UserInformation)
        return SettingsResponse(
            status=status_in(value, Settings.Status, notes),
            device_information_status=None if device is wbxml.ABSENT else status_in(device, Settings.Status, notes),
            addresses=None if user is wbxml.ABSENT else _addresses(user),
        )


def _addresses(user: wbxml.Value) -> tuple[str, ...]:
    """
    Collect addresses from either form, the primary one first.
    """
    got = wbxml.find(user, Settings.Get, None)
    accounts = wbxml.find_all(wbxml.find(got, Settings.Accounts, None), Settings.Account)
    holders = [wbxml.find(holder, Settings.EmailAddresses, None) for holder in (got, *accounts)]
    found: dict[str, None] = {}
    for holder in holders:
        if primary := wbxml.text(holder, Settings.PrimarySmtpAddress):
            found[primary] = None
    for holder in holders:
        found |= dict.fromkeys(one for one in wbxml.find_all(holder, Settings.SMTPAddress) if isinstance(one, str))
    return tuple(found)
