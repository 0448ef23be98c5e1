"""
The commands, carried out: what each does to a mailbox and a device's state. A module for each.
"""

from carrierpost.server.commands.context import Context, Handler, Refusal
from carrierpost.server.commands.folder_sync import folder_sync
from carrierpost.server.commands.get_item_estimate import get_item_estimate
from carrierpost.server.commands.item_operations import item_operations
from carrierpost.server.commands.move_items import move_items
from carrierpost.server.commands.ping import ping
from carrierpost.server.commands.provision import provision
from carrierpost.server.commands.send_mail import send_mail
from carrierpost.server.commands.settings import settings
from carrierpost.server.commands.sync import sync

__all__ = ["HANDLERS", "Context", "Handler", "Refusal"]

HANDLERS: dict[str, Handler] = {
    "FolderSync": folder_sync,
    "GetItemEstimate": get_item_estimate,
    "ItemOperations": item_operations,
    "MoveItems": move_items,
    "Ping": ping,
    "Provision": provision,
    "SendMail": send_mail,
    "Settings": settings,
    "Sync": sync,
}
"""The commands that the server knows."""
