"""
Passwords that are made for one device and one purpose, for programs that know nothing but a name and a password.

They are made of chance, 130 bits of it, and not by a person, so nobody can guess one and a plain hash keeps them as it
keeps tokens. A person may have to type one: its letters are those that cannot be mistaken, and case, spaces and hyphens
make no difference.
"""

from __future__ import annotations

import re

from carrierpost.web.principal import hashed

__all__ = ["LETTERS", "new_device_password", "password_hash"]

LETTERS = "0123456789abcdefghjkmnpqrstvwxyz"
_COUNT = 26
_GROUP = 5
_MISTAKEN = str.maketrans("ilo", "110")


def new_device_password(chance: bytes) -> str:
    """
    Make a password.

    Args:
        chance: 26 bytes or more that nobody can guess.
    """
    if len(chance) < _COUNT:
        raise ValueError(f"a password needs {_COUNT} bytes of chance, not {len(chance)}")
    letters = "".join(LETTERS[byte % len(LETTERS)] for byte in chance[:_COUNT])
    return "-".join(letters[at : at + _GROUP] for at in range(0, _COUNT, _GROUP))


def password_hash(shown: str) -> str:
    """
    Give what the store knows of a password, in whichever way it was typed.
    """
    return hashed("password " + re.sub(r"[\s-]", "", shown.casefold()).translate(_MISTAKEN))
