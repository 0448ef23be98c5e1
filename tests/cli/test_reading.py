"""
Reading mail at a terminal: text, links, pictures, conversations, attachments and the source.
"""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pytest

from carrierpost.protocol.commands.folder_sync import FolderType
from carrierpost.server.post_office import PostOffice
from tests.cli.town import Town

PICTURE = b"\x89PNG\r\n\x1a\n" + b"pixels"
LETTER = (
    b"From: Bruno Birk <bruno@birch.example>\r\nTo: ada@larch.example\r\nSubject: Plans\r\n"
    b"Date: Mon, 4 May 2026 08:00:00 +0000\r\nMessage-ID: <1@birch.example>\r\nMIME-Version: 1.0\r\n"
    b'Content-Type: multipart/mixed; boundary="m"\r\n\r\n'
    b'--m\r\nContent-Type: multipart/related; boundary="r"\r\n\r\n'
    b"--r\r\nContent-Type: text/html; charset=utf-8\r\n\r\n"
    b'<p>See <a href="https://evil.example/x">https://bank.example/</a>'
    b'<img src="cid:map@birch"><img src="https://spy.example/p.png"></p>\r\n'
    b"--r\r\nContent-Type: image/png; name=map.png\r\nContent-ID: <map@birch>\r\nContent-Disposition: inline\r\n"
    b"Content-Transfer-Encoding: base64\r\n\r\niVBORw0KGgpwaXhlbHM=\r\n--r--\r\n"
    b"--m\r\nContent-Type: text/csv; name=figures.csv\r\nContent-Disposition: attachment; filename=figures.csv\r\n\r\n"
    b"1;2\r\n--m--\r\n"
)


@pytest.fixture
def read(town: Town) -> Town:
    """
    Give a town with one letter that has everything, synchronized.
    """
    town.do(lambda: PostOffice(town.server).receive(town.mailbox, LETTER))
    town.add()
    assert town.run("sync").status == 0
    return town


def number(town: Town, subject: str = "Plans") -> str:
    """Give the number of a mail."""
    [found] = [one["id"] for one in town.run("mail", "list", "--json").json if one["data"]["subject"] == subject]
    return str(found)


def test_a_mail_is_read_with_its_links_told_truthfully(read: Town) -> None:
    """The text comes out of the HTML, a link shows where it leads and is warned of, and what was held back is said."""
    shown = read.run("mail", "show", number(read)).out
    assert 'From:        "Bruno Birk" <bruno@birch.example>' in shown or "Bruno Birk" in shown
    assert "https://evil.example/x" in shown
    assert "Beware: a link that says bank.example leads to evil.example" in shown
    assert "1 pictures from the network were left out" in shown
    assert "figures.csv" in shown


def test_html_is_printed_clean_with_its_own_pictures(read: Town) -> None:
    """The picture that came with the mail is in it; the one from the network is not, nor fetched."""
    shown = read.run("mail", "show", number(read), "--html").out
    assert 'src="data:image/png;base64,iVBORw0KGgpwaXhlbHM="' in shown
    assert "spy.example" not in shown
    held = read.run("mail", "show", number(read), "--html", "--held").out
    assert "data:image" not in held
    assert "cid:" not in held


def test_the_source_is_what_came(read: Town, tmp_path: Path) -> None:
    """Byte by byte, to standard output or into a file that was not there."""
    target = tmp_path / "letter.eml"
    ran = read.run("mail", "source", number(read), "--to", str(target))
    assert ran.status == 0, ran.err
    assert b"Message-ID: <1@birch.example>" in target.read_bytes()
    assert b"1;2" in target.read_bytes()
    again = read.run("mail", "source", number(read), "--to", str(target))
    assert again.status == 2
    assert "is there already" in again.err


def test_attachments_are_listed_and_saved(read: Town, tmp_path: Path) -> None:
    """What is not shown in the text is saved unless more is asked for; a second time the name gets a number."""
    listed = read.run("mail", "attachments", number(read), "--json").json
    assert {one["name"]: one["inline"] for one in listed} == {"map.png": True, "figures.csv": False}
    saved = read.run("mail", "attachments", number(read), "--save", str(tmp_path / "files"))
    assert saved.status == 0, saved.err
    assert [one.name for one in (tmp_path / "files").iterdir()] == ["figures.csv"]
    assert (tmp_path / "files" / "figures.csv").read_bytes().strip() == b"1;2"
    read.run("mail", "attachments", number(read), "--save", str(tmp_path / "files"), "--all")
    assert sorted(one.name for one in (tmp_path / "files").iterdir()) == [
        "figures (2).csv",
        "figures.csv",
        "map.png",
    ]
    assert (tmp_path / "files" / "map.png").read_bytes() == PICTURE
    one = read.run("mail", "attachments", number(read), "--save", str(tmp_path), "--name", "MAP.PNG", "--json").json
    assert one == {"name": "map.png", "file": str(tmp_path / "map.png"), "size": len(PICTURE)}


def test_an_attachment_that_is_not_there_is_named(read: Town, tmp_path: Path) -> None:
    """The error says which there are."""
    ran = read.run("mail", "attachments", number(read), "--save", str(tmp_path), "--name", "plan.pdf")
    assert ran.status == 2
    assert "there is no attachment plan.pdf; there are: map.png, figures.csv" in ran.err.replace("\n", " ")
    assert "--save" in read.run("mail", "attachments", number(read), "--all").err


def test_a_long_text_is_fetched_whole_on_demand(town: Town) -> None:
    """What is held is the beginning, and says so; `--whole` brings the rest and keeps it."""
    text = "word " * 60_000 + "the end"
    town.do(lambda: town.mailbox.deliver("Long", text))
    town.add()
    town.run("sync")
    shown = town.run("mail", "show", number(town, "Long")).out
    assert "the end" not in shown
    assert "--whole" in shown
    assert "the end" in town.run("mail", "show", number(town, "Long"), "--whole").out
    again = town.run("mail", "show", number(town, "Long"), "--held").out
    assert "the end" in again
    assert "--whole" not in again


def test_conversations_are_listed_and_shown(town: Town) -> None:
    """Each stands once with what it holds; the thread of any of its mails is listed from the first to the last."""

    def deliver() -> None:
        sent = town.mailbox.folder(FolderType.SENT_ITEMS)
        for number, (subject, folder) in enumerate(
            (("Figures", None), ("Re: Figures", None), ("Plans", None), ("AW: Figures", None), ("Re: Figures", sent))
        ):
            received = dt.datetime(2026, 5, 4, 8, number, tzinfo=dt.UTC)
            mail = town.mailbox.deliver(subject, "text", received=received, folder=folder)
            about = b"P" if subject == "Plans" else b"F"
            town.mailbox.change(folder or town.mailbox.folder(FolderType.INBOX), mail, conversation_id=about * 16)

    town.do(deliver)
    town.add()
    town.run("sync")
    listed = town.run("mail", "list", "--threads", "--json").json
    assert {one["data"]["subject"]: one["count"] for one in listed} == {"Plans": 1, "Re: Figures": 4}
    table = town.run("mail", "list", "--threads", "--folder", "Inbox").out
    assert table.splitlines()[0].split() == ["ID", "Mails", "Unread", "Newest", "From", "Subject", "Folder"]
    assert len(table.splitlines()) == 3
    thread = town.run("mail", "thread", number(town, "AW: Figures"), "--json").json
    assert [one["subject"] for one in thread] == ["Figures", "Re: Figures", "AW: Figures", "Re: Figures"]
    assert {one["folder"] for one in thread} == {"Inbox", "Sent Items"}
