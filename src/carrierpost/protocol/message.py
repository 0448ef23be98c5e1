"""
What passes between a command and the wire: payloads, HTTP messages, and the generators that exchange them.

A command's request and response are typed values. Each encodes itself into a `Payload` and decodes itself from
one, for a given version. Framing a payload as an HTTP message (query, headers) is `carrierpost.protocol.http`'s
part; sending that message is the client's.
"""

from __future__ import annotations

import enum
from collections.abc import Generator, Mapping
from typing import Any, ClassVar, Generic, Protocol, TypeVar

import msgspec

from carrierpost import wbxml
from carrierpost.protocol import datatypes
from carrierpost.protocol.errors import UnreadableAnswer
from carrierpost.protocol.record import Notes
from carrierpost.protocol.version import Version

__all__ = [
    "Command",
    "ContentType",
    "Exchange",
    "HTTPRequest",
    "HTTPResponse",
    "Payload",
    "Request",
    "Sink",
    "body_of",
    "decode_body",
    "number_in",
    "status_in",
    "text_in",
]

T = TypeVar("T")
T_co = TypeVar("T_co", covariant=True)
R_co = TypeVar("R_co", covariant=True)


class ContentType(enum.StrEnum):
    """
    Media types of ActiveSync bodies ([MS-ASHTTP]).
    """

    WBXML = "application/vnd.ms-sync.wbxml"
    MULTIPART = "application/vnd.ms-sync.multipart"
    MAIL = "message/rfc822"
    XML = "text/xml"
    NONE = ""


class Payload(msgspec.Struct, frozen=True, kw_only=True):
    """
    A command's request or response, encoded.

    Attributes:
        body: the bytes of the HTTP body; empty is a normal answer of several commands.
        content_type: the media type of the body.
        parameters: command parameters that travel in the query (`CollectionId`, `SaveInSent`...), in order.
        accept_multipart: whether a multipart answer is asked for.

    """

    body: bytes = b""
    content_type: ContentType = ContentType.WBXML
    parameters: tuple[tuple[str, str], ...] = ()
    accept_multipart: bool = False


class Sink(Protocol):
    """
    Takes the body of a successful answer as it comes; see `carrierpost.protocol.spill.Spill`.
    """

    def begin(self, headers: Mapping[str, str]) -> None:
        """
        Begin with an answer, whose headers these are, with names in lower case.
        """

    def feed(self, piece: bytes) -> None:
        """
        Take a piece of its body, decompressed.
        """

    def finish(self) -> bytes:
        """
        Give what is left of the body.
        """


class HTTPRequest(msgspec.Struct, frozen=True, kw_only=True):
    """
    An HTTP request as it goes out, without credentials: those are the transport's.

    Attributes:
        method: `POST`, `OPTIONS` or `GET`.
        url: absolute, with query.
        headers: in order, without `Authorization`.
        body: the body's bytes.
        hold: seconds that the server may keep the request open before it answers, over and above the ordinary
            time-out; 0 for commands that are answered at once.
        command: the command's name, for traces and errors.
        credentials: whether the account's credentials may go with it.
        sink: takes the body of a successful answer as it comes, and makes of it the one that is given.

    """

    method: str = "POST"
    url: str
    headers: tuple[tuple[str, str], ...] = ()
    body: bytes = b""
    hold: float = 0.0
    command: str = ""
    credentials: bool = True
    sink: Sink | None = None


class HTTPResponse(msgspec.Struct, frozen=True, kw_only=True):
    """
    An HTTP response as it came in, decompressed.

    Attributes:
        status: the status code.
        headers: names in lower case; a name that came twice has its values joined by `, `.
        body: the body's bytes.
        url: the address that answered.

    """

    status: int
    headers: Mapping[str, str] = {}
    body: bytes = b""
    url: str = ""


Exchange = Generator[HTTPRequest, HTTPResponse, T]
"""A conversation with the server: yields requests, is sent responses, returns a value. It does no IO itself."""


class Command(Protocol[R_co]):
    """
    A typed request of one command.
    """

    name: ClassVar[str]
    """The command's name on the wire, `FolderSync`."""

    @property
    def hold(self) -> float:
        """Seconds for which the server may hold the request (Ping, hanging Sync), else 0."""

    def encode(self, version: Version) -> Payload:
        """
        Encode the request for a version.

        Raises:
            LocalProtocolError: the version cannot say this.

        """

    def decode_response(self, payload: Payload, version: Version, notes: Notes) -> R_co:
        """
        Decode the server's answer to this request.

        Raises:
            UnreadableAnswer: the body is not what the protocol promises.
            StatusError: the whole command was refused, with a status that the response type does not model.

        """


class Request(msgspec.Struct, Generic[T], frozen=True):
    """
    The base of requests that are not held and need no more than a body.
    """

    name: ClassVar[str] = ""

    @property
    def hold(self) -> float:
        """
        Seconds for which the server may hold the request: none.
        """
        return 0.0


def decode_body(command: str, payload: Payload, root: int, notes: Notes) -> wbxml.Value:
    """
    Decode an answer's or request's WBXML body and check its root element.

    Args:
        command: the command's name, for errors.
        payload: what came.
        root: the tag that the root must have.
        notes: receives unknown elements and repaired text.

    Returns:
        The root's value.

    Raises:
        UnreadableAnswer: no WBXML, or another root.

    """
    try:
        document = wbxml.decode(payload.body)
    except wbxml.WBXMLError as error:
        raise UnreadableAnswer(command, str(error)) from error
    if document.root != root:
        found, wanted = (":".join(wbxml.pages.name_of(tag)) for tag in (document.root, root))
        raise UnreadableAnswer(command, f"the root element is {found}, {wanted} was expected")
    for tag, count in document.unknown.items():
        notes.add(tag, f"unknown element, seen {count} times")
    for oddity, count in document.oddities.items():
        notes.add(root, f"{oddity}, {count} times")
    return document.value


def text_in(value: wbxml.Value, tag: int, notes: Notes) -> str:
    """
    Give the text of a child; empty, and noted, when it has children of its own.
    """
    found = wbxml.find(value, tag, None)
    if isinstance(found, list):
        notes.add(tag, "text expected, child elements found")
    return wbxml.text(value, tag)


def number_in(value: wbxml.Value, tag: int, notes: Notes) -> int | None:
    """
    Give the number in a child; `None` when it is absent or empty, and, noted, when it is no number.
    """
    found = wbxml.find(value, tag, None)
    if found is None:
        return None
    try:
        return datatypes.parse_integer(found)
    except ValueError as error:
        notes.add(tag, str(error))
        return None


UNREADABLE_STATUS = 0
"""Stands for a status that is there and is no number; no command has it, so nobody takes it for a success."""


def status_in(value: wbxml.Value, tag: int, notes: Notes) -> int:
    """
    Give the status in a child. A missing or empty one is 1, as some servers leave a success out.
    """
    found = wbxml.find(value, tag, None)
    if found is None:
        return 1
    number = number_in(value, tag, notes)
    return UNREADABLE_STATUS if number is None else number


def body_of(root: int, children: list[Any]) -> Payload:
    """
    Encode a WBXML body.
    """
    return Payload(body=wbxml.encode(root, children))
