"""
Processes that take part in a measurement: told what to do by lines of JSON, answering by lines of JSON.

A peer that shares its process with what is measured would slow it down, and hide whose time was spent. Times that pass
between processes are `time.monotonic()`, which all processes of a machine share.
"""

from __future__ import annotations

import contextlib
import json
import resource
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from types import TracebackType
from typing import Any

__all__ = ["Child", "ChildFailed", "allow_files", "peak_memory", "resident_memory", "say"]

_ROOT = Path(__file__).parent.parent
_PATIENCE = 60.0  # seconds in which a child ends after its input has ended


class ChildFailed(Exception):
    """
    A process ended before it had answered; its own words stand in the output above.
    """


class Child:
    """
    A Python process that runs a module of this package.

    Args:
        module: the module's name, `benchmarks.exchange`.
        arguments: its arguments.

    Attributes:
        started: monotonic seconds just before it was started.
    """

    def __init__(self, module: str, *arguments: object) -> None:
        self._module = module
        self.started = time.monotonic()
        self._process = subprocess.Popen(
            [sys.executable, "-m", module, *map(str, arguments)],
            cwd=_ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def __enter__(self) -> Child:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        with contextlib.suppress(BrokenPipeError):
            self._process.stdin.close()
        try:
            if kind is None:
                self._process.wait(_PATIENCE)
        except subprocess.TimeoutExpired:
            raise ChildFailed(f"{self._module} does not end") from None
        finally:
            self._process.kill()
            self._process.wait()
            self._process.stdout.close()

    def hear(self) -> dict[str, Any]:
        """
        Wait for the next answer.

        Raises:
            ChildFailed: there is none.
        """
        assert self._process.stdout is not None
        line = self._process.stdout.readline()
        if not line:
            raise ChildFailed(f"{self._module} ended with status {self._process.wait()} before it had answered")
        answer: dict[str, Any] = json.loads(line)
        return answer

    def ask(self, what: str, **values: object) -> dict[str, Any]:
        """
        Tell the process to do something, and wait for its answer.

        Raises:
            ChildFailed: there is none.
        """
        self.tell(what, **values)
        return self.hear()

    def tell(self, what: str, **values: object) -> None:
        """
        Tell the process to do something.
        """
        assert self._process.stdin is not None
        self._process.stdin.write(json.dumps({"do": what, **values}) + "\n")
        self._process.stdin.flush()


def say(**values: object) -> None:
    """
    Answer, on the side of the child.
    """
    print(json.dumps(values), flush=True)


def peak_memory(read: Callable[[], str] = Path("/proc/self/status").read_text) -> int:
    """
    Give the most memory this process has had resident, in bytes; 0 where the system does not say.

    `getrusage` would count the parent's memory too, which a child shares until it becomes a program of its own.
    """
    return _memory("VmHWM:", read)


def resident_memory(read: Callable[[], str] = Path("/proc/self/status").read_text) -> int:
    """
    Give the memory that this process has resident now, in bytes; 0 where the system does not say.
    """
    return _memory("VmRSS:", read)


def _memory(name: str, read: Callable[[], str]) -> int:
    try:
        lines = read().splitlines()
    except OSError:
        return 0
    found = [line.split() for line in lines if line.startswith(name)]
    return int(found[0][1]) * 1024 if found else 0


def allow_files(number: int) -> None:
    """
    Let this process have so many files and connections open.

    Raises:
        ChildFailed: the system does not allow it.
    """
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if hard != resource.RLIM_INFINITY and hard < number:
        raise ChildFailed(f"{number} files have to be open, and {hard} are allowed; raise it with: ulimit -Hn {number}")
    if soft < number:
        resource.setrlimit(resource.RLIMIT_NOFILE, (number, hard))
