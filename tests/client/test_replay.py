"""
A recorded trace is a test: the same requests get the same answers, and any other is shown with its difference.
"""

from __future__ import annotations

import asyncio
import re
from pathlib import Path
from typing import Any

import msgspec
import pytest

from carrierpost.client.errors import BadTrace, ClientError, ConnectionLost, TimedOut, Unreachable
from carrierpost.client.replay import ReplayTransport, TraceDiffers, recorded_partnership
from carrierpost.client.trace import Trace
from carrierpost.model import Item
from carrierpost.protocol.commands.folder_sync import FolderSyncRequest
from carrierpost.protocol.http import Partnership
from carrierpost.protocol.message import HTTPRequest, HTTPResponse
from carrierpost.protocol.multipart import join_parts
from carrierpost.protocol.secret import Secret
from carrierpost.protocol.version import Version
from carrierpost.server.faults import drop_before_commit, half_close, http
from carrierpost.wbxml import encode
from carrierpost.wbxml.pages import ItemOperations
from tests.client.talk import ADA, PASSWORD, POLICY, Recording, make_server, open_session
from tests.support.hub import bench, mail
from tests.support.virtual import virtual

REQUEST = HTTPRequest(url="https://mail.larch.example/x?Cmd=Sync", command="Sync", body=b"", headers=(("A", "1"),))


async def synchronize(*, trace: Trace | None = None, replay: ReplayTransport | None = None) -> list[Item]:
    """Synchronize a mailbox with some mail, traced or from a trace; give what is held then."""
    async with bench(policy=POLICY, enforce=True) as made:
        made.trace, made.transport = trace, replay
        if replay is None:
            for number in range(1, 31):
                mail(made.mailbox, number)
            made.server.faults.add(drop_before_commit(), command="Sync")
        made.new_runner()
        assert await made.runner.sync_once() == ()
        if replay is not None:
            assert not made.server.log, "the server itself must not have been asked"
        return list(await made.held())


def plain(items: list[Item]) -> list[Any]:
    """List what is held, without what the hub itself numbered or dated."""
    return sorted((item.server_id, item.content_class, msgspec.json.encode(item.data)) for item in items)


def test_recorded_synchronization_replays_to_the_same_mailbox(tmp_path: Path) -> None:
    """A first synchronization with a policy and a lost connection, recorded and played back, ends in the same store."""
    recorded: list[Item] = []
    replayed: list[Item] = []

    @virtual
    async def record() -> None:
        recorded.extend(await synchronize(trace=Trace(tmp_path, hide=[Secret(PASSWORD)])))

    @virtual
    async def play() -> None:
        replay = ReplayTransport(tmp_path)
        replayed.extend(await synchronize(replay=replay))
        assert replay.left == 0

    record()
    play()
    assert len(recorded) >= 30
    assert plain(recorded) == plain(replayed)


def test_veiled_synchronization_replays_too_and_says_nothing(tmp_path: Path) -> None:
    """With texts veiled, the same requests still fit, and the store holds the same items without their words."""
    replayed: list[Item] = []

    @virtual
    async def record() -> None:
        await synchronize(trace=Trace(tmp_path, veil=True))

    @virtual
    async def play() -> None:
        replayed.extend(await synchronize(replay=ReplayTransport(tmp_path)))

    record()
    play()
    assert len(replayed) >= 30
    everything = b"".join(path.read_bytes() for path in tmp_path.iterdir())
    assert b"bea@elm.example" not in everything
    assert b"Mail 1" not in everything
    assert {getattr(item.data, "subject", "") for item in replayed if item.content_class.name == "EMAIL"} == {
        "Xxxx 9", "Xxxx 99",
    }  # fmt: skip


@pytest.mark.parametrize("base64", [False, True])
def test_partnership_is_found_in_the_trace(tmp_path: Path, base64: bool) -> None:
    """Who has only the directory can replay it: address, device and version are in it, in both forms of the query."""

    @virtual
    async def record() -> None:
        session = open_session(
            Recording(make_server()), version=Version.V16_1, base64=base64, trace=Trace(tmp_path), device_id="PHONE9"
        )
        await session.options()
        await session.send(FolderSyncRequest(sync_key="0"))

    @virtual
    async def play() -> None:
        replay = ReplayTransport(tmp_path)
        found = recorded_partnership(tmp_path)
        session = open_session(replay)
        await session.change(**{name: getattr(found, name) for name in Partnership.__struct_fields__})
        await session.options()
        answer = await session.send(FolderSyncRequest(sync_key="0"))
        assert len(answer.changes.adds) >= 5
        assert replay.left == 0

    record()
    found = recorded_partnership(tmp_path)
    assert (found.version, found.device_id, found.device_type, found.base64) == (
        Version.V16_1,
        "PHONE9",
        "Test",
        base64,
    )
    assert found.url == "https://mail.larch.example/Microsoft-Server-ActiveSync"
    play()


def record_one(directory: Path, response: HTTPResponse | BaseException, request: HTTPRequest = REQUEST) -> None:
    """Write a trace of one exchange."""
    trace = Trace(directory)
    number = trace.request(request)
    if isinstance(response, BaseException):
        trace.failure(number, request, response)
    else:
        trace.response(number, request, response)


@pytest.mark.parametrize(
    ("values", "shows"),
    [
        ({"command": "Ping"}, "Ping is asked, and the trace has 0001-Sync"),
        ({"url": "https://mail.larch.example/x?Cmd=Sync&More=1"}, "+POST https://mail.larch.example/x?Cmd=Sync&More=1"),
        ({"headers": (("A", "2"),)}, "+A: 2"),
        ({"body": encode(ItemOperations.ItemOperations, [ItemOperations.Status, "1"])}, "+  <Status>1</Status>"),
        ({"method": "OPTIONS"}, "-POST"),
    ],
    ids=["command", "query", "header", "body", "method"],
)
async def test_request_that_differs_is_shown_line_by_line(tmp_path: Path, values: dict[str, Any], shows: str) -> None:
    """Another command, query, header, method or body is refused with what is different; the trace is not used up."""
    record_one(tmp_path, HTTPResponse(status=200))
    replay = ReplayTransport(tmp_path)
    with pytest.raises(TraceDiffers) as caught:
        await replay.send(msgspec.structs.replace(REQUEST, **values))
    assert shows in str(caught.value)
    assert replay.left == 1
    assert (await replay.send(REQUEST)).status == 200


async def test_request_beyond_the_trace_is_refused(tmp_path: Path) -> None:
    """One request too many is named."""
    record_one(tmp_path, HTTPResponse(status=200))
    replay = ReplayTransport(tmp_path)
    await replay.send(REQUEST)
    with pytest.raises(TraceDiffers, match="at its end"):
        await replay.send(REQUEST)
    assert not issubclass(TraceDiffers, ClientError)


async def test_newer_program_can_replay_an_older_trace(tmp_path: Path) -> None:
    """The user agent names the version of the program, and is not compared."""
    request = msgspec.structs.replace(REQUEST, headers=(("User-Agent", "Carrierpost/0.1"),))
    record_one(tmp_path, HTTPResponse(status=200), request)
    newer = msgspec.structs.replace(REQUEST, headers=(("User-Agent", "Carrierpost/9.0"),))
    assert (await ReplayTransport(tmp_path).send(newer)).status == 200


@pytest.mark.parametrize(
    "response",
    [
        HTTPResponse(status=503, headers={"retry-after": "20"}),
        HTTPResponse(status=200, headers={"content-type": "text/html"}, body=b"<html>\r\n"),
        HTTPResponse(status=200, headers={"content-type": "application/octet-stream"}, body=bytes(range(256))),
        HTTPResponse(status=200, headers={"content-type": "application/vnd.ms-sync.wbxml"},
                     body=encode(ItemOperations.ItemOperations, [ItemOperations.Data, "a\r\nb <&> ü"])),
        HTTPResponse(status=200, headers={"content-type": "application/vnd.ms-sync.multipart"},
                     body=join_parts([encode(ItemOperations.ItemOperations, None), b"one", b"", b"three"])),
        HTTPResponse(status=200, headers={"content-type": "application/vnd.ms-sync.wbxml"}, body=b"\x03\x01\xff"),
    ],
    ids=["refusal", "page", "bytes", "document", "multipart", "broken"],
)  # fmt: skip
async def test_answer_comes_back_byte_by_byte(tmp_path: Path, response: HTTPResponse) -> None:
    """Status, headers and body of every kind of answer are those that were recorded."""
    record_one(tmp_path, response)
    again = await ReplayTransport(tmp_path).send(REQUEST)
    assert (again.status, dict(again.headers), again.body) == (response.status, dict(response.headers), response.body)


@pytest.mark.parametrize("error", [TimedOut("h", "no answer", sent=True), Unreachable("h", "refused"), OSError("odd")])
async def test_request_that_failed_fails_again_in_the_same_way(tmp_path: Path, error: Exception) -> None:
    """The kind of failure and whether it was sent come back; what was no error of ours is a lost connection."""
    record_one(tmp_path, error)
    wanted = type(error) if isinstance(error, ClientError) else ConnectionLost
    with pytest.raises(wanted) as caught:
        await ReplayTransport(tmp_path).send(REQUEST)
    assert caught.value.sent is getattr(error, "sent", False)
    assert caught.value.detail == getattr(error, "detail", "")


@virtual
async def _given_up(directory: Path) -> None:
    held = asyncio.ensure_future(ReplayTransport(directory).send(REQUEST))
    await asyncio.sleep(3600)
    assert not held.done()
    held.cancel()
    with pytest.raises(asyncio.CancelledError):
        await held


def test_request_that_was_given_up_waits_to_be_given_up_again(tmp_path: Path) -> None:
    """A held request that the hub ended itself gets no answer before it is ended again."""
    record_one(tmp_path, asyncio.CancelledError())
    _given_up(tmp_path)


async def test_trace_that_ends_amid_an_exchange_is_a_lost_connection(tmp_path: Path) -> None:
    """A process that was killed leaves a request without answer; replayed, its connection is lost."""
    Trace(tmp_path).request(REQUEST)
    with pytest.raises(ConnectionLost, match="the trace ends amid 0001-Sync"):
        await ReplayTransport(tmp_path).send(REQUEST)


def test_directory_without_a_trace_is_an_error_that_names_it(tmp_path: Path) -> None:
    """Missing, empty and damaged directories are told apart from a trace."""
    for directory in (tmp_path / "missing", tmp_path):
        with pytest.raises(BadTrace, match="there is none"):
            ReplayTransport(directory)
    record_one(tmp_path, HTTPResponse(status=200))
    (tmp_path / "trace.json").write_text("{")
    with pytest.raises(BadTrace, match="damaged"):
        ReplayTransport(tmp_path)


def test_recoveries_replay_too(tmp_path: Path) -> None:
    """A move to another server and a silent connection are in the trace, and happen again from it."""
    results: list[str] = []

    async def run(transport: Any, trace: Trace | None) -> None:
        session = open_session(transport, trace=trace, user=ADA)
        try:
            await session.send(FolderSyncRequest(sync_key="0"))
        except TimedOut as error:
            results.append(f"{error.detail} {error.sent} {session.partnership.url}")
        await session.send(FolderSyncRequest(sync_key="0"))

    @virtual
    async def record() -> None:
        server = make_server()
        server.faults.add(http(451, {"X-MS-Location": "https://eu.larch.example/Microsoft-Server-ActiveSync"}))
        server.faults.add(half_close())
        await run(Recording(server), Trace(tmp_path))

    @virtual
    async def play() -> None:
        await run(ReplayTransport(tmp_path), None)

    record()
    play()
    assert results[0] == results[1] == "no answer True https://eu.larch.example/Microsoft-Server-ActiveSync"


def test_example_in_the_manual_replays_a_trace(tmp_path: Path) -> None:
    """The test that the manual shows runs as it stands there."""

    @virtual
    async def record() -> None:
        session = open_session(Recording(make_server()), trace=Trace(tmp_path))
        await session.options()
        await session.send(FolderSyncRequest(sync_key="0"))

    record()
    manual = (Path(__file__).parents[2] / "docs" / "how-to" / "report-a-problem.md").read_text(encoding="utf-8")
    [example] = re.findall(r"```python\n(.*?)```", manual, re.DOTALL)
    names: dict[str, Any] = {}
    exec(example, names)
    asyncio.run(names["test_folder_list_of_that_server"](tmp_path))
