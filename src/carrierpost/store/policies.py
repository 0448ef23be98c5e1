"""
The policies' versions: written with the line of the audit log and the changes in the feeds, in one transaction.
"""

from __future__ import annotations

import datetime as dt

from carrierpost.model import ChangeKind, NewAuditEntry, NewPolicyVersion, Origin, PolicyVersion
from carrierpost.store.audit import add_audit_entry
from carrierpost.store.database import Row, Transaction
from carrierpost.store.errors import StaleCommit
from carrierpost.store.feed import FeedWriter

__all__ = ["commit_policies", "newest_policy_version", "policy_version_of"]


def commit_policies(transaction: Transaction, new: NewPolicyVersion, now: dt.datetime) -> PolicyVersion:
    """
    Write a version of the policies; see `Store.commit_policies`.
    """
    held = newest_policy_version(transaction)
    if held.number != new.after:
        raise StaleCommit(f"the policies are at version {held.number} now, and the change was made from {new.after}")
    made = PolicyVersion(number=held.number + 1, policies=new.policies, at=now, by=new.by, why=new.why)
    text = new.policies.decode()
    transaction.rows("add_policy_version", made.number, text, now.isoformat(), made.by, made.why)
    add_audit_entry(
        transaction,
        NewAuditEntry(who=new.by, what="policy.change", subject=f"version {made.number}", detail=new.why),
        now,
    )
    for account_id, fields in new.concerned.items():
        if transaction.rows("account", account_id):
            feed = FeedWriter(account_id, now)
            feed.add(ChangeKind.POLICY_CHANGED, Origin.HUB, fields=fields, detail=new.why)
            feed.write(transaction)
    return made


def newest_policy_version(transaction: Transaction) -> PolicyVersion:
    """
    Give the policies that hold; version 0, without any, before the first change.
    """
    rows = transaction.rows("newest_policy_version")
    return policy_version_of(rows[0]) if rows else PolicyVersion()


def policy_version_of(row: Row) -> PolicyVersion:
    """
    Read a version: number, policies, time, by whom, why.
    """
    number, policies, at, by, why = row
    return PolicyVersion(number=number, policies=policies.encode(), at=dt.datetime.fromisoformat(at), by=by, why=why)
