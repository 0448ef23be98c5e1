"""
What providers answer, as far as they all do it alike.
"""

from __future__ import annotations

import datetime as dt
import email.utils
import hashlib
import hmac
from collections.abc import Mapping
from typing import Any

import msgspec

from carrierpost.notify.channel import Later, Refused
from carrierpost.notify.encryption import b64url
from carrierpost.notify.outgoing import Answer

__all__ = ["EXPIRED", "busy", "opaque", "retry_after", "said", "values_of"]

EXPIRED = Refused("it was of no use any more when its turn came")

_MOST_SAID = 200
_LONGEST_PAUSE = 24 * 3600.0


def retry_after(headers: Mapping[str, str], now: dt.datetime) -> float | None:
    """
    Read for how many seconds a provider wants to be left alone ([RFC 9110] 10.2.3); at most a day.
    """
    text = headers.get("retry-after", "").strip()
    if not text:
        return None
    if text.isascii() and text.isdigit():
        return min(float(text[:9]), _LONGEST_PAUSE)
    try:
        when = email.utils.parsedate_to_datetime(text)
    except ValueError:
        return None
    when = when if when.tzinfo is not None else when.replace(tzinfo=dt.UTC)
    return min(max((when - now).total_seconds(), 0.0), _LONGEST_PAUSE)


def busy(answer: Answer, now: dt.datetime, who: str) -> Later | None:
    """
    Give the outcome for a provider that has no time, or trouble of its own; `None` for another answer.
    """
    if answer.status == 429:
        return Later(f"{who} asks for fewer messages", retry_after(answer.headers, now))
    if answer.status in (408, 425) or answer.status >= 500:
        return Later(f"{who} has trouble (HTTP {answer.status})", retry_after(answer.headers, now))
    return None


def said(answer: Answer) -> str:
    """
    Give what a provider said beside the status, fit for a line of a log: ` (what it said)`, or nothing.
    """
    text = "".join(letter if letter.isprintable() else " " for letter in answer.body.decode("utf-8", "replace"))
    text = " ".join(text.split())
    return f" ({text[:_MOST_SAID]})" if text else ""


def values_of(answer: Answer) -> dict[str, Any]:
    """
    Read a JSON object; empty when it is none.
    """
    try:
        values = msgspec.json.decode(answer.body)
    except (msgspec.DecodeError, RecursionError):
        return {}
    return values if isinstance(values, dict) else {}


def opaque(text: str, key: str) -> str:
    """
    Give a name that says nothing of what it stands for, 32 letters of base64url; the same for the same text and key.
    """
    return b64url(hmac.new(key.encode(), text.encode(), hashlib.sha256).digest()[:24])
