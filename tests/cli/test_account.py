"""
`carrierpost account`: adding, listing, removing; every way to give a password; every way it can go wrong.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.cli.town import ADA, PASSWORD, Town


def test_an_account_is_added_listed_and_removed(town: Town) -> None:
    """What `add` says is what `list` shows; after `remove` nothing is held, and the mailbox is as it was."""
    town.furnish()
    assert f"{ADA} is added: as you named it, ActiveSync 16.1" in town.add().out
    assert town.run("sync").status == 0
    listed = town.run("account", "list", "--json").json
    assert [(one["address"], one["url"], one["version"], one["state"]) for one in listed] == [
        (ADA, town.url, "16.1", "active")
    ]
    assert ADA in town.run("account", "list").out
    removed = town.run("account", "remove", ADA, "--yes")
    assert removed.status == 0
    assert "the mailbox at the server is as it was" in removed.out
    assert town.run("account", "list", "--json").json == []
    assert "no account yet" in town.run("account", "list").out
    assert town.do(lambda: len(list(town.mailbox.all_items()))) == 6


def test_removal_asks_first(town: Town) -> None:
    """Without `--yes` a person is asked, and no means no."""
    town.add()
    assert town.run("account", "remove", ADA, typed="n\n").status == 130
    assert len(town.run("account", "list", "--json").json) == 1
    assert town.run("account", "remove", ADA, typed="y\n").status == 0


def test_the_password_may_come_from_a_file_or_the_environment(
    town: Town, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A file's first line, or a variable; either is enough to log in."""
    file = tmp_path / "password"
    file.write_text(PASSWORD + "\n", encoding="utf-8")
    words = ("account", "add", ADA, "--server", town.url)
    assert town.run(*words, "--password-file", str(file)).status == 0
    town.run("account", "remove", ADA, "--yes")
    monkeypatch.setenv("CARRIERPOST_PASSWORD", PASSWORD)
    assert town.run(*words).status == 0


def test_a_pinned_version_is_spoken(town: Town) -> None:
    """`--version` chooses among what the server offers."""
    assert town.run("account", "list").status == 0
    assert "ActiveSync 12.1" in town.add("--version", "12.1").out


@pytest.mark.parametrize(
    ("arguments", "typed", "status", "said"),
    [
        ((ADA,), "wrong\n", 1, "password"),
        ((ADA,), "\n", 2, "the password is empty"),
        (("ada",), f"{PASSWORD}\n", 2, "'ada' is no mail address"),
        ((ADA, "--version", "9.9"), f"{PASSWORD}\n", 2, "9.9"),
        ((ADA, "--ca", "/nowhere/ca.pem"), f"{PASSWORD}\n", 2, "/nowhere/ca.pem"),
        ((ADA, "--time-zone", "Mars/Olympus"), f"{PASSWORD}\n", 2, "Mars/Olympus"),
    ],
)
def test_what_is_wrong_is_said(town: Town, arguments: tuple[str, ...], typed: str, status: int, said: str) -> None:
    """Each mistake has its sentence, keeps nothing, and never repeats the password."""
    ran = town.run("account", "add", *arguments, "--server", town.url, "--password-file", "-", typed=typed)
    assert (ran.status, ran.out) == (status, "")
    assert said in ran.err
    assert "Traceback" not in ran.err
    assert PASSWORD not in ran.err
    assert town.run("account", "list", "--json").json == []


@pytest.mark.parametrize(
    ("server", "said"),
    [
        ("http://mail.example.com", "readable"),
        ("ftp://mail.example.com", "is no server"),
        ("https://[mail.example.com", "is no server"),
        ("https://mail.example.com:port", "is no server"),
        ("https://127.0.0.1:1", "127.0.0.1"),
        ("https://user:secret@mail.example.com", "--login"),
    ],
)
def test_a_server_that_cannot_be_used_is_named(town: Town, server: str, said: str) -> None:
    """An address that is none, would show the password, or does not answer; the password is not asked for a bad one."""
    ran = town.run("account", "add", ADA, "--server", server, "--password-file", "-", typed=f"{PASSWORD}\n")
    assert ran.status == 1
    assert said in ran.err
    assert "secret@" not in ran.err


def test_the_same_address_is_not_added_twice(town: Town) -> None:
    """The second time, in whatever case it is written, says how to remove the first."""
    town.add()
    again = town.run("account", "add", ADA.upper(), "--server", town.url, "--password-file", "-", typed=f"{PASSWORD}\n")
    assert again.status == 1
    assert "carrierpost account remove" in again.err


def test_nothing_readable_lies_in_the_home(town: Town) -> None:
    """Neither password nor mail can be read in the files, and only their owner may read them at all."""
    town.do(lambda: town.mailbox.deliver("Confidential heron", "the heron flies at midnight"))
    town.add()
    town.run("sync")
    for file in (town.home, *town.home.rglob("*")):
        assert file.stat().st_mode & 0o077 == 0, file
        if file.is_file():
            content = file.read_bytes()
            assert b"heron" not in content
            assert PASSWORD.encode() not in content


def test_a_trace_has_no_password(town: Town, tmp_path: Path) -> None:
    """`--trace` writes every exchange readable, but for the secrets."""
    town.add("--trace", str(tmp_path / "trace"))
    town.run("sync", "--trace", str(tmp_path / "trace"))
    files = sorted(file.name for file in (tmp_path / "trace").iterdir())
    assert files[0] == "0001-OPTIONS.request.headers"
    assert any(name.endswith("-Sync.response.xml") for name in files)
    for file in (tmp_path / "trace").iterdir():
        assert PASSWORD not in file.read_text(encoding="utf-8")
