"""
Contacts as vCards and back: nothing is lost, nothing moves, and the same contact gives the same text.
"""

from __future__ import annotations

import datetime as dt
from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from icalendar.parser import Contentline

from carrierpost import wbxml
from carrierpost.formats.vcard import VCardVersion
from carrierpost.formats.vcard_in import read_cards
from carrierpost.formats.vcard_out import display_name, write_card, write_cards
from carrierpost.protocol.classes import Body, BodyType, Contact, ContentClass, decode_item, encode_item
from carrierpost.protocol.record import Notes, fields_of
from carrierpost.protocol.version import Version
from carrierpost.wbxml.pages import AirSync

VERSIONS = list(VCardVersion)
_letters = st.characters(exclude_categories=["Cs", "Cc"])
_texts = st.text(_letters | st.sampled_from(list(',;:\\"<>^=@%\n')), min_size=1, max_size=12)
_PICTURES = st.sampled_from([b"\xff\xd8\xff", b"\x89PNG\r\n", b"GIF89a", b"odd", b""])
NOT_CARRIED = {"native_body_type", "cleared", "other"}


def _values(kind: Any) -> st.SearchStrategy[Any]:
    if "tuple" in str(kind):
        return st.lists(_texts, min_size=1, max_size=3, unique=True).map(tuple)
    if "date" in str(kind):
        return st.dates(dt.date(1601, 1, 1), dt.date(4500, 12, 31)) | st.dates(
            dt.date(1604, 1, 1), dt.date(1604, 12, 31)
        )
    if "bytes" in str(kind):
        return st.builds(bytes.__add__, _PICTURES, st.binary(min_size=1, max_size=200))
    if "int" in str(kind):
        return st.integers(1, 10**9)
    return _texts


FIELDS = {name: _values(kind) for name, _, kind in fields_of(Contact) if name not in NOT_CARRIED}
FIELDS["body"] = _texts.map(lambda text: Body(type=BodyType.PLAIN, data=text))
FIELDS |= {
    name: st.emails() | st.builds('"{}" <{}>'.format, st.sampled_from(["Ada Larch", "Zoë"]), st.emails()) | _texts
    for name in ("email1_address", "email2_address", "email3_address")
}


@st.composite
def contacts(draw: st.DrawFn) -> Contact:
    """Make a contact of some fields, with any letters in them."""
    names = draw(st.lists(st.sampled_from(sorted(FIELDS)), max_size=12, unique=True))
    contact = Contact(**{name: draw(FIELDS[name]) for name in names})
    return told_apart(contact)


def told_apart(contact: Contact) -> Contact:
    """Let no two numbers, mail addresses or messengers be equal: a list holds each once."""
    seen: set[str] = set()
    for name in contact.__struct_fields__:
        value = getattr(contact, name)
        if isinstance(value, str) and any(part in name for part in ("phone", "number", "mms", "email", "im_address")):
            if value.strip() in seen or value != value.strip():
                contact = msgspec.structs.replace(contact, **{name: None})
            seen.add(value)
    return contact


@given(contacts(), st.sampled_from(VERSIONS))
@settings(max_examples=300)
def test_contacts_come_back_as_they_were(contact: Contact, version: VCardVersion) -> None:
    """Any fields with any letters, in both versions, with their UID and nothing to complain of."""
    text = write_card(contact, uid="urn:x:1", version=version)
    [read], notes = read_cards(text.encode())
    assert (read.contact, read.uid, read.notes, notes) == (contact, "urn:x:1", (), ())


@pytest.mark.parametrize("version", VERSIONS)
def test_CT4_every_field_has_a_place_of_its_own(version: VCardVersion) -> None:
    """All fields at once, and each one alone: three mail addresses, thirteen numbers, and all the rest."""
    whole = {
        name: f"value of {name}"
        for name, _, kind in fields_of(Contact)
        if "str" in str(kind) and "tuple" not in str(kind)
    }
    contact = Contact(
        **whole,  # type: ignore[arg-type]
        birthday=dt.date(1980, 2, 29),
        anniversary=dt.date(2004, 12, 31),
        categories=("Friends", "a,b;c"),
        children=("Bo", "Cy"),
        picture=b"\xff\xd8\xff\xe0" + bytes(range(256)),
        weighted_rank=7,
        body=Body(type=BodyType.PLAIN, data="two\nlines"),
    )
    [read], _ = read_cards(write_card(contact, uid="1", version=version))
    assert (read.contact, read.notes) == (contact, ())
    for name in FIELDS:
        one = Contact(**{name: getattr(contact, name)})
        [read], _ = read_cards(write_card(one, uid="1", version=version))
        assert (read.contact, read.notes) == (one, ()), name


@given(contacts(), st.sampled_from(VERSIONS))
@settings(max_examples=100)
def test_the_same_contact_is_the_same_text(contact: Contact, version: VCardVersion) -> None:
    """Also after it travelled over the wire, and after the card was read and written again."""
    text = write_card(contact, uid="1", version=version)
    document = wbxml.encode(AirSync.ApplicationData, encode_item(contact, Version.V16_1))
    travelled = decode_item(ContentClass.CONTACTS, wbxml.decode(document).value, Notes())
    assert isinstance(travelled, Contact)
    assert write_card(travelled, uid="1", version=version) == text
    assert write_card(read_cards(text)[0][0].contact, uid="1", version=version) == text


@given(contacts(), st.sampled_from(VERSIONS))
@settings(max_examples=100)
def test_every_line_is_one_that_others_can_read(contact: Contact, version: VCardVersion) -> None:
    """CRLF, at most 75 octets a line, the properties that must be there, and lines that the library takes apart."""
    text = write_card(contact, uid="1", version=version)
    lines = text.encode().split(b"\r\n")
    assert lines.pop() == b""
    assert all(len(line) <= 75 for line in lines)
    assert (lines[0], lines[1], lines[-1]) == (b"BEGIN:VCARD", f"VERSION:{version}".encode(), b"END:VCARD")
    whole = text.replace("\r\n ", "").split("\r\n")[:-1]
    names = [str(Contentline(line).parts()[0]).upper() for line in whole]  # type: ignore[no-untyped-call]  # the library has none here
    assert names.count("FN") == names.count("N") == names.count("UID") == 1


@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize("written", ["2001-03-04", "20010304", "2001-03-04T00:00:00Z", "2001-03-04T23:59:59-11:00",
                                     "20010304T235959+1400", " 2001-03-04"])  # fmt: skip
def test_TZ6_a_birthday_is_a_day_in_every_zone(version: VCardVersion, written: str) -> None:
    """No time and no zone behind it moves it, and it stays the same through wire and card."""
    [read], _ = read_cards(f"BEGIN:VCARD\nVERSION:3.0\nN:Elm\nBDAY:{written}\nEND:VCARD")
    assert read.contact.birthday == dt.date(2001, 3, 4)
    again, _ = read_cards(write_card(read.contact, uid="1", version=version))
    assert again[0].contact.birthday == dt.date(2001, 3, 4)
    assert "BDAY;VALUE=date:2001-03-04\r\n" in write_card(read.contact, uid="1")


@pytest.mark.parametrize(
    "line", ["BDAY:--0229", "BDAY:--02-29", "BDAY;X-APPLE-OMIT-YEAR=1604:1604-02-29", "BDAY;VALUE=date:1604-02-29"]
)
def test_a_birthday_without_year_stays_without(line: str) -> None:
    """The year that stands for none is written as none."""
    [read], _ = read_cards(f"BEGIN:VCARD\nVERSION:3.0\nN:Elm\n{line}\nEND:VCARD")
    assert read.contact.birthday == dt.date(1604, 2, 29)
    assert "BDAY:--0229" in write_card(read.contact, uid="1", version=VCardVersion.V4)
    assert "X-APPLE-OMIT-YEAR=1604" in write_card(read.contact, uid="1")


def test_a_mail_address_is_one_that_can_be_written_to() -> None:
    """A name around it is for the server alone; where another program changed the address, the old name goes."""
    contact = Contact(email1_address='"Ada Larch" <ada@larch.example>')
    text = write_card(contact, uid="1").replace("\r\n ", "")
    assert ":ada@larch.example" in text
    assert "FN:Ada Larch" in text
    [read], _ = read_cards(text.replace(":ada@larch.example", ":ada@elm.example"))
    assert read.contact.email1_address == "ada@elm.example"


def test_names_that_are_shown() -> None:
    """A card must have one, whatever the contact has."""
    assert display_name(Contact(first_name="Ada", last_name="Larch", suffix="III")) == "Ada Larch III"
    assert display_name(Contact(company_name="Elm Quay")) == "Elm Quay"
    assert display_name(Contact(email1_address="a@x.example")) == "a@x.example"
    assert display_name(Contact(first_name=" ")) == "(no name)"
    firm = write_card(Contact(company_name="Elm Quay"), uid="1", version=VCardVersion.V4)
    assert "KIND:org" in firm
    assert "X-ABSHOWAS:COMPANY" in firm


def test_remarks_in_html_are_written_as_text() -> None:
    """An address book shows no markup."""
    body = Body(type=BodyType.HTML, data="<p>Likes <b>tea</b> &amp; toast</p>")
    assert "NOTE:Likes tea & toast" in write_card(Contact(first_name="A", body=body), uid="1")


def test_many_cards_in_a_file() -> None:
    """They are read in the order in which they were written."""
    people = [(Contact(first_name=f"N{number}"), f"u{number}") for number in range(50)]
    cards, notes = read_cards(write_cards(people, version=VCardVersion.V4))
    assert [(one.contact, one.uid) for one in cards] == people
    assert notes == ()
