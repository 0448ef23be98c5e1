"""
What looks after a running hub: whether it is well, its figures, and the sweep of what is over.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable

import structlog
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from carrierpost.bootstrap import Hub
from carrierpost.store import StoreError
from carrierpost.web.office import Office

__all__ = ["care_app", "sweeping"]

_SWEEP_SECONDS = 600.0
_LOG = structlog.get_logger("carrierpost.care")


def care_app(office: Office, *, working: Callable[[], int]) -> Starlette:
    """
    Make the application for monitoring; it belongs on a port that only this machine reaches.

    Args:
        office: what is looked at.
        working: tells how many accounts are held.
    """

    async def healthy(request: Request) -> Response:
        return PlainTextResponse("ok\n")

    async def ready(request: Request) -> Response:
        if office.draining.is_set():
            return PlainTextResponse("stopping\n", 503)
        try:
            await office.hub.store.accounts()
        except StoreError as error:
            return PlainTextResponse(f"{error}\n", 503)
        return PlainTextResponse("ok\n")

    async def metrics(request: Request) -> Response:
        office.figures.accounts.set(working())
        return Response(office.figures.text(), media_type="text/plain; version=0.0.4")

    return Starlette(routes=[Route("/healthz", healthy), Route("/readyz", ready), Route("/metrics", metrics)])


@contextlib.asynccontextmanager
async def sweeping(hub: Hub) -> AsyncIterator[None]:
    """
    Forget, now and then, what is over: sessions, tickets, tokens, full buckets.
    """

    async def sweep() -> None:
        while True:
            try:
                await hub.store.sweep()
            except StoreError as error:
                _LOG.warning("the sweep failed", reason=str(error))
            await hub.clock.sleep(_SWEEP_SECONDS)

    task = asyncio.ensure_future(sweep())
    try:
        yield
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
