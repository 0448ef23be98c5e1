"""
How mail reaches a phone, end to end on the running hub: the rows of the promise, and the trace that says so.

Phones know nothing but HTTP here; the mail server, the engine, the notices and the push service are the real ones.
"""

from __future__ import annotations

import datetime as dt

from carrierpost.model import FolderType, Platform
from carrierpost.web import WebSettings
from tests.support.virtual import virtual
from tests.web.whole import whole

IOS, ANDROID, DESKTOP = Platform


@virtual
async def test_an_open_app_is_live() -> None:
    """It hears of mail within a second over its live stream, and nothing is pushed."""
    for platform in (IOS, ANDROID, DESKTOP):
        async with whole() as hub:
            phone = await hub.handset(platform, push=True)
            assert phone.phone is not None
            hub.mail("Tea")
            assert await phone.hears(1, 1.0) == ["Tea"]
            assert phone.phone.delivered == []
            verdict = (await phone.verdicts())["Tea"]
            assert verdict.startswith("not told: the device hears of it over its live stream: the app is open")


@virtual
async def test_an_android_phone_is_notified_although_the_app_is_closed() -> None:
    """The connection stays; the phone shows the mail, says so, and the trace ends with that."""
    async with whole() as hub:
        phone = await hub.handset(ANDROID, push=True)
        assert phone.phone is not None
        assert (await phone.says("terminated"))["way"] == "notify"
        await hub.clock.sleep(3600)
        assert hub.exchange.holding == 1
        hub.mail("Tea")
        await hub.clock.sleep(1)
        assert phone.shown() == ["Bea Elm"]
        assert (await phone.verdicts())["Tea"].startswith("accepted by the provider after")
        receipt = {"notice_id": phone.phone.delivered[0].said["id"], "kind": "shown"}
        await phone.browser.ok("POST", f"{phone.path}/receipts", receipt)
        assert (await phone.verdicts())["Tea"] == "shown after 1.0 s"
        [told] = await phone.browser.ok("GET", f"{phone.path}/trace")
        assert (told["state"], told["late"]) == ("shown", False)
        assert told["reason"].startswith("it is new in Inbox; the app is closed; the connection stays")


@virtual
async def test_an_iphone_is_live_until_its_grace_period_ends() -> None:
    """Left, it hears of mail for half a minute; then the connection is let go, and the next mail waits."""
    async with whole() as hub:
        phone = await hub.handset(IOS)
        assert (await phone.says("background"))["way"] == "live"
        await hub.clock.sleep(20)
        hub.mail("Still live")
        assert await phone.hears(1, 1.0) == ["Still live"]
        assert "the app was just left" in (await phone.verdicts())["Still live"]
        await hub.clock.sleep(15)
        assert hub.exchange.holding == 0
        at = hub.clock.monotonic()
        hub.mail("Too late")
        await hub.clock.sleep(3600)
        assert hub.asked_since(at) == []
        assert list(await phone.verdicts()) == ["Still live"]


@virtual
async def test_an_iphone_with_push_is_woken_in_the_background_and_when_closed() -> None:
    """The hub holds the connection for it; each mail is shown within a second, and read when the app is woken."""
    for event, words in (("suspended", "its notify channel wakes it"), ("terminated", "iOS shows the notice")):
        async with whole() as hub:
            phone = await hub.handset(IOS, push=True)
            await phone.says("background")
            assert (await phone.says(event))["way"] == "notify"
            await hub.clock.sleep(7200)
            hub.mail("Tea")
            await hub.clock.sleep(1)
            assert phone.shown() == ["Bea Elm"]
            assert phone.phone is not None
            assert phone.phone.badge == 1
            await phone.says("push received")
            assert await phone.hears(1, 1.0) == ["Tea"]
            [told] = await phone.browser.ok("GET", f"{phone.path}/trace")
            assert words in told["reason"]


@virtual
async def test_an_iphone_without_push_gets_everything_at_its_next_refresh() -> None:
    """Nothing before: the mail server is not even asked. When iOS gives it time, all that came is there at once."""
    async with whole() as hub:
        phone = await hub.handset(IOS)
        await phone.says("background")
        delivery = await phone.says("suspended")
        assert delivery["way"] == "refresh"
        at = hub.clock.monotonic()
        for number in range(3):
            hub.mail(f"Mail {number}")
            await hub.clock.sleep(60)
        until = dt.datetime.fromisoformat(delivery["next_refresh"]["at"]) - hub.clock.now()
        assert until > dt.timedelta(0)
        await hub.clock.sleep(until.total_seconds())
        assert hub.asked_since(at) == []
        assert await phone.verdicts() == {}
        await phone.says("refresh begun")
        assert sorted(await phone.hears(3, 5.0)) == ["Mail 0", "Mail 1", "Mail 2"]
        await hub.clock.sleep(25)
        await phone.says("refresh ended")
        verdicts = await phone.verdicts()
        assert len(verdicts) == 3
        assert all(one.startswith("not told: the device finds it at its next refresh") for one in verdicts.values())
        begun = hub.clock.monotonic()
        hub.mail("After")
        await hub.clock.sleep(600)
        assert hub.asked_since(begun) == []


@virtual
async def test_an_iphone_that_may_not_refresh_gets_everything_when_it_is_opened() -> None:
    """Neither push nor refresh: nothing for a day, whoever writes; then the app is opened, and all is there."""
    async with whole() as hub:
        phone = await hub.handset(IOS, refresh=False)
        await phone.says("background")
        assert (await phone.says("suspended"))["way"] == "nothing"
        at = hub.clock.monotonic()
        for number in range(3):
            hub.mail(f"Mail {number}")
            await hub.clock.sleep(8 * 3600)
        assert hub.asked_since(at) == []
        assert (await phone.says("foreground"))["way"] == "live"
        assert sorted(await phone.hears(3, 5.0)) == ["Mail 0", "Mail 1", "Mail 2"]
        hub.mail("Live again")
        assert await phone.hears(1, 1.0) == ["Live again"]


@virtual
async def test_who_pulls_down_a_list_sees_what_is_new_in_it() -> None:
    """A folder that is only checked when one asks is asked for then; one that is not there is named."""
    async with whole() as hub:
        phone = await hub.handset(ANDROID)
        folders = await phone.browser.ok("GET", f"/api/v1/accounts/{hub.account_id}/folders")
        [sent] = [one for one in folders if one["name"] == "Sent Items"]
        at = hub.clock.monotonic()
        hub.mailbox.deliver(subject="From elsewhere", folder=hub.mailbox.folder(FolderType.SENT_ITEMS))
        await hub.clock.sleep(600)
        assert "Sync" not in hub.asked_since(at)
        path = f"/api/v1/accounts/{hub.account_id}/refresh"
        await phone.browser.ok("POST", path, {"folders": [sent["id"]]})
        await hub.clock.sleep(2)
        assert len(await hub.hub.store.items(hub.account_id, collection_id=sent["id"])) == 1
        assert (await phone.browser.ask("POST", path, {"folders": [999]})).status == 404


@virtual
async def test_one_mail_reaches_every_phone_of_a_person_in_its_own_way_and_each_trace_says_why() -> None:
    """Six phones of one account in six states: one row of the table each, for the same mail."""
    async with whole() as hub:
        opened = await hub.handset(IOS)
        closed = await hub.handset(ANDROID, push=True)
        left = await hub.handset(IOS)
        pushed = await hub.handset(IOS, push=True)
        refreshing, silent = await hub.handset(IOS), await hub.handset(IOS, refresh=False)
        await closed.says("terminated")
        for one in (pushed, refreshing, silent):
            await one.says("background")
            await one.says("suspended")
        await left.says("background")
        hub.mail("Tea")
        assert await opened.hears(1, 1.0) == ["Tea"]
        reasons = {
            opened.id: "not told: the device hears of it over its live stream: the app is open",
            closed.id: "accepted by the provider after",
            left.id: "not told: the device hears of it over its live stream: the app was just left",
            pushed.id: "accepted by the provider after",
            refreshing.id: "not told: the device finds it at its next refresh: the app is in the background",
            silent.id: "not told: the device finds it when the app is opened: the app is in the background",
        }
        for one in (opened, closed, left, pushed, refreshing, silent):
            assert (await one.verdicts())["Tea"].startswith(reasons[one.id])
        assert (closed.shown(), pushed.shown()) == (["Bea Elm"], ["Bea Elm"])


@virtual
async def test_SC1_a_live_stream_that_missed_too_much_says_reload_and_goes_on_from_there() -> None:
    """A phone that comes back after a flood is not told that all is well: it loads anew, and then misses nothing."""
    async with whole() as hub:
        phone = await hub.handset(ANDROID)
        hub.office.settings = WebSettings(live_backlog=20)
        for number in range(50):
            hub.mail(f"Flood {number}")
        await hub.clock.sleep(30)
        path = f"/api/v1/accounts/{hub.account_id}/live"
        async with phone.browser.stream(f"{path}?after={phone.known}") as stream:
            event = await stream.event()
            assert event is not None
            assert event[0] == "reload"
            phone.known = event[1]["after"]
            assert await stream.event() is None
        folders = await phone.browser.ok("GET", f"/api/v1/accounts/{hub.account_id}/folders")
        assert [one["unread"] for one in folders if one["name"] == "Inbox"] == [50]
        hub.mail("After")
        assert await phone.hears(1, 1.0) == ["After"]
