"""
What a held connection costs.
"""

from __future__ import annotations

import asyncio
import json
import sys
from pathlib import Path

import pytest
from aiohttp import web

from tests.client.network import Authority, serve_pages

ROOT = Path(__file__).parents[2]


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="memory is read from /proc, which Linux has")
async def test_SC4_held_TLS_connection_costs_well_under_100_kB(authority: Authority) -> None:
    """SC4: 300 accounts that each hold a TLS connection cost less than 100 kB each, transport and session included."""
    release = asyncio.Event()

    async def page(request: web.Request) -> web.StreamResponse:
        await release.wait()
        return web.Response()

    async with serve_pages(page, authority.server("localhost")) as port:
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "tests.client.holding", str(port), str(authority.ca_file), "300",
            cwd=ROOT, stdout=asyncio.subprocess.PIPE,
        )  # fmt: skip
        out, _ = await process.communicate()
        release.set()
    assert process.returncode == 0
    each = json.loads(out)
    assert each < 100_000
