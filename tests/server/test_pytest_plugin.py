"""
The fixtures for other people's tests, in tests of other people.
"""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

from carrierpost.client.aiohttp_transport import HTTPTransport
from carrierpost.client.login import BasicLogin
from carrierpost.protocol.classes import Contact, Email
from carrierpost.protocol.commands.folder_sync import FolderType
from carrierpost.protocol.secret import Secret
from carrierpost.protocol.version import Version
from carrierpost.server.background import DEFAULT_USERS, BackgroundExchange
from carrierpost.server.pytest_plugin import ExchangeFactory
from tests.server.phone import Phone

pytest_plugins = ["pytester"]

ALICE = "alice@exchange.example"
MANUAL = Path(__file__).parents[2] / "docs" / "how-to"


def _phone(running: BackgroundExchange, user: str = ALICE, **options: object) -> Phone:
    transport = HTTPTransport(BasicLogin(user, Secret(running.users[user])))
    return Phone(running.server, user=user, transport=transport, url=running.url, **options)  # type: ignore[arg-type]


async def test_a_server_runs_for_a_test(exchange_server: BackgroundExchange) -> None:
    """Mail, items and faults go in from outside; a real client sees them; what it was asked is told."""
    exchange_server.deliver("alice", "Tea?", "At four.")
    exchange_server.add("alice", FolderType.CONTACTS, Contact(first_name="Bea"))
    phone = _phone(exchange_server)
    await phone.folders()
    for which in (FolderType.INBOX, FolderType.CONTACTS):
        await phone.begin(which)
        await phone.all(which)
    [[mail], [contact]] = [list(held.values()) for held in phone.held.values()]
    assert isinstance(mail, Email)
    assert mail.subject == "Tea?"
    assert isinstance(contact, Contact)
    exchange_server.ask_for("http(503) on FolderSync")
    phone.hierarchy_key = "0"
    with pytest.raises(AssertionError, match="503"):
        await phone.folders()
    await phone.transport.close()
    assert [one.command for one in exchange_server.handled][:3] == ["FolderSync", "Sync", "Sync"]
    assert exchange_server.handled[-1].fault == "http"


def test_servers_are_made_to_measure(exchange_server_factory: ExchangeFactory) -> None:
    """Users, versions and policy as the test wants them, and several at once."""
    one = exchange_server_factory(versions=["12.1", Version.V14_0], policy="strict", users={"a@b.example": "x"})
    other = exchange_server_factory()
    assert one.server.versions == (Version.V12_1, Version.V14_0)
    assert one.server.policy is not None
    assert one.server.enforce
    assert (list(one.users), other.users) == (["a@b.example"], DEFAULT_USERS)
    assert one.url != other.url


def test_mistakes_are_explained(exchange_server: BackgroundExchange) -> None:
    """A user who does not exist and a fault that does not are named."""
    with pytest.raises(KeyError, match="no user 'zoe'; known: alice@"):
        exchange_server.deliver("zoe", "Tea?")
    with pytest.raises(ValueError, match="there is no fault 'nope'"):
        exchange_server.ask_for("nope")


def test_a_server_that_cannot_start_says_why(exchange_server: BackgroundExchange) -> None:
    """The error reaches whoever starts it, and no thread stays."""
    import threading

    before = threading.active_count()
    port = int(exchange_server.origin.rpartition(":")[2])
    with pytest.raises(OSError, match=f"port {port}"), BackgroundExchange(port=port):
        pass
    assert threading.active_count() == before


def test_it_ends_although_a_ping_is_held() -> None:
    """Leaving the block closes everything, and a second close does nothing."""
    import threading

    before = threading.active_count()
    running = BackgroundExchange()
    with running:
        assert threading.active_count() > before
    running.close()
    assert threading.active_count() == before


def test_the_plugin_costs_nothing_until_it_is_used() -> None:
    """Loading it imports neither the server nor what the server needs."""
    code = (
        "import sys, carrierpost.server.pytest_plugin as plugin;"
        "print(sorted({'uvicorn', 'msgspec', 'asyncio', 'cryptography', 'carrierpost.wbxml', 'carrierpost.protocol',"
        " 'carrierpost.server.exchange'} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    heavy = set(re.findall(r"'([\w.]+)'", done.stdout)) - {"asyncio"}  # pytest itself may bring that
    assert heavy == set()


def test_examples_in_the_manual_work(pytester: pytest.Pytester) -> None:
    """The tests that the manual shows run, as somebody would run them, and the fixtures are there by themselves."""
    page = (MANUAL / "built-in-server.md").read_text(encoding="utf-8")
    examples = re.findall(r"```python\n(.*?)```", page, re.DOTALL)
    assert examples
    pytester.makepyfile(**{f"test_example_{number}": text for number, text in enumerate(examples)})
    done = pytester.runpytest_subprocess("-p", "no:cacheprovider", "-q")
    count = sum(text.count("def test_") for text in examples)
    assert count >= 2
    done.assert_outcomes(passed=count)
