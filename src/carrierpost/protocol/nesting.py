"""
HTML kept from nesting too deep.

A tree of a hundred thousand elements within each other is half a megabyte of mail, and keeps every HTML parser busy
for minutes, since each new element makes them look through those that are open. So HTML with very many tags is
rewritten first, without a parser and in one pass: what is no markup for a reader goes (comments, scripts, styles),
attributes are kept where they are well formed, and tags beyond a depth are left out, their text stays.

The rewritten form is so plain that this pass and a parser see the same tags in it, whatever tricks the original held.
It is no cleaning: what may be shown is decided elsewhere.
"""

from __future__ import annotations

import re

__all__ = ["shallow"]

_FEW = 2000
"""HTML with fewer tags is taken as it is: even all of them within each other are parsed in a few milliseconds."""
_DEEPEST = 200

_NO_MARKUP = re.compile(
    r"<!--.*?(?:--!?>|\Z)"
    r"|<(script|style|title|textarea|xmp|iframe|noembed|noframes|noscript|template|plaintext|svg|math)\b"
    r".*?(?:</\1\s*>|\Z)"
    r"|<(?:[!?]|/(?![a-z]))[^>]*(?:>|\Z)",
    re.IGNORECASE | re.DOTALL,
)
_TAG = re.compile(r"""<(/?)([a-z][^\s/<>"']*+)((?:[^<>"']++|"[^"]*+"|'[^']*+')*+)>""", re.IGNORECASE)
_ATTRIBUTES = re.compile(r"""(?:\s++[^\s/<>="'`]++(?:\s*+=\s*+(?:"[^"]*+"|'[^']*+'|[^\s<>="'`]++))?+)*+\s*+/?""")
_VOID = frozenset("area base br col embed frame hr image img input keygen link meta param source track wbr".split())
_TABLE_PARTS = frozenset("tbody td tfoot th thead tr".split())
_ENDS_BY_ITSELF = _TABLE_PARTS | {"dd", "dt", "li", "p"}
_BLOCKS_THAT_END = frozenset({"dd", "dt", "li", "p"})


def shallow(html: str) -> str:
    """
    Give HTML whose elements are at most 200 deep within each other.

    Args:
        html: any text.

    Returns:
        The same text where it has no more than 2000 tags, else the text rewritten.
    """
    if html.count("<") <= _FEW:
        return html
    pieces: list[str] = []
    open_tags: list[str] = []
    position = 0
    plain = _NO_MARKUP.sub(" ", html)
    for match in _TAG.finditer(plain):
        pieces.append(plain[position : match.start()].replace("<", "&lt;"))
        position = match.end()
        name, attributes = match[2].lower(), match[3]
        if match[1]:
            _close(open_tags, name)
            pieces.append(f"</{name}>")
            continue
        if name in _ENDS_BY_ITSELF:
            _close(open_tags, name, begins=True)
        if name not in _VOID:
            if len(open_tags) >= _DEEPEST:
                continue
            open_tags.append(name)
        pieces.append(f"<{name}{attributes if _ATTRIBUTES.fullmatch(attributes) else ''}>")
    pieces.append(plain[position:].replace("<", "&lt;"))
    return "".join(pieces)


def _close(open_tags: list[str], name: str, *, begins: bool = False) -> None:
    """
    Take an element off those that are open, if nothing but what ends by itself was opened in it.

    A parser closes more than this, never less: the depth that is counted is at least the true one.

    Args:
        open_tags: what is open, outermost first.
        name: what ends.
        begins: whether it ends because another of its kind begins.
    """
    if name in _TABLE_PARTS or name == "table":
        if "table" not in open_tags:
            return  # outside a table its parts are passed over
        passed = _ENDS_BY_ITSELF
    elif begins and name != "p":
        passed = frozenset({"p"})
    else:
        passed = _BLOCKS_THAT_END
    for place in range(len(open_tags) - 1, -1, -1):
        if open_tags[place] == name:
            del open_tags[place:]
            return
        if open_tags[place] not in passed:
            return
