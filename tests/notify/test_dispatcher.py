"""
Handing over: bursts, dead addresses, gateways that are slow or down, silent pushes, restarts.
"""

from __future__ import annotations

import asyncio
import datetime as dt
import itertools
from collections.abc import Iterator
from typing import Any

import pytest

from carrierpost.model import (
    AppState,
    Channel,
    FolderType,
    NoticeState,
    Platform,
    Step,
    Subscription,
)
from carrierpost.notify.canary import acknowledge, follow_notice, send_canary
from carrierpost.notify.channel import Accepted, Gone, Kind, Later, Message, Outcome, Refused
from carrierpost.notify.forecast import forecast, silence
from carrierpost.notify.settings import NotifySettings
from tests.notify.stage import Stage, names, stage
from tests.support.virtual import virtual

IOS = Platform.IOS


async def inbox(hub: Stage, *numbers: int) -> None:
    """Let mails arrive at one moment."""
    for number in numbers:
        hub.bench.mailbox.deliver(subject=f"Mail {number}", sender=f"p{number}@elm.example", received=hub.clock.now())
    await hub.clock.sleep(0.5)


@virtual
async def test_NT1_a_dead_address_is_dropped_once_and_others_are_not_affected() -> None:
    """Gone at the provider: it is written to once, and the device's other address takes over."""
    async with stage() as hub:
        first, second = await hub.device(), await hub.device()
        spare = (await hub.store.subscriptions(first.id))[0]
        dead = await hub.subscribe(first, host="other")
        hub.push.answer = lambda one, message: Gone("410") if one.id == dead.id else Accepted()
        async with hub.running():
            for number in range(3):
                await hub.mail(number)
                await hub.clock.sleep(5)
            assert [one.subscription_id for one in hub.push.visible(first)].count(dead.id) == 1
            assert [one.subscription_id for one in hub.push.visible(first)][1:] == [spare.id] * 3
            assert len(hub.push.visible(second)) == 3
            assert [one.failed for one in await hub.store.subscriptions(first.id)] == ["", "410"]


@virtual
async def test_NT1_without_any_address_left_the_notice_says_so() -> None:
    """It is not tried for ever: the device has no channel now, which is what its trace says."""
    async with stage() as hub:
        device = await hub.device(IOS, AppState.SUSPENDED)
        hub.push.answer = lambda one, message: Gone("the browser took its subscription back")
        async with hub.running():
            await hub.mail(1)
            await hub.mail(2)
            assert len(hub.push.sent) == 1
            [notice] = await hub.store.notices(device.account_id)
            assert notice.state is NoticeState.REFUSED
            steps = await hub.store.trace(device.account_id, device_id=device.id)
            assert any("no notify channel is set up on it" in one.detail for one in steps)


@virtual
async def test_NT3_a_web_app_on_ios_is_never_sent_what_shows_nothing() -> None:
    """Mail comes, is read elsewhere, comes in quiet hours: every push that is sent shows something."""
    async with stage() as hub:
        hub.push.may_be_silent = lambda subscription: False  # type: ignore[method-assign]
        await hub.device(IOS, AppState.SUSPENDED)
        box = hub.bench.mailbox
        async with hub.running():
            for number in range(4):
                mail = await hub.mail(number)
                await hub.clock.sleep(30)
                box.change(box.folder(FolderType.INBOX), mail, read=True)
                await hub.clock.sleep(30)
            await hub.clock.sleep(7200)
            assert len(hub.push.sent) == 4
            assert {one.message.kind for one in hub.push.sent} == {Kind.FULL}
            assert [one.message.badge for one in hub.push.sent] == [1, 1, 1, 1]


@virtual
async def test_NT4_a_burst_becomes_one_message_a_second() -> None:
    """Fifty mails in a moment, on three devices: each is told of the first at once, then of the rest."""
    async with stage() as hub:
        devices = [await hub.device() for _ in range(3)]
        async with hub.running():
            await hub.clock.sleep(60)
            at = hub.clock.monotonic()
            await inbox(hub, *range(50))
            await hub.clock.sleep(10)
            for device in devices:
                sent = hub.push.visible(device)
                assert sent[0].at - at < 0.5
                assert all(later.at - earlier.at >= 1.0 for earlier, later in itertools.pairwise(sent))
                assert len(sent) <= 3
                assert sent[-1].message.badge == 50
            accepted = [one for one in await hub.store.notices(1, limit=500) if one.state is NoticeState.ACCEPTED]
            assert len(accepted) == 150


@virtual
async def test_NT4_one_mail_in_five_folders_is_told_once() -> None:
    """A rule at the server copies it into folders that are watched as well."""
    async with stage() as hub:
        device = await hub.device()
        box = hub.bench.mailbox
        folders = [box.create_folder(f"Copy {number}", FolderType.USER_MAIL, "0") for number in range(4)]
        async with hub.running():
            for one in await hub.store.collections(1):
                if one.type is FolderType.USER_MAIL:
                    await hub.store.update_collection(one.id, minutes=0)
            await hub.clock.sleep(60)
            mail = await hub.mail(1)
            for folder in folders:
                box.add(folder, mail.data)
            await hub.clock.sleep(120)
            assert len(await hub.bench.held()) >= 5
            assert len(hub.push.visible(device)) == 1


@virtual
async def test_NT5_a_canary_proves_that_a_device_receives() -> None:
    """It goes the way of every notice; the device's word ends the wait, and the round trip is known."""
    async with stage() as hub:
        device = await hub.device(state=AppState.FOREGROUND)  # a test is sent to an app that is open, too
        async with hub.telling():
            made = await send_canary(hub.store, device.id, clock=hub.clock, name=names("c"))
            hub.dispatcher.wake()

            async def device_answers() -> None:
                await hub.clock.sleep(1.5)
                [sent] = hub.push.of(Kind.CANARY)
                await acknowledge(hub.store, device.id, sent.message.notice_id, Step.RECEIVED, hub.clock.now())

            answering = asyncio.ensure_future(device_answers())
            steps = [one async for one in follow_notice(hub.store, made.token, clock=hub.clock, seconds=30)]
            await answering
            assert [one.step for one in steps] == [Step.DECIDED, Step.HANDED, Step.ACCEPTED, Step.RECEIVED]
            assert dt.timedelta(seconds=1) < steps[-1].at - steps[1].at < dt.timedelta(seconds=2)


@virtual
async def test_NT5_a_device_that_never_says_anything_is_found_out() -> None:
    """A provider that accepts everything is no proof: after three notices without a word the doctor says so."""
    async with stage() as hub:
        device = await hub.device()
        async with hub.running():
            for number in range(3):
                await hub.mail(number)
                await hub.clock.sleep(5)
            assert silence(await hub.store.notices(1, device_id=device.id)) == 3
            found = await forecast(hub.store, device.id, now=hub.clock.now())
            [receipts] = [one for one in found.findings if one.name == "receipts"]
            assert receipts.good is False
            assert "the last 3 notices" in receipts.text
            token = hub.push.sent[-1].message.notice_id
            await acknowledge(hub.store, device.id, token, Step.SHOWN, hub.clock.now())
            found = await forecast(hub.store, device.id, now=hub.clock.now())
            [receipts] = [one for one in found.findings if one.name == "receipts"]
            assert receipts.good is True


@virtual
async def test_NT6_a_gateway_that_is_down_gets_everything_when_it_is_back() -> None:
    """For an hour nothing is taken: attempts become rare, and at last one message tells of everything."""
    async with stage() as hub:
        await hub.device()
        hub.push.answer = lambda one, message: Later("connection refused")
        async with hub.running():
            for number in range(6):
                await inbox(hub, number)
                await hub.clock.sleep(600)
            tries = len(hub.push.sent)
            assert tries < 60
            hub.push.answer = lambda one, message: Accepted()
            await hub.clock.sleep(1200)
            last = hub.push.visible()[-1]
            assert last.words[0] == "6 new messages"
            assert last.message.badge == 6
            assert {one.state for one in await hub.store.notices(1)} == {NoticeState.ACCEPTED}


@virtual
async def test_NT6_what_could_not_be_delivered_in_its_time_is_given_up() -> None:
    """A day later nobody wants to be woken for that mail; its trace says why it never came."""
    async with stage(tuning=NotifySettings(mail_life=dt.timedelta(hours=2))) as hub:
        await hub.device()
        hub.push.answer = lambda one, message: Later("connection refused")
        async with hub.running():
            await hub.mail(1)
            await hub.clock.sleep(3 * 3600)
            [notice] = await hub.store.notices(1)
            assert (notice.state, notice.remark) == (NoticeState.EXPIRED, "connection refused")
            before = len(hub.push.sent)
            hub.push.answer = lambda one, message: Accepted()
            await hub.clock.sleep(3600)
            assert len(hub.push.sent) == before


@virtual
async def test_NT6_an_older_number_never_comes_after_a_newer_one() -> None:
    """Whatever is refused, slow or repeated: what a device accepts carries the number of that moment."""
    async with stage() as hub:
        await hub.device()
        results: Iterator[Outcome] = itertools.cycle(
            [Later("busy", 7), Accepted(), Later("busy"), Accepted(), Accepted()]
        )
        numbers: list[tuple[int | None, int]] = []
        box = hub.bench.mailbox
        folder = box.folder(FolderType.INBOX)

        def unread() -> int:
            return sum(1 for one in folder.items.values() if not getattr(one.data, "read", True))

        def answer(subscription: Subscription, message: Message) -> Outcome:
            outcome = next(results)
            if isinstance(outcome, Accepted):
                numbers.append((message.badge, unread()))
            return outcome

        hub.push.answer = answer
        hub.push.delay = lambda one: 0.2
        async with hub.running():
            for number in range(30):
                mail = await hub.mail(number)
                await hub.clock.sleep(4)
                if number % 3 == 0:
                    box.change(folder, mail, read=True)
                    await hub.clock.sleep(4)
            await hub.clock.sleep(600)
            assert len(numbers) > 20
            # Between the look at the number and the provider's word lies the time of one message, and no more.
            assert all(badge is not None and abs(badge - there) <= 1 for badge, there in numbers)
            assert numbers[-1][0] == unread()


@virtual
async def test_NT6_a_slow_gateway_delays_no_other() -> None:
    """Forty devices of a gateway that takes a quarter of a minute for each: those of another are told at once."""
    tuning = NotifySettings(at_once=4)
    async with stage(tuning=tuning) as hub:
        slow = [await hub.device(channel=None) for _ in range(40)]
        for one in slow:
            await hub.subscribe(one, host="slow")
        quick = [await hub.device() for _ in range(5)]
        apple = await hub.device(IOS, AppState.SUSPENDED, Channel.APNS)
        late = {one.id for one in slow}
        hub.push.delay = lambda one: 15.0 if one.device_id in late else 0.0
        async with hub.running():
            at = hub.clock.monotonic()
            await hub.mail(1)
            told = [*hub.push.sent, *hub.channels[Channel.APNS].sent]
            assert {one.device_id for one in told} == {*(one.id for one in quick), apple.id}
            assert all(one.at - at < 0.5 for one in told)
            await hub.clock.sleep(600)
            assert {one.device_id for one in hub.push.sent} == late | {one.id for one in quick}
            assert hub.push.most_under_way <= 2 * 4


@virtual
async def test_NT6_an_answer_that_never_comes_is_not_waited_for() -> None:
    """After some seconds the attempt counts as failed, and is made again under the same name."""
    async with stage() as hub:
        await hub.device()
        hub.push.delay = lambda one: 1e6
        async with hub.running():
            await hub.mail(1)
            await hub.clock.sleep(25)
            [notice] = await hub.store.notices(1)
            assert "no answer within 20 seconds" in notice.remark
            hub.push.delay = lambda one: 0.0
            await hub.clock.sleep(120)
            assert [one.message.notice_id for one in hub.push.sent] == [notice.token]


@virtual
async def test_what_a_provider_asks_for_is_waited() -> None:
    """Retry-After: no attempt before that time."""
    async with stage() as hub:
        await hub.device()
        answers = iter([Later("too many", 900)])
        hub.push.answer = lambda one, message: next(answers, Accepted())
        async with hub.running():
            await hub.mail(1)
            await hub.clock.sleep(2000)
            first, second = hub.push.sent
            assert 900 <= second.at - first.at < 1000


@virtual
async def test_what_is_refused_is_not_repeated() -> None:
    """A message that no provider will ever take ends there, with the provider's reason; the next one is tried."""
    async with stage() as hub:
        await hub.device()
        answers = iter([Refused("payload too large")])
        hub.push.answer = lambda one, message: next(answers, Accepted())
        async with hub.running():
            await hub.mail(1)
            await hub.clock.sleep(600)
            await hub.mail(2)
            assert [one.words[1] for one in hub.push.sent] == ["Mail 1\nText 1", "Mail 2\nText 2"]
            second, first = await hub.store.notices(1)
            assert (first.state, first.remark) == (NoticeState.REFUSED, "payload too large")
            assert second.state is NoticeState.ACCEPTED


@virtual
async def test_ios_is_woken_silently_only_so_often() -> None:
    """Ten mails are read elsewhere within an hour: Apple's allowance is kept, and in the end all are taken away."""
    async with stage() as hub:
        await hub.device(IOS, AppState.SUSPENDED, Channel.APNS)
        apns = hub.channels[Channel.APNS]
        box = hub.bench.mailbox
        folder = box.folder(FolderType.INBOX)
        async with hub.running():
            mails = [await hub.mail(number) for number in range(10)]
            await hub.clock.sleep(60)
            for mail in mails:
                box.change(folder, mail, read=True)
                await hub.clock.sleep(120)
            await hub.clock.sleep(2 * 3600)
            silent = [one for one in apns.sent if one not in apns.visible()]
            assert silent[-1].message.badge == 0
            for one in silent:
                assert sum(1 for other in silent if one.at - 3600 < other.at <= one.at) <= 2
            waiting = [one for one in await hub.store.notices(1, limit=500) if one.state is NoticeState.WAITING]
            assert waiting == []


@virtual
async def test_an_app_that_was_opened_meanwhile_is_not_told() -> None:
    """While the channel was down its owner opened the app, and has seen everything."""
    async with stage() as hub:
        device = await hub.device()
        answers = iter([Later("busy", 60)])
        hub.push.answer = lambda one, message: next(answers, Accepted())
        async with hub.running():
            await hub.mail(1)
            await hub.live(device, AppState.FOREGROUND)
            await hub.clock.sleep(120)
            assert len(hub.push.sent) == 1
            [notice] = await hub.store.notices(1)
            assert notice.remark.startswith("the device has it from its live stream by now")


@virtual
async def test_a_device_with_something_odd_keeps_nobody_else_from_being_told() -> None:
    """A channel that breaks, against its promise, is noted and tried again; other devices are told."""
    async with stage() as hub:
        odd, other = await hub.device(channel=Channel.FCM), await hub.device()

        def broken(subscription: Subscription, message: Message) -> Outcome:
            raise RuntimeError("a defect")

        hub.channels[Channel.FCM].answer = broken
        async with hub.running():
            await hub.mail(1)
            assert len(hub.push.visible(other)) == 1
            [notice] = await hub.store.notices(1, device_id=odd.id)
            assert (notice.state, notice.remark) == (NoticeState.WAITING, "the channel failed: RuntimeError")
            hub.channels[Channel.FCM].answer = lambda one, message: Accepted()
            await hub.clock.sleep(60)
            assert (await hub.store.notice(notice.token)).state is NoticeState.ACCEPTED
        assert len(hub.errors) == 1
        hub.errors.clear()


@virtual
async def test_a_removed_device_takes_its_queue_with_it() -> None:
    """Removed while something waits for it: nothing is sent, and nothing goes wrong."""
    async with stage() as hub:
        device = await hub.device()
        hub.push.answer = lambda one, message: Later("busy", 30)
        async with hub.running():
            await hub.mail(1)
            await hub.store.remove_device(device.id, "sold")
            await hub.clock.sleep(300)
            assert len(hub.push.sent) == 1
            assert await hub.store.notices(1) == ()


def test_settings_of_nothing_are_refused() -> None:
    """Each has to be above zero, and the message names it."""
    with pytest.raises(ValueError, match="at_once is 0"):
        NotifySettings(at_once=0)
    values: dict[str, Any] = {"spacing": dt.timedelta()}
    with pytest.raises(ValueError, match="spacing is 0:00:00"):
        NotifySettings(**values)
