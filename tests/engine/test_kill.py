"""
SK6: killed at any moment of a first synchronisation.
"""

from __future__ import annotations

import random
from pathlib import Path

from fuzz._kill import kill


async def test_SK6_killed_again_and_again_a_first_synchronisation_ends_well(tmp_path: Path) -> None:
    """
    Six deaths, some while starting, some between request and commit: no store is damaged, none goes back, and in the
    end it equals the mailbox. `make fuzz ARGS=--kill` dies fifty times on the way to 5,000 mails.
    """
    deaths = await kill(tmp_path / "hub", mails=400, kills=6, page=16, chance=random.Random(3))
    assert deaths.wrongs == ()
    assert deaths.mails == 406
    assert deaths.survived <= 1
    assert len(set(deaths.held)) >= 4  # they died at different stages of the work
