"""
GetItemEstimate: how many changes wait.
"""

from __future__ import annotations

import datetime as dt

import pytest

from carrierpost.protocol.commands.folder_sync import FolderType
from carrierpost.protocol.commands.get_item_estimate import EstimateCollection, GetItemEstimateRequest
from carrierpost.protocol.commands.sync import FilterType
from carrierpost.protocol.version import Version
from carrierpost.wbxml.pages import AirSync
from carrierpost.wbxml.pages import GetItemEstimate as Page
from tests.server.phone import Phone, make_server, status_of
from tests.support.virtual import EPOCH, virtual

INBOX = FolderType.INBOX


async def _asked(phone: Phone, key: str, folder: str = "", chosen: FilterType = FilterType.ALL) -> tuple[int, int]:
    collection = EstimateCollection(
        collection_id=folder or phone.folder(INBOX).server_id, sync_key=key, filter_type=chosen
    )
    [estimate] = (await phone.ask(GetItemEstimateRequest(collections=(collection,)))).estimates
    return estimate.status, estimate.estimate


@pytest.mark.parametrize("version", Version)
def test_it_counts_what_sync_would_bring(version: Version) -> None:
    """New, changed and deleted items, in the window that is asked for; asking changes nothing."""

    @virtual
    async def story() -> None:
        phone = Phone(make_server(), version=version)
        inbox = phone.folder(INBOX)
        items = [phone.mailbox.deliver(f"Mail {number}", "text") for number in range(4)]
        phone.mailbox.deliver("Old", "text", received=EPOCH - dt.timedelta(days=30))
        await phone.folders()
        await phone.begin(INBOX)
        assert await _asked(phone, phone.keys[inbox.server_id]) == (1, 5)
        assert await _asked(phone, phone.keys[inbox.server_id], chosen=FilterType.ONE_WEEK) == (1, 4)
        await phone.all(INBOX)
        key = phone.keys[inbox.server_id]
        assert await _asked(phone, key) == (1, 0)
        assert await _asked(phone, key, chosen=FilterType.ONE_WEEK) == (1, 1)
        phone.mailbox.change(inbox, items[0], read=True)
        phone.mailbox.delete(inbox, items[1])
        phone.mailbox.deliver("New", "text")
        assert await _asked(phone, key) == (1, 3)
        answer = await phone.sync(INBOX)
        assert answer is not None
        assert len(answer.commands) == 3

    story()


@virtual
async def test_folders_and_keys_have_to_be_good() -> None:
    """2 for no such folder, 3 before the first Sync, 4 for a key that was never given."""
    phone = Phone(make_server())
    await phone.folders()
    assert await _asked(phone, "1", "gone") == (2, 0)
    assert await _asked(phone, "1") == (3, 0)
    await phone.begin(INBOX)
    assert await _asked(phone, "0") == (3, 0)
    assert await _asked(phone, "99") == (4, 0)


@virtual
async def test_SK4_the_key_before_has_an_estimate_until_the_next_is_used() -> None:
    """Who lost an answer may ask with the key that it has; after the new key was used it is 4."""
    phone = Phone(make_server())
    phone.mailbox.deliver("Mail", "text")
    await phone.folders()
    inbox = await phone.begin(INBOX)
    before = phone.keys[inbox]
    await phone.sync(INBOX)
    assert await _asked(phone, before) == (1, 0)
    await phone.sync(INBOX)
    assert await _asked(phone, before) == (4, 0)


@pytest.mark.parametrize("chosen", ["x", "9", "-1", None])
def test_filters_that_are_none_are_refused_or_no_filter(chosen: str | None) -> None:
    """Whatever stands there, there is an answer."""

    @virtual
    async def story() -> None:
        phone = Phone(make_server())
        await phone.folders()
        await phone.begin(INBOX)
        one = [AirSync.SyncKey, "1", Page.CollectionId, phone.folder(INBOX).server_id]
        options = [AirSync.Options, [AirSync.FilterType, chosen]]
        answer = await phone.post(
            "GetItemEstimate", Page.GetItemEstimate, [Page.Collections, [Page.Collection, [*one, *options]]]
        )
        assert status_of(answer) in ((200, None), (200, 103))

    story()


@virtual
async def test_malformed_requests_are_refused() -> None:
    """Nothing to count, no key, more than a thousand folders: 103."""
    phone = Phone(make_server())
    await phone.folders()
    one = [AirSync.SyncKey, "1", Page.CollectionId, phone.folder(INBOX).server_id]
    for collections in (
        [],
        [Page.Collection, one[2:]],
        [Page.Collection, one] * 1001,
    ):
        answer = await phone.post("GetItemEstimate", Page.GetItemEstimate, [Page.Collections, collections])
        assert status_of(answer) == (200, 103)
