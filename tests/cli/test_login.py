"""
`carrierpost account add` and `account login` with every kind of login, as a person meets them.
"""

from __future__ import annotations

import asyncio
import contextlib
import dataclasses
import datetime as dt
import threading
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import click
import pytest

from carrierpost.server.faults import http
from carrierpost.server.serve import serving
from tests.cli.town import ADA, PASSWORD, Ran, Town
from tests.client.network import Authority as Certificates
from tests.client.network import serve_pages
from tests.support.authority import CLIENT, Authority

OAUTH = ("--oauth-client-id", CLIENT)


@dataclasses.dataclass
class Office:
    """An authority beside the server, whose tokens it wants; Ada agrees to everything, unless told otherwise."""

    town: Town
    authority: Authority
    name: str

    def add(self, *options: str) -> Ran:
        """Add Ada's account by a device code that she agrees to."""
        return self.town.run("account", "add", ADA, "--server", self.town.url, *OAUTH, *options)


@pytest.fixture
def office(town: Town) -> Iterator[Office]:
    """Let the server want tokens, and an authority give them."""
    authority = Authority()
    authority.interval = 0.01
    poll = authority._poll

    def agreed(form: dict[str, str]) -> object:
        device = authority.devices[form["device_code"]]
        if not device.asked:
            device.user = ADA
        return poll(form)

    vars(authority)["_poll"] = agreed
    stack = contextlib.AsyncExitStack()

    async def up() -> int:
        return await stack.enter_async_context(serve_pages(authority.answer))

    port = asyncio.run_coroutine_threadsafe(up(), town.loop).result(10)
    name = f"http://127.0.0.1:{port}/firm"
    challenge = f'Bearer client_id="0002", authorization_uri="{name}/oauth2/authorize"'
    town.do(lambda: town.server.people.accept_tokens(authority.whose, challenge))
    yield Office(town, authority, name)
    asyncio.run_coroutine_threadsafe(stack.aclose(), town.loop).result(10)


# -- OAuth


def test_device_code_is_all_that_a_terminal_needs(office: Office) -> None:
    """The server tells the authority, the person types a code elsewhere, and mail comes; no password is asked for."""
    office.town.furnish()
    ran = office.add()
    assert ran.status == 0, ran.err
    assert "CODE1" in ran.err
    assert f"{office.name}/device" in ran.err
    assert f"The server offers logins by Bearer. Login: at {office.name} as {ADA}" in ran.out
    assert office.town.run("sync").status == 0
    [listed] = office.town.run("account", "list", "--json").json
    assert listed["login"]["kind"] == "oauth"
    assert listed["login"]["who"] == ADA
    assert listed["login"]["token_expires"] is not None
    doctor = office.town.run("doctor")
    assert f"login: at {office.name} as {ADA}; the present token ends" in doctor.out
    shown = f"{ran} {listed} {doctor} {office.town.run('account', 'list')}"
    assert not [one for one in office.authority.given if one in shown]


def test_json_stays_a_document_while_a_person_reads(office: Office) -> None:
    """The code goes to standard error; standard output is JSON, with what the server offers and no secret."""
    ran = office.add("--json")
    assert ran.json["offers"] == ["Bearer"]
    assert ran.json["login"]["authority"] == office.name
    assert "CODE1" in ran.err


def test_browser_of_this_machine(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    """`--browser` opens the page, and prints its address for those whose browser does not open by itself."""
    office.authority.person = ADA
    threads: list[threading.Thread] = []

    def launch(url: str) -> int:
        threads.append(threading.Thread(target=lambda: urllib.request.urlopen(url).read()))
        threads[0].start()
        return 0

    monkeypatch.setattr(click, "launch", launch)
    ran = office.add("--browser")
    threads[0].join(10)
    assert ran.status == 0, ran.err
    assert f"{office.name}/authorize?" in ran.err


def test_authority_may_be_named_in_whole_or_door_by_door(office: Office) -> None:
    """An authority that the server does not name, with a discovery document or without one."""
    town = office.town
    town.do(lambda: town.server.people.accept_tokens(office.authority.whose))
    ran = office.add()
    assert ran.status == 1
    assert "--oauth-authority URL" in ran.err
    assert office.add("--oauth-authority", office.name).status == 0
    town.run("account", "remove", ADA, "--yes")
    doors = ("--oauth-token-url", f"{office.name}/token", "--oauth-device-url", f"{office.name}/devicecode")
    assert office.add(*doors, "--oauth-scope", "mail").status == 0
    assert office.authority.forms[-1]["client_id"] == CLIENT
    assert {form.get("scope") for form in office.authority.forms if "device_code" not in form} >= {"mail"}


def test_AU4_missing_consent_comes_with_the_link(office: Office) -> None:
    """AU4: what the administrator has to open stands in the error, the authority's words beside it; nothing is kept."""
    said = "AADSTS65001: The user or administrator has not consented to use the application."
    office.authority.refusals = [(400, {"error": "invalid_grant", "error_description": said})]
    ran = office.add()
    assert ran.status == 1
    assert f"/firm/adminconsent?client_id={CLIENT}" in ran.err
    assert said in ran.err
    assert office.town.run("account", "list", "--json").json == []


def test_expired_login_stops_the_account_and_is_renewed_by_a_person(office: Office) -> None:
    """When the authority ends the login, `sync` says which command helps; it needs no option, and mail comes again."""
    town = office.town
    office.add()
    town.do(office.authority.end_all)
    ran = town.run("sync")
    assert ran.status == 1
    assert f"carrierpost account login {ADA}" in ran.err + ran.out
    [stopped] = town.run("account", "list", "--json").json
    assert stopped["state"] == "stopped"
    again = town.run("account", "login", ADA)
    assert again.status == 0, again.err
    assert "CODE2" in again.err
    [healed] = town.run("account", "list", "--json").json
    assert (healed["state"], healed["reason"]) == ("active", "")
    assert town.run("sync").status == 0


def test_refused_new_login_leaves_the_old_one(office: Office) -> None:
    """A person who declines, or presses Ctrl-C, keeps what was there."""
    office.add()
    office.authority.refusals = [(400, {"error": "authorization_declined"})]
    assert "was declined" in office.town.run("account", "login", ADA).err
    assert office.town.run("sync").status == 0


def test_account_with_a_password_moves_to_tokens(town: Town, office: Office) -> None:
    """When a server no longer takes passwords, the same account goes on with another login, and nothing is lost."""
    challenges = town.server.people.challenges
    town.do(lambda: setattr(town.server.people, "challenges", ('Basic realm="x"',)))
    town.furnish()
    town.add()
    town.run("sync")
    held = town.run("mail", "list", "--json").out
    town.do(lambda: setattr(town.server.people, "challenges", challenges))
    assert (
        "takes Bearer, no passwords"
        in town.run("account", "login", ADA, "--password-file", "-", typed=f"{PASSWORD}\n").err
    )
    assert town.run("account", "login", ADA, *OAUTH).status == 0
    assert town.run("sync").status == 0
    assert town.run("mail", "list", "--json").out == held


def test_trace_holds_no_token(office: Office, tmp_path: Path) -> None:
    """`--trace` shows that there was a login, and nothing of it."""
    trace = tmp_path / "trace"
    office.add("--trace", str(trace))
    office.town.do(office.authority.withdraw)
    assert office.town.run("sync", "--trace", str(trace)).status == 0
    files = [path.read_text(encoding="utf-8") for path in trace.iterdir()]
    assert len(files) > 10
    assert not [one for one in office.authority.given for text in files if one in text]
    for file in office.town.home.rglob("*"):
        content = file.read_bytes() if file.is_file() else b""
        assert not [one for one in office.authority.given if one.encode() in content]


# -- passwords


def test_changed_password_is_told_to_the_account(town: Town) -> None:
    """After a change the account stops with a reason; `account login` takes the new password and wakes it."""
    town.add()
    town.do(lambda: town.server.people.add(ADA, "the new one"))
    for _ in range(2):
        town.run("sync")
    assert town.run("account", "list", "--json").json[0]["state"] == "stopped"
    wrong = town.run("account", "login", ADA, "--password-file", "-", typed="wrong\n")
    assert wrong.status == 1
    assert town.run("account", "list", "--json").json[0]["state"] == "stopped"
    ran = town.run("account", "login", ADA, "--password-file", "-", typed="the new one\n")
    assert (ran.status, "password by Basic" in ran.out) == (0, True)
    assert town.run("account", "list", "--json").json[0]["state"] == "active"
    assert town.run("sync").status == 0


def test_day_on_which_a_password_ends_is_shown(town: Town) -> None:
    """What the server says about the password's age stands with the login, for programs too."""
    town.add()
    town.do(lambda: town.server.faults.add(http(200, {"X-MS-Credentials-Expire": "5"}), command="Ping", times=1))
    assert town.run("account", "list", "--json").json[0]["login"] == {
        "kind": "basic", "who": None, "authority": None, "expires": None, "token_expires": None,
    }  # fmt: skip
    town.run("watch", "--seconds", "5")
    shown = town.run("account", "list", "--json").json[0]["login"]["expires"]
    assert dt.date.fromisoformat(shown) > dt.datetime.now(dt.UTC).date()


def test_what_the_server_offers_is_said(town: Town) -> None:
    """`add` tells which logins there are and which is used; one that is not offered is refused before it is tried."""
    assert "The server offers logins by Basic. Login: password by Basic" in town.add().out
    ran = town.run("account", "login", ADA, "--auth", "ntlm", "--password-file", "-", typed=f"{PASSWORD}\n")
    assert ran.status == 1
    assert "it takes Basic; leave --auth out" in ran.err


# -- certificates


def test_certificate_is_a_login(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, town: Town) -> None:
    """With a certificate nothing is typed; the list says whose it is and until when; the file may go afterwards."""
    (tmp_path / "servers").mkdir()
    (tmp_path / "clients").mkdir()
    servers, clients = Certificates(tmp_path / "servers"), Certificates(tmp_path / "clients")
    file, mine = servers.server_file("localhost"), clients.client(ADA, password="Größe", bundle=True)
    stack = contextlib.AsyncExitStack()

    async def up() -> str:
        return (await stack.enter_async_context(serving(town.server, "localhost", 0, file, None, clients.ca_file))).url

    url = asyncio.run_coroutine_threadsafe(up(), town.loop).result(10)
    try:
        words = ("account", "add", ADA, "--server", url, "--ca", str(servers.ca_file))
        ran = town.run(*words, "--password-file", "-", typed="unused\n")
        assert ran.status == 1
        assert "it wants a client certificate; give it with --certificate FILE" in ran.err
        ran = town.run(*words, "--certificate", str(mine), "--password-file", "-", typed="Größe\n")
        assert ran.status == 0, ran.err
        assert f"Login: certificate of {ADA}, until " in ran.out
        mine.unlink()
        assert town.run("sync").status == 0
        doctor = town.run("doctor")
        assert f"login: certificate of {ADA}" in doctor.out
        assert f"renew it with: carrierpost account login {ADA}" in doctor.out  # it ends within two weeks
        assert "--certificate FILE" in town.run("account", "login", ADA).err
    finally:
        asyncio.run_coroutine_threadsafe(stack.aclose(), town.loop).result(10)


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (("--key", "FILE"), "--key needs --certificate"),
        (("--certificate", "FILE", "--auth", "ntlm"), "a login of its own"),
        (("--browser",), "needs --oauth-client-id"),
        (("--oauth-client-id", "x", "--auth", "basic"), "--auth is about passwords"),
        (("--oauth-client-id", "x", "--oauth-device-url", "https://sso.example/d"), "--oauth-token-url as well"),
        (("--certificate", "FILE"), "PEM or PKCS#12 form"),
    ],
)
def test_options_that_do_not_fit_are_named(town: Town, tmp_path: Path, options: tuple[str, ...], said: str) -> None:
    """Each mistake has its sentence before anything is asked or sent."""
    (tmp_path / "file").write_text("-----BEGIN nothing")
    words = [str(tmp_path / "file") if one == "FILE" else one for one in options]
    ran = town.run("account", "add", ADA, "--server", town.url, *words)
    assert ran.status in (1, 2)
    assert said in ran.err
    assert "Traceback" not in ran.err
