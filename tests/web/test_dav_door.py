"""
Who comes in to the address book, and what is refused at its door.
"""

from __future__ import annotations

import base64

import pytest

from carrierpost.model import Platform
from carrierpost.web.dav.places import Kind, find_place
from carrierpost.web.dav.xml import XMLRefused, read_xml
from carrierpost.web.device_passwords import LETTERS, new_device_password, password_hash
from tests.support.virtual import virtual
from tests.web.place import ADA, BEA, place
from tests.web.test_dav import PROPFIND, phone_of

NAME = PROPFIND.format("<displayname/>")


def basic(user: str, password: str) -> str:
    return "Basic " + base64.b64encode(f"{user}:{password}".encode()).decode()


def test_a_password_is_all_chance_and_typed_in_any_way() -> None:
    """130 bits in letters that cannot be mistaken; case, spaces, hyphens and the usual mistakes make no difference."""
    made = new_device_password(bytes(range(100, 126)))
    assert len(made.replace("-", "")) == 26
    assert len(LETTERS) == 32
    assert made != new_device_password(bytes(range(101, 127)))
    for typed in (
        made.upper(),
        made.replace("-", ""),
        made.replace("-", " "),
        made.replace("0", "O").replace("1", "l"),
    ):
        assert password_hash(typed) == password_hash(made)
    assert password_hash(made[:-1]) != password_hash(made)
    with pytest.raises(ValueError, match="26 bytes"):
        new_device_password(b"short")


@virtual
async def test_who_comes_in() -> None:
    """The device by its password, however typed; not by another name, an app's token, or a revoked one."""
    async with place() as at:
        phone = await phone_of(at)
        browser = await at.signed_in(at.ada)
        token = (await browser.ok("POST", f"/api/v1/devices/{phone.device.id}/tokens", {"name": "app"}))["token"]
        for shown, status in {
            basic(ADA.upper(), phone.password.upper()): 207,
            basic(BEA, phone.password): 401,
            basic(ADA, "x" * 26): 401,
            basic(ADA, token): 401,
            basic(ADA, ""): 401,
            f"Bearer {phone.password}": 401,
            "Basic %%%": 401,
            "": 401,
        }.items():
            answer = await phone.ask("PROPFIND", "/dav/", NAME, depth="0", authorization=shown)
            assert answer.status == status, shown
            assert ("www-authenticate" in answer.headers) == (status == 401)
        native = at.browser()
        native.token = phone.password
        assert (await native.ask("GET", "/api/v1/session")).status == 401
        [used] = [one for one in await at.hub.store.device_tokens(phone.device.id) if one.name == "x"]
        assert used.used_at == at.hub.clock.now()
        await at.hub.store.remove_device_token(phone.device.id, used.id)
        assert (await phone.ask("PROPFIND", "/dav/", NAME, depth="0")).status == 401


@virtual
async def test_nothing_of_another_device_is_there() -> None:
    """Neither its principal nor its books, whoever's it is; no difference is told."""
    async with place() as at:
        phone, other = await phone_of(at), await phone_of(at, Platform.IOS)
        for path in (
            f"/dav/principals/{other.device.id}/",
            other.book,
            f"/dav/books/{other.device.id}/",
            "/dav/books/99/",
        ):
            answer = await phone.ask("PROPFIND", path, NAME, depth="0")
            assert answer.status == 404


@virtual
async def test_passwords_do_not_travel_readable() -> None:
    """Over plain HTTP from elsewhere nobody comes in, nor is asked for a password; on this machine it is fine."""
    async with place() as at:
        phone = await phone_of(at)
        answer = await phone.ask("PROPFIND", "/dav/", NAME, depth="0", scheme="http")
        assert (answer.status, "www-authenticate" in answer.headers) == (403, False)
        assert "https://" in answer.body.decode()
        here = await phone.ask("PROPFIND", "/dav/", NAME, depth="0", scheme="http", client="127.0.0.1")
        assert here.status == 207


@virtual
async def test_ten_thousand_guesses_leave_one_line_and_lock_nobody_out() -> None:
    """
    From one place they are answered with when to try again; the owner comes in from there all the same, and the store
    has one bucket more, which is gone when it is full again.
    """
    async with place() as at:
        phone = await phone_of(at)
        statuses = []
        for number in range(10_000):
            answer = await phone.ask("PROPFIND", "/dav/", NAME, authorization=basic(ADA, f"guess {number}"))
            statuses.append(answer.status)
        assert statuses.count(401) == 30
        assert statuses[-1] == 429
        assert int(answer.headers["retry-after"]) > 0
        assert (await phone.ask("PROPFIND", "/dav/", NAME, depth="0")).status == 207
        assert len(await at.hub.store.device_tokens(phone.device.id)) == 1
        other = await phone.ask("PROPFIND", "/dav/", NAME, authorization=basic(ADA, "x"), client="2001:db8:1:2:3::4")
        same = await phone.ask("PROPFIND", "/dav/", NAME, authorization=basic(ADA, "x"), client="2001:db8:1:2:9::9")
        assert (other.status, same.status) == (401, 401)
        await at.hub.clock.sleep(30 * 20 + 1)
        await at.hub.store.sweep()
        assert (await phone.ask("PROPFIND", "/dav/", NAME, authorization=basic(ADA, "x"))).status == 401


@pytest.mark.parametrize(
    "path",
    [
        "/dav/books/1/contacts/..", "/dav/books/1/contacts/../../2/contacts/", "/dav/books/1/contacts/a/b",
        "/dav/books/1/contacts/a\x00b", "/dav/books/1/contacts/a\nb", "/dav/books/1/contacts/a\\b", "/dav/books/01/",
        "/dav/books/-1/", "/dav/books/1/calendar/", "/dav/books//contacts/", "/davx", "/dav/x",
        f"/dav/books/1/contacts/{'x' * 256}", f"/dav/books/1/contacts/{'ä' * 128}",
        "/dav/books/1/contacts/a\ud800", "/dav/books/\u0661/", "/dav/books/1/contacts/name.vcf/",
    ],
)  # fmt: skip
def test_nothing_is_at_a_place_that_plays_tricks(path: str) -> None:
    """Dots, slashes that were hidden, control characters, half letters, foreign digits, lengths: none is a place."""
    assert find_place(path) is None


def test_a_name_may_be_what_a_program_chose() -> None:
    """Spaces, letters of any alphabet, no ending: it is a card."""
    for name in ("Zoë Elm.vcf", "6A0E-1", "...x", "a%2fb", "ж" * 100):
        found = find_place(f"/dav/books/1/contacts/{name}")
        assert found is not None
        assert (found.kind, found.name) == (Kind.CARD, name)


@pytest.mark.parametrize("method", ["GET", "PUT", "DELETE", "PROPFIND"])
@pytest.mark.parametrize("name", ["%2e%2e", "a%2fb", "a%00b", "x" * 300, "%ff", "a%5cb"])
@virtual
async def test_tricks_in_names_are_answered_cleanly(method: str, name: str) -> None:
    """404 or 400 with a sentence, and nothing is made."""
    async with place() as at:
        phone = await phone_of(at, two_way_contacts=True)
        answer = await phone.ask(method, phone.book + name, b"" if method == "PROPFIND" else b"x", depth="0")
        assert answer.status in (400, 403, 404)
        assert b"responsedescription" in answer.body
        assert await at.hub.store.outbox(at.ada.id) == ()


@pytest.mark.parametrize(
    ("document", "reason"),
    [
        (b"", "no XML"),
        (b"hello", "no XML"),
        (b"<a><b></a>", "no XML"),
        (b'<!DOCTYPE a [<!ENTITY x "y">]><a>&x;</a>', "type definition"),
        (b'<!DOCTYPE a SYSTEM "file:///etc/passwd"><a/>', "type definition"),
        (b"<a>" * 40 + b"</a>" * 40, "deeper"),
        (b"<a>" + b"<b/>" * 200_001 + b"</a>", "more than"),
        (b"<a>" + b"x" * 10_001 + b"</a>", "longer"),
        (b"<a>\x00</a>", "no XML"),
        (b'<?xml version="1.0" encoding="klingon"?><a/>', "no XML"),
        (b"<a>&undefined;</a>", "no XML"),
    ],
)
def test_xml_beyond_the_limits_is_refused(document: bytes, reason: str) -> None:
    """No entity grows, nothing outside is read, and the work is bounded."""
    with pytest.raises(XMLRefused, match=reason):
        read_xml(document)


@virtual
async def test_questions_that_make_no_sense_are_answered_cleanly() -> None:
    """Wrong methods, depths, reports and documents: a status, a sentence, and what could be done instead."""
    async with place() as at:
        phone = await phone_of(at)
        for method, path, body, headers, status in (
            ("PROPFIND", phone.book, "<x/>", {"depth": "0"}, 400),
            ("PROPFIND", phone.book, "<x", {"depth": "0"}, 400),
            ("PROPFIND", phone.book, NAME, {"depth": "2"}, 400),
            ("PROPFIND", phone.book, NAME, {}, 403),
            ("REPORT", phone.book, '<x xmlns="DAV:"/>', {}, 403),
            ("REPORT", phone.book, "", {}, 400),
            ("REPORT", "/dav/", "<x/>", {}, 405),
            ("PUT", phone.book, "x", {}, 405),
            ("DELETE", phone.book, "", {}, 405),
            ("MKCOL", phone.book, "", {}, 405),
            ("LOCK", phone.book + "x.vcf", "", {}, 405),
            ("GET", phone.book + "x.vcf", "", {}, 404),
        ):
            answer = await phone.ask(method, path, body, **headers)
            assert answer.status == status, (method, path, body)
            assert b"responsedescription" in answer.body
            assert ("allow" in answer.headers) == (status == 405)
        patch = '<propertyupdate xmlns="DAV:"><set><prop><displayname>x</displayname></prop></set></propertyupdate>'
        refused = await phone.ask("PROPPATCH", phone.book, patch)
        assert (refused.status, b"<D:displayname/></D:prop><D:status>HTTP/1.1 403" in refused.body) == (207, True)
        everything = await phone.ask("PROPFIND", phone.book, "", depth="1")
        assert (everything.status, everything.body.count(b"<D:response>")) == (207, 3)
        assert (await phone.ask("GET", phone.book)).status == 200
