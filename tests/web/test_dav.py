"""
The address book over CardDAV, request by request.
"""

from __future__ import annotations

import base64
import re
from typing import Any

import pytest

from carrierpost.engine.policies import PolicyDesk
from carrierpost.model import Device, DeviceSettings, NewDevice, Platform, TokenPurpose
from carrierpost.policy.changes import with_values
from carrierpost.store import Store
from carrierpost.web.device_passwords import new_device_password, password_hash
from tests.store.values import contact
from tests.support.virtual import virtual
from tests.web.browser import Answer
from tests.web.place import ADA, Place, place

PROPFIND = '<propfind xmlns="DAV:" xmlns:C="urn:ietf:params:xml:ns:carddav"><prop>{}</prop></propfind>'
SYNC = (
    '<sync-collection xmlns="DAV:"><sync-token>{token}</sync-token><sync-level>1</sync-level>{more}'
    "<prop><getetag/></prop></sync-collection>"
)


class Phone:
    """
    A device that asks by CardDAV.
    """

    def __init__(self, at: Place, device: Device, password: str) -> None:
        self.at = at
        self.device = device
        self.password = password
        self.token = ""
        self.held: dict[str, str] = {}

    @property
    def book(self) -> str:
        """The address of its book."""
        return f"/dav/books/{self.device.id}/contacts/"

    async def ask(self, method: str, path: str, body: str | bytes = b"", **headers: str) -> Answer:
        """Ask with its password; over HTTPS unless another scheme is said."""
        browser = self.at.browser(
            agent=headers.pop("user_agent", "DAVx5/4.5"), client=headers.pop("client", "198.51.100.7")
        )
        browser.scheme = headers.pop("scheme", "https")
        shown = base64.b64encode(f"{ADA}:{self.password}".encode()).decode()
        headers.setdefault("authorization", f"Basic {shown}")
        data = body.encode() if isinstance(body, str) else body
        return await browser.ask(method, path, data, **{"content_type": "application/xml", **headers})

    async def sync(self, limit: int | None = None) -> tuple[set[str], set[str]]:
        """Bring its copy up to date; give names that came and that went."""
        before = dict(self.held)
        more = f"<limit><nresults>{limit}</nresults></limit>" if limit else ""
        while True:
            answer = await self.ask("REPORT", self.book, SYNC.format(token=self.token, more=more), depth="0")
            assert answer.status == 207, answer.body
            text = answer.body.decode()
            for path, rest in re.findall(r"<D:response><D:href>(.*?)</D:href>(.*?)</D:response>", text):
                name = path.removeprefix(self.book)
                if not name:
                    assert "507" in rest
                elif "404" in rest:
                    self.held.pop(name, None)
                else:
                    [self.held[name]] = re.findall(r"<D:getetag>(.*?)</D:getetag>", rest)
            [self.token] = re.findall(r"<D:sync-token>(.*?)</D:sync-token>", text)
            if "507" not in text:
                break
        came = {name for name, tag in self.held.items() if before.get(name) != tag}
        return came, set(before) - set(self.held)


async def set_policy_of(store: Store, **values: Any) -> None:
    """Set what an administrator sets."""
    desk = PolicyDesk(store)
    revision = await desk.current()
    await desk.replace(with_values(revision.policies, "Phones", values), after=revision.version.number, by="root")


async def set_policy(at: Place, **values: Any) -> None:
    """Set what an administrator sets."""
    await set_policy_of(at.hub.store, **values)


async def phone_of(at: Place, platform: Platform = Platform.ANDROID, **policy: Any) -> Phone:
    """Give Ada's phone with two contacts, its switch on and a password."""
    await set_policy(at, **{"export_contacts": True, **policy})
    store = at.hub.store
    device = await store.add_device(NewDevice(account_id=at.ada.id, name="Phone", platform=platform, time_zone="UTC"))
    await store.set_device_settings(device.id, DeviceSettings(sync_with_local_contacts=True))
    password = new_device_password(bytes(range(device.id, device.id + 26)))
    await store.add_device_token(device.id, password_hash(password), name="x", purpose=TokenPurpose.CONTACTS)
    if not await at.ada.held("Contacts"):
        await at.ada.sync(
            "Contacts", adds=(contact(1, "Zoë", "Elm", mobile_phone_number="1"), contact(2, "Jan", "Oak"))
        )
    return Phone(at, device, password)


@virtual
async def test_a_program_finds_the_book_from_any_beginning() -> None:
    """The well-known address leads on; principal, home and book are found from each place that programs try first."""
    async with place() as at:
        phone = await phone_of(at)
        led = await phone.ask("PROPFIND", "/.well-known/carddav")
        assert (led.status, led.headers["location"]) == (301, "/dav/")
        for path in ("/", "/dav", "/dav/", "/principals/", "/dav/principals/"):
            answer = await phone.ask("PROPFIND", path, PROPFIND.format("<current-user-principal/>"), depth="0")
            assert answer.status == 207
            [principal] = re.findall(r"<D:current-user-principal><D:href>(.*?)</D:href>", answer.body.decode())
        answer = await phone.ask("PROPFIND", principal, PROPFIND.format("<C:addressbook-home-set/>"), depth="0")
        [home] = re.findall(r"<C:addressbook-home-set><D:href>(.*?)</D:href>", answer.body.decode())
        answer = await phone.ask("PROPFIND", home, PROPFIND.format("<resourcetype/><x xmlns='y'/>"), depth="1")
        assert re.findall(
            r"<D:href>(\S*?)</D:href><D:propstat><D:prop><D:resourcetype><D:collection/><C:addr", answer.body.decode()
        ) == [phone.book]
        assert '<X:x xmlns:X="y"/></D:prop><D:status>HTTP/1.1 404 Not Found' in answer.body.decode()
        options = await at.browser().ask("OPTIONS", phone.book)
        assert (options.status, "addressbook" in options.headers["dav"]) == (200, True)
        assert "REPORT" in options.headers["allow"]


@virtual
async def test_CT10_what_changed_is_told_and_no_more() -> None:
    """First everything, then nothing, then each change once; in bites as large as the phone wants them."""
    async with place() as at:
        phone = await phone_of(at)
        came, _ = await phone.sync()
        assert len(came) == 2
        assert await phone.sync() == (set(), set())
        await at.ada.sync("Contacts", adds=tuple(contact(one, f"N{one}", "Ash") for one in range(3, 10)))
        await at.ada.sync("Contacts", removals=(await at.ada.removal("c2", "Contacts"),))
        came, went = await phone.sync(limit=3)
        assert (len(came), len(went), len(phone.held)) == (7, 1, 8)
        other = Phone(at, phone.device, phone.password)
        await other.sync(limit=3)
        assert other.held == phone.held


@pytest.mark.parametrize("token", ["x", "urn:carrierpost:sync:x", "urn:carrierpost:sync:1-2-3", "http://other/1"])
@virtual
async def test_a_token_that_is_none_is_told_so(token: str) -> None:
    """By the condition that lets a program begin anew."""
    async with place() as at:
        phone = await phone_of(at)
        answer = await phone.ask("REPORT", phone.book, SYNC.format(token=token, more=""))
        assert (answer.status, b"<D:valid-sync-token/>" in answer.body) == (403, True)


@virtual
async def test_a_program_whose_token_the_feed_forgot_begins_anew() -> None:
    """What changed since then cannot be told any more; that is said, and everything can be had."""
    async with place() as at:
        phone = await phone_of(at)
        await phone.sync()
        await at.ada.sync("Contacts", adds=tuple(contact(one, f"N{one}", "Ash") for one in range(3, 10)))
        while await at.hub.store.forget_changes(days=-1, keep=2):
            pass
        answer = await phone.ask("REPORT", phone.book, SYNC.format(token=phone.token, more=""))
        assert (answer.status, b"<D:valid-sync-token/>" in answer.body) == (403, True)
        again = Phone(at, phone.device, phone.password)
        await again.sync()
        assert len(again.held) == 9


@virtual
async def test_a_card_is_read_alone_with_its_tag_and_in_the_version_that_is_wished() -> None:
    """3.0 unless 4.0 is asked for; nothing is sent again to who has it."""
    async with place() as at:
        phone = await phone_of(at)
        await phone.sync()
        name = min(phone.held)
        card = await phone.ask("GET", phone.book + name)
        assert (card.status, card.headers["etag"]) == (200, phone.held[name])
        assert card.headers["content-type"] == "text/vcard; charset=utf-8"
        assert b"VERSION:3.0\r\n" in card.body
        newer = await phone.ask("GET", phone.book + name, accept='text/vcard; version="4.0", text/vcard;q=0.5')
        assert b"VERSION:4.0\r\n" in newer.body
        same = await phone.ask("GET", phone.book + name, if_none_match=phone.held[name])
        assert (same.status, same.body) == (304, b"")
        several = (
            '<C:addressbook-multiget xmlns="DAV:" xmlns:C="urn:ietf:params:xml:ns:carddav"><prop><getetag/>'
            '<C:address-data content-type="text/vcard" version="4.0"/></prop>'
            + "".join(f"<href>{phone.book}{one}</href>" for one in (*phone.held, "none.vcf", "../x", "%2e%2e%2fx"))
            + "<href>http://elsewhere/dav/x</href></C:addressbook-multiget>"
        )
        answer = (await phone.ask("REPORT", phone.book, several)).body.decode()
        assert (answer.count("VERSION:4.0"), answer.count("404 Not Found")) == (2, 3)
        assert "N:Elm;Zoë" in answer


@pytest.mark.parametrize(
    ("condition", "names"),
    [
        ('<C:prop-filter name="FN"><C:text-match>zoë</C:text-match></C:prop-filter>', {"Zoë"}),
        ('<C:prop-filter name="FN"><C:text-match negate-condition="yes">ZOË</C:text-match></C:prop-filter>', {"Jan"}),
        ('<C:prop-filter name="FN"><C:text-match collation="i;octet">zoë</C:text-match></C:prop-filter>', set()),
        ('<C:prop-filter name="TEL"/>', {"Zoë"}),
        ('<C:prop-filter name="TEL"><C:is-not-defined/></C:prop-filter>', {"Jan"}),
        ('<C:prop-filter name="TEL"><C:param-filter name="TYPE"><C:text-match match-type="equals">cell</C:text-match>'
         "</C:param-filter></C:prop-filter>", {"Zoë"}),
        ('<C:prop-filter name="FN"><C:text-match match-type="starts-with">J</C:text-match></C:prop-filter>'
         '<C:prop-filter name="FN"><C:text-match match-type="ends-with">elm</C:text-match></C:prop-filter>',
         {"Zoë", "Jan"}),
        ("", {"Zoë", "Jan"}),
    ],
)  # fmt: skip
@virtual
async def test_a_question_is_answered_with_whom_it_fits(condition: str, names: set[str]) -> None:
    """Texts, their letters' case, parameters, what is not there, and several conditions."""
    async with place() as at:
        phone = await phone_of(at)
        answer = await phone.ask("REPORT", phone.book, query(condition), depth="1")
        assert set(re.findall(r"FN:(\S+)", answer.body.decode())) == names


@pytest.mark.parametrize(
    ("condition", "precondition"),
    [
        ('<C:prop-filter name="N"><C:text-match collation="x">y</C:text-match></C:prop-filter>', "supported-collation"),
        ('<C:comp-filter name="FN"/>', "supported-filter"),
        ('<C:prop-filter name="FN" test="some"><C:text-match>x</C:text-match></C:prop-filter>', "supported-filter"),
    ],
)  # fmt: skip
@virtual
async def test_a_question_that_is_not_understood_is_not_answered_wrongly(condition: str, precondition: str) -> None:
    """The condition says what is not known."""
    async with place() as at:
        phone = await phone_of(at)
        answer = await phone.ask("REPORT", phone.book, query(condition), depth="1")
        assert (answer.status, f"<C:{precondition}/>".encode() in answer.body) == (403, True)


def query(condition: str) -> str:
    """Write a question."""
    return (
        '<C:addressbook-query xmlns="DAV:" xmlns:C="urn:ietf:params:xml:ns:carddav"><prop><C:address-data/></prop>'
        f"<C:filter>{condition}</C:filter></C:addressbook-query>"
    )


@virtual
async def test_CT7_policy_off_empties_the_phone_and_on_brings_the_same_cards_back() -> None:
    """
    With the next look everything is gone, and the reason is where the book is described; with the policy on again the
    cards have the names, tags and UIDs that they had.
    """
    async with place() as at:
        phone = await phone_of(at)
        await phone.sync()
        before = dict(phone.held)
        texts = {name: (await phone.ask("GET", phone.book + name)).body for name in before}
        await set_policy(at, export_contacts=False)
        assert await phone.sync() == (set(), set(before))
        refused = await phone.ask("GET", phone.book + min(before))
        assert refused.status == 403
        assert "Export contacts is off" in refused.body.decode()
        told = await phone.ask("PROPFIND", phone.book, PROPFIND.format("<C:addressbook-description/>"), depth="0")
        assert "Export contacts is off" in told.body.decode()
        await set_policy(at, export_contacts=True)
        await phone.sync()
        assert phone.held == before
        assert {name: (await phone.ask("GET", phone.book + name)).body for name in before} == texts


@virtual
async def test_the_switch_and_another_account_govern_the_book_too() -> None:
    """The person's switch off, or an Exchange account on an Android phone: nothing stays on it."""
    async with place() as at:
        phone = await phone_of(at)
        for settings in (
            DeviceSettings(sync_with_local_contacts=False),
            DeviceSettings(sync_with_local_contacts=True, native_accounts=True),
        ):
            await at.hub.store.set_device_settings(phone.device.id, DeviceSettings(sync_with_local_contacts=True))
            await phone.sync()
            assert len(phone.held) == 2
            await at.hub.store.set_device_settings(phone.device.id, settings)
            await phone.sync()
            assert phone.held == {}


@virtual
async def test_CT12_people_of_one_name_stay_several() -> None:
    """Two contacts that look alike are two cards, each with a name and a UID of its own, and stay so."""
    async with place() as at:
        phone = await phone_of(at)
        await at.ada.sync("Contacts", adds=(contact(7, "Zoë", "Elm", mobile_phone_number="1"),))
        await phone.sync()
        texts = [(await phone.ask("GET", phone.book + name)).body.decode() for name in phone.held]
        assert sum("FN:Zoë Elm" in text for text in texts) == 2
        assert len({re.findall(r"UID:(\S+)", text)[0] for text in texts}) == len(texts) == 3
        assert await phone.sync() == (set(), set())
