"""
The public face, where it asks the server there and then: folders, searches, people, free/busy, out of office.
"""

from __future__ import annotations

import datetime as dt

import pytest

import carrierpost
from carrierpost import Audience, BackgroundExchange, BusyStatus, Event, FolderType, FreeBusy, OofState
from tests.library.conftest import ALICE, BOB, Connecting

VERSIONS = pytest.mark.parametrize("version", ["14.1", "16.1"])
NOON = dt.datetime(2027, 3, 2, 12, tzinfo=dt.UTC)


async def test_folders_are_made_renamed_moved_and_deleted(
    exchange_server: BackgroundExchange, connecting: Connecting
) -> None:
    """Known by the folder itself or by its path, at the server at once, also while somebody watches."""

    def there() -> set[str]:
        folders = exchange_server.server.mailbox(ALICE).folders.values()
        return exchange_server.call(lambda: {one.display_name for one in folders})

    async with connecting() as mailbox:
        projects = await mailbox.create_folder("Projects")
        bridge = await mailbox.create_folder("Bridge", parent="Projects", holds=carrierpost.ContentClass.CONTACTS)
        assert bridge.parent_id == projects.server_id
        assert (await mailbox.rename_folder("Projects/Bridge", "Tunnel")).display_name == "Tunnel"
        assert (await mailbox.move_folder("Tunnel", FolderType.INBOX)).parent_id != projects.server_id
        assert await mailbox.folder("Inbox/Tunnel") == await mailbox.move_folder("Tunnel", "inbox")
        assert (await mailbox.move_folder(bridge, None)).parent_id == "0"
        assert there() >= {"Projects", "Tunnel"}
        await mailbox.delete_folder(projects)
        assert "Projects" not in there()
        with pytest.raises(carrierpost.NotHeld):
            await mailbox.folder(projects)
        with pytest.raises(carrierpost.FolderRefused, match="belongs to the mailbox"):
            await mailbox.delete_folder("Inbox")


@VERSIONS
async def test_a_search_turns_as_many_pages_as_are_wanted(
    exchange_server: BackgroundExchange, connecting: Connecting, version: str
) -> None:
    """More than the server gives at once, none twice, nothing fetched before it is asked for; nothing is held here."""
    for number in range(130):
        exchange_server.deliver("alice", f"Tea {number}", "x")
    async with connecting(version=version) as mailbox:
        found = [one async for one in mailbox.search_server("tea")]
        assert len({one.subject for one in found}) == len(found) == 130
        assert {one.item_id for one in found} == {None}
        assert len([one async for one in mailbox.search_server("tea", limit=3)]) == 3
        assert [one async for one in mailbox.search_server("tea", folder=FolderType.DRAFTS)] == []


@VERSIONS
async def test_people_and_their_time(exchange_server: BackgroundExchange, connecting: Connecting, version: str) -> None:
    """Found by the beginning of a word, and asked when they are free."""
    meeting = Event(
        subject="Lunch", start_time=NOON, end_time=NOON + dt.timedelta(hours=1), busy_status=BusyStatus.AWAY
    )
    exchange_server.add("bob", FolderType.CALENDAR, meeting)
    async with connecting(version=version) as mailbox:
        assert [one.email_address async for one in mailbox.people("bo")] == [BOB]
        [bob] = await mailbox.busy([BOB], NOON, NOON + dt.timedelta(hours=2))
        assert carrierpost.merge_slots(bob.slots, NOON) == (
            (NOON, NOON + dt.timedelta(hours=1), FreeBusy.AWAY),
            (NOON + dt.timedelta(hours=1), NOON + dt.timedelta(hours=2), FreeBusy.FREE),
        )


async def test_out_of_office(connecting: Connecting) -> None:
    """Set as a whole, and told as the server has it."""
    async with connecting() as mailbox:
        assert (await mailbox.out_of_office()).state is OofState.OFF
        away = carrierpost.OofMessage(audience=Audience.INTERNAL, enabled=True, reply_message="Skiing.")
        await mailbox.set_out_of_office(carrierpost.Oof(state=OofState.ON, messages=(away,)))
        told = await mailbox.out_of_office()
        assert told.state is OofState.ON
        assert {one.audience: one.reply_message for one in told.messages}[Audience.INTERNAL] == "Skiing."
