"""
What the server's policy says of attachments holds when a person asks for one.
"""

from __future__ import annotations

import pytest

from carrierpost.engine import NotFetched
from carrierpost.protocol.classes import Attachment, AttachmentMethod
from carrierpost.protocol.commands.folder_sync import FolderType
from carrierpost.protocol.policy import ProvisioningDocument
from carrierpost.server import Attached
from tests.support.hub import Bench, bench
from tests.support.virtual import virtual


async def _attached(hub: Bench) -> tuple[int, str]:
    item = hub.mailbox.deliver("Figures", "attached")
    folder, _ = hub.mailbox.find(item.server_id) or (None, None)
    assert folder is not None
    reference = f"{item.server_id}/1"
    item.attached[reference] = Attached(b"x" * 2000, "text/csv")
    described = Attachment(
        display_name="figures.csv", file_reference=reference, method=AttachmentMethod(1), estimated_data_size=2000
    )
    hub.mailbox.change(folder, item, attachments=(described,))
    await hub.new_runner().sync_once()
    (held,) = await hub.held(FolderType.INBOX)
    return held.id, reference


@virtual
async def test_PV7_forbidden_attachments_are_not_fetched() -> None:
    """Where the policy allows no attachments, or none as large, the person is told; where it does, they come."""
    for policy, said in (
        (ProvisioningDocument(attachments_enabled=False), "does not allow"),
        (ProvisioningDocument(max_attachment_size=1999), "up to 1999 bytes; this has 2000"),
    ):
        async with bench(policy=policy, enforce=True) as hub:
            item_id, reference = await _attached(hub)
            with pytest.raises(NotFetched, match=said):
                await hub.runner.fetch_attachment(item_id, reference)
    async with bench(policy=ProvisioningDocument(max_attachment_size=2000), enforce=True) as hub:
        item_id, reference = await _attached(hub)
        assert (await hub.runner.fetch_attachment(item_id, reference)).content == b"x" * 2000
