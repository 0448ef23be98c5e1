"""
Whatever the bytes: a multipart body is split into parts that lie within it, or refused with a `ValueError`; parts that
were joined come apart again as they were.
"""

from __future__ import annotations

import random

from carrierpost.protocol.multipart import join_parts, split_parts
from fuzz._mutate import mutate

__all__ = ["attempt"]


def attempt(chance: random.Random) -> None:
    """
    Join parts, split them, and split them again when damaged.
    """
    parts = [chance.randbytes(chance.choice((0, 1, 30))) for _ in range(chance.randint(1, 6))]
    body = join_parts(parts)
    assert split_parts(body) == parts
    body = mutate(body, chance)
    try:
        found = split_parts(body)
    except ValueError:
        return
    assert all(part in body for part in found)
