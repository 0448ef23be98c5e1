"""
Logins: how a name and a password are said, and what is never shown of them.
"""

from __future__ import annotations

import base64

import pytest

from carrierpost.client.login import BasicLogin
from carrierpost.protocol.errors import LocalProtocolError
from carrierpost.protocol.secret import Secret


@pytest.mark.parametrize(
    ("login", "password"),
    [
        ("alice", "simple"),
        ("alice@example.test", "pass:with:colons"),
        ("FIRM\\alice", "Grüße, 世界"),
        ("älice@exämple.test", "ß€ł "),
        ("alice", ""),
    ],
    ids=["name", "address", "domain", "other alphabets", "no password"],
)
async def test_AU7_every_form_of_login_is_sent_as_it_was_typed(login: str, password: str) -> None:
    """AU7: name, address and DOMAIN and name, with any password, are UTF-8 in base64, unchanged ([RFC 7617])."""
    value = await BasicLogin(login, Secret(password)).authorization()
    scheme, _, coded = value.partition(" ")
    assert scheme == "Basic"
    assert base64.b64decode(coded, validate=True).decode() == f"{login}:{password}"


@pytest.mark.parametrize("login", ["a:b", "alice\n", "ali\0ce"])
def test_login_name_that_cannot_be_sent_is_refused(login: str) -> None:
    """A colon would end the name early and make the rest a password; it is refused instead."""
    with pytest.raises(LocalProtocolError, match="colon or a control character"):
        BasicLogin(login, Secret("x"))


async def test_password_is_not_shown() -> None:
    """Neither the login nor its password's holder print the password."""
    login = BasicLogin("alice", Secret("correct horse"))
    assert "correct horse" not in f"{login!r} {login} {vars(login)}"
    assert not await login.refresh()
