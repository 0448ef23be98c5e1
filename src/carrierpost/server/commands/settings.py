"""
Settings as a server does it: the device, the user, out of office, the recovery password ([MS-ASCMD] Settings).
"""

from __future__ import annotations

import html

import msgspec

from carrierpost.protocol.commands.oof import Audience, Oof, OofMessage, OofState
from carrierpost.protocol.commands.settings import SettingsRequest, SettingsResponse
from carrierpost.protocol.commands.user_information import UserInformation
from carrierpost.protocol.message import Payload
from carrierpost.protocol.text import html_to_text
from carrierpost.protocol.version import Version
from carrierpost.server.commands.context import Context

__all__ = ["settings"]

_BAD_ARGUMENT, _BY_POLICY = 5, 7
_LONGEST_PASSWORD = 255


async def settings(context: Context) -> Payload:
    """
    Take and tell settings; properties that are not known here are refused.
    """
    request = context.read(SettingsRequest.decode)
    if request == SettingsRequest():
        return SettingsResponse(status=2).encode(context.version)
    if request.device is not None:
        context.device.information = request.device
    oof_status, oof = None, None
    if request.oof is not None:
        oof_status = _set_oof(context, request.oof)
    elif request.oof_body_type:
        oof_status, oof = _told_oof(context, request.oof_body_type)
    return SettingsResponse(
        device_information_status=1 if request.device is not None else None,
        user_information=UserInformation.of(context.mailbox.address) if request.user_information else None,
        oof_status=oof_status,
        oof=oof,
        device_password_status=_set_password(context, request),
    ).encode(context.version)


def _set_oof(context: Context, wanted: Oof) -> int:
    """
    Change out of office; an audience that is not named stays as it is, and everybody is answered anew.
    """
    start, end = wanted.start_time, wanted.end_time
    between = wanted.state is OofState.BETWEEN
    if between and (start is None or end is None or end <= start):
        return _BAD_ARGUMENT
    if not between and (start is not None or end is not None):
        return _BAD_ARGUMENT
    named = [one.audience for one in wanted.messages]
    if len(set(named)) != len(named):
        return _BAD_ARGUMENT
    mailbox = context.mailbox
    messages = {one.audience: one for one in mailbox.oof.messages}
    for one in wanted.messages:
        messages[one.audience] = _over(messages[one.audience], one)
    mailbox.oof = Oof(state=wanted.state, start_time=start, end_time=end, messages=tuple(messages.values()))
    mailbox.oof_answered.clear()
    return 1


def _over(held: OofMessage, wanted: OofMessage) -> OofMessage:
    if wanted.reply_message is None:
        return msgspec.structs.replace(held, enabled=bool(wanted.enabled))
    kind = "HTML" if wanted.body_type.upper() == "HTML" else "Text"
    return msgspec.structs.replace(wanted, enabled=bool(wanted.enabled), body_type=kind)


def _told_oof(context: Context, body_type: str) -> tuple[int, Oof | None]:
    """
    Tell out of office in a format; 16.1 hides the text for colleagues while nobody is away.
    """
    if body_type.upper() not in ("TEXT", "HTML"):
        return _BAD_ARGUMENT, None
    oof = context.mailbox.oof
    messages = tuple(_in_format(one, body_type) for one in oof.messages)
    if oof.state is OofState.OFF and context.version >= Version.V16_1:
        messages = tuple(
            msgspec.structs.replace(one, reply_message=None) if one.audience is Audience.INTERNAL else one
            for one in messages
        )
    return 1, msgspec.structs.replace(oof, messages=messages)


def _in_format(message: OofMessage, body_type: str) -> OofMessage:
    text = message.reply_message or ""
    rich, wanted = message.body_type == "HTML", body_type.upper() == "HTML"
    if rich and not wanted:
        text = html_to_text(text)
    elif wanted and not rich and text:
        text = f"<html><body>{html.escape(text, quote=False)}</body></html>"
    return msgspec.structs.replace(message, reply_message=text, body_type="HTML" if wanted else "Text")


def _set_password(context: Context, request: SettingsRequest) -> int | None:
    """
    Keep a recovery password where the policy wants one.
    """
    if request.device_password is None:
        return None
    policy = context.server.policy
    if policy is None or not policy.password_recovery_enabled:
        return _BY_POLICY
    if len(request.device_password.reveal()) > _LONGEST_PASSWORD:
        return _BAD_ARGUMENT
    context.device.recovery_password = request.device_password
    return 1
