"""
The examples run as they stand.
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parent.parent


def test_native_host_lives_a_day() -> None:
    """The example's phone is opened, left, suspended, refreshed with one new mail, and closed, each with its reason."""
    ran = subprocess.run(
        [sys.executable, "examples/native_host.py"], cwd=ROOT, capture_output=True, text=True, check=False, timeout=120
    )
    assert ran.returncode == 0, ran.stderr
    lines = ran.stdout.splitlines()
    assert [line.partition(":")[0].strip() for line in lines if not line.startswith(" ")] == [
        "opened",
        "left",
        "suspended",
        "refreshed",
        "battery",
        "closed",
    ]
    assert "grace period" in lines[1]
    assert lines[3].strip().startswith("next about ")
    assert lines[4] == "refreshed: 1 new, finished"
    assert "low power mode is on" in lines[6]
