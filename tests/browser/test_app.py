"""
What a person does in the app, on a phone and at a desk, from the tap to the mail server.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Callable

import pytest
from playwright.async_api import expect

from carrierpost.protocol.classes import Email
from carrierpost.protocol.commands.folder_sync import FolderType
from tests.browser.conftest import ANDROID, App

pytestmark = pytest.mark.real


async def until(true: Callable[[], bool]) -> None:
    """Wait until something is so at the mail server."""
    async with asyncio.timeout(30):
        while not true():
            await asyncio.sleep(0.05)


def subjects(app: App, folder: FolderType) -> list[str | None]:
    return [one.data.subject for one in app.mailbox.folder(folder).items.values() if isinstance(one.data, Email)]


async def test_sign_in_read_and_see_what_arrives(app: App) -> None:
    """From the address to the list; a message is read there and at the server; news comes by itself."""
    app.mailbox.deliver("Nest boxes", "Two of them are free.", sender='"Cy Elm" <cy@elm.example>')
    page = await app.signed_in()
    line = page.get_by_role("link", name=re.compile("Cy Elm"))
    await expect(line).to_be_visible(timeout=20_000)
    await expect(page.get_by_text("1 unread").first).to_be_visible()
    await line.click()
    await expect(page.get_by_role("heading", name="Nest boxes")).to_be_visible()
    await expect(page.get_by_text("Two of them are free.")).to_be_visible()
    [mail] = app.mailbox.folder(FolderType.INBOX).items.values()
    await until(lambda: isinstance(mail.data, Email) and mail.data.read is True)
    await page.go_back()
    await expect(page.get_by_role("link", name=re.compile("Cy Elm"))).to_be_visible()
    await until(lambda: bool(app.server.holding))
    app.mailbox.deliver("Seeds", "Come by.", sender='"Bea Oak" <bea@oak.example>')
    await expect(page.get_by_role("link", name=re.compile("Bea Oak"))).to_be_visible(timeout=15_000)
    await expect(page).to_have_title(re.compile(r"^\(1\)"))


async def test_write_and_answer(app: App) -> None:
    """A message leaves with its file, and so does an answer; what the server refuses is said with its reason."""
    app.server.add_user("bea@larch.example", "x")
    app.server.add_user("cy@larch.example", "x")
    app.mailbox.deliver("Nest boxes", "Two of them are free.", sender='"Cy Elm" <cy@larch.example>')
    page = await app.signed_in()
    await page.get_by_role("link", name="Write a message").click()
    await page.get_by_label("To", exact=True).fill("bea@larch.example")
    await page.get_by_label("Subject").fill("Plan")
    await page.get_by_label("Message", exact=True).fill("Here it is.")
    await page.locator("input[type=file]").set_input_files(
        {"name": "plan.txt", "mimeType": "text/plain", "buffer": b"seeds"}
    )
    await page.get_by_role("button", name="Send").click()
    await until(lambda: "Plan" in subjects(app, FolderType.SENT_ITEMS))
    await page.get_by_role("link", name=re.compile("Cy Elm")).click()
    await page.get_by_role("link", name="Reply", exact=True).click()
    await expect(page.get_by_text("Cy Elm", exact=True)).to_be_visible()
    await page.get_by_label("Message", exact=True).fill("I take one.")
    await page.get_by_role("button", name="Send").click()
    await until(lambda: "Re: Nest boxes" in subjects(app, FolderType.SENT_ITEMS))
    await page.goto(f"{app.origin}/mail/write?to=nobody@larch.example")
    await page.get_by_label("Subject").fill("Lost")
    await page.get_by_role("button", name="Send").click()
    await expect(page.get_by_text(re.compile("nobody@larch.example|recipient", re.IGNORECASE))).to_be_visible(
        timeout=20_000
    )


async def test_delete_can_be_taken_back(app: App) -> None:
    """What was deleted by mistake comes back with a tap; what was not, is gone at the server, too."""
    for name in ("First", "Second"):
        app.mailbox.deliver(name, "x", sender=f'"{name}" <x@elm.example>')
    page = await app.signed_in(None)
    await page.get_by_role("link", name=re.compile("First")).click()
    await page.get_by_role("button", name="Delete").click()
    await expect(page.get_by_role("link", name=re.compile("First"))).to_have_count(0)
    await page.get_by_role("button", name="Undo").click()
    await expect(page.get_by_role("link", name=re.compile("First"))).to_be_visible()
    await page.get_by_role("link", name=re.compile("Second")).click()
    await page.get_by_role("button", name="Delete").click()
    await until(lambda: subjects(app, FolderType.DELETED_ITEMS) == ["Second"])
    assert subjects(app, FolderType.INBOX) == ["First"]


async def test_hostile_mail_does_nothing(app: App) -> None:
    """Neither scripts nor handlers run, no other host is asked (the fixture looks), and the app goes on."""
    app.mailbox.deliver(
        "Prize",
        '<h1 onmouseover="parent.hacked=1">You won</h1><script>parent.hacked=1;top.location="https://evil.example"</script>'
        '<img src=x onerror="parent.hacked=1"><img src="https://spy.example/1.gif"><svg onload="parent.hacked=1"></svg>'
        '<iframe srcdoc="<script>top.hacked=1</script>"></iframe><link rel=stylesheet href="https://spy.example/a.css">'
        '<meta http-equiv=refresh content="0;url=https://evil.example"><base href="https://evil.example/">'
        '<form action="https://evil.example"><input name=q><button>Go</button></form><style>*{top:0}</style>',
        html=True,
        sender='"Mallory" <m@evil.example>',
    )
    page = await app.signed_in()
    await page.get_by_role("link", name=re.compile("Mallory")).click()
    await expect(page.frame_locator("iframe").get_by_role("heading", name="You won")).to_be_visible()
    await expect(page.get_by_text("Pictures from elsewhere were left out")).to_be_visible()
    await page.frame_locator("iframe").get_by_role("heading", name="You won").hover()
    assert await page.evaluate("globalThis.hacked") is None
    await page.get_by_role("link", name="Reply", exact=True).click()
    await expect(page.get_by_label("Subject")).to_have_value("Re: Prize")


async def test_one_setting_has_the_face_that_its_owner_knows(app: App) -> None:
    """On an iPhone a list to tick, on Android a frequency of the folder; both show what the other chose."""
    app.mailbox.create_folder("Projects", FolderType.USER_MAIL)
    phone = await app.signed_in()
    await phone.get_by_role("link", name="Settings").click()
    tick = phone.get_by_role("switch", name="Projects")
    await expect(tick).not_to_be_checked(timeout=20_000)
    await expect(phone.get_by_role("switch", name="Inbox", exact=True)).to_be_checked()
    await tick.check()
    await expect(tick).to_be_checked()
    android = await app.signed_in(ANDROID)
    await android.get_by_role("link", name="Mailboxes").click()
    await android.get_by_role("link", name="Projects").click()
    await android.get_by_role("button", name="Sync options").click()
    await expect(android.get_by_label("Push (at once)")).to_be_checked()
    await android.get_by_label("15 minutes").check()
    await phone.reload()
    await expect(phone.get_by_text("every 15 minutes")).to_be_visible()
    await expect(phone.get_by_text("whatever is set for the background")).to_be_visible()


async def test_a_push_is_shown_and_leads_to_the_message(app: App) -> None:
    """The service worker shows what is pushed, whatever it is, and keeps the number on the icon."""
    page = await app.signed_in()
    await page.context.grant_permissions(["notifications"], origin=app.origin)
    scope = await page.evaluate("navigator.serviceWorker.ready.then((one) => one.scope)")
    session = await page.context.new_cdp_session(page)
    known: asyncio.Future[str] = asyncio.get_running_loop().create_future()

    def heard(event: dict[str, list[dict[str, str]]]) -> None:
        for one in event["registrations"]:
            if one["scopeURL"] == scope and not known.done():
                known.set_result(one["registrationId"])

    session.on("ServiceWorker.workerRegistrationUpdated", heard)
    await session.send("ServiceWorker.enable")
    registration = await asyncio.wait_for(known, 20)
    for data in (
        '{"kind":"full","title":"Cy Elm","body":"Nest boxes","tag":"m1","path":"/mail/1/2","badge":3}',
        "not JSON",
        "",
    ):
        await session.send(
            "ServiceWorker.deliverPushMessage", {"origin": app.origin, "registrationId": registration, "data": data}
        )
    shown: list[str] = []
    async with asyncio.timeout(20):
        while len(shown) < 2:  # the last two share a tag: one replaces the other
            shown = await page.evaluate(
                "navigator.serviceWorker.ready.then((one) => one.getNotifications())"
                ".then((all) => all.map((one) => one.title))"
            )
            await asyncio.sleep(0.1)
    assert sorted(shown) == ["Cy Elm", "New mail"]


async def test_the_app_opens_without_a_network(app: App) -> None:
    """Once it was open, its page comes up offline and says so, instead of the browser's dinosaur."""
    page = await app.signed_in()
    await page.evaluate("navigator.serviceWorker.ready")
    await page.reload()
    await page.context.set_offline(True)
    await page.goto(f"{app.origin}/mail")
    await expect(page.get_by_text("The hub cannot be reached at the moment.")).to_be_visible()
    await page.context.set_offline(False)
    await page.get_by_role("button", name="Try again").click()
    await page.get_by_role("navigation", name="Main").wait_for()
    app.troubles = [one for one in app.troubles if "ERR_INTERNET_DISCONNECTED" not in one]
