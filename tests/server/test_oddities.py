"""
Oddities: what a server may do, switched on by name; and what an administrator may do to devices.
"""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from carrierpost.protocol.classes import Contact
from carrierpost.protocol.commands.folder_sync import FolderSyncRequest, FolderType
from carrierpost.protocol.commands.sync import Add
from carrierpost.protocol.quirks import QUIRKS
from carrierpost.protocol.version import Version
from carrierpost.server.oddities import SOGO_LIKE, Oddity
from tests.server.phone import ADA, Phone, make_server, status_of
from tests.support.virtual import virtual

INBOX, CONTACTS = FolderType.INBOX, FolderType.CONTACTS


def test_oddities_of_sogo_are_called_as_its_quirks() -> None:
    """What the server can be told to do has the name under which `doctor` knows it."""
    assert {one.value for one in SOGO_LIKE} <= {quirk.name for quirk in QUIRKS}


@virtual
async def test_ids_may_change_when_a_folder_is_begun_anew() -> None:
    """The same mail, other ids; the first time nothing changes."""
    phone = Phone(make_server(oddities=[Oddity.NEW_IDS_ON_RESYNC]))
    item = phone.mailbox.deliver("Tea", "x")
    await phone.folders()
    inbox = await phone.begin(INBOX)
    await phone.all(INBOX)
    assert list(phone.held[inbox]) == [item.server_id]
    await phone.begin(INBOX)
    await phone.all(INBOX)
    [(server_id, data)] = phone.held[inbox].items()
    assert server_id != item.server_id
    assert data.subject == "Tea"  # type: ignore[union-attr]


@pytest.mark.parametrize("version", Version)
def test_cookies_may_be_required(version: Version) -> None:
    """From 16.0 on the first answer brings a cookie; without it the server knows nothing of the device (132)."""

    @virtual
    async def story() -> None:
        phone = Phone(make_server(oddities=[Oddity.COOKIES_REQUIRED]), version=version)
        phone.headers["Cookie"] = ""
        first = await phone.raw("FolderSync", FolderSyncRequest().encode(version))
        cookie = first.headers.get("set-cookie", "").partition(";")[0]
        again = await phone.raw("FolderSync", FolderSyncRequest().encode(version))
        assert bool(cookie) is (version >= Version.V16_0)
        assert status_of(again) == (200, 132 if cookie else 1)
        phone.headers["Cookie"] = f"other=1; {cookie}" if cookie else "other=1"
        assert status_of(await phone.raw("FolderSync", FolderSyncRequest().encode(version))) == (200, 1)

    story()


@pytest.mark.parametrize("version", Version)
def test_PV10_a_device_in_quarantine_sees_a_notice_and_nothing_else(version: Version) -> None:
    """Synchronization goes well, the folders are empty; let in, the device begins anew and sees what is there."""

    @virtual
    async def story() -> None:
        phone = Phone(make_server(oddities=[Oddity.QUARANTINES]), version=version)
        for number in range(3):
            phone.mailbox.deliver(f"Mail {number}", "x")
        phone.mailbox.add(phone.folder(CONTACTS), Contact(first_name="Bea"))
        assert (await phone.folders()).status == 1
        for which in (INBOX, CONTACTS):
            await phone.begin(which)
            await phone.all(which)
        inbox = phone.folder(INBOX).server_id
        [notice] = phone.held[inbox].values()
        assert "approved" in notice.subject  # type: ignore[operator, union-attr]
        assert phone.held[phone.folder(CONTACTS).server_id] == {}
        phone.server.let_in(ADA)
        refused = await phone.sync(INBOX)
        assert refused is not None
        assert refused.status == 3
        assert (await phone.folders()).status == 9
        phone.hierarchy_key = "0"
        await phone.folders()
        await phone.begin(INBOX)
        await phone.all(INBOX)
        assert len(phone.held[inbox]) == 3
        phone.server.hold_back(ADA)
        again = await phone.sync(INBOX)
        assert again is not None
        assert again.status == 3

    story()


@virtual
async def test_nothing_leaves_quarantine() -> None:
    """What a device in quarantine deletes is its notice alone."""
    phone = Phone(make_server(oddities=[Oddity.QUARANTINES]))
    phone.mailbox.deliver("Mail", "x")
    await phone.folders()
    await phone.begin(CONTACTS)
    await phone.sync(CONTACTS, commands=(Add(client_id="c", data=Contact(first_name="x")),))
    assert phone.folder(CONTACTS).items == {}
    assert len(phone.folder(INBOX).items) == 1


@virtual
async def test_an_upgrade_is_announced_until_the_device_begins_anew() -> None:
    """X-MS-RP comes with each answer, with versions and commands, and no more after a FolderSync with key 0."""
    phone = Phone(make_server())
    await phone.folders()

    async def told(key: str) -> dict[str, str]:
        answer = await phone.raw("FolderSync", FolderSyncRequest(sync_key=key).encode(phone.version))
        return {name.lower(): value for name, value in dict(answer.headers).items()}

    assert "x-ms-rp" not in await told(phone.hierarchy_key)
    phone.server.announce_upgrade()
    for _ in range(2):
        headers = await told(phone.hierarchy_key)
        assert headers["x-ms-rp"] == headers["ms-asprotocolversions"] == "12.1,14.0,14.1,16.0,16.1"
        assert "Find" in headers["ms-asprotocolcommands"]
    assert "x-ms-rp" not in await told("0")
    assert "x-ms-rp" not in await told("0")


@virtual
async def test_a_server_may_look_for_changes_now_and_then() -> None:
    """Mail that comes a second into a Ping is told of at the next look, five seconds in."""
    phone = Phone(make_server(oddities=SOGO_LIKE))
    await phone.folders()
    await phone.begin(INBOX)
    await phone.all(INBOX)
    clock = phone.server.clock
    asking: Any = asyncio.ensure_future(phone.ping(INBOX))
    while not phone.server.holding:
        await asyncio.sleep(0)
    await clock.sleep(1)
    phone.mailbox.deliver("Tea", "x")
    assert (await asking).status == 2
    assert clock.monotonic() == 5


@virtual
async def test_a_server_may_want_to_be_asked_once_more() -> None:
    """After items Ping reports the folder until a Sync found nothing new."""
    phone = Phone(make_server(oddities=SOGO_LIKE))
    phone.mailbox.deliver("Tea", "x")
    await phone.folders()
    await phone.begin(INBOX)
    await phone.sync(INBOX)
    assert (await phone.ping(INBOX)).status == 2
    assert await phone.sync(INBOX) is None
    assert (await phone.ping(INBOX)).status == 1


@virtual
async def test_a_server_may_lose_its_place_with_the_first_addition() -> None:
    """The item is kept, the next key is 3; in a folder that held something nothing is lost."""
    phone = Phone(make_server(oddities=SOGO_LIKE))
    await phone.folders()
    await phone.begin(CONTACTS)
    await phone.all(CONTACTS)
    add = Add(client_id="c", data=Contact(first_name="x"))
    answer = await phone.sync(CONTACTS, commands=(add,))
    assert answer is not None
    assert answer.responses[0].status == 1
    lost = await phone.sync(CONTACTS)
    assert lost is not None
    assert lost.status == 3
    await phone.begin(CONTACTS)
    await phone.all(CONTACTS)
    await phone.sync(CONTACTS, commands=(add,))
    assert await phone.sync(CONTACTS) is None
