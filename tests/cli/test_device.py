"""
`carrierpost device`: what is known of people's devices, and taking them away.
"""

from __future__ import annotations

import asyncio
import datetime as dt
import os

from carrierpost.bootstrap import open_hub
from carrierpost.model import AppState, DeviceLife, TokenPurpose
from carrierpost.web.device_passwords import password_hash
from carrierpost.web.principal import hashed
from tests.cli.town import ADA, Town
from tests.store.values import phone


async def _register() -> int:
    async with open_hub(environment=os.environ) as hub:
        [account] = await hub.store.accounts()
        now = dt.datetime.now(dt.UTC)
        life = DeviceLife(state=AppState.BACKGROUND, since=now, last_seen=now, background_refresh=False)
        return (await hub.store.add_device(phone(account.id), life=life)).id


async def _opens(token: str) -> bool:
    async with open_hub(environment=os.environ) as hub:
        return await hub.store.device_token(hashed(token)) is not None


def test_devices_are_listed_with_how_mail_reaches_them_renamed_and_removed(town: Town) -> None:
    """A reason stands with each; a token is printed once and dies with its device; one that is gone is named."""
    town.add()
    assert "no device yet" in town.run("device", "list").out
    number = str(asyncio.run(_register()))
    [listed] = town.run("device", "list", "--account", ADA, "--json").json
    assert (listed["name"], listed["account"], listed["way"]) == ("Ada's phone", ADA, "nothing")
    assert "background app refresh is off" in town.run("device", "show", number).out
    assert town.run("device", "rename", number, "Old phone").status == 0
    token = town.run("device", "token", number, "--hours", "1").out.strip()
    assert asyncio.run(_opens(token))
    shown = town.run("device", "show", number, "--json").json
    assert (shown["name"], shown["tokens"]) == ("Old phone", ["native host"])
    assert "Old phone is removed" in town.run("device", "remove", number).out
    assert not asyncio.run(_opens(token))
    gone = town.run("device", "show", number)
    assert (gone.status, f"no device {number}" in gone.err) == (1, True)


def test_a_password_for_the_contacts_app_is_printed_once(town: Town) -> None:
    """With address and user, and a QR code on demand; where contacts stay here none is made, and the reason is told."""
    town.add()
    number = str(asyncio.run(_register()))
    refused = town.run("device", "password", number)
    assert (refused.status, "Export contacts is off" in refused.err) == (1, True)
    assert town.run("policy", "set", "Phones", "export_contacts=on").status == 0
    made = town.run("device", "password", number, "--url", "https://mail.example.org", "--json").json
    assert (made["address"], made["user"]) == ("https://mail.example.org/dav/", ADA)
    assert asyncio.run(_comes_in(made["password"]))
    [kept] = town.run("device", "password", number, "--list", "--json").json
    assert "no password 99" in town.run("device", "password", number, "--revoke", "99").err
    assert "is revoked" in town.run("device", "password", number, "--revoke", str(kept["id"])).out
    assert not asyncio.run(_comes_in(made["password"]))
    assert "has no password" in town.run("device", "password", number, "--list").out
    shown = town.run("device", "password", number, "--url", "https://mail.example.org", "--qr")
    assert ("█" in shown.out, "Sync with local contacts is off" in shown.err) == (True, True)
    assert "give --url" in town.run("device", "password", number, "--qr").err


async def _comes_in(password: str) -> bool:
    async with open_hub(environment=os.environ) as hub:
        return await hub.store.device_token(password_hash(password), TokenPurpose.CONTACTS) is not None
