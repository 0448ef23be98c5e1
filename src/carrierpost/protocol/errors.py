"""
What can go wrong while speaking ActiveSync, and whose fault it is.

    ProtocolError
    ├── LocalProtocolError            ours: we were about to send something illegal, or were misused
    └── RemoteProtocolError           theirs: the server's answer is not what the protocol promises
        ├── UnreadableAnswer          the body could not be decoded
        ├── WebPageAnswered           a web page came instead of an answer
        ├── VersionNotOffered         no protocol version in common
        ├── StatusError               the server refused, with a Status of the command or of all commands
        ├── HTTPStatusError           the server refused, with an HTTP status
        ├── WipeOrdered               the server orders what is held to be erased
        └── MalformedRequest          seen by a server: a client's request breaks the protocol

Facts are attributes; the sentence is composed from them in `__str__`, and says what to do next.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from carrierpost.protocol import status as status_table
from carrierpost.protocol.status import Outcome

if TYPE_CHECKING:
    from carrierpost.protocol.version import Version

__all__ = [
    "HTTPStatusError",
    "LocalProtocolError",
    "MalformedRequest",
    "ProtocolError",
    "RemoteProtocolError",
    "StatusError",
    "UnreadableAnswer",
    "VersionNotOffered",
    "WebPageAnswered",
    "WipeOrdered",
]


class ProtocolError(Exception):
    """
    The base of everything that this room raises.
    """


class LocalProtocolError(ProtocolError):
    """
    Our side is at fault: an illegal value was about to be sent, or an option makes no sense.
    """


class RemoteProtocolError(ProtocolError):
    """
    The other side is at fault.
    """


class UnreadableAnswer(RemoteProtocolError):
    """
    An answer's body could not be decoded.

    Attributes:
        command: name of the command that was answered, as on the wire.
        reason: what is wrong with the body.

    """

    def __init__(self, command: str, reason: str) -> None:
        super().__init__(command, reason)
        self.command = command
        self.reason = reason

    def __str__(self) -> str:
        return f"the server's answer to {self.command} cannot be read: {self.reason}"


class WebPageAnswered(RemoteProtocolError):
    """
    A web page came where an ActiveSync answer should be.

    Attributes:
        command: name of the command that was answered, as on the wire.
    """

    def __init__(self, command: str) -> None:
        super().__init__(command)
        self.command = command

    def __str__(self) -> str:
        return (
            f"{self.command} was answered with a web page; a sign-in portal or a proxy may stand before the server, or "
            "its address is that of something else. Open the address in a browser to see."
        )


class VersionNotOffered(RemoteProtocolError):
    """
    Client and server have no protocol version in common.

    Attributes:
        offered: versions the server offers and this package speaks.
        wanted: the version that was asked for, or `None` when any would do.

    """

    def __init__(self, *, offered: tuple[Version, ...], wanted: Version | None) -> None:
        super().__init__(offered, wanted)
        self.offered = offered
        self.wanted = wanted

    def __str__(self) -> str:
        offers = ", ".join(str(version) for version in self.offered) or "no version spoken here"
        if self.wanted is None:
            return f"the server offers {offers}; 12.1, 14.0, 14.1, 16.0 or 16.1 is needed"
        return f"the server does not offer version {self.wanted} (it offers {offers}); leave the version open"


class StatusError(RemoteProtocolError):
    """
    The server refused with a `Status`; `carrierpost.protocol.status` says what each means.

    Attributes:
        command: name of the command, as on the wire.
        status: the number.
    """

    def __init__(self, command: str, status: int) -> None:
        super().__init__(command, status)
        self.command = command
        self.status = status

    @property
    def outcome(self) -> Outcome:
        """
        The status, explained.
        """
        return status_table.outcome(self.command, self.status)

    def __str__(self) -> str:
        return f"{self.outcome.sentence} ({self.command} status {self.status})"


class HTTPStatusError(RemoteProtocolError):
    """
    The server refused with an HTTP status.

    Attributes:
        command: name of the command, as on the wire.
        status: the HTTP status code.
        location: the address that the server names instead (451), or for help and a new password (456, 457).
        retry_after: seconds that the server asks to be left alone, or `None`.
        reason: what the server gives as the reason of a throttling.
    """

    def __init__(
        self, command: str, status: int, *, location: str = "", retry_after: float | None = None, reason: str = ""
    ) -> None:
        super().__init__(command, status)
        self.command = command
        self.status = status
        self.location = location
        self.retry_after = retry_after
        self.reason = reason

    @property
    def outcome(self) -> Outcome:
        """
        The status, explained.
        """
        return status_table.http_outcome(self.status)

    def __str__(self) -> str:
        sentence = self.outcome.sentence
        if self.status == 457 and self.location:
            sentence = f"{sentence} Change it at {self.location}."
        elif self.status == 456 and self.location:
            sentence = f"{sentence} The server names {self.location} for help."
        if self.reason:
            sentence = f"{sentence} Its reason: {self.reason}."
        return f"{sentence} (HTTP {self.status} to {self.command})"


class WipeOrdered(RemoteProtocolError):
    """
    The server orders a wipe; nothing else may be asked of it before that is done.

    Attributes:
        account_only: whether it asks for the account alone rather than the device.
    """

    def __init__(self, account_only: bool) -> None:
        super().__init__(account_only)
        self.account_only = account_only

    def __str__(self) -> str:
        return "the server orders this account to be wiped"


class MalformedRequest(RemoteProtocolError):
    """
    A client's request breaks the protocol; the server answers it with a status.

    Attributes:
        command: name of the command, as on the wire.
        status: the status to answer with.
        reason: what is wrong with the request.
    """

    def __init__(self, command: str, status: int, reason: str) -> None:
        super().__init__(command, status, reason)
        self.command = command
        self.status = status
        self.reason = reason

    def __str__(self) -> str:
        return f"malformed {self.command} request: {self.reason} (status {self.status})"
