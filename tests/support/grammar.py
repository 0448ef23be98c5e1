"""
What is said while the tests run, held against the grammar: requests of client sessions, answers of the built-in server.

Everything happens between two awaits and takes no time of the tests' clocks. A document that was judged once is not
judged again.
"""

from __future__ import annotations

import gzip
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any
from urllib.parse import urlsplit

import pytest

from carrierpost.client.session import Session
from carrierpost.protocol.errors import LocalProtocolError, MalformedRequest
from carrierpost.protocol.grammar import Direction, Violation, check_payload
from carrierpost.protocol.http import parse_call, payload_of
from carrierpost.protocol.message import ContentType, HTTPRequest, HTTPResponse, Payload
from carrierpost.protocol.version import Version
from carrierpost.server import front
from carrierpost.server.gate import version_of

__all__ = ["LISTENER", "Listener", "listening"]

SPOILING = frozenset({"raw_wbxml", "empty_200", "status", "http"})
"""Faults asked for by name after which an answer may be anything: a body or a status was given for it."""


class Listener:
    """
    Hears what client sessions ask and what the built-in server answers.

    Attributes:
        found: what was wrong, as sentences, each once, in order.
        heard: how many messages were judged since the tests began, by direction.
        excuse: says that a violation of an answer from elsewhere is known; set where other servers answer.
    """

    def __init__(self) -> None:
        self.found: dict[str, None] = {}
        self.heard = dict.fromkeys(Direction, 0)
        self.excuse: Callable[[str, Violation], bool] | None = None
        self._judged: dict[tuple[str, Direction, Version, ContentType, bytes], tuple[Violation, ...]] = {}

    def take(self) -> list[str]:
        """
        Give what was found, and forget it.
        """
        found = list(self.found)
        self.found.clear()
        return found

    def judge(self, payload: Payload, command: str, direction: Direction, version: Version) -> tuple[Violation, ...]:
        """
        Judge a message.
        """
        self.heard[direction] += 1
        key = (command, direction, version, payload.content_type, payload.body)
        judged = self._judged.get(key)
        if judged is None:
            judged = tuple(check_payload(payload, command, direction, version))
            if len(payload.body) < 4096 and len(self._judged) < 20_000:
                self._judged[key] = judged
        return judged

    def hear(self, payload: Payload, command: str, direction: Direction, version: Version) -> None:
        """
        Judge a message, and keep what is wrong with it.
        """
        self.note(command, direction, version, self.judge(payload, command, direction, version))

    def note(self, command: str, direction: Direction, version: Version, violations: tuple[Violation, ...]) -> None:
        """
        Keep what was wrong.
        """
        for violation in violations:
            self.found[f"{direction} of {command}, {version}: {violation}"] = None

    # -- what is listened to

    def request(self, request: HTTPRequest) -> tuple[str, Version] | None:
        """
        Judge a request of a client session.

        Returns:
            Its command and version, or `None` for what is no command.
        """
        if request.method != "POST":
            return None
        headers = {name.lower(): value for name, value in request.headers}
        try:
            call = parse_call(urlsplit(request.url).query, headers, request.body)
            version = Version.parse(call.version)
        except (MalformedRequest, LocalProtocolError) as error:
            self.found[f"request of {request.command}: {error}"] = None
            return None
        self.hear(call.payload, call.command, Direction.REQUEST, version)
        return call.command, version

    def answer_from_elsewhere(self, command: str, version: Version, response: HTTPResponse) -> None:
        """
        Judge an answer of another server, where its deviations are known.
        """
        if self.excuse is None or response.status != 200:
            return
        found = self.judge(payload_of(response), command, Direction.ANSWER, version)
        excuse = self.excuse
        self.note(command, Direction.ANSWER, version, tuple(one for one in found if not excuse(command, one)))

    def answer(self, turn: Any, headers: dict[bytes, bytes], body: bytes) -> None:
        """
        Judge an answer of the built-in server.
        """
        call = turn.call
        if call is None or turn.http_status != 200 or (turn.fault is not None and turn.fault.name in SPOILING):
            return
        version = version_of(call.version)
        if version is None:
            return
        if headers.get(b"content-encoding") == b"gzip":
            body = gzip.decompress(body)
        kind = headers.get(b"content-type", b"").decode()
        payload = Payload(body=body, content_type=ContentType(kind) if kind in set(ContentType) else ContentType.WBXML)
        self.hear(payload, call.command, Direction.ANSWER, version)


LISTENER = Listener()
"""The one of this process."""


@contextmanager
def listening(listener: Listener = LISTENER) -> Iterator[Listener]:
    """
    Put a listener where client sessions send and where the server answers.
    """
    carry, send = Session._carry, front._Turn.send
    started: dict[int, dict[bytes, bytes]] = {}

    async def heard_carry(self: Session, request: HTTPRequest) -> HTTPResponse:
        asked = listener.request(request)
        response = await carry(self, request)
        if asked is not None:
            listener.answer_from_elsewhere(*asked, response)
        return response

    async def heard_send(self: Any, message: Any) -> None:
        if message["type"] == "http.response.start":
            started[id(self)] = dict(message["headers"])
        elif message["type"] == "http.response.body":
            headers = started.pop(id(self), {})
            listener.answer(self, headers, message.get("body", b""))
        await send(self, message)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Session, "_carry", heard_carry)
        patch.setattr(front._Turn, "send", heard_send)
        yield listener
