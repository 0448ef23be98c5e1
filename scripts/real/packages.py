"""
Debian packages that servers and measurements need, and how they get here.
"""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Iterable
from pathlib import Path

from scripts.real.errors import RealServerError
from scripts.real.machine import SYSTEM_PATH, say

__all__ = ["APP", "BENCH", "SOGO", "install", "missing"]

SOGO = (
    "sogo",
    "sogo-activesync",
    "dovecot-core",
    "dovecot-imapd",
    "dovecot-lmtpd",
    "dovecot-pgsql",
    "memcached",
    "nginx-light",
    "postgresql",
    "python3-aiosmtpd",
)
"""What a SOGo that speaks ActiveSync needs."""

APP = ("chromium", "fonts-noto-core")
"""What the web app is tried in."""

BENCH = ("libwbxml2-1", "dovecot-core", "dovecot-imapd", "isync")
"""The peers of `make bench`: a WBXML library, an IMAP server, and mbsync."""

_POLICY = Path("/usr/sbin/policy-rc.d")
_WAIT_FOR_LOCK = ("-o", "DPkg::Lock::Timeout=600")


def missing(packages: Iterable[str]) -> list[str]:
    """
    Tell which packages are not installed; all of them where there is no dpkg.
    """
    wanted = list(packages)
    if shutil.which("dpkg-query") is None:
        return wanted
    found = subprocess.run(
        ["dpkg-query", "-W", "-f", "${Package} ${db:Status-Status}\n", *wanted],
        capture_output=True,
        text=True,
        check=False,  # it fails as soon as one of the names is unknown to it
    )
    installed = {line.split()[0] for line in found.stdout.splitlines() if line.endswith(" installed")}
    return [name for name in wanted if name not in installed]


def install(packages: Iterable[str]) -> None:
    """
    Install what is missing.

    Raises:
        RealServerError: it cannot be done here; the message says what to install.

    """
    wanted = missing(packages)
    if not wanted:
        return
    command = "apt-get install --no-install-recommends " + " ".join(wanted)
    if shutil.which("apt-get") is None:
        raise RealServerError(f"these Debian packages are missing, and there is no apt-get here: {' '.join(wanted)}")
    if os.geteuid() != 0:
        raise RealServerError(f"packages are missing; as root: {command}")
    say(f"installing {' '.join(wanted)}")
    guarded = _forbid_services()
    try:
        _apt("update")
        _apt("install", "-y", "--no-install-recommends", *wanted)
    finally:
        if guarded:
            _POLICY.unlink(missing_ok=True)
    if still := missing(wanted):
        raise RealServerError(f"apt-get ended well, yet these are missing: {' '.join(still)}")


def _forbid_services() -> bool:
    """
    Keep packages from starting their services on default ports while they are installed.

    Returns:
        Whether the file that says so is ours, and to be removed afterwards.

    """
    if _POLICY.exists():
        return False
    _POLICY.write_text("#!/bin/sh\nexit 101\n", encoding="ascii")
    _POLICY.chmod(0o755)
    return True


def _apt(*arguments: str) -> None:
    environment = {**os.environ, "PATH": SYSTEM_PATH, "DEBIAN_FRONTEND": "noninteractive", "LC_ALL": "C.UTF-8"}
    done = subprocess.run(
        ["apt-get", "-q", *_WAIT_FOR_LOCK, *arguments],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        env=environment,
        check=False,
    )
    if done.returncode:
        raise RealServerError(f"apt-get {' '.join(arguments)} failed: {done.stdout[-2000:]}")
