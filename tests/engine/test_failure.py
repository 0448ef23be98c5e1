"""
What a failure means: every kind of error, every status there is.
"""

from __future__ import annotations

import pytest

from carrierpost.client.errors import (
    AnswerTooLarge,
    ClientError,
    ConnectionLost,
    TimedOut,
    TLSRefused,
    Unreachable,
    UnsafeRedirect,
)
from carrierpost.engine.failure import Remedy, judge
from carrierpost.protocol.errors import (
    HTTPStatusError,
    LocalProtocolError,
    ProtocolError,
    StatusError,
    UnreadableAnswer,
    VersionNotOffered,
    WipeOrdered,
)
from carrierpost.protocol.status import Action, known_statuses, outcome


@pytest.mark.parametrize(
    ("error", "remedy"),
    [
        (Unreachable("h"), Remedy.RETRY),
        (TimedOut("h"), Remedy.RETRY),
        (ConnectionLost("h"), Remedy.RETRY),
        (TLSRefused("h"), Remedy.RETRY),
        (AnswerTooLarge("h"), Remedy.SMALLER),
        (UnsafeRedirect("h"), Remedy.STOP),
        (UnreadableAnswer("Sync", "x"), Remedy.SMALLER),
        (LocalProtocolError("x"), Remedy.STOP),
        (VersionNotOffered(offered=(), wanted=None), Remedy.STOP),
        (WipeOrdered(False), Remedy.WIPE),
        (HTTPStatusError("Sync", 400), Remedy.RETRY),
        (HTTPStatusError("Sync", 401), Remedy.RETRY),
        (HTTPStatusError("Sync", 456), Remedy.STOP),
        (HTTPStatusError("Sync", 457), Remedy.STOP),
        (HTTPStatusError("Sync", 500), Remedy.RETRY),
        (HTTPStatusError("Sync", 503), Remedy.WAIT),
        (HTTPStatusError("Sync", 505), Remedy.NEGOTIATE),
        (HTTPStatusError("Sync", 599), Remedy.RETRY),
        (StatusError("Sync", 110), Remedy.WAIT),
        (StatusError("Sync", 111), Remedy.WAIT),
        (StatusError("Sync", 126), Remedy.STOP),
        (StatusError("Sync", 132), Remedy.RESET_ALL),
        (StatusError("Sync", 138), Remedy.NEGOTIATE),
        (StatusError("Sync", 144), Remedy.RETRY),
        (StatusError("FolderSync", 9), Remedy.RESET_FOLDERS),
        (StatusError("Ping", 7), Remedy.FETCH_FOLDERS),
        (StatusError("Ping", 8), Remedy.RETRY),
        (StatusError("Sync", 12345), Remedy.RETRY),
    ],
    ids=repr,
)
def test_the_first_time(error: ClientError | ProtocolError, remedy: Remedy) -> None:
    """What is done about each when nothing had failed before, and the reason is the error's own sentence."""
    verdict = judge(error)
    assert verdict.remedy is remedy
    assert verdict.reason == str(error)


@pytest.mark.parametrize(("number", "borne"), [(401, 1), (403, 2), (404, 3)])
def test_a_refusal_by_http_is_borne_so_often(number: int, borne: int) -> None:
    """A server in trouble says so for a moment; a wrong password must not be tried until it is locked."""
    remedies = [judge(HTTPStatusError("Sync", number), failures).remedy for failures in range(borne + 2)]
    assert remedies == [Remedy.RETRY] * borne + [Remedy.STOP] * 2


def test_how_long_the_server_asks_to_be_left_alone_is_passed_on() -> None:
    """Seconds of Retry-After."""
    assert judge(HTTPStatusError("Sync", 503, retry_after=77.0)).seconds == 77.0


def test_what_heals_by_itself_is_shown_after_a_minute_and_a_bad_certificate_at_once() -> None:
    """Nobody wants to hear of each hiccup, and nobody wants to look for the reason of an hour without mail."""
    assert [judge(Unreachable("h"), failures).loud for failures in (0, 4, 5, 50)] == [False, False, True, True]
    assert judge(TLSRefused("h"), 0).loud


@pytest.mark.parametrize("command", sorted(known_statuses()))
def test_every_status_that_is_known_has_a_remedy_and_a_sentence(command: str) -> None:
    """What asks a person to do something stops in the end; what asks to wait waits; nothing is left out."""
    for number, meaning in known_statuses()[command].items():
        error: ProtocolError = (
            HTTPStatusError("Sync", number) if command == "HTTP" else StatusError(_real(command), number)
        )
        verdict = judge(error, failures=100)
        assert verdict.reason.strip()
        if meaning.action in (Action.STOP, Action.REPORT, Action.PROVISION) and number != 400:
            assert verdict.remedy is Remedy.STOP, number
        if meaning.action is Action.WAIT:
            assert verdict.remedy is Remedy.WAIT


def _real(command: str) -> str:
    return "Sync" if command == "common" else command


def test_the_table_is_the_protocols() -> None:
    """The statuses judged here are those that the protocol explains."""
    assert outcome("Sync", 111).action is Action.WAIT
