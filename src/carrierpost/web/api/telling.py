"""
Why a device was told of something, or not, and what would happen to a mail arriving now.
"""

from __future__ import annotations

from typing import Annotated

import msgspec

from carrierpost.notify.trace import is_late
from carrierpost.store import NotHeld
from carrierpost.web.api.notices import notices_of
from carrierpost.web.operations import Call, Operations
from carrierpost.web.problems import Problem
from carrierpost.web.views import ForecastView, ItemTraceView, ToldView, forecast_view, item_trace_view, told_view

__all__ = ["operations"]

operations = Operations()

_LOOKED_AT = 1000  # newest notices of a device, among which late ones are looked for


class ToldQuery(msgspec.Struct, frozen=True, kw_only=True):
    """
    Which notices are meant.

    Attributes:
        late: only those that came late, or never although they should have.
        limit: how many at most, the newest first.
    """

    late: bool = False
    limit: Annotated[int, msgspec.Meta(ge=1, le=500)] = 50


@operations("GET", "/accounts/{account_id}/items/{item_id}/trace", problems=(503,))
async def see_trace(call: Call, account_id: int, item_id: int) -> ItemTraceView:
    """
    Show the way of a mail or an event to each device, step by step, and how it ended; to a device only its own.
    """
    account = call.account(account_id)
    try:
        found = item_trace_view(await notices_of(call).trace(account.id, item_id))
    except NotHeld:
        raise Problem(404, "not-found", f"{account.address} has no item {item_id}") from None
    own = call.who.devices.get(account.id) if call.who.session_id is None else None
    devices = tuple(one for one in found.devices if own in (None, one.device_id))
    return msgspec.structs.replace(found, devices=devices)


@operations("GET", "/devices/{device_id}/trace")
async def list_told(call: Call, device_id: int, query: ToldQuery) -> tuple[ToldView, ...]:
    """
    List what a device was told, or is to be told, the newest first; perhaps only what came late.
    """
    device = await call.device(device_id)
    limit = _LOOKED_AT if query.late else query.limit
    held = await call.office.hub.store.notices(device.account_id, device_id=device.id, limit=limit)
    chosen = [one for one in held if is_late(one)] if query.late else held
    return tuple(told_view(one) for one in chosen[: query.limit])


@operations("GET", "/devices/{device_id}/forecast", problems=(503,))
async def see_forecast(call: Call, device_id: int) -> ForecastView:
    """
    Say what would happen to a mail arriving now, by the very rules that decide, and whether what was sent arrived.
    """
    device = await call.device(device_id)
    return forecast_view(await notices_of(call).forecast(device.id))
