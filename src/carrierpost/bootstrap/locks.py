"""
The locks of one home: what only one process does at a time, for each account.

They are bytes of one file. A file for each account would be an open file for each, and a system that allows twenty
thousand of them would let one process hold ten thousand connections at most.
"""

from __future__ import annotations

import contextlib
import enum
import os
import struct
from collections.abc import Iterator
from pathlib import Path

from carrierpost.bootstrap.errors import HubBusy

__all__ = ["Locks", "Purpose"]

_FLOCK = "hhqqi"  # struct flock: type, whence, start, length, process


class Purpose(enum.IntEnum):
    """
    What an account is locked for.
    """

    WORK = 0
    """Two who ask its server the same would confuse it."""
    LOGIN = 1
    """Its login is renewed."""


class Locks:
    """
    The locks of a home.

    Each is kept from other processes, and from others in this one. They end with the process, however it ends.

    Args:
        home: the directory; `None` where nothing is kept, and so nobody else can reach it.
    """

    def __init__(self, home: Path | None) -> None:
        self._home = home
        self._descriptor: int | None = None
        self._held: set[int] = set()

    @contextlib.contextmanager
    def alone(self, account_id: int, purpose: Purpose, address: str) -> Iterator[None]:
        """
        Hold a lock while one works on an account.

        Raises:
            HubBusy: somebody else holds it.
        """
        if self._home is None:
            yield
            return
        place = len(Purpose) * account_id + purpose
        if place in self._held or not self._take(self._home, place):
            raise HubBusy(f"another carrierpost works on {address} at the moment; let it end first")
        self._held.add(place)
        try:
            yield
        finally:
            self._held.discard(place)
            self._give_back(place)

    @contextlib.contextmanager
    def all_alone(self) -> Iterator[None]:
        """
        Hold the locks of all accounts. Nothing else may hold one of these locks meanwhile, here neither.

        Raises:
            HubBusy: another process holds one.
        """
        if self._home is not None and not self._take(self._home, 0, length=0):
            raise HubBusy("another carrierpost works on an account of this store at the moment; let it end first")
        try:
            yield
        finally:
            self._give_back(0, length=0)

    def _take(self, home: Path, place: int, *, length: int = 1) -> bool:
        """
        Take some bytes; `False` when one of them is somebody else's. A length of 0 stands for all that follow.
        """
        if self._descriptor is None:
            self._descriptor = os.open(home / "accounts.lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            _set(self._descriptor, place, length, taken=True)
        except OSError:
            self._close_unused()
            return False
        return True

    def _give_back(self, place: int, *, length: int = 1) -> None:
        if self._descriptor is not None:
            _set(self._descriptor, place, length, taken=False)
            self._close_unused()

    def _close_unused(self) -> None:
        if not self._held and self._descriptor is not None:
            os.close(self._descriptor)
            self._descriptor = None


def _set(descriptor: int, place: int, length: int, *, taken: bool) -> None:
    """
    Take or give back bytes of an open file.

    The lock belongs to the open file, not to the process: another hub in this process is kept out, too, and who closes
    the same file elsewhere takes nothing away. Systems without such locks have only those of the process.

    Raises:
        OSError: somebody else has it.
    """
    try:
        import fcntl
    except ImportError:  # no such locks on this system
        return
    what = fcntl.F_WRLCK if taken else fcntl.F_UNLCK
    if hasattr(fcntl, "F_OFD_SETLK"):
        fcntl.fcntl(descriptor, fcntl.F_OFD_SETLK, struct.pack(_FLOCK, what, os.SEEK_SET, place, length, 0))
    else:
        fcntl.lockf(descriptor, (fcntl.LOCK_EX | fcntl.LOCK_NB) if taken else fcntl.LOCK_UN, length, place)
