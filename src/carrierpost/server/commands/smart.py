"""
SmartReply and SmartForward as a server does them: mail with the server's copy of the original ([MS-ASCMD] SmartReply).
"""

from __future__ import annotations

from carrierpost.protocol.classes import Email, Event
from carrierpost.protocol.commands.smart import SmartForwardRequest, SmartReplyRequest, Source
from carrierpost.protocol.message import Payload
from carrierpost.protocol.text import html_to_text, split_addresses
from carrierpost.protocol.version import Version
from carrierpost.server.commands.context import Context, Refusal
from carrierpost.server.instances import exception_at, is_occurrence
from carrierpost.server.mailbox import MailboxFolder, MailboxItem
from carrierpost.server.meetings import event_with
from carrierpost.server.quoting import recipients_of, with_original

__all__ = ["smart_forward", "smart_reply"]

_REPLIED, _REPLIED_TO_ALL, _FORWARDED = 1, 2, 3
"""Values of LastVerbExecuted ([MS-ASEMAIL])."""


async def smart_reply(context: Context) -> Payload:
    """
    Answer a message: its text comes below the answer's, unless the client has put it there.

    Raises:
        Refusal: the original cannot be found (150) or is no series (146), the answer was sent before (118) or cannot
            be delivered.
    """
    request = context.read(SmartReplyRequest.decode)
    _check(context, request)
    folder, item = _original(context, request.source)
    mime = request.mime
    if not request.replace_mime:
        mime = with_original(mime, item, forward=False)
    _submit(context, request, mime)
    verb = _REPLIED_TO_ALL if len(recipients_of(request.mime)) > 1 else _REPLIED
    _note(context, folder, item, verb)
    return Payload()


async def smart_forward(context: Context) -> Payload:
    """
    Pass a message on, text and attachments; from 16.0 on also a meeting, to people whom the server invites.

    Raises:
        Refusal: as for `smart_reply`, or there is nothing to forward a meeting with (179).
    """
    request = context.read(SmartForwardRequest.decode)
    _check(context, request)
    folder, item = _original(context, request.source)
    if request.forwardees or request.body is not None:
        _forward_meeting(context, request, item)
    else:
        mime = request.mime
        if not request.replace_mime:
            mime = with_original(mime, item, forward=True)
        _submit(context, request, mime)
    _note(context, folder, item, _FORWARDED)
    return Payload()


def _check(context: Context, request: SmartReplyRequest | SmartForwardRequest) -> None:
    if request.client_id and request.client_id in context.device.sent:
        raise Refusal(118)
    if request.account_id:  # a mailbox here is one account, which has no id
        raise Refusal(166)


def _original(context: Context, source: Source) -> tuple[MailboxFolder, MailboxItem]:
    found = context.mailbox.find(source.long_id or source.item_id or "")
    if found is None or (source.folder_id and found[0].server_id != source.folder_id):
        raise Refusal(150)
    folder, item = found
    moment = source.instance_id
    if moment is None:
        return found
    if not isinstance(item.data, Event) or item.data.recurrence is None:
        raise Refusal(146)
    if exception_at(item.data, moment) is None and not is_occurrence(item.data, moment):
        raise Refusal(150)
    one = MailboxItem(item.server_id, event_with(item.data, moment), item.added, item.committed)
    one.attached = item.attached
    return folder, one


def _submit(context: Context, request: SmartReplyRequest | SmartForwardRequest, mime: bytes) -> None:
    if not request.mime:
        raise Refusal(107)
    status = context.server.post.submit(context.mailbox, mime, save=request.save_in_sent)
    if status != 1:
        raise Refusal(status)
    if request.client_id:
        context.device.remember_sent(request.client_id)


def _forward_meeting(context: Context, request: SmartForwardRequest, item: MailboxItem) -> None:
    """
    Invite others to a meeting in the organizer's name.
    """
    if context.version < Version.V16_0 or not isinstance(item.data, Event) or not request.forwardees:
        raise Refusal(179)
    addresses = [address for one in request.forwardees for _, address in split_addresses(one.email)]
    unknown = any(one.lower() not in context.server.mailboxes for one in addresses)
    if not addresses or (unknown and not context.server.delivers_outside):
        raise Refusal(119 if not addresses else 116)
    text = request.body.data or "" if request.body is not None else ""
    html = request.body is not None and request.body.type == 2
    context.server.meetings.forward(context.mailbox, item.data, addresses, html_to_text(text) if html else text)
    context.device.remember_sent(request.client_id)


def _note(context: Context, folder: MailboxFolder, item: MailboxItem, verb: int) -> None:
    """
    Note on the original what was done with it.
    """
    if isinstance(item.data, Email) and folder.items.get(item.server_id) is item:
        now = context.server.clock.now()
        changes = {"last_verb_executed": verb, "last_verb_execution_time": now.replace(microsecond=0)}
        context.mailbox.change(folder, item, **changes)
