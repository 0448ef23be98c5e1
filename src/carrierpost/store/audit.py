"""
The audit log: lines that are only added, each with a digest over itself and the line before it.

Whoever takes a line out, or rewrites one, breaks the chain at that place; whoever takes lines off its end contradicts
what is noted of the end. `Store.check` looks for both. Whoever holds the store's key can still write all of it anew; a
copy of one line's chain, kept elsewhere, tells that, too.
"""

from __future__ import annotations

import datetime as dt
import hashlib

import msgspec

from carrierpost.model import AuditEntry, NewAuditEntry
from carrierpost.store.database import Row, Transaction

__all__ = ["add_audit_entry", "audit_entry_of", "audit_faults"]

_PAGE = 1000


def add_audit_entry(transaction: Transaction, entry: NewAuditEntry, now: dt.datetime) -> AuditEntry:
    """
    Add a line to the end of the log.
    """
    [(number, chain)] = transaction.rows("audit_end")
    values = msgspec.structs.asdict(entry)
    added = AuditEntry(**values, number=number + 1, at=now, chain="")
    added = msgspec.structs.replace(added, chain=_chained(chain, added))
    transaction.rows(
        "add_audit_entry",
        added.number,
        now.isoformat(),
        added.who,
        added.what,
        added.subject,
        added.detail,
        added.chain,
    )
    transaction.rows("set_audit_end", added.number, added.chain)
    return added


def audit_entry_of(row: Row) -> AuditEntry:
    """
    Read a line: number, time, who, what, subject, detail, chain.
    """
    number, at, who, what, subject, detail, chain = row
    return AuditEntry(
        number=number, at=dt.datetime.fromisoformat(at), who=who, what=what, subject=subject, detail=detail, chain=chain
    )


def audit_faults(transaction: Transaction) -> tuple[str, ...]:
    """
    Look for lines that are missing or were rewritten.

    Returns:
        A sentence about the first one; what comes after it proves nothing.
    """
    [(end, end_chain)] = transaction.rows("audit_end")
    number, chain = 0, ""
    while rows := transaction.rows("audit_entries", number, _PAGE):
        for entry in map(audit_entry_of, rows):
            if entry.number != number + 1:
                return (f"the audit log lacks line {number + 1}",)
            if entry.chain != _chained(chain, entry):
                return (f"line {entry.number} of the audit log is not as it was written",)
            number, chain = entry.number, entry.chain
    if (number, chain) != (end, end_chain):
        return (f"the audit log ends with line {number}, and {end} were written",)
    return ()


def _chained(before: str, entry: AuditEntry) -> str:
    parts = (before, entry.number, entry.at.isoformat(), entry.who, entry.what, entry.subject, entry.detail)
    return hashlib.sha256(msgspec.json.encode(parts)).hexdigest()
