"""
Whatever a server answers: reading it ends in the typed answer or in a `RemoteProtocolError`, and never in anything
else; what was read is of the types that it promises, so that it can be written again.
"""

from __future__ import annotations

import random

import msgspec

from carrierpost.protocol.errors import RemoteProtocolError
from carrierpost.protocol.message import ContentType, Payload
from carrierpost.protocol.multipart import join_parts
from carrierpost.protocol.record import Notes
from fuzz._answers import damaged, exchange

__all__ = ["attempt"]


def attempt(chance: random.Random) -> None:
    """
    Damage an answer, read it, and write what was read.
    """
    request, answer, version = exchange(chance)
    payload: Payload = answer.encode(version)
    payload = msgspec.structs.replace(payload, body=damaged(payload.body, chance))
    if chance.random() < 0.1:
        parts = [payload.body, *(chance.randbytes(5) for _ in range(chance.randrange(3)))]
        payload = Payload(body=join_parts(parts), content_type=ContentType.MULTIPART)
    try:
        read = request.decode_response(payload, version, Notes())
    except RemoteProtocolError:
        return
    read.encode(version)
