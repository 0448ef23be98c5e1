"""
Settings of a hub in a SQL database; see `carrierpost.store.hub_contract`.
"""

from __future__ import annotations

from collections.abc import Mapping

from carrierpost.protocol.secret import Secret
from carrierpost.store.hub_contract import HubStore
from carrierpost.store.sql_base import SQLBase

__all__ = ["SQLHub"]


class SQLHub(SQLBase, HubStore):
    """
    The settings that a SQL store holds.
    """

    async def put_hub_setting(self, name: str, value: Secret) -> None:
        """
        Keep a setting; see `HubStore.put_hub_setting`.
        """
        await self._database.write(
            lambda transaction: transaction.rows("put_hub_setting", name, value.reveal()), durable=True
        )

    async def hub_setting(self, name: str) -> Secret | None:
        """
        Give a setting; see `HubStore.hub_setting`.
        """
        rows = await self._database.read(lambda transaction: transaction.rows("hub_setting", name))
        return Secret(rows[0][0]) if rows else None

    async def hub_settings(self, prefix: str = "") -> Mapping[str, Secret]:
        """
        Give settings; see `HubStore.hub_settings`.
        """
        rows = await self._database.read(lambda transaction: transaction.rows("hub_settings"))
        return {name: Secret(value) for name, value in rows if name.startswith(prefix)}

    async def drop_hub_setting(self, name: str) -> bool:
        """
        Forget a setting; see `HubStore.drop_hub_setting`.
        """
        gone = await self._database.write(
            lambda transaction: transaction.rows("delete_hub_setting", name), durable=True
        )
        return bool(gone)
