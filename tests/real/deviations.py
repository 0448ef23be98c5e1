"""
What SOGo says otherwise than the grammar: each with what it is, so that anything new fails a test.
"""

from __future__ import annotations

import re

from carrierpost.protocol.grammar import Violation

__all__ = ["DEVIATIONS", "is_known"]

DEVIATIONS: dict[str, tuple[str, str]] = {
    "Class in each collection, first, in all versions": (
        "Sync|GetItemEstimate",
        r"/Collection(\[\d+\])?: Class belongs to ",
    ),
    "Preview and Categories in 12.1, too": (
        "Sync",
        "(/Body: Preview|/ApplicationData: Categories) belongs to 14.0 and later",
    ),
    "parts of a text in an order of its own": (
        "Sync|ItemOperations|Search",
        "/Body: (Type|EstimatedDataSize|Truncated|Data|Preview) comes too late",
    ),
    "a flag without its type": ("Sync|ItemOperations", "/Flag: Status 2 needs FlagType"),
    "DstMsgId before Status": ("MoveItems", r"Response(\[\d+\])?: Status comes too late"),
    "CalendarId before Status": ("MeetingResponse", r"Result(\[\d+\])?: Status comes too late"),
    "LongId after Class": ("ItemOperations", r"Fetch(\[\d+\])?: \w+ comes too late"),
}
"""A sentence for each; the command, and what the violation looks like, as patterns."""


def is_known(command: str, violation: Violation) -> bool:
    """
    Tell whether SOGo is known for this.
    """
    return any(
        re.fullmatch(commands, command) and re.search(pattern, str(violation))
        for commands, pattern in DEVIATIONS.values()
    )
