"""
From the queue to the channels: what is due is handed over, tried again, or given up, and it is noted what became of it.

Every device has a lane of its own, in which one message goes at a time; so a number on an icon that is older can never
come after a newer one, and what comes in a burst joins the message after the one that is on its way. What a message
says is decided when it leaves, since hours may have passed: whether the device is still to be notified, what its lock
screen may show, how many mails are unread.

Before a message is handed over, that is noted; what became of it, after. Killed in between, the hub does not know
whether it arrived, and hands it over again under the same name: a provider that still holds it replaces it, and a
device that has it shows it once.
"""

from __future__ import annotations

import asyncio
import datetime as dt
import random
from collections.abc import Callable, Mapping
from typing import Any

from carrierpost.delivery import DeliveryPolicy, decide
from carrierpost.model import (
    Channel,
    Notice,
    NoticeMove,
    NoticeState,
    Platform,
    Step,
    Subscription,
    TraceStep,
)
from carrierpost.notify.audience import unread_in_inbox
from carrierpost.notify.channel import Accepted, Gone, Later, Outcome, Refused, Sender
from carrierpost.notify.gateways import Gateway, Gateways, pause_after
from carrierpost.notify.governing import governing
from carrierpost.notify.settings import NotifySettings
from carrierpost.notify.turn import Parcel, Settled, State, next_turn
from carrierpost.protocol.clock import Clock
from carrierpost.store.contract import Store
from carrierpost.store.errors import NotHeld, StoreError

__all__ = ["Dispatcher"]

_LANES = 1000  # devices that are served at the same time
_LONGEST_SLEEP = 3600.0
_AFTER_AN_ERROR = dt.timedelta(minutes=1)
_ENDED = "the hub ended before the channel had answered; it is handed over again under the same name"
_HOUR = dt.timedelta(hours=1)


class Dispatcher:
    """
    Hands notices to channels.

    Args:
        store: where everything is kept.
        senders: the channels that are set up.
        clock: the time.
        chance: spreads pauses.
        policy: what holds for delivery where no policy set speaks.
        tuning: what an administrator may tune.
        failed: is told of an error that nobody expected, with the device; it must not raise.
    """

    def __init__(
        self,
        store: Store,
        senders: Mapping[Channel, Sender],
        *,
        clock: Clock,
        chance: random.Random,
        policy: DeliveryPolicy | None = None,
        tuning: NotifySettings | None = None,
        failed: Callable[[int, Exception], None] = lambda device_id, error: None,
    ) -> None:
        self._store = store
        self._senders = senders
        self._clock = clock
        self._chance = chance
        self._policy = policy or DeliveryPolicy()
        self._tuning = tuning or NotifySettings()
        self._failed = failed
        self._gateways = Gateways(self._tuning.at_once)
        self._lanes: dict[int, asyncio.Task[None]] = {}
        self._rested: dict[int, dt.datetime] = {}
        self._stirred = asyncio.Event()

    def wake(self) -> None:
        """
        Look at once what is due: something was put into the queue.
        """
        self._stirred.set()

    async def run(self) -> None:
        """
        Hand over what is due, until cancelled.
        """
        await self._store.take_up_handed(_ENDED)
        hearing = asyncio.create_task(self._hear())
        try:
            while True:
                self._stirred.clear()
                for device_id in await self._store.due_devices(_LANES + len(self._lanes)):
                    self._serve(device_id)
                rested = [at for at in self._rested.values() if at > self._clock.now()]
                await self._wait(min([at for at in (await self._store.next_due(), *rested) if at], default=None))
        finally:
            working = (hearing, *self._lanes.values())
            for one in working:
                one.cancel()
            await asyncio.gather(*working, return_exceptions=True)

    async def _hear(self) -> None:
        """
        Look again when a device changed, or another process wrote: it may have put something into the queue.
        """
        async for _ in self._store.follow_devices():
            self._stirred.set()

    async def _wait(self, due: dt.datetime | None) -> None:
        """
        Wait for the next notice, or for `wake`.
        """
        seconds = _LONGEST_SLEEP
        if due is not None:
            seconds = min(max((due - self._clock.now()).total_seconds(), 0.0), seconds)
        waiting: list[asyncio.Future[Any]] = [
            asyncio.ensure_future(self._stirred.wait()),
            asyncio.ensure_future(self._clock.sleep(seconds)),
        ]
        try:
            await asyncio.wait(waiting, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for one in waiting:
                one.cancel()
            await asyncio.gather(*waiting, return_exceptions=True)

    def _serve(self, device_id: int) -> None:
        """
        Open a device's lane, unless it is open, or rests after an error.
        """
        if device_id in self._lanes or len(self._lanes) >= _LANES:
            return
        if self._rested.get(device_id, self._clock.now()) > self._clock.now():
            return
        self._rested.pop(device_id, None)
        lane = asyncio.create_task(self._lane(device_id))
        self._lanes[device_id] = lane
        lane.add_done_callback(lambda _: self._closed(device_id))

    def _closed(self, device_id: int) -> None:
        self._lanes.pop(device_id, None)
        self._stirred.set()  # something may have become due for it while its lane was about to close

    async def _lane(self, device_id: int) -> None:
        try:
            while device_id not in self._rested and await self._turn(device_id):
                pass
        except NotHeld:
            pass  # the device was removed; its notices went with it
        except StoreError as error:
            self._rest(device_id, error)
        except Exception as error:
            # One device with something odd about it must not keep the others from being told.
            self._rest(device_id, error)

    def _rest(self, device_id: int, error: Exception) -> None:
        self._rested[device_id] = self._clock.now() + _AFTER_AN_ERROR
        self._failed(device_id, error)

    # -- one turn

    async def _turn(self, device_id: int) -> bool:
        """
        Do for a device what is to be done next.

        Returns:
            Whether there may be more.
        """
        due = await self._store.due_notices(device_id)
        if not due:
            return False
        subscription, state = await self._look(device_id, due[0].account_id)
        turn = next_turn(due, state)
        await self._settle(turn.settled)
        if turn.parcel is None:
            return bool(turn.settled)
        if subscription is None:
            await self._give_up(turn.parcel, state)
            return True
        gateway = self._gateways.of(subscription)
        if gateway.rests(self._clock.now()):
            await self._put_off(turn.parcel.notices, gateway)
            return True
        waited = gateway.room.locked()
        async with gateway.room:
            if waited:  # the world went on meanwhile
                due = await self._store.due_notices(device_id)
                _, state = await self._look(device_id, turn.parcel.notices[0].account_id)
                turn = next_turn(due, state)
                await self._settle(turn.settled)
            if turn.parcel is not None:
                await self._send(turn.parcel, subscription, gateway)
        if turn.parcel is not None and turn.parcel.visible:
            await self._clock.sleep(self._tuning.spacing.total_seconds())
        return True

    async def _look(self, device_id: int, account_id: int) -> tuple[Subscription | None, State]:
        """
        Look how a device is doing, and where it can be notified.
        """
        now = self._clock.now()
        store = self._store
        device, life = await store.device(device_id), await store.device_life(device_id)
        rules = await governing(store, await store.account(account_id), device, self._policy)
        settings = await store.notice_settings(device_id)
        usable = [
            one
            for one in await store.subscriptions(device_id)
            if not one.failed and one.channel in self._senders and one.channel in rules.delivery.channels
        ]
        subscription = usable[-1] if usable else None
        sender = self._senders[subscription.channel] if subscription is not None else None
        return subscription, State(
            device=device,
            delivery=decide(device, life, rules.delivery, now),
            settings=settings,
            detail=rules.detail(settings),
            unread=await unread_in_inbox(store, account_id),
            now=now,
            may_be_silent=sender is None or subscription is None or sender.may_be_silent(subscription),
            silent=await self._store.silent_since(device_id, now - _HOUR) if device.platform is Platform.IOS else (),
            tuning=self._tuning,
        )

    async def _settle(self, settled: tuple[Settled, ...]) -> None:
        """
        Note what is not sent, and why.
        """
        steps = {
            NoticeState.WAITING: Step.LATER,
            NoticeState.EXPIRED: Step.EXPIRED,
            NoticeState.REFUSED: Step.REFUSED,
            NoticeState.WITHDRAWN: Step.WITHDRAWN,
        }
        moves = []
        for one in settled:
            step = Step.DECIDED if one.decided else steps[one.state]
            moves.append(
                NoticeMove(
                    notice_id=one.notice.id,
                    state=one.state,
                    step=self._step(one.notice, step, one.reason),
                    due_at=one.due_at,
                    detail=one.reason,
                )
            )
        if moves:
            await self._store.move_notices(moves)

    async def _give_up(self, parcel: Parcel, state: State) -> None:
        reason = f"no channel of {state.device.name} can be used now: {state.delivery.reason}"
        await self._settle(tuple(Settled(one, NoticeState.REFUSED, reason) for one in parcel.notices))

    async def _put_off(self, notices: tuple[Notice, ...], gateway: Gateway) -> None:
        assert gateway.not_before is not None
        reason = f"{gateway.name} fails, and is left alone for a while"
        spread = dt.timedelta(seconds=self._chance.random() * 5)
        until = gateway.not_before + spread
        await self._settle(tuple(Settled(one, NoticeState.WAITING, reason, until) for one in notices))

    async def _send(self, parcel: Parcel, subscription: Subscription, gateway: Gateway) -> None:
        """
        Hand a message over, and note what became of it.
        """
        leader = parcel.notices[0]
        what = f"{parcel.message.kind} by {subscription.channel}"
        handed = []
        for one in parcel.notices:
            joined = leader.token if one is not leader else ""
            detail = what if not joined else f"{what}, in one message with others"
            handed.append(
                NoticeMove(
                    notice_id=one.id,
                    state=NoticeState.HANDED,
                    step=self._step(one, Step.HANDED, detail),
                    silent=parcel.silent,
                    joined=joined,
                )
            )
        moved = await self._store.move_notices(handed)
        if {one.id for one in moved} != {one.id for one in parcel.notices}:
            # Some were withdrawn in this very moment: what is left is worded anew.
            await self._settle(tuple(Settled(one, NoticeState.WAITING, "", one.due_at) for one in moved))
            return
        outcome = await self._attempt(subscription, parcel)
        await self._note(moved, outcome, subscription, gateway)

    async def _attempt(self, subscription: Subscription, parcel: Parcel) -> Outcome:
        sending = asyncio.ensure_future(self._senders[subscription.channel].send(subscription, parcel.message))
        timer = asyncio.ensure_future(self._clock.sleep(self._tuning.send_timeout.total_seconds()))
        try:
            await asyncio.wait([sending, timer], return_when=asyncio.FIRST_COMPLETED)
            if sending.done():
                return sending.result()
            return Later(f"there was no answer within {self._tuning.send_timeout.total_seconds():g} seconds")
        except Exception as error:  # a sender does not raise; whatever one does all the same ends no lane
            self._failed(subscription.device_id, error)
            return Later(f"the channel failed: {type(error).__name__}")
        finally:
            sending.cancel()
            timer.cancel()
            await asyncio.gather(sending, timer, return_exceptions=True)

    async def _note(
        self, notices: tuple[Notice, ...], outcome: Outcome, subscription: Subscription, gateway: Gateway
    ) -> None:
        now = self._clock.now()
        match outcome:
            case Accepted():
                gateway.worked()
                await self._move(notices, NoticeState.ACCEPTED, Step.ACCEPTED, outcome.provider_id)
            case Refused():
                gateway.worked()
                await self._move(notices, NoticeState.REFUSED, Step.REFUSED, outcome.reason)
            case Gone():
                gateway.worked()
                await self._store.drop_subscription(subscription.id, outcome.reason)
                # Another subscription may be there; if none is, the next turn says so.
                await self._move(notices, NoticeState.WAITING, Step.LATER, outcome.reason, now)
            case Later():
                pause = self._pause(max(one.attempts for one in notices), outcome.after)
                gateway.failed(now, pause)
                if outcome.after is not None:  # until then nothing new is tried there either
                    self._rested[subscription.device_id] = now + pause
                await self._move(notices, NoticeState.WAITING, Step.LATER, outcome.reason, now + pause)

    def _pause(self, attempts: int, after: float | None) -> dt.timedelta:
        pause = pause_after(attempts, self._chance, self._tuning.first_pause, self._tuning.longest_pause)
        return max(pause, dt.timedelta(seconds=after)) if after is not None else pause

    async def _move(
        self,
        notices: tuple[Notice, ...],
        state: NoticeState,
        step: Step,
        detail: str,
        due_at: dt.datetime | None = None,
    ) -> None:
        await self._store.move_notices(
            [
                NoticeMove(
                    notice_id=one.id, state=state, step=self._step(one, step, detail), due_at=due_at, detail=detail
                )
                for one in notices
            ]
        )

    def _step(self, notice: Notice, step: Step, detail: str) -> TraceStep | None:
        if step is Step.LATER and not detail:
            return None
        return TraceStep(
            account_id=notice.account_id,
            step=step,
            at=self._clock.now(),
            item_id=notice.item_id,
            device_id=notice.device_id,
            notice=notice.token,
            detail=detail,
        )
