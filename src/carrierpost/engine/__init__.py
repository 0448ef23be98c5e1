"""
Keeping accounts in sync: what to do next (pure), doing it, holding a connection, learning from failures.
"""

from carrierpost.engine.context import Connect
from carrierpost.engine.editor import Editor
from carrierpost.engine.errors import AccountStopped, AccountWaits, EditRefused, EngineError, NotFetched
from carrierpost.engine.events import Committed, Event, Phase, Progressed, Waiting
from carrierpost.engine.gate import Gate
from carrierpost.engine.hosted import HostedAccount, wake_by_edits, within
from carrierpost.engine.listener import Listener, ListenerSettings, ListenerStatus
from carrierpost.engine.runner import AccountRunner
from carrierpost.engine.settings import EngineSettings

__all__ = [
    "AccountRunner",
    "AccountStopped",
    "AccountWaits",
    "Committed",
    "Connect",
    "EditRefused",
    "Editor",
    "EngineError",
    "EngineSettings",
    "Event",
    "Gate",
    "HostedAccount",
    "Listener",
    "ListenerSettings",
    "ListenerStatus",
    "NotFetched",
    "Phase",
    "Progressed",
    "Waiting",
    "wake_by_edits",
    "within",
]
