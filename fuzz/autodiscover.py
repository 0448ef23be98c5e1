"""
Whatever answers to Autodiscover: it names an endpoint, another address, or says what is wrong with it, and no entity is
ever expanded.
"""

from __future__ import annotations

import json
import random

from carrierpost.protocol.autodiscover import Answer, read_json, read_xml, write_answer
from fuzz._mutate import mutate

__all__ = ["attempt"]

_XML = write_answer("ada@x.example", "Ada", "https://x.example/Microsoft-Server-ActiveSync")
_BOMB = b'<?xml version="1.0"?><!DOCTYPE a [<!ENTITY b "boom"><!ENTITY c "&b;&b;">]><a><Redirect>&c;</Redirect></a>'
_JSON: tuple[object, ...] = (
    {"Protocol": "ActiveSync", "Url": "https://x.example"}, {"ErrorCode": 7, "ErrorMessage": ["x"]}, {"Url": 5}, [], 1,
)  # fmt: skip


def attempt(chance: random.Random) -> None:
    """
    Damage an answer, and read it.
    """
    xml = chance.choice((_XML, _XML, _BOMB))
    _check(read_xml(mutate(xml, chance) if chance.random() < 0.9 else xml))
    text = json.dumps(chance.choice(_JSON)).encode()
    _check(read_json(mutate(text, chance) if chance.random() < 0.8 else text * chance.choice((1, 300))))


def _check(answer: Answer) -> None:
    said = [one for one in (answer.url, answer.address, answer.error) if one]
    assert len(said) == 1, answer
    assert all(isinstance(one, str) for one in said)
    assert "boom" not in answer.address
