"""
What all daemons have in common: configured, started unless they run, found again, stopped.

A daemon that runs with the configuration it should have is left alone; one with other configuration is started
anew. A port that somebody else holds is an error that names it.
"""

from __future__ import annotations

import abc
import os
import signal
from pathlib import Path

from scripts.real.errors import RealServerError
from scripts.real.machine import is_running, listening, pid_from, say, wait_until
from scripts.real.settings import Settings

__all__ = ["Daemon"]


class Daemon(abc.ABC):
    """
    One server of a stack.

    Args:
        settings: of the whole stack.

    """

    name: str
    """What people call it."""

    stop_signal: signal.Signals = signal.SIGTERM
    stop_seconds: float = 15

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.state = settings.state

    @property
    @abc.abstractmethod
    def pid_file(self) -> Path:
        """
        Where its process id stands once it runs.
        """

    @property
    @abc.abstractmethod
    def ports(self) -> tuple[int, ...]:
        """
        The ports it listens on when it is ready.
        """

    @abc.abstractmethod
    def configure(self) -> bool:
        """
        Write its files; returns whether a running one must start anew to see them.
        """

    @abc.abstractmethod
    def start(self) -> None:
        """
        Start it, and return without waiting for it to be ready.
        """

    def clear(self) -> None:  # noqa: B027  # most daemons leave nothing that hinders the next start
        """
        Remove what a crashed one left behind.
        """

    @property
    def log(self) -> Path:
        """
        Where it tells its troubles.
        """
        return self.state / "log" / f"{self.name}.log"

    @property
    def pid(self) -> int | None:
        """
        The id of its main process while that runs.
        """
        pid = pid_from(self.pid_file)
        return pid if is_running(pid, str(self.state)) else None

    def ensure(self) -> bool:
        """
        Let it run with the configuration of the settings.

        Returns:
            Whether it was started.

        Raises:
            RealServerError: somebody else has its port, or it does not start.

        """
        changed = self.configure()
        if self.pid is not None:
            if not changed and all(map(listening, self.ports)):
                return False
            self.stop()
        self.clear()
        for port in self.ports:
            if listening(port):
                raise RealServerError(
                    f"{self.name} needs port {port}, which is taken; stop what listens there, or choose other "
                    f"ports with --port-base"
                )
        self.start()
        wait_until(f"start of {self.name}", lambda: all(map(listening, self.ports)), log=self.log)
        say(f"{self.name}: {', '.join(map(str, self.ports))}")
        return True

    def stop(self) -> None:
        """
        Stop it and wait for its end; killed when it does not listen.
        """
        pid = self.pid
        if pid is None:
            return
        os.kill(pid, self.stop_signal)
        mark = str(self.state)
        try:
            wait_until(f"end of {self.name}", lambda: not is_running(pid, mark), seconds=self.stop_seconds)
        except RealServerError:
            os.kill(pid, signal.SIGKILL)
            wait_until(f"end of {self.name}", lambda: not is_running(pid, mark))
