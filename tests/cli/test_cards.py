"""
`carrierpost contacts export|import|share|mirror`: contacts that leave as far as they may, and some that come.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from carrierpost.formats.vcard_in import read_cards
from carrierpost.protocol.classes import Contact, Email
from carrierpost.protocol.commands.folder_sync import FolderType
from tests.cli.town import PASSWORD, Town

BEA = "bea@larch.example"


@pytest.fixture
def held(town: Town) -> Town:
    """
    Give a town with a second mailbox, and Ada's account synchronized.
    """
    town.do(lambda: town.server.add_user(BEA, PASSWORD))
    town.furnish()
    town.add()
    assert town.run("sync").status == 0
    return town


def _allow(town: Town, *values: str) -> None:
    assert town.run("policy", "set", "Everyone", "export_contacts=on", *values).status == 0


def _grace(town: Town) -> str:
    return str(next(one["id"] for one in town.run("contacts", "list", "--json").json))


def test_nothing_leaves_unless_the_policy_lets_it(held: Town, tmp_path: Path) -> None:
    """C4: every way says so and how an administrator allows it, and no file is written."""
    target = tmp_path / "a.vcf"
    for words in (
        ("export", _grace(held), "--to", str(target)),
        ("export", "--all", "--to", str(target)),
        ("share", _grace(held), "--to", BEA),
        ("mirror", str(tmp_path / "copy")),
    ):
        ran = held.run("contacts", *words)
        assert ran.status == 1
        assert "Export contacts is off (the product default)" in ran.err
        assert "carrierpost policy set" in ran.err
    assert not target.exists()
    assert list((tmp_path / "copy").glob("*.vcf")) == []
    assert held.do(lambda: list(held.server.mailbox(BEA).folder(FolderType.INBOX).items)) == []


@pytest.mark.parametrize("version", ["3.0", "4.0"])
def test_contacts_are_written_into_a_file(held: Town, tmp_path: Path, version: str) -> None:
    """One or all, in either version, cut to what the policy lets out."""
    _allow(held, "contact_fields=numbers")
    target = tmp_path / "grace.vcf"
    ran = held.run("contacts", "export", _grace(held), "--to", str(target), "--version", version)
    assert (ran.status, ran.out) == (0, f"1 contact written to {target}\n")
    [read], _ = read_cards(target.read_bytes())
    assert f"VERSION:{version}" in target.read_text()
    assert (read.contact.first_name, read.contact.company_name) == ("Grace", "Elm Quay")
    assert read.contact.email1_address is None  # the policy keeps addresses here
    ran = held.run("contacts", "export", "--all", "--to", "-", "--version", version)
    assert read_cards(ran.out)[0][0] == read
    assert held.run("contacts", "export", "--to", "-").status == 2
    assert "is no contact" in held.run("contacts", "export", _mail(held), "--to", "-").err


def _mail(town: Town) -> str:
    return str(town.run("mail", "list", "--json").json[0]["id"])


def test_a_contact_is_shared_as_an_attachment(held: Town) -> None:
    """C3: the other mailbox has a message with the vCard, under a name that is safe."""
    _allow(held)
    held.run("contacts", "edit", _grace(held), "--last", "Heron/../x")
    ran = held.run("contacts", "share", _grace(held), "--to", BEA, "--text", "Ask her.")
    assert ran.status == 0, ran.err
    folder = held.server.mailbox(BEA).folder(FolderType.INBOX)
    [mail] = held.do(lambda: [one.data for one in folder.items.values() if isinstance(one.data, Email)])
    assert mail.subject == "Grace Heron/../x"
    assert [one.display_name for one in mail.attachments or ()] == ["Grace Heron .. x.vcf"]
    assert mail.body is not None
    assert "Ask her." in str(mail.body.data)


def test_contacts_come_from_a_file_once(held: Town, tmp_path: Path) -> None:
    """They reach the server; what cannot be taken over is named; a second time nobody is doubled."""
    path = tmp_path / "friends.vcf"
    path.write_text(
        "BEGIN:VCARD\nVERSION:3.0\nN:Elm;Ida\nTEL;TYPE=CELL:1\nGENDER:F\nEND:VCARD\n"
        "BEGIN:VCARD\nVERSION:3.0\nFN:Grace Heron\nN:Heron;Grace\nORG:Elm Quay\nEMAIL:grace@elm.example\nEND:VCARD\n"
        "BEGIN:VCARD\nVERSION:3.0\nKIND:group\nFN:Friends\nEND:VCARD\n"
    )
    ran = held.run("contacts", "import", str(path))
    assert ran.status == 0, ran.err
    assert "Ida Elm: added to Contacts" in ran.out
    assert "left out: GENDER is nothing that ActiveSync has: F" in ran.err
    assert "the group 'Friends' is left out" in ran.err
    again = held.run("contacts", "import", str(path), "--json").json
    assert again["contacts"][0]["added"] is False
    held.run("sync")
    there = held.do(lambda: [one.data for one in held.mailbox.folder(FolderType.CONTACTS).items.values()])
    people = [(one.first_name, one.file_as) for one in there if isinstance(one, Contact)]
    assert people.count(("Ida", "Elm, Ida")) == 1
    (tmp_path / "no.vcf").write_text("hello")
    ran = held.run("contacts", "import", str(tmp_path / "no.vcf"))
    assert (ran.status, "there is no vCard in it" in ran.err) == (1, True)


def test_a_folder_is_kept_like_the_address_book(held: Town, tmp_path: Path) -> None:
    """C1, CT7: a change is written, a removal removes, the policy empties it and gives the same files again."""
    _allow(held)
    copy = tmp_path / "copy"
    copy.mkdir()
    (copy / "mine.vcf").write_text("not yours")
    assert "1 written, 0 removed, 0 as they were" in held.run("contacts", "mirror", str(copy)).out
    [ours] = [path for path in copy.glob("*.vcf") if path.name != "mine.vcf"]
    first = ours.read_bytes()
    assert held.run("contacts", "mirror", str(copy), "--json").json["kept"] == 1
    held.run("contacts", "edit", _grace(held), "--title", "Harbour master")
    assert held.run("contacts", "mirror", str(copy), "--json").json["written"] == [ours.name]
    assert b"TITLE:Harbour master" in ours.read_bytes()
    held.run("contacts", "edit", _grace(held), "--title", "")

    held.run("policy", "set", "Everyone", "export_contacts=off")
    ran = held.run("contacts", "mirror", str(copy))
    assert ran.status == 1
    assert "0 written, 1 removed" in ran.out
    assert [path.name for path in copy.glob("*.vcf")] == ["mine.vcf"]
    _allow(held)
    held.run("contacts", "mirror", str(copy))
    assert ours.read_bytes() == first
    held.run("contacts", "delete", _grace(held))
    held.run("contacts", "mirror", str(copy))
    assert [path.name for path in copy.glob("*.vcf")] == ["mine.vcf"]
    assert (copy / "mine.vcf").read_text() == "not yours"
