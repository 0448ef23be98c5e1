"""
What comes back from a phone: by policy it goes to the mail server, otherwise it is refused or put back.
"""

from __future__ import annotations

import pytest

from carrierpost.model import BodyUpdate, Platform
from carrierpost.protocol.classes import Contact
from tests.store.values import contact
from tests.support.virtual import virtual
from tests.web.place import Place, place
from tests.web.test_dav import Phone, phone_of, set_policy

IPHONE = "iOS/18.0 (22A3354) dataaccessd/1.0"
NEW = "BEGIN:VCARD\r\nVERSION:3.0\r\nUID:{uid}\r\nFN:Bo Fir\r\nN:Fir;Bo;;;\r\nNICKNAME:{nick}\r\nEND:VCARD\r\n"


async def zoe(at: Place) -> Contact:
    """Give the contact as it is held."""
    data = (await at.ada.held("Contacts"))["c1"].data
    assert isinstance(data, Contact)
    return data


async def card_of(phone: Phone, name: str = "Zoë") -> tuple[str, str]:
    """Give address and text of a card."""
    await phone.sync()
    for one in phone.held:
        text = (await phone.ask("GET", phone.book + one)).body.decode()
        if f"FN:{name}" in text:
            return phone.book + one, text
    raise AssertionError(name)


@virtual
async def test_an_edit_goes_to_the_server_with_what_was_changed_and_nothing_else() -> None:
    """What the phone left as it was stays in the server's words; a value it removed is removed; then it reads ours."""
    async with place() as at:
        phone = await phone_of(at, two_way_contacts=True)
        path, text = await card_of(phone)
        edited = text.replace("FN:", "TITLE:Gardener\r\nFN:").replace("TEL", "X-NOTHING")
        assert "X-NOTHING" in edited
        answer = await phone.ask(
            "PUT", path, edited, if_match=phone.held[path.rpartition("/")[2]], content_type="text/vcard"
        )
        assert (answer.status, "etag" in answer.headers) == (204, False)
        assert ((await zoe(at)).job_title, (await zoe(at)).mobile_phone_number) == ("Gardener", None)
        [entry] = await at.hub.store.outbox(at.ada.id)
        assert b"job_title" in entry.payload
        assert b"last_name" not in entry.payload
        came, _ = await phone.sync()
        assert came == {path.rpartition("/")[2]}
        again = await phone.ask("PUT", path, (await phone.ask("GET", path)).body, content_type="text/vcard")
        assert (again.status, len(await at.hub.store.outbox(at.ada.id))) == (204, 1)


@virtual
async def test_CT8_a_withheld_field_keeps_the_value_of_the_server() -> None:
    """Neither its absence on the phone nor a value put there reaches the server; the phone is given ours again."""
    async with place() as at:
        phone = await phone_of(at, two_way_contacts=True, contact_fields=["mail", "work"])
        path, text = await card_of(phone)
        assert "TEL" not in text
        edited = text.replace("FN:", "TITLE:Gardener\r\nTEL;TYPE=CELL:999\r\nFN:")
        assert (await phone.ask("PUT", path, edited, content_type="text/vcard")).status == 204
        assert ((await zoe(at)).job_title, (await zoe(at)).mobile_phone_number) == ("Gardener", "1")
        await phone.sync()
        only = (await phone.ask("GET", path)).body.decode().replace("FN:", "TEL;TYPE=CELL:999\r\nFN:")
        assert (await phone.ask("PUT", path, only, content_type="text/vcard")).status == 204
        assert (await zoe(at)).mobile_phone_number == "1"
        came, _ = await phone.sync()
        assert came == {path.rpartition("/")[2]}


@virtual
async def test_CT3_a_picture_that_is_too_large_for_the_phone_stays_at_the_server() -> None:
    """It is not handed out, and a card that comes back without it does not remove it; one that is removed is."""
    async with place() as at:
        phone = await phone_of(at, two_way_contacts=True, contact_photo_limit=1)
        for number, size in ((7, 5000), (8, 500)):
            await at.ada.sync(
                "Contacts", adds=(contact(number, f"P{number}", "Elm", picture=b"\xff\xd8" * (size // 2)),)
            )
        for name, there in (("P7", False), ("P8", True)):
            path, text = await card_of(phone, name)
            assert ("PHOTO" in text) is there
            lines = text.replace("\r\n ", "").split("\r\n")
            edited = "\r\n".join(line for line in lines if not line.startswith("PHOTO")).replace(
                "FN:", "TITLE:X\r\nFN:"
            )
            assert (await phone.ask("PUT", path, edited, content_type="text/vcard")).status == 204
        held = await at.ada.held("Contacts")
        assert [getattr(held[one].data, "picture", b"") is None for one in ("c7", "c8")] == [False, True]


@virtual
async def test_a_card_made_on_the_phone_keeps_its_name_and_uid() -> None:
    """It is found where the phone put it, under the UID it gave; deleted there it is gone, and the name is free."""
    async with place() as at:
        phone = await phone_of(at, two_way_contacts=True)
        await phone.sync()
        path = f"{phone.book}Bo Fir.vcf"
        made = await phone.ask(
            "PUT",
            path.replace(" ", "%20"),
            NEW.format(uid="u-1", nick="B"),
            if_none_match="*",
            content_type="text/vcard",
        )
        assert made.status == 201
        assert [
            one.data.file_as
            for one in await at.hub.store.items(at.ada.id)
            if isinstance(one.data, Contact) and one.data.first_name == "Bo"
        ] == ["Fir, Bo"]
        came, _ = await phone.sync()
        assert came == {"Bo%20Fir.vcf"}
        assert b"UID:u-1\r\n" in (await phone.ask("GET", path.replace(" ", "%20"))).body
        twice = await phone.ask(
            "PUT", f"{phone.book}other.vcf", NEW.format(uid="u-1", nick="B"), content_type="text/vcard"
        )
        assert (twice.status, b"no-uid-conflict" in twice.body) == (403, True)
        again = await phone.ask(
            "PUT",
            path.replace(" ", "%20"),
            NEW.format(uid="u-1", nick="C"),
            if_none_match="*",
            content_type="text/vcard",
        )
        assert again.status == 412
        gone = await phone.ask("DELETE", path.replace(" ", "%20"), if_match=phone.held["Bo%20Fir.vcf"])
        assert gone.status == 204
        assert await phone.sync() == (set(), {"Bo%20Fir.vcf"})
        anew = await phone.ask(
            "PUT",
            path.replace(" ", "%20"),
            NEW.format(uid="u-2", nick="D"),
            if_none_match="*",
            content_type="text/vcard",
        )
        assert anew.status == 201
        assert (await phone.sync())[0] == {"Bo%20Fir.vcf"}


@virtual
async def test_an_edit_of_an_older_card_is_refused() -> None:
    """Whoever changes what they have not seen is told to read it first; nothing of it is kept."""
    async with place() as at:
        phone = await phone_of(at, two_way_contacts=True)
        path, text = await card_of(phone)
        old = phone.held[path.rpartition("/")[2]]
        assert (
            await phone.ask("PUT", path, text.replace("FN:", "TITLE:A\r\nFN:"), if_match=old, content_type="text/vcard")
        ).status == 204
        late = await phone.ask(
            "PUT", path, text.replace("FN:", "TITLE:B\r\nFN:"), if_match=old, content_type="text/vcard"
        )
        assert (late.status, (await zoe(at)).job_title) == (412, "A")
        assert (await phone.ask("DELETE", path, if_match=old)).status == 412
        assert (
            await phone.ask("PUT", f"{phone.book}none.vcf", text, if_match="*", content_type="text/vcard")
        ).status == 412


@pytest.mark.parametrize("platform", [Platform.ANDROID, Platform.DESKTOP])
@virtual
async def test_without_the_policy_a_program_that_knows_privileges_is_refused(platform: Platform) -> None:
    """The answer names the privilege that is missing and the reason; nothing is changed."""
    async with place() as at:
        phone = await phone_of(at, platform)
        path, text = await card_of(phone)
        for answer in (
            await phone.ask("PUT", path, text.replace("FN:", "TITLE:A\r\nFN:"), content_type="text/vcard"),
            await phone.ask("PUT", f"{phone.book}new.vcf", NEW.format(uid="u", nick="B"), content_type="text/vcard"),
            await phone.ask("DELETE", path),
        ):
            assert (answer.status, b"<D:need-privileges>" in answer.body) == (403, True)
            assert "Two-way contacts is off" in answer.body.decode()
        assert await phone.sync() == (set(), set())
        assert await at.hub.store.outbox(at.ada.id) == ()


@virtual
async def test_without_the_policy_an_iphone_gets_its_card_back() -> None:
    """
    What it wrote is taken and not kept: with its next look the edited card is read anew, the deleted one is there, and
    the one it made is gone.
    """
    async with place() as at:
        phone = await phone_of(at, Platform.IOS)
        other = await phone_of(at, Platform.IOS)
        path, text = await card_of(phone)
        await other.sync()
        name = path.rpartition("/")[2]
        [jan] = set(phone.held) - {name}
        assert (
            await phone.ask(
                "PUT", path, text.replace("FN:", "TITLE:A\r\nFN:"), user_agent=IPHONE, content_type="text/vcard"
            )
        ).status == 204
        assert (await phone.ask("DELETE", phone.book + jan, user_agent=IPHONE)).status == 204
        assert (
            await phone.ask(
                "PUT",
                f"{phone.book}new.vcf",
                NEW.format(uid="u", nick="B"),
                user_agent=IPHONE,
                content_type="text/vcard",
            )
        ).status == 201
        phone.held["new.vcf"] = "what it wrote"
        del phone.held[jan]
        assert await phone.sync() == ({name, jan}, {"new.vcf"})
        assert (await phone.ask("GET", path)).body.decode() == text
        assert await phone.sync() == (set(), set())
        assert await other.sync() == (set(), set())
        assert await at.hub.store.outbox(at.ada.id) == ()


@virtual
async def test_policy_off_stops_what_comes_back_too() -> None:
    """With Export contacts off there is no card to be written, and a new one is refused with that reason."""
    async with place() as at:
        phone = await phone_of(at, two_way_contacts=True)
        path, text = await card_of(phone)
        await set_policy(at, export_contacts=False)
        answer = await phone.ask("PUT", path, text.replace("FN:", "TITLE:A\r\nFN:"), content_type="text/vcard")
        assert (answer.status, "Export contacts is off" in answer.body.decode()) == (403, True)
        assert (await phone.ask("DELETE", path)).status == 404
        assert (await zoe(at)).job_title is None


@pytest.mark.parametrize(
    ("body", "condition"),
    [
        ("", "valid-address-data"),
        ("hello", "valid-address-data"),
        ("BEGIN:VCARD\r\nKIND:group\r\nFN:x\r\nEND:VCARD\r\n", "valid-address-data"),
        (NEW.format(uid="a", nick="") + NEW.format(uid="b", nick=""), "valid-address-data"),
        (b"\xff\xfe\x00" * 100, "valid-address-data"),
    ],
)
@virtual
async def test_what_is_no_card_is_refused(body: str | bytes, condition: str) -> None:
    """The condition says what was wrong, and nothing is kept."""
    async with place() as at:
        phone = await phone_of(at, two_way_contacts=True)
        answer = await phone.ask("PUT", f"{phone.book}x.vcf", body, content_type="text/vcard")
        assert (answer.status, condition in answer.body.decode()) == (403, True)
        assert await at.hub.store.outbox(at.ada.id) == ()


@virtual
async def test_remarks_that_are_only_begun_are_not_written_over() -> None:
    """Where only the beginning of the remarks is held, a change of them is refused with what to do first."""
    async with place() as at:
        phone = await phone_of(at, two_way_contacts=True)
        item = (await at.ada.held("Contacts"))["c1"]
        await at.hub.store.put_body(BodyUpdate(item_id=item.id, type=1, data="begun", truncated=True))
        path, text = await card_of(phone)
        answer = await phone.ask("PUT", path, text.replace("begun", "mine"), content_type="text/vcard")
        assert (answer.status, "fetch the whole" in answer.body.decode()) == (403, True)
