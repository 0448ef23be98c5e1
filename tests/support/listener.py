"""
A listener between hub and server, who knows what must never be asked.

It stands where a proxy would, lets everything through, and notes what breaks the rules of a good client: a Ping over a
folder whose last Sync brought no answer that could be read, a request while the server asked to be left alone, a Sync
that goes on with another key than the one that was never answered.
"""

from __future__ import annotations

import contextlib
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

from carrierpost.protocol.clock import Clock
from carrierpost.protocol.commands.ping import PingRequest
from carrierpost.protocol.commands.sync import SyncRequest
from carrierpost.protocol.errors import MalformedRequest, UnreadableAnswer
from carrierpost.protocol.http import CommandCall, parse_call
from carrierpost.protocol.message import Payload
from carrierpost.protocol.record import Notes
from carrierpost.protocol.version import Version
from carrierpost.server import ExchangeServer

__all__ = ["Listener"]

Message = MutableMapping[str, Any]


class Listener:
    """
    An application that listens.

    Args:
        server: the application behind it.
        clock: the time.

    Attributes:
        wrongs: what was asked that must not be, a sentence each.
        times: when each request came, monotonic seconds.
    """

    def __init__(self, server: ExchangeServer, clock: Clock) -> None:
        self.wrongs: list[str] = []
        self.times: list[float] = []
        self._server = server
        self._clock = clock
        self._unanswered: dict[str, str] = {}
        self._quiet_until = 0.0
        self._asked_to_wait_at = -1.0

    async def __call__(
        self,
        scope: MutableMapping[str, Any],
        receive: Callable[[], Awaitable[Message]],
        send: Callable[[Message], Awaitable[None]],
    ) -> None:
        """
        Let a request through, and note what was asked and whether it was answered.
        """
        first = await receive()
        pending = [first]
        call = self._asked(scope, first.get("body", b""))
        answer = _Answer()

        async def replay() -> Message:
            return pending.pop() if pending else await receive()

        async def listen(message: Message) -> None:
            await send(message)
            answer.hear(message)

        try:
            await self._server(scope, replay, listen)
        finally:
            self._answered(call, answer)

    def _asked(self, scope: MutableMapping[str, Any], body: bytes) -> CommandCall | None:
        now = self._clock.monotonic()
        self.times.append(now)
        headers = {name.decode("latin-1"): value.decode("latin-1") for name, value in scope["headers"]}
        call = parse_call(scope["query_string"].decode(), headers, body) if scope["method"] == "POST" else None
        name = call.command if call is not None else scope["method"]
        if now < self._quiet_until:
            self._wrong(f"{name}, {self._quiet_until - now:g} s before the time that the server asked to wait for")
        if call is None:
            return None
        version = Version.parse(call.version)
        if call.command == "Ping":
            watched = [one.id for one in PingRequest.decode(call.payload, version, Notes()).folders]
            for folder in set(watched) & set(self._unanswered):
                self._wrong(f"Ping over folder {folder}, whose Sync with key {self._unanswered[folder]} is unanswered")
        elif call.command == "Sync":
            for folder, key in _keys(call, version).items():
                if key not in (open_key := self._unanswered.get(folder, key), "0"):
                    self._wrong(f"Sync of folder {folder} with key {key}, while {open_key} is unanswered")
                self._unanswered[folder] = key
        return call

    def _answered(self, call: CommandCall | None, answer: _Answer) -> None:
        if answer.complete and answer.status == 503 and answer.retry_after:
            self._asked_to_wait_at = self._clock.monotonic()
            self._quiet_until = self._asked_to_wait_at + answer.retry_after
        if call is None or call.command != "Sync" or not answer.complete or answer.status != 200:
            return
        version = Version.parse(call.version)
        with contextlib.suppress(UnreadableAnswer):
            SyncRequest().decode_response(Payload(body=answer.body), version, Notes())
            for folder in _keys(call, version):
                self._unanswered.pop(folder, None)

    def _wrong(self, sentence: str) -> None:
        self.wrongs.append(f"at {self._clock.monotonic():g} s: {sentence}")

    def hub_stops(self) -> None:
        """
        Note that the hub is ended this very moment, perhaps before it could write down what it was just told.
        """
        if self._clock.monotonic() <= self._asked_to_wait_at:
            self._quiet_until = 0.0

    def most_in_an_hour(self) -> int:
        """
        Count the requests of the hour that had most of them.
        """
        most, first = 0, 0
        for last, time in enumerate(self.times):
            while self.times[first] < time - 3600.0:
                first += 1
            most = max(most, last - first + 1)
        return most


class _Answer:
    def __init__(self) -> None:
        self.status = 0
        self.retry_after = 0.0
        self.body = b""
        self.complete = False

    def hear(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self.status = message["status"]
            headers = {bytes(name).lower(): bytes(value) for name, value in message.get("headers", ())}
            self.retry_after = float(headers.get(b"retry-after", b"0"))
        elif message["type"] == "http.response.body":
            self.body += bytes(message.get("body", b""))
            self.complete = not message.get("more_body", False)


def _keys(call: CommandCall, version: Version) -> dict[str, str]:
    try:
        request = SyncRequest.decode(call.payload, version, Notes(), {})
    except MalformedRequest:
        return {}
    return {one.collection_id: one.sync_key or "0" for one in request.collections}
