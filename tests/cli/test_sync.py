"""
`carrierpost sync`, `watch` and `doctor`: once, for as long as one likes, and what is said when it does not go well.
"""

from __future__ import annotations

import asyncio
import os

from carrierpost.bootstrap import open_hub
from carrierpost.server.faults import http, status
from tests.cli.town import ADA, PASSWORD, Town


def test_sync_says_what_came(town: Town) -> None:
    """The first time counts everything, the second says that nothing is new."""
    town.furnish()
    town.add()
    first = town.run("sync")
    assert first.status == 0
    assert f"{ADA}: 6 new in " in first.out
    assert "2 mails" in first.out
    assert "nothing new" in town.run("sync").out
    (values,) = town.run("sync", "--json").json
    assert values["error"] is None
    assert values["items"]["Email"] == 2
    assert (values["new"], values["changed"], values["gone"]) == (0, 0, 0)


def test_sync_without_account_says_how_to_begin(town: Town) -> None:
    """Nothing to synchronize is wrong usage that names the command to begin with."""
    ran = town.run("sync")
    assert ran.status == 2
    assert "carrierpost account add" in ran.err


def test_refused_login_stops_and_is_explained(town: Town) -> None:
    """With another password at the server, sync and doctor fail with a sentence, and the account says why."""
    town.add()
    town.do(lambda: town.server.add_user(ADA, "another one"))
    ran = town.run("sync")
    assert ran.status == 1
    assert "login name or password" in ran.err
    assert PASSWORD not in ran.err
    (account,) = town.run("account", "list", "--json").json
    assert account["state"] == "stopped"
    doctor = town.run("doctor", ADA)
    assert doctor.status == 1
    assert "login name or password" in doctor.out


def test_server_that_asks_to_wait_is_left_alone(town: Town) -> None:
    """503 with Retry-After: the command ends at once, says until when, and the next one sends nothing (TH1)."""
    town.add()
    town.do(lambda: town.server.faults.add(http(503, {"Retry-After": "1200"}), command="FolderSync"))
    ran = town.run("sync")
    assert ran.status == 1
    assert "Nothing is sent before" in ran.err
    (account,) = town.run("account", "list", "--json").json
    assert account["state"] == "waiting"
    town.do(lambda: town.server.faults.add(http(500, {}), times=None))
    again = town.run("sync")
    assert "Nothing is sent before" in again.err


def test_passing_trouble_is_overcome(town: Town) -> None:
    """A server that fails a few times is asked again after a pause, and nothing is said about it in the end."""
    town.furnish()
    town.add()
    town.run("sync")
    town.do(lambda: town.mailbox.deliver("One more", "."))
    town.do(lambda: town.server.faults.add(status(5), command="Sync", times=3))
    ran = town.run("sync")
    assert ran.status == 0
    assert "3 mails" in ran.out


def test_watch_tells_what_arrives(town: Town) -> None:
    """A mail that arrives while one watches is a line with sender and subject, and one JSON object for programs."""
    town.furnish()
    town.add()
    town.run("sync")
    town.later(1.0, lambda: town.mailbox.deliver("Now!", "Come.", sender='"Bruno Birk" <bruno@birch.example>'))
    ran = town.run("watch", "--seconds", "2.5")
    assert ran.status == 0
    assert "Bruno Birk: Now!" in ran.out
    assert "Minutes" not in ran.out
    assert "connected" in ran.err
    town.later(1.0, lambda: town.mailbox.deliver("Again!", "Come."))
    (told,) = town.run("watch", "--seconds", "2.5", "--json").lines
    assert (told["kind"], told["title"], told["folder"], told["announce"]) == ("item-added", "Again!", "Inbox", True)


def test_doctor_finds_a_healthy_account(town: Town) -> None:
    """Everything that was looked at is told, from versions to folders, with status 0."""
    town.furnish()
    town.add()
    town.run("sync")
    ran = town.run("doctor", ADA)
    assert ran.status == 0
    for word in (
        "account: active",
        "16.1 is spoken",
        "policy:",
        "held connection:",
        "folders:",
        "public folders",
        "other people's calendars",
    ):
        assert word in ran.out
    findings = {one["name"]: one for one in town.run("doctor", "--json").json["findings"]}
    assert findings["server"]["good"] is True


def test_PG8_the_doctor_reports_where_the_network_cuts(town: Town) -> None:
    """What was learned of a proxy in between is told with what it leads to."""
    town.add()

    async def learn() -> None:
        async with open_hub(environment=os.environ) as hub:
            [account] = await hub.store.accounts()
            await hub.store.update_account(account.id, heartbeat=55, heartbeat_ceiling=60)

    asyncio.run(learn())
    assert "held for up to 55 s; 60 s was cut, by a firewall or proxy" in town.run("doctor", ADA).out
