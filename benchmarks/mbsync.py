"""
How long mbsync takes to fetch a mailbox from a local Dovecot: the peer of the first synchronization.

    python -m benchmarks.mbsync [COUNT]

The server has its index before anybody asks, and the target is a new directory each time. Measured is the whole run
of the program, from its start to its end, as a person would wait for it; TLS with the certificate checked, on loopback.

By default mbsync is taken as it comes: it forces every mail to the disk before it goes on, and on most machines that is
where most of its time goes. `fsync=False` turns that off. Whoever compares should name both figures: a store that
does not force its commits to the disk promises less than the first and as much as the second.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterable, Iterator
from pathlib import Path

from benchmarks.mails import mails
from scripts.real.errors import RealServerError
from scripts.real.imap_peer import ImapPeer, imap_peer

__all__ = ["Mbsync", "MbsyncError", "mbsync_peer"]

_CONFIGURATION = """\
FSync {fsync}

IMAPAccount peer
Host {peer.host}
Port {peer.port}
User {peer.user}
Pass {peer.password}
SSLType IMAPS
CertificateFile {peer.ca}
AuthMechs PLAIN

IMAPStore far
Account peer

MaildirStore near
Path {target}/
Inbox {target}/INBOX

Channel first
Far :far:
Near :near:
Patterns INBOX
Create Near
Sync Pull
SyncState *
"""


class MbsyncError(Exception):
    """
    There is no figure to compare with here; the message says why.
    """


class Mbsync:
    """
    mbsync with its server, ready to run.
    """

    def __init__(self, peer: ImapPeer) -> None:
        self._peer = peer

    def run(self, *, fsync: bool) -> float:
        """
        Let it take all mails to a new place.

        Args:
            fsync: whether it forces each mail to the disk, as it does unless told otherwise.

        Returns:
            Seconds.

        Raises:
            MbsyncError: it failed.
        """
        return _once(self._peer, fsync=fsync)


@contextlib.contextmanager
def mbsync_peer(messages: Iterable[bytes], *, port_base: int = 22000) -> Iterator[Mbsync]:
    """
    Start a Dovecot with these mails.

    Args:
        messages: whole messages.
        port_base: see `scripts.real.imap_peer`.

    Raises:
        MbsyncError: a program is missing and cannot be installed.
    """
    # The server's user must be able to enter it, so it must not lie in a directory of ours alone.
    scratch = Path(tempfile.gettempdir()) / f"carrierpost-imap-peer-{os.getpid()}"
    with contextlib.ExitStack() as stack:
        try:
            peer = stack.enter_context(imap_peer(messages, state=scratch, port_base=port_base))
        except RealServerError as error:
            raise MbsyncError(str(error)) from error
        yield Mbsync(peer)


def _once(peer: ImapPeer, *, fsync: bool) -> float:
    """
    Run mbsync once; returns seconds.
    """
    program = shutil.which("mbsync")
    if program is None:
        raise MbsyncError("mbsync was not found; install the Debian package isync")
    with tempfile.TemporaryDirectory() as directory:
        target = Path(directory)
        configuration = target / "mbsyncrc"
        settings = _CONFIGURATION.format(peer=peer, target=target, fsync="yes" if fsync else "no")
        configuration.write_text(settings, encoding="utf-8")
        begin = time.perf_counter()
        done = subprocess.run(
            [program, "--quiet", "--config", str(configuration), "first"],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
        )
        spent = time.perf_counter() - begin
        if done.returncode:
            raise MbsyncError(f"mbsync failed ({done.returncode}): {done.stderr.strip()[-500:]}")
        fetched = sum(1 for name in ("cur", "new") for _ in (target / "INBOX" / name).iterdir())
        if fetched != peer.count:
            raise MbsyncError(f"mbsync ended well with {fetched} of {peer.count} mails")
    return spent


def _main(count: int) -> None:
    with mbsync_peer(one.message("Ada Larch <ada@larch.example>") for one in mails(count)) as mbsync:
        for forced, kind in ((True, "as it comes"), (False, "without fsync")):
            for _ in range(3):
                seconds = mbsync.run(fsync=forced)
                print(f"{count} mails in {seconds:.2f} s, {count / seconds:.0f} a second ({kind})", flush=True)


if __name__ == "__main__":
    _main(int(sys.argv[1]) if len(sys.argv) > 1 else 10_000)
