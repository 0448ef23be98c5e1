"""
Whatever a zone blob holds: it means a zone in which the times of an event can be told, or nothing, and then the
person's own zone is taken; rules that were read are read again from the blob that they are written to.
"""

from __future__ import annotations

import base64
import datetime as dt
import random

from carrierpost.protocol.timezone import blob_of, read_blob, tzinfo_of, write_blob
from fuzz._mutate import mutate

__all__ = ["attempt"]

_BLOBS = tuple(base64.b64decode(blob_of(name, 2026)) for name in ("Europe/Berlin", "America/New_York", "Asia/Kolkata"))
_YEAR = 2026


def attempt(chance: random.Random) -> None:
    """
    Damage a blob, and tell times by it.
    """
    data = chance.choice(_BLOBS)
    whole = bytearray(data)
    for _ in range(chance.randint(0, 4)):
        whole[chance.randrange(len(whole))] = chance.choice((0, 1, 5, 127, 128, 255, chance.randrange(256)))
    data = bytes(whole) if chance.random() < 0.8 else mutate(data, chance)
    blob = base64.b64encode(data).decode() if chance.random() < 0.9 else data.decode("latin-1")
    zone, told = tzinfo_of(blob, default="Europe/Berlin", year=_YEAR)
    for month in range(1, 13):
        moment = dt.datetime(_YEAR, month, 15, 12, tzinfo=dt.UTC)
        offset = moment.astimezone(zone).utcoffset()
        assert offset is not None
        assert abs(offset) < dt.timedelta(days=1)
        assert moment.astimezone(zone) == moment
    rules = read_blob(blob)
    assert (rules is not None) or not told
    if rules is not None:
        again = read_blob(write_blob(rules))
        assert again is None or again.behaviour == rules.behaviour
