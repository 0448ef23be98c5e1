"""
Logins as the hub keeps them: from the store, for several processes, and through a kill at the worst moment.
"""

from __future__ import annotations

import asyncio
import contextlib
import signal
import subprocess
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from aiohttp import web

from carrierpost.bootstrap import Hub, SetupError, open_hub
from carrierpost.client.asgi import ASGITransport
from carrierpost.client.errors import LoginNeeded
from carrierpost.client.login import BasicLogin
from carrierpost.client.login.kept import PasswordLogin, TokenLogin, encode
from carrierpost.client.login.wishes import PasswordWish, TokenWish
from carrierpost.model import Account, AccountState, NewAccount
from carrierpost.protocol.classes import Email
from carrierpost.protocol.errors import HTTPStatusError
from carrierpost.protocol.message import HTTPRequest
from carrierpost.protocol.secret import Secret
from carrierpost.server import ExchangeServer
from carrierpost.server.serve import serving
from tests.client.network import serve_pages
from tests.client.windows import Doorkeeper, known_people
from tests.support.authority import CLIENT, Authority

ADA = "ada@larch.example"
PASSWORD = "correct horse"


@contextlib.asynccontextmanager
async def place() -> AsyncIterator[tuple[Authority, ExchangeServer, str]]:
    """Run an authority and a server that wants its tokens; gives the server's address as well."""
    authority, server = Authority(), ExchangeServer()
    authority.interval = 0.01
    server.add_user(ADA, PASSWORD).deliver(subject="Hello", sender="cy@elm.example", text="Hello")
    async with serve_pages(authority.answer) as port, serving(server) as at:
        uri = f"http://127.0.0.1:{port}/firm/oauth2/authorize"
        server.people.accept_tokens(authority.whose, f'Bearer authorization_uri="{uri}"')
        yield authority, server, at.url


async def add(hub: Hub, authority: Authority, url: str) -> Account:
    """Add Ada's account; she agrees at once."""
    wish = TokenWish(client_id=CLIENT, show_code=lambda code: authority.approve(code.user_code, ADA))
    return (await hub.add_account(ADA, wish, url=url)).account


async def sync(hub: Hub, account: Account) -> None:
    """Synchronize once, to the end."""
    async with hub.runner(account) as runner:
        assert await runner.sync_once() == ()


async def token_of(hub: Hub, account: Account) -> TokenLogin:
    """Give the login as it is kept."""
    kept = await hub.login_of(account)
    assert isinstance(kept, TokenLogin)
    return kept


async def test_tokens_are_kept_through_the_life_of_a_hub(tmp_path: Path) -> None:
    """A hub that is opened again goes on with what is kept, and keeps what it gets."""
    async with place() as (authority, _, url):
        async with open_hub(home=tmp_path, environment={}) as hub:
            account = await add(hub, authority, url)
            first = await token_of(hub, account)
        authority.withdraw()
        async with open_hub(home=tmp_path, environment={}) as hub:
            await sync(hub, account)
            second = await token_of(hub, account)
            assert len(await hub.store.items(account.id)) == 1
        assert second.refresh_token != first.refresh_token
        assert authority.asked.count("refresh_token") == 1


KILLED = """
import asyncio, os, signal, sys
from pathlib import Path
from carrierpost.bootstrap import open_hub

async def main():
    async with open_hub(home=Path(sys.argv[1]), environment={}) as hub:
        put = hub.store.put_secret
        async def put_and_die(*arguments):
            await put(*arguments)
            os.kill(os.getpid(), signal.SIGKILL)
        hub.store.put_secret = put_and_die
        [account] = await hub.store.accounts()
        async with hub.runner(account) as runner:
            await runner.sync_once()

asyncio.run(main())
"""


async def test_AU3_killed_after_the_rotation_the_next_start_goes_on(tmp_path: Path) -> None:
    """
    AU3: a process is killed when the rotated token is in the store and has not been used. The next one finds it; the
    authority, which ends a login whose old token comes again, sees none.
    """
    async with place() as (authority, _, url):
        async with open_hub(home=tmp_path, environment={}) as hub:
            account = await add(hub, authority, url)
        authority.withdraw()
        ran = await asyncio.to_thread(
            subprocess.run, [sys.executable, "-c", KILLED, str(tmp_path)], capture_output=True, check=False
        )
        assert ran.returncode == -signal.SIGKILL, ran.stderr
        assert authority.asked.count("refresh_token") == 1
        async with open_hub(home=tmp_path, environment={}) as hub:
            await sync(hub, account)
            assert len(await hub.store.items(account.id)) == 1
        assert authority.asked.count("refresh_token") == 1


async def test_AU3_lost_rotation_stops_the_account_until_a_person_comes(tmp_path: Path) -> None:
    """AU3: when the kill came before the store had the token, a person is asked once, and then all is well."""
    async with place() as (authority, server, url), open_hub(home=tmp_path, environment={}) as hub:
        account = await add(hub, authority, url)
        lost = await token_of(hub, account)
        authority.withdraw()
        await sync(hub, account)
        await hub.store.put_secret(account.id, "login", encode(lost))
        authority.withdraw()
        before = len(server.log)
        async with hub.runner(account) as runner:
            with pytest.raises(Exception, match=f"carrierpost account login {ADA}"):
                await runner.sync_once()
        stopped = await hub.store.account(account.id)
        assert stopped.state is AccountState.STOPPED
        assert "AADSTS50173" in stopped.reason
        assert len(server.log) == before
        wish = TokenWish(client_id=CLIENT, show_code=lambda code: authority.approve(code.user_code, ADA))
        await hub.log_in(stopped, wish)
        assert (await hub.store.account(account.id)).state is AccountState.ACTIVE
        await sync(hub, account)


async def test_two_hubs_of_one_home_share_a_login(tmp_path: Path) -> None:
    """While `watch` runs, `doctor` may be asked: whoever needs a token first gets it, the other one uses it."""
    async with (
        place() as (authority, _, url),
        open_hub(home=tmp_path, environment={}) as one,
        open_hub(home=tmp_path, environment={}) as two,
    ):
        account = await add(one, authority, url)

        async def ignore(_: object) -> None:
            """Keep nothing."""

        sessions = [
            await hub.connect(account, on_partnership=ignore, on_agreement=ignore) for hub in (one, two, one, two)
        ]
        for _ in range(3):
            authority.withdraw()
            await asyncio.gather(*(session.options() for session in sessions))
        for session in sessions:
            await session.close()
        assert authority.asked.count("refresh_token") == 3


async def test_tokens_are_gone_after_a_wipe(tmp_path: Path) -> None:
    """A wiped account has no login left; a session that still runs gets no new token."""
    async with place() as (authority, _, url), open_hub(home=tmp_path, environment={}) as hub:
        account = await add(hub, authority, url)

        async def ignore(_: object) -> None:
            """Keep nothing."""

        session = await hub.connect(account, on_partnership=ignore, on_agreement=ignore)
        await hub.store.wipe_account(account.id, "ordered")
        authority.withdraw()
        with pytest.raises(LoginNeeded, match="kept here no longer"):
            await session.options()
        await session.close()
        assert await hub.login_of(account) is None
        with pytest.raises(SetupError, match="account login"):
            await hub.connect(account, on_partnership=ignore, on_agreement=ignore)
        wiped = await hub.store.account(account.id)
        with pytest.raises(SetupError, match="was wiped"):
            await hub.log_in(wiped, Secret("x"))


async def test_login_name_is_who_logged_in(tmp_path: Path) -> None:
    """The person may have another name at the organization than the mail address; requests carry that one."""
    other = "a.larch@firm.example"
    async with place() as (authority, server, url), open_hub(home=tmp_path, environment={}) as hub:
        server.people.accept_tokens(
            lambda token: ADA if authority.whose(token) == other else None, server.people.challenges[0]
        )
        wish = TokenWish(client_id=CLIENT, show_code=lambda code: authority.approve(code.user_code, other))
        account = (await hub.add_account(ADA, wish, url=url)).account
        assert (account.address, account.login) == (ADA, other)


async def test_password_of_an_older_store_is_found(tmp_path: Path) -> None:
    """A password under its old name is used until the login is renewed."""
    server = ExchangeServer()
    server.add_user(ADA, PASSWORD)
    async with serving(server) as at, open_hub(home=tmp_path, environment={}) as hub:
        account = await hub.store.add_account(NewAccount(address=ADA, login=ADA, url=at.url, device_id="OLD1"))
        await hub.store.put_secret(account.id, "password", Secret(PASSWORD))
        await sync(hub, account)
        with pytest.raises(HTTPStatusError, match="401"):
            await hub.log_in(account, PasswordWish(password=Secret("wrong")))
        await sync(hub, account)
        await hub.log_in(account, Secret(PASSWORD))
        assert await hub.store.secret(account.id, "login") is not None
        await sync(hub, account)


async def test_login_that_cannot_be_read_is_renewed_by_a_person(tmp_path: Path) -> None:
    """What a later Carrierpost has kept is not guessed at; the sentence names the command that helps."""
    server = ExchangeServer()
    server.add_user(ADA, PASSWORD)
    async with serving(server) as at, open_hub(home=tmp_path, environment={}) as hub:
        account = (await hub.add_account(ADA, Secret(PASSWORD), url=at.url)).account
        await hub.store.put_secret(account.id, "login", Secret('{"type": "of the future"}'))
        with pytest.raises(SetupError, match="cannot be read; renew it"):
            await hub.login_of(account)
        await hub.log_in(account, PasswordWish(password=Secret(PASSWORD), scheme="basic"))
        assert await hub.login_of(account) == PasswordLogin(password=Secret(PASSWORD))


class Guarded:
    """A server behind a web server that logs connections in, as IIS stands before Exchange."""

    def __init__(self, server: ExchangeServer, *offers: str) -> None:
        self.keeper = Doorkeeper(*offers)
        self._inner = ASGITransport(server, BasicLogin(ADA, Secret(PASSWORD)))

    async def answer(self, request: web.Request) -> web.StreamResponse:
        """Pass on what comes over a connection that is logged in."""
        answer = await self.keeper.answer(request)
        if answer.status == 401:
            return answer
        headers = tuple((name, value) for name, value in request.headers.items() if name != "Authorization")
        passed = await self._inner.send(
            HTTPRequest(method=request.method, url=str(request.url), headers=headers, body=await request.read())
        )
        kept = {name: value for name, value in passed.headers.items() if not name.startswith("content-")}
        kind = passed.headers.get("content-type", "")
        return web.Response(status=passed.status, headers=kept | {"Content-Type": kind}, body=passed.body)


@pytest.mark.parametrize(
    ("offers", "used"),
    [(("Basic", "NTLM", "Negotiate"), "negotiate"), (("NTLM",), "ntlm")],
    ids=["strongest of three", "the only one"],
)
async def test_password_is_proved_by_the_strongest_means_and_a_mailbox_comes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, offers: tuple[str, ...], used: str
) -> None:
    """A whole synchronization over connections that are logged in; the password itself is never sent."""
    known_people(tmp_path, monkeypatch, ada=PASSWORD)
    server = ExchangeServer(compresses=False)
    server.add_user(ADA, PASSWORD).deliver(subject="Hello", sender="cy@elm.example", text="Hello")
    guarded = Guarded(server, *offers)
    async with serve_pages(guarded.answer) as port, open_hub(home=tmp_path / "home", environment={}) as hub:
        added = await hub.add_account(ADA, Secret(PASSWORD), url=f"http://127.0.0.1:{port}", login="FIRM\\ada")
        assert (added.login.kind, set(added.offers)) == (used, set(offers))
        await sync(hub, added.account)
        assert [item.data.subject for item in await hub.store.items(added.account.id) if isinstance(item.data, Email)]
        with pytest.raises(HTTPStatusError, match="401"):
            await hub.log_in(added.account, Secret("wrong"))
        await sync(hub, added.account)
    assert {visit.scheme for visit in guarded.keeper.visits} <= {"", used.upper() if used == "ntlm" else "Negotiate"}


async def test_interrupted_wait_for_a_person_ends_at_once_and_keeps_nothing(tmp_path: Path) -> None:
    """Ctrl-C while the code is waited for: exit status 130, one word, no traceback, no account."""
    async with place() as (authority, _, url):
        authority.interval, authority.device_seconds = 600, 3600
        command = ["-m", "carrierpost", "account", "add", ADA, "--server", url, "--oauth-client-id", CLIENT]
        process = await asyncio.create_subprocess_exec(
            sys.executable, *command, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
            env={"CARRIERPOST_HOME": str(tmp_path / "home"), "PATH": "/usr/bin"},
            preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),  # whoever runs the tests may ignore it
        )  # fmt: skip
        assert process.stderr is not None
        while b"Ctrl-C gives up" not in (said := await process.stderr.readline()):
            assert said, "it ended by itself"
        process.send_signal(signal.SIGINT)
        out, err = await process.communicate()
        assert (process.returncode, out, err.strip()) == (130, b"", b"interrupted")
        async with open_hub(home=tmp_path / "home", environment={}) as hub:
            assert await hub.store.accounts() == ()
