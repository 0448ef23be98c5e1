"""
What a store asks of a database: units of work in transactions, and the few things that each database says in its own
way.

Queries are called by their names in `sql/`, so what uses this protocol neither contains SQL nor knows whose it is.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any, Protocol, TypeVar

__all__ = ["Conflict", "Database", "Row", "Transaction"]

T = TypeVar("T")

Row = tuple[Any, ...]


class Conflict(Exception):
    """
    A row would break a rule of the schema, such as a name that may be there only once.
    """


class Transaction(Protocol):
    """
    An open transaction.
    """

    def rows(self, query: str, *values: Any) -> list[Row]:
        """
        Run a query by its name.

        Raises:
            Conflict: a row would break a rule of the schema.
        """

    def each(self, query: str, rows: Iterable[Sequence[Any]]) -> None:
        """
        Run a query once for every row of values.

        Raises:
            Conflict: a row would break a rule of the schema.
        """

    def faults(self) -> tuple[str, ...]:
        """
        Look for damage below the level of rows; gives a sentence for each.
        """


class Database(Protocol):
    """
    An open database. Its errors are those of `carrierpost.store.errors`.
    """

    @property
    def closed(self) -> bool:
        """
        Whether it has been closed.
        """

    @property
    def shared(self) -> bool:
        """
        Whether other processes may write to it.
        """

    async def read(self, work: Callable[[Transaction], T]) -> T:
        """
        Run work that only reads; it sees one state throughout.
        """

    async def write(
        self, work: Callable[[Transaction], T], *, durable: bool = False, then: Callable[[T], None] | None = None
    ) -> T:
        """
        Run work in one transaction: all of it is written, or nothing.

        Args:
            work: what to do; it runs on a thread and may not await.
            durable: let it survive a loss of power, too, and not the end of the process alone.
            then: called on the caller's loop with what the work gave once it is committed, even if the caller was
                cancelled meanwhile; in the order of the commits.
        """

    async def changed_elsewhere(self) -> bool:
        """
        Tell whether another connection has committed something since this was asked last.
        """

    def among(self, values: Iterable[str]) -> Any:
        """
        Give texts as one value, for the queries that look for any of them.
        """

    def matching(self, text: str) -> tuple[Any, list[str]]:
        """
        Turn what a person typed into a value for the query `search`; no text may make it fail.

        Returns:
            The value, and the words to mark in what is found; no words when nothing is asked for.
        """

    async def close(self) -> None:
        """
        Finish what is being written and close; calling it twice is harmless.
        """
