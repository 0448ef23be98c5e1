"""
A person's phones and browsers: registered, named, revoked; what they report of their life, and how mail reaches them.
"""

from __future__ import annotations

import datetime as dt
import zoneinfo
from typing import Annotated

import msgspec

from carrierpost.delivery import Habits, LifeEvent, RefreshMemory, RefreshPolicy, Way, decide, lived, next_refresh
from carrierpost.model import (
    AppState,
    Device,
    DeviceLife,
    DeviceSettings,
    DeviceToken,
    Network,
    NewDevice,
    Platform,
    TokenPurpose,
)
from carrierpost.web.api.session import browser_name
from carrierpost.web.operations import Access, Call, Operations
from carrierpost.web.principal import hashed, new_device_token
from carrierpost.web.problems import Problem

__all__ = ["operations"]

operations = Operations()

Name = Annotated[str, msgspec.Meta(min_length=1, max_length=80)]
Zone = Annotated[str, msgspec.Meta(pattern=r"^[A-Za-z0-9_+\-/]+$", max_length=64)]


class DeviceDraft(msgspec.Struct, frozen=True, kw_only=True):
    """
    What a device says of itself.

    Attributes:
        name: what its owner calls it; named after the browser when left out.
        platform: what it runs; detected when left out, and can be corrected later.
        time_zone: IANA name of the zone it is in.
    """

    name: Name | None = None
    platform: Platform | None = None
    time_zone: Zone = "UTC"


class DeviceChanges(msgspec.Struct, frozen=True, kw_only=True):
    """
    What is to be different about a device; what is left out stays.
    """

    name: Name | None = None
    platform: Platform | None = None
    time_zone: Zone | None = None


class LifeReport(msgspec.Struct, frozen=True, kw_only=True):
    """
    What a device says of its life; what is left out stays as it was.

    Attributes:
        event: what has happened to the app.
        background_refresh: whether the system lets it refresh in the background.
        channel_allowed: whether its owner lets it show notices.
        low_power: whether the device saves power.
        battery: its charge, percent.
        charging: whether it is being charged.
        network: what it is connected by.
        roaming: whether it is in a foreign network.
        native_accounts: whether an Exchange or Hotmail account of the system puts contacts into its address book; null
            when the app cannot see that any more.
        native_accounts_managed: the same, as its managed configuration says; null when that says nothing any more.
    """

    event: LifeEvent | None = None
    background_refresh: bool | None = None
    channel_allowed: bool | None = None
    low_power: bool | None = None
    battery: Annotated[int, msgspec.Meta(ge=0, le=100)] | None = None
    charging: bool | None = None
    network: Network | None = None
    roaming: bool | None = None
    native_accounts: bool | msgspec.UnsetType | None = msgspec.UNSET
    native_accounts_managed: bool | msgspec.UnsetType | None = msgspec.UNSET


class RefreshView(msgspec.Struct, frozen=True, kw_only=True):
    """
    When to refresh in the background.

    Attributes:
        at: when, or `None` when that cannot be foreseen.
        reason: why then, a sentence in the device's zone.
    """

    at: dt.datetime | None
    reason: str


class DeliveryView(msgspec.Struct, frozen=True, kw_only=True):
    """
    How mail reaches a device now.

    Attributes:
        way: `live`, `notify`, `refresh` or `nothing`.
        channel: over which it is notified.
        reason: why, a sentence.
        until: until when that certainly holds.
        next_refresh: when to refresh, for `refresh`.
    """

    way: Way
    channel: str | None
    reason: str
    until: dt.datetime | None
    next_refresh: RefreshView | None


class DeviceView(msgspec.Struct, frozen=True, kw_only=True):
    """
    A device.

    Attributes:
        id: the hub's number for it.
        account_id: the account that it shows.
        name: what its owner calls it.
        platform: what it runs.
        time_zone: the zone it is in.
        created_at: when it was registered.
        life: what it last said of its life.
        settings: what was set on it.
        delivery: how mail reaches it now.
        current: whether it is the one that asks.
    """

    id: int
    account_id: int
    name: str
    platform: Platform
    time_zone: str
    created_at: dt.datetime
    life: DeviceLife
    settings: DeviceSettings
    delivery: DeliveryView
    current: bool


class TokenDraft(msgspec.Struct, frozen=True, kw_only=True):
    """
    What a token is for.

    Attributes:
        name: what uses it.
        hours: how long it is good; for ever unless given.
    """

    name: Name
    hours: Annotated[int, msgspec.Meta(ge=1, le=87_600)] | None = None


class NewToken(msgspec.Struct, frozen=True, kw_only=True):
    """
    A token that was made. It is shown this once.
    """

    token: str
    about: DeviceToken


@operations("POST", "/accounts/{account_id}/devices", access=Access.BROWSER, status=201)
async def register_device(call: Call, account_id: int, body: DeviceDraft) -> DeviceView:
    """
    Register the browser that asks as a device of an account; one that is registered already is set up anew.
    """
    account, store = call.account(account_id), call.office.hub.store
    agent = call.request.headers.get("user-agent", "")
    zone = _zone(body.time_zone)
    known = call.who.devices.get(account.id)
    if known is not None:
        call.status = 200
        platform = body.platform or (await store.device(known)).platform
        values = {"name": body.name} if body.name is not None else {}
        device = await store.update_device(known, platform=platform, time_zone=zone, **values)
        return await _view(call, device)
    now = call.office.hub.clock.now()
    new = NewDevice(
        account_id=account.id,
        name=body.name or browser_name(agent),
        platform=body.platform or platform_of(agent),
        time_zone=zone,
    )
    life = DeviceLife(state=AppState.FOREGROUND, since=now, last_seen=now)
    device = await store.add_device(new, life=life)
    assert call.who.session_id is not None
    await store.bind_session(call.who.session_id, account.id, device.id)
    call.who.devices[account.id] = device.id
    return await _view(call, device)


@operations("GET", "/accounts/{account_id}/devices")
async def list_devices(call: Call, account_id: int) -> tuple[DeviceView, ...]:
    """
    List the devices of an account; to a device only itself is shown.
    """
    devices = await call.office.hub.store.devices(call.account(account_id).id)
    return tuple([await _view(call, one) for one in devices if call.who.may_see(one)])


@operations("GET", "/devices/{device_id}")
async def see_device(call: Call, device_id: int) -> DeviceView:
    """
    Show a device, and how mail reaches it now.
    """
    return await _view(call, await call.device(device_id))


@operations("PATCH", "/devices/{device_id}")
async def change_device(call: Call, device_id: int, body: DeviceChanges) -> DeviceView:
    """
    Name a device, or correct what it runs or where it is.
    """
    device, store = await call.device(device_id), call.office.hub.store
    values = {name: value for name in DeviceChanges.__struct_fields__ if (value := getattr(body, name)) is not None}
    if body.time_zone is not None:
        values["time_zone"] = _zone(body.time_zone)
    if body.platform not in (None, device.platform):
        now = call.office.hub.clock.now()  # another platform, another life: it is open, for it asks
        await store.change_device_life(
            device.id, lambda life: msgspec.structs.replace(life, state=AppState.FOREGROUND, since=now, last_seen=now)
        )
    return await _view(call, await store.update_device(device.id, **values))


@operations("DELETE", "/devices/{device_id}", status=204)
async def remove_device(call: Call, device_id: int) -> None:
    """
    Remove a device: what it is signed in by ends at once, and it is told nothing any more.
    """
    device = await call.device(device_id)
    await call.office.hub.store.remove_device(device.id, "removed by its owner")
    call.office.look_again()


@operations("POST", "/devices/{device_id}/life", problems=(409,))
async def report_life(call: Call, device_id: int, body: LifeReport) -> DeliveryView:
    """
    Report what has happened to the app, and how the device is; answers how mail will reach it now, and why.

    An app that was opened, or that was given time to refresh, gets what is new: the mail server is asked at once.
    """
    device, now = await call.device(device_id), call.office.hub.clock.now()
    values = _said(body)

    def go_on(life: DeviceLife) -> DeviceLife:
        changed = msgspec.structs.replace(life, last_seen=now, **values)
        return lived(device.platform, changed, body.event, now) if body.event is not None else changed

    life = await call.office.hub.store.change_device_life(device.id, go_on)
    if body.event in _WANTS_NEWS:
        call.office.fetch(device.account_id)
    return await _delivery(call, device, life)


@operations("GET", "/devices/{device_id}/settings")
async def see_device_settings(call: Call, device_id: int) -> DeviceSettings:
    """
    Show what was set on a device.
    """
    return await call.office.hub.store.device_settings((await call.device(device_id)).id)


@operations("PUT", "/devices/{device_id}/settings")
async def set_device_settings(call: Call, device_id: int, body: DeviceSettings) -> DeviceSettings:
    """
    Set what is set on a device.
    """
    await call.office.hub.store.set_device_settings((await call.device(device_id)).id, body)
    return body


@operations("GET", "/devices/{device_id}/tokens", access=Access.BROWSER)
async def list_tokens(call: Call, device_id: int) -> tuple[DeviceToken, ...]:
    """
    List the tokens by which native programs come in as a device.
    """
    every = await call.office.hub.store.device_tokens((await call.device(device_id)).id)
    return tuple(one for one in every if one.purpose is TokenPurpose.APP)


@operations("POST", "/devices/{device_id}/tokens", access=Access.BROWSER, status=201)
async def make_token(call: Call, device_id: int, body: TokenDraft) -> NewToken:
    """
    Make a token for a native program on a device. It is shown this once.
    """
    device, token = await call.device(device_id), new_device_token()
    until = call.office.hub.clock.now() + dt.timedelta(hours=body.hours) if body.hours is not None else None
    about = await call.office.hub.store.add_device_token(device.id, hashed(token), name=body.name, expires_at=until)
    return NewToken(token=token, about=about)


@operations("DELETE", "/devices/{device_id}/tokens/{token_id}", access=Access.BROWSER, status=204)
async def remove_token(call: Call, device_id: int, token_id: int) -> None:
    """
    Revoke a token.
    """
    await call.office.hub.store.remove_device_token((await call.device(device_id)).id, token_id)
    call.office.look_again()


_WANTS_NEWS = (LifeEvent.FOREGROUND, LifeEvent.REFRESH_BEGUN)
_NULL_SAYS_SOMETHING = ("native_accounts", "native_accounts_managed")


def _said(report: LifeReport) -> dict[str, object]:
    """
    Give what a report speaks of, but for the event.
    """
    every = {name: value for name, value in msgspec.structs.asdict(report).items() if name != "event"}
    return {
        name: value
        for name, value in every.items()
        if value is not msgspec.UNSET and (value is not None or name in _NULL_SAYS_SOMETHING)
    }


def platform_of(user_agent: str) -> Platform:
    """
    Guess what a browser runs on. An iPad calls itself a Mac; its owner can correct that.
    """
    if any(mark in user_agent for mark in ("iPhone", "iPad", "iPod")):
        return Platform.IOS
    return Platform.ANDROID if "Android" in user_agent else Platform.DESKTOP


def _zone(name: str) -> str:
    try:
        zoneinfo.ZoneInfo(name)
    except (zoneinfo.ZoneInfoNotFoundError, ValueError, OSError):
        raise Problem(422, "no-such-zone", f"{name} is no time zone; give an IANA name such as Europe/Berlin") from None
    return name


async def _view(call: Call, device: Device) -> DeviceView:
    store = call.office.hub.store
    life = await store.device_life(device.id)
    return DeviceView(
        **msgspec.structs.asdict(device),
        life=life,
        settings=await store.device_settings(device.id),
        delivery=await _delivery(call, device, life),
        current=call.who.devices.get(device.account_id) == device.id,
    )


async def _delivery(call: Call, device: Device, life: DeviceLife) -> DeliveryView:
    policy, values = await call.office.delivery_policy(device)
    now = call.office.hub.clock.now()
    if not values.background_refresh:
        life = msgspec.structs.replace(life, background_refresh=False)
    decided = decide(device, life, policy, now)
    refresh = None
    if decided.way is Way.REFRESH:
        memory = RefreshMemory(current_at=life.last_seen or life.since)
        zone = zoneinfo.ZoneInfo(device.time_zone)
        following = next_refresh(memory, Habits(), life, RefreshPolicy(), now, zone)
        refresh = RefreshView(at=following.at, reason=following.reason)
    return DeliveryView(
        way=decided.way,
        channel=str(decided.channel) if decided.channel is not None else None,
        reason=decided.reason,
        until=decided.until,
        next_refresh=refresh,
    )
