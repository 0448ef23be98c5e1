"""
A hub that is going to be killed: `python -m fuzz._killed HOME PAGE` synchronizes the only account once.
"""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path

from carrierpost.bootstrap import open_hub
from carrierpost.engine import EngineSettings


async def main(home: Path, page: int) -> None:
    """
    Synchronize once.

    Args:
        home: the hub's directory.
        page: how many changes to ask for at once; small ones make many moments to die at.
    """
    settings = EngineSettings(window_size=page, most_window_size=page)
    async with open_hub(home=home) as hub:
        [account] = await hub.store.accounts()
        async with hub.runner(account, settings=settings) as runner:
            troubles = await runner.sync_once()
    if troubles:
        sys.exit("\n".join(troubles))


if __name__ == "__main__":
    asyncio.run(main(Path(sys.argv[1]), int(sys.argv[2])))
