"""
Who gets in: framing, versions, contents, refused users and devices.
"""

from __future__ import annotations

import base64
from collections.abc import MutableMapping
from typing import Any

import pytest

from carrierpost.client.asgi import ASGITransport
from carrierpost.protocol.commands.folder_sync import FolderSyncRequest, FolderType
from carrierpost.protocol.http import frame_options
from carrierpost.protocol.message import ContentType, HTTPRequest, Payload
from carrierpost.protocol.version import Version
from carrierpost.server import ExchangeServer
from carrierpost.server.commands import HANDLERS
from carrierpost.wbxml.pages import AirSync, FolderHierarchy
from tests.server.phone import ADA, PASSWORD, Phone, make_server, status_of
from tests.support.virtual import virtual

LATER = [Version.V14_0, Version.V14_1, Version.V16_0, Version.V16_1]


async def _query(phone: Phone, query: str, *, version: str = "14.1", method: str = "POST") -> tuple[int, int | None]:
    """Send a query as it is, with the body of a FolderSync."""
    body = FolderSyncRequest().encode(Version.V14_1).body if method == "POST" else b""
    headers = [("Content-Type", str(ContentType.WBXML))] + ([("MS-ASProtocolVersion", version)] if version else [])
    url = f"{phone.partnership.url}?{query}"
    return status_of(await phone.transport.send(HTTPRequest(method=method, url=url, headers=tuple(headers), body=body)))


def _stranger(server: ExchangeServer) -> Phone:
    """Make a phone that logs in with nothing but the headers it is given."""
    return Phone(server, transport=ASGITransport(server, None))


@virtual
async def test_options_lists_the_chosen_versions_and_what_is_done() -> None:
    """A server that was given two versions offers these, and only commands that it carries out."""
    phone = Phone(make_server(versions=[Version.V14_1, Version.V12_1]))
    answer = await phone.transport.send(frame_options(phone.partnership))
    assert answer.status == 200
    assert answer.headers["ms-asprotocolversions"] == "12.1,14.1"
    assert set(answer.headers["ms-asprotocolcommands"].split(",")) == set(HANDLERS)
    assert answer.headers["ms-server-activesync"]


@pytest.mark.parametrize("version", Version)
@pytest.mark.parametrize("base64_query", [False, True], ids=["plain", "base64"])
def test_both_queries_are_understood(version: Version, base64_query: bool) -> None:
    """The plain and the base64 form of a request are the same request."""

    @virtual
    async def story() -> None:
        phone = Phone(make_server(), version=version)
        phone.adopt(base64=base64_query)
        assert (await phone.folders()).status == 1
        assert phone.server.device(ADA).device_id == "PHONE1"
        assert phone.server.device(ADA).version is version

    story()


@pytest.mark.parametrize(
    ("query", "status"),
    [
        ("Cmd=FolderSync&User=ada&DeviceType=Test", 108),
        ("Cmd=FolderSync&User=ada&DeviceId=has-a-dash&DeviceType=Test", 108),
        (f"Cmd=FolderSync&User=ada&DeviceId={'a' * 33}&DeviceType=Test", 108),
        ("Cmd=FolderSync&User=ada&DeviceId=PHONE1", 109),
    ],
)
def test_devices_have_to_say_who_they_are(query: str, status: int) -> None:
    """A missing or impossible device id or type is refused: inside the answer, and with 400 by 12.1."""

    @virtual
    async def story() -> None:
        phone = Phone(make_server())
        assert await _query(phone, query) == (200, status)
        assert await _query(phone, query, version="12.1") == (400, None)
        assert not phone.server.devices

    story()


@virtual
async def test_queries_that_are_none_are_bad_requests() -> None:
    """No query, a broken base64 query, an id of which a base64 query makes no name: 400 or the status for it."""
    phone = Phone(make_server())
    assert await _query(phone, "jAAJ") == (400, None)
    assert await _query(phone, "!!!") == (400, None)
    nameless = base64.b64encode(bytes([141, 9, 9, 4, 1]) + b"-" + bytes([0, 1]) + b"T").decode()
    assert (await _query(phone, nameless))[0] in (200, 400)
    assert not phone.server.devices


@virtual
async def test_commands_that_are_not_known_are_refused_as_such(monkeypatch: pytest.MonkeyPatch) -> None:
    """137 below the root of the command, 501 where there is no such root; 12.1 hears 501 of all of them."""
    phone = Phone(make_server())
    query = "User=ada&DeviceId=PHONE1&DeviceType=Test"
    monkeypatch.delitem(HANDLERS, "MoveItems")
    assert await _query(phone, f"Cmd=MoveItems&{query}") == (200, 137)
    assert await _query(phone, f"Cmd=MoveItems&{query}", version="12.1") == (501, None)
    assert await _query(phone, f"Cmd=GetAttachment&{query}", version="14.1") == (501, None)
    assert await _query(phone, f"Cmd=MakeCoffee&{query}") == (501, None)


@virtual
async def test_other_methods_and_paths_are_no_activesync() -> None:
    """GET is not implemented, another path is not there."""
    phone = Phone(make_server())
    assert (await _query(phone, "", method="GET"))[0] == 501
    answer = await phone.transport.send(HTTPRequest(method="POST", url="http://localhost/elsewhere"))
    assert answer.status == 404


@virtual
async def test_versions_that_are_not_offered_are_refused() -> None:
    """138 inside the answer to a later version, 400 to 12.1, to a version nobody knows, and to none."""
    query = "Cmd=FolderSync&User=ada&DeviceId=PHONE1&DeviceType=Test"
    old, new = Phone(make_server(versions=[Version.V12_1])), Phone(make_server(versions=[Version.V16_1]))
    assert await _query(old, query, version="14.1") == (200, 138)
    assert await _query(new, query, version="12.1") == (400, None)
    assert await _query(new, query, version="2.5") == (400, None)
    assert await _query(new, query, version="") == (400, None)
    assert await _query(new, query, version="16.1") == (200, 1)


@pytest.mark.parametrize("version", LATER)
def test_contents_of_another_type_are_refused(version: Version) -> None:
    """101 for text, mail where WBXML belongs, and no body; 102 for what is no WBXML, 103 for another command's."""

    @virtual
    async def story() -> None:
        phone = Phone(make_server(), version=version)
        good = FolderSyncRequest().encode(version)
        for media in ("text/plain", "message/rfc822", "text/xml; charset=utf-8"):
            phone.headers = {"Content-Type": media}
            assert status_of(await phone.raw("FolderSync", good)) == (200, 101)
        phone.headers = {}
        assert status_of(await phone.raw("FolderSync")) == (200, 101)
        assert status_of(await phone.raw("FolderSync", Payload(body=b"\x03\x01\x6a\x00\x45"))) == (200, 102)
        assert status_of(await phone.raw("FolderSync", Payload(body=b"<FolderSync/>"))) == (200, 102)
        assert status_of(await phone.post("FolderSync", AirSync.Sync, [AirSync.SyncKey, "0"])) == (200, 103)
        assert status_of(await phone.raw("SendMail", Payload(body=b"To: x", content_type=ContentType.MAIL))) == (
            200,
            101,
        )

    story()


@virtual
async def test_the_oldest_version_hears_http_statuses() -> None:
    """What later versions read inside the answer, 12.1 is told with 400."""
    phone = Phone(make_server(), version=Version.V12_1)
    assert status_of(await phone.raw("FolderSync")) == (400, None)
    assert status_of(await phone.raw("FolderSync", Payload(body=b"nonsense"))) == (400, None)
    assert status_of(await phone.post("FolderSync", AirSync.Sync, [AirSync.SyncKey, "0"])) == (400, None)
    assert status_of(await phone.post("SendMail", AirSync.Sync, [])) == (400, None)
    assert status_of(await phone.post("FolderSync", FolderHierarchy.FolderSync, [])) == (200, 10)


@virtual
async def test_the_short_media_type_is_known() -> None:
    """`application/vnd.ms-sync` means WBXML, parameters and case aside."""
    phone = Phone(make_server())
    phone.headers = {"Content-Type": "Application/VND.ms-sync; charset=x"}
    assert (await phone.folders()).status == 1


@pytest.mark.parametrize(
    "login", ["ada@larch.example", "ADA@larch.example", "ada", "LARCH\\ada", "larch.example\\ada@larch.example"]
)
def test_AU7_names_may_come_in_several_forms(login: str) -> None:
    """Address, its first part, with a domain before; the password is compared as it is."""

    @virtual
    async def story() -> None:
        phone = _stranger(make_server())
        phone.headers = {"Authorization": f"Basic {base64.b64encode(f'{login}:{PASSWORD}'.encode()).decode()}"}
        assert (await phone.folders()).status == 1

    story()


@virtual
async def test_AU7_passwords_may_be_of_any_letters() -> None:
    """A password outside ASCII is understood as UTF-8 and as Latin-1, and a wrong one in neither."""
    server = make_server()
    server.add_user(ADA, "Zürich ist schön")
    phone = _stranger(server)
    for encoding in ("utf-8", "latin-1"):
        raw = base64.b64encode(f"{ADA}:Zürich ist schön".encode(encoding)).decode()
        phone.headers = {"Authorization": f"Basic {raw}"}
        assert (await phone.folders()).status == 1
    for wrong in ("Zurich ist schon", "", "Zürich ist schön "):
        phone.headers = {"Authorization": f"Basic {base64.b64encode(f'{ADA}:{wrong}'.encode()).decode()}"}
        assert (await phone.raw("FolderSync", FolderSyncRequest().encode(phone.version))).status == 401


@pytest.mark.parametrize("header", ["", "Basic", "Basic !!!", "Bearer abc", "Basic YWRh", "Basic //79"])
def test_logins_that_are_none_are_asked_for_again(header: str) -> None:
    """401 with the challenge, whatever stands in the header."""

    @virtual
    async def story() -> None:
        phone = _stranger(make_server())
        phone.headers = {"Authorization": header}
        answer = await phone.raw("FolderSync", FolderSyncRequest().encode(phone.version))
        assert answer.status == 401
        assert answer.headers["www-authenticate"].startswith("Basic ")

    story()


@pytest.mark.parametrize("status", [126, 127, 128, 129, 130, 131])
def test_PV9_refused_users_hear_why(status: int) -> None:
    """Each refusal stands alone below the command's root, is 403 in 12.1, and ends when the administrator says so."""

    @virtual
    async def story() -> None:
        server = make_server()
        new, old = Phone(server), Phone(server, version=Version.V12_1, device_id="OLD")
        await new.folders()
        server.refuse(ADA, status)
        request = FolderSyncRequest().encode(new.version)
        assert status_of(await new.raw("FolderSync", request)) == (200, status)
        assert status_of(await old.raw("FolderSync", request)) == (403, None)
        server.admit(ADA)
        assert (await new.folders()).status == 1

    story()


@virtual
async def test_PV9_one_device_may_be_refused() -> None:
    """A blocked device is kept out while the user's others work, and its held Ping ends."""
    server = make_server()
    phone, tablet = Phone(server), Phone(server, device_id="TABLET")
    await phone.folders()
    server.refuse(ADA, 129, "PHONE1")
    assert status_of(await phone.raw("FolderSync", FolderSyncRequest().encode(phone.version))) == (200, 129)
    assert (await tablet.folders()).status == 1


@virtual
async def test_TH5_a_user_has_so_many_devices() -> None:
    """The next device hears 177; those that are known go on, and another user is not counted."""
    server = make_server(most_devices=2)
    first, second = Phone(server, device_id="ONE"), Phone(server, device_id="TWO")
    await first.folders()
    await second.folders()
    third = Phone(server, device_id="THREE")
    assert status_of(await third.raw("FolderSync", FolderSyncRequest().encode(third.version))) == (200, 177)
    assert (await first.folders()).status == 1
    assert (await Phone(server, user="ben@larch.example", device_id="THREE").folders()).status == 1


@virtual
async def test_SK11_two_users_on_one_device_id_do_not_meet() -> None:
    """State belongs to user and device together."""
    server = make_server()
    ada, ben = Phone(server), Phone(server, user="ben@larch.example")
    ada.mailbox.deliver("For Ada", "text")
    await ada.folders()
    await ben.folders()
    await ada.begin(FolderType.INBOX)
    await ben.begin(FolderType.INBOX)
    await ben.all(FolderType.INBOX)
    await ada.all(FolderType.INBOX)
    assert len(ada.held[ada.folder(FolderType.INBOX).server_id]) == 1
    assert len(ben.held[ben.folder(FolderType.INBOX).server_id]) == 0


@virtual
async def test_bodies_beyond_all_bounds_are_not_taken() -> None:
    """More than 64 MB gets 413, and the server does not keep it."""
    phone = Phone(make_server())
    answer = await phone.raw("FolderSync", Payload(body=b"x" * (64 * 1024 * 1024 + 1)))
    assert answer.status == 413


@virtual
async def test_a_body_that_breaks_off_is_no_request() -> None:
    """A client that leaves in the middle of its body has asked nothing: an empty body would be a Sync."""
    server = make_server()
    sent: list[object] = []
    messages: list[MutableMapping[str, Any]] = [
        {"type": "http.disconnect"},
        {"type": "http.request", "body": b"\x03", "more_body": True},
    ]

    async def receive() -> MutableMapping[str, Any]:
        return messages.pop()

    async def send(message: object) -> None:
        sent.append(message)

    login = b"Basic " + base64.b64encode(f"{ADA}:{PASSWORD}".encode())
    scope = {
        "type": "http", "method": "POST", "path": "/Microsoft-Server-ActiveSync", "scheme": "http",
        "query_string": b"Cmd=Sync&User=ada&DeviceId=PHONE1&DeviceType=Test",
        "headers": [(b"authorization", login), (b"ms-asprotocolversion", b"14.1")],
    }  # fmt: skip
    await server(scope, receive, send)
    assert (sent, server.log, server.devices) == ([], [], {})


@virtual
async def test_answers_are_compressed_for_who_takes_it() -> None:
    """Only a client that accepts gzip gets it, only where it is worth it, and the content is the same."""
    import gzip

    server = make_server()
    phone = Phone(server)
    for number in range(30):
        server.mailbox(ADA).create_folder(f"Folder {number}")
    request = FolderSyncRequest().encode(phone.version)
    plain = await phone.raw("FolderSync", request)
    assert "content-encoding" not in plain.headers
    phone.headers = {"Accept-Encoding": "deflate, gzip;q=0.5"}
    packed = await phone.raw("FolderSync", request)
    assert packed.headers["content-encoding"] == "gzip"
    assert len(packed.body) < len(plain.body)
    assert len(gzip.decompress(packed.body)) == len(plain.body)
    for refused in ("gzip;q=0", "identity", "br"):
        phone.headers = {"Accept-Encoding": refused}
        assert "content-encoding" not in (await phone.raw("FolderSync", request)).headers
    server.compresses = False
    phone.headers = {"Accept-Encoding": "gzip"}
    assert "content-encoding" not in (await phone.raw("FolderSync", request)).headers
