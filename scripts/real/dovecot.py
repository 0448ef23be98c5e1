"""
Dovecot: SOGo keeps mail in an IMAP server. Delivery comes in by LMTP.
"""

from __future__ import annotations

import pwd
from pathlib import Path

from scripts.real.daemon import Daemon
from scripts.real.errors import RealServerError
from scripts.real.machine import directory, fill, put, run
from scripts.real.settings import Settings

__all__ = ["Dovecot", "require_version"]


class Dovecot(Daemon):
    """
    The mail store behind SOGo; it asks PostgreSQL who may log in.
    """

    name = "dovecot"

    def __init__(self, settings: Settings, password: str) -> None:
        super().__init__(settings)
        self.password = password
        self.configuration = self.state / "etc" / "dovecot.conf"

    @property
    def pid_file(self) -> Path:
        return self.state / "run" / "dovecot" / "master.pid"

    @property
    def ports(self) -> tuple[int, ...]:
        return (self.settings.port("imap"), self.settings.port("lmtp"))

    def configure(self) -> bool:
        require_version()
        directory(self.state / "mail", owner="sogo", mode=0o750)
        directory(self.state / "etc")
        database = fill(
            "dovecot-sql.conf",
            port=self.settings.port("postgres"),
            password=self.password,
            mail=self.state / "mail",
            domain=self.settings.domain,
        )
        script = fill("imap-postlogin", configuration=self.configuration)
        main = fill(
            "dovecot.conf",
            state=self.state,
            uid=pwd.getpwnam("sogo").pw_uid,
            imap=self.settings.port("imap"),
            lmtp=self.settings.port("lmtp"),
            smtp=self.settings.port("smtp"),
        )
        return any(
            [
                put(self.state / "etc" / "dovecot-sql.conf", database, mode=0o600),
                put(directory(self.state / "bin") / "imap-postlogin", script, mode=0o755),
                put(self.configuration, main),
            ]
        )

    def clear(self) -> None:
        self.pid_file.unlink(missing_ok=True)

    def start(self) -> None:
        run(["dovecot", "-c", self.configuration], log=self.log)


def require_version() -> None:
    """
    Refuse a Dovecot whose configuration is written in another language than ours.

    Raises:
        RealServerError: it is not of the 2.3 line.

    """
    version = run(["dovecot", "--version"]).strip()
    if not version.startswith("2.3."):
        raise RealServerError(f"this knows the configuration of Dovecot 2.3 (Debian 12), not of {version}")
