"""
What a program wrote into a card, as changes of a contact: what it meant, and nothing that it did not.
"""

from __future__ import annotations

import pytest

from carrierpost.export.writing import filed, read_one, written
from carrierpost.formats.vcard import VCardError
from carrierpost.formats.vcard_out import write_card
from carrierpost.protocol.classes import Contact

HELD = Contact(
    first_name="Zoë", last_name="Elm", file_as="Elm, Zoë", alias="zoe", account_name="7", yomi_last_name="エルム",
    email1_address='"Zoë Elm" <zoe@elm.example>', mobile_phone_number="1", job_title="Miller", customer_id="12",
    home_address_city="Kiel", children=("Pia", "Bo"),
)  # fmt: skip
ALL = ("all",)


def test_a_card_that_comes_back_as_it_was_changes_nothing() -> None:
    """Also where the server's words are others than those of the card."""
    ours = write_card(HELD, uid="u")
    assert written(ours, read_one(ours.encode()).contact, ALL).values == {}


def test_what_address_books_have_no_property_for_is_not_removed_by_its_absence() -> None:
    """An alias, an account, a phonetic name stay; a number, a title and children that are gone were meant to go."""
    ours = write_card(HELD, uid="u")
    theirs = Contact(first_name="Zoë", last_name="Elm", email1_address='"Zoë Elm" <zoe@elm.example>')
    gone = {"mobile_phone_number": None, "job_title": None, "home_address_city": None, "children": None}
    assert written(ours, read_one(write_card(theirs, uid="u").encode()).contact, ALL).values == gone


def test_CT8_a_withheld_field_is_named_and_not_changed() -> None:
    """Neither by its absence, of which the program can know nothing, nor by a value."""
    ours = write_card(Contact(first_name="Zoë", last_name="Elm", file_as="Elm, Zoë"), uid="u")
    theirs = Contact(first_name="Zoë", last_name="Elm", mobile_phone_number="9", nick_name="Z")
    change = written(ours, theirs, ("mail",))
    assert (change.values, change.withheld) == ({"nick_name": "Z"}, ("mobile_phone_number",))


@pytest.mark.parametrize("count", [0, 2])
def test_one_card_is_one_card(count: int) -> None:
    """None and several are refused."""
    with pytest.raises(VCardError):
        read_one((write_card(HELD, uid="u") * count).encode())


@pytest.mark.parametrize(
    ("contact", "name"),
    [
        (Contact(first_name="Zoë", last_name="Elm"), "Elm, Zoë"),
        (Contact(company_name="Mill"), "Mill"),
        (Contact(email1_address="a@b.example"), "a@b.example"),
        (Contact(first_name="Zoë", file_as="Z"), "Z"),
    ],
)
def test_a_contact_is_filed_under_its_name(contact: Contact, name: str) -> None:
    """Last name first, else what there is; a name that is given stays."""
    assert filed(contact).file_as == name
