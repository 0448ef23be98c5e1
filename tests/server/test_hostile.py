"""
Requests that mean no good: whatever comes, the server answers, and goes on to serve others.
"""

from __future__ import annotations

import datetime as dt
import random
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from carrierpost import wbxml
from carrierpost.protocol.classes import (
    Attendee,
    Body,
    BodyPreference,
    BodyType,
    Contact,
    Event,
    Forwardee,
    Recurrence,
    RecurrenceType,
)
from carrierpost.protocol.commands.device import DeviceInformation
from carrierpost.protocol.commands.find import FindGAL, FindMail, FindRequest
from carrierpost.protocol.commands.folder_create import FolderCreateRequest
from carrierpost.protocol.commands.folder_delete import FolderDeleteRequest
from carrierpost.protocol.commands.folder_sync import FolderSyncRequest, FolderType
from carrierpost.protocol.commands.folder_update import FolderUpdateRequest
from carrierpost.protocol.commands.get_attachment import GetAttachmentRequest
from carrierpost.protocol.commands.get_item_estimate import EstimateCollection, GetItemEstimateRequest
from carrierpost.protocol.commands.item_operations import (
    EmptyFolderContents,
    FetchItem,
    ItemOperationsRequest,
    MoveConversation,
)
from carrierpost.protocol.commands.looking import PictureLimits
from carrierpost.protocol.commands.meeting_response import (
    MeetingAnswer,
    MeetingResponseRequest,
    SendResponse,
    UserResponse,
)
from carrierpost.protocol.commands.move_items import Move, MoveItemsRequest
from carrierpost.protocol.commands.oof import Audience, Oof, OofMessage, OofState
from carrierpost.protocol.commands.ping import PingFolder, PingRequest
from carrierpost.protocol.commands.provision import Policy, ProvisionRequest
from carrierpost.protocol.commands.resolve_recipients import (
    AvailabilityWindow,
    CertificateRetrieval,
    ResolveOptions,
    ResolveRecipientsRequest,
)
from carrierpost.protocol.commands.search import GALQuery, MailboxQuery, SearchOptions, SearchRequest
from carrierpost.protocol.commands.send_mail import SendMailRequest
from carrierpost.protocol.commands.settings import SettingsRequest
from carrierpost.protocol.commands.smart import SmartForwardRequest, SmartReplyRequest, Source
from carrierpost.protocol.commands.sync import Add, Change, Delete, Fetch, SyncCollection, SyncOptions, SyncRequest
from carrierpost.protocol.commands.validate_cert import ValidateCertRequest
from carrierpost.protocol.errors import LocalProtocolError
from carrierpost.protocol.message import Payload
from carrierpost.protocol.secret import Secret
from carrierpost.protocol.version import Version
from carrierpost.server.commands import HANDLERS
from carrierpost.wbxml.pages import AirSync, name_of
from tests.server.phone import Phone, make_server
from tests.support.virtual import EPOCH, run

GUID = "6f1c0e0a-5f0f-4c8e-9d8b-1f2f3a4b5c6d"
DEVICE = DeviceInformation(model="M", os="O")
CONTACT = Contact(first_name="Bea", children=("Cleo",))
COMMANDS = (
    Add(client_id="c", data=CONTACT),
    Change(server_id="8:1", data=CONTACT, instance_id=EPOCH),
    Delete(server_id="8:1", instance_id=EPOCH),
    Fetch(server_id="8:1"),
)
MAIL = b"To: ben@larch.example\r\nSubject: x\r\nMIME-Version: 1.0\r\n\r\ny"
EVENT = Event(
    subject="Walk",
    start_time=EPOCH,
    end_time=EPOCH,
    recurrence=Recurrence(type=RecurrenceType.DAILY, interval=2, occurrences=4),
    attendees=(Attendee(email="ben@larch.example", name="Ben"),),
    body=Body(type=BodyType.PLAIN, data="x"),
)
EVENT_COMMANDS = (
    Add(client_id="e", data=EVENT),
    Change(server_id="7:1", data=Event(subject="y", exceptions=()), instance_id=EPOCH),
    Delete(server_id="7:2", instance_id=EPOCH),
)
OPTIONS = SyncOptions(body_preferences=(BodyPreference(type=BodyType.HTML, truncation_size=5, preview=3),))
SOUND: dict[str, tuple[Any, ...]] = {
    "Find": (
        FindRequest(search_id=GUID, criterion=FindMail(free_text="mail", collection_id="1"), range=(0, 9)),
        FindRequest(search_id=GUID, criterion=FindGAL(text="ada", picture=PictureLimits(max_size=9))),
    ),
    "FolderCreate": (FolderCreateRequest(sync_key="1", display_name="New"),),
    "FolderDelete": (FolderDeleteRequest(sync_key="1", server_id="6"),),
    "FolderSync": (FolderSyncRequest(sync_key="0"),),
    "FolderUpdate": (FolderUpdateRequest(sync_key="1", server_id="6", parent_id="1", display_name="Old"),),
    "GetAttachment": (GetAttachmentRequest(file_reference="1:1/0"),),
    "GetItemEstimate": (
        GetItemEstimateRequest(collections=(EstimateCollection(collection_id="8", sync_key="1"),)),
    ),
    "ItemOperations": (
        ItemOperationsRequest(fetches=(FetchItem(collection_id="8", server_id="8:1"),)),
        ItemOperationsRequest(fetches=(FetchItem(file_reference="1:1/0", range=(0, 9)),), multipart=True),
        ItemOperationsRequest(
            empties=(EmptyFolderContents(collection_id="3", delete_sub_folders=True),),
            moves=(MoveConversation(conversation_id=b"c" * 16, dst_fld_id="3"),),
        ),
    ),
    "MeetingResponse": (
        MeetingResponseRequest(
            answers=(
                MeetingAnswer(
                    user_response=UserResponse.ACCEPT, collection_id="7", request_id="7:1", instance_id=EPOCH,
                    send_response=SendResponse(proposed_start_time=EPOCH, proposed_end_time=EPOCH),
                ),
            )
        ),
    ),
    "MoveItems": (MoveItemsRequest(moves=(Move(src_msg_id="1:1", src_fld_id="1", dst_fld_id="3"),)),),
    "Ping": (PingRequest(heartbeat_interval=60, folders=(PingFolder(id="1"), PingFolder(id="8"))),),
    "Provision": (
        ProvisionRequest(device=DEVICE, policy=Policy()),
        ProvisionRequest(policy=Policy(key="77", status=1)),
    ),
    "ResolveRecipients": (
        ResolveRecipientsRequest(
            to=("ada", "ben"),
            options=ResolveOptions(
                certificate_retrieval=CertificateRetrieval.FULL, max_certificates=3,
                availability=AvailabilityWindow(start_time=EPOCH, end_time=EPOCH + dt.timedelta(days=1)),
                picture=PictureLimits(max_pictures=2),
            ),
        ),
    ),
    "Search": (
        SearchRequest(query=GALQuery(text="ada"), options=SearchOptions(range=(0, 9), picture=PictureLimits())),
        SearchRequest(
            query=MailboxQuery(collection_ids=("1",), free_text="mail", received_after=EPOCH),
            options=SearchOptions(deep_traversal=True, rebuild_results=True, range=(0, 5)),
        ),
    ),
    "SendMail": (SendMailRequest(mime=b"To: ben@larch.example\r\nSubject: x\r\n\r\ny", client_id="m"),),
    "Settings": (
        SettingsRequest(device=DEVICE, user_information=True, oof_body_type="HTML"),
        SettingsRequest(
            oof=Oof(
                state=OofState.BETWEEN, start_time=EPOCH, end_time=EPOCH,
                messages=(OofMessage(audience=Audience.INTERNAL, enabled=True, reply_message="x", body_type="HTML"),),
            ),
            device_password=Secret("1234"),
        ),
    ),
    "SmartForward": (
        SmartForwardRequest(mime=MAIL, client_id="f", source=Source(folder_id="1", item_id="1:1")),
        SmartForwardRequest(
            client_id="f", source=Source(folder_id="7", item_id="7:1", instance_id=EPOCH),
            forwardees=(Forwardee(email="ben@larch.example", name="Ben"),),
            body=Body(type=BodyType.HTML, data="<p>x</p>"),
        ),
    ),
    "SmartReply": (SmartReplyRequest(mime=MAIL, client_id="r", source=Source(folder_id="1", item_id="1:1")),),
    "Sync": (
        SyncRequest(collections=(SyncCollection(collection_id="8", supported=()),)),
        SyncRequest(
            collections=(SyncCollection(collection_id="8", sync_key="1", options=(OPTIONS,), commands=COMMANDS),),
            window_size=5,
        ),
        SyncRequest(
            collections=(SyncCollection(collection_id="7", sync_key="1", commands=EVENT_COMMANDS),),
        ),
        SyncRequest(collections=(SyncCollection(collection_id="1", sync_key="1"),), wait=2, partial=True),
    ),
    "ValidateCert": (ValidateCertRequest(certificates=(b"x", b"y"), certificate_chain=(b"z",), check_crl=True),),
}  # fmt: skip
TEXTS = ["", "0", "1", "-1", "9" * 30, "x", "1.5", "²", "٣", "1:1", "20260302T090000Z", "\u0000\ud800", "a" * 3000]


def _spoilt(value: Any, chance: random.Random) -> Any:
    """
    Change a tree of elements in one place: drop, repeat, swap, fill or empty something.
    """
    if not isinstance(value, list) or not value or chance.random() < 0.15:
        odd: list[Any] = [None, b"\xff\x00", [], [AirSync.Status, "1"], chance.choice(TEXTS)]
        return chance.choice(odd)
    pairs = [list(pair) for pair in wbxml.pairs(value)]
    place = chance.randrange(len(pairs))
    match chance.randrange(6):
        case 0:
            del pairs[place]
        case 1:
            pairs.insert(place, pairs[place])
        case 2:
            pairs.insert(chance.randrange(len(pairs) + 1), pairs.pop(place))
        case 3:
            pairs[place][0] = chance.choice([AirSync.Status, AirSync.Sync, pairs[chance.randrange(len(pairs))][0]])
        case _:
            pairs[place][1] = _spoilt(pairs[place][1], chance)
    return [part for pair in pairs for part in pair]


def _encoded(root: int, value: Any) -> bytes:
    try:
        return wbxml.encode(root, value)
    except (ValueError, wbxml.WBXMLError):  # not even WBXML can say that
        return b"\x03\x01\x6a\x00"


def _sound(request: Any, version: Version) -> Payload:
    """
    Encode a request in a version, or in one that can say it.
    """
    for one in (version, Version.V12_1, Version.V16_1):
        try:
            payload: Payload = request.encode(one)
        except LocalProtocolError:
            continue
        return payload
    raise AssertionError(request)


async def _primed(version: Version) -> Phone:
    phone = Phone(make_server(policy=None), version=version)
    phone.mailbox.deliver("Mail", "text")
    phone.mailbox.add(phone.folder(FolderType.CONTACTS), CONTACT)
    for received in (1, 3):
        event = msgspec.structs.replace(EVENT, meeting_status=received, organizer_email="cleo@larch.example")
        phone.mailbox.add(phone.folder(FolderType.CALENDAR), event)
    await phone.folders()
    for which in (FolderType.INBOX, FolderType.CONTACTS, FolderType.CALENDAR):
        await phone.begin(which)
    return phone


def test_every_command_is_attacked() -> None:
    """A command that is added later is not forgotten here."""
    assert set(SOUND) == set(HANDLERS)


@pytest.mark.fuzz
@given(seed=st.integers(0, 2**32), version=st.sampled_from(Version), command=st.sampled_from(sorted(SOUND)))
def test_WB7_spoilt_requests_are_answered(seed: int, version: Version, command: str) -> None:
    """
    A sound request with something wrong in it gets an answer: a status, or an HTTP status below 500 or as 12.1 says it.
    Nothing the server raises reaches the outside, and a sound client is served afterwards.
    """
    chance = random.Random(seed)

    async def story() -> None:
        phone = await _primed(version)
        for _ in range(4):
            sound = _sound(chance.choice(SOUND[command]), version)
            body = sound.body
            if body[:1] == b"\x03":
                document = wbxml.decode(body)
                value = document.value
                for _ in range(chance.randrange(1, 4)):
                    value = _spoilt(value, chance)
                body = _encoded(document.root, value)
            if chance.random() < 0.2 and body:
                place = chance.randrange(len(body))
                body = body[:place] + bytes([chance.randrange(256)]) + body[place + 1 :]
            payload = msgspec.structs.replace(sound, body=body)
            answer = await phone.raw(command, payload, hold=3540)
            assert answer.status in (200, 400, 403, 449, 500, 501, 507), (command, body.hex())
            if answer.status == 200 and answer.body and not payload.accept_multipart and command != "GetAttachment":
                assert name_of(wbxml.decode(answer.body).root)[1] == command
        assert phone.server.holding == 0
        after = Phone(phone.server, device_id="SOUND", version=version)
        assert (await after.folders()).status == 1

    run(story())


@pytest.mark.fuzz
@given(query=st.one_of(st.text(max_size=60), st.binary(max_size=60)), body=st.binary(max_size=40))
def test_WB7_queries_may_be_anything(query: str | bytes, body: bytes) -> None:
    """Neither an odd query nor an odd body is more than a bad request."""
    import base64

    from carrierpost.protocol.message import HTTPRequest

    said = base64.b64encode(query).decode() if isinstance(query, bytes) else query

    async def story() -> None:
        phone = Phone(make_server())
        headers = (("Content-Type", "application/vnd.ms-sync.wbxml"), ("MS-ASProtocolVersion", said[:5]))
        target = "http://localhost/Microsoft-Server-ActiveSync?" + said.encode("ascii", "xmlcharrefreplace").decode()
        answer = await phone.transport.send(HTTPRequest(url=target, headers=headers, body=body, hold=3540))
        assert answer.status in (200, 400, 501)

    run(story())
