"""
The listener: what it holds, for whom, and until when; how it begins, and how it comes back.
"""

from __future__ import annotations

import datetime as dt
import os
import random
from collections import Counter

import pytest

from carrierpost.engine import Editor
from carrierpost.engine.listener import Mode
from carrierpost.model import AccountState, AppState, ChangeKind, Channel, NewSubscription, Platform
from carrierpost.protocol.commands.folder_sync import FolderType
from carrierpost.server import faults
from carrierpost.store import NotHeld
from tests.support.hub import mail
from tests.support.many import Many, many
from tests.support.virtual import virtual


async def held_mails(hub: Many, account_id: int) -> int:
    """Count the mails that the hub holds."""
    return sum((await hub.store.count(account_id)).values())


@virtual
async def test_an_account_is_held_exactly_while_a_device_wants_it() -> None:
    """Nobody: nothing is asked. Open: held, over the three folders. Left on iOS: held for the grace period alone."""
    async with many() as hub:
        account = await hub.account()
        async with hub.listening(60) as listener:
            assert hub.asked == []
            assert listener.account_status(account.id).reason == "the account has no device"
            phone = await hub.device(account, Platform.IOS, background_refresh=False)
            await hub.clock.sleep(5)
            assert hub.server.holding == 1
            assert listener.account_status(account.id).mode is Mode.HOLD
            synced = {one.type for one in await hub.store.collections(account.id) if one.sync_key != "0"}
            assert synced == {FolderType.INBOX, FolderType.CALENDAR, FolderType.CONTACTS}
            await hub.says(phone, AppState.GRACE)
            await hub.clock.sleep(29)
            assert hub.server.holding == 1
            await hub.clock.sleep(2)
            assert hub.server.holding == 0
            assert listener.account_status(account.id).mode is Mode.REST
            quiet = hub.clock.monotonic()
            mail(hub.mailbox(account), 1)
            await hub.clock.sleep(3600)
            assert hub.since(quiet) == []
            await hub.says(phone, AppState.FOREGROUND)
            await hub.clock.sleep(2)
            assert hub.server.holding == 1
            assert await held_mails(hub, account.id) == 1


@virtual
async def test_android_stays_held_when_it_is_closed_and_what_comes_is_there_at_once() -> None:
    """The connection outlives the app; the change tells when it was heard of, asked for and answered."""
    async with many() as hub:
        account = await hub.account()
        await hub.device(account, Platform.ANDROID, state=AppState.TERMINATED)
        async with hub.listening():
            await hub.clock.sleep(600)
            mail(hub.mailbox(account), 1)
            at = hub.clock.now()
            await hub.clock.sleep(1)
            [news] = [one for one in await hub.store.feed(account.id) if one.announce]
            assert news.passage is not None
            assert news.passage.heard_at is not None
            assert at <= news.passage.heard_at <= news.passage.asked_at <= news.passage.answered_at <= news.at
            assert news.at - at < dt.timedelta(seconds=1)


@virtual
async def test_a_channel_that_is_set_up_makes_a_closed_phone_held_at_once() -> None:
    """iOS, closed: nothing. With a subscription: held, since it can be notified; without it again: nothing."""
    async with many() as hub:
        account = await hub.account()
        phone = await hub.device(account, Platform.IOS, state=AppState.TERMINATED)
        async with hub.listening():
            assert hub.asked == []
            new = NewSubscription(device_id=phone.id, channel=Channel.WEBHOOK, address={"url": "https://elm.example/"})
            subscription = await hub.store.put_subscription(new)
            await hub.clock.sleep(5)
            assert hub.server.holding == 1
            await hub.store.drop_subscription(subscription.id, "gone")
            await hub.clock.sleep(1)
            assert hub.server.holding == 0


@virtual
async def test_folders_with_a_frequency_are_asked_for_at_their_turns_and_others_not_at_all() -> None:
    """Every 15 minutes, beside the held connection and without one; changing it is heeded at once."""
    async with many() as hub:
        account = await hub.account()
        await hub.device(account)
        async with hub.listening():
            sent = await hub.folder(account, FolderType.SENT_ITEMS)
            assert sent.sync_key == "0"
            await hub.store.update_collection(sent.id, minutes=15)
            await hub.clock.sleep(5)
            assert (await hub.folder(account, FolderType.SENT_ITEMS)).sync_key != "0"
            begun = hub.clock.monotonic()
            for one in await hub.store.collections(account.id):
                await hub.store.update_collection(one.id, minutes=15 if one.id == sent.id else -1)
            await hub.clock.sleep(2)
            assert hub.server.holding == 0
            await hub.clock.sleep(3600)
            syncs = [at - begun for at, _, _ in hub.since(begun + 2, "Sync")]
            assert 3 <= len(syncs) <= 5
            assert hub.since(begun + 2, "Ping") == []


@virtual
async def test_who_pulls_down_a_list_gets_what_is_new_though_nothing_is_held() -> None:
    """At once, once, of the folder that was named; then it is as quiet as before."""
    async with many() as hub:
        account = await hub.account()
        await hub.device(account, Platform.IOS, state=AppState.TERMINATED)
        async with hub.listening() as listener:
            listener.refresh(account.id)
            await hub.clock.sleep(3)
            mail(hub.mailbox(account), 1)
            listener.refresh(account.id)
            await hub.clock.sleep(3)
            assert await held_mails(hub, account.id) == 1
            mail(hub.mailbox(account), 2, folder=hub.mailbox(account).folder(FolderType.SENT_ITEMS))
            sent = await hub.folder(account, FolderType.SENT_ITEMS)
            assert sent.sync_key == "0"
            listener.refresh(account.id, sent.id)
            await hub.clock.sleep(3)
            assert await held_mails(hub, account.id) == 2
            quiet = hub.clock.monotonic()
            await hub.clock.sleep(3600)
            assert hub.since(quiet) == []


@virtual
async def test_what_a_person_does_is_told_to_the_server_though_nothing_is_held() -> None:
    """Also when the network is away at that moment: as soon as it is back."""
    async with many() as hub:
        account = await hub.account()
        await hub.device(account, Platform.IOS, state=AppState.TERMINATED)
        item = mail(hub.mailbox(account), 1)
        async with hub.listening() as listener:
            listener.refresh(account.id)
            await hub.clock.sleep(3)
            [held] = await hub.store.items(account.id)
            hub.lines["one.example"].cut()
            await Editor(hub.store, account.id, clock=hub.clock, chance=random.Random(1)).mark_read(held.id)
            await hub.clock.sleep(60)
            assert "network is away" in listener.account_status(account.id).reason
            hub.lines["one.example"].restore()
            await hub.clock.sleep(300)
            assert item.data.read
            assert await hub.store.outbox(account.id) == ()


@virtual
async def test_PG5_a_removed_account_is_asked_for_nothing_more() -> None:
    """Its connection ends at once, by nobody's call but the store's word; another account goes on."""
    async with many() as hub:
        one, two = await hub.account(1), await hub.account(2)
        for account in (one, two):
            await hub.device(account)
        async with hub.listening() as listener:
            assert hub.server.holding == 2
            await hub.store.remove_account(one.id)
            gone = hub.clock.monotonic()
            await hub.clock.sleep(7200)
            assert [asked for asked in hub.since(gone) if asked[1] == one.address] == []
            assert hub.server.holding == 1
            assert listener.status().accounts == 1
            with pytest.raises(NotHeld):
                listener.account_status(one.id)


@virtual
async def test_an_account_that_is_added_is_taken_up_at_once() -> None:
    """Without a restart, as soon as it has a device."""
    async with many() as hub, hub.listening() as listener:
        await hub.device(await hub.account())
        await hub.clock.sleep(5)
        assert listener.status().connected == hub.server.holding == 1


@virtual
async def test_a_stopped_account_rests_until_its_login_is_mended() -> None:
    """The server takes the password no more: the reason is shown, nothing is asked; active again, it is held again."""
    async with many() as hub:
        account = await hub.account()
        await hub.device(account)
        async with hub.listening() as listener:
            await hub.store.update_account(account.id, state=AccountState.STOPPED, reason="the password was refused")
            await hub.clock.sleep(1)
            assert hub.server.holding == 0
            assert listener.account_status(account.id).reason == "the password was refused"
            assert listener.status().troubles == {"the password was refused": 1}
            await hub.store.update_account(account.id, state=AccountState.ACTIVE, reason="")
            await hub.clock.sleep(5)
            assert hub.server.holding == 1
            assert listener.status().troubles == {}


@virtual
async def test_an_account_on_which_another_process_works_is_taken_up_once_that_has_ended() -> None:
    """The lock is respected, the reason is told, and it is tried again by itself."""
    async with many() as hub:
        account = await hub.account()
        await hub.device(account)
        hub.busy = True
        async with hub.listening(60) as listener:
            assert listener.account_status(account.id).reason == "another carrierpost works on it"
            assert hub.asked == []
            hub.busy = False
            await hub.clock.sleep(310)
            assert hub.server.holding == 1


@virtual
async def test_TH3_a_listener_never_asks_more_than_two_things_of_an_account_at_once() -> None:
    """Held, refreshed, used by a person and edited in between, all at the same time."""
    async with many() as hub:
        account = await hub.account()
        await hub.device(account)
        for number in range(3):
            mail(hub.mailbox(account), number)
        async with hub.listening() as listener:
            for number in range(20):
                mail(hub.mailbox(account), 10 + number)
                listener.refresh(account.id)
                async with listener.using(account.id) as runner:
                    for item in (await hub.store.items(account.id))[:3]:
                        await runner.fetch_body(item.id)
                await hub.clock.sleep(0.05)
            await hub.clock.sleep(10)
            assert await held_mails(hub, account.id) == 23
            assert hub.most_under_way == 2


@virtual
async def test_PG9_a_server_that_was_away_is_not_stormed_when_it_is_back() -> None:
    """Many accounts, away for ten minutes: they come back spread, few at once, and all within minutes."""
    async with many() as hub:
        for number in range(150):
            await hub.device(await hub.account(number))
        async with hub.listening(60, a_second=10.0) as listener:
            assert hub.server.holding == 150
            starts = Counter(int(at) for at, _, command in hub.asked if command == "Ping")
            assert max(starts.values()) <= 30
            cut = hub.clock.monotonic()
            hub.lines["one.example"].cut()
            await hub.clock.sleep(600)
            tried = Counter(int(at - cut) for at, _, _ in hub.since(cut))
            assert max(tried.values()) <= 60
            hub.lines["one.example"].restore()
            back = hub.clock.monotonic()
            await hub.clock.sleep(310)
            seconds = Counter(int(at - back) for at, _, _ in hub.since(back))
            assert max(seconds.values()) <= 20
            assert listener.status().connected == hub.server.holding == 150


@pytest.mark.slow
@pytest.mark.fuzz
@virtual
async def test_PG9_masses_of_accounts_come_back_in_a_ramp() -> None:
    """As above, in full size: 5,000 accounts in `make fuzz`, which takes minutes; else 600."""
    size = 5000 if os.environ.get("HYPOTHESIS_PROFILE") == "long" else 600
    async with many() as hub:
        for number in range(size):
            await hub.device(await hub.account(number))
        async with hub.listening(150) as listener:
            assert size - 5 <= hub.server.holding <= size  # one may be about to ask again at this moment
            hub.lines["one.example"].cut()
            await hub.clock.sleep(600)
            hub.asked.clear()
            hub.lines["one.example"].restore()
            back = hub.clock.monotonic()
            await hub.clock.sleep(310)
            seconds = Counter(int(at - back) for at, _, _ in hub.asked)
            assert max(seconds.values()) <= 300
            assert size - 5 <= listener.status().connected <= size
            assert size - 5 <= hub.server.holding <= size


@virtual
async def test_a_dead_server_keeps_nobody_else_waiting() -> None:
    """One server answers nothing, with more accounts than it may be asked by at once; the other's are held as ever."""
    async with many() as hub:
        for number in range(60):
            await hub.device(await hub.account(number, host="dead.example"))
        hub.lines["dead.example"].silent_after = 0.0
        for number in range(60, 80):
            await hub.device(await hub.account(number, host="good.example"))
        async with hub.listening(10) as listener:
            assert listener.status().connected == 20
            assert listener.status().queued == 40
            assert max(Counter(address for _, address, _ in hub.asked).values()) > 1


@virtual
async def test_LP3_false_alarms_make_the_listener_ask_less_and_less() -> None:
    """A hundred Pings and more say that there is news, and there is none: pauses grow, and mail still comes in time."""
    async with many() as hub:
        account = await hub.account()
        await hub.device(account)
        async with hub.listening():
            hub.server.faults.add(faults.status(2), command="Ping", times=None)
            await hub.clock.sleep(470)
            begun = hub.clock.monotonic()
            await hub.clock.sleep(60)
            first = len(hub.since(begun))
            await hub.clock.sleep(9 * 3600)
            pings = len(hub.since(begun, "Ping"))
            assert 100 <= pings <= 12 * 9 + 20
            late = hub.clock.monotonic()
            await hub.clock.sleep(600)
            assert len(hub.since(late)) / 10 < first / 2
            mail(hub.mailbox(account), 1)
            await hub.clock.sleep(301)
            assert await held_mails(hub, account.id) == 1


@virtual
async def test_SC1_a_listener_that_was_kept_busy_misses_no_device() -> None:
    """Thousands of changes come while it plans; in the end every account is as its device wants it."""
    async with many() as hub:
        accounts = [await hub.account(number) for number in range(30)]
        async with hub.listening(1) as listener:
            phones = [await hub.device(account) for account in accounts]
            for _ in range(20):
                for phone in phones:
                    await hub.says(phone, AppState.FOREGROUND)
                    await hub.store.update_device(phone.id, name=f"{phone.name}!")
            await hub.says(phones[0], AppState.TERMINATED)
            await hub.store.remove_device(phones[1].id)
            await hub.clock.sleep(30)
            assert listener.status().connected == hub.server.holding == 29
            kinds = Counter(one.kind for one in await hub.store.feed(accounts[1].id))
            assert kinds[ChangeKind.DEVICE_CHANGED] >= 2


@virtual
async def test_SC3_thirty_days_leave_nothing_behind() -> None:
    """Mail comes and goes, devices open and close: what is kept at the end is what was kept in the middle."""
    async with many() as hub:
        account = await hub.account()
        phone = await hub.device(account, Platform.IOS)
        sizes, box = [], hub.mailbox(account)
        async with hub.listening(feed_days=2.0, care_seconds=3600.0, feed_keep=50) as listener:
            for day in range(30):
                for number in range(4):
                    item = mail(box, day * 4 + number)
                    await hub.clock.sleep(3600)
                    box.delete(box.folder(FolderType.INBOX), item)
                    state = AppState.TERMINATED if number % 2 else AppState.FOREGROUND
                    await hub.says(phone, state)
                await hub.clock.sleep(20 * 3600)
                held = await hub.store.account(account.id)
                sizes.append(held.feed_position - held.feed_horizon)
            assert len(listener._times) < 50
        assert max(sizes[20:]) <= max(sizes[5:15]) + 5
        assert held.feed_horizon > 0
