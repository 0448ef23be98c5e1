"""
Fixtures for tests of ActiveSync clients: a real server on a free port of this machine.

    def test_my_client(exchange_server):
        exchange_server.deliver("alice", "Tea?", "At four.")
        exchange_server.ask_for("drop_after_commit on Sync")
        client = MyClient(exchange_server.url, "alice", exchange_server.users["alice@exchange.example"])
        ...

pytest loads this module wherever Carrierpost is installed, so it imports nothing until a test asks for a server.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, Protocol

import pytest

if TYPE_CHECKING:
    from carrierpost.server.background import BackgroundExchange

__all__ = ["ExchangeFactory", "exchange_server", "exchange_server_factory"]


class ExchangeFactory(Protocol):
    """
    Starts servers.
    """

    def __call__(self, **options: Any) -> BackgroundExchange:
        """Start one, with the arguments of `BackgroundExchange`; it ends with the test."""


@pytest.fixture
def exchange_server() -> Iterator[BackgroundExchange]:
    """
    Run an ActiveSync server with alice and bob, empty mailboxes and all versions; see `BackgroundExchange`.
    """
    from carrierpost.server.background import BackgroundExchange

    with BackgroundExchange() as running:
        yield running


@pytest.fixture
def exchange_server_factory() -> Iterator[ExchangeFactory]:
    """
    Start ActiveSync servers as you like them: `exchange_server_factory(versions=["14.1"], policy="strict")`.
    """
    import contextlib

    from carrierpost.server.background import BackgroundExchange

    with contextlib.ExitStack() as stack:

        def start(**options: Any) -> BackgroundExchange:
            return stack.enter_context(BackgroundExchange(**options))

        yield start
