"""
Answers and forwards: to whom, about what, with what of the original.
"""

from __future__ import annotations

import datetime as dt
import zoneinfo

import pytest

from carrierpost.formats.answering import attribution, forward, forward_as_attachment, reply
from carrierpost.formats.headers import Address
from carrierpost.formats.message import Draft, File, Message
from carrierpost.formats.message_in import read_message
from carrierpost.formats.message_out import write_message
from carrierpost.protocol.text import topic

ADA, BEN, CY = (Address(f"{name}@x.example", name.title()) for name in ("ada", "ben", "cy"))
PICTURE = File("p.png", "image/png", b"PNG", content_id="p@x", inline=True)
REPORT = File("r.pdf", "application/pdf", b"PDF")
ORIGINAL = Message(
    headers=(("Date", "Mon, 2 Mar 2026 10:00:00 +0100"),),
    from_=(ADA,),
    to=(BEN, CY),
    cc=(Address("di@x.example"), Address("BEN@x.example")),
    subject="Re: AW: Lunch?",
    date=dt.datetime(2026, 3, 2, 10, 0, tzinfo=dt.timezone(dt.timedelta(hours=1))),
    message_id="<2@x>",
    references=("<0@x>", "<1@x>"),
    text="At noon?\n> earlier\n",
    html='<p onclick="steal()">At noon? <img src="cid:p@x"><script>steal()</script></p>',
    files=(PICTURE, REPORT),
)


@pytest.mark.parametrize(
    ("subject", "rest"),
    [("Re: x", "x"), ("RE: Re[2]: Fwd: x", "x"), ("AW: WG: x", "x"), ("Report: x", "Report: x"), ("Re:", ""), ("", "")],
)
def test_topic_of_a_subject(subject: str, rest: str) -> None:
    """Marks of answers and forwards go, in several languages; words that only look like them stay."""
    assert topic(subject) == rest


def test_reply_goes_to_the_author() -> None:
    """With the thread's ids, one `Re:`, the original quoted below, and no attachment of it."""
    draft = reply(ORIGINAL, BEN, text="Yes.")
    assert draft == Draft(
        from_=BEN,
        to=(ADA,),
        subject="Re: Lunch?",
        text="Yes.\n\nOn 2026-03-02 at 10:00, Ada wrote:\n> At noon?\n>> earlier\n",
        in_reply_to="<2@x>",
        references=("<0@x>", "<1@x>", "<2@x>"),
    )


def test_reply_goes_where_the_author_wants_it() -> None:
    """`Reply-To` names others."""
    original = Message(from_=(ADA,), reply_to=(CY,), subject="x")
    assert reply(original, BEN).to == (CY,)


def test_reply_to_all_leaves_out_oneself_and_nobody_twice() -> None:
    """Recipients answer to the author and each other, copies stay copies; one's own addresses are left out."""
    draft = reply(ORIGINAL, BEN, to_all=True)
    assert draft.to == (ADA, CY)
    assert draft.cc == (Address("di@x.example"),)
    assert reply(ORIGINAL, BEN, to_all=True, own=["DI@x.example"]).cc == ()


def test_reply_to_ones_own_letter_goes_on_to_its_recipients() -> None:
    """Who answers their own letter does not mean to write to themselves."""
    assert reply(ORIGINAL, ADA).to == (BEN, CY)
    alone = Message(from_=(ADA,), to=(ADA,), subject="x")
    assert reply(alone, ADA, to_all=True).to == (ADA,)


def test_reply_in_html_quotes_what_is_harmless() -> None:
    """The quoted HTML keeps its pictures and loses what acts."""
    draft = reply(ORIGINAL, BEN, text="Yes.", html="<p>Yes.</p>")
    assert draft.html is not None
    assert draft.html.startswith("<p>Yes.</p><p>On 2026-03-02 at 10:00, Ada wrote:</p><blockquote")
    assert "steal" not in draft.html
    assert draft.files == (PICTURE,)


def test_reply_without_quoting_is_for_servers_that_quote() -> None:
    """SmartReply adds the original at the server."""
    draft = reply(ORIGINAL, BEN, text="Yes.", html="<p>Yes.</p>", quote=False)
    assert (draft.text, draft.html, draft.files) == ("Yes.", "<p>Yes.</p>", ())


def test_attribution_says_the_time_where_one_is() -> None:
    """In a given zone, or the author's own; without a date only who."""
    assert attribution(ORIGINAL, zone=zoneinfo.ZoneInfo("America/New_York")) == "On 2026-03-02 at 04:00, Ada wrote:"
    assert attribution(Message(from_=(Address("x@y"),))) == "x@y wrote:"
    assert attribution(Message()) == "Somebody wrote:"


def test_forward_holds_the_original_and_its_files() -> None:
    """Below a line with who wrote it, when and to whom; pictures stay in the text, other files are attached."""
    draft = forward(ORIGINAL, BEN, to=(Address("eve@x.example"),), text="See below.")
    assert draft.subject == "Fwd: Lunch?"
    assert draft.text == (
        "See below.\n\n---------- Forwarded message ----------\nFrom: Ada <ada@x.example>\n"
        "Date: Mon, 2 Mar 2026 10:00:00 +0100\nSubject: Re: AW: Lunch?\n"
        "To: Ben <ben@x.example>, Cy <cy@x.example>\nCc: di@x.example, BEN@x.example\n\nAt noon?\n> earlier\n"
    )
    assert draft.html is not None
    assert "steal" not in draft.html
    assert 'src="cid:p@x"' in draft.html
    assert draft.files == (PICTURE, REPORT)
    assert draft.in_reply_to is None


def test_forward_of_plain_mail_stays_plain() -> None:
    """Nobody's HTML is made up."""
    assert forward(Message(text="x", subject="y"), BEN, to=(ADA,)).html is None


def test_BD4_forward_as_attachment_keeps_every_byte() -> None:
    """The original arrives as it came, for a signature in it must stay valid; its name comes from the subject."""
    mime = b"Subject: a/b: c\nX: \xff\n\nline\nends stay\r\n"
    draft = forward_as_attachment(mime, read_message(mime), BEN, to=(ADA,), text="See there.")
    written = write_message(draft, date=dt.datetime(2026, 1, 1, tzinfo=dt.UTC), chance=bytes(16))
    (file,) = read_message(written).files
    assert (file.name, file.content_type, file.content) == ("a b c.eml", "message/rfc822", mime)
