"""
What a server says when it has lost its mind: answers that are damaged, answer something else, or are simply not true.
"""

from __future__ import annotations

from carrierpost import wbxml
from carrierpost.protocol.classes import Contact, ContentClass, Email
from carrierpost.protocol.commands.folder_sync import Folder, FolderChanges, FolderSyncResponse, FolderType
from carrierpost.protocol.commands.ping import PingResponse
from carrierpost.protocol.commands.sync import Add, Change, CollectionResponse, SyncResponse
from carrierpost.protocol.version import Version
from carrierpost.wbxml.pages import AirSync

__all__ = ["LIES"]

_V = Version.V14_1
_ODD = "marked"
_UNKNOWN_PAGE = b"\x03\x01\x6a\x00\x00\x07\x45\x5c\x4f\x00\x19\x7f\x03x\x00\x01\x01\x01\x01"


def _sync(key: str, *commands: Add | Change, collection_id: str = "", more: bool = False) -> bytes:
    part = CollectionResponse(collection_id=collection_id, sync_key=key, commands=commands, more_available=more)
    return SyncResponse(collections=(part,)).encode(_V).body


def _folders(key: str, *adds: Folder) -> bytes:
    return FolderSyncResponse(sync_key=key, changes=FolderChanges(adds=adds)).encode(_V).body


_FALSE_MAIL = Add(server_id="1:9999", content_class=ContentClass.EMAIL, data=Email(subject=_ODD, from_="liar"))
_FALSE_CONTACT = Add(server_id="8:9999", content_class=ContentClass.CONTACTS, data=Contact(file_as=_ODD))
_FALSE_CHANGE = Change(server_id="1:9998", content_class=ContentClass.EMAIL, data=Email(read=True))

LIES: dict[str, bytes] = {
    "a login page": b"<html><body>Please log in</body></html>",
    "one byte": b"\x03",
    "a header alone": b"\x03\x01\x6a\x00",
    "zeros": bytes(30),
    "an answer cut off": _sync("7", _FALSE_MAIL)[:-9],
    "an answer to Ping": PingResponse(status=1).encode(_V).body,
    "Sync without anything": wbxml.encode(AirSync.Sync, []),
    "Sync of an unknown page": _UNKNOWN_PAGE,
    "Sync with a false key": _sync("4711"),
    "Sync with a false mail": _sync("4712", _FALSE_MAIL),
    "Sync with a false contact": _sync("4713", _FALSE_CONTACT, more=True),
    "Sync with a change of nothing": _sync("4714", _FALSE_CHANGE, collection_id="1"),
    "Sync with bytes that are no UTF-8": _sync("4715", _FALSE_MAIL).replace(_ODD.encode(), b"m\xe7r\xffe\xc0"),
    "Sync with control characters": _sync("4716", _FALSE_MAIL).replace(_ODD.encode(), b"m\x01\x0b\x1fe\x08"),
    "FolderSync with a false key": _folders("815"),
    "FolderSync with a false folder": _folders(
        "816", Folder(server_id="4242", display_name="Nowhere", type=FolderType.USER_MAIL)
    ),
}
"""Bodies of answers by what they are."""
