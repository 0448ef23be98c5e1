"""
Ping ([MS-ASCMD] Ping).
"""

from __future__ import annotations

import pytest

from carrierpost.protocol.classes import ContentClass
from carrierpost.protocol.commands.ping import PingFolder, PingRequest, PingResponse
from carrierpost.protocol.errors import MalformedRequest
from carrierpost.protocol.message import Payload
from carrierpost.protocol.record import Notes
from carrierpost.protocol.version import Version
from tests.protocol.commands.known import answers, asks, body, received


@pytest.mark.parametrize("version", Version)
def test_the_first_ping_names_interval_and_folders(version: Version) -> None:
    """Later ones may leave out either, or have no body at all."""
    folders = (PingFolder(id="1"), PingFolder(id="2", content_class=ContentClass.CALENDAR))
    listed = """<Folders><Folder><Id>1</Id><Class>Email</Class></Folder>
      <Folder><Id>2</Id><Class>Calendar</Class></Folder></Folders>"""
    interval = "<HeartbeatInterval>480</HeartbeatInterval>"
    asks(PingRequest(heartbeat_interval=480, folders=folders), version, f'<Ping xmlns="Ping">{interval}{listed}</Ping>')
    asks(PingRequest(folders=folders), version, f'<Ping xmlns="Ping">{listed}</Ping>')
    asks(PingRequest(heartbeat_interval=480), version, f'<Ping xmlns="Ping">{interval}</Ping>')
    asks(PingRequest(), version, "")


@pytest.mark.parametrize(
    ("response", "xml"),
    [
        (PingResponse(), "<Status>1</Status>"),
        (
            PingResponse(status=2, folders=("5", "7")),
            "<Status>2</Status><Folders><Folder>5</Folder><Folder>7</Folder></Folders>",
        ),
        (
            PingResponse(status=5, heartbeat_interval=3540),
            "<Status>5</Status><HeartbeatInterval>3540</HeartbeatInterval>",
        ),
        (PingResponse(status=6, max_folders=200), "<Status>6</Status><MaxFolders>200</MaxFolders>"),
        (PingResponse(status=142), "<Status>142</Status>"),
    ],
)
def test_answers(response: PingResponse, xml: str) -> None:
    """Each status with what belongs to it."""
    answers(PingRequest(), response, Version.V14_1, f'<Ping xmlns="Ping">{xml}</Ping>')


def test_both_forms_of_changed_folders_are_read() -> None:
    """The id as the element's text, as an element of its own, or as bytes."""
    read = received(
        PingRequest(),
        """<Ping xmlns="Ping"><Status>2</Status><Folders><Folder>5</Folder><Folder><Id>6</Id></Folder>
        <Folder opaque="base64">Nw==</Folder><Folder/></Folders></Ping>""",
    )
    assert read.folders == ("5", "6", "7")


def test_SK8_an_empty_answer_is_no_change() -> None:
    """As good as status 1."""
    assert PingRequest().decode_response(Payload(), Version.V14_1, Notes()) == PingResponse()


def test_PG2_a_limit_that_is_no_number_is_none() -> None:
    """The client then keeps what it has."""
    read = received(
        PingRequest(), '<Ping xmlns="Ping"><Status>5</Status><HeartbeatInterval>soon</HeartbeatInterval></Ping>'
    )
    assert (read.status, read.heartbeat_interval) == (5, None)


@pytest.mark.parametrize(
    "inner",
    [
        "<Folders><Folder><Id>1</Id><Class>Email</Class></Folder><Folder><Id>1</Id><Class>Email</Class></Folder></Folders>",
        "<Folders><Folder><Class>Email</Class></Folder></Folders>",
        "<HeartbeatInterval>soon</HeartbeatInterval>",
    ],
)
def test_malformed_requests_are_refused(inner: str) -> None:
    """A folder twice, one without id, an interval that is none: status 4."""
    with pytest.raises(MalformedRequest) as caught:
        PingRequest.decode(Payload(body=body(f'<Ping xmlns="Ping">{inner}</Ping>')), Version.V14_1, Notes())
    assert caught.value.status == 4


def test_a_ping_is_held_as_long_as_it_says() -> None:
    """Or as long as any server holds one, when it repeats the last."""
    assert PingRequest(heartbeat_interval=480).hold == 480
    assert PingRequest().hold == 3540
