"""
Contacts in a list.
"""

from __future__ import annotations

import msgspec

from carrierpost.model import Item
from carrierpost.protocol.classes import Contact
from carrierpost.web.views.mail import people

__all__ = ["ContactLine", "contact_line"]


class ContactLine(msgspec.Struct, frozen=True, kw_only=True):
    """
    A contact in a list.

    Attributes:
        id: the hub's number for it.
        folder: the folder it is in.
        revision: grows with every change of it.
        name: what to call it.
        sort: by what it is sorted: the last name first, folded.
        company: where it works, unless that is its name.
        address: its first mail address; empty for none.
        phone: the number that it is most likely reached by; empty for none.
        picture: whether there is one.
        waiting: whether the server has still to be told of something that was done to it.
    """

    id: int
    folder: int
    revision: int
    name: str
    sort: str
    company: str
    address: str
    phone: str
    picture: bool
    waiting: bool


def contact_line(item: Item, *, waiting: bool = False) -> ContactLine:
    """
    Show a contact in a list.

    Args:
        item: the contact; its data is a `Contact`.
        waiting: whether something about it is in the outbox.
    """
    contact = item.data
    assert isinstance(contact, Contact)
    mails = (contact.email1_address, contact.email2_address, contact.email3_address)
    address = next((found[0].address for one in mails if (found := people(one, most=1))), "")
    whole = " ".join(part for part in (contact.first_name, contact.middle_name, contact.last_name) if part)
    name = whole or contact.file_as or contact.company_name or address
    backwards = " ".join(part for part in (contact.last_name, contact.first_name) if part)
    numbers = (
        contact.mobile_phone_number, contact.business_phone_number, contact.home_phone_number,
        contact.company_main_phone, contact.business2_phone_number, contact.home2_phone_number,
    )  # fmt: skip
    return ContactLine(
        id=item.id,
        folder=item.collection_id,
        revision=item.revision,
        name=name,
        sort=(backwards or name).casefold(),
        company=(contact.company_name or "") if contact.company_name != name else "",
        address=address,
        phone=next((one for one in numbers if one), ""),
        picture=bool(contact.picture),
        waiting=waiting,
    )
