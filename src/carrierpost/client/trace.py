"""
A wire trace: every exchange as files, decoded, with secrets removed.

`0001-Sync.request.xml` and `0001-Sync.response.xml` hold the bodies, `.headers` beside them the rest. What is no WBXML
is kept as it is (`.eml`, `.txt`, `.bin`); what should be and cannot be decoded as `.wbxml`. Files are written as the
exchange goes on, so a crash loses nothing, and `ReplayTransport` answers from them, which makes a bug report a test.
"""

from __future__ import annotations

import re
from pathlib import Path

from carrierpost import wbxml
from carrierpost.client.errors import ClientError, ConnectionLost
from carrierpost.protocol.http import host_of
from carrierpost.protocol.message import ContentType, HTTPRequest, HTTPResponse
from carrierpost.protocol.multipart import join_parts, split_parts
from carrierpost.wbxml.pages import ItemOperations, Settings

__all__ = ["ReplayTransport", "Trace"]

_HIDDEN_HEADERS = frozenset({"authorization", "cookie", "set-cookie", "www-authenticate", "proxy-authorization"})
_HIDDEN_TAGS = frozenset({Settings.Password, ItemOperations.Password})
_HIDDEN = "[removed]"
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


class Trace:
    """
    Writes exchanges to a directory.

    Args:
        directory: made if it is not there; numbers go on after those of an earlier trace.
    """

    def __init__(self, directory: Path) -> None:
        self._directory = directory
        directory.mkdir(parents=True, exist_ok=True, mode=0o700)
        numbers = [int(path.name[:4]) for path in directory.glob("[0-9][0-9][0-9][0-9]-*")]
        self._last = max(numbers, default=0)

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
        (self._directory / name).write_bytes(raw)

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
            key=lambda path: path.name[:4],
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
        recorded = stem[5:]
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
