"""
A message's text as it is held, opened with the person's keys where it is protected.
"""

from __future__ import annotations

import dataclasses

from carrierpost.engine.reading import held_letter, keyring_of
from carrierpost.formats.letter import Letter
from carrierpost.model import Item
from carrierpost.protocol.classes import BodyType
from carrierpost.protocol.text import plain_text
from carrierpost.web.operations import Call

__all__ = ["Opened", "opened_mail"]


@dataclasses.dataclass(frozen=True, slots=True)
class Opened:
    """
    A message's text.

    Attributes:
        text: as plain text, or `None` when there is only HTML, or nothing is held.
        html: as HTML as it came, not cleaned, or `None`.
        complete: whether that is all of it.
        letter: the whole message opened, where it is held whole.
    """

    text: str | None
    html: str | None
    complete: bool
    letter: Letter | None = None


async def opened_mail(call: Call, item: Item) -> Opened:
    """
    Give a message's text.
    """
    store = call.office.hub.store
    body = await store.body(item.id)
    if body is None:
        return Opened(None, None, complete=False)
    if body.type == BodyType.MIME:
        letter = held_letter(body, await keyring_of(store, item.account_id), now=call.office.hub.clock.now())
        if letter is None:
            return Opened(None, None, complete=False)
        return Opened(letter.message.text, letter.message.html, complete=not letter.problem, letter=letter)
    data = body.data if isinstance(body.data, str) else body.data.decode("utf-8", "replace")
    if body.type == BodyType.HTML:
        return Opened(None, data, complete=not body.truncated)
    return Opened(plain_text(data, html=False), None, complete=not body.truncated)
