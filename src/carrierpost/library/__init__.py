"""
Carrierpost in a program of one's own: a mailbox over ActiveSync, in a few lines.

    import carrierpost

    async with carrierpost.connect("ada@example.com", password="...") as mailbox:
        await mailbox.sync()
        async for item in mailbox.items("Inbox"):
            print(item.data.subject)
        async for change in mailbox.watch():
            print(change.kind, change.item_id)

What is in this room is only a face: accounts, keys and what was fetched are the hub's (`carrierpost.bootstrap`), the
work is the engine's. Everything here can be imported from `carrierpost` itself.
"""

from carrierpost.library.connecting import connect
from carrierpost.library.mailbox import Folder, Mailbox
from carrierpost.library.sending import SendUnsure

__all__ = ["Folder", "Mailbox", "SendUnsure", "connect"]
