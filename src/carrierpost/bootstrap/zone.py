"""
Which time zone this machine is in.
"""

from __future__ import annotations

import contextlib
import os
from pathlib import Path

__all__ = ["machine_zone"]


def machine_zone() -> str:
    """
    Give the IANA name of this machine's time zone; `UTC` when it does not say.
    """
    named = os.environ.get("TZ", "").lstrip(":")
    if "/" in named and not named.startswith("/"):
        return named
    with contextlib.suppress(OSError):
        parts = Path("/etc/localtime").resolve().parts
        if "zoneinfo" in parts:
            name = "/".join(parts[parts.index("zoneinfo") + 1 :])
            return name if "/" in name else "UTC"
    return "UTC"
