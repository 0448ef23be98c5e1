"""
Notices on a desktop: a real message bus, and something on it that shows notices as desktops do.
"""

from __future__ import annotations

import asyncio
import logging
import shutil
import subprocess
from collections.abc import AsyncIterator
from typing import Any

import pytest
from dbus_fast import NameFlag
from dbus_fast.aio import MessageBus

from carrierpost.model import Channel, Urgency
from carrierpost.notify.channel import Accepted, Kind, Refused
from carrierpost.notify.channels.desktop import DesktopSender
from tests.notify.sending import SteadyClock, full, message, subscription
from tests.support.desktop import Desktop

HERE = subscription(Channel.DESKTOP, {"name": "desk"})


@pytest.fixture
async def desktop(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Desktop]:
    program = shutil.which("dbus-daemon")
    if program is None:
        pytest.skip("there is no dbus-daemon; on Debian: apt-get install dbus")
    bus = await asyncio.create_subprocess_exec(
        program, "--session", "--nofork", "--print-address", stdout=subprocess.PIPE
    )
    assert bus.stdout is not None
    address = (await bus.stdout.readline()).decode().strip()
    monkeypatch.setenv("DBUS_SESSION_BUS_ADDRESS", address)
    connection = await MessageBus(bus_address=address).connect()
    service = Desktop()
    connection.export("/org/freedesktop/Notifications", service)
    await connection.request_name("org.freedesktop.Notifications", NameFlag.NONE)
    yield service
    connection.disconnect()
    bus.terminate()
    await bus.wait()


async def test_a_notice_is_shown_and_taken_away(desktop: Desktop) -> None:
    """A newer one of the same tag takes the place of the older one; a withdrawal leaves nothing."""
    sender = DesktopSender(clock=SteadyClock())
    for one in (full(collapse="c"), full("Ada", "Tea?", notice_id="n2", collapse="c", urgency=Urgency.HIGH)):
        assert isinstance(await sender.send(HERE, one), Accepted)
    assert list(desktop.shown.values()) == [("Ada", "Tea?", 2)]
    assert await sender.send(HERE, message(Kind.WITHDRAW, about="c")) == Accepted()
    assert desktop.shown == {}
    await sender.close()


async def test_a_notice_without_words_says_that_there_is_one(desktop: Desktop) -> None:
    """As the policy for lock screens may ask for."""
    sender = DesktopSender(clock=SteadyClock())
    await sender.send(HERE, message(Kind.PLACEHOLDER))
    assert [title for title, _, _ in desktop.shown.values()] == ["Something new"]
    for kind in (Kind.WAKE, Kind.BADGE):
        assert isinstance(await sender.send(HERE, message(kind)), Refused)
    await sender.close()


async def test_without_a_session_it_says_so(monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture) -> None:
    """On a server nobody sees notices; neither a traceback nor the notice comes into the log."""
    monkeypatch.setenv("DBUS_SESSION_BUS_ADDRESS", "unix:path=/nonexistent/bus")
    with caplog.at_level(logging.DEBUG):
        outcome = await DesktopSender(clock=SteadyClock()).send(HERE, full())
    assert isinstance(outcome, Refused)
    assert "desktop session" in outcome.reason
    assert "Zoë" not in caplog.text
    assert "Traceback" not in caplog.text


async def test_without_the_package_it_says_what_to_install() -> None:
    """It is an extra, for a server does not need it."""

    def missing() -> Any:
        raise ImportError("desktop_notifier")

    outcome = await DesktopSender(clock=SteadyClock(), find=missing).send(HERE, full())
    assert isinstance(outcome, Refused)
    assert "carrierpost[desktop]" in outcome.reason
