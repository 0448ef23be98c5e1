"""
`carrierpost exchange`: the built-in server on a port, and the commands that speak to it.
"""

from __future__ import annotations

import contextlib
import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from carrierpost.cli import main
from carrierpost.cli.exchange_control import recorded
from carrierpost.protocol.classes import Email
from carrierpost.protocol.commands.folder_sync import FolderType
from carrierpost.server.background import BackgroundExchange
from carrierpost.server.device import Device, WipeState
from carrierpost.server.policies import POLICIES
from carrierpost.server.serve import Serving

TOKEN = "let me in"


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """
    Move what belongs to a person's own Carrierpost.
    """
    monkeypatch.setenv("CARRIERPOST_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("COLUMNS", "200")
    return tmp_path / "home"


@contextlib.contextmanager
def _running(**options: Any) -> Iterator[BackgroundExchange]:
    """Run a server in this process, and leave the note by which commands find it."""
    with BackgroundExchange(**options) as running:
        running.server.control_token = TOKEN
        port = int(running.origin.rpartition(":")[2])
        with recorded(Serving("127.0.0.1", port, secure=False), TOKEN, None):
            yield running


def _said(capsys: pytest.CaptureFixture[str]) -> Any:
    return json.loads(capsys.readouterr().out.splitlines()[-1])


# -- serving


def test_it_serves_and_says_how_to_get_there(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Address, users with passwords and versions are told; when it ends, nothing is left behind."""
    status = main(
        ["exchange", "--port", "0", "--seconds", "0.1", "--json", "--user", "carl:secret", "--user", "dora@elm.example",
         "--version", "14.0-16.0", "--version", "12.1"]
    )  # fmt: skip
    assert status == 0
    said = _said(capsys)
    assert said["url"] == f"http://127.0.0.1:{said['port']}/Microsoft-Server-ActiveSync"
    assert said["versions"] == ["12.1", "14.0", "14.1", "16.0"]
    carl, dora = said["users"]
    assert carl == {"address": "carl@exchange.example", "password": "secret"}
    assert dora["address"] == "dora@elm.example"
    assert len(dora["password"]) >= 12
    assert list((home / "exchange").iterdir()) == []


def test_a_person_reads_what_to_type_next(capsys: pytest.CaptureFixture[str]) -> None:
    """The lines are commands that work, with this server's address in them."""
    assert main(["exchange", "--port", "0", "--seconds", "0.1"]) == 0
    out = capsys.readouterr().out
    assert "carrierpost account add alice@exchange.example --server http://127.0.0.1:" in out
    assert "carrierpost exchange deliver --port " in out


def test_a_world_may_live_in_it(capsys: pytest.CaptureFixture[str]) -> None:
    """Its people are the users, beside those who were named."""
    assert (
        main(["exchange", "--port", "0", "--seconds", "0.3", "--every", "0.05", "--world", "--user", "eve", "--json"])
        == 0
    )
    users = [one["address"] for one in _said(capsys)["users"]]
    assert len(users) == 4
    assert users[-1] == "eve@exchange.example"


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["--version", "3.0"], "choose one of 12.1"),
        (["--version", "16.1-12.1"], "the older version comes first"),
        (["--user", ":x"], "names nobody"),
        (["--policy", "odd"], "there are none, basic, strict"),
        (["--fault", "dely(3)"], "there is no fault 'dely'"),
        (["--key", __file__], "--key needs --certificate"),
        (["--tls", "--certificate", __file__], "--tls makes a certificate"),
        (["--certificate", __file__], "cannot be used for HTTPS"),
        (["--every", "3"], "--every needs --world"),
        (["--log", "status"], "--log before status has no effect"),
        (["--host", "203.0.113.7"], "choose another port"),
    ],
)
def test_what_makes_no_sense_is_explained(
    arguments: list[str], sentence: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """One sentence says what is wrong and what would be right."""
    assert (
        main(["exchange", "--seconds", "0.1", *arguments] if "status" not in arguments else ["exchange", *arguments])
        > 0
    )
    assert sentence in capsys.readouterr().err


def test_an_account_synchronizes_with_it(home: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The whole story over HTTPS: serve, deliver, add an account, synchronize it, see the device, and press Ctrl-C."""
    arguments = [
        sys.executable,
        "-m",
        "carrierpost",
        "exchange",
        "--port",
        "0",
        "--tls",
        "--json",
        "--log",
        "--user",
        "alice",
    ]
    with subprocess.Popen(arguments, stdout=subprocess.PIPE, text=True, cwd=tmp_path) as server:
        assert server.stdout is not None
        try:
            said = json.loads(server.stdout.readline())
            [note] = (home / "exchange").iterdir()
            assert note.stat().st_mode & 0o077 == 0
            assert said["users"][0]["password"] not in note.read_text()
            assert main(["exchange", "deliver", "--to", "alice", "--subject", "Tea?", "--count", "3"]) == 0
            (tmp_path / "password").write_text(said["users"][0]["password"])
            add = ["account", "add", "alice@exchange.example", "--server", said["url"], "--ca", said["certificate"]]
            assert main([*add, "--password-file", str(tmp_path / "password")]) == 0
            assert main(["sync"]) == 0
            capsys.readouterr()
            assert main(["mail", "list", "--json"]) == 0
            assert len(_said(capsys)) == 3
            assert main(["exchange", "status", "--json"]) == 0
            [device] = _said(capsys)["devices"]
            assert (device["user"], device["version"]) == ("alice@exchange.example", "16.1")
        finally:
            server.send_signal(signal.SIGINT)
            rest = server.stdout.read()
    assert server.returncode == 0
    assert list((home / "exchange").iterdir()) == []
    handled = [json.loads(line) for line in rest.splitlines()]
    assert {"OPTIONS", "FolderSync", "Sync", "GET /-/", "POST /-/mail"} <= {one["command"] for one in handled}
    # The first question, which logins there are, is asked without one.
    assert [one["http_status"] for one in handled if one["http_status"] != 200] == [401]
    assert said["users"][0]["password"] not in rest


# -- commands to a running server


def test_faults_are_asked_for_listed_and_cleared(capsys: pytest.CaptureFixture[str]) -> None:
    """Several at once, with all their words; the list shows what is still to come."""
    with _running() as running:
        assert main(["exchange", "fault", "reject_key", "delay(5) on Ping for alice@exchange.example x*"]) == 0
        planned = ["reject_key x1", "delay(5) on Ping for alice@exchange.example x*"]
        assert capsys.readouterr().out.splitlines() == planned
        assert [str(one) for one in running.server.faults.planned] == planned
        assert main(["exchange", "faults", "list", "--json"]) == 0
        assert _said(capsys) == {"faults": planned}
        assert main(["exchange", "faults", "clear"]) == 0
        assert "no fault is to come" in capsys.readouterr().out
        assert running.server.faults.planned == ()


def test_mail_is_delivered() -> None:
    """One or many, from whom was named, numbered."""
    with _running() as running:
        assert (
            main(["exchange", "deliver", "--to", "BOB", "--subject", "Tea", "--text", "Four", "--from", "a@b.example"])
            == 0
        )
        assert main(["exchange", "deliver", "--to", "bob@exchange.example", "--subject", "Cake", "--count", "2"]) == 0
        held = running.items("bob", FolderType.INBOX)
        assert [one.subject for one in held if isinstance(one, Email)] == ["Tea", "Cake 1", "Cake 2"]
        assert isinstance(held[0], Email)
        assert held[0].from_ == "a@b.example"
        assert held[0].body is not None
        assert held[0].body.data == "Four"


def test_the_administrator_is_played(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Wipes are ordered and cleared, policies set by name and from a file, users refused and let in."""
    with _running() as running:
        server = running.server
        device = server.devices["alice@exchange.example", "PHONE1"] = Device("PHONE1", "Test")
        assert main(["exchange", "wipe", "PHONE1", "--account-only"]) == 0
        assert (device.wipe, device.wipe_kind) == (WipeState.ORDERED, "account")
        assert main(["exchange", "wipe", "PHONE1", "--clear"]) == 0
        assert device.wipe is WipeState.NONE
        assert main(["exchange", "policy", "strict", "--strict"]) == 0
        assert (server.policy, server.enforce, server.strict) == (POLICIES["strict"], True, True)
        (tmp_path / "policy.json").write_text('{"min_device_password_length": 6}')
        assert main(["exchange", "policy", str(tmp_path / "policy.json"), "--observe"]) == 0
        assert server.policy is not None
        assert (server.policy.min_device_password_length, server.enforce) == (6, False)
        assert main(["exchange", "policy", "none"]) == 0
        assert running.server.policy is None
        assert main(["exchange", "refuse", "alice", "131"]) == 0
        assert server.refused == {("alice@exchange.example", None): 131}
        assert main(["exchange", "refuse", "alice", "0"]) == 0
        assert server.refused == {}
        capsys.readouterr()
        assert main(["exchange", "status"]) == 0
        assert "PHONE1" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["fault", "delay"], "seconds expected"),
        (["fault", "reject_key on Ping"], "reject_key can only happen on Sync and FolderSync, not on Ping"),
        (["deliver", "--to", "zoe", "--subject", "x"], "there is no user 'zoe'; known: alice@exchange.example, bob@"),
        (["wipe", "PHONE9"], "there is no device 'PHONE9'; known: none yet"),
        (["wipe", "PHONE9", "--clear", "--account-only"], "choose one of"),
        (["policy", "odd"], "'odd' is no policy and no file"),
        (["refuse", "zoe", "129"], "there is no user 'zoe'"),
        (["status", "--port", "1"], "no server runs on port 1 here"),
    ],
)
def test_refusals_of_the_running_server_are_explained(
    arguments: list[str], sentence: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """What the server says is what the person reads."""
    with _running():
        assert main(["exchange", *arguments]) > 0
        assert sentence in capsys.readouterr().err


def test_policies_from_files_are_read_with_care(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A misspelt field, a value of the wrong kind, and what is no JSON are each named."""
    file = tmp_path / "policy.json"
    for text, sentence in (
        ('{"min_device_pasword_length": 6}', "did you mean 'min_device_password_length'?"),
        ('{"min_device_password_length": "six"}', "min_device_password_length"),
        ("[]", "policy.json"),
    ):
        file.write_text(text)
        assert main(["exchange", "policy", str(file)]) > 0
        assert sentence in capsys.readouterr().err


def test_servers_are_found_by_their_notes(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """None, one, several, and one that died without taking its note along."""
    assert main(["exchange", "status"]) > 0
    assert "no server runs here; start one with: carrierpost exchange" in capsys.readouterr().err
    with _running() as one:
        assert main(["exchange", "status"]) == 0
        with _running() as other:
            assert main(["exchange", "status"]) > 0
            assert "several servers run; choose one with --port" in capsys.readouterr().err
            port = other.origin.rpartition(":")[2]
            assert main(["exchange", "deliver", "--port", port, "--to", "bob", "--subject", "x"]) == 0
            assert (len(one.items("bob", FolderType.INBOX)), len(other.items("bob", FolderType.INBOX))) == (0, 1)
    note = home / "exchange" / "9.json"
    note.write_text('{"origin": "http://127.0.0.1:9", "token": "x"}')
    assert main(["exchange", "status"]) > 0
    assert f"delete {note}" in capsys.readouterr().err
    os.unlink(note)  # noqa: PTH108 - the last line of the story
