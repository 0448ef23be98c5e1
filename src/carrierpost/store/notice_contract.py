"""
What every store promises of notices: how far the feed was decided on, what waits, what became of it, and the trace.

A decision, the notices that it makes, their trace and the piece of the feed that it was about are one transaction. So
whoever is killed in between decides the same again, or has decided it; no notice is lost, and none is made twice.
"""

from __future__ import annotations

import abc
import datetime as dt
from collections.abc import Collection as Container
from collections.abc import Mapping, Sequence

from carrierpost.model import Notice, NoticeCommit, NoticeMove, NoticeSettings, Step, TraceStep

__all__ = ["NoticeStore"]


class NoticeStore(abc.ABC):
    """
    The part of a store that is about notices.
    """

    # -- settings

    @abc.abstractmethod
    async def notice_settings(self, device_id: int) -> NoticeSettings:
        """
        Give what a person set about notices on a device, with the account's very important people.

        Raises:
            NotHeld: there is no such device.
        """

    @abc.abstractmethod
    async def set_notice_settings(self, device_id: int, settings: NoticeSettings) -> None:
        """
        Replace what a person set about notices on a device; its `vips` become those of the account. A change in the
        feed, if it is one.

        Raises:
            NotHeld: there is no such device.
        """

    # -- decisions

    @abc.abstractmethod
    async def notify_positions(self) -> Mapping[int, int]:
        """
        Give per account the number up to which its feed was decided on; one that is missing is at 0.
        """

    @abc.abstractmethod
    async def notified(self, account_id: int, keys: Container[str]) -> frozenset[tuple[int, str]]:
        """
        Give the pairs of device and key that there is a notice for already, among some keys.
        """

    @abc.abstractmethod
    async def commit_notices(self, commit: NoticeCommit) -> tuple[Notice, ...]:
        """
        Write what was decided, its trace, and how far the feed was decided on.

        What is withdrawn and still waits is told to nobody; for what devices were told, notices of the kind
        `withdrawal` are made.

        Returns:
            The notices that were made, also those of withdrawals.

        Raises:
            StaleCommit: the feed was decided on up to another number than the commit says.
            NotHeld: the account is gone.
        """

    # -- the queue

    @abc.abstractmethod
    async def due_devices(self, limit: int = 1000) -> tuple[int, ...]:
        """
        List devices that are to be told something by now, those that wait longest first.
        """

    @abc.abstractmethod
    async def next_due(self) -> dt.datetime | None:
        """
        Tell when the next notice is due that is not due yet; `None` when none waits.
        """

    @abc.abstractmethod
    async def due_notices(self, device_id: int, limit: int = 500) -> tuple[Notice, ...]:
        """
        List what a device is to be told by now, in the order in which it was decided. When something is due, what was
        tried before and waits for another try is among it, so that it can leave in the same message.
        """

    @abc.abstractmethod
    async def move_notices(self, moves: Sequence[NoticeMove]) -> tuple[Notice, ...]:
        """
        Note how far notices have come, with their trace, in one transaction.

        Returns:
            Those that were moved; one that was withdrawn or settled meanwhile stays as it is, but has its step.
        """

    @abc.abstractmethod
    async def take_up_handed(self, reason: str) -> int:
        """
        Let wait again what was with a channel when the hub ended, since nobody knows what became of it.

        Returns:
            How many there were.
        """

    @abc.abstractmethod
    async def silent_since(self, device_id: int, since: dt.datetime) -> tuple[dt.datetime, ...]:
        """
        Tell when a device was woken without showing anything, after a time, in order.
        """

    # -- looking

    @abc.abstractmethod
    async def notice(self, token: str) -> Notice:
        """
        Give a notice by its name outside of the hub.

        Raises:
            NotHeld: there is none of that name.
        """

    @abc.abstractmethod
    async def notices(
        self,
        account_id: int,
        *,
        device_id: int | None = None,
        since: dt.datetime | None = None,
        limit: int = 100,
    ) -> tuple[Notice, ...]:
        """
        List notices of an account, the newest first.
        """

    @abc.abstractmethod
    async def notices_of_item(self, item_id: int) -> tuple[Notice, ...]:
        """
        List what was to be told of an item, in order.
        """

    # -- the trace

    @abc.abstractmethod
    async def add_steps(self, steps: Sequence[TraceStep]) -> None:
        """
        Add steps to the trace; those of accounts or devices that are gone are left out.
        """

    @abc.abstractmethod
    async def receipt(self, device_id: int, token: str, step: Step, at: dt.datetime) -> tuple[Notice, ...]:
        """
        Note that a device says that it received a notice, or showed it.

        Args:
            device_id: who says so.
            token: the notice's name outside of the hub.
            step: `Step.RECEIVED` or `Step.SHOWN`.
            at: when, as far as is known.

        Returns:
            The notice, and those for which it spoke.

        Raises:
            NotHeld: this device was sent no such notice.
        """

    @abc.abstractmethod
    async def trace_of_item(self, item_id: int) -> tuple[TraceStep, ...]:
        """
        Give what happened on the way of an item to all devices, in the order of time.
        """

    @abc.abstractmethod
    async def trace_of_notice(self, token: str) -> tuple[TraceStep, ...]:
        """
        Give the steps that one notice took, in the order of time.
        """

    @abc.abstractmethod
    async def trace(self, account_id: int, *, device_id: int | None = None, limit: int = 100) -> tuple[TraceStep, ...]:
        """
        Give the newest steps of an account, or of one of its devices, the newest first.
        """

    @abc.abstractmethod
    async def prune_notices(self, before: dt.datetime, *, most_notices: int, most_steps: int) -> int:
        """
        Forget what became of notices before a time, and the oldest of what is too much; what still waits stays.

        Returns:
            How many rows were forgotten.
        """
