"""
The commands, carried out: what each does to a mailbox and a device's state. A module for each.
"""

from carrierpost.server.commands.context import Context, Handler, Refusal
from carrierpost.server.commands.find import find
from carrierpost.server.commands.folder_changes import folder_create, folder_delete, folder_update
from carrierpost.server.commands.folder_sync import folder_sync
from carrierpost.server.commands.get_attachment import get_attachment
from carrierpost.server.commands.get_item_estimate import get_item_estimate
from carrierpost.server.commands.item_operations import item_operations
from carrierpost.server.commands.meeting_response import meeting_response
from carrierpost.server.commands.move_items import move_items
from carrierpost.server.commands.ping import ping
from carrierpost.server.commands.provision import provision
from carrierpost.server.commands.resolve_recipients import resolve_recipients
from carrierpost.server.commands.search import search
from carrierpost.server.commands.send_mail import send_mail
from carrierpost.server.commands.settings import settings
from carrierpost.server.commands.smart import smart_forward, smart_reply
from carrierpost.server.commands.sync import sync
from carrierpost.server.commands.validate_cert import validate_cert

__all__ = ["HANDLERS", "Context", "Handler", "Refusal"]

HANDLERS: dict[str, Handler] = {
    "Find": find,
    "FolderCreate": folder_create,
    "FolderDelete": folder_delete,
    "FolderSync": folder_sync,
    "FolderUpdate": folder_update,
    "GetAttachment": get_attachment,
    "GetItemEstimate": get_item_estimate,
    "ItemOperations": item_operations,
    "MeetingResponse": meeting_response,
    "MoveItems": move_items,
    "Ping": ping,
    "Provision": provision,
    "ResolveRecipients": resolve_recipients,
    "Search": search,
    "SendMail": send_mail,
    "Settings": settings,
    "SmartForward": smart_forward,
    "SmartReply": smart_reply,
    "Sync": sync,
    "ValidateCert": validate_cert,
}
"""The commands that the server knows."""
