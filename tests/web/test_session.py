"""
Sessions: their cookie, what other sites cannot do with it, and how they end.
"""

from __future__ import annotations

import datetime as dt

import pytest

from carrierpost.engine.policies import PolicyDesk
from carrierpost.model import Policies, PolicySet, PolicyTarget
from carrierpost.web.settings import SignInSettings
from tests.support.virtual import virtual
from tests.web.place import ADA, BEA, place

COOKIE = "__Host-carrierpost"


@virtual
async def test_a_link_signs_in_once_and_the_cookie_is_for_this_host_alone() -> None:
    """The browser gets a secret that no script reads; the store knows it by its hash only; the link is used up."""
    async with place() as at:
        browser = at.browser()
        link = await at.link(at.ada)
        answer = await browser.ask("POST", "/api/v1/session", {"ticket": link})
        assert answer.status == 201
        assert [one["address"] for one in answer.json["accounts"]] == [ADA]
        cookie = answer.headers["set-cookie"].lower()
        for part in ("httponly", "secure", "path=/", "samesite=strict"):
            assert part in cookie
        assert "domain" not in cookie
        assert await at.hub.store.session(browser.cookies[COOKIE]) is None
        assert (await browser.ok("GET", "/api/v1/session"))["csrf_token"] == answer.json["csrf_token"]
        again = await at.browser().ask("POST", "/api/v1/session", {"ticket": link})
        assert (again.status, again.code) == (401, "ticket-not-good")


@virtual
async def test_each_sign_in_gives_another_secret_and_keeps_the_accounts() -> None:
    """A secret that somebody planted or saw before is worth nothing after a sign-in."""
    async with place() as at:
        browser = await at.signed_in(at.ada, device=True)
        before = browser.cookies[COOKIE]
        await at.signed_in(at.bea, browser)
        assert browser.cookies[COOKIE] != before
        view = await browser.ok("GET", "/api/v1/session")
        assert {one["address"] for one in view["accounts"]} == {ADA, BEA}
        assert [one["device_id"] is not None for one in view["accounts"]] == [True, False]
        old = at.browser()
        old.cookies[COOKIE] = before
        assert (await old.ask("GET", "/api/v1/session")).status == 401
        planted = at.browser()
        planted.cookies[COOKIE] = "known to somebody else"
        await at.signed_in(at.ada, planted)
        assert planted.cookies[COOKIE] != "known to somebody else"


@pytest.mark.parametrize(
    ("headers", "code"),
    [
        ({"x_csrf_token": ""}, "csrf-token"),
        ({"x_csrf_token": "0" * 64}, "csrf-token"),
        ({"sec_fetch_site": "cross-site"}, "other-site"),
        ({"sec_fetch_site": "same-site"}, "other-site"),
        ({"sec_fetch_site": "", "origin": "https://evil.example"}, "other-site"),
        ({"origin": "null"}, "other-site"),
    ],
)
@virtual
async def test_other_sites_change_nothing_with_the_cookie(headers: dict[str, str], code: str) -> None:
    """What changes something comes from our own pages and carries their token."""
    async with place() as at:
        browser = await at.signed_in(at.ada)
        answer = await browser.ask("POST", f"/api/v1/accounts/{at.ada.id}/devices", {}, **headers)
        assert (answer.status, answer.code) == (403, code)
        assert await at.hub.store.devices() == ()


@virtual
async def test_other_sites_sign_nobody_in() -> None:
    """A page of another site cannot sign a browser in as somebody whom it chose."""
    async with place() as at:
        link = await at.link(at.ada)
        browser = at.browser()
        answer = await browser.ask("POST", "/api/v1/session", {"ticket": link}, sec_fetch_site="cross-site")
        assert (answer.status, answer.code) == (403, "other-site")
        form = await browser.ask("POST", "/api/v1/session", {"ticket": link}, content_type="text/plain")
        assert (form.status, form.code) == (415, "no-json")


@virtual
async def test_signing_out_ends_the_session_and_forgets_where_to_notify() -> None:
    """The cookie is taken back and opens nothing any more; whoever signs in next is not told of these accounts."""
    async with place() as at:
        browser = await at.signed_in(at.ada, device=True)
        [device] = await at.hub.store.devices()
        address = {"endpoint": "https://push.example/1", "p256dh": "a", "auth": "b"}
        await browser.ok(
            "PUT", f"/api/v1/devices/{device.id}/subscriptions", {"channel": "web-push", "address": address}
        )
        kept = dict(browser.cookies)
        await browser.ok("DELETE", "/api/v1/session")
        assert browser.cookies == {}
        assert await at.hub.store.subscriptions(device.id) == ()
        browser.cookies = kept
        assert (await browser.ask("GET", "/api/v1/session")).status == 401


@virtual
async def test_signing_out_everywhere_spares_the_browser_that_asks() -> None:
    """The others are signed out of this account at once; one of them alone can be, too."""
    async with place() as at:
        here, there, third = [await at.signed_in(at.ada) for _ in range(3)]
        await at.signed_in(at.bea, there)
        path = f"/api/v1/accounts/{at.ada.id}/sessions"
        rows = await here.ok("GET", path)
        assert [one["current"] for one in rows] == [True, False, False]
        assert rows[0]["name"] == "Safari on iPhone"
        await here.ok("DELETE", f"{path}/{rows[1]['id']}")
        assert (await third.ask("GET", "/api/v1/session")).status == 401
        assert len(await here.ok("GET", path)) == 2
        await here.ok("DELETE", path)
        assert [one["current"] for one in await here.ok("GET", path)] == [True]
        assert [one["address"] for one in (await there.ok("GET", "/api/v1/session"))["accounts"]] == [BEA]


@virtual
async def test_a_session_lasts_as_long_as_the_policy_says_now() -> None:
    """A policy that is made stricter ends sessions that are older at once, without a restart."""
    async with place() as at:
        browser = await at.signed_in(at.ada)
        await at.hub.clock.sleep(5 * 3600)
        assert (await browser.ask("GET", "/api/v1/session")).status == 200
        strict = PolicySet(name="short", target=PolicyTarget(), values={"sign_in_hours": 4})
        await PolicyDesk(at.hub.store).replace(Policies(sets=(strict,)), after=0, by="root", why="trial")
        assert (await browser.ask("GET", "/api/v1/session")).status == 401


@virtual
async def test_a_session_ends_at_its_time() -> None:
    """After the hours that were set it is over, and the answer says what to do."""
    async with place(sign_in=SignInSettings(hours=2)) as at:
        browser = await at.signed_in(at.ada)
        await at.hub.clock.sleep(dt.timedelta(hours=2).total_seconds())
        answer = await browser.ask("GET", "/api/v1/accounts")
        assert (answer.status, answer.code, answer.json["detail"]) == (401, "not-signed-in", "sign in first")


@virtual
async def test_names_that_are_not_ours_are_refused() -> None:
    """A foreign name that was made to point here opens nothing; every answer carries the headers that protect."""
    async with place() as at:
        browser = await at.signed_in(at.ada)
        for host in ("evil.example", "evil.example:8700", "", "localhost.evil.example"):
            answer = await browser.ask("GET", "/api/v1/session", host=host)
            assert (answer.status, answer.code) == (421, "other-host")
            assert answer.headers["x-content-type-options"] == "nosniff"
        for host in ("localhost:8700", "127.0.0.1", "[::1]:8700", "LOCALHOST"):
            answer = await browser.ask("GET", "/api/v1/accounts", host=host)
            assert answer.status == 200
        assert "default-src 'none'" in answer.headers["content-security-policy"]
        assert (answer.headers["cache-control"], answer.headers["x-frame-options"]) == ("no-store", "DENY")
