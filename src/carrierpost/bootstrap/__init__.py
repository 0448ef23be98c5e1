"""
From settings to a running system: the one place where the rooms are put together.

Everything lives below one directory: the store, its key, and the secret from which device ids are made, so that an
account that is removed and added again is the same device to its server.
"""

from __future__ import annotations

from carrierpost.bootstrap.addresses import server_url
from carrierpost.bootstrap.errors import HubBusy, SetupError
from carrierpost.bootstrap.home import find_home
from carrierpost.bootstrap.hub import Added, Hub
from carrierpost.bootstrap.opening import open_hub, open_hub_in_memory, rebuild

__all__ = [
    "Added",
    "Hub",
    "HubBusy",
    "SetupError",
    "find_home",
    "open_hub",
    "open_hub_in_memory",
    "rebuild",
    "server_url",
]
