"""
`carrierpost notify`: an administrator sets channels up.
"""

from __future__ import annotations

import asyncio
import json
from pathlib import Path

import pytest

from carrierpost.bootstrap import open_hub
from carrierpost.model import AuditEntry
from tests.cli.town import Town
from tests.notify.test_apns import PEM
from tests.notify.test_fcm import FILE


def test_web_push_is_set_up_and_keeps_its_key(town: Town) -> None:
    """The key is made once; another contact does not change it, and only --new-key does."""
    ran = town.run(
        "notify", "setup", "web-push", "--contact", "mailto:post@larch.example", "--app-url", "https://m.example"
    )
    assert (ran.status, ran.out) == (
        0, "web-push: contact mailto:post@larch.example, app https://m.example; nothing readable\n"
    )  # fmt: skip
    again = town.run("notify", "setup", "web-push", "--contact", "https://larch.example/help", "--only", "*.apple.com")
    assert "app https://m.example, only *.apple.com" in again.out
    assert "subscribe again" not in again.out
    assert "subscribe again" in town.run("notify", "setup", "web-push", "--new-key").out
    assert town.run("notify", "list", "--json").json == [
        {
            "channel": "web-push",
            "setup": "contact https://larch.example/help, app https://m.example, only *.apple.com; nothing readable",
            "subscriptions": 0,
        }
    ]


def test_keys_come_from_files_and_are_shown_nowhere(town: Town, tmp_path: Path) -> None:
    """Each channel says what its provider may read, and none shows a key."""
    key, account, token = tmp_path / "AuthKey.p8", tmp_path / "account.json", tmp_path / "token"
    key.write_text(PEM.reveal())
    account.write_text(json.dumps(FILE))
    token.write_text("tk_secret\n")
    said = [
        town.run(
            "notify", "setup", "apns", "--key", str(key), "--key-id", "K1", "--team-id", "T1", "--topic", "example.mail"
        ),
        town.run("notify", "setup", "fcm", "--service-account", str(account), "--readable", "count"),
        town.run(
            "notify", "setup", "unified-push", "--ntfy", "http://ntfy.lan", "--allow-host", "ntfy.lan",
            "--token-file", str(token), "--readable", "all",
        ),
        town.run("notify", "setup", "desktop"),
        town.run("notify", "list"),
    ]  # fmt: skip
    assert [ran.status for ran in said] == [0] * 5
    text = "".join(ran.out + ran.err for ran in said)
    assert "key K1 of team T1; Apple may read nothing" in text
    assert "project mail-1" in text
    assert "Google may read the number of unread mails" in text
    assert "it may read whole notices" in text
    assert "PRIVATE KEY" not in text
    assert "tk_secret" not in text


def test_a_webhooks_secret_is_shown_once_and_can_be_changed(town: Town) -> None:
    """First it is made; a second one is added, then the first is retired."""
    first = town.run("notify", "setup", "webhook").out.splitlines()
    assert first[0] == "webhook: 1 secret; receivers may read nothing"
    assert first[1].startswith("whsec_")
    assert "whsec_" not in town.run("notify", "setup", "webhook", "--readable", "all").out
    second = town.run("notify", "setup", "webhook", "--rotate").out.splitlines()
    assert second[0].startswith("webhook: 2 secrets")
    assert second[1] != first[1]
    assert town.run("notify", "setup", "webhook", "--retire").out.startswith("webhook: 1 secret;")


@pytest.mark.parametrize(
    ("arguments", "why"),
    [
        (["setup", "web-push"], "no contact for push services"),
        (["setup", "web-push", "--contact", "root@localhost"], "no contact for push services"),
        (["setup", "apns", "--topic", "example.mail"], "--key, --key-id, --team-id"),
        (["setup", "unified-push", "--ntfy", "ntfy.lan"], "https://"),
        (["test", "web-push"], "set it up with: carrierpost notify setup web-push"),
        (["remove", "fcm"], "fcm is not set up"),
    ],
)
def test_what_cannot_work_is_explained(town: Town, arguments: list[str], why: str) -> None:
    """In one sentence, with what to give."""
    ran = town.run("notify", *arguments)
    assert ran.status == 1
    assert why in ran.err
    assert "Traceback" not in ran.err


def test_a_channel_is_removed_with_its_keys_and_all_is_in_the_audit_log(town: Town) -> None:
    """Who set up what, and who took it away; a list without channels says how to begin."""
    assert "begin with: carrierpost notify setup web-push" in town.run("notify", "list").out
    town.run("notify", "setup", "desktop")
    assert town.run("notify", "remove", "desktop").out == "desktop: removed, with its keys\n"
    assert town.run("notify", "list", "--json").json == []
    logged = asyncio.run(_audit(town.home))
    assert [(one.what, one.subject) for one in logged] == [("notify.setup", "desktop"), ("notify.remove", "desktop")]


async def _audit(home: Path) -> tuple[AuditEntry, ...]:
    async with open_hub(home=home) as hub:
        return await hub.store.audit_log()


def test_a_test_says_what_became_of_it(town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    """On a machine without a desktop session it fails, and says why; without devices there is nobody to tell."""
    monkeypatch.setenv("DBUS_SESSION_BUS_ADDRESS", "unix:path=/nonexistent/bus")
    town.run("notify", "setup", "desktop")
    ran = town.run("notify", "test", "desktop")
    assert ran.status == 1
    assert "this desktop: not taken: nothing here shows notices" in ran.out
    town.run("notify", "setup", "web-push", "--contact", "mailto:post@larch.example")
    assert "no device can be told by web-push" in town.run("notify", "test", "web-push").err
