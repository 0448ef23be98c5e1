"""
A request that must not be carried out twice, although its answer may be lost: known again by its `Idempotency-Key`.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import TypeVar

import msgspec

from carrierpost.model import Answered
from carrierpost.web.operations import Call
from carrierpost.web.problems import Problem

__all__ = ["once"]

T = TypeVar("T")
_MOST = 200


async def once(call: Call, account_id: int, digest: str, kind: type[T], work: Callable[[], Awaitable[T]]) -> T:
    """
    Carry out a request, or give the answer that the same request had before.

    Args:
        call: the request; without the header it is simply carried out.
        account_id: whose keys are looked at.
        digest: tells what is asked for, so that a key is not used for something else.
        kind: the type of the answer.
        work: carries it out; when it raises, the key may be used again.

    Raises:
        Problem: the key was used for something else, or the first request is still being worked on.
    """
    store, key = call.office.hub.store, call.request.headers.get("idempotency-key", "")
    if len(key) > _MOST:
        raise Problem(400, "bad-key", f"an Idempotency-Key has no more than {_MOST} letters")
    if not key:
        return await work()
    before = await store.begin_answer(account_id, key, digest)
    if before is not None:
        return _repeated(before, digest, kind)
    try:
        result = await work()
    except BaseException:
        await store.end_answer(account_id, key, None)
        raise
    await store.end_answer(account_id, key, Answered(digest=digest, status=202, body=msgspec.json.encode(result)))
    return result


def _repeated(before: Answered, digest: str, kind: type[T]) -> T:
    if before.digest != digest:
        raise Problem(422, "key-used", "this Idempotency-Key was used for another message; take a new one")
    if not before.status:
        raise Problem(409, "still-working", "the first request with this key is still being worked on; ask again soon")
    return msgspec.json.decode(before.body, type=kind)
