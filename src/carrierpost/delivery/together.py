"""
What the devices of one account mean for the hub, together.

The hub holds the account's one connection exactly while at least one device wants it, over the folders that are `push`
for one of those; folders with a frequency are asked for at their time. While no device wants the connection nothing is
asked for: a device that refreshes by itself brings its own occasion.
"""

from __future__ import annotations

import dataclasses
import datetime as dt
from collections.abc import Iterable, Mapping

from carrierpost.delivery.decision import Delivery, decide
from carrierpost.delivery.folders import PUSH, frequency, refreshes
from carrierpost.delivery.settings import DeliveryPolicy
from carrierpost.model import Collection, Device, DeviceLife, DeviceSettings

__all__ = ["HubPlan", "Known", "Turn", "plan_account"]


@dataclasses.dataclass(frozen=True, slots=True)
class Known:
    """
    What the hub knows of a device.
    """

    device: Device
    life: DeviceLife
    settings: DeviceSettings = dataclasses.field(default_factory=DeviceSettings)


@dataclasses.dataclass(frozen=True, slots=True)
class Turn:
    """
    When a folder with a frequency is to be asked for.

    Attributes:
        collection_id: the folder.
        at: when; in the past when it is overdue.
        reason: why then.
    """

    collection_id: int
    at: dt.datetime
    reason: str


@dataclasses.dataclass(frozen=True, slots=True)
class HubPlan:
    """
    What the hub is to do for an account.

    Attributes:
        deliveries: how mail reaches each device, by its id.
        held: folders that the connection is held over, in the order that they were given in; none when it is not held.
        turns: when the folders with a frequency are due, the first first.
        reason: why the connection is held, or is not, in a sentence.
        until: when to look again although nothing was heard, or `None` for never.
    """

    deliveries: Mapping[int, Delivery]
    held: tuple[int, ...]
    turns: tuple[Turn, ...]
    reason: str
    until: dt.datetime | None

    @property
    def holds(self) -> bool:
        """
        Tell whether the connection is held.
        """
        return bool(self.held)


def plan_account(
    devices: Iterable[Known],
    collections: Iterable[Collection],
    policy: DeliveryPolicy,
    now: dt.datetime,
    *,
    asked: Mapping[int, dt.datetime] | None = None,
) -> HubPlan:
    """
    Decide what the hub does for an account.

    Args:
        devices: what is known of its devices.
        collections: its folders.
        policy: what holds for its devices.
        now: the time, with a zone.
        asked: when each folder was last asked for, by its id; one that is missing is due now.
    """
    known, folders = tuple(devices), tuple(collections)
    deliveries = {one.device.id: decide(one.device, one.life, policy, now) for one in known}
    wanting = [one for one in known if deliveries[one.device.id].holds]
    wanted = [one for one in folders if any(refreshes(one, device.settings) for device in wanting)]
    held = tuple(one.id for one in wanted if one.minutes == PUSH)
    turns = [_turn(one, (asked or {}).get(one.id), now) for one in wanted if one.minutes > 0]
    changes = [one.until for one in deliveries.values() if one.until is not None]
    return HubPlan(
        deliveries,
        held,
        tuple(sorted(turns, key=lambda turn: (turn.at, turn.collection_id))),
        _reason(known, wanting, deliveries, held),
        min(changes, default=None),
    )


def _turn(collection: Collection, asked: dt.datetime | None, now: dt.datetime) -> Turn:
    often = frequency(collection.minutes)
    if asked is None:
        return Turn(collection.id, now, f"{collection.display_name} is checked {often}, and was not yet")
    at = asked + dt.timedelta(minutes=collection.minutes)
    return Turn(collection.id, at, f"{collection.display_name} is checked {often}")


def _reason(
    known: tuple[Known, ...], wanting: list[Known], deliveries: Mapping[int, Delivery], held: tuple[int, ...]
) -> str:
    if not known:
        return "the account has no device"
    if not wanting:
        one = known[0]
        rest = f" (and {len(known) - 1} more)" if len(known) > 1 else ""
        return f"no device wants the connection; {one.device.name}{rest}: {deliveries[one.device.id].reason}"
    if not held:
        return "a device wants the connection, but no folder is set to push"
    names = ", ".join(one.device.name for one in wanting)
    return f"held for {names}: {deliveries[wanting[0].device.id].reason}"
