"""
Looking things up at the server: mail, known again when it is held; people; when they are free.
"""

from __future__ import annotations

import datetime as dt
import functools
import random
import uuid

import pytest

from carrierpost.engine.looking import Busy, Found, find_mail, find_people, look_up_busy, merge_slots, new_search_id
from carrierpost.protocol.classes import BusyStatus, Event
from carrierpost.protocol.commands.folder_sync import FolderType
from carrierpost.protocol.commands.looking import PictureLimits
from carrierpost.protocol.commands.resolve_recipients import SLOT, FreeBusy
from carrierpost.protocol.errors import StatusError
from carrierpost.protocol.version import Version
from carrierpost.server import faults
from tests.support.hub import ADDRESS, PASSWORD, Bench, bench
from tests.support.virtual import EPOCH, virtual

VERSIONS = pytest.mark.parametrize("version", [Version.V12_1, Version.V14_1, Version.V16_1])
INBOX = FolderType.INBOX
SEARCH = "0f3c1f3a-8f0e-4b8f-9f8c-1a2b3c4d5e6f"
NOON = EPOCH.replace(hour=12)

SEARCH = "e3e70682-c209-4cac-829f-6fbed82c07cd"


async def _all(made: Bench, words: str, count: int, **options: object) -> list[Found]:
    """
    Turn the pages of a search.
    """
    found: list[Found] = []
    first: int | None = 0
    while first is not None:
        ask = functools.partial(find_mail, words=words, first=first, count=count, search_id=SEARCH, **options)  # type: ignore[arg-type]
        page = await made.runner.ask(ask)
        assert page.found or first == 0
        assert len(page.found) <= count
        found += page.found
        first = page.following
    return found


@VERSIONS
@virtual
async def test_mail_is_found_and_known_again(version: Version) -> None:
    """Newest first, page by page; what is held here has its number, what came since has not."""
    async with bench(version=version) as made:
        for number in range(7):
            made.mailbox.deliver(f"Tea {number}", "At four.", received=EPOCH - dt.timedelta(hours=number))
        made.mailbox.deliver("Coffee", "At five.", received=EPOCH)
        await made.new_runner().sync_once()
        ids = await made.ids(INBOX)
        made.mailbox.deliver("Tea, too", "At six.", received=EPOCH + dt.timedelta(hours=1))
        found = await _all(made, "tea", 3)
        assert [one.subject for one in found] == ["Tea, too", *(f"Tea {number}" for number in range(7))]
        assert [one.item_id for one in found] == [None, *(ids[f"Tea {number}"] for number in range(7))]
        assert {one.collection.type for one in found if one.collection is not None} == {INBOX}
        assert found[1].received == EPOCH
        assert found[1].preview.startswith("At four.")
        assert all(bool(one.server_id) == (version >= Version.V16_1) != bool(one.long_id) for one in found)


@VERSIONS
@virtual
async def test_a_folder_is_searched_with_those_below(version: Version) -> None:
    """And nothing else."""
    async with bench(version=version) as made:
        upper = made.mailbox.create_folder("Upper")
        lower = made.mailbox.create_folder("Lower", parent_id=upper.server_id)
        for subject, folder in (("Tea above", upper), ("Tea below", lower), ("Tea in", None)):
            made.mailbox.deliver(subject, "x", folder=folder)
        await made.new_runner().sync_once()
        found = await _all(made, "tea", 10, collection=await made.collection("Upper"))
        assert {one.subject for one in found} == {"Tea above", "Tea below"}


@VERSIONS
@virtual
async def test_nothing_found_is_no_error(version: Version) -> None:
    """An empty page, and no other after it."""
    async with bench(version=version) as made:
        await made.new_runner().sync_once()
        page = await made.runner.ask(functools.partial(find_mail, words="nowhere"))
        assert (page.found, page.following) == ((), None)


@VERSIONS
@virtual
async def test_people_are_found(version: Version) -> None:
    """By the beginning of a word; page by page; pictures where the version has them."""
    async with bench(version=version) as made:
        for name in ("Bea Birch", "Bo Birch", "Cy Elm"):
            made.server.add_user(f"{name.split()[0].lower()}@larch.example", PASSWORD, name=name)
        await made.new_runner().sync_once()
        first = await made.runner.ask(functools.partial(find_people, text="bir", count=1, search_id=SEARCH))
        assert (len(first.found), first.total, first.following) == (1, 2, 1)
        second = await made.runner.ask(functools.partial(find_people, text="bir", first=1, count=1, search_id=SEARCH))
        assert {one.display_name for one in (*first.found, *second.found)} == {"Bea Birch", "Bo Birch"}
        assert second.following is None
        wanted = functools.partial(find_people, text="cy", pictures=PictureLimits(max_size=10**6))
        [cy] = (await made.runner.ask(wanted)).found
        assert cy.email_address == "cy@larch.example"
        assert (cy.picture is not None) == (version >= Version.V14_1)


@VERSIONS
@virtual
async def test_a_refused_search_says_why(version: Version) -> None:
    """With the server's status."""
    async with bench(version=version) as made:
        await made.new_runner().sync_once()
        made.server.faults.add(faults.status(3), command="Find" if version >= Version.V16_1 else "Search")
        with pytest.raises(StatusError) as caught:
            await made.runner.ask(functools.partial(find_mail, words="tea"))
        assert caught.value.status == 3


@pytest.mark.parametrize("version", [Version.V14_0, Version.V16_1])
@virtual
async def test_it_is_told_when_people_are_free(version: Version) -> None:
    """Half hour by half hour; whoever is not known, is said not to be."""
    async with bench(version=version) as made:
        bea = made.server.add_user("bea@larch.example", PASSWORD, name="Bea Birch")
        meeting = Event(
            subject="Standup", start_time=NOON, end_time=NOON + dt.timedelta(hours=1), busy_status=BusyStatus.BUSY
        )
        bea.add(bea.folder(FolderType.CALENDAR), meeting)
        made.new_runner()
        ask = functools.partial(
            look_up_busy, addresses=("bea@larch.example", "nobody"), start=NOON, end=NOON + dt.timedelta(hours=2)
        )
        known, unknown = await made.runner.ask(ask)
        busy, free = FreeBusy.BUSY, FreeBusy.FREE
        assert known == Busy("bea@larch.example", "Bea Birch", "bea@larch.example", (busy, busy, free, free))
        assert (unknown.slots, unknown.reason) == ((), "The server knows nobody of this name or address.")


@virtual
async def test_free_busy_of_12_1_is_not_told() -> None:
    """The version does not have it; that is said, and nobody is taken for free."""
    async with bench(version=Version.V12_1) as made:
        await made.new_runner().sync_once()
        ask = functools.partial(look_up_busy, addresses=(ADDRESS,), start=NOON, end=NOON + dt.timedelta(hours=2))
        [told] = await made.runner.ask(ask)
        assert (told.slots, told.reason) == ((), "The server does not say when people are free.")


@pytest.mark.parametrize("length", [dt.timedelta(), dt.timedelta(hours=-1), dt.timedelta(days=43)])
@virtual
async def test_times_that_are_none_are_not_asked_about(length: dt.timedelta) -> None:
    """The server would refuse them."""
    async with bench() as made:
        made.new_runner()
        with pytest.raises(ValueError, match="42 days"):
            await made.runner.ask(functools.partial(look_up_busy, addresses=("x",), start=NOON, end=NOON + length))


def test_half_hours_are_joined() -> None:
    """To stretches of one kind."""
    busy, free = FreeBusy.BUSY, FreeBusy.FREE
    assert merge_slots((free, busy, busy), NOON) == (
        (NOON, NOON + SLOT, free),
        (NOON + SLOT, NOON + 3 * SLOT, busy),
    )
    assert merge_slots((), NOON) == ()


def test_ids_of_searches_are_uuids() -> None:
    """Of the random kind."""
    made = uuid.UUID(new_search_id(random.Random(1)))
    assert (made.version, made.variant) == (4, uuid.RFC_4122)
