"""
What a server makes of Sync requests that break the rules ([MS-ASCMD] Sync).
"""

from __future__ import annotations

import pytest

from carrierpost.protocol.classes import ContentClass
from carrierpost.protocol.commands.sync import FilterType, SyncRequest
from carrierpost.protocol.errors import MalformedRequest
from carrierpost.protocol.message import Payload
from carrierpost.protocol.record import Notes
from carrierpost.protocol.version import Version
from tests.protocol.commands.known import body

CLASSES = {"1": ContentClass.EMAIL, "2": ContentClass.CALENDAR, "3": ContentClass.TASKS, "4": ContentClass.CONTACTS}
KEYED = "<SyncKey>9</SyncKey><CollectionId>1</CollectionId>"
FIRST = "<SyncKey>0</SyncKey><CollectionId>1</CollectionId>"


def _read(inner: str) -> SyncRequest:
    payload = Payload(body=body(f'<Sync xmlns="AirSync">{inner}</Sync>'))
    return SyncRequest.decode(payload, Version.V14_1, Notes(), CLASSES)


def _collection(*inners: str) -> str:
    listed = "".join(f"<Collection>{inner}</Collection>" for inner in inners)
    return f"<Collections>{listed}</Collections>"


def _preference(inner: str) -> str:
    return (
        f'<Options><MIMESupport>0</MIMESupport><BodyPreference xmlns="AirSyncBase">{inner}</BodyPreference></Options>'
    )


@pytest.mark.parametrize(
    ("inner", "reason"),
    [
        ("", "no collection"),
        (_collection(KEYED, KEYED), "named twice"),
        (_collection("<SyncKey>9</SyncKey>"), "CollectionId is missing"),
        (_collection("<CollectionId>1</CollectionId><SyncKey>9</SyncKey>"), "too late"),
        (_collection(KEYED + "<WindowSize>1</WindowSize><GetChanges/>"), "too late"),
        (_collection(KEYED + "<WindowSize>1</WindowSize><WindowSize>1</WindowSize>"), "comes twice"),
        (_collection(KEYED + "<Status>1</Status>"), "does not belong here"),
        (_collection(KEYED + "<WindowSize>many</WindowSize>"), "no number"),
        (_collection(KEYED + "<GetChanges>maybe</GetChanges>"), "no boolean"),
        (_collection(FIRST + "<GetChanges/>"), "GetChanges"),
        (_collection(FIRST + "<GetChanges>1</GetChanges>"), "GetChanges"),
        (_collection(FIRST + "<Commands><Fetch><ServerId>1:1</ServerId></Fetch></Commands>"), "Commands"),
        (_collection(KEYED + "<Options/><Options/>"), "twice"),
        (_collection(KEYED + "<Options><FilterType>8</FilterType></Options>"), "FilterType 8"),
        (_collection(KEYED + "<Options><FilterType>all</FilterType></Options>"), "no number"),
        (_collection(KEYED + _preference("<TruncationSize>1</TruncationSize><Type>1</Type>")), "too late"),
        (_collection(KEYED + _preference("<TruncationSize>1</TruncationSize>")), "Type of its own"),
        (_collection(KEYED + _preference("<Type>4</Type>")), "MIMESupport"),
        (_collection(KEYED) + "<Wait>1</Wait><HeartbeatInterval>60</HeartbeatInterval>", "exclude"),
        (_collection(KEYED) + "<Wait>soon</Wait>", "no number"),
        (
            _collection(KEYED + "<Commands>" + "<Fetch><ServerId>1</ServerId></Fetch>" * 513 + "</Commands>"),
            "more than 512",
        ),
    ],
)
def test_what_breaks_the_rules_is_status_4(inner: str, reason: str) -> None:
    """The refusal says which rule."""
    with pytest.raises(MalformedRequest) as caught:
        _read(inner)
    assert caught.value.status == 4
    assert reason in caught.value.reason
    assert "malformed Sync request" in str(caught.value)


def test_a_partial_request_without_anything_is_status_13() -> None:
    """There is nothing that could differ from the request before."""
    with pytest.raises(MalformedRequest) as caught:
        _read("<Partial/>")
    assert caught.value.status == 13


@pytest.mark.parametrize(
    ("folder", "allowed"), [("1", range(6)), ("2", (0, 4, 5, 6, 7)), ("3", (0, 8)), ("4", range(9))]
)
def test_filters_belong_to_classes(folder: str, allowed: range | tuple[int, ...]) -> None:
    """Mail knows 0 to 5, calendars 0 and 4 to 7, tasks 0 and 8; for contacts it says nothing."""
    for one in FilterType:
        inner = _collection(
            f"<SyncKey>9</SyncKey><CollectionId>{folder}</CollectionId><Options><FilterType>{one}</FilterType></Options>"
        )
        if one in allowed:
            assert _read(inner).collections[0].options[0].filter_type is one
        else:
            with pytest.raises(MalformedRequest):
                _read(inner)


def test_old_phones_name_the_class_first() -> None:
    """12.0 and older did; it is read over."""
    assert _read(_collection(f"<Class>Email</Class>{KEYED}")).collections[0].sync_key == "9"


def test_empty_booleans_are_true() -> None:
    """Phones send the bare elements."""
    collection = _read(_collection(KEYED + "<DeletesAsMoves/><GetChanges/>")).collections[0]
    assert (collection.deletes_as_moves, collection.get_changes) == (True, True)


def test_a_second_block_of_options_is_about_sms() -> None:
    """Two blocks are allowed when they are about different classes."""
    two = "<Options><FilterType>3</FilterType></Options><Options><Class>SMS</Class><FilterType>1</FilterType></Options>"
    options = _read(_collection(KEYED + two)).collections[0].options
    assert [one.content_class for one in options] == [None, "SMS"]


@pytest.mark.parametrize(
    "inner",
    [
        "<Collections><Collection><SyncKey><Add/></SyncKey><CollectionId>1</CollectionId></Collection></Collections>",
        "<Collections><Collection><SyncKey>1</SyncKey><CollectionId><Add/></CollectionId></Collection></Collections>",
        '<Collections><Collection><SyncKey opaque="base64">AA==</SyncKey><CollectionId>1</CollectionId></Collection></Collections>',
    ],
)
def test_elements_where_text_belongs_are_refused(inner: str) -> None:
    """A key or an id that is none is not guessed."""
    with pytest.raises(MalformedRequest):
        _read(inner)
