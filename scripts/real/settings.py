"""
Which servers to run: values only.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

__all__ = ["DEFAULT_USERS", "Settings", "User"]

_OFFSETS = {
    "http": 0,
    "sogod": 1,
    "memcached": 11,
    "lmtp": 24,
    "smtp": 25,
    "imap": 143,
    "postgres": 432,
    "https": 443,
}


@dataclass(frozen=True, slots=True)
class User:
    """
    A mailbox.

    Attributes:
        name: login name, lower case; also the local part of the address.
        password: in clear, for it is a test's.
        full_name: what the address list shows.

    """

    name: str
    password: str
    full_name: str

    def __post_init__(self) -> None:
        if not self.name.isalnum() or self.name != self.name.lower():
            raise ValueError(f"user name {self.name!r}: lower-case letters and digits only")

    @classmethod
    def parse(cls, text: str) -> User:
        """
        Read `NAME:PASSWORD[:FULL NAME]`.

        Raises:
            ValueError: a part is missing.

        """
        name, _, rest = text.partition(":")
        password, _, full_name = rest.partition(":")
        if not name or not password:
            raise ValueError(f"user {text!r}: expected NAME:PASSWORD[:FULL NAME]")
        return cls(name, password, full_name or f"{name.capitalize()} Example")


DEFAULT_USERS = (User("alice", "alice-secret", "Alice Example"), User("bob", "bob-secret", "Bob Example"))


@dataclass(frozen=True, slots=True)
class Settings:
    """
    A stack of servers.

    Attributes:
        state: directory for everything they write; every system user must be able to enter it.
        port_base: first of 444 ports on 127.0.0.1, see `port`.
        users: the mailboxes.
        domain: of their addresses.
        workers: processes of SOGo. A held Ping occupies one for its whole time, also after the client has gone.
        poll: seconds between two looks of a held request at the mailbox; below 5 it stretches Ping.
        longest_heartbeat: seconds that SOGo lets a Ping last; its own default of 10 is of no use to anyone.
        debug: let SOGo log every request and answer decoded.

    """

    state: Path
    port_base: int = 21000
    users: tuple[User, ...] = DEFAULT_USERS
    domain: str = "sogo.test"
    workers: int = 24
    poll: int = 5
    longest_heartbeat: int = 3540
    debug: bool = False

    def __post_init__(self) -> None:
        if not 1024 <= self.port_base <= 65535 - max(_OFFSETS.values()):
            raise ValueError(f"port base {self.port_base}: must be between 1024 and 65092")
        if not self.users:
            raise ValueError("a stack needs at least one user")

    def port(self, name: str) -> int:
        """
        Tell the port of a service: http, https, sogod, memcached, lmtp, smtp, imap or postgres.
        """
        return self.port_base + _OFFSETS[name]

    def address(self, user: User) -> str:
        """
        Tell a user's mail address.
        """
        return f"{user.name}@{self.domain}"
