"""
Protocol versions, and which one to speak.

A version is an ordered number (`141` for 14.1), which is also the byte that the base64 query carries.
"""

from __future__ import annotations

import enum
from collections.abc import Iterable

from carrierpost.protocol.errors import LocalProtocolError, VersionNotOffered

__all__ = ["Version", "choose_version", "parse_versions"]


class Version(enum.IntEnum):
    """
    A version of ActiveSync that both ends of this package speak ([MS-ASHTTP] `MS-ASProtocolVersion`).
    """

    V12_1 = 121
    V14_0 = 140
    V14_1 = 141
    V16_0 = 160
    V16_1 = 161

    def __str__(self) -> str:
        return f"{self // 10}.{self % 10}"

    @classmethod
    def parse(cls, text: str) -> Version:
        """
        Read `"14.1"` as a version.

        Args:
            text: the dotted form, blanks around it allowed.

        Raises:
            LocalProtocolError: the text is no version that this package speaks.

        """
        for version in cls:
            if str(version) == text.strip():
                return version
        known = ", ".join(str(version) for version in cls)
        raise LocalProtocolError(f"{text!r} is no ActiveSync version spoken here; choose one of {known}")


def parse_versions(header: str) -> frozenset[Version]:
    """
    Read the `MS-ASProtocolVersions` header.

    Versions that this package does not speak (2.5, 12.0) are left out, and a list that a server sends twice
    counts once.
    """
    offered = {part.strip() for part in header.split(",")}
    return frozenset(version for version in Version if str(version) in offered)


def choose_version(offered: Iterable[Version], *, pinned: Version | None = None) -> Version:
    """
    Choose the highest version that the server offers, or the pinned one.

    Args:
        offered: what the server's OPTIONS answer names.
        pinned: a version that the user asked for; only that one will do then.

    Raises:
        VersionNotOffered: there is no version in common, or the pinned one is not among those offered.

    """
    candidates = set(offered)
    if pinned is not None:
        candidates &= {pinned}
    if not candidates:
        raise VersionNotOffered(offered=tuple(sorted(set(offered))), wanted=pinned)
    return max(candidates)
