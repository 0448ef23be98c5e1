"""
The address list: everybody who has a mailbox, found by the beginnings of words ([MS-ASCMD] GAL).
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from carrierpost.protocol.classes.gal import GALEntry, GALPicture
from carrierpost.protocol.commands.looking import PictureLimits
from carrierpost.server.mailbox import Mailbox

__all__ = ["begins_with", "entry_of", "gal_picture", "people_like", "pictured"]

_NO_PICTURE, _TOO_LARGE, _NO_MORE = 173, 174, 175
_WORDS = re.compile(r"[\s,;@.\-_\"'()<>]+")


def begins_with(text: str, *values: str | None) -> bool:
    """
    Tell whether each word of a text is the beginning of some word of the values, or the whole text of one of them.
    """
    wanted = " ".join(text.casefold().split())
    whole = [value.casefold() for value in values if value]
    if not wanted or any(value.startswith(wanted) for value in whole):
        return bool(wanted)
    known = [word for value in whole for word in _WORDS.split(value)]
    parts = [word for word in _WORDS.split(wanted) if word]
    return bool(parts) and all(any(word.startswith(part) for word in known) for part in parts)


def entry_of(mailbox: Mailbox) -> GALEntry:
    """
    Give what the address list says of somebody.
    """
    card = mailbox.card
    first, _, last = mailbox.name.rpartition(" ")
    return GALEntry(
        display_name=mailbox.name,
        phone=card.business_phone_number,
        office=card.office_location,
        title=card.job_title,
        company=card.company_name,
        alias=mailbox.address.partition("@")[0],
        first_name=card.first_name or first or None,
        last_name=card.last_name or last or None,
        home_phone=card.home_phone_number,
        mobile_phone=card.mobile_phone_number,
        email_address=mailbox.address,
    )


def people_like(mailboxes: Iterable[Mailbox], text: str) -> list[Mailbox]:
    """
    Find people, by name.
    """
    found = []
    for mailbox in mailboxes:
        entry = entry_of(mailbox)
        values = [getattr(entry, name) for name in entry.__struct_fields__ if name != "picture"]
        if begins_with(text, *values):
            found.append(mailbox)
    return sorted(found, key=lambda one: (one.name.casefold(), one.address))


def pictured(people: Iterable[Mailbox], limits: PictureLimits | None) -> list[tuple[int, bytes | None] | None]:
    """
    Give each person's picture as far as the limits go: its status and bytes; `None` where none was asked for.
    """
    told: list[tuple[int, bytes | None] | None] = []
    given = 0
    for one in people:
        if limits is None:
            told.append(None)
        elif one.picture is None:
            told.append((_NO_PICTURE, None))
        elif limits.max_size is not None and len(one.picture) > limits.max_size:
            told.append((_TOO_LARGE, None))
        elif limits.max_pictures is not None and given >= limits.max_pictures:
            told.append((_NO_MORE, None))
        else:
            given += 1
            told.append((1, one.picture))
    return told


def gal_picture(told: tuple[int, bytes | None] | None) -> GALPicture | None:
    """
    Write a picture as Search and Find do.
    """
    return None if told is None else GALPicture(status=told[0], data=told[1])
