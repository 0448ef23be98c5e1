"""
SOGo itself: a master and a fixed number of workers, each for one request at a time.
"""

from __future__ import annotations

import contextlib
import os
import signal
from pathlib import Path

from scripts.real.daemon import Daemon
from scripts.real.errors import RealServerError
from scripts.real.machine import directory, fill, is_running, put, run, wait_until
from scripts.real.settings import Settings

__all__ = ["Sogod"]

_GNUSTEP = Path("/etc/GNUstep/GNUstep.conf")
_DEFAULTS = "GNUSTEP_USER_DEFAULTS_DIR="


class Sogod(Daemon):
    """
    The groupware server.
    """

    name = "sogod"
    stop_seconds = 2  # idle workers notice a polite signal only after about ten seconds; nothing is lost by killing

    def __init__(self, settings: Settings, password: str) -> None:
        super().__init__(settings)
        self.password = password
        self.directory = self.state / "etc" / "gnustep"

    @property
    def pid_file(self) -> Path:
        return self.state / "run" / "sogo" / "sogo.pid"

    @property
    def ports(self) -> tuple[int, ...]:
        return (self.settings.port("sogod"),)

    @property
    def log(self) -> Path:
        return self.state / "log" / "sogo" / "sogo.log"

    def configure(self) -> bool:
        for path in (self.log.parent, self.pid_file.parent, self.directory):
            directory(path, owner="sogo")
        directory(self.state / "spool", owner="sogo", mode=0o750)
        name, port = self.settings.domain, self.settings.port
        database = f"postgresql://sogo:{self.password}@127.0.0.1:{port('postgres')}/sogo"
        main = fill(
            "sogod.plist",
            sogod=port("sogod"),
            workers=self.settings.workers,
            watchdog=self.settings.longest_heartbeat // 60 + 6,
            state=self.state,
            memcached=port("memcached"),
            database=database,
            domain=name,
            imap=port("imap"),
            smtp=port("smtp"),
            longest=self.settings.longest_heartbeat,
            poll=self.settings.poll,
            debug="YES" if self.settings.debug else "NO",
        )
        return any(
            [
                put(self.directory / "GNUstep.conf", self._gnustep()),
                put(self.directory / "sogod.plist", main, mode=0o640, owner="sogo"),
            ]
        )

    def _gnustep(self) -> str:
        """
        Take the machine's GNUstep configuration, with another place for defaults; those win over
        /etc/sogo/sogo.conf.
        """
        lines = _GNUSTEP.read_text(encoding="utf-8").splitlines()
        if not any(line.startswith(_DEFAULTS) for line in lines):
            raise RealServerError(f"{_GNUSTEP} has no {_DEFAULTS}; this knows GNUstep as Debian 12 has it")
        moved = [f"{_DEFAULTS}{self.directory}" if line.startswith(_DEFAULTS) else line for line in lines]
        return "\n".join(moved) + "\n"

    def clear(self) -> None:
        """
        End workers that outlived their master: they keep the port.
        """
        mark = f"-WOPidFile\0{self.pid_file}"
        left = [pid for pid in self._processes() if is_running(pid, mark)]
        for pid in left:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        wait_until("end of SOGo's workers", lambda: not any(is_running(pid, mark) for pid in left))
        self.pid_file.unlink(missing_ok=True)

    @staticmethod
    def _processes() -> list[int]:
        return [int(entry.name) for entry in Path("/proc").iterdir() if entry.name.isdigit()]

    def start(self) -> None:
        run(
            ["sogod", "-WOPidFile", self.pid_file, "-WOLogFile", self.log],
            user="sogo",
            log=self.state / "log" / "sogod-start.log",
            environment={"GNUSTEP_CONFIG_FILE": str(self.directory / "GNUstep.conf")},
        )

    def stop(self) -> None:
        """
        Stop master and workers.
        """
        super().stop()
        self.clear()
