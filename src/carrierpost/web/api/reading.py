"""
Reading a message: its text as a page for a frame, its files, how it is protected, and an answer to what it invites to.
"""

from __future__ import annotations

import functools
import re
import urllib.parse
from typing import Annotated, Literal

import msgspec
from starlette.responses import Response

from carrierpost.engine.reading import fetch_pictures, fetch_protected, is_protected, shown_html
from carrierpost.formats.file_names import safe_name
from carrierpost.formats.html import clean_html, text_to_html
from carrierpost.model import Item
from carrierpost.protocol.classes import BodyType, Email
from carrierpost.protocol.commands.meeting_response import UserResponse
from carrierpost.store import NotHeld
from carrierpost.web.api.mail import mail_of
from carrierpost.web.opened import opened_mail
from carrierpost.web.operations import Call, Operations
from carrierpost.web.problems import Problem

__all__ = ["disposition", "operations"]

operations = Operations()

_FRAME_POLICY = (
    "default-src 'none'; img-src data: {}; style-src 'unsafe-inline'; font-src 'none'; form-action 'none'; "
    "base-uri 'none'; frame-ancestors 'self'; sandbox allow-same-origin allow-popups allow-popups-to-escape-sandbox"
)
_PAGE_OF_MAIL = (
    '<!doctype html><html><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">'
    "<style>body{{margin:0;padding:12px;font:16px/1.5 system-ui,sans-serif;color:#1b2326;overflow-wrap:anywhere}}"
    "img{{max-width:100%;height:auto}}pre{{white-space:pre-wrap}}table{{max-width:100%}}"
    "blockquote{{margin:0 0 0 8px;padding-left:10px;border-left:3px solid #ddd8cc}}</style>"
    "</head><body>{}</body></html>"
)


class MailPageQuery(msgspec.Struct, frozen=True, kw_only=True):
    """
    How to show a text.

    Attributes:
        remote: also pictures from the network.
    """

    remote: bool = False


class ResponseDraft(msgspec.Struct, frozen=True, kw_only=True):
    """
    An answer to an invitation.

    Attributes:
        answer: which.
        comment: what is said to the organizer.
        reply: whether the organizer is told; unless given, if they asked for it.
    """

    answer: Literal["accepted", "tentative", "declined"]
    comment: Annotated[str, msgspec.Meta(max_length=10_000)] = ""
    reply: bool | None = None


_ANSWERS = {"accepted": UserResponse.ACCEPT, "tentative": UserResponse.TENTATIVE, "declined": UserResponse.DECLINE}


@operations("GET", "/accounts/{account_id}/mail/{item_id}/page", media_type="text/html")
async def show_mail_page(call: Call, account_id: int, item_id: int, query: MailPageQuery) -> Response:
    """
    Show a message's text as a page for a sandboxed frame: cleaned, its own pictures in it, and under a policy of
    its own that lets it run and load nothing.
    """
    item = await mail_of(call, account_id, item_id)
    opened = await opened_mail(call, item)
    files = opened.letter.message.files if opened.letter is not None else ()
    pictures = {one.content_id: one.content for one in files if one.content_id}
    html = opened.html if opened.html is not None else text_to_html(opened.text or "")
    if opened.letter is None and clean_html(html).content_ids:
        async with call.office.using(account_id) as runner:
            pictures = await runner.ask(functools.partial(fetch_pictures, item=item, html=html))
    clean = shown_html(html, pictures, remote_pictures=query.remote)
    return Response(
        _PAGE_OF_MAIL.format(clean.html),
        media_type="text/html; charset=utf-8",
        headers={
            "Content-Security-Policy": _FRAME_POLICY.format("https:" if query.remote else ""),
            "Cache-Control": "private, max-age=600",
            "X-Frame-Options": "SAMEORIGIN",
        },
    )


@operations("POST", "/accounts/{account_id}/mail/{item_id}/whole", status=204, problems=(409, 502))
async def fetch_whole(call: Call, account_id: int, item_id: int) -> None:
    """
    Fetch the rest of a message's text from the mail server; of a signed or encrypted one the whole message.
    """
    item = await mail_of(call, account_id, item_id)
    body = await call.office.hub.store.body(item.id)
    async with call.office.using(account_id) as runner:
        if isinstance(item.data, Email) and is_protected(item.data):
            if body is None or body.type != BodyType.MIME:
                await runner.ask(functools.partial(fetch_protected, item_id=item.id))
        elif body is None or body.truncated:
            await runner.fetch_body(item.id)


@operations(
    "GET", "/accounts/{account_id}/mail/{item_id}/files/{index}",
    media_type="application/octet-stream", problems=(409, 502),
)  # fmt: skip
async def fetch_file(call: Call, account_id: int, item_id: int, index: str) -> Response:
    """
    Fetch a file of a message from the mail server. It is always to be saved and never shown as a page.
    """
    item = await mail_of(call, account_id, item_id)
    files = getattr(item.data, "attachments", None) or ()
    if not index.isascii() or not index.isdigit() or len(index) > 6 or int(index) >= len(files):
        raise Problem(404, "not-found", f"the message has no file {index}; read it anew")
    one = files[int(index)]
    if not one.file_reference:
        raise Problem(409, "no-reference", f"the server does not say how {one.display_name or 'this file'} can be had")
    async with call.office.using(account_id) as runner:
        fetched = await runner.fetch_attachment(item.id, one.file_reference)
    return Response(
        fetched.content or b"",
        media_type="application/octet-stream",
        headers={
            "Content-Disposition": disposition(safe_name(one.display_name or "file")),
            "Content-Security-Policy": "default-src 'none'; sandbox",
            "Cache-Control": "private, no-store",
        },
    )


def disposition(name: str) -> str:
    """
    Say under which name something is to be saved (RFC 6266): plainly for old programs, in full for the others.
    """
    plain = re.sub(r"[^A-Za-z0-9 ._()-]", "_", name)
    return f"attachment; filename=\"{plain}\"; filename*=UTF-8''{urllib.parse.quote(name, safe='')}"


@operations("POST", "/accounts/{account_id}/items/{item_id}/response", status=204, problems=(409,))
async def answer_invitation(call: Call, account_id: int, item_id: int, body: ResponseDraft) -> None:
    """
    Answer an invitation, from the message that brought it or from the event.
    """
    account = call.account(account_id)
    try:
        item: Item | None = await call.office.hub.store.item(item_id)
    except NotHeld:
        item = None
    if item is None or item.account_id != account.id:
        raise Problem(404, "not-found", f"{account.address} has no item {item_id}; it may have been deleted")
    editor = call.office.editor(account_id)
    await editor.respond(item.id, _ANSWERS[body.answer], reply=body.reply, text=body.comment)
