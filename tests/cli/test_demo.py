"""
`carrierpost demo`, as it is: a real server, a real client, a real store.
"""

from __future__ import annotations

import base64
import json
import os
import random
import signal
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

import pytest

from carrierpost.cli import demo as module
from carrierpost.cli import main
from carrierpost.cli.demo_view import Outcome
from carrierpost.server import ExchangeServer
from carrierpost.server.world import Happening, World, build_world

Arrivals = module._Arrivals


@pytest.fixture
def places(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> tuple[Path, Path]:
    """
    Move what the demonstration might leave behind: temporary files, and the home of a person's own Carrierpost.
    """
    temporary, home = tmp_path / "temporary", tmp_path / "home"
    temporary.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(temporary))
    monkeypatch.setenv("CARRIERPOST_HOME", str(home))
    return temporary, home


def _outcome(capsys: pytest.CaptureFixture[str]) -> dict[str, Any]:
    result = json.loads(capsys.readouterr().out.splitlines()[-1])
    assert isinstance(result, dict)
    return result


def test_demo_synchronizes_and_follows_arrivals(places: tuple[Path, Path], capsys: pytest.CaptureFixture[str]) -> None:
    """Everything is held in the end, what happened meanwhile arrived and was timed, and nothing stays behind."""
    assert main(["demo", "--headless", "--seconds", "3", "--json"]) == 0
    result = _outcome(capsys)
    assert result["errors"] == []
    assert result["items"]["email"] >= 800
    assert result["items"]["contacts"] == 120
    assert result["items"]["calendar"] >= 80
    assert result["items"]["tasks"] >= 20
    assert result["items"]["notes"] >= 10
    assert result["folders"] >= 20
    assert result["arrivals"] >= 5
    assert 0 < result["latency_ms"]["p50"] <= result["latency_ms"]["p99"]
    temporary, home = places
    assert not list(temporary.iterdir())
    assert not home.exists()


def test_demo_speaks_an_old_version_and_traces_it(
    places: tuple[Path, Path], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """In 12.1 there are no notes and no drafts; no time to watch means no arrivals; the trace has no password."""
    trace = tmp_path / "trace"
    assert main(["demo", "--version", "12.1", "--seconds", "0", "--json", "--trace", str(trace)]) == 0
    result = _outcome(capsys)
    assert result["items"] == {"email": 798, "contacts": 120, "calendar": 80, "tasks": 26, "notes": 0}
    assert result["arrivals"] == 0
    assert result["latency_ms"] is None
    files = list(trace.iterdir())
    assert any("FolderSync" in file.name for file in files)
    person = _world().person
    coded = base64.b64encode(f"{person.address}:{person.password}".encode()).decode()
    written = "".join(file.read_text(encoding="utf-8") for file in files)
    assert person.address in written
    assert person.password not in written
    assert coded not in written


def _world() -> World:
    server = ExchangeServer()
    return build_world(server, now=server.clock.now(), chance=random.Random(7), mails=300)


def test_demo_names_what_went_wrong(
    places: tuple[Path, Path], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """A server that lets nobody in is an error in the outcome and in the exit status."""

    def locked(server: ExchangeServer, **values: Any) -> World:
        world = build_world(server, **values)
        server.add_user(world.person.address, "another password")
        return world

    monkeypatch.setattr(module, "build_world", locked)
    assert main(["demo", "--seconds", "0"]) == 1
    error, last = capsys.readouterr().out.splitlines()[-2:]
    assert error.startswith("! ")
    assert "password" in error
    assert last.endswith("carrierpost account add ADDRESS")


def test_version_that_is_none_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    """A wrong version is named before anything starts."""
    assert main(["demo", "--version", "9.9"]) == 2
    told = capsys.readouterr()
    assert "9.9" in told.err
    assert told.out == ""


def test_interrupt_ends_it_with_one_line(places: tuple[Path, Path]) -> None:
    """Ctrl-C while it watches: exit status 0, no traceback, one last line that says what to do next."""
    with _started(places) as running:
        assert running.stdout is not None
        before = _read_until(running, "Connected.")
        running.stdout.readline()  # what the numbers mean
        running.send_signal(signal.SIGINT)
        rest, errors = running.communicate(timeout=60)
    assert running.returncode == 0, errors
    assert errors == ""
    last = rest.splitlines()[-1]
    assert last.endswith("carrierpost account add ADDRESS")
    assert "\x1b" not in before + rest
    assert "nothing of yours is read" in before
    assert "800 mails, 80 events, 120 contacts" in before
    assert not list(places[0].iterdir())


def test_interrupt_at_the_very_beginning_is_as_quiet(places: tuple[Path, Path]) -> None:
    """Ctrl-C before anything is connected ends it the same way."""
    with _started(places) as running:
        _read_until(running, "nothing stays behind")
        running.send_signal(signal.SIGINT)
        rest, errors = running.communicate(timeout=60)
    assert (running.returncode, errors) == (0, "")
    assert rest.splitlines()[-1].endswith("carrierpost account add ADDRESS")
    assert not list(places[0].iterdir())


def _started(places: tuple[Path, Path]) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-u", "-m", "carrierpost", "demo"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, "TMPDIR": str(places[0])},
    )


def _read_until(running: subprocess.Popen[str], words: str) -> str:
    assert running.stdout is not None
    lines = []
    for line in running.stdout:
        lines.append(line)
        if words in line:
            break
    assert words in lines[-1]
    return "".join(lines)


def test_arrival_is_timed_from_the_server_s_commit_to_the_store_s() -> None:
    """A change that was committed before the happening is not its arrival; what is never waited for has no time."""
    arrivals = Arrivals()
    arrivals.watch(["5"])
    arrivals.know(1, "5:1")
    arrivals.know(2, "5:2")
    assert arrivals.arrive(1, 10.0) is None
    arrivals.expect(Happening("a mail is read elsewhere", "Lunch?", ("5:1",), 20.0))
    assert arrivals.arrive(1, 19.5) is None
    assert arrivals.arrive(2, 20.5) is None
    assert [one.title for one in arrivals.missing] == ["Lunch?"]
    assert arrivals.arrive(1, 20.25) == 250.0
    assert arrivals.latencies == [250.0]
    assert arrivals.missing == []


def test_happening_has_arrived_with_the_last_of_its_items() -> None:
    """A mail that is moved is an arrival once it is gone here and there there."""
    arrivals = Arrivals()
    arrivals.watch(["5", "6"])
    arrivals.know(1, "5:1")
    arrivals.know(2, "6:9")
    arrivals.expect(Happening("a mail is filed elsewhere", "Lunch?", ("5:1", "6:9"), 20.0))
    assert arrivals.arrive(1, 20.125) == 125.0
    assert arrivals.latencies == []
    assert len(arrivals.missing) == 1
    assert arrivals.arrive(2, 20.5) == 500.0
    assert arrivals.latencies == [500.0]


def test_what_a_version_does_not_show_is_not_missed() -> None:
    """A change in a folder that is not synchronized is no arrival that failed to come."""
    arrivals = Arrivals()
    arrivals.watch(["5"])
    arrivals.expect(Happening("a note gets longer", "Door codes", ("10:1",), 20.0))
    assert arrivals.missing == []


def test_percentiles_are_of_what_was_measured() -> None:
    """P50 and p99 are latencies that occurred."""
    outcome = Outcome({"email": 1}, 2, tuple(float(number) for number in range(100, 0, -1)), ())
    assert outcome.values()["latency_ms"] == {"p50": 50.0, "p99": 99.0}
    assert outcome.values()["items"] == {"email": 1, "contacts": 0, "calendar": 0, "tasks": 0, "notes": 0}
