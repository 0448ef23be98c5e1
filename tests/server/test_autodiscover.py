"""
Autodiscover as the server answers it.
"""

from __future__ import annotations

import json

import pytest

from carrierpost.client.asgi import ASGITransport
from carrierpost.client.login import BasicLogin
from carrierpost.protocol import autodiscover
from carrierpost.protocol.message import HTTPRequest, HTTPResponse
from carrierpost.protocol.secret import Secret
from tests.server.phone import ADA, PASSWORD, make_server
from tests.support.virtual import virtual

URL = "https://mail.larch.example:8443/Microsoft-Server-ActiveSync"


async def _asked(path: str, body: bytes = b"", *, login: bool = True) -> HTTPResponse:
    transport = ASGITransport(make_server(), BasicLogin(ADA, Secret(PASSWORD)) if login else None)
    headers = (("Host", "mail.larch.example:8443"), ("Content-Type", "text/xml"))
    url = f"https://mail.larch.example:8443{path}"
    return await transport.send(HTTPRequest(method="POST" if body else "GET", url=url, headers=headers, body=body))


@pytest.mark.parametrize("path", ["/autodiscover/autodiscover.xml", "/Autodiscover/Autodiscover.xml"])
def test_the_older_form_points_to_this_server(path: str) -> None:
    """XML, for who has logged in, in either spelling of the path, with the host that was asked."""

    @virtual
    async def story() -> None:
        answer = await _asked(path, autodiscover.write_request(ADA))
        assert answer.status == 200
        assert URL in answer.body.decode()
        assert ADA in answer.body.decode()
        assert (await _asked(path, autodiscover.write_request(ADA), login=False)).status == 401

    story()


@pytest.mark.parametrize(
    "path",
    [
        f"/autodiscover/autodiscover.json?Email={ADA}&Protocol=ActiveSync",
        f"/autodiscover/autodiscover.json/v1.0/{ADA}?Protocol=ActiveSync&RedirectCount=1",
    ],
)
def test_the_newer_form_needs_no_login(path: str) -> None:
    """JSON with the same address."""

    @virtual
    async def story() -> None:
        answer = await _asked(path, login=False)
        assert (answer.status, json.loads(answer.body)) == (200, {"Protocol": "ActiveSync", "Url": URL})

    story()


@virtual
async def test_other_protocols_are_not_offered() -> None:
    """An error that says so, and 404 for what is no Autodiscover."""
    answer = await _asked(f"/autodiscover/autodiscover.json?Email={ADA}&Protocol=EWS")
    assert (answer.status, json.loads(answer.body)["ErrorCode"]) == (400, "InvalidProtocol")
    assert (await _asked("/autodiscover/nonsense")).status == 404
