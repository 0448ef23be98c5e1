"""
The head of a message changed without touching its body, whose bytes may be signed.
"""

from __future__ import annotations

from collections.abc import Iterable

__all__ = ["with_head"]


def with_head(mime: bytes, *, without: Iterable[str] = (), fields: Iterable[tuple[str, str]] = ()) -> bytes:
    """
    Give a message with other header fields.

    Args:
        mime: the message.
        without: names of fields to leave out.
        fields: names and values of fields to put before the rest; values are ASCII on one line.
    """
    head, blank, body = _parted(mime)
    end = b"\r\n" if blank != b"\n\n" else b"\n"
    gone = {name.lower().encode() for name in without}
    kept: list[bytes] = [f"{name}: {value}".encode("ascii", "replace") for name, value in fields]
    dropping = False
    for line in head.split(end):
        if not line.startswith((b" ", b"\t")):
            dropping = line.partition(b":")[0].strip().lower() in gone
        if not dropping and line:
            kept.append(line)
    return end.join(kept) + (blank or end + end) + body


def _parted(mime: bytes) -> tuple[bytes, bytes, bytes]:
    places = [(mime.find(blank), blank) for blank in (b"\r\n\r\n", b"\n\n")]
    found = [one for one in places if one[0] >= 0]
    if not found:
        return mime, b"", b""
    place, blank = min(found)
    return mime[:place], blank, mime[place + len(blank) :]
