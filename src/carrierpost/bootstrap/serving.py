"""
A hub that serves: each account is held exactly while a device of it wants that, under the policy that holds for it.
"""

from __future__ import annotations

from carrierpost.bootstrap.hub import Hub
from carrierpost.delivery import DeliveryPolicy
from carrierpost.engine.listener import Listener
from carrierpost.engine.policies import PolicyDesk
from carrierpost.model import Account

__all__ = ["listener_of"]


def listener_of(hub: Hub) -> Listener:
    """
    Give what works on a hub's accounts while its block is entered.
    """
    policies = PolicyDesk(hub.store)

    async def policy(account: Account) -> DeliveryPolicy:
        values = (await policies.effective(account.address)).values
        return DeliveryPolicy(channels=frozenset(values.notify_channels))

    return Listener(hub.store, hub.runner, policy, clock=hub.clock, chance=hub.chance)
