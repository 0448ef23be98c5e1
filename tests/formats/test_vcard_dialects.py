"""
vCards as other programs write them, and what is no vCard at all. The samples are our own, in each one's manner.
"""

from __future__ import annotations

import base64
import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from carrierpost.formats.vcard import VCardError
from carrierpost.formats.vcard_in import read_cards
from carrierpost.formats.vcard_out import write_card
from carrierpost.protocol.classes import Body, BodyType, Contact

JPEG = b"\xff\xd8\xff\xe0" + bytes(range(200))
PHOTO = base64.b64encode(JPEG).decode()


def card(lines: str, end: str = "\r\n") -> Contact:
    """Read one card of which everything must be taken over."""
    [read], notes = read_cards(end.join(["BEGIN:VCARD", *lines.strip().splitlines(), "END:VCARD", ""]).encode())
    assert (read.notes, notes) == ((), ())
    return read.contact


def test_from_an_iphone() -> None:
    """Labels in groups, repeated types, a photo folded at 75 octets, a birthday without year."""
    folded = "\r\n ".join(PHOTO[place : place + 74] for place in range(0, len(PHOTO), 74))
    contact = card(f"""
VERSION:3.0
PRODID:-//Apple Inc.//iPhone OS 19.1//EN
N:Larch;Ada;;;
FN:Ada Larch
ORG:Larch & Sons;Timber
item1.EMAIL;type=INTERNET;type=pref:ada@larch.example
item1.X-ABLabel:_$!<Other>!$_
TEL;type=CELL;type=VOICE;type=pref:+49 170 1
TEL;type=HOME;type=VOICE:+49 30 1
TEL;type=HOME;type=FAX:+49 30 2
TEL;type=MAIN:+49 30 3
item2.TEL:+49 30 4
item2.X-ABLabel:Radio
item3.ADR;type=HOME;type=pref:;;Elm Quay 1;Berlin;;10115;Germany
item3.X-ABADR:de
item4.URL;type=pref:http\\://larch.example
item4.X-ABLabel:_$!<HomePage>!$_
BDAY;X-APPLE-OMIT-YEAR=1604:1604-05-06
item5.X-ABDATE;type=pref:2010-07-08
item5.X-ABLabel:_$!<Anniversary>!$_
item6.X-ABRELATEDNAMES;type=pref:Bo
item6.X-ABLabel:_$!<Spouse>!$_
item7.X-ABRELATEDNAMES:Cy
item7.X-ABLabel:_$!<Child>!$_
IMPP;X-SERVICE-TYPE=Jabber;type=HOME;type=pref:xmpp:ada@larch.example
PHOTO;ENCODING=b;TYPE=JPEG:{folded}
""")
    assert contact == Contact(
        first_name="Ada",
        last_name="Larch",
        company_name="Larch & Sons",
        department="Timber",
        email1_address="ada@larch.example",
        mobile_phone_number="+49 170 1",
        home_phone_number="+49 30 1",
        home_fax_number="+49 30 2",
        company_main_phone="+49 30 3",
        radio_phone_number="+49 30 4",
        home_address_street="Elm Quay 1",
        home_address_city="Berlin",
        home_address_postal_code="10115",
        home_address_country="Germany",
        web_page="http://larch.example",
        birthday=dt.date(1604, 5, 6),
        anniversary=dt.date(2010, 7, 8),
        spouse="Bo",
        children=("Cy",),
        im_address="xmpp:ada@larch.example",
        picture=JPEG,
    )


def test_from_android_as_version_2_1() -> None:
    """Quoted-printable over several lines, types without a name, base64 that ends with an empty line."""
    lines = "\r\n ".join(PHOTO[place : place + 72] for place in range(0, len(PHOTO), 72))
    contact = card(f"""
VERSION:2.1
N;CHARSET=UTF-8;ENCODING=QUOTED-PRINTABLE:=4D=C3=BC=6C=6C=65=72;=5A=6F=C3=AB;;;
FN;CHARSET=UTF-8;ENCODING=QUOTED-PRINTABLE:=5A=6F=C3=AB=20=
=4D=C3=BC=6C=6C=65=72
TEL;CELL;PREF:0170-1
TEL;HOME;VOICE:030-1
TEL;WORK;FAX:030-2
EMAIL;HOME:zoe@elm.example
ADR;HOME;CHARSET=UTF-8;ENCODING=QUOTED-PRINTABLE:;;=55=66=65=72=20=31=0D=0A=48=6F=66;Berlin;;;
NOTE;ENCODING=QUOTED-PRINTABLE:first line=0D=0Asecond
X-ANDROID-CUSTOM:vnd.android.cursor.item/nickname;Zo;1;;;;;;;;;;;;;
X-ANDROID-CUSTOM:vnd.android.cursor.item/relation;Bo;14;;;;;;;;;;;;;
X-ANDROID-CUSTOM:vnd.android.cursor.item/contact_event;2001-02-03;1;;;;;;;;;;;;;
PHOTO;ENCODING=BASE64;JPEG:{lines}

BDAY:1980-01-02
""")
    assert contact == Contact(
        first_name="Zoë",
        last_name="Müller",
        mobile_phone_number="0170-1",
        home_phone_number="030-1",
        business_fax_number="030-2",
        email1_address="zoe@elm.example",
        home_address_street="Ufer 1\nHof",
        home_address_city="Berlin",
        nick_name="Zo",
        spouse="Bo",
        anniversary=dt.date(2001, 2, 3),
        birthday=dt.date(1980, 1, 2),
        picture=JPEG,
        body=Body(type=BodyType.PLAIN, data="first line\nsecond"),
    )


def test_from_davx5_as_version_4() -> None:
    """Small letters, quoted lists of types, relations by type, a photo as data."""
    contact = card(f"""
VERSION:4.0
PRODID:DAVx5/4.5 ez-vcard/0.12
UID:urn:uuid:5f3c
FN:Ada Larch
N:Larch;Ada;M.;Dr.;
X-PHONETIC-FIRST-NAME:eɪdə
TEL;TYPE="cell,voice";PREF=1:+49 170 1
TEL;TYPE=x-assistant:+49 30 5
TEL;TYPE=x-radio:+49 30 6
TEL;VALUE=uri;TYPE=work:tel:+49-30-7
EMAIL;TYPE=work:ada@larch.example
RELATED;TYPE=spouse;VALUE=text:Bo
RELATED;TYPE="assistant,co-worker";VALUE=text:Di
BDAY:--0203
ANNIVERSARY:20010203
CATEGORIES:Friends,Timber
PHOTO:data:image/jpeg;base64,{PHOTO}
REV:20260101T000000Z
""")
    assert contact == Contact(
        first_name="Ada",
        middle_name="M.",
        last_name="Larch",
        title="Dr.",
        yomi_first_name="eɪdə",
        mobile_phone_number="+49 170 1",
        assistant_phone_number="+49 30 5",
        radio_phone_number="+49 30 6",
        business_phone_number="+49-30-7",
        email1_address="ada@larch.example",
        spouse="Bo",
        assistant_name="Di",
        birthday=dt.date(1604, 2, 3),
        anniversary=dt.date(2001, 2, 3),
        categories=("Friends", "Timber"),
        picture=JPEG,
    )


def test_from_outlook() -> None:
    """Windows' letters, the office in the address, properties of its own, and line ends of old."""
    text = """
VERSION:2.1
N;LANGUAGE=de:Müller;Zoë;;Frau
FN:Zoë Müller
ORG:Larch AG;Einkauf
TITLE:Leiterin
TEL;WORK;VOICE:030-1
TEL;WORK;VOICE:030-2
TEL;CELL;VOICE:0170-1
ADR;WORK;PREF:;Raum 4;Ulmenufer 1;Berlin;;10115;Deutschland
LABEL;WORK;PREF;ENCODING=QUOTED-PRINTABLE:Raum 4=0D=0A=
Ulmenufer 1
X-MS-OL-DEFAULT-POSTAL-ADDRESS:2
URL;WORK:http://larch.example
X-MS-SPOUSE;N:Bo
X-MS-MANAGER:Di
X-MS-ANNIVERSARY;VALUE=DATE:20010203
BDAY;VALUE=DATE:19800102
EMAIL;PREF;INTERNET:zoe@larch.example
"""
    octets = "\r\n".join(["BEGIN:VCARD", *text.strip().splitlines(), "END:VCARD", ""]).encode("cp1252")
    [read], notes = read_cards(octets)
    assert (read.notes, notes) == ((), ())
    assert read.contact == Contact(
        first_name="Zoë",
        last_name="Müller",
        title="Frau",
        company_name="Larch AG",
        department="Einkauf",
        job_title="Leiterin",
        office_location="Raum 4",
        business_phone_number="030-1",
        business2_phone_number="030-2",
        mobile_phone_number="0170-1",
        business_address_street="Ulmenufer 1",
        business_address_city="Berlin",
        business_address_postal_code="10115",
        business_address_country="Deutschland",
        web_page="http://larch.example",
        spouse="Bo",
        manager_name="Di",
        anniversary=dt.date(2001, 2, 3),
        birthday=dt.date(1980, 1, 2),
        email1_address="zoe@larch.example",
    )


def test_from_evolution_and_thunderbird() -> None:
    """The office behind the department, X-EVOLUTION names, bare line feeds."""
    contact = card(
        """
VERSION:3.0
FN:Ada Larch
N:Larch;Ada;;;
X-EVOLUTION-FILE-AS:Larch\\, Ada
ORG:Larch & Sons;Timber;Room 4
X-EVOLUTION-MANAGER:Di
X-EVOLUTION-ASSISTANT:Ed
X-EVOLUTION-SPOUSE:Bo
X-EVOLUTION-ANNIVERSARY:2001-02-03
TEL;X-EVOLUTION-UI-SLOT=1;TYPE=X-EVOLUTION-ASSISTANT:030-1
X-MOZILLA-HTML:FALSE
X-JABBER;TYPE=HOME:ada@larch.example
NOTE:one\\ntwo
""",
        end="\n",
    )
    assert contact == Contact(
        first_name="Ada",
        last_name="Larch",
        file_as="Larch, Ada",
        company_name="Larch & Sons",
        department="Timber",
        office_location="Room 4",
        manager_name="Di",
        assistant_name="Ed",
        spouse="Bo",
        anniversary=dt.date(2001, 2, 3),
        assistant_phone_number="030-1",
        im_address="xmpp:ada@larch.example",
        body=Body(type=BodyType.PLAIN, data="one\ntwo"),
    )


def test_from_google() -> None:
    """Addresses with line ends, categories of its own, several types in one list."""
    contact = card("""
VERSION:3.0
FN:Ada Larch
N:Larch;Ada;;;
EMAIL;TYPE=INTERNET,HOME:ada@larch.example
item1.EMAIL;TYPE=INTERNET:ada@elm.example
item1.X-ABLabel:Club
ADR;TYPE=WORK:;;Elm Quay 1\\nBack door;Berlin;;10115;DE
CATEGORIES:myContacts
""")
    assert contact == Contact(
        first_name="Ada",
        last_name="Larch",
        email1_address="ada@larch.example",
        email2_address="ada@elm.example",
        business_address_street="Elm Quay 1\nBack door",
        business_address_city="Berlin",
        business_address_postal_code="10115",
        business_address_country="DE",
        categories=("myContacts",),
    )


@pytest.mark.parametrize("coding", ["utf-8-sig", "utf-16", "utf-8"])
def test_letters_in_every_coding(coding: str) -> None:
    """With a mark in front or without."""
    [read], _ = read_cards("BEGIN:VCARD\r\nVERSION:3.0\r\nN:Müller;Zoë\r\nEND:VCARD\r\n".encode(coding))
    assert (read.contact.last_name, read.contact.first_name) == ("Müller", "Zoë")


def test_a_card_without_names_takes_them_from_the_full_name() -> None:
    """The last word is the last name; a card without any name is still a card."""
    assert card("FN:Ada von Larch") == Contact(first_name="Ada von", last_name="Larch")
    assert card("FN:Ada") == Contact(first_name="Ada")
    assert card("TEL:123") == Contact(mobile_phone_number="123")
    assert card("FN:Elm Quay\nORG:Elm Quay") == Contact(company_name="Elm Quay")


def test_CT4_numbers_find_another_place_or_are_named() -> None:
    """Two of a kind use the next free place; when all are taken, each number that is left is told."""
    assert card("N:A\nTEL;TYPE=CELL:1\nTEL;TYPE=CELL:2\nTEL;TYPE=HOME:3") == Contact(
        last_name="A", mobile_phone_number="1", home_phone_number="3", business_phone_number="2"
    )
    lines = (
        "\n".join(f"TEL;TYPE=CELL:{number}" for number in range(100, 112))
        + "\nEMAIL:a@x\nEMAIL:b@x\nEMAIL:c@x\nEMAIL:d@x"
    )
    [read], _ = read_cards(
        f"BEGIN:VCARD\nN:A\n{lines}\nADR;TYPE=HOME:;;1\nADR;TYPE=HOME:;;2\nADR:;;3\nADR:;;4\nEND:VCARD"
    )
    taken = [value for name in read.contact.__struct_fields__ if (value := getattr(read.contact, name))]
    left = [f"there is no place for another telephone number: {number}" for number in range(108, 112)]
    assert [one for one in read.notes if "number" in one] == left
    assert {str(number) for number in range(100, 108)} <= set(map(str, taken))
    assert "there is no place for another mail address: d@x" in read.notes
    assert "there is no place for another postal address: 4" in read.notes
    assert (read.contact.home_address_street, read.contact.other_address_street) == ("1", "2")


def test_what_activesync_has_not_is_named() -> None:
    """Once, with what it said; a photo elsewhere is not fetched."""
    [read], notes = read_cards(
        "BEGIN:VCARD\nN:A\nGENDER:F\nX-ODD:1\nPHOTO;VALUE=uri:https://x.example/a.jpg\nBDAY:circa 1800\nEND:VCARD\n"
        "BEGIN:VCARD\nKIND:group\nFN:Friends\nMEMBER:urn:uuid:1\nEND:VCARD\n"
    )
    assert read.notes == (
        "GENDER is nothing that ActiveSync has: F",
        "X-ODD is nothing that ActiveSync has: 1",
        "the photo is only an address elsewhere, and is not fetched",
        "BDAY is no day: circa 1800",
    )
    assert notes == ("the group 'Friends' is left out; ActiveSync has categories instead",)


@pytest.mark.parametrize(
    "data", [b"", b"hello", b"\x00\xff\x00", b"BEGIN:VCALENDAR\nEND:VCALENDAR", b"VERSION:3.0\nN:A"]
)
def test_what_is_no_vcard_is_refused(data: bytes) -> None:
    """With a sentence that says how one begins."""
    with pytest.raises(VCardError, match="BEGIN:VCARD"):
        read_cards(data)


def test_a_card_without_end_does_not_swallow_the_next() -> None:
    """Both are read."""
    cards, _ = read_cards("BEGIN:VCARD\nN:A\nBEGIN:VCARD\nN:B\nEND:VCARD\nBEGIN:VCARD\nN:C")
    assert [one.contact.last_name for one in cards] == ["A", "B", "C"]


def test_an_agent_is_no_contact_of_its_own() -> None:
    """Version 2.1 nests the card of a person's agent."""
    cards, _ = read_cards(
        "BEGIN:VCARD\nN:A\nAGENT:\nBEGIN:VCARD\nN:B\nEND:VCARD\nTITLE:t\nEND:VCARD\nBEGIN:VCARD\nN:C\nEND:VCARD"
    )
    assert [(one.contact.last_name, one.contact.job_title) for one in cards] == [("A", "t"), ("C", None)]


@pytest.mark.parametrize(
    ("lines", "told"),
    [
        (["TEL:1"] * 100_000, "only the first 2000 lines of the card are read"),
        (["PHOTO;ENCODING=b:" + "A" * 7_000_000], "the photo is larger than 5 MB and is left out"),
        (["NOTE;ENCODING=QUOTED-PRINTABLE:" + "=41=\n" * 200_000], ""),
        (["X;" + "A=b;" * 200_000 + "C=d:x"], ""),
        (['X;A="' + "a" * 500_000], ""),
        (["BEGIN:VCARD"] * 50_000, ""),
        (["item1.X-ABLABEL:x"] * 50_000, ""),
        (["CATEGORIES:" + "a," * 300_000], ""),
        (["N:" + "\\" * 500_001], ""),
        ([f"X-{number}:odd" for number in range(1900)], ""),
    ],
    ids=["lines", "photo", "quoted", "parameters", "quote", "nested", "labels", "categories", "backslashes", "unknown"],
)
def test_bombs_are_bounded(lines: list[str], told: str) -> None:
    """Whatever is repeated, however long a line: little work, few notes, and the card is still read."""
    cards, notes = read_cards("\n".join(["BEGIN:VCARD", "N:Elm", *lines, "END:VCARD"]))
    assert cards[0].contact.last_name is not None
    assert len(cards[0].notes) <= 50
    assert any(told in note for note in (*cards[0].notes, *notes)) or not told


_odd = st.sampled_from(
    ["BEGIN:VCARD", "END:VCARD", "BEGIN:", "N:", "N:;;;;;;;;", "TEL", "TEL;:", "TEL;TYPE=:1", ":", ";", "=", "a.b.c:1",
     "PHOTO:data:,", "PHOTO;ENCODING=b:%%%", "BDAY:0000-00-00", "ADR:", "ADR;;;:;", "X-ANDROID-CUSTOM:", "RELATED:",
     "IMPP:", "NOTE;ENCODING=QUOTED-PRINTABLE:=", " folded", "\t", "EMAIL;X-CARRIERPOST-PLACE=99:x",
     "EMAIL;X-CARRIERPOST-PLACE=²:x",
     "X-CARRIERPOST-WEIGHTED-RANK:x", "N;CHARSET=klingon;ENCODING=QUOTED-PRINTABLE:=FF", "item1.X-ABRELATEDNAMES:x"]
)  # fmt: skip


@given(st.lists(_odd | st.text(max_size=20), max_size=15))
def test_no_text_breaks_the_reader(lines: list[str]) -> None:
    """Any lines give contacts that can be written and read again, or the error that there is no vCard."""
    try:
        cards, _ = read_cards("\n".join(["BEGIN:VCARD", *lines]))
    except VCardError:
        return
    for one in cards:
        text = write_card(one.contact, uid=one.uid)
        assert write_card(read_cards(text)[0][0].contact, uid=one.uid) == text


@given(st.binary(max_size=300))
def test_no_octets_break_the_reader(octets: bytes) -> None:
    """Neither."""
    cards, _ = read_cards(b"BEGIN:VCARD\r\nN:A\r\nPHOTO;ENCODING=b:" + octets)
    assert cards
