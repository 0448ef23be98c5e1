"""
What goes wrong when rooms are put together: a setting that cannot be used, a hub that is busy.
"""

from __future__ import annotations

__all__ = ["HubBusy", "SetupError"]


class SetupError(Exception):
    """
    Something that a person set cannot be used. Its text says what, and what to do.
    """


class HubBusy(SetupError):
    """
    Another Carrierpost works on the same account at this moment.
    """
