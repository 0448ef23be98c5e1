"""
Output that nobody reads to its end.
"""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest


@pytest.mark.parametrize("words", [("demo", "--headless", "--seconds", "1"), ("--help",), ("wbxml", "--help")])
def test_a_reader_who_goes_ends_the_program_quietly(words: tuple[str, ...], tmp_path: Path) -> None:
    """As with `| head`: no complaint, no trace of Python, status 0."""
    program = subprocess.Popen(
        [sys.executable, "-m", "carrierpost", *words],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env={**os.environ, "CARRIERPOST_HOME": str(tmp_path)},
    )
    assert program.stdout is not None
    program.stdout.close()
    _, said = program.communicate(timeout=120)
    assert (program.returncode, said) == (0, b"")
