"""
Statuses: each has a name, a sentence for a person, and something that a client does about it.
"""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from carrierpost.protocol import status
from carrierpost.protocol.errors import HTTPStatusError, StatusError
from carrierpost.protocol.status import Action, http_outcome, known_statuses, outcome

COMMON = (*range(101, 157), *range(160, 180), 183, 184)
OWN = {
    "Sync": range(1, 17),
    "FolderSync": (1, 6, 9, 10, 11, 12),
    "Ping": range(1, 9),
    "GetItemEstimate": (1, 2, 3, 4),
    "ItemOperations": (*range(1, 13), *range(14, 19), 155, 156),
    "Provision": (1, 2, 3, 139, 141, 145),
    "Policy": (1, 2, 3, 4, 5),
    "Settings": range(1, 8),
    "SendMail": (1, 107, 118, 119),
    "FolderCreate": (1, 2, 3, 5, 6, 9, 10, 11, 12),
    "FolderUpdate": (1, 2, 3, 4, 5, 6, 9, 10, 11),
    "FolderDelete": (1, 3, 4, 6, 9, 10, 11),
    "ValidateCert": range(1, 18),
    "MoveItems": (1, 2, 3, 4, 5, 7),
    "Search": (1, 2, 3, 4, 5, 6, 7, 8, 10, 11, 12, 13, 14, 173, 174, 175),
    "Find": (1, 2, 3, 4),
    "ResolveRecipients": (1, 5, 6, 160, 161, 162, 163),
    "Recipient": (1, 2, 3, 4),
    "Certificates": (1, 7, 8),
    "MeetingResponse": (1, 2, 3, 4, 104, 146),
}
HTTP = (400, 401, 403, 404, 449, 451, 456, 457, 500, 501, 502, 503, 507)


@pytest.mark.parametrize(
    ("command", "code"),
    [*((command, code) for command, codes in OWN.items() for code in codes), *(("Sync", code) for code in COMMON)],
)
def test_PV9_every_status_of_the_specification_is_named(command: str, code: int) -> None:
    """With a sentence that ends, and is not the one for unknown numbers."""
    found = outcome(command, code)
    assert found.name
    assert not found.name.startswith("Status")
    assert found.sentence[0].isupper()
    assert found.sentence.endswith(".")
    assert isinstance(found.action, Action)


@pytest.mark.parametrize("code", HTTP)
def test_every_http_status_of_the_specification_is_named(code: int) -> None:
    """Likewise."""
    found = http_outcome(code)
    assert not found.name.startswith("HTTP")
    assert found.sentence.endswith(".")


@pytest.mark.parametrize(
    ("command", "code", "action"),
    [
        ("Sync", 3, Action.RESET_COLLECTION),
        ("Sync", 5, Action.RETRY),
        ("Sync", 6, Action.SET_ASIDE),
        ("Sync", 8, Action.FOLDER_SYNC),
        ("Sync", 12, Action.FOLDER_SYNC),
        ("Sync", 13, Action.FULL_REQUEST),
        ("Sync", 14, Action.ADOPT_LIMIT),
        ("Sync", 15, Action.ADOPT_LIMIT),
        ("Sync", 16, Action.RETRY),
        ("FolderSync", 9, Action.RESET_HIERARCHY),
        ("Ping", 3, Action.FULL_REQUEST),
        ("Ping", 5, Action.ADOPT_LIMIT),
        ("Ping", 6, Action.ADOPT_LIMIT),
        ("Ping", 7, Action.FOLDER_SYNC),
        ("Policy", 2, Action.NONE),
        ("Policy", 5, Action.PROVISION),
        ("SendMail", 118, Action.NONE),
        ("FolderSync", 110, Action.WAIT),
        ("FolderSync", 111, Action.WAIT),
        ("FolderSync", 126, Action.STOP),
        ("FolderSync", 132, Action.RESET_ALL),
        ("FolderSync", 138, Action.NEGOTIATE),
        ("FolderSync", 140, Action.WIPE),
        *(("FolderSync", code, Action.PROVISION) for code in (141, 142, 143, 144, 165)),
        ("Sync", 149, Action.FULL_REQUEST),
        ("FolderSync", 177, Action.STOP),
    ],
)
def test_what_a_client_does(command: str, code: int, action: Action) -> None:
    """The required actions of the specification."""
    assert outcome(command, code).action is action


def test_numbers_that_mean_other_things_in_other_commands() -> None:
    """A command's own table wins over the common one, and none leaks into another."""
    assert outcome("Ping", 2).name == "ChangesAvailable"
    assert outcome("Settings", 2).name == "ProtocolError"
    assert outcome("FolderSync", 2).name == "Status2"


@given(st.text(max_size=10), st.integers())
def test_no_number_raises(command: str, code: int) -> None:
    """An unknown one gets an honest sentence, and the advice to try again."""
    found = outcome(command, code)
    if code not in status.known_statuses()["common"] and code != 1 and command not in known_statuses():
        assert (found.action, str(code) in found.sentence) == (Action.RETRY, True)
    assert http_outcome(code).sentence


def test_refusals_say_what_a_person_can_do() -> None:
    """The sentence first, then what a support person wants to know."""
    assert str(StatusError("FolderSync", 177)) == (
        "The account has too many devices; remove old ones at the server's web page, then try again."
        " (FolderSync status 177)"
    )
    expired = HTTPStatusError("Sync", 457, location="https://sso.example.org/")
    assert "Change it at https://sso.example.org/." in str(expired)
    assert "(HTTP 457 to Sync)" in str(expired)
