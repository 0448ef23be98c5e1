"""
A browser without a window, joined to the hub's application without a port: cookies, the token of its pages, streams.
"""

from __future__ import annotations

import asyncio
import contextlib
import dataclasses
import http.cookies
import urllib.parse
from collections.abc import AsyncIterator
from typing import Any

import msgspec
from starlette.types import ASGIApp, Message

__all__ = ["Answer", "Browser", "Stream"]

IPHONE = "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1.15 Version/18.0 Mobile Safari/604.1"


@dataclasses.dataclass
class Answer:
    """
    What came back.
    """

    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        """The body, read."""
        return msgspec.json.decode(self.body)

    @property
    def code(self) -> str:
        """Which problem it is."""
        assert self.headers["content-type"] == "application/problem+json", self.body
        return str(self.json["type"]).rpartition(":")[2]


class Stream:
    """
    Server-sent events as they come.
    """

    def __init__(self) -> None:
        self.status = 0
        self.headers: dict[str, str] = {}
        self.pieces: asyncio.Queue[bytes | None] = asyncio.Queue()
        self.gone = asyncio.Event()
        self.task: asyncio.Task[None] | None = None

    async def event(self) -> tuple[str, Any, str] | None:
        """Give the next event: its name, its data, its id; comments are left out; `None` at the end."""
        while (piece := await self.pieces.get()) is not None:
            lines = dict(line.split(": ", 1) for line in piece.decode().strip().split("\n") if not line.startswith(":"))
            if lines:
                return lines["event"], msgspec.json.decode(lines["data"]), lines.get("id", "")
        return None

    async def beat(self) -> bool:
        """Tell whether the next piece is a comment."""
        piece = await self.pieces.get()
        return piece is not None and piece.startswith(b":")


class Browser:
    """
    One browser.

    Args:
        app: the hub's application.
        agent: what it calls itself.
        client: the address that it comes from.
    """

    def __init__(self, app: ASGIApp, *, agent: str = IPHONE, client: str = "198.51.100.7") -> None:
        self.app = app
        self.agent = agent
        self.client = client
        self.cookies: dict[str, str] = {}
        self.csrf = ""
        self.token = ""
        self.scheme = "http"

    async def ask(self, method: str, path: str, body: Any = None, **headers: str) -> Answer:
        """
        Ask and wait for the whole answer; header names are written with underscores.
        """
        sent: list[Message] = []

        async def send(message: Message) -> None:
            sent.append(message)

        data = body if isinstance(body, bytes) else b"" if body is None else msgspec.json.encode(body)
        asked = False

        async def receive() -> Message:
            nonlocal asked
            if asked:
                await asyncio.Event().wait()
            asked = True
            return {"type": "http.request", "body": data, "more_body": False}

        await self.app(self._scope(method, path, headers), receive, send)
        begin = sent[0]
        answer = Answer(
            begin["status"],
            {name.decode(): value.decode() for name, value in begin["headers"]},
            b"".join(one.get("body", b"") for one in sent[1:]),
        )
        for name, value in begin["headers"]:
            if name == b"set-cookie":
                self._keep(value.decode())
        return answer

    async def ok(self, method: str, path: str, body: Any = None, **headers: str) -> Any:
        """
        Ask; it has to go well. Gives what was answered.
        """
        answer = await self.ask(method, path, body, **headers)
        assert 200 <= answer.status < 300, (method, path, answer.status, answer.body)
        return answer.json if answer.body else None

    @contextlib.asynccontextmanager
    async def stream(self, path: str, **headers: str) -> AsyncIterator[Stream]:
        """
        Open a stream; it is left with the block.
        """
        stream = Stream()

        async def send(message: Message) -> None:
            if message["type"] == "http.response.start":
                stream.status = message["status"]
                stream.headers = {name.decode(): value.decode() for name, value in message["headers"]}
            else:
                if message.get("body"):
                    await stream.pieces.put(message["body"])
                if not message.get("more_body"):
                    await stream.pieces.put(None)

        async def receive() -> Message:
            await stream.gone.wait()
            return {"type": "http.disconnect"}

        async def run() -> None:
            await self.app(self._scope("GET", path, headers), receive, send)

        stream.task = asyncio.ensure_future(run())
        try:
            yield stream
        finally:
            stream.gone.set()
            await asyncio.wait([stream.task], timeout=5)
            assert stream.task.done(), "the stream goes on although nobody listens"
            stream.task.result()

    async def sign_in(self, address: str, password: str, **more: Any) -> Answer:
        """
        Sign in as a page does: begin, watch to the end, open a session.
        """
        begun = await self.ask("POST", "/api/v1/sign-ins", {"address": address, "password": password} | more)
        if begun.status != 202:
            return begun
        async with self.stream(f"/api/v1/sign-ins/{begun.json['sign_in']['id']}/events") as watched:
            last: Any = None
            while (event := await watched.event()) is not None:
                last = event[1]
        if last["state"] == "failed":
            problem = last["problem"]
            return Answer(problem["status"], {"content-type": "application/problem+json"}, msgspec.json.encode(problem))
        opened = await self.ask("POST", "/api/v1/session", {"ticket": begun.json["ticket"]})
        if opened.status == 201:
            self.csrf = opened.json["csrf_token"]
        return opened

    def _keep(self, text: str) -> None:
        for name, morsel in http.cookies.SimpleCookie(text).items():
            if morsel["max-age"] == "0":
                self.cookies.pop(name, None)
            else:
                self.cookies[name] = morsel.value

    def _scope(self, method: str, path: str, headers: dict[str, str]) -> dict[str, Any]:
        path, _, query = path.partition("?")
        every = {
            "host": "localhost",
            "user-agent": self.agent,
            "content-type": "application/json",
            "sec-fetch-site": "same-origin",
            "origin": f"{self.scheme}://localhost",
        }
        if self.cookies:
            every["cookie"] = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        if self.csrf:
            every["x-csrf-token"] = self.csrf
        if self.token:
            every["authorization"] = f"Bearer {self.token}"
        every |= {name.replace("_", "-"): value for name, value in headers.items()}
        return {
            "type": "http",
            "asgi": {"version": "3.0", "spec_version": "2.3"},
            "http_version": "1.1",
            "method": method,
            "scheme": self.scheme,
            "path": urllib.parse.unquote(path),
            "raw_path": path.encode(),
            "query_string": query.encode(),
            "root_path": "",
            "headers": [(name.encode(), value.encode()) for name, value in every.items() if value],
            "client": (self.client, 40000),
            "server": ("localhost", 8700),
        }
