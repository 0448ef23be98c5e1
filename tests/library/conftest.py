"""
A server for each test of the public face, and a way in.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from typing import Any

import pytest

import carrierpost
from carrierpost import BackgroundExchange, Mailbox

Connecting = Callable[..., AbstractAsyncContextManager[Mailbox]]
ALICE, BOB = "alice@exchange.example", "bob@exchange.example"


@pytest.fixture
def connecting(exchange_server: BackgroundExchange) -> Connecting:
    """
    Give what opens Alice's mailbox, or another one, at the running server.
    """

    def connect(user: str = ALICE, **options: Any) -> AbstractAsyncContextManager[Mailbox]:
        options = {"password": exchange_server.users[user], "server": exchange_server.url} | options
        return carrierpost.connect(user, **options)

    return connect
