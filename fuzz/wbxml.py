"""
Whatever the bytes: decoding ends in a document or in a `WBXMLError` whose offset lies in the data, and a document that
was read once is written and read again unchanged.
"""

from __future__ import annotations

import random

from carrierpost import wbxml
from carrierpost.wbxml.pages import TAGS
from fuzz._mutate import mutate

__all__ = ["attempt"]

_TAGS = sorted(TAGS.values())
_LETTERS = "abcXYZ 0189äß€\U0001f4ee\t\r\n"


def attempt(chance: random.Random) -> None:
    """
    Damage a document, read it, and hold it to what it should be.
    """
    data = wbxml.encode(chance.choice(_TAGS), _value(chance, 0))
    if chance.random() < 0.9:
        data = mutate(data, chance)
    try:
        read = wbxml.decode(data)
    except wbxml.WBXMLError as refusal:
        assert 0 <= refusal.offset <= len(data), refusal.offset
        return
    written = wbxml.encode(read.root, read.value)
    again = wbxml.decode(written)
    assert (again.root, again.value) == (read.root, read.value)
    assert wbxml.encode(again.root, again.value) == written


def _value(chance: random.Random, depth: int) -> wbxml.Value:
    """
    Make an element's value; deeper ones are smaller.
    """
    match chance.randrange(5 if depth < 6 else 3):
        case 0:
            return None
        case 1:
            return "".join(chance.choices(_LETTERS, k=chance.choice((1, 3, 20, 200))))
        case 2:
            return chance.randbytes(chance.choice((1, 16, 300)))
        case _:
            children: list[wbxml.Value] = []
            for _ in range(chance.randint(1, 5)):
                children += (chance.choice(_TAGS), _value(chance, depth + 1))
            return children
