"""
Traces: what is written, for whom it can be read, and what is never in them.
"""

from __future__ import annotations

import asyncio
import base64
import errno
import logging
import stat
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest

from carrierpost import wbxml
from carrierpost.client.aiohttp_transport import HTTPTransport
from carrierpost.client.discovery import discover
from carrierpost.client.errors import BadTrace, LoginRefused, TimedOut
from carrierpost.client.login import BasicLogin
from carrierpost.client.trace import Trace
from carrierpost.protocol.commands.folder_sync import FolderSyncRequest
from carrierpost.protocol.commands.settings import SettingsRequest
from carrierpost.protocol.message import HTTPRequest, HTTPResponse
from carrierpost.protocol.multipart import join_parts
from carrierpost.protocol.secret import Secret
from carrierpost.server.faults import half_close, raw_wbxml
from carrierpost.wbxml.pages import FolderHierarchy
from tests.client.internet import Records
from tests.client.network import Authority, LoopbackNames, serve_app
from tests.client.talk import ADA, PASSWORD, POLICY, Recording, make_server, open_session
from tests.support.virtual import virtual

REQUEST = HTTPRequest(url="https://mail.larch.example/Microsoft-Server-ActiveSync?Cmd=Sync&User=a%40b", command="Sync")


def contents(directory: Path) -> dict[str, bytes]:
    """Read every file of a trace."""
    return {path.name: path.read_bytes() for path in sorted(directory.iterdir())}


@virtual
async def run_session(directory: Path) -> None:
    """Provision, list folders, tell the device."""
    server = make_server(policy=POLICY, enforce=True)
    session = open_session(Recording(server), trace=Trace(directory, hide=[Secret(PASSWORD)]))
    await session.options()
    await session.send(FolderSyncRequest(sync_key="0"))
    await session.send(SettingsRequest(device=session.device))


def test_every_exchange_is_files_that_can_be_read(tmp_path: Path) -> None:
    """Requests and answers are numbered in order, decoded to XML, with headers beside."""
    run_session(tmp_path / "trace")
    files = contents(tmp_path / "trace")
    assert list(files)[:7] == [
        "0001-OPTIONS.request.headers",
        "0001-OPTIONS.response.headers",
        "0002-FolderSync.request.headers",
        "0002-FolderSync.request.xml",
        "0002-FolderSync.response.headers",
        "0002-FolderSync.response.xml",
        "0003-Provision.request.headers",
    ]
    assert b"<SyncKey>0</SyncKey>" in files["0002-FolderSync.request.xml"]
    first = files["0002-FolderSync.request.headers"].decode().splitlines()[0]
    assert first.startswith(
        "POST https://mail.larch.example/Microsoft-Server-ActiveSync?Cmd=FolderSync&User=[removed]&"
    )
    assert files["0001-OPTIONS.response.headers"].startswith(b"200\n")
    document = wbxml.from_xml(files["0005-FolderSync.response.xml"].decode())
    assert document.root == FolderHierarchy.FolderSync


def test_only_the_owner_can_read_a_trace(tmp_path: Path) -> None:
    """The directory and every file in it are private, whatever the umask."""
    run_session(tmp_path / "trace")
    assert stat.S_IMODE((tmp_path / "trace").stat().st_mode) == 0o700
    assert {stat.S_IMODE(path.stat().st_mode) for path in (tmp_path / "trace").iterdir()} == {0o600}


def test_numbers_go_on_after_an_earlier_trace(tmp_path: Path) -> None:
    """A second run into the same directory overwrites nothing."""
    run_session(tmp_path)
    before = contents(tmp_path)
    run_session(tmp_path)
    after = contents(tmp_path)
    assert before.items() <= after.items()
    assert len([name for name in after if name.endswith("OPTIONS.request.headers")]) == 2


def test_two_processes_that_share_a_directory_keep_apart(tmp_path: Path) -> None:
    """A number that another writer took in the meantime is left to it."""
    one, two = Trace(tmp_path), Trace(tmp_path)
    numbers = [trace.request(REQUEST) for trace in (one, two, one, two)]
    assert numbers == [1, 2, 3, 4]


async def test_no_secret_is_in_any_file_of_a_real_login(authority: Authority, tmp_path: Path) -> None:
    """Discovery and a session over TLS, traced: neither password nor login header nor cookie is in any file."""
    server = make_server(policy=POLICY, enforce=True)
    cookie = "affinity-0123456789abcdef"

    async def with_cookie(scope: Any, receive: Any, send: Any) -> None:
        async def sending(message: Any) -> None:
            if message["type"] == "http.response.start":
                message["headers"].append((b"set-cookie", f"X-BackEnd={cookie}; path=/; Secure".encode()))
            await send(message)

        await server(scope, receive, sending)

    trace = Trace(tmp_path)
    tls = authority.server("autodiscover.larch.example", "mail.larch.example")
    async with serve_app(with_cookie, tls) as port:
        names = LoopbackNames({"autodiscover.larch.example:443": port, "mail.larch.example:443": port})
        asking = HTTPTransport(None, ca_file=authority.ca_file, names=names, connections=6)
        carrying = HTTPTransport(BasicLogin(ADA, Secret(PASSWORD)), ca_file=authority.ca_file, names=names)
        found = await discover(
            ADA, None, Secret(PASSWORD), fetch=asking.send, resolver=Records(), trace=trace, user_agent="Test/1"
        )
        session = open_session(carrying, "autodiscover.larch.example", trace=trace)
        await session.change(url=found.url)
        await session.send(FolderSyncRequest(sync_key="0"))
        await session.close()
        with pytest.raises(LoginRefused):
            await discover(ADA, None, Secret("not " + PASSWORD), fetch=asking.send, resolver=Records(), trace=trace)
        await asking.close()
    files = contents(tmp_path)
    assert any(name.endswith("Autodiscover.response.txt") for name in files)
    basic = base64.b64encode(f"{ADA}:{PASSWORD}".encode()).decode()
    for name, content in files.items():
        for secret in (PASSWORD, quote(PASSWORD), basic, quote(basic, safe=""), cookie, "battery", basic[8:-8]):
            assert secret.encode() not in content, name
    headers = b"".join(content for name, content in files.items() if name.endswith("headers"))
    assert b"Authorization: [removed]" in headers
    assert b"set-cookie: X-BackEnd=[removed]" in headers
    assert b"User-Agent: Test/1" in headers


@virtual
async def test_failure_is_noted_with_what_happened(tmp_path: Path) -> None:
    """A request without an answer leaves a file that says why, and whether it was sent."""
    server = make_server()
    server.faults.add(half_close())
    with pytest.raises(TimedOut):
        await open_session(Recording(server), trace=Trace(tmp_path)).send(FolderSyncRequest(sync_key="0"))
    assert contents(tmp_path)["0001-FolderSync.response.failed"] == b"TimedOut sent\nno answer\n"


@virtual
async def test_cancelled_request_is_noted(tmp_path: Path) -> None:
    """A request that we gave up is in the trace as such."""
    server = make_server()
    server.faults.add(half_close())
    session = open_session(Recording(server), trace=Trace(tmp_path))
    task = asyncio.ensure_future(session.send(FolderSyncRequest(sync_key="0")))
    await asyncio.sleep(1)
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    assert contents(tmp_path)["0001-FolderSync.response.failed"].startswith(b"CancelledError\n")


@virtual
async def test_answer_that_is_no_WBXML_is_kept_as_it_came(tmp_path: Path) -> None:
    """What cannot be decoded is kept byte by byte, with the reason beside it."""
    server = make_server()
    server.faults.add(raw_wbxml(bytes.fromhex("03016a004556ff")))
    session = open_session(Recording(server), trace=Trace(tmp_path))
    with pytest.raises(Exception, match="cannot be read"):
        await session.send(FolderSyncRequest(sync_key="0"))
    files = contents(tmp_path)
    assert files["0001-FolderSync.response.wbxml"] == bytes.fromhex("03016a004556ff")
    assert files["0001-FolderSync.response.error"]


@pytest.mark.parametrize(
    ("content_type", "body", "files"),
    [
        ("message/rfc822", b"Subject: x\r\n\r\ny", {"response.eml"}),
        ("text/html; charset=utf-8", b"<html>", {"response.txt"}),
        ("application/json", b"{}", {"response.txt"}),
        ("application/octet-stream", b"\xff", {"response.bin"}),
        ("application/vnd.ms-sync.multipart", join_parts([b"\x03\x01\x6a\x00\x05", b"one", b"two"]),
         {"response.xml", "response.part001.bin", "response.part002.bin"}),
        ("application/vnd.ms-sync.multipart", b"\x09", {"response.bin"}),
        ("application/vnd.ms-sync.wbxml", b"", set[str]()),
    ],
)  # fmt: skip
def test_bodies_are_kept_by_their_kind(tmp_path: Path, content_type: str, body: bytes, files: set[str]) -> None:
    """Each kind of body has its own kind of file; multipart bodies are taken apart."""
    trace = Trace(tmp_path)
    number = trace.request(REQUEST)
    trace.response(number, REQUEST, HTTPResponse(status=200, headers={"content-type": content_type}, body=body))
    written = {name.removeprefix("0001-Sync.") for name in contents(tmp_path) if ".response." in name}
    assert written == files | {"response.headers"}


def test_directory_that_cannot_be_used_is_an_error_that_names_it(tmp_path: Path) -> None:
    """A file in its place, and a trace of the other kind, are told with what to do."""
    (tmp_path / "file").write_text("")
    with pytest.raises(BadTrace, match="file"):
        Trace(tmp_path / "file")
    Trace(tmp_path / "trace")
    with pytest.raises(BadTrace, match="readable one was begun there"):
        Trace(tmp_path / "trace", veil=True)
    (tmp_path / "trace" / "trace.json").write_text("nonsense")
    with pytest.raises(BadTrace, match="damaged"):
        Trace(tmp_path / "trace")


def test_full_disk_ends_the_trace_and_nothing_else(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """When nothing can be written any more, mail goes on; the trace says so once."""
    trace = Trace(tmp_path)
    number = trace.request(REQUEST)

    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr("carrierpost.client.trace._write", full)
    with caplog.at_level(logging.WARNING):
        trace.response(number, REQUEST, HTTPResponse(status=200))
        trace.request(REQUEST)
        trace.failure(number, REQUEST, TimedOut("host"))
    assert trace.failure_reason == "No space left on device"
    assert len(caplog.records) == 1
