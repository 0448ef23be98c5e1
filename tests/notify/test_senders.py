"""
Channels that are set up while the hub runs.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator

import pytest

from carrierpost.model import Channel
from carrierpost.notify.channel import Accepted
from carrierpost.notify.senders import Senders
from carrierpost.notify.setup import (
    APNsSetup,
    ChannelSetup,
    DesktopSetup,
    FCMSetup,
    UnifiedPushSetup,
    WebhookSetup,
    WebPushSetup,
    drop_setup,
    keep_setup,
)
from carrierpost.notify.vapid import new_key
from carrierpost.protocol.secret import Secret
from carrierpost.store import Store, open_store
from tests.notify.sending import APP, SteadyClock, WebPush, full, subscription
from tests.notify.test_apns import PEM
from tests.notify.test_fcm import FILE
from tests.support.http2 import front_door

WEB_PUSH = WebPushSetup(key=new_key().reveal(), contact="mailto:post@larch.example", app_url=APP)
SETUPS: list[tuple[Channel, ChannelSetup]] = [
    (Channel.WEB_PUSH, WEB_PUSH),
    (Channel.APNS, APNsSetup(topic="example.mail", key=PEM.reveal(), key_id="K", team_id="T")),
    (Channel.FCM, FCMSetup(service_account=json.dumps(FILE))),
    (Channel.UNIFIED_PUSH, UnifiedPushSetup(url="https://ntfy.example", token="tk_1")),
    (Channel.WEBHOOK, WebhookSetup(secret="whsec_" + "QUFB" * 11)),
    (Channel.DESKTOP, DesktopSetup()),
]


@pytest.fixture
async def store() -> AsyncIterator[Store]:
    async with await open_store(None, None, clock=SteadyClock(), inline=True) as store:
        yield store


@pytest.mark.parametrize(("channel", "setup"), SETUPS)
async def test_a_channel_is_there_once_it_is_set_up(store: Store, channel: Channel, setup: ChannelSetup) -> None:
    """Its sender comes with the next look, without a restart, and goes when it is removed."""
    senders = Senders(store, clock=SteadyClock())
    assert await senders.refresh() == frozenset()
    assert channel not in senders
    await keep_setup(store, channel, setup)
    assert channel in await senders.refresh()
    assert senders[channel].channel is channel
    sender = senders[channel]
    assert await senders.refresh() == frozenset()
    assert senders[channel] is sender
    assert await drop_setup(store, channel)
    await senders.refresh()
    assert list(senders) == []
    assert not await drop_setup(store, channel)


async def test_endpoints_of_unified_push_need_only_the_keys_of_web_push(store: Store) -> None:
    """They take the same messages, signed by the same key; browsers are given it to subscribe with."""
    senders = Senders(store, clock=SteadyClock())
    assert senders.vapid_public_key() is None
    await keep_setup(store, Channel.WEB_PUSH, WEB_PUSH)
    await senders.refresh()
    assert set(senders) == {Channel.WEB_PUSH, Channel.UNIFIED_PUSH}
    key = senders.vapid_public_key()
    assert key is not None
    assert len(key) == 87
    await drop_setup(store, Channel.WEB_PUSH)
    await senders.refresh()
    assert senders.vapid_public_key() is None


async def test_a_set_up_channel_sends(store: Store) -> None:
    """From what is kept in the store to what a phone shows, also inside one's own network."""
    clock = SteadyClock()
    push = WebPush(clock)
    async with front_door(push) as door:
        push.behind(door, "127.0.0.1")
        setup = WebPushSetup(
            key=WEB_PUSH.key, contact=WEB_PUSH.contact, own=("127.0.0.1",), authorities=door.certificate.decode()
        )
        await keep_setup(store, Channel.WEB_PUSH, setup)
        senders = Senders(store, clock=clock)
        await senders.refresh()
        phone = push.service.subscribe(senders.vapid_public_key() or "")
        outcome = await senders[Channel.WEB_PUSH].send(subscription(Channel.WEB_PUSH, phone.address), full())
        assert isinstance(outcome, Accepted)
        assert [one["title"] for one in phone.screen.values()] == ["Zoë Elm"]
        await senders.close()


@pytest.mark.parametrize(
    ("channel", "setup", "why"),
    [
        (Channel.WEB_PUSH, WebPushSetup(key="x", contact="mailto:a@larch.example"), "P-256"),
        (Channel.WEB_PUSH, WebPushSetup(key=WEB_PUSH.key, contact="root@localhost"), "no contact"),
        (Channel.WEB_PUSH, WebPushSetup(key=WEB_PUSH.key, contact=WEB_PUSH.contact, app_url="mail"), "https://"),
        (Channel.WEB_PUSH, WebPushSetup(key=WEB_PUSH.key, contact=WEB_PUSH.contact, authorities="x"), "--ca"),
        (Channel.APNS, APNsSetup(topic="example.mail", key=PEM.reveal()), "--key-id"),
        (Channel.APNS, APNsSetup(topic=""), "--topic"),
        (Channel.APNS, APNsSetup(topic="example.mail", certificate="x"), "PEM"),
        (Channel.FCM, FCMSetup(service_account="{}"), "Firebase console"),
        (Channel.UNIFIED_PUSH, UnifiedPushSetup(url="http://ntfy.lan"), "--allow-host ntfy.lan"),
        (Channel.UNIFIED_PUSH, UnifiedPushSetup(url="ntfy.lan"), "https://"),
        (Channel.WEBHOOK, WebhookSetup(secret="whsec_AAAA"), "24 to 64 bytes"),
    ],
)
async def test_what_cannot_work_is_not_kept(store: Store, channel: Channel, setup: ChannelSetup, why: str) -> None:
    """It says what to give, and what was set up before stays."""
    with pytest.raises(ValueError, match=why):
        await keep_setup(store, channel, setup)
    assert await store.hub_settings() == {}


async def test_a_damaged_setting_leaves_the_channels_as_they_are(store: Store) -> None:
    """Nobody is cut off because one setting cannot be read."""
    senders = Senders(store, clock=SteadyClock())
    await keep_setup(store, Channel.DESKTOP, DesktopSetup())
    await senders.refresh()
    await store.put_hub_setting("notify.apns", Secret("{"))
    assert await senders.refresh() == frozenset()
    assert list(senders) == [Channel.DESKTOP]


async def test_one_channel_that_cannot_be_used_does_not_stop_the_others(store: Store) -> None:
    """It is named, with the reason."""
    await store.put_hub_setting("notify.apns", Secret('{"topic": "x", "key": "y", "key_id": "K", "team_id": "T"}'))
    await keep_setup(store, Channel.DESKTOP, DesktopSetup())
    senders = Senders(store, clock=SteadyClock())
    await senders.refresh()
    assert list(senders) == [Channel.DESKTOP]
    assert "AuthKey_" in senders.problems[Channel.APNS]


async def test_a_running_hub_looks_from_time_to_time(store: Store) -> None:
    """What an administrator sets up is taken up by itself."""
    senders = Senders(store, clock=SteadyClock())
    looking = asyncio.ensure_future(senders.keep_fresh())
    await keep_setup(store, Channel.DESKTOP, DesktopSetup())
    while not senders:
        await asyncio.sleep(0)
    looking.cancel()
    await asyncio.gather(looking, return_exceptions=True)


def test_keys_do_not_print() -> None:
    """Neither as they are kept nor in the line that tells a set-up."""
    for _, setup in SETUPS:
        for text in (repr(setup), str(setup), setup.told()):
            assert "PRIVATE" not in text
            assert "QUFB" not in text
            assert "tk_1" not in text
