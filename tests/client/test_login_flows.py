"""
How a person logs in at an authority: by device code and in the browser, and each way to be refused.
"""

from __future__ import annotations

import asyncio
import itertools
from typing import Any
from urllib.parse import parse_qs, urlsplit

import aiohttp
import pytest
from aiohttp import web

from carrierpost.client.aiohttp_transport import HTTPTransport
from carrierpost.client.errors import AuthorityRefused, TimedOut, Unreachable
from carrierpost.client.login.authority import (
    Application,
    AuthorityClient,
    default_scope,
    find_authority,
    named_by,
)
from carrierpost.client.login.flows import DeviceCode, browser_flow, device_flow
from carrierpost.client.login.kept import Authority as Doors
from carrierpost.client.login.kept import TokenLogin, decode, encode
from tests.client.network import Authority as Certificates
from tests.client.network import LoopbackNames, serve_pages
from tests.client.tokens import office
from tests.support.authority import CLIENT, Authority

ADA = "ada@larch.example"
APPLICATION = Application(client_id=CLIENT, scope="mail")


# -- device code


async def test_device_code_is_shown_and_waited_for() -> None:
    """The person sees code and address; the authority is asked in its interval until the person has agreed."""
    async with office() as at:
        shown: list[DeviceCode] = []
        client = await at.client()
        login = asyncio.ensure_future(device_flow(client, shown.append))
        while len(at.authority.asked) < 3:
            await asyncio.sleep(0)
        assert not login.done()
        at.authority.approve(shown[0].user_code, ADA)
        kept = await login
        assert (shown[0].url, shown[0].seconds) == (f"{at.name}/device", 900)
        [device] = at.authority.devices.values()
        assert {(b - a).total_seconds() for a, b in itertools.pairwise(device.asked)} == {5.0}
        assert (kept.user, kept.client_id) == (ADA, CLIENT)
        assert at.authority.whose(kept.access_token.reveal()) == ADA
        assert kept.expires is not None
        assert (kept.expires - kept.obtained).total_seconds() == 3600


async def test_authority_that_asks_for_patience_gets_it() -> None:
    """`slow_down` makes each later pause five seconds longer ([RFC 8628] 3.5)."""
    async with office() as at:
        at.authority.refusals = [(400, {"error": "slow_down"}), (400, {"error": "slow_down"})]
        begun = at.clock.seconds
        await at.log_in(ADA)
        assert at.clock.seconds - begun == 5 + 10 + 15


async def test_network_that_fails_for_a_while_does_not_end_the_wait() -> None:
    """An authority that answers with its own trouble is asked less often, and in the end gives the tokens."""
    async with office() as at:
        at.authority.refusals = [(503, {}), (502, {"error": "temporarily_unavailable"}), (429, {})]
        begun = at.clock.seconds
        assert (await at.log_in(ADA)).user == ADA
        assert at.clock.seconds - begun == 5 + 10 + 20 + 40


async def test_code_that_nobody_types_expires() -> None:
    """When the code's time is over nobody is asked any more, and the person begins again."""
    async with office() as at:
        at.authority.device_seconds = 60
        with pytest.raises(AuthorityRefused, match="not used in time; begin again"):
            await device_flow(await at.client(), lambda _: None)
        assert at.clock.seconds <= 60
        assert len(at.authority.asked) == 11


@pytest.mark.parametrize(
    ("refusal", "says"),
    [
        ({"error": "expired_token"}, "not used in time"),
        ({"error": "authorization_declined", "error_description": "AADSTS65004: declined"}, "did not agree"),
        ({"error": "access_denied"}, "declined"),
    ],
)
async def test_refused_device_code_is_told_and_not_asked_for_again(refusal: dict[str, Any], says: str) -> None:
    """An end is an end: the authority is not asked again, and the sentence says what happened."""
    async with office() as at:
        at.authority.refusals = [(400, refusal)]
        with pytest.raises(AuthorityRefused, match=says):
            await device_flow(await at.client(), lambda _: None)
        assert len(at.authority.asked) == 1


async def test_cancelled_wait_leaves_nothing_behind() -> None:
    """Ctrl-C while the code is waited for ends everything: no task, no further question."""
    async with office() as at:
        client = await at.client()
        before = asyncio.all_tasks()
        login = asyncio.ensure_future(device_flow(client, lambda _: None))
        while not at.authority.asked:
            await asyncio.sleep(0)
        login.cancel()
        with pytest.raises(asyncio.CancelledError):
            await login
        asked = len(at.authority.asked)
        assert asyncio.all_tasks() == before
        assert len(at.authority.asked) == asked


async def test_authority_without_device_codes_names_the_other_way() -> None:
    """What an authority does not have is said with what it may have."""
    async with office() as at:
        at.authority.without = {"device_authorization"}
        with pytest.raises(Unreachable, match="log in with --browser"):
            await device_flow(await at.client(), lambda _: None)
        at.authority.without = {"authorization"}
        with pytest.raises(Unreachable, match="leave --browser out"):
            await browser_flow(await at.client(), lambda _: None)


# -- browser


class Browser:
    """Follows where it is sent, as a browser does; `change` may tamper with what comes back."""

    def __init__(self, change: dict[str, str] | None = None) -> None:
        self.change = change or {}
        self.page = ""
        self.tasks: list[asyncio.Task[None]] = []
        self.opened = ""

    def __call__(self, url: str) -> None:
        self.opened = url
        self.tasks.append(asyncio.ensure_future(self._go(url)))

    async def _go(self, url: str) -> None:
        async with aiohttp.ClientSession() as session:
            async with session.get(url, allow_redirects=False) as answer:
                back = answer.headers["Location"]
            if self.change:
                parts = urlsplit(back)
                query = {key: one[0] for key, one in parse_qs(parts.query).items()} | self.change
                async with session.get(parts._replace(query="").geturl(), params=query) as answer:
                    assert answer.status == 400
                    self.page = await answer.text()
            async with session.get(back) as answer:
                self.page = await answer.text()


async def test_browser_brings_a_code_that_only_this_process_can_use() -> None:
    """The code comes back to a port of this machine; the authority checks the verifier; the page says what to do."""
    async with office() as at:
        at.authority.person, at.clock.stands = ADA, True
        browser = Browser()
        client = await at.client()
        before = asyncio.all_tasks()
        kept = await browser_flow(client, browser, hint=ADA)
        await asyncio.gather(*browser.tasks)
        assert kept.user == ADA
        assert "close this page" in browser.page
        query = parse_qs(urlsplit(browser.opened).query)
        assert query["code_challenge_method"] == ["S256"]
        assert query["login_hint"] == [ADA]
        assert at.authority.forms[-1]["code_verifier"] not in browser.opened
        with pytest.raises(aiohttp.ClientError):  # the port is closed again
            async with aiohttp.ClientSession() as session, session.get(query["redirect_uri"][0]):
                pass
        ours = [task for task in asyncio.all_tasks() - before if "RequestHandler" not in repr(task)]
        assert ours == []  # the authority's own connections, of the browser, end when they like


async def test_somebody_else_s_answer_is_not_taken() -> None:
    """An answer with another state was not asked for: it is refused, and the right one still counts."""
    async with office() as at:
        at.authority.person, at.clock.stands = ADA, True
        browser = Browser({"state": "guessed", "code": "stolen"})
        assert (await browser_flow(await at.client(), browser)).user == ADA
        await asyncio.gather(*browser.tasks)
        assert [form["code"] for form in at.authority.forms] != ["stolen"]


async def test_person_who_declines_in_the_browser_is_told_so() -> None:
    """The page's error comes to the terminal, with the authority's own words."""
    async with office() as at:
        browser, at.clock.stands = Browser(), True
        with pytest.raises(AuthorityRefused, match=r"did not agree.*AADSTS65004"):
            await browser_flow(await at.client(), browser)
        await asyncio.gather(*browser.tasks)
        assert "The login was refused" in browser.page


async def test_browser_that_never_comes_back_is_given_up() -> None:
    """After its time the wait ends, and the port is closed."""
    async with office() as at:
        client = await at.client()
        before = asyncio.all_tasks()
        with pytest.raises(TimedOut, match="nobody logged in within 10 minutes"):
            await browser_flow(client, lambda _: None)
        assert asyncio.all_tasks() == before


# -- refusals


@pytest.mark.parametrize(
    ("error", "text", "says"),
    [
        ("invalid_grant", "AADSTS65001: The user or administrator has not consented", "{base}/firm/adminconsent"),
        ("invalid_grant", "AADSTS90094: The grant requires admin permission.", "{base}/firm/adminconsent"),
        ("unauthorized_client", "AADSTS700016: Application was not found", "--oauth-client-id"),
        ("invalid_client", "AADSTS7000112: Application is disabled.", "has disabled this application"),
        ("interaction_required", "AADSTS53003: Access has been blocked", "conditional access"),
        ("interaction_required", "AADSTS53000: Device is not in required state", "only devices in that it manages"),
        ("invalid_grant", "AADSTS50105: not assigned to a role", "not assigned this application to you"),
        ("invalid_client", "AADSTS7000218: must contain client_assertion", "allows public client flows"),
        ("invalid_resource", "AADSTS500011: The resource principal was not found", "hybrid modern authentication"),
        ("invalid_grant", "AADSTS50057: The user account is disabled.", "the account is disabled"),
        ("invalid_request", "AADSTS123456: Something new", "ask your administrator"),
        ("invalid_scope", "", "--oauth-scope"),
    ],
)
async def test_AU4_refusal_says_what_to_do_in_the_authority_s_words_too(error: str, text: str, says: str) -> None:
    """AU4: missing consent, a disabled application, a blocked organization: what to do, the link, the exact text."""
    async with office() as at:
        at.authority.refusals = [(400, {"error": error, "error_description": f"{text}\r\nTrace ID: 1"})]
        with pytest.raises(AuthorityRefused) as caught:
            await at.log_in(ADA)
        said = str(caught.value)
        assert says.format(base=at.name.removesuffix("/firm")) in said
        assert (text or error) in said
        if "adminconsent" in says:
            assert f"client_id={CLIENT}" in said
        assert "Trace ID" not in said


async def test_secret_of_a_confidential_application_goes_with_every_question() -> None:
    """An application with a secret sends it; a wrong one is explained."""
    async with office() as at:
        at.authority.secret = "shh, quiet"
        client = await at.client(secret="shh, quiet")
        kept = await device_flow(client, lambda code: at.authority.approve(code.user_code, ADA))
        assert kept.client_secret.reveal() == "shh, quiet"
        with pytest.raises(AuthorityRefused, match="--oauth-secret-file"):
            await device_flow(await at.client(), lambda _: None)


@pytest.mark.parametrize(
    "body",
    [b"", b"<html>", b"[]", b"{}", b'{"access_token": ""}', b'{"access_token": "a\\nb"}', b'{"access_token": 5}',
     b'{"access_token": "x", "token_type": "mac"}', b"[" * 100_000],
)  # fmt: skip
async def test_answer_that_is_none_is_told(body: bytes) -> None:
    """Whatever an authority answers, the end is a sentence."""

    async def page(request: web.Request) -> web.StreamResponse:
        return web.Response(body=body, content_type="application/json")

    async with office() as at, serve_pages(page) as port:
        name = f"http://127.0.0.1:{port}/"
        client = AuthorityClient(Doors(name=name, token_url=name), APPLICATION, at.transport.send, at.clock)
        with pytest.raises(Unreachable, match=r"127\.0\.0\.1"):
            await client.tokens({"grant_type": "refresh_token"})
        with pytest.raises(Unreachable, match="no OpenID configuration"):
            await find_authority(name, at.transport.send)


# -- where the authority is


async def test_doors_of_any_authority_are_found_by_its_discovery_document() -> None:
    """An authority's address leads to its doors; one without document, or with unsafe doors, is refused by name."""
    async with office() as at:
        found = await find_authority(at.name, at.transport.send)
        assert found == await find_authority(f"{at.name}/.well-known/openid-configuration", at.transport.send)
        assert (found.name, found.device_url) == (at.name, f"{at.name}/devicecode")
        at.authority.without = {"token"}
        with pytest.raises(Unreachable, match="no OpenID configuration"):
            await find_authority(at.name, at.transport.send)
        with pytest.raises(Unreachable, match="https"):
            await find_authority("http://sso.larch.example", at.transport.send)


async def test_door_that_is_not_safe_is_not_used() -> None:
    """A document that names a door by plain http is refused: a refresh token would travel readable."""

    async def page(request: web.Request) -> web.StreamResponse:
        return web.json_response({"token_endpoint": "http://sso.larch.example/token"})

    async with office() as at, serve_pages(page) as port:
        with pytest.raises(Unreachable, match="not https"):
            await find_authority(f"http://127.0.0.1:{port}", at.transport.send)


async def test_Microsoft_is_asked_for_its_second_generation(authority: Certificates) -> None:
    """Under Microsoft's hosts the document of version 2.0 is meant, whichever address was given."""
    office = Authority()
    tls = authority.server("login.microsoftonline.com", "login.windows.net")
    async with serve_pages(office.answer, tls) as port:
        names = LoopbackNames({f"{host}:443": port for host in ("login.microsoftonline.com", "login.windows.net")})
        transport = HTTPTransport(None, ca_file=authority.ca_file, names=names)
        await find_authority("login.windows.net/common", transport.send)
        await find_authority("https://login.microsoftonline.com/firm/v2.0", transport.send)
        await transport.close()
    assert [urlsplit(url).path for url in office.urls] == [
        "/common/v2.0/.well-known/openid-configuration", "/firm/v2.0/.well-known/openid-configuration",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("said", "endpoint", "found"),
    [
        ("https://login.windows.net/common/oauth2/authorize", "mail.larch.example", "https://login.windows.net/common"),
        ("https://sso.larch.example/adfs/oauth2/authorize", "mail.larch.example", "https://sso.larch.example/adfs"),
        ("https://mail.elm.example/oauth2/authorize", "mail.elm.example", "https://mail.elm.example"),
        ("https://login.microsoftonline.com.evil.example/common", "mail.larch.example", None),
        ("https://evil.example/oauth2/authorize", "mail.larch.example", None),
        ("http://sso.larch.example/oauth2/authorize", "mail.larch.example", None),
        ("", "mail.larch.example", None),
        ("", "outlook.office365.com", "https://login.microsoftonline.com/organizations"),
    ],
)
def test_server_is_believed_about_the_authority_only_where_it_may_be(
    said: str, endpoint: str, found: str | None
) -> None:
    """A refusal may name Microsoft, the server's own host or one of the mail domain; a stranger's is not opened."""
    header = f'Basic realm="x", Bearer client_id="0002", authorization_uri="{said}"' if said else "Bearer"
    assert named_by(header, f"https://{endpoint}/x", ADA) == found


def test_scope_is_that_of_the_server() -> None:
    """Exchange Online has one scope whatever its host; a server of one's own is its own resource."""
    assert default_scope("https://outlook.office.com/x").startswith("https://outlook.office365.com/EAS.AccessAsUser")
    assert default_scope("https://mail.larch.example/x").startswith("https://mail.larch.example/EAS.AccessAsUser.All ")


async def test_what_is_kept_comes_back_and_does_not_print() -> None:
    """A login is written for the store and read again the same; printed, it shows none of its secrets."""
    async with office() as at:
        kept = await at.log_in(ADA)
        again = decode(encode(kept))
        assert again == kept
        assert isinstance(again, TokenLogin)
        for secret in (kept.access_token, kept.refresh_token):
            assert secret.reveal() not in f"{again!r} {encode(again)!r}"


async def test_no_secret_is_in_an_address() -> None:
    """Tokens, device codes and verifiers travel in bodies; addresses end up in the logs of others."""
    async with office() as at:
        await at.log_in(ADA)
        at.authority.person, at.clock.stands = ADA, True
        browser = Browser()
        await browser_flow(await at.client(), browser)
        await asyncio.gather(*browser.tasks)
        secrets = [*at.authority.given, *at.authority.devices, at.authority.forms[-1]["code_verifier"]]
        assert not [url for url in at.authority.urls for secret in secrets if secret in url]
