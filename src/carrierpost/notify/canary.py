"""
Tests that prove a device still receives, and what devices say of notices that came.

A subscription that a provider accepts is no proof: only the device's own word is. A test is a notice like any other, so
it goes the same way, and the time between sending it and the device's word is the round trip.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import AsyncIterator, Callable

from carrierpost.model import (
    NewNotice,
    Notice,
    NoticeCommit,
    NoticeKind,
    NoticeText,
    Step,
    TraceStep,
    Urgency,
)
from carrierpost.notify.settings import NotifySettings
from carrierpost.protocol.clock import Clock
from carrierpost.store.contract import Store
from carrierpost.store.errors import StaleCommit

__all__ = ["acknowledge", "follow_notice", "send_canary"]

_ENDS = {Step.RECEIVED, Step.SHOWN, Step.REFUSED, Step.EXPIRED, Step.WITHDRAWN}
_LOOK = 0.25  # seconds between two looks
_ATTEMPTS = 10


async def send_canary(
    store: Store, device_id: int, *, clock: Clock, name: Callable[[], str], tuning: NotifySettings | None = None
) -> Notice:
    """
    Put a test for a device into the queue; whoever dispatches hands it over.

    Raises:
        NotHeld: there is no such device.
        StaleCommit: the account's feed is decided on all the time; try again.
    """
    device = await store.device(device_id)
    now, token = clock.now(), name()
    life = (tuning or NotifySettings()).canary_life
    notice = NewNotice(
        device_id=device_id,
        account_id=device.account_id,
        kind=NoticeKind.CANARY,
        key=f"canary:{token}",
        token=token,
        due_at=now,
        expires_at=now + life,
        text=NoticeText("Carrierpost", "This device receives notices."),
        urgency=Urgency.HIGH,
        collapse="canary",
        reason="somebody asked for a test",
        news_at=now,
    )
    step = TraceStep(
        account_id=device.account_id, step=Step.DECIDED, at=now, device_id=device_id, notice=token, told=True,
        detail=notice.reason,
    )  # fmt: skip
    for attempt in range(_ATTEMPTS):
        position = (await store.notify_positions()).get(device.account_id, 0)
        commit = NoticeCommit(
            account_id=device.account_id, after=position, position=position, expires_at=now + life,
            notices=(notice,), steps=(step,),
        )  # fmt: skip
        try:
            [made] = await store.commit_notices(commit)
        except StaleCommit:
            if attempt == _ATTEMPTS - 1:
                raise
            continue
        return made
    raise AssertionError("unreachable")


async def follow_notice(store: Store, token: str, *, clock: Clock, seconds: float) -> AsyncIterator[TraceStep]:
    """
    Give the steps that a notice takes, as they are taken, until it arrived, was given up, or time is over.

    Args:
        store: where its trace is.
        token: its name.
        clock: the time.
        seconds: how long to wait at most.
    """
    seen = 0
    end = clock.monotonic() + seconds
    while True:
        steps = await store.trace_of_notice(token)
        for step in steps[seen:]:
            yield step
        seen = len(steps)
        if any(one.step in _ENDS for one in steps) or clock.monotonic() >= end:
            return
        await clock.sleep(_LOOK)


async def acknowledge(store: Store, device_id: int, token: str, step: Step, at: dt.datetime) -> tuple[Notice, ...]:
    """
    Note that a device says that it received a notice, or showed it; this also proves the channel by which it came.

    Args:
        store: where everything is kept.
        device_id: who says so.
        token: the notice's name.
        step: `Step.RECEIVED` or `Step.SHOWN`.
        at: when, UTC.

    Returns:
        The notice, and those for which it spoke.

    Raises:
        NotHeld: this device was sent no such notice.
    """
    notices = await store.receipt(device_id, token, step, at)
    used = [one for one in await store.subscriptions(device_id) if not one.failed]
    if used:
        await store.verify_subscription(used[-1].id, at)
    return notices
