"""
Signing in with the mail server's credentials, against a real server on a port of this machine.
"""

from __future__ import annotations

import contextlib
import dataclasses
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from carrierpost.bootstrap import Hub, open_hub
from carrierpost.server import ExchangeServer
from carrierpost.server.serve import Serving, serving
from carrierpost.web import Office, WebSettings, build_app
from carrierpost.web.settings import SignInSettings
from tests.web.browser import Browser

ADA, PASSWORD = "ada@larch.example", "correct horse ßattery"


@dataclasses.dataclass
class Door:
    """
    A hub's door, and the server behind it.
    """

    hub: Hub
    browser: Browser
    at: Serving
    server: ExchangeServer


@contextlib.asynccontextmanager
async def door(home: Path, **settings: Any) -> AsyncIterator[Door]:
    """Open a hub beside a server that knows Ada."""
    server = ExchangeServer()
    server.add_user(ADA, PASSWORD)
    values = {"servers": ("127.0.0.1", "localhost")} | settings
    async with serving(server) as at, open_hub(home=home, environment={}) as hub:
        office = Office(hub, WebSettings(sign_in=SignInSettings(**values)))
        yield Door(hub, Browser(build_app(office)), at, server)
        await office.sign_ins.close()


async def test_first_sign_in_adds_the_account_and_the_next_finds_it(tmp_path: Path) -> None:
    """The server is asked both times; the password is kept for the hub's own use, and in no answer."""
    async with door(tmp_path) as at:
        first = await at.browser.sign_in(ADA, PASSWORD, server=at.at.url)
        assert (first.status, first.json["accounts"][0]["address"]) == (201, ADA)
        again = await at.browser.sign_in(ADA.upper(), PASSWORD)
        assert (again.status, len(again.json["accounts"])) == (201, 1)
        assert len(await at.hub.store.accounts()) == 1
        assert PASSWORD.encode() not in first.body + again.body


async def test_a_wrong_password_and_an_unknown_person_get_the_same_answer(tmp_path: Path) -> None:
    """Nobody learns who is known here, or there; nothing is kept of the attempt."""
    async with door(tmp_path) as at:
        await at.browser.sign_in(ADA, PASSWORD, server=at.at.url)
        known = await at.browser.sign_in(ADA, "wrong", server=at.at.url)
        unknown = await at.browser.sign_in("eve@larch.example", "wrong", server=at.at.url)
        assert (known.status, known.code) == (401, "sign-in-refused")
        assert known.json == unknown.json
        assert [one.address for one in await at.hub.store.accounts()] == [ADA]
        fine = await at.browser.sign_in(ADA, PASSWORD)
        assert fine.status == 201


async def test_nobody_proves_a_login_at_a_server_of_their_own(tmp_path: Path) -> None:
    """For an address that is held its own server is asked, whatever server was named."""
    async with door(tmp_path) as at:
        await at.browser.sign_in(ADA, PASSWORD, server=at.at.url)
        evil = ExchangeServer()
        evil.add_user(ADA, "anything")
        async with serving(evil) as theirs:
            answer = await Browser(at.browser.app).sign_in(ADA, "anything", server=theirs.url)
        assert (answer.status, answer.code) == (401, "sign-in-refused")
        assert evil.log == []


@pytest.mark.parametrize(
    ("settings", "server", "code"),
    [
        ({"addresses": ("*@elm.example",)}, True, "address-not-allowed"),
        ({"servers": ()}, True, "server-not-allowed"),
        ({"servers": ("mail.larch.example",)}, True, "server-not-allowed"),
    ],
)
async def test_administrators_decide_who_signs_in_and_where(
    tmp_path: Path, settings: dict[str, Any], server: bool, code: str
) -> None:
    """A refusal names what is not allowed and whom to ask; no server is asked."""
    async with door(tmp_path, **settings) as at:
        answer = await at.browser.sign_in(ADA, PASSWORD, **({"server": at.at.url} if server else {}))
        assert (answer.status, answer.code) == (403, code)
        assert "ask who runs" in answer.json["detail"]
        assert at.server.log == []


async def test_guessing_is_slowed_down_for_an_address_and_for_a_place(tmp_path: Path) -> None:
    """Five attempts for one address, whoever makes them; thirty from one place; the answer says when to come back."""
    async with door(tmp_path) as at:
        answers = [
            await Browser(at.browser.app, client=f"198.51.100.{number}").sign_in(ADA, "no", server="https://x.example/")
            for number in range(7)
        ]
        assert [one.status for one in answers] == [403] * 5 + [429] * 2
        assert 0 < int(answers[-1].headers["retry-after"]) <= 60
        many = [
            await at.browser.sign_in(f"p{number}@larch.example", "no", server="https://x.example/")
            for number in range(32)
        ]
        assert [one.status for one in many].count(429) >= 1
        elsewhere = await Browser(at.browser.app, client="203.0.113.9").sign_in("q@larch.example", "no", server="x")
        assert elsewhere.status == 403


@pytest.mark.parametrize(
    "server", ["http://mail.larch.example/", "https://ada:x@mail.larch.example", "ftp://x", "https://[bad"]
)
async def test_a_server_that_is_none_is_explained(tmp_path: Path, server: str) -> None:
    """Passwords never travel readable, and an address holds none."""
    async with door(tmp_path, servers=("*",)) as at:
        answer = await at.browser.sign_in(ADA, PASSWORD, server=server)
        assert (answer.status, answer.code) == (422, "bad-server")
        assert PASSWORD not in answer.json["detail"]
