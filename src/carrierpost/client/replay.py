"""
A trace played back: the requests that were recorded get the answers that were recorded.

Requests are compared as a trace shows them, secrets removed on both sides, so that a trace that somebody sent with a
bug report is a test as it is. `User-Agent` alone may differ: it names the version of this program.
"""

from __future__ import annotations

import asyncio
import dataclasses
import difflib
from collections.abc import Iterable
from pathlib import Path
from urllib.parse import urlsplit

import msgspec

from carrierpost import wbxml
from carrierpost.client import errors
from carrierpost.client.errors import BadTrace, ClientError, ConnectionLost
from carrierpost.client.redaction import Redaction
from carrierpost.client.trace import ABOUT, About, Files, number_of, request_files
from carrierpost.client.transport import poured
from carrierpost.protocol.errors import ProtocolError
from carrierpost.protocol.http import Partnership, host_of, parse_call
from carrierpost.protocol.message import HTTPRequest, HTTPResponse
from carrierpost.protocol.multipart import join_parts
from carrierpost.protocol.secret import Secret
from carrierpost.protocol.version import Version

__all__ = ["ReplayTransport", "TraceDiffers", "recorded_partnership"]


class TraceDiffers(AssertionError):
    """
    What is asked is not what the trace has; the text shows the difference line by line.

    It is no `ClientError`: nobody is to take it for a failure of the network, and try again.
    """


@dataclasses.dataclass(frozen=True, slots=True)
class _Exchange:
    number: int
    command: str
    files: Files

    @property
    def title(self) -> str:
        return f"{self.number:04}-{self.command}"


def _read(directory: Path) -> list[_Exchange]:
    found: dict[tuple[int, str], Files] = {}
    try:
        for path in directory.glob("*-*.*"):
            command, _, end = path.name.partition("-")[2].partition(".")
            found.setdefault((number_of(path), command), {})[end] = path.read_bytes()
    except OSError as error:
        raise BadTrace(str(directory), error.strerror or str(error)) from error
    exchanges = [_Exchange(*key, files) for key, files in sorted(found.items()) if "request.headers" in files]
    if not exchanges:
        raise BadTrace(str(directory), "there is none")
    return exchanges


def recorded_partnership(directory: Path) -> Partnership:
    """
    Give the partnership that a trace begins with, to replay it with; its user is not known.

    Raises:
        BadTrace: there is no trace, or no command in it, or its requests are damaged.
    """
    for exchange in _read(directory):
        first, *lines = exchange.files["request.headers"].decode("utf-8", "replace").splitlines() or [""]
        method, _, url = first.partition(" ")
        headers = {name.lower(): value for name, _, value in (line.partition(": ") for line in lines)}
        if method != "POST" or exchange.command == "Autodiscover":
            continue
        try:
            parts = urlsplit(url)
            call = parse_call(parts.query, headers, b"")
            version = Version.parse(call.version)
        except (ProtocolError, ValueError) as error:
            raise BadTrace(str(directory), f"{exchange.title} is no ActiveSync: {error}") from error
        return Partnership(
            url=parts._replace(query="").geturl(),
            user=call.user,
            device_id=call.device_id,
            device_type=call.device_type,
            user_agent=headers.get("user-agent", ""),
            version=version,
            policy_key=call.policy_key,
            base64="Cmd=" not in parts.query,
        )
    raise BadTrace(str(directory), "it holds no command")


class ReplayTransport:
    """
    Answers from a trace, request by request, in order.

    Args:
        directory: where the trace is.
        hide: the secrets that were hidden when it was recorded, if the requests carry them.

    Attributes:
        left: how many recorded exchanges have not been asked for yet.

    Raises:
        BadTrace: there is no trace, or it cannot be read.
    """

    def __init__(self, directory: Path, *, hide: Iterable[Secret] = ()) -> None:
        self._directory = directory
        self._exchanges = _read(directory)
        self._next = 0
        about = About()
        if (directory / ABOUT).exists():
            try:
                about = msgspec.json.decode((directory / ABOUT).read_bytes(), type=About)
            except msgspec.MsgspecError as error:
                raise BadTrace(str(directory), f"its {ABOUT} is damaged") from error
        self._redaction = Redaction(hide, veil=about.veiled)

    @property
    def left(self) -> int:
        """
        Count what has not been asked for yet.
        """
        return len(self._exchanges) - self._next

    async def send(self, request: HTTPRequest) -> HTTPResponse:
        """
        Give the answer that was recorded for this request.

        Raises:
            TraceDiffers: another request was recorded here, or none.
            BadTrace: the recorded answer is damaged.
            ClientError: the recorded request had no answer; it fails as it failed then.
        """
        wanted = request.command or request.method
        if not self.left:
            raise TraceDiffers(f"{wanted} is asked, and the trace in {self._directory} is at its end")
        exchange = self._exchanges[self._next]
        self._compare(exchange, wanted, request_files(request, self._redaction))
        self._next += 1
        if (failed := exchange.files.get("response.failed")) is not None:
            return await _fail(failed.decode("utf-8", "replace"), host_of(request.url))
        if "response.headers" not in exchange.files:
            raise ConnectionLost(host_of(request.url), f"the trace ends amid {exchange.title}", sent=True)
        try:
            status, *lines = exchange.files["response.headers"].decode().splitlines()
            headers = {name: value for name, _, value in (line.partition(": ") for line in lines)}
            body = _body(exchange.files)
            response = HTTPResponse(status=int(status), headers=headers, body=body, url=request.url)
        except (ValueError, wbxml.WBXMLError) as error:
            raise BadTrace(str(self._directory), f"the answer of {exchange.title} is damaged: {error}") from error
        return poured(request, response)

    def _compare(self, exchange: _Exchange, wanted: str, asked: Files) -> None:
        recorded = {end: content for end, content in exchange.files.items() if end.startswith("request.")}
        if wanted != exchange.command:
            raise TraceDiffers(f"{wanted} is asked, and the trace has {exchange.title} here ({self._directory})")
        for end in sorted({*recorded, *asked}):
            before, now = (_lines(files.get(end, b""), end) for files in (recorded, asked))
            if before != now:
                shown = difflib.unified_diff(before, now, f"{exchange.title}.{end}", "as asked now", lineterm="")
                raise TraceDiffers(f"{wanted} differs from the trace in {self._directory}:\n" + "\n".join(shown))

    async def refresh(self) -> bool:
        """
        Nothing can be renewed here.
        """
        return False

    async def close(self) -> None:
        """
        Nothing is open.
        """


def _lines(content: bytes, end: str) -> list[str]:
    lines = content.decode("utf-8", "backslashreplace").splitlines()
    if end.endswith(".headers"):
        return [line for line in lines if not line.lower().startswith("user-agent:")]
    return lines


async def _fail(recorded: str, host: str) -> HTTPResponse:
    first, _, detail = recorded.partition("\n")
    name, _, sent = first.partition(" ")
    if name == "CancelledError":
        # We had given it up then; it is given up again, and gets no answer before.
        await asyncio.Event().wait()
    kind = getattr(errors, name, None)
    if not (isinstance(kind, type) and issubclass(kind, ClientError)):
        kind = ConnectionLost
    error = kind(host, detail.strip())
    error.sent = sent == "sent"
    raise error


def _body(files: Files) -> bytes:
    body = b""
    if (xml := files.get("response.xml")) is not None:
        document = wbxml.from_xml(xml.decode().removesuffix("\n"))
        body = wbxml.encode(document.root, document.value)
    else:
        for kind in ("wbxml", "eml", "txt", "bin"):
            body = body or files.get(f"response.{kind}", b"")
    parts = [files[end] for end in sorted(files) if end.startswith("response.part")]
    return join_parts([body, *parts]) if parts else body
