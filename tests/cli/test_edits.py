"""
Changing what is held from a terminal: the effect is there at once, and at the server after the next synchronisation.
"""

from __future__ import annotations

from typing import Any

import pytest

from carrierpost.protocol.classes import Contact
from carrierpost.protocol.commands.folder_sync import FolderType
from carrierpost.protocol.commands.sync import Add, ItemCommand
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


def _id(town: Town, group: str, title: str) -> str:
    """Find an item by what list shows of it."""
    shown = town.run(group, "list", "--json").json
    names = ("subject", "first_name")
    return str(next(one["id"] for one in shown if title in [one["data"].get(name) for name in names]))


def _there(town: Town, which: FolderType | str) -> list[Any]:
    return town.do(lambda: [item.data for item in town.mailbox.folder(which).items.values()])


def test_mail_is_read_flagged_moved_and_deleted(held: Town) -> None:
    """Each says what it did, and when the server hears of it."""
    visit, minutes = _id(held, "mail", "Site visit on Friday"), _id(held, "mail", "Minutes")
    ran = held.run("mail", "read", visit)
    assert (ran.status, "Site visit on Friday: read" in ran.out, "carrierpost sync" in ran.err) == (0, True, True)
    assert held.run("mail", "list", "--unread").out.startswith("no mail")
    assert "nothing to change" in held.run("mail", "read", visit).out
    assert "flagged" in held.run("mail", "flag", visit, minutes).out
    assert "moved to junk email" in held.run("mail", "move", visit, "--to", "junk email").out
    assert "deleted" in held.run("mail", "delete", minutes).out
    assert held.run("sync").status == 0
    assert _there(held, FolderType.INBOX) == []
    assert [(one.read, one.flag.status) for one in _there(held, "Junk Email")] == [(True, 2)]
    assert [one.subject for one in _there(held, FolderType.DELETED_ITEMS)] == ["Minutes"]


def test_contacts_are_added_edited_and_deleted(held: Town) -> None:
    """What is edited is, the rest stays; an empty value removes one."""
    assert "Ida Elm: added to Contacts" in held.run("contacts", "add", "--first", "Ida", "--last", "Elm").out
    grace = _id(held, "contacts", "Grace")
    assert held.run("contacts", "edit", grace, "--mobile", "+49 170 1", "--company", "").status == 0
    held.run("sync")
    people = {one.first_name: one for one in _there(held, FolderType.CONTACTS)}
    assert set(people) == {"Grace", "Ida"}
    changed = people["Grace"]
    assert (changed.mobile_phone_number, changed.company_name or "", changed.last_name) == ("+49 170 1", "", "Heron")
    assert held.run("contacts", "delete", _id(held, "contacts", "Ida")).status == 0
    held.run("sync")
    assert [one.first_name for one in _there(held, FolderType.CONTACTS)] == ["Grace"]


def test_tasks_and_notes(held: Town) -> None:
    """Small and pleasant: a title is enough."""
    assert held.run("tasks", "add", "Water the elm", "--due", "2026-05-09").status == 0
    assert held.run("tasks", "done", _id(held, "tasks", "Order bolts")).status == 0
    assert held.run("notes", "add", "Seeds", "beans and peas").status == 0
    assert held.run("notes", "delete", _id(held, "notes", "Bolts")).status == 0
    assert held.run("sync").status == 0
    tasks = {one.subject: one for one in _there(held, FolderType.TASKS)}
    assert (tasks["Order bolts"].complete, tasks["Water the elm"].complete) == (True, False)
    assert f"{tasks['Water the elm'].due_date:%Y-%m-%d}" == "2026-05-09"
    assert [(one.subject, one.body.data) for one in _there(held, FolderType.NOTES)] == [("Seeds", "beans and peas")]
    assert held.run("tasks", "done", "--undo", _id(held, "tasks", "Order bolts")).status == 0
    assert held.run("tasks", "delete", _id(held, "tasks", "Water the elm")).status == 0
    held.run("sync")
    assert [(one.subject, one.complete) for one in _there(held, FolderType.TASKS)] == [("Order bolts", False)]


def _no_odd_names(command: ItemCommand) -> int | None:
    data = command.data if isinstance(command, Add) else None
    return 6 if isinstance(data, Contact) and data.first_name == "Odd" else None


def test_what_the_server_refuses_is_listed_tried_again_and_dropped(held: Town) -> None:
    """The list tells the reason; a second attempt may fare better; what is dropped is gone."""
    held.do(lambda: setattr(held.server, "refuses_item", _no_odd_names))
    assert "taken everything" in held.run("set-aside", "list").out
    for last in ("Elm", "Birch"):
        held.run("contacts", "add", "--first", "Odd", "--last", last)
    assert held.run("set-aside", "list").out.startswith("the server has taken")
    assert held.run("set-aside", "list", "--all").out.count("queued") == 2
    held.run("sync")
    shown = held.run("set-aside", "list").out
    assert shown.count("refused") == 2
    assert "add 'Odd Elm'" in shown
    first, second = held.run("set-aside", "list", "--json").json["outbox"]
    assert "cannot take this item over" in first["reason"]
    assert "given up" in held.run("set-aside", "drop", str(first["id"])).out
    held.do(lambda: setattr(held.server, "refuses_item", None))
    assert "tried again" in held.run("set-aside", "retry", str(second["id"])).out
    held.run("sync")
    assert sorted(one.last_name for one in _there(held, FolderType.CONTACTS)) == ["Birch", "Heron"]
    assert "Odd Elm" not in held.run("contacts", "list").out
    assert "taken everything" in held.run("set-aside", "list").out


def test_what_is_wrong_is_named(held: Town) -> None:
    """Nothing is changed by a command that is wrong in any part."""
    visit, grace = _id(held, "mail", "Site visit on Friday"), _id(held, "contacts", "Grace")
    for status, words, said in (
        (1, ("mail", "read", "4711"), "4711"),
        (2, ("mail", "flag", visit, grace), f"item {grace} is of class Contacts"),
        (2, ("mail", "move", visit, "--to", "Nowhere"), "Nowhere"),
        (2, ("contacts", "add"), "needs a name"),
        (2, ("contacts", "edit", grace), "what is to be changed"),
        (2, ("set-aside", "retry"), "--all"),
        (2, ("set-aside", "drop", "99"), "no entry 99"),
    ):
        ran = held.run(*words)
        assert (ran.status, said in ran.err) == (status, True), ran.err
        assert "Traceback" not in ran.err
    assert held.run("set-aside", "list", "--all", "--json").json["outbox"] == []
