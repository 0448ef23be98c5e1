"""
Out of office: what the server answers while somebody is away, asked about and changed ([MS-ASCMD] Oof).

The server alone knows it, so it is asked each time and nothing of it is kept here.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping

from carrierpost.engine.context import Context
from carrierpost.engine.errors import EngineError
from carrierpost.protocol.commands.oof import Audience, Oof, OofMessage, OofState
from carrierpost.protocol.commands.settings import SettingsRequest
from carrierpost.protocol.errors import StatusError

__all__ = ["NoOof", "change_oof", "plan_oof", "read_oof"]


class NoOof(EngineError):
    """
    Out of office cannot be set like this, or not at this server.
    """


async def read_oof(context: Context, *, body_type: str = "Text") -> Oof:
    """
    Ask how mail is answered at present.

    Args:
        context: the account.
        body_type: texts are wanted as `Text` or `HTML`.

    Raises:
        NoOof: the server does not tell.
        ClientError, ProtocolError: the server could not be asked, or refused.
    """
    answer = await context.session.send(SettingsRequest(oof_body_type=body_type))
    _check(answer.status, answer.oof_status)
    if answer.oof is None:
        raise NoOof("the server says nothing of out of office; it may not have it")
    return answer.oof


async def change_oof(context: Context, wanted: Oof) -> None:
    """
    Have mail answered like this from now on.

    Raises:
        NoOof: the server does not take it.
        ClientError, ProtocolError: the server could not be asked, or refused.
    """
    answer = await context.session.send(SettingsRequest(oof=wanted))
    _check(answer.status, answer.oof_status)
    if answer.oof_status is None:
        raise NoOof("the server does not say that it has taken this; look with: carrierpost oof show")


def _check(status: int, own: int | None) -> None:
    for one in (status, 1 if own is None else own):
        if one != 1:
            raise StatusError("Settings", one)


def plan_oof(
    held: Oof,
    texts: Mapping[Audience, str | None],
    *,
    start: dt.datetime | None = None,
    end: dt.datetime | None = None,
    body_type: str = "Text",
) -> Oof:
    """
    Decide what to set. Pure.

    Args:
        held: as it is at the server; only audiences that it has can be set ([MS-ASCMD] OofMessage).
        texts: what each audience is answered; `None` for nothing. Those not named are not mentioned, and
            so keep what they have, in the form that they have it.
        start: from when on; both or none.
        end: until when.
        body_type: what the texts are, `Text` or `HTML`.

    Raises:
        NoOof: the server lacks one of the audiences, or the time is none.
    """
    if (start is None) != (end is None):
        raise NoOof("a time needs a start and an end")
    if start is not None and end is not None and end <= start:
        raise NoOof("the time ends before it begins")
    there = {one.audience: one for one in held.messages}
    unknown = [one for one, text in texts.items() if one not in there and text is not None]
    if unknown and there:
        names = ", ".join(one.name.lower().replace("_", " ") for one in unknown)
        raise NoOof(f"the server has no answers for: {names}")
    return Oof(
        state=OofState.ON if start is None else OofState.BETWEEN,
        start_time=start,
        end_time=end,
        messages=tuple(_message(audience, text, body_type) for audience, text in texts.items()),
    )


def _message(audience: Audience, text: str | None, body_type: str) -> OofMessage:
    if text is None:
        return OofMessage(audience=audience, enabled=False)
    return OofMessage(audience=audience, enabled=True, reply_message=text, body_type=body_type)
