"""
Contradictions in a store: what must never be, looked for.
"""

from __future__ import annotations

import msgspec

from carrierpost.store.audit import audit_faults
from carrierpost.store.database import Transaction
from carrierpost.store.queries import load_queries
from carrierpost.store.rows import item_data

__all__ = ["contradictions"]

_NEVER = (*load_queries("checks.sql"), "words_without_item", "items_without_words")


def contradictions(transaction: Transaction) -> tuple[str, ...]:
    """
    Look for contradictions.

    Returns:
        A sentence for each kind that was found, with the first ids.
    """
    found = list(transaction.faults())
    for name in _NEVER:
        if rows := transaction.rows(name):
            ids = ", ".join(str(row[0]) for row in rows[:5])
            found.append(f"{name.replace('_', ' ')}: {ids} ({len(rows)} in all)")
    for item_id, kind, data in transaction.rows("all_data"):
        try:
            item_data(kind, data)
        except (msgspec.DecodeError, ValueError) as error:
            found.append(f"item {item_id} cannot be read: {error}")
    return (*found, *audit_faults(transaction))
