"""
Out of office, the part of Settings that answers mail while somebody is away ([MS-ASCMD] Oof).
"""

from __future__ import annotations

import datetime as dt
import enum
from typing import Any

import msgspec

from carrierpost import wbxml
from carrierpost.protocol import datatypes
from carrierpost.protocol.message import number_in, text_in
from carrierpost.protocol.record import Notes
from carrierpost.wbxml.pages import Settings

__all__ = ["Audience", "Oof", "OofMessage", "OofState", "decode_oof", "encode_oof"]


class OofState(enum.IntEnum):
    """
    Whether mail is answered.
    """

    OFF = 0
    ON = 1
    BETWEEN = 2


class Audience(enum.IntEnum):
    """
    Who gets an answer; the values are the elements' tags.
    """

    INTERNAL = Settings.AppliesToInternal
    EXTERNAL_KNOWN = Settings.AppliesToExternalKnown
    EXTERNAL_UNKNOWN = Settings.AppliesToExternalUnknown


class OofMessage(msgspec.Struct, frozen=True, kw_only=True):
    """
    The answer to one audience.

    Attributes:
        audience: who gets it.
        enabled: whether they get it; `None` when not told.
        reply_message: its text; `None` when not told, as by servers that hide it while nobody is away.
        body_type: `Text` or `HTML`; empty when not told.
    """

    audience: Audience
    enabled: bool | None = None
    reply_message: str | None = None
    body_type: str = ""


class Oof(msgspec.Struct, frozen=True, kw_only=True):
    """
    Whether and how mail is answered.

    Attributes:
        state: whether it is.
        start_time: when that begins, for `OofState.BETWEEN`.
        end_time: when it ends.
        messages: one for each audience that the server has; others must not be made up.
    """

    state: OofState = OofState.OFF
    start_time: dt.datetime | None = None
    end_time: dt.datetime | None = None
    messages: tuple[OofMessage, ...] = ()


def encode_oof(oof: Oof) -> list[Any]:
    """
    Write the children of `Get` in an answer, or of `Set` in a request; times go only with `OofState.BETWEEN`.
    """
    children: list[Any] = [Settings.OofState, str(int(oof.state))]
    if oof.state is OofState.BETWEEN:
        for tag, moment in ((Settings.StartTime, oof.start_time), (Settings.EndTime, oof.end_time)):
            if moment is not None:
                children += (tag, datatypes.format_dotted(moment))
    for one in oof.messages:
        inner: list[Any] = [int(one.audience), None]
        if one.enabled is not None:
            inner += (Settings.Enabled, "1" if one.enabled else "0")
        if one.reply_message is not None:
            inner += (Settings.ReplyMessage, one.reply_message)
        if one.body_type:
            inner += (Settings.BodyType, one.body_type)
        children += (Settings.OofMessage, inner)
    return children


def decode_oof(value: wbxml.Value, notes: Notes) -> Oof:
    """
    Read the same; what cannot be read is noted, a state that is none is off.
    """
    number = number_in(value, Settings.OofState, notes)
    known = number in set(OofState)
    if not known and number is not None:
        notes.add(Settings.OofState, f"{number} is no state")
    found = (_message_of(one, notes) for one in wbxml.find_all(value, Settings.OofMessage))
    return Oof(
        state=OofState(number) if number is not None and known else OofState.OFF,
        start_time=_moment(value, Settings.StartTime, notes),
        end_time=_moment(value, Settings.EndTime, notes),
        messages=tuple(one for one in found if one is not None),
    )


def _message_of(value: wbxml.Value, notes: Notes) -> OofMessage | None:
    audiences = [one for one in Audience if wbxml.find(value, one) is not wbxml.ABSENT]
    if not audiences:
        notes.add(Settings.OofMessage, "it is not said whom the message is for")
        return None
    enabled = wbxml.find(value, Settings.Enabled)
    try:
        switched = None if enabled is wbxml.ABSENT else datatypes.parse_boolean(enabled)
    except ValueError as error:
        notes.add(Settings.Enabled, str(error))
        switched = None
    told = wbxml.find(value, Settings.ReplyMessage) is not wbxml.ABSENT
    return OofMessage(
        audience=audiences[0],
        enabled=switched,
        reply_message=text_in(value, Settings.ReplyMessage, notes) if told else None,
        body_type=text_in(value, Settings.BodyType, notes),
    )


def _moment(value: wbxml.Value, tag: int, notes: Notes) -> dt.datetime | None:
    found = wbxml.find(value, tag, None)
    if found is None:
        return None
    try:
        return datatypes.parse_datetime(found)
    except ValueError as error:
        notes.add(tag, str(error))
        return None
