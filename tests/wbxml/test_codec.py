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
from carrierpost.wbxml import _decoder, _encoder, document
from tests.wbxml.strategies import documents

ROOM = Path(carrierpost.wbxml.__file__).parent


def _pure(name: str) -> ModuleType:
    spec = importlib.util.spec_from_file_location(f"pure{name}", ROOM / f"{name}.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


PURE_DECODER = _pure("_decoder")
PURE_ENCODER = _pure("_encoder")
HEADER = b"\x03\x01\x6a\x00"
SAMPLES = list(samples().values())

pytestmark = pytest.mark.skipif(
    not (_decoder.compiled and _encoder.compiled), reason="the codec is not compiled here: no C compiler, or Cython"
)


def _outcome(module: ModuleType, data: bytes) -> Any:
    try:
        return module.decode_tree(data, 4, document._ALL, document._KNOWN, 20, 10_000, 10_000_000)
    except module.Refused as refusal:
        return refusal.args


def _written(module: ModuleType, root: int, value: Any) -> Any:
    return module.encode_tree(root, value, HEADER, 26, 20)


def test_the_source_beside_the_compiled_module_is_pure() -> None:
    """The comparison below compares two different things."""
    assert _decoder.compiled
    assert _encoder.compiled
    assert not PURE_DECODER.compiled
    assert not PURE_ENCODER.compiled


@pytest.mark.parametrize("data", SAMPLES, ids=list(samples()))
def test_real_documents(data: bytes) -> None:
    """Both read and write the same."""
    root, value, unknown, oddities = _outcome(_decoder, data)
    assert (root, value, unknown, oddities) == _outcome(PURE_DECODER, data)
    assert _written(_encoder, root, value) == _written(PURE_ENCODER, root, value) == data


@given(st.sampled_from(SAMPLES), st.data())
def test_damaged_documents(sample: bytes, data: st.DataObject) -> None:
    """Both accept the same damage, and refuse the rest for the same reason at the same byte."""
    damaged = bytearray(sample[:2000])
    for _ in range(data.draw(st.integers(1, 8))):
        damaged[data.draw(st.integers(4, len(damaged) - 1))] = data.draw(st.integers(0, 255))
    assert _outcome(_decoder, bytes(damaged)) == _outcome(PURE_DECODER, bytes(damaged))


@given(st.binary(max_size=200))
def test_any_bytes(body: bytes) -> None:
    """Both treat nonsense alike."""
    assert _outcome(_decoder, HEADER + body) == _outcome(PURE_DECODER, HEADER + body)


@given(documents, st.text())
def test_any_tree(tree: tuple[int, Any], text: str) -> None:
    """Both write alike, whatever characters a text holds."""
    for root, value in (tree, (11, text)):
        assert _written(_encoder, root, value) == _written(PURE_ENCODER, root, value)
