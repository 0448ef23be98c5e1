"""
What to ask of a folder: which folders there is sense in, which window, which bodies. Pure.
"""

from __future__ import annotations

from carrierpost.engine.settings import EngineSettings
from carrierpost.engine.windows import Limits
from carrierpost.model import Collection
from carrierpost.protocol.classes import BodyPreference, BodyType, ContentClass
from carrierpost.protocol.commands.folder_sync import FolderType
from carrierpost.protocol.commands.sync import FilterType, SyncCollection, SyncOptions, SyncRequest
from carrierpost.protocol.version import Version

__all__ = ["body_preferences", "sync_request", "unsynchronized", "whole_body"]

_NO_FILTER = (ContentClass.CONTACTS, ContentClass.NOTES)


def unsynchronized(collection: Collection, version: Version | None) -> str | None:
    """
    Say why a folder cannot be synchronized.

    Returns:
        One sentence, or `None` for a folder that can.
    """
    spoken = version or Version.V14_1
    if collection.type is FolderType.RECIPIENT_CACHE:
        return "a list that the server keeps of recent recipients; nothing in it is lost by leaving it there"
    if collection.type is FolderType.OUTBOX:
        return "the server sends from this folder by itself; it is empty but for a moment"
    if collection.content_class is None:
        return "ActiveSync does not say what is in this folder, or it is a journal, which Carrierpost does not read"
    if collection.type is FolderType.DRAFTS and spoken < Version.V16_0:
        return f"drafts are synchronized from version 16.0 on, and the server speaks {spoken}; drafts here stay here"
    if collection.content_class is ContentClass.NOTES and spoken < Version.V14_0:
        return f"notes are synchronized from version 14.0 on, and the server speaks {spoken}"
    return None


def body_preferences(
    content_class: ContentClass, settings: EngineSettings, limits: Limits, *, bare: bool = False
) -> tuple[BodyPreference, ...]:
    """
    Say which bodies are wanted: mail as plain text and as HTML, whichever is native; the rest as plain text.

    Args:
        content_class: the class of the items.
        settings: our own limits.
        limits: the policy's.
        bare: ask for no text at all, after items proved too large to arrive.
    """
    if content_class is not ContentClass.EMAIL:
        return (BodyPreference(type=BodyType.PLAIN, truncation_size=0 if bare else settings.other_body_limit),)
    most = 0 if bare else settings.body_limit
    plain = BodyPreference(type=BodyType.PLAIN, truncation_size=_least(most, limits.plain))
    if not limits.html_allowed:
        return (plain,)
    return (plain, BodyPreference(type=BodyType.HTML, truncation_size=_least(most, limits.html)))


def _least(wanted: int, limit: int | None) -> int:
    return wanted if limit is None else min(wanted, limit)


def whole_body(content_class: ContentClass, kind: BodyType, limits: Limits) -> BodyPreference:
    """
    Say how a person's wish for the whole text is asked for; the policy's limits hold for it, too.
    """
    if content_class is not ContentClass.EMAIL or kind not in (BodyType.PLAIN, BodyType.HTML):
        return BodyPreference(type=kind)
    if kind is BodyType.HTML and limits.html_allowed:
        return BodyPreference(type=kind, truncation_size=limits.html)
    return BodyPreference(type=BodyType.PLAIN, truncation_size=limits.plain)


def sync_request(
    collection: Collection,
    window: FilterType,
    window_size: int,
    settings: EngineSettings,
    limits: Limits,
    *,
    bare: bool = False,
) -> SyncRequest:
    """
    Write the request for a folder's next changes; with key 0 only for a first key.

    Args:
        collection: the folder as it is held.
        window: how far back.
        window_size: most changes wanted.
        settings: our own limits of bodies.
        limits: the policy's.
        bare: ask for no text.
    """
    kind = collection.content_class
    assert kind is not None
    first = collection.sync_key == "0"
    options = SyncOptions(
        filter_type=None if kind in _NO_FILTER else window,
        body_preferences=body_preferences(kind, settings, limits, bare=bare),
    )
    asked = SyncCollection(
        collection_id=collection.server_id,
        sync_key=collection.sync_key,
        content_class=kind,
        deletes_as_moves=True,
        get_changes=None if first else True,
        window_size=None if first else window_size,
        options=(options,),
    )
    return SyncRequest(collections=(asked,))
