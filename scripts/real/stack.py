"""
All daemons of a SOGo, in the order in which they need each other.
"""

from __future__ import annotations

import fcntl
import json
import secrets
import shutil
import subprocess
import urllib.error
import urllib.request
from base64 import b64encode
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from scripts.real import packages
from scripts.real.daemon import Daemon
from scripts.real.dovecot import Dovecot
from scripts.real.errors import RealServerError
from scripts.real.machine import directory, put, require_root, say, wait_until
from scripts.real.memcached import Memcached
from scripts.real.nginx import Nginx
from scripts.real.postgres import Postgres
from scripts.real.settings import Settings
from scripts.real.smtp import Smtp
from scripts.real.sogod import Sogod

__all__ = ["DESCRIPTION", "describe", "down", "is_up", "up"]

DESCRIPTION = "stack.json"
"""The file in the state directory that tells where everything is."""

_PATH = "/Microsoft-Server-ActiveSync"


def up(settings: Settings) -> dict[str, Any]:
    """
    Install what is missing, start what does not run, and wait until SOGo answers.

    Returns:
        What `describe` says; also kept in the state directory.

    Raises:
        RealServerError: something cannot be had; the message says what and why.

    """
    require_root()
    packages.install(packages.SOGO)
    directory(settings.state)
    with _alone(settings.state):
        for name in ("run", "log", "etc", "bin"):
            directory(settings.state / name)
        _require_reachable(settings.state)
        password = _database_password(settings.state)
        postgres = Postgres(settings, password)
        postgres.ensure()
        postgres.add_users()
        memcached = Memcached(settings)
        if not memcached.ensure():
            memcached.forget()
        rest: list[Daemon] = [Dovecot(settings, password), Smtp(settings), Sogod(settings, password), Nginx(settings)]
        for daemon in rest:
            daemon.ensure()
        wait_until("SOGo's first answer", lambda: _answers(settings), seconds=60, log=rest[2].log)
        description = describe(settings)
        put(settings.state / DESCRIPTION, json.dumps(description, indent=1) + "\n", mode=0o600)
        return description


def down(settings: Settings, *, purge: bool = False) -> None:
    """
    Stop everything that runs below the state directory.

    Args:
        settings: of the stack; the state directory alone counts.
        purge: also delete the state directory.

    """
    require_root()
    if not settings.state.exists():
        return
    with _alone(settings.state):
        for daemon in reversed(_daemons(settings)):
            daemon.stop()
        (settings.state / DESCRIPTION).unlink(missing_ok=True)
    if purge:
        shutil.rmtree(settings.state)
    say(f"stopped what ran in {settings.state}")


def is_up(settings: Settings) -> bool:
    """
    Tell whether all daemons run.
    """
    return all(daemon.pid is not None for daemon in _daemons(settings))


def describe(settings: Settings) -> dict[str, Any]:
    """
    Tell where everything is, as plain values for JSON.

    `eas_url` and `eas_url_tls` are what clients talk to, `tls_ca` the authority to trust for the latter; `users`
    have name, password, address and full name; `smtp`, `lmtp` and `imap` are HOST:PORT without TLS or login
    (but for imap's own); `dav` is the root of SOGo's CalDAV and CardDAV; `logs` and `state` are directories.
    """
    base = f"http://127.0.0.1:{settings.port('http')}"
    return {
        "eas_url": base + _PATH,
        "eas_url_tls": f"https://localhost:{settings.port('https')}{_PATH}",
        "tls_ca": str(settings.state / "tls" / "ca.crt"),
        "domain": settings.domain,
        "users": [
            {
                "user": user.name,
                "password": user.password,
                "email": settings.address(user),
                "name": user.full_name,
            }
            for user in settings.users
        ],
        "smtp": f"127.0.0.1:{settings.port('smtp')}",
        "lmtp": f"127.0.0.1:{settings.port('lmtp')}",
        "imap": f"127.0.0.1:{settings.port('imap')}",
        "dav": f"{base}/SOGo/dav",
        "poll_seconds": settings.poll,
        "state": str(settings.state),
        "logs": str(settings.state / "log"),
    }


def _daemons(settings: Settings) -> list[Daemon]:
    """
    All of them in starting order; for stopping and asking, where the password does not matter.
    """
    return [
        Postgres(settings, ""),
        Memcached(settings),
        Dovecot(settings, ""),
        Smtp(settings),
        Sogod(settings, ""),
        Nginx(settings),
    ]


def _database_password(state: Path) -> str:
    path = state / "etc" / "database-password"
    if not path.exists():
        put(path, secrets.token_hex(16), mode=0o600)
    return path.read_text(encoding="ascii")


@contextmanager
def _alone(state: Path) -> Iterator[None]:
    """
    Let one process at a time start or stop a stack.
    """
    with (state / ".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _require_reachable(state: Path) -> None:
    """
    See to it that the daemons' users can enter the state directory.
    """
    test = ["setpriv", "--reuid", "nobody", "--regid", "nogroup", "--clear-groups", "test", "-x", str(state)]
    if subprocess.run(test, check=False).returncode:
        raise RealServerError(f"{state} cannot be entered by other users; choose a place like /tmp with --state")


def _answers(settings: Settings) -> bool:
    """
    Ask for the options of the first user's mailbox.
    """
    user = settings.users[0]
    login = b64encode(f"{user.name}:{user.password}".encode()).decode()
    request = urllib.request.Request(
        f"http://127.0.0.1:{settings.port('http')}{_PATH}",
        method="OPTIONS",
        headers={"Authorization": f"Basic {login}"},
    )
    # Straight to loopback: a proxy of the environment has no business here.
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    try:
        with opener.open(request, timeout=10) as answer:
            return int(answer.status) == 200
    except (urllib.error.URLError, OSError):
        return False
