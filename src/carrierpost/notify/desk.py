"""
All of notices in one piece: what a hub runs, and what a face of it asks for.
"""

from __future__ import annotations

import asyncio
import datetime as dt
import random
from collections.abc import Callable, Mapping

from carrierpost.delivery import DeliveryPolicy
from carrierpost.model import Channel, Step
from carrierpost.notify.canary import acknowledge, send_canary
from carrierpost.notify.channel import Sender
from carrierpost.notify.dispatcher import Dispatcher
from carrierpost.notify.forecast import Forecast, forecast
from carrierpost.notify.notifier import Notifier
from carrierpost.notify.settings import NotifySettings
from carrierpost.notify.trace import ItemTrace, trace_of
from carrierpost.protocol.clock import Clock
from carrierpost.store.contract import Store
from carrierpost.store.errors import NotHeld

__all__ = ["NoticeDesk"]


class NoticeDesk:
    """
    Decides on news, hands notices over, and tells what became of them.

    Args:
        store: where everything is kept.
        senders: the channels that are set up.
        clock: the time.
        chance: spreads pauses.
        name: gives names for notices that nobody can guess.
        policy: what holds for delivery where no policy set speaks.
        tuning: what an administrator may tune.
        public_key: gives the key that browsers subscribe with, or `None` without Web Push.
        failed: is told of an error that nobody expected, with the device.
    """

    def __init__(
        self,
        store: Store,
        senders: Mapping[Channel, Sender],
        *,
        clock: Clock,
        chance: random.Random,
        name: Callable[[], str],
        policy: DeliveryPolicy | None = None,
        tuning: NotifySettings | None = None,
        public_key: Callable[[], str | None] = lambda: None,
        failed: Callable[[int, Exception], None] = lambda device_id, error: None,
    ) -> None:
        self._store = store
        self._senders = senders
        self._clock = clock
        self._name = name
        self._policy = policy or DeliveryPolicy()
        self._tuning = tuning or NotifySettings()
        self._public_key = public_key
        self.dispatcher = Dispatcher(
            store, senders, clock=clock, chance=chance, policy=self._policy, tuning=self._tuning, failed=failed
        )
        self.notifier = Notifier(
            store, clock=clock, name=name, policy=self._policy, tuning=self._tuning, wake=self.dispatcher.wake
        )

    async def run(self) -> None:
        """
        Notify devices until cancelled.
        """
        async with asyncio.TaskGroup() as group:
            group.create_task(self.notifier.run())
            group.create_task(self.dispatcher.run())

    def vapid_public_key(self) -> str | None:
        """
        Give the key that browsers subscribe with; `None` when Web Push is not set up.
        """
        return self._public_key()

    async def test(self, subscription_id: int) -> str:
        """
        Send a test to the device of a subscription; gives its name, under which the receipt comes.

        Raises:
            NotHeld: there is no such subscription.
        """
        subscription = await self._store.subscription(subscription_id)
        made = await send_canary(
            self._store, subscription.device_id, clock=self._clock, name=self._name, tuning=self._tuning
        )
        self.dispatcher.wake()
        return made.token

    async def receipt(self, device_id: int, notice_id: str, kind: str, at: dt.datetime) -> bool:
        """
        Take a device's word that a notice came (`received`) or was shown (`shown`); tells whether it is known.
        """
        try:
            await acknowledge(self._store, device_id, notice_id, Step(kind), at)
        except NotHeld:
            return False
        return True

    async def trace(self, account_id: int, item_id: int) -> ItemTrace:
        """
        Give the way of an account's item to its devices; also of one that is gone, as long as its trace is kept.

        Raises:
            NotHeld: the account holds no such item, and nothing was decided about one.
        """
        steps = [one for one in await self._store.trace_of_item(item_id) if one.account_id == account_id]
        if not steps and (await self._store.item(item_id)).account_id != account_id:
            raise NotHeld(f"there is no item {item_id}; it may have been deleted")
        return trace_of(item_id, steps, await self._store.devices(account_id))

    async def forecast(self, device_id: int) -> Forecast:
        """
        Say what would happen to a mail arriving now.

        Raises:
            NotHeld: there is no such device.
        """
        return await forecast(
            self._store,
            device_id,
            now=self._clock.now(),
            policy=self._policy,
            tuning=self._tuning,
            channels=set(self._senders),
        )
