"""
What belongs to an item and is kept beside it: its text, what is said of its attachments, its words in the index.
"""

from __future__ import annotations

from carrierpost.protocol.classes import ApplicationData
from carrierpost.store.database import Transaction
from carrierpost.store.rows import attachment_rows, body_row

__all__ = ["forget_items", "put_parts"]


def put_parts(transaction: Transaction, item_id: int, data: ApplicationData) -> None:
    """
    Keep an item's text and attachments in place of older ones, and have it indexed; a body that comes without its text
    leaves the held one alone.
    """
    body = body_row(item_id, data)
    if body is not None:
        transaction.rows("put_body", *body)
    elif data.body is None:
        transaction.rows("delete_body", item_id)
    transaction.rows("delete_attachments", item_id)
    transaction.each("add_attachment", attachment_rows(item_id, data))
    transaction.rows("want_index", item_id)


def forget_items(transaction: Transaction, ids: list[int]) -> None:
    """
    Forget items' words, and that they wait to be indexed: no foreign key reaches there.
    """
    rows = [(item_id,) for item_id in ids]
    transaction.each("delete_words", rows)
    transaction.each("indexed", rows)
