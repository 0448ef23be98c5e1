"""
What every store promises of the settings of a hub as a whole, which belong to no account.
"""

from __future__ import annotations

import abc
from collections.abc import Mapping

from carrierpost.protocol.secret import Secret

__all__ = ["HubStore"]


class HubStore(abc.ABC):
    """
    The part of a store that keeps what an administrator set. A value may hold keys, so none of them prints.
    """

    @abc.abstractmethod
    async def put_hub_setting(self, name: str, value: Secret) -> None:
        """
        Keep a setting under a name, replacing an older one.
        """

    @abc.abstractmethod
    async def hub_setting(self, name: str) -> Secret | None:
        """
        Give a setting, or `None` if there is none of that name.
        """

    @abc.abstractmethod
    async def hub_settings(self, prefix: str = "") -> Mapping[str, Secret]:
        """
        Give the settings whose names begin so, in the order of their names.
        """

    @abc.abstractmethod
    async def drop_hub_setting(self, name: str) -> bool:
        """
        Forget a setting; tells whether there was one.
        """
