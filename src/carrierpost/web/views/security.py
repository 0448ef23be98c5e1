"""
How a message is protected, in words.
"""

from __future__ import annotations

from typing import Literal

import msgspec

from carrierpost.engine.reading import is_protected
from carrierpost.formats.letter import Letter, Verdict
from carrierpost.protocol.classes import Email

__all__ = ["SecurityView", "security_view"]


class SecurityView(msgspec.Struct, frozen=True, kw_only=True):
    """
    How a message is protected.

    Attributes:
        tone: whether that is good news.
        title: in a few words.
        detail: why, in sentences.
    """

    tone: Literal["good", "warn", "bad"]
    title: str
    detail: str


def security_view(mail: Email, letter: Letter | None) -> SecurityView | None:
    """
    Say how a message is protected; `None` when it is not.

    Args:
        mail: the message.
        letter: the same, opened, where it is held whole.
    """
    if letter is None or not letter.layers:
        if is_protected(mail):
            detail = "It was not fetched whole yet, so nothing is verified."
            return SecurityView(tone="warn", title="Signed or encrypted", detail=detail)
        return None
    sentences = [str(one) for one in letter.signatures]
    if letter.problem:
        return SecurityView(tone="bad", title="Cannot be opened", detail=" ".join((letter.problem, *sentences)))
    verdicts = {one.verdict for one in letter.signatures}
    titles = {Verdict.BAD: "Signature not valid", Verdict.OTHER_SENDER: "Signed by somebody else",
              Verdict.NOT_TRUSTED: "Signer not known"}  # fmt: skip
    for verdict, title in titles.items():
        if verdict in verdicts:
            tone: Literal["warn", "bad"] = "warn" if verdict is Verdict.NOT_TRUSTED else "bad"
            return SecurityView(tone=tone, title=title, detail=" ".join(sentences))
    title = " and ".join(word for word, is_so in (("Signed", bool(verdicts)), ("encrypted", letter.encrypted)) if is_so)
    return SecurityView(tone="good", title=title[:1].upper() + title[1:], detail=" ".join(sentences))
