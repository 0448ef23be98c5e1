"""
Devices over HTTP: registered, corrected, heard of, told how mail reaches them, revoked.
"""

from __future__ import annotations

from typing import Any

import pytest

from tests.support.virtual import virtual
from tests.web.place import place

PIXEL = "Mozilla/5.0 (Linux; Android 15; Pixel 9) AppleWebKit/537.36 Chrome/140.0 Mobile Safari/537.36"
DESK = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"
PUSH = {"channel": "web-push", "address": {"endpoint": "https://push.example/1", "p256dh": "a", "auth": "b"}}


@pytest.mark.parametrize(
    ("agent", "platform", "name"),
    [(None, "ios", "Safari on iPhone"), (PIXEL, "android", "Chrome on Android"), (DESK, "desktop", "Firefox on Linux")],
)
@virtual
async def test_a_browser_is_detected_and_can_be_corrected(agent: str | None, platform: str, name: str) -> None:
    """It is registered once per account, however often it asks; its owner names it and says what it really is."""
    async with place() as at:
        browser = await at.signed_in(at.ada, at.browser(**({"agent": agent} if agent else {})))
        made = await browser.ask("POST", f"/api/v1/accounts/{at.ada.id}/devices", {"time_zone": "Europe/Berlin"})
        assert (made.status, made.json["platform"], made.json["name"]) == (201, platform, name)
        assert (made.json["current"], made.json["life"]["state"]) == (True, "foreground")
        again = await browser.ask("POST", f"/api/v1/accounts/{at.ada.id}/devices", {"time_zone": "Asia/Tokyo"})
        assert (again.status, again.json["id"], again.json["time_zone"]) == (200, made.json["id"], "Asia/Tokyo")
        path = f"/api/v1/devices/{made.json['id']}"
        changed = await browser.ok("PATCH", path, {"platform": "ios", "name": "Tablet"})
        assert (changed["platform"], changed["name"], changed["delivery"]["way"]) == ("ios", "Tablet", "live")
        wrong = await browser.ask("PATCH", path, {"time_zone": "Mars/Olympus"})
        assert (wrong.status, wrong.code) == (422, "no-such-zone")
        assert "Mars/Olympus" in wrong.json["detail"]


@virtual
async def test_each_report_is_answered_with_how_mail_comes_and_why() -> None:
    """The rows of the promise, over HTTP: open, just left, suspended with refresh and without, notified."""
    async with place() as at:
        browser = await at.signed_in(at.ada, device=True)
        [device] = await at.hub.store.devices()
        path = f"/api/v1/devices/{device.id}"

        async def report(**values: Any) -> Any:
            return await browser.ok("POST", f"{path}/life", values)

        assert (await report(event="foreground"))["way"] == "live"
        grace = await report(event="background")
        assert (grace["way"], "grace period" in grace["reason"]) == ("live", True)
        await at.hub.clock.sleep(60)
        refresh = await report(event="suspended", battery=80, network="wifi")
        assert refresh["way"] == "refresh"
        assert refresh["next_refresh"]["reason"].startswith("next about 10:")  # in Berlin
        nothing = await report(background_refresh=False)
        assert (nothing["way"], nothing["next_refresh"]) == ("nothing", None)
        await browser.ok("PUT", f"{path}/subscriptions", PUSH)
        notify = await report()
        assert (notify["way"], notify["channel"]) == ("notify", "web-push")
        refused = await browser.ask("POST", f"{path}/life", {"event": "refresh ended", "battery": 101})
        assert (refused.status, "battery" in refused.json["detail"]) == (422, True)
        await report(event="terminated")
        odd = await browser.ask("POST", f"{path}/life", {"event": "grace ended"})
        assert (odd.status, odd.code) == (409, "event-not-possible")


@virtual
async def test_a_removed_device_is_shut_out_at_once() -> None:
    """Its token and its browser open nothing from the next request on; another device of the person goes on."""
    async with place() as at:
        lost, kept = await at.signed_in(at.ada, device=True), await at.signed_in(at.ada, device=True)
        first, second = await at.hub.store.devices()
        native = at.browser()
        native.token = (await lost.ok("POST", f"/api/v1/devices/{first.id}/tokens", {"name": "app"}))["token"]
        assert (await native.ok("GET", f"/api/v1/devices/{first.id}"))["current"]
        assert (await native.ask("GET", f"/api/v1/devices/{second.id}")).status == 404
        assert [one["id"] for one in await native.ok("GET", f"/api/v1/accounts/{at.ada.id}/devices")] == [first.id]
        await kept.ok("DELETE", f"/api/v1/devices/{first.id}")
        for browser in (lost, native):
            assert (await browser.ask("GET", "/api/v1/session")).status == 401
        assert [one["id"] for one in await kept.ok("GET", f"/api/v1/accounts/{at.ada.id}/devices")] == [second.id]


@virtual
async def test_a_token_is_shown_once_and_can_be_revoked_alone() -> None:
    """Lists tell its name and its times, never itself; a token makes no further token."""
    async with place() as at:
        browser = await at.signed_in(at.ada, device=True)
        [device] = await at.hub.store.devices()
        path = f"/api/v1/devices/{device.id}/tokens"
        made = await browser.ok("POST", path, {"name": "app", "hours": 1})
        listed = await browser.ask("GET", path)
        assert made["token"] not in listed.body.decode()
        native = at.browser()
        native.token = made["token"]
        refused = await native.ask("POST", path, {"name": "more"})
        assert (refused.status, refused.code) == (403, "browser-only")
        await browser.ok("DELETE", f"{path}/{made['about']['id']}")
        assert (await native.ask("GET", "/api/v1/session")).status == 401


@virtual
async def test_subscriptions_are_handed_on_and_their_addresses_never_shown() -> None:
    """A test and a receipt reach whoever notifies; what was sent in is not told to anybody who looks."""
    async with place() as at:
        browser = await at.signed_in(at.ada, device=True)
        [device] = await at.hub.store.devices()
        path = f"/api/v1/devices/{device.id}"
        made = await browser.ok("PUT", f"{path}/subscriptions", PUSH)
        assert "push.example" not in (await browser.ask("GET", f"{path}/subscriptions")).body.decode()
        sent = await browser.ok("POST", f"{path}/subscriptions/{made['id']}/test")
        await browser.ok("POST", f"{path}/receipts", {"notice_id": sent["notice_id"], "kind": "shown"})
        unknown = await browser.ask("POST", f"{path}/receipts", {"notice_id": "unknown", "kind": "received"})
        assert unknown.status == 404
        assert at.notices.tested == [made["id"]]
        assert at.notices.receipts[0] == (device.id, f"n{made['id']}", "shown", at.hub.clock.now())
        assert (await browser.ok("GET", "/api/v1/notices/vapid-key"))["public_key"] == "BKey"
        bad = await browser.ask("PUT", f"{path}/subscriptions", {"channel": "apns", "address": {"topic": "x"}})
        assert (bad.status, bad.code) == (422, "bad-subscription")
        await browser.ok("DELETE", f"{path}/subscriptions/{made['id']}")
        assert await at.hub.store.subscriptions(device.id) == ()
