"""
How long a Ping may last: learned per account. Pure.

A held connection that is cut silently costs the notice of whatever arrives, so the interval starts modest. It grows as
long as it is answered in time, and shrinks as soon as one is not; what is known to be too long is remembered.
"""

from __future__ import annotations

import dataclasses

from carrierpost.engine.settings import EngineSettings

__all__ = ["Heartbeat"]

_GROWTH = 120
_PATIENCE = 2  # answers in time before it grows


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
    """

    seconds: int
    ceiling: int = 0
    least: int = 60
    most: int = 3540
    good: int = 0

    @classmethod
    def of(cls, settings: EngineSettings, learned: int = 0, ceiling: int = 0) -> Heartbeat:
        """
        Begin with what an account has learned before, or modestly.
        """
        return cls(
            seconds=learned or settings.heartbeat,
            ceiling=ceiling,
            least=settings.least_heartbeat,
            most=settings.most_heartbeat,
        )

    def answered(self, held: float) -> Heartbeat:
        """
        Learn from a Ping that was answered, after `held` seconds, by news or by its end.
        """
        if held < self.seconds * 0.9:
            return self
        if self.good + 1 < _PATIENCE:
            return dataclasses.replace(self, good=self.good + 1)
        top = min(self.most, self.ceiling - _GROWTH) if self.ceiling else self.most
        return dataclasses.replace(self, seconds=max(self.seconds, min(self.seconds + _GROWTH, top)), good=0)

    def cut(self, held: float) -> Heartbeat:
        """
        Learn from a Ping that was never answered, or whose connection broke after `held` seconds.

        One that broke at once says nothing about the interval: the network was simply away.
        """
        if held < self.least:
            return self
        reached = min(self.seconds, int(held))
        ceiling = min(self.ceiling, reached) if self.ceiling else reached
        return dataclasses.replace(self, seconds=max(self.least, reached // 2), ceiling=ceiling, good=0)

    def limited(self, nearest: int) -> Heartbeat:
        """
        Adopt the limit that a server named (Ping status 5).
        """
        if nearest < self.seconds:
            return dataclasses.replace(self, seconds=nearest, most=nearest, least=min(self.least, nearest), good=0)
        return dataclasses.replace(self, seconds=nearest, least=nearest, most=max(self.most, nearest), good=0)
