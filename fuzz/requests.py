"""
Whatever a client asks: the server reads a request, or refuses it as malformed or unreadable, and nothing else is
raised. The query, plain or in its short binary form, the headers and the body may all be damaged.
"""

from __future__ import annotations

import random
from urllib.parse import quote

import msgspec

from carrierpost.protocol.errors import MalformedRequest, UnreadableAnswer
from carrierpost.protocol.http import Partnership, encode_base64_query, frame, parse_call
from carrierpost.protocol.record import Notes
from fuzz._answers import damaged, exchange
from fuzz._mutate import mutate

__all__ = ["attempt"]

_PARTNERSHIP = Partnership(
    url="https://x.example/y", user="ada", device_id="D1", device_type="T", user_agent="U", policy_key="77"
)


def attempt(chance: random.Random) -> None:
    """
    Damage a request, and read it as a server does.
    """
    request, _, version = exchange(chance)
    payload = request.encode(version)
    payload = msgspec.structs.replace(payload, body=damaged(payload.body, chance))
    sent = frame(request.name, payload, msgspec.structs.replace(_PARTNERSHIP, version=version))
    query = sent.url.partition("?")[2]
    if chance.random() < 0.5:
        query = quote(encode_base64_query(request.name, _PARTNERSHIP), safe="=")
    if chance.random() < 0.4:
        query = mutate(query.encode(), chance).decode("latin-1")
    headers = {name.lower(): value for name, value in sent.headers}
    if chance.random() < 0.2:
        headers[chance.choice(list(headers))] = chance.choice(("", "x", "\xff", "T", "99999999999", "16.1"))
    try:
        call = parse_call(query, headers, sent.body)
        if call.command == request.name:
            type(request).decode(call.payload, version, Notes())
    except (MalformedRequest, UnreadableAnswer):
        return
    assert call.device_id.isascii()
    assert len(call.device_id) <= 255 * 2
