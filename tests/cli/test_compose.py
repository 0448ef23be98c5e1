"""
`carrierpost mail send|reply|forward`: written at a terminal, received by somebody else.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from carrierpost.protocol.classes import Email
from carrierpost.protocol.commands.folder_sync import FolderType
from carrierpost.server.faults import http
from tests.cli.town import ADA, PASSWORD, Town

BEA = "bea@larch.example"


@pytest.fixture
def ready(town: Town) -> Town:
    """
    Give a town with a second mailbox, and Ada's account synchronized.
    """
    town.do(lambda: town.server.add_user(BEA, PASSWORD))
    town.furnish()
    town.add()
    assert town.run("sync").status == 0
    return town


def _received(town: Town) -> list[Email]:
    folder = town.server.mailbox(BEA).folder(FolderType.INBOX)
    return town.do(lambda: [one.data for one in folder.items.values() if isinstance(one.data, Email)])


def _id(town: Town, subject: str) -> str:
    found = town.run("mail", "list", "--json").json
    return str(next(one["id"] for one in found if one["data"]["subject"] == subject))


def test_a_mail_is_sent_and_kept_among_the_sent(ready: Town, tmp_path: Path) -> None:
    """Text from standard input, a file, a name of one's own: the other mailbox has it, and so has Sent Items."""
    (tmp_path / "figures.csv").write_text("span;load\n12;4.5\n")
    words = ("mail", "send", "--to", f"Béa <{BEA}>", "--subject", "Grüße", "--attach", str(tmp_path / "figures.csv"))
    ran = ready.run(*words, "--name", "Ada Larch", typed="Dear Bea,\nhere they are.\n")
    assert ran.status == 0, ran.err
    assert f"Grüße: sent to {BEA}" in ran.out
    (mail,) = _received(ready)
    assert mail.subject == "Grüße"
    assert "Ada Larch" in (mail.from_ or "")
    assert mail.body is not None
    assert "here they are." in str(mail.body.data)
    assert [one.display_name for one in mail.attachments or ()] == ["figures.csv"]
    sent = ready.run("mail", "list", "--folder", "Sent Items", "--json").json
    assert [one["data"]["subject"] for one in sent] == ["Grüße"]


def test_a_reply_goes_to_the_sender_with_the_original_below(ready: Town) -> None:
    """The subject is that of an answer, and the server quotes what was written."""
    ready.do(lambda: ready.mailbox.deliver("Beam 4", "Is it steel?", sender=f'"Bea" <{BEA}>'))
    ready.run("sync")
    ran = ready.run("mail", "reply", _id(ready, "Beam 4"), "--text", "Yes.")
    assert ran.status == 0, ran.err
    (mail,) = _received(ready)
    assert mail.subject == "Re: Beam 4"
    assert mail.body is not None
    assert str(mail.body.data).startswith("Yes.")
    assert "Is it steel?" in str(mail.body.data)


def test_a_forward_carries_the_original(ready: Town) -> None:
    """What was received goes on to somebody else, below one's own words."""
    ran = ready.run("mail", "forward", _id(ready, "Site visit on Friday"), "--to", BEA, "--text", "For you.")
    assert ran.status == 0, ran.err
    (mail,) = _received(ready)
    assert mail.subject == "Fwd: Site visit on Friday"
    assert mail.body is not None
    assert "We meet at the gate." in str(mail.body.data)


def test_a_server_that_is_away_loses_nothing(ready: Town) -> None:
    """The message stays in the outbox, the person is told so, and the next sync sends it once."""
    ready.do(lambda: ready.server.faults.add(http(500, {}), times=None))
    ran = ready.run("mail", "send", "--to", BEA, "--subject", "Later", "--text", ".", "--later")
    assert ran.status == 0
    assert "kept in the outbox" in ran.out
    assert _received(ready) == []
    ready.do(ready.server.faults.clear)
    assert ready.run("sync").status == 0
    assert [one.subject for one in _received(ready)] == ["Later"]
    ready.run("sync")
    assert len(_received(ready)) == 1


def test_a_refused_recipient_is_told(ready: Town) -> None:
    """A mail that the server refuses is named with its reason, and waits to be tried again or dropped."""
    ran = ready.run("mail", "send", "--to", "nobody@larch.example", "--subject", "Hello?", "--text", ".", "--json")
    assert ran.status == 1
    assert (ran.json["subject"], ran.json["state"]) == ("Hello?", "refused")
    assert "recipient" in ran.json["reason"]
    assert "send Hello?" in ready.run("set-aside", "list").out


def test_what_is_wrong_is_said(ready: Town, tmp_path: Path) -> None:
    """No recipient, a name that is no address, a file that is not there, an id of a contact."""
    (contact,) = ready.run("contacts", "list", "--json").json
    for words, said in (
        (("send", "--subject", "x", "--text", "x"), "--to"),
        (("send", "--to", "bea", "--text", "x"), "'bea' holds no mail address"),
        (("send", "--to", BEA, "--text", "x", "--attach", str(tmp_path / "none")), "none"),
        (("reply", str(contact["id"]), "--text", "x"), "is no mail"),
        (("reply", "4711", "--text", "x"), "4711"),
    ):
        ran = ready.run("mail", *words)
        assert ran.status in (1, 2), words
        assert said in ran.err
        assert "Traceback" not in ran.err
    assert ADA not in str(_received(ready))
