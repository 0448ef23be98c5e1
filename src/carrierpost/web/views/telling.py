"""
Why a device was told of something, or not, as it is shown over HTTP.
"""

from __future__ import annotations

import datetime as dt

import msgspec

from carrierpost.delivery import Way
from carrierpost.model import Notice, NoticeKind, NoticeState, Step
from carrierpost.notify.forecast import Forecast
from carrierpost.notify.trace import DeviceTimeline, ItemTrace, Line, is_late, lateness

__all__ = ["ForecastView", "ItemTraceView", "ToldView", "forecast_view", "item_trace_view", "told_view"]


class StepView(msgspec.Struct, frozen=True, kw_only=True):
    """
    A step of a trace.

    Attributes:
        step: which.
        at: when.
        took: seconds since the step before it, or `None` for the first.
        text: what happened, in words.
        detail: why or how; empty for nothing more.
    """

    step: Step
    at: dt.datetime
    took: float | None
    text: str
    detail: str


class TimelineView(msgspec.Struct, frozen=True, kw_only=True):
    """
    The way of an item to one device.

    Attributes:
        device_id: the device.
        name: what its owner calls it; empty when it was removed.
        verdict: how it ended, in a sentence.
        total: seconds from the mail server to the last step that brought it nearer to a person, or `None`.
        steps: the device's own steps.
    """

    device_id: int
    name: str
    verdict: str
    total: float | None
    steps: tuple[StepView, ...]


class ItemTraceView(msgspec.Struct, frozen=True, kw_only=True):
    """
    The way of an item from the mail server to devices.

    Attributes:
        item_id: the item.
        arrival: the steps that all devices share.
        devices: a timeline for each device that was decided about, and that who asks may see.
    """

    item_id: int
    arrival: tuple[StepView, ...]
    devices: tuple[TimelineView, ...]


class ToldView(msgspec.Struct, frozen=True, kw_only=True):
    """
    What a device was told, or is to be told.

    Attributes:
        notice_id: its name, by which the device speaks of it.
        kind: what it is about.
        state: how far it has come.
        item_id: the item that it is about, or `None`.
        made_at: when it was decided.
        due_at: when it is to be told, or to be tried again.
        sent_at: when it was last handed to a channel, or `None`.
        settled_at: when its state last changed.
        attempts: how often it was handed to a channel.
        took: seconds from the news to the channel, or `None`.
        late: whether it came late, or never did although it should have.
        reason: why the device is told.
        remark: what became of it, in words; empty while nothing is peculiar.
    """

    notice_id: str
    kind: NoticeKind
    state: NoticeState
    item_id: int | None
    made_at: dt.datetime
    due_at: dt.datetime
    sent_at: dt.datetime | None
    settled_at: dt.datetime
    attempts: int
    took: float | None
    late: bool
    reason: str
    remark: str


class FindingView(msgspec.Struct, frozen=True, kw_only=True):
    """
    One thing that was looked at.

    Attributes:
        name: what.
        good: whether it is as it should be; `None` for neither.
        text: what is so, in words.
    """

    name: str
    good: bool | None
    text: str


class ForecastView(msgspec.Struct, frozen=True, kw_only=True):
    """
    What would happen to a mail arriving now.

    Attributes:
        device: what the device is called.
        told: whether the rules would have it told.
        reason: why, or why not.
        way: how mail reaches the device: `live`, `notify`, `refresh` or `nothing`.
        findings: all that was looked at.
    """

    device: str
    told: bool
    reason: str
    way: Way
    findings: tuple[FindingView, ...]


def item_trace_view(found: ItemTrace) -> ItemTraceView:
    """
    Show an item's way.
    """
    return ItemTraceView(
        item_id=found.item_id,
        arrival=tuple(_step(one) for one in found.arrival),
        devices=tuple(_timeline(one) for one in found.devices),
    )


def told_view(one: Notice) -> ToldView:
    """
    Show a notice, without its words.
    """
    return ToldView(
        notice_id=one.token,
        kind=one.kind,
        state=one.state,
        item_id=one.item_id,
        made_at=one.made_at,
        due_at=one.due_at,
        sent_at=one.sent_at,
        settled_at=one.settled_at,
        attempts=one.attempts,
        took=_seconds(lateness(one)),
        late=is_late(one),
        reason=one.reason,
        remark=one.remark,
    )


def forecast_view(found: Forecast) -> ForecastView:
    """
    Show a forecast.
    """
    return ForecastView(
        device=found.device,
        told=found.decision.notify,
        reason=found.decision.reason,
        way=found.way,
        findings=tuple(FindingView(name=one.name, good=one.good, text=one.text) for one in found.findings),
    )


def _timeline(one: DeviceTimeline) -> TimelineView:
    return TimelineView(
        device_id=one.device_id,
        name=one.name,
        verdict=one.verdict,
        total=_seconds(one.total),
        steps=tuple(_step(line) for line in one.lines),
    )


def _step(one: Line) -> StepView:
    return StepView(step=one.step, at=one.at, took=_seconds(one.took), text=one.text, detail=one.detail)


def _seconds(length: dt.timedelta | None) -> float | None:
    return length.total_seconds() if length is not None else None
