"""
The compiled codec and its pure Python source behave alike.
"""

from __future__ import annotations

import importlib.util
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

import carrierpost.wbxml
from benchmarks.documents import documents as samples
from carrierpost.wbxml import _codec, document
from tests.wbxml.strategies import documents

SOURCE = Path(carrierpost.wbxml.__file__).with_name("_codec.py")


def _pure() -> ModuleType:
    spec = importlib.util.spec_from_file_location("pure_codec", SOURCE)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


PURE = _pure()
SAMPLES = list(samples().values())

pytestmark = pytest.mark.skipif(not _codec.compiled, reason="the codec is not compiled here: no C compiler, or Cython")


def _outcome(module: ModuleType, data: bytes) -> Any:
    try:
        return module.decode_tree(data, 4, document._KNOWN, 20, 10_000)
    except module.Refused as refusal:
        return refusal.args


def test_the_source_beside_the_compiled_module_is_pure() -> None:
    """The comparison below compares two different things."""
    assert _codec.compiled
    assert not PURE.compiled


@pytest.mark.parametrize("data", SAMPLES, ids=list(samples()))
def test_real_documents(data: bytes) -> None:
    """Both read and write the same."""
    root, value, unknown, oddities = _outcome(_codec, data)
    assert (root, value, unknown, oddities) == _outcome(PURE, data)
    assert _codec.encode_tree(root, value, data[:4]) == PURE.encode_tree(root, value, data[:4]) == data


@given(st.sampled_from(SAMPLES), st.data())
def test_damaged_documents(sample: bytes, data: st.DataObject) -> None:
    """Both accept the same damage, and refuse the rest for the same reason at the same byte."""
    damaged = bytearray(sample[:2000])
    for _ in range(data.draw(st.integers(1, 8))):
        damaged[data.draw(st.integers(4, len(damaged) - 1))] = data.draw(st.integers(0, 255))
    assert _outcome(_codec, bytes(damaged)) == _outcome(PURE, bytes(damaged))


@given(st.binary(max_size=200))
def test_any_bytes(body: bytes) -> None:
    """Both treat nonsense alike."""
    assert _outcome(_codec, b"\x03\x01\x6a\x00" + body) == _outcome(PURE, b"\x03\x01\x6a\x00" + body)


@given(documents, st.text())
def test_any_tree(tree: tuple[int, Any], text: str) -> None:
    """Both write alike, whatever characters a text holds."""
    for root, value in (tree, (11, text)):
        assert _codec.encode_tree(root, value, b"") == PURE.encode_tree(root, value, b"")
