"""
What to ask of a folder: which folders there is sense in, which window, which bodies. Pure.
"""

from __future__ import annotations

from carrierpost.engine.settings import EngineSettings
from carrierpost.model import Collection
from carrierpost.protocol.classes import BodyPreference, BodyType, ContentClass
from carrierpost.protocol.commands.folder_sync import FolderType
from carrierpost.protocol.commands.sync import FilterType, SyncCollection, SyncOptions, SyncRequest
from carrierpost.protocol.version import Version

__all__ = ["allowed_window", "body_preferences", "sync_request", "unsynchronized"]

_NO_FILTER = (ContentClass.CONTACTS, ContentClass.NOTES)
_ALLOWED = {
    ContentClass.EMAIL: range(6),
    ContentClass.CALENDAR: (0, 4, 5, 6, 7),
    ContentClass.TASKS: (0, 8),
}


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


def allowed_window(collection: Collection, window: FilterType) -> FilterType | None:
    """
    Give the window as this class of folder may say it, or `None` where none may be said.
    """
    kind = collection.content_class
    if kind is None or kind in _NO_FILTER:
        return None
    return window if window in _ALLOWED[kind] else FilterType.ALL


def body_preferences(content_class: ContentClass, settings: EngineSettings) -> tuple[BodyPreference, ...]:
    """
    Say which bodies are wanted: mail as plain text and as HTML, whichever is native; the rest as plain text.
    """
    if content_class is ContentClass.EMAIL:
        return (
            BodyPreference(type=BodyType.PLAIN, truncation_size=settings.body_limit),
            BodyPreference(type=BodyType.HTML, truncation_size=settings.body_limit),
        )
    return (BodyPreference(type=BodyType.PLAIN, truncation_size=settings.other_body_limit),)


def sync_request(collection: Collection, window: FilterType, window_size: int, settings: EngineSettings) -> SyncRequest:
    """
    Write the request for a folder's next changes; with key 0 only for a first key.

    Args:
        collection: the folder as it is held.
        window: how far back.
        window_size: most changes wanted.
        settings: limits of bodies.
    """
    kind = collection.content_class
    assert kind is not None
    first = collection.sync_key == "0"
    options = SyncOptions(
        filter_type=allowed_window(collection, window), body_preferences=body_preferences(kind, settings)
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
