"""
Autodiscover over real sockets and TLS: in which order hosts are asked, and who never sees the password.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web

from carrierpost.client.aiohttp_transport import HTTPTransport
from carrierpost.client.discovery import Discovered, Fetch, discover
from carrierpost.client.errors import BadCAFile, DiscoveryFailed, LoginRefused, TimedOut
from carrierpost.client.login import BasicLogin
from carrierpost.client.login.windows import WindowsLogin
from carrierpost.client.names import Service
from carrierpost.protocol.autodiscover import write_answer
from carrierpost.protocol.errors import HTTPStatusError
from carrierpost.protocol.http import PATH
from carrierpost.protocol.message import HTTPRequest, HTTPResponse
from carrierpost.protocol.secret import Secret
from tests.client.internet import Internet, Records, answers, internet, wants_login, xml_error
from tests.client.network import Authority, serve_app
from tests.client.talk import make_server
from tests.client.windows import Doorkeeper, known_people
from tests.support.virtual import virtual

ADA = "ada@larch.example"
PASSWORD = Secret("correct horse ßattery")
URL = f"https://eas.larch.example{PATH}"
XML = "/autodiscover/autodiscover.xml"


async def header(login: str) -> str:
    """Give the login header of a login name."""
    return await BasicLogin(login, PASSWORD).authorization()


async def find(net: Internet, address: str = ADA, login: str | None = None, **options: Any) -> Discovered:
    """Search as an account is added."""
    options.setdefault("resolver", Records())
    return await discover(address, login, options.pop("password", PASSWORD), fetch=net.fetch, **options)


async def nothing(request: web.Request) -> web.StreamResponse:
    """Answer as a web site that knows nothing of mail."""
    return web.Response(status=404, text="<html>not found</html>")


# -- the means, one by one


async def test_server_of_ours_is_found_and_logged_in_to(authority: Authority) -> None:
    """The in-process server on a real port: XML with login, found at autodiscover.DOMAIN."""
    server = make_server()
    tls = authority.server("autodiscover.larch.example")
    async with internet(authority, {"larch.example": nothing}) as net, serve_app(server, tls) as port:
        net.names.place("autodiscover.larch.example:443", port)
        found = await find(net)
    assert found.url == f"https://autodiscover.larch.example{PATH}"
    assert found.login == ADA
    assert found.how == "found by Autodiscover at autodiscover.larch.example"


async def test_xml_is_asked_by_post_with_the_address_and_login_only_when_wanted(authority: Authority) -> None:
    """A host that answers everybody gets no password; one that asks for a login gets it with the second request."""
    for host, logins in ((answers(URL), []), (wants_login(answers(URL), await header(ADA)), [await header(ADA)])):
        async with internet(authority, {"autodiscover.larch.example": host}) as net:
            found = await find(net)
            assert found.url == URL
            assert [login for _, login in net.logins()] == logins
            assert net.asked[0].method == "POST"
            assert f"<EMailAddress>{ADA}</EMailAddress>".encode() in net.asked[0].body


async def test_json_is_asked_without_login(authority: Authority) -> None:
    """Where only the JSON form is known it is found, and it never gets a password."""

    async def host(request: web.Request) -> web.StreamResponse:
        if ".json" not in request.path:
            return web.Response(status=404)
        return await answers(URL)(request)

    async with internet(authority, {"autodiscover.larch.example": host}) as net:
        found = await find(net)
        assert found.url == URL
        assert found.how == "found by Autodiscover v2 at autodiscover.larch.example"
        assert net.logins() == []


async def test_AU2_server_at_the_usual_path_is_found_at_last(authority: Authority) -> None:
    """AU2: without any Autodiscover, the usual path is asked at the domain, mail.DOMAIN and autodiscover.DOMAIN."""
    server = make_server()
    tls = authority.server("mail.larch.example")

    async def eas_only(scope: Any, receive: Any, send: Any) -> None:
        if scope["path"].startswith("/autodiscover"):
            await send({"type": "http.response.start", "status": 404, "headers": []})
            await send({"type": "http.response.body", "body": b""})
            return
        await server(scope, receive, send)

    async with internet(authority, {"larch.example": nothing}) as net, serve_app(eas_only, tls) as port:
        net.names.place("mail.larch.example:443", port)
        found = await find(net)
    assert found.url == f"https://mail.larch.example{PATH}"
    assert found.how == f"found at the usual address https://mail.larch.example{PATH}"


async def test_answer_601_as_SOGo_gives_it_leads_on_to_the_usual_path(authority: Authority) -> None:
    """A server whose Autodiscover does not know ActiveSync is found by its path, and the account of it is kept."""

    async def sogo(request: web.Request) -> web.StreamResponse:
        if request.path == PATH:
            if request.headers.get("Authorization") != await header(ADA):
                return web.Response(status=401, headers={"WWW-Authenticate": 'basic realm="SOGo"'})
            return web.Response(
                headers={"MS-ASProtocolVersions": "2.5,12.0,12.1,14.0,14.1", "MS-Server-ActiveSync": "14.1"}
            )
        return await xml_error(601)(request)

    async with internet(authority, {"larch.example": sogo}) as net:
        found = await find(net)
    assert found.url == f"https://larch.example{PATH}"
    [attempt] = [one for one in found.tried if one.url == f"https://larch.example{XML}"]
    assert attempt.outcome == "the server answers Message Unsupported"


async def test_SRV_record_inside_the_domain_is_followed(authority: Authority) -> None:
    """A host of the domain that DNS names gets the password when it asks for it."""
    host = wants_login(answers(URL), await header(ADA))
    async with internet(authority, {"groupware.larch.example": host}) as net:
        found = await find(net, resolver=Records(srv=(Service("groupware.larch.example", 443),)))
        assert found.url == URL
        assert net.logins() == [("groupware.larch.example", await header(ADA))]


async def test_office_365_is_asked_only_for_domains_whose_mail_goes_there(authority: Authority) -> None:
    """Exchange Online answers for every address; it is believed when it takes the domain's mail."""
    hosts = {"outlook.office365.com": answers("https://outlook.office365.com/Microsoft-Server-ActiveSync")}
    async with internet(authority, hosts) as net:
        with pytest.raises(DiscoveryFailed, match=r"mail goes to mx\.larch\.example"):
            await find(net, resolver=Records(mx=("mx.larch.example",)))
        assert net.asked == []
        found = await find(net, resolver=Records(mx=("larch-example.mail.protection.outlook.com",)))
    assert found.url == "https://outlook.office365.com/Microsoft-Server-ActiveSync"


# -- order


async def test_kinds_are_asked_in_their_order(authority: Authority) -> None:
    """XML first, then the redirect by plain http, then JSON, then the usual path; the last is never reached in vain."""
    hosts = dict.fromkeys(("larch.example", "autodiscover.larch.example", "mail.larch.example"), nothing)
    async with internet(authority, hosts, {"autodiscover.larch.example": nothing}) as net:
        with pytest.raises(DiscoveryFailed):
            await find(net)
        paths = net.paths()
    kinds = ["xml" if path.endswith(XML) else "json" if ".json" in path else "usual" for path in paths]
    assert sorted(paths[:2]) == [
        f"POST https://{host}{XML}" for host in ("autodiscover.larch.example", "larch.example")
    ]
    assert paths[2] == f"GET http://autodiscover.larch.example{XML}"
    assert kinds[3:] == ["json", "json", "usual", "usual", "usual"]


async def test_first_of_a_kind_that_knows_wins(authority: Authority) -> None:
    """A domain's web site that never answers does not hold up the host that does."""
    release = asyncio.Event()

    async def silent(request: web.Request) -> web.StreamResponse:
        await release.wait()
        return web.Response()

    async with internet(authority, {"larch.example": silent, "autodiscover.larch.example": answers(URL)}) as net:
        found = await asyncio.wait_for(find(net), 8)
        release.set()
    assert found.url == URL
    assert "not waited for" in {one.outcome for one in found.tried}


@virtual
async def test_domain_whose_hosts_never_answer_ends_in_a_minute() -> None:
    """When nobody ever answers, the search ends by itself, and names each attempt."""

    async def fetch(request: HTTPRequest) -> HTTPResponse:
        await asyncio.sleep(15)  # what connecting and waiting may take together
        raise TimedOut("h", "no answer")

    with pytest.raises(DiscoveryFailed) as caught:
        await discover(ADA, None, PASSWORD, fetch=fetch, resolver=Records(broken=True))
    assert asyncio.get_running_loop().time() <= 60
    text = str(caught.value)
    assert "name it with --server URL" in text
    assert text.count("no answer") == 8
    assert text.count("DNS does not answer") == 2


@virtual
async def test_search_that_is_given_up_leaves_nothing_running() -> None:
    """Cancelling a search ends all that was asked at the same time."""

    async def fetch(request: HTTPRequest) -> HTTPResponse:
        await asyncio.sleep(1000)
        raise AssertionError

    before = asyncio.all_tasks()
    search = asyncio.ensure_future(discover(ADA, None, PASSWORD, fetch=fetch, resolver=Records()))
    await asyncio.sleep(1)
    assert len(asyncio.all_tasks() - before) > 1
    search.cancel()
    await asyncio.gather(search, return_exceptions=True)
    assert asyncio.all_tasks() == before


# -- redirects


async def test_redirect_to_another_address_is_followed(authority: Authority) -> None:
    """A server that names another address of the person is believed; the search begins again in its domain."""

    async def renamed(request: web.Request) -> web.StreamResponse:
        schema = "http://schemas.microsoft.com/exchange/autodiscover/mobilesync/responseschema/2006"
        return web.Response(text=f'<A xmlns="{schema}"><Action><Redirect>ada@elm.example</Redirect></Action></A>')

    async with internet(authority, {"larch.example": renamed, "elm.example": answers(URL)}) as net:
        found = await find(net)
        assert found.url == URL
        assert found.login == "ada@elm.example"
        assert b"ada@elm.example" in net.asked[-1].body
    assert any(one.outcome == "names the address ada@elm.example" for one in found.tried)


async def test_addresses_in_a_circle_end(authority: Authority) -> None:
    """Two domains that name each other's address are given up."""

    def renamed(address: str) -> Any:
        async def host(request: web.Request) -> web.StreamResponse:
            return web.Response(text=f"<A><Redirect>{address}</Redirect></A>")

        return host

    hosts = {"larch.example": renamed("ada@elm.example"), "elm.example": renamed(ADA)}
    async with internet(authority, hosts) as net:
        with pytest.raises(DiscoveryFailed, match="from one address to the next"):
            await find(net)
        assert len(net.asked) <= 12


@pytest.mark.parametrize("status", [301, 302, 307, 308])
async def test_redirect_by_https_keeps_the_question(authority: Authority, status: int) -> None:
    """A redirect over https is followed with method and body; the password goes to who asks for it there."""
    target = "https://hosted.example/autodiscover/autodiscover.xml"
    hosts = {
        "larch.example": answers(status=status, redirect=target),
        "hosted.example": wants_login(answers(URL), await header(ADA)),
    }
    async with internet(authority, hosts) as net:
        found = await find(net)
        assert found.url == URL
        assert net.logins() == [("hosted.example", await header(ADA))]
        assert {one.body for one in net.asked if one.host == "hosted.example"} == {net.asked[0].body}


async def test_redirect_to_plain_http_gets_nothing(authority: Authority) -> None:
    """A redirect down to plain http is not followed at all."""
    hosts = {"larch.example": answers(status=302, redirect="http://evil.example/autodiscover/autodiscover.xml")}
    async with internet(authority, hosts, {"evil.example": answers(URL)}) as net:
        with pytest.raises(DiscoveryFailed, match="which is not https"):
            await find(net)
        assert not [one for one in net.asked if one.host == "evil.example"]


async def test_redirects_in_circles_end(authority: Authority) -> None:
    """A host that redirects to itself is given up after some hops."""
    hosts = {"larch.example": answers(status=302, redirect="https://larch.example/autodiscover/autodiscover.xml")}
    async with internet(authority, hosts) as net:
        with pytest.raises(DiscoveryFailed, match="in circles"):
            await find(net)


# -- who gets the password


@pytest.mark.parametrize("means", ["plain http", "SRV"])
async def test_stranger_that_only_plain_http_or_DNS_names_gets_no_password_unasked(
    authority: Authority, means: str
) -> None:
    """A host outside the domain, named without proof, is not even asked; the error says how to allow it."""
    hosts = {"evil.example": wants_login(answers(URL), await header(ADA))}
    plain = {"autodiscover.larch.example": answers(status=302, redirect=f"https://evil.example{XML}")}
    records = Records(srv=(Service("evil.example", 443),)) if means == "SRV" else Records()
    async with internet(authority, hosts, plain if means == "plain http" else {}) as net:
        with pytest.raises(DiscoveryFailed, match=r"evil\.example is not in your domain, and got no password"):
            await find(net, resolver=records)
        assert not [one for one in net.asked if one.host == "evil.example"]


@pytest.mark.parametrize("agreed", [True, False])
async def test_person_is_asked_about_a_stranger(authority: Authority, agreed: bool) -> None:
    """With somebody there to ask, the host gets the password if, and only if, the person says so."""
    asked: list[str] = []

    async def confirm(host: str) -> bool:
        asked.append(host)
        return agreed

    hosts = {"hosted.example": wants_login(answers(URL), await header(ADA))}
    async with internet(authority, hosts) as net:
        search = find(net, resolver=Records(srv=(Service("hosted.example", 443),)), confirm=confirm)
        if agreed:
            assert (await search).url == URL
        else:
            with pytest.raises(DiscoveryFailed):
                await search
            assert net.logins() == []
    assert asked == ["hosted.example"]


async def test_nothing_of_the_person_goes_over_plain_http(authority: Authority) -> None:
    """Plain http is asked one thing, without address and without login, and only at autodiscover.DOMAIN."""
    plain = {"autodiscover.larch.example": wants_login(answers(URL)), "larch.example": answers(URL)}
    async with internet(authority, {}, plain) as net:
        with pytest.raises(DiscoveryFailed):
            await find(net)
        [asked] = net.asked
    assert (asked.host, asked.method, asked.login, asked.body) == ("autodiscover.larch.example", "GET", "", b"")
    assert "ada" not in asked.path


async def test_name_that_only_looks_like_the_domain_is_a_stranger(authority: Authority) -> None:
    """notlarch.example is not inside larch.example."""
    async with internet(authority, {"notlarch.example": answers(URL)}) as net:
        with pytest.raises(DiscoveryFailed, match="not in your domain"):
            await find(net, resolver=Records(srv=(Service("notlarch.example", 443),)))


async def test_endpoint_by_plain_http_is_not_taken(authority: Authority) -> None:
    """A server that names an endpoint without encryption is not believed."""
    async with internet(
        authority, {"larch.example": answers("http://larch.example/Microsoft-Server-ActiveSync")}
    ) as net:
        with pytest.raises(DiscoveryFailed, match="which is not https"):
            await find(net)


async def test_AU8_certificate_that_is_not_trusted_gets_nothing_and_is_told(
    authority: Authority, tmp_path: Path
) -> None:
    """AU8: hosts whose authority nobody knows are not asked; the error tells of --ca."""
    strangers = Authority(tmp_path)
    async with internet(authority, {"larch.example": answers(URL)}) as net:
        tls = strangers.server("larch.example")
        async with serve_app(make_server(), tls) as port:
            net.names.place("larch.example:443", port)
            with pytest.raises(DiscoveryFailed, match="own authority's certificate with --ca FILE") as caught:
                await find(net)
    assert "its certificate is not to be trusted" in str(caught.value)


# -- logins


@pytest.mark.parametrize(
    ("typed", "accepted", "tried"),
    [
        (None, ADA, [ADA]),
        ("FIRM\\ada", "FIRM\\ada", ["FIRM\\ada"]),
        ("ada", ADA, ["ada", ADA]),
        (ADA, ADA, [ADA]),
    ],
)
async def test_AU7_what_was_typed_is_tried_first_then_the_address(
    authority: Authority, typed: str | None, accepted: str, tried: list[str]
) -> None:
    """AU7: the login that the person typed comes first, the address second, each once; the accepted one is kept."""
    host = wants_login(answers(URL), await header(accepted))
    async with internet(authority, {"autodiscover.larch.example": host}) as net:
        found = await find(net, login=typed)
        assert found.login == accepted
        assert [login for _, login in net.logins()] == [await header(one) for one in tried]


async def test_refused_password_ends_the_search(authority: Authority) -> None:
    """A server that refuses the password is the answer: nobody else is offered it, so no account is locked."""
    guarded = wants_login(answers(URL))
    hosts = {"autodiscover.larch.example": guarded, "mail.larch.example": guarded}
    async with internet(authority, hosts) as net:
        with pytest.raises(LoginRefused, match=r"does not accept the password for ada or ada@larch\.example") as caught:
            await find(net, login="ada")
        assert {host for host, _ in net.logins()} == {"autodiscover.larch.example"}
        assert len(net.logins()) == 2
    assert caught.value.tried


@virtual
async def test_refusal_by_the_autodiscover_host_is_believed_at_once() -> None:
    """What calls itself autodiscover means its refusal: nobody waits for a host that does not answer."""

    async def fetch(request: HTTPRequest) -> HTTPResponse:
        if "//autodiscover." not in request.url:
            await asyncio.sleep(1000)
        return HTTPResponse(status=401, headers={"www-authenticate": "Basic"}, url=request.url)

    with pytest.raises(LoginRefused, match=r"autodiscover\.larch\.example does not accept"):
        await discover(ADA, None, PASSWORD, fetch=fetch, resolver=Records())
    assert asyncio.get_running_loop().time() < 1


@virtual
async def test_web_site_that_asks_everybody_for_a_login_is_not_the_last_word() -> None:
    """A closed web site at the domain refuses too; the host that knows the server is waited for."""

    async def fetch(request: HTTPRequest) -> HTTPResponse:
        if "//autodiscover." not in request.url:
            return HTTPResponse(status=401, headers={"www-authenticate": "Basic"}, url=request.url)
        await asyncio.sleep(5)
        return HTTPResponse(status=200, body=write_answer(ADA, "Ada", URL), url=request.url)

    found = await discover(ADA, None, PASSWORD, fetch=fetch, resolver=Records())
    assert found.url == URL


@pytest.mark.parametrize("status", [456, 457])
async def test_blocked_account_ends_the_search(authority: Authority, status: int) -> None:
    """A blocked account or an expired password is told with the server's page, at once."""
    page = "https://portal.larch.example"
    refusing = answers(status=status, headers={"X-MS-Credential-Service-Url": page})
    host = wants_login(refusing, await header(ADA))
    async with internet(authority, {"autodiscover.larch.example": host}) as net:
        with pytest.raises(HTTPStatusError, match=page) as caught:
            await find(net)
        assert len(net.logins()) == 1
    assert caught.value.status == status


async def test_server_that_wants_another_kind_of_login_gets_no_password(authority: Authority) -> None:
    """Where a login by password is not offered, none is sent."""
    host = wants_login(answers(URL), scheme='Bearer, Digest realm="x"')
    async with internet(authority, {"autodiscover.larch.example": host}) as net:
        with pytest.raises(DiscoveryFailed, match="wants a login by Bearer or Digest, not by password"):
            await find(net)
        assert net.logins() == []


async def test_host_that_offers_more_than_Basic_does_not_see_the_password(
    authority: Authority, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Autodiscover proves the password by Negotiate where it can: whoever answers learns nothing that opens a door."""
    known_people(tmp_path, monkeypatch, ada=PASSWORD.reveal())
    keeper = Doorkeeper("Negotiate", "NTLM", "Basic")

    async def host(request: web.Request) -> web.StreamResponse:
        answer = await keeper.answer(request)
        return answer if answer.status == 401 else await answers(URL)(request)

    async with internet(authority, {"autodiscover.larch.example": host}) as net:

        @contextlib.asynccontextmanager
        async def secured(login: WindowsLogin) -> AsyncIterator[Fetch]:
            transport = HTTPTransport(login, ca_file=authority.ca_file, names=net.names)
            yield transport.send
            await transport.close()

        found = await find(net, login="FIRM\\ada", secured=secured)
        assert (found.url, found.login) == (URL, "FIRM\\ada")
        assert {login.partition(" ")[0] for _, login in net.logins()} == {"Negotiate"}


async def test_without_a_password_a_server_that_wants_tokens_is_found(authority: Authority) -> None:
    """Nobody is told who asks; a server that offers Bearer at the usual address is one."""
    host = wants_login(answers(status=404), scheme="Bearer")
    async with internet(authority, {"mail.larch.example": host, "larch.example": answers(status=404)}) as net:
        found = await find(net, password=None)
        assert found.url == "https://mail.larch.example/Microsoft-Server-ActiveSync"
        assert net.logins() == []
    basic = wants_login(answers(status=404))
    async with internet(authority, {"mail.larch.example": basic}) as net:
        with pytest.raises(DiscoveryFailed):
            await find(net, password=None)


# -- what was typed


@pytest.mark.parametrize("address", ["ada", "ada@", "ada@larch example", "ada@larch/../evil.example", "a@b@-?x"])
async def test_address_that_is_none_is_told(address: str) -> None:
    """What is no mail address is refused before anybody is asked."""

    async def fetch(request: HTTPRequest) -> HTTPResponse:
        raise AssertionError(request.url)

    with pytest.raises(DiscoveryFailed, match="no mail address"):
        await discover(address, None, PASSWORD, fetch=fetch, resolver=Records())


async def test_broken_DNS_is_told_beside_the_rest(authority: Authority) -> None:
    """When DNS does not answer for records, hosts are asked all the same."""
    async with internet(authority, {"mail.larch.example": nothing}) as net:
        with pytest.raises(DiscoveryFailed, match="DNS does not answer"):
            await find(net, resolver=Records(broken=True))
        assert net.paths() == [f"OPTIONS https://mail.larch.example{PATH}"]


async def test_CA_file_that_cannot_be_used_is_told_before_the_search(tmp_path: Path) -> None:
    """A missing CA file is not one more failed attempt."""
    with pytest.raises(BadCAFile, match=r"missing\.pem"):
        await discover(ADA, None, PASSWORD, ca_file=tmp_path / "missing.pem", resolver=Records())
