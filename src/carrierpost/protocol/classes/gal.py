"""
People in the server's address list, the "global address list" ([MS-ASCMD] GAL): found, never synchronized.
"""

from __future__ import annotations

from typing import Annotated

from carrierpost.protocol.record import At, Record
from carrierpost.wbxml.pages import GAL

__all__ = ["GALEntry", "GALPicture"]


class GALPicture(Record, frozen=True):
    """
    A person's picture, or why there is none (14.1 and later).

    Attributes:
        status: 1 for success, 173 no picture, 174 too large, 175 no more are given.
        data: the picture's bytes, mostly JPEG.
    """

    status: Annotated[int | None, At(GAL.Status)] = None
    data: Annotated[bytes | None, At(GAL.Data)] = None


class GALEntry(Record, frozen=True):
    """
    A person, a room or a list of the address list.

    Attributes:
        display_name: the name shown.
        phone: telephone at work.
        office: room.
        title: position.
        company: company.
        alias: short name of the mailbox.
        first_name: first name.
        last_name: last name.
        home_phone: telephone at home.
        mobile_phone: mobile telephone.
        email_address: the mail address.
        picture: the picture, where one was asked for (14.1 and later).
    """

    display_name: Annotated[str | None, At(GAL.DisplayName)] = None
    phone: Annotated[str | None, At(GAL.Phone)] = None
    office: Annotated[str | None, At(GAL.Office)] = None
    title: Annotated[str | None, At(GAL.Title)] = None
    company: Annotated[str | None, At(GAL.Company)] = None
    alias: Annotated[str | None, At(GAL.Alias)] = None
    first_name: Annotated[str | None, At(GAL.FirstName)] = None
    last_name: Annotated[str | None, At(GAL.LastName)] = None
    home_phone: Annotated[str | None, At(GAL.HomePhone)] = None
    mobile_phone: Annotated[str | None, At(GAL.MobilePhone)] = None
    email_address: Annotated[str | None, At(GAL.EmailAddress)] = None
    picture: Annotated[GALPicture | None, At(GAL.Picture)] = None
