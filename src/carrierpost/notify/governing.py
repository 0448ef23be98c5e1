"""
What an administrator allows of notices on a device, out of the policies.
"""

from __future__ import annotations

import dataclasses

from carrierpost.delivery import DeliveryPolicy
from carrierpost.model import Account, Device, LockScreenDetail, NoticeSettings
from carrierpost.policy import EffectivePolicy, effective_policy
from carrierpost.policy.document import load_policies
from carrierpost.store.contract import Store

__all__ = ["Governing", "governing"]


@dataclasses.dataclass(frozen=True, slots=True)
class Governing:
    """
    What holds for notices on one device.

    Attributes:
        delivery: what holds for how mail reaches it.
        effective: all that holds for it, with where it comes from.
    """

    delivery: DeliveryPolicy
    effective: EffectivePolicy

    def detail(self, settings: NoticeSettings) -> LockScreenDetail:
        """
        Give what a lock screen may show: the stricter of what its owner chose and what the policy says.
        """
        found: LockScreenDetail = self.effective.strictest("lock_screen_detail", settings.detail)
        return found


async def governing(store: Store, account: Account, device: Device, base: DeliveryPolicy) -> Governing:
    """
    Read what holds for a device now; a changed policy holds for the next notice.

    Args:
        store: where the policies are.
        account: the device's account.
        device: the device.
        base: what holds for delivery where no policy speaks.
    """
    effective = effective_policy(
        load_policies((await store.policy_version()).policies), address=account.address, platform=device.platform
    )
    channels = base.channels & frozenset(effective.values.notify_channels)
    return Governing(dataclasses.replace(base, channels=channels), effective)
