"""
The contract: devices, their life, their settings, their subscriptions.
"""

from __future__ import annotations

import asyncio
import contextlib
import datetime as dt

import msgspec
import pytest

from carrierpost.model import (
    AppState,
    ChangeKind,
    Channel,
    DeviceLife,
    DeviceSettings,
    Network,
    NewSubscription,
    Platform,
    Secret,
)
from carrierpost.store import NotHeld, Store
from tests.store.conftest import Place, SteadyClock
from tests.store.values import NOW, Mailbox, phone, push

LIFE = DeviceLife(
    state=AppState.GRACE,
    since=NOW,
    background_refresh=False,
    low_power=True,
    battery=12,
    network=Network.CELLULAR,
    last_seen=NOW,
)


async def test_a_device_comes_back_as_it_was_given(
    store: Store, box: Mailbox, place: Place, clock: SteadyClock
) -> None:
    """Everything that is said of a device is there after the store was opened again; the feed told of it."""
    made = await store.add_device(phone(box.id), life=LIFE)
    async with await place.open(clock) as again:
        assert await again.devices() == await again.devices(box.id) == (made,) == (await again.device(made.id),)
        assert await again.device_life(made.id) == LIFE
        assert await again.known_devices(box.id) == ((made, LIFE, DeviceSettings()),)
    assert (made.platform, made.time_zone, made.created_at) == (Platform.IOS, "Europe/Berlin", clock.now())
    told = (await store.feed(box.id))[-1]
    assert (told.kind, told.device_id, told.fields) == (ChangeKind.DEVICE_CHANGED, made.id, ("added",))


async def test_a_device_that_said_nothing_counts_as_closed(store: Store, box: Mailbox) -> None:
    """Nothing is sent to a device, nor held for it, before it was heard of."""
    made = await store.add_device(phone(box.id))
    life = await store.device_life(made.id)
    assert (life.state, life.channel, life.last_seen) == (AppState.TERMINATED, None, None)


async def test_what_a_person_sets_is_a_change_and_what_stays_is_none(store: Store, box: Mailbox) -> None:
    """A name, a kind, a switch: each is told with the names of what changed. Setting the same again tells nothing."""
    made = await store.add_device(phone(box.id))
    before = len(await store.feed(box.id))
    changed = await store.update_device(made.id, name="Old phone", platform=Platform.IOS)
    assert await store.device(made.id) == changed
    await store.set_device_settings(made.id, DeviceSettings(auto_refresh=False))
    await store.update_device(made.id, name="Old phone")
    await store.set_device_settings(made.id, DeviceSettings(auto_refresh=False))
    assert await store.device_settings(made.id) == DeviceSettings(auto_refresh=False)
    assert [one.fields for one in (await store.feed(box.id))[before:]] == [("name",), ("auto_refresh",)]
    with pytest.raises(TypeError, match="account_id"):
        await store.update_device(made.id, account_id=7)


async def test_two_reports_of_one_life_do_not_undo_each_other(store: Store, box: Mailbox) -> None:
    """Reports that come at the same moment are carried out one after the other, each on what the other left."""
    made = await store.add_device(phone(box.id), life=DeviceLife(state=AppState.FOREGROUND, since=NOW))
    before = len(await store.feed(box.id))
    await asyncio.gather(
        store.change_device_life(made.id, lambda life: msgspec.structs.replace(life, battery=40)),
        store.change_device_life(made.id, lambda life: msgspec.structs.replace(life, low_power=True)),
        store.change_device_life(made.id, lambda life: msgspec.structs.replace(life, last_seen=NOW)),
    )
    life = await store.device_life(made.id)
    assert (life.state, life.battery, life.low_power, life.last_seen) == (AppState.FOREGROUND, 40, True, NOW)
    assert len(await store.feed(box.id)) == before  # a life is no news


async def test_a_report_that_makes_no_sense_leaves_the_life_as_it_was(store: Store, box: Mailbox) -> None:
    """What the change raises is raised, and nothing is written."""
    made = await store.add_device(phone(box.id), life=LIFE)

    def refuse(life: DeviceLife) -> DeviceLife:
        raise ValueError(f"not from {life.state}")

    with pytest.raises(ValueError, match="not from grace"):
        await store.change_device_life(made.id, refuse)
    assert await store.device_life(made.id) == LIFE


async def test_the_channel_follows_from_the_subscriptions(store: Store, box: Mailbox) -> None:
    """It is that of the newest subscription in use, whatever a report says, and none when the last has failed."""
    made = await store.add_device(phone(box.id), life=LIFE)
    web = await store.put_subscription(push(made.id))
    token = {"token": "aa", "topic": "org.example"}
    apns = await store.put_subscription(NewSubscription(device_id=made.id, channel=Channel.APNS, address=token))
    await store.set_device_life(made.id, msgspec.structs.replace(LIFE, channel=Channel.WEBHOOK))
    assert (await store.device_life(made.id)).channel is Channel.APNS
    assert await store.drop_subscription(apns.id, "Unregistered")
    [(_, life, _)] = await store.known_devices(box.id)
    assert life.channel is Channel.WEB_PUSH
    await store.remove_subscription(web.id)
    assert (await store.device_life(made.id)).channel is None


async def test_NT1_a_dead_subscription_is_dropped_once(store: Store, box: Mailbox) -> None:
    """
    It stays to be seen, with its reason, until there is a new one of its channel; another device's is not touched.
    """
    made, other = await store.add_device(phone(box.id)), await store.add_device(phone(box.id, "Tablet"))
    held, safe = await store.put_subscription(push(made.id)), await store.put_subscription(push(other.id))
    assert await store.drop_subscription(held.id, "410 Gone")
    assert not await store.drop_subscription(held.id, "410 Gone, again")
    await store.verify_subscription(held.id, NOW)
    [failed] = await store.subscriptions(made.id)
    assert (failed.failed, failed.verified_at) == ("410 Gone", None)
    told = (await store.feed(box.id))[-1]
    assert (told.device_id, told.fields, told.detail) == (made.id, ("subscriptions",), "410 Gone")
    new = await store.put_subscription(push(made.id, "https://push.example/2"))
    assert await store.subscriptions(made.id) == (new,)
    assert await store.subscriptions(other.id) == (safe,)


async def test_the_same_place_again_replaces_what_was_held_of_it(
    store: Store, box: Mailbox, clock: SteadyClock
) -> None:
    """A browser that subscribes anew keeps its endpoint and brings new keys; the proof of the old counts no more."""
    made = await store.add_device(phone(box.id))
    first = await store.put_subscription(push(made.id))
    await store.verify_subscription(first.id, NOW)
    assert (await store.subscription(first.id)).verified_at == NOW
    clock.time += dt.timedelta(seconds=60)
    again = NewSubscription(
        device_id=made.id,
        channel=Channel.WEB_PUSH,
        address=dict(push(made.id).address, auth="other"),
        secret=Secret("k"),
    )
    second = await store.put_subscription(again)
    assert await store.subscriptions(made.id) == (second,)
    assert (second.address["auth"], second.secret, second.verified_at) == ("other", Secret("k"), None)
    assert second.id != first.id
    with pytest.raises(NotHeld, match="no subscription"):
        await store.subscription(first.id)
    assert "push.example" not in repr(second)
    assert "other" not in repr(second)


async def test_a_removed_device_takes_everything_of_it_along(store: Store, box: Mailbox) -> None:
    """Its subscriptions, its tokens, and the sessions in it; ids are not given again, and the feed says why."""
    made = await store.add_device(phone(box.id))
    held = await store.put_subscription(push(made.id))
    await store.add_device_token(made.id, "t", name="app")
    session = await store.add_session("s", name="Firefox", expires_at=NOW + dt.timedelta(days=1))
    await store.sign_in(session.id, box.id, device_id=made.id)
    await store.remove_device(made.id, "lost in a train")
    assert await store.devices() == ()
    assert await store.device_token("t") is None
    assert await store.session("s") is None
    for asked in (store.device(made.id), store.device_life(made.id), store.subscription(held.id)):
        with pytest.raises(NotHeld, match=r"no device|no subscription"):
            await asked
    told = (await store.feed(box.id))[-1]
    assert (told.fields, told.detail) == (("removed",), "lost in a train")
    assert (await store.add_device(phone(box.id))).id > made.id


@pytest.mark.parametrize("how", ["removed", "wiped"])
async def test_devices_go_with_their_account(store: Store, how: str) -> None:
    """Whoever is gone or wiped has no device any more, and a wiped account gets none; others keep theirs."""
    one, other = await Mailbox.begin(store), await Mailbox.begin(store, "bea@elm.example")
    for box in (one, other):
        made = await store.add_device(phone(box.id))
        await store.put_subscription(push(made.id))
        await store.add_device_token(made.id, f"token {box.id}", name="app")
        session = await store.add_session(f"session {box.id}", name="Firefox", expires_at=NOW + dt.timedelta(days=1))
        await store.sign_in(session.id, box.id)
    await (store.remove_account(one.id) if how == "removed" else store.wipe_account(one.id, "the server ordered it"))
    assert [device.account_id for device in await store.devices()] == [other.id]
    assert await store.device_token(f"token {one.id}") is None
    assert await store.session(f"session {one.id}") is None
    assert await store.device_token(f"token {other.id}") is not None
    assert await store.session(f"session {other.id}") is not None
    with pytest.raises(NotHeld, match=r"no account|wiped"):
        await store.add_device(phone(one.id))


async def test_an_unknown_device_is_named(store: Store, box: Mailbox) -> None:
    """Whatever is asked of a device that is not held is refused, and nothing is written."""
    for asked in (
        store.device(7),
        store.update_device(7, name="x"),
        store.remove_device(7),
        store.device_life(7),
        store.set_device_life(7, LIFE),
        store.device_settings(7),
        store.set_device_settings(7, DeviceSettings()),
        store.put_subscription(push(7)),
        store.add_device_token(7, "h", name="x"),
    ):
        with pytest.raises(NotHeld, match="no device 7"):
            await asked
    assert await store.subscriptions(7) == ()
    assert not await store.drop_subscription(7, "gone")


async def test_whoever_follows_devices_hears_of_each_account_once(store: Store, box: Mailbox) -> None:
    """A report of life is told at once, though it is no change in the feed; many before the next look are one."""
    made = await store.add_device(phone(box.id))
    heard: list[int] = []

    async def follow() -> None:
        async for account_id in store.follow_devices():
            heard.extend([account_id])

    following = asyncio.create_task(follow())
    await asyncio.sleep(0)
    for battery in range(5):
        await store.change_device_life(made.id, lambda life, b=battery: msgspec.structs.replace(life, battery=b))  # type: ignore[misc]
    while not heard:
        await asyncio.sleep(0)
    assert set(heard) == {box.id}
    assert len(heard) <= 5
    heard.clear()
    await store.put_subscription(push(made.id))
    while not heard:
        await asyncio.sleep(0)
    following.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await following
