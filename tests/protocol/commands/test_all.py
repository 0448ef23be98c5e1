"""
What holds for all commands, in all versions, in both directions.
"""

from __future__ import annotations

import contextlib
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from carrierpost import wbxml
from carrierpost.protocol.commands.sync import SyncRequest
from carrierpost.protocol.errors import LocalProtocolError, MalformedRequest, UnreadableAnswer
from carrierpost.protocol.message import ContentType, Payload
from carrierpost.protocol.record import Notes
from carrierpost.protocol.status import known_statuses
from carrierpost.protocol.version import Version
from carrierpost.wbxml.pages import TAGS
from tests.protocol.commands.samples import COMMANDS

NAMES = sorted(COMMANDS)
_OURS = (UnreadableAnswer, MalformedRequest)


def _classes(request: Any) -> dict[str, Any]:
    return {one.collection_id: one.content_class for one in getattr(request, "collections", ())}


def _heard(request: Any, payload: Payload, version: Version, notes: Notes) -> Any:
    more = {"classes": _classes(request)} if request.name == "Sync" else {}
    return type(request).decode(payload, version, notes, **more)


def test_every_command_has_samples_and_statuses() -> None:
    """A command that is added must be added here."""
    assert set(COMMANDS) <= set(known_statuses())


@pytest.mark.fuzz
@pytest.mark.parametrize("name", NAMES)
@given(data=st.data())
def test_requests_come_back(name: str, data: st.DataObject) -> None:
    """What the other side understands says the same again, byte for byte, and nothing in it was odd."""
    request, version = data.draw(COMMANDS[name].requests), data.draw(COMMANDS[name].versions)
    payload = request.encode(version)
    notes = Notes()
    heard = _heard(request, payload, version, notes)
    assert notes == []
    assert type(heard) is type(request)
    assert heard.encode(version) == payload


@pytest.mark.fuzz
@pytest.mark.parametrize("name", NAMES)
@given(data=st.data())
def test_answers_come_back(name: str, data: st.DataObject) -> None:
    """Likewise for answers."""
    request, answer = data.draw(COMMANDS[name].requests), data.draw(COMMANDS[name].answers)
    version = data.draw(COMMANDS[name].versions)
    if isinstance(request, SyncRequest):
        # Drawn apart, the two may name one folder with two classes, of which the request's would be believed.
        request = msgspec.structs.replace(request, collections=())
    payload = answer.encode(version)
    notes = Notes()
    heard = request.decode_response(payload, version, notes)
    assert notes == []
    assert type(heard) is type(answer)
    assert heard.encode(version) == payload


@pytest.mark.fuzz
@pytest.mark.parametrize("name", NAMES)
@given(data=st.data())
def test_damaged_messages_are_read_or_refused(name: str, data: st.DataObject) -> None:
    """Whatever bytes arrive, the end is a value or one of the two documented errors, whose sentence can be printed."""
    request, version = data.draw(COMMANDS[name].requests), data.draw(COMMANDS[name].versions)
    other = data.draw(st.sampled_from([request, data.draw(COMMANDS[name].answers)]))
    payload = other.encode(version)
    damaged = bytearray(payload.body)
    for _ in range(data.draw(st.integers(1, 6))):
        if damaged:
            damaged[data.draw(st.integers(0, len(damaged) - 1))] = data.draw(st.integers(0, 255))
    _survives(request, msgspec.structs.replace(payload, body=bytes(damaged)), version)


_ALL_TAGS = sorted(TAGS.values())


def _nonsense(near: list[int]) -> st.SearchStrategy[Any]:
    tags = st.sampled_from(near) | st.sampled_from(_ALL_TAGS)
    leaves = st.none() | st.text(max_size=6) | st.binary(max_size=6) | st.sampled_from(["0", "1", "-1", "²", "9" * 30])
    return st.recursive(
        leaves,
        lambda inner: st.lists(st.tuples(tags, inner), max_size=6).map(
            lambda ps: [part for pair in ps for part in pair]
        ),
        max_leaves=20,
    )


@pytest.mark.fuzz
@pytest.mark.parametrize("name", NAMES)
@given(data=st.data())
def test_well_formed_nonsense_is_read_or_refused(name: str, data: st.DataObject) -> None:
    """The right root with anything inside: the command's own elements in wrong places, numbers that are none."""
    request, version = data.draw(COMMANDS[name].requests), data.draw(COMMANDS[name].versions)
    bodily = max(version, Version.V14_1)  # older ones send messages without WBXML
    body = request.encode(bodily).body or data.draw(COMMANDS[name].answers).encode(bodily).body
    document = wbxml.decode(body) if body else wbxml.Document(TAGS["AirSync", "Sync"], None)
    near = sorted({document.root, *_tags_in(document.value)})
    tree = data.draw(_nonsense(near))
    _survives(request, Payload(body=wbxml.encode(document.root, tree)), version)


def _tags_in(value: Any) -> list[int]:
    return [tag for pair in wbxml.pairs(value) for tag in (pair[0], *_tags_in(pair[1])) if tag]


def _survives(request: Any, payload: Payload, version: Version) -> None:
    bodies = [payload, msgspec.structs.replace(payload, content_type=ContentType.MULTIPART)]
    for one in bodies:
        for read in (request.decode_response, lambda *args: _heard(request, *args)):
            try:
                value = read(one, version, Notes())
            except _OURS as error:
                assert "\n" not in str(error)  # noqa: PT017 - most inputs are refused, some are not
            else:
                repr(value)
                with contextlib.suppress(LocalProtocolError):  # an id may be read that must not be sent
                    value.encode(version)
