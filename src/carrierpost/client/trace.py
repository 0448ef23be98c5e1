"""
A wire trace: every exchange as files, decoded, with secrets removed.

`0001-Sync.request.xml` and `0001-Sync.response.xml` hold the bodies, `.headers` beside them the rest. What is no WBXML
is kept as it is (`.eml`, `.txt`, `.bin`); what should be and cannot be decoded as `.wbxml`. Files are written as the
exchange goes on, so a crash loses nothing, and `ReplayTransport` answers from them, which makes a bug report a test.

The policy key stays: it opens nothing without a login, and without it a quarrel about policies cannot be understood.
Mail itself is in the bodies; a person looks through them before giving a trace away.
"""

from __future__ import annotations

import base64
import json
import os
import re
from collections.abc import Iterable
from pathlib import Path
from urllib.parse import quote
from xml.sax.saxutils import escape

from carrierpost import wbxml
from carrierpost.client.errors import ClientError, ConnectionLost
from carrierpost.protocol.http import host_of
from carrierpost.protocol.message import ContentType, HTTPRequest, HTTPResponse
from carrierpost.protocol.multipart import join_parts, split_parts
from carrierpost.protocol.secret import Secret
from carrierpost.wbxml.pages import ItemOperations, Search, Settings

__all__ = ["ReplayTransport", "Trace"]

_HIDDEN_HEADERS = frozenset({"authorization", "cookie", "set-cookie", "www-authenticate", "proxy-authorization"})
_HIDDEN_TAGS = frozenset({Settings.Password, ItemOperations.Password, Search.Password})
_HIDDEN = "[removed]"
_SHORTEST = 4  # characters of a password; to take out shorter ones would take half the trace with them
_USER = re.compile(r"User=[^&]*")


def _hide(value: wbxml.Value) -> wbxml.Value:
    """
    Take passwords out of a tree.
    """
    if not isinstance(value, list):
        return value
    out: list[wbxml.Value] = []
    for tag, child in wbxml.pairs(value):
        out += (tag, _HIDDEN if tag in _HIDDEN_TAGS and child else _hide(child))
    return out


def _number(path: Path) -> int:
    number = path.name.partition("-")[0]
    return int(number) if number.isdigit() else 0


def _pattern(secret: Secret) -> re.Pattern[bytes] | None:
    """
    Match a secret as itself, as URLs, JSON and XML have it, and inside base64, wherever it begins there.
    """
    text = secret.reveal()
    raw = text.encode()
    if len(raw) < _SHORTEST:
        return None
    plain = {raw, quote(text, safe="").encode(), json.dumps(text)[1:-1].encode(), escape(text).encode()}
    found = [re.escape(form) for form in sorted(plain, key=len, reverse=True)]
    for before in range(3):
        coded = base64.b64encode(bytes(before) + raw)
        # What shares a letter with its neighbours differs with them: it is matched as any letter, and goes too.
        start, rest = (0, 2, 3)[before], (0, 3, 2)[(before + len(raw)) % 3]
        found.append(rb"[\w+/]{0,3}" + re.escape(coded[start : len(coded) - rest]) + rb"[\w+/=]{0,3}")
    return re.compile(b"|".join(found))


class Trace:
    """
    Writes exchanges to a directory.

    Args:
        directory: made if it is not there; numbers go on after those of an earlier trace.
    """

    def __init__(self, directory: Path, *, hide: Iterable[Secret] = ()) -> None:
        self._directory = directory
        self._hidden = tuple(filter(None, map(_pattern, hide)))
        directory.mkdir(parents=True, exist_ok=True, mode=0o700)
        self._last = max((_number(path) for path in directory.glob("*-*.request.headers")), default=0)

    def request(self, request: HTTPRequest) -> int:
        """
        Note a request that is about to be sent.

        Returns:
            The exchange's number, for `response` or `failure`.
        """
        self._last += 1
        stem = self._stem(self._last, request)
        lines = [f"{request.method} {_USER.sub('User=' + _HIDDEN, request.url)}"]
        lines += [f"{name}: {self._shown(name, value)}" for name, value in request.headers]
        self._write(f"{stem}.request.headers", "\n".join(lines) + "\n")
        kind = dict(request.headers).get("Content-Type", "")
        self._body(f"{stem}.request", request.body, kind)
        return self._last

    def response(self, number: int, request: HTTPRequest, response: HTTPResponse) -> None:
        """
        Note the answer to a request.
        """
        stem = self._stem(number, request)
        lines = [str(response.status)]
        lines += [f"{name}: {self._shown(name, value)}" for name, value in response.headers.items()]
        self._write(f"{stem}.response.headers", "\n".join(lines) + "\n")
        self._body(f"{stem}.response", response.body, response.headers.get("content-type", ""))

    def failure(self, number: int, request: HTTPRequest, error: BaseException) -> None:
        """
        Note that there was no answer.
        """
        text = str(error) if isinstance(error, ClientError) else type(error).__name__
        self._write(f"{self._stem(number, request)}.response.failed", f"{text}\n")

    def _stem(self, number: int, request: HTTPRequest) -> str:
        return f"{number:04}-{request.command or request.method}"

    @staticmethod
    def _shown(name: str, value: str) -> str:
        return _HIDDEN if name.lower() in _HIDDEN_HEADERS else value

    def _write(self, name: str, content: str | bytes) -> None:
        raw = content if isinstance(content, bytes) else content.encode()
        for pattern in self._hidden:
            raw = pattern.sub(_HIDDEN.encode(), raw)
        path = self._directory / name
        with open(path, "wb", opener=lambda file, flags: os.open(file, flags, 0o600)) as stream:
            stream.write(raw)

    def _body(self, stem: str, body: bytes, content_type: str) -> None:
        if not body:
            return
        media = content_type.partition(";")[0].strip().lower()
        if media == ContentType.MULTIPART:
            try:
                body, *parts = split_parts(body)
            except ValueError:
                self._write(f"{stem}.bin", body)
                return
            for number, part in enumerate(parts, 1):
                self._write(f"{stem}.part{number:03}.bin", part)
        if body.startswith(b"\x03\x01"):
            try:
                document = wbxml.decode(body)
            except wbxml.WBXMLError as error:
                self._write(f"{stem}.wbxml", body)
                self._write(f"{stem}.error", f"{error}\n")
                return
            text = wbxml.to_xml(wbxml.Document(document.root, _hide(document.value)))
            self._write(f"{stem}.xml", f"{text}\n")
            return
        suffix = "eml" if media == ContentType.MAIL else "txt" if media.startswith("text/") else "bin"
        self._write(f"{stem}.{suffix}", body)


class ReplayTransport:
    """
    Answers from a trace, request by request, in order.

    Args:
        directory: where the trace is.
    """

    def __init__(self, directory: Path) -> None:
        self._answers = sorted(
            [*directory.glob("*.response.headers"), *directory.glob("*.response.failed")],
            key=_number,
        )
        self._next = 0

    async def send(self, request: HTTPRequest) -> HTTPResponse:
        """
        Give the next recorded answer.

        Raises:
            ConnectionLost: the recorded request had no answer, the trace is at its end, or another command was
                recorded here.
        """
        if self._next >= len(self._answers):
            raise ConnectionLost(host_of(request.url), "the trace is at its end")
        path = self._answers[self._next]
        self._next += 1
        stem = path.name.rpartition(".response.")[0]
        recorded = stem.partition("-")[2]
        if recorded != (request.command or request.method):
            raise ConnectionLost(host_of(request.url), f"the trace has {recorded} here, not {request.command}")
        if path.suffix == ".failed":
            raise ConnectionLost(host_of(request.url), path.read_text().strip(), sent=True)
        status, *lines = path.read_text().splitlines()
        headers = dict(line.split(": ", 1) for line in lines if ": " in line)
        return HTTPResponse(
            status=int(status), headers=headers, body=self._body(path.with_name(f"{stem}.response")), url=request.url
        )

    @staticmethod
    def _body(stem: Path) -> bytes:
        body = b""
        xml = stem.with_name(f"{stem.name}.xml")
        if xml.exists():
            document = wbxml.from_xml(xml.read_bytes().decode().removesuffix("\n"))
            body = wbxml.encode(document.root, document.value)
        else:
            for suffix in ("wbxml", "eml", "txt", "bin"):
                path = stem.with_name(f"{stem.name}.{suffix}")
                if path.exists():
                    body = path.read_bytes()
        parts = sorted(stem.parent.glob(f"{stem.name}.part*.bin"))
        return join_parts([body, *(part.read_bytes() for part in parts)]) if parts else body

    async def refresh(self) -> bool:
        """
        Nothing can be renewed here.
        """
        return False

    async def close(self) -> None:
        """
        Nothing is open.
        """
