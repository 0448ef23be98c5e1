"""
Settings: device information, who the user is, out of office, the recovery password ([MS-ASCMD] 2.2.1.18 Settings).
"""

from __future__ import annotations

from typing import Any, ClassVar

import msgspec

from carrierpost import wbxml
from carrierpost.protocol import record
from carrierpost.protocol.commands.device import DeviceInformation
from carrierpost.protocol.commands.oof import Oof, decode_oof, encode_oof
from carrierpost.protocol.commands.user_information import (
    RightsTemplates,
    UserInformation,
    decode_templates,
    decode_user,
    encode_templates,
    encode_user,
)
from carrierpost.protocol.errors import LocalProtocolError
from carrierpost.protocol.message import Payload, Request, body_of, decode_body, status_in
from carrierpost.protocol.record import Notes
from carrierpost.protocol.secret import Secret
from carrierpost.protocol.version import Version
from carrierpost.wbxml.pages import Settings

__all__ = ["SettingsRequest", "SettingsResponse"]


class SettingsResponse(msgspec.Struct, frozen=True, kw_only=True):
    """
    The answer.

    Attributes:
        status: status of the whole, 1 for success; see `carrierpost.protocol.status`.
        device_information_status: how the device information was taken; `None` when none was sent.
        user_information: who the user is; `None` when not asked for.
        rights_templates: the rights templates there are (14.1 and later); `None` when not asked for.
        oof_status: how the question or change of out of office went; `None` when there was none.
        oof: out of office as it is, when it was asked for.
        device_password_status: how the recovery password was taken; `None` when none was sent.
    """

    status: int = 1
    device_information_status: int | None = None
    user_information: UserInformation | None = None
    rights_templates: RightsTemplates | None = None
    oof_status: int | None = None
    oof: Oof | None = None
    device_password_status: int | None = None

    def encode(self, version: Version) -> Payload:
        """
        Encode the answer.
        """
        children: list[Any] = [Settings.Status, str(self.status)]
        if self.oof_status is not None:
            got = [] if self.oof is None else [Settings.Get, encode_oof(self.oof)]
            children += (Settings.Oof, [Settings.Status, str(self.oof_status), *got])
        if self.device_password_status is not None:
            children += (Settings.DevicePassword, [Settings.Status, str(self.device_password_status)])
        if self.device_information_status is not None:
            children += (Settings.DeviceInformation, [Settings.Status, str(self.device_information_status)])
        if self.user_information is not None:
            children += (Settings.UserInformation, encode_user(self.user_information, version))
        if self.rights_templates is not None and version >= Version.V14_1:
            children += (Settings.RightsManagementInformation, encode_templates(self.rights_templates, version))
        return body_of(Settings.Settings, children)


class SettingsRequest(Request[SettingsResponse], frozen=True, kw_only=True):
    """
    Tell the device's properties, ask who the user is, ask about out of office or change it, and so on.

    Attributes:
        device: what the device is (for versions before 14.1; later ones tell it with Provision).
        user_information: ask who the user is.
        rights_management_information: ask for the rights templates (14.1 and later).
        oof_body_type: ask about out of office, with texts as `Text` or `HTML`.
        oof: change out of office to this; not together with a question about it.
        device_password: a password by which an administrator can unlock the device.
    """

    name: ClassVar[str] = "Settings"

    device: DeviceInformation | None = None
    user_information: bool = False
    rights_management_information: bool = False
    oof_body_type: str = ""
    oof: Oof | None = None
    device_password: Secret | None = None

    def encode(self, version: Version) -> Payload:
        """
        Encode the request.

        Raises:
            LocalProtocolError: out of office is asked about and changed at once.
        """
        children: list[Any] = []
        if self.oof is not None and self.oof_body_type:
            raise LocalProtocolError("each setting can come once; ask about out of office after changing it")
        if self.oof_body_type:
            children += (Settings.Oof, [Settings.Get, [Settings.BodyType, self.oof_body_type]])
        if self.oof is not None:
            children += (Settings.Oof, [Settings.Set, encode_oof(self.oof)])
        if self.device_password is not None:
            set_to = [Settings.Password, self.device_password.reveal()]
            children += (Settings.DevicePassword, [Settings.Set, set_to])
        if self.device is not None:
            children += (Settings.DeviceInformation, [Settings.Set, record.encode(self.device, version)])
        if self.user_information:
            children += (Settings.UserInformation, [Settings.Get, None])
        if self.rights_management_information and version >= Version.V14_1:
            children += (Settings.RightsManagementInformation, [Settings.Get, None])
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
        oof = wbxml.find(value, Settings.Oof, None)
        change = wbxml.find(oof, Settings.Set)
        password = wbxml.text(
            wbxml.find(wbxml.find(value, Settings.DevicePassword, None), Settings.Set, None), Settings.Password
        )
        return cls(
            oof_body_type=wbxml.text(wbxml.find(oof, Settings.Get, None), Settings.BodyType),
            oof=None if change is wbxml.ABSENT else decode_oof(change, notes),
            device_password=Secret(password) if password else None,
            device=None if device is wbxml.ABSENT else record.decode(DeviceInformation, device, notes),
            user_information=wbxml.find(value, Settings.UserInformation) is not wbxml.ABSENT,
            rights_management_information=wbxml.find(value, Settings.RightsManagementInformation) is not wbxml.ABSENT,
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
        rights = wbxml.find(value, Settings.RightsManagementInformation)
        oof, password = wbxml.find(value, Settings.Oof), wbxml.find(value, Settings.DevicePassword)
        got = wbxml.find(oof, Settings.Get)
        return SettingsResponse(
            oof_status=None if oof is wbxml.ABSENT else status_in(oof, Settings.Status, notes),
            oof=None if got is wbxml.ABSENT else decode_oof(got, notes),
            device_password_status=None if password is wbxml.ABSENT else status_in(password, Settings.Status, notes),
            status=status_in(value, Settings.Status, notes),
            device_information_status=None if device is wbxml.ABSENT else status_in(device, Settings.Status, notes),
            user_information=None if user is wbxml.ABSENT else decode_user(user, notes),
            rights_templates=None if rights is wbxml.ABSENT else decode_templates(rights, notes),
        )
