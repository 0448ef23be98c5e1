"""
memcached: SOGo's workers share logins and sessions in it.
"""

from __future__ import annotations

import socket
from pathlib import Path

from scripts.real.daemon import Daemon
from scripts.real.machine import directory, run

__all__ = ["Memcached"]


class Memcached(Daemon):
    """
    The cache.
    """

    name = "memcached"

    @property
    def pid_file(self) -> Path:
        return self.state / "run" / "memcached" / "memcached.pid"

    @property
    def ports(self) -> tuple[int, ...]:
        return (self.settings.port("memcached"),)

    def configure(self) -> bool:
        directory(self.pid_file.parent, owner="memcache")
        return False

    def start(self) -> None:
        where = ["-l", "127.0.0.1", "-p", str(self.ports[0]), "-U", "0"]
        size = ["-m", "64", "-c", "1024"]
        run(["memcached", "-d", "-u", "memcache", *where, *size, "-P", self.pid_file], log=self.log)

    def forget(self) -> None:
        """
        Empty it: SOGo remembers passwords here for minutes.
        """
        with socket.create_connection(("127.0.0.1", self.ports[0]), timeout=5) as wire:
            wire.sendall(b"flush_all\r\n")
            wire.recv(64)
