"""
The directory below which everything lives, its private files, and the locks that keep processes apart.
"""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator, Mapping
from pathlib import Path

import platformdirs

from carrierpost.bootstrap.errors import HubBusy

__all__ = ["find_home", "hold_alone", "write_private"]


def find_home(environment: Mapping[str, str]) -> Path:
    """
    Give the directory below which everything lives: `CARRIERPOST_HOME`, or the system's place for it.
    """
    named = environment.get("CARRIERPOST_HOME")
    return Path(named).expanduser() if named else Path(platformdirs.user_data_dir("carrierpost"))


def write_private(file: Path, text: str) -> None:
    """
    Write a file that only its owner may read, unless it is there already.
    """
    with contextlib.suppress(FileExistsError):
        descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "w", encoding="ascii") as stream:
            stream.write(text)


@contextlib.contextmanager
def hold_alone(file: Path, address: str) -> Iterator[None]:
    """
    Hold a lock file while one works on an account; two at a time would confuse its server.

    Only the file's descriptor is kept: with thousands of accounts a buffer for each would be most of what they take.

    Raises:
        HubBusy: another process holds it.
    """
    try:
        import fcntl
    except ImportError:  # no such locks on this system
        yield
        return
    descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            raise HubBusy(f"another carrierpost works on {address} at the moment; let it end first") from None
        yield
    finally:
        os.close(descriptor)
