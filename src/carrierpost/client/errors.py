"""
What can go wrong between us and a server before it has said anything.

    ClientError
    ├── Unreachable       no connection could be made: name, network, refused
    ├── TLSRefused        the server's certificate is not to be trusted, or encryption failed
    ├── TimedOut          no answer in time; a held connection may have been dropped silently
    ├── ConnectionLost    the connection ended before the answer was complete
    ├── AnswerTooLarge    the answer is larger than we accept
    ├── UnsafeRedirect    the server sends us somewhere that credentials must not go
    └── NotFound          Autodiscover found no server

The libraries' own exceptions end here: nothing above this room sees one.
"""

from __future__ import annotations

__all__ = [
    "AnswerTooLarge",
    "ClientError",
    "ConnectionLost",
    "NotFound",
    "TLSRefused",
    "TimedOut",
    "Unreachable",
    "UnsafeRedirect",
]


class ClientError(Exception):
    """
    The base of everything that this room raises; its text is a sentence for a person.

    Attributes:
        host: the server it is about.
        detail: what happened, in the library's words.
        sent: whether the request may have reached the server.
    """

    sentence = "the server at {host} cannot be used: {detail}"

    def __init__(self, host: str, detail: str = "", *, sent: bool = False) -> None:
        super().__init__(host, detail)
        self.host = host
        self.detail = detail
        self.sent = sent

    def __str__(self) -> str:
        return self.sentence.format(host=self.host, detail=self.detail)


class Unreachable(ClientError):
    """
    No connection could be made.
    """

    sentence = "{host} cannot be reached: {detail}; check the address and the network"


class TLSRefused(ClientError):
    """
    The server's certificate is not to be trusted, or encryption failed.
    """

    sentence = (
        "the certificate of {host} is not to be trusted: {detail}; if it is signed by your own authority, name its "
        "certificate with --ca FILE"
    )


class TimedOut(ClientError):
    """
    No answer came in time.
    """

    sentence = "{host} did not answer in time: {detail}"


class ConnectionLost(ClientError):
    """
    The connection ended before the answer was complete.
    """

    sentence = "the connection to {host} was lost: {detail}"


class AnswerTooLarge(ClientError):
    """
    The answer is larger than we accept.
    """

    sentence = "the answer of {host} is too large: {detail}"


class UnsafeRedirect(ClientError):
    """
    The server sends us somewhere that credentials must not go.
    """

    sentence = "{host} sends us to {detail}, where the password must not go; check the server's address"


class NotFound(ClientError):
    """
    Autodiscover found no server.
    """

    sentence = "no ActiveSync server was found for {host}; name it with --server URL. Tried: {detail}"
