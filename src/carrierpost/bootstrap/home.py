"""
The directory below which everything lives, and its private files.
"""

from __future__ import annotations

import contextlib
import os
from collections.abc import Mapping
from pathlib import Path

import platformdirs

__all__ = ["find_home", "write_private"]


def find_home(environment: Mapping[str, str]) -> Path:
    """
    Give the directory below which everything lives: `CARRIERPOST_HOME`, or the system's place for it.
    """
    named = environment.get("CARRIERPOST_HOME")
    return Path(named).expanduser() if named else Path(platformdirs.user_data_dir("carrierpost"))


def write_private(file: Path, text: str) -> None:
    """
    Write a file that only its owner may read, unless it is there already.
    """
    with contextlib.suppress(FileExistsError):
        descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "w", encoding="ascii") as stream:
            stream.write(text)
