"""
Settings as a server does it: what the device is, and who the user is ([MS-ASCMD] Settings).
"""

from __future__ import annotations

from carrierpost.protocol.commands.settings import SettingsRequest, SettingsResponse
from carrierpost.protocol.commands.user_information import UserInformation
from carrierpost.protocol.message import Payload
from carrierpost.server.commands.context import Context

__all__ = ["settings"]


async def settings(context: Context) -> Payload:
    """
    Take device information, and tell the user's addresses. Other properties are not known here, and refused.
    """
    request = context.read(SettingsRequest.decode)
    if request.device is None and not request.user_information:
        return SettingsResponse(status=2).encode(context.version)
    if request.device is not None:
        context.device.information = request.device
    return SettingsResponse(
        device_information_status=1 if request.device is not None else None,
        user_information=UserInformation.of(context.mailbox.address) if request.user_information else None,
    ).encode(context.version)
