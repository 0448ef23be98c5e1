"""
FolderCreate, FolderUpdate, FolderDelete: what happens to the mailbox, to the key, and to what the device is told.
"""

from __future__ import annotations

from typing import Any

import pytest

from carrierpost.protocol.commands.folder_create import FolderCreateRequest
from carrierpost.protocol.commands.folder_delete import FolderDeleteRequest
from carrierpost.protocol.commands.folder_sync import FolderType
from carrierpost.protocol.commands.folder_update import FolderUpdateRequest
from carrierpost.protocol.version import Version
from tests.server.phone import Phone, make_server
from tests.support.virtual import virtual

INBOX = FolderType.INBOX


async def _phone(version: Version = Version.V14_1, **options: Any) -> Phone:
    phone = Phone(make_server(**options), version=version)
    await phone.folders()
    return phone


async def _create(phone: Phone, name: str, parent: str = "0", **values: Any) -> Any:
    answer = await phone.ask(
        FolderCreateRequest(sync_key=phone.hierarchy_key, parent_id=parent, display_name=name, **values)
    )
    phone.hierarchy_key = answer.sync_key or phone.hierarchy_key
    return answer


async def _update(phone: Phone, server_id: str, name: str, parent: str = "0") -> int:
    answer = await phone.ask(
        FolderUpdateRequest(sync_key=phone.hierarchy_key, server_id=server_id, parent_id=parent, display_name=name)
    )
    phone.hierarchy_key = answer.sync_key or phone.hierarchy_key
    return answer.status


async def _delete(phone: Phone, server_id: str) -> int:
    answer = await phone.ask(FolderDeleteRequest(sync_key=phone.hierarchy_key, server_id=server_id))
    phone.hierarchy_key = answer.sync_key or phone.hierarchy_key
    return answer.status


@pytest.mark.parametrize("version", Version)
def test_a_folder_is_made_renamed_moved_and_removed(version: Version) -> None:
    """Each answer has the next key; the device is not told what it did, another one is, and a Ping sleeps on."""

    @virtual
    async def story() -> None:
        phone = await _phone(version)
        other = Phone(phone.server, device_id="OTHER")
        await other.folders()
        first = phone.hierarchy_key
        outer = await _create(phone, "Outer")
        inner = await _create(phone, "Inner", outer.server_id)
        assert (outer.status, inner.status) == (1, 1)
        assert phone.hierarchy_key == str(int(first) + 2)
        assert await _update(phone, inner.server_id, "Deep") == 1
        assert await _update(phone, inner.server_id, "Deep") == 1
        folder = phone.mailbox.folders[inner.server_id]
        assert (folder.display_name, folder.parent_id) == ("Deep", "0")
        assert (await phone.folders()).changes.adds == ()
        assert (await phone.ping(INBOX)).status == 1
        assert {one.display_name for one in (await other.folders()).changes.adds} == {"Outer", "Deep"}
        assert await _update(phone, inner.server_id, "Deep", outer.server_id) == 1
        assert await _delete(phone, outer.server_id) == 1
        assert not {outer.server_id, inner.server_id} & phone.mailbox.folders.keys()
        assert (await phone.folders()).changes.deletes == ()
        assert {one.server_id for one in (await other.folders()).changes.deletes} == {
            outer.server_id,
            inner.server_id,
        }

    story()


@virtual
async def test_others_changes_are_still_told() -> None:
    """A folder that came from elsewhere before the device made its own comes with the next FolderSync."""
    phone = await _phone()
    phone.mailbox.create_folder("Theirs")
    await _create(phone, "Mine")
    assert (await phone.ping(INBOX)).status == 7
    assert [one.display_name for one in (await phone.folders()).changes.adds] == ["Theirs"]


@pytest.mark.parametrize("kind", [1, *range(12, 18)])
def test_folders_of_all_kinds_that_a_user_may_make(kind: int) -> None:
    """The type is kept; notes came with 14.0."""

    @virtual
    async def story() -> None:
        phone = await _phone()
        answer = await _create(phone, "New", type=FolderType(kind))
        assert phone.mailbox.folders[answer.server_id].type == kind
        old = await _phone(Version.V12_1)
        assert (await _create(old, "New", type=FolderType(kind))).status == (10 if kind == 17 else 1)

    story()


@virtual
async def test_what_cannot_be_made_is_refused() -> None:
    """2 for a name that is there, whatever its case; 5 without parent; 3 in the recipient cache; 9 for an old key."""
    phone = await _phone(keeps_recipients=True)
    cache = phone.folder(FolderType.RECIPIENT_CACHE).server_id
    assert (await _create(phone, "New")).status == 1
    assert (await _create(phone, "NEW")).status == 2
    assert (await _create(phone, "New", phone.folder(INBOX).server_id)).status == 1
    assert (await _create(phone, "Other", "999")).status == 5
    assert (await _create(phone, "Other", cache)).status == 3
    assert (await _create(phone, "  ")).status == 10
    key, phone.hierarchy_key = phone.hierarchy_key, "1"
    refused = await _create(phone, "Other")
    assert (refused.status, refused.sync_key, refused.server_id) == (9, "", "")
    phone.hierarchy_key = key
    assert (await _create(phone, "Other")).status == 1


@virtual
async def test_what_cannot_be_changed_is_refused() -> None:
    """2 for a special folder or a taken name, 3 for the cache, 4 for none, 5 for a bad parent, 9 for an old key."""
    phone = await _phone(keeps_recipients=True)
    outer = (await _create(phone, "Outer")).server_id
    inner = (await _create(phone, "Inner", outer)).server_id
    assert await _update(phone, phone.folder(INBOX).server_id, "Mine") == 2
    assert await _update(phone, phone.folder(FolderType.RECIPIENT_CACHE).server_id, "Mine") == 3
    assert await _update(phone, "999", "Mine") == 4
    assert await _update(phone, inner, "Mine", "999") == 5
    assert await _update(phone, outer, "Outer", inner) == 5
    assert await _update(phone, inner, "outer") == 2
    phone.hierarchy_key = "1"
    assert await _update(phone, inner, "Mine") == 9


@virtual
async def test_what_cannot_be_removed_is_refused() -> None:
    """3 for a special folder, 4 for none, 9 for an old key; nothing is lost."""
    phone = await _phone()
    made = (await _create(phone, "Mine")).server_id
    before = len(phone.mailbox.folders)
    assert await _delete(phone, phone.folder(INBOX).server_id) == 3
    assert await _delete(phone, "999") == 4
    phone.hierarchy_key = "1"
    assert await _delete(phone, made) == 9
    assert len(phone.mailbox.folders) == before
