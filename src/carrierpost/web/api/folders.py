"""
Folders of an account: counts, how often each is checked, and the two faces of that setting.
"""

from __future__ import annotations

from typing import Annotated

import msgspec

from carrierpost.delivery.folders import CHOICES, auto_refresh_list, frequency, oftener, set_frequency, set_ticked
from carrierpost.model import Collection
from carrierpost.store import NotHeld
from carrierpost.web.operations import Call, Operations
from carrierpost.web.problems import Problem
from carrierpost.web.views import FolderView, folder_view

__all__ = ["folder_of", "operations"]

operations = Operations()


class CheckFrequency(msgspec.Struct, frozen=True, kw_only=True):
    """
    How often a folder is checked (the Android face: Sync options > Check frequency).

    Attributes:
        minutes: 0 push, -1 manual, else every so many.
        words: the same for a person.
        choices: what is offered.
        shortest: the most often that the administrator allows, likewise.
    """

    minutes: int
    words: str
    choices: tuple[int, ...]
    shortest: int


class FrequencyDraft(msgspec.Struct, frozen=True, kw_only=True):
    """
    A frequency that a person chose.
    """

    minutes: Annotated[int, msgspec.Meta(ge=-1, le=10_080)]


class Refresh(msgspec.Struct, frozen=True, kw_only=True):
    """
    What is to be looked at.

    Attributes:
        folders: the folders; those that refresh by themselves, unless some are named.
    """

    folders: Annotated[tuple[Annotated[int, msgspec.Meta(ge=1, le=2**53 - 1)], ...], msgspec.Meta(max_length=100)] = ()


class TickView(msgspec.Struct, frozen=True, kw_only=True):
    """
    A line of the list that iOS users know (Settings > Auto Refresh).

    Attributes:
        folder: the folder.
        name: what it is called.
        ticked: whether it refreshes by itself.
        remark: what the tick alone does not say; empty for nothing.
    """

    folder: int
    name: str
    ticked: bool
    remark: str


class TickDraft(msgspec.Struct, frozen=True, kw_only=True):
    """
    A tick that a person set or took away.
    """

    ticked: bool


@operations("GET", "/accounts/{account_id}/folders")
async def list_folders(call: Call, account_id: int) -> tuple[FolderView, ...]:
    """
    List an account's folders with their counts.
    """
    account, store = call.account(account_id), call.office.hub.store
    collections = await store.collections(account.id)
    parents = {one.server_id: one.id for one in collections}
    return tuple([await _view(call, one, parents) for one in collections])


@operations("POST", "/accounts/{account_id}/refresh", status=202)
async def refresh_account(call: Call, account_id: int, body: Refresh) -> None:
    """
    Ask the mail server for what is new, now; what there is comes by the live stream.
    """
    folders = [(await folder_of(call, account_id, one)).id for one in body.folders]
    call.office.fetch(call.account(account_id).id, *folders)


@operations("GET", "/accounts/{account_id}/folders/{folder_id}/check-frequency")
async def see_check_frequency(call: Call, account_id: int, folder_id: int) -> CheckFrequency:
    """
    Tell how often a folder is checked.
    """
    folder = await folder_of(call, account_id, folder_id)
    return await _frequency(call, account_id, folder)


@operations("PUT", "/accounts/{account_id}/folders/{folder_id}/check-frequency", problems=(403,))
async def set_check_frequency(call: Call, account_id: int, folder_id: int, body: FrequencyDraft) -> CheckFrequency:
    """
    Choose how often a folder is checked.
    """
    folder = await folder_of(call, account_id, folder_id)
    shortest = (await call.office.policy(call.account(account_id))).shortest_check_frequency
    if oftener(body.minutes, shortest):
        raise Problem(
            403, "too-often-checked", f"the administrator allows {frequency(shortest)} at the most; choose that or less"
        )
    try:
        changed = set_frequency(folder, body.minutes)
    except ValueError as error:
        raise Problem(422, "bad-frequency", str(error)) from None
    changed = await call.office.hub.store.update_collection(folder.id, minutes=changed.minutes)
    return await _frequency(call, account_id, changed)


@operations("GET", "/accounts/{account_id}/auto-refresh")
async def list_auto_refresh(call: Call, account_id: int) -> tuple[TickView, ...]:
    """
    List the folders that can be ticked to refresh by themselves.
    """
    collections = await call.office.hub.store.collections(call.account(account_id).id)
    return tuple(
        TickView(folder=one.collection_id, name=one.name, ticked=one.ticked, remark=one.remark)
        for one in auto_refresh_list(collections)
    )


@operations("PUT", "/accounts/{account_id}/auto-refresh/{folder_id}", problems=(403,))
async def set_auto_refresh(call: Call, account_id: int, folder_id: int, body: TickDraft) -> tuple[TickView, ...]:
    """
    Tick a folder to refresh by itself, or take the tick away.
    """
    folder = await folder_of(call, account_id, folder_id)
    minutes = set_ticked(folder, ticked=body.ticked).minutes
    shortest = (await call.office.policy(call.account(account_id))).shortest_check_frequency
    if minutes >= 0 and oftener(minutes, shortest):
        minutes = shortest
    await call.office.hub.store.update_collection(folder.id, minutes=minutes)
    return await list_auto_refresh(call, account_id)  # type: ignore[no-any-return]


async def folder_of(call: Call, account_id: int, folder_id: int) -> Collection:
    """
    Give a folder of who asks.

    Raises:
        Problem: there is none, or it is somebody else's: no difference is told.
    """
    account = call.account(account_id)
    try:
        folder = await call.office.hub.store.collection(folder_id)
    except NotHeld:
        folder = None
    if folder is None or folder.account_id != account.id:
        raise Problem(404, "not-found", f"{account.address} has no folder {folder_id}")
    return folder


async def _frequency(call: Call, account_id: int, folder: Collection) -> CheckFrequency:
    shortest = (await call.office.policy(call.account(account_id))).shortest_check_frequency
    return CheckFrequency(
        minutes=folder.minutes,
        words=frequency(folder.minutes),
        choices=tuple(one for one in CHOICES if not oftener(one, shortest)),
        shortest=shortest,
    )


async def _view(call: Call, folder: Collection, parents: dict[str, int]) -> FolderView:
    store = call.office.hub.store
    if folder.content_class is None:
        return folder_view(folder, parents, total=0, unread=0)
    total = await store.count(folder.account_id, collection_id=folder.id)
    unread = await store.count(folder.account_id, collection_id=folder.id, unread=True)
    return folder_view(
        folder, parents, total=total.get(folder.content_class, 0), unread=unread.get(folder.content_class, 0)
    )
