"""
The description of the interface, and the interface held against it by what a fuzzer thinks of.
"""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterator
from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, settings

from carrierpost.web.api import OPERATIONS
from carrierpost.web.openapi import describe
from tests.store.values import push
from tests.support.virtual import virtual
from tests.web.place import place

SCHEMA = schemathesis.openapi.from_dict(
    {**describe([one for one in OPERATIONS if one.media_type is None and one.name != "remove_account"])}
)


@virtual
async def test_description_is_given_and_complete() -> None:
    """It is OpenAPI 3.1, names every operation, and has no reference that leads nowhere."""
    async with place() as at:
        answer = await at.browser().ask("GET", "/api/v1/openapi.json")
        described = answer.json
        assert described["openapi"] == "3.1.0"
        found = {one["operationId"] for path in described["paths"].values() for one in path.values()}
        assert found == {one.name for one in OPERATIONS}
        schemas = described["components"]["schemas"]
        for reference in answer.body.decode().split('"$ref":"#/components/schemas/')[1:]:
            assert reference.partition('"')[0] in schemas


class Running:
    """
    An application in a loop of its own, so that the fuzzer, which does not await, can ask it.
    """

    def __init__(self) -> None:
        self.loop = asyncio.new_event_loop()
        self.thread = threading.Thread(target=self.loop.run_forever, daemon=True)
        self.thread.start()
        self.context = place()
        self.at = self.run(self.context.__aenter__())
        self.browser = self.run(self.at.signed_in(self.at.ada, device=True))
        [device] = self.run(self.at.hub.store.devices())
        self.run(self.at.hub.store.put_subscription(push(device.id)))

    def run(self, work: Any) -> Any:
        """Wait for something in the loop."""
        return asyncio.run_coroutine_threadsafe(work, self.loop).result(60)

    def close(self) -> None:
        """End it."""
        self.loop.call_soon_threadsafe(self.loop.stop)
        self.thread.join(10)
        self.loop.close()


@pytest.fixture(scope="module")
def running() -> Iterator[Running]:
    one = Running()
    yield one
    one.close()


@SCHEMA.parametrize()
@settings(max_examples=15, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
def test_no_request_finds_a_defect(case: Any, running: Running) -> None:
    """Whatever is sent, the answer is one that the description knows, and never a defect of ours."""
    browser = running.browser

    async def ask() -> Any:
        path = f"/api/v1{case.formatted_path}"
        query = "&".join(f"{name}={value}" for name, value in (case.query or {}).items())
        body = case.body if isinstance(case.body, (dict, list, str, int, float, bool, bytes)) else None
        if case.operation.definition.raw["operationId"] in ("close_session", "close_other_sessions", "remove_device"):
            return None  # they end what the others need; the table of operations tries them
        encoded = query.encode("utf-8", "replace").decode("latin-1").replace("\n", "")
        return await browser.ask(case.method.upper(), f"{path}?{encoded}" if encoded else path, body)

    answer = running.run(ask())
    if answer is None:
        return
    known = case.operation.definition.raw["responses"]
    assert answer.status < 500 or answer.status in (502, 503), answer.body
    assert str(answer.status) in known or answer.status == 405, (answer.status, answer.body)
