"""
Tokens in use: renewed in time, once for all, kept before they are used; and when a person is needed.
"""

from __future__ import annotations

import asyncio
import base64
import contextlib
import dataclasses
import json
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager

import msgspec
import pytest

from carrierpost.client.aiohttp_transport import HTTPTransport
from carrierpost.client.errors import LoginNeeded, Unreachable
from carrierpost.client.login.bearer import BearerLogin, Keeper
from carrierpost.client.login.kept import TokenLogin
from carrierpost.client.session import Session
from carrierpost.protocol.commands.folder_sync import FolderSyncRequest
from carrierpost.protocol.errors import HTTPStatusError
from carrierpost.protocol.message import HTTPRequest, HTTPResponse
from carrierpost.protocol.secret import Secret
from carrierpost.server import ExchangeServer
from carrierpost.server.faults import http
from carrierpost.server.serve import serving
from tests.client.talk import open_session
from tests.client.tokens import Office, office

ADA = "ada@larch.example"


class Shelf(Keeper):
    """Keeps a login in memory for several, as a store does for several processes."""

    def __init__(self, kept: TokenLogin, happened: list[str]) -> None:
        super().__init__(kept)
        self.happened = happened
        self.lock = asyncio.Lock()

    @property
    def login(self) -> TokenLogin:
        """The login as it is kept."""
        assert isinstance(self.kept, TokenLogin)
        return self.kept

    async def save(self, kept: TokenLogin) -> None:
        await super().save(kept)
        self.happened.append("kept")

    def alone(self) -> AbstractAsyncContextManager[None]:
        return self.lock


@dataclasses.dataclass
class Desk:
    """A server that wants tokens, an authority that gives them, and Ada's login."""

    office: Office
    server: ExchangeServer
    url: str
    shelf: Shelf
    happened: list[str]
    open: Callable[[], tuple[BearerLogin, Session]]

    @property
    def refreshes(self) -> int:
        """How often a new token was asked for."""
        return self.office.authority.asked.count("refresh_token")


@contextlib.asynccontextmanager
async def desk() -> AsyncIterator[Desk]:
    """Put everything up; what was opened is closed in the end."""
    async with office() as at, contextlib.AsyncExitStack() as stack:
        happened: list[str] = []
        server = ExchangeServer()
        server.add_user(ADA, "unused")
        server.people.accept_tokens(at.authority.whose)
        server.on_handled = lambda handled: happened.append(f"{handled.command} {handled.http_status}")
        at.authority.on_rotated = lambda: happened.append("rotated")
        running = await stack.enter_async_context(serving(server))
        shelf = Shelf(await at.log_in(ADA), happened)

        def opened() -> tuple[BearerLogin, Session]:
            login = BearerLogin(shelf.login, shelf, address=ADA, send=at.transport.send, clock=at.clock)
            transport = HTTPTransport(login, connections=5)
            stack.push_async_callback(transport.close)
            session = open_session(transport)
            session._partnership = msgspec.structs.replace(session.partnership, url=running.url)
            return login, session

        happened.clear()
        at.authority.asked.clear()
        yield Desk(at, server, running.url, shelf, happened, opened)


async def folders(session: Session) -> int:
    """Ask for something that needs a login."""
    return (await session.send(FolderSyncRequest(sync_key="0"))).status


async def test_token_opens_the_mailbox() -> None:
    """A request carries the token, and no new one is asked for while it is good."""
    async with desk() as at:
        _, session = at.open()
        assert await folders(session) == await folders(session) == 1
        assert at.refreshes == 0
        assert (await at.office.transport.send(HTTPRequest(url=at.url, method="OPTIONS"))).status == 401


async def test_LP6_five_refused_requests_lead_to_one_refresh() -> None:
    """LP6: five requests at once, all refused with 401, ask the authority once, and all are answered in the end."""
    async with desk() as at:
        _, session = at.open()
        at.office.authority.withdraw()
        assert await asyncio.gather(*(folders(session) for _ in range(5))) == [1] * 5
        assert at.refreshes == 1
        assert at.happened.count("FolderSync 200") == 5


async def test_LP6_token_near_its_end_is_renewed_once_before_it_is_refused() -> None:
    """LP6: five minutes before the end, five requests wait for one new token; none of them is refused."""
    async with desk() as at:
        _, session = at.open()
        at.office.clock.seconds += 3600 - 299
        assert await asyncio.gather(*(folders(session) for _ in range(5))) == [1] * 5
        assert at.refreshes == 1
        assert not [one for one in at.happened if one.endswith("401")]


async def test_AU3_rotated_token_is_kept_before_it_is_used() -> None:
    """AU3: first the authority rotates, then the store holds the new login, then it goes to the server."""
    async with desk() as at:
        _, session = at.open()
        at.office.clock.seconds += 3600
        await folders(session)
        assert at.happened == ["rotated", "kept", "FolderSync 200"]
        assert at.shelf.login.refresh_token.reveal() == at.office.authority.given[-2]


async def test_AU3_login_that_cannot_be_kept_is_not_used() -> None:
    """AU3: when the store fails, the new token does not go out: the error is the store's, and nothing was sent."""
    async with desk() as at:
        _, session = at.open()
        at.office.clock.seconds += 3600

        async def full(_: TokenLogin) -> None:
            raise OSError("the disk is full")

        vars(at.shelf)["save"] = full
        with pytest.raises(OSError, match="full"):
            await folders(session)
        assert at.happened == ["rotated"]


async def test_AU3_lost_rotation_asks_for_a_person() -> None:
    """AU3: killed between rotation and store, the old token is refused, and a person is asked."""
    async with desk() as at:
        first, _ = at.open()
        lost = first.kept
        at.office.clock.seconds += 3600
        await first.authorization()
        at.shelf.kept = lost
        _, session = at.open()
        with pytest.raises(LoginNeeded, match=rf"AADSTS50173.*carrierpost account login {ADA}"):
            await folders(session)


async def test_two_processes_with_one_login_do_not_end_it() -> None:
    """Whoever comes second finds the new token in the store; a token is never used up twice."""
    async with desk() as at:
        (_, one), (_, two) = at.open(), at.open()
        for _ in range(3):
            at.office.clock.seconds += 3600
            assert await asyncio.gather(*(folders(session) for session in (one, two))) == [1, 1]
        assert at.refreshes == 3


async def test_renewal_goes_on_when_nobody_waits_any_more() -> None:
    """A request that is cancelled while the token is renewed does not lose it; closing waits for it."""
    async with desk() as at:
        login, _ = at.open()
        at.office.clock.seconds += 3600
        waiting = asyncio.ensure_future(login.authorization())
        while login._renewing is None:
            await asyncio.sleep(0)
        waiting.cancel()
        await asyncio.gather(waiting, return_exceptions=True)
        await login.close()
        assert at.happened == ["rotated", "kept"]
        assert (await at.open()[0].authorization()).removeprefix("Bearer ") == at.office.authority.given[-1]
        assert at.refreshes == 1


async def test_authority_that_is_away_does_not_stop_a_good_token() -> None:
    """While the token is good, trouble at the authority is waited out; afterwards it is the reason, and passes."""
    async with desk() as at:
        _, session = at.open()
        at.office.authority.refusals = [(503, {})] * 2
        at.office.clock.seconds += 3600 - 60
        assert await folders(session) == 1
        at.office.clock.seconds += 60
        with pytest.raises(Unreachable, match="HTTP 503"):
            await folders(session)
        assert await folders(session) == 1


async def test_403_renews_the_token_once_and_asks_once_more() -> None:
    """Exchange may refuse a token with 403: one refresh, one repetition; when that is refused too, it is the answer."""
    async with desk() as at:
        _, session = at.open()
        at.server.faults.add(http(403), command="FolderSync", times=1)
        assert await folders(session) == 1
        assert at.refreshes == 1
        at.server.faults.add(http(403), command="FolderSync", times=None)
        with pytest.raises(HTTPStatusError, match="does not allow this user"):
            await folders(session)
        assert at.refreshes == 2
        assert at.happened.count("FolderSync 403") == 3


async def test_fresh_token_that_is_refused_too_asks_for_a_person() -> None:
    """A server that takes no token at all ends in one sentence with the command to type; there is no loop."""
    async with desk() as at:
        _, session = at.open()
        at.server.people.accept_tokens(lambda _: None)
        with pytest.raises(LoginNeeded, match=rf"has just given for {ADA}.*carrierpost account login {ADA}"):
            await folders(session)
        assert at.refreshes == 1
        assert len([one for one in at.happened if one.endswith("401")]) == 2


async def test_late_refusal_of_the_old_token_means_nothing() -> None:
    """A request that left before the renewal may be refused after it: nobody is asked for that."""
    async with desk() as at:
        login, _ = at.open()
        old = await login.authorization()
        assert await login.refresh()
        login.heed(HTTPResponse(status=401), old)
        with pytest.raises(LoginNeeded):
            login.heed(HTTPResponse(status=401), await login.authorization())


@pytest.mark.parametrize("coded", [False, True])
async def test_claims_that_the_server_wants_go_to_the_authority(coded: bool) -> None:
    """A claims challenge (a changed rule, a changed place) is passed on with the refresh, as it is or in base64."""
    wanted = '{"access_token":{"nbf":{"essential":true,"value":"1604106651"}}}'
    said = base64.b64encode(wanted.encode()).decode() if coded else wanted.replace('"', '\\"')
    async with desk() as at:
        _, session = at.open()
        at.server.people.challenges = (f'Bearer realm="", error="insufficient_claims", claims="{said}"',)
        at.office.authority.withdraw()
        assert await folders(session) == 1
        assert json.loads(at.office.authority.forms[-1]["claims"]) == json.loads(wanted)
        at.office.authority.withdraw()
        at.server.people.challenges = ("Bearer",)
        assert await folders(session) == 1
        assert "claims" not in at.office.authority.forms[-1]


async def test_claims_that_only_a_person_can_prove_are_kept_for_the_next_login() -> None:
    """When the authority wants a person (conditional access), what it wants is kept, and the sentence has its words."""
    async with desk() as at:
        _, session = at.open()
        said = "AADSTS50076: Due to a configuration change you must use multi-factor authentication."
        refusal = {"error": "interaction_required", "error_description": said, "claims": '{"access_token":{}}'}
        at.office.authority.refusals = [(400, refusal)]
        at.office.authority.withdraw()
        with pytest.raises(LoginNeeded, match=r"a second proof is needed.*AADSTS50076.*account login"):
            await folders(session)
        assert at.shelf.login.claims == '{"access_token":{}}'


async def test_authority_that_does_not_rotate_keeps_its_refresh_token() -> None:
    """Without a new refresh token in the answer the old one stays, and so does the person's name."""
    async with desk() as at:
        at.office.authority.rotates = False
        _, session = at.open()
        before = at.shelf.login.refresh_token
        for _ in range(2):
            at.office.clock.seconds += 3600
            assert await folders(session) == 1
        assert at.shelf.login.refresh_token == before
        assert at.shelf.login.user == ADA


async def test_lifetime_may_be_missing_or_text() -> None:
    """A lifetime that is text counts; without one the token is used until it is refused."""
    async with desk() as at:
        _, session = at.open()
        at.office.authority.seconds = "600"
        at.office.clock.seconds += 3600
        await folders(session)
        assert at.shelf.login.expires == at.office.clock.now().replace(minute=10)
        at.office.authority.seconds = None
        at.office.clock.seconds += 600
        await folders(session)
        assert not at.shelf.login.expires
        at.office.clock.seconds += 10**7
        await folders(session)
        assert at.refreshes == 2


async def test_login_that_is_gone_from_the_store_is_not_used_on() -> None:
    """After an account was removed or wiped, a process that still runs gets no new token for it."""
    async with desk() as at:
        _, session = at.open()

        async def gone() -> None:
            return None

        vars(at.shelf)["load"] = gone
        at.office.clock.seconds += 3600
        with pytest.raises(LoginNeeded, match="kept here no longer"):
            await folders(session)
        assert at.refreshes == 0


async def test_login_without_refresh_token_ends_with_its_token() -> None:
    """What cannot be renewed is said with the scope that was missing."""
    async with desk() as at:
        at.shelf.kept = msgspec.structs.replace(at.shelf.login, refresh_token=Secret(""))
        login, session = at.open()
        assert await folders(session) == 1
        at.office.clock.seconds += 3599
        assert await folders(session) == 1
        at.office.clock.seconds += 1
        with pytest.raises(LoginNeeded, match="offline_access"):
            await folders(session)
        assert "access-" not in f"{login!r}"
