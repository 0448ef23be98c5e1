"""
Over HTTP: why a device was told or not, what would happen now, and what a person sets about it.
"""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest

from carrierpost.model import NewPolicyVersion, NoticeMove, NoticeState, Removal, Step, TraceStep
from carrierpost.policy import Policies
from carrierpost.policy.changes import with_values
from carrierpost.policy.document import save_policies
from tests.store.values import push, told
from tests.support.virtual import virtual
from tests.web.place import Place, place


async def tell(at: Place, device_id: int, state: NoticeState = NoticeState.ACCEPTED, *, detail: str = "") -> int:
    """Let a device be told of a mail five minutes late; gives the mail."""
    store, box = at.hub.store, at.ada
    item = await box.item("m1")
    [made] = await store.commit_notices(told(box.id, device_id, after=0))
    step = TraceStep(
        account_id=box.id, step=Step(str(state)), at=made.made_at + dt.timedelta(minutes=5), item_id=item.id,
        device_id=device_id, notice=made.token, detail=detail,
    )  # fmt: skip
    await store.move_notices([NoticeMove(notice_id=made.id, state=state, step=step, detail=detail)])
    return item.id


@virtual
async def test_a_trace_shows_each_device_and_to_a_device_only_itself() -> None:
    """Steps with their times, and a sentence at the end; also of a mail that was deleted since."""
    async with place() as at:
        browser = await at.signed_in(at.ada, device=True)
        other = await at.signed_in(at.ada, device=True)
        first, second = [one.id for one in await at.hub.store.devices(at.ada.id)]
        item = await tell(at, first, NoticeState.REFUSED, detail="payload too large")
        path = f"/api/v1/accounts/{at.ada.id}/items/{item}/trace"
        [timeline] = (await other.ok("GET", path))["devices"]
        assert (timeline["device_id"], timeline["verdict"]) == (first, "not delivered: payload too large")
        assert [one["step"] for one in timeline["steps"]] == ["decided", "refused"]
        assert timeline["steps"][-1]["took"] == 300.0
        native = at.browser()
        native.token = (await browser.ok("POST", f"/api/v1/devices/{second}/tokens", {"name": "app"}))["token"]
        assert (await native.ok("GET", path))["devices"] == []
        await at.ada.sync(removals=(Removal(item_id=item),))
        assert len((await other.ok("GET", path))["devices"]) == 1
        assert (await browser.ask("GET", f"/api/v1/accounts/{at.ada.id}/items/999999/trace")).status == 404


@virtual
async def test_what_came_late_or_never_is_listed_by_device() -> None:
    """All of it, or only what came late; what was not worded for a screen is not in it."""
    async with place() as at:
        browser = await at.signed_in(at.ada, device=True)
        [device] = await at.hub.store.devices(at.ada.id)
        path = f"/api/v1/devices/{device.id}/trace"
        assert await browser.ok("GET", path) == []
        item = await tell(at, device.id, NoticeState.RECEIVED)
        [listed] = await browser.ok("GET", path)
        assert (listed["item_id"], listed["state"], listed["late"], "text" in listed) == (
            item,
            "received",
            False,
            False,
        )
        assert await browser.ok("GET", f"{path}?late=true") == []
        [made] = await at.hub.store.commit_notices(told(at.ada.id, device.id, "mail:2", after=1))
        await at.hub.store.move_notices([NoticeMove(notice_id=made.id, state=NoticeState.REFUSED, detail="too large")])
        [late] = await browser.ok("GET", f"{path}?late=true")
        assert (late["notice_id"], late["late"], late["remark"]) == (made.token, True, "too large")
        assert len(await browser.ok("GET", path)) == 2
        assert len(await browser.ok("GET", f"{path}?limit=1")) == 1
        assert (await browser.ask("GET", f"{path}?late=perhaps")).status == 400
        assert (await browser.ask("GET", f"{path}?limit=0")).status == 400


@virtual
async def test_the_forecast_is_that_of_the_rules() -> None:
    """What a mail arriving now would come to, with all that was looked at; without anybody who notifies it is 503."""
    async with place() as at:
        browser = await at.signed_in(at.ada, device=True)
        [device] = await at.hub.store.devices(at.ada.id)
        await at.hub.store.put_subscription(push(device.id))
        path = f"/api/v1/devices/{device.id}/forecast"
        live = await browser.ok("GET", path)
        assert (live["way"], live["told"]) == ("live", False)
        assert "live stream" in live["reason"]
        await browser.ok("POST", f"/api/v1/devices/{device.id}/life", {"event": "terminated"})
        gone = await browser.ok("GET", path)
        assert (gone["way"], gone["told"]) == ("notify", True)
        texts = {one["name"]: one["text"] for one in gone["findings"]}
        assert "but this hub has no web-push set up" in texts["channel"]
        at.office.notices = None
        assert (await browser.ask("GET", path)).status == 503


@virtual
async def test_notice_settings_are_set_and_show_what_the_policy_makes_of_them() -> None:
    """A stricter policy shows on the lock screen, whatever was chosen; the choice stays as it is."""
    async with place() as at:
        browser = await at.signed_in(at.ada, device=True)
        [device] = await at.hub.store.devices(at.ada.id)
        folder = (await at.ada.item("m1")).collection_id
        path = f"/api/v1/devices/{device.id}/notice-settings"
        first = await browser.ok("GET", path)
        assert first["lock_screen"] == {"shown": "all", "allowed": "all", "because": "your own choice"}
        choices: dict[str, Any] = {
            "detail": "all", "quiet": [{"start": "22:00", "end": "07:00", "days": [0, 4]}], "vips": ["Bea@Elm.example"],
            "calendar": False, "folders": [{"folder_id": folder, "rule": "vip"}],
        }  # fmt: skip
        held = (await browser.ok("PUT", path, choices))["choices"]
        assert held == first["choices"] | choices | {"vips": ["bea@elm.example"]}
        assert (await at.hub.store.notice_settings(device.id)).folders == {folder: "vip"}
        policies = with_values(Policies(), "Field staff", {"lock_screen_detail": "count"})
        await at.hub.store.commit_policies(NewPolicyVersion(after=0, policies=save_policies(policies), by="root"))
        strict = await browser.ok("GET", path)
        assert strict["lock_screen"] == {"shown": "count", "allowed": "count", "because": "policy set 'Field staff'"}
        assert strict["choices"]["detail"] == "all"


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ({"detail": "everything"}, "detail"),
        ({"quiet": [{"start": "25:00", "end": "07:00"}]}, "quiet"),
        ({"quiet": [{"start": "22:00", "end": "07:00", "days": []}]}, "days"),
        ({"folders": [{"folder_id": 999, "rule": "all"}]}, "no folder 999"),
        ({"vips": ["Bea"]}, "'Bea' is no address"),
    ],
)
@virtual
async def test_settings_that_make_no_sense_are_refused_by_name(body: Any, said: str) -> None:
    """It is named what is wrong, and nothing is changed."""
    async with place() as at:
        browser = await at.signed_in(at.ada, device=True)
        [device] = await at.hub.store.devices(at.ada.id)
        refused = await browser.ask("PUT", f"/api/v1/devices/{device.id}/notice-settings", body)
        assert refused.status == 422
        assert said in refused.json["detail"]


@virtual
async def test_what_decides_about_contacts_is_reported_and_answered() -> None:
    """What the app sees and what its managed configuration says come with its life, and can become unknown again."""
    async with place() as at:
        browser = await at.signed_in(at.ada, device=True)
        [device] = await at.hub.store.devices(at.ada.id)
        store, path = at.hub.store, f"/api/v1/devices/{device.id}"
        await browser.ok("POST", f"{path}/life", {"native_accounts": True, "native_accounts_managed": False})
        await browser.ok("POST", f"{path}/life", {"battery": 50})
        life = await store.device_life(device.id)
        assert (life.native_accounts, life.native_accounts_managed, life.battery) == (True, False, 50)
        await browser.ok("POST", f"{path}/life", {"native_accounts": None, "battery": None})
        life = await store.device_life(device.id)
        assert (life.native_accounts, life.native_accounts_managed, life.battery) == (None, False, 50)
        wanted = {"auto_refresh": True, "sync_with_local_contacts": True, "native_accounts": False}
        await browser.ok("PUT", f"{path}/settings", wanted)
        shown = await browser.ok("GET", path)
        assert shown["settings"] == wanted
        assert (shown["life"]["native_accounts"], shown["life"]["native_accounts_managed"]) == (None, False)
