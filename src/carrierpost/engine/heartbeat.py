"""
How long a Ping may last: learned per account. Pure.

A held connection that is cut silently costs the notice of whatever arrives, so the interval starts modest. It grows as
long as it is answered in time, and shrinks as soon as one is not. What is known to be too long is remembered, but not
for ever: a server that was restarted once has not told anything about the network.
"""

from __future__ import annotations

import dataclasses

from carrierpost.engine.settings import EngineSettings

__all__ = ["AT_ONCE", "Heartbeat"]

AT_ONCE = 20.0
"""Seconds; a connection that breaks earlier was never held, and says nothing about the interval."""

_GROWTH = 120
_PATIENCE = 2  # answers in time before it grows
_FORGIVENESS = 48  # answers in time below a ceiling before that is tried again: half a day of the first interval


@dataclasses.dataclass(frozen=True, slots=True)
class Heartbeat:
    """
    What is known of the interval.

    Attributes:
        seconds: the interval to ask for.
        ceiling: an interval that was cut, or 0; it is not tried again for now.
        least: the server's own lower limit.
        most: the server's own upper limit.
        good: how often the present interval was answered in time.
        suspect: seconds after which a connection was seen to break, once since the last answer in time, or 0.
    """

    seconds: int
    ceiling: int = 0
    least: int = 60
    most: int = 3540
    good: int = 0
    suspect: int = 0

    @classmethod
    def of(cls, settings: EngineSettings, learned: int = 0, ceiling: int = 0) -> Heartbeat:
        """
        Begin with what an account has learned before, or modestly.
        """
        return cls(
            seconds=min(max(learned or settings.heartbeat, settings.least_heartbeat), settings.most_heartbeat),
            ceiling=ceiling,
            least=settings.least_heartbeat,
            most=settings.most_heartbeat,
        )

    def answered(self, held: float) -> Heartbeat:
        """
        Learn from a Ping that was answered at the end of its time, after `held` seconds.
        """
        if held < self.seconds * 0.9:
            return self
        good = self.good + 1
        top = min(self.most, self.ceiling - _GROWTH) if self.ceiling else self.most
        if self.seconds < top and good >= _PATIENCE:
            return dataclasses.replace(self, seconds=min(self.seconds + _GROWTH, top), good=0, suspect=0)
        if self.ceiling and good >= _FORGIVENESS:
            return dataclasses.replace(self, ceiling=0, good=0, suspect=0)
        return dataclasses.replace(self, good=good, suspect=0)

    def cut(self, held: float, *, silent: bool) -> Heartbeat:
        """
        Learn from a Ping that was not answered.

        Args:
            held: seconds until its connection broke, or until it was given up.
            silent: nobody said that it had broken. A break that was seen may have other reasons, such as a server that
                was restarted; only a second one after about the same time is taken for somebody's rule.
        """
        if held < AT_ONCE:
            return self
        reached = min(self.seconds, int(held))
        if not silent and not 0.8 <= reached / max(self.suspect, 1) <= 1.25:
            return dataclasses.replace(self, suspect=reached, good=0)
        ceiling = min(self.ceiling, reached) if self.ceiling else reached
        return dataclasses.replace(self, seconds=max(self.least, reached // 2), ceiling=ceiling, suspect=0, good=0)

    def limited(self, nearest: int) -> Heartbeat:
        """
        Adopt the limit that a server named (Ping status 5).
        """
        if nearest < self.seconds:
            return dataclasses.replace(self, seconds=nearest, most=nearest, least=min(self.least, nearest), good=0)
        return dataclasses.replace(self, seconds=nearest, least=nearest, most=max(self.most, nearest), good=0)
