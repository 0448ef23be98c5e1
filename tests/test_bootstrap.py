"""
The hub as it is put together: accounts, their logins and sessions, and what a trace of them may hold.
"""

from __future__ import annotations

import base64
import dataclasses
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from carrierpost import bootstrap
from carrierpost.bootstrap import Hub, open_hub
from carrierpost.client import discovery
from carrierpost.client.discovery import Discovered
from carrierpost.client.replay import ReplayTransport
from carrierpost.protocol.errors import HTTPStatusError
from carrierpost.protocol.secret import Secret
from carrierpost.server import ExchangeServer
from carrierpost.server.faults import http
from carrierpost.server.serve import Serving, serving

ADA, BEA = "ada@larch.example", "bea@larch.example"
PASSWORD = "correct horse ßattery"


@dataclasses.dataclass
class Place:
    """
    A hub, and a server on a port of this machine.
    """

    hub: Hub
    server: ExchangeServer
    at: Serving

    async def add(self, address: str = ADA, **options: Any) -> bootstrap.Added:
        """Add an account of this server."""
        return await self.hub.add_account(address, Secret(PASSWORD), **{"url": self.at.url, **options})


@asynccontextmanager
async def place(home: Path, **options: Any) -> AsyncIterator[Place]:
    """Open a hub beside a server that knows Ada and Bea."""
    server = ExchangeServer()
    for address in (ADA, BEA):
        server.add_user(address, PASSWORD).deliver(subject="Hello", sender="cy@elm.example", text="A word of mine")
    async with serving(server) as at, open_hub(home=home, environment={}, **options) as hub:
        yield Place(hub, server, at)


@pytest.mark.parametrize(("typed", "kept"), [("ada", "ada"), ("FIRM\\ada", "FIRM\\ada"), ("nobody", ADA), (None, ADA)])
async def test_AU7_login_that_a_named_server_refuses_is_followed_by_the_address(
    tmp_path: Path, typed: str | None, kept: str
) -> None:
    """AU7: what the person typed is tried first, the address after it; the one that works is kept."""
    async with place(tmp_path) as here:
        added = await here.add(login=typed)
        assert added.account.login == kept


async def test_refused_password_adds_nothing(tmp_path: Path) -> None:
    """A wrong password is told, after one attempt with each login name, and nothing is kept."""
    async with place(tmp_path) as here:
        with pytest.raises(HTTPStatusError, match="login name or password"):
            await here.hub.add_account(ADA, Secret("wrong"), url=here.at.url, login="ada")
        assert await here.hub.store.accounts() == ()


async def test_no_secret_of_a_synchronization_is_in_its_trace(tmp_path: Path) -> None:
    """The password is taken out of a trace when an account is added, and when it was kept long before."""
    basic = base64.b64encode(f"{ADA}:{PASSWORD}".encode()).decode()
    home, traces = tmp_path / "home", [tmp_path / "adding", tmp_path / "syncing"]
    server = ExchangeServer()
    server.add_user(ADA, PASSWORD).deliver(subject=f"it is {PASSWORD}", sender="cy@elm.example", text=f"Or {basic}.")
    async with serving(server) as at:
        async with open_hub(home=home, environment={}, trace=traces[0]) as hub:
            await hub.add_account(ADA, Secret(PASSWORD), url=at.url)
        async with open_hub(home=home, environment={}, trace=traces[1]) as hub:
            [account] = await hub.store.accounts()
            async with hub.runner(account) as runner:
                assert await runner.sync_once() == ()
    files = [path for trace in traces for path in trace.iterdir()]
    assert len(files) > 30
    for path in files:
        content = path.read_bytes()
        assert PASSWORD.encode() not in content, path
        assert basic[: len(basic) - 4].encode() not in content, path
    assert ReplayTransport(traces[1]).left > 10


async def test_SK11_two_accounts_of_one_person_share_nothing(tmp_path: Path) -> None:
    """SK11: two addresses of one user at one server are two devices, two sessions, two sets of keys."""
    async with place(tmp_path) as here:
        one = (await here.add(ADA)).account
        two = (await here.add("ada.larch@larch.example", login=ADA)).account
        assert one.login == two.login
        assert one.device_id != two.device_id
        for account in (one, two):
            async with here.hub.runner(account) as runner:
                assert await runner.sync_once() == ()
        assert {device for _, device in here.server.devices} == {one.device_id, two.device_id}
        held = [await here.hub.store.items(account.id) for account in (one, two)]
        assert len(held[0]) == len(held[1]) == 1
        for account in (one, two):  # neither has moved the other's keys
            async with here.hub.runner(account) as runner:
                assert await runner.sync_once() == ()
        assert [await here.hub.store.items(account.id) for account in (one, two)] == held


async def test_TH5_account_that_is_added_again_is_the_same_device(tmp_path: Path) -> None:
    """TH5: removing and adding an account uses up none of the user's device partnerships."""
    async with place(tmp_path) as here:
        first = (await here.add()).account
        await here.hub.store.remove_account(first.id)
        assert (await here.add()).account.device_id == first.device_id
        assert (await here.add(BEA)).account.device_id != first.device_id


@pytest.mark.parametrize("named", [True, False])
async def test_server_is_looked_for_again_unless_a_person_named_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, named: bool
) -> None:
    """When the server says that it is the wrong one, Autodiscover is asked, and what a person has set stays."""
    moved = ExchangeServer()
    moved.add_user(ADA, PASSWORD)
    async with place(tmp_path) as here, serving(moved) as other:
        urls = [here.at.url, other.url]

        async def find(address: str, login: str | None, *_: Any, **__: Any) -> Discovered:
            return Discovered(url=urls.pop(0), login=login or address, how="found", tried=())

        monkeypatch.setattr(discovery, "discover", find)
        account = (await here.add(url=here.at.url if named else None)).account
        here.server.faults.add(http(403), command="FolderSync", times=None)
        async with here.hub.runner(account) as runner:
            if named:
                with pytest.raises(Exception, match="does not allow this user or device"):
                    await runner.sync_once()
            else:
                assert await runner.sync_once() == ()
        assert (await here.hub.store.account(account.id)).url == (here.at.url if named else other.url)
