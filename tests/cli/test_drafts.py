"""
`carrierpost mail draft`: begun, changed and sent at a terminal.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from carrierpost.protocol.commands.folder_sync import FolderType
from tests.cli.town import PASSWORD, Town

BEA = "bea@larch.example"


@pytest.mark.parametrize("version", ["14.1", "16.1"])
def test_a_draft_is_begun_changed_and_sent(town: Town, tmp_path: Path, version: str) -> None:
    """The list says where drafts are kept; what is not named in an edit stays; once sent, it is a draft no more."""
    town.do(lambda: town.server.add_user(BEA, PASSWORD))
    town.add("--version", version)
    town.run("sync")
    (tmp_path / "plan.txt").write_text("larch")
    begun = town.run("mail", "draft", "new", "--to", f"Béa <{BEA}>", "--subject", "Plan", "--text", "first", "--json")
    assert begun.status == 0, begun.err
    number = str(begun.json["id"])
    listed = town.run("mail", "draft", "list", "--json").json
    assert [one["data"]["subject"] for one in listed["drafts"]] == ["Plan"]
    assert ("drafts here stay here" in listed["note"]) is (version == "14.1")
    changed = town.run("mail", "draft", "edit", number, "--text", "second", "--attach", str(tmp_path / "plan.txt"))
    assert changed.status == 0, changed.err
    sent = town.run("mail", "draft", "send", number)
    assert (sent.status, sent.out) == (0, f"draft {number}: sent\n"), sent.err

    def look() -> bytes:
        [item] = town.server.mailbox(BEA).folder(FolderType.INBOX).items.values()
        return item.mime or b""

    mime = town.do(look)
    assert b"second" in mime
    assert b"Subject: Plan" in mime
    assert b"plan.txt" in mime
    town.run("sync")
    assert town.run("mail", "draft", "list", "--json").json["drafts"] == []


def test_a_draft_to_nobody_is_not_sent(town: Town) -> None:
    """The sentence says what is missing; the draft stays."""
    town.add()
    town.run("sync")
    number = str(town.run("mail", "draft", "new", "--text", "x", "--json").json["id"])
    ran = town.run("mail", "draft", "send", number)
    assert ran.status == 1
    assert "names nobody" in ran.err
    assert len(town.run("mail", "draft", "list", "--json").json["drafts"]) == 1
    assert town.run("mail", "draft", "edit", number).status == 2
