"""
Reading, writing, calendar and contacts over HTTP, as the app uses them.
"""

from __future__ import annotations

import base64
import datetime as dt
from typing import Any

import pytest

from carrierpost.formats.message_in import read_message
from carrierpost.model import SendIntent
from carrierpost.model.intent import intent_of
from carrierpost.protocol.classes import Contact, Email
from tests.store.values import attachment, contact, event, html, mail
from tests.support.virtual import virtual
from tests.web.browser import Browser
from tests.web.place import Place, place

HOSTILE = (
    '<p onclick="x()">Hello</p><script>x()</script><img src="https://spy.example/1.gif"><form action="/api"><input>'
    '</form><a href="https://evil.example/login">https://bank.example</a><iframe src="/"></iframe>'
)


async def read(at: Place, browser: Browser, server_id: str) -> Any:
    item = await at.ada.item(server_id)
    return await browser.ok("GET", f"/api/v1/accounts/{at.ada.id}/mail/{item.id}")


@virtual
async def test_hostile_mail_is_shown_as_a_page_that_can_do_nothing() -> None:
    """Nothing in it may run, load, send or mislead; the frame's policy forbids once more what was removed."""
    async with place() as at:
        await at.ada.sync(adds=(mail(9, body=html(HOSTILE)),))
        browser = await at.signed_in(at.ada)
        shown = await read(at, browser, "m9")
        assert shown["blocked_pictures"] == 1
        assert shown["misleading"] == [["bank.example", "evil.example"]]
        item = await at.ada.item("m9")
        page = await browser.ask("GET", f"/api/v1/accounts/{at.ada.id}/mail/{item.id}/page")
        text = page.body.decode()
        for forbidden in ("<script", "onclick", "spy.example", "<form", "<input", "<iframe"):
            assert forbidden not in text
        policy = page.headers["content-security-policy"]
        assert "default-src 'none'" in policy
        assert "script-src" not in policy
        assert "allow-scripts" not in policy
        assert "https:" not in policy
        assert page.headers["x-frame-options"] == "SAMEORIGIN"
        asked = await browser.ask("GET", f"/api/v1/accounts/{at.ada.id}/mail/{item.id}/page?remote=true")
        assert "https://spy.example/1.gif" in asked.body.decode()
        assert "img-src data: https:" in asked.headers["content-security-policy"]


@virtual
async def test_plain_mail_has_its_text_and_no_page() -> None:
    """A reader is told whether there is HTML; of a text that is not there yet, that it is not complete."""
    async with place() as at:
        browser = await at.signed_in(at.ada)
        plain = await read(at, browser, "m1")
        assert (plain["text"].strip(), plain["html"], plain["complete"], plain["security"]) == (
            "linden",
            "",
            True,
            None,
        )
        shown = await read(at, browser, "m2")
        assert shown["html"]
        assert "birch" in shown["text"]


@virtual
async def test_protected_mail_that_is_not_here_whole_is_not_called_verified() -> None:
    """Until its source is here nobody can say who signed it, and so the screen says that."""
    async with place() as at:
        await at.ada.sync(adds=(mail(9, "sealed", message_class="IPM.Note.SMIME.MultipartSigned"),))
        shown = await read(at, await at.signed_in(at.ada), "m9")
        assert shown["security"]["tone"] == "warn"
        assert "nothing is verified" in shown["security"]["detail"]


@virtual
async def test_a_list_of_conversations_says_how_many_messages_each_has() -> None:
    """Three messages of one subject are one line; without threads they are three."""
    async with place() as at:
        again = tuple(mail(number, conversation_id=b"c" * 16) for number in (7, 8, 9))
        await at.ada.sync(adds=again)
        browser = await at.signed_in(at.ada)
        inbox = (await at.ada.folder()).id
        path = f"/api/v1/accounts/{at.ada.id}/folders/{inbox}/mail"
        threads = await browser.ok("GET", f"{path}?threads=true")
        assert max(one["count"] for one in threads["items"]) == 3
        assert len((await browser.ok("GET", path))["items"]) == len(threads["items"]) + 2
        pages, cursor = [], ""
        while True:
            page = await browser.ok("GET", f"{path}?threads=true&limit=1{cursor}")
            pages += [one["id"] for one in page["items"]]
            if page["next"] is None:
                break
            cursor = f"&cursor={page['next']}"
        assert pages == [one["id"] for one in threads["items"]]


@virtual
async def test_a_message_is_queued_once_however_often_it_is_asked_for() -> None:
    """A browser whose answer was lost asks again with the same key; another message under that key is refused."""
    async with place() as at:
        browser = await at.signed_in(at.ada)
        path = f"/api/v1/accounts/{at.ada.id}/mail"
        file = {"name": "plan.txt", "type": "text/plain", "data": base64.b64encode(b"seeds").decode()}
        draft = {
            "to": ["Bea <bea@elm.example>"],
            "bcc": ["cy@elm.example"],
            "subject": "Nests",
            "text": "Two.",
            "files": [file],
        }
        first = await browser.ask("POST", path, draft, idempotency_key="one")
        again = await browser.ask("POST", path, draft, idempotency_key="one")
        assert (first.status, again.status, first.json) == (202, 202, again.json)
        [entry] = await at.hub.store.outbox(at.ada.id)
        intent = intent_of(entry)
        assert isinstance(intent, SendIntent)
        message = read_message(intent.mime)
        assert ([one.address for one in message.to], message.subject) == (["bea@elm.example"], "Nests")
        assert [(one.name, one.content) for one in message.files] == [("plan.txt", b"seeds")]
        other = await browser.ask("POST", path, draft | {"subject": "Other"}, idempotency_key="one")
        assert (other.status, other.code) == (422, "key-used")
        assert len(await at.hub.store.outbox(at.ada.id)) == 1


@pytest.mark.parametrize(
    ("draft", "code"),
    [
        ({"to": [], "subject": "x"}, "no-recipient"),
        ({"to": ["nobody"]}, "no-address"),
        ({"to": ["a@b.example"], "mode": "reply"}, "no-source"),
        ({"to": ["a@b.example"], "mode": "reply", "source": 999_999}, "not-found"),
    ],
)
@virtual
async def test_a_message_that_makes_no_sense_is_refused_by_name(draft: dict[str, Any], code: str) -> None:
    """Nothing is queued, and the person is told what is missing."""
    async with place() as at:
        browser = await at.signed_in(at.ada)
        answer = await browser.ask("POST", f"/api/v1/accounts/{at.ada.id}/mail", draft)
        assert answer.code == code
        assert await at.hub.store.outbox(at.ada.id) == ()


@virtual
async def test_a_reply_names_the_message_that_it_answers() -> None:
    """The server adds the original, so the outbox has to know which one it is; somebody else's cannot be quoted."""
    async with place() as at:
        browser = await at.signed_in(at.ada)
        source, foreign = await at.ada.item("m1"), await at.bea.item("m1")
        path = f"/api/v1/accounts/{at.ada.id}/mail"
        draft = {"to": ["bea@elm.example"], "subject": "Re: linden", "text": "Yes.", "mode": "reply-all"}
        refused = await browser.ask("POST", path, draft | {"source": foreign.id})
        assert refused.status == 404
        await browser.ok("POST", path, draft | {"source": source.id})
        [entry] = await at.hub.store.outbox(at.ada.id)
        intent = intent_of(entry)
        assert isinstance(intent, SendIntent)
        assert (str(intent.mode), intent.source_item) == ("reply", source.id)


@virtual
async def test_people_are_found_among_contacts_and_those_who_wrote() -> None:
    """A few letters of any part of a name or address are enough."""
    async with place() as at:
        await at.ada.sync("Contacts", adds=(contact(1, "Cyrus", "Elm", email1_address="cy@elm.example"),))
        item = await at.ada.item("m1")
        assert isinstance(item.data, Email)
        browser = await at.signed_in(at.ada)
        path = f"/api/v1/accounts/{at.ada.id}/people"
        assert await browser.ok("GET", f"{path}?text=cyr") == [{"name": "Cyrus Elm", "address": "cy@elm.example"}]
        assert (await browser.ok("GET", f"{path}?text=elm%20cy"))[0]["address"] == "cy@elm.example"
        assert await browser.ok("GET", f"{path}?text=zzz") == []


@virtual
async def test_calendar_and_contacts_are_listed_for_a_screen() -> None:
    """Only what takes place in the span is there; a span without end or zone is refused."""
    async with place() as at:
        ends = dt.datetime(2026, 3, 2, 11, tzinfo=dt.UTC)
        await at.ada.sync("Calendar", adds=(event(1, "Feeding", end_time=ends),))
        await at.ada.sync("Contacts", adds=(contact(1, "Cyrus", "Elm"),))
        browser = await at.signed_in(at.ada)
        path = f"/api/v1/accounts/{at.ada.id}"
        shown = await browser.ok("GET", f"{path}/calendar?begin=2026-03-02T00:00:00Z&end=2026-03-03T00:00:00Z")
        assert [one["title"] for one in shown] == ["Feeding"]
        assert await browser.ok("GET", f"{path}/calendar?begin=2026-11-25T00:00:00Z&end=2026-11-26T00:00:00Z") == []
        for span, code in (
            ("begin=2026-11-25T00:00:00Z&end=2026-11-24T00:00:00Z", "bad-span"),
            ("begin=2026-11-25T00:00:00&end=2026-11-26T00:00:00", "no-zone"),
            ("begin=2020-11-25T00:00:00Z&end=2026-11-26T00:00:00Z", "bad-span"),
        ):
            assert (await browser.ask("GET", f"{path}/calendar?{span}")).code == code
        assert [one["name"] for one in await browser.ok("GET", f"{path}/contacts")] == ["Cyrus Elm"]
        item = await at.ada.item("c1", "Contacts")
        assert isinstance(item.data, Contact)


@virtual
async def test_a_file_that_is_not_there_is_named() -> None:
    """Files are numbered; a number that the message does not have is told, not guessed at."""
    async with place() as at:
        await at.ada.sync(adds=(mail(9, attachments=(attachment("a.txt", ""),)),))
        browser = await at.signed_in(at.ada)
        item = await at.ada.item("m9")
        path = f"/api/v1/accounts/{at.ada.id}/mail/{item.id}/files"
        for index in ("1", "-1", "x", "99999999"):
            assert (await browser.ask("GET", f"{path}/{index}")).code == "not-found"
        assert (await browser.ask("GET", f"{path}/0")).code == "no-reference"
