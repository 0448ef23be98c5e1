"""
What can go wrong between us and a server before it has said anything.

    ClientError
    ├── Unreachable       no connection could be made: name, network, refused
    ├── TLSRefused        the server's certificate is not to be trusted, or encryption failed
    │   └── BadCAFile     the file with further authorities cannot be used
    ├── TimedOut          no answer in time; a held connection may have been dropped silently
    ├── ConnectionLost    the connection ended before the answer was complete
    ├── AnswerTooLarge    the answer is larger than we accept
    ├── UnsafeRedirect    the server sends us somewhere that credentials must not go
    ├── BadTrace          a directory with a trace cannot be used
    ├── AuthorityRefused  who gives the tokens (OAuth) refuses; says what to do about it
    ├── LoginNotOffered   the server does not take the login that a person wants to use
    ├── LoginNeeded       a login that worked does no longer, and only a person can renew it
    ├── BadCertificate    a client certificate cannot be used
    ├── LoginRefused      Autodiscover found a server that does not accept login name and password
    └── DiscoveryFailed   Autodiscover found no server; lists what was tried

The libraries' own exceptions end here: nothing above this room sees one.
"""

from __future__ import annotations

import dataclasses

__all__ = [
    "AnswerTooLarge",
    "Attempt",
    "AuthorityRefused",
    "BadCAFile",
    "BadCertificate",
    "BadTrace",
    "ClientError",
    "ConnectionLost",
    "DiscoveryFailed",
    "LoginNeeded",
    "LoginNotOffered",
    "LoginRefused",
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

    Attributes:
        own_authority: whether naming an authority of one's own could help.
    """

    sentence = "there is no trusted connection to {host}: {detail}"

    def __init__(self, host: str, detail: str = "", *, own_authority: bool = False) -> None:
        super().__init__(host, detail)
        self.own_authority = own_authority


class BadCAFile(TLSRefused):
    """
    The file with further authorities cannot be used.
    """

    sentence = "the CA file {host} cannot be used: {detail}; it has to hold certificates in PEM form"


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

    sentence = (
        "{host} sends us to {detail}, where the password must not go unasked; if that is right, remove the account and "
        "add it again with that address as --server URL"
    )


class BadTrace(ClientError):
    """
    A directory with a trace cannot be used.
    """

    sentence = "the trace in {host} cannot be used: {detail}"


class AuthorityRefused(ClientError):
    """
    Who gives the tokens refuses to give one; trying again changes nothing.

    Attributes:
        code: the error, as OAuth names it.
        number: Microsoft's number for it; 0 for none.
        said: the authority's own words.
        claims: what the next login has to prove besides (JSON); empty for nothing.
    """

    sentence = "{host} refuses the login: {detail}"

    def __init__(
        self, host: str, detail: str, *, code: str = "", number: int = 0, said: str = "", claims: str = ""
    ) -> None:
        super().__init__(host, detail, sent=True)
        self.code = code
        self.number = number
        self.said = said
        self.claims = claims

    def __str__(self) -> str:
        return super().__str__() + (f" (it says: {self.said})" if self.said else "")


class LoginNotOffered(ClientError):
    """
    The server does not take the login that a person wants to use.
    """

    sentence = "{host} does not take this login: {detail}"


class LoginNeeded(ClientError):
    """
    A login that worked does no longer, and only a person can renew it.

    Attributes:
        address: whose.
    """

    sentence = "{host} wants a new login: {detail}"

    def __init__(self, host: str, detail: str, address: str) -> None:
        super().__init__(host, detail)
        self.address = address

    def __str__(self) -> str:
        return f"{super().__str__()}. Log in with: carrierpost account login {self.address}"


class BadCertificate(ClientError):
    """
    A client certificate, or its key, cannot be used.
    """

    sentence = "the certificate {host} cannot be used: {detail}"


@dataclasses.dataclass(frozen=True, slots=True)
class Attempt:
    """
    One thing that Autodiscover tried.

    Attributes:
        how: by which means, in words.
        url: the address, or the name that DNS was asked for.
        outcome: what came of it, in words.
    """

    how: str
    url: str
    outcome: str

    def __str__(self) -> str:
        return f"{self.how}, {self.url}: {self.outcome}"


class LoginRefused(ClientError):
    """
    Autodiscover found a server that does not accept login name and password.

    Attributes:
        tried: all attempts in order.
    """

    sentence = (
        "{host} does not accept the password for {detail}; check it, give another login name with --login NAME, or "
        "name another server with --server URL"
    )

    def __init__(self, host: str, detail: str = "", *, tried: tuple[Attempt, ...] = ()) -> None:
        super().__init__(host, detail, sent=True)
        self.tried = tried


class DiscoveryFailed(ClientError):
    """
    Autodiscover found no server.

    Attributes:
        tried: all attempts in order.
    """

    sentence = "no ActiveSync server was found for {host}; name it with --server URL{detail}"

    def __init__(self, host: str, detail: str = "", *, tried: tuple[Attempt, ...] = ()) -> None:
        super().__init__(host, detail)
        self.tried = tried

    def __str__(self) -> str:
        lines = "".join(f"\n  {attempt}" for attempt in self.tried)
        return super().__str__() + (f". Tried:{lines}" if lines else "")
