"""
One contact as a file.
"""

from __future__ import annotations

import datetime as dt
import email
import email.policy

import pytest
from hypothesis import given
from hypothesis import strategies as st

from carrierpost.export.sharing import file_name, shared_contact
from carrierpost.formats.headers import Address
from carrierpost.formats.message_out import write_message
from carrierpost.formats.vcard_in import read_cards
from carrierpost.formats.vcard_out import write_card
from carrierpost.protocol.classes import Contact


@pytest.mark.parametrize(
    ("name", "file"),
    [
        ("Ada Larch", "Ada Larch.vcf"),
        ("../../etc/passwd", "etc passwd.vcf"),
        ("Zoë: <b>\r\nX", "Zoë b X.vcf"),
        ("con", "contact.vcf"),
        ("...", "contact.vcf"),
        ("\u202efcv.exe", "fcv.exe.vcf"),
        ("x" * 500, "x" * 60 + ".vcf"),
    ],
)
def test_file_names_are_safe_and_readable(name: str, file: str) -> None:
    """No name leads elsewhere, hides its ending, or is one that a system keeps for itself."""
    assert file_name(name) == file


@given(st.text(max_size=100))
def test_any_name_makes_a_safe_file(name: str) -> None:
    """Whatever a contact is called."""
    made = file_name(name)
    assert made.endswith(".vcf")
    assert not set(made) & set('/\\:*?"<>|\0\r\n')
    assert not made.startswith(".")
    assert made.encode()


def test_a_shared_contact_comes_out_as_it_went_in() -> None:
    """As an attachment of the right type in a message, letters of all alphabets included."""
    contact = Contact(first_name="Zoë", last_name="林", mobile_phone_number="1")
    text = write_card(contact, uid="1")
    draft = shared_contact("Zoë 林", text, author=Address("a@x.example"), to=(Address("b@x.example"),), words="Hello")
    octets = write_message(draft, date=dt.datetime(2026, 3, 2, tzinfo=dt.UTC), chance=bytes(16))
    message = email.message_from_bytes(octets, policy=email.policy.default)
    [file] = message.iter_attachments()
    assert (message["Subject"], file.get_content_type(), file.get_filename()) == ("Zoë 林", "text/vcard", "Zoë 林.vcf")
    payload = file.get_payload(decode=True)
    assert isinstance(payload, bytes)
    assert read_cards(payload)[0][0].contact == contact
