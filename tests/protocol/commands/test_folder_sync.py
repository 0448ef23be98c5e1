"""
FolderSync ([MS-ASCMD] FolderSync).
"""

from __future__ import annotations

import pytest

from carrierpost.protocol.classes import ContentClass
from carrierpost.protocol.commands.folder_sync import (
    Folder,
    FolderChanges,
    FolderDelete,
    FolderSyncRequest,
    FolderSyncResponse,
    FolderType,
    class_of_folder,
)
from carrierpost.protocol.errors import MalformedRequest
from carrierpost.protocol.message import Payload
from carrierpost.protocol.record import Notes
from carrierpost.protocol.version import Version
from tests.protocol.commands.known import answers, asks, body, received


@pytest.mark.parametrize("version", Version)
def test_a_request_is_its_key(version: Version) -> None:
    """And its bytes are these, since every phone begins with them."""
    request = FolderSyncRequest(sync_key="0")
    asks(request, version, '<FolderSync xmlns="FolderHierarchy"><SyncKey>0</SyncKey></FolderSync>')
    assert request.encode(version).body == bytes.fromhex("03016a000007565203300001 01".replace(" ", ""))


@pytest.mark.parametrize("version", Version)
def test_changes_come_in_the_order_of_the_schema(version: Version) -> None:
    """Count, updates, deletions, additions."""
    answers(
        FolderSyncRequest(),
        FolderSyncResponse(
            sync_key="2",
            changes=FolderChanges(
                count=3,
                updates=(Folder(server_id="5", parent_id="1", display_name="Old", type=FolderType.USER_MAIL),),
                deletes=(FolderDelete(server_id="6"),),
                adds=(Folder(server_id="1", display_name="Inbox", type=FolderType.INBOX),),
            ),
        ),
        version,
        """<FolderSync xmlns="FolderHierarchy">
          <Status>1</Status>
          <SyncKey>2</SyncKey>
          <Changes>
            <Count>3</Count>
            <Update><ServerId>5</ServerId><ParentId>1</ParentId><DisplayName>Old</DisplayName><Type>12</Type></Update>
            <Delete><ServerId>6</ServerId></Delete>
            <Add><ServerId>1</ServerId><ParentId>0</ParentId><DisplayName>Inbox</DisplayName><Type>2</Type></Add>
          </Changes>
        </FolderSync>""",
    )


def test_a_refusal_is_its_status_alone() -> None:
    """Of the command's own, or common to all."""
    for status in (9, 142):
        answers(
            FolderSyncRequest(),
            FolderSyncResponse(status=status),
            Version.V14_0,
            f'<FolderSync xmlns="FolderHierarchy"><Status>{status}</Status></FolderSync>',
        )


def test_SK8_an_empty_answer_keeps_the_key() -> None:
    """Nothing changed: the key that was sent is still the one."""
    read = FolderSyncRequest(sync_key="7").decode_response(Payload(), Version.V14_1, Notes())
    assert read == FolderSyncResponse(sync_key="7")


def test_WB10_a_missing_status_and_a_wrong_count_do_no_harm() -> None:
    """What is listed counts."""
    read = received(
        FolderSyncRequest(),
        """<FolderSync xmlns="FolderHierarchy"><SyncKey>1</SyncKey><Changes><Count>9</Count>
        <Add><ServerId>1</ServerId><ParentId>0</ParentId><DisplayName/><Type>2</Type></Add></Changes></FolderSync>""",
    )
    assert read.status == 1
    assert [folder.server_id for folder in read.changes.adds] == ["1"]


def test_FS2_a_folder_of_an_unknown_type_is_kept() -> None:
    """Its id is needed, for others may be inside it."""
    read = received(
        FolderSyncRequest(),
        """<FolderSync xmlns="FolderHierarchy"><Status>1</Status><SyncKey>1</SyncKey><Changes><Add><ServerId>1</ServerId>
        <ParentId>0</ParentId><DisplayName>?</DisplayName><Type>77</Type></Add></Changes></FolderSync>""",
    )
    assert read.changes.adds == (Folder(server_id="1", display_name="?", type=FolderType.UNKNOWN),)


def test_FS2_classes_follow_from_types() -> None:
    """Never from names."""
    by_class: dict[ContentClass | None, set[int]] = {}
    for kind in FolderType:
        by_class.setdefault(class_of_folder(kind), set()).add(kind)
    assert by_class == {
        ContentClass.EMAIL: {1, 2, 3, 4, 5, 6, 12},
        ContentClass.CALENDAR: {8, 13},
        ContentClass.CONTACTS: {9, 14, 19},
        ContentClass.TASKS: {7, 15},
        ContentClass.NOTES: {10, 17},
        None: {11, 16, 18},
    }


@pytest.mark.parametrize(
    "xml",
    [
        '<FolderSync xmlns="FolderHierarchy"/>',
        '<FolderSync xmlns="FolderHierarchy"><SyncKey>0</SyncKey><SyncKey>0</SyncKey></FolderSync>',
        '<FolderSync xmlns="FolderHierarchy"><Status>1</Status></FolderSync>',
    ],
)
def test_a_request_without_its_key_is_refused(xml: str) -> None:
    """With status 10, as the specification has it."""
    with pytest.raises(MalformedRequest) as caught:
        FolderSyncRequest.decode(Payload(body=body(xml)), Version.V14_1, Notes())
    assert caught.value.status == 10
