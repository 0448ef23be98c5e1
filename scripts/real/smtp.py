"""
SMTP for the stack: takes mail for its own domain and hands it to Dovecot before it says yes.
"""

from __future__ import annotations

import subprocess
from pathlib import Path

from scripts.real.daemon import Daemon
from scripts.real.machine import SYSTEM_PATH, put

__all__ = ["Smtp"]

_PROGRAM = Path(__file__).with_name("smtp_sink.py")


class Smtp(Daemon):
    """
    The mail transport.

    It runs with Debian's Python, for which the library it uses is packaged, and from a copy in the state directory,
    since its user may not be able to read this tree.
    """

    name = "smtp"

    @property
    def pid_file(self) -> Path:
        return self.state / "run" / "smtp.pid"

    @property
    def ports(self) -> tuple[int, ...]:
        return (self.settings.port("smtp"),)

    def configure(self) -> bool:
        return put(self.state / "bin" / "smtp-sink", _PROGRAM.read_bytes())

    def start(self) -> None:
        rights = ["setpriv", "--reuid", "sogo", "--regid", "sogo", "--init-groups"]
        ports = [str(self.ports[0]), str(self.settings.port("lmtp"))]
        with self.log.open("a", encoding="utf-8") as log:
            process = subprocess.Popen(
                [*rights, "/usr/bin/python3", self.state / "bin" / "smtp-sink", *ports, self.settings.domain],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                env={"PATH": SYSTEM_PATH, "LANG": "C.UTF-8"},
                cwd="/",
                start_new_session=True,
            )
        put(self.pid_file, f"{process.pid}\n")
