"""
Damage to bytes, as wires, disks and liars do it.
"""

from __future__ import annotations

import random

__all__ = ["mutate"]


def mutate(data: bytes, chance: random.Random, *, most: int = 6) -> bytes:
    """
    Damage a document in a few places.

    Args:
        data: the whole one.
        chance: decides what and where.
        most: operations at most; there is always one.

    """
    work = bytearray(data)
    for _ in range(chance.randint(1, most)):
        where = chance.randrange(len(work) + 1)
        span = min(chance.choice((1, 1, 1, 2, 4, 16, 64)), len(work) - where)
        match chance.randrange(6):
            case 0:
                work[where : where + span] = chance.randbytes(span)
            case 1:
                del work[where : where + span]
            case 2:
                work[where:where] = chance.randbytes(chance.choice((1, 2, 8)))
            case 3:
                work[where:where] = work[where : where + span] * chance.choice((2, 3, 50))
            case 4:
                del work[where:]
            case _ if where < len(work):
                work[where] ^= 1 << chance.randrange(8)
            case _:
                pass
    return bytes(work)
