"""
What all operations share: the hub, the settings, sign-ins on their way, live streams.
"""

from __future__ import annotations

import asyncio
import contextlib
import datetime as dt
from collections.abc import AsyncIterator, Callable, Iterable
from contextlib import AbstractAsyncContextManager
from typing import Protocol

from carrierpost.bootstrap import Hub
from carrierpost.delivery import DeliveryPolicy
from carrierpost.engine import AccountRunner, Editor
from carrierpost.engine.policies import PolicyDesk
from carrierpost.model import Account, Device, Platform, PolicyValues
from carrierpost.notify.forecast import Forecast
from carrierpost.notify.trace import ItemTrace
from carrierpost.web.figures import Figures
from carrierpost.web.settings import WebSettings, fits
from carrierpost.web.signing_in import SignIns

__all__ = ["Notices", "Office"]


class Notices(Protocol):
    """
    What the web face wants of whoever notifies devices.
    """

    def vapid_public_key(self) -> str | None:
        """
        Give the key that browsers subscribe with; `None` when Web Push is not set up.
        """

    async def test(self, subscription_id: int) -> str:
        """
        Send a test notice; gives its id.
        """

    async def receipt(self, device_id: int, notice_id: str, kind: str, at: dt.datetime) -> bool:
        """
        Take a device's word that a notice came (`received`) or was shown (`shown`); tells whether it is known.
        """

    async def trace(self, account_id: int, item_id: int) -> ItemTrace:
        """
        Give the way of an account's item to its devices.

        Raises:
            NotHeld: there is no such item, and none was told of.
        """

    async def forecast(self, device_id: int) -> Forecast:
        """
        Say what would happen to a mail arriving now.

        Raises:
            NotHeld: there is no such device.
        """


class Office:
    """
    What all operations share.

    Args:
        hub: the hub.
        settings: what was set.
        notices: who notifies devices, or `None` where nobody does.
        wake: called with an account's id when a person edited something there.
        fetch: called with an account's id, and folders' ids or none for those that refresh by themselves, when a device
            wants to see what is new there at once.
        using: gives the runner of whoever works on the account here; unless given, one is opened for each question.
        version: of the program, for the description.
    """

    def __init__(
        self,
        hub: Hub,
        settings: WebSettings,
        *,
        notices: Notices | None = None,
        wake: Callable[[int], object] = lambda account_id: None,
        fetch: Callable[..., object] = lambda account_id, *folder_ids: None,
        using: Callable[[int], AbstractAsyncContextManager[AccountRunner]] | None = None,
    ) -> None:
        self.hub = hub
        self.settings = settings
        self.notices = notices
        self.figures = Figures()
        self.sign_ins = SignIns(hub, settings)
        self.draining = asyncio.Event()
        self.fetch = fetch
        self._wake = wake
        self._using = using
        self._desk = PolicyDesk(hub.store)
        self._streams: set[asyncio.Event] = set()

    async def policy(self, account: Account, platform: Platform | None = None) -> PolicyValues:
        """
        Give what holds for a person, or for a device of theirs.
        """
        return (await self._desk.effective(account.address, platform=platform)).values

    async def delivery_policy(self, device: Device) -> tuple[DeliveryPolicy, PolicyValues]:
        """
        Give what holds for how mail reaches a device.
        """
        values = await self.policy(await self.hub.store.account(device.account_id), device.platform)
        return DeliveryPolicy(channels=frozenset(values.notify_channels)), values

    def is_administrator(self, addresses: Iterable[str]) -> bool:
        """
        Tell whether one of a person's addresses is an administrator's.
        """
        return any(fits(one, self.settings.sign_in.administrators) for one in addresses)

    def editor(self, account_id: int) -> Editor:
        """
        Give an account into a person's hands.
        """
        return self.hub.editor(account_id, wake=lambda: self._wake(account_id))

    @contextlib.asynccontextmanager
    async def using(self, account_id: int) -> AsyncIterator[AccountRunner]:
        """
        Give an account's runner, to ask the mail server something beside the synchronisation.

        Raises:
            NotHeld: there is no such account.
            HubBusy: another process works on it.
        """
        if self._using is not None:
            async with self._using(account_id) as runner:
                yield runner
            return
        async with self.hub.runner(await self.hub.store.account(account_id)) as runner:
            yield runner

    # -- live streams

    def open_stream(self) -> asyncio.Event:
        """
        Note that there is a live stream; the event is set when it has to look whether it may go on.
        """
        event = asyncio.Event()
        self._streams.add(event)
        self.figures.streams.set(len(self._streams))
        return event

    def close_stream(self, event: asyncio.Event) -> None:
        """
        Note that a live stream has ended.
        """
        self._streams.discard(event)
        self.figures.streams.set(len(self._streams))

    def look_again(self) -> None:
        """
        Make all live streams look whether they may go on: something was revoked.
        """
        for event in self._streams:
            event.set()

    def drain(self) -> None:
        """
        End what would go on for ever, as the hub is about to stop.
        """
        self.draining.set()
        self.look_again()
