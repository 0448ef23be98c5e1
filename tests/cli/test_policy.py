"""
`carrierpost policy`: an administrator at a terminal.
"""

from __future__ import annotations

import json
import plistlib
from pathlib import Path

from tests.cli.town import ADA, Town

FILE = (
    '[groups]\nbridge = ["ada@*"]\n\n[[set]]\nname = "All"\ntarget = "everyone"\n[set.values]\nexport_contacts = true\n'
)


def test_a_setting_is_changed_explained_and_undone(town: Town) -> None:
    """Each change says what it changed; explain tells where a value comes from; history who made it and why."""
    town.add()
    assert town.run("policy", "show").out.startswith("no policy sets")
    ran = town.run("policy", "set", "Everyone", "export_contacts=on", "sign_in_hours=24", "--why", "go live")
    assert (ran.status, ran.out.splitlines()) == (
        0,
        [
            "version 1:",
            "  set 'Everyone' is new, for everyone",
            "  set 'Everyone': export_contacts not set -> on",
            "  set 'Everyone': sign_in_hours not set -> 24",
        ],
    )
    assert "nothing to change" in town.run("policy", "set", "everyone", "sign_in_hours=24").out
    explained = town.run("policy", "explain", "--platform", "ios")
    assert "contacts, share: allowed; a contact may be shared as a vCard: Export contacts is on" in explained.out
    told = town.run("policy", "explain", "--json").json["settings"]
    assert told["sign_in_hours"] == {"value": 24, "from": "Everyone"}
    assert told["attachments"] == {"value": True, "from": "product default"}
    assert "Everyone" in town.run("policy", "show").out
    assert town.run("policy", "undo").status == 0
    assert town.run("policy", "explain", "--json").json["settings"]["export_contacts"]["value"] is False
    history = town.run("policy", "history", "--json").json
    assert [(one["version"], one["why"]) for one in history] == [(2, "back to version 0"), (1, "go live")]
    assert "go live" in town.run("policy", "history").out
    assert town.run("policy", "undo", "--to", "1").status == 0
    assert town.run("policy", "set", "Everyone", "--unset", "sign_in_hours").status == 0
    assert town.run("policy", "set", "Everyone", "--remove").out.splitlines()[1] == "  set 'Everyone' is gone"


def test_files_go_out_and_come_in(town: Town, tmp_path: Path) -> None:
    """What was exported changes nothing when it is imported; a dry run only tells."""
    town.add()
    path = tmp_path / "policies.toml"
    path.write_text(FILE)
    assert "set 'All' is new" in town.run("policy", "import", "--dry-run", str(path)).out
    assert town.run("policy", "history").out.startswith("the policies were never changed")
    assert town.run("policy", "import", str(path), "--why", "from a file").status == 0
    assert town.run("policy", "export", "--to", str(tmp_path / "again.toml")).status == 0
    assert "nothing to change" in town.run("policy", "import", str(tmp_path / "again.toml")).out
    assert "nothing to change" in town.run("policy", "import", "-", typed=FILE).out


def test_an_mdm_gets_its_forms(town: Town, tmp_path: Path) -> None:
    """A property list and JSON with what holds for Ada, and the description of the settings."""
    town.add()
    town.run("policy", "set", "Phones", "export_contacts=on", "--for", f"address {ADA}, ios")
    ran = town.run("policy", "export", "--as", "ios", "--to", str(tmp_path / "a.plist"))
    assert ran.status == 0, ran.err
    assert plistlib.loads((tmp_path / "a.plist").read_bytes())["export_contacts"] is True
    assert town.run("policy", "export", "--as", "android").json["export_contacts"] is False
    schema = json.loads(town.run("policy", "export", "--as", "android-schema").out)
    assert {"export_contacts", "lock_screen_detail"} <= {one["key"] for one in schema}


def test_mistakes_are_told_and_change_nothing(town: Town, tmp_path: Path) -> None:
    """The nearest name is suggested, all faults of a file are told at once, and there is never a traceback."""
    town.add()
    path = tmp_path / "wrong.toml"
    path.write_text('[[set]]\nname = "a"\ntarget = "x"\n[set.values]\nexport_contact = true\n')
    for words, told in (
        (("set", "Everyone", "export_contact=on"), "did you mean 'export_contacts'?"),
        (("set", "Everyone", "export_contacts=maybe"), "it is true or false"),
        (("set", "Everyone", "export_contacts"), "write it as export_contacts=on"),
        (("set", "Everyone"), "say what is to be changed"),
        (("set", "Everyone", "--remove", "attachments=on"), "either removed or changed"),
        (("set", "Everyone", "--remove"), "there is no set 'Everyone'"),
        (("set", "Everyone", "attachments=on", "--for", "group sales"), "there is no group 'sales'"),
        (("import", str(path)), "did you mean 'export_contacts'?"),
        (("import", str(path)), '"everyone", "address'),
        (("undo", "--to", "99"), "there is no version 99"),
        (("explain", "--device", "99"), "no device 99"),
    ):
        ran = town.run("policy", *words)
        assert ran.status != 0, words
        assert told in ran.err, words
        assert "Traceback" not in ran.err
    assert town.run("policy", "history").out.startswith("the policies were never changed")
