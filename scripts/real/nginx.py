"""
nginx: gives SOGo the path that ActiveSync clients ask for, connections that stay open, and TLS.
"""

from __future__ import annotations

from pathlib import Path

from scripts.real.certificates import issue
from scripts.real.daemon import Daemon
from scripts.real.machine import directory, fill, put, run

__all__ = ["Nginx"]


class Nginx(Daemon):
    """
    The face of the stack: http and https.
    """

    name = "nginx"

    @property
    def pid_file(self) -> Path:
        return self.state / "run" / "nginx.pid"

    @property
    def ports(self) -> tuple[int, ...]:
        return (self.settings.port("http"), self.settings.port("https"))

    @property
    def configuration(self) -> Path:
        """
        Its configuration file.
        """
        return self.state / "etc" / "nginx.conf"

    def configure(self) -> bool:
        issued = issue(directory(self.state / "tls"))
        main = fill(
            "nginx.conf",
            state=self.state,
            http=self.settings.port("http"),
            https=self.settings.port("https"),
            sogod=self.settings.port("sogod"),
        )
        return put(self.configuration, main) or issued

    def start(self) -> None:
        run(["nginx", "-c", self.configuration, "-e", self.log], log=self.state / "log" / "nginx-start.log")
