"""
How long to leave a server alone after a failure. Pure but for the chance that is handed in.
"""

from __future__ import annotations

import random

__all__ = ["pause"]


def pause(failures: int, chance: random.Random, *, first: float = 2.0, most: float = 300.0) -> float:
    """
    Give the pause after a number of failures in a row.

    It doubles, up to a limit, and is spread over half of its length, so that many accounts do not come back at once.

    Args:
        failures: how many there were, from 1.
        chance: decides within the spread.
        first: seconds after the first one.
        most: seconds at most.

    Returns:
        Seconds.
    """
    whole = min(first * float(2 ** min(max(failures, 1) - 1, 20)), most)
    return whole * (0.5 + chance.random() / 2)
