"""
One contact as a file: for a download, and for a message that it is attached to.
"""

from __future__ import annotations

import re

from carrierpost.formats.headers import Address
from carrierpost.formats.message import Draft, File

__all__ = ["file_name", "shared_contact", "vcard_file"]

MEDIA_TYPE = "text/vcard"
_UNSAFE = re.compile(r'[\x00-\x1f\x7f-\x9f/\\:*?"<>|\u200e\u200f\u202a-\u202e\u2066-\u2069\ud800-\udfff]+')
_LONGEST = 60  # letters
_RESERVED = re.compile(r"(?i:con|prn|aux|nul|com\d|lpt\d)")


def file_name(name: str) -> str:
    """
    Make a file's name of a contact's: safe on every system, and one by which a person knows it.
    """
    clean = " ".join(_UNSAFE.sub(" ", name).split()).strip(". ")[:_LONGEST].strip(". ")
    if not clean or _RESERVED.fullmatch(clean):
        clean = "contact"
    return f"{clean}.vcf"


def vcard_file(name: str, text: str) -> File:
    """
    Give a vCard as a file that can be attached.

    Args:
        name: the contact's name, as it is shown.
        text: the vCard.
    """
    return File(file_name(name), MEDIA_TYPE, text.encode())


def shared_contact(
    name: str, text: str, *, author: Address, to: tuple[Address, ...], subject: str = "", words: str = ""
) -> Draft:
    """
    Write a message that a vCard is attached to.

    Args:
        name: the contact's name, as it is shown.
        text: the vCard.
        author: who shares it.
        to: with whom.
        subject: the subject; the contact's name unless given.
        words: what is said with it.
    """
    return Draft(from_=author, to=to, subject=subject or name, text=words, files=(vcard_file(name, text),))
