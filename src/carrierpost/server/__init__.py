"""
An ActiveSync server in this very process: for the demonstration, and for everybody's tests.

What it exports is imported when it is asked for: pytest loads the plugin of this room in every project that has
Carrierpost installed, and that must cost nothing where nobody uses it.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from carrierpost.server.background import BackgroundExchange
    from carrierpost.server.exchange import ExchangeServer
    from carrierpost.server.mailbox import Attached, Mailbox, MailboxFolder, MailboxItem

__all__ = ["Attached", "BackgroundExchange", "ExchangeServer", "Mailbox", "MailboxFolder", "MailboxItem"]

_HOMES = {"BackgroundExchange": "background", "ExchangeServer": "exchange"}


def __getattr__(name: str) -> Any:
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    module = importlib.import_module(f"{__name__}.{_HOMES.get(name, 'mailbox')}")
    return getattr(module, name)
