"""
Policies in an administrator's hands.
"""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from carrierpost.engine.policies import PolicyDesk
from carrierpost.model import ChangeKind, NewAccount, Platform, Policies, PolicySet
from carrierpost.policy import PolicyInvalid, PolicyOutdated
from carrierpost.policy.changes import differences, with_values, without_set
from carrierpost.policy.document import parse_target, read_policies
from carrierpost.store import NotHeld, Store, open_store
from tests.store.conftest import SteadyClock

BASE = '[[set]]\nname = "Everyone"\n[set.values]\nexport_contacts = true\nattachments = false\n'
SALES = BASE + '[[set]]\nname = "Sales"\ntarget = "address *@sales.example"\n[set.values]\nattachments = true\n'


@pytest.fixture
async def store() -> AsyncIterator[Store]:
    """Open a store with two accounts in it."""
    async with await open_store(None, None, clock=SteadyClock(), inline=True) as opened:
        for address in ("ada@larch.example", "bo@sales.example"):
            url = "https://mail.example/Microsoft-Server-ActiveSync"
            await opened.add_account(NewAccount(address=address, login=address, url=url, device_id=f"D{len(address)}"))
        yield opened
        assert await opened.check() == ()


async def test_a_change_holds_at_once_and_tells_whom_it_concerns(store: Store) -> None:
    """What holds is asked anew each time; the feed of each account says which settings are different for it."""
    desk = PolicyDesk(store)
    assert (await desk.effective("ada@larch.example")).values.export_contacts is False
    made = await desk.replace(read_policies(SALES), after=0, by="root", why="go live")
    assert made.version.number == 1
    assert (await desk.effective("ada@larch.example", platform=Platform.IOS)).values.export_contacts is True
    told = [[one.fields for one in await store.feed(account)] for account in (1, 2)]
    assert told == [[("export_contacts", "attachments")], [("export_contacts",)]]
    await desk.replace(read_policies(BASE), after=1, by="root")
    [*_, last] = await store.feed(2)
    assert (last.kind, last.fields) == (ChangeKind.POLICY_CHANGED, ("attachments",))
    assert len(await store.feed(1)) == 1  # nothing is different for Ada


async def test_a_change_that_changes_nothing_makes_no_version(store: Store) -> None:
    """Importing the same file every night leaves no trace."""
    desk = PolicyDesk(store)
    await desk.replace(read_policies(BASE), after=0, by="root")
    again = await desk.replace(read_policies(BASE), after=1, by="cron")
    assert (again.version.number, again.changes) == (1, ())
    assert len(await store.audit_log()) == 1


async def test_an_outdated_change_is_refused_with_the_name_of_whoever_was_faster(store: Store) -> None:
    """Nothing of it is written."""
    desk = PolicyDesk(store)
    await desk.replace(read_policies(BASE), after=0, by="Bea")
    with pytest.raises(PolicyOutdated, match="there is version 1 by Bea now"):
        await desk.replace(Policies(), after=0, by="root")
    with pytest.raises(PolicyInvalid, match="no group 'x'"):
        await desk.replace(Policies(sets=with_group("x")), after=1, by="root")
    assert (await desk.current()).version.number == 1


def with_group(name: str) -> tuple[PolicySet, ...]:
    """Make a set for a group that no list describes, past the checks of files."""
    [one] = read_policies(f'[groups]\n{name} = []\n[[set]]\nname = "a"\ntarget = "group {name}"').sets
    return (one,)


async def test_changes_are_undone_and_the_undoing_too(store: Store) -> None:
    """History only grows; each version says what it made different."""
    desk = PolicyDesk(store)
    await desk.replace(read_policies(BASE), after=0, by="root", why="first")
    await desk.replace(read_policies(SALES), after=1, by="root", why="sales")
    undone = await desk.undo(by="Bea")
    assert undone.policies == read_policies(BASE)
    assert undone.version.why == "back to version 1"
    await desk.undo(by="root", to=2, why="she was wrong")
    assert (await desk.current()).policies == read_policies(SALES)
    history = await desk.history()
    assert [(one.version.number, one.version.by, one.version.why) for one in history] == [
        (4, "root", "she was wrong"), (3, "Bea", "back to version 1"), (2, "root", "sales"), (1, "root", "first"),
    ]  # fmt: skip
    assert history[1].changes == ("set 'Sales' is gone",)
    assert history[0].changes == history[2].changes == (
        "set 'Sales' is new, for address *@sales.example", "set 'Sales': attachments not set -> on",
    )  # fmt: skip
    assert [one.version.number for one in await desk.history(2)] == [4, 3]
    assert (await desk.history(2))[1].changes == history[1].changes
    await desk.undo(by="root", to=0)
    assert (await desk.current()).policies == Policies()
    with pytest.raises(NotHeld, match="no version 99"):
        await desk.undo(by="root", to=99)


def test_a_set_is_changed_setting_by_setting() -> None:
    """What is typed becomes a value, `None` leaves it to the sets before; a new set comes last."""
    policies = with_values(Policies(), "Everyone", {"export_contacts": "on", "sign_in_hours": "24"})
    policies = with_values(policies, "Phones", {"attachments": "off"}, target=parse_target("everyone, ios"))
    policies = with_values(policies, "everyone", {"export_contacts": None, "contact_fields": "mail, numbers"})
    assert [(one.name, dict(one.values)) for one in policies.sets] == [
        ("Everyone", {"contact_fields": ("mail", "numbers"), "sign_in_hours": 24}),
        ("Phones", {"attachments": False}),
    ]
    assert policies.sets[1].target.platforms == (Platform.IOS,)
    with pytest.raises(PolicyInvalid, match="no setting 'export_contact'; did you mean 'export_contacts'"):
        with_values(policies, "Everyone", {"export_contact": None})
    with pytest.raises(PolicyInvalid, match="no group 'sales'"):
        with_values(policies, "Everyone", {}, target=parse_target("group sales"))
    assert [one.name for one in without_set(policies, "PHONES").sets] == ["Everyone"]
    with pytest.raises(PolicyInvalid, match="no set 'Phone'; did you mean 'Phones'"):
        without_set(policies, "Phone")


def test_differences_read_well() -> None:
    """A line for each thing, values as they are written in a file."""
    before = read_policies('[groups]\ng = ["a@x.example"]\n' + SALES)
    after = read_policies(
        '[groups]\ng = ["b@x.example"]\nh = []\n'
        '[[set]]\nname = "Sales"\ntarget = "group g"\nnote = "new"\n[set.values]\nattachment_limit = 0\n' + BASE
    )
    assert differences(before, after) == (
        "set 'Sales' is for group g instead of address *@sales.example",
        "set 'Sales': attachments on -> not set",
        "set 'Sales': attachment_limit not set -> 0",
        "set 'Sales': its note",
        "order: Sales, Everyone",
        "group 'g': 1 members -> 1 members, others",
        "group 'h': absent -> 0 members",
    )
    assert differences(after, after) == ()
