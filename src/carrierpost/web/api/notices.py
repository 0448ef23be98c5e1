"""
Where a device can be notified, and what it says of notices that came.
"""

from __future__ import annotations

import datetime as dt
from typing import Annotated, Literal

import msgspec

from carrierpost.model import Channel, NewSubscription, Secret, Subscription
from carrierpost.web.office import Notices
from carrierpost.web.operations import Call, Operations
from carrierpost.web.problems import Problem

__all__ = ["notices_of", "operations"]

operations = Operations()

Part = Annotated[str, msgspec.Meta(min_length=1, max_length=4000)]
PartName = Annotated[str, msgspec.Meta(pattern="^[a-z0-9_-]+$", max_length=32)]


class SubscriptionDraft(msgspec.Struct, frozen=True, kw_only=True):
    """
    Where a device can be notified.

    Attributes:
        channel: the way.
        address: its parts: `endpoint`, `p256dh` and `auth` for Web Push and UnifiedPush, `token` and `topic` for APNs,
            `token` for FCM, `url` for a webhook, `name` for a desktop.
        secret: what signs what is sent to a webhook.
    """

    channel: Channel
    address: Annotated[dict[PartName, Part], msgspec.Meta(min_length=1, max_length=8)]
    secret: Part | None = None


class SubscriptionView(msgspec.Struct, frozen=True, kw_only=True):
    """
    A subscription, without its address.

    Attributes:
        id: the hub's number for it.
        channel: the way.
        created_at: when it was set up.
        verified_at: when a notice last came by it, or `None` for never.
        failed: why it is used no more; empty while it is.
    """

    id: int
    channel: Channel
    created_at: dt.datetime
    verified_at: dt.datetime | None
    failed: str


class TestSent(msgspec.Struct, frozen=True, kw_only=True):
    """
    A test notice that is on its way; its receipt comes under this id.
    """

    notice_id: str


class Receipt(msgspec.Struct, frozen=True, kw_only=True):
    """
    A device's word about a notice.

    Attributes:
        notice_id: its id, as it came with it.
        kind: `received`, or `shown` to a person.
        at: when, by the device's clock; now unless given.
    """

    notice_id: Annotated[str, msgspec.Meta(min_length=1, max_length=200)]
    kind: Literal["received", "shown"]
    at: Annotated[dt.datetime, msgspec.Meta(tz=True)] | None = None


class VapidKey(msgspec.Struct, frozen=True, kw_only=True):
    """
    What a browser subscribes with (`applicationServerKey`), base64url without padding.
    """

    public_key: str


@operations("GET", "/notices/vapid-key", problems=(503,))
async def see_vapid_key(call: Call) -> VapidKey:
    """
    Give the key that browsers subscribe to Web Push with.
    """
    key = notices_of(call).vapid_public_key()
    if key is None:
        raise Problem(503, "web-push-not-set-up", "Web Push is not set up; who runs this Carrierpost can do that")
    return VapidKey(public_key=key)


@operations("GET", "/devices/{device_id}/subscriptions")
async def list_subscriptions(call: Call, device_id: int) -> tuple[SubscriptionView, ...]:
    """
    List where a device can be notified.
    """
    held = await call.office.hub.store.subscriptions((await call.device(device_id)).id)
    return tuple(_view(one) for one in held)


@operations("PUT", "/devices/{device_id}/subscriptions", problems=(403,))
async def put_subscription(call: Call, device_id: int, body: SubscriptionDraft) -> SubscriptionView:
    """
    Say where a device can be notified; the same place again replaces what was known of it.
    """
    device = await call.device(device_id)
    policy, _ = await call.office.delivery_policy(device)
    if body.channel not in policy.channels:
        raise Problem(403, "channel-not-allowed", f"the administrator does not allow the channel {body.channel}")
    secret = Secret(body.secret) if body.secret is not None else None
    try:
        new = NewSubscription(device_id=device.id, channel=body.channel, address=dict(body.address), secret=secret)
    except ValueError as error:
        raise Problem(422, "bad-subscription", str(error)) from None
    return _view(await call.office.hub.store.put_subscription(new))


@operations("DELETE", "/devices/{device_id}/subscriptions/{subscription_id}", status=204)
async def remove_subscription(call: Call, device_id: int, subscription_id: int) -> None:
    """
    Notify a device there no more.
    """
    one = await _subscription(call, device_id, subscription_id)
    await call.office.hub.store.remove_subscription(one.id)


@operations("POST", "/devices/{device_id}/subscriptions/{subscription_id}/test", status=202, problems=(503,))
async def test_subscription(call: Call, device_id: int, subscription_id: int) -> TestSent:
    """
    Send a test notice, whose receipt tells how long it took.
    """
    one = await _subscription(call, device_id, subscription_id)
    return TestSent(notice_id=await notices_of(call).test(one.id))


@operations("POST", "/devices/{device_id}/receipts", status=204, problems=(503,))
async def take_receipt(call: Call, device_id: int, body: Receipt) -> None:
    """
    Take a device's word that a notice came, or was shown.
    """
    device = await call.device(device_id)
    known = await notices_of(call).receipt(device.id, body.notice_id, body.kind, body.at or call.office.hub.clock.now())
    if not known:
        raise Problem(404, "not-found", "no such notice was sent to this device")


async def _subscription(call: Call, device_id: int, subscription_id: int) -> Subscription:
    device = await call.device(device_id)
    for one in await call.office.hub.store.subscriptions(device.id):
        if one.id == subscription_id:
            return one
    raise Problem(404, "not-found", f"{device.name} has no subscription {subscription_id}")


def notices_of(call: Call) -> Notices:
    """
    Give whoever notifies devices.

    Raises:
        Problem: nobody does.
    """
    if call.office.notices is None:
        raise Problem(503, "no-notices", "this Carrierpost notifies no devices; who runs it can set that up")
    return call.office.notices


def _view(one: Subscription) -> SubscriptionView:
    return SubscriptionView(
        id=one.id,
        channel=one.channel,
        created_at=one.created_at,
        verified_at=one.verified_at,
        failed=one.failed,
    )
