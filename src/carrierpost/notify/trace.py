"""
The trace of an item: its way from the mail server to every device, as a timeline with durations. Pure but for reading.

For each device it ends in one sentence, the answer to "why did it not come" or "why was it late".
"""

from __future__ import annotations

import dataclasses
import datetime as dt
from collections.abc import Iterable, Sequence

from carrierpost.model import Device, Notice, NoticeState, Step, TraceStep

__all__ = ["LATE", "DeviceTimeline", "ItemTrace", "Line", "duration", "is_late", "lateness", "trace_of"]

LATE = dt.timedelta(seconds=60)
"""From when on a notice counts as late, from the mail server to the provider."""

_WORDS = {
    Step.NOTICED: "received by the mail server",
    Step.ANSWERED: "connection answered",
    Step.SYNCED: "synchronized",
    Step.COMMITTED: "in the store",
    Step.HANDED: "handed to the channel",
    Step.ACCEPTED: "accepted by the provider",
    Step.LATER: "put off",
    Step.REFUSED: "not delivered",
    Step.EXPIRED: "given up",
    Step.WITHDRAWN: "taken back",
    Step.RECEIVED: "received by the device",
    Step.SHOWN: "shown",
}
_SHARED = (Step.NOTICED, Step.ANSWERED, Step.SYNCED, Step.COMMITTED)
_ENDS = (Step.SHOWN, Step.RECEIVED, Step.ACCEPTED)


@dataclasses.dataclass(frozen=True, slots=True)
class Line:
    """
    One step of a timeline.

    Attributes:
        step: which.
        at: when, UTC.
        took: how long after the step before it, or `None` for the first.
        text: what happened, in words.
        detail: why or how; empty for nothing more.
    """

    step: Step
    at: dt.datetime
    took: dt.timedelta | None
    text: str
    detail: str


@dataclasses.dataclass(frozen=True, slots=True)
class DeviceTimeline:
    """
    The way of an item to one device.

    Attributes:
        device_id: the device.
        name: what its owner calls it; empty when it was removed.
        lines: its own steps.
        total: from the mail server to the last step that brought it nearer to a person, or `None`.
        verdict: how it ended, in a sentence.
    """

    device_id: int
    name: str
    lines: tuple[Line, ...]
    total: dt.timedelta | None
    verdict: str


@dataclasses.dataclass(frozen=True, slots=True)
class ItemTrace:
    """
    The way of an item to all devices.

    Attributes:
        item_id: the item.
        arrival: the steps that all devices share.
        devices: one timeline for each device that was decided about.
    """

    item_id: int
    arrival: tuple[Line, ...]
    devices: tuple[DeviceTimeline, ...]


def trace_of(item_id: int, steps: Iterable[TraceStep], devices: Iterable[Device]) -> ItemTrace:
    """
    Order an item's steps.

    Args:
        item_id: the item.
        steps: all of it, in any order.
        devices: those that have names.
    """
    every = sorted(steps, key=lambda one: one.at)
    shared = _first_of_each([one for one in every if one.device_id is None and one.step in _SHARED])
    names = {one.id: one.name for one in devices}
    ids = sorted({one.device_id for one in every if one.device_id is not None})
    timelines = [
        _timeline(device_id, names.get(device_id, ""), shared, [one for one in every if one.device_id == device_id])
        for device_id in ids
    ]
    return ItemTrace(item_id, _lines(shared, None), tuple(timelines))


def _first_of_each(steps: Sequence[TraceStep]) -> list[TraceStep]:
    """
    Leave out how an item came a second time, as a changed event does; a timeline tells of the last news.
    """
    last = max((number for number, one in enumerate(steps) if one.step is Step.COMMITTED), default=-1)
    before = max((number for number, one in enumerate(steps[:last]) if one.step is Step.COMMITTED), default=-1)
    return list(steps[before + 1 : last + 1]) if last >= 0 else list(steps)


def _timeline(device_id: int, name: str, shared: Sequence[TraceStep], own: Sequence[TraceStep]) -> DeviceTimeline:
    begin = shared[0].at if shared else None
    last_shared = shared[-1].at if shared else None
    reached = next((one for step in _ENDS for one in reversed(own) if one.step is step), None)
    total = reached.at - begin if reached is not None and begin is not None else None
    return DeviceTimeline(device_id, name, _lines(own, last_shared), total, _verdict(own, reached, total))


def _lines(steps: Sequence[TraceStep], before: dt.datetime | None) -> tuple[Line, ...]:
    lines = []
    for one in steps:
        text = _WORDS.get(one.step, "")
        if one.step is Step.DECIDED:
            text = "decided to tell" if one.told else "decided not to tell"
        lines.append(Line(one.step, one.at, one.at - before if before is not None else None, text, one.detail))
        before = one.at
    return tuple(lines)


def _verdict(own: Sequence[TraceStep], reached: TraceStep | None, total: dt.timedelta | None) -> str:
    last = own[-1] if own else None
    if last is None:
        return "nothing was decided"
    if reached is None:
        if last.step is Step.DECIDED:
            return f"not told: {last.detail}" if not last.told else "waits to be told"
        ends = {
            Step.LATER: "is still on its way",
            Step.HANDED: "is with the channel",
            Step.REFUSED: "not delivered",
            Step.EXPIRED: "given up",
            Step.WITHDRAWN: "needed to be told no more",
        }
        return f"{ends.get(last.step, str(last.step))}{f': {last.detail}' if last.detail else ''}"
    word = {Step.SHOWN: "shown", Step.RECEIVED: "received", Step.ACCEPTED: "accepted by the provider"}[reached.step]
    took = f" after {duration(total)}" if total is not None else ""
    if total is not None and total > LATE:
        return f"{word}{took}, which is late: {_slowest(own)}"
    return f"{word}{took}"


def _slowest(own: Sequence[TraceStep]) -> str:
    """
    Say why it took long: what put it off, or that the news itself came late.
    """
    delays = [one.detail for one in own if one.step is Step.LATER and one.detail]
    return delays[-1] if delays else "most of the time passed before it was in the store"


def lateness(notice: Notice) -> dt.timedelta | None:
    """
    Give how long after the news a device was told; for one that was not told yet `None`.
    """
    if notice.news_at is None or notice.sent_at is None:
        return None
    return notice.sent_at - notice.news_at


def is_late(notice: Notice, longer_than: dt.timedelta = LATE) -> bool:
    """
    Tell whether a device was told late, or not at all although it should have been.
    """
    if notice.state in (NoticeState.EXPIRED, NoticeState.REFUSED):
        return True
    if notice.state is NoticeState.WAITING:
        return notice.attempts > 0
    late = lateness(notice)
    return notice.state is not NoticeState.WITHDRAWN and late is not None and late > longer_than


def duration(length: dt.timedelta) -> str:
    """
    Write a duration as short as it is useful: `40 ms`, `1.2 s`, `3 min 5 s`, `2 h 10 min`, `3 d 4 h`.
    """
    seconds = length.total_seconds()
    if seconds < 0:
        return f"-{duration(-length)}"
    if seconds < 1:
        return f"{round(seconds * 1000)} ms"
    if seconds < 60:
        return f"{seconds:.1f} s"
    whole = round(seconds)
    for unit, name, small, lesser in ((86400, "d", 3600, "h"), (3600, "h", 60, "min"), (60, "min", 1, "s")):
        if whole >= unit:
            rest = whole % unit // small
            return f"{whole // unit} {name}" + (f" {rest} {lesser}" if rest else "")
    return f"{whole} s"
