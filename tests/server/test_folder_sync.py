"""
FolderSync: folders and their changes, keys, and what a key is good for.
"""

from __future__ import annotations

import pytest

from carrierpost.protocol.commands.folder_sync import FolderSyncRequest, FolderType
from carrierpost.protocol.version import Version
from carrierpost.server.faults import drop_after_commit
from carrierpost.wbxml.pages import FolderHierarchy
from tests.server.phone import Phone, make_server, status_of
from tests.support.virtual import virtual

INBOX = FolderType.INBOX


@pytest.mark.parametrize("version", Version)
def test_all_folders_come_with_their_types(version: Version) -> None:
    """Each special folder is there once, by type; notes only for versions that know them."""

    @virtual
    async def story() -> None:
        phone = Phone(make_server(), version=version)
        child = phone.mailbox.create_folder("Below", FolderType.USER_MAIL, phone.folder(INBOX).server_id)
        answer = await phone.folders()
        types = [one.type for one in answer.changes.adds]
        assert answer.changes.count == len(types)
        assert (FolderType.NOTES in types) == (version >= Version.V14_0)
        for kind in (INBOX, FolderType.CALENDAR, FolderType.CONTACTS, FolderType.TASKS, FolderType.SENT_ITEMS):
            assert types.count(kind) == 1
        assert [one.parent_id for one in answer.changes.adds if one.server_id == child.server_id] == [
            phone.folder(INBOX).server_id
        ]

    story()


@virtual
async def test_changes_come_as_what_they_are() -> None:
    """Only what happened since the key; nothing new leaves the key as it is."""
    phone = Phone(make_server())
    mailbox = phone.mailbox
    old, going = mailbox.create_folder("Old"), mailbox.create_folder("Going")
    await phone.folders()
    key = phone.hierarchy_key
    assert (await phone.folders()).sync_key == key
    mailbox.rename_folder(old, "New name")
    mailbox.delete_folder(going)
    made = mailbox.create_folder("Made")
    changes = (await phone.folders()).changes
    assert [(one.server_id, one.display_name) for one in changes.updates] == [(old.server_id, "New name")]
    assert [one.server_id for one in changes.deletes] == [going.server_id]
    assert [one.server_id for one in changes.adds] == [made.server_id]
    assert phone.hierarchy_key != key


@virtual
async def test_SK4_the_key_before_is_good_once() -> None:
    """A lost answer is given again, and the same; a second time, and one key further back, it is 9."""
    phone = Phone(make_server())
    await phone.folders()
    first = phone.hierarchy_key
    phone.mailbox.create_folder("Made")
    lost = await phone.ask(FolderSyncRequest(sync_key=first))
    phone.mailbox.create_folder("Later")
    assert await phone.ask(FolderSyncRequest(sync_key=first)) == lost
    assert (await phone.ask(FolderSyncRequest(sync_key=first))).status == 9
    phone.hierarchy_key = lost.sync_key
    assert [one.display_name for one in (await phone.folders()).changes.adds] == ["Later"]


@virtual
async def test_SK4_a_key_in_use_ends_the_one_before() -> None:
    """Who has shown the new key may not go back behind it."""
    phone = Phone(make_server())
    await phone.folders()
    first = phone.hierarchy_key
    phone.mailbox.create_folder("Made")
    await phone.folders()
    await phone.folders()
    assert (await phone.ask(FolderSyncRequest(sync_key=first))).status == 9


@pytest.mark.parametrize("key", ["77", "", "-1", "abc", "00", "0 "])
def test_keys_that_were_never_given_are_refused(key: str) -> None:
    """9 for any key but those, and it changes nothing."""

    @virtual
    async def story() -> None:
        phone = Phone(make_server())
        assert status_of(await phone.post("FolderSync", FolderHierarchy.FolderSync, [FolderHierarchy.SyncKey, key]))[
            1
        ] in (9, 10)
        await phone.folders()
        assert (await phone.ask(FolderSyncRequest(sync_key="77"))).status == 9
        assert (await phone.folders()).status == 1

    story()


@virtual
async def test_malformed_requests_are_refused() -> None:
    """No key, two keys, something else beside the key: 10."""
    phone = Phone(make_server())
    key = [FolderHierarchy.SyncKey, "0"]
    for children in ([], [*key, *key], [*key, FolderHierarchy.Count, "1"], [FolderHierarchy.SyncKey, []]):
        answer = await phone.post("FolderSync", FolderHierarchy.FolderSync, children)
        assert status_of(answer) == (200, 10)


@virtual
async def test_SK9_starting_from_zero_leaves_the_folders_keys() -> None:
    """The list comes anew with the same ids, and a folder goes on with the key that it had."""
    phone = Phone(make_server())
    phone.mailbox.deliver("One", "text")
    before = await phone.folders()
    await phone.begin(INBOX)
    await phone.all(INBOX)
    phone.hierarchy_key = "0"
    after = await phone.folders()
    assert {one.server_id for one in after.changes.adds} == {one.server_id for one in before.changes.adds}
    phone.mailbox.deliver("Two", "text")
    answer = await phone.sync(INBOX)
    assert answer is not None
    assert answer.status == 1
    assert len(answer.commands) == 1


@virtual
async def test_state_of_folders_that_are_gone_is_dropped() -> None:
    """A device that follows folders coming and going for years costs no more memory for it."""
    phone = Phone(make_server())
    await phone.folders()
    device = phone.server.devices["ada@larch.example", "PHONE1"]
    for number in range(20):
        folder = phone.mailbox.create_folder(f"Folder {number}")
        await phone.folders()
        await phone.begin(folder.display_name)
        phone.mailbox.delete_folder(folder)
    await phone.folders()
    assert device.collections == {}


@virtual
async def test_SK4_a_dropped_answer_costs_nothing() -> None:
    """The fault loses the answer after the key has moved; asking again gives the folders all the same."""
    phone = Phone(make_server())
    await phone.folders()
    phone.mailbox.create_folder("Made")
    phone.server.faults.add(drop_after_commit(), command="FolderSync")
    with pytest.raises(Exception, match="ended before"):
        await phone.folders()
    assert [one.display_name for one in (await phone.folders()).changes.adds] == ["Made"]
