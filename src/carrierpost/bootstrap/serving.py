"""
A hub that serves: each account is held exactly while a device of it wants that, under the policy that holds for it, and
devices are told of what came.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable

import structlog

from carrierpost.bootstrap.hub import Hub
from carrierpost.delivery import DeliveryPolicy
from carrierpost.engine.listener import Listener
from carrierpost.engine.policies import PolicyDesk
from carrierpost.model import Account
from carrierpost.notify.desk import NoticeDesk
from carrierpost.notify.outgoing import Outgoing
from carrierpost.notify.senders import Senders

__all__ = ["listener_of", "notifying"]

_LOG = structlog.get_logger("carrierpost.notify")


def listener_of(hub: Hub) -> Listener:
    """
    Give what works on a hub's accounts while its block is entered.
    """
    policies = PolicyDesk(hub.store)

    async def policy(account: Account) -> DeliveryPolicy:
        values = (await policies.effective(account.address)).values
        return DeliveryPolicy(channels=frozenset(values.notify_channels))

    return Listener(hub.store, hub.runner, policy, clock=hub.clock, chance=hub.chance)


@contextlib.asynccontextmanager
async def notifying(hub: Hub, *, outgoing: Callable[..., Outgoing] = Outgoing) -> AsyncIterator[NoticeDesk]:
    """
    Notify a hub's devices while the block is entered, over the channels that are set up; what is set up meanwhile is
    taken up.

    Nothing is lost with an error that ends it: what was decided is in the store, and it begins again.

    Args:
        hub: the hub.
        outgoing: makes what carries requests to providers.
    """
    senders = Senders(hub.store, clock=hub.clock, outgoing=outgoing)
    await senders.refresh()
    desk = NoticeDesk(
        hub.store,
        senders,
        clock=hub.clock,
        chance=hub.chance,
        name=lambda: f"{hub.chance.getrandbits(128):032x}",
        public_key=senders.vapid_public_key,
        failed=_failed,
    )
    tasks = [asyncio.ensure_future(work) for work in (_kept_up(hub, desk), senders.keep_fresh())]
    try:
        yield desk
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        await senders.close()


_AGAIN_SECONDS = 10.0


async def _kept_up(hub: Hub, desk: NoticeDesk) -> None:
    while True:
        try:
            await desk.run()
        except Exception:
            _LOG.exception("notices stopped by a defect, and begin again")
        await hub.clock.sleep(_AGAIN_SECONDS)


def _failed(device_id: int, error: Exception) -> None:
    _LOG.warning("device could not be notified", device_id=device_id, reason=f"{type(error).__name__}: {error}")
