"""
How mail from a SOGo reaches a person's phones: in each state of a phone's life as the table says, and the trace tells.

The hub is whole, as `carrierpost serve` runs it; phones know nothing but HTTP. Only the push service is the built-in
one.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import uuid
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import pytest

from carrierpost.bootstrap import Hub, open_hub
from carrierpost.model import Channel, FolderType, Platform, Progress, Secret
from carrierpost.notify.setup import WebPushSetup, keep_setup
from carrierpost.notify.vapid import new_key
from carrierpost.server.push_receiver import PushReceiver
from carrierpost.web import WebSettings, build_app
from carrierpost.web.joined import joined
from tests.real.conftest import RealStack, RealUser
from tests.real.outside import Outside, message
from tests.support.http2 import Asked, Reply, front_door
from tests.web.handset import Handset, register

pytestmark = pytest.mark.real

IOS, ANDROID, _ = Platform
_PATIENCE = 45.0  # seconds; SOGo looks into a held mailbox every few seconds
_QUIET = 12.0  # seconds that are long enough for a mail to arrive, if it were to


class Home:
    """
    A newcomer's hub, with a push service beside it.
    """

    def __init__(self, hub: Hub, app: Any, service: PushReceiver, account_id: int, user: RealUser) -> None:
        self.hub = hub
        self.app = app
        self.service = service
        self.account_id = account_id
        self.user = user

    async def handset(self, platform: Platform, *, push: bool = False, refresh: bool = True) -> Handset:
        """Sign a phone in; the app is open, and the Inbox is synchronized."""
        one = await register(self.hub, self.app, self.service, self.account_id, platform, push=push, refresh=refresh)

        async def filled() -> bool:
            every = await self.hub.store.collections(self.account_id)
            return any(found.type is FolderType.INBOX and found.progress is Progress.COMPLETE for found in every)

        await until(filled)
        await one.catch_up()
        return one

    async def holds(self, subject: str) -> bool:
        """Tell whether the hub has a mail."""
        items = await self.hub.store.items(self.account_id)
        return any(getattr(one.data, "subject", None) == subject for one in items)


async def until(condition: Callable[[], Any], seconds: float = _PATIENCE) -> None:
    """
    Wait for something that a real server brings about in its own time.
    """
    async with asyncio.timeout(seconds):
        while not await condition():
            await asyncio.sleep(0.1)


async def verdict(phone: Handset, subject: str) -> str:
    """
    Give what became of one mail on a phone, once that was decided: a moment after the phone could hear of the mail.
    """

    async def decided() -> bool:
        return subject in await phone.verdicts()

    await until(decided)
    return (await phone.verdicts())[subject]


@contextlib.asynccontextmanager
async def home_of(folder: Path, stack: RealStack, user: RealUser) -> AsyncIterator[Home]:
    """
    Run somebody's hub.
    """
    async with open_hub(home=folder, environment={}) as hub:
        added = await hub.add_account(
            user.email, Secret(user.password), url=stack.eas_url_tls, ca_file=str(stack.tls_ca)
        )
        service = PushReceiver("", clock=hub.clock, random=os.urandom)

        def answer(asked: Asked) -> Reply:
            return service.answer(asked.method, asked.path, asked.headers, asked.body)

        async with front_door(answer) as door:
            service.origin = f"https://127.0.0.1:{door.port}"
            setup = WebPushSetup(
                key=new_key().reveal(), contact="mailto:post@sogo.test", own=("127.0.0.1",),
                authorities=door.certificate.decode(),
            )  # fmt: skip
            await keep_setup(hub.store, Channel.WEB_PUSH, setup)
            async with joined(hub, WebSettings()) as (office, _listener):
                yield Home(hub, build_app(office), service, added.account.id, user)
        assert await hub.store.check() == ()


@pytest.fixture
async def home(real_stack: RealStack, newcomer: RealUser, tmp_path: Path) -> AsyncIterator[Home]:
    """Give the hub of somebody whose mailbox is empty."""
    async with home_of(tmp_path / "home", real_stack, newcomer) as one:
        yield one


@pytest.fixture
def bob(real_stack: RealStack, newcomer: RealUser) -> Callable[[str], None]:
    """Let Bob write, by SMTP."""
    outside = Outside(real_stack, newcomer)
    sender = real_stack.user("bob").email
    return lambda subject: outside.deliver(message(newcomer.email, subject, "Shall we?\n", sender=f"Bob <{sender}>"))


@pytest.fixture
def subject() -> str:
    """Make a subject that nothing else has."""
    return f"Tea {uuid.uuid4().hex[:8]}"


async def test_an_open_app_is_live(home: Home, bob: Callable[[str], None], subject: str) -> None:
    """The mail comes over the live stream, and nothing is pushed."""
    phone = await home.handset(IOS, push=True)
    bob(subject)
    assert await phone.hears(1, _PATIENCE) == [subject]
    assert phone.phone is not None
    assert phone.phone.delivered == []
    assert "over its live stream: the app is open" in await verdict(phone, subject)


async def test_a_closed_android_phone_and_a_suspended_iphone_are_notified(
    home: Home, bob: Callable[[str], None], subject: str
) -> None:
    """Both show who wrote; each says so, and its trace ends with that."""
    android, iphone = await home.handset(ANDROID, push=True), await home.handset(IOS, push=True)
    await android.says("terminated")
    await iphone.says("background")
    assert (await iphone.says("suspended"))["way"] == "notify"
    bob(subject)

    async def shown() -> bool:
        return android.shown() == ["Bob"] and iphone.shown() == ["Bob"]

    await until(shown)
    for one in (android, iphone):
        assert one.phone is not None
        receipt = {"notice_id": one.phone.delivered[0].said["id"], "kind": "shown"}
        await one.browser.ok("POST", f"{one.path}/receipts", receipt)
        assert (await verdict(one, subject)).startswith("shown after")
    reasons = [(await one.browser.ok("GET", f"{one.path}/trace"))[0]["reason"] for one in (android, iphone)]
    assert "the app is closed; the connection stays" in reasons[0]
    assert "its notify channel wakes it" in reasons[1]


async def test_an_iphone_is_live_in_its_grace_period(home: Home, bob: Callable[[str], None], subject: str) -> None:
    """Just left, it still hears; suspended, it does not, and SOGo is left alone."""
    phone = await home.handset(IOS)
    await phone.says("background")
    bob(subject)
    assert await phone.hears(1, 28.0) == [subject]
    assert "the app was just left" in await verdict(phone, subject)
    await phone.says("grace ended")
    bob(f"{subject} again")
    await asyncio.sleep(_QUIET)
    assert not await home.holds(f"{subject} again")


@pytest.mark.parametrize(
    ("refresh", "way", "event", "reason"),
    [
        (True, "refresh", "refresh begun", "the device finds it at its next refresh"),
        (False, "nothing", "foreground", "the device hears of it over its live stream: the app is open"),
    ],
)
async def test_an_iphone_without_push_gets_everything_later(
    home: Home, bob: Callable[[str], None], subject: str, refresh: bool, way: str, event: str, reason: str
) -> None:
    """With refresh at the next one, without when it is opened: nothing before, and then all."""
    phone = await home.handset(IOS, refresh=refresh)
    await phone.says("background")
    assert (await phone.says("suspended"))["way"] == way
    wanted = sorted(f"{subject} {number}" for number in range(3))
    for one in wanted:
        bob(one)
    await asyncio.sleep(_QUIET)
    assert await phone.verdicts() == {}
    await phone.says(event)
    assert sorted(await phone.hears(3, _PATIENCE)) == wanted
    for one in wanted:
        assert reason in await verdict(phone, one)
    assert sorted(await phone.verdicts()) == wanted


async def test_one_mail_reaches_phones_in_every_state_in_its_own_way(
    home: Home, bob: Callable[[str], None], subject: str
) -> None:
    """Five phones of one person: live, notified, notified, at the refresh, when opened; each trace says which."""
    opened = await home.handset(IOS)
    closed, pushed = await home.handset(ANDROID, push=True), await home.handset(IOS, push=True)
    refreshing, silent = await home.handset(IOS), await home.handset(IOS, refresh=False)
    await closed.says("terminated")
    for one in (pushed, refreshing, silent):
        await one.says("background")
        await one.says("suspended")
    bob(subject)
    assert await opened.hears(1, _PATIENCE) == [subject]

    async def shown() -> bool:
        return closed.shown() == ["Bob"] and pushed.shown() == ["Bob"]

    await until(shown)
    expected = {
        opened: "over its live stream: the app is open",
        closed: "accepted by the provider",
        pushed: "accepted by the provider",
        refreshing: "the device finds it at its next refresh",
        silent: "the device finds it when the app is opened",
    }
    for phone, reason in expected.items():
        assert reason in await verdict(phone, subject)
