"""
Notices in a SQL database; see `carrierpost.store.notice_contract`.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection as Container
from collections.abc import Mapping, Sequence

from carrierpost.model import (
    ChangeKind,
    Notice,
    NoticeCommit,
    NoticeMove,
    NoticeSettings,
    NoticeState,
    Origin,
    Step,
    TraceStep,
)
from carrierpost.store.database import Transaction
from carrierpost.store.errors import NotHeld
from carrierpost.store.feed import FeedWriter
from carrierpost.store.notice_contract import NoticeStore
from carrierpost.store.notice_rows import moment, notice_of, settings_json, settings_of, step_of
from carrierpost.store.noticing import commit_notices, move_notice, put_steps
from carrierpost.store.sql_base import SQLBase, one_account
from carrierpost.store.sql_devices import one_device

__all__ = ["SQLNotices"]

_LONG_AGO = "0001"
_ACKNOWLEDGED = {Step.RECEIVED: NoticeState.RECEIVED, Step.SHOWN: NoticeState.SHOWN}


class SQLNotices(SQLBase, NoticeStore):
    """
    The notices of a SQL store.
    """

    # -- settings

    async def notice_settings(self, device_id: int) -> NoticeSettings:
        """
        Give what was set about notices on a device; see `NoticeStore.notice_settings`.
        """
        return await self._database.read(lambda transaction: _settings(transaction, device_id))

    async def set_notice_settings(self, device_id: int, settings: NoticeSettings) -> None:
        """
        Replace what was set about notices on a device; see `NoticeStore.set_notice_settings`.
        """
        now = self._clock.now()

        def work(transaction: Transaction) -> int:
            device, before = one_device(transaction, device_id), _settings(transaction, device_id)
            if before != settings:
                transaction.rows("put_notice_settings", device_id, settings_json(settings))
                transaction.rows("delete_vips", device.account_id)
                transaction.each("add_vip", [(device.account_id, one) for one in sorted(settings.vips)])
                feed = FeedWriter(device.account_id, now)
                names = ("notice_settings",)
                feed.add(ChangeKind.DEVICE_CHANGED, Origin.USER, device_id=device_id, fields=names)
                feed.write(transaction)
            return device.account_id

        await self._database.write(work, durable=True, then=self._tell_devices)

    # -- decisions

    async def notify_positions(self) -> Mapping[int, int]:
        """
        Give how far feeds were decided on; see `NoticeStore.notify_positions`.
        """
        return await self._database.read(lambda transaction: dict(transaction.rows("notify_positions")))

    async def notified(self, account_id: int, keys: Container[str]) -> frozenset[tuple[int, str]]:
        """
        Give what devices were told already; see `NoticeStore.notified`.
        """
        wanted = self._database.among(keys)
        return await self._database.read(
            lambda transaction: frozenset((row[0], row[1]) for row in transaction.rows("notified", account_id, wanted))
        )

    async def commit_notices(self, commit: NoticeCommit) -> tuple[Notice, ...]:
        """
        Write what was decided; see `NoticeStore.commit_notices`.
        """
        now = self._clock.now()

        def work(transaction: Transaction) -> tuple[Notice, ...]:
            one_account(transaction, commit.account_id)
            return commit_notices(transaction, commit, now)

        return await self._database.write(work)

    # -- the queue

    async def due_devices(self, limit: int = 1000) -> tuple[int, ...]:
        """
        List devices that are to be told something; see `NoticeStore.due_devices`.
        """
        now = moment(self._clock.now())
        return await self._database.read(
            lambda transaction: tuple(row[0] for row in transaction.rows("due_devices", now, limit))
        )

    async def next_due(self) -> dt.datetime | None:
        """
        Tell when the next notice is due; see `NoticeStore.next_due`.
        """
        now = moment(self._clock.now())

        def work(transaction: Transaction) -> dt.datetime | None:
            [(due,)] = transaction.rows("next_due", now)
            return dt.datetime.fromisoformat(due) if due is not None else None

        return await self._database.read(work)

    async def due_notices(self, device_id: int, limit: int = 500) -> tuple[Notice, ...]:
        """
        List what a device is to be told; see `NoticeStore.due_notices`.
        """
        now = moment(self._clock.now())
        return await self._database.read(
            lambda transaction: tuple(map(notice_of, transaction.rows("due_notices", device_id, now, limit)))
        )

    async def move_notices(self, moves: Sequence[NoticeMove]) -> tuple[Notice, ...]:
        """
        Note how far notices have come; see `NoticeStore.move_notices`.
        """
        now = self._clock.now()

        def work(transaction: Transaction) -> tuple[Notice, ...]:
            return tuple(notice for move in moves for notice in move_notice(transaction, move, now))

        return await self._database.write(work)

    async def take_up_handed(self, reason: str) -> int:
        """
        Let wait again what was with a channel; see `NoticeStore.take_up_handed`.
        """
        now = moment(self._clock.now())
        return await self._database.write(lambda transaction: len(transaction.rows("requeue_handed", now, reason)))

    async def silent_since(self, device_id: int, since: dt.datetime) -> tuple[dt.datetime, ...]:
        """
        Tell when a device was woken silently; see `NoticeStore.silent_since`.
        """

        def work(transaction: Transaction) -> tuple[dt.datetime, ...]:
            rows = transaction.rows("silent_since", device_id, moment(since))
            return tuple(dt.datetime.fromisoformat(row[0]) for row in rows)

        return await self._database.read(work)

    # -- looking

    async def notice(self, token: str) -> Notice:
        """
        Give a notice; see `NoticeStore.notice`.
        """

        def work(transaction: Transaction) -> Notice:
            rows = transaction.rows("notice", token)
            if not rows:
                raise NotHeld(f"there is no notice {token}; it may have been forgotten after its time")
            return notice_of(rows[0])

        return await self._database.read(work)

    async def notices(
        self, account_id: int, *, device_id: int | None = None, since: dt.datetime | None = None, limit: int = 100
    ) -> tuple[Notice, ...]:
        """
        List notices of an account; see `NoticeStore.notices`.
        """
        values = (account_id, device_id, moment(since) if since is not None else _LONG_AGO, limit)
        return await self._database.read(
            lambda transaction: tuple(map(notice_of, transaction.rows("notices_of_account", *values)))
        )

    async def notices_of_item(self, item_id: int) -> tuple[Notice, ...]:
        """
        List what was to be told of an item; see `NoticeStore.notices_of_item`.
        """
        return await self._database.read(
            lambda transaction: tuple(map(notice_of, transaction.rows("notices_of_item", item_id)))
        )

    # -- the trace

    async def add_steps(self, steps: Sequence[TraceStep]) -> None:
        """
        Add steps to the trace; see `NoticeStore.add_steps`.
        """

        def work(transaction: Transaction) -> None:
            accounts = {row[0] for row in transaction.rows("accounts")}
            devices = {row[0] for row in transaction.rows("devices")}
            kept = [one for one in steps if one.account_id in accounts and (one.device_id or 0) in {0, *devices}]
            put_steps(transaction, tuple(kept))

        await self._database.write(work)

    async def receipt(self, device_id: int, token: str, step: Step, at: dt.datetime) -> tuple[Notice, ...]:
        """
        Note what a device says of a notice; see `NoticeStore.receipt`.
        """
        now = moment(self._clock.now())

        def work(transaction: Transaction) -> tuple[Notice, ...]:
            rows = transaction.rows("acknowledge_notice", str(_ACKNOWLEDGED[step]), now, device_id, token)
            if not rows:
                raise NotHeld(f"device {device_id} was sent no notice {token}")
            found = tuple(map(notice_of, rows))
            steps = [
                TraceStep(
                    account_id=one.account_id,
                    step=step,
                    at=at,
                    item_id=one.item_id,
                    device_id=device_id,
                    notice=one.token,
                )
                for one in found
            ]
            put_steps(transaction, tuple(steps))
            return found

        return await self._database.write(work)

    async def trace_of_item(self, item_id: int) -> tuple[TraceStep, ...]:
        """
        Give what happened on the way of an item; see `NoticeStore.trace_of_item`.
        """
        return await self._steps("trace_of_item", item_id)

    async def trace_of_notice(self, token: str) -> tuple[TraceStep, ...]:
        """
        Give the steps of a notice; see `NoticeStore.trace_of_notice`.
        """
        return await self._steps("trace_of_notice", token)

    async def trace(self, account_id: int, *, device_id: int | None = None, limit: int = 100) -> tuple[TraceStep, ...]:
        """
        Give the newest steps; see `NoticeStore.trace`.
        """
        if device_id is None:
            query: tuple[object, ...] = ("trace_of_account", account_id, limit)
        else:
            query = ("trace_of_device", device_id, limit)

        def work(transaction: Transaction) -> tuple[TraceStep, ...]:
            return tuple(map(step_of, transaction.rows(*query)))  # type: ignore[arg-type]

        return await self._database.read(work)

    async def _steps(self, query: str, value: object) -> tuple[TraceStep, ...]:
        def work(transaction: Transaction) -> tuple[TraceStep, ...]:
            return tuple(sorted(map(step_of, transaction.rows(query, value)), key=lambda one: one.at))

        return await self._database.read(work)

    async def prune_notices(self, before: dt.datetime, *, most_notices: int, most_steps: int) -> int:
        """
        Forget what is old or too much; see `NoticeStore.prune_notices`.
        """

        def work(transaction: Transaction) -> int:
            count = len(transaction.rows("delete_old_notices", moment(before)))
            count += len(transaction.rows("delete_old_steps", moment(before)))
            for beyond, delete, most in (
                ("notice_beyond", "delete_notices_up_to", most_notices),
                ("step_beyond", "delete_steps", most_steps),
            ):
                for (last,) in transaction.rows(beyond, most):
                    count += len(transaction.rows(delete, last))
            return count

        return await self._database.write(work)


def _settings(transaction: Transaction, device_id: int) -> NoticeSettings:
    device = one_device(transaction, device_id)
    rows = transaction.rows("notice_settings", device_id)
    vips = frozenset(row[0] for row in transaction.rows("vips", device.account_id))
    return settings_of(rows[0][0] if rows else None, vips)
