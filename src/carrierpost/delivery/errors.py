"""
What can be wrong with a device's life and with a story of one.

    DeliveryError
    ├── EventNotPossible   an app cannot do that in the state it is in
    └── StoryError         a described day cannot be read
"""

from __future__ import annotations

from carrierpost.model import AppState, Platform

__all__ = ["DeliveryError", "EventNotPossible", "StoryError"]


class DeliveryError(Exception):
    """
    The base of what this room raises; its text is a sentence for a person.
    """


class EventNotPossible(DeliveryError):
    """
    An event came that cannot happen in the present state; the state stays as it was.

    Attributes:
        platform: what the device runs.
        state: the state that it is in.
        event: the event's name.
        possible: names of the events that can happen there.
    """

    def __init__(self, platform: Platform, state: AppState, event: str, possible: tuple[str, ...]) -> None:
        super().__init__(platform, state, event, possible)
        self.platform = platform
        self.state = state
        self.event = event
        self.possible = possible

    def __str__(self) -> str:
        what = ", ".join(self.possible)
        return f"an app on {self.platform} that is {self.state} cannot go through {self.event!r}; possible are: {what}"


class StoryError(DeliveryError):
    """
    A story cannot be read: the text names the place and what is expected there.
    """
