"""
Contradictions in a store: what must never be, looked for.
"""

from __future__ import annotations

from collections.abc import Mapping

import apsw
import msgspec

from carrierpost.protocol.classes import ContentClass, record_of

__all__ = ["contradictions"]

_NEVER = {
    "items whose account is not their collection's": (
        "SELECT items.id FROM items JOIN collections ON collections.id = collection_id "
        "WHERE items.account_id != collections.account_id"
    ),
    "items of another class than their collection": (
        "SELECT items.id FROM items JOIN collections ON collections.id = collection_id "
        "WHERE items.content_class IS NOT collections.content_class"
    ),
    "bodies without item": "SELECT item_id FROM bodies WHERE item_id NOT IN (SELECT id FROM items)",
    "attachments without item": "SELECT item_id FROM attachments WHERE item_id NOT IN (SELECT id FROM items)",
    "items waiting for the index that are gone": (
        "SELECT item_id FROM to_index WHERE item_id NOT IN (SELECT id FROM items)"
    ),
    "collections with items and no key": (
        "SELECT id FROM collections WHERE sync_key = '0' AND progress = 'complete' "
        "AND id IN (SELECT collection_id FROM items)"
    ),
    "complete collections with unconfirmed items": (
        "SELECT collections.id FROM collections JOIN items ON items.collection_id = collections.id "
        "WHERE progress = 'complete' AND unconfirmed = 1 AND note = ''"
    ),
    "feeds with gaps": (
        "SELECT accounts.id FROM accounts LEFT JOIN feed ON feed.account_id = accounts.id GROUP BY accounts.id "
        "HAVING COUNT(number) != feed_position OR COALESCE(MAX(number), 0) != feed_position"
    ),
    "items told to be removed that are held": (
        "SELECT items.id FROM items JOIN feed ON feed.item_id = items.id WHERE kind IN ('item-removed', 'item-left')"
    ),
    "items never told to be added": (
        "SELECT id FROM items WHERE id NOT IN (SELECT item_id FROM feed WHERE kind = 'item-added')"
    ),
    "items told to be added twice": (
        "SELECT item_id FROM feed WHERE kind = 'item-added' GROUP BY item_id HAVING COUNT(*) > 1"
    ),
}
"""What must be empty: what it is, and the query that finds it."""


def contradictions(connection: apsw.Connection, sql: Mapping[str, str]) -> tuple[str, ...]:
    """
    Look for contradictions.

    Returns:
        A sentence for each kind that was found, with the first ids.
    """
    found = []
    for name, query in {
        **_NEVER,
        "words without item": sql["words_without_item"],
        "items neither indexed nor waiting for it": sql["items_without_words"],
    }.items():
        rows = connection.execute(query).fetchall()
        if rows:
            found.append(f"{name}: {', '.join(str(row[0]) for row in rows[:5])} ({len(rows)} in all)")
    found += [
        f"a row of {row[0]} refers to a row of {row[2]} that is gone"
        for row in connection.execute("PRAGMA foreign_key_check").fetchall()
    ]
    found += [
        f"the file is damaged: {answer}"
        for (answer,) in connection.execute("PRAGMA integrity_check").fetchall()
        if answer != "ok"
    ]
    for item_id, kind, data in connection.execute("SELECT id, content_class, data FROM items"):
        try:
            msgspec.json.decode(data, type=record_of(ContentClass(kind)))
        except (msgspec.DecodeError, ValueError) as error:
            found.append(f"item {item_id} cannot be read: {error}")
    return tuple(found)
