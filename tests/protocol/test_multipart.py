"""
Multipart bodies ([MS-ASCMD] MultiPartResponse).
"""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from carrierpost.protocol.multipart import join_parts, split_parts

TWO = (
    b"\x02\x00\x00\x00"  # two parts
    b"\x14\x00\x00\x00\x03\x00\x00\x00"  # from 20, 3 bytes
    b"\x17\x00\x00\x00\x00\x00\x00\x00"  # from 23, none
    b"abc"
)


def test_a_known_answer() -> None:
    """All numbers little endian, offsets from the body's start."""
    assert split_parts(TWO) == [b"abc", b""]
    assert join_parts([b"abc", b""]) == TWO


@given(st.lists(st.binary(max_size=50), min_size=1, max_size=5))
def test_parts_come_back(parts: list[bytes]) -> None:
    """Whatever they hold."""
    assert split_parts(join_parts(parts)) == parts


@given(st.binary(max_size=100))
def test_any_bytes_are_split_or_refused(data: bytes) -> None:
    """By a ValueError, and nothing else; parts never lie outside the body."""
    try:
        parts = split_parts(data)
    except ValueError as error:
        assert "multipart body" in str(error)  # noqa: PT017 - most inputs are refused, some are not
    else:
        assert all(part in data for part in parts)


@pytest.mark.parametrize("count", [0, 1001, 2**31])
def test_WB7_a_count_that_cannot_be_is_refused(count: int) -> None:
    """Before anything is set aside for it."""
    with pytest.raises(ValueError, match=str(count)):
        split_parts(count.to_bytes(4, "little") + bytes(16))
