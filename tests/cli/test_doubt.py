"""
A person decides from a terminal what is to be believed.
"""

from __future__ import annotations

import pytest

from tests.cli.town import Town

NAME = "Projects"


@pytest.fixture
def emptied(town: Town) -> Town:
    """
    Give a town in which everything in a large folder is gone at the server from one moment to the next.
    """
    town.furnish()

    def fill() -> None:
        projects = town.mailbox.create_folder(NAME)
        for number in range(230):
            town.mailbox.deliver(f"Plan {number}", folder=projects)

    town.do(fill)
    town.add()
    ran = town.run("sync")
    assert ran.status == 0, ran.err

    def empty() -> None:
        projects = town.mailbox.folder(NAME)
        for item in list(projects.items.values()):
            town.mailbox.delete(projects, item)

    town.do(empty)
    return town


def test_a_folder_that_is_suddenly_empty_is_a_question(emptied: Town) -> None:
    """Sync says so, set-aside, folders and doctor show it; no keeps everything, yes lets it go."""
    ran = emptied.run("sync")
    assert "everything in this folder is gone" in ran.err
    shown = emptied.run("set-aside", "list").out
    assert NAME in shown
    assert "asked" in shown
    [question] = emptied.run("set-aside", "list", "--json").json["folders"]
    assert (question["path"], question["doubt"]) == (NAME, "asked")
    assert "set-aside accept" in emptied.run("folders", "list").out.replace("\n", " ")
    assert "everything in this folder is gone" in emptied.run("doctor").out
    assert "stays" in emptied.run("set-aside", "refuse", NAME).out
    assert emptied.run("sync").status == 0
    assert emptied.run("folders", "list", "--json").json[-1]["items"] == 230
    assert "refused" in emptied.run("set-aside", "list").out
    assert "goes" in emptied.run("set-aside", "accept", NAME).out
    assert emptied.run("sync").status == 0
    assert {one["name"]: one["items"] for one in emptied.run("folders", "list", "--json").json}[NAME] == 0
    assert "taken everything" in emptied.run("set-aside", "list").out


def test_no_answer_without_a_question(town: Town) -> None:
    """Nobody says yes in advance; an entry that there is not, or no name at all, is said in one sentence."""
    town.furnish()
    town.add()
    assert town.run("sync").status == 0
    for words, said in ((("accept", "Inbox"), "does not say"), (("refuse", "Inbox"), "does not say"),
                        (("accept", "99"), "no entry 99"), (("refuse", "nowhere"), "no folder"),
                        (("accept",), "FOLDER|ID")):  # fmt: skip
        ran = town.run("set-aside", *words)
        assert ran.status != 0
        assert said in ran.err, ran.err
