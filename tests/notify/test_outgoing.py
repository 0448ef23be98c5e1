"""
Requests over connections that providers end, and where none may go.
"""

from __future__ import annotations

import asyncio
import ipaddress
from collections.abc import Sequence

import pytest

from carrierpost.notify.outgoing import Outgoing, Unanswered
from carrierpost.notify.reach import Forbidden, Reach, is_public
from tests.support.http2 import Asked, Ending, Reply, front_door, outgoing_to


def fine(asked: Asked) -> Reply:
    return 200, {}, asked.headers["x-name"].encode()


@pytest.mark.parametrize(("how", "times"), [(Ending.POLITE, 9), (Ending.RUDE, 2), (Ending.HANG_UP, 2)])
async def test_NT6_nothing_is_lost_when_a_provider_ends_its_connections(how: str, times: int) -> None:
    """Three hundred requests get their own answers, although connections end after some twenty."""
    async with front_door(fine) as door:
        door.ending = (how, 20)
        door.endings_left = times
        outgoing = outgoing_to(door)
        url = f"https://push.example:{door.port}/"
        answers = await asyncio.gather(*(outgoing.post(url, {"x-name": str(one)}, b"") for one in range(300)))
        await outgoing.close()
    assert [int(one.body) for one in answers] == list(range(300))
    assert times < door.connections <= 4 * times


async def test_NT6_a_provider_that_always_hangs_up_is_given_up() -> None:
    """After four attempts, and with a reason; the next request begins anew."""
    async with front_door(fine) as door:
        door.ending = (Ending.HANG_UP, 0)
        outgoing = outgoing_to(door)
        url = f"https://push.example:{door.port}/"
        with pytest.raises(Unanswered, match="cut"):
            await outgoing.post(url, {"x-name": "1"}, b"")
        assert door.connections == 4
        door.ending = (Ending.NEVER, 0)
        assert (await outgoing.post(url, {"x-name": "2"}, b"")).status == 200
        await outgoing.close()


async def test_many_requests_share_one_connection() -> None:
    """That is what HTTP/2 is for, and what Apple asks for."""
    waiting = asyncio.Event()

    async def slow(asked: Asked) -> Reply:
        if door.most_at_once >= 50:
            waiting.set()
        await waiting.wait()
        return 200, {}, b""

    async with front_door(slow) as door:
        outgoing = outgoing_to(door)
        url = f"https://push.example:{door.port}/"
        await asyncio.gather(*(outgoing.post(url, {}, b"x") for _ in range(50)))
        await outgoing.close()
        assert door.connections == 1


async def test_cancelling_a_request_leaves_the_others_alone() -> None:
    """A dispatcher that gives up on one message must not hurt the next one on the same connection."""
    entered, release = asyncio.Event(), asyncio.Event()

    async def first_hangs(asked: Asked) -> Reply:
        if asked.headers["x-name"] == "1":
            entered.set()
            await release.wait()
        return 200, {}, b""

    async with front_door(first_hangs) as door:
        outgoing = outgoing_to(door)
        url = f"https://push.example:{door.port}/"
        first = asyncio.ensure_future(outgoing.post(url, {"x-name": "1"}, b""))
        await entered.wait()
        first.cancel()
        with pytest.raises(asyncio.CancelledError):
            await first
        assert (await outgoing.post(url, {"x-name": "2"}, b"")).status == 200
        release.set()
        await outgoing.close()


async def test_a_certificate_that_nobody_vouches_for_is_refused() -> None:
    """A provider is who its certificate says; there is no way around it."""
    async with front_door(fine) as door, front_door(fine) as other:
        outgoing = outgoing_to(other)
        with pytest.raises(Unanswered, match="certificate verify failed"):
            await outgoing.post(f"https://push.example:{door.port}/", {"x-name": "1"}, b"")
        assert door.asked == []


@pytest.mark.parametrize(
    "url",
    [
        "http://push.example/1",
        "https://127.0.0.1/",
        "https://10.1.2.3/",
        "https://169.254.169.254/latest/meta-data",
        "https://[::1]/",
        "https://[::ffff:127.0.0.1]/",
        "https://[64:ff9b::7f00:1]/",
        "https://[fe80::1%25eth0]/",
        "https://ada:secret@push.example/",
        "https://push.example:22/",
        "https://push.example:x/",
        "ftp://push.example/",
        "https://push.example/1\r\nx-evil: 1",
        "https://pu\nsh.example/1",
        "https://püsh.example/1",
        "https://push.example/a b",
        "file:///etc/passwd",
        "//push.example/1",
        "https:///1",
        f"https://push.example/{'x' * 3000}",
        "",
    ],
)
async def test_addresses_that_nothing_is_sent_to(url: str) -> None:
    """Only https, only public addresses, no passwords, no other services' ports; nobody is even looked up."""

    async def resolve(host: str, port: int) -> Sequence[str]:
        raise AssertionError(f"{host} was looked up")

    with pytest.raises(Forbidden) as caught:
        await Outgoing(resolve=resolve).post(url, {}, b"")
    assert "secret" not in str(caught.value)


@pytest.mark.parametrize("answer", [["127.0.0.1"], ["10.0.0.1", "::1"], ["192.168.1.1"], ["fd00::1"], ["0.0.0.0"]])
async def test_a_name_that_leads_inside_is_not_followed(answer: list[str]) -> None:
    """What counts is the address that is connected to, not the one that was seen at an earlier look."""
    looks: list[str] = []

    async def resolve(host: str, port: int) -> Sequence[str]:
        looks.append(host)
        return answer

    with pytest.raises(Forbidden, match=r"push\.example has no public address"):
        await Outgoing(resolve=resolve).post("https://push.example/1", {}, b"")
    assert looks == ["push.example"]


async def test_an_administrator_can_allow_a_host_of_their_own() -> None:
    """An ntfy server in the house is reached, also without https; its neighbours are not."""
    reach = Reach(own=frozenset({"ntfy.lan"}))
    reach.check("http://NTFY.lan:8080/topic")
    assert reach.choose("NTFY.lan.", ["10.0.0.7"]) == ["10.0.0.7"]
    with pytest.raises(Forbidden, match="no public address"):
        reach.choose("printer.lan", ["10.0.0.8"])


async def test_an_administrator_can_name_the_only_services() -> None:
    """Then an endpoint at any other is refused, whatever a device says."""
    reach = Reach(only=("*.push.apple.com", "updates.push.services.mozilla.com"))
    reach.check("https://web.push.apple.com/Q1")
    for url in ("https://push.example/1", "https://push.apple.com.evil.example/1"):
        with pytest.raises(Forbidden, match="not among the services"):
            reach.check(url)


@pytest.mark.parametrize(
    ("address", "public"),
    [
        ("8.8.8.8", True), ("2606:4700::1111", True), ("100.64.0.1", False), ("224.0.0.1", False),
        ("2002:7f00:1::", False), ("::ffff:10.0.0.1", False), ("64:ff9b::808:808", True), ("198.18.0.1", False),
        ("192.0.2.1", False), ("240.0.0.1", False),
    ],
)  # fmt: skip
def test_what_is_a_public_address(address: str, public: bool) -> None:
    """Also behind a translation of IPv4 into IPv6."""
    assert is_public(ipaddress.ip_address(address)) is public
