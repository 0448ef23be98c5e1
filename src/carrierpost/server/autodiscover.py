"""
Autodiscover as a server answers it: both forms, pointing to itself.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, MutableMapping
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs

from carrierpost.protocol import autodiscover
from carrierpost.protocol.http import PATH

if TYPE_CHECKING:
    from carrierpost.server.exchange import ExchangeServer

__all__ = ["autodiscover_answer"]


def autodiscover_answer(
    server: ExchangeServer, scope: MutableMapping[str, Any], headers: Mapping[str, str], body: bytes
) -> tuple[int, str, bytes]:
    """
    Answer an Autodiscover request.

    Returns:
        HTTP status, media type and body.
    """
    host = headers.get("host", "localhost")
    url = f"{scope.get('scheme', 'http')}://{host}{PATH}"
    path = scope["path"].lower()
    if path.endswith(".json") or "/autodiscover.json/" in path:
        query = parse_qs(scope["query_string"].decode("latin-1"))
        wanted = query.get("Protocol", [""])[0].lower()
        if wanted not in ("activesync", "autodiscoverv1"):
            answer = {"ErrorCode": "InvalidProtocol", "ErrorMessage": "only ActiveSync is offered"}
            return 400, "application/json", json.dumps(answer).encode()
        return 200, "application/json", json.dumps({"Protocol": "ActiveSync", "Url": url}).encode()
    if path.endswith("/autodiscover.xml"):
        user = server.people.authenticated(headers.get("authorization", ""))
        if user is None:
            return 401, "text/plain", b""
        return 200, "text/xml", autodiscover.write_answer(user, server.mailboxes[user].name, url)
    return 404, "text/plain", b""
