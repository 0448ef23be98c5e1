"""
Whatever a stranger writes into a mail: its HTML becomes text without markup's scripts, addresses are taken apart, and
neither raises nor takes long.
"""

from __future__ import annotations

import random
import time

from carrierpost.protocol.text import display_name, html_to_text, split_addresses
from fuzz._mutate import mutate

__all__ = ["attempt"]

_HTML = (
    "<html><head><title>no</title><style>p{}</style></head><body><p>One <b>two</b><br>three</p>"
    "<ul><li>four<li>five</ul><table><tr><td>six</td></tr></table><script>hidden()</script>"
    '<a href="https://x.example">seven</a>&amp;&nbsp;&#x1f4ee;</body></html>'
)
_ADDRESSES = '"Ada, L." <ada@x.example>; bob@y.example, <<broken>@>, "un\\"quoted" <a@b>, (comment) c@d'
_LONGEST = 5.0  # seconds; damage repeats at most some thousand characters, so this is no question of speed


def attempt(chance: random.Random) -> None:
    """
    Damage HTML and addresses, and read both.
    """
    begun = time.monotonic()
    html = mutate(_HTML.encode() * chance.choice((1, 1, 20)), chance).decode("utf-8", "replace")
    text = html_to_text(html)
    assert isinstance(text, str)
    if "<script>hidden()</script>" in html and html.count("<") == _HTML.count("<"):
        assert "hidden()" not in text or html.count("hidden") > 1
    addresses = mutate(_ADDRESSES.encode() * chance.choice((1, 30)), chance).decode("utf-8", "replace")
    assert all(name or address for name, address in split_addresses(addresses))
    display_name(addresses)
    assert time.monotonic() - begun < _LONGEST
