"""
Server-sent events: how they are written, and an answer that is a stream of them.
"""

from __future__ import annotations

from collections.abc import AsyncIterator

import msgspec
from starlette.responses import StreamingResponse

__all__ = ["BEAT", "event_stream", "written"]

BEAT = b": still here\n\n"
"""A comment, which a browser ignores and a proxy takes for life."""


def written(event: str, value: object, *, number: int | None = None) -> bytes:
    """
    Write one event; its number is what a browser resumes after.
    """
    lines = [f"id: {number}\n"] if number is not None else []
    lines += [f"event: {event}\n", "data: "]
    return "".join(lines).encode() + msgspec.json.encode(value) + b"\n\n"


def event_stream(events: AsyncIterator[bytes]) -> StreamingResponse:
    """
    Answer with a stream that no proxy holds back.
    """
    headers = {"Cache-Control": "no-store, no-transform", "X-Accel-Buffering": "no"}
    return StreamingResponse(events, headers=headers, media_type="text/event-stream")
