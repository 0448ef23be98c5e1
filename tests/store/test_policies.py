"""
The contract: versions of the policies, and the audit log.
"""

from __future__ import annotations

import asyncio
from pathlib import Path

import apsw
import pytest

from carrierpost.model import ChangeKind, NewAuditEntry, NewPolicyVersion, Origin, PolicyVersion
from carrierpost.store import NotHeld, StaleCommit, Store, open_store, rebuild_store
from tests.store.conftest import SteadyClock
from tests.store.values import NOW, Mailbox


def version(after: int, text: bytes = b'{"set":[]}', **values: object) -> NewPolicyVersion:
    return NewPolicyVersion(after=after, policies=text, by="root", **values)  # type: ignore[arg-type]


async def test_policies_are_kept_in_versions(store: Store) -> None:
    """Each says who made it, when and why; the newest one holds, and the older ones can still be read."""
    assert await store.policy_version() == PolicyVersion()
    made = await store.commit_policies(version(0, b'{"a":1}', why="first"))
    assert made == PolicyVersion(number=1, policies=b'{"a":1}', at=NOW, by="root", why="first")
    later = await store.commit_policies(version(1, b'{"a":2}'))
    assert await store.policy_version() == later
    assert await store.policy_version(1) == made
    assert await store.policy_versions() == (later, made)
    assert await store.policy_versions(limit=1) == (later,)
    with pytest.raises(NotHeld, match="no version 3"):
        await store.policy_version(3)


async def test_two_administrators_do_not_overwrite_each_other(store: Store) -> None:
    """A change that was made from an older version is refused, and nothing of it is written."""
    await store.commit_policies(version(0))
    with pytest.raises(StaleCommit, match="at version 1 now, and the change was made from 0"):
        await store.commit_policies(version(0, b"{}"))
    assert len(await store.policy_versions()) == len(await store.audit_log()) == 1


async def test_a_change_reaches_those_whom_it_concerns_at_once(store: Store, box: Mailbox) -> None:
    """It stands in their feeds, and whoever follows them hears of it when it is committed; others hear nothing."""
    other = await Mailbox.begin(store, "bea@elm.example")
    quiet = (await store.account(other.id)).feed_position
    following = store.follow(box.id)
    waiting = asyncio.ensure_future(anext(following))
    await asyncio.sleep(0.05)  # it has to be listening
    await store.commit_policies(
        version(0, why="audit", concerned={box.id: ("export_contacts", "attachments"), 999: ("attachments",)})
    )
    change = await asyncio.wait_for(waiting, 10)
    assert (change.kind, change.origin, change.fields, change.detail) == (
        ChangeKind.POLICY_CHANGED, Origin.HUB, ("export_contacts", "attachments"), "audit",
    )  # fmt: skip
    assert (await store.account(other.id)).feed_position == quiet


async def test_the_audit_log_is_in_order_and_chained(store: Store) -> None:
    """Each line has the next number and a chain of its own, even where two say the same; policies write one, too."""
    first = await store.audit(NewAuditEntry(who="root", what="device.revoke", subject="Ada's phone"))
    second = await store.audit(NewAuditEntry(who="root", what="device.revoke", subject="Ada's phone"))
    await store.commit_policies(version(0, why="because"))
    lines = await store.audit_log()
    assert lines[:2] == (first, second)
    assert [(one.number, one.what, one.subject, one.detail) for one in lines[2:]] == [
        (3, "policy.change", "version 1", "because")
    ]
    assert len({one.chain for one in lines}) == 3
    assert await store.audit_log(after=1, limit=1) == (second,)


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ("DELETE FROM audit WHERE number = 2", "the audit log lacks line 2"),
        ("DELETE FROM audit WHERE number = 3", "the audit log ends with line 2, and 3 were written"),
        ("DELETE FROM audit", "the audit log ends with line 0, and 3 were written"),
        ("UPDATE audit SET who = 'nobody' WHERE number = 2", "line 2 of the audit log is not as it was written"),
        ("UPDATE audit SET at = '2020-01-01T00:00:00+00:00' WHERE number = 1", "line 1 of the audit log is not as"),
    ],
)
async def test_what_is_taken_out_of_the_audit_log_shows(
    tmp_path: Path, clock: SteadyClock, change: str, told: str
) -> None:
    """The file itself refuses; and where somebody lifts that, the chain tells the place."""
    path = tmp_path / "store.db"
    async with await open_store(path, None, clock=clock) as store:
        for number in range(3):
            await store.audit(NewAuditEntry(who="root", what="trial", subject=str(number)))
        assert await store.check() == ()
    connection = apsw.Connection(str(path))
    with pytest.raises(apsw.ConstraintError, match="the audit log is only added to"):
        connection.execute(change)
    connection.execute("DROP TRIGGER audit_stays; DROP TRIGGER audit_is_as_it_was")
    connection.execute(change)
    connection.close()
    async with await open_store(path, None, clock=clock) as store:
        [fault] = await store.check()
    assert told in fault


async def test_a_rebuilt_store_keeps_policies_and_audit_log(tmp_path: Path, clock: SteadyClock) -> None:
    """Only this machine knows them; no damage to mail may lift a policy."""
    path = tmp_path / "store.db"
    async with await open_store(path, None, clock=clock) as store:
        await Mailbox.begin(store)
        await store.commit_policies(version(0, why="first"))
        await store.commit_policies(version(1, b'{"a":2}'))
        versions, lines = await store.policy_versions(), await store.audit_log()
    rebuild_store(path, None, None, clock=clock)
    async with await open_store(path, None, clock=clock) as store:
        assert await store.policy_versions() == versions
        assert await store.audit_log() == lines
        await store.audit(NewAuditEntry(who="root", what="account.rebuild"))
        assert await store.check() == ()
