"""
A person's phone or browser as the hub knows it: what it is, what it says of its life, what was set on it.

Its token is no part of these values: the store keeps a hash of it apart.
"""

from __future__ import annotations

import datetime as dt
import enum

import msgspec

__all__ = ["AppState", "Channel", "Device", "DeviceLife", "DeviceSettings", "Network", "NewDevice", "Platform"]


class Platform(enum.StrEnum):
    """
    What kind of system a device runs, which decides what an app may do that is not open.
    """

    IOS = "ios"
    ANDROID = "android"
    DESKTOP = "desktop"
    """A browser or a program on a desk or lap."""


class AppState(enum.StrEnum):
    """
    Where the app is in its life. The transitions are a table: `carrierpost.delivery.lifecycle`.
    """

    FOREGROUND = "foreground"
    """It is open in front of a person."""
    GRACE = "grace"
    """It was just left, and the system lets it go on for a while (iOS)."""
    BACKGROUND = "background"
    """It runs without being seen."""
    SUSPENDED = "suspended"
    """It is in memory and gets no time to run."""
    TERMINATED = "terminated"
    """It is gone: closed by a person or ended by the system."""


class Channel(enum.StrEnum):
    """
    A way to notify a device.
    """

    APNS = "apns"
    WEB_PUSH = "web-push"
    FCM = "fcm"
    UNIFIED_PUSH = "unified-push"
    DESKTOP = "desktop"
    WEBHOOK = "webhook"


class Network(enum.StrEnum):
    """
    What a device is connected by, as far as it says.
    """

    UNKNOWN = "unknown"
    NONE = "none"
    WIFI = "wifi"
    CELLULAR = "cellular"
    WIRED = "wired"


class NewDevice(msgspec.Struct, frozen=True, kw_only=True):
    """
    What has to be known to register a device.

    Attributes:
        account_id: the account that it shows.
        name: what its owner calls it.
        platform: what it runs.
        time_zone: IANA name of the zone it is in; cadence and quiet hours follow it.
    """

    account_id: int
    name: str
    platform: Platform
    time_zone: str = "UTC"


class Device(NewDevice, frozen=True, kw_only=True):
    """
    A device as the hub holds it.

    Attributes:
        id: the hub's number for it; never used again for another.
        created_at: when it was registered, UTC.
    """

    id: int
    created_at: dt.datetime


class DeviceLife(msgspec.Struct, frozen=True, kw_only=True):
    """
    What a device reports of its life; each report replaces what it speaks of.

    Attributes:
        state: where its app is.
        since: since when, UTC.
        background_refresh: whether the system lets the app refresh in the background (iOS: Settings > Background App
            Refresh).
        channel: the notify channel that was set up, or `None`.
        channel_allowed: whether its owner lets the app show notices.
        low_power: whether the device saves power.
        battery: its charge, 0 to 100, or `None` when it does not say.
        charging: whether it is being charged.
        network: what it is connected by.
        roaming: whether it is in a foreign network.
        last_seen: when it was last heard of, UTC, or `None` for never.
        native_accounts: whether an Exchange or Hotmail account of the system puts contacts into its address book, or
            `None` when the app cannot see that.
        native_accounts_managed: the same, as its managed configuration says; `None` when that says nothing.

    Raises:
        ValueError: the battery is not between 0 and 100, or a time has no zone.
    """

    state: AppState
    since: dt.datetime
    background_refresh: bool = True
    channel: Channel | None = None
    channel_allowed: bool = True
    low_power: bool = False
    battery: int | None = None
    charging: bool = False
    network: Network = Network.UNKNOWN
    roaming: bool = False
    last_seen: dt.datetime | None = None
    native_accounts: bool | None = None
    native_accounts_managed: bool | None = None

    def __post_init__(self) -> None:
        if self.battery is not None and not 0 <= self.battery <= 100:
            raise ValueError(f"battery is {self.battery}; it is given as 0 to 100 percent")
        for name, moment in (("since", self.since), ("last_seen", self.last_seen)):
            if moment is not None and moment.tzinfo is None:
                raise ValueError(f"{name} is a time without a zone; give it as UTC")


class DeviceSettings(msgspec.Struct, frozen=True, kw_only=True):
    """
    What a person sets on one device. How often a folder is checked is the folder's own (`Collection.minutes`).

    Attributes:
        auto_refresh: iOS Settings > Auto Refresh. Off, only Inbox, Calendar and Contacts refresh by themselves.
        sync_with_local_contacts: contacts are kept in the device's address book, as far as the policy lets them.
        native_accounts: the person's answer to whether an Exchange or Hotmail account of the system puts contacts into
            its address book; `None` when the question was not answered.
    """

    auto_refresh: bool = True
    sync_with_local_contacts: bool = False
    native_accounts: bool | None = None
