"""
Policies, refusals and wipes: what a server may demand, and what the hub makes of it.
"""

from __future__ import annotations

import asyncio
import datetime as dt

import pytest

from carrierpost.engine import AccountStopped
from carrierpost.model import AccountState, Secret
from carrierpost.protocol.classes import Event
from carrierpost.protocol.commands.folder_sync import FolderType
from carrierpost.protocol.commands.provision import WipeKind
from carrierpost.protocol.commands.sync import FilterType
from carrierpost.protocol.policy import ProvisioningDocument
from carrierpost.protocol.version import Version
from carrierpost.server import faults
from tests.support.hub import ADDRESS, bench, mail, name_of
from tests.support.virtual import EPOCH, virtual

INBOX = FolderType.INBOX
STRICT = ProvisioningDocument(device_password_enabled=True, min_device_password_length=6)
EVERY = pytest.mark.parametrize("version", list(Version))
BOTH = pytest.mark.parametrize("version", [Version.V14_1, Version.V16_1])


@EVERY
@virtual
async def test_PV1_a_server_that_hides_everything_until_it_knows_the_device_is_told_first(version: Version) -> None:
    """It never asks for Provision and its folders look empty; the device is told before anything is synchronized."""
    async with bench(version=version, hides_until_known=True) as made:
        mail(made.mailbox, 1)
        await made.new_runner().sync_once()
        assert len(await made.held(INBOX)) == 1
        commands = made.commands()
        told = "Provision" if version >= Version.V14_1 else "Settings"
        assert commands.index(told) < commands.index("Sync")


@EVERY
@virtual
async def test_PV2_device_information_goes_where_the_version_wants_it(version: Version) -> None:
    """Inside Provision from 14.1 on, in a Settings command of its own before, and only once."""
    async with bench(version=version, policy=STRICT, enforce=True) as made:
        async with made.running(60.0):
            mail(made.mailbox, 1)
            await made.clock.sleep(5.0)
        assert made.server.device(ADDRESS).information is not None
        assert made.requests("Settings") == (0 if version >= Version.V14_1 else 1)
        await made.runner.close()
        await made.new_runner().sync_once()
        assert made.requests("Settings") == (0 if version >= Version.V14_1 else 1)


@virtual
async def test_PV2_a_server_without_settings_is_synchronized_all_the_same() -> None:
    """14.0, and the server does not know the command by which the device is told: mail comes nevertheless."""
    async with bench(version=Version.V14_0) as made:
        mail(made.mailbox, 1)
        made.server.faults.add(faults.http(501), command="Settings", times=None)
        assert await made.new_runner().sync_once() == ()
        assert len(await made.held(INBOX)) == 1
        assert made.requests("Settings") == 1


@EVERY
@pytest.mark.parametrize("number", [142, 143, 144, 449])
@virtual
async def test_PV4_every_way_to_demand_a_policy_leads_to_one_agreement_and_one_repetition(
    version: Version, number: int
) -> None:
    """In the answer or by HTTP 449: both phases of Provision, then the same command again, then on with the work."""
    async with bench(version=version, policy=STRICT) as made:
        runner = made.new_runner()
        await runner.sync_once()
        mail(made.mailbox, 1)
        fault = faults.http(449) if number == 449 else faults.status(number)
        made.server.faults.add(fault, command="Sync")
        begun = made.clock.monotonic()
        await made.clock.sleep(1.0)
        await runner.sync_once()
        commands = made.commands(begun + 0.5)
        place = commands.index("Provision")
        assert commands[place - 1 : place + 3] == ["Sync", "Provision", "Provision", "Sync"]
        assert commands.count("Provision") == 2
        assert len(await made.held(INBOX)) == 1


@virtual
async def test_PV4_parallel_requests_wait_for_one_agreement() -> None:
    """The policy changes while the runner works and a person opens three mails: two Provision requests in all."""
    async with bench(policy=STRICT, enforce=True) as made:
        for number in range(3):
            mail(made.mailbox, number)
        async with made.running():
            items = await made.held(INBOX)
            begun = made.requests("Provision")
            made.server.set_policy(ProvisioningDocument(device_password_enabled=False))
            await asyncio.gather(*(made.runner.fetch_body(one.id) for one in items))
            await made.clock.sleep(5.0)
            assert made.requests("Provision") - begun == 2
            assert made.server.holding == 1


@virtual
async def test_PV4_a_server_that_is_never_content_with_the_policy_ends_in_a_sentence_and_not_in_a_storm() -> None:
    """144 to every Sync: some attempts with pauses, then the account stops and says why."""
    async with bench(policy=STRICT) as made:
        made.server.faults.add(faults.status(144), command="Sync", times=None)
        async with made.running(86400.0):
            account = await made.account()
            assert account.state is AccountState.STOPPED
            assert "policy" in account.reason
            assert made.requests("Sync") < 12


@EVERY
@virtual
async def test_PV5_a_server_without_a_policy_is_fine(version: Version) -> None:
    """Policy status 2, as SOGo answers: no key is needed, and everything is synchronized."""
    async with bench(version=version, policy=None) as made:
        mail(made.mailbox, 1)
        assert await made.new_runner().sync_once() == ()
        account = await made.account()
        assert (account.policy_key, account.policy) == ("0", {})
        assert len(await made.held(INBOX)) == 1


@BOTH
@virtual
async def test_PV7_a_policy_is_answered_truthfully_and_kept_for_the_administrator(version: Version) -> None:
    """A hub that cannot judge says that it follows the policy in part, and shows what was demanded."""
    async with bench(version=version, policy=STRICT, enforce=True) as made:
        await made.new_runner().sync_once()
        account = await made.account()
        assert account.policy["compliance"] == "PARTLY_APPLIED"
        document = account.policy["document"]
        assert isinstance(document, dict)
        assert document["min_device_password_length"] == 6
        assert account.policy_key == made.server.device(ADDRESS).policy_key != "0"


@BOTH
@virtual
async def test_PV7_a_server_that_admits_nobody_who_follows_in_part_is_not_lied_to(version: Version) -> None:
    """It refuses with 139; the account stops with a sentence, and nothing was ever fetched."""
    async with bench(version=version, policy=STRICT, enforce=True, strict=True) as made:
        mail(made.mailbox, 1)
        with pytest.raises(AccountStopped, match="whole policy"):
            await made.new_runner().sync_once()
        assert made.requests("Sync") == 0


@BOTH
@virtual
async def test_PV8_the_policy_is_asked_for_anew_each_day_without_losing_the_watch(version: Version) -> None:
    """After three days three refreshes; a mail that arrives in the minute of a refresh comes before it."""
    async with bench(version=version, policy=STRICT, enforce=True) as made, made.running():
        first = made.requests("Provision")
        await made.clock.sleep(3 * 86400.0 + 3600.0)
        assert made.requests("Provision") - first == 3 * 2
        assert made.server.holding == 1
        mail(made.mailbox, 1)
        await made.clock.sleep(1.0)
        assert len(made.announced()) == 1


@virtual
async def test_PV8_news_come_before_a_refresh_that_is_due() -> None:
    """The policy is a day old when a mail wakes the hub: the mail is committed first, then the policy is asked for."""
    async with bench(policy=STRICT, enforce=True) as made, made.running():
        account = await made.account()
        yesterday = (made.clock.now() - dt.timedelta(days=2)).isoformat()
        await made.store.update_account(account.id, server={**account.server, "policy_at": yesterday})
        made.runner._context.run.hierarchy_due = True  # type: ignore[union-attr]
        begun = made.clock.monotonic()
        await made.clock.sleep(0.5)
        mail(made.mailbox, 1)
        await made.clock.sleep(1.0)
        commands = [one for one in made.commands(begun + 0.1) if one != "Ping"]
        assert commands[0] == "Sync"
        assert commands.index("Provision") > commands.index("Sync")
        assert len(made.announced()) == 1


REFUSALS = {
    126: "switched off", 127: "cannot be reached this way", 128: "too old", 129: "blocked this device",
    130: "denies access", 131: "disabled", 139: "whole policy", 145: "externally managed", 177: "too many devices",
}  # fmt: skip


@pytest.mark.parametrize(("number", "words"), REFUSALS.items())
@virtual
async def test_PV9_a_refusal_becomes_one_sentence_and_no_storm(number: int, words: str) -> None:
    """What an administrator has to settle stops the account after one request, for a day and longer."""
    async with bench() as made:
        made.server.faults.add(faults.status(number), command="FolderSync", times=None)
        async with made.running(86400.0):
            account = await made.account()
            assert account.state is AccountState.STOPPED
            assert words in account.reason
            assert made.requests("FolderSync") == 1


@pytest.mark.parametrize(("number", "most"), [(138, 400), (137, 400), (173, 400), (141, 12), (999, 400)])
@virtual
async def test_PV9_a_refusal_that_may_pass_is_tried_again_ever_more_rarely(number: int, most: int) -> None:
    """Other versions, unknown numbers: pauses grow to five minutes though other commands work in between."""
    async with bench() as made:
        made.server.faults.add(faults.status(number), command="FolderSync", times=None)
        async with made.running(86400.0):
            assert made.requests("FolderSync") <= most
            assert (await made.account()).reason


@pytest.mark.parametrize(("number", "most"), [(401, 2), (403, 3), (404, 4)])
@virtual
async def test_PV9_a_refusal_by_http_is_borne_a_few_times_and_no_more(number: int, most: int) -> None:
    """A server in trouble says 401 or 404 for a moment; a wrong password is tried twice, never until it is locked."""
    async with bench() as made:
        made.server.faults.add(faults.http(number), command="FolderSync", times=1)
        await made.new_runner().sync_once()
        assert (await made.account()).state is AccountState.ACTIVE
        made.server.faults.add(faults.http(number), command="FolderSync", times=None)
        begun = made.requests("FolderSync")
        async with made.running(86400.0):
            assert (await made.account()).state is AccountState.STOPPED
            assert made.requests("FolderSync") - begun == most


@virtual
async def test_PV10_a_device_that_falls_into_quarantine_forgets_nothing() -> None:
    """The folder list shrinks to the Inbox, the Inbox to one notice: shown, not believed; later all is as before."""
    async with bench() as made:
        for number in range(30):
            mail(made.mailbox, number)
        projects = [made.mailbox.create_folder(f"Project {n}") for n in range(10)]
        for number in range(30):
            made.mailbox.deliver(f"Plan {number}", folder=projects[number % 10])
        async with made.running(30.0):
            ids = await made.ids(INBOX)
            everything = len(await made.held())
            folders = dict(made.mailbox.folders)
            inbox = made.mailbox.folder(INBOX)
            items = dict(inbox.items)
            for folder in list(folders.values()):
                if folder is not inbox:
                    made.mailbox.delete_folder(folder)
            for item in list(items.values()):
                made.mailbox.delete(inbox, item)
            made.mailbox.deliver("Your device is in quarantine")
            await made.clock.sleep(600.0)
            assert len(await made.held()) >= everything - len(items)
            notes = [one.note for one in await made.store.collections(made.account_id)]
            assert any("not believed" in note for note in notes)
            made.mailbox.folders.update(folders)
            for folder in folders.values():
                made.mailbox.rename_folder(folder, folder.display_name)
            await made.clock.sleep(1200.0)
            assert len(await made.held()) >= everything - len(items)
            after = await made.ids("Project 1")
            assert len(after) == 3
        assert len(ids) == 30


@BOTH
@virtual
async def test_PV10_a_folder_that_is_suddenly_empty_is_believed_only_after_a_while(version: Version) -> None:
    """A server bug, or a person who really deleted all: what is held stays for a quarter of an hour, then goes."""
    async with bench(version=version) as made:
        projects = made.mailbox.create_folder("Projects")
        for number in range(150):
            made.mailbox.deliver(f"Plan {number}", folder=projects)
        async with made.running(30.0):
            for item in list(projects.items.values()):
                made.mailbox.delete(projects, item)
            await made.clock.sleep(600.0)
            assert len(await made.held("Projects")) == 150
            assert "everything in this folder is gone" in (await made.collection("Projects")).note
            mail(made.mailbox, 1)
            await made.clock.sleep(61.0)
            assert len(await made.held(INBOX)) == 1
            await made.clock.sleep(1200.0)
            assert await made.held("Projects") == ()
            assert (await made.collection("Projects")).note == ""
            assert made.server.holding == 1
        assert await made.contradictions() == []


LIMITED = ProvisioningDocument(
    max_email_age_filter=2,
    max_calendar_age_filter=4,
    max_email_body_truncation_size=100,
    max_email_html_body_truncation_size=50,
)


@pytest.mark.parametrize("version", [Version.V14_1, Version.V16_0])  # 16.1 knows no MaxCalendarAgeFilter
@virtual
async def test_a_policy_limits_how_far_back_and_how_much_is_fetched(version: Version) -> None:
    """
    [MS-ASPROV] MaxEmailAgeFilter and the others bind the client's own requests: three days of mail, two weeks of
    events, 100 bytes of text, also of a text that a person asks for.
    """
    async with bench(version=version, policy=LIMITED, enforce=True) as made:
        for days in (0, 1, 10, 400):
            mail(made.mailbox, days, received=EPOCH - dt.timedelta(days=days, hours=1))
        long = made.mailbox.deliver("Long", "word " * 100)
        page = made.mailbox.deliver("Page", "<p>" + "word " * 100, html=True)
        calendar = made.mailbox.folder(FolderType.CALENDAR)
        for days in (1, 100):
            start = EPOCH - dt.timedelta(days=days)
            made.mailbox.add(calendar, Event(subject=f"{days} ago", uid=f"{days}", start_time=start, end_time=start))
        runner = made.new_runner()
        await runner.sync_once()
        assert {name_of(one) for one in await made.held(INBOX)} == {"Mail 0", "Mail 1", "Long", "Page"}
        assert {name_of(one) for one in await made.held(FolderType.CALENDAR)} == {"1 ago"}
        ids = await made.ids(INBOX)
        for name, size, whole in (("Long", 100, long), ("Page", 50, page)):
            body = await made.store.body(ids[name])
            assert body is not None
            assert (len(body.data), body.truncated) == (size, True), whole.server_id
            assert len((await runner.fetch_body(ids[name])).data) == size


@virtual
async def test_a_policy_that_is_lifted_or_tightened_takes_effect_by_itself() -> None:
    """Old mail comes when the limit goes, leaves when it comes back; none of it is news."""
    async with bench(policy=LIMITED, enforce=True) as made:
        for days in (0, 1, 10, 400):
            mail(made.mailbox, days, received=EPOCH - dt.timedelta(days=days, hours=1))
        async with made.running():
            assert len(await made.held(INBOX)) == 2
            made.server.set_policy(ProvisioningDocument())
            await made.clock.sleep(60.0)
            assert len(await made.held(INBOX)) == 4
            made.server.set_policy(LIMITED)
            await made.clock.sleep(60.0)
            assert len(await made.held(INBOX)) == 2
            assert made.announced() == []
            assert (await made.collection(INBOX)).window is FilterType.ALL


@pytest.mark.parametrize(
    ("version", "kind"),
    [
        (Version.V14_1, WipeKind.DEVICE),
        (Version.V16_1, WipeKind.DEVICE),
        (Version.V16_1, WipeKind.ACCOUNT),  # no earlier version can order it
    ],
)
@virtual
async def test_WI1_a_wipe_order_empties_this_account_and_no_other(version: Version, kind: WipeKind) -> None:
    """Items, folders, secrets and what was queued are gone, the server is told, the neighbour notices nothing."""
    async with bench(version=version) as made:
        other = await made.second("bea@larch.example", device_id="DEVICE2")
        await made.store.put_secret(made.account_id, "password", Secret("x"))
        mail(made.mailbox, 1)
        mail(other.mailbox, 2)
        async with made.running(), other.running():
            made.server.order_wipe(ADDRESS, kind)
            ordered = made.clock.monotonic()
            await made.clock.sleep(5.0)
            account = await made.account()
            assert account.state is AccountState.WIPED
            assert "erased here" in account.reason
            assert ("nothing else" in account.reason) is (kind is WipeKind.DEVICE)
            assert await made.store.items(made.account_id) == ()
            assert await made.store.collections(made.account_id) == ()
            assert await made.store.secret(made.account_id, "password") is None
            assert made.server.device(ADDRESS).wipe.value == "done"
            asked = len([1 for at, user, _ in made.server.log if user == ADDRESS and at >= ordered])
            await made.clock.sleep(86400.0)
            assert len([1 for at, user, _ in made.server.log if user == ADDRESS and at >= ordered]) == asked
            mail(other.mailbox, 3)
            await made.clock.sleep(1.0)
            assert len(await other.held(INBOX)) == 2


@virtual
async def test_WI1_an_acknowledgement_that_gets_lost_is_given_again() -> None:
    """The data is gone at once; the server hears of it as soon as the line is better."""
    async with bench() as made, made.running():
        made.server.order_wipe(ADDRESS)
        made.server.faults.add(faults.mutate_between(lambda: None), command="Provision", times=1)
        made.server.faults.add(faults.drop_before_commit(), command="Provision", times=2)
        await made.clock.sleep(60.0)
        assert (await made.account()).state is AccountState.WIPED
        assert made.server.device(ADDRESS).wipe.value == "done"


@virtual
async def test_WI2_a_wiped_account_stays_blocked_here_and_there() -> None:
    """A restart does not even ask; a device with the same id is refused by the server until that is cleared there."""
    async with bench() as made:
        mail(made.mailbox, 1)
        async with made.running():
            made.server.order_wipe(ADDRESS)
            await made.clock.sleep(5.0)
        await made.runner.close()
        begun = made.clock.monotonic()
        await made.clock.sleep(1.0)
        with pytest.raises(AccountStopped, match="erased here"):
            await made.new_runner().sync_once()
        assert made.commands(begun + 0.5) == []
        await made.runner.close()
        await made.store.remove_account(made.account_id)
        await made.add_account()
        with pytest.raises(AccountStopped, match="blocked this device"):
            await made.new_runner().sync_once()
        made.server.clear_wipe(ADDRESS)
        await made.runner.sync_once()
        assert len(await made.held(INBOX)) == 1


@virtual
async def test_AU8_a_certificate_that_goes_bad_under_way_is_loud_and_heals() -> None:
    """It expires at noon: within a heartbeat the account says so, the password is sent nowhere, renewal heals it."""
    async with bench() as made, made.running():
        made.line.certificate = "certificate has expired"
        begun = made.clock.monotonic()
        await made.clock.sleep(600.0)
        account = await made.account()
        assert account.state is AccountState.WAITING
        assert "certificate has expired" in account.reason
        assert made.commands(begun + 0.001) == []
        made.line.certificate = ""
        await made.clock.sleep(301.0)
        account = await made.account()
        assert (account.state, account.reason) == (AccountState.ACTIVE, "")
        assert made.server.holding == 1
