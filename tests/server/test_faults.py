"""
Faults: what each does to the wire, and how they are asked for.
"""

from __future__ import annotations

import asyncio
import base64
import inspect
import random
from collections.abc import MutableMapping
from typing import Any

import pytest

from carrierpost.client.errors import ConnectionLost, TimedOut
from carrierpost.protocol.classes import Contact
from carrierpost.protocol.commands.folder_sync import FolderSyncRequest, FolderType
from carrierpost.protocol.commands.sync import Add, SyncCollection, SyncRequest
from carrierpost.protocol.http import frame_options
from carrierpost.protocol.message import HTTPResponse
from carrierpost.server import faults
from carrierpost.server.faults import FAULTS, Fault, Faults, parse_fault
from tests.server.phone import ADA, BEN, PASSWORD, Phone, make_server, status_of
from tests.support.virtual import virtual

INBOX, CONTACTS = FolderType.INBOX, FolderType.CONTACTS


async def _phone(mails: int = 3) -> Phone:
    phone = Phone(make_server())
    for number in range(mails):
        phone.mailbox.deliver(f"Mail {number}", "text")
    await phone.folders()
    await phone.begin(INBOX)
    return phone


async def _list(phone: Phone) -> HTTPResponse:
    return await phone.raw("FolderSync", FolderSyncRequest(sync_key=phone.hierarchy_key).encode(phone.version))


@virtual
async def test_reject_key_forgets_the_state() -> None:
    """Sync answers 3, and 3 to that key for ever; FolderSync answers 9; beginning anew works."""
    phone = await _phone()
    phone.server.faults.add(faults.reject_key(), command="Sync")
    for _ in range(2):
        answer = await phone.sync(INBOX)
        assert answer is not None
        assert (answer.status, answer.sync_key) == (3, "0")
    await phone.begin(INBOX)
    await phone.all(INBOX)
    assert len(phone.held[phone.folder(INBOX).server_id]) == 3
    phone.server.faults.add(faults.reject_key(), command="FolderSync")
    for _ in range(2):
        assert (await phone.folders()).status == 9
    phone.hierarchy_key = "0"
    assert (await phone.folders()).status == 1


@virtual
async def test_drop_after_commit_keeps_the_answer_back() -> None:
    """The connection ends without an answer, and the key has moved."""
    phone = await _phone()
    state = phone.server.device(ADA).collections[phone.folder(INBOX).server_id]
    key = state.key
    phone.server.faults.add(faults.drop_after_commit())
    with pytest.raises(ConnectionLost):
        await phone.sync(INBOX)
    assert state.key == key + 1


@virtual
async def test_drop_before_commit_does_nothing() -> None:
    """The connection ends without an answer, and nothing has moved."""
    phone = await _phone()
    state = phone.server.device(ADA).collections[phone.folder(INBOX).server_id]
    key = state.key
    phone.server.faults.add(faults.drop_before_commit())
    with pytest.raises(ConnectionLost):
        await phone.sync(INBOX)
    assert (state.key, state.known) == (key, {})


@virtual
async def test_SK8_empty_200_says_nothing() -> None:
    """200 without body, and the request is not carried out, whichever command it is."""
    phone = await _phone()
    for command in ("Sync", "Ping", "FolderSync", "Settings"):
        phone.server.faults.add(faults.empty_200(), command=command)
        answer = await phone.raw(command)
        assert (answer.status, answer.body) == (200, b"")
    assert len((await phone.sync(INBOX)).commands) == 3  # type: ignore[union-attr]


@virtual
async def test_delay_answers_late() -> None:
    """The answer is right, and as late as was asked; a client that leaves before has asked for nothing."""
    phone = await _phone()
    clock = phone.server.clock
    phone.server.faults.add(faults.delay(20))
    answer = await phone.sync(INBOX, window_size=1)
    assert answer is not None
    assert (len(answer.commands), clock.monotonic()) == (1, 20)
    state = phone.server.device(ADA).collections[phone.folder(INBOX).server_id]
    phone.server.faults.add(faults.delay(3000))
    with pytest.raises(TimedOut):
        await phone.sync(INBOX)
    assert (state.key, phone.server.connections) == (2, 0)


@virtual
async def test_delay_is_over_when_the_client_leaves() -> None:
    """A connection that closes meanwhile ends the wait; nothing is carried out and nothing is sent to nobody."""
    phone = await _phone()
    server, clock = phone.server, phone.server.clock
    server.faults.add(faults.delay(3000))
    key = phone.keys[phone.folder(INBOX).server_id]
    body = SyncRequest(collections=(SyncCollection(collection_id=phone.folder(INBOX).server_id, sync_key=key),))
    sent: list[object] = []
    asked = False

    async def receive() -> MutableMapping[str, Any]:
        nonlocal asked
        if asked:
            await clock.sleep(7)
            return {"type": "http.disconnect"}
        asked = True
        return {"type": "http.request", "body": body.encode(phone.version).body, "more_body": False}

    async def send(message: object) -> None:
        sent.append(message)

    login = b"Basic " + base64.b64encode(f"{ADA}:{PASSWORD}".encode())
    scope = {
        "type": "http", "method": "POST", "path": "/Microsoft-Server-ActiveSync", "scheme": "http",
        "query_string": b"Cmd=Sync&User=ada&DeviceId=PHONE1&DeviceType=Test",
        "headers": [
            (b"authorization", login), (b"ms-asprotocolversion", b"14.1"),
            (b"content-type", b"application/vnd.ms-sync.wbxml"),
        ],
    }  # fmt: skip
    await server(scope, receive, send)
    assert (sent, clock.monotonic()) == ([], 7)
    assert server.device(ADA).collections[phone.folder(INBOX).server_id].known == {}


@virtual
async def test_PG1_half_close_never_answers() -> None:
    """The client waits until its own patience ends; then the server lets go."""
    phone = await _phone()
    phone.server.faults.add(faults.half_close(), command="Ping")
    ping = asyncio.ensure_future(phone.ping(INBOX, seconds=600))
    with pytest.raises(TimedOut):
        await ping
    assert phone.server.clock.monotonic() == 630
    assert phone.server.connections == 0
    assert (await phone.ping(INBOX)).status == 2


@virtual
async def test_TH2_status_refuses_the_command() -> None:
    """The status stands alone below the root, and nothing is carried out; Ping names folders with 2."""
    phone = await _phone()
    phone.server.faults.add(faults.status(111), command="Sync")
    assert (await phone.exchange(INBOX)).status == 111
    phone.server.faults.add(faults.status(6), command="FolderSync")
    assert status_of(await _list(phone)) == (200, 6)
    await phone.all(INBOX)
    phone.server.faults.add(faults.status(2), command="Ping", times=3)
    for _ in range(3):
        answer = await phone.ping(INBOX)
        assert (answer.status, answer.folders) == (2, (phone.folder(INBOX).server_id,))
        assert await phone.sync(INBOX) is None
    phone.server.faults.add(faults.status(8), command="Ping")
    assert (await phone.ping(INBOX)).status == 8


@virtual
async def test_TH1_http_refuses_with_headers() -> None:
    """Status and headers are those that were asked for, on commands and on OPTIONS."""
    phone = await _phone()
    phone.server.faults.add(faults.http(503, {"Retry-After": "20", "X-MS-ASThrottle": "RecentCommands"}))
    answer = await _list(phone)
    assert (answer.status, answer.headers["retry-after"], answer.headers["x-ms-asthrottle"]) == (
        503, "20", "RecentCommands",
    )  # fmt: skip
    phone.server.faults.add(faults.http(451, {"X-MS-Location": "https://other.example/x"}), command="OPTIONS")
    assert (await _list(phone)).status == 200
    moved = await phone.transport.send(frame_options(phone.partnership))
    assert (moved.status, moved.headers["x-ms-location"]) == (451, "https://other.example/x")


@virtual
async def test_options_can_be_dropped_too() -> None:
    """Faults that end the connection hit OPTIONS as they hit commands."""
    phone = await _phone()
    phone.server.faults.add(faults.drop_before_commit(), command="OPTIONS")
    with pytest.raises(ConnectionLost):
        await phone.transport.send(frame_options(phone.partnership))


@virtual
async def test_mutate_between_changes_the_mailbox_first() -> None:
    """What the function does is done when the request is carried out."""
    phone = await _phone(mails=1)
    phone.server.faults.add(faults.mutate_between(lambda: phone.mailbox.deliver("Between", "text")))
    answer = await phone.sync(INBOX)
    assert answer is not None
    assert len(answer.commands) == 2


@virtual
async def test_LP1_repeat_add_tells_known_items_again() -> None:
    """Items that the phone has come as Adds again, with the same ids, each time it is asked for."""
    phone = await _phone()
    await phone.all(INBOX)
    phone.server.faults.add(faults.repeat_add(), command="Sync", times=2)
    for _ in range(2):
        answer = await phone.sync(INBOX)
        assert answer is not None
        assert {type(one).__name__ for one in answer.commands} == {"Add"}
        assert {one.server_id for one in answer.commands} == set(phone.folder(INBOX).items)
    assert await phone.sync(INBOX) is None


@virtual
async def test_lie_more_available_promises_what_is_not_there() -> None:
    """An answer without changes claims that there is more, and its key is good."""
    phone = await _phone(mails=0)
    phone.server.faults.add(faults.lie_more_available(), command="Sync")
    answer = await phone.sync(INBOX)
    assert answer is not None
    assert (answer.more_available, answer.commands, answer.status) == (True, (), 1)
    assert await phone.sync(INBOX) is None


@virtual
async def test_DU1_mute_adds_keeps_silent_about_what_was_added() -> None:
    """The item is made, the answer names no id, and the next one tells it as new; nobody remembers whose it was."""
    phone = await _phone()
    await phone.begin(CONTACTS)
    phone.server.faults.add(faults.mute_adds(), command="Sync")
    answer = await phone.sync(
        CONTACTS, get_changes=False, commands=(Add(client_id="c1", data=Contact(first_name="Cy")),)
    )
    assert answer is not None
    assert (answer.status, answer.responses, answer.commands) == (1, (), ())
    answer = await phone.sync(CONTACTS)
    assert answer is not None
    assert [one.server_id for one in answer.commands] == list(phone.folder(CONTACTS).items)


@virtual
async def test_raw_wbxml_sends_these_bytes() -> None:
    """Whatever they are, as WBXML, and the request is not carried out."""
    phone = await _phone()
    phone.server.faults.add(faults.raw_wbxml(b"\x03\x01\x6a\x00\xff"))
    answer = await _list(phone)
    assert (answer.status, answer.body) == (200, b"\x03\x01\x6a\x00\xff")
    assert answer.headers["content-type"] == "application/vnd.ms-sync.wbxml"


# -- asking for them


def test_every_fault_has_a_test_here() -> None:
    """A fault that is added without one is noticed."""
    import sys

    source = inspect.getsource(sys.modules[__name__])
    assert [name for name in FAULTS if f"faults.{name}(" not in source] == []


def test_faults_hit_whom_they_are_meant_for() -> None:
    """Command, user and number of times decide; of two that fit, the first asked for."""
    asked = Faults(random.Random(1))
    asked.add(faults.status(5), command="Sync", user=ADA, times=2)
    asked.add(faults.status(6), times=1)
    asked.add(faults.reject_key(), times=None)
    assert asked.take("Ping", BEN) == faults.status(6)
    assert asked.take("Sync", BEN) == faults.reject_key()
    assert asked.take("Ping", ADA) is None  # a Ping has no key to reject
    assert [asked.take("Sync", ADA) for _ in range(3)] == [faults.status(5), faults.status(5), faults.reject_key()]
    assert [str(one) for one in asked.planned] == ["reject_key x*"]
    asked.clear()
    assert asked.take("Sync", ADA) is None


def test_faults_may_be_a_matter_of_chance() -> None:
    """With a half they hit about half of the time, and only then are counted."""
    asked = Faults(random.Random(1))
    asked.add(faults.empty_200(), times=None, probability=0.5)
    hits = sum(asked.take("Sync", ADA) is not None for _ in range(1000))
    assert 400 < hits < 600


def test_faults_that_can_never_happen_are_refused() -> None:
    """A command that does not exist, or one that the fault cannot hit, is named."""
    asked = Faults(random.Random(1))
    with pytest.raises(ValueError, match=r"no command 'Snyc'; known: .*Sync"):
        asked.add(faults.empty_200(), command="Snyc")
    with pytest.raises(ValueError, match="repeat_add can only happen on Sync, not on Ping"):
        asked.add(faults.repeat_add(), command="Ping")


@pytest.mark.parametrize(
    ("line", "fault", "options"),
    [
        ("reject_key", faults.reject_key(), {}),
        ("reject_key()", faults.reject_key(), {}),
        (" delay(2.5)  on Ping x3 ", faults.delay(2.5), {"command": "Ping", "times": 3}),
        ("status(111) x*", faults.status(111), {"times": None}),
        ("http(503)", faults.http(503), {}),
        ("http(503, Retry-After: 20)", faults.http(503, {"Retry-After": "20"}), {}),
        (
            "http(503, Retry-After: Tue, 24 Nov 2026 21:00:00 GMT, X-A: b) on Sync",
            faults.http(503, {"Retry-After": "Tue, 24 Nov 2026 21:00:00 GMT", "X-A": "b"}),
            {"command": "Sync"},
        ),
        ("http(451, X-MS-Location: https://a.example)", faults.http(451, {"X-MS-Location": "https://a.example"}), {}),
        ("raw_wbxml(03016a00)", faults.raw_wbxml(b"\x03\x01\x6a\x00"), {}),
        ("empty_200 on Sync for ada@larch.example 25% x9", faults.empty_200(),
         {"command": "Sync", "user": ADA, "probability": 0.25, "times": 9}),
    ],
)  # fmt: skip
def test_faults_are_read_from_a_line(line: str, fault: Fault, options: dict[str, object]) -> None:
    """Name, arguments, command, user, chance and times; what is left out has a default; and the way back."""
    expected = {"command": None, "user": None, "times": 1, "probability": 1.0} | options
    assert parse_fault(line) == (fault, expected)
    asked = Faults(random.Random(1))
    asked.add(fault, **expected)  # type: ignore[arg-type]
    assert parse_fault(str(asked.planned[0])) == (fault, expected)


@pytest.mark.parametrize(
    ("line", "sentence"),
    [
        ("", "there is no fault ''; known: delay, "),
        ("nonsense", "there is no fault 'nonsense'"),
        ("mutate_between", "there is no fault 'mutate_between'"),
        ("delay", "the arguments of delay are wrong: seconds expected, not ''"),
        ("delay(soon)", "seconds expected, not 'soon'"),
        ("http(503, Retry)", "a header is written Name: value"),
        ("http(busy)", "an HTTP status expected"),
        ("raw_wbxml(xy)", "the arguments of raw_wbxml are wrong"),
        ("reject_key(3)", "reject_key takes none"),
        ("reject_key on Sync often", "there is no fault"),
    ],
)
def test_lines_that_are_wrong_are_explained(line: str, sentence: str) -> None:
    """The sentence names what is wrong, and what there is."""
    with pytest.raises(ValueError) as raised:
        parse_fault(line)
    assert sentence in str(raised.value)
