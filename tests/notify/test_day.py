"""
The seed's table on the running hub, and what else a day brings: real engine, real server, virtual time.
"""

from __future__ import annotations

import datetime as dt

import pytest

from carrierpost.model import (
    AppState,
    Channel,
    FolderType,
    LockScreenDetail,
    NewPolicyVersion,
    NoticeSettings,
    Platform,
    Step,
)
from carrierpost.notify.canary import acknowledge
from carrierpost.notify.channel import Accepted, Kind, Later
from carrierpost.policy import Policies
from carrierpost.policy.changes import with_values
from carrierpost.policy.document import save_policies
from tests.notify.news import event
from tests.notify.stage import stage
from tests.support.virtual import EPOCH, virtual

F, G, S, T = AppState.FOREGROUND, AppState.GRACE, AppState.SUSPENDED, AppState.TERMINATED
IOS, ANDROID, DESKTOP = Platform


@pytest.mark.parametrize(
    ("platform", "state", "channel", "refresh", "told", "reason"),
    [
        (IOS, F, Channel.APNS, True, False, "the device hears of it over its live stream: the app is open"),
        (ANDROID, F, Channel.FCM, True, False, "the device hears of it over its live stream: the app is open"),
        (IOS, G, Channel.APNS, True, False, "the device hears of it over its live stream: the app was just left"),
        (IOS, S, Channel.APNS, False, True, "it is new in Inbox; the app is in the background, and its notify channel"),
        (IOS, T, Channel.WEB_PUSH, True, True, "it is new in Inbox; the app is closed, and iOS shows the notice"),
        (IOS, S, None, True, False, "the device finds it at its next refresh: the app is in the background"),
        (IOS, S, None, False, False, "the device finds it when the app is opened: the app is in the background"),
        (IOS, T, None, True, False, "the device finds it when the app is opened: the app is closed"),
        (ANDROID, S, Channel.FCM, True, True, "it is new in Inbox; the app is in the background; the connection stays"),
        (ANDROID, T, Channel.UNIFIED_PUSH, False, True, "it is new in Inbox; the app is closed; the connection stays"),
        (ANDROID, T, None, True, False, "the device hears of it over its live stream: the app is closed, and Android"),
        (DESKTOP, T, Channel.WEB_PUSH, True, True, "it is new in Inbox; the app is closed, and its notify channel"),
    ],
)
@virtual
async def test_a_mail_reaches_every_device_as_the_table_says(
    platform: Platform, state: AppState, channel: Channel | None, refresh: bool, told: bool, reason: str
) -> None:
    """Whether it is told, by which channel, and the reason in its trace."""
    async with stage() as hub:
        device = await hub.device(platform, state, channel, background_refresh=refresh)
        async with hub.running():
            await hub.live(device, state)
            await hub.mail()
            [item] = await hub.bench.held(FolderType.INBOX)
            assert (await hub.reasons(item.id))[device.id].startswith(reason)
            sent = [one for recorder in hub.channels.values() for one in recorder.sent]
            assert [one.words for one in sent] == ([("Bea Elm", "Mail 1\nText 1")] if told else [])
            if channel is not None:
                assert len(hub.channels[channel].sent) == len(sent)


@virtual
async def test_the_grace_period_ends_and_with_it_the_live_stream() -> None:
    """Left on iOS, an app is live for half a minute; the next mail comes by its channel."""
    async with stage() as hub:
        device = await hub.device(IOS, F, Channel.APNS)
        async with hub.running():
            await hub.live(device, G)
            await hub.clock.sleep(20)
            await hub.mail(1)
            assert hub.channels[Channel.APNS].sent == []
            await hub.clock.sleep(20)
            await hub.mail(2)
            [sent] = hub.channels[Channel.APNS].sent
            assert sent.words == ("Bea Elm", "Mail 2\nText 2")
            assert sent.message.badge == 2


@virtual
async def test_a_first_synchronization_tells_nobody() -> None:
    """Hundreds of old mails come, and no device makes a sound; the next new one is told at once."""
    async with stage() as hub:
        await hub.device()
        for number in range(300):
            hub.bench.mailbox.deliver(subject=f"Old {number}", sender="bea@elm.example", received=hub.clock.now())
        async with hub.running():
            await hub.clock.sleep(60)
            assert hub.push.sent == []
            at = hub.clock.monotonic()
            await hub.mail(1)
            [sent] = hub.push.visible()
            assert sent.at - at < 0.5
            assert sent.message.badge == 301


@virtual
async def test_SK1_a_resynchronization_tells_nobody_twice() -> None:
    """The server loses its place and sends everything again; only what is really new is told."""
    async with stage() as hub:
        await hub.device()
        async with hub.running():
            for number in range(5):
                await hub.mail(number)
                await hub.clock.sleep(5)
            before = len(hub.push.sent)
            for device in hub.bench.server.devices.values():
                device.collections.clear()
            await hub.mail(9)
            await hub.clock.sleep(120)
            assert [one.words[1] for one in hub.push.sent[before:]] == ["Mail 9\nText 9"]


@virtual
async def test_NT9_read_on_another_device_the_notice_goes_and_the_number_falls() -> None:
    """Read in Outlook, deleted there, or moved: the device takes the notice away and shows the new number."""
    async with stage() as hub:
        await hub.device()
        mailbox = hub.bench.mailbox
        async with hub.running():
            mails = []
            for number in range(3):
                mails.append(await hub.mail(number))
                await hub.clock.sleep(5)
            inbox = mailbox.folder(FolderType.INBOX)
            tokens = [one.message.notice_id for one in hub.push.visible()]
            assert [one.message.badge for one in hub.push.visible()] == [1, 2, 3]
            hub.push.sent.clear()
            mailbox.change(inbox, mails[0], read=True)
            await hub.clock.sleep(5)
            mailbox.delete(inbox, mails[1])
            await hub.clock.sleep(5)
            mailbox.move(inbox, mails[2], mailbox.folder(FolderType.DELETED_ITEMS))
            await hub.clock.sleep(5)
            assert [(one.message.about, one.message.badge) for one in hub.push.of(Kind.WITHDRAW)] == [
                (tokens[0], 2), (tokens[1], 1), (tokens[2], 0),
            ]  # fmt: skip
            assert hub.push.visible() == []


@virtual
async def test_read_before_it_could_be_told_it_is_not() -> None:
    """The channel is down; meanwhile the mail is read elsewhere: nothing is sent any more."""
    async with stage() as hub:
        await hub.device()
        hub.push.answer = lambda subscription, message: Later("down")
        async with hub.running():
            mail = await hub.mail(1)
            assert len(hub.push.visible()) == 1
            hub.bench.mailbox.change(hub.bench.mailbox.folder(FolderType.INBOX), mail, read=True)
            await hub.clock.sleep(5)
            hub.push.answer = lambda subscription, message: Accepted()
            await hub.clock.sleep(3600)
            assert len(hub.push.visible()) == 1


@virtual
async def test_a_hub_that_was_off_tells_one_summary() -> None:
    """Forty mails came while it was off for a night: one notice tells of them; what is fresh comes by itself."""
    async with stage() as hub:
        await hub.device()
        async with hub.running():
            await hub.clock.sleep(10)
        for number in range(40):
            hub.bench.mailbox.deliver(
                subject=f"Night {number}", sender=f"p{number % 3}@elm.example", received=hub.clock.now()
            )
        await hub.clock.sleep(8 * 3600)
        hub.new_hub()
        async with hub.running():
            await hub.clock.sleep(30)
            [summary] = hub.push.visible()
            assert summary.words == (
                "40 new messages while the hub was away", "p0@elm.example, p1@elm.example and 1 more",
            )  # fmt: skip
            await hub.mail(1)
            assert hub.push.visible()[-1].words == ("Bea Elm", "Mail 1\nText 1")


@virtual
async def test_a_reminder_goes_off_and_moves_with_its_event() -> None:
    """At its time, worded for the zone of the device; moved to another day, what was shown is taken away."""
    async with stage() as hub:
        await hub.device(zone="Europe/Berlin")
        mailbox = hub.bench.mailbox
        calendar = mailbox.folder(FolderType.CALENDAR)
        start = EPOCH + dt.timedelta(hours=2)
        async with hub.running():
            await hub.clock.sleep(5)
            data = event(
                start_time=start,
                end_time=start + dt.timedelta(hours=1),
                reminder=15,
                organizer_email=None,
                meeting_status=0,
            )
            meeting = mailbox.add(calendar, data)
            await hub.clock.sleep(3600)
            assert hub.push.visible() == []
            await hub.clock.sleep(3600 - 14 * 60)
            [sent] = hub.push.visible()
            assert sent.words == ("Budget", "in 15 minutes, Mon 2 Mar, 12:00 to 13:00, Room 4")
            later = start + dt.timedelta(days=1)
            mailbox.change(calendar, meeting, start_time=later, end_time=later + dt.timedelta(hours=1))
            await hub.clock.sleep(10)
            [removal] = hub.push.of(Kind.WITHDRAW)
            assert removal.message.about == sent.message.notice_id
            hub.push.sent.clear()
            await hub.clock.sleep(86400)
            assert [one.words[1] for one in hub.push.visible() if "in 15 minutes" in one.words[1]] == [
                "in 15 minutes, Tue 3 Mar, 12:00 to 13:00, Room 4"
            ]


@virtual
async def test_NT7_the_lock_screen_shows_what_device_and_policy_allow_now() -> None:
    """A policy that becomes stricter holds for the next notice; the device's own choice may only be stricter still."""
    async with stage() as hub:
        await hub.device()
        await hub.device(ANDROID, settings=NoticeSettings(detail=LockScreenDetail.NOTHING))
        async with hub.running():
            await hub.mail(1)
            policies = with_values(Policies(), "all", {"lock_screen_detail": "count"})
            await hub.store.commit_policies(NewPolicyVersion(after=0, policies=save_policies(policies), by="root"))
            await hub.clock.sleep(5)
            await hub.mail(2)
            assert [(one.device_id, one.message.kind, one.words) for one in hub.push.visible()] == [
                (1, Kind.FULL, ("Bea Elm", "Mail 1\nText 1")),
                (2, Kind.PLACEHOLDER, ("", "")),
                (1, Kind.FULL, ("New mail", "2 unread")),
                (2, Kind.PLACEHOLDER, ("", "")),
            ]


@virtual
async def test_the_trace_tells_the_whole_way() -> None:
    """From the mail server to the device's word, each step with its time, in order."""
    async with stage() as hub:
        device = await hub.device()
        async with hub.running():
            await hub.mail(1)
            [sent] = hub.push.sent
            await acknowledge(hub.store, device.id, sent.message.notice_id, Step.SHOWN, hub.clock.now())
            [item] = await hub.bench.held(FolderType.INBOX)
            steps = await hub.store.trace_of_item(item.id)
            assert [one.step for one in steps] == [
                Step.NOTICED, Step.ANSWERED, Step.SYNCED, Step.COMMITTED, Step.DECIDED, Step.HANDED, Step.ACCEPTED,
                Step.SHOWN,
            ]  # fmt: skip
            assert steps == tuple(sorted(steps, key=lambda one: one.at))
            assert (await hub.store.subscriptions(device.id))[0].verified_at == hub.clock.now()
