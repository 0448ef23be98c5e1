"""
Where a mailbox may be followed to: a table of redirects.
"""

from __future__ import annotations

import pytest

from carrierpost.client.moving import Move, anchored, is_lost, move_to
from carrierpost.protocol.errors import HTTPStatusError, StatusError
from carrierpost.protocol.message import HTTPRequest

HERE = "https://mail.larch.example/Microsoft-Server-ActiveSync"


@pytest.mark.parametrize(
    ("status", "location", "login", "how"),
    [
        (451, "https://anywhere.example/Microsoft-Server-ActiveSync", "ada", Move.FOR_GOOD),
        (451, "http://mail.larch.example/", "ada", Move.REFUSED),
        (301, "https://mail.larch.example/new", "ada", Move.FOR_GOOD),
        (308, "/new", "ada", Move.FOR_GOOD),
        (302, "/new", "ada", Move.FOR_NOW),
        (307, "https://eu.mail.larch.example/", "FIRM\\ada", Move.FOR_NOW),
        (302, "https://larch.example/", "ada", Move.FOR_NOW),
        (302, "https://eas.larch.example/", "ada@larch.example", Move.FOR_NOW),
        (302, "https://EAS.Larch.Example/", "ada@larch.example", Move.FOR_NOW),
        (302, "https://eas.larch.example/", "FIRM\\ada", Move.REFUSED),
        (302, "https://notlarch.example/", "ada@larch.example", Move.REFUSED),
        (302, "https://example/", "ada@larch.example", Move.REFUSED),
        (301, "https://larch.example.evil.example/", "ada@larch.example", Move.REFUSED),
        (302, "https://mail.larch.example@evil.example/", "ada@larch.example", Move.REFUSED),
        (302, "//evil.example/", "ada@larch.example", Move.REFUSED),
        (302, "javascript:alert(1)", "ada@larch.example", Move.REFUSED),
    ],
)
def test_where_a_redirect_may_lead(status: int, location: str, login: str, how: Move) -> None:
    """Each kind of redirect to each kind of place is followed for good, for now, or not at all."""
    target, found = move_to(HERE, status, location, login=login)
    assert found is how
    assert how is Move.REFUSED or target.startswith("https://")


def test_endpoint_on_this_machine_may_stay_plain() -> None:
    """Where one came by plain http on this very machine already, a redirect may stay there."""
    target, how = move_to("http://127.0.0.1:8080/a", 301, "http://127.0.0.1:8081/b?x=1", login="ada")
    assert (target, how) == ("http://127.0.0.1:8081/b", Move.FOR_GOOD)
    assert move_to("http://127.0.0.1/a", 301, "http://larch.example/b", login="ada")[1] is Move.REFUSED


@pytest.mark.parametrize(("status", "lost"), [(401, False), (403, True), (404, True), (451, True), (503, False)])
def test_which_refusals_may_mean_the_wrong_server(status: int, lost: bool) -> None:
    """A refused password is none of them."""
    assert is_lost(HTTPStatusError("Sync", status)) is lost


def test_status_inside_an_answer_never_means_the_wrong_server() -> None:
    """Who answers in ActiveSync is an ActiveSync server."""
    assert not is_lost(StatusError("Sync", 126))


@pytest.mark.parametrize(
    ("url", "login"), [("https://outlook.com.evil.example/", "a@b.example"), (HERE, "a@b.example")]
)
def test_AU5_cookie_goes_to_its_host_alone(url: str, login: str) -> None:
    """AU5: other hosts get no cookie, and eas.outlook.com only one that holds an address."""
    assert anchored(HTTPRequest(url=url), login).headers == ()
    assert anchored(HTTPRequest(url="https://eas.outlook.com/x"), "ada").headers == ()
    assert anchored(HTTPRequest(url="https://EAS.outlook.com/x"), login).headers == (
        ("Cookie", f"DefaultAnchorMailbox={login}"),
    )
