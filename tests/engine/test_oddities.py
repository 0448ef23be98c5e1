"""
Answers that are odd, broken in one place, or too large: the rest arrives, and what does not is named.
"""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest

from carrierpost import wbxml
from carrierpost.engine import EngineSettings
from carrierpost.model import ChangeKind
from carrierpost.protocol.classes import Attachment, AttachmentMethod, Email, Event
from carrierpost.protocol.commands.folder_sync import FolderType
from carrierpost.protocol.version import Version
from carrierpost.server import faults
from carrierpost.wbxml.pages import AirSync
from carrierpost.wbxml.pages import Email as Mail
from tests.support.answers import each_collection, each_item
from tests.support.hub import bench, mail, name_of
from tests.support.virtual import EPOCH, virtual

INBOX, FILE = FolderType.INBOX, AttachmentMethod.FILE
BOTH = pytest.mark.parametrize("version", [Version.V14_1, Version.V16_1])


def subject_of(children: list[Any]) -> str:
    """Give the subject of a command's item."""
    return wbxml.text(wbxml.find(children, AirSync.ApplicationData, None), Mail.Subject)


@BOTH
@virtual
async def test_WB1_characters_that_xml_forbids_do_not_stop_a_folder(version: Version) -> None:
    """Every control character, U+FFFE and U+FFFF in a subject: the mail arrives, and so does the next one."""
    async with bench(version=version) as made:
        odd = "".join(map(chr, range(1, 32))) + "\ufffe\uffff"
        made.mailbox.deliver("Before", f"text {odd} end")
        made.mailbox.deliver(f"Odd {odd} subject", "x")
        made.line.spoil = lambda body: body.replace(b"Before", b"Be\x0bore")
        assert await made.new_runner().sync_once() == ()
        names = [name_of(one) for one in await made.held(INBOX)]
        assert len(names) == 2
        assert "Beore" in names
        assert all(character >= " " or character in "\t\r\n" for name in names for character in name)


@BOTH
@virtual
async def test_WB2_a_byte_that_is_no_utf8_in_one_field_costs_one_character(version: Version) -> None:
    """Raw 0xE7 in a subject among fifty mails: a replacement mark there, everything else as it is."""
    async with bench(version=version) as made:
        for number in range(50):
            mail(made.mailbox, number)
        made.line.spoil = lambda body: body.replace(b"Mail 25", b"Mai\xe7 25"[:4] + b" 25")
        assert await made.new_runner().sync_once() == ()
        names = {name_of(one) for one in await made.held(INBOX)}
        assert names == {f"Mail {n}" for n in range(50) if n != 25} | {"Mai\ufffd 25"}


@BOTH
@virtual
async def test_WB5_elements_that_nobody_knows_are_kept_and_harm_nothing(version: Version) -> None:
    """An unknown token of a known page inside an item: skipped by meaning, kept with the item."""
    unknown = 2 << 6 | 0x3E

    @each_item
    def with_unknown(tag: int, children: list[Any]) -> list[Any]:
        data = wbxml.find(children, AirSync.ApplicationData, [])
        return [
            AirSync.ServerId,
            wbxml.find(children, AirSync.ServerId),
            AirSync.ApplicationData,
            [*data, unknown, "?"],
        ]

    async with bench(version=version) as made:
        mail(made.mailbox, 1)
        made.line.spoil = with_unknown
        assert await made.new_runner().sync_once() == ()
        [item] = await made.held(INBOX)
        assert name_of(item) == "Mail 1"
        assert item.data.other is not None
        assert wbxml.find(wbxml.decode(item.data.other).value, unknown) == "?"


@BOTH
@virtual
async def test_WB7_an_answer_that_claims_gigabytes_is_refused_and_asked_for_again(version: Version) -> None:
    """A length beyond all limits, a nesting without end: an error, no memory, and the folder recovers."""
    deep = b"\x03\x01\x6a\x00" + b"\x45" * 5000
    giant = b"\x03\x01\x6a\x00\x45\xc3\x8f\xff\xff\xff\x7f"
    async with bench(version=version) as made:
        mail(made.mailbox, 1)
        for body in (deep, giant):
            made.server.faults.add(faults.raw_wbxml(body), command="Sync")
        assert await made.new_runner().sync_once() == ()
        assert len(await made.held(INBOX)) == 1


@BOTH
@pytest.mark.parametrize("place", ["top", "inside", "nowhere"])
@virtual
async def test_WB10_a_status_is_read_where_it_stands(version: Version, place: str) -> None:
    """Success only at the top, only inside the folder, or not at all (as one server does): the mail arrives."""

    @each_collection
    def without_inner(children: list[Any]) -> None:
        if place != "inside":
            index = children.index(AirSync.Status)
            del children[index : index + 2]

    def spoil(body: bytes) -> bytes:
        body = without_inner(body)
        if place != "top" or not body.startswith(b"\x03\x01"):
            return body
        document = wbxml.decode(body)
        if document.root != AirSync.Sync or not isinstance(document.value, list):
            return body
        return wbxml.encode(document.root, [AirSync.Status, "1", *document.value])

    async with bench(version=version) as made:
        mail(made.mailbox, 1)
        made.line.spoil = spoil
        assert await made.new_runner().sync_once() == ()
        assert len(await made.held(INBOX)) == 1


@pytest.mark.parametrize("inside", [True, False])
@virtual
async def test_WB10_a_refused_key_is_understood_at_the_top_and_inside(inside: bool) -> None:
    """Status 3 means the same wherever it stands, and no status of an item is taken for the folder's."""
    async with bench() as made:
        mail(made.mailbox, 1)
        runner = made.new_runner()
        await runner.sync_once()
        before = await made.ids(INBOX)
        made.server.faults.add(faults.reject_key() if inside else faults.status(3), command="Sync")
        made.events.clear()
        await runner.sync_once()
        assert await made.ids(INBOX) == before
        feed = await made.store.feed(made.account_id)
        assert ChangeKind.COLLECTION_RESYNC in [change.kind for change in feed]


@BOTH
@virtual
async def test_WB11_a_broken_address_costs_no_mail(version: Version) -> None:
    """Half an internationalised name, unbalanced quotes, a lone comma: kept as they came."""
    async with bench(version=version) as made:
        odd = ['"Bea <bea@xn--.example>', ",,;", "bea@bücher..example", '"a"b"c" <>', "\u202ebea@elm.example", "@"]
        for number, address in enumerate(odd):
            made.mailbox.deliver(f"Odd {number}", sender=address, to=address, cc=address, reply_to=address)
        assert await made.new_runner().sync_once() == ()
        held = {name_of(one): one.data for one in await made.held(INBOX)}
        assert {name: data.from_ for name, data in held.items() if isinstance(data, Email)} == {
            f"Odd {number}": address for number, address in enumerate(odd)
        }
        assert len(await made.store.search(made.account_id, "Odd")) == len(odd)


@BOTH
@virtual
async def test_BD1_a_text_that_was_cut_is_known_to_be_so_and_fetched_when_wanted(version: Version) -> None:
    """Cut at our limit, marked, found by its beginning alone; once it is fetched, by its end, too."""
    async with bench(version=version, settings=EngineSettings(body_limit=1000)) as made:
        made.mailbox.deliver("Long", "alpha " + "word " * 1000 + "omega")
        runner = made.new_runner()
        await runner.sync_once()
        [item] = await made.held(INBOX)
        body = await made.store.body(item.id)
        assert body is not None
        assert (len(body.data), body.truncated) == (1000, True)
        assert body.estimated_size > 5000
        assert len(await made.store.search(made.account_id, "alpha")) == 1
        assert await made.store.search(made.account_id, "omega") == ()
        whole = await runner.fetch_body(item.id)
        assert not whole.truncated
        assert str(whole.data).endswith("omega")
        assert len(await made.store.search(made.account_id, "omega")) == 1


@BOTH
@virtual
async def test_BD3_each_mail_comes_in_its_native_format(version: Version) -> None:
    """Plain stays plain, HTML stays HTML; an event's text is asked for as plain, whatever the server keeps."""
    async with bench(version=version) as made:
        made.mailbox.deliver("Plain", "one < two")
        made.mailbox.deliver("Page", "<p>one</p>", html=True)
        await made.new_runner().sync_once()
        ids = await made.ids(INBOX)
        plain, page = await made.store.body(ids["Plain"]), await made.store.body(ids["Page"])
        assert plain is not None
        assert (plain.type, plain.data) == (1, "one < two")
        assert page is not None
        assert (page.type, page.data) == (2, "<p>one</p>")
        assert {one.data.native_body_type for one in await made.held(INBOX)} == {1, 2}


@BOTH
@virtual
async def test_BD5_signed_and_encrypted_mail_harms_no_later_synchronisation(version: Version) -> None:
    """Clear-signed, opaque-signed, encrypted: held with its class and attachment, and what follows arrives."""
    kinds = ("IPM.Note.SMIME.MultipartSigned", "IPM.Note.SMIME", "IPM.Note.SMIME")
    async with bench(version=version) as made:
        for number, kind in enumerate(kinds):
            attachment = Attachment(
                display_name="smime.p7m", file_reference=f"ref{number}", method=FILE, estimated_data_size=900
            )
            made.mailbox.deliver(
                f"Secret {number}", "" if number else "text", message_class=kind, attachments=(attachment,)
            )
        async with made.running():
            for number in range(3):
                mail(made.mailbox, number)
                await made.clock.sleep(5.0)
            held = {name_of(one): one.data for one in await made.held(INBOX)}
            assert len(held) == 6
            assert [held[f"Secret {n}"].message_class for n in range(3)] == list(kinds)  # type: ignore[union-attr]
            assert len(made.announced()) == 3
        assert await made.store.set_aside(made.account_id) == ()


@BOTH
@virtual
async def test_BD6_a_mail_that_never_arrives_whole_comes_with_its_header_only(version: Version) -> None:
    """Answers over 60 kB never get through. The 100 kB mail comes without its text, the others with theirs."""
    async with bench(version=version) as made:
        mail(made.mailbox, 1, received=EPOCH - dt.timedelta(minutes=9))
        made.mailbox.deliver("Huge", "w" * 100_000, received=EPOCH - dt.timedelta(minutes=8))
        mail(made.mailbox, 2, received=EPOCH - dt.timedelta(minutes=7))
        made.line.most_bytes = 60_000
        async with made.running(600.0):
            ids = await made.ids(INBOX)
            assert set(ids) == {"Mail 1", "Huge", "Mail 2"}
            huge, other = await made.store.body(ids["Huge"]), await made.store.body(ids["Mail 1"])
            assert huge is not None
            assert (huge.data, huge.truncated, huge.estimated_size) == ("", True, 100_000)
            assert other is not None
            assert other.data == "Text 1"
            assert made.requests("Sync") < 80
            begun = made.clock.monotonic()
            await made.clock.sleep(86400.0)
            assert made.commands(begun).count("Sync") < 80
            made.line.most_bytes = None
            assert len((await made.runner.fetch_body(ids["Huge"])).data) == 100_000


@BOTH
@virtual
async def test_BD7_one_item_that_cannot_be_read_keeps_no_other_back(version: Version) -> None:
    """It is set aside with its reason, named in the feed, tried again, and taken over once it can be read."""

    @each_item
    def spoil(tag: int, children: list[Any]) -> list[Any]:
        if subject_of(children) != "Mail 7":
            return children
        return [AirSync.ServerId, wbxml.find(children, AirSync.ServerId)]

    async with bench(version=version) as made:
        for number in range(20):
            mail(made.mailbox, number)
        made.line.spoil = spoil
        made.server.faults.add(faults.status(3), command="ItemOperations")
        async with made.running():
            assert len(await made.held(INBOX)) == 19
            [aside] = await made.store.set_aside(made.account_id)
            assert "cannot be read" in aside.reason
            kinds = [change.kind for change in await made.store.feed(made.account_id)]
            assert kinds.count(ChangeKind.ITEM_SET_ASIDE) == 1
            assert made.server.holding == 1
            await made.clock.sleep(3700.0)
            [again] = await made.store.set_aside(made.account_id)
            assert again.attempts == 2
            assert made.server.holding == 1
            await made.clock.sleep(8 * 3600.0)
            assert await made.store.set_aside(made.account_id) == ()
            assert len(await made.held(INBOX)) == 20
        assert await made.contradictions() == []


@virtual
async def test_BD7_a_change_that_cannot_be_read_leaves_the_item_and_is_fetched_later() -> None:
    """The mail stays as it was known until its change can be had; it is not lost that there was one."""

    @each_item
    def spoil(tag: int, children: list[Any]) -> list[Any]:
        return children if tag == AirSync.Add else [AirSync.ServerId, wbxml.find(children, AirSync.ServerId)]

    async with bench() as made:
        item = mail(made.mailbox, 1)
        async with made.running():
            [before] = await made.held(INBOX)
            made.line.spoil = spoil
            made.mailbox.change(made.mailbox.folder(INBOX), item, read=True)
            await made.clock.sleep(5.0)
            [held] = await made.held(INBOX)
            assert held.data.read is False  # type: ignore[union-attr]
            assert len(await made.store.set_aside(made.account_id)) == 1
            await made.clock.sleep(3700.0)
            [held] = await made.held(INBOX)
            assert (held.id, held.data.read) == (before.id, True)  # type: ignore[union-attr]
            assert await made.store.set_aside(made.account_id) == ()


@virtual
async def test_BD7_an_item_that_is_gone_meanwhile_is_no_longer_set_aside() -> None:
    """Deleted at the server while it waited here: nothing is left to try again."""

    @each_item
    def spoil(tag: int, children: list[Any]) -> list[Any]:
        return [AirSync.ServerId, wbxml.find(children, AirSync.ServerId)]

    async with bench() as made:
        item = mail(made.mailbox, 1)
        made.line.spoil = spoil
        async with made.running():
            assert len(await made.store.set_aside(made.account_id)) == 1
            made.mailbox.delete(made.mailbox.folder(INBOX), item)
            await made.clock.sleep(4000.0)
            assert await made.store.set_aside(made.account_id) == ()
            assert made.requests("ItemOperations") <= 1


@virtual
async def test_BD12_attachments_of_events_come_where_the_version_has_them() -> None:
    """From 16.0 on they are there; before, the event comes without them, and nothing is wrong with it."""
    for version, expected in ((Version.V14_1, None), (Version.V16_1, "plan.pdf")):
        async with bench(version=version) as made:
            start = EPOCH + dt.timedelta(days=1)
            attachment = Attachment(display_name="plan.pdf", file_reference="ref", method=FILE, estimated_data_size=10)
            event = Event(subject="Talk", uid="u", start_time=start, end_time=start, attachments=(attachment,))
            made.mailbox.add(made.mailbox.folder(FolderType.CALENDAR), event)
            assert await made.new_runner().sync_once() == ()
            [held] = await made.held(FolderType.CALENDAR)
            assert isinstance(held.data, Event)
            attachments = held.data.attachments or ()
            assert (attachments[0].display_name if attachments else None) == expected, version
