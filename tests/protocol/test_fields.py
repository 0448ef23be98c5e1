"""
The compiled reading and writing of fields and their pure Python source behave alike.
"""

from __future__ import annotations

import importlib.util
from pathlib import Path
from types import ModuleType
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from benchmarks.documents import documents as samples
from carrierpost import wbxml
from carrierpost.protocol import _fields, record
from carrierpost.protocol.classes import Attachment, Body, Contact, Email, Event, MeetingRequest, Task
from carrierpost.protocol.record import Notes, Record
from carrierpost.protocol.version import Version
from carrierpost.wbxml.pages import TAGS, AirSyncBase
from carrierpost.wbxml.pages import Email as Page
from tests.wbxml.strategies import documents

RECORDS: list[type[Record]] = [Email, Contact, Event, Task, Body, MeetingRequest, Attachment]
TREES = [wbxml.decode(data).value for data in samples().values()]


def _pure() -> ModuleType:
    spec = importlib.util.spec_from_file_location("pure_fields", record.__file__.replace("record.py", "_fields.py"))
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


PURE = _pure()

pytestmark = pytest.mark.skipif(not _fields.compiled, reason="nothing is compiled here: no C compiler, or Cython")


def _outcome(module: ModuleType, kind: type[Record], tree: list[Any]) -> tuple[Any, ...]:
    """
    Read an element, and write what was read for each version.
    """
    notes = Notes()
    cleared: list[str] = []
    other: list[Any] = []
    found = module.read_fields(tree, record._plan(kind).readers, notes, cleared, other)
    held = record.decode(kind, tree)
    values = msgspec.structs.astuple(held)
    empty: frozenset[str] = getattr(held, "cleared", frozenset())
    written = [module.write_fields(record._written(kind, one), values, empty, one) for one in Version]
    return found, list(found), notes, cleared, other, written


def _elements(value: Any) -> list[list[Any]]:
    """
    List all elements of a tree that have children, the whole first.
    """
    if not isinstance(value, list):
        return []
    return [value, *(one for child in value[1::2] for one in _elements(child))]


def test_the_source_beside_the_compiled_module_is_pure() -> None:
    """The comparison below compares two different things."""
    assert Path(str(PURE.__file__)).parent == Path(str(_fields.__file__)).parent
    assert not PURE.compiled


@pytest.mark.parametrize("tree", TREES, ids=list(samples()))
@pytest.mark.parametrize("kind", RECORDS)
def test_elements_of_real_documents(kind: type[Record], tree: Any) -> None:
    """Both read the same from every element of a document, whatever class it is taken for, and write it the same."""
    for children in _elements(tree)[:400]:
        assert _outcome(_fields, kind, children) == _outcome(PURE, kind, children)


_ATTACHED = [
    AirSyncBase.Attachment, [AirSyncBase.DisplayName, "a", AirSyncBase.Method, "9", AirSyncBase.IsInline, "perhaps"],
    AirSyncBase.Add, [AirSyncBase.ClientId, "1", AirSyncBase.Content, "AA=="],
    AirSyncBase.Delete, [AirSyncBase.FileReference, "5:1"],
]  # fmt: skip


@pytest.mark.parametrize(
    "tree",
    [
        [0, "text between elements", Page.Subject, "s", 0, b"more of it", Page.Body, "from 2.5"],
        [AirSyncBase.Attachments, _ATTACHED],
        [AirSyncBase.Attachments, _ATTACHED[4:], Page.Subject, b"bytes", Page.To, None],
        [AirSyncBase.Attachments, _ATTACHED[:2], AirSyncBase.Attachments, None],
        [AirSyncBase.Data, b"bytes", AirSyncBase.Type, "1", AirSyncBase.Type, "77", AirSyncBase.Truncated, None],
        [Page.Importance, None, Page.Read, "1", Page.Read, "0", Page.DateReceived, "yesterday"],
    ],
    ids=["text between", "attachments", "additions alone", "twice", "bytes", "empty, repeated, wrong"],
)
@pytest.mark.parametrize("kind", [Email, Body])
def test_what_servers_seldom_send(kind: type[Record], tree: list[Any]) -> None:
    """Both take the side roads in the same way."""
    assert _outcome(_fields, kind, tree) == _outcome(PURE, kind, tree)


@given(documents, st.sampled_from(RECORDS))
def test_any_tree(document: tuple[int, wbxml.Value], kind: type[Record]) -> None:
    """Both read the same from any tree, and note the same."""
    for children in _elements(document[1]):
        assert _outcome(_fields, kind, children) == _outcome(PURE, kind, children)


_LEAVES = st.none() | st.sampled_from(["0", "1", "2", "2026-11-24T21:00:00.000Z", "x"]) | st.binary(max_size=3)
_CONTENT = _LEAVES | st.lists(st.tuples(st.sampled_from(list(TAGS.values())), _LEAVES), max_size=3).map(
    lambda pairs: [part for pair in pairs for part in pair]
)


@given(st.sampled_from(RECORDS), st.data())
def test_any_content_of_known_elements(kind: type[Record], data: st.DataObject) -> None:
    """The same with elements that the class knows: good values, bad ones, empty ones, in any order and number."""
    tags = st.sampled_from(sorted(record._plan(kind).readers))
    pairs = data.draw(st.lists(st.tuples(tags, _CONTENT), max_size=12))
    tree = [part for pair in pairs for part in pair]
    assert _outcome(_fields, kind, tree) == _outcome(PURE, kind, tree)
