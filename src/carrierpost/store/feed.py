"""
Writing an account's feed inside a transaction.
"""

from __future__ import annotations

import datetime as dt

import msgspec

from carrierpost.model import Change, ChangeKind, Origin, Passage
from carrierpost.store.database import Transaction
from carrierpost.store.rows import passage_json

__all__ = ["FeedWriter"]


class FeedWriter:
    """
    Collects the changes of one transaction and writes them with the account's next numbers.

    Args:
        account_id: whose feed it is.
        now: the time of the transaction.
        passage: how the changes came from the server, where that is known.
    """

    def __init__(self, account_id: int, now: dt.datetime, passage: Passage | None = None) -> None:
        self._account_id = account_id
        self._now = now
        self._passage = passage
        self._noted: list[
            tuple[ChangeKind, Origin, int | None, int | None, int | None, bool, tuple[str, ...], str]
        ] = []

    def add(
        self,
        kind: ChangeKind,
        origin: Origin,
        *,
        collection_id: int | None = None,
        item_id: int | None = None,
        device_id: int | None = None,
        announce: bool = False,
        fields: tuple[str, ...] = (),
        detail: str = "",
    ) -> None:
        """
        Note a change.
        """
        self._noted.append((kind, origin, collection_id, item_id, device_id, announce, fields, detail))

    def write(self, transaction: Transaction) -> tuple[Change, ...]:
        """
        Write the changes.

        Returns:
            The changes with their numbers.
        """
        if not self._noted:
            return ()
        [(last,)] = transaction.rows("advance_feed", len(self._noted), self._account_id)
        changes = tuple(
            Change(
                account_id=self._account_id,
                number=number,
                kind=kind,
                origin=origin,
                at=self._now,
                collection_id=collection_id,
                item_id=item_id,
                device_id=device_id,
                announce=announce,
                fields=fields,
                detail=detail,
                passage=self._passage,
            )
            for number, (kind, origin, collection_id, item_id, device_id, announce, fields, detail) in enumerate(
                self._noted, last - len(self._noted) + 1
            )
        )
        at, passage = self._now.isoformat(), passage_json(self._passage)
        transaction.each(
            "add_change",
            [
                (
                    one.account_id, one.number, str(one.kind), str(one.origin), at, one.collection_id, one.item_id,
                    int(one.announce), msgspec.json.encode(one.fields).decode() if one.fields else "[]", one.detail,
                    passage, one.device_id,
                )
                for one in changes
            ],
        )  # fmt: skip
        return changes
