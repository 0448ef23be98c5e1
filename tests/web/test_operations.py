"""
Every operation, tried by everybody: a table of what each may do.
"""

from __future__ import annotations

import secrets
from typing import Any

import pytest

from carrierpost.model import TokenPurpose
from carrierpost.web.api import OPERATIONS
from carrierpost.web.operations import Access, Operation
from tests.store.values import contact, push
from tests.support.virtual import virtual
from tests.web.browser import Browser
from tests.web.place import Place, place
from tests.web.test_dav import set_policy

BOOK = TokenPurpose.CONTACTS
BODIES: dict[str, Any] = {
    "begin_sign_in": {"address": "", "password": "x"},
    "open_session": {"ticket": "none"},
    "register_device": {},
    "change_device": {"name": "Phone"},
    "report_life": {},
    "set_device_settings": {"auto_refresh": True},
    "set_notice_settings": {"detail": "sender", "quiet": [{"start": "22:00", "end": "07:00"}]},
    "make_token": {"name": "app"},
    "make_password": {"name": "contacts"},
    "put_subscription": {"channel": "web-push", "address": {"endpoint": "https://push.example/2"}},
    "take_receipt": {"notice_id": "n", "kind": "shown"},
    "refresh_account": {},
    "set_check_frequency": {"minutes": 15},
    "set_auto_refresh": {"ticked": True},
    "change_mail": {"items": [1], "read": True},
    "send_message": {"mime": "YQ=="},
    "write_mail": {"to": ["bea@elm.example"], "subject": "Seeds", "text": "Two bags."},
    "answer_invitation": {"answer": "accepted"},
}
QUERIES = {
    "search_mail": "?text=linden",
    "suggest_people": "?text=li",
    "list_occurrences": "?begin=2026-11-23T00:00:00Z&end=2026-11-30T00:00:00Z",
}
ASK_THE_SERVER = {"fetch_whole", "fetch_file", "answer_invitation"}
"""What the owner is told instead, for there is no server here and no meeting: 404 no such file, 409 not possible."""
OWN = [one for one in OPERATIONS if one.access is not Access.ANYBODY]


async def path_for(at: Place, operation: Operation, box: Any) -> str:
    """Fill a path with what is really there of a person."""
    store = at.hub.store
    [device, *_] = await store.devices(box.id)
    token = (await store.device_tokens(device.id))[0]
    session = (await store.sessions(box.id))[0]
    item = await box.item("m1")
    values = {
        "account_id": box.id,
        "device_id": device.id,
        "token_id": token.id,
        "session_id": session.id,
        "subscription_id": (await store.subscriptions(device.id))[0].id,
        "folder_id": item.collection_id,
        "item_id": item.id,
        "entry_id": 1,
        "index": 0,
        "password_id": (await store.add_device_token(device.id, secrets.token_hex(), name="book", purpose=BOOK)).id,
    }
    if operation.name in ("download_card", "draft_with_card"):
        if not await box.held("Contacts"):
            await box.sync("Contacts", adds=(contact(1, "Zoë", "Elm"),))
        values["item_id"] = (await box.item("c1", "Contacts")).id
    path = operation.path
    for name in operation.parameters:
        path = path.replace("{" + name + "}", str(values[name]))
    query = QUERIES.get(operation.name, "")
    return f"/api/v1{path}{query}"


async def ask(browser: Browser, operation: Operation, path: str, body: Any) -> int:
    if operation.media_type == "text/event-stream":
        async with browser.stream(path) as stream:
            await stream.pieces.get()
            return stream.status
    return (await browser.ask(operation.method, path, body)).status


@pytest.mark.parametrize("operation", OWN, ids=lambda one: one.name)
@virtual
async def test_who_may_do_what(operation: Operation) -> None:
    """
    Nobody and whoever's sign-in is over are told to sign in; another person finds nothing there; a device's token does
    not do what a browser may; the owner is served.
    """
    async with place() as at:
        await set_policy(at, export_contacts=True)
        owner, other = await at.signed_in(at.ada, device=True), await at.signed_in(at.bea, device=True)
        for box in (at.ada, at.bea):
            [device] = await at.hub.store.devices(box.id)
            await at.hub.store.put_subscription(push(device.id))
            browser = owner if box is at.ada else other
            made = await browser.ok("POST", f"/api/v1/devices/{device.id}/tokens", {"name": "app"})
            if box is at.ada:
                native = at.browser()
                native.token = made["token"]
        path, body = await path_for(at, operation, at.ada), BODIES.get(operation.name)
        if operation.name == "change_mail":
            body = {"items": [(await at.ada.item("m1")).id], "read": True}
        forged = at.browser()
        forged.cookies = {"__Host-carrierpost": "x" * 43}
        wrong = at.browser()
        wrong.token = "cpd_" + "x" * 43
        for nobody in (at.browser(), forged, wrong):
            assert await ask(nobody, operation, path, body) == 401
        if operation.parameters:
            assert await ask(other, operation, path, body) == 404
        by_token = await ask(native, operation, path, body)
        assert (by_token == 403) == (operation.access is not Access.SIGNED_IN)
        if operation.access is not Access.ADMINISTRATOR:
            status = await ask(owner, operation, path, body)
            missing = {"entry_id"} & set(operation.parameters) and status == 404
            gone = operation.method == "DELETE" and by_token == 204 and status in (401, 404)
            elsewhere = operation.name in ASK_THE_SERVER and status in (404, 409)
            assert status in (200, 201, 202, 204) or missing or gone or elsewhere, status


@virtual
async def test_an_expired_session_does_nothing() -> None:
    """Every operation that wants somebody answers a browser whose time is over like nobody."""
    async with place() as at:
        browser = await at.signed_in(at.ada, device=True)
        [device] = await at.hub.store.devices()
        await at.hub.store.put_subscription(push(device.id))
        await browser.ok("POST", f"/api/v1/devices/{device.id}/tokens", {"name": "app"})
        paths = {one.name: await path_for(at, one, at.ada) for one in OWN}
        await at.hub.clock.sleep(721 * 3600)
        for operation in OWN:
            assert await ask(browser, operation, paths[operation.name], BODIES.get(operation.name)) == 401, (
                operation.name
            )


def test_table_is_complete() -> None:
    """Each operation that takes a body has one in the table above, and names are used once."""
    names = [one.name for one in OPERATIONS]
    assert len(set(names)) == len(names)
    assert {one.name for one in OPERATIONS if "body" in one.hints} == set(BODIES)
    assert all(one.summary for one in OPERATIONS)
