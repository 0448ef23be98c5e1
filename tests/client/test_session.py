"""
What a session does at once about a failed command, and that it does so once.
"""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from carrierpost.client.errors import ConnectionLost, DiscoveryFailed, UnsafeRedirect
from carrierpost.client.session import Session
from carrierpost.protocol.commands.folder_sync import FolderSyncRequest, FolderSyncResponse
from carrierpost.protocol.commands.ping import PingFolder, PingRequest
from carrierpost.protocol.commands.provision import WipeKind
from carrierpost.protocol.errors import HTTPStatusError, StatusError, WipeOrdered
from carrierpost.protocol.exchanges import Agreement
from carrierpost.protocol.http import Partnership
from carrierpost.protocol.version import Version
from carrierpost.server.faults import drop_before_commit, empty_200, http, status
from tests.client.talk import ADA, PASSWORD, POLICY, Hosts, Recording, endpoint, make_server, open_session
from tests.support.virtual import virtual

HOST = "mail.larch.example"


async def folders(session: Session, sync_key: str = "0") -> FolderSyncResponse:
    """Ask for the folder list."""
    return await session.send(FolderSyncRequest(sync_key=sync_key))


def commands(transport: Recording) -> list[str]:
    """List the commands that were carried."""
    return [request.command for request in transport.requests]


# -- login


@virtual
async def test_LP6_many_refused_requests_renew_the_login_once() -> None:
    """LP6: five requests that are refused at the same time renew the credentials once, and each is asked once more."""
    server = make_server()
    transport = Recording(server, password="the old one", renews=PASSWORD)
    session = open_session(transport)
    answers = await asyncio.gather(*(folders(session) for _ in range(5)))
    assert [answer.status for answer in answers] == [1] * 5
    assert transport.refreshed == 1
    assert len(transport.requests) == 10


@virtual
async def test_LP6_login_that_stays_refused_is_told_and_not_tried_again() -> None:
    """LP6: with a login that cannot be renewed each request is refused once: nobody's account is locked by us."""
    transport = Recording(make_server(), password="wrong")
    session = open_session(transport)
    found = await asyncio.gather(*(folders(session) for _ in range(5)), return_exceptions=True)
    assert [(type(one), getattr(one, "status", 0)) for one in found] == [(HTTPStatusError, 401)] * 5
    assert transport.refreshed == 1
    assert len(transport.requests) == 5


@virtual
async def test_LP6_renewed_login_that_is_refused_too_ends_the_attempts() -> None:
    """LP6: when the renewed login is refused as well, that is the answer; no loop."""
    transport = Recording(make_server(), password="wrong", renews="wrong too")
    with pytest.raises(HTTPStatusError, match="HTTP 401"):
        await folders(open_session(transport))
    assert (transport.refreshed, len(transport.requests)) == (1, 2)


# -- policy


@pytest.mark.parametrize("version", list(Version), ids=str)
@virtual
async def test_PV4_parallel_requests_wait_for_one_provision(version: Version) -> None:
    """PV4: by HTTP 449 (12.1) or by status (later), five refused requests lead to one agreement and are repeated."""
    transport = Recording(make_server(policy=POLICY, enforce=True))
    agreements: list[Agreement] = []

    async def keep(agreement: Agreement) -> None:
        agreements.append(agreement)

    session = open_session(transport, version=version, on_agreement=keep)
    answers = await asyncio.gather(*(folders(session) for _ in range(5)))
    assert [answer.status for answer in answers] == [1] * 5
    assert sorted(commands(transport)) == ["FolderSync"] * 10 + ["Provision"] * 2
    [agreement] = agreements
    assert session.partnership.policy_key == agreement.policy_key != "0"


@virtual
async def test_PV4_server_that_is_never_content_is_not_provisioned_for_ever() -> None:
    """PV4: a server that asks for provisioning again after it was done is told so once, then the caller hears of it."""
    server = make_server(policy=POLICY)
    server.faults.add(http(449), command="FolderSync", times=None)
    transport = Recording(server)
    with pytest.raises(HTTPStatusError, match="HTTP 449"):
        await folders(open_session(transport))
    assert commands(transport) == ["FolderSync", "Provision", "Provision", "FolderSync"]


@virtual
async def test_new_policy_key_is_kept_before_it_is_used() -> None:
    """What changes of a partnership is handed over to be kept before a request goes out with it."""
    server = make_server(policy=POLICY, enforce=True)
    transport = Recording(server)
    kept: list[tuple[str, int]] = []

    async def keep(partnership: Partnership) -> None:
        kept.append((partnership.policy_key, len(transport.requests)))

    session = open_session(transport, on_partnership=keep)
    await folders(session)
    [(key, requests)] = kept
    assert dict(transport.requests[requests].headers)["X-MS-PolicyKey"] == key == session.partnership.policy_key


@virtual
async def test_WI1_wipe_that_a_status_announces_is_asked_for() -> None:
    """WI1: after status 140 the session asks for the order and tells which kind it is; the caller obeys."""
    server = make_server(policy=POLICY, enforce=True)
    transport = Recording(server)
    session = open_session(transport, version=Version.V16_1)
    await folders(session)
    server.order_wipe(ADA, WipeKind.ACCOUNT)
    with pytest.raises(WipeOrdered) as caught:
        await folders(session)
    assert caught.value.account_only
    await session.acknowledge_wipe(account_only=True)
    with pytest.raises(StatusError, match="129"):
        await folders(session)


# -- moving


@virtual
async def test_mailbox_that_has_moved_is_followed_for_good() -> None:
    """451 with X-MS-Location: the request is repeated there, by any https host's name, and the address is kept."""
    old, new = make_server(), make_server()
    old.faults.add(http(451, {"X-MS-Location": endpoint("eu.hosted.example")}), command="FolderSync", times=None)
    hosts = Hosts({HOST: old, "eu.hosted.example": new})
    kept: list[str] = []

    async def keep(partnership: Partnership) -> None:
        kept.append(partnership.url)

    session = open_session(Recording(hosts), on_partnership=keep)
    assert (await folders(session)).status == 1
    assert (await folders(session)).status == 1
    assert [host for host, _, _ in hosts.asked] == [HOST, "eu.hosted.example", "eu.hosted.example"]
    assert kept == [endpoint("eu.hosted.example")]


@virtual
async def test_parallel_requests_move_once() -> None:
    """Five requests that are sent elsewhere at the same time move the account once."""
    old, new = make_server(), make_server()
    old.faults.add(http(451, {"X-MS-Location": endpoint("new.larch.example")}), times=None)
    kept: list[str] = []

    async def keep(partnership: Partnership) -> None:
        kept.append(partnership.url)

    session = open_session(Recording(Hosts({HOST: old, "new.larch.example": new})), on_partnership=keep)
    answers = await asyncio.gather(*(folders(session) for _ in range(5)))
    assert [answer.status for answer in answers] == [1] * 5
    assert kept == [endpoint("new.larch.example")]


@pytest.mark.parametrize(("code", "kept_for_good"), [(301, True), (308, True), (302, False), (307, False)])
@virtual
async def test_redirect_within_the_domain_keeps_method_and_body(code: int, kept_for_good: bool) -> None:
    """301 and 308 are kept, 302 and 307 followed as long as they lead somewhere; all repeat the POST with its body."""
    old, new = make_server(), make_server()
    old.faults.add(http(code, {"Location": "https://eas.larch.example/Microsoft-Server-ActiveSync?Cmd=x"}), times=1)
    hosts = Hosts({HOST: old, "eas.larch.example": new})
    transport = Recording(hosts)
    session = open_session(transport)
    await folders(session)
    await folders(session)
    assert [host for host, _, _ in hosts.asked] == [HOST, "eas.larch.example", "eas.larch.example"]
    assert len({(one.method, one.body, one.url.partition("?")[2]) for one in transport.requests}) == 1
    assert session.partnership.url == endpoint("eas.larch.example" if kept_for_good else HOST)


@virtual
async def test_detour_that_leads_nowhere_is_left() -> None:
    """A temporary redirect to a page that is no ActiveSync costs one request; the next goes to the known address."""

    async def page(scope: Any, receive: Any, send: Any) -> None:
        await send({"type": "http.response.start", "status": 404, "headers": []})
        await send({"type": "http.response.body", "body": b"<html>back soon</html>"})

    server = make_server()
    server.faults.add(http(302, {"Location": "https://status.larch.example/"}), times=1)
    hosts = Hosts({HOST: server, "status.larch.example": page})
    session = open_session(Recording(hosts))
    assert (await folders(session)).status == 1
    assert [host for host, _, _ in hosts.asked] == [HOST, "status.larch.example", HOST]


@virtual
async def test_servers_that_send_us_in_circles_end_after_some_hops() -> None:
    """Two servers that name each other are followed five times, then the caller hears of it."""
    one, two = make_server(), make_server()
    one.faults.add(http(451, {"X-MS-Location": endpoint("two.example")}), times=None)
    two.faults.add(http(451, {"X-MS-Location": endpoint(HOST)}), times=None)
    hosts = Hosts({HOST: one, "two.example": two})
    with pytest.raises(HTTPStatusError, match="HTTP 451"):
        await folders(open_session(Recording(hosts)))
    assert len(hosts.asked) == 6


@pytest.mark.parametrize(
    ("code", "header", "target"),
    [
        (451, "X-MS-Location", "http://mail.larch.example/Microsoft-Server-ActiveSync"),
        (302, "Location", "http://mail.larch.example/Microsoft-Server-ActiveSync"),
        (302, "Location", "https://login.elsewhere.example/"),
        (308, "Location", "https://larch.example.evil.example/"),
        (301, "Location", "ftp://mail.larch.example/"),
    ],
)
@virtual
async def test_password_goes_neither_unencrypted_nor_to_strangers(code: int, header: str, target: str) -> None:
    """A redirect to plain http, or by plain HTTP's means to a host outside the mail domain, is refused by its name."""
    server = make_server()
    server.faults.add(http(code, {header: target}), times=None)
    hosts = Hosts({HOST: server})
    with pytest.raises(UnsafeRedirect) as caught:
        await folders(open_session(Recording(hosts)))
    assert target.rstrip("/") in str(caught.value)
    assert len(hosts.asked) == 1


# -- looking for the mailbox again


@pytest.mark.parametrize("code", [403, 404, 451, 500])
@virtual
async def test_wrong_server_leads_to_one_search(code: int) -> None:
    """403, 404, 500 and 451 without address: Autodiscover is asked once for all, and what it finds is used and kept."""
    old, new = make_server(), make_server()
    old.faults.add(http(code), times=None)
    searches: list[str] = []

    async def search() -> str | None:
        searches.append("asked")
        return endpoint("new.larch.example")

    session = open_session(Recording(Hosts({HOST: old, "new.larch.example": new})), rediscover=search)
    answers = await asyncio.gather(*(folders(session) for _ in range(5)))
    assert [answer.status for answer in answers] == [1] * 5
    assert searches == ["asked"]
    assert session.partnership.url == endpoint("new.larch.example")


@virtual
async def test_search_that_finds_the_same_server_is_not_repeated_for_ten_minutes() -> None:
    """When Autodiscover knows no better, the refusal is told, and the next search waits for ten minutes."""
    server = make_server()
    server.faults.add(http(500), times=None)
    searches: list[float] = []

    async def search() -> str | None:
        searches.append(asyncio.get_running_loop().time())
        return endpoint(HOST)

    session = open_session(Recording(server), rediscover=search)
    for _ in range(25):
        with pytest.raises(HTTPStatusError, match="HTTP 500"):
            await folders(session)
        await asyncio.sleep(60)
    assert searches == [0.0, 600.0, 1200.0]


@virtual
async def test_failed_search_tells_what_the_server_had_said() -> None:
    """When the search fails too, the server's own refusal is the better reason."""
    server = make_server()
    server.faults.add(http(403), times=None)

    async def search() -> str | None:
        raise DiscoveryFailed("larch.example")

    with pytest.raises(HTTPStatusError, match="HTTP 403"):
        await folders(open_session(Recording(server), rediscover=search))


@pytest.mark.parametrize("code", [400, 401, 456, 457, 501, 502, 503, 507])
@virtual
async def test_other_refusals_lead_to_no_search(code: int) -> None:
    """A refused password above all is not carried from host to host; the rest has nothing to do with the address."""
    server = make_server()
    server.faults.add(http(code), times=None)
    transport = Recording(server)

    async def search() -> str | None:
        raise AssertionError("nobody is to be asked")

    with pytest.raises(HTTPStatusError) as caught:
        await folders(open_session(transport, rediscover=search))
    assert caught.value.status == code
    assert len(transport.requests) == 1


# -- stopping and waiting


@virtual
async def test_blocked_account_and_expired_password_name_the_server_s_page() -> None:
    """456 and 457 stop the account, and carry the address where the person finds help or a new password."""
    server = make_server()
    page = "https://portal.larch.example/password"
    for code in (456, 457):
        server.faults.add(http(code, {"X-MS-Credential-Service-Url": page, "Location": "https://x.example/"}))
        with pytest.raises(HTTPStatusError) as caught:
            await folders(open_session(Recording(server)))
        assert caught.value.status == code
        assert page in str(caught.value)
        assert caught.value.outcome.action == "stop"


@pytest.mark.parametrize(
    ("text", "seconds"),
    [("1200", 1200.0), ("Mon, 02 Mar 2026 09:10:00 GMT", 600.0), ("Mon, 02 Mar 2020 09:10:00 GMT", 0.0), ("²", None)],
)
@virtual
async def test_TH1_time_and_reason_of_a_throttling_reach_the_caller(text: str, seconds: float | None) -> None:
    """TH1: Retry-After as seconds or as a date, and X-MS-ASThrottle, are told; the request is not repeated."""
    server = make_server()
    server.faults.add(http(503, {"Retry-After": text, "X-MS-ASThrottle": "CommandFrequency"}), times=None)
    transport = Recording(server)
    with pytest.raises(HTTPStatusError) as caught:
        await folders(open_session(transport))
    assert caught.value.retry_after == seconds
    assert "CommandFrequency" in str(caught.value)
    assert len(transport.requests) == 1


@virtual
async def test_what_was_not_answered_is_not_repeated() -> None:
    """A lost connection is the caller's to judge: what was asked may have been done."""
    server = make_server()
    server.faults.add(drop_before_commit())
    transport = Recording(server)
    with pytest.raises(ConnectionLost):
        await folders(open_session(transport))
    assert len(transport.requests) == 1


# -- by the way


@virtual
async def test_upgraded_server_asks_to_begin_again_once() -> None:
    """X-MS-RP is told once; what comes with the answer to a first FolderSync means nothing."""
    server = make_server()
    session = open_session(Recording(server))
    header = {"X-MS-RP": "2.0,2.5,12.0,12.1,14.0,14.1"}
    server.faults.add(http(200, header), command="FolderSync")
    await folders(session)
    assert not session.mentions.take_restart()
    server.faults.add(http(200, header), command="FolderSync")
    await folders(session, "7")
    assert session.mentions.take_restart()
    assert not session.mentions.take_restart()


@virtual
async def test_header_that_something_repeats_for_ever_is_heeded_once_an_hour() -> None:
    """X-MS-RP in every answer does not make the account begin again and again."""
    server = make_server()
    server.faults.add(http(200, {"X-MS-RP": "16.1"}), command="Ping", times=None)
    session = open_session(Recording(server))
    heeded = 0
    for _ in range(180):
        await session.send(PingRequest(heartbeat_interval=600, folders=(PingFolder(id="1"),)))
        heeded += session.mentions.take_restart()
        await asyncio.sleep(60)
    assert heeded == 3


@virtual
async def test_days_until_the_password_expires_are_noticed() -> None:
    """X-MS-Credentials-Expire is kept; what is no number is not."""
    server = make_server()
    session = open_session(Recording(server))
    server.faults.add(http(200, {"X-MS-Credentials-Expire": "5"}), command="FolderSync")
    server.faults.add(http(200, {"X-MS-Credentials-Expire": "soon"}), command="FolderSync")
    for _ in range(3):
        await folders(session)
    assert session.mentions.password_days == 5


# -- framing


@virtual
async def test_user_agent_and_device_never_change() -> None:
    """Whatever happens, every request names the same device and the same program."""
    server = make_server(policy=POLICY, enforce=True)
    transport = Recording(server)
    session = open_session(transport)
    await session.options()
    await folders(session)
    assert {dict(one.headers)["User-Agent"] for one in transport.requests} == {"Test/1"}
    posts = [one for one in transport.requests if one.method == "POST"]
    assert all("DeviceId=DEVICE1&DeviceType=Test" in one.url for one in posts)


@virtual
async def test_policy_key_goes_where_it_belongs() -> None:
    """The first Provision carries no key, the second the temporary one, commands the final one, OPTIONS none."""
    transport = Recording(make_server(policy=POLICY, enforce=True))
    session = open_session(transport)
    await session.options()
    await session.provision()
    await folders(session)
    keys = [dict(one.headers).get("X-MS-PolicyKey") for one in transport.requests]
    assert keys[:2] == [None, None]
    assert keys[2] not in (None, "0", session.partnership.policy_key)
    assert keys[3] == session.partnership.policy_key


@virtual
async def test_AU5_private_outlook_mailbox_is_named_in_a_cookie() -> None:
    """AU5: eas.outlook.com is told whose mailbox it is with every request, and no other host is."""
    server = make_server()
    transport = Recording(Hosts({"eas.outlook.com": server, HOST: server}))
    for host in ("eas.outlook.com", HOST):
        session = open_session(transport, host)
        await session.options()
        await folders(session)
    cookies = [dict(one.headers).get("Cookie") for one in transport.requests]
    assert cookies == [f"DefaultAnchorMailbox={ADA}"] * 2 + [None] * 2


@virtual
async def test_SK8_empty_answer_is_no_failure() -> None:
    """SK8: an empty 200 to FolderSync and to Ping says that nothing changed."""
    server = make_server()
    server.faults.add(empty_200(), times=None)
    session = open_session(Recording(server))
    answer = await folders(session, "5")
    assert (answer.status, answer.sync_key, answer.changes.adds) == (1, "5", ())
    await session.send(PingRequest(heartbeat_interval=600, folders=(PingFolder(id="1"),)))


@virtual
async def test_status_of_the_device_as_a_whole_is_raised() -> None:
    """A status that every command can have is raised with its sentence; the caller need not look for it."""
    server = make_server()
    server.faults.add(status(126), command="FolderSync")
    with pytest.raises(StatusError, match="ask your administrator"):
        await folders(open_session(Recording(server)))


# -- giving up


@virtual
async def test_cancelled_request_leaves_nothing_behind() -> None:
    """A held Ping that is cancelled ends at the server too, and no task is left."""
    server = make_server()
    session = open_session(Recording(server))
    await folders(session)
    inbox = next(one for one in server.mailbox(ADA).folders.values() if one.type == 2)
    before = asyncio.all_tasks()
    ping = PingRequest(heartbeat_interval=600, folders=(PingFolder(id=inbox.server_id),))
    held = asyncio.ensure_future(session.send(ping))
    await asyncio.sleep(30)
    assert not held.done()
    held.cancel()
    with pytest.raises(asyncio.CancelledError):
        await held
    await asyncio.sleep(1)
    assert asyncio.all_tasks() == before
    assert (await folders(session)).status == 1


@virtual
async def test_cancelled_recovery_lets_the_next_request_recover() -> None:
    """Who is cancelled amid provisioning holds up nobody: the next request agrees by itself."""
    server = make_server(policy=POLICY, enforce=True)
    gate = asyncio.Event()

    async def judge_slowly(agreement: Agreement) -> None:
        await gate.wait()

    session = open_session(Recording(server), on_agreement=judge_slowly)
    first, second = (asyncio.ensure_future(folders(session)) for _ in range(2))
    await asyncio.sleep(1)
    first.cancel()
    gate.set()
    assert (await second).status == 1
    assert first.cancelled() or isinstance((await asyncio.gather(first, return_exceptions=True))[0], BaseException)


# -- two accounts of one person


@virtual
async def test_SK11_two_accounts_of_one_user_share_nothing() -> None:
    """SK11: two partnerships of one user on one host have device ids, policy keys and sync keys of their own."""
    server = make_server(policy=POLICY, enforce=True)
    one = open_session(Recording(server), device_id="DEVICE1")
    two = open_session(Recording(server), device_id="DEVICE2")
    first = await folders(one)
    assert two.partnership.policy_key == "0"
    second = await folders(two)
    assert one.partnership.policy_key != two.partnership.policy_key
    assert {device for _, device in server.devices} == {"DEVICE1", "DEVICE2"}
    # Each key goes on by itself: the other's first list has not moved it.
    assert (await folders(one, first.sync_key)).status == 1
    assert (await folders(two, second.sync_key)).status == 1
