"""
The control endpoint: who may use it, and what it does with nonsense.
"""

from __future__ import annotations

import json
from typing import Any

import pytest

from carrierpost.client.asgi import ASGITransport
from carrierpost.protocol.message import HTTPRequest, HTTPResponse
from carrierpost.server import ExchangeServer
from carrierpost.server.control import CONTROL, TOKEN_HEADER
from tests.server.phone import make_server
from tests.support.virtual import virtual

TOKEN = "let me in"


async def _asked(
    server: ExchangeServer, path: str, value: Any = None, *, method: str = "POST", token: str = TOKEN
) -> HTTPResponse:
    body = value if isinstance(value, bytes) else json.dumps(value).encode()
    headers = ((TOKEN_HEADER, token),) if token else ()
    request = HTTPRequest(method=method, url=f"http://localhost{CONTROL}{path}", headers=headers, body=body)
    return await ASGITransport(server, None).send(request)


def _open() -> ExchangeServer:
    server = make_server()
    server.control_token = TOKEN
    return server


@virtual
async def test_it_is_closed_unless_it_was_opened() -> None:
    """A server without token has no such place, also for an empty token."""
    assert (await _asked(make_server(), "", method="GET")).status == 404
    assert (await _asked(make_server(), "", method="GET", token="")).status == 404


@virtual
async def test_it_opens_to_its_token_alone() -> None:
    """No token, a wrong one, one that is no ASCII: 403, and nothing happens."""
    server = _open()
    for token in ("", "let me", "läßt mich"):
        assert (await _asked(server, "faults", {"fault": "reject_key"}, token=token)).status == 403
    assert server.faults.planned == ()
    assert (await _asked(server, "faults", {"fault": "reject_key"})).status == 200
    assert len(server.faults.planned) == 1


@pytest.mark.parametrize(("host", "status"), [("127.0.0.1", 200), ("::1", 200), ("192.0.2.1", 404), ("unix", 404)])
def test_it_is_not_there_for_other_machines(host: str, status: int) -> None:
    """Even with the token, only this machine may control the server."""

    @virtual
    async def story() -> None:
        server = _open()
        answers: list[Any] = []

        async def receive() -> dict[str, Any]:
            return {"type": "http.request", "body": b"", "more_body": False}

        async def send(message: Any) -> None:
            answers.append(message)

        scope = {
            "type": "http", "method": "GET", "path": CONTROL, "client": (host, 5), "query_string": b"",
            "headers": [(TOKEN_HEADER.encode(), TOKEN.encode())],
        }  # fmt: skip
        await server(scope, receive, send)
        assert answers[0]["status"] == status

    story()


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("faults", b"{"),
        ("faults", []),
        ("faults", {}),
        ("faults", {"fault": "reject_key", "often": True}),
        ("faults", {"fault": "nonsense"}),
        ("mail", {"to": "ada"}),
        ("mail", {"to": "nobody", "subject": "x"}),
        ("wipe", {"device": "PHONE1", "what": "everything"}),
        ("policy", {"policy": {"min_device_password_length": "six"}}),
        ("policy", {"policy": {"cleared": []}}),
        ("refusal", {"user": "ada", "status": "no"}),
    ],
)
def test_nonsense_is_explained(path: str, value: Any) -> None:
    """400 with a sentence, never a broken connection, and nothing is done."""

    @virtual
    async def story() -> None:
        server = _open()
        answer = await _asked(server, path, value)
        assert answer.status == 400
        assert json.loads(answer.body)["error"]
        assert (server.faults.planned, server.policy, server.refused) == ((), None, {})

    story()


@virtual
async def test_other_places_are_not_there() -> None:
    """A wrong path or method is 404, with the token as well."""
    assert (await _asked(_open(), "nonsense")).status == 404
    assert (await _asked(_open(), "", {})).status == 404
