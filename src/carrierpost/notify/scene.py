"""
What a decision about a notice depends on, and what it says. Values.
"""

from __future__ import annotations

import dataclasses
import datetime as dt

from carrierpost.delivery import Delivery
from carrierpost.model import (
    Account,
    Channel,
    Device,
    DeviceSettings,
    NoticeKind,
    NoticeSettings,
    NoticeText,
    Urgency,
)
from carrierpost.notify.people import bare
from carrierpost.notify.settings import NotifySettings
from carrierpost.notify.zones import zone_of

__all__ = ["Decision", "Scene"]


@dataclasses.dataclass(frozen=True, slots=True)
class Scene:
    """
    Everything that a decision depends on beside the news itself.

    Attributes:
        account: whose news it is.
        device: who may be told.
        delivery: how mail reaches it now.
        settings: what its owner set about notices.
        now: the time, with a zone.
        device_settings: what else its owner set on it.
        told: whether this device was told of the same before.
        channel: its channel, or `None`.
        preview: how the mail begins.
        tuning: what an administrator may tune.
    """

    account: Account
    device: Device
    delivery: Delivery
    settings: NoticeSettings
    now: dt.datetime
    device_settings: DeviceSettings = dataclasses.field(default_factory=DeviceSettings)
    told: bool = False
    channel: Channel | None = None
    preview: str = ""
    tuning: NotifySettings = dataclasses.field(default_factory=NotifySettings)

    @property
    def own(self) -> frozenset[str]:
        """
        The account's own addresses, as they are compared.
        """
        return frozenset({bare(self.account.address), bare(self.account.login)})

    @property
    def zone(self) -> dt.tzinfo:
        """
        The zone that the device is in.
        """
        return zone_of(self.device.time_zone)


@dataclasses.dataclass(frozen=True, slots=True)
class Decision:
    """
    What was decided for one device.

    Attributes:
        notify: whether it is told.
        reason: why, in a sentence without its full stop.
        kind: what it is about; `NoticeKind.BADGE` when only the number on the icon is to change, and
            `NoticeKind.SUMMARY` when it joins what came late.
        key: by which the same news is known again.
        expires_at: from when on nobody wants to know, UTC.
        urgency: how fast.
        text: it in full, or `None` for nothing to read.
        collapse: a newer notice with the same replaces this one at the device; empty for none does.
    """

    notify: bool
    reason: str
    kind: NoticeKind
    key: str
    expires_at: dt.datetime
    urgency: Urgency = Urgency.NORMAL
    text: NoticeText | None = None
    collapse: str = ""
