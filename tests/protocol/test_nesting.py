"""
HTML kept from nesting too deep: what a parser makes of it is never deep, and ordinary mail stays as it is.
"""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from selectolax.lexbor import LexborHTMLParser

from carrierpost.protocol.nesting import shallow
from carrierpost.protocol.text import html_to_text

PIECES = [
    *("<div>", "</div>", "<table>", "</table>", "<td>", "</td>", "<tr>", "</tr>", "<tbody>", "<caption>"),
    *("<p>", "</p>", "<b>", "</b>", "<li>", "</li>", "<ul>", "</ul>", "<dd>", "</dd>", "<dt>", "<a>", "</a>"),
    *("<!--", "-->", "<?", "</ ", '"', "'", "<x a=", ">", "<title>", "</title>", "<svg>", "<select>", "</select>"),
    *("<h1>", "</h1>", "<font color=red>", "</font>", "<button>", "<br>", "<scr<script></script>ipt>", "<div/>"),
]


def _depth(html: str) -> int:
    node = LexborHTMLParser(html).root
    depth = deepest = 0
    while node is not None:
        if node.child is not None:
            node, depth = node.child, depth + 1
            deepest = max(deepest, depth)
            continue
        while node is not None and node.next is None:
            node, depth = node.parent, depth - 1
        node = node.next if node is not None else None
    return deepest


@given(st.lists(st.sampled_from(PIECES), min_size=1, max_size=9))
@settings(max_examples=150)
def test_no_pattern_of_tags_becomes_a_deep_tree(pattern: list[str]) -> None:
    """
    Whatever is repeated, with comments, quotes and misplaced ends: a parser finds some hundred levels at most.

    A parser adds levels of its own, such as the parts of a table that were left out, hence not exactly 200.
    """
    assert _depth(shallow("".join(pattern) * 2500)) <= 1000


@pytest.mark.parametrize("html", ["", "plain", "<div>" * 1000, "<p>1 < 2</p><!-- x --><style>p{}</style>"])
def test_ordinary_html_stays_as_it_is(html: str) -> None:
    """Few tags cannot be deep; they are not even looked at."""
    assert shallow(html) == html


def test_long_mail_keeps_its_tags_and_attributes() -> None:
    """A long table of well formed rows is the same afterwards."""
    row = '<tr><td width="5" title=\'a > b\'>cell<br><img src=cid:x alt=""></td></tr>'
    html = f"<table>{row * 3000}</table>"
    assert shallow(html) == html


def test_text_beyond_the_depth_is_kept() -> None:
    """Only the tags are left out; what they hold is read."""
    assert html_to_text("<div>" * 390_000 + "the end") == "the end"
