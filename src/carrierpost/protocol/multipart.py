"""
Multipart answers: several byte strings in one body ([MS-ASCMD] MultiPartResponse).

All numbers are 32-bit little endian: how many parts there are, then offset and length of each, then the parts.
"""

from __future__ import annotations

import struct
from collections.abc import Sequence

__all__ = ["join_parts", "split_parts"]

_MOST = 1000


def split_parts(body: bytes) -> list[bytes]:
    """
    Split a body into its parts; the first is the WBXML document.

    Raises:
        ValueError: the table is cut off, lies, or names more than a thousand parts.
    """
    if len(body) < 4:
        raise ValueError("the multipart body is shorter than its table")
    (count,) = struct.unpack_from("<I", body)
    if not 1 <= count <= _MOST or len(body) < 4 + 8 * count:
        raise ValueError(f"the multipart body names {count} parts, which cannot be")
    parts = []
    for index in range(count):
        offset, length = struct.unpack_from("<II", body, 4 + 8 * index)
        if offset + length > len(body):
            raise ValueError(f"part {index} of the multipart body lies beyond its end")
        parts.append(body[offset : offset + length])
    return parts


def join_parts(parts: Sequence[bytes]) -> bytes:
    """
    Join parts to a body; the opposite of `split_parts`.
    """
    offset = 4 + 8 * len(parts)
    table = [struct.pack("<I", len(parts))]
    for part in parts:
        table.append(struct.pack("<II", offset, len(part)))
        offset += len(part)
    return b"".join([*table, *parts])
