"""
How this hub presents itself to an account's server: as one device that never changes.
"""

from __future__ import annotations

import functools
import platform

from carrierpost import __version__
from carrierpost.model import Account, NewAccount
from carrierpost.protocol.commands.device import DeviceInformation
from carrierpost.protocol.http import Partnership
from carrierpost.protocol.version import Version

__all__ = ["USER_AGENT", "device_information", "partnership_of"]

USER_AGENT = f"Carrierpost/{__version__}"


def partnership_of(account: NewAccount) -> Partnership:
    """
    Give the partnership that an account has with its server, or will have.
    """
    held = account if isinstance(account, Account) else None
    return Partnership(
        url=account.url,
        user=account.login,
        device_id=account.device_id,
        device_type=account.device_type,
        user_agent=account.user_agent,
        version=(held.version if held is not None else None) or account.pinned_version or Version.V14_1,
        policy_key=held.policy_key if held is not None else "0",
    )


def device_information(account: NewAccount) -> DeviceInformation:
    """
    Say what an administrator is to see of this hub in the server's list of devices.
    """
    return _information(account.user_agent)


@functools.lru_cache(maxsize=64)  # one for thousands of accounts
def _information(user_agent: str) -> DeviceInformation:
    return DeviceInformation(
        model="Carrierpost",
        friendly_name=f"Carrierpost on {platform.node() or 'a server'}",
        os=f"{platform.system()} {platform.release()}".strip(),
        os_language="English",
        user_agent=user_agent,
    )
