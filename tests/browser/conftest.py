"""
The web app in a real browser: a hub as a process of its own, the built-in server behind it, and Debian's Chromium.
"""

from __future__ import annotations

import asyncio
import contextlib
import dataclasses
import os
import re
import shutil
import sys
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from playwright.async_api import Browser, BrowserContext, Page, async_playwright

from carrierpost.server import ExchangeServer
from carrierpost.server.mailbox import Mailbox
from carrierpost.server.serve import serving
from carrierpost.web.pages import built_pages

ADDRESS, PASSWORD = "ada@larch.example", "correct horse"
PHONE, ANDROID = "iPhone 14", "Pixel 7"


@dataclasses.dataclass
class App:
    """
    The app, ready to be opened.

    Attributes:
        origin: its address.
        server: the mail server behind the hub.
        mailbox: Ada's, at the server.
    """

    origin: str
    server: ExchangeServer
    at: str
    mailbox: Mailbox
    browser: Browser
    devices: dict[str, Any]
    contexts: list[BrowserContext] = dataclasses.field(default_factory=list)
    troubles: list[str] = dataclasses.field(default_factory=list)
    asked: list[str] = dataclasses.field(default_factory=list)

    async def page(self, device: str | None = PHONE, **values: Any) -> Page:
        """Open a page of a phone, or of a desk for `None`, and note whatever goes wrong in it."""
        look = self.devices[device] if device else {"viewport": {"width": 1366, "height": 820}}
        context = await self.browser.new_context(
            **{**look, "locale": "en-GB", "timezone_id": "Europe/Berlin", **values}
        )
        self.contexts.append(context)
        page = await context.new_page()
        page.on("pageerror", lambda error: self.troubles.append(str(error)))
        page.on("console", lambda said: self._said(said.type, said.text))
        page.on("request", lambda request: self.asked.append(request.url))
        page.on("response", lambda answer: self._answered(answer.status, answer.url))
        return page

    def _said(self, kind: str, text: str) -> None:
        if kind == "error" and not text.startswith("Failed to load resource"):  # those are told with their address
            self.troubles.append(text)

    def _answered(self, status: int, url: str) -> None:
        if status >= 400 and not (status == 401 and url.endswith("/session")):  # who is signed in is asked first
            self.troubles.append(f"{status} {url}")

    async def signed_in(self, device: str | None = PHONE, **values: Any) -> Page:
        """Open the app and sign in as a person does."""
        page = await self.page(device, **values)
        await page.goto(self.origin)
        await page.get_by_role("button", name="Name the server yourself").click()
        await page.get_by_label("Mail address").fill(ADDRESS)
        await page.get_by_label("Password").fill(PASSWORD)
        await page.get_by_label("Mail server").fill(self.at)
        await page.get_by_role("button", name="Sign in", exact=True).click()
        await page.get_by_role("navigation", name="Main").wait_for()
        return page


@contextlib.asynccontextmanager
async def _hub(home: Path) -> AsyncIterator[str]:
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "carrierpost", "serve", "--port", "0",
        env=os.environ | {"CARRIERPOST_HOME": str(home)}, stdout=-1, stderr=-3,
    )  # fmt: skip
    assert process.stdout is not None
    try:
        line = (await asyncio.wait_for(process.stdout.readline(), 60)).decode()
        found = re.search(r"running at http://127\.0\.0\.1:(\d+)", line)
        assert found, line
        yield f"http://localhost:{found[1]}"
    finally:
        process.terminate()
        await asyncio.wait_for(process.wait(), 30)


@pytest.fixture
async def app(tmp_path: Path) -> AsyncIterator[App]:
    """Give the app; at the end nothing may have gone wrong in a page, and no other host may have been asked."""
    chromium = shutil.which("chromium") or shutil.which("chromium-browser")
    if chromium is None:
        pytest.fail("these tests need Chromium; install it and run them with: make test-real", pytrace=False)
    assert built_pages() is not None, "the web app was not built; scripts/app build says why"
    server = ExchangeServer()
    mailbox = server.add_user(ADDRESS, PASSWORD, name="Ada Quill")
    async with serving(server) as at, _hub(tmp_path) as origin, async_playwright() as play:
        browser = await play.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        one = App(origin, server, at.url, mailbox, browser, play.devices)
        yield one
        for context in one.contexts:
            await context.close()
        await browser.close()
    assert one.troubles == []
    foreign = [url for url in one.asked if not url.startswith((origin, "data:", "blob:"))]
    assert foreign == []
