"""
Which version is spoken ([MS-ASHTTP] MS-ASProtocolVersions).
"""

from __future__ import annotations

import pytest

from carrierpost.protocol.errors import LocalProtocolError, VersionNotOffered
from carrierpost.protocol.version import Version, choose_version, parse_versions


@pytest.mark.parametrize(
    ("header", "chosen"),
    [
        ("2.0,2.1,2.5,12.0,12.1", Version.V12_1),
        ("2.5,12.0,12.1,14.0", Version.V14_0),
        ("2.5,12.0,12.1,14.0,14.1", Version.V14_1),
        ("16.0,14.1", Version.V16_0),
        ("16.1", Version.V16_1),
        ("12.1,14.0,14.1,16.0,16.1,17.0", Version.V16_1),
        (" 14.1 , 14.1", Version.V14_1),
    ],
)
def test_the_highest_common_version_is_spoken(header: str, chosen: Version) -> None:
    """Order, blanks, repetitions and versions that nobody here speaks do not matter."""
    assert choose_version(parse_versions(header)) is chosen


def test_a_pinned_version_is_spoken_or_none() -> None:
    """Nobody who asked for 14.1 wants 16.1."""
    offered = parse_versions("12.1,14.1,16.1")
    assert choose_version(offered, pinned=Version.V14_1) is Version.V14_1
    with pytest.raises(VersionNotOffered, match=r"does not offer version 14\.0 \(it offers 12\.1, 14\.1, 16\.1\)"):
        choose_version(offered, pinned=Version.V14_0)


def test_no_version_in_common_says_what_is_needed() -> None:
    """A server of 2003, or something that is no server of this kind at all."""
    with pytest.raises(VersionNotOffered, match=r"no version spoken here; 12\.1"):
        choose_version(parse_versions("2.5"))
    assert parse_versions("") == parse_versions("nonsense,,16.10") == frozenset()


def test_versions_are_ordered_and_printed_as_the_protocol_writes_them() -> None:
    """Their numbers are the bytes of the short query."""
    assert [str(version) for version in Version] == ["12.1", "14.0", "14.1", "16.0", "16.1"]
    assert [int(version) for version in Version] == [121, 140, 141, 160, 161]
    assert all(Version.parse(f" {version} ") is version for version in Version)
    with pytest.raises(LocalProtocolError, match=r"choose one of 12\.1, 14\.0"):
        Version.parse("15.0")
