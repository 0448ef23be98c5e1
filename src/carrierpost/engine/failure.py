"""
What a failure means for an account. Pure: from an error to a verdict with its reason.
"""

from __future__ import annotations

import dataclasses
import enum

from carrierpost.client.errors import (
    AnswerTooLarge,
    AuthorityRefused,
    BadCertificate,
    ClientError,
    LoginNeeded,
    TLSRefused,
    UnsafeRedirect,
)
from carrierpost.protocol.errors import (
    HTTPStatusError,
    LocalProtocolError,
    ProtocolError,
    StatusError,
    UnreadableAnswer,
    VersionNotOffered,
    WipeOrdered,
)
from carrierpost.protocol.status import Action

__all__ = ["Remedy", "Verdict", "judge"]


class Remedy(enum.StrEnum):
    """
    What is done about a failure.
    """

    RETRY = "try again with growing pauses"
    SMALLER = "ask for less at once"
    WAIT = "leave the server alone"
    STOP = "stop until a person has done something"
    WIPE = "obey the wipe order"
    NEGOTIATE = "ask again what the server speaks"
    FETCH_FOLDERS = "fetch the folder list"
    RESET_FOLDERS = "fetch the whole folder list"
    RESET_ALL = "begin everything again, matching what is held"


@dataclasses.dataclass(frozen=True, slots=True)
class Verdict:
    """
    What is done about a failure, and why.

    Attributes:
        remedy: what is done.
        reason: one sentence for a person.
        seconds: how long the server asked to be left alone, or `None`.
        loud: a person is to see it at once, although it may heal by itself.
    """

    remedy: Remedy
    reason: str
    seconds: float | None = None
    loud: bool = False


_REMEDIES = {
    Action.WAIT: Remedy.WAIT,
    Action.STOP: Remedy.STOP,
    Action.PROVISION: Remedy.STOP,  # it was agreed on, and the server refuses still
    Action.REPORT: Remedy.STOP,
    Action.NEGOTIATE: Remedy.NEGOTIATE,
    Action.FOLDER_SYNC: Remedy.FETCH_FOLDERS,
    Action.RESET_HIERARCHY: Remedy.RESET_FOLDERS,
    Action.RESET_ALL: Remedy.RESET_ALL,
    Action.WIPE: Remedy.RETRY,  # announced, but the order did not come
}

_PATIENCE = {401: 1, 403: 2, 404: 3}
"""Refusals in a row that a server in trouble is forgiven, before a person is asked; few, lest the login be locked."""
_POLICY_PATIENCE = 3
_NOTICEABLE = 5
"""Failures in a row, about a minute, after which a person is told even of what heals by itself."""


def judge(error: ClientError | ProtocolError, failures: int = 0) -> Verdict:
    """
    Decide what a failure means for the account.

    Args:
        error: what went wrong.
        failures: how many failures in a row there were before.
    """
    reason = str(error)
    loud = failures >= _NOTICEABLE
    match error:
        case WipeOrdered():
            return Verdict(Remedy.WIPE, reason)
        case UnreadableAnswer() | AnswerTooLarge():
            return Verdict(Remedy.SMALLER, reason, loud=loud)
        case VersionNotOffered() | LocalProtocolError() | UnsafeRedirect():
            return Verdict(Remedy.STOP, reason)
        case LoginNeeded() | AuthorityRefused() | BadCertificate():
            return Verdict(Remedy.STOP, reason)
        case TLSRefused():
            return Verdict(Remedy.RETRY, reason, loud=True)  # a renewed certificate heals it
        case HTTPStatusError():
            remedy = _REMEDIES.get(error.outcome.action, Remedy.RETRY)
            if error.status == 400 or (remedy is Remedy.STOP and failures < _patience(error)):
                remedy = Remedy.RETRY
            return Verdict(remedy, reason, error.retry_after, loud=loud)
        case StatusError():
            remedy = _REMEDIES.get(error.outcome.action, Remedy.RETRY)
            if remedy is Remedy.STOP and failures < _patience(error):
                remedy = Remedy.RETRY
            return Verdict(remedy, reason, loud=loud)
        case _:
            return Verdict(Remedy.RETRY, reason, loud=loud)


def _patience(error: HTTPStatusError | StatusError) -> int:
    if error.outcome.action is Action.PROVISION:
        return _POLICY_PATIENCE  # the policy may have changed once more in between
    return _PATIENCE.get(error.status, 0)
