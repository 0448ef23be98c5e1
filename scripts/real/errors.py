"""
What a person is told when servers cannot be had here.
"""

from __future__ import annotations

__all__ = ["RealServerError"]


class RealServerError(Exception):
    """
    A server cannot be installed, started or stopped; the message says why and what to do next.
    """
