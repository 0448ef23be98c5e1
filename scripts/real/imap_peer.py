"""
A Dovecot with one mailbox, TLS on loopback: what IMAP clients are measured against.

The mailbox is a Maildir that we fill ourselves, since handing in ten thousand mails one by one would take longer than
what is measured. Dovecot's own index is made before anybody asks, so its making is not measured either.
"""

from __future__ import annotations

import secrets
import shutil
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from scripts.real import packages
from scripts.real.certificates import issue
from scripts.real.daemon import Daemon
from scripts.real.dovecot import require_version
from scripts.real.machine import directory, fill, put, require_root, run
from scripts.real.settings import Settings

__all__ = ["ImapPeer", "imap_peer"]

_USER = "peer"
_EPOCH = 1772442000  # of the first mail's name; a fixed one gives the same names in every run


@dataclass(frozen=True, slots=True)
class ImapPeer:
    """
    Where the mailbox is.

    Attributes:
        host: name in the certificate.
        port: IMAP over TLS from the first byte.
        user: login name.
        password: made for this run.
        ca: the authority to trust.
        count: mails in INBOX.

    """

    host: str
    port: int
    user: str
    password: str
    ca: Path
    count: int


class _Dovecot(Daemon):
    """
    The server; its port is the `imap` one of its settings.
    """

    name = "imap-peer"

    def __init__(self, settings: Settings, password: str) -> None:
        super().__init__(settings)
        self.password = password
        self.configuration = self.state / "etc" / "dovecot.conf"

    @property
    def pid_file(self) -> Path:
        return self.state / "run" / "dovecot" / "master.pid"

    @property
    def ports(self) -> tuple[int, ...]:
        return (self.settings.port("imap"),)

    @property
    def log(self) -> Path:
        return self.state / "log" / "dovecot.log"

    def configure(self) -> bool:
        require_version()
        issue(directory(self.state / "tls"))
        put(self.state / "etc" / "users", f"{_USER}:{self.password}\n", mode=0o640, owner="dovecot")
        return put(self.configuration, fill("imap-peer.conf", state=self.state, imaps=self.ports[0]))

    def clear(self) -> None:
        self.pid_file.unlink(missing_ok=True)

    def start(self) -> None:
        run(["dovecot", "-c", self.configuration], log=self.log)


@contextmanager
def imap_peer(mails: Iterable[bytes], *, state: Path, port_base: int = 22000) -> Iterator[ImapPeer]:
    """
    Run the server with these mails in INBOX, and remove everything afterwards.

    Args:
        mails: whole messages, lines ended by CR LF.
        state: directory for everything; it must not exist, and other users must be able to enter its parent.
        port_base: the server listens on this plus 143.

    Raises:
        RealServerError: it cannot be had here.

    """
    require_root()
    packages.install(packages.BENCH)
    settings = Settings(state=state, port_base=port_base)
    state.mkdir(mode=0o755)
    server = _Dovecot(settings, secrets.token_hex(16))
    try:
        for name in ("run", "log", "etc"):
            directory(state / name)
        count = _fill(directory(state / "mail", owner="mail"), mails)
        server.ensure()
        run(["doveadm", "-c", server.configuration, "index", "-u", _USER, "INBOX"])
        yield ImapPeer("localhost", server.ports[0], _USER, server.password, state / "tls" / "ca.crt", count)
    finally:
        server.stop()
        shutil.rmtree(state)


def _fill(home: Path, mails: Iterable[bytes]) -> int:
    """
    Write a Maildir; returns how many mails there are.
    """
    maildir = directory(home / "Maildir", owner="mail")
    current, *_ = (directory(maildir / name, owner="mail") for name in ("cur", "new", "tmp"))
    count = 0
    for number, mail in enumerate(mails):
        path = current / f"{_EPOCH + number}.{number}.peer,S={len(mail)}:2,S"
        path.write_bytes(mail)
        shutil.chown(path, "mail", "mail")
        count += 1
    return count
