"""
`carrierpost simulate` as a person and a program use it.
"""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from carrierpost.cli import main

EXAMPLES = Path(__file__).parent.parent.parent / "examples"


def test_day_is_shown_as_a_table_and_drawn(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Every mail has a row, every phone a column; the figures follow, and the chart is where it was asked for."""
    chart = tmp_path / "day.svg"
    assert main(["simulate", str(EXAMPLES / "working-day.toml"), "--chart", str(chart)]) == 0
    said = capsys.readouterr().out
    [row] = [line for line in said.splitlines() if "Dinner on Friday?" in line]
    assert row.startswith("19:05")
    assert row.count("at once") == 2  # with push, and on Android
    assert "longest wait" in said
    assert chart.read_text(encoding="utf-8").startswith("<svg ")


def test_month_is_shown_in_figures(capsys: pytest.CaptureFixture[str]) -> None:
    """Hundreds of mails are not listed unless asked for."""
    assert main(["simulate", str(EXAMPLES / "month.toml")]) == 0
    said = capsys.readouterr().out
    assert "--all lists them" in said
    assert len(said.splitlines()) < 25


def test_programs_get_json(capsys: pytest.CaptureFixture[str]) -> None:
    """One document with every phone, its figures and every mail, the same each time."""
    outputs = []
    for _ in range(2):
        assert main(["simulate", str(EXAMPLES / "working-day.toml"), "--json"]) == 0
        outputs.append(capsys.readouterr().out)
    assert outputs[0] == outputs[1]
    phones = {one["phone"]: one for one in json.loads(outputs[0])["phones"]}
    assert list(phones) == ["ios-push", "ios-refresh", "ios-none", "android"]
    assert {len(one["notices"]) for one in phones.values()} == {14}
    assert phones["ios-push"]["pushes"] == 13
    assert "no notify channel" in phones["ios-none"]["notices"][-1]["reason"]


def test_refreshes_are_explained(capsys: pytest.CaptureFixture[str]) -> None:
    """Each background refresh is listed with what had been told of it before."""
    assert main(["simulate", str(EXAMPLES / "working-day.toml"), "--refreshes"]) == 0
    assert "next about" in capsys.readouterr().out


def test_mistake_in_a_story_is_a_sentence(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The file, the place and what is expected there; no traceback."""
    story = tmp_path / "day.toml"
    story.write_text('start = 2026-03-03\n[[open]]\nat = "noon"\n')
    assert main(["simulate", str(story)]) == 1
    said = capsys.readouterr().err
    assert said == f"carrierpost: {story}: open number 1, at: 'noon' is no time of day; write it as in \"07:05\"\n"
    story.write_bytes(b"\xff\xfe")
    assert main(["simulate", str(story)]) == 1
    assert "not text in UTF-8" in capsys.readouterr().err
    assert main(["simulate", str(tmp_path / "none.toml")]) == 2
