"""
`carrierpost serve`, as a process of its own: signed in to, listened to, stopped.
"""

from __future__ import annotations

import asyncio
import contextlib
import datetime as dt
import json
import os
import re
import signal
import socket
import sys
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from carrierpost.bootstrap import SetupError
from carrierpost.bootstrap.configuration import read_configuration
from carrierpost.cli.serve import Configuration, ServeSettings, check_safe, web_settings
from carrierpost.server import ExchangeServer
from carrierpost.server.serve import serving

ADA, PASSWORD = "ada@larch.example", "correct horse ßattery"


def free_port() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])


class Page:
    """
    What a page does, over a real connection.
    """

    def __init__(self, http: aiohttp.ClientSession, origin: str) -> None:
        self.http = http
        self.origin = origin
        self.headers = {"Origin": origin, "Sec-Fetch-Site": "same-origin"}

    async def ask(self, method: str, path: str, body: Any = None) -> Any:
        """Ask, and give what was answered; it has to go well."""
        sent = {"json": body} if body is not None else {}
        async with self.http.request(method, f"{self.origin}/api/v1{path}", headers=self.headers, **sent) as answer:
            text = await answer.text()
            assert answer.status < 300, (method, path, answer.status, text)
            if "Set-Cookie" in answer.headers:
                self.headers["Cookie"] = answer.headers["Set-Cookie"].partition(";")[0]
            return json.loads(text) if text else None

    async def sign_in(self, server: str) -> Any:
        """Sign in, and give the session."""
        begun = await self.ask("POST", "/sign-ins", {"address": ADA, "password": PASSWORD, "server": server})
        number = begun["sign_in"]["id"]
        async with self.http.get(f"{self.origin}/api/v1/sign-ins/{number}/events", headers=self.headers) as events:
            last = (await events.text()).strip().rpartition("data: ")[2]
        assert json.loads(last)["state"] == "done", last
        session = await self.ask("POST", "/session", {"ticket": begun["ticket"]})
        self.headers["X-CSRF-Token"] = session["csrf_token"]
        return session


@contextlib.asynccontextmanager
async def hub(home: Path, *arguments: str) -> AsyncIterator[tuple[str, asyncio.subprocess.Process]]:
    """Start the hub, and give its address once it listens."""
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "carrierpost", "serve", "--port", "0", *arguments,
        env=os.environ | {"CARRIERPOST_HOME": str(home)}, stdout=-1, stderr=-1,
    )  # fmt: skip
    assert process.stdout is not None
    assert process.stderr is not None
    try:
        line = (await asyncio.wait_for(process.stdout.readline(), 60)).decode()
        found = re.search(r"running at (http://127\.0\.0\.1:\d+)", line)
        assert found, line + (await process.stderr.read()).decode()
        yield found[1], process
    finally:
        if process.returncode is None:
            process.kill()
            await process.communicate()


async def test_a_person_signs_in_and_hears_of_mail_at_once_and_the_hub_stops_in_order(tmp_path: Path) -> None:
    """From the address and the mail server's password to news over the live stream; SIGTERM ends it all quietly."""
    server = ExchangeServer()
    mailbox = server.add_user(ADA, PASSWORD)
    an_hour_ago = dt.datetime.now(dt.UTC) - dt.timedelta(hours=1)
    mailbox.deliver(subject="Before", sender="cy@elm.example", text="An older word", received=an_hour_ago)
    care = free_port()
    async with (
        serving(server) as at,
        hub(tmp_path, "--care-port", str(care)) as (origin, process),
        aiohttp.ClientSession(cookie_jar=aiohttp.DummyCookieJar()) as http,
    ):
        page = Page(http, origin)
        session = await page.sign_in(at.url)
        account = session["accounts"][0]["id"]
        device = await page.ask("POST", f"/accounts/{account}/devices", {"platform": "desktop"})
        assert device["delivery"]["way"] == "live"
        path = f"{origin}/api/v1/accounts/{account}/live?after=0"
        async with http.get(path, headers=page.headers) as stream:
            kinds = []
            async with asyncio.timeout(60):
                async for raw in stream.content:
                    if not raw.startswith(b"data: "):
                        continue
                    change = json.loads(raw[6:])
                    kinds.append(change["kind"])
                    if change["kind"] == "item-added" and not change.get("announce"):
                        folders = await page.ask("GET", f"/accounts/{account}/folders")
                        inbox = next(one for one in folders if one["kind"] == "inbox")
                        if inbox["total"] == 1:
                            while not server.holding:  # the hub listens from here on
                                await asyncio.sleep(0.05)
                            mailbox.deliver(subject="News", sender="cy@elm.example", text="A new word")
                    if change.get("announce"):
                        break
            listed = await page.ask("GET", f"/accounts/{account}/folders/{inbox['id']}/mail")
            assert [one["subject"] for one in listed["items"]] == ["News", "Before"]
            async with asyncio.timeout(30):
                text = ""
                while "carrierpost_accounts_held 1.0" not in text:  # it goes back to its held connection
                    async with http.get(f"http://127.0.0.1:{care}/metrics") as figures:
                        text = await figures.text()
            assert "carrierpost_live_streams 1.0" in text
            async with http.get(f"http://127.0.0.1:{care}/readyz") as ready:
                assert ready.status == 200
            process.send_signal(signal.SIGTERM)
            await asyncio.wait_for(stream.content.read(), 30)  # it ends
        out, log = await asyncio.wait_for(process.communicate(), 30)
        assert process.returncode == 0, log
        for line in log.decode().splitlines():
            assert json.loads(line)["event"]
        for secret in (PASSWORD, "correct horse", page.headers["Cookie"].partition("=")[2]):
            assert secret not in out.decode() + log.decode()


def test_settings_come_from_file_environment_and_command_line_in_that_order(tmp_path: Path) -> None:
    """The later has the last word; lists and files that hold a value are read; an unknown one is named."""
    file = tmp_path / "config.toml"
    file.write_text('[serve]\nport = 1\nhost = "::1"\n[sign_in]\naddresses = ["*@larch.example"]\n', encoding="utf-8")
    held = tmp_path / "url"
    held.write_text("https://mail.larch.example\n", encoding="utf-8")
    environment = {
        "CARRIERPOST_SERVE__PORT": "2",
        "CARRIERPOST_SERVE__CARE_PORT": "5",
        "CARRIERPOST_SERVE__PUBLIC_URL_FILE": str(held),
        "CARRIERPOST_SIGN_IN__ADMINISTRATORS": '["root@larch.example"]',
        "CARRIERPOST_HOME": "/nowhere",
    }
    said = {"serve": {"port": 3, "host": None}}
    read = read_configuration(Configuration, file=file, environment=environment, said=said)
    assert (read.serve.port, read.serve.host, read.serve.care_port) == (3, "::1", 5)
    assert read.serve.public_url == "https://mail.larch.example"
    assert read.sign_in.addresses == ("*@larch.example",)
    assert read.sign_in.administrators == ("root@larch.example",)
    assert "mail.larch.example" in web_settings(read).hosts


@pytest.mark.parametrize(
    ("text", "environment", "named"),
    [
        ("[serve]\nprot = 1\n", {}, "prot"),
        ("[serve]\nport = 'x'\n", {}, r"serve\.port"),
        ("[serve\n", {}, "no TOML"),
        ("port = 1\n", {}, "port"),
        ("", {"CARRIERPOST_SERV__PORT": "1"}, "CARRIERPOST_SERV__PORT"),
        ("", {"CARRIERPOST_SERVE__KEY_FILE": "/nowhere/key"}, "/nowhere/key"),
    ],
)
def test_a_setting_that_makes_no_sense_is_named(
    tmp_path: Path, text: str, environment: dict[str, str], named: str
) -> None:
    """The error says which, and where it stands."""
    file = tmp_path / "config.toml"
    file.write_text(text, encoding="utf-8")
    with pytest.raises(SetupError, match=named):
        read_configuration(Configuration, file=file, environment=environment)


@pytest.mark.parametrize(
    ("settings", "safe"),
    [
        ({}, True),
        ({"host": "::1"}, True),
        ({"host": "localhost"}, True),
        ({"host": "0.0.0.0"}, False),
        ({"host": "192.0.2.1"}, False),
        ({"host": "mail.larch.example"}, False),
        ({"host": "0.0.0.0", "behind_proxy": True}, True),
        ({"certificate": "/nowhere.pem"}, False),
        ({"key": "/nowhere.pem"}, False),
    ],
)
def test_passwords_never_travel_readable(settings: dict[str, Any], safe: bool) -> None:
    """Plain HTTP is for this machine alone, or for a proxy that speaks HTTPS."""
    with contextlib.nullcontext() if safe else pytest.raises(SetupError):
        check_safe(ServeSettings(**settings))


def test_only_a_hub_that_nobody_else_reaches_lets_any_server_be_named() -> None:
    """Elsewhere servers are found by Autodiscover, unless the administrator names some."""
    assert web_settings(Configuration()).sign_in.servers == ("*",)
    public = Configuration(serve=ServeSettings(host="0.0.0.0", behind_proxy=True))
    assert web_settings(public).sign_in.servers == ()
    assert web_settings(Configuration(serve=ServeSettings(behind_proxy=True))).sign_in.servers == ()
