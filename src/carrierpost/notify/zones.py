"""
The zone that a device is in.
"""

from __future__ import annotations

import datetime as dt
import zoneinfo

__all__ = ["zone_of"]


def zone_of(name: str) -> dt.tzinfo:
    """
    Give a zone by its IANA name; UTC when nothing is known of that name, as a device may know newer zones than we do.
    """
    try:
        return zoneinfo.ZoneInfo(name)
    except (zoneinfo.ZoneInfoNotFoundError, ValueError, OSError):
        return dt.UTC
