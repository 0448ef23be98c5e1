"""
The mails that are synchronized, the same ones for every peer.
"""

from __future__ import annotations

import dataclasses
import datetime as dt
import random
from collections.abc import Iterator
from email.utils import format_datetime

__all__ = ["Mail", "mails"]

_WORDS = ("meeting", "report", "lunch", "budget", "train", "window", "garden", "invoice", "harbour", "letter")
_YEAR = dt.timedelta(days=365)


@dataclasses.dataclass(frozen=True, slots=True)
class Mail:
    """
    A plain mail.

    Attributes:
        number: its place, from 0.
        subject: its subject.
        text: its text, lines ended by CR LF.
        received: when it came.
    """

    number: int
    subject: str
    text: str
    received: dt.datetime

    sender = '"Jo Brandt" <jo@example.org>'

    def message(self, to: str) -> bytes:
        """
        Write it as a whole message, as an IMAP server keeps it.
        """
        head = (
            f"From: {self.sender}\r\nTo: {to}\r\nSubject: {self.subject}\r\n"
            f"Message-ID: <{self.number}.bench@example.org>\r\nDate: {format_datetime(self.received)}\r\n"
            "MIME-Version: 1.0\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n"
        )
        return (head + self.text).encode()


def mails(count: int, *, size: int = 4096, seed: int = 7, until: dt.datetime | None = None) -> Iterator[Mail]:
    """
    Make mails, always the same ones for a seed, spread evenly over the year before `until`.

    Args:
        count: how many.
        size: bytes of each one's text.
        seed: of the chance that makes the text.
        until: when the last one came; a fixed day unless given.
    """
    chance = random.Random(seed)
    last = until or dt.datetime(2026, 3, 2, 9, tzinfo=dt.UTC)
    for number in range(count):
        text = ""
        while len(text) < size:
            text += " ".join(chance.choices(_WORDS, k=12)) + "\r\n"
        received = last - _YEAR * (1 - (number + 1) / count)
        subject = " ".join(chance.choices(_WORDS, k=5)).capitalize()
        yield Mail(number, subject, text[: size - 2] + "\r\n", received.replace(microsecond=0))
