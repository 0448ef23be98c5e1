"""
Trees for Hypothesis.
"""

from __future__ import annotations

from hypothesis import strategies as st

from carrierpost import wbxml
from carrierpost.wbxml.pages import TAGS

__all__ = ["documents", "tags", "texts"]

tags = st.sampled_from(sorted(TAGS.values()))
texts = st.text(
    st.characters(exclude_categories=["Cs"], exclude_characters=[*map(chr, range(9)), "\ufffe", "\uffff"]).filter(
        lambda character: character >= " " or character in "\t\r\n"
    ),
    min_size=1,
)


def _children(values: st.SearchStrategy[wbxml.Value]) -> st.SearchStrategy[wbxml.Value]:
    return st.lists(st.tuples(tags, values), min_size=1, max_size=6).map(
        lambda pairs: [part for pair in pairs for part in pair]
    )


_values: st.SearchStrategy[wbxml.Value] = st.recursive(st.none() | texts | st.binary(), _children, max_leaves=25)
documents = st.builds(lambda root, value: (root, value), tags, _values)
