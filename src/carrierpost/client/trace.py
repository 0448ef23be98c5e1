"""
A wire trace: every exchange as files, decoded, with secrets removed.

`0001-Sync.request.xml` and `0001-Sync.response.xml` hold the bodies, `.headers` beside them the rest. What is no WBXML
is kept as it is (`.eml`, `.txt`, `.bin`); what should be and cannot be decoded as `.wbxml`. Files are written as the
exchange goes on, so a crash loses nothing, and `carrierpost.client.replay` answers from them, which makes a bug report
a test.

What is taken out is decided in `carrierpost.client.redaction`. The policy key stays: it opens nothing without a login,
and without it a quarrel about policies cannot be understood. Mail itself is in the bodies: either a person looks
through them before giving a trace away, or it is recorded veiled.
"""

from __future__ import annotations

import logging
import os
from collections.abc import Awaitable, Callable, Iterable
from pathlib import Path

import msgspec

from carrierpost import wbxml
from carrierpost.client.errors import BadTrace, ClientError
from carrierpost.client.redaction import Redaction
from carrierpost.protocol.message import ContentType, HTTPRequest, HTTPResponse
from carrierpost.protocol.multipart import split_parts
from carrierpost.protocol.secret import Secret

__all__ = ["ABOUT", "About", "Trace", "number_of", "request_files", "response_files"]

ABOUT = "trace.json"

_log = logging.getLogger(__name__)

Files = dict[str, bytes]
"""Contents by the end of the file's name: `request.headers`, `request.xml`."""


class About(msgspec.Struct, frozen=True):
    """
    How a trace was recorded.

    Attributes:
        veiled: whether texts that people wrote were made unreadable.
    """

    veiled: bool = False


def number_of(path: Path) -> int:
    """
    Give the number of the exchange that a file belongs to, or 0.
    """
    number = path.name.partition("-")[0]
    return int(number) if number.isdecimal() else 0


def request_files(request: HTTPRequest, redaction: Redaction) -> Files:
    """
    Give the files that record a request.
    """
    # Headers first: what they carry must not be seen in the body either.
    lines = [f"{name}: {redaction.header(name, value)}" for name, value in request.headers]
    lines.insert(0, f"{request.method} {redaction.url(request.url)}")
    headers = {name.lower(): value for name, value in request.headers}
    files = _body("request", request.body, headers.get("content-type", ""), redaction)
    return {**files, "request.headers": redaction.text("\n".join(lines) + "\n").encode()}


def response_files(response: HTTPResponse, redaction: Redaction) -> Files:
    """
    Give the files that record an answer.
    """
    lines = [f"{name}: {redaction.header(name, value)}" for name, value in response.headers.items()]
    lines.insert(0, str(response.status))
    files = _body("response", response.body, response.headers.get("content-type", ""), redaction)
    return {**files, "response.headers": redaction.text("\n".join(lines) + "\n").encode()}


def _body(stem: str, body: bytes, content_type: str, redaction: Redaction) -> Files:
    files: Files = {}
    media = content_type.partition(";")[0].strip().lower()
    if media == ContentType.MULTIPART:
        try:
            body, *parts = split_parts(body)
        except ValueError:
            return {f"{stem}.bin": redaction.part(body)}
        files = {f"{stem}.part{number:03}.bin": redaction.part(part) for number, part in enumerate(parts, 1)}
    if not body:
        return files
    if media.startswith("application/vnd.ms-sync") or body.startswith(b"\x03\x01"):
        try:
            document = wbxml.decode(body)
        except wbxml.WBXMLError as error:
            return {**files, f"{stem}.wbxml": redaction.raw(body), f"{stem}.error": f"{error}\n".encode()}
        shown = wbxml.Document(document.root, redaction.tree(document.root, document.value))
        # Names of elements hold no secret, but a last look costs little.
        return {**files, f"{stem}.xml": redaction.raw(f"{wbxml.to_xml(shown)}\n".encode("utf-8", "surrogatepass"))}
    if media == ContentType.MAIL:
        return {**files, f"{stem}.eml": redaction.part(body)}
    suffix = "txt" if media.startswith("text/") or media.endswith(("json", "xml")) else "bin"
    return {**files, f"{stem}.{suffix}": redaction.raw(body)}


class Trace:
    """
    Writes exchanges to a directory that only its owner can read.

    A trace that cannot be written any further, because the disk is full for instance, ends with a warning: it is no
    reason to leave mail where it is.

    Args:
        directory: made if it is not there; numbers go on after those of an earlier trace.
        hide: secrets that must not be seen in it, besides those that are recognised where they stand.
        veil: make texts that people wrote unreadable.

    Attributes:
        failure_reason: why nothing is written any more; empty while all is well.

    Raises:
        BadTrace: the directory cannot be made or written, or holds a trace that was recorded otherwise.
    """

    def __init__(self, directory: Path, *, hide: Iterable[Secret] = (), veil: bool = False) -> None:
        self._directory = directory
        self._redaction = Redaction(hide, veil=veil)
        self.failure_reason = ""
        try:
            directory.mkdir(parents=True, exist_ok=True, mode=0o700)
            self._last = max(map(number_of, directory.glob("*-*.request.headers")), default=0)
            about = directory / ABOUT
            if not about.exists():
                _write(about, msgspec.json.encode(About(veiled=veil)))
            elif msgspec.json.decode(about.read_bytes(), type=About).veiled != veil:
                kind = "readable" if veil else "veiled"
                raise BadTrace(str(directory), f"a {kind} one was begun there; name another directory")
        except OSError as error:
            raise BadTrace(str(directory), error.strerror or str(error)) from error
        except msgspec.MsgspecError as error:
            raise BadTrace(str(directory), f"its {ABOUT} is damaged; name another directory") from error

    def hide(self, secret: Secret) -> None:
        """
        Keep a secret out of the trace from now on.
        """
        self._redaction.learn(secret)

    async def carry(self, request: HTTPRequest, send: Callable[[HTTPRequest], Awaitable[HTTPResponse]]) -> HTTPResponse:
        """
        Send a request, and record how it went.

        Raises:
            ClientError: as `send` raises it.
        """
        number = self.request(request)
        try:
            response = await send(request)
        except BaseException as error:
            self.failure(number, request, error)
            raise
        self.response(number, request, response)
        return response

    def request(self, request: HTTPRequest) -> int:
        """
        Note a request that is about to be sent.

        Returns:
            The exchange's number, for `response` or `failure`.
        """
        files = request_files(request, self._redaction)
        while not self.failure_reason:
            self._last += 1
            try:
                # First, so that two processes that share a directory never write into one another's exchanges.
                self._put(self._last, request, {"request.headers": files["request.headers"]})
            except FileExistsError:
                continue
            del files["request.headers"]
            self._keep(self._last, request, files)
            break
        return self._last

    def response(self, number: int, request: HTTPRequest, response: HTTPResponse) -> None:
        """
        Note the answer to a request.
        """
        self._keep(number, request, response_files(response, self._redaction))

    def failure(self, number: int, request: HTTPRequest, error: BaseException) -> None:
        """
        Note that there was no answer: the error's name, whether the request was sent, and what happened.
        """
        sent = " sent" if isinstance(error, ClientError) and error.sent else ""
        detail = error.detail if isinstance(error, ClientError) else ""
        text = self._redaction.text(f"{type(error).__name__}{sent}\n{detail}\n")
        self._keep(number, request, {"response.failed": text.encode()})

    def _keep(self, number: int, request: HTTPRequest, files: Files) -> None:
        if not self.failure_reason:
            self._put(number, request, files)

    def _put(self, number: int, request: HTTPRequest, files: Files) -> None:
        try:
            for end, content in files.items():
                _write(self._directory / f"{number:04}-{request.command or request.method}.{end}", content)
        except FileExistsError:
            raise
        except OSError as error:
            self.failure_reason = error.strerror or str(error)
            _log.warning("the trace in %s ends here: %s", self._directory, self.failure_reason)


def _write(path: Path, content: bytes) -> None:
    with open(path, "xb", opener=lambda file, flags: os.open(file, flags, 0o600)) as stream:
        stream.write(content)
