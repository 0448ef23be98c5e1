"""
Ways out for contacts over HTTP: what is possible and why, one contact as a file, in a message, and a device set up.
"""

from __future__ import annotations

import datetime as dt
import plistlib
import urllib.parse
from pathlib import Path

from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.hazmat.primitives.serialization.pkcs7 import load_der_pkcs7_certificates

from carrierpost.formats.vcard_in import read_cards
from carrierpost.model import DeviceSettings, NewDevice, Platform
from tests.store.values import contact
from tests.support.keys import identity, pem
from tests.support.virtual import virtual
from tests.web.place import place
from tests.web.test_dav import Phone, set_policy


@virtual
async def test_what_is_possible_is_told_with_its_reason() -> None:
    """Policy, switch and other accounts, for the device that asks and for another one; a foreign device is none."""
    async with place() as at:
        browser = await at.signed_in(at.ada, device=True)
        await at.signed_in(at.bea, device=True)
        mine, foreign = await at.hub.store.devices()
        path = f"/api/v1/accounts/{at.ada.id}/contacts/sharing"
        off = await browser.ok("GET", path)
        assert {(one["way"], one["outcome"], one["shown"]) for one in off} == {
            ("sync", "forbidden", False), ("export", "forbidden", False), ("share", "forbidden", False)
        }  # fmt: skip
        assert "Export contacts is off" in off[0]["reason"]
        await set_policy(at, export_contacts=True)
        sync, export, share = await browser.ok("GET", path)
        assert (sync["outcome"], sync["can_turn_on"], sync["native_accounts"]) == ("off", True, "unknown")
        assert (export["outcome"], share["outcome"]) == ("allowed", "allowed")
        robot = await at.hub.store.add_device(
            NewDevice(account_id=at.ada.id, name="P", platform=Platform.ANDROID, time_zone="UTC")
        )
        await at.hub.store.set_device_settings(robot.id, DeviceSettings(native_accounts=True))
        sync, *_ = await browser.ok("GET", f"{path}?device={robot.id}")
        assert (sync["outcome"], sync["can_turn_on"]) == ("not possible", False)
        assert (await browser.ask("GET", f"{path}?device={foreign.id}")).status == 404
        assert mine.id != foreign.id


@virtual
async def test_one_contact_is_a_file_and_a_message() -> None:
    """The right type, a name that is safe, fields by the policy; refused with the reason where it may not leave."""
    async with place() as at:
        await at.ada.sync("Contacts", adds=(contact(1, "Zoë/../", 'Elm"', mobile_phone_number="1"),))
        item = (await at.ada.held("Contacts"))["c1"]
        browser = await at.signed_in(at.ada, device=True)
        path = f"/api/v1/accounts/{at.ada.id}/contacts/{item.id}"
        for what in ("card", "share"):
            refused = await browser.ask("GET", f"{path}/{what}")
            assert (refused.status, refused.code) == (403, "contacts-stay-here")
        await set_policy(at, export_contacts=True, contact_fields=["mail"])
        card = await browser.ask("GET", f"{path}/card?version=4.0")
        assert card.headers["content-type"] == "text/vcard; charset=utf-8"
        said = card.headers["content-disposition"]
        assert said.startswith("attachment; ")
        name = urllib.parse.unquote(said.partition("filename*=UTF-8''")[2])
        assert name.endswith(".vcf")
        assert not set(name) & set('/\\"')
        [read], _ = read_cards(card.body)
        assert ("VERSION:4.0" in card.body.decode(), read.contact.mobile_phone_number) == (True, None)
        draft = await browser.ok("GET", f"{path}/share")
        assert (draft["files"][0]["name"], draft["files"][0]["type"]) == (name, "text/vcard")
        sent = await browser.ask("POST", f"/api/v1/accounts/{at.ada.id}/mail", draft | {"to": ["bea@elm.example"]})
        assert sent.status == 202
        mail = await at.ada.item("m1")
        assert (await browser.ask("GET", f"/api/v1/accounts/{at.ada.id}/contacts/{mail.id}/card")).status == 404


@virtual
async def test_a_password_is_made_shown_once_used_and_revoked() -> None:
    """With the address, a link and a picture for DAVx5; where contacts stay here none is made."""
    async with place(public_url="https://mail.example.org", hosts=("localhost",)) as at:
        browser = await at.signed_in(at.ada, device=True)
        [device] = await at.hub.store.devices()
        path = f"/api/v1/devices/{device.id}/passwords"
        refused = await browser.ask("POST", path, {})
        assert (refused.status, refused.code) == (403, "contacts-stay-here")
        await set_policy(at, export_contacts=True)
        made = await browser.ok("POST", path, {"name": "DAVx5"})
        assert made["address"] == "https://mail.example.org/dav/"
        link = urllib.parse.urlsplit(made["davx5"])
        assert (link.scheme, link.hostname, link.path) == ("davx5", "mail.example.org", "/dav/")
        assert (urllib.parse.unquote(link.username or ""), link.password) == (made["user"], made["password"])
        assert made["davx5_picture"].startswith("<svg")
        listed = await browser.ask("GET", path)
        assert ([one["name"] for one in listed.json], made["password"] in listed.body.decode()) == (["DAVx5"], False)
        assert await browser.ok("GET", f"/api/v1/devices/{device.id}/tokens") == []
        phone = Phone(at, device, made["password"])
        assert (await phone.ask("PROPFIND", "/dav/", depth="0")).status == 207
        await browser.ok("DELETE", f"{path}/{made['about']['id']}")
        assert (await phone.ask("PROPFIND", "/dav/", depth="0")).status == 401
        assert (await browser.ask("DELETE", f"{path}/{made['about']['id']}")).status == 404
        for _ in range(20):
            await browser.ok("POST", path, {})
        assert (await browser.ask("POST", path, {})).code == "too-many"


@virtual
async def test_an_iphone_takes_its_profile_once_from_a_link() -> None:
    """Looking at the page uses nothing up; identifiers stay the same; the link ends with its use or its time."""
    async with place(public_url="https://mail.example.org", hosts=("localhost",)) as at:
        await set_policy(at, export_contacts=True)
        browser = await at.signed_in(at.ada, device=True)
        [device] = await at.hub.store.devices()
        profiles = []
        for _ in range(2):
            made = await browser.ok("POST", f"/api/v1/devices/{device.id}/profile-link")
            assert made["link"].startswith("https://mail.example.org/setup/contacts/")
            path = urllib.parse.urlsplit(made["link"]).path
            phone = at.browser()
            for _ in range(2):
                page = await phone.ask("GET", path)
                assert (page.status, "form-action 'self'" in page.headers["content-security-policy"]) == (200, True)
            got = await phone.ask("POST", path, b"")
            assert got.headers["content-type"] == "application/x-apple-aspen-config"
            profiles.append(plistlib.loads(got.body))
            assert (await phone.ask("POST", path, b"")).status == 410
        first, second = profiles
        [account] = first["PayloadContent"]
        for name in ("PayloadIdentifier", "PayloadUUID"):
            assert first[name] == second[name]
            assert account[name] == second["PayloadContent"][0][name]
        assert (account["CardDAVHostName"], account["CardDAVPort"], account["CardDAVUseSSL"]) == (
            "mail.example.org",
            443,
            True,
        )
        assert account["CardDAVPassword"] != second["PayloadContent"][0]["CardDAVPassword"]
        own = Phone(at, device, account["CardDAVPassword"])
        assert (await own.ask("PROPFIND", account["CardDAVPrincipalURL"], depth="0")).status == 207
        made = await browser.ok("POST", f"/api/v1/devices/{device.id}/profile-link")
        await at.hub.clock.sleep(dt.timedelta(minutes=11).total_seconds())
        assert (await phone.ask("POST", urllib.parse.urlsplit(made["link"]).path, b"")).status == 410
        made = await browser.ok("POST", f"/api/v1/devices/{device.id}/profile-link")
        await set_policy(at, export_contacts=False)
        late = await phone.ask("POST", urllib.parse.urlsplit(made["link"]).path, b"")
        assert (late.status, b"Export contacts is off" in late.body) == (403, True)


@virtual
async def test_a_profile_is_signed_with_the_key_that_is_given(tmp_path: Path) -> None:
    """The signature holds the certificate and the profile."""
    signer = identity("profiles@mail.example.org")
    certificate, key = tmp_path / "certificate.pem", tmp_path / "key.pem"
    certificate.write_bytes(signer.certificate.public_bytes(Encoding.PEM))
    key.write_bytes(pem(signer, key=True))
    values = {"signing_certificate": str(certificate), "signing_key": str(key)}
    async with place(public_url="https://mail.example.org", hosts=("localhost",), **values) as at:
        await set_policy(at, export_contacts=True)
        browser = await at.signed_in(at.ada, device=True)
        [device] = await at.hub.store.devices()
        made = await browser.ok("POST", f"/api/v1/devices/{device.id}/profile-link")
        got = await browser.ask("POST", urllib.parse.urlsplit(made["link"]).path, b"")
        [own] = load_der_pkcs7_certificates(got.body)
        assert own.public_bytes(Encoding.PEM) == certificate.read_bytes()
        begin = got.body.index(b"<?xml")
        profile = plistlib.loads(got.body[begin : got.body.index(b"</plist>") + 8])
        assert profile["PayloadContent"][0]["CardDAVUsername"] == "ada@larch.example"
