"""
What the command line asks and changes at the server there and then: folders, out of office, searches, people.
"""

from __future__ import annotations

import datetime as dt
import re
from pathlib import Path

import pytest

from carrierpost.protocol.commands.folder_sync import FolderType
from carrierpost.protocol.commands.oof import Audience, OofState
from carrierpost.server.faults import status
from tests.cli.town import ADA, Town


@pytest.fixture
def held(town: Town) -> Town:
    """Give a town whose mailbox is held."""
    town.furnish()
    town.add()
    assert town.run("sync").status == 0
    return town


def _there(town: Town) -> set[str]:
    return town.do(lambda: {one.display_name for one in town.mailbox.folders.values()})


def test_folders_are_made_renamed_moved_and_deleted(held: Town) -> None:
    """At the server at once, known by name or path, and listed without another synchronization."""
    assert held.run("folders", "create", "Projects").out == "Projects: made\n"
    made = held.run("folders", "create", "Bridge", "--in", "projects", "--for", "contacts", "--json").json
    assert (made["path"], made["done"]) == ("Projects/Bridge", "made")
    assert _there(held) >= {"Projects", "Bridge"}
    assert held.run("folders", "rename", "Projects", "Plans").out == "Plans: renamed\n"
    assert held.run("folders", "move", "Plans", "--in", "Inbox").out == "Inbox/Plans: moved\n"
    paths = {one["path"]: one["class"] for one in held.run("folders", "list", "--json").json}
    assert (paths["Inbox/Plans"], paths["Inbox/Plans/Bridge"]) == ("Email", "Contacts")
    assert held.run("folders", "move", "Plans").out == "Plans: moved\n"
    assert "nothing new" in held.run("sync").out
    refused = held.run("folders", "delete", "Plans", typed="n\n")
    assert (refused.status, "Plans" in _there(held)) == (130, True)
    assert "Delete Plans with 0 items and 1 folders inside?" in refused.out
    assert held.run("folders", "delete", "Plans", "--yes").out == "Plans with 0 items and 1 folders inside: deleted\n"
    assert not _there(held) & {"Plans", "Bridge"}


def test_folder_that_cannot_be_changed_is_a_sentence(held: Town) -> None:
    """The server's reason, or ours; never a traceback."""
    for words, sentence in (
        (("create", "Inbox"), "There is a folder of this name already"),
        (("create", "X", "--in", "Nowhere"), "there is no folder 'Nowhere'; known: "),
        (("rename", "Inbox", "Post"), "Inbox belongs to the mailbox"),
        (("delete", "Calendar", "--yes"), "Calendar belongs to the mailbox"),
    ):
        ran = held.run("folders", *words)
        assert (ran.status, ran.out) == (1, "")
        assert sentence in ran.err
        assert "Traceback" not in ran.err


def test_out_of_office_is_set_shown_and_switched_off(held: Town) -> None:
    """One text for all or one for each audience, for a time or until further notice."""
    assert held.run("oof", "show").out.startswith("mail is not answered")
    said = held.run("oof", "set", "--text", "Skiing.", "--unknown", "").out
    assert said.startswith("mail is answered\n")
    assert re.search(r"colleagues +yes +Skiing\.", said)
    assert re.search(r"everybody else +no", said)
    values = held.run(
        "oof", "set", "--internal", "Back soon.", "--from", "2026-12-24", "--until", "2026-12-31 18:00", "--json"
    ).json
    assert (values["state"], values["start"], values["end"]) == (
        "between", "2026-12-23T23:00:00Z", "2026-12-31T17:00:00Z",
    )  # fmt: skip
    texts = {one["audience"]: one["text"] for one in values["messages"]}
    assert (texts["internal"], texts["known"]) == ("Back soon.", "Skiing.")
    assert held.run("oof", "off").out.startswith("mail is not answered")
    kept = held.do(lambda: held.mailbox.oof)
    assert kept.state is OofState.OFF
    assert {one.audience: one.reply_message for one in kept.messages}[Audience.INTERNAL] == "Back soon."


def test_out_of_office_that_makes_no_sense_is_wrong_usage(held: Town) -> None:
    """It names what is missing; what the server forbids is its sentence."""
    assert "oof set --text" in held.run("oof", "set").err
    assert "go together" in held.run("oof", "set", "--text", "x", "--from", "2026-12-24").err
    backwards = held.run("oof", "set", "--text", "x", "--from", "2026-12-24", "--until", "2026-12-23")
    assert (backwards.status, "ends before it begins" in backwards.err) == (1, True)
    held.do(lambda: held.server.faults.add(status(3), command="Settings"))
    denied = held.run("oof", "show")
    assert (denied.status, "does not allow this setting" in denied.err) == (1, True)


@pytest.mark.parametrize("version", ["14.1", "16.1"])
def test_server_is_searched(town: Town, version: str) -> None:
    """What is held has the number under which it can be shown; what is not is found all the same."""
    town.furnish()
    town.add("--version", version)
    town.run("sync")
    later = dt.datetime.now(dt.UTC) + dt.timedelta(hours=1)
    town.do(lambda: town.mailbox.deliver("Another visit", "On Monday.", sender="bo@birch.example", received=later))
    values = town.run("search", "--server", "visit", "--json").json
    assert values["total"] == 2
    new, old = values["found"]
    assert (new["subject"], new["id"], new["folder"], new["by"]) == ("Another visit", None, "Inbox", "server")
    assert old["by"] == "both"
    assert "Site visit on Friday" in town.run("mail", "show", str(old["id"])).out
    said = town.run("search", "--server", "visit", "-n", "1").out
    assert "Another visit" in said
    assert "1 of about 2; more with: --limit 2" in said
    assert town.run("search", "--server", "nowhere").out == "nothing found\n"
    assert "nothing found" in town.run("search", "--server", "visit", "--folder", "Drafts").out
    assert "goes together with --server" in town.run("search", "visit", "--folder", "Inbox").err


def test_what_the_server_does_not_find_is_found_here(held: Town) -> None:
    """A mail that is gone at the server, and not yet here, stands in the same list, and only in its own folder."""

    def remove() -> None:
        inbox = held.mailbox.folder(FolderType.INBOX)
        [item] = [one for one in inbox.items.values() if one.data.subject == "Minutes"]  # type: ignore[union-attr]
        held.mailbox.delete(inbox, item)

    held.do(remove)
    [found] = held.run("search", "--server", "decided", "--json").json["found"]
    assert (found["subject"], found["by"]) == ("Minutes", "here")
    assert held.run("search", "--server", "decided", "--folder", "Drafts", "--json").json["found"] == []


def test_people_are_found_and_their_pictures_saved(held: Town, tmp_path: Path) -> None:
    """By the beginning of a word; without anybody, a sentence. No address leads out of the directory for pictures."""

    def move_in() -> None:
        held.server.add_user("grace@larch.example", "x", name="Grace Heron").picture = b"\x89PNG..."
        held.server.add_user("../eve@larch.example", "x", name="Eve").picture = b"\xff\xd8..."

    held.do(move_in)
    [found] = held.run("gal", "her", "--json").json["found"]
    assert (found["display_name"], found["email_address"]) == ("Grace Heron", "grace@larch.example")
    assert "grace@larch.example" in held.run("gal", "gra").out
    assert held.run("gal", "zz").out == "nobody found\n"
    faces = tmp_path / "faces"
    assert "grace@larch.example.png" in held.run("gal", "grace", "--pictures", str(faces)).out
    assert held.run("gal", "eve", "--pictures", str(faces)).status == 0
    assert {one.name for one in faces.iterdir()} == {"grace@larch.example.png", "_eve@larch.example.jpg"}
    assert (faces / "grace@larch.example.png").read_bytes() == b"\x89PNG..."


def test_free_and_busy_are_told(held: Town) -> None:
    """For a day; who is not known is named."""
    said = held.run("freebusy", ADA, "nobody@larch.example", "--day", "2026-05-04").out
    assert re.search(r"2026-05-04 09:00 +2026-05-04 09:30 +busy", said)
    assert re.search(r"nobody@larch.example +The server knows nobody", said)
    mine, other = held.run("freebusy", ADA, "nobody@larch.example", "--day", "2026-05-07", "--json").json
    assert [one["state"] for one in mine["times"]] == ["free"]
    assert other["times"] == []
    assert "free all the time" in held.run("freebusy", ADA, "--day", "2026-05-07").out
