"""
The joined transport: what an application does looks like what a server does over a network.
"""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from carrierpost.client.asgi import ASGITransport
from carrierpost.client.errors import ConnectionLost, TimedOut
from carrierpost.client.login import BasicLogin
from carrierpost.protocol.message import HTTPRequest
from carrierpost.protocol.secret import Secret
from tests.support.virtual import virtual

REQUEST = HTTPRequest(url="https://mail.larch.example:8443/a%20b?Cmd=Sync", headers=(("X-One", "1"),), body=b"body")


async def answer(send: Any, *pieces: bytes, more: bool = False, headers: Any = ()) -> None:
    """Answer in pieces; with `more` the end is left open."""
    await send({"type": "http.response.start", "status": 200, "headers": list(headers)})
    for number, piece in enumerate(pieces, 1):
        await send({"type": "http.response.body", "body": piece, "more_body": more or number < len(pieces)})


@virtual
async def test_request_arrives_as_over_a_network() -> None:
    """The application sees method, path, query, headers, login and body, and its answer comes back whole."""
    seen: list[Any] = []

    async def app(scope: Any, receive: Any, send: Any) -> None:
        seen.extend([scope, await receive()])
        await answer(send, b"one ", b"two", headers=[(b"X-Two", b"a"), (b"x-two", b"b")])

    response = await ASGITransport(app, BasicLogin("alice", Secret("secret"))).send(REQUEST)
    scope, message = seen
    assert (scope["method"], scope["path"], scope["query_string"]) == ("POST", "/a b", b"Cmd=Sync")
    assert scope["server"] == ("mail.larch.example", 8443)
    assert dict(scope["headers"]) == {b"x-one": b"1", b"authorization": b"Basic YWxpY2U6c2VjcmV0"}
    assert message["body"] == b"body"
    assert (response.status, response.headers, response.body) == (200, {"x-two": "a, b"}, b"one two")


@virtual
async def test_request_without_credentials_carries_none() -> None:
    """Where the login must not go, it does not, although the transport has it."""
    seen: list[Any] = []

    async def app(scope: Any, receive: Any, send: Any) -> None:
        seen.extend(scope["headers"])
        await answer(send, b"")

    transport = ASGITransport(app, BasicLogin("alice", Secret("secret")))
    await transport.send(HTTPRequest(url="https://h/", credentials=False))
    assert seen == []
    assert not await transport.refresh()


@pytest.mark.parametrize("how", ["nothing", "start only", "half a body", "exception"])
@virtual
async def test_answer_that_is_not_finished_is_a_lost_connection(how: str) -> None:
    """An application that ends early, or fails, breaks the connection; the request may have done its work."""

    async def app(scope: Any, receive: Any, send: Any) -> None:
        if how == "exception":
            raise RuntimeError("a defect")
        if how == "start only":
            await send({"type": "http.response.start", "status": 200, "headers": []})
        if how == "half a body":
            await answer(send, b"half", more=True)

    with pytest.raises(ConnectionLost) as caught:
        await ASGITransport(app, None).send(REQUEST)
    assert caught.value.sent
    assert caught.value.host == "mail.larch.example"


@pytest.mark.parametrize(("hold", "seconds"), [(0.0, 120.0), (600.0, 630.0)])
@virtual
async def test_PG1_silence_ends_after_the_held_time_and_a_margin(hold: float, seconds: float) -> None:
    """PG1: an ordinary request is given up after its time, a held one after what it may be held and a margin."""

    async def app(scope: Any, receive: Any, send: Any) -> None:
        await asyncio.Event().wait()

    with pytest.raises(TimedOut) as caught:
        await ASGITransport(app, None).send(HTTPRequest(url="https://h/", hold=hold))
    assert caught.value.sent
    assert asyncio.get_running_loop().time() == seconds


@virtual
async def test_cancelled_request_ends_the_application() -> None:
    """A request that is cancelled cancels what works on it; nothing stays open, nothing runs."""
    ended: list[str] = []

    async def app(scope: Any, receive: Any, send: Any) -> None:
        try:
            await asyncio.Event().wait()
        finally:
            ended.append("gone")

    transport = ASGITransport(app, None)
    before = asyncio.all_tasks()
    held = asyncio.ensure_future(transport.send(HTTPRequest(url="https://h/", hold=600)))
    await asyncio.sleep(1)
    assert transport.open == transport.most_open == 1
    held.cancel()
    with pytest.raises(asyncio.CancelledError):
        await held
    assert ended == ["gone"]
    assert transport.open == 0
    assert asyncio.all_tasks() == before
