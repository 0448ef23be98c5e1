"""
The machine as the launch scripts see it: files, processes, ports.

Daemons get files, never pipes, as standard output: they keep it open for their whole life, and whoever reads a
pipe to its end would wait as long.
"""

from __future__ import annotations

import os
import pwd
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path

from scripts.real.errors import RealServerError

__all__ = [
    "directory",
    "fill",
    "is_running",
    "listening",
    "pid_from",
    "put",
    "require_root",
    "run",
    "say",
    "wait_until",
]

TEMPLATES = Path(__file__).parent / "templates"
SYSTEM_PATH = "/usr/sbin:/usr/bin:/sbin:/bin"


def say(message: str) -> None:
    """
    Tell a person about progress; standard output is kept for results.
    """
    print(f"real: {message}", file=sys.stderr, flush=True)


def require_root() -> None:
    """
    Refuse to go on as anyone but root.

    Raises:
        RealServerError: this process is not root's.

    """
    if os.geteuid() != 0:
        raise RealServerError("the servers run as users of their own, so this needs root; use sudo")


def fill(template: str, **values: object) -> str:
    """
    Fill a file of `templates/`: `{{name}}` becomes the value of that name.

    Raises:
        RealServerError: a name is left over, or a value is not asked for.

    """
    text = (TEMPLATES / template).read_text(encoding="utf-8")
    for name, value in values.items():
        if f"{{{{{name}}}}}" not in text:
            raise RealServerError(f"{template} does not ask for {name}")
        text = text.replace(f"{{{{{name}}}}}", str(value))
    if "{{" in text:
        raise RealServerError(f"{template}: {text[text.index('{{') :].split('}}')[0]}}}}} has no value")
    return text


def put(path: Path, content: str | bytes, *, mode: int = 0o644, owner: str | None = None) -> bool:
    """
    Write a file unless it is there with the same content.

    Args:
        path: where.
        content: what; it appears whole or not at all.
        mode: its permission bits.
        owner: the user that it belongs to; `None` for ours.

    Returns:
        Whether anything was changed.

    """
    data = content.encode() if isinstance(content, str) else content
    if path.exists() and path.read_bytes() == data and path.stat().st_mode & 0o7777 == mode:
        return False
    scratch = path.with_name(path.name + ".new")
    scratch.touch(mode=0o600)
    scratch.write_bytes(data)
    if owner is not None:
        shutil.chown(scratch, owner, pwd.getpwnam(owner).pw_gid)
    scratch.chmod(mode)
    scratch.replace(path)
    return True


def directory(path: Path, *, owner: str | None = None, mode: int = 0o755) -> Path:
    """
    Make a directory unless it is there, and give it to a user; `None` for ours.
    """
    path.mkdir(parents=True, exist_ok=True)
    if owner is not None:
        shutil.chown(path, owner, pwd.getpwnam(owner).pw_gid)
    path.chmod(mode)
    return path


def run(
    command: Sequence[str | Path],
    *,
    user: str | None = None,
    stdin: str | None = None,
    log: Path | None = None,
    environment: dict[str, str] | None = None,
) -> str:
    """
    Run a program to its end.

    Args:
        command: program and arguments.
        user: whose rights it gets, with that user's groups; `None` keeps ours.
        stdin: its input; none by default.
        log: file that takes its output, needed for whatever leaves a daemon behind.
        environment: its whole environment but for PATH and LANG.

    Returns:
        Its standard output, empty when that goes to `log`.

    Raises:
        RealServerError: it failed; the message ends with what it said.

    """
    words = [str(word) for word in command]
    drop = ["setpriv", "--reuid", user, "--regid", user, "--init-groups"] if user else []
    env = {"PATH": SYSTEM_PATH, "LANG": "C.UTF-8", **(environment or {})}
    common = {"env": env, "cwd": "/", "text": True, "check": False}
    if log is None:
        done = subprocess.run([*drop, *words], input=stdin or "", capture_output=True, **common)  # type: ignore[call-overload]
        said = done.stdout + done.stderr
    else:
        with log.open("a", encoding="utf-8") as out:
            done = subprocess.run(  # type: ignore[call-overload]
                [*drop, *words], stdin=subprocess.DEVNULL, stdout=out, stderr=out, **common
            )
        said = log.read_text(encoding="utf-8", errors="replace")
    if done.returncode:
        raise RealServerError(f"{' '.join(words)} failed ({done.returncode}): {said.strip()[-2000:]}")
    return "" if log else str(done.stdout)


def pid_from(path: Path) -> int | None:
    """
    Read a process id from the first line of a pid file; `None` without one.
    """
    try:
        return int(path.read_text(encoding="ascii").split()[0])
    except (FileNotFoundError, ValueError, IndexError):
        return None


def is_running(pid: int | None, mark: str) -> bool:
    """
    Tell whether a process lives and is ours: its command line contains the mark, usually the state directory.

    Process ids are given out again, so the number alone proves nothing.
    """
    if pid is None:
        return False
    try:
        command = Path(f"/proc/{pid}/cmdline").read_bytes()
        state = Path(f"/proc/{pid}/stat").read_text(encoding="ascii", errors="replace").rpartition(")")[2].split()[0]
    except (FileNotFoundError, ProcessLookupError):
        return False
    return state != "Z" and mark.encode() in command


def listening(port: int) -> bool:
    """
    Tell whether somebody accepts connections on a port of 127.0.0.1.
    """
    with socket.socket() as probe:
        probe.settimeout(1)
        return probe.connect_ex(("127.0.0.1", port)) == 0


def wait_until(what: str, condition: Callable[[], bool], *, seconds: float = 30, log: Path | None = None) -> None:
    """
    Wait for something that another process does.

    Raises:
        RealServerError: it did not happen in time; the message carries the end of the log.

    """
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline:
            tail = ""
            if log is not None and log.exists():
                tail = "; its log ends with: " + log.read_text(encoding="utf-8", errors="replace")[-1500:]
            raise RealServerError(f"{what} did not happen within {seconds:.0f} s{tail}")
        time.sleep(0.05)
