"""
`carrierpost device`: what is known of people's devices, and taking them away.
"""

from __future__ import annotations

import asyncio
import datetime as dt
import os

from carrierpost.bootstrap import open_hub
from carrierpost.model import AppState, DeviceLife
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
