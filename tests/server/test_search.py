"""
Search and Find: mail, other items and people at the server, by pages.
"""

from __future__ import annotations

import datetime as dt
import uuid
from typing import Any

import pytest

from carrierpost.protocol.classes import Body, BodyPreference, BodyType, Contact, ContentClass, Event
from carrierpost.protocol.commands.find import FindGAL, FindMail, FindRequest
from carrierpost.protocol.commands.folder_sync import FolderType
from carrierpost.protocol.commands.item_operations import FetchItem, ItemOperationsRequest
from carrierpost.protocol.commands.looking import PictureLimits
from carrierpost.protocol.commands.search import DocumentQuery, GALQuery, MailboxQuery, SearchOptions, SearchRequest
from carrierpost.protocol.http import payload_of
from carrierpost.protocol.record import Notes
from carrierpost.protocol.version import Version
from carrierpost.wbxml.pages import Find, Search
from tests.server.phone import ADA, BEN, Phone, make_server, status_of
from tests.support.virtual import EPOCH, virtual

INBOX, SENT = FolderType.INBOX, FolderType.SENT_ITEMS
HOUR = dt.timedelta(hours=1)


def _guid(name: str) -> str:
    """Make the id of a search."""
    return str(uuid.uuid5(uuid.NAMESPACE_OID, name))


def _phone(version: Version = Version.V14_1) -> Phone:
    phone = Phone(make_server(), version=version)
    box, far = phone.mailbox, '"Kay Ochre" <kay@far.example>'
    inner = box.create_folder("Inner", FolderType.USER_MAIL, phone.folder(INBOX).server_id)
    box.deliver("Green lamps", "Forty of them.", received=EPOCH, conversation_id=b"c" * 16)
    box.deliver("Red lamps", "<p>Forty &amp; two</p>", html=True, received=EPOCH + HOUR, sender=far)
    box.deliver("Lunch", "Under the green lamps?", received=EPOCH + 2 * HOUR, folder=inner)
    box.deliver(
        "Re: Green lamps", "All.", received=EPOCH + 3 * HOUR, folder=phone.folder(SENT), conversation_id=b"c" * 16
    )
    box.add(phone.folder(FolderType.CALENDAR), Event(subject="Lamps", start_time=EPOCH, end_time=EPOCH + HOUR))
    box.add(phone.folder(FolderType.CONTACTS), Contact(first_name="Lampert", body=Body(type=BodyType.PLAIN, data="x")))
    return phone


async def _search(phone: Phone, query: Any, **options: Any) -> Any:
    return await phone.ask(SearchRequest(query=query, options=SearchOptions(**options)))


async def _subjects(phone: Phone, query: Any, **options: Any) -> list[str]:
    answer = await _search(phone, query, **options)
    assert (answer.status, answer.store_status) == (1, 1)
    return [getattr(one.data, "subject", None) or one.data.first_name for one in answer.results]


@pytest.mark.parametrize("version", Version)
def test_mail_is_found_by_words_folders_and_times(version: Version) -> None:
    """Everything that is asked has to be true, case and markup make no difference, the newest comes first."""

    @virtual
    async def story() -> None:
        phone = _phone(version)
        inbox, mail = phone.folder(INBOX).server_id, ContentClass.EMAIL
        everything = ["Re: Green lamps", "Lunch", "Red lamps", "Green lamps"]
        assert await _subjects(phone, MailboxQuery(content_class=mail, free_text="LAMPS")) == everything
        assert await _subjects(phone, MailboxQuery(free_text="green lamps", content_class=mail)) == [
            "Re: Green lamps",
            "Lunch",
            "Green lamps",
        ]
        assert await _subjects(phone, MailboxQuery(free_text="forty & two")) == ["Red lamps"]
        assert await _subjects(phone, MailboxQuery(free_text="Lamp")) == [*everything, "Lamps", "Lampert"]
        here = MailboxQuery(content_class=mail, collection_ids=(inbox,), free_text="lamps")
        assert await _subjects(phone, here) == ["Red lamps", "Green lamps"]
        assert await _subjects(phone, here, deep_traversal=True) == ["Lunch", "Red lamps", "Green lamps"]
        times = MailboxQuery(received_after=EPOCH, received_before=EPOCH + 3 * HOUR, content_class=mail)
        assert await _subjects(phone, times) == ["Lunch", "Red lamps"]
        events = MailboxQuery(content_class=ContentClass.CALENDAR, free_text="lamps")
        assert await _subjects(phone, events) == ["Lamps"]
        if version >= Version.V14_0:
            both = MailboxQuery(conversation_id=b"c" * 16)
            assert await _subjects(phone, both) == ["Re: Green lamps", "Green lamps"]

    story()


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("from:kay", ["Red lamps"]),
        ("subject:green", ["Re: Green lamps", "Green lamps"]),
        ('"green lamps"', ["Re: Green lamps", "Lunch", "Green lamps"]),
        ('subject:"green lamps" body:forty', ["Green lamps"]),
        ("to:ada subject:lunch", ["Lunch"]),
        ("lam*", ["Re: Green lamps", "Lunch", "Red lamps", "Green lamps"]),
        ("purple", []),
    ],
)
def test_words_may_say_where_they_stand(text: str, found: list[str]) -> None:
    """As in the keyword query language, in Search and in Find."""

    @virtual
    async def story() -> None:
        phone = _phone(Version.V16_1)
        assert await _subjects(phone, MailboxQuery(content_class=ContentClass.EMAIL, free_text=text)) == found
        answer = await phone.ask(FindRequest(search_id=_guid("s"), criterion=FindMail(free_text=text)))
        assert [one.mail.subject for one in answer.results if one.mail] == found

    story()


@virtual
async def test_pages_are_of_the_same_results() -> None:
    """What comes in between shows only when the client asks to look again; what is found can be fetched by its id."""
    phone = _phone()
    query = MailboxQuery(content_class=ContentClass.EMAIL, free_text="lamps")
    preference = (BodyPreference(type=BodyType.PLAIN, truncation_size=4),)
    first = await _search(phone, query, range=(0, 1), body_preferences=preference)
    assert (first.range, first.total, len(first.results)) == ((0, 1), 4, 2)
    assert first.results[1].data.body.data == "Unde"
    phone.mailbox.deliver("New lamps", "x")
    second = await _search(phone, query, range=(2, 9))
    assert (second.range, second.total) == ((2, 3), 4)
    again = await _search(phone, query, range=(0, 9), rebuild_results=True)
    assert (again.range, again.total) == ((0, 4), 5)
    fetch = FetchItem(long_id=again.results[-1].long_id)
    [fetched] = (await phone.ask(ItemOperationsRequest(fetches=(fetch,)))).fetched
    assert fetched.data.subject == again.results[-1].data.subject  # type: ignore[union-attr]


@virtual
async def test_a_page_has_a_hundred_results_at_most() -> None:
    """Whatever range is asked for; beyond the thousandth there is none."""
    phone = _phone()
    for number in range(120):
        phone.mailbox.deliver(f"Mail {number}", "paper")
    query = MailboxQuery(free_text="paper")
    assert (await _search(phone, query)).range == (0, 99)
    assert (await _search(phone, query, range=(0, 500))).range == (0, 99)
    assert (await _search(phone, query, range=(100, 199))).range == (100, 119)
    beyond = await _search(phone, query, range=(200, 299))
    assert (beyond.store_status, beyond.results, beyond.range) == (1, (), None)
    assert (await _search(phone, query, range=(999, 1000))).store_status == 12


@pytest.mark.parametrize("version", Version)
def test_what_cannot_be_looked_for_is_refused(version: Version) -> None:
    """11 for an unknown folder, 13 for documents, 2 for no store or no question, 8 for too long or too clever a one."""

    @virtual
    async def story() -> None:
        phone = _phone(version)
        gone = MailboxQuery(collection_ids=("99",), free_text="x")
        assert (await _search(phone, gone)).store_status == 11
        assert (await _search(phone, DocumentQuery(link_id="\\\\files\\plan"))).store_status == 13
        assert (await _search(phone, GALQuery(text="x" * 257))).store_status == 8
        assert (await _search(phone, GALQuery(text="ada"), range=(5, 2))).store_status == 2
        store = [Search.Name, "Attic", Search.Query, "x"]
        either = [Search.Name, "Mailbox", Search.Query, [Search.Or, [Search.FreeText, "x"]]]
        for children, status in ((store, 2), (either, 8)):
            answer = await phone.post("Search", Search.Search, [Search.Store, children])
            read = SearchRequest(query=GALQuery(text="x")).decode_response(payload_of(answer), version, Notes())
            assert (read.status, read.store_status) == (1, status)

    story()


# -- people


def _people(version: Version) -> Phone:
    phone = Phone(make_server(), version=version)
    for name in ("adalbert.stift", "carl"):
        phone.server.add_user(f"{name}@larch.example", "x", name=name.title())
    ben = phone.server.mailbox(BEN)
    ben.card = Contact(job_title="Lamplighter", office_location="Pier 3", mobile_phone_number="+49 1")
    ben.picture, phone.mailbox.picture = b"x" * 50, b"y" * 10
    return phone


@pytest.mark.parametrize("version", Version)
def test_people_are_found_by_the_beginning_of_words(version: Version) -> None:
    """Of name, address, alias, position and so on; not by what stands inside a word."""

    @virtual
    async def story() -> None:
        phone = _people(version)

        async def named(text: str) -> list[str]:
            answer = await _search(phone, GALQuery(text=text), range=(0, 9))
            return [one.person.email_address for one in answer.results]

        assert await named("ada") == [ADA, "adalbert.stift@larch.example"]
        assert await named("LARCH") == [ADA, "adalbert.stift@larch.example", BEN, "carl@larch.example"]
        assert await named("stift adal") == ["adalbert.stift@larch.example"]
        assert await named("lamplight") == [BEN]
        assert await named(BEN) == [BEN]
        assert await named("amp") == []
        answer = await _search(phone, GALQuery(text="ben"), range=(0, 0))
        person = answer.results[0].person
        assert (person.display_name, person.first_name, person.last_name, person.alias, person.office) == (
            "Ben Larch", "Ben", "Larch", "ben", "Pier 3",
        )  # fmt: skip
        assert (answer.range, answer.total) == ((0, 0), 1)

    story()


@pytest.mark.parametrize("version", Version)
def test_pictures_come_within_limits(version: Version) -> None:
    """173 for none, 174 too large, 175 no more; 14.1 and later have them at all."""

    @virtual
    async def story() -> None:
        phone = _people(version)

        async def told(**limits: int) -> list[int | None]:
            options = {"range": (0, 9), "picture": PictureLimits(**limits)}
            answer = await _search(phone, GALQuery(text="larch"), **options)
            return [one.person.picture.status if one.person.picture else None for one in answer.results]

        if version < Version.V14_1:
            assert await told() == [None] * 4
        else:
            assert await told() == [1, 173, 1, 173]
            assert await told(max_size=20) == [1, 173, 174, 173]
            assert await told(max_pictures=1) == [1, 173, 175, 173]
            answer = await _search(phone, GALQuery(text="ben"), picture=PictureLimits())
            assert answer.results[0].person.picture.data == b"x" * 50

    story()


# -- Find


@virtual
async def test_find_names_mail_by_folder_and_id() -> None:
    """With what a list shows of it; in a folder, below it, or in the whole mailbox."""
    phone = _phone(Version.V16_1)
    inbox = phone.folder(INBOX).server_id
    here = FindMail(free_text="lamps", collection_id=inbox)
    answer = await phone.ask(FindRequest(search_id=_guid("a"), criterion=here))
    assert (answer.range, answer.total) == ((0, 1), 2)
    newest = answer.results[0]
    assert newest.server_id in phone.folder(INBOX).items
    assert newest.collection_id == inbox
    mail: Any = newest.mail
    assert (mail.subject, mail.preview, mail.read, mail.has_attachments) == ("Red lamps", "Forty & two", False, False)
    assert (mail.display_to, mail.from_) == ("Ada Larch", '"Kay Ochre" <kay@far.example>')
    deep = FindMail(free_text="lamps", collection_id=inbox, deep_traversal=True)
    assert (await phone.ask(FindRequest(search_id=_guid("b"), criterion=deep))).total == 3
    people = await phone.ask(FindRequest(search_id=_guid("c"), criterion=FindGAL(text="ben")))
    assert [one.person.email_address for one in people.results if one.person] == [BEN]


@virtual
async def test_find_turns_pages_of_one_search() -> None:
    """The first page begins with 0, or it is 4; later ones are of the same results; a folder that is gone is 3."""
    phone = _phone(Version.V16_1)
    lamps = FindMail(free_text="lamps")

    async def asked(first: int, last: int, name: str = "a", criterion: Any = lamps) -> Any:
        return await phone.ask(FindRequest(search_id=_guid(name), criterion=criterion, range=(first, last)))

    assert (await asked(1, 2)).status == 4
    assert [one.mail.subject for one in (await asked(0, 1)).results] == ["Re: Green lamps", "Lunch"]
    phone.mailbox.deliver("New lamps", "x")
    page = await asked(2, 9)
    assert ([one.mail.subject for one in page.results], page.range) == (["Red lamps", "Green lamps"], (2, 3))
    assert (await asked(2, 3, "b")).status == 4
    assert (await asked(0, 9, "b")).total == 5
    assert (await asked(0, 9, "c", FindMail(free_text="x", collection_id="99"))).status == 3
    empty = await asked(0, 9, "d", FindMail(free_text="purple"))
    assert (empty.status, empty.results, empty.range, empty.total) == (1, (), None, 0)


@pytest.mark.parametrize("version", [one for one in Version if one < Version.V16_1])
def test_find_came_with_16_1(version: Version) -> None:
    """501: older versions have no words to say so in."""

    @virtual
    async def story() -> None:
        answer = await Phone(make_server(), version=version).post("Find", Find.Find, [Find.SearchId, "x"])
        assert status_of(answer) == (501, None)

    story()
