"""
Folders made, renamed, moved and removed by a person ([MS-ASCMD] FolderCreate, FolderUpdate, FolderDelete).

These work at once or not at all: the server's answer brings the folder list's next key, which is written together with
what it changed. The next question about the folder list then begins there, and tells only what others did.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable

import msgspec

from carrierpost.engine.context import Context
from carrierpost.engine.errors import EngineError
from carrierpost.engine.hierarchy import commit_folders, fetch_folders, reset_hierarchy
from carrierpost.model import Collection, CollectionEntry, HierarchyCommit
from carrierpost.protocol.classes import ContentClass
from carrierpost.protocol.commands.folder_create import FolderCreateRequest
from carrierpost.protocol.commands.folder_delete import FolderDeleteRequest
from carrierpost.protocol.commands.folder_sync import FolderType
from carrierpost.protocol.commands.folder_update import FolderUpdateRequest
from carrierpost.protocol.errors import StatusError
from carrierpost.protocol.status import Action, outcome

__all__ = [
    "ROOT",
    "FolderRefused",
    "create_folder",
    "find_folder",
    "known_folders",
    "path_of",
    "remove_folder",
    "rename_folder",
    "with_those_below",
]

ROOT = "0"
"""The parent of folders that are in no other ([MS-ASCMD] ParentId)."""

_TYPES = {
    ContentClass.EMAIL: FolderType.USER_MAIL,
    ContentClass.CALENDAR: FolderType.USER_CALENDAR,
    ContentClass.CONTACTS: FolderType.USER_CONTACTS,
    ContentClass.TASKS: FolderType.USER_TASKS,
    ContentClass.NOTES: FolderType.USER_NOTES,
}
_OWN = frozenset({FolderType.GENERIC, *_TYPES.values(), FolderType.USER_JOURNAL, FolderType.UNKNOWN})

_Attempt = Callable[[str], Awaitable[tuple[int, HierarchyCommit]]]


class FolderRefused(EngineError):
    """
    A folder cannot be changed like this.
    """


async def create_folder(
    context: Context, name: str, *, parent: Collection | None = None, holds: ContentClass = ContentClass.EMAIL
) -> Collection:
    """
    Make a folder.

    Args:
        context: the account.
        name: its name.
        parent: the folder that it goes into; `None` for the top.
        holds: the class of its items.

    Returns:
        The folder as it is held.

    Raises:
        FolderRefused: it has no name, or the server refuses.
        ClientError, ProtocolError: the server could not be asked, or refused.
        StaleCommit: somebody else was faster.
    """
    name = _named(name)
    entry = CollectionEntry(
        server_id="", parent_id=parent.server_id if parent else ROOT, display_name=name, type=_TYPES[holds]
    )
    made = ""

    async def attempt(key: str) -> tuple[int, HierarchyCommit]:
        nonlocal made
        request = FolderCreateRequest(
            sync_key=key, parent_id=entry.parent_id, display_name=entry.display_name, type=entry.type
        )
        answer = await context.session.send(request)
        made = answer.server_id
        upserts = (msgspec.structs.replace(entry, server_id=made),) if made else ()
        return answer.status, _commit(context, key, answer.sync_key, upserts=upserts)

    await _change(context, "FolderCreate", attempt)
    found = {one.server_id: one for one in await context.store.collections(context.account_id)}
    if made not in found:
        raise FolderRefused(f"the server made {name}, and does not say which folder it is; it comes with the next sync")
    return found[made]


async def rename_folder(
    context: Context, folder: Collection, *, name: str | None = None, parent: Collection | str | None = None
) -> Collection:
    """
    Rename a folder, or put it into another one, with all that is in it.

    Args:
        context: the account.
        folder: the folder.
        name: its new name; `None` keeps it.
        parent: the folder that it goes into, `ROOT` for the top; `None` leaves it where it is.

    Returns:
        The folder as it is held now.

    Raises:
        FolderRefused: it belongs to the mailbox, would go into itself, or the server refuses.
        ClientError, ProtocolError: the server could not be asked, or refused.
        StaleCommit: somebody else was faster.
    """
    _refuse_special(folder)
    target = parent.server_id if isinstance(parent, Collection) else folder.parent_id if parent is None else parent
    every = await context.store.collections(context.account_id)
    if target in {one.server_id for one in with_those_below(folder, every)}:
        raise FolderRefused(f"{folder.display_name} cannot go into itself")
    entry = CollectionEntry(
        server_id=folder.server_id,
        parent_id=target,
        display_name=folder.display_name if name is None else _named(name),
        type=folder.type,
    )

    async def attempt(key: str) -> tuple[int, HierarchyCommit]:
        request = FolderUpdateRequest(
            sync_key=key, server_id=entry.server_id, parent_id=entry.parent_id, display_name=entry.display_name
        )
        answer = await context.session.send(request)
        return answer.status, _commit(context, key, answer.sync_key, upserts=(entry,))

    await _change(context, "FolderUpdate", attempt)
    return await context.store.collection(folder.id)


async def remove_folder(context: Context, folder: Collection) -> None:
    """
    Remove a folder with all that is in it, for ever.

    Raises:
        FolderRefused: it belongs to the mailbox, or the server refuses.
        ClientError, ProtocolError: the server could not be asked, or refused.
        StaleCommit: somebody else was faster.
    """
    _refuse_special(folder)
    gone = with_those_below(folder, await context.store.collections(context.account_id))

    async def attempt(key: str) -> tuple[int, HierarchyCommit]:
        answer = await context.session.send(FolderDeleteRequest(sync_key=key, server_id=folder.server_id))
        removals = tuple(one.server_id for one in gone)
        return answer.status, _commit(context, key, answer.sync_key, removals=removals)

    await _change(context, "FolderDelete", attempt)


async def known_folders(context: Context) -> tuple[Collection, ...]:
    """
    List the folders, and ask for them first if nobody ever did.

    Raises:
        ClientError, ProtocolError: the server could not be asked, or refused.
    """
    if await _key(context) == "0":
        await fetch_folders(context)
    return await context.store.collections(context.account_id)


def path_of(folder: Collection, every: Iterable[Collection]) -> str:
    """
    Give a folder's name with those of the folders it is in, `Inbox/Projects`.
    """
    by_id = {one.server_id: one for one in every}
    names = [folder.display_name]
    parent = by_id.get(folder.parent_id)
    while parent is not None and len(names) < 50:
        names.append(parent.display_name)
        parent = by_id.get(parent.parent_id)
    return "/".join(reversed(names))


def find_folder(text: str, every: Iterable[Collection]) -> Collection:
    """
    Find the folder that a person means: by its path, its name, or for special ones by what they are (`inbox`, `sent
    items`), whatever the server calls them.

    Raises:
        FolderRefused: there is none of this name, or several; says which there are.
    """
    wanted, every = text.strip().strip("/").casefold(), tuple(every)
    kinds = {one.type.name.lower().replace("_", " "): one for one in every if one.type not in _OWN}
    ways = (
        [one for one in every if path_of(one, every).casefold() == wanted],
        [one for one in every if one.display_name.casefold() == wanted],
        [kinds[wanted]] if wanted in kinds else [],
    )
    found = next(filter(None, ways), [])
    if len(found) == 1:
        return found[0]
    paths = ", ".join(sorted(path_of(one, every) for one in found or every)) or "none; synchronize first"
    said = "there are several folders" if found else "there is no folder"
    raise FolderRefused(f"{said} {text!r}; known: {paths}")


def with_those_below(folder: Collection, every: Iterable[Collection]) -> tuple[Collection, ...]:
    """
    Give a folder and all that are inside it, at any depth.
    """
    children: dict[str, list[Collection]] = {}
    for one in every:
        children.setdefault(one.parent_id, []).append(one)
    found = {folder.server_id: folder}
    waiting = [folder]
    while waiting:
        for one in children.get(waiting.pop().server_id, ()):
            if one.server_id not in found:  # a server may list a circle
                found[one.server_id] = one
                waiting.append(one)
    return tuple(found.values())


async def _change(context: Context, command: str, attempt: _Attempt) -> None:
    """
    Send a change with the key that is held, once more when the server has lost its place, and write what came of it.
    """
    status = await _attempt(context, attempt)
    if outcome(command, status).action is Action.RESET_HIERARCHY:
        await reset_hierarchy(context)
        status = await _attempt(context, attempt)
    if status == 1:
        return
    if outcome(command, status).action is Action.FOLDER_SYNC:
        await fetch_folders(context)
    if status <= 100:
        raise FolderRefused(f"{outcome(command, status).sentence} ({command} status {status})")
    raise StatusError(command, status)


async def _attempt(context: Context, attempt: _Attempt) -> int:
    """
    Try once, and keep what came of it before anybody else asks about folders; gives the status.
    """
    await known_folders(context)
    async with context.listing:
        status, commit = await attempt(await _key(context))
        if status == 1:
            await commit_folders(context, commit)
        return status


async def _key(context: Context) -> str:
    return (await context.store.account(context.account_id)).hierarchy_key


def _commit(
    context: Context,
    key: str,
    to_key: str,
    *,
    upserts: tuple[CollectionEntry, ...] = (),
    removals: tuple[str, ...] = (),
) -> HierarchyCommit:
    """
    Make the commit of an answer; a server that gives no new key goes on with the old one.
    """
    return HierarchyCommit(
        account_id=context.account_id, from_key=key, to_key=to_key or key, upserts=upserts, removals=removals
    )


def _named(name: str) -> str:
    if not name.strip():
        raise FolderRefused("a folder needs a name")
    return name.strip()


def _refuse_special(folder: Collection) -> None:
    if folder.type not in _OWN:
        raise FolderRefused(f"{folder.display_name} belongs to the mailbox; only folders that somebody made can change")
