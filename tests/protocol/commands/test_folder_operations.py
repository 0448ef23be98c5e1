"""
FolderCreate, FolderUpdate, FolderDelete ([MS-ASCMD]).
"""

from __future__ import annotations

from typing import Any

import pytest

from carrierpost.protocol.commands.folder_create import FolderCreateRequest, FolderCreateResponse
from carrierpost.protocol.commands.folder_delete import FolderDeleteRequest, FolderDeleteResponse
from carrierpost.protocol.commands.folder_sync import FolderType
from carrierpost.protocol.commands.folder_update import FolderUpdateRequest, FolderUpdateResponse
from carrierpost.protocol.errors import MalformedRequest, UnreadableAnswer
from carrierpost.protocol.message import Payload
from carrierpost.protocol.record import Notes
from carrierpost.protocol.version import Version
from tests.protocol.commands.known import answers, asks, body

CREATE = FolderCreateRequest(sync_key="1", parent_id="0", display_name="Sea & shore", type=FolderType.USER_CALENDAR)
UPDATE = FolderUpdateRequest(sync_key="1", server_id="7", parent_id="2", display_name="Shore")
DELETE = FolderDeleteRequest(sync_key="1", server_id="7")


@pytest.mark.parametrize("version", Version)
@pytest.mark.parametrize(
    ("request_", "xml"),
    [
        (
            CREATE,
            """<FolderCreate xmlns="FolderHierarchy"><SyncKey>1</SyncKey><ParentId>0</ParentId>
            <DisplayName>Sea &amp; shore</DisplayName><Type>13</Type></FolderCreate>""",
        ),
        (
            UPDATE,
            """<FolderUpdate xmlns="FolderHierarchy"><SyncKey>1</SyncKey><ServerId>7</ServerId><ParentId>2</ParentId>
            <DisplayName>Shore</DisplayName></FolderUpdate>""",
        ),
        (DELETE, '<FolderDelete xmlns="FolderHierarchy"><SyncKey>1</SyncKey><ServerId>7</ServerId></FolderDelete>'),
    ],
    ids=["create", "update", "delete"],
)
def test_requests(request_: Any, xml: str, version: Version) -> None:
    """Elements in the order of the schema, the same in all versions."""
    asks(request_, version, xml)


@pytest.mark.parametrize(
    ("request_", "response", "refusal", "inner"),
    [
        (
            CREATE,
            FolderCreateResponse(sync_key="2", server_id="7"),
            FolderCreateResponse(status=2),
            "<ServerId>7</ServerId>",
        ),
        (UPDATE, FolderUpdateResponse(sync_key="2"), FolderUpdateResponse(status=2), ""),
        (DELETE, FolderDeleteResponse(sync_key="2"), FolderDeleteResponse(status=2), ""),
    ],
    ids=["create", "update", "delete"],
)
def test_answers(request_: Any, response: Any, refusal: Any, inner: str) -> None:
    """A new key with a success, nothing but the status with a refusal."""
    name = request_.name
    root = f'<{name} xmlns="FolderHierarchy">'
    answers(request_, response, Version.V14_1, f"{root}<Status>1</Status><SyncKey>2</SyncKey>{inner}</{name}>")
    answers(request_, refusal, Version.V14_1, f"{root}<Status>2</Status></{name}>")
    with pytest.raises(UnreadableAnswer, match=name):
        request_.decode_response(Payload(), Version.V14_1, Notes())


@pytest.mark.parametrize("request_", [CREATE, UPDATE, DELETE], ids=["create", "update", "delete"])
def test_what_is_incomplete_is_refused(request_: Any) -> None:
    """With status 10, whichever element is missing or empty."""
    whole = request_.encode(Version.V14_1).body
    for piece in (b"\x031\x00", b"\x037\x00" if b"\x037\x00" in whole else b"\x030\x00"):
        with pytest.raises(MalformedRequest) as caught:
            type(request_).decode(Payload(body=whole.replace(piece, b"", 1)), Version.V14_1, Notes())
        assert caught.value.status == 10


@pytest.mark.parametrize("kind", ["2", "9", "18", "19", "x", "99"])
def test_special_folders_cannot_be_made(kind: str) -> None:
    """Only those of a user."""
    xml = f"""<FolderCreate xmlns="FolderHierarchy"><SyncKey>1</SyncKey><ParentId>0</ParentId>
    <DisplayName>x</DisplayName><Type>{kind}</Type></FolderCreate>"""
    with pytest.raises(MalformedRequest, match="Type"):
        FolderCreateRequest.decode(Payload(body=body(xml)), Version.V14_1, Notes())
