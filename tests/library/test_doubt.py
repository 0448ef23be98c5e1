"""
A folder that is suddenly empty, in a program's hands.
"""

from __future__ import annotations

import pytest

from carrierpost import BackgroundExchange, EditRefused
from tests.library.conftest import Connecting


async def test_a_program_decides_what_is_believed(exchange_server: BackgroundExchange, connecting: Connecting) -> None:
    """`sync` names the folder, whose `doubt` says asked; refused everything stays, accepted it goes."""
    mailbox = exchange_server.server.mailbox(exchange_server.address("alice"))

    def fill() -> None:
        projects = mailbox.create_folder("Projects")
        for number in range(210):
            mailbox.deliver(f"Plan {number}", folder=projects)

    def empty() -> None:
        projects = mailbox.folder("Projects")
        for item in list(projects.items.values()):
            mailbox.delete(projects, item)

    exchange_server.call(fill)
    async with connecting() as here:
        assert await here.sync() == ()
        with pytest.raises(EditRefused, match="does not say"):
            await here.accept_empty("Projects")
        exchange_server.call(empty)
        [said] = await here.sync()
        assert said.startswith("Projects: the server says that everything")
        assert (await here.folder("Projects")).doubt == "asked"
        await here.refuse_empty("Projects")
        assert await here.sync() == ()
        assert len([one async for one in here.items("Projects")]) == 210
        await here.accept_empty("Projects")
        assert await here.sync() == ()
        assert [one async for one in here.items("Projects")] == []
