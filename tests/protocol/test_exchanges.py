"""
Conversations with a server, driven by prepared answers without any IO.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any
from urllib.parse import parse_qs, urlsplit

import msgspec
import pytest

from carrierpost.protocol.commands.device import DeviceInformation
from carrierpost.protocol.commands.folder_sync import FolderSyncRequest, FolderSyncResponse
from carrierpost.protocol.commands.ping import PingRequest, PingResponse
from carrierpost.protocol.commands.provision import Compliance, Policy, ProvisionRequest, ProvisionResponse, WipeKind
from carrierpost.protocol.commands.send_mail import SendMailRequest, SendMailResponse
from carrierpost.protocol.commands.sync import CollectionResponse, SyncCollection, SyncRequest, SyncResponse
from carrierpost.protocol.errors import (
    HTTPStatusError,
    RemoteProtocolError,
    StatusError,
    UnreadableAnswer,
    VersionNotOffered,
    WebPageAnswered,
    WipeOrdered,
)
from carrierpost.protocol.exchanges import (
    MOST_REDIRECTS,
    Agreement,
    Recovery,
    agree,
    drive_all,
    negotiate,
    perform,
    recover,
    safe_location,
)
from carrierpost.protocol.http import Partnership
from carrierpost.protocol.message import HTTPRequest, HTTPResponse, Payload
from carrierpost.protocol.policy import ProvisioningDocument
from carrierpost.protocol.record import Notes
from carrierpost.protocol.version import Version

NOW = dt.datetime(2026, 11, 24, 21, tzinfo=dt.UTC)
DEVICE = DeviceInformation(model="Carrierpost")
DOCUMENT = ProvisioningDocument(device_password_enabled=True)
OLDER = [Version.V12_1, Version.V14_0]
NEWER = [Version.V14_1, Version.V16_0, Version.V16_1]


def _partnership(version: Version, *, short: bool = False) -> Partnership:
    return Partnership(
        url="https://mail.example.org/Microsoft-Server-ActiveSync",
        user="ada",
        device_id="d1",
        device_type="hub",
        user_agent="Carrierpost/1",
        version=version,
        policy_key="111",
        base64=short,
    )


def _ok(payload: Payload, headers: Mapping[str, str] | None = None) -> HTTPResponse:
    return HTTPResponse(status=200, body=payload.body, headers=headers or {})


def _asked(request: HTTPRequest, version: Version) -> ProvisionRequest:
    return ProvisionRequest.decode(Payload(body=request.body), version, Notes())


def _key(request: HTTPRequest) -> str | None:
    return dict(request.headers).get("X-MS-PolicyKey")


def _provision(version: Version, *answers: ProvisionResponse | HTTPResponse, judged: Compliance) -> Any:
    prepared = [one if isinstance(one, HTTPResponse) else _ok(one.encode(version)) for one in answers]
    return drive_all(agree(_partnership(version), DEVICE, lambda document: judged, NOW), prepared)


OFFER = ProvisionResponse(policy=Policy(status=1, key="222", document=DOCUMENT))
FINAL = ProvisionResponse(policy=Policy(status=1, key="333"))


@pytest.mark.parametrize("version", Version)
@pytest.mark.parametrize("compliance", Compliance)
def test_PV2_both_phases_of_provision(version: Version, compliance: Compliance) -> None:
    """No key with the first request, the temporary one with the second, the permanent one in the end."""
    (first, second), agreement = _provision(version, OFFER, FINAL, judged=compliance)
    assert (_key(first), _key(second)) == (None, "222")
    asked = _asked(first, version)
    assert asked.policy == Policy()
    assert asked.device == (DEVICE if version in NEWER else None)
    assert _asked(second, version) == ProvisionRequest(policy=Policy(key="222", status=int(compliance)))
    assert agreement == Agreement(policy_key="333", document=DOCUMENT, compliance=compliance)


def test_PV7_the_judge_sees_the_policy() -> None:
    """And its answer is what the server hears."""
    seen = []

    def judge(document: ProvisioningDocument) -> Compliance:
        seen.append(document)
        return Compliance.PARTLY_APPLIED

    version = Version.V14_1
    answers = [_ok(OFFER.encode(version)), _ok(FINAL.encode(version))]
    (_, second), _ = drive_all(agree(_partnership(version), DEVICE, judge, NOW), answers)
    assert seen == [DOCUMENT]
    policy = _asked(second, version).policy
    assert policy is not None
    assert policy.status == 2


@pytest.mark.parametrize("version", Version)
def test_PV5_a_server_without_a_policy_is_fine(version: Version) -> None:
    """Policy status 2, no policy at all, or a server that does not know the command: one request, no key."""
    none = ProvisionResponse(policy=Policy(status=2))
    for answer in (none, ProvisionResponse(), HTTPResponse(status=501)):
        requests, agreement = _provision(version, answer, judged=Compliance.APPLIED)
        assert len(requests) == 1
        assert agreement == Agreement()


def test_a_policy_without_a_document_demands_nothing() -> None:
    """A server that lists nothing is asked for its final key all the same."""
    bare = ProvisionResponse(policy=Policy(status=1, key="222"))
    requests, agreement = _provision(Version.V14_1, bare, FINAL, judged=Compliance.APPLIED)
    assert len(requests) == 2
    assert agreement.document == ProvisioningDocument()


def test_a_server_may_keep_its_temporary_key() -> None:
    """When the acknowledgement names no other."""
    final = ProvisionResponse(policy=Policy(status=1))
    _, agreement = _provision(Version.V14_1, OFFER, final, judged=Compliance.APPLIED)
    assert agreement.policy_key == "222"


@pytest.mark.parametrize("status", [2, 3, 139, 141, 145, 165, 126, 177])
@pytest.mark.parametrize("phase", [1, 2])
def test_PV9_refusals_of_the_whole_are_raised(status: int, phase: int) -> None:
    """In either phase, with the number and a sentence."""
    answers = [OFFER] * (phase - 1) + [ProvisionResponse(status=status)]
    with pytest.raises(StatusError) as caught:
        _provision(Version.V14_1, *answers, judged=Compliance.APPLIED)
    assert (caught.value.command, caught.value.status) == ("Provision", status)
    assert str(caught.value).endswith(f"(Provision status {status})")


@pytest.mark.parametrize(("status", "phase"), [(3, 1), (4, 1), (5, 1), (3, 2), (4, 2), (5, 2)])
def test_refusals_of_the_policy_are_raised(status: int, phase: int) -> None:
    """An unknown type, damaged data, a key that is not the server's."""
    answers = [OFFER] * (phase - 1) + [ProvisionResponse(policy=Policy(status=status))]
    with pytest.raises(StatusError) as caught:
        _provision(Version.V14_1, *answers, judged=Compliance.APPLIED)
    assert (caught.value.command, caught.value.status) == ("Policy", status)


def test_an_acknowledgement_without_a_policy_starts_anew() -> None:
    """There is no key to go on with."""
    with pytest.raises(StatusError) as caught:
        _provision(Version.V14_1, OFFER, ProvisionResponse(), judged=Compliance.APPLIED)
    assert caught.value.status == 5


@pytest.mark.parametrize("kind", WipeKind)
@pytest.mark.parametrize("phase", [1, 2])
def test_WI1_a_wipe_may_come_instead_of_a_policy(kind: WipeKind, phase: int) -> None:
    """It ends the conversation, whatever the status beside it."""
    answers = [OFFER] * (phase - 1) + [ProvisionResponse(wipe=kind)]
    with pytest.raises(WipeOrdered) as caught:
        _provision(Version.V16_1, *answers, judged=Compliance.APPLIED)
    assert caught.value.account_only == (kind is WipeKind.ACCOUNT)
    with pytest.raises(WipeOrdered):
        _provision(Version.V14_1, ProvisionResponse(status=140), judged=Compliance.APPLIED)


def test_WB10_an_agreement_without_statuses() -> None:
    """Tencent Exmail leaves them out."""
    offer = ProvisionResponse(policy=Policy(key="222", document=DOCUMENT))
    final = ProvisionResponse(policy=Policy(key="333"))
    _, agreement = _provision(Version.V14_1, offer, final, judged=Compliance.APPLIED)
    assert agreement.policy_key == "333"


@pytest.mark.parametrize("short", [False, True])
def test_performing_a_command(short: bool) -> None:
    """One request with the partnership's words, one typed answer."""
    version = Version.V14_1
    answer = FolderSyncResponse(sync_key="1")
    exchange = perform(FolderSyncRequest(), _partnership(version, short=short), NOW)
    (request,), read = drive_all(exchange, [_ok(answer.encode(version))])
    assert isinstance(request, HTTPRequest)
    assert (request.command, request.hold) == ("FolderSync", 0)
    assert ("Cmd" in parse_qs(urlsplit(request.url).query)) is not short
    assert read.sync_key == "1"


def test_a_held_command_says_for_how_long() -> None:
    """The transport adds its own margin."""
    exchange = perform(PingRequest(heartbeat_interval=480), _partnership(Version.V14_1), NOW)
    assert next(exchange).hold == 480


@pytest.mark.parametrize("status", [111, 126, 142, 143, 144, 177])
@pytest.mark.parametrize("version", Version)
def test_PV4_common_statuses_are_raised(version: Version, status: int) -> None:
    """Whichever command they answer, at the top or inside a folder."""
    inside = SyncResponse(collections=(CollectionResponse(collection_id="1", status=status),))
    sync = SyncRequest(collections=(SyncCollection(collection_id="1"),))
    cases: list[tuple[Any, Any]] = [
        (FolderSyncRequest(), FolderSyncResponse(status=status)),
        (PingRequest(), PingResponse(status=status)),
        (sync, SyncResponse(status=status)),
        (sync, inside),
    ]
    for command, answer in cases:
        with pytest.raises(StatusError) as caught:
            drive_all(perform(command, _partnership(version), NOW), [_ok(answer.encode(version))])
        assert (caught.value.command, caught.value.status) == (command.name, status)


def test_a_commands_own_statuses_are_its_callers_business() -> None:
    """The engine decides what a bad key means; that a mail was sent before is no error at all."""
    version = Version.V14_1
    for command, answer in (
        (FolderSyncRequest(), FolderSyncResponse(status=9)),
        (SendMailRequest(mime=b"To: x", client_id="1"), SendMailResponse(status=118)),
    ):
        _, read = drive_all(perform(command, _partnership(version), NOW), [_ok(answer.encode(version))])
        assert read == answer


def test_refusals_by_http_carry_what_the_headers_say() -> None:
    """Where to go, how long to wait, why."""
    exchange = perform(FolderSyncRequest(), _partnership(Version.V14_1), NOW)
    headers = {
        "x-ms-location": "https://other.example.org/Microsoft-Server-ActiveSync",
        "retry-after": "30",
        "x-ms-asthrottle": "CommandFrequency",
    }
    with pytest.raises(HTTPStatusError) as caught:
        drive_all(exchange, [HTTPResponse(status=503, headers=headers)])
    error = caught.value
    assert (error.status, error.retry_after, error.reason) == (503, 30.0, "CommandFrequency")
    assert error.location == headers["x-ms-location"]


@pytest.mark.parametrize(
    "body", [b"<html>Welcome</html>", b"\x03\x01\x6a\x00\x45", PingResponse().encode(Version.V14_1).body]
)
def test_an_answer_that_is_none_is_theirs(body: bytes) -> None:
    """A captive portal, a cut body, another command's answer."""
    exchange = perform(FolderSyncRequest(), _partnership(Version.V14_1), NOW)
    with pytest.raises(UnreadableAnswer, match="FolderSync") as caught:
        drive_all(exchange, [HTTPResponse(status=200, body=body)])
    assert isinstance(caught.value, RemoteProtocolError)


def test_negotiation_reads_the_headers() -> None:
    """What is no ActiveSync server says so by their absence."""
    headers = {"ms-asprotocolversions": "12.1,14.1", "ms-asprotocolcommands": "Sync"}
    (request,), facts = drive_all(
        negotiate(_partnership(Version.V14_1), NOW), [HTTPResponse(status=200, headers=headers)]
    )
    assert request.method == "OPTIONS"
    assert facts.versions == {Version.V12_1, Version.V14_1}
    with pytest.raises(VersionNotOffered):
        drive_all(negotiate(_partnership(Version.V14_1), NOW), [HTTPResponse(status=200)])
    with pytest.raises(HTTPStatusError):
        drive_all(negotiate(_partnership(Version.V14_1), NOW), [HTTPResponse(status=404)])


@pytest.mark.parametrize(
    ("error", "wanted"),
    [
        (StatusError("Sync", 142), Recovery.PROVISION),
        (StatusError("Sync", 143), Recovery.PROVISION),
        (StatusError("Sync", 144), Recovery.PROVISION),
        (StatusError("Policy", 5), Recovery.PROVISION),
        (HTTPStatusError("Sync", 449), Recovery.PROVISION),
        (HTTPStatusError("Sync", 401), Recovery.LOG_IN),
        (HTTPStatusError("Sync", 451, location="https://b.example.org/x"), Recovery.REDIRECT),
        (HTTPStatusError("Sync", 308, location="https://b.example.org/x"), Recovery.REDIRECT),
        (HTTPStatusError("Sync", 451), Recovery.NONE),
        (StatusError("Sync", 140), Recovery.WIPE),
        (StatusError("Sync", 111), Recovery.NONE),
        (HTTPStatusError("Sync", 503), Recovery.NONE),
        (UnreadableAnswer("Sync", "cut"), Recovery.NONE),
    ],
)
def test_PV4_what_is_done_about_a_failure(error: RemoteProtocolError, wanted: Recovery) -> None:
    """The same within the band and by HTTP; and never twice for one command, but for a chain of redirects."""
    assert recover(error, ()) is wanted
    if wanted is Recovery.REDIRECT:
        assert recover(error, (wanted,) * (MOST_REDIRECTS - 1)) is wanted
        assert recover(error, (wanted,) * MOST_REDIRECTS) is Recovery.NONE
    else:
        assert recover(error, (wanted,)) is Recovery.NONE


def test_no_two_recoveries_chase_each_other() -> None:
    """A server that always answers something else ends the matter in a few rounds."""
    errors = [HTTPStatusError("Sync", 449), HTTPStatusError("Sync", 401), StatusError("Sync", 140)]
    done: tuple[Recovery, ...] = ()
    rounds = 0
    while (recovery := recover(errors[rounds % 3], done)) is not Recovery.NONE:
        done = (*done, recovery)
        rounds += 1
        assert rounds < 10
    assert rounds == 3


@pytest.mark.parametrize(
    ("current", "location", "target"),
    [
        ("https://a.example.org/x", "https://b.example.org/y?Cmd=Sync#f", "https://b.example.org/y"),
        ("https://a.example.org/x", "/y", "https://a.example.org/y"),
        ("https://a.example.org/x", "http://b.example.org/y", None),
        ("https://a.example.org/x", "http://localhost/y", None),
        ("http://localhost:8080/x", "http://localhost:8081/y", "http://localhost:8081/y"),
        ("http://a.example.org/x", "http://b.example.org/y", None),
        ("https://a.example.org/x", "ftp://b.example.org/y", None),
        ("https://a.example.org/x", "javascript:alert(1)", None),
    ],
)
def test_credentials_go_only_to_safe_places(current: str, location: str, target: str | None) -> None:
    """Https, or this very machine when we came from there by plain http."""
    assert safe_location(current, location) == target


def test_a_partnership_is_not_changed_by_an_agreement() -> None:
    """Keeping the new key is the caller's part."""
    partnership = _partnership(Version.V14_1)
    copy = msgspec.structs.replace(partnership)
    answers = [_ok(OFFER.encode(Version.V14_1)), _ok(FINAL.encode(Version.V14_1))]
    drive_all(agree(partnership, DEVICE, lambda document: Compliance.APPLIED, NOW), answers)
    assert partnership == copy


@pytest.mark.parametrize("page", [b"<!DOCTYPE html><title>Sign in</title>", b"\xef\xbb\xbf\r\n <html></html>"])
def test_a_web_page_is_called_one(page: bytes) -> None:
    """A portal that answers 200 with its page is no unreadable answer: the person is told to look at the address."""
    exchange = perform(FolderSyncRequest(sync_key="0"), _partnership(Version.V14_1), NOW)
    next(exchange)
    with pytest.raises(WebPageAnswered, match="FolderSync was answered with a web page"):
        exchange.send(HTTPResponse(status=200, headers={"content-type": "text/html; charset=utf-8"}, body=page, url=""))


def test_an_answer_that_is_only_called_html_is_read() -> None:
    """A server whose frame calls everything text/html is understood as long as what it sends is WBXML, or nothing."""
    answer = FolderSyncResponse(sync_key="1").encode(Version.V14_1)
    for body in (answer.body, b""):
        exchange = (
            perform(PingRequest(), _partnership(Version.V14_1), NOW)
            if not body
            else perform(FolderSyncRequest(sync_key="0"), _partnership(Version.V14_1), NOW)
        )
        next(exchange)
        with pytest.raises(StopIteration):
            exchange.send(HTTPResponse(status=200, headers={"content-type": "text/html"}, body=body, url=""))
