"""
Conversations with a server as generators: they yield a request, are sent the response, and return a value.

No network and no clock is needed to run or to test one. `perform` is one command; `negotiate` asks what the server
speaks; `agree` is the two phases of Provision. What to do when a command fails is decided by `recover`, a pure
function, so that no two recoveries can chase each other.
"""

from __future__ import annotations

import datetime as dt
import enum
from collections.abc import Callable
from typing import Any, TypeVar
from urllib.parse import urlsplit

import msgspec

from carrierpost.protocol.commands.device import DeviceInformation
from carrierpost.protocol.commands.provision import Compliance, Policy, ProvisionRequest, ProvisionResponse, WipeKind
from carrierpost.protocol.errors import (
    HTTPStatusError,
    RemoteProtocolError,
    StatusError,
    VersionNotOffered,
    WebPageAnswered,
    WipeOrdered,
)
from carrierpost.protocol.http import (
    Partnership,
    ServerFacts,
    frame,
    frame_options,
    payload_of,
    retry_after,
    server_facts,
)
from carrierpost.protocol.message import Command, Exchange, HTTPResponse, Sink
from carrierpost.protocol.policy import ProvisioningDocument
from carrierpost.protocol.record import Notes
from carrierpost.protocol.status import Action

__all__ = ["Agreement", "Judge", "Recovery", "agree", "check", "negotiate", "perform", "recover", "safe_location"]

R = TypeVar("R")

Judge = Callable[[ProvisioningDocument], Compliance]
"""Says how far the hub follows a policy; it is asked for the truth."""


def check(command: str, response: HTTPResponse, now: dt.datetime) -> None:
    """
    Turn a refusal into an error.

    Raises:
        HTTPStatusError: the HTTP status is none of success.
        WebPageAnswered: it is, but what came is a web page.
    """
    if 200 <= response.status < 300:
        media = response.headers.get("content-type", "").partition(";")[0].strip().lower()
        # Some servers call everything text/html, so the body has to look like a page too; WBXML begins with 3.
        if media == "text/html" and response.body[:64].lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"<"):
            raise WebPageAnswered(command)
        return
    headers = response.headers
    names = ("x-ms-location", "location")
    if response.status in (456, 457):
        names = ("x-ms-credential-service-url", "location")
    location = next(filter(None, map(headers.get, names)), "")
    raise HTTPStatusError(
        command,
        response.status,
        location=location,
        retry_after=retry_after(response, now),
        reason=headers.get("x-ms-asthrottle", ""),
    )


def perform(
    command: Command[R],
    partnership: Partnership,
    now: dt.datetime,
    notes: Notes | None = None,
    *,
    sink: Sink | None = None,
) -> Exchange[R]:
    """
    Ask one command.

    Args:
        command: the typed request.
        partnership: whose request it is.
        now: the time, for a Retry-After that is a date.
        notes: receives what could not be read of the answer.
        sink: takes a large part of the answer as it comes.

    Returns:
        The typed answer. Statuses of the command's own are left to the caller; those common to all commands that
        concern the whole device are raised.

    Raises:
        HTTPStatusError: refused by HTTP.
        StatusError: refused by a status that is common to all commands.
        UnreadableAnswer: the answer is not what the protocol promises.
        LocalProtocolError: the version cannot say this.
    """
    payload = command.encode(partnership.version)
    request = frame(command.name, payload, partnership, hold=command.hold)
    response = yield request if sink is None else msgspec.structs.replace(request, sink=sink)
    check(command.name, response, now)
    answer = command.decode_response(payload_of(response), partnership.version, notes if notes is not None else Notes())
    status = getattr(answer, "status", 1)
    if isinstance(status, int) and status > 100 and status != 118:
        raise StatusError(command.name, status)
    for one in getattr(answer, "collections", ()):
        if one.status > 100:
            raise StatusError(command.name, one.status)
    return answer


def negotiate(partnership: Partnership, now: dt.datetime) -> Exchange[ServerFacts]:
    """
    Ask what the server speaks.

    Raises:
        HTTPStatusError: refused.
        VersionNotOffered: this is no ActiveSync server, or none whose versions we know.
    """
    response = yield frame_options(partnership)
    check("OPTIONS", response, now)
    facts = server_facts(response)
    if not facts.versions:
        raise VersionNotOffered(offered=(), wanted=None)
    return facts


class Agreement(msgspec.Struct, frozen=True, kw_only=True):
    """
    What Provision led to.

    Attributes:
        policy_key: the key to send from now on, `"0"` where the server has no policy.
        document: what the server demands, or `None`.
        compliance: how we answered, or `None` where there was nothing to answer.
    """

    policy_key: str = "0"
    document: ProvisioningDocument | None = None
    compliance: Compliance | None = None


def agree(partnership: Partnership, device: DeviceInformation, judge: Judge, now: dt.datetime) -> Exchange[Agreement]:
    """
    Agree on the server's policy, both phases ([MS-ASPROV] 3.1.5).

    A server without Provision (501) or without a policy (status 2) is fine.

    Raises:
        WipeOrdered: the server orders a wipe instead.
        StatusError: the server refuses us or our answer.
        HTTPStatusError: refused by HTTP.
        UnreadableAnswer: the answer is not what the protocol promises.
    """
    fresh = msgspec.structs.replace(partnership, policy_key="0")
    offered = yield from _phase(ProvisionRequest(device=device, policy=Policy()), fresh, now)
    policy = offered.policy
    if policy is None or policy.status == 2:
        return Agreement()
    if policy.status not in (None, 1):
        raise StatusError("Policy", policy.status)
    document = policy.document or ProvisioningDocument()
    compliance = judge(document)
    answer = ProvisionRequest(policy=Policy(key=policy.key, status=int(compliance)))
    temporary = msgspec.structs.replace(partnership, policy_key=policy.key or "0")
    acknowledged = yield from _phase(answer, temporary, now)
    final = acknowledged.policy
    if final is None or final.status not in (None, 1):
        raise StatusError("Policy", final.status if final is not None and final.status else 5)
    return Agreement(policy_key=final.key or policy.key, document=document, compliance=compliance)


def _phase(request: ProvisionRequest, partnership: Partnership, now: dt.datetime) -> Exchange[ProvisionResponse]:
    response = yield frame(request.name, request.encode(partnership.version), partnership)
    if response.status == 501:
        return ProvisionResponse()
    check(request.name, response, now)
    answer = request.decode_response(payload_of(response), partnership.version, Notes())
    if answer.wipe is not None:
        raise WipeOrdered(answer.wipe is WipeKind.ACCOUNT)
    if answer.status == 140:
        raise WipeOrdered(False)
    if answer.status != 1:
        raise StatusError(request.name, answer.status)
    return answer


class Recovery(enum.StrEnum):
    """
    What the client does at once about a failed command, before anybody above hears of it.
    """

    PROVISION = "provision and repeat"
    REDIRECT = "go to the named address and repeat"
    LOG_IN = "renew the credentials and repeat"
    WIPE = "ask for the wipe order"
    NONE = "tell the caller"


MOST_REDIRECTS = 5


def recover(error: RemoteProtocolError, done: tuple[Recovery, ...]) -> Recovery:
    """
    Decide what to do about a failed command.

    Args:
        error: how it failed.
        done: what has been done about this very command already.

    Returns:
        What to do now. Each recovery happens once, redirects a few times, so no two can chase each other.
    """
    wanted = Recovery.NONE
    if isinstance(error, StatusError):
        action = error.outcome.action
        wanted = {Action.PROVISION: Recovery.PROVISION, Action.WIPE: Recovery.WIPE}.get(action, Recovery.NONE)
    elif isinstance(error, HTTPStatusError):
        if error.status == 449:
            wanted = Recovery.PROVISION
        elif error.status in (401, 403):  # a token may be refused by either
            wanted = Recovery.LOG_IN
        elif error.status in (301, 302, 307, 308, 451) and error.location:
            wanted = Recovery.REDIRECT
    if wanted is Recovery.REDIRECT:
        return wanted if done.count(wanted) < MOST_REDIRECTS else Recovery.NONE
    return wanted if wanted not in done else Recovery.NONE


def safe_location(current: str, location: str) -> str | None:
    """
    Check an address that a server sends us to.

    Args:
        current: the address that we came from.
        location: the address that the server names.

    Returns:
        The endpoint without query, or `None` when credentials must not be sent there: it is not https, unless it is
        this very machine and we came by plain http already; or it is no address at all.
    """
    from urllib.parse import urljoin

    try:
        target = urlsplit(urljoin(current, location))
    except ValueError:  # brackets that hold no address
        return None
    loopback = target.hostname in ("localhost", "127.0.0.1", "::1") and urlsplit(current).scheme == "http"
    if target.scheme != "https" and not (target.scheme == "http" and loopback):
        return None
    return target._replace(query="", fragment="").geturl()


def drive_all(exchange: Exchange[R], answers: list[HTTPResponse]) -> tuple[list[Any], R]:
    """
    Run an exchange against prepared answers; for tests and for replaying traces.

    Returns:
        The requests it made, and its result.
    """
    requests = []
    pending = iter(answers)
    try:
        request = next(exchange)
        while True:
            requests.append(request)
            request = exchange.send(next(pending))
    except StopIteration as done:
        return requests, done.value
