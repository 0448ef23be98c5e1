"""
The real stack, as the tests see it: `make test-real` starts it and tells where it is.
"""

from __future__ import annotations

import os
import uuid
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import msgspec
import pytest

from scripts.real.postgres import Postgres
from scripts.real.settings import Settings, User
from tests.real.deviations import is_known
from tests.support.grammar import LISTENER

VARIABLE = "CARRIERPOST_REAL_STACK"


class RealUser(msgspec.Struct, frozen=True, kw_only=True):
    """
    A mailbox of the stack.
    """

    user: str
    password: str
    email: str
    name: str


class RealStack(msgspec.Struct, frozen=True, kw_only=True):
    """
    Where everything is; `scripts.real.stack.describe` says what each value means.
    """

    eas_url: str
    eas_url_tls: str
    tls_ca: Path
    domain: str
    users: list[RealUser]
    smtp: str
    lmtp: str
    imap: str
    dav: str
    poll_seconds: int
    state: Path
    logs: Path

    def user(self, name: str) -> RealUser:
        """
        Find a user by login name.
        """
        return next(user for user in self.users if user.user == name)

    @property
    def smtp_address(self) -> tuple[str, int]:
        """
        Host and port that take mail for the users.
        """
        host, _, port = self.smtp.rpartition(":")
        return host, int(port)


@pytest.fixture(scope="session")
def real_stack() -> RealStack:
    """
    Tell where the running SOGo is.
    """
    named = os.environ.get(VARIABLE)
    if named is None:
        pytest.fail("these tests need a running SOGo; start them with: make test-real", pytrace=False)
    return msgspec.json.decode(Path(named).read_bytes(), type=RealStack, dec_hook=lambda kind, value: kind(value))


def _new_user(real_stack: RealStack, name: str) -> RealUser:
    """
    Add somebody to the running stack.
    """
    user = User(f"n{uuid.uuid4().hex[:12]}", "newcomer-secret", name)
    base = urlsplit(real_stack.eas_url).port
    assert base is not None
    settings = Settings(state=real_stack.state, port_base=base, users=(user,), domain=real_stack.domain)
    password = (real_stack.state / "etc" / "database-password").read_text(encoding="ascii")
    Postgres(settings, password).add_users()
    return RealUser(user=user.name, password=user.password, email=settings.address(user), name=user.full_name)


@pytest.fixture
def newcomer(real_stack: RealStack) -> RealUser:
    """
    Make a user whose mailbox nobody has ever used.
    """
    return _new_user(real_stack, "Nora Newcomer")


@pytest.fixture
def guest(real_stack: RealStack) -> RealUser:
    """
    Give a second fresh mailbox, of somebody who is invited.
    """
    return _new_user(real_stack, "Gus Guest")


@pytest.fixture(autouse=True)
def _sogo_is_listened_to() -> Iterator[None]:
    """
    Hold SOGo's answers against the grammar too, but for what it is known to say otherwise.
    """
    LISTENER.excuse = is_known
    yield
    LISTENER.excuse = None
