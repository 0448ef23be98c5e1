"""
At a terminal: what a device is told by choice, whether it receives, and how often a folder is checked.
"""

from __future__ import annotations

import asyncio
import concurrent.futures
import contextlib
import datetime as dt
import os
import threading
from collections.abc import AsyncIterator, Iterator

import pytest

from carrierpost.bootstrap import Hub, open_hub
from carrierpost.bootstrap.serving import notifying
from carrierpost.model import AppState, Channel, DeviceLife, NewSubscription, NoticeSettings
from carrierpost.notify.setup import WebPushSetup, keep_setup
from carrierpost.notify.vapid import Vapid, new_key
from carrierpost.server.push_receiver import PushReceiver
from tests.cli.town import Town
from tests.store.values import phone, push
from tests.support.http2 import Asked, Reply, front_door


async def _register() -> int:
    async with open_hub(environment=os.environ) as hub:
        [account] = await hub.store.accounts()
        now = dt.datetime.now(dt.UTC)
        life = DeviceLife(state=AppState.TERMINATED, since=now, last_seen=now)
        return (await hub.store.add_device(phone(account.id), life=life)).id


async def _settings(number: int) -> NoticeSettings:
    async with open_hub(environment=os.environ) as hub:
        return await hub.store.notice_settings(number)


@pytest.fixture
def device(town: Town) -> str:
    """Register a closed phone of Ada's; gives its number."""
    town.add()
    assert town.run("sync").status == 0
    return str(asyncio.run(_register()))


# -- rules


def test_rules_are_chosen_shown_and_kept(town: Town, device: str) -> None:
    """What is not named stays; folders go by name; programs get the same as JSON."""
    ran = town.run(
        "notify", "rules", "set", device, "--detail", "sender", "--quiet", "22-7 mon-thu", "--vip", "Bea@Elm.example",
        "--vip", "@larch.example", "--folder", "Inbox=vip", "--no-calendar", "--no-reminders-in-quiet",
    )  # fmt: skip
    assert ran.status == 0, ran.err
    for line in (
        "Ada's phone, device 1",
        "Lock screen     shows sender, as chosen",
        "Quiet hours     22:00-07:00 mon,tue,wed,thu (heard all the same: very important people)",
        "Very important  @larch.example, bea@elm.example",
        "Calendar        reminders",
        "Folders         Inbox: vip; others by their kind",
    ):
        assert line in ran.out
    assert (
        town.run("notify", "rules", "set", device, "--no-vip", "@larch.example", "--folder", "Inbox=default").status
        == 0
    )
    held = asyncio.run(_settings(int(device)))
    assert held.vips == frozenset({"bea@elm.example"})
    assert (dict(held.folders), held.calendar, len(held.quiet)) == ({}, False, 1)
    shown = town.run("notify", "rules", "show", device, "--json").json
    assert (shown["detail"], shown["quiet"], shown["vips"]) == (
        "sender", ["22:00-07:00 mon,tue,wed,thu"], ["bea@elm.example"],
    )  # fmt: skip
    assert town.run("notify", "rules", "set", device, "--no-quiet", "--json").json["quiet"] == []


def test_a_stricter_policy_is_shown_beside_the_choice(town: Town, device: str) -> None:
    """The lock screen shows what the administrator allows, and it is said whose word that is."""
    assert town.run("policy", "set", "Everyone", "lock_screen_detail=count").status == 0
    said = town.run("notify", "rules", "show", device).out
    assert "shows count, because of policy set 'Everyone'; chosen was all" in said
    shown = town.run("notify", "rules", "show", device, "--json").json["lock_screen"]
    assert (shown["shown"], shown["allowed"]) == ("count", "count")


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ((), "say what is to be different"),
        (("--quiet", "night"), "write them as 22:00-07:00"),
        (("--quiet", "22-7", "--no-quiet"), "either there are quiet hours or there are none"),
        (("--vip", "Bea"), "'Bea' is no address"),
        (("--folder", "Inbox"), "write FOLDER=RULE"),
        (("--folder", "Nowhere=all"), "Nowhere"),
        (("--detail", "everything"), "everything"),
    ],
)
def test_rules_that_make_no_sense_change_nothing(town: Town, device: str, options: tuple[str, ...], said: str) -> None:
    """The error names what is wrong and how it is written."""
    ran = town.run("notify", "rules", "set", device, *options)
    assert ran.status != 0
    assert said in ran.err
    assert asyncio.run(_settings(int(device))) == NoticeSettings()


# -- how often a folder is checked


def test_a_folder_is_checked_as_often_as_chosen_and_allowed(town: Town, device: str) -> None:
    """Push, minutes, hours, manual; never oftener than the administrator allows, and then it says who."""
    assert town.run("folders", "frequency", "Inbox").out == "Inbox: push\n"
    for often, minutes, words in (("15m", 15, "every 15 minutes"), ("1h", 60, "every hour"), ("manual", -1, "manual")):
        assert town.run("folders", "frequency", "Inbox", often).out == f"Inbox: {words}\n"
        assert town.run("folders", "frequency", "Inbox", "--json").json["minutes"] == minutes
    assert town.run("policy", "set", "Everyone", "shortest_check_frequency=30").status == 0
    for often in ("push", "15m"):
        refused = town.run("folders", "frequency", "Inbox", often)
        assert (refused.status, "policy set 'Everyone' allows every 30 minutes at the most" in refused.err) == (1, True)
    assert (
        "the administrator allows every 30 minutes at the most" in town.run("folders", "frequency", "Inbox", "30m").out
    )
    wrong = town.run("folders", "frequency", "Inbox", "often")
    assert (wrong.status, "write push, manual, or how often" in wrong.err) == (2, True)
    assert "Nowhere" in town.run("folders", "frequency", "Nowhere", "push").err


# -- whether a device receives


class Running:
    """
    A hub that notifies, in a thread of its own as in a process of its own, with a push service and a phone behind it.
    """

    def __init__(self, device_id: int, *, answers: bool) -> None:
        self.device_id = device_id
        self.answers = answers
        self.loop = asyncio.new_event_loop()
        self.ready: concurrent.futures.Future[None] = concurrent.futures.Future()
        self.stop = asyncio.Event()
        self.service: PushReceiver

    async def run(self) -> None:
        """Run until told to stop."""
        async with open_hub(environment=os.environ) as hub, self._door(hub), notifying(hub) as desk:
            self.ready.set_result(None)
            stopping = asyncio.ensure_future(self.stop.wait())
            seen = 0
            while not stopping.done():  # the phone's app: it says over HTTP that a notice came
                await asyncio.sleep(0.02)
                [phone] = self.service.phones.values()
                for one in phone.delivered[seen:] if self.answers else ():
                    assert await desk.receipt(self.device_id, one.said["id"], "received", hub.clock.now())
                seen = len(phone.delivered)

    @contextlib.asynccontextmanager
    async def _door(self, hub: Hub) -> AsyncIterator[None]:
        key = new_key()
        self.service = PushReceiver("", clock=hub.clock, random=os.urandom)

        def answer(asked: Asked) -> Reply:
            return self.service.answer(asked.method, asked.path, asked.headers, asked.body)

        async with front_door(answer) as door:
            self.service.origin = f"https://127.0.0.1:{door.port}"
            made = WebPushSetup(
                key=key.reveal(), contact="mailto:post@larch.example", own=("127.0.0.1",),
                authorities=door.certificate.decode(),
            )  # fmt: skip
            await keep_setup(hub.store, Channel.WEB_PUSH, made)
            vapid = Vapid(key, "mailto:post@larch.example", clock=hub.clock)
            phone = self.service.subscribe(vapid.public_key)
            await hub.store.put_subscription(
                NewSubscription(device_id=self.device_id, channel=Channel.WEB_PUSH, address=phone.address)
            )
            yield


@contextlib.contextmanager
def running(device: str, *, answers: bool = True) -> Iterator[Running]:
    """
    Run a hub beside the terminal.
    """
    one = Running(int(device), answers=answers)
    thread = threading.Thread(target=lambda: one.loop.run_until_complete(one.run()))
    thread.start()
    try:
        one.ready.result(30)
        yield one
    finally:
        one.loop.call_soon_threadsafe(one.stop.set)
        thread.join(30)
        one.loop.close()


def test_NT5_a_test_at_a_terminal_tells_how_long_it_took(town: Town, device: str) -> None:
    """The hub runs in another process, hears of it by itself, and the device answers: each step with its time."""
    with running(device):
        ran = town.run("device", "test", device)
        assert ran.status == 0, ran.out + ran.err
        for words in ("put into the queue", "handed to the channel", "received by the device", "it receives; the test"):
            assert words in ran.out
        values = town.run("device", "test", device, "--json").json
        assert (values["arrived"], "received" in [one["step"] for one in values["steps"]]) == (True, True)
        assert 0 < values["seconds"] < 60


def test_NT5_a_device_that_says_nothing_is_named_with_what_to_look_at(town: Town, device: str) -> None:
    """The provider took it, and that is all that is known; a refusal is told with the provider's word."""
    with running(device, answers=False) as hub:
        ran = town.run("device", "test", device, "--wait", "2")
        assert ran.status == 1
        assert "the provider took the test, and the device did not speak of it within 2 s" in ran.out
        [phone] = hub.service.phones.values()
        phone.gone = True
        gone = town.run("device", "test", device, "--wait", "20")
        assert gone.status == 1
        assert "no channel of Ada's phone can be used now" in gone.out
        refused = town.run("device", "test", device)
        assert (refused.status, "is used no more" in refused.err) == (1, True)


def test_what_stands_in_the_way_of_a_test_is_said_before_it_is_sent(town: Town, device: str) -> None:
    """No channel on the device, none on the hub, none that the policy allows, no hub that runs, no such device."""

    async def subscribe(set_up: bool) -> None:
        async with open_hub(environment=os.environ) as hub:
            await hub.store.put_subscription(push(int(device)))
            if set_up:
                made = WebPushSetup(key=new_key().reveal(), contact="mailto:post@larch.example")
                await keep_setup(hub.store, Channel.WEB_PUSH, made)

    assert "has no channel; open Carrierpost on it" in town.run("device", "test", device).err
    asyncio.run(subscribe(set_up=False))
    assert "set it up with: carrierpost notify setup web-push" in town.run("device", "test", device).err
    asyncio.run(subscribe(set_up=True))
    alone = town.run("device", "test", device, "--wait", "1")
    assert (alone.status, "the hub has to run: carrierpost serve" in alone.out) == (1, True)
    assert town.run("policy", "set", "Everyone", "notify_channels=apns").status == 0
    assert "policy does not allow web-push" in town.run("device", "test", device).err
    assert "no device 99" in town.run("device", "test", "99").err
