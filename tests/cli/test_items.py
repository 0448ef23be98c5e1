"""
What is held, shown: list, show and search of each class, for people and for programs.
"""

from __future__ import annotations

import pytest

from tests.cli.town import Town


@pytest.fixture
def held(town: Town) -> Town:
    """
    Give a town whose mailbox is synchronized.
    """
    town.furnish()
    town.add()
    ran = town.run("sync")
    assert ran.status == 0, ran.err
    return town


def test_mail_is_listed_newest_first(held: Town) -> None:
    """A dot marks what is unread; sender and subject are shown."""
    lines = held.run("mail", "list").out.splitlines()
    assert lines[0].split() == ["ID", "Received", "From", "Subject", "Folder"]
    assert len(lines) == 3
    unread = next(line for line in lines if "Site visit on Friday" in line)
    assert "•" in unread
    assert "Bruno Birk" in unread
    assert held.run("mail", "list", "--unread").out.count("\n") == 2


def test_an_item_is_shown_whole(held: Town) -> None:
    """`show` gives properties and text; HTML is shown as text."""
    found = held.run("mail", "list", "--json").json
    by_subject = {one["data"]["subject"]: one["id"] for one in found}
    shown = held.run("mail", "show", str(by_subject["Minutes"])).out
    assert "From:        office@birch.example" in shown
    assert "Nothing decided." in shown.replace("  ", " ")
    values = held.run("mail", "show", str(by_subject["Site visit on Friday"]), "--json").json
    assert values["body"]["data"] == "We meet at the gate."


def test_every_class_is_listed(held: Town) -> None:
    """Contacts, tasks and notes are listed with what one looks for."""
    assert "Grace Heron" in held.run("contacts", "list").out
    assert "Elm Quay" in held.run("contacts", "list").out
    tasks = held.run("tasks", "list").out
    assert "Order bolts" in tasks
    assert "2026-05-08" in tasks
    assert "Bolts" in held.run("notes", "list").out
    (note,) = held.run("notes", "list", "--json").json
    assert "Twelve of them." in held.run("notes", "show", str(note["id"])).out


def test_a_series_is_listed_by_its_occurrences(held: Town) -> None:
    """Each occurrence within the days asked for has a line of its own."""
    shown = held.run("calendar", "list", "--from", "2026-05-01", "--days", "31", "--json").json
    assert [one["start"][:10] for one in shown] == ["2026-05-04", "2026-05-05", "2026-05-06"]
    assert held.run("calendar", "list", "--from", "2026-05-01", "--days", "31").out.count("Standup") == 3
    assert "nothing in the 14 days" in held.run("calendar", "list", "--from", "2030-01-01").out


def test_search_finds_words_anywhere(held: Town) -> None:
    """A word of the text, the beginning of a name; what is not there is said to be not found."""
    assert "Site visit on Friday" in held.run("search", "gate").out
    assert "Grace Heron" in held.run("search", "hero").out
    (hit,) = held.run("search", "twelve", "--json").json
    assert (hit["class"], hit["title"]) == ("Notes", "Bolts")
    assert "nothing found" in held.run("search", "zeppelin").out
    assert held.run("search", '"unbalanced', "AND", "(").status == 0


def test_folders_say_what_is_not_synchronized(held: Town) -> None:
    """Counts and reasons stand beside the folders; public folders are said to be missing (S2)."""
    said = held.run("folders", "list").out
    assert "Public folders are not among them" in said
    assert "other people's calendars" in said
    listed = {one["name"]: one for one in held.run("folders", "list", "--json").json}
    assert listed["Inbox"]["items"] == 2
    assert listed["Inbox"]["progress"] == "complete"
    assert listed["Outbox"]["note"]


def test_drafts_stay_local_below_16(town: Town) -> None:
    """With 14.1 the Drafts folder says that its drafts stay here (S3)."""
    town.add("--version", "14.1")
    town.run("sync")
    listed = {one["name"]: one for one in town.run("folders", "list", "--json").json}
    assert "drafts here stay here" in listed["Drafts"]["note"]


def test_what_is_not_there_is_named(held: Town) -> None:
    """A wrong id, folder, account, number or date is repeated in the sentence that refuses it."""
    for status, *words in (
        (1, "mail", "show", "4711"),
        (2, "mail", "list", "--folder", "Nowhere"),
        (2, "mail", "list", "--account", "eve@larch.example"),
        (2, "mail", "list", "-n", "0"),
        (2, "calendar", "list", "--from", "tomorrow"),
    ):
        ran = held.run(*words)
        assert (ran.status, ran.out) == (status, "")
        assert words[-1] in ran.err
        assert "Traceback" not in ran.err


def test_an_item_of_another_class_points_to_its_command(held: Town) -> None:
    """Asked for a contact among mail, the answer names the command that shows it."""
    (contact,) = held.run("contacts", "list", "--json").json
    assert f"carrierpost contacts show {contact['id']}" in held.run("mail", "show", str(contact["id"])).err
