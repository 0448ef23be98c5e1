"""
Bodies as text, addresses taken apart.
"""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from carrierpost.protocol.text import display_name, html_to_text, split_addresses


@pytest.mark.parametrize(
    ("html", "text"),
    [
        ("", ""),
        ("plain", "plain"),
        ("<p>One</p><p>Two</p>", "One\n\nTwo"),
        ("a<br>b", "a\nb"),
        ("<ul><li>one<li>two</ul>", "- one\n- two"),
        ("<head><title>t</title><style>p{}</style></head><body>b<script>x()</script></body>", "b"),
        ("<table><tr><td>a</td><td>b</td></tr><tr><td>c</td></tr></table>", "a b\nc"),
        ("&lt;tea&gt; &amp;&nbsp;biscuits", "<tea> & biscuits"),
        ("  much \n\t space  ", "much space"),
    ],
)
def test_html_as_text(html: str, text: str) -> None:
    """Blocks on lines of their own, nothing that is not shown."""
    assert html_to_text(html) == text


@given(
    st.text(max_size=200)
    | st.lists(st.sampled_from(["<p>", "</div>", "<td", "&", "x", "<li>", "</", "<!--"])).map("".join)
)
def test_any_html_has_a_text(html: str) -> None:
    """Whatever a stranger wrote."""
    assert isinstance(html_to_text(html), str)


@pytest.mark.parametrize(
    ("text", "found"),
    [
        (None, ()),
        ("", ()),
        ("ada@example.org", (("", "ada@example.org"),)),
        ('"Ada Lovelace" <ada@example.org>', (("Ada Lovelace", "ada@example.org"),)),
        ("Ada <ada@example.org>, bob@example.org", (("Ada", "ada@example.org"), ("", "bob@example.org"))),
        ('"King, Ada" <ada@example.org>; Bob', (("King, Ada", "ada@example.org"), ("Bob", ""))),
        ('"Ada \\"the first\\"" <ada@example.org>', (('Ada "the first"', "ada@example.org"),)),
        ("</O=EXAMPLE/OU=SEA/CN=ADA>", (("", "/O=EXAMPLE/OU=SEA/CN=ADA"),)),
        ('"Ada" [MOBILE: +49123]', (('"Ada" [MOBILE: +49123]', ""),)),
        (" , ;, ", ()),
    ],
)
def test_address_lists(text: str | None, found: tuple[tuple[str, str], ...]) -> None:
    """Names with commas in quotes, names alone, addresses alone, X.500 paths, telephone numbers."""
    assert split_addresses(text) == found


@given(st.text(alphabet='ab@.<>",;\\ []\u00e9', max_size=100))
def test_WB11_any_address_list_is_taken_apart(text: str) -> None:
    """Nothing raises, nothing is empty on both sides."""
    for name, address in split_addresses(text):
        assert name or address


def test_WB11_a_long_list_of_nonsense_takes_no_time() -> None:
    """No more than a thousand are split off, in one pass."""
    assert len(split_addresses("a@b," * 5000)) == 1000
    split_addresses('"' * 5000)
    split_addresses("<" * 5000)


def test_what_to_show_for_a_list() -> None:
    """Names, or the addresses where there are none."""
    assert display_name('"Ada" <ada@example.org>, bob@example.org') == "Ada, bob@example.org"
    assert display_name(None) == ""


@pytest.mark.parametrize(
    ("html", "text"),
    [
        ('<a href="https://larch.example/x">the plan</a>.', "the plan <https://larch.example/x>."),
        ('<a href="https://larch.example/">https://larch.example</a>', "https://larch.example"),
        ('<a href="https://larch.example/">larch.example</a>', "larch.example"),
        ('<a href="https://evil.example/">https://bank.example/</a>', "https://bank.example/ <https://evil.example/>"),
        ('<a href="https://evil.example/"><b>bank</b>.example</a>', "bank.example <https://evil.example/>"),
        ('<a href="mailto:ada@larch.example">ada@larch.example</a>', "ada@larch.example"),
        ('<a href="javascript:alert(1)">x</a> <a href="#top">up</a> <a>none</a>', "x up none"),
        ('<a href="ht\ntps://evil.example/\u202e">x</a>', "x <https://evil.example/>"),
        ('<a href="https://a.example/"><img></a><a href="https://b.example/"></a>',
         "<https://a.example/> <https://b.example/>"),
    ],
)  # fmt: skip
def test_links_are_told_with_where_they_lead(html: str, text: str) -> None:
    """A link that says one thing and leads to another shows both; one that says where it leads is not told twice."""
    assert html_to_text(html, links=True) == text
    assert "evil.example" not in html_to_text(html)
