"""
A town for each test of the command line.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.cli.town import Town, town_of


@pytest.fixture
def town(tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Iterator[Town]:
    """
    Give a running server with Ada's mailbox, and her terminal.
    """
    monkeypatch.delenv("CARRIERPOST_PASSWORD", raising=False)
    with town_of(tmp_path / "home", capsys, monkeypatch) as town:
        yield town
