"""
What may be tuned about running an account.
"""

from __future__ import annotations

import dataclasses

__all__ = ["EngineSettings"]


@dataclasses.dataclass(frozen=True, slots=True)
class EngineSettings:
    """
    The engine's numbers, with the reasons for their defaults.

    Attributes:
        window_size: changes asked for at once in the beginning; servers recommend 100.
        most_window_size: changes asked for once the server has shown that it copes; the protocol ends at 512.
        body_limit: bytes of a mail's text; more is fetched when a person opens it.
        other_body_limit: the same for events, contacts, tasks and notes.
        heartbeat: seconds of the first Ping.
        least_heartbeat: seconds below which a Ping is pointless; servers often allow no less than 60 anyway.
        most_heartbeat: seconds that the protocol allows.
        ladder: whether a mail folder's first synchronisation takes recent mail first.
        doubtful_items: a folder of at least this many items that is suddenly empty is not believed at once.
        doubt_seconds: it is believed when the server still says so after this time.
        asked_items: of a folder of at least this many items it is not believed at all before a person has said yes.
        policy_hours: hours after which the server's policy is asked for again.
        estimates: whether to ask how much there is, for progress bars.
        sync_seconds: seconds after which every folder, and their list, is asked for though nothing was heard of it.
        fresh_seconds: how often what matters most is asked for while other folders are still being filled.
        poll_seconds: how often folders are asked for while no Ping may be held, since an answer is in doubt.
        unwatched_seconds: how often folders are asked for that the server does not let us watch.
        most_commands: edits told to the server in one request.
        most_creations: items made at the server within a minute, beyond which a person is asked whether that is meant.
        look_seconds: seconds after which a folder is asked for news before an item in it is overwritten.
    """

    window_size: int = 100
    most_window_size: int = 512
    body_limit: int = 200_000
    other_body_limit: int = 50_000
    heartbeat: int = 480
    least_heartbeat: int = 30
    most_heartbeat: int = 3540
    ladder: bool = True
    doubtful_items: int = 20
    doubt_seconds: float = 900.0
    asked_items: int = 200
    policy_hours: float = 24.0
    estimates: bool = True
    sync_seconds: float = 6 * 3600.0
    fresh_seconds: float = 30.0
    poll_seconds: float = 60.0
    unwatched_seconds: float = 900.0
    most_commands: int = 50
    most_creations: int = 200
    look_seconds: float = 2.0
