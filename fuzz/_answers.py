"""
Real answers and requests of every command, to be damaged; and damage to the tree instead of to its bytes, which reaches
deeper: the document stays readable, and its elements are not where, what and how many they should be.
"""

from __future__ import annotations

import datetime as dt
import random
from typing import Any

from carrierpost import wbxml
from carrierpost.protocol.classes import BodyPreference, BodyType, ContentClass
from carrierpost.protocol.commands.device import DeviceInformation
from carrierpost.protocol.commands.folder_sync import (
    Folder,
    FolderChanges,
    FolderDelete,
    FolderSyncRequest,
    FolderSyncResponse,
    FolderType,
)
from carrierpost.protocol.commands.get_item_estimate import (
    Estimate,
    EstimateCollection,
    GetItemEstimateRequest,
    GetItemEstimateResponse,
)
from carrierpost.protocol.commands.item_operations import (
    FetchedItem,
    FetchItem,
    ItemOperationsRequest,
    ItemOperationsResponse,
)
from carrierpost.protocol.commands.ping import PingFolder, PingRequest, PingResponse
from carrierpost.protocol.commands.provision import Policy, ProvisionRequest, ProvisionResponse, WipeKind
from carrierpost.protocol.commands.send_mail import SendMailRequest, SendMailResponse
from carrierpost.protocol.commands.settings import SettingsRequest, SettingsResponse
from carrierpost.protocol.commands.sync import (
    Add,
    Change,
    CollectionResponse,
    Delete,
    ItemResponse,
    ResponseKind,
    SoftDelete,
    SyncCollection,
    SyncOptions,
    SyncRequest,
    SyncResponse,
)
from carrierpost.protocol.commands.user_information import UserInformation
from carrierpost.protocol.policy import ProvisioningDocument
from carrierpost.protocol.version import Version
from carrierpost.wbxml.pages import TAGS
from fuzz._mutate import mutate
from tests.support.things import make

__all__ = ["damaged", "exchange"]

_NOW = dt.datetime(2026, 3, 2, 9, 0, tzinfo=dt.UTC)
_TAGS = sorted(TAGS.values())
_ODD: tuple[Any, ...] = (
    None, "", "x", "-1", "99999999999999999999999", "1.5", "2026-13-45T99:99:99Z", "\u0661", b"", b"\xff\x00", " 1 ",
    "20260302T090000Z", "1" * 5000,
)  # fmt: skip
_WBXML = 3  # the version that a document begins with; a message in the old SendMail begins otherwise
_DEVICE = DeviceInformation(model="M", friendly_name="F", os="O", user_agent="U")


def exchange(chance: random.Random) -> tuple[Any, Any, Version]:
    """
    Choose a command.

    Returns:
        A request, an answer to it, and the version of both.
    """
    kind = chance.choice(list(ContentClass))
    item = make(kind, chance.randrange(60), "Thing", _NOW)
    version = chance.choice(list(Version))
    fetch = FetchItem(collection_id="1", server_id="1:1", content_class=kind)
    preference = SyncOptions(body_preferences=(BodyPreference(type=BodyType.PLAIN, truncation_size=9),))
    asked = SyncCollection(collection_id="1", sync_key="3", content_class=kind, options=(preference,))
    commands = (
        Add(server_id="1:1", content_class=kind, data=item),
        Change(server_id="1:2", content_class=kind, data=item),
        Delete(server_id="1:3"),
        SoftDelete(server_id="1:4"),
    )
    answered = (ItemResponse(kind=ResponseKind.ADD, client_id="c", server_id="1:9", status=1),)
    told = CollectionResponse(collection_id="1", sync_key="4", commands=commands, responses=answered)
    folder = Folder(server_id="1", display_name="Inbox", type=FolderType.INBOX)
    changes = FolderChanges(adds=(folder,), updates=(folder,), deletes=(FolderDelete(server_id="2"),))
    policy = Policy(status=1, key="7", document=ProvisioningDocument(min_device_password_length=4))
    estimated = EstimateCollection(collection_id="1", sync_key="3", content_class=kind)
    request, answer = chance.choice(
        (
            (SyncRequest(collections=(asked,)), SyncResponse(collections=(told,))),
            (FolderSyncRequest(sync_key="0"), FolderSyncResponse(sync_key="1", changes=changes)),
            (PingRequest(heartbeat_interval=60, folders=(PingFolder(id="1"),)), PingResponse(status=2, folders=("1",))),
            (ProvisionRequest(device=_DEVICE, policy=Policy()), ProvisionResponse(policy=policy)),
            (ProvisionRequest(), ProvisionResponse(wipe=WipeKind.ACCOUNT)),
            (SettingsRequest(device=_DEVICE), SettingsResponse(user_information=UserInformation.of("a@b.example"))),
            (
                GetItemEstimateRequest(collections=(estimated,)),
                GetItemEstimateResponse(estimates=(Estimate(collection_id="1", estimate=3),)),
            ),
            (
                ItemOperationsRequest(fetches=(fetch,)),
                ItemOperationsResponse(fetched=(FetchedItem(collection_id="1", server_id="1:1", data=item),)),
            ),
            (SendMailRequest(client_id="c", mime=b"To: x\r\n\r\n"), SendMailResponse(status=120)),
        )
    )
    return request, answer, version


def damaged(body: bytes, chance: random.Random) -> bytes:
    """
    Damage a document: mostly its tree, sometimes its bytes, sometimes nothing.
    """
    if not body or chance.random() < 0.1:
        return body
    if chance.random() < 0.3 or body[0] != _WBXML:
        return mutate(body, chance)
    document = wbxml.decode(body)
    value = document.value
    for _ in range(chance.randint(1, 4)):
        value = _spoilt(value, chance)
    return wbxml.encode(document.root, value)


def _spoilt(value: Any, chance: random.Random) -> Any:
    """
    Spoil one place of a tree.
    """
    if not isinstance(value, list) or not value:
        return chance.choice((*_ODD, [chance.choice(_TAGS), "1"]))
    work = list(value)
    place = chance.randrange(len(work) // 2) * 2
    match chance.randrange(9):
        case 0:
            work[place] = chance.choice(_TAGS)
        case 1:
            work[place + 1] = chance.choice(_ODD)
        case 2:
            del work[place : place + 2]
        case 3:
            work[place:place] = work[place : place + 2]
        case 4:
            work[place:place] = [chance.choice(_TAGS), chance.choice(_ODD)]
        case _:
            work[place + 1] = _spoilt(work[place + 1], chance)
    return work
