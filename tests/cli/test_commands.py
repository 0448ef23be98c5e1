"""
The commands as a whole: help, usage, and what no command may do.
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import click
import pytest

from carrierpost.cli import _COMMANDS, cli, main


def _commands(group: click.Group, path: tuple[str, ...] = ()) -> list[tuple[str, ...]]:
    found = []
    context = click.Context(group)
    for name in group.list_commands(context):
        command = group.get_command(context, name)
        assert command is not None, name
        found.append((*path, name))
        if isinstance(command, click.Group):
            found += _commands(command, (*path, name))
    return found


@pytest.mark.parametrize("path", _commands(cli), ids=" ".join)
def test_every_command_has_help(path: tuple[str, ...], capsys: pytest.CaptureFixture[str]) -> None:
    """`--help` of each command says what it is for, and that is what the list of commands says of it."""
    assert main([*path, "--help"]) == 0
    said = capsys.readouterr().out
    assert said.startswith("Usage: carrierpost ")
    if len(path) == 1:
        assert _COMMANDS[path[0]] in said


def test_unknown_command_names_the_thing(capsys: pytest.CaptureFixture[str]) -> None:
    """A mistyped command is wrong usage: status 2, and the word is repeated."""
    assert main(["snyc"]) == 2
    assert "snyc" in capsys.readouterr().err


def test_reader_that_goes_away_is_no_error(tmp_path: Path) -> None:
    """Output into a pipe that closes early, as `| head -1` does, ends quietly."""
    command = f"{sys.executable} -m carrierpost wbxml decode {tmp_path}/sync.wbxml | head -c 1"
    (tmp_path / "sync.wbxml").write_bytes(
        b"\x03\x01\x6a\x00\x45\x5c" + b"\x4f\x4b\x031\0\x01\x01" * 50_000 + b"\x01\x01"
    )
    ran = subprocess.run(command, shell=True, capture_output=True, text=True, check=False)
    assert ran.stdout == "<"
    assert ran.stderr == ""


def test_home_that_cannot_be_made_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """A directory that cannot be had is a sentence with its name, not a traceback."""
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("CARRIERPOST_HOME", str(tmp_path / "file" / "home"))
    assert main(["account", "list"]) == 1
    said = capsys.readouterr().err
    assert str(tmp_path / "file") in said
    assert "Traceback" not in said
