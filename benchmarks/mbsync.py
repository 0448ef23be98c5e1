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

import os
import random
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterable, Iterator
from pathlib import Path

from scripts.real.errors import RealServerError
from scripts.real.imap_peer import ImapPeer, imap_peer

__all__ = ["MbsyncError", "mails", "run_mbsync"]

_WORDS = ("meeting", "report", "lunch", "budget", "train", "window", "garden", "invoice", "harbour", "letter")

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


def mails(count: int, *, size: int = 4096, seed: int = 7) -> Iterator[bytes]:
    """
    Make plain mails, always the same ones for a seed.

    Args:
        count: how many.
        size: bytes of each one's text, its headers apart.
        seed: of the chance that makes the text.

    """
    chance = random.Random(seed)
    for number in range(count):
        text = ""
        while len(text) < size:
            text += " ".join(chance.choices(_WORDS, k=12)) + "\r\n"
        head = (
            f"From: Jo Brandt <jo@example.org>\r\nTo: Ada Lindqvist <ada@example.org>\r\n"
            f"Subject: {' '.join(chance.choices(_WORDS, k=5))}\r\nMessage-ID: <{number}.{seed}@example.org>\r\n"
            f"Date: Mon, 02 Mar 2026 09:{number // 60 % 60:02}:{number % 60:02} +0000\r\n"
            "MIME-Version: 1.0\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n"
        )
        yield (head + text[: size - 2] + "\r\n").encode()


def run_mbsync(
    n: int,
    *,
    messages: Iterable[bytes] | None = None,
    runs: int = 1,
    fsync: bool = True,
    port_base: int = 22000,
) -> list[float]:
    """
    Let mbsync take `n` mails from a local Dovecot.

    Args:
        n: how many mails there must be in the end.
        messages: the mails themselves; `mails(n)` by default.
        runs: how often, each time to a new place.
        fsync: whether mbsync forces each mail to the disk, as it does unless told otherwise.
        port_base: see `scripts.real.imap_peer`.

    Returns:
        Seconds of each run.

    Raises:
        MbsyncError: a program is missing and cannot be installed.

    """
    # The server's user must be able to enter it, so it must not lie in a directory of ours alone.
    scratch = Path(tempfile.gettempdir()) / f"carrierpost-imap-peer-{os.getpid()}"
    try:
        with imap_peer(mails(n) if messages is None else messages, state=scratch, port_base=port_base) as peer:
            if peer.count != n:
                raise ValueError(f"{peer.count} messages were handed in where {n} were announced")
            return [_once(peer, fsync=fsync) for _ in range(runs)]
    except RealServerError as error:
        raise MbsyncError(str(error)) from error


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


if __name__ == "__main__":
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 10_000
    for forced in (True, False):
        for seconds in run_mbsync(count, runs=3, fsync=forced):
            kind = "as it comes" if forced else "without fsync"
            print(f"{count} mails in {seconds:.2f} s, {count / seconds:.0f} a second ({kind})", flush=True)
