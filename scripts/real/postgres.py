"""
PostgreSQL: SOGo keeps calendars, address books and its users there.

A cluster of its own; the machine's is not touched. Nothing in it is worth keeping, so nothing is synced to disk.
"""

from __future__ import annotations

import base64
import hashlib
import re
import shutil
import signal
from pathlib import Path

from scripts.real.daemon import Daemon
from scripts.real.errors import RealServerError
from scripts.real.machine import directory, fill, put, run, wait_until
from scripts.real.settings import Settings, User

__all__ = ["Postgres", "hashed"]

_INSTALLED = Path("/usr/lib/postgresql")


class Postgres(Daemon):
    """
    The database server, and the tables that say who has a mailbox.
    """

    name = "postgres"
    stop_signal = signal.SIGINT  # ends sessions at once and still closes the database in order

    def __init__(self, settings: Settings, password: str) -> None:
        super().__init__(settings)
        self.password = password
        self.data = self.state / "postgres"
        self.sockets = self.state / "run" / "postgres"

    @property
    def pid_file(self) -> Path:
        return self.data / "postmaster.pid"

    @property
    def ports(self) -> tuple[int, ...]:
        return (self.settings.port("postgres"),)

    @property
    def log(self) -> Path:
        return self.state / "log" / "postgres" / "postgres.log"

    def configure(self) -> bool:
        directory(self.log.parent, owner="postgres", mode=0o750)
        directory(self.sockets, owner="postgres")
        directory(self.data, owner="postgres", mode=0o700)
        if not (self.data / "PG_VERSION").exists():
            run(
                [self._program("initdb"), "-D", self.data, "-E", "UTF8", "--locale=C.UTF-8", "--no-sync"],
                user="postgres",
            )
        server = fill(
            "postgresql.conf",
            port=self.settings.port("postgres"),
            sockets=self.sockets,
            connections=40 + 6 * self.settings.workers,
        )
        access = "local all postgres peer\nhost all all 127.0.0.1/32 scram-sha-256\n"
        changed = put(self.data / "postgresql.auto.conf", server, mode=0o600, owner="postgres")
        return put(self.data / "pg_hba.conf", access, mode=0o600, owner="postgres") or changed

    def start(self) -> None:
        # After a crash its children live on for a moment and hold the memory that the next one asks for.
        wait_until("start of postgres", self._started, seconds=10, log=self.log)

    def _started(self) -> bool:
        words: list[str | Path] = [self._program("pg_ctl"), "-D", self.data, "-w", "-l", self.log, "start"]
        try:
            run(words, user="postgres", log=self.state / "log" / "pg_ctl.log")
        except RealServerError:
            return self.pid is not None
        return True

    def add_users(self) -> None:
        """
        Make role, database, tables and the users of the settings; what is there already stays.
        """
        role = f"CREATE ROLE sogo LOGIN PASSWORD '{self.password}'"
        if not self._sql("postgres", "SELECT 1 FROM pg_roles WHERE rolname = 'sogo'"):
            self._sql("postgres", role)
        if not self._sql("postgres", "SELECT 1 FROM pg_database WHERE datname = 'sogo'"):
            self._sql("postgres", "CREATE DATABASE sogo OWNER sogo")
        self._sql("sogo", fill("accounts.sql"))
        for user in self.settings.users:
            self._sql(
                "sogo",
                fill("account.sql"),
                name=user.name,
                full=user.full_name,
                mail=self.settings.address(user),
                password=hashed(user),
            )

    def _sql(self, database: str, script: str, **values: str) -> str:
        variables = [word for name, value in values.items() for word in ("-v", f"{name}={value}")]
        command = ["psql", "-X", "-q", "-t", "-A", "-v", "ON_ERROR_STOP=1", *variables]
        where = ["-h", str(self.sockets), "-p", str(self.settings.port("postgres")), "-U", "postgres", "-d", database]
        return run([*command, *where], user="postgres", stdin=script).strip()

    def _program(self, name: str) -> Path:
        found = sorted(_INSTALLED.glob(f"*/bin/{name}"), key=lambda path: int(re.sub(r"\D", "", path.parts[4]) or 0))
        if found:
            return found[-1]
        elsewhere = shutil.which(name)
        if elsewhere is None:
            raise RealServerError(f"{name} was not found; install the Debian package postgresql")
        return Path(elsewhere)


def hashed(user: User) -> str:
    """
    Hash a password as Dovecot and SOGo both read it.

    The salt follows from the password: the same settings give the same table, and these passwords guard nothing.
    """
    password = user.password.encode()
    salt = hashlib.sha256(user.name.encode() + password).digest()[:8]
    return "{SSHA512}" + base64.b64encode(hashlib.sha512(password + salt).digest() + salt).decode()
